"""A rule's update of thousands of numbers at once, in NumPy arrays, with the bits that it gives number by number."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy

from autograd_lite.optim.update_rules import AdamRule, Rule, SGDRule


class _Column(numpy.ndarray[Any, numpy.dtype[numpy.float64]]):
    """Numbers whose powers are Python's: NumPy's differ from them in the last bit now and then."""

    def __pow__(self, exponent: float) -> Any:  # type: ignore[override]
        if exponent == 0.5:
            return numpy.sqrt(self)
        return column(map(pow, self.tolist(), repeat(exponent)), self.size)


def column(numbers: Iterable[float], count: int) -> Any:
    """So many numbers as a column; an array of doubles itself, not a copy."""
    if isinstance(numbers, array | memoryview):
        return numpy.frombuffer(numbers).view(_Column)
    return numpy.fromiter(numbers, numpy.float64, count).view(_Column)


def serves_columns(rule: Rule) -> bool:
    """Whether a rule computes with columns as with floats: those of this package do, with constants that are Python's numbers."""
    constants = (getattr(rule, name) for name in getattr(type(rule), "__slots__", ()))
    return type(rule) in (SGDRule, AdamRule) and all(isinstance(constant, float | int) for constant in constants)


def updated(rule: Rule, x: Any, slopes: Any, memory: Sequence[Any], rate: float, step: int) -> tuple[list[Any], int | None]:
    """The new numbers and then the new columns of the memory; and the first place where one of them is not finite, if any is."""
    with numpy.errstate(all="ignore"):
        moved, state = rule.update(x, slopes, tuple(memory), rate, step)
    found = [moved, *state]
    finite = numpy.logical_and.reduce([numpy.isfinite(each) for each in found])
    return found, None if finite.all() else int(finite.argmin())
