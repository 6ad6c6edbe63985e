"""Numbers and gradients of many Values at once: what optimizers read and set, without a call for each."""

from collections.abc import Iterable, Sequence

from autograd_lite.engine import recording
from autograd_lite.engine.value import Value


def learning_of(values: Sequence[Value]) -> list[Value]:
    """Those that require a gradient."""
    return [value for value in values if value.requires_grad]


def numbers_of(values: Sequence[Value]) -> list[float]:
    """The `data` of each."""
    return [value.data for value in values] if recording.observing else [value._data for value in values]


def slopes_of(values: Sequence[Value]) -> list[float]:
    """The `grad` of each."""
    return [value.grad for value in values] if recording.moved else [value._grad for value in values]


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
