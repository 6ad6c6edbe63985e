"""Which rows of the arrays each step of a descent takes: all of them, or the next batch of an epoch."""

from collections.abc import Sequence
from typing import Any

from autograd_lite.datasets import order_of_epoch
from autograd_lite.optim.update_rules import check_count


class Batches:
    """Batches by their number, from 0: each epoch takes every row once, in an order that follows from the seed, as in `fit`.

    Args:
        arguments: arrays with rows. size: of a batch; None for all rows in their order at every step. seed: of the orders.
    Raises:
        ValueError: if the size is no whole number from 1, or there are no arrays to take rows of.
    """

    def __init__(self, arguments: Sequence[Any], size: int | None, seed: int) -> None:
        if size is not None:
            check_count("batch_size", size, 1)
            if not arguments:
                raise ValueError(f"the program takes no arrays: there are no rows to take batches of {size} from")
        self.arguments, self.seed = list(arguments), seed
        self.samples = len(arguments[0]) if arguments else 1
        self.size = self.samples if size is None else min(int(size), self.samples)
        self.shuffles = size is not None
        self.per_epoch = -(-self.samples // self.size)
        self._epoch = -1
        self._ordered: list[Any] = []

    def order(self, epoch: int) -> Any:
        """The rows in the order in which an epoch takes them."""
        return order_of_epoch(self.samples, self.seed, epoch)

    def at(self, number: int) -> list[Any]:
        """The arrays of one batch."""
        if not self.shuffles:
            return self.arguments
        epoch, place = divmod(number, self.per_epoch)
        if epoch != self._epoch:
            order = self.order(epoch)
            self._ordered, self._epoch = [array[order] for array in self.arguments], epoch
        rows = slice(place * self.size, (place + 1) * self.size)
        return [array[rows] for array in self._ordered]

    def rows(self, number: int) -> Any:
        """The places of one batch's rows in the arrays."""
        epoch, place = divmod(number, self.per_epoch)
        return self.order(epoch)[place * self.size : (place + 1) * self.size]
