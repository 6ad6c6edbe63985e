"""Why one layer cannot learn XOR, and why the widely copied "XOR" script does not need to.

A unit without hidden layer decides by z = w1 x1 + w2 x2 + b, and on the four rows z00 + z11 = z01 + z10. XOR wants the left side
negative and the right side positive. The best linear unit answers 1/2 everywhere; the best any line can do is three rows of four.

Source: Minsky & Papert, *Perceptrons* (1969).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.calculus import grad, hessian
from autograd_lite.engine.primitives import dot, total
from autograd_lite.engine.recording import no_grad
from autograd_lite.losses import squared_error
from autograd_lite.nn import Neuron
from autograd_lite.optim import SGD
from autograd_lite.systems.xor import INPUTS, TARGETS

BEST_LINEAR: Final = (0.0, 0.0, 0.5)
# The rows and targets of a script that has been copied many times as "XOR".
COPIED_ROWS: Final = ((0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0))
COPIED_TARGETS: Final = (0.0, 1.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Unit:
    """One trained unit.

    Attributes:
        seed: of its start.
        weights: of x1, x2 and the constant input.
        outputs: for the rows.
        cost: sum (output - target)^2 / 2.
        right: rows on the right side of 1/2.
    """

    seed: int
    weights: tuple[float, ...]
    outputs: tuple[float, ...]
    cost: float
    right: int


def linear_cost(weights: Sequence[Any]) -> Any:
    """sum (w . x - t)^2 / 2 over the rows of XOR: the cost of a unit without activation.

    >>> linear_cost(BEST_LINEAR)
    0.5
    """
    return total([squared_error(dot(weights, row), target) for row, target in zip(INPUTS, TARGETS, strict=True)])


def linear_slopes() -> tuple[list[float], list[float]]:
    """The gradient of `linear_cost` at BEST_LINEAR, and the leading minors of its Hessian, which is the same everywhere.

    A gradient of 0 and positive minors make BEST_LINEAR the one minimum (Sylvester's criterion).

    >>> linear_slopes()
    ([0.0, 0.0, 0.0], [2.0, 3.0, 4.0])
    """
    h = hessian(linear_cost)(list(BEST_LINEAR))
    two = h[0][0] * h[1][1] - h[0][1] * h[1][0]
    three = (
        h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0]) - h[1][2] * (h[0][0] * h[2][1] - h[0][1] * h[2][0]) + h[2][2] * two
    )  # along the last column
    return grad(linear_cost)(list(BEST_LINEAR)), [h[0][0], two, three]


def train_unit(
    seed: int,
    rows: Sequence[Sequence[float]] = INPUTS,
    targets: Sequence[float] = TARGETS,
    iterations: int = 1000,
    rate: float = 1.0,
) -> Unit:
    """One sigmoid unit trained on the rows from uniform(-1, 1).

    >>> train_unit(0).right < 4, train_unit(0, COPIED_ROWS, COPIED_TARGETS).right
    (True, 4)
    """
    unit = Neuron(3, "sigmoid", bias=False, seed=seed)
    optimizer = SGD(unit.parameters(), rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        total([squared_error(unit(list(row)), target) for row, target in zip(rows, targets, strict=True)]).backward()
        optimizer.step()
    with no_grad():
        outputs = tuple(unit(list(row)).data for row in rows)
    right = sum((output > 0.5) == (target > 0.5) for output, target in zip(outputs, targets, strict=True))
    cost = math.fsum((output - target) ** 2 / 2 for output, target in zip(outputs, targets, strict=True))
    return Unit(seed, tuple(weight.data for weight in unit.w), outputs, cost, right)


def most_right(angles: int = 360, offsets: int = 200) -> int:
    """The most rows of XOR that any of many lines has on the right side.

    >>> most_right()
    3
    """
    best = 0
    for angle in range(angles):
        w = math.cos(2.0 * math.pi * angle / angles), math.sin(2.0 * math.pi * angle / angles)
        for offset in range(-offsets, offsets + 1):
            b = 1.5 * offset / offsets + 1e-9  # beside the rows, not through them
            sides = [w[0] * x1 + w[1] * x2 + b > 0.0 for x1, x2, _ in INPUTS]
            best = max(best, sum(side == (target > 0.5) for side, target in zip(sides, TARGETS, strict=True)))
    return best
