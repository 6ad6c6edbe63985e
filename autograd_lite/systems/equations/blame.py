"""Sharing the error by weight: the rule that introductions give before calculus, against the true gradient.

An output unit k has the error e_k = t_k - a_k. Which part of it is a hidden unit's, j?

    proportional    sum_k e_k w_kj / (w_k1 + w_k2 + ...)     shares that add up to the error
    unnormalised    sum_k e_k w_kj, that is W^T e            the same without the division
    true            sum_k e_k sigmoid'(z_k) w_kj = -dC/da_j

The unnormalised rule leaves out only sigmoid'(z_k): with one output that is a common factor, and the direction is right; with
several, a saturated output is given too much weight. The proportional rule divides by sums that may be near 0 or negative.

Source: Rashid, *Make Your Own Neural Network* (2016), part 1, has both rules, in this order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.systems.equations.networks import Exercise, recorded, small


@dataclass(frozen=True, slots=True)
class Blame:
    """The error of one unit of the last hidden layer by each rule. Given by `shared_blame`.

    Attributes:
        unit: j, from 1 on.
        proportional, unnormalised: by the rules of thumb; nan where the weights of an output add up to 0.
        true: -dC/da_j.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> first = shared_blame(EXERCISES["mazur"])[0]
        >>> first.unit, round(first.proportional, 4), round(first.true, 4)
        (1, -0.2455, -0.0364)
    """

    unit: int
    proportional: float
    unnormalised: float
    true: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the directions of the rules of thumb lie to the true one, over many networks.

    Attributes:
        sizes: of the networks.
        proportional, unnormalised: the cosines, one for each network where the rule has an answer.
    """

    sizes: tuple[int, ...]
    proportional: list[float]
    unnormalised: list[float]


def shared_blame(exercise: Exercise) -> list[Blame]:
    """The errors of the last hidden layer by each rule.

    Args:
        exercise: with at least one hidden layer; C must be half the sum of squares for the true one to be comparable.
    Raises:
        ValueError: if there is no hidden layer.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> for blame in shared_blame(EXERCISES["mazur"]):
        ...     print(blame.unit, round(blame.proportional, 4), round(blame.unnormalised, 4), round(blame.true, 4))
        1 -0.2455 -0.188 -0.0364
        2 -0.2788 -0.2142 -0.0414
    """
    if len(exercise.weights) < 2:
        raise ValueError(f"{exercise.name} has no hidden layer to blame: give a network of at least two layers")
    passed = recorded(exercise)
    errors = [t - a.data for t, a in zip(exercise.target, passed.a[-1], strict=True)]
    matrix = exercise.weights[-1]
    return [
        Blame(
            j + 1,
            sum(error * row[j] / sum(row) if sum(row) else math.nan for error, row in zip(errors, matrix, strict=True)),
            sum(error * row[j] for error, row in zip(errors, matrix, strict=True)),
            -unit.grad,
        )
        for j, unit in enumerate(passed.a[-2])
    ]


def agreement(sizes: Sequence[int] = (2, 5, 3), seeds: int = 200) -> Agreement:
    """The cosine between each rule's errors and the true ones, over networks with weights from uniform(-1, 1).

    Args:
        sizes: of the networks.
        seeds: how many of them, from seed 0 on.
    Example:
        >>> one_output = agreement((2, 5, 1), seeds=5)
        >>> [round(cosine, 12) for cosine in one_output.unnormalised]
        [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    proportional, unnormalised = [], []
    for seed in range(seeds):
        blames = shared_blame(small(sizes, seed))
        true = [blame.true for blame in blames]
        shares = [blame.proportional for blame in blames]
        if not any(map(math.isnan, shares)):
            proportional.append(cosine(shares, true))
        unnormalised.append(cosine([blame.unnormalised for blame in blames], true))
    return Agreement(tuple(sizes), proportional, unnormalised)


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """The cosine of the angle between two vectors.

    >>> cosine([3.0, 4.0], [0.0, 2.0])
    0.8
    """
    return math.fsum(a * b for a, b in zip(first, second, strict=True)) / (math.hypot(*first) * math.hypot(*second))
