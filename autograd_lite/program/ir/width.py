"""How much room a term takes where it is written: about as many characters as in NumPy, and the same for every dialect."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final

from autograd_lite.program.ir.arrays import Array, Expand, Fill, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.terms import Call, Compare, Infix, MeanWeight, Minus, Number, Select, Term

__all__ = ["width"]

_LOOSENESS: Final = {"+": 3, "-": 3, "*": 1, "/": 1, "**": 0}
_SUFFIX: Final = len(".sum(axis=1)")
_LIST: Final = len("np.stack(np.broadcast_arrays(), axis=-1)")
_FILL: Final = len("np.full(rows, , np.float64)")


def width(term: Term, name: Callable[[Array], str], inlined: Mapping[Array, Term]) -> int:
    """The characters of a term.

    Args:
        term: the term. name: what an array is called. inlined: what is written in its place.
    """
    return _Ruler(name, inlined).of(term)


class _Ruler:
    def __init__(self, name: Callable[[Array], str], inlined: Mapping[Array, Term]) -> None:
        self.name, self.inlined = name, inlined

    def of(self, term: Term, binding: int = 9) -> int:
        """With the parentheses of what is looser than its surroundings."""
        while isinstance(term, View) and term.array in self.inlined and term.is_whole:
            term = self.inlined[term.array]
        return self._inside(term) + 2 * (_looseness(term) > binding)

    def _inside(self, term: Term) -> int:
        match term:
            case Number(value):
                return len(str(int(value)) if isfinite(value) and value == int(value) and abs(value) < 1e6 else repr(value))
            case View(array):
                return len(self.name(array)) + (0 if term.is_whole else _places(term))
            case MeanWeight():
                return len("rows")
            case Infix(sign, left, right):
                binding = _LOOSENESS[sign]
                return self.of(left, binding) + len(sign) + 2 + self.of(right, binding - (sign in "-/"))
            case Compare(sign, left, right):
                return self.of(left) + len(sign) + 2 + self.of(right)
            case Minus():
                return 1 + self.of(term.term, 1)
            case Call(row, operands):
                listed = _LIST if row.takes_list and len(operands) > 1 else 0
                return len(row.name) + len("np.()") + listed + sum(map(self.of, operands)) + 2 * (len(operands) - 1)
            case Select(condition, Number(1.0), Number(0.0)):
                return self.of(condition) + len("()")
            case Select():
                return len("np.where(, , )") + sum(map(self.of, term.parts))
            case Expand():
                return self.of(term.term, 0) + len("[..., None]")
            case MatrixProduct(form, left, right):
                return self.of(left, 0) + self.of(right, 0) + len(" @ " if form == "inputs" else " @ .T")
            case Fill():
                return self.of(term.term) + _FILL
        assert isinstance(term, Reduce | RowSum)
        if isinstance(term, Reduce) and term.how not in ("sum", "max"):
            return self.of(term.term) + len(term.how) + len("()") + bool(term.more) * len(f", {term.more:g}")
        return self.of(term.term, 0) + _SUFFIX


def _places(view: View) -> int:
    """What stands in the brackets behind an array: an axis more, a place, or a slice."""
    axes = [4] * max(len(view.shape) - len(view.array.shape), 0) + [1 if length == 1 else 3 for length in view.shape]
    axes += [1] * (len(view.array.shape) - len(axes) + view.array.batched)
    return 2 * len(axes) + sum(axes)


def _looseness(term: Term) -> int:
    match term:
        case Infix(sign):
            return _LOOSENESS[sign]
        case MatrixProduct():
            return 2
        case Minus():
            return 1
    return 0
