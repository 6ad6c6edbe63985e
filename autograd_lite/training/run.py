"""Run: a training under way, batch by batch, with the history as its clock; and Callback: what is told of it."""

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy

from autograd_lite.datasets import Array, Dataset
from autograd_lite.errors import OperationError
from autograd_lite.optim import Optimizer
from autograd_lite.training.accuracy import Right
from autograd_lite.training.engines import Engine
from autograd_lite.training.history import Epoch, History
from autograd_lite.training.interruption import uninterrupted

__all__ = ["Callback", "DivergedError", "Run"]

_MOST_AT_ONCE = 2000  # samples of the validation data that are evaluated together


class DivergedError(OperationError):
    """The cost became nan or infinite; the model is as it was before that batch."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Run:
    """A training under way.

    Which batch comes next follows from the lengths in the history, and the order of an epoch's samples from the seed and the
    epoch's number: so a training can stop after any batch and go on from there as if it had not.

    Attributes:
        model: what learns. optimizer: and how. engine: what computes.
        data, validation: what it learns from, and what it is tried on after each epoch (or None).
        batch_size, epochs, seed: as given to `fit`.
        history: what happened so far.
        stopped: why the training is to end early, in words; None if it is not.
    """

    def __init__(
        self,
        model: Any,
        data: Dataset,
        optimizer: Optimizer,
        *,
        batch_size: int,
        epochs: int,
        seed: int,
        validation: Dataset | None,
        right: Right | None,
        history: History,
    ) -> None:
        self.model, self.data, self.optimizer = model, data, optimizer
        self.batch_size, self.epochs, self.seed = batch_size, epochs, seed
        self.validation, self.right, self.history = validation, right, history
        self.stopped: str | None = None
        self.engine: Engine
        history.batches_per_epoch = self.batches_per_epoch

    @property
    def batches_per_epoch(self) -> int:
        """How many batches an epoch has; the last one may be smaller than the others."""
        return math.ceil(len(self.data) / self.batch_size)

    @property
    def settings(self) -> dict[str, Any]:
        """What must be the same for a training to go on exactly; of the data, a checksum."""
        checksum = zlib.crc32(self.data.targets.tobytes(), zlib.crc32(self.data.inputs.tobytes()))
        return {"seed": self.seed, "batch_size": self.batch_size, "samples": len(self.data), "checksum_of_data": checksum}

    def stop(self, reason: str) -> None:
        """Ends the training after the batch or epoch at hand.

        Args:
            reason: why, in a few words.
        """
        self.stopped = reason

    def train(self, engine: Engine, callbacks: Sequence["Callback"]) -> None:
        """Trains until all epochs are done or somebody stops it.

        Raises:
            DivergedError: if a cost is nan or infinite.
        """
        self.engine = engine
        try:
            for callback in callbacks:
                callback.begin(self)
            while len(self.history.epochs) < self.epochs and self.stopped is None:
                self._epoch(callbacks)
        finally:
            with uninterrupted():
                engine.write_back()
                for callback in callbacks:
                    callback.end(self)

    def _epoch(self, callbacks: Sequence["Callback"]) -> None:
        """The rest of the epoch that the history says is under way."""
        number = len(self.history.epochs)
        order = numpy.random.default_rng([self.seed, number]).permutation(len(self.data))
        done = len(self.history.costs) - number * self.batches_per_epoch
        for batch in range(done, self.batches_per_epoch):
            self._batch(self.data.take(order[batch * self.batch_size : (batch + 1) * self.batch_size]))
            for callback in callbacks:
                callback.after_batch(self)
            if self.stopped is not None:
                return
        self.history.epochs.append(self._summary(number))
        for callback in callbacks:
            callback.after_epoch(self)

    def _batch(self, batch: Dataset) -> None:
        cost, outputs = self.engine.gradient(batch.inputs, batch.targets)
        if not math.isfinite(cost):
            rate = self.optimizer.groups[0].rate(self.optimizer.steps)
            raise DivergedError(
                f"the cost of batch {len(self.history.costs) + 1} is {cost!r}: the training has diverged. "
                f"Use a smaller learning rate than {rate:g}; the model is as it was before this batch."
            )
        accuracy = self._accuracy(outputs, batch.targets)
        with uninterrupted():  # parameters, memory and history change together or not at all
            self.engine.update()
            self.history.costs.append(cost)
            if accuracy is not None:
                self.history.accuracies.append(accuracy)

    def _accuracy(self, outputs: Array, targets: Array) -> float | None:
        return None if self.right is None else float(self.right(outputs, targets).mean())

    def _summary(self, number: int) -> Epoch:
        """The means of the epoch's batches, each weighted by its samples, and of the validation data."""
        first = number * self.batches_per_epoch
        starts = range(0, len(self.data), self.batch_size)
        sizes = [min(self.batch_size, len(self.data) - start) for start in starts]
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


class Callback:
    """Derive from it, and say what is to happen when; `run` holds the model, the history and `stop`.

    Example:
        >>> class Printer(Callback):
        ...     def after_epoch(self, run):
        ...         print(f"{run.history.epochs[-1].cost:.3f}")
    """

    def begin(self, run: Run) -> None:
        """Before the first batch; of a resumed training, too."""

    def after_batch(self, run: Run) -> None:
        """After every update of the parameters."""

    def after_epoch(self, run: Run) -> None:
        """After every pass over the data, validation included."""

    def end(self, run: Run) -> None:
        """At last, also when Ctrl-C or an error ends the training; the model holds what was learned."""
