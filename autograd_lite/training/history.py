"""History: the cost and the accuracy of every batch and epoch, the JSON file that keeps them, and the best epoch's parameters."""

import json
import math
import operator
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograd_lite.engine.value import Value
from autograd_lite.files import write_whole


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the data: means over its samples, each taken before its batch's update; None for what was not measured.

    Attributes:
        cost, accuracy: of the training data, as the parameters went along.
        validation_cost, validation_accuracy: of the validation data, with the parameters at the end of the epoch.
    Example:
        >>> Epoch(cost=0.25, validation_cost=0.5)
        Epoch(cost=0.25, accuracy=None, validation_cost=0.5, validation_accuracy=None)
    """

    cost: float
    accuracy: float | None = None
    validation_cost: float | None = None
    validation_accuracy: float | None = None


@dataclass
class History:
    """What happened in training, in order.

    Attributes:
        costs: of every batch, before its update: the mean over its samples.
        accuracies: of every batch, before its update: the share answered rightly. Empty where that is not measured.
        epochs: of every whole epoch.
        batches_per_epoch: how many of the batches make an epoch.
    Example:
        >>> history = History([0.5, 0.25], [], [Epoch(0.375)], batches_per_epoch=2)
        >>> history.document()
        {'batches_per_epoch': 2, 'batches': {'cost': [0.5, 0.25], 'accuracy': []}, 'epochs': [{'cost': 0.375}]}
        >>> history.save("history.json", beside={"seed": 3}).name
        'history.json'
        >>> History.load("history.json") == history == History.from_document(history.document())
        True
        >>> empty = History()
        >>> empty.take_over(history)
        >>> empty.costs
        [0.5, 0.25]
    """

    costs: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    batches_per_epoch: int = 1

    def document(self) -> dict[str, Any]:
        """The history as lists and dictionaries that JSON can hold; what was not measured is left out."""
        epochs = [{name: number for name, number in asdict(epoch).items() if number is not None} for epoch in self.epochs]
        batches = {"cost": self.costs, "accuracy": self.accuracies}
        return {"batches_per_epoch": self.batches_per_epoch, "batches": batches, "epochs": epochs}

    def save(self, path: str | os.PathLike[str], beside: Mapping[str, Any] | None = None) -> Path:
        """Writes the history as JSON; equal runs give equal bytes.

        Args:
            path: the file to write.
            beside: what else to write before it, such as settings.
        Returns:
            The path written.
        """
        return write_whole(path, json.dumps({**(beside or {}), **self.document()}, indent=1) + "\n")

    @classmethod
    def from_document(cls, document: Any) -> "History":
        """The history that a `document` tells of, as `document()` gave it.

        Raises:
            ValueError: if it is no such document.
        """
        try:
            costs, accuracies = (_numbers(document["batches"][name]) for name in ("cost", "accuracy"))
            per_epoch = operator.index(document["batches_per_epoch"])
            epochs = [Epoch(**dict(zip(epoch, _numbers(epoch.values()), strict=True))) for epoch in document["epochs"]]
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"this is no history of a training: {error!r}") from None
        if accuracies and len(accuracies) != len(costs):
            raise ValueError(f"this is no history of a training: {len(costs)} costs and {len(accuracies)} accuracies of batches")
        return cls(costs, accuracies, epochs, per_epoch)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "History":
        """The history in the file at `path` that `save` wrote.

        Raises:
            ValueError: if the file holds none; the message names it.
        """
        try:
            return cls.from_document(json.loads(Path(path).read_text(encoding="utf-8")))
        except RecursionError:
            raise ValueError(f"cannot load {os.fspath(path)!r}: it is nested too deeply to be a history") from None
        except ValueError as error:
            raise ValueError(f"cannot load {os.fspath(path)!r}: {error}") from None

    def column(self, name: str) -> list[float]:
        """One of the numbers of an `Epoch`, by its name, over the epochs; empty where it was not measured.

        >>> History(epochs=[Epoch(0.5), Epoch(0.25)]).column("cost")
        [0.5, 0.25]
        """
        return [number for epoch in self.epochs if (number := getattr(epoch, name)) is not None]

    def take_over(self, other: "History") -> None:
        """Becomes a copy of another history, `other`."""
        self.costs, self.accuracies, self.epochs = list(other.costs), list(other.accuracies), list(other.epochs)
        self.batches_per_epoch = other.batches_per_epoch


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
        """Keeps the parameters if this epoch is the best so far."""
        cost = epoch.cost if epoch.validation_cost is None else epoch.validation_cost
        if cost < self.cost:
            engine.write_back()
            self.cost, self.epoch, self.numbers = cost, number, [leaf.data for leaf in self.leaves]

    def give(self) -> None:
        """Sets the parameters to the best ones, if there are any."""
        if self.epoch is not None:
            for leaf, number in zip(self.leaves, self.numbers, strict=True):
                leaf.data = number


def _numbers(found: Any) -> list[float]:
    numbers = list(found)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{number!r} is no number")
    return [float(number) for number in numbers]
