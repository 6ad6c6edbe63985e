"""Comparisons while a function is traced: conditions that remember, guards for the branches that Python took."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from numbers import Real
from typing import Any

from autograd_lite.calculus.operators import COMPARISONS
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.text import Text
from autograd_lite.engine.value import Value


class BranchChanged(GraphError):
    """A replay met a point at which the traced function would have taken another branch of an `if`.

    Attributes:
        row: the first row of the arrays where that is so.
        place: the line of the `if`.
        changed: for each row, whether it is so there.
    Example:
        >>> from autograd_lite.program import trace
        >>> def size(x):
        ...     return x if x > 0.0 else -x
        >>> program = trace(size, 2.0)
        >>> try:
        ...     program([1.0, -3.0])
        ... except BranchChanged as error:
        ...     error.row, error.changed.tolist()
        (1, [False, True])
        >>> trace(size, 2.0, on_branch="retrace")([1.0, -3.0])
        array([1., 3.])
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


def another_branch(changed: Any, place: str) -> ValueError:
    """What a function that runs a program elsewhere raises, as the source in NumPy does: for rows that do not pass a guard."""
    place = place.replace('"', "'")
    error: Any = ValueError(f"row {changed.argmax()} takes another branch at {place}")
    error.changed, error.place = changed, place
    return error  # type: ignore[no-any-return]


def holds(sign: str, left: float, right: float) -> bool:
    """Whether the comparison is true of two numbers."""
    return bool(COMPARISONS[sign](left, right))


def is_varied(root: Value) -> bool:
    """Whether eager has a gradient for a number: it depends on a leaf that needs one, through the branches that are taken."""
    stack, seen = [root], {id(root)}
    while stack:
        node = stack.pop()
        if node.primitive is None and node.requires_grad:
            return True
        slopes = node.local_derivatives
        passed = [slope is not None and (slope != 0.0 or not isinstance(node.primitive, Choice)) for slope in slopes]
        for operand in compress(node.operands, passed):
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append(operand)
    return False


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


@dataclass(frozen=True)
class Turn:
    """A comparison of two nodes, by their numbers, on the way to a branch, and whether the branch is the first of the two."""

    sign: str
    left: int
    right: int
    first: bool


Path = tuple[Turn, ...]


def _asked(operation: Callable[..., Any]) -> Callable[..., Any]:
    """What a bool answers, after the truth was asked for."""

    def answered(condition: "Condition", *others: Any) -> Any:
        return operation(bool(condition), *(bool(other) if isinstance(other, Condition) else other for other in others))

    return answered


def _all(*operations: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    return map(_asked, operations)


def _reflected(*operations: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    return _all(*(lambda truth, other, operation=operation: operation(other, truth) for operation in operations))


class Condition:
    """The answer of a comparison while a trace is open: `where` takes it as it is; its truth is recorded as a guard.

    Whatever else is asked of it, a bool would answer: so its truth is asked for, and the bool answers.
    """

    __slots__ = ("left", "outcome", "right", "sign", "trace")

    def __init__(self, trace: Any, sign: str, left: Any, right: Any, outcome: bool) -> None:
        self.trace, self.sign, self.left, self.right, self.outcome = trace, sign, left, right, outcome

    def __bool__(self) -> bool:
        self.trace.asked(self)
        return self.outcome

    def record_branches(self, x: Any, y: Any) -> Any:
        """Both branches, as `where` takes them, in one node."""
        return self.trace.chosen(self, x, y)

    __eq__ = _asked(operator.eq)
    __ne__ = _asked(operator.ne)
    __hash__ = _asked(hash)
    __lt__, __le__, __gt__, __ge__ = _all(operator.lt, operator.le, operator.gt, operator.ge)
    __and__, __or__, __xor__ = _all(operator.and_, operator.or_, operator.xor)
    __rand__, __ror__, __rxor__ = _reflected(operator.and_, operator.or_, operator.xor)
    __add__, __sub__, __mul__ = _all(operator.add, operator.sub, operator.mul)
    __radd__, __rsub__, __rmul__ = _reflected(operator.add, operator.sub, operator.mul)
    __truediv__, __floordiv__, __mod__, __pow__ = _all(operator.truediv, operator.floordiv, operator.mod, operator.pow)
    __rtruediv__, __rfloordiv__ = _reflected(operator.truediv, operator.floordiv)
    __rmod__, __rpow__ = _reflected(operator.mod, operator.pow)
    __lshift__, __rshift__, __divmod__ = _all(operator.lshift, operator.rshift, divmod)
    __rlshift__, __rrshift__ = _reflected(operator.lshift, operator.rshift)
    __neg__, __pos__, __abs__, __invert__ = _all(operator.neg, operator.pos, abs, lambda truth: -1 - truth)
    __int__, __float__, __complex__, __index__ = _all(int, float, complex, int)
    __round__, __trunc__, __floor__, __ceil__ = _all(round, int, int, int)
    __str__, __repr__, __format__ = _all(str, repr, format)

    def __getattr__(self, name: str) -> Any:
        if not hasattr(bool, name):
            raise AttributeError(f"'bool' object has no attribute {name!r}")
        return getattr(bool(self), name)


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
