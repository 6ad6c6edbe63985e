"""The parameters of the best epoch, kept while a training goes on."""

import math
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.engine.value import Value
from autograd_lite.training.history import Epoch


@dataclass
class Best:
    """The parameters at the end of the epoch with the lowest cost: of the validation data, or without any, of the training data.

    Attributes:
        leaves: whose numbers are kept.
        cost, epoch, numbers: of the best epoch so far, counted from 0; inf, None and none before the first.
    """

    leaves: list[Value]
    cost: float = math.inf
    epoch: int | None = None
    numbers: list[float] = field(default_factory=list)

    def see(self, epoch: Epoch, number: int, engine: Any) -> None:
        """Keeps the parameters if this epoch is better than all before."""
        cost = epoch.cost if epoch.validation_cost is None else epoch.validation_cost
        if cost < self.cost:
            engine.write_back()
            self.cost, self.epoch, self.numbers = cost, number, [leaf.data for leaf in self.leaves]

    def give(self) -> None:
        """Sets the parameters to the best ones, if there are any."""
        if self.epoch is not None:
            for leaf, number in zip(self.leaves, self.numbers, strict=True):
                leaf.data = number
