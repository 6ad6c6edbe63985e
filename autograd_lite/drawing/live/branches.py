"""The choices that Python made while a value was computed: a graph does not hold them, so a page that moves leaves must tell.

A value that is given has its choices behind it. A function of no arguments is run here, and its comparisons are noted: `where` and
`if` on Values become guards of the page. What a function takes out of the graph (`.data`, `detach`, `no_grad`) is noted, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any, ClassVar

from autograd_lite.calculus.reverse import gradients
from autograd_lite.drawing.live.callers import Callers, callers, watched
from autograd_lite.drawing.live.numbers import exact
from autograd_lite.engine.errors import expression
from autograd_lite.engine.recording import moved, observed, settled
from autograd_lite.engine.text import number_text, shorten, visible
from autograd_lite.engine.value import Value, topological_order

_UNSEEN = (
    "What Python chose while recording (if, where, .data) stays as it was. With a function (lambda: ...) comparisons are watched."
)


@dataclass(slots=True)
class Branches:
    """What was noted.

    Attributes:
        watched: whether anybody looked.
        comparisons: sign, both sides, and the outcome, in their order and each once: by what they are, and not by what they equal.
        escaped: how often a number was taken out of the graph.
        callers: what the caller calls its values.
    """

    traces: ClassVar[bool] = False  # derivatives that are taken on the way are numbers, as they are elsewhere
    watched: bool = False
    comparisons: dict[tuple[str, Any, Any], tuple[str, Any, Any, bool]] = field(default_factory=dict)
    escaped: int = 0
    callers: Callers = field(default_factory=Callers)

    @property
    def sentence(self) -> str:
        """What a page says of the choices behind its graph."""
        if not self.watched:
            return _UNSEEN
        count = len(self.comparisons)
        seen = f"{count} comparison{' was' if count == 1 else 's were'} noted while recording: the page says when one turns."
        return seen + (" Numbers that left the graph (.data, detach, no_grad) stay as they were." if self.escaped else "")

    def others(self, place: dict[int, int]) -> list[Value]:
        """What was compared and has no place among these, by `id`; operands before users."""
        found: dict[int, Value] = {}
        for _, *sides, _ in self.comparisons.values():
            for value in (node for side in sides if isinstance(side, Value) for node in topological_order(side)):
                if id(value) not in place:
                    found[id(value)] = value
        return list(found.values())

    def guards(self, place: dict[int, int]) -> list[list[Any]]:
        """The comparisons by the rows of a table: left, sign, right, outcome, and the text of what was so.

        Args:
            place: the row of a value, by its `id`.
        """
        found = []
        for sign, left, right, outcome in self.comparisons.values():
            other, beside = (sign, place[id(right)]) if isinstance(right, Value) else _among_floats(sign, right)
            words = f"{name_of(left)} {sign} {name_of(right)} was {str(outcome).lower()} when this was recorded"
            found.append([place[id(left)], other, beside, outcome, words])
        return found

    # ---- what an observer is told; see engine/recording.py -------------------------------------------------------------------

    def compared(self, sign: str, left: Value, right: Any, outcome: bool) -> bool:
        """Notes a comparison; it answers as always."""
        key = (sign, id(left), id(right) if isinstance(right, Value) else _float(right))
        self.comparisons.setdefault(key, (sign, left, right, outcome))
        return outcome

    def read(self, node: Value) -> float:
        """A number that is read."""
        self.escaped += 1
        return settled(node)[0]

    def slope(self, node: Value) -> float:
        """A gradient that is read."""
        self.escaped += 1
        return settled(node)[1]

    def written(self, node: Value, number: float) -> None:
        """A number that is set."""
        self.escaped += 1

    def unrecorded(self, node: Value, primitive: Any, operands: Sequence[Any]) -> None:
        """A constant that was computed from values."""
        self.escaped += 1

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


def _float(number: Any) -> float:
    """The number as a float; one that is larger than all floats as the infinity that compares alike."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def _among_floats(sign: str, number: Any) -> tuple[str, list[Any]]:
    """A comparison with a number, such as 2**53 + 1, as one with the float beside it that comes out alike for every float."""
    beside = _float(number)
    if beside == number or beside != beside:
        return sign, [exact(beside)]
    if sign in ("==", "!="):
        return sign, [exact(nan)]  # equal to nothing
    return sign[0] + ("=" if (beside > number) == (sign[0] == ">") else ""), [exact(beside)]


def name_of(side: Any) -> str:
    """A value, or a number, as a comparison writes it."""
    return visible(shorten(expression(side).text), 200) if isinstance(side, Value) else number_text(_float(side))


def computed(what: Any) -> tuple[Any, Branches]:
    """The value, and the choices behind it: of a function of no arguments, which is called, those that it makes."""
    if isinstance(what, Value) or not _takes_nothing(what):
        return what, Branches(callers=callers(what))
    branches = Branches(watched=True)
    moved[id(branches)] = [branches, 0.0, 0.0]  # no Value's: where there is any, gradients are read through `slope`
    try:
        with observed(branches):
            value, branches.callers = watched(what)
            return value, branches
    finally:
        del moved[id(branches)]


def _takes_nothing(what: Any) -> bool:
    """Whether it can be called without arguments."""
    import inspect

    try:
        inspect.signature(what).bind()
    except (TypeError, ValueError):
        return False
    return True
