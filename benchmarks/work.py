"""What is measured: a step, cut into phases that follow each other, and the gradient it found."""

import gc
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

__all__ = ["FLOAT32", "FLOAT64", "Phase", "Work", "bytes_in_use", "collector_off", "timed"]

FLOAT64, FLOAT32 = "float64", "float32"

Phase = Callable[[], None]


class Work(Protocol):
    """One step of a workload on one engine, ready to run any number of times.

    Attributes:
        phases: functions by name, run in order. Letting go of a graph takes time too, and is a phase.
        gradient: what the newest step computed, for the comparison of engines.
        operations: how many scalar operations the text of the workload makes in one step; 0 where nobody counts them.
        scale: the whole task, in steps. More than 1 where an engine is measured on fewer points than the task has.
    """

    phases: dict[str, Phase]
    gradient: Sequence[float]
    operations: int
    scale: float


def timed(work: Work) -> dict[str, float]:
    """The seconds that each phase of one step took."""
    clock = time.perf_counter
    seconds: dict[str, float] = {}
    for name, phase in work.phases.items():
        start = clock()
        phase()
        seconds[name] = clock() - start
    return seconds


@contextmanager
def collector_off() -> Iterator[None]:
    """A block without the cyclic garbage collector, which afterwards is what it was before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def bytes_in_use() -> int:
    """The memory of this process that is in use now; where the system does not say, the most that ever was."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource  # not on Windows, where a child then reports no bytes

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def doubles(numbers: Sequence[float]) -> bytes:
    """The numbers as they lie in memory, for a file: a gradient of 600,000 numbers is no text."""
    return array("d", numbers).tobytes()
