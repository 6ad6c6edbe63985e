"""Terms as mathematics, in text or LaTeX: what all notations share, and the matrix form.

matrix form    z1 = X W1^T + b1                   a row for every sample; 1 is a column of ones, 1^T t the sum of t over the rows
index form     z1_nj = sum_k W1_jk X_nk + b1_j    n counts the rows, other letters what stands side by side, all from 1 on

Parts of arrays are written in colon notation: x_(2:9) stands for the elements 2 to 9, x_(1:2:9) every other of the first nine.

Source: Golub & Van Loan, *Matrix Computations*, chapter 1 (the colon notation).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy

from autograd_lite.engine.latex import latex_name, latex_number
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.text import ATOM, CONDITION, PRODUCT, SIGN, SUM, Latex, Text, number_text
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, Joined, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.statements import Elementwise, Reduction, Statement
from autograd_lite.program.ir.terms import Call, Compare, Infix, MeanWeight, Minus, Number, Select, Term
from autograd_lite.program.write.views import steps_of

__all__ = ["LARGE", "Axes", "Axis", "Glossary", "InMatrices", "IrregularIndex", "Notation", "coordinates", "listed", "steps_along"]

Axis = tuple[str | int, int]  # the letter that counts it, or one place from 0 on; and how long it is
Axes = Sequence[Axis]

LARGE: Final = (SUM + PRODUCT) / 2  # sums and matrix products: terms as they stand, factors in parentheses
_SIGNS: Final = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne"}


class IrregularIndex(Exception):
    """The places of a view follow no rule that letters could express."""


@dataclass
class Glossary:
    """How the arrays of a program are called.

    Attributes:
        names: by array. written_out: what stands where an array's name would.
        adjoints: by array of adjoints, the array they belong to.
        result: the name of the result. rows: the name of the number of rows. mean: whether rows are counted at all.
    """

    names: Mapping[Array, str]
    written_out: Mapping[Array, Statement | Term]
    adjoints: Mapping[Array, Array] = field(default_factory=dict)
    result: str = "C"
    rows: str = "N"
    mean: bool = False


class Notation(ABC):
    """Writes terms in one language, `Text` or `Latex`; what an array and its elements look like is left to derived classes."""

    def __init__(self, glossary: Glossary, kind: type[Text]) -> None:
        self.glossary = glossary
        self.kind = kind
        self.count = latex_name(glossary.rows) if kind is Latex else glossary.rows
        self.left_out = r"\ldots" if kind is Latex else "..."

    def text(self, term: Term, axes: Axes = ()) -> Text:
        """A term; `axes` count its elements."""
        axes = axes[len(axes) - len(term.shape) :]
        match term:
            case Number():
                return self._number(term)
            case MeanWeight():
                return self._share(self.kind("1", ATOM))
            case Infix():
                return self._infix(term, axes)
            case Minus():
                return _row_written("-{x}").write([self.text(term.term, axes)])
            case Compare():
                return self._compare(term, axes)
            case Select():
                return self._select(term, axes)
            case Call():
                return self._called(term.primitive, term.operands, axes)
            case View():
                written_out = self.glossary.written_out.get(term.array)
                return self.view(term, axes) if written_out is None else self.value(written_out, axes)
            case Fill():
                return self.text(term.term, axes)
            case Expand():
                return self.text(term.term, axes[:-1])
        return self.summed(term, axes)

    @abstractmethod
    def view(self, term: View, axes: Axes) -> Text:
        """Elements of an array by its name."""

    @abstractmethod
    def summed(self, term: Term, axes: Axes) -> Text:
        """A sum, along an axis or over the rows, or a matrix product."""

    def value(self, of: Statement | Term, axes: Axes = ()) -> Text:
        """A term, or what a statement computes, in the words of its primitive where it has one."""
        if isinstance(of, Elementwise):
            return self._called(of.primitive, of.operands, axes)
        if isinstance(of, Reduction) and not isinstance(of.term, Reduce):  # which is written as what it does
            return of.primitive.write(self._elements(of.elements, axes))
        return self.text(of.term if isinstance(of, Statement) else of, axes)

    def derivative(self, array: Array, places: str = "") -> str:
        """The derivative of the result by an array, which is wanted in its own right."""
        if self.kind is Latex:
            return rf"\frac{{\partial {latex_name(self.glossary.result)}}}{{\partial {self.symbol(array, places)}}}"
        return f"d{self.glossary.result}/d{self.symbol(array, places)}"

    def symbol(self, array: Array, places: str = "") -> str:
        """The name of an array, with what stands below it."""
        of = self.glossary.adjoints.get(array)
        name = self.glossary.names.get(of or array, (of or array).name)
        if self.kind is not Latex:
            return f"{'d_' * bool(of)}{name}{'_' * bool(places)}{places}"
        base = rf"\delta^{{{latex_name(name)}}}" if of else latex_name(name)
        if not places:
            return base
        return f"{base[:-1]},{places}}}" if base[1:3] == "_{" else f"{base}_{{{places}}}"

    @abstractmethod
    def _elements(self, view: View, axes: Axes) -> list[Text]:
        """What a function of a list is applied to."""

    @abstractmethod
    def _mean(self, term: RowSum, axes: Axes) -> Text:
        """The mean over all rows, of a sum over them."""

    # ---- as a primitive writes it -----------------------------------------------------------------------------------------

    def _called(self, row: Primitive, operands: Sequence[Term], axes: Axes) -> Text:
        return row.write([self.text(operand, axes) for operand in operands])

    def _infix(self, term: Infix, axes: Axes) -> Text:
        row = _row_written(f"{{x}} {term.sign} {{y}}")
        if isinstance(term.left, MeanWeight) and isinstance(term.right, RowSum):
            return self._mean(term.right, axes)
        if isinstance(term.left, MeanWeight) or (isinstance(term.left, Number) and isinstance(term.right, MeanWeight)):
            shared = self.text(term.right if isinstance(term.left, MeanWeight) else term.left, axes)
            return self._share(shared)
        if row.structure == "sum":  # a + (b + c) is a + b + c
            left, right = self.text(term.left, axes), self.text(term.right, axes)
            return row.write([left, self.kind(right.text, max(right.precedence, PRODUCT))])
        return self._called(row, (term.left, term.right), axes)

    def _share(self, whole: Text) -> Text:
        return _row_written("{x} / {y}").write([whole, self.kind(self.count, ATOM)])

    def _number(self, term: Number) -> Text:
        if self.kind is Latex:
            return latex_number(term.value)
        text = number_text(term.value)
        return Text(text, SIGN if text.startswith("-") else ATOM)

    # ---- choices -------------------------------------------------------------------------------------------------------------

    def _compare(self, term: Compare, axes: Axes) -> Text:
        sign = _SIGNS.get(term.sign, term.sign) if self.kind is Latex else term.sign
        left, right = (self.text(side, axes).text for side in (term.left, term.right))
        return self.kind(f"{left} {sign} {right}", CONDITION)

    def _select(self, term: Select, axes: Axes) -> Text:
        """A choice; between 1 and 0 it is the condition in brackets, as Iverson wrote it."""
        condition, x, y = ("0" if _is_nothing(part) else self.text(part, axes).text for part in term.parts)
        if (x, y) == ("1", "0"):
            return self.kind(rf"\left[{condition}\right]" if self.kind is Latex else f"[{condition}]", ATOM)
        if self.kind is Latex:
            cases = rf"{x} & \text{{if }} {condition} \\ {y} & \text{{otherwise}}"
            return Latex(rf"\begin{{cases}} {cases} \end{{cases}}", CONDITION)
        return Text(f"where({condition}, {x}, {y})", ATOM)

    # ---- pieces --------------------------------------------------------------------------------------------------------------

    def _beside(self, left: Text, right: Text) -> Text:
        """A product without a sign."""
        return self.kind(f"{self._enclosed(left, ATOM)} {self._enclosed(right, ATOM)}", LARGE)

    def _enclosed(self, text: Text, precedence: float) -> str:
        if text.precedence >= precedence:
            return text.text
        return rf"\left({text.text}\right)" if self.kind is Latex else f"({text.text})"


class InMatrices(Notation):
    """Whole arrays; what is the same along rows or an axis is understood to be repeated."""

    def _elements(self, view: View, axes: Axes) -> list[Text]:
        return [self.text(view)]

    def _called(self, row: Primitive, operands: Sequence[Term], axes: Axes) -> Text:
        arrays = all(each.shape or (each.batched and self.glossary.mean) for each in operands)
        if self.kind is Latex and row.structure == "product" and arrays:
            x, y = (self._enclosed(self.text(each), PRODUCT) for each in operands)
            return Latex(rf"{x} \odot {y}", PRODUCT)  # element by element
        return super()._called(row, operands, axes)

    def view(self, term: View, axes: Axes) -> Text:
        return self.kind(self.symbol(term.array, self.part(term)), ATOM)

    def part(self, view: View) -> str:
        """Which elements of its array a view takes, in colon notation."""
        array, index = view.array, view.index
        if index.size == array.size and (index.ravel() == numpy.arange(array.size)).all():
            return ""
        return listed([self._range(places) for places in coordinates(view)], self.kind)

    def _range(self, places: Ids) -> str:
        try:
            steps = steps_along(places, [("", length) for length in places.shape])
        except IrregularIndex:
            return self.left_out
        first = int(places.flat[0])
        moving = [(step, length) for step, (_, length) in steps if step]
        if not moving:
            return f"{first + 1}"
        if len(moving) > 1:
            return self.left_out
        step, length = moving[0]
        last = first + step * (length - 1) + 1
        return f"{first + 1}:{last}" if step == 1 else f"{first + 1}:{step}:{last}"

    def summed(self, term: Term, axes: Axes) -> Text:
        match term:
            case Reduce():
                return self._of_all(term.word, term.term)
            case Along():
                return self._of_all(term.how, term.term)
            case Joined():
                parts = [self.text(part).text for part in term.terms]
                return self.kind(rf"\left({', '.join(parts)}\right)" if self.kind is Latex else f"({', '.join(parts)})", ATOM)
            case RowSum():
                ones = self.kind(r"\mathbf{1}" if self.kind is Latex else "1", ATOM)
                return self._beside(self._transposed(ones), self.text(term.term))
        assert isinstance(term, MatrixProduct)
        left, right = self.text(term.left), self.text(term.right)
        if term.form == "forward":
            return self._beside(left, self._transposed(right))
        return self._beside(left if term.form == "inputs" else self._transposed(left), right)

    def _mean(self, term: RowSum, axes: Axes) -> Text:
        return self._of_all("mean", term.term)

    def _of_all(self, name: str, term: Term) -> Text:
        inside = self.text(term).text
        return self.kind(rf"\operatorname{{{name}}}\left({inside}\right)" if self.kind is Latex else f"{name}({inside})", ATOM)

    def _transposed(self, text: Text) -> Text:
        inside = self._enclosed(text, ATOM)
        if self.kind is not Latex:
            return Text(f"{inside}^T", ATOM)
        return Latex(rf"{{{inside}}}^{{\top}}" if "^" in inside else rf"{inside}^{{\top}}", ATOM)


def listed(places: Sequence[str], kind: type[Text]) -> str:
    """Indices: n and j as nj, others with commas."""
    if all(place.isalpha() for place in places):
        return "".join(places)
    if kind is Latex or (len(places) == 1 and places[0].isalnum()):
        return ",".join(places)
    return f"({','.join(places)})"


def coordinates(view: View) -> list[Ids]:
    """Where the elements of a view stand along each axis of its array."""
    shape = view.array.shape
    return [numpy.asarray(places) for places in numpy.unravel_index(view.index, shape)] if shape else []


def steps_along(places: Ids, axes: Axes) -> list[tuple[int, Axis]]:
    """The step along each axis of a view.

    Raises:
        IrregularIndex: if steps differ.
    """
    steps = steps_of(places)
    if steps is None:
        raise IrregularIndex
    return list(zip(steps, axes, strict=True))


@cache
def _row_written(symbol: str) -> Primitive:
    """The primitive that is written so."""
    return next(row for row in TABLE.values() if row.public and row.symbol == symbol)


def _is_nothing(term: Term) -> bool:
    """Whether a term is 0 times something: where that is nan, so is the term, which is no concern of an equation."""
    return isinstance(term, Infix) and term.sign == "*" and isinstance(term.left, Number) and term.left.value == 0.0
