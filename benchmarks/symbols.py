"""Engines that take a formula of scalars once and evaluate it often: the formula is the one that the eager engines run."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.scalars import Scalars
from benchmarks.work import Phase

__all__ = ["Casadi", "SymbolStep"]


class Casadi(Scalars):
    """CasADi's scalar expressions (SX), in its own virtual machine."""

    def __init__(self, form: str = "") -> None:
        import casadi

        self.casadi = casadi
        self.exp, self.log, self.tanh = casadi.exp, casadi.log, casadi.tanh
        self.relu = lambda x: casadi.fmax(x, 0.0)
        self.sigmoid = lambda x: 1.0 / (1.0 + casadi.exp(-x))

    def gradient(self, loss: Callable[[list[Any]], Any], count: int) -> Any:
        """The function from a column of `count` numbers to the gradient of the loss there."""
        x = self.casadi.SX.sym("x", count)
        return self.casadi.Function("gradient", [x], [self.casadi.gradient(loss(self.casadi.vertsplit(x)), x)])

    def descent(self, loss: Callable[[list[Any]], Any], count: int, rate: float, steps: int) -> Any:
        """The function from a column of numbers to where so many steps of gradient descent lead."""
        x = self.casadi.SX.sym("x", count)
        moved = x - rate * self.casadi.gradient(loss(self.casadi.vertsplit(x)), x)
        return self.casadi.Function("step", [x], [moved]).fold(steps)


class SymbolStep:
    """A step of a compiled formula.

    Args:
        function: from the numbers to the gradient, or to whatever else the engines are compared by.
        numbers: at first.
        update: new numbers, an array, from the old ones and the result; None where every step starts at the same numbers.
        scale: as in Work.
    """

    operations = 0

    def __init__(
        self,
        function: Callable[[Any], Any],
        numbers: Any,
        update: Callable[[Any, Any], Any] | None = None,
        scale: float = 1.0,
    ) -> None:
        import numpy

        self.function, self.update, self.scale = function, update, scale
        self.numbers = numpy.asarray(numbers)
        self.result: Any = None
        self.phases: dict[str, Phase] = {"step": self._run}

    def _run(self) -> None:
        self.result = self.function(self.numbers).full()
        if self.update is not None:
            self.numbers = self.update(self.numbers, self.result.ravel())

    @property
    def gradient(self) -> Sequence[float]:
        """Of the newest step, point by point."""
        return [float(number) for number in self.result.T.ravel()]
