"""What a run of a traced function may change, and must not have changed afterwards."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy

from autograd_lite.engine.value import Value

__all__ = ["at_numbers", "unchanged"]


@contextmanager
def unchanged(values: Sequence[Value]) -> Iterator[None]:
    """A block after which, however it ends, the values and the state of `random` and `numpy.random` are what they were before."""
    before = _held(values)
    states = random.getstate(), numpy.random.get_state()
    try:
        yield
    finally:
        for kept, now, name in zip(before, _held(values), ("_data", "_grad", "label", "requires_grad"), strict=True):
            for value, each in zip(values, kept, strict=True) if kept != now else ():
                setattr(value, name, each)
        random.setstate(states[0])
        numpy.random.set_state(states[1])


def _held(values: Sequence[Value]) -> list[list[Any]]:
    numbers, slopes = [value._data for value in values], [value._grad for value in values]
    return [numbers, slopes, [value.label for value in values], [value.requires_grad for value in values]]


@contextmanager
def at_numbers(values: Sequence[Value], numbers: Sequence[float]) -> Iterator[None]:
    """A block in which the values have other numbers."""
    before = [value._data for value in values]
    try:
        for value, number in zip(values, numbers, strict=True):
            value._data = number
        yield
    finally:
        for value, number in zip(values, before, strict=True):
            value._data = number
