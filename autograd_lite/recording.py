"""Whether operations record: `no_grad` pauses recording for the thread it stands in, and for no other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["is_paused", "no_grad", "resumed"]


class _Pauses(threading.local):
    """How many `no_grad` blocks this thread is inside of."""

    depth: int = 0


_pauses: Final = _Pauses()
_guard: Final = threading.Lock()  # of `blocks`
blocks = 0  # open in all threads together: while it is 0, no operation has to ask for its own thread's count


def is_paused() -> bool:
    """Whether this thread is inside a `no_grad` block."""
    return blocks > 0 and _pauses.depth > 0


@contextmanager
def no_grad() -> Iterator[None]:
    """A block in which this thread's operations give constants and record nothing.

    >>> from autograd_lite import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad, y.operands
    (False, ())
    """
    global blocks
    with _guard:
        blocks += 1
    _pauses.depth += 1
    try:
        yield
    finally:
        _pauses.depth -= 1
        with _guard:
            blocks -= 1


@contextmanager
def resumed() -> Iterator[bool]:
    """A block in which this thread records again, whatever `no_grad` stands around it; gives whether one does."""
    depth, _pauses.depth = _pauses.depth, 0
    try:
        yield depth > 0
    finally:
        _pauses.depth = depth
