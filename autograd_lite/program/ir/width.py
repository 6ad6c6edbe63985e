"""How much room a term takes where it is written: about as many characters as in NumPy, and the same for every dialect."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, Joined, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.terms import Call, Compare, Infix, MeanWeight, Minus, Number, Select, Term

_LIST: Final = len("np.stack(np.broadcast_arrays(), axis=-1)")
_AROUND: Final[dict[Any, int]] = {  # what stands around the parts
    MeanWeight: len("rows"),
    Minus: len("-"),
    Compare: len(" < "),
    Expand: len("[..., None]"),
    Joined: len("np.concatenate([], axis=-1)"),
    Reduce: len(".sum(axis=1)"),
    RowSum: len(".sum(axis=0)"),
    MatrixProduct: len(" @ .T"),
    Select: len("np.where(, , )"),
    Fill: len("np.full(rows, , np.float64)"),
}
_LOOSENESS: Final[dict[Any, int]] = {"+": 3, "-": 3, "*": 1, "/": 1, "**": 0, MatrixProduct: 2, Minus: 1}
_INSIDE: Final = _LOOSENESS | {Expand: 0, MatrixProduct: 0, Reduce: 0, RowSum: 0}  # what is looser inside has parentheses


Width = tuple[int, int]  # the characters; and how loose it binds


def width(term: Term, name: Callable[[Array], str], inlined: Mapping[Array, Width]) -> Width:
    """The characters of a term.

    Args:
        term: the term. name: what an array is called. inlined: the widths of what is written in the place of arrays.
    """
    if isinstance(term, View) and term.array in inlined and term.is_whole:
        return inlined[term.array]
    kind = term.sign if isinstance(term, Infix) else type(term)
    found, binding = _around(term, name), _INSIDE.get(kind, 9)
    for part in term.parts:
        inside, looseness = width(part, name, inlined)
        found += inside + 2 * (looseness > binding)
        binding -= kind in ("-", "/")  # a - (b + c)
    return found, _LOOSENESS.get(kind, 0)


def shortest(number: float) -> str:
    """A finite number that is read back to the same bits; whole ones without a point."""
    whole = number == int(number) and abs(number) < 1e6 and repr(number) != "-0.0"
    return str(int(number)) if whole else repr(number)


def _around(term: Term, name: Callable[[Array], str]) -> int:
    match term:
        case Number(value):
            return len(shortest(value) if isfinite(value) else repr(value))
        case View(array):
            return len(name(array)) + (0 if term.is_whole else _places(term))
        case Infix(sign):
            return len(sign) + 2
        case Call(primitive, operands):
            listed = _LIST if primitive.takes_list and len(operands) > 1 else 0
            return len(primitive.name) + len("np.()") + listed + 2 * (len(operands) - 1)
        case Select(_, Number(1.0), Number(0.0)):
            return 0
        case Reduce(_, how) | Along(_, how) if how not in ("sum", "max"):
            return len(how) + len("()")
    return _AROUND[type(term)]


def _places(view: View) -> int:
    """What stands in the brackets behind an array: an axis more, a place, or a slice."""
    axes = [4] * max(len(view.shape) - len(view.array.shape), 0) + [1 if length == 1 else 3 for length in view.shape]
    axes += [1] * (len(view.array.shape) - len(axes) + view.array.batched)
    return 2 * len(axes) + sum(axes)
