"""Terms as NumPy text."""

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any, TypeGuard

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine.text import ATOM, PRODUCT, SIGN, SUM
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, Expand, Fill, MatrixProduct, Reduce, RowSum, View, is_whole
from autograd_lite.program.ir.terms import Call, Compare, Infix, Minus, Number, Rows, Select, Term
from autograd_lite.program.write.views import view_text
from autograd_lite.program.write.vocabulary import COMPARISON, Vocabulary

__all__ = ["Writer", "joined", "number_source"]

_MATRIX_PRODUCT = (SUM + PRODUCT) / 2  # in Python @ binds as * does, but (d @ W) * a reads better than d @ W * a


class Writer:
    """Writes terms; remembers the index arrays and helper functions they need.

    Attributes:
        names: by the id of an array, what it is called here, for those that have no name of their own.
        inlined: by the id of an array, the text to write instead of its name.
        indices: arrays of places, by name.
    """

    def __init__(self, vocabulary: Vocabulary, dtype: str) -> None:
        self.vocabulary = vocabulary
        self.dtype = dtype
        self.names: dict[int, str] = {}
        self.inlined: dict[int, Symbol] = {}
        self.indices: dict[str, Ids] = {}
        self._known: dict[Any, str] = {}

    def text(self, term: Term) -> Symbol:
        """The NumPy expression of a term."""
        written: Symbol = getattr(self, f"_{type(term).__name__.lower()}")(term)
        return written

    def name(self, array: Array) -> str:
        """What an array is called in this source."""
        return self.names.get(id(array), array.name)

    def view(self, array: Array, index: Ids) -> str:
        """Elements of an array that stands there by its name."""
        return view_text(array, index, self.name(array), self.new_index)

    def new_index(self, index: Ids) -> str:
        """The name of an array of places."""
        key = (index.shape, index.tobytes())
        if key not in self._known:
            self._known[key] = name = f"INDEX{len(self.indices) + 1}"
            self.indices[name] = index
        return self._known[key]

    def _number(self, term: Number) -> Symbol:
        text = number_source(term.value)
        return Symbol(text, SIGN if text.startswith("-") else ATOM)

    def _rows(self, term: Rows) -> Symbol:
        return Symbol("1 / rows", PRODUCT)

    def _view(self, term: View) -> Symbol:
        inlined = self.inlined.get(id(term.array))
        if inlined is not None and is_whole(term.index, term.array):
            return inlined
        return Symbol(self.view(term.array, term.index))

    def _infix(self, term: Infix) -> Symbol:
        if term.sign == "*" and isinstance(term.left, Rows):
            return joined(self.text(term.right), "/", Symbol("rows"))
        if term.sign == "*" and isinstance(term.left, Number) and isinstance(term.right, Rows):
            return joined(self.text(term.left), "/", Symbol("rows"))
        if term.sign == "*":
            return joined(self._factor(term.left, term.right), "*", self._factor(term.right, term.left))
        if term.sign == "/" and isinstance(term.left, Number) and isinstance(term.right, Number):
            return Symbol(f"np.divide({self.text(term.left).text}, {self.text(term.right).text})")  # Python's may raise by itself
        return joined(self.text(term.left), term.sign, self.text(term.right))

    def _minus(self, term: Minus) -> Symbol:
        written: Symbol = -self.text(term.term)
        return written

    def _compare(self, term: Compare) -> Symbol:
        return Symbol(f"{_part(self.text(term.left))} {term.sign} {_part(self.text(term.right))}", COMPARISON)

    def _select(self, term: Select) -> Symbol:
        condition = self.text(term.condition).text
        if isinstance(term.x, Number) and isinstance(term.y, Number):
            narrow = "" if self.dtype == "float64" else f".astype(np.{self.dtype})"
            return Symbol(f"np.where({condition}, {_float(term.x)}, {_float(term.y)}){narrow}")
        return Symbol(f"np.where({condition}, {self.text(term.x).text}, {self.text(term.y).text})")

    def _factor(self, term: Term, other: Term) -> Symbol:
        """A factor of a product: a choice between 1 and 0 is its condition, which multiplies a number as 1 or 0."""
        if _is_indicator(term) and not _is_indicator(other):
            return Symbol(f"({self.text(term.condition).text})")
        return self.text(term)

    def _call(self, term: Call) -> Symbol:
        return self.vocabulary.call(term.row, [self.text(operand) for operand in term.operands])

    def _expand(self, term: Expand) -> Symbol:
        return Symbol(f"{_atom(self.text(term.term))}[..., None]") if term.batched or term.term.shape else self.text(term.term)

    def _reduce(self, term: Reduce) -> Symbol:
        if term.how not in ("sum", "max"):
            more = f", {number_source(term.more)}" if term.more else ""
            return Symbol(f"{self.vocabulary.function(term.how)}({self.text(term.term).text}{more})")
        inside = term.term
        if (
            type(inside) is Infix
            and inside.sign == "*"
            and not inside.batched
            and inside.left.shape == inside.right.shape == inside.shape
            and len(inside.shape) == 1
        ):
            return Symbol(f"{_atom(self.text(inside.left))} @ {_atom(self.text(inside.right))}", PRODUCT)
        axis = term.axis % len(term.term.shape) + term.batched
        kept = ", keepdims=True" if term.kept else ""
        return Symbol(f"{self._with_axes(term.term)}.{term.how}(axis={axis}{kept})")

    def _rowsum(self, term: RowSum) -> Symbol:
        return Symbol(f"{_atom(self.text(term.term))}.sum(axis=0)")

    def _fill(self, term: Fill) -> Symbol:
        shape = ", ".join([*["rows"] * term.batched, *map(str, term.shape)])
        return Symbol(f"np.full(({shape}{',' * (', ' not in shape)}), {self.text(term.term).text}, np.{self.dtype})")

    def _matrixproduct(self, term: MatrixProduct) -> Symbol:
        left, right = self.matrices(term)
        return Symbol(f"{left} @ {right}", _MATRIX_PRODUCT)

    def _with_axes(self, term: Term) -> str:
        """The text of an operand whose axes are asked for: one number that stands for an array of one element becomes that."""
        if isinstance(term, View) and term.shape and not (term.array.shape or term.batched) and term.index.size == 1:
            return f"np.full({term.shape}, {self.text(term).text})"
        return _atom(self.text(term))

    def matrices(self, term: MatrixProduct) -> tuple[str, str]:
        """The two matrices that a product multiplies."""
        left, right = self._with_axes(term.left), self._with_axes(term.right)
        if term.form == "forward":
            return left, f"{right}.T"
        if term.form == "inputs":
            return left, right
        if not term.left.batched and len(term.left.shape) == 1:
            return f"{left}[:, None]", f"{right}[None]"
        if term.left.batched and len(term.left.shape) > 1:
            left, right = (f"{text}.reshape(-1, {part.shape[-1]})" for text, part in ((left, term.left), (right, term.right)))
        return f"{left}.T", right


def number_source(number: float) -> str:
    """A number that Python reads back to the same bits, whole ones without a point."""
    if not isfinite(number):
        return "np.nan" if isnan(number) else "np.inf" if number > 0 else "-np.inf"
    return str(int(number)) if number == int(number) and abs(number) < 1e6 else repr(number)


def _float(number: Number) -> str:
    """A number that makes an array of floats even alone."""
    text = number_source(number.value)
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _is_indicator(term: Term) -> TypeGuard[Select]:
    if not (isinstance(term, Select) and isinstance(term.x, Number) and isinstance(term.y, Number)):
        return False
    return (term.x.value, term.y.value) == (1.0, 0.0)


def joined(left: Symbol, sign: str, right: Symbol) -> Symbol:
    """left + right, and so on, with the parentheses that are needed."""
    operations: Mapping[str, Any] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "**": lambda: left**right,
    }
    joined: Symbol = operations[sign]()
    return joined


def _part(symbol: Symbol) -> str:
    return f"({symbol.text})" if symbol.precedence <= COMPARISON else symbol.text


def _atom(symbol: Symbol) -> str:
    return symbol.text if symbol.precedence == ATOM else f"({symbol.text})"
