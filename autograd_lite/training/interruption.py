"""Whole steps and whole endings: Ctrl-C waits for the step, and every callback's end is called though another fails."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A block that Ctrl-C does not interrupt: it takes effect when the block is done.

    Only the main thread is interrupted by Ctrl-C, and only if something handles it there; elsewhere the block is as any other.

    >>> with uninterrupted():
    ...     pass
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    held: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(signal.SIGINT, held[0])


def call_all(calls: list[Callable[[], None]], cause: BaseException | None) -> None:
    """Makes every call, even after one fails; the cause, or else the first failure, is raised, and the others become its notes."""
    failed: Exception | None = None
    for call in calls:
        try:
            call()
        except Exception as error:
            if cause is None and failed is None:
                failed = error
            else:
                (cause or failed or error).add_note(f"At the end of the training, besides: {type(error).__name__}: {error}")
    if failed is not None:
        raise failed
