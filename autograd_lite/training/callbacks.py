"""Callbacks: what is told of a training, moment by moment, and may change it or stop it; observers only read."""

from collections.abc import Mapping
from typing import Any


class Callback:
    """Derive from it and override the moments you need; `run`, a Run, holds the model, the optimizer, the history and `stop`.

    At each of these moments the model, the optimizer and the gradients hold their present numbers, with either engine, and what is
    changed there counts from then on: a number, a learning rate, `requires_grad`.

    Attributes:
        looks_at_model: False for a callback that only reads the history: a program then keeps its numbers in its arrays.
        needs_every_batch: False where `after_batch` may be called once for several batches.
    Example:
        >>> from autograd_lite.datasets import xor
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import SGD
        >>> from autograd_lite.training import fit
        >>> class Lowered(Callback):
        ...     def begin(self, run):
        ...         self.rates = []
        ...     def before_step(self, run):
        ...         self.largest = max(abs(each.grad) for each in run.model.parameters())
        ...     def after_batch(self, run):
        ...         self.rates.append(run.optimizer.learning_rate)
        ...     def after_epoch(self, run):
        ...         run.optimizer.learning_rate /= 2.0
        ...     def end(self, run):
        ...         print(self.rates, self.largest > 0.0)
        ...     def state_dict(self):  # so that a training that was stopped and resumed prints the same
        ...         return {"rates": self.rates}
        ...     def load_state_dict(self, state):
        ...         self.rates = state["rates"]
        >>> model = MLP(2, [1], seed=0)
        >>> _ = fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), batch_size=2, epochs=2, callbacks=[Lowered()])
        [0.5, 0.5, 0.25, 0.25] True
        >>> lowered = Lowered()
        >>> lowered.load_state_dict({"rates": [0.5]})
        >>> lowered.state_dict()
        {'rates': [0.5]}
    """

    looks_at_model = True
    needs_every_batch = True

    def begin(self, run: Any) -> None:
        """Before the first batch, also of a resumed training."""

    def before_step(self, run: Any) -> None:
        """Between the gradient of a batch, which stands in the parameters' `grad`, and the step along it; before any clipping."""

    def after_batch(self, run: Any) -> None:
        """After every update of the parameters."""

    def after_epoch(self, run: Any) -> None:
        """After every pass over the data, validation included."""

    def end(self, run: Any) -> None:
        """At the end, also when Ctrl-C or an error ends the training; the model holds what was learned."""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers, as JSON can hold it: kept in checkpoints, and given to `load_state_dict` by a resumed training."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restores the `state` that `state_dict` gave."""


class Observer(Callback):
    """A callback that only reads: it changes nothing, and is told after all others.

    >>> class Printer(Observer):
    ...     def after_epoch(self, run):
    ...         print(f"{run.history.epochs[-1].cost:.3f}")
    >>> Printer.looks_at_model  # so a program need not write its numbers back into Values for it
    False
    """

    looks_at_model = False


def overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback has a method of its own for a moment."""
    return getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook)
