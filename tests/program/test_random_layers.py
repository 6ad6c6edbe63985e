"""Random functions of matrices of parameters, made of layers, attention, recurrences, convolutions and lists, are eager's."""

import random
from collections.abc import Sequence
from functools import reduce
from typing import Any

import pytest

import autograd_lite as ag
from tests.program.test_layers import check, matrices, times


def fitted(numbers: Sequence[Any], length: int) -> list[Any]:
    """A list of this length, with repeats where there are fewer numbers."""
    return [numbers[place % len(numbers)] for place in range(length)]


def drawn(draw: random.Random, matrix: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """A matrix of parameters as it is, turned, reversed, or of overlapping lists of its numbers."""
    flat, length, step = [number for row in matrix for number in row], draw.choice([2, 3, 5, 8]), draw.choice([1, 2, 3])
    overlapping = [fitted(flat[step * start % len(flat) :], length) for start in range(draw.randint(1, 6))]
    turned = [list(column) for column in zip(*matrix, strict=True)]
    return draw.choice([matrix, turned, matrix[::-1], [row[::-1] for row in matrix], overlapping])


def layered(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """A layer on each list, which some of them reach after one operation more."""
    inputs = [[ag.sin(number) for number in row] if draw.random() < 0.3 else row for row in x]
    return [[draw.choice([ag.tanh(sum_), sum_]) for sum_ in times(weights, fitted(row, len(weights[0])))] for row in inputs]


def looked_back(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Attention: each list is a mixture of those up to its own."""
    asked = layered(draw, x, weights)
    shares = [ag.softmax([ag.dot(one, other) for other in asked[: count + 1]]) for count, one in enumerate(asked)]
    return [[ag.dot(each, told) for told in zip(*asked[: len(each)], strict=True)] for each in shares]


def one_after_the_other(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """A recurrence."""
    state, seen = [0.0] * len(weights[0]), []
    for row in x:
        state = [ag.tanh(a + b) for a, b in zip(fitted(times(weights, state), len(state)), fitted(row, len(state)), strict=True)]
        seen.append(state)
    return seen


def slid(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """A convolution, with zeros around."""
    numbers = [0.0, *(number for row in x for number in row[:3]), 0.0]
    return [[ag.dot(fitted(row, 3), numbers[start : start + 3]) for row in weights[:2]] for start in range(len(numbers) - 2)]


def in_prefixes(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Lists of several lengths, in which a number may stand twice, each as one number."""
    reduced = draw.choice([ag.logsumexp, ag.total, lambda row: ag.dot(row, row), lambda row: reduce(ag.maximum, row)])
    numbers = [draw.choice(row) for row in x for _ in range(2)][:8]
    return [[reduced([*numbers[: count + 1], numbers[0]])] for count in range(len(numbers))]


def changed(draw: random.Random, x: list[list[Any]], weights: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Some numbers are constants, some count as such, some have weights of their own."""
    kinds = [[draw.randrange(6) for _ in row] for row in x]
    made = [lambda a: 0.5, lambda a: a * weights[0][0], lambda a: ag.where(a > 0.0, a, -0.1 * a)]
    return [[made[kind](a) if kind < 3 else a for kind, a in zip(*pair, strict=True)] for pair in zip(kinds, x, strict=True)]


@pytest.mark.parametrize("seed", range(24))
def test_random_layers_are_eager_s(seed: int) -> None:
    rows, columns, others = random.Random(-seed - 1).choices(range(1, 6), k=3)

    def function(*parts: Any) -> Any:
        draw, x = random.Random(seed), [[number * 1.0 for number in row] for row in parts[0]]
        kinds = [layered, layered, looked_back, one_after_the_other, slid, in_prefixes, changed]
        for _ in range(4):
            x = draw.choice(kinds)(draw, x, drawn(draw, draw.choice(parts)))[:6]
        numbers = [number for row in x for number in row]
        return ag.dot(fitted(parts[1][0], len(numbers)), numbers) + ag.total([ag.tanh(number) for number in numbers])

    check(function, matrices((rows, columns), (others, columns)), "numpy", verify=False)
