"""What a run of a traced function may change, and must not have changed afterwards; and who may see it meanwhile.

One thread traces at a time: the state of `random` belongs to all of them, and a model may. Another one waits until the trace is
over. While numbers of Values are moved, only the traced function sees the moved ones: `data` and `grad` give everybody else, a
signal handler too, what they were before, and what others set there is kept. (Operations of others compute with the moved ones.)
"""

import os
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy

from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.value import Value

# ---- one thread at a time ----------------------------------------------------------------------------------------------------


class _TracingLock:
    """Whose turn it is to trace; a thread may trace inside of its own trace, as a signal handler does."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.owner: int | None = None
        self.patience = 30.0  # seconds in which the owner does nothing at all


_turn: Final = _TracingLock()


def _after_fork() -> None:
    """In the child there are no other threads: what they had moved goes back, and their turn is over."""
    if _turn.owner == threading.get_ident():
        return
    for moved in list(recording.moved.values()):
        value, value._data, value._grad = moved[0], moved[1], moved[2]
    recording.moved.clear()
    _turn.lock, _turn.owner = threading.RLock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def alone() -> Iterator[None]:
    """A block that is run by one thread at a time.

    Raises:
        GraphError: if the thread whose turn it is does nothing: it waits for this one.
    """
    _wait()
    with _turn.lock:
        before = _turn.owner
        try:
            _turn.owner = threading.get_ident()
            yield
        finally:
            _turn.owner = before


def _wait() -> None:
    """Until no other thread traces; the lock itself is taken by `with`, which no exception can come between."""
    seen, since = None, time.monotonic()
    while (owner := _turn.owner) not in (None, threading.get_ident()):
        frame = sys._current_frames().get(owner or 0)
        now = None if frame is None else (id(frame), frame.f_lasti)
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > _turn.patience:
            raise GraphError(
                f"another thread traces a function and has done nothing for {_turn.patience:g} seconds: it waits for this thread, "
                "which waits for its trace to end. Trace here before or after, not inside the function that is being traced."
            )
        time.sleep(0.002)


# ---- numbers that are moved --------------------------------------------------------------------------------------------------


@contextmanager
def moving(values: Sequence[Value]) -> Iterator[None]:
    """A block in which numbers and gradients of the values may be moved: nobody else sees it, and afterwards they are back."""
    own = [value for value in values if id(value) not in recording.moved]
    others = [(value, value._data, value._grad) for value in values if id(value) in recording.moved]
    with recording.observed(recording.observer()):  # while it is open, `data` and `grad` look who asks
        try:
            for value in own:
                recording.moved[id(value)] = [value, value._data, value._grad]
            yield
        finally:
            for value, number, slope in others:
                value._data, value._grad = number, slope
            for value in own:
                kept = recording.moved.get(id(value))
                if kept is not None:
                    value._data, value._grad = kept[1], kept[2]
                    del recording.moved[id(value)]


@contextmanager
def settled() -> Iterator[None]:
    """A block in which all values that are moved in this thread are back, for a signal handler that traces."""
    everything = list(recording.moved.values())
    numbers = [(value._data, value._grad) for value, _, _ in everything]
    try:
        for value, number, slope in everything:
            value._data, value._grad = number, slope
        recording.moved.clear()
        yield
    finally:
        for moved, (number, slope) in zip(everything, numbers, strict=True):
            value = moved[0]
            moved[1], moved[2] = value._data, value._grad
            recording.moved[id(value)] = moved
            value._data, value._grad = number, slope


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
    """A block in which the values have other numbers, for this thread's traces alone."""
    with alone(), moving(values):
        for value, number in zip(values, numbers, strict=True):
            value._data = number
        yield
