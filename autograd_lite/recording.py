"""Whether operations record, and who watches: `no_grad` pauses recording in its own thread, `watched` lets a trace listen."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["is_paused", "no_grad", "resumed", "watched", "watcher"]


class _Blocks:
    """How many blocks are open in all threads together: while there are none, no operation has to ask for its own thread."""

    def __init__(self) -> None:
        self.open = 0
        self.watched = 0
        self.guard = threading.Lock()


blocks: Final = _Blocks()
# What is one thread's own: `depth`, how many `no_grad` blocks it is inside of, and `watcher`, who is told of what its graph does
# not hold (comparisons, operations that did not record, that failed). A class derived from `local` is beyond mypyc.
_thread: Final = threading.local()


def _depth() -> int:
    depth: int = getattr(_thread, "depth", 0)
    return depth


def is_paused() -> bool:
    """Whether this thread is inside a `no_grad` block."""
    return blocks.open > 0 and _depth() > 0


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
    with blocks.guard:
        blocks.open += 1
    _thread.depth = _depth() + 1
    try:
        yield
    finally:
        _thread.depth = _depth() - 1
        with blocks.guard:
            blocks.open -= 1


@contextmanager
def resumed() -> Iterator[bool]:
    """A block in which this thread records again, whatever `no_grad` stands around it; gives whether one does."""
    depth = _depth()
    _thread.depth = 0
    try:
        yield depth > 0
    finally:
        _thread.depth = depth


def watcher() -> Any:
    """Who watches this thread, as `watched` was told; None for nobody."""
    return getattr(_thread, "watcher", None) if blocks.watched else None


@contextmanager
def watched(by: Any) -> Iterator[None]:
    """A block in which `by` is told what this thread's operations leave out of the graph.

    Args:
        by: an object with the methods `compared(sign, left, right, outcome)`, which gives what the comparison answers,
            `read(node)` for its data, `unrecorded(node, primitive, operands)`, `excuses()`, which says whether an operation may
            fail here, and `gradients(output, inputs, differentiable)` for derivatives that are asked for; or None for nobody.
    """
    before = getattr(_thread, "watcher", None)
    with blocks.guard:
        blocks.watched += 1
    _thread.watcher = by
    try:
        yield
    finally:
        _thread.watcher = before
        with blocks.guard:
            blocks.watched -= 1
