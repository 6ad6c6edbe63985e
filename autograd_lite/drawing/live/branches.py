"""The choices that Python made while a value was computed: a graph does not hold them, so a page that moves leaves must tell.

A value that is given has its choices behind it. A function of no arguments is run here, and its comparisons are noted: `where` and
`if` on Values become guards of the page. What a function takes out of the graph (`.data`, `detach`, `no_grad`) is noted, too.
"""

from dataclasses import dataclass, field
from math import nan
from typing import Any

from autograd_lite.calculus.onlooking import Onlooker, as_compared, looked_on
from autograd_lite.drawing.live.callers import Callers, callers, watched
from autograd_lite.drawing.live.numbers import exact
from autograd_lite.engine.errors import expression
from autograd_lite.engine.text import number_text, shorten, visible
from autograd_lite.engine.value import Value, topological_order

_UNSEEN = (
    "What Python chose while recording (if, where, .data) stays as it was. With a function (lambda: ...) comparisons are watched."
)


@dataclass(slots=True)
class Branches(Onlooker):
    """What was noted.

    Attributes:
        watched: whether anybody looked.
        callers: what the caller calls its values.
    """

    watched: bool = False
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
        for value in (node for side in self.sides for node in topological_order(side)):
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


def _among_floats(sign: str, number: Any) -> tuple[str, list[Any]]:
    """A comparison with a number, such as 2**53 + 1, as one with the float beside it that comes out alike for every float."""
    beside = as_compared(number)
    if beside == number or beside != beside:
        return sign, [exact(beside)]
    if sign in ("==", "!="):
        return sign, [exact(nan)]  # equal to nothing
    return sign[0] + ("=" if (beside > number) == (sign[0] == ">") else ""), [exact(beside)]


def name_of(side: Any) -> str:
    """A value, or a number, as a comparison writes it."""
    return visible(shorten(expression(side).text), 200) if isinstance(side, Value) else number_text(as_compared(side))


def computed(what: Any) -> tuple[Any, Branches]:
    """The value, and the choices behind it: of a function of no arguments, which is called, those that it makes."""
    if isinstance(what, Value) or not _takes_nothing(what):
        return what, Branches(callers=callers(what))
    branches = Branches(watched=True)
    with looked_on(branches):
        value, branches.callers = watched(what)
        return value, branches


def _takes_nothing(what: Any) -> bool:
    """Whether it can be called without arguments."""
    import inspect

    try:
        inspect.signature(what).bind()
    except (TypeError, ValueError):
        return False
    return True
