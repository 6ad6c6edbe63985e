"""Arguments that are parts of a whole, such as probabilities: whether they add up to 1 in every row, up to rounding.

A loss takes probabilities that add up to 1 within 1e-6. Derivatives are shorter where the sum is 1 to the last digits, as that of
a softmax cross-entropy is (p - y) / rows then; for other rows a program has a second form, which takes the sum as it is.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy

from autograd_lite.program.capture.points import Point
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.lowering import lowered
from autograd_lite.program.ir.statements import Lowered

_ROUNDING: Final = 4.0  # units in the last place


class Wholes:
    """The arguments of a program that must be parts of a whole.

    Args:
        lowered: the statements, with the arrays of the arguments. dtype: what is computed in.
    """

    def __init__(self, lowered: Lowered, dtype: Any) -> None:
        self._dtype = dtype
        self._arrays = [(place, array) for place, array in enumerate(lowered.arguments) if array.whole]

    def __bool__(self) -> bool:
        return bool(self._arrays)

    def add_up(self, arguments: Sequence[Any]) -> bool:
        """Whether each is the whole in every row; not if a number is nan."""
        return all(add_up(arguments[place]) for place, _ in self._arrays)

    def add_up_at(self, point: Point) -> bool:
        """The same for the numbers of all arguments, one after the other."""
        numbers = numpy.array([point.arguments], self._dtype)
        return all(add_up(array.part_of(numbers)) for _, array in self._arrays)

    def among(self, points: Sequence[Point]) -> list[Point]:
        """Those of some points at which they add up."""
        return [point for point in points if self.add_up_at(point)]


def add_up(shares: Any) -> bool:
    """Whether the numbers of each row add up to 1, as far as their kind of number tells; not if one is nan."""
    sums = shares @ numpy.ones(shares.shape[1], shares.dtype)
    return bool(numpy.abs(sums - 1).max() <= _ROUNDING * numpy.finfo(shares.dtype).eps)


def lowered_with_wholes(run: Traced, example: Point, dtype: Any, exact: bool) -> tuple[Lowered, Wholes]:
    """The statements of a trace and its wholes: derivatives count on them where this is allowed, and the example's add up to 1."""
    program = lowered(run, exact=exact)
    wholes = Wholes(program, dtype)
    if wholes.add_up_at(example):
        return program, wholes
    program = lowered(run)
    return program, Wholes(program, dtype)
