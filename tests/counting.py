"""Counts instead of seconds: how many Python functions something calls, how many bytes it leaves behind."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any


def calls_during(action: Callable[[], Any]) -> int:
    """How many Python functions an action calls."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def growth(action: Callable[[], Any], times: int, rounds: int = 3) -> int:
    """The bytes more that are in use after doing something so many times, in the round in which they are fewest.

    In a single round a table of the interpreter's own may happen to double; a leak is there in every round.
    """
    for _ in range(5):
        action()
    tracemalloc.start()
    try:
        action()
        found = []
        for _ in range(rounds):
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(times):
                action()
            gc.collect()
            found.append(tracemalloc.get_traced_memory()[0] - before)
        return min(found)
    finally:
        tracemalloc.stop()
