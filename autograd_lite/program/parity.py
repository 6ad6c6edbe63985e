"""The parity report: what a program gives in NumPy held against what it gives in another library, and how long both take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy

from autograd_lite.pages import table_html
from autograd_lite.plotting.tables import table
from autograd_lite.program.ir.tasks import LOSS, VALUES, Task
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.array_backends import ARRAY_BACKENDS
from autograd_lite.program.write.backends import NumpyBackend

__all__ = ["ArrayDifference", "Parity", "parity"]

_SECONDS: Final = 0.2  # for which steps are timed
_MOST: Final = 24  # arrays that a table shows, those with the largest differences


@dataclass(frozen=True)
class ArrayDifference:
    """How far two libraries are apart in one array.

    Attributes:
        name: "value", or what the derivatives are by. shape: of the array.
        relative: the largest difference, relative to the largest number of the array in NumPy; 0 where all are equal.
    """

    name: str
    shape: tuple[int, ...]
    relative: float


@dataclass(frozen=True, repr=False)
class Parity:
    """A program in NumPy and in another library, on the same numbers.

    Attributes:
        library: "jax" or "torch". rows: of the arrays. differences: of the value and of the derivatives by each array.
        first: seconds of the first call, from the statements to the answer: written, compiled, proved and called; of both.
        step: seconds of a later call; of both.
    """

    library: str
    rows: int
    differences: Sequence[ArrayDifference]
    first: tuple[float, float]
    step: tuple[float, float]

    @property
    def worst(self) -> float:
        """The largest of the relative differences."""
        return max(each.relative for each in self.differences)

    def _tables(self) -> list[tuple[list[str], list[list[str]]]]:
        kept = sorted(sorted(self.differences, key=lambda each: -each.relative)[:_MOST], key=self.differences.index)
        arrays = [[each.name, " x ".join(map(str, each.shape)) or "1", f"{each.relative:.1e}"] for each in kept]
        left = len(self.differences) - len(kept)
        arrays += [[f"{left} others", "", "less"]] * bool(left)
        times = [[name, _time(self.first[k]), _time(self.step[k])] for k, name in enumerate(("numpy", self.library))]
        told = [f"{self.library} against numpy", f"{self.rows:,} rows"]
        return [(["array", "shape", told[0]], arrays), (["library", "first call", told[1]], times)]

    def __str__(self) -> str:
        return "\n\n".join(table(headings, rows) for headings, rows in self._tables())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "\n".join(table_html(headings, rows) for headings, rows in self._tables())


def parity(replay: Replay, library: str, task: Task, arrays: Sequence[Any]) -> Parity:
    """The report.

    Args:
        replay: of the program. library: "jax" or "torch". task: what is compared. arrays: as the program takes them.
    Raises:
        ValueError: if there is no such library. ModuleNotFoundError: if it is not installed.
    """
    if library not in ARRAY_BACKENDS:
        raise ValueError(f"parity is shown in {' or '.join(map(repr, ARRAY_BACKENDS))}, got {library!r}")
    arguments, _ = replay.samples.arguments(arrays)
    replay.check_captured()
    replay = replay.for_derivatives(arguments)
    rows = len(arguments[0]) if arguments else 1
    given = [replay.parameters, *arguments] if replay.lowered.parameters else list(arguments)
    found, first, step = [], [], []
    for backend in (NumpyBackend(), ARRAY_BACKENDS[library]()):
        gradient = _gradient(replay, task, rows)
        called = given if gradient is None else [*given, gradient]
        with numpy.errstate(all="ignore"):
            start = time.perf_counter()
            function = replay.held(task, backend, rows).function
            value = function(*called)
            first.append(time.perf_counter() - start)
            step.append(_step(function, called))
        found.append((numpy.stack(value, axis=-1) if isinstance(value, tuple) else value, gradient))
    return Parity(library, rows, _differences(replay, task, *found), (first[0], first[1]), (step[0], step[1]))


def _gradient(replay: Replay, task: Task, rows: int) -> Any:
    if task == VALUES:
        return None
    return numpy.empty_like(replay.parameters) if task == LOSS else replay.samples.new_gradient(rows)


def _step(function: Callable[..., Any], given: Sequence[Any]) -> float:
    """The shortest time of a call."""
    best, end = inf, time.perf_counter() + _SECONDS
    while best == inf or time.perf_counter() < end:
        start = time.perf_counter()
        function(*given)
        best = min(best, time.perf_counter() - start)
    return best


def _differences(replay: Replay, task: Task, right: tuple[Any, Any], found: tuple[Any, Any]) -> list[ArrayDifference]:
    differences = [ArrayDifference("value", numpy.shape(right[0]), _relative(right[0], found[0]))]
    for array in task.wanted(replay.lowered):
        one, other = (array.part_of(gradient) for _, gradient in (right, found))
        differences.append(ArrayDifference(f"d {array.name}", one.shape, _relative(one, other)))
    return differences


def _relative(right: Any, found: Any) -> float:
    one, other = numpy.asarray(right, float), numpy.asarray(found, float)
    with numpy.errstate(all="ignore"):
        apart = numpy.where((one == other) | (numpy.isnan(one) & numpy.isnan(other)), 0.0, numpy.abs(other - one))
        largest = float(apart.max(initial=0.0))
        return largest / float(numpy.abs(one).max()) if largest else 0.0


def _time(seconds: float) -> str:
    """A time with its unit."""
    unit, scale = next((pair for pair in (("s", 1.0), ("ms", 1e-3)) if seconds >= pair[1]), ("us", 1e-6))
    return f"{seconds / scale:.3g} {unit}"
