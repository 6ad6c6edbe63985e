"""Numbers and gradients of many Values at once: what optimizers read and set, without a call in Python for each."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from autograd_lite.engine import recording
from autograd_lite.engine.value import Value


def numbers_of(values: Iterable[Value]) -> Iterator[float]:
    """The `data` of each."""
    return map(attrgetter("data" if recording.observing else "_data"), values)


def slopes_of(values: Iterable[Value]) -> Iterator[float]:
    """The `grad` of each."""
    return map(attrgetter("grad" if recording.moved else "_grad"), values)


def set_numbers(values: Sequence[Value], numbers: Iterable[float]) -> None:
    """Sets the `data` of each to a float."""
    if recording.observing:
        for value, number in zip(values, numbers, strict=True):
            value.data = number
    else:
        for value, number in zip(values, numbers, strict=True):
            value._data = number


def set_slopes(values: Sequence[Value], slopes: Iterable[float]) -> None:
    """Sets the `grad` of each to a float."""
    for value, slope in zip(values, slopes, strict=True):
        value._grad = slope
