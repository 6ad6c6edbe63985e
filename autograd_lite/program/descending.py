"""Descent: a whole training loop over a program, in one call.

A step is what a loop by hand does: the mean and its gradient at the parameters as they are, and the optimizer's rule applied to
all parameters that learn. Steps are made many at a time; where one of them needs a closer look (a row that takes another branch, a
number outside a domain, nan), it is made once more by itself, as `loss_and_gradient` and `step` make it, which says what is wrong
or goes on. Between two steps the parameters, the optimizer and the losses belong together, whatever ends the descent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock, RLock
from time import perf_counter
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy

from autograd_lite.engine.many import set_numbers
from autograd_lite.optim import Optimizer, StepError
from autograd_lite.optim.clipping import described
from autograd_lite.optim.divergence import DivergedError
from autograd_lite.optim.flat_optimizer import FlatOptimizer
from autograd_lite.optim.interruption import uninterrupted
from autograd_lite.program.batches import Batches
from autograd_lite.program.domains import Flag
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.nan_rows import warn_of_nan_rows
from autograd_lite.program.packed_steps import packed_steps
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.c_descent_call import LEVEL, STUCK

_SECONDS: Final = 0.05  # for which Ctrl-C may wait
_WORK: Final = 1_000_000  # numbers computed in about that time
_MOST_STEPS: Final = 10_000  # at a time
_ROUNDING: Final = 1_000.0  # units in the last place
_SHOWN: Final = 10  # rows of a batch


@dataclass
class Descent:
    """What a descent did. Given by `Program.descent`.

    Attributes:
        losses: the means, each at the parameters before its step.
        iterations: how many steps were taken.
        stopped: why it ended before all iterations; empty if it did not.
        optimizer: with what its rule remembers: another descent goes on from there.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.program import trace
        >>> w = Value(0.0)
        >>> program = trace(lambda y: (w - y) ** 2, 3.0, parameters=[w])
        >>> found = program.descent([3.0], optimizer="sgd", learning_rate=0.25, iterations=50, tolerance=0.5)
        >>> found.losses, found.iterations, found.stopped, w.data, found.optimizer.steps
        ([9.0, 2.25, 0.5625, 0.140625, 0.03515625], 4, 'no slope is larger than 0.5', 2.8125, 4)
    """

    losses: list[float] = field(repr=False)
    optimizer: Optimizer
    iterations: int = 0
    stopped: str = ""


class Descending:
    """A descent in progress.

    Args:
        replay: the program's. batches: of which rows each step takes the mean. flat: the optimizer, on its parameters.
        clip: the largest length of a gradient; a longer one is shrunk to it. tolerance: the descent ends where no number of the
        gradient is larger; None for never. every: how many steps from one loss that is kept to the next.
        losses: a list that the losses are appended to. batch: the number of the first batch. gradient: where each is written.
    Attributes:
        is_stuck: whether the next step needs a closer look.
    """

    def __init__(
        self,
        replay: Replay,
        batches: Batches,
        flat: FlatOptimizer,
        *,
        clip: float | None = None,
        tolerance: float | None = None,
        every: int = 1,
        losses: list[float] | None = None,
        batch: int | None = None,
        gradient: Any = None,
    ) -> None:
        self.replay, self._lock = replay.for_derivatives(batches.arguments), _lock_of(replay)
        self.batches, self.flat, self.optimizer = batches, flat, flat.optimizer
        self.clip, self.tolerance, self.every = clip, tolerance, every
        self.batch = self.optimizer.steps if batch is None else batch
        self.gradient = numpy.empty_like(replay.parameters) if gradient is None else gradient
        self.is_stuck = False
        self._packed = packed_steps(self.replay.module(LOSS, batches.size), batches, self.flat, tolerance)
        self.found = Descent([] if losses is None else losses, self.optimizer)
        self._flag, self._written = Flag(), 0
        width = sum(array.size for array in (*replay.lowered.arguments, *(each.target for each in replay.lowered.statements)))
        self._at_once = min(max(_WORK // (batches.size * max(width, 1)), 1), _MOST_STEPS)

    # ---- all steps -----------------------------------------------------------------------------------------------------------

    def run(self, iterations: int) -> Descent:
        """So many steps, or fewer where one leaves nothing to be done.

        Raises:
            BranchChanged, OperationError, DivergedError, ValueError: as the step by hand; those before it count.
        """
        with self._lock:
            try:
                while True:
                    with uninterrupted() as held:
                        self.advance(iterations, held)
                        self._write_back()
                    if not self.is_stuck:
                        return self.found
                    self._step_by_hand()
            finally:
                if self._written < self.found.iterations:
                    with uninterrupted():
                        self._write_back()

    def advance(self, iterations: int, held: Sequence[Any]) -> None:
        """Steps until there are so many, or the next one needs a closer look: `is_stuck` then, and nothing of it has been done.

        Args:
            held: ends it soon when it is not empty any more.
        """
        self.is_stuck = False
        while self.found.iterations < iterations and not (held or self.is_stuck or self.found.stopped):
            self.replay.check_captured()
            before, start, most = self.found.iterations, perf_counter(), self._at_once
            self._steps(min(iterations - before, most))
            if self.found.iterations - before == most:
                faster = min(max(_SECONDS / max(perf_counter() - start, 1e-9), 0.25), 8.0)
                self._at_once = min(max(int(most * faster), 1), _MOST_STEPS)

    def _write_back(self) -> None:
        """Gives what was learned to the Values and to the optimizer."""
        if self._written == self.found.iterations:
            return
        numbers, owners = self.replay.parameters[self.flat.learning].tolist(), numpy.empty(len(self.replay.owners), object)
        owners[:] = self.replay.owners
        set_numbers(owners[self.flat.learning].tolist(), numbers)
        self.flat.write_back()
        self._written = self.found.iterations

    # ---- steps ---------------------------------------------------------------------------------------------------------------

    def _steps(self, count: int) -> None:
        """So many steps, up to one that needs a closer look."""
        if self._packed is None or self.clip is not None:
            self._steps_by_module(count)
        elif self._packed.function.proved or not self.replay.asked.verify:
            self._steps_at_once(count)
        else:
            self._step_both_ways()

    def _steps_at_once(self, count: int) -> None:
        """So many steps by one call of a compiled descent."""
        assert self._packed is not None
        before, found = self.optimizer.steps, self.found
        try:
            done, why, losses = self._packed(self.replay.parameters, self.gradient, self.batch, count)
        except ValueError:
            self.is_stuck = True
            return
        kept = losses[-before % self.every : done : self.every]
        found.losses += kept
        found.iterations += done
        self.batch += done
        self.is_stuck = why == STUCK
        if why == LEVEL:
            self._stop(losses[-1])

    def _step_both_ways(self) -> None:
        """One step by the module and the rules, and the same by the compiled descent, before that is trusted.

        Raises:
            ProgramMismatch: if they differ by more than rounding explains.
        """
        assert self._packed is not None
        parameters, before = self.replay.parameters, self.found.iterations
        tried = self._packed.tried(parameters, self.gradient, self.batch)
        self._steps_by_module(1)
        if tried is None or self.found.iterations == before:
            return
        for one, other in zip(tried, self._packed.now(parameters), strict=True):
            rounding = _ROUNDING * numpy.finfo(one.dtype).eps
            if not numpy.allclose(one, other, rounding, rounding * float(numpy.abs(other).max(initial=0.0))):
                raise self.replay.proof.of_descent(one, other)
        self._packed.function.proved = True

    def _steps_by_module(self, count: int) -> None:
        """So many steps, each by a call of the module and of the rules."""
        function, flag, gradient, parameters = self.replay.module(LOSS).function, self._flag, self.gradient, self.replay.parameters
        with numpy.errstate(divide="call", over="call", invalid="call", call=flag):
            for _ in range(count):
                flag.raised = False
                try:
                    loss = float(function(parameters, *self.batches.at(self.batch), gradient))
                    if flag.raised or not math.isfinite(loss):
                        break
                    self._step_along(loss)
                except (ArithmeticError, ValueError):  # which the step by hand raises
                    break
                if self.found.stopped:
                    return
            else:
                return
        self.is_stuck = True

    def _step_by_hand(self) -> None:
        """The next step, as a loop by hand makes it."""
        arguments = self.batches.at(self.batch)
        number = self.optimizer.steps + 1
        try:
            loss = float(self.replay.once(LOSS, arguments, self.gradient))
        except (ArithmeticError, ValueError) as error:
            error.add_note(f"This was step {number}{self._of_rows()}; the parameters are those after step {number - 1}.")
            raise
        if numpy.isnan(self.gradient).any():
            warn_of_nan_rows(self.replay, arguments)
        if not math.isfinite(loss):
            raise DivergedError(
                f"step {number}: the loss is {loss!r}{self._of_rows()}{self._strange()}; the parameters are those after step "
                f"{number - 1}. Look for such numbers in the data, use a smaller learning rate, or clip the gradient (clip=)."
            )
        try:
            with uninterrupted(), numpy.errstate(all="ignore"):
                self._step_along(loss)
        except StepError as error:
            raise DivergedError(str(error)) from error

    def _step_along(self, loss: float) -> None:
        """The rest of a step, when the loss and the gradient are found: all of it, or nothing where an error is raised."""
        if self.tolerance is not None:
            steepest = float(numpy.abs(self.gradient[self.flat.learning]).max())
            if steepest <= self.tolerance:
                self._stop(loss)
                return
        if self.clip is not None:
            try:
                self.flat.clip(self.gradient, self.clip)
            except ValueError as error:
                raise DivergedError(f"step {self.optimizer.steps + 1}: {error}") from error
        keeps = self.optimizer.steps % self.every == 0
        self.flat.move(self.replay.parameters, self.gradient)
        if keeps:
            self.found.losses.append(loss)
        self.found.iterations += 1
        self.batch += 1

    def _stop(self, loss: float) -> None:
        self.found.losses.append(loss)
        self.found.stopped = f"no slope is larger than {self.tolerance:g}"

    def _strange(self) -> str:
        """The first parameter that is not finite, for messages."""
        pairs = zip(self.replay.owners, self.replay.parameters.tolist(), strict=True)
        wrong = next(((value, number) for value, number in pairs if not math.isfinite(number)), None)
        return "" if wrong is None else f"; the parameter {described(wrong[0])} is {wrong[1]!r}"

    def _of_rows(self) -> str:
        """Which rows of the arrays a batch has, for messages."""
        if not self.batches.shuffles:
            return ""
        rows: Sequence[int] = self.batches.rows(self.batch).tolist()
        listed = ", ".join(map(str, rows[:_SHOWN])) + (", ..." if len(rows) > _SHOWN else "")
        return f", of rows {listed} of the arrays, in this order"


# By program, so that the descents of two threads on one do not take each other's numbers; not on it, as it may be copied.
_locks: WeakKeyDictionary[Replay, Any] = WeakKeyDictionary()
_locking = Lock()


def _lock_of(replay: Replay) -> Any:
    with _locking:
        return _locks.setdefault(replay, RLock())
