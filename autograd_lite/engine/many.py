"""Numbers and gradients of many Values at once: what optimizers read and set, without a call in Python for each.

In the compiled engine `setup.py` puts the bodies of `many.h` into the first two functions.
"""

from array import array
from collections.abc import Iterable, Sequence
from operator import attrgetter, is_
from typing import Any

from autograd_lite.engine import recording
from autograd_lite.engine.value import Value

__all__ = ["are_same", "numbers_and_slopes", "set_numbers", "set_slopes", "slopes_of"]


def copied(values: Any, numbers: Any, slopes: Any, inwards: bool) -> bool:
    """Copies the numbers and gradients of a list of Values into arrays of doubles, or from there; whether that could be done.

    Of the two arrays one may be None. Where both are to be filled, all Values must need a gradient.
    """
    return False


def are_same(first: Any, second: Any) -> bool:
    """Whether two lists hold the same objects in the same order."""
    return len(first) == len(second) and all(map(is_, first, second))


def numbers_and_slopes(values: Sequence[Value]) -> Any:
    """The `data` and the `grad` of each, two arrays of doubles; None unless all of them need a gradient."""
    numbers, slopes = _room(values), _room(values)
    if not recording.observing and not recording.moved and copied(values, numbers, slopes, False):
        return numbers, slopes
    if not all(map(attrgetter("requires_grad"), values)):
        return None
    return array("d", map(attrgetter("data" if recording.observing else "_data"), values)), slopes_of(values)


def slopes_of(values: Sequence[Value]) -> Any:
    """The `grad` of each, an array of doubles."""
    slopes = _room(values)
    if not recording.moved and copied(values, None, slopes, False):
        return slopes
    return array("d", map(attrgetter("grad" if recording.moved else "_grad"), values))


def set_numbers(values: Sequence[Value], numbers: Iterable[float]) -> None:
    """Sets the `data` of each to a float."""
    if recording.observing:
        for value, number in zip(values, numbers, strict=True):
            setattr(value, "data", number)  # noqa: B010 - mypyc hands a setter that takes anything a bare double
    elif not copied(values, numbers, None, True):
        for value, number in zip(values, numbers, strict=True):
            value._data = number


def set_slopes(values: Sequence[Value], slopes: Iterable[float] | None = None) -> None:
    """Sets the `grad` of each to a float, to 0.0 if none are given."""
    slopes = _room(values) if slopes is None else slopes
    if not copied(values, None, slopes, True):
        for value, slope in zip(values, slopes, strict=True):
            value._grad = slope


def _room(values: Sequence[Value]) -> Any:
    return memoryview(bytearray(8 * len(values))).cast("d")
