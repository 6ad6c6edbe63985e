"""What is asked of a backward pass besides its numbers: no chance, linear in what it is given, nothing written into.

>>> from autograd_lite.testing.libraries.protocol import complaints
"""

import math
from collections.abc import Iterator, Sequence

import numpy

from autograd_lite.testing.checker.verdict import Component
from autograd_lite.testing.libraries.array_function import GROSS, ArrayFunction, ArrayPlace, Row, split_row
from autograd_lite.testing.numeric.estimates import Estimate, unknown

_UNITS = 64.0  # of rounding, in what should be the same sum


def randomness(function: ArrayFunction) -> list[Component]:
    """One inconclusive component if two calls at the same point differ, or draw random numbers."""
    first = function.evaluate(function.numbers, False)
    before = function.random_states()
    second = function.evaluate(function.numbers, False)
    drawn = function.random_states() != before
    found = _first_difference(first, second, _UNITS * function.unit * abs(first), function.outputs)
    if found is None and not drawn:
        seed = _weights(function)[0][None, :]
        one, two = (function.pullback(function.numbers, seed)[0] for _ in range(2))
        found = _first_difference(one, two, _rounding(function, one), function.inputs)
        if found is None:
            return []
        reason = "two backward passes at the same point differ: is there chance in it?"
    else:
        reason = "the function draws random numbers; fix them, as .eval() or a seed inside it does, or take them as an argument"
        if not drawn:
            reason = "two calls at the same point differ: is there chance in the function, or a state?"
    name, was, now = found or (function.outputs[0].entry(0), float(first[0]), float(second[0]))
    return [Component(f"{name} again", now, unknown(f"{was!r} before; {reason}"), 0.0, "inconclusive")]


def complaints(function: ArrayFunction) -> Iterator[Component]:
    """Components for what a backward pass must not do whatever the derivative is; none if all is well."""
    for name, found, wanted, reason in [*_not_linear(function), *function.complaints()]:
        yield Component(name, found, Estimate(wanted, 0.0, reason), 0.0, "disagrees")


def _not_linear(function: ArrayFunction) -> Iterator[tuple[str, float, float, str]]:
    """Backward is a product with a matrix: seeds that are mixed give mixed rows, and a seed of zeros gives zeros."""
    one, two = _weights(function)
    first, second, mixed, zeros = function.pullback(function.numbers, numpy.stack([one, two, one - 2.0 * two, 0.0 * one]))
    if not (numpy.isfinite(first).all() and numpy.isfinite(second).all()):
        return
    rounding = max(GROSS, math.sqrt(function.unit)) * numpy.maximum(_sizes(function, first), _sizes(function, second))
    difference = _first_difference(first - 2.0 * second, mixed, rounding, function.inputs)
    if difference is not None:
        yield f"d out/d {difference[0]}", difference[2], difference[1], "backward is not linear in the gradient that it is given"
    difference = _first_difference(0.0 * first, zeros, 0.0 * first, function.inputs)
    if difference is not None:
        yield f"d out/d {difference[0]}", difference[2], 0.0, "a gradient of zeros came in"


def _weights(function: ArrayFunction) -> list[Row]:
    """Two seeds for the results."""
    random = numpy.random.default_rng(1)
    count = sum(place.size for place in function.outputs)
    return [random.uniform(0.5, 1.5, count) * random.choice((-1.0, 1.0), count) for _ in range(2)]


def _sizes(function: ArrayFunction, row: Row) -> Row:
    """For each number the largest one of its array."""
    return numpy.concatenate([numpy.full(part.shape, abs(part).max(initial=0.0)) for part in split_row(row, function.inputs)])


def _rounding(function: ArrayFunction, row: Row) -> Row:
    return _UNITS * function.unit * _sizes(function, row)


def _first_difference(was: Row, now: Row, tolerance: Row, places: Sequence[ArrayPlace]) -> tuple[str, float, float] | None:
    same = (was == now) | (abs(now - was) <= tolerance) | (numpy.isnan(was) & numpy.isnan(now))
    if same.all():
        return None
    where = int(numpy.argmax(~same))
    return _entry(places, where), float(was[where]), float(now[where])


def _entry(places: Sequence[ArrayPlace], number: int) -> str:
    for place in places:
        if number < place.size:
            return place.entry(number)
        number -= place.size
    raise IndexError(number)
