"""Memory that runs out: under a limit of the address space, work ends with its result or with MemoryError."""

import gc
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd_lite as ag
from autograd_lite import Value

from .cases import Case, generator


def _dots(keep: list[Any]) -> None:
    while True:
        keep.append(ag.dot([Value(1.0), 2.0, Value(3.0)] * 50, [Value(0.5)] * 150))


def _layers(keep: list[Any]) -> None:
    weights = [[Value(0.01 * i) for i in range(40)] for _ in range(40)]
    while True:
        row: list[Any] = [0.5] * 40
        for _ in range(3):
            row = [ag.tanh(ag.dot(each, row)) for each in weights]
        keep.append(row)


def _sums(keep: list[Any]) -> None:
    total = Value(0.0)
    keep.append(total)
    while True:
        total = total + 1.0
        keep[0] = total


def _products(keep: list[Any]) -> None:
    x = Value(1.0)
    while True:
        keep.append((x * 2.0 + x) ** 2 / (x - 3.0))


def _sweeps(keep: list[Any]) -> None:
    x = Value(1.0)
    node = x
    while True:
        for _ in range(20_000):
            node = ag.tanh(node * x)
        keep[:] = [node]
        node.backward()


WORK: list[Callable[[list[Any]], None]] = [_dots, _layers, _products]
# CPython 3.13 frees objects of Python's own classes to a depth of 10,000, for which a limited process cannot find the stack.
if ag.engine_info().compiled or sys.version_info[:2] != (3, 13):
    WORK += [_sums, _sweeps]


def limit_memory(more: int) -> None:
    """Lets this process have `more` bytes besides what it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@generator("memory that runs out", apart=True, limit=120.0)
def memory(case: Case) -> None:
    work = case.random.choice(WORK)
    more = case.random.randrange(1 << 20, 24 << 20)
    case.note(f"limit_memory({more}); {work.__name__}([])")
    keep: list[Any] = []
    if case.random.random() < 0.5:
        gc.disable()
    limit_memory(more)
    try:
        try:
            work(keep)
        except MemoryError:
            keep.clear()
        slope = _slope()
    except MemoryError:  # as long as the first is being handled, there may be no memory either
        return
    assert slope == 6.0


def _slope() -> float:
    x = Value(3.0)
    (x * x).backward()
    return x.grad
