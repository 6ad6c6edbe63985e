"""Arrays and the terms that reach into them: views, sums along axes, matrix products."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.terms import Compare, Compound, Infix, Minus, Number, Rows, Select, Shape, Term

__all__ = [
    "Array",
    "Expand",
    "Fill",
    "MatrixProduct",
    "Reduce",
    "RowSum",
    "View",
    "bare",
    "expanded",
    "is_whole",
    "key_of",
    "over_rows",
    "spread",
    "twice_or_sum",
    "whole",
]


@dataclass(eq=False)
class Array:
    """A named array of the program.

    Attributes:
        name: an identifier; given when the array is written.
        shape: of one sample.
        batched: whether there is one per row.
        role: "argument", "parameter", "constant", "value" or "adjoint".
        data: the numbers of a constant.
        start: where a parameter array begins in the one array of all parameters.
        stem: what its name begins with, for arrays that are named when they are written.
        note: what it stands for, in the scalars of the traced function.
    """

    name: str
    shape: Shape
    batched: bool
    role: str = "value"
    data: Any = None
    start: int = 0
    stem: str = ""
    note: str = ""

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(eq=False)
class View(Term):
    """Elements of an array: `index` counts them in the array's flat order, and has the view's shape."""

    array: Array
    index: Ids

    def __post_init__(self) -> None:
        self.shape = self.index.shape
        self.batched = self.array.batched


def expanded(term: Term) -> Term:
    """The term with one more axis at the end; a number that is the same everywhere needs none."""
    return Expand(term) if term.batched or term.shape else term


@dataclass(eq=False)
class Expand(Compound):
    """The term with one more axis at the end, along which it is the same."""

    term: Term

    def __post_init__(self) -> None:
        self.shape = (*self.term.shape, 1)
        self.batched = self.term.batched

    @property
    def parts(self) -> Sequence[Term]:
        return (self.term,)


@dataclass(eq=False)
class Reduce(Compound):
    """One number for all elements along an axis of a sample.

    Attributes:
        how: "sum", "max", or the name of a function of `array_mathematics` that works along the last axis.
        axis: the last one where nothing is said. kept: leave an axis of one element. more: a number that a total adds.
    """

    term: Term
    how: str = "sum"
    axis: int = -1
    kept: bool = False
    more: float = 0.0

    def __post_init__(self) -> None:
        shape = list(self.term.shape)
        axis = self.axis % len(shape)
        shape[axis : axis + 1] = [1] if self.kept else []
        self.shape = tuple(shape)
        self.batched = self.term.batched

    @property
    def parts(self) -> Sequence[Term]:
        return (self.term,)


@dataclass(eq=False)
class RowSum(Compound):
    """The sum over all rows."""

    term: Term

    def __post_init__(self) -> None:
        self.shape = self.term.shape
        self.batched = False

    @property
    def parts(self) -> Sequence[Term]:
        return (self.term,)


@dataclass(eq=False)
class Fill(Compound):
    """The term repeated until it has this shape, in every row."""

    term: Term
    filled: Shape
    in_rows: bool

    def __post_init__(self) -> None:
        self.shape = self.filled
        self.batched = self.in_rows

    @property
    def parts(self) -> Sequence[Term]:
        return (self.term,)


def spread(term: Term, shape: Shape, batched: bool) -> Term:
    """The term as one of this type: repeated where it is the same along an axis or in every row."""
    return term if (term.shape, term.batched) == (shape, batched) else Fill(bare(term), shape, batched)


def bare(term: Term) -> Term:
    """What a term repeats, for arithmetic, which repeats by itself."""
    return term.term if isinstance(term, Fill) else term


def over_rows(term: Term) -> Term:
    """The sum over all rows of a term that is the same in each and holds the share of a row once: share times number of rows is 1.

    Raises:
        AssertionError: if there is no share: nothing says how many rows there are.
    """
    if isinstance(term, Rows):
        return Number(1.0)
    if isinstance(term, Number) and term.value == 0.0:
        return term
    assert _has_share(term), "a sum over rows of what has no share of a row"
    if isinstance(term, Infix):
        assert not isinstance(term, Compare)
        if term.sign in "+-":
            return Infix(term.sign, over_rows(term.left), over_rows(term.right))
        left, right = (over_rows(part) if _has_share(part) else part for part in term.parts)
        return left * right if term.sign == "*" else left / right
    if isinstance(term, Select):
        return Select(term.condition, over_rows(term.x), over_rows(term.y))
    if isinstance(term, Minus):
        return -over_rows(term.term)
    if isinstance(term, MatrixProduct):
        return MatrixProduct(term.form, over_rows(term.left), term.right)
    assert isinstance(term, Expand | Fill) or (isinstance(term, Reduce) and term.how == "sum")
    return replace(term, term=over_rows(term.term))


def _has_share(term: Term) -> bool:
    return isinstance(term, Rows) or any(_has_share(part) for part in getattr(term, "parts", ()))


@dataclass(eq=False)
class MatrixProduct(Compound):
    """A product of matrices in one of three forms, where `x` has samples (and perhaps a further axis) and `w` is a matrix.

    "forward": x @ w.T, an output for each row of w.
    "inputs": d @ w, what the outputs' adjoints d mean for the inputs.
    "weights": d.T @ x, what they mean for the weights, summed over the samples.
    """

    form: str
    left: Term
    right: Term

    def __post_init__(self) -> None:
        if self.form == "forward":
            self.shape = (*self.left.shape[:-1], self.right.shape[0])
        elif self.form == "inputs":
            self.shape = (*self.left.shape[:-1], self.right.shape[1])
        else:
            self.shape = (self.left.shape[-1], self.right.shape[-1])
        self.batched = self.left.batched and self.form != "weights"

    @property
    def parts(self) -> Sequence[Term]:
        return self.left, self.right


def whole(array: Array) -> View:
    """All of an array."""
    return View(array, numpy.arange(array.size).reshape(array.shape))


def is_whole(index: Ids, array: Array) -> bool:
    """Whether a view takes all elements in their order and shape."""
    if index.shape != array.shape:
        return False
    return not index.flat[0] if array.size == 1 else bool((index.ravel() == numpy.arange(array.size)).all())


def key_of(term: Term) -> Any:
    """What two terms have in common if and only if they are the same expression; found once for each term."""
    if term.key is None:
        if isinstance(term, View):
            term.key = term.array, term.index.shape, term.index.tobytes()
        else:
            own = tuple(value for value in vars(term).values() if isinstance(value, str | float | int | bool | Primitive))
            term.key = type(term).__name__, own, tuple(key_of(part) for part in getattr(term, "parts", ()))
    return term.key


def twice_or_sum(x: Term, y: Term) -> Term:
    """The sum of two terms; twice the one where they are the same, as for x * x."""
    return 2.0 * x if key_of(x) == key_of(y) else x + y
