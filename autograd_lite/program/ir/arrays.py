"""Arrays and the terms that reach into them: views, sums along axes, matrix products."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.terms import (
    Compound,
    Infix,
    MeanWeight,
    Minus,
    Number,
    Select,
    Shape,
    Term,
    Type,
    scaled,
    without_share,
)

_FIRST: Ids = numpy.zeros((), numpy.int64)  # the place of a number that stands alone


@dataclass(eq=False)
class Array:
    """A named array of the program.

    Attributes:
        name: an identifier; given when the array is written.
        shape: of one sample.
        batched: whether there is one per row.
        role: "argument", "parameter", "constant", "value" or "adjoint".
        data: the numbers of a constant.
        start: where a parameter array begins in the one array of all parameters, or an argument among the numbers of a row.
        stem: what its name begins with, for arrays that are named when they are written.
        note: what it stands for, in the scalars of the traced function.
        whole: whether the numbers along its last axis are taken to add up to 1, in each row.
        classes: of how many the numbers are indices; 0 where they are none.
        shifted: whether the largest of its numbers along the last axis is 0, as they were all reduced by the largest.
    """

    name: str
    shape: Shape
    batched: bool
    role: str = "value"
    data: Any = None
    start: int = 0
    stem: str = ""
    note: str = ""
    shifted: bool = False
    whole: bool = False
    classes: int = 0

    @property
    def size(self) -> int:
        return prod(self.shape)

    def part_of(self, numbers: Any) -> Any:
        """Of arrays with the numbers of all arguments or parameters along the last axis those of this one, in its shape."""
        return numbers[..., self.start : self.start + self.size].reshape((*numbers.shape[:-1], *self.shape))


@dataclass(eq=False)
class View(Term):
    """Elements of an array: `index` counts them in the array's flat order, and has the view's shape."""

    array: Array
    index: Ids

    def __post_init__(self) -> None:
        self.shape = self.index.shape
        self.batched = self.array.batched

    def _found_key(self) -> Any:
        return self.array, self.index.shape, self.index.tobytes()

    @property
    def is_whole(self) -> bool:
        """Whether it takes all elements of its array in their order and shape."""
        return is_whole(self.index, self.array)

    @property
    def is_shifted(self) -> bool:
        """Whether the largest element along the last axis is known to be 0: then it need not be looked for once more."""
        return self.array.shifted and same_lists(self.index, whole(self.array).index)


def expanded(term: Term) -> Term:
    """The term with one more axis at the end, which a known number needs not; numbers and the weight of a row stay outside."""
    return _inside(term, lambda inner: Expand(inner) if inner.batched or inner.shape else inner)


def summed(term: Term, axis: int = -1, kept: bool = False) -> Term:
    """The sum along an axis, of which factors that are the same everywhere stay outside; 1 for parts of a whole."""
    return _inside(term, lambda inner: Number(1.0) if _is_whole_list(inner, axis) else Reduce(inner, axis=axis, kept=kept))


def _is_whole_list(term: Term, axis: int) -> bool:
    known = isinstance(term, View) and term.array.whole and axis in (-1, len(term.shape) - 1)
    return known and isinstance(term, View) and same_lists(term.index, whole(term.array).index)


def _inside(term: Term, change: Callable[[Term], Term]) -> Term:
    """The term with what numbers and the weight of a row multiply in it changed."""
    number, rest = scaled(term)
    inner = without_share(rest)
    found: Term = Number(number) * (change(rest) if inner is None else MeanWeight() * change(inner))
    return found


@dataclass(eq=False)
class Expand(Compound):
    """The term with one more axis at the end, along which it is the same."""

    term: Term

    def type_of(self, parts: Sequence[Term]) -> Type:
        return (*parts[0].shape, 1), parts[0].batched


@dataclass(eq=False)
class Reduce(Compound):
    """One number for all elements along an axis of a sample.

    Attributes:
        how: "sum", "max", or the name of a function of `array_mathematics` that works along the last axis: "total", a sum with the
            digits that rounding loses put back; "others", the sum of weights of which the largest is 1, without that one.
        axis: the last one where nothing is said. kept: leave an axis of one element.
    """

    term: Term
    how: str = "sum"
    axis: int = -1
    kept: bool = False

    @property
    def word(self) -> str:
        """What is done, as mathematics calls it, which rounds nothing."""
        return self.how if self.how in ("max", "others") else "sum"

    def type_of(self, parts: Sequence[Term]) -> Type:
        shape = parts[0].shape
        axis = self.axis % len(shape)
        return (*shape[:axis], *[1] * self.kept, *shape[axis + 1 :]), parts[0].batched


@dataclass(eq=False)
class Along(Compound):
    """A function of the elements along the last axis that gives a number for each of them.

    Attributes:
        how: the name of a function of `array_mathematics`: "winners", the derivatives of the largest element.
    """

    term: Term
    how: str


@dataclass(eq=False)
class Joined(Compound):
    """Terms one after the other, along the last axis."""

    terms: list[Term]

    def type_of(self, parts: Sequence[Term]) -> Type:
        return (*parts[0].shape[:-1], sum(part.shape[-1] for part in parts)), parts[0].batched


def is_share(term: Term) -> bool:
    """Whether a term is the parts that elements have in their sum along the last axis."""
    match term:
        case Infix("/", part, Expand(Reduce(added, "sum", -1, False))):
            return bool(part.key == added.key)
    return False


@dataclass(eq=False)
class RowSum(Compound):
    """The sum over all rows."""

    term: Term

    def type_of(self, parts: Sequence[Term]) -> Type:
        return parts[0].shape, False


@dataclass(eq=False)
class Fill(Compound):
    """The term repeated until it has this shape, in every row."""

    term: Term
    filled: Shape
    in_rows: bool

    def type_of(self, parts: Sequence[Term]) -> Type:
        return self.filled, self.in_rows


def spread(term: Term, shape: Shape, batched: bool) -> Term:
    """The term as one of this type: repeated where it is the same along an axis or in every row."""
    return term if (term.shape, term.batched) == (shape, batched) else Fill(bare(term), shape, batched)


def bare(term: Term) -> Term:
    """What a term repeats, for arithmetic, which repeats by itself."""
    return term.term if isinstance(term, Fill) else term


def over_rows(term: Term) -> Term:
    """The sum over all rows of a term that is the same in each and holds the weight of a row once: weight times rows is 1.

    Raises:
        AssertionError: if there is no weight: nothing says how many rows there are.
    """
    if isinstance(term, MeanWeight):
        return Number(1.0)
    if isinstance(term, Number) and term.value == 0.0:
        return term
    assert _has_weight(term), "a sum over rows of what has no share of a row"
    match term:
        case Infix("*" | "/" as sign):
            left, right = (over_rows(part) if _has_weight(part) else part for part in term.parts)
            found: Term = left * right if sign == "*" else left / right
            return found
        case Minus():
            return -over_rows(term.term)
        case Infix(sign):
            return Infix(sign, over_rows(term.left), over_rows(term.right))
        case Select():
            return Select(term.condition, over_rows(term.x), over_rows(term.y))
        case MatrixProduct():
            return MatrixProduct(term.form, over_rows(term.left), term.right)
    assert isinstance(term, Expand | Fill) or (isinstance(term, Reduce) and term.how == "sum")
    return term.map(over_rows)


def _has_weight(term: Term) -> bool:
    return isinstance(term, MeanWeight) or any(map(_has_weight, term.parts))


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

    def type_of(self, parts: Sequence[Term]) -> Type:
        left, right = parts[0].shape, parts[1].shape
        if self.form == "weights":
            return (left[-1], right[-1]), False
        return (*left[:-1], right[0] if self.form == "forward" else right[1]), parts[0].batched


def whole(array: Array) -> View:
    """All of an array."""
    return View(array, numpy.arange(array.size).reshape(array.shape) if array.shape else _FIRST)


def is_whole(index: Ids, array: Array) -> bool:
    """Whether a view takes all elements in their order and shape."""
    return bool(index.shape == array.shape) and takes_all(index, array)


def takes_twice(index: Ids) -> bool:
    """Whether a view takes some element more than once."""
    places = numpy.sort(index, axis=None)  # numpy.unique loads more of NumPy, for 30 ms
    return bool((places[1:] == places[:-1]).any())


def takes_all(index: Ids, array: Array) -> bool:
    """Whether a view takes all elements in their order, in whatever shape."""
    if index.size != array.size or not index.shape:
        return bool(index.size == array.size)
    return not index.item() if index.size == 1 else bool((index.ravel() == numpy.arange(array.size)).all())


def same_lists(x: Ids, y: Ids) -> bool:
    """Whether lists of places along the last axis are the same, in whatever order."""
    return x.shape == y.shape and bool((numpy.sort(x, axis=-1) == numpy.sort(y, axis=-1)).all())


def twice_or_sum(x: Term, y: Term) -> Term:
    """The sum of two terms; twice the one where they are the same, as for x * x."""
    found: Term = 2.0 * x if x.key == y.key else x + y
    return found
