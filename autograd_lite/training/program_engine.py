"""The program engine: the model and the loss recorded as programs, and whole batches through their arrays.

The numbers live in arrays. `write_back` copies them to the Values and the optimizer, which callbacks may read and change; before
the next batch they are read again, with all that a program depends on: which parameters learn, and the other numbers that it
was recorded with. If those have changed, the programs are recorded again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy

from autograd_lite.datasets import Array, Dataset
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.value import Value
from autograd_lite.optim import Optimizer
from autograd_lite.optim.flat_optimizer import FlatOptimizer, check_own_step
from autograd_lite.optim.interruption import uninterrupted
from autograd_lite.program import trace
from autograd_lite.program.descending import Descending
from autograd_lite.program.write.backends import Backend
from autograd_lite.training.engines import EagerEngine, TrainingEngine, columns
from autograd_lite.training.loss_programs import loss_programs
from autograd_lite.training.run import Run
from autograd_lite.training.target_programs import Sample, Sight, first_of_each

_SAMPLES_TO_COMPARE: Final = 4
_ROUNDING: Final = {"float64": 1e-12, "float32": 1e-5}


class ProgramEngine:
    """The loss of one sample recorded as a program, and the model as another one over the same array of parameters.

    Args:
        model, loss, optimizer: as for `fit`.
        example: data whose first sample the programs are recorded on, and whose targets are given to the loss, each once.
        backend: what runs the programs. dtype: what they compute in.
    Raises:
        ValueError: if the optimizer has a `step` of its own, which arrays would pass by, or the loss refuses one of the targets.
    """

    def __init__(
        self,
        model: Callable[..., Any],
        loss: Callable[..., Any],
        optimizer: Optimizer,
        example: Dataset,
        backend: str | Backend | None = None,
        dtype: str = "float64",
    ) -> None:
        check_steps(optimizer)
        self._asked: dict[str, Any] = {"backend": backend, "dtype": dtype}
        self._eager = EagerEngine(model, loss, optimizer)
        self._sight = Sight(loss, model(example.inputs[0].tolist()))
        self._met: dict[Any, Sample] = {}  # by target
        self._see(example.inputs, example.targets)
        self._lent = False  # whether the Values hold the numbers, and may have been changed
        self._compare = False  # whether the model or the loss may have changed since the programs were recorded
        self._least = self._rounding = _ROUNDING[dtype]
        self._graded = self._to_come = False  # whether there is a gradient, and whether its step is still to come
        self._programs = self._recorded()

    # ---- what training needs -------------------------------------------------------------------------------------------------

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        programs = self._current(inputs, targets)
        self._graded = self._to_come = False
        outputs = self._outputs(programs, inputs, targets)
        learns = bool(programs.learning)
        cost = programs.loss.cost_and_gradient(inputs, targets, programs.gradient) if learns else programs.cost(inputs, targets)
        self._graded = self._to_come = True
        return cost, outputs

    def clip(self, max_norm: float) -> None:
        self._take()
        self._programs.flat.clip(self._programs.gradient, max_norm)

    def update(self) -> None:
        self._take()
        self._programs.flat.step(self._programs.loss.parameters, self._programs.gradient)
        self._to_come = False

    def descend(self, run: Run, most: int) -> None:
        """Some of the next batches of a run, at most so many, in one call; none where the next one needs a closer look.

        Their costs are added to the history, each together with its step.
        """
        if self._programs.descending is None:
            return
        programs, data, history = self._current(run.data.inputs, run.data.targets), run.data, run.history
        if programs.descending is None or self._sight.refuses:  # which new targets may have shown
            return
        self._graded, self._to_come, batch = True, False, len(history.costs)
        way = programs.descending(
            data.inputs,
            data.targets,
            flat=programs.flat,
            gradient=programs.gradient,
            batch_size=run.batch_size,
            seed=run.seed,
            clip=run.clip,
            losses=history.costs,
            batch=batch,
        )
        with uninterrupted() as held:
            way.advance(most, held)
        if not way.found.iterations:
            programs.descending = None

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        programs = self._current(inputs, targets)
        outputs = self._outputs(programs, inputs, targets)
        return programs.cost(inputs, targets), outputs

    def _outputs(self, programs: "_Programs", inputs: Array, targets: Array) -> Array:
        """What the model answers; refused where the loss would refuse it, whose own look at numbers is no part of a program."""
        outputs = programs.predicted(inputs)
        self._sight.check_outputs(outputs, targets)
        return outputs

    def write_back(self) -> None:
        if self._lent:
            return
        self._programs.write_back()
        if self._graded:
            self._eager.optimizer.zero_grad()  # of the frozen ones, too
            for value, slope in zip(self._programs.owners, self._programs.gradient.tolist(), strict=True):
                value.grad = slope
        self._lent = True

    # ---- after a write_back --------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        """Reads the numbers again, if they were written back."""
        if not self._lent:
            return
        if list(map(id, self._learning())) != list(map(id, self._programs.learning)):
            self._programs = self._recorded()
        else:
            self._programs.read()
        if self._to_come:
            self._programs.gradient[:] = [value.grad for value in self._programs.owners]
        self._lent, self._compare = False, True

    def _see(self, inputs: Array, targets: Array) -> list[Sample]:
        """The first samples of those targets that were not met before, after eager's loss has taken them all."""
        new = {key: sample for key, sample in first_of_each(inputs, targets).items() if key not in self._met}
        self._sight.check(new.values())
        self._met |= new
        return list(new.values())

    def _current(self, inputs: Array, targets: Array) -> "_Programs":
        """The programs; recorded again if they do not fit new targets, or disagree with model and loss on some of these samples."""
        self._take()
        new = self._see(inputs, targets)
        if new and not self._programs.loss.fits(self._sight, new):
            self._programs.write_back()
            self._programs = self._recorded()
        if self._compare:
            self._programs.write_back()
            few = slice(_SAMPLES_TO_COMPARE)
            expected = self._eager.evaluate(inputs[few], targets[few])
            if self._distance(inputs[few], targets[few], expected) > self._rounding:
                self._programs = self._recorded()
                left = self._distance(inputs[few], targets[few], expected)
                if left < math.inf:  # rounding, which a cost near 0 has more of: the next comparison allows for it
                    self._rounding = max(self._least, 10.0 * left)
            self._compare = False
        return self._programs

    def _distance(self, inputs: Array, targets: Array, expected: tuple[float, Array]) -> float:
        """How far the programs are from the cost and the outputs that eager gives, in parts of the largest number of each."""
        try:
            found = self._programs.cost(inputs, targets), self._programs.predicted(inputs)
        except GraphError:  # a number that was taken as a constant is another one now
            return math.inf
        return max(map(_distance, found, expected))

    def _learning(self) -> list[Value]:
        return [each for group in self._eager.optimizer.groups for each in group.parameters if each.requires_grad]

    def _recorded(self) -> "_Programs":
        return _Programs(self._eager, self._sight, list(self._met.values()), self._learning(), self._asked)


class _Programs:
    """The programs of a model and a loss, over the parameters that learn as they are now.

    Attributes:
        loss: the programs of the loss. owners: the Values in the order of its parameters. learning: the same as they were given.
        gradient: of the mean cost, in that order. flat: the optimizer at work on it.
        descending: makes many steps of one call, where the loss is one program and computes all that the model does.
    """

    def __init__(
        self,
        eager: EagerEngine,
        sight: Sight,
        samples: Sequence[Sample],
        learning: list[Value],
        asked: Mapping[str, Any],
    ) -> None:
        self.learning = learning
        self.loss = loss_programs(eager.model, eager.loss, learning, sight, samples, asked)
        self.owners = self.loss.owners
        self.gradient = numpy.zeros_like(self.loss.parameters)
        self._optimizer = eager.optimizer
        self.flat = FlatOptimizer(self._optimizer, self.owners, self.gradient.dtype)
        self._model = trace(eager.model, samples[0].inputs[0].tolist(), parameters=learning, **asked)
        encoding = self.loss.encoding
        descends = learning and encoding is not None and sight.looks_at_all_outputs(samples[0], encoding)
        self.descending: Callable[..., Descending] | None = self.loss.descending if descends else None
        place_of = {id(value): place for place, value in enumerate(self.owners)}
        self._places = numpy.array([place_of[id(value)] for value in self._model.parameter_values], int)

    def cost(self, inputs: Array, targets: Array) -> float:
        """The mean cost."""
        return float(self.loss.costs(inputs, targets).mean())

    def predicted(self, inputs: Array) -> Array:
        """(N, K) the model's outputs."""
        self._model.parameters[:] = self.loss.parameters[self._places]
        return columns(self._model(inputs))

    def write_back(self) -> None:
        """Gives the numbers to their Values and the optimizer."""
        for value, number in zip(self.owners, self.loss.parameters.tolist(), strict=True):
            value.data = number
        self.flat.write_back()

    def read(self) -> None:
        """Takes the numbers of the Values and of the optimizer."""
        self.loss.parameters[:] = [value.data for value in self.owners]
        self.flat = FlatOptimizer(self._optimizer, self.owners, self.gradient.dtype)


ENGINES: Final[dict[str, Callable[..., TrainingEngine]]] = {"eager": EagerEngine, "program": ProgramEngine}


def check_steps(optimizer: Optimizer) -> None:
    """Refuses an optimizer with a `step` of its own, which arrays would pass by.

    Raises:
        ValueError: the message says what to write instead.
    """
    between = "what comes between gradient and step into `clip=` or a callback's `before_step`"
    check_own_step(optimizer, 'engine="program"', f'{between}, or train with engine="eager"')


def _distance(found: Any, expected: Any) -> float:
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    if found.shape != expected.shape or not numpy.array_equal(numpy.isnan(found), numpy.isnan(expected)):
        return math.inf
    with numpy.errstate(invalid="ignore"):  # inf - inf, which is not chosen
        apart = _largest(numpy.where(found == expected, 0.0, found - expected))
    size = _largest(expected)
    return apart if not apart or not size else apart / size if size < math.inf else math.inf


def _largest(array: Array) -> float:
    """The largest absolute number, nan left out; 0.0 where there is none."""
    return float(numpy.abs(array[~numpy.isnan(array)]).max(initial=0.0))
