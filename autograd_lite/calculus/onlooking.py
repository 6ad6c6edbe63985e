"""Who looks on while a function runs: it notes what the graph does not hold, and changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.recording import moved, observed, settled
from autograd_lite.engine.value import Value


@dataclass(slots=True)
class Onlooker:
    """An observer of one context (see `engine/recording.py`) that answers as always.

    Attributes:
        comparisons: sign, both sides, and the outcome, in their order and each once: by what they are, and not by what they equal.
        escaped: how often a number was taken out of the graph.
    """

    traces: ClassVar[bool] = False  # derivatives that are taken on the way are numbers, as they are elsewhere
    comparisons: dict[tuple[str, Any, Any], tuple[str, Any, Any, bool]] = field(default_factory=dict)
    escaped: int = 0

    @property
    def sides(self) -> list[Value]:
        """The values that were compared."""
        return [side for _, *sides, _ in self.comparisons.values() for side in sides if isinstance(side, Value)]

    def escape(self) -> None:
        """A number was taken out of the graph."""
        self.escaped += 1

    def compared(self, sign: str, left: Value, right: Any, outcome: bool) -> bool:
        """Notes a comparison; it answers as always."""
        self.comparisons.setdefault(key_of(sign, left, right), (sign, left, right, outcome))
        return outcome

    def read(self, node: Value) -> float:
        """A number that is read."""
        self.escape()
        return settled(node)[0]

    def slope(self, node: Value) -> float:
        """A gradient that is read."""
        self.escape()
        return settled(node)[1]

    def written(self, node: Value, number: float) -> None:
        """A number that is set."""
        self.escape()

    def unrecorded(self, node: Value, primitive: Any, operands: Sequence[Any]) -> None:
        """A constant that was computed from values."""
        self.escape()

    def required(self, operands: Sequence[Any], refused: Any, told: Any) -> None:
        """What a loss refuses, it refuses here and now."""

    def excuse(self, primitive: Any, operands: Sequence[Any]) -> None:
        """No operation may fail."""

    def gradients(self, output: Value, inputs: Sequence[Value], differentiable: bool) -> list[Any]:
        """Derivatives that are taken on the way; as numbers they are out of the graph."""
        self.escaped += not differentiable
        with observed(None):
            return gradients(output, inputs, differentiable=differentiable)

    def used_elsewhere(self, values: Sequence[Any], by_reading: bool) -> None:
        """What other threads do is no choice of this one."""


@contextmanager
def looked_on(by: Onlooker) -> Iterator[None]:
    """A block in which somebody looks on."""
    moved[id(by)] = [by, 0.0, 0.0]  # no Value's: where there is any, gradients are read through `slope`
    try:
        with observed(by):
            yield
    finally:
        del moved[id(by)]


def key_of(sign: str, left: Value, right: Any) -> tuple[str, Any, Any]:
    """What a comparison is known by."""
    return sign, id(left), id(right) if isinstance(right, Value) else as_compared(right)


def as_compared(number: Any) -> float:
    """The number as a float; one that is larger than all floats as the infinity that compares alike."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf
