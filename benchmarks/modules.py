"""This engine's programs as modules of JAX and PyTorch: saved, loaded, and run as these libraries run a step by hand."""

import gc
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from runpy import run_path
from typing import Any

from benchmarks.arrays import Arrays, Jax, Torch
from benchmarks.programs import Programs, Training
from benchmarks.work import Phase

__all__ = ["ModuleTraining", "ModulesInJax", "ModulesInTorch"]


class ModulesInJax(Programs):
    """Traces, and runs the saved module under `jax.jit`."""

    library = "jax"
    arrays: type[Arrays] = Jax

    def training(
        self, loss: Callable[..., Any], numbers: Sequence[float], arrange: Callable[[list[Any]], Any], *samples: Any
    ) -> "ModuleTraining":
        """The module of the mean over the samples, ready to run."""
        traced = super().training(loss, numbers, arrange, *samples)
        module = ModuleTraining(traced, self.arrays(self.precision), self.library)  # type: ignore[call-arg]
        del traced
        gc.collect()  # a module runs where nothing was traced
        return module


class ModulesInTorch(ModulesInJax):
    """The same in PyTorch, operation by operation."""

    library = "torch"
    arrays = Torch


class ModuleTraining:
    """A module with its parameters and samples, as in Work; nothing descends."""

    operations, scale = 0, 1.0

    def __init__(self, traced: Training, library: Arrays, dialect: str) -> None:
        self.library, self.order = library, traced.order
        with tempfile.TemporaryDirectory() as folder:
            names = run_path(str(traced.program.save(Path(folder) / "step.py", dialect=dialect)))
        [name] = [name for name in names if name.endswith("_and_gradient")]
        self.function = library.compiled(names[name])
        self.given = [names["split"](library.array(traced.program.parameters)), *map(library.array, traced.samples)]
        self.found: Any = None
        self.phases: dict[str, Phase] = {"step": self._run}

    def _run(self) -> None:
        self.found = self.function(*self.given)
        self.library.wait(self.found)

    @property
    def gradient(self) -> Sequence[float]:
        """Of the newest step, in the order of the leaves."""
        import numpy

        parts = [numpy.ravel(self.found[1][name].tolist()) for name in self.given[0]]  # jit sorts the names
        return numpy.concatenate(parts)[self.order].tolist()  # type: ignore[no-any-return]
