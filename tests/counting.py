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


def growth(action: Callable[[], Any], times: int, bound: int, rounds: int = 8) -> int:
    """The bytes more that are in use after doing something so many times, in the first round that stays below the bound, or the least.

    A table of the interpreter's own may happen to double in one round, and its caches fill during the first; a leak is there
    in every round.
    """
    for _ in range(5):
        action()
    tracemalloc.start()
    try:
        action()
        least = sys.maxsize
        for _ in range(rounds):
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(times):
                action()
            gc.collect()
            least = min(least, tracemalloc.get_traced_memory()[0] - before)
            if least < bound:
                break
        return least
    finally:
        tracemalloc.stop()


def peak(action: Callable[[], Any]) -> int:
    """The most bytes that were in use at once while the action ran."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
