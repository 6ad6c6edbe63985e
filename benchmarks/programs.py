"""This engine's programs: the scalar text of a workload, traced for one sample and replayed for all of them as array code."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.scalars import DOT, AutogradLite
from benchmarks.work import FLOAT64, Phase

__all__ = ["Programs", "ProgramsInC", "Training"]


class Programs:
    """Traces, for replays in the precision of the form; `engine` is what the traced function computes with."""

    backend = "numpy"

    def __init__(self, form: str = "") -> None:
        self.engine = AutogradLite(DOT)
        self.precision = form or FLOAT64

    def training(
        self, loss: Callable[..., Any], numbers: Sequence[float], arrange: Callable[[list[Any]], Any], *samples: Any
    ) -> "Training":
        """The mean over the samples of loss(model, *sample), ready to descend.

        Args:
            loss: of one sample, on scalars.
            numbers: the parameters.
            arrange: the model for given leaves.
            samples: arrays, one row per sample.
        """
        from autograd_lite.program import trace

        leaves = self.engine.variables(numbers)
        model = arrange(leaves)
        example = [array[0].tolist() for array in samples]
        program = trace(
            lambda *sample: loss(model, *sample), *example, parameters=leaves, dtype=self.precision, backend=self.backend
        )
        return Training(program, leaves, samples)


class ProgramsInC(Programs):
    """The same, compiled."""

    backend = "c"


class Training:
    """A program with its parameters and samples; `phases`, `gradient` and the rest as in Work, for one step of descent."""

    operations, scale = 0, 1.0

    def __init__(self, program: Any, leaves: list[Any], samples: Sequence[Any]) -> None:
        import numpy

        self.program, self.samples = program, samples
        self.order = _order(program, leaves)
        self.found = numpy.empty_like(program.parameters)
        self.rate = 0.0
        self.rule: Any = None
        self.phases: dict[str, Phase] = {"step": self.step}

    def step(self) -> None:
        """The gradient, and a step against it."""
        self.program.loss_and_gradient(*self.samples, out=self.found)
        if self.rate:
            self.program.parameters -= self.rate * self.found

    def descend(self, steps: int) -> None:
        """So many steps in one call."""
        from autograd_lite.optim import SGD

        self.rule = self.rule or SGD(self.program.parameter_values, self.rate)
        self.program.descent(*self.samples, optimizer=self.rule, iterations=steps)

    @property
    def gradient(self) -> Sequence[float]:
        """Of the newest step, in the order of the leaves."""
        return self.found[self.order].tolist()  # type: ignore[no-any-return]

    @property
    def numbers(self) -> Sequence[float]:
        """The parameters, in the order of the leaves."""
        return self.program.parameters[self.order].tolist()  # type: ignore[no-any-return]


def _order(program: Any, leaves: list[Any]) -> list[int]:
    """Where each leaf stands among the program's parameters, which are laid out as matrices: found by writing places back."""
    kept = program.parameters.copy()
    program.parameters[:] = range(len(leaves))
    program.write_back()
    order = [int(leaf.data) for leaf in leaves]
    program.parameters[:] = kept
    program.write_back()
    return order
