"""Whole steps: Ctrl-C waits until one is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uninterrupted() -> Iterator[list[FrameType | None]]:
    """A block that Ctrl-C does not interrupt: it takes effect when the block is done, which is given a list that is not empty then.

    Only the main thread is interrupted by Ctrl-C, and only if something handles it there; elsewhere the block is as any other.

    >>> with uninterrupted() as held:
    ...     held
    []
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield []
        return
    held: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append(frame))
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(signal.SIGINT, held[0])
