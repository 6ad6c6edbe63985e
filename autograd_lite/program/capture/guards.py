"""Comparisons while a function is traced: conditions that remember, guards for the branches that Python took."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.text import Text

__all__ = ["BranchChanged", "Choice", "Condition", "Guard"]

_FLIPPED = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


class BranchChanged(GraphError):
    """A replay met a point at which the traced function would have taken another branch of an `if`.

    Attributes:
        row: the first row of the arrays where that is so. place: the line of the `if`.
        changed: for each row, whether it is so there.
    """

    row: int = 0
    place: str = ""
    changed: Any = None


class Choice(Nary):
    """left < right ? x : y as one node, of operands (left, right, x, y); the comparison is the instance's own."""

    arity = 4
    public = False
    smooth = False

    def __init__(self, sign: str = "<", deferred: tuple[bool, bool] = (False, False)) -> None:
        super().__init__()
        self.sign = sign
        self.deferred = deferred  # which branches were given as callables, evaluated only where they are taken

    def write(self, operands: Sequence[Text]) -> Text:
        left, right, x, y = (operand.text for operand in operands)
        return Text(f"where({left} {self.sign} {right}, {x}, {y})", super().precedence)

    def forward(self, values: Sequence[float]) -> float:
        left, right, x, y = values
        return x if holds(self.sign, left, right) else y

    def partials(self, values: Sequence[float], out: float) -> list[float]:
        taken = holds(self.sign, values[0], values[1])
        return [0.0, 0.0, float(taken), float(not taken)]


def holds(sign: str, left: float, right: float) -> bool:
    """Whether the comparison is true of two numbers."""
    if sign in ("==", "!="):
        return (left == right) == (sign == "==")
    first, second = (left, right) if "<" in sign else (right, left)
    return first <= second if "=" in sign else first < second


def same_number(first: float, second: float) -> bool:
    """Whether two numbers are equal, nan being equal to itself."""
    return first == second or (first != first and second != second)


@dataclass(frozen=True)
class Guard:
    """A comparison whose outcome decided which way the traced function went.

    Attributes:
        sign, left, right: the comparison; the operands are Values or numbers.
        outcome: what it was.
        path: the conditions of the `where` branches it stands in, each with whether the branch is the first.
        place: the line in the user's code.
    """

    sign: str
    left: Any
    right: Any
    outcome: bool
    path: "tuple[tuple[Condition, bool], ...]"
    place: str


def _counted(operation: Callable[[Any, Any], Any]) -> Any:
    """An operation on a truth that counts as 0 or 1, and the reflected one."""
    return (lambda self, other: operation(bool(self), other)), (lambda self, other: operation(other, bool(self)))


class Condition:
    """The answer of a comparison while a trace is open: `where` takes it as it is; its truth is recorded as a guard."""

    __slots__ = ("left", "outcome", "right", "sign", "trace")

    def __init__(self, trace: Any, sign: str, left: Any, right: Any, outcome: bool) -> None:
        self.trace = trace
        self.sign = sign
        self.left = left
        self.right = right
        self.outcome = outcome

    def __bool__(self) -> bool:
        self.trace.asked(self)
        return self.outcome

    def __invert__(self) -> "Condition":
        return Condition(self.trace, _FLIPPED[self.sign], self.left, self.right, not self.outcome)

    def __float__(self) -> float:
        return float(bool(self))

    def __index__(self) -> int:
        return int(bool(self))

    __add__, __radd__ = _counted(operator.add)
    __sub__, __rsub__ = _counted(operator.sub)
    __mul__, __rmul__ = _counted(operator.mul)

    def record_branches(self, x: Any, y: Any) -> Any:
        """Both branches, as `where` takes them, in one node."""
        return self.trace.chosen(self, x, y)


Real.register(Condition)  # a truth counts as 0 or 1 in arithmetic, which asks for it


def branch_changed(error: Any, name: str, first_row: int) -> BranchChanged:
    """What to raise for a guard that a module found changed.

    Args:
        error: what the module raised, with `changed` and `place`.
        name: of the function. first_row: the number of the module's first row.
    """
    changed = [False] * first_row + [bool(each) for each in error.changed]
    row = changed.index(True)
    explained = BranchChanged(
        f"row {row} takes another branch than the example that `{name}` was traced with, at {error.place}. "
        'Write `where(condition, a, b)` there, which records both branches, or trace with on_branch="retrace".'
    )
    explained.row, explained.place, explained.changed = row, error.place, error.changed
    return explained
