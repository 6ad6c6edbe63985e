"""Run: a training in progress, batch by batch; its history says what comes next."""

import math
import operator
import sys
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any, Final

from autograd_lite.datasets import Array, Dataset, order_of_epoch
from autograd_lite.engine.recording import enable_grad
from autograd_lite.engine.value import Value
from autograd_lite.nn.module import Module
from autograd_lite.optim import Optimizer, StepError
from autograd_lite.optim.divergence import DivergedError
from autograd_lite.optim.interruption import uninterrupted
from autograd_lite.training.accuracy import Right
from autograd_lite.training.augmenting import Augment, augmented
from autograd_lite.training.callbacks import Callback, Observer, overrides
from autograd_lite.training.divergence import why_not_finite
from autograd_lite.training.engines import TrainingEngine
from autograd_lite.training.history import Best, Epoch, History
from autograd_lite.training.interruption import call_all

_MOST_AT_ONCE = 2000  # samples of the validation data that are evaluated together
_FIXED: Final = ("model", "optimizer", "loss", "data", "given", "validation", "batch_size", "seed", "callbacks")
_HOOKS: Final = ("before_step", "after_batch", "after_epoch")


class Run:
    """A training in progress. Given to callbacks, by `fit`.

    Which batch comes next follows from the lengths in the history, and the order of an epoch's samples from the seed and the
    epoch's number: so a training can stop after any batch and go on from there as if it had not.

    Attributes:
        model: what learns.
        loss: of a sample.
        optimizer: how it learns.
        engine: what computes.
        data, validation: what it learns from, and what it is tried on after each epoch (or None).
        given: the data before they were parted.
        batch_size, epochs, seed, clip, right, augment, callbacks: as given to `fit`.
        history: what happened so far.
        best: the parameters of the best epoch, or None without keep_best.
        settings: what was given and decides the run, for checkpoints.
        stopped: why the training is to end early, in words; None if it is not.
        whole: whether it is between two batches, and every callback was told of the last one.
    Example:
        >>> from autograd_lite.datasets import xor
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import SGD
        >>> from autograd_lite.training import Callback, fit
        >>> class UntilGoodEnough(Callback):
        ...     def after_epoch(self, run):
        ...         if run.history.epochs[-1].cost < 0.1:
        ...             run.stop(f"the cost is low after {len(run.history.costs) // run.batches_per_epoch} epochs")
        ...     def end(self, run):
        ...         print(run.stopped, list(run.leaves)[0], run.batches_per_epoch, sep=", ")
        >>> model = MLP(2, [4, 1], seed=1)
        >>> rule = SGD(model.parameters(), 0.5)
        >>> _ = fit(model, xor(), squared_error, rule, batch_size=2, epochs=50, callbacks=[UntilGoodEnough()])
        the cost is low after 25 epochs, layer0.neuron0.w[0], 2
    """

    def __init__(
        self,
        model: Any,
        data: Dataset,
        loss: Any,
        optimizer: Optimizer,
        *,
        batch_size: int,
        epochs: int,
        seed: int,
        clip: float | None,
        validation: Dataset | None,
        right: Right | None,
        history: History,
        keep_best: bool,
        given: Dataset,
        callbacks: Sequence[Callback],
        augment: Augment | None = None,
    ) -> None:
        self.model, self.optimizer, self.loss, self.data, self.given = model, optimizer, loss, data, given
        self.batch_size, self.epochs, self.seed = map(operator.index, (batch_size, epochs, seed))
        self.clip = None if clip is None else float(clip)
        self.validation, self.right, self.history, self.augment = validation, right, history, augment
        self.best = Best(list(self.leaves.values())) if keep_best else None
        self.callbacks = sorted(callbacks, key=lambda callback: isinstance(callback, Observer))
        self.settings: dict[str, Any] = {}
        self.stopped: str | None = None
        self.whole = True
        self.engine: TrainingEngine

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and name in self.__dict__:
            raise AttributeError(f"the {name} of a run cannot be exchanged under way; what is in it may be changed")
        object.__setattr__(self, name, value)

    @cached_property
    def leaves(self) -> dict[str, Value]:
        """By name, the leaves of the model, constants too, and the optimizer's parameters that are not among them."""
        named = self.model.named_leaves() if isinstance(self.model, Module) else {}
        known = {id(leaf) for leaf in named.values()}
        for i, group in enumerate(self.optimizer.groups):
            named |= {f"group {i}, parameter {j}": each for j, each in enumerate(group.parameters) if id(each) not in known}
        return named

    @property
    def batches_per_epoch(self) -> int:
        """How many batches an epoch has; the last one may be smaller than the others."""
        return math.ceil(len(self.data) / self.batch_size)

    def stop(self, reason: str) -> None:
        """Ends the training after the present batch or epoch.

        Args:
            reason: why, in a few words.
        """
        self.stopped = reason

    # ---- training ------------------------------------------------------------------------------------------------------------

    def train(self, engine: TrainingEngine) -> History:
        """The history, after training by an `engine` until all epochs are done or somebody stops it. Called by `fit`.

        Operations are recorded, whatever `no_grad` stands around.

        Raises:
            DivergedError: if a cost, a gradient or a parameter becomes nan or infinite.
        """
        self.engine = engine
        self.history.batches_per_epoch = self.batches_per_epoch
        self._told = {hook: [callback for callback in self.callbacks if overrides(callback, hook)] for hook in _HOOKS}
        with enable_grad():
            self._run()
        return self.history

    def _run(self) -> None:
        begun: list[Callback] = []
        try:
            self.whole = False
            for callback in self.callbacks:
                if callback.looks_at_model:
                    self.engine.write_back()
                begun.append(callback)
                callback.begin(self)
            self.whole = True
            self._check_learning()
            while len(self.history.epochs) < self.epochs and self.stopped is None:
                self._epoch()
        finally:
            with uninterrupted():
                call_all(  # the observers see the last parameters, then the best ones are restored
                    [
                        self.engine.write_back,
                        *(partial(each.end, self) for each in begun if isinstance(each, Observer)),
                        *([] if self.best is None else [self.best.give]),
                        *(partial(each.end, self) for each in begun if not isinstance(each, Observer)),
                    ],
                    sys.exception(),
                )

    def _check_learning(self) -> None:
        """Refuses to begin where nothing would be learned; later, a callback may freeze everything for a while."""
        parameters = [parameter for group in self.optimizer.groups for parameter in group.parameters]
        if not self.history.costs and self.epochs and not any(parameter.requires_grad for parameter in parameters):
            raise ValueError(
                f"all {len(parameters):,} parameters of the optimizer are frozen (requires_grad is False): nothing would be "
                "learned. Set requires_grad of those that are to learn to True."
            )

    def _epoch(self) -> None:
        """The rest of the epoch that the history has begun."""
        number = len(self.history.epochs)
        order = order_of_epoch(len(self.data), self.seed, number)
        end = (number + 1) * self.batches_per_epoch
        while (left := end - len(self.history.costs)) > 0:
            if not self._many_batches(left):
                batch = self.batches_per_epoch - left
                rows = order[batch * self.batch_size : (batch + 1) * self.batch_size]
                self._batch(augmented(self.data.take(rows), self.augment, [self.seed, number, batch + 1]))
            self._tell("after_batch")
            if self.stopped is not None:
                return
        summary = self._summary(number)
        if self.best is not None:
            self.best.see(summary, number, self.engine)
        self._to_tell("after_epoch")
        self.history.epochs.append(summary)
        self._tell("after_epoch")

    def _many_batches(self, most: int) -> bool:
        """Some of the next batches by one call of the engine, where nobody has to see each of them; whether there were any."""
        told = [*self._told["before_step"], *(each for each in self._told["after_batch"] if each.needs_every_batch)]
        descend = getattr(self.engine, "descend", None)
        if descend is None or told or self.right is not None or self.augment is not None:
            return False
        self._to_tell("after_batch")
        before = len(self.history.costs)
        descend(self, most)
        return len(self.history.costs) > before

    def _batch(self, batch: Dataset) -> None:
        cost, outputs = self.engine.gradient(batch.inputs, batch.targets)
        number = len(self.history.costs) + 1
        if not math.isfinite(cost):
            self.engine.write_back()
            raise DivergedError(f"the cost of batch {number} is {cost!r}: {why_not_finite(batch, self.given, self.optimizer)}")
        accuracy = self._accuracy(outputs, batch.targets)
        self._tell("before_step")
        try:
            if self.clip is not None:
                self.engine.clip(self.clip)
        except ValueError as error:
            raise DivergedError(f"batch {number}: {error}; the model is as it was before this batch.") from error
        try:
            with uninterrupted():  # parameters, memory and history change together or not at all
                self.engine.update()
                self._to_tell("after_batch")
                self.history.costs.append(cost)
                if accuracy is not None:
                    self.history.accuracies.append(accuracy)
        except StepError as error:
            raise DivergedError(f"batch {number}, {error}") from error

    def _to_tell(self, hook: str) -> None:
        self.whole = all(isinstance(callback, Observer) for callback in self._told[hook])

    def _tell(self, hook: str) -> None:
        """Tells the callbacks, the observers last; those that look at the model find its present numbers, and may change them."""
        self._to_tell(hook)
        for callback in self._told[hook]:
            self.whole = self.whole or isinstance(callback, Observer)
            if callback.looks_at_model:
                self.engine.write_back()
            getattr(callback, hook)(self)
        self.whole = True

    # ---- what is measured ----------------------------------------------------------------------------------------------------

    def _accuracy(self, outputs: Array, targets: Array) -> float | None:
        return None if self.right is None else float(self.right(outputs, targets).mean())

    def _summary(self, number: int) -> Epoch:
        """The means of the epoch's batches, each weighted by its samples, and of the validation data."""
        first = number * self.batches_per_epoch
        sizes = [min(self.batch_size, len(self.data) - start) for start in range(0, len(self.data), self.batch_size)]
        cost = _mean(self.history.costs[first:], sizes)
        accuracy = _mean(self.history.accuracies[first:], sizes) if self.history.accuracies else None
        return Epoch(cost, accuracy, *self._validated())

    def _validated(self) -> tuple[float | None, float | None]:
        if self.validation is None:
            return None, None
        parts = [self.validation.take(slice(i, i + _MOST_AT_ONCE)) for i in range(0, len(self.validation), _MOST_AT_ONCE)]
        sizes = [len(part) for part in parts]
        found = [self.engine.evaluate(part.inputs, part.targets) for part in parts]
        cost = _mean([each for each, _ in found], sizes)
        shares = [self._accuracy(outputs, part.targets) for (_, outputs), part in zip(found, parts, strict=True)]
        return cost, None if self.right is None else _mean([share for share in shares if share is not None], sizes)


def _mean(numbers: Sequence[float], weights: Sequence[int]) -> float:
    return math.fsum(number * weight for number, weight in zip(numbers, weights, strict=True)) / sum(weights)
