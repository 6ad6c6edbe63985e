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


def growth(action: Callable[[], Any], times: int) -> int:
    """The bytes more that are in use after doing something many times, once it has been done a few times."""
    for _ in range(10):
        action()
    gc.collect()
    tracemalloc.start()
    try:
        action()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            action()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
