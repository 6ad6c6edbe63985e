"""The steps of a descent by one function that takes many of them: what it needs packed into arrays, and what it gives unpacked."""

from typing import Any, Final

import numpy

from autograd_lite.optim.columns import serves_columns
from autograd_lite.optim.flat_optimizer import FlatOptimizer
from autograd_lite.optim.groups import Group
from autograd_lite.optim.schedules import Constant, Cosine, Exponential, StepDecay
from autograd_lite.program.batches import Batches
from autograd_lite.program.write.c_descent_call import Stretch, in_order

__all__ = ["PackedSteps", "packed_steps"]

_MOST_PLACES: Final = 1 << 22  # of rows in the orders of epochs at once
_SCHEDULES: Final = (Constant, Cosine, Exponential, StepDecay)


def packed_steps(compiled: Any, batches: Batches, flat: FlatOptimizer, tolerance: float | None) -> "PackedSteps | None":
    """Stretch by the descent of what a backend made; None where it has none, or rules or rates have to be asked at every step.

    Args:
        compiled: of the task LOSS. batches: the rows. flat: the optimizer. tolerance: see `Descending`.
    """
    groups = flat.optimizer.groups
    if not hasattr(compiled, "descent") or not all(serves_columns(group.rule) and _is_known_ahead(group) for group in groups):
        return None
    function = compiled.descent([group.rule for group in groups])
    return None if function is None else PackedSteps(function, batches, flat, tolerance)


def _is_known_ahead(group: Group) -> bool:
    """Whether the rate of every step is known before the descent: a function of the user's may look at what happens."""
    return not callable(group.learning_rate) or type(group.learning_rate) in _SCHEDULES


class PackedSteps:
    """Stretch by a compiled descent; the arguments are those of `packed_steps`.

    Attributes:
        function: the descent.
    """

    def __init__(self, function: Any, batches: Batches, flat: FlatOptimizer, tolerance: float | None) -> None:
        self.function, self._batches, self._flat = function, batches, flat
        everywhere = numpy.arange(len(flat.parameters))
        self._tolerance = -1.0 if tolerance is None else tolerance
        self._sizes = numpy.array([part.count for part in flat.parts], numpy.intp)
        self._places = numpy.concatenate([everywhere[part.places] for part in flat.parts]).astype(numpy.intp)
        self._arrays = [in_order(array, array.dtype) for array in batches.arguments]

    def __call__(self, parameters: Any, gradient: Any, batch: int, count: int) -> tuple[int, int, list[float]]:
        """Takes steps, at most so many, from a batch on: changes the parameters and the optimizer.

        Returns:
            How many were taken, why no more, and the losses before each of them.
        Raises:
            ValueError: if a schedule gives no valid rate for the first of them.
        """
        memory = self._packed(parameters.dtype)
        done, why, losses = self.function(self._steps(batch, count), parameters, gradient, memory)
        self._unpack(memory)
        self._flat.optimizer.steps += done
        return done, why, losses

    def tried(self, parameters: Any, gradient: Any, batch: int) -> list[Any] | None:
        """The parameters, and what the rules remember of them, after one step, which changes nothing; None if it is not taken."""
        memory, moved = self._packed(parameters.dtype), parameters.copy()
        done, _, _ = self.function(self._steps(batch, 1), moved, gradient, memory)
        return [moved, memory] if done else None

    def now(self, parameters: Any) -> list[Any]:
        """The same as they are."""
        return [parameters, self._packed(parameters.dtype)]

    def _steps(self, batch: int, count: int) -> Stretch:
        batches = self._batches
        epoch, place = divmod(batch, batches.per_epoch)
        order = None
        if batches.shuffles:
            count = min(count, max(_MOST_PLACES // batches.samples, 1) * batches.per_epoch - place)
            epochs = range(epoch, (batch + count - 1) // batches.per_epoch + 1)
            order = numpy.concatenate([batches.order(each) for each in epochs]).astype(numpy.intp, copy=False)
        number, first = self._flat.optimizer.steps + 1, place * batches.size
        rates = self._rates(count)
        count = rates.shape[1]
        return Stretch(self._arrays, batches.size, order, first, count, number, self._sizes, self._places, rates, self._tolerance)

    def _rates(self, count: int) -> Any:
        """(groups, steps) the rates of so many steps, or as many as have valid ones."""
        first, groups = self._flat.optimizer.steps, self._flat.optimizer.groups
        found = [numpy.full(count, group.rate(first)) for group in groups]
        for rates, group in zip(found, groups, strict=True):
            if not callable(group.learning_rate):
                continue
            for place in range(1, count):
                try:
                    rates[place] = group.rate(first + place)
                except ValueError:  # which is raised at that step
                    count = place
                    break
        return numpy.array([rates[:count] for rates in found])

    def _packed(self, dtype: Any) -> Any:
        """What the rules remember, group by group."""
        remembered = [each for part in self._flat.parts for each in part.memory]
        return numpy.concatenate([numpy.empty(0, dtype), *remembered], dtype=dtype)

    def _unpack(self, memory: Any) -> None:
        start = 0
        for part in self._flat.parts:
            names, count = len(part.memory), part.count
            part.memory = tuple(memory[start : start + names * count].reshape(names, count))
            start += names * count
