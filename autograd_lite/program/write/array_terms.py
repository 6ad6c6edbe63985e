"""Terms as expressions on functional arrays, in the words of a library."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any, Final

import numpy

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.program.capture.graph import Ids, are_side_by_side
from autograd_lite.program.capture.guards import holds
from autograd_lite.program.ir.arrays import Along, Array, Fill, Joined, Reduce, View, is_whole
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.terms import Call, Compare, Infix, Minus, Number, Select, Term
from autograd_lite.program.write.array_dialects import ArrayDialect
from autograd_lite.program.write.array_vocabulary import ArrayVocabulary
from autograd_lite.program.write.expressions import atom
from autograd_lite.program.write.numpy_terms import NumpyTerms
from autograd_lite.program.write.views import box_of, flat_text, turned_text

__all__ = ["ArrayTerms", "are_side_by_side"]

_ARITHMETIC: Final[dict[str, Any]] = {
    "+": numpy.add,
    "-": numpy.subtract,
    "*": numpy.multiply,
    "/": numpy.divide,
    "**": numpy.power,
}


class ArrayTerms(NumpyTerms):
    """Writes the terms of a procedure in a dialect of arrays.

    Attributes:
        names: of the source.
    """

    vocabulary: ArrayVocabulary  # type: ignore[assignment]

    def __init__(self, procedure: Procedure, dialect: ArrayDialect) -> None:
        super().__init__(procedure)
        self.dialect, self.turned = dialect, dialect.turned
        program = procedure.program
        self.names = Names([*program.taken, *procedure.names.values()])
        first = [*program.arguments, *procedure.used, program.all_parameters][0]
        self.vocabulary = ArrayVocabulary(dialect, self.names, first.name, float(numpy.finfo(procedure.dtype).max))
        self.prefix = dialect.prefix

    def text(self, term: Term) -> Symbol:
        if isinstance(term, Infix | Call | Select) and (number := self.known(term)) is not None:
            return self.vocabulary.symbol(number)
        if isinstance(term, Call):
            known = [self.known(operand) for operand in term.operands]
            pairs = zip(term.operands, known, strict=True)
            return self.vocabulary.call(term.primitive, [self.text(each) if own is None else own for each, own in pairs])
        return super().text(term)

    def known(self, term: Term) -> float | None:
        """The number that a term is known to be; NumPy's where there is no other."""
        term = self.written_out(term)
        if isinstance(term, Number):
            return term.value
        if isinstance(term, Select) and (outcome := self.outcome(term.condition)) is not None:
            return self.known(term.x if outcome else term.y)
        if not isinstance(term, Infix | Minus | Call):
            return None
        parts = [self.known(part) for part in term.parts]
        if None in parts:
            return None
        with numpy.errstate(all="ignore"):
            given = [numpy.float64(part) for part in parts if part is not None]
            if isinstance(term, Call):
                return float(forward(rule_on(ARRAYS, term.primitive), given))
            return float(-given[0] if isinstance(term, Minus) else _ARITHMETIC[term.sign](*given))

    def is_plain(self, term: Term) -> bool:
        """Whether a term is a number of Python where it is written, and no array."""
        shown = self.written_out(term)
        if isinstance(shown, Select) and (outcome := self.outcome(shown.condition)) is not None:
            return self.is_plain(shown.x if outcome else shown.y)
        return not isinstance(shown, View) and all(map(self.is_plain, shown.parts))

    def outcome(self, condition: Term) -> bool | None:
        """What a comparison is known to be."""
        assert isinstance(condition, Compare)
        left, right = self.known(condition.left), self.known(condition.right)
        return None if left is None or right is None else holds(condition.sign, left, right)

    def view(self, term: View) -> Symbol:
        return Symbol(self.part(term.array, term.index))

    def part(self, array: Array, index: Ids) -> str:
        """Elements of an array that stands there by its name."""
        if not (array.shape or array.batched) and index.size > 1:
            return self._repeated(self.name(array), index.shape, False)
        return super().part(array, index)

    def _expand(self, inside: Term) -> Symbol:
        return self.text(inside) if self.is_plain(inside) else super()._expand(inside)

    def shaped(self, term: Term) -> Symbol:
        if isinstance(term, Fill):
            return Symbol(self.spread(term.term, term.shape, term.batched))
        if isinstance(term, Joined):
            return Symbol(f"{self.prefix}concat([{', '.join(self._with_axes(each) for each in term.terms)}], axis=-1)")
        if isinstance(term, Along):
            return Symbol(f"{self.vocabulary.form(term.how)}({self.text(term.term).text})")
        return super().shaped(term)

    def spread(self, term: Term, shape: tuple[int, ...], batched: bool) -> str:
        """The text of a term as an array of this type, with all its axes."""
        text = self.text(term)
        if self.is_plain(term):
            return self.dialect.full.format(shape=self.lengths(shape, batched), x=text.text, like=self.vocabulary.like)
        whole = (term.shape, term.batched) == (shape, batched) and (batched or not any(map(_lacks_axes, term.walk())))
        return text.text if whole else self._repeated(text.text, shape, batched)

    def lengths(self, shape: tuple[int, ...], batched: bool) -> str:
        """A shape as a tuple."""
        texts = [*["rows"] * batched, *map(str, shape)]
        return f"({', '.join(texts)}{',' * (len(texts) == 1)})"

    def _repeated(self, text: str, shape: tuple[int, ...], batched: bool) -> str:
        return f"{self.prefix}broadcast_to({text}, {self.lengths(shape, batched)})"

    def _select(self, term: Select) -> Symbol:
        outcome = self.outcome(term.condition)
        if outcome is not None:
            return Symbol(self.spread(term.x if outcome else term.y, term.shape, term.batched))
        texts = [self.text(part) for part in term.parts]
        return self.vocabulary.applied("where", texts, [not self.is_plain(part) for part in term.parts])

    def _reduce(self, term: Reduce) -> Symbol:
        if term.how == "max":
            axis = term.axis % len(term.term.shape) + term.term.batched
            kept = ", keepdims=True" if term.kept else ""
            return Symbol(self.dialect.largest.format(x=self._with_axes(term.term), axis=axis, kept=kept))
        if term.how == "others":
            return Symbol(f"{self.vocabulary.form(term.how)}({self.text(term.term).text})")
        return super()._reduce(replace(term, how="sum"))

    def _with_axes(self, term: Term) -> str:
        if _lacks_axes(term):
            return self._repeated(self.text(term).text, term.shape, False)
        return atom(self.text(term))

    # ---- arrays that are put together ----------------------------------------------------------------------------------------

    def added(self, target: Array, before: str, index: Ids, term: Term) -> str:
        """An array with a term added at some places.

        Args:
            target: the array. before: its text so far; empty for zeros.
            index: the places. term: what they get.
        """
        if is_whole(index, target):
            text = self.spread(term, target.shape, target.batched) if not before else self.text(term).text
            return f"{before} + {text}" if before else text
        padded = self._padded(target, index, term)
        if padded is None:
            return self._scattered(target, before, index, term)
        return f"{before} + {padded}" if before else padded

    def _padded(self, target: Array, index: Ids, term: Term) -> str | None:
        """A term with zeros around it, where its places are a piece of an array; None where they are not."""
        if are_side_by_side(index.ravel()):
            start = int(index.flat[0])
            flat = self._flat(target, index, term)
            return self._in_shape(self._with_zeros(flat, [(start, target.size - start - index.size)], target.batched), target)
        box = box_of(index)
        corners = None if box is None else _corners(box.places, target.shape)
        if box is None or corners is None:
            return None
        inner = [length - sum(widths) for length, widths in zip(target.shape, corners, strict=True)]
        turned = turned_text(box.order, target.batched, self.turned)
        if list(box.split) != inner:
            turned += f".reshape({'-1, ' * target.batched}{', '.join(map(str, inner))})"
        text = self.spread(term, index.shape, target.batched)
        return self._with_zeros(f"({text}){turned}" if turned else text, corners, target.batched)

    def _with_zeros(self, text: str, widths: Sequence[tuple[int, int]], batched: bool) -> str:
        if not any(map(any, widths)):
            return text
        pairs = [(0, 0)] * batched + [*widths]
        listed = f"({', '.join(map(str, pairs))})" if len(pairs) > 1 else str(pairs[0])
        flat = ", ".join(f"{before}, {after}" for before, after in reversed(widths))
        return self.dialect.pad.format(term=text, widths=listed, flat=f"({flat})")

    def put_together(self, target: Array, parts: Sequence[tuple[Ids, Term]]) -> str:
        """An array of terms for its elements, in their order."""
        texts = [self._flat(target, index, term) for index, term in parts]
        return self._in_shape(f"{self.prefix}concat([{', '.join(texts)}], axis=-1)", target)

    def _flat(self, target: Array, index: Ids, term: Term) -> str:
        """The text of a term for some elements of an array, with one axis for them all."""
        text = self.spread(term, index.shape, target.batched)
        if index.ndim == 1:
            return text
        return f"({text}).reshape({'-1, ' * target.batched}{index.size})" if index.ndim else f"({text})[..., None]"

    def _in_shape(self, text: str, target: Array) -> str:
        """All elements of an array, along one axis, in its shape."""
        axes = ", ".join([*["-1"] * target.batched, *map(str, target.shape)])
        return text if len(target.shape) == 1 else f"{text if text.endswith(')') else f'({text})'}.reshape({axes})"

    def _scattered(self, target: Array, before: str, index: Ids, term: Term) -> str:
        like = self.vocabulary.like
        zeros = self.dialect.zeros.format(shape=self.lengths((target.size,), target.batched), like=like)
        flat = flat_text(target, before) if before else zeros
        text = self._flat(target, index, term)
        found = self.dialect.add.format(x=flat, places=self.new_index(index.reshape(-1)), term=text, like=like)
        return self._in_shape(found, target)


def _corners(places: Ids, shape: tuple[int, ...]) -> list[tuple[int, int]] | None:
    """How many places lie before and after a box along each axis; None where places are no box, in order, of a shape."""
    coordinates = numpy.unravel_index(places.ravel(), shape)
    spans = [(int(each.min()), int(each.max()) + 1) for each in coordinates]
    box = numpy.arange(prod(shape)).reshape(shape)[tuple(slice(*span) for span in spans)]
    if box.size != places.size or (box.ravel() != places.ravel()).any():
        return None
    return [(start, length - stop) for (start, stop), length in zip(spans, shape, strict=True)]


def _lacks_axes(term: Term) -> bool:
    """Whether one number stands for an array of one element."""
    return isinstance(term, View) and bool(term.shape) and not (term.array.shape or term.array.batched) and term.index.size == 1
