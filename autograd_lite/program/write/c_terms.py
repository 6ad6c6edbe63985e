"""Terms as C: the expression of one element of a term, at the coordinates of the loops around it.

What an element is computed from in a loop of its own (sums along an axis, matrix products, sums over rows) is stored first: a
`store` gives the array where it then stands.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy

from autograd_lite.engine.text import PRODUCT
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, Joined, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.terms import Call, Compare, Infix, MeanWeight, Minus, Number, Select, Shape, Term
from autograd_lite.program.write.c_names import CNames
from autograd_lite.program.write.c_vocabulary import CText, CVocabulary
from autograd_lite.program.write.views import steps_of

__all__ = ["CTerms", "coordinates", "offset_of"]

Coordinates = Sequence[str]


class CTerms:
    """Writes elements of terms.

    Attributes:
        names, words: of the source. tables: arrays of places, by name.
        stored: where what has a loop of its own stands, by the term.
        of: what the parts of the gradient are the derivatives by.
        by_column: whether a gradient has the rows of each input together. inputs: how many numbers a row of arguments has.
        alone: arrays that are single numbers with a name.
        reads: which elements were read since it was cleared: the texts of their places, by array.
    """

    def __init__(self, procedure: Procedure) -> None:
        self.procedure, self.program = procedure, procedure.program
        self.names = CNames()
        self.words = CVocabulary(procedure.dtype, self.names)
        self.tables: dict[str, Ids] = {}
        self.stored: dict[Term, Array] = {}
        self.reads: dict[Array, set[str]] = {}
        self.of = {each.target: each.of for each in procedure.adjoints if each.of.role in ("argument", "parameter")}
        self.alone: set[Array] = set()
        self.by_column = all(not array.shape for array in self.program.arguments)
        self.inputs = sum(array.size for array in self.program.arguments)
        self._called: dict[Array, str] = {}
        self._known: dict[Any, str] = {}

    # ---- names ---------------------------------------------------------------------------------------------------------------

    def name(self, array: Array) -> str:
        """What an array is called."""
        if array not in self._called:
            self._called[array] = self.names.unique(self.procedure.name(array) or array.stem)
        return self._called[array]

    def element_of(self, array: Array, place: str) -> str:
        """An element of an array, by its place in the flat order."""
        of = self.of.get(array)
        inside = place if of is None else _moved(of.start, place)
        if array.role == "argument":
            return f"{self.name(array)}[{_in_row(array.size, place)}]"
        if of is None:
            return self.name(array) if array in self.alone else f"{self.name(array)}[{place}]"
        if of.role == "parameter":
            return f"gradient[{inside}]"
        return f"gradient[{_in_column(inside)}]" if self.by_column else f"gradient[{_in_row(self.inputs, inside)}]"

    def place(self, index: Ids, at: Coordinates) -> str:
        """The place that a view takes at some coordinates: arithmetic, or where they follow no rule a table of places."""
        steps = steps_of(index) if index.size else []
        if steps is not None:
            return offset_of(int(index.flat[0]) if index.size else 0, steps, at)
        key = index.shape, index.tobytes()
        if key not in self._known:
            self._known[key] = name = self.names.unique(f"places{len(self.tables) + 1}")
            self.tables[name] = index
        return f"{self._known[key]}[{flat(index.shape, at)}]"

    # ---- elements ------------------------------------------------------------------------------------------------------------

    def element(self, term: Term, at: Coordinates) -> CText:
        """The expression of the element of a term at some coordinates, of which it may have fewer, or only one along an axis."""
        at = fitted(at, term.shape)
        match term:
            case View():
                inlined = self.procedure.inlined.get(term.array)
                return (
                    self.element(inlined, at) if inlined is not None and term.is_whole else self._read(term.array, term.index, at)
                )
            case Number(value):
                return self.words.text(value)
            case MeanWeight():
                return CText(self.words, "1 / count", PRODUCT)
            case Infix("*", MeanWeight(), share) | Infix("*", Number() as share, MeanWeight()):
                quotient: CText = self.element(share, at) / CText(self.words, "count")
                return quotient
            case Infix(sign, left, right):
                x, y = self.element(left, at), self.element(right, at)
                return x.operated(sign, x, y)
            case Compare(sign, left, right):
                return self.words.compared(sign, self.element(left, at), self.element(right, at))
            case Minus(inside):
                return -self.element(inside, at)
            case Call(row, operands) if term not in self.stored:
                return self.words.call(row, [self.element(operand, at) for operand in operands])
            case Select():
                chosen: CText = self.words.called("where", *(self.element(part, at) for part in term.parts))
                return chosen
            case Expand(inside):
                return self.element(inside, at[:-1])
            case Fill(inside):
                return self.element(inside, at)
        array = self.stored[term]
        return self._read(array, numpy.arange(array.size).reshape(term.shape), at)

    def _read(self, array: Array, index: Ids, at: Coordinates) -> CText:
        place = self.place(index, at)
        self.reads.setdefault(array, set()).add(place)
        return CText(self.words, self.element_of(array, place))


def apart(term: Term, procedure: Procedure, found: Callable[[Term], None]) -> None:
    """Tells of what inside of a term needs a loop of its own; of what is inside first."""
    if isinstance(term, View) and term.is_whole and term.array in procedure.inlined:
        apart(procedure.inlined[term.array], procedure, found)
    for part in term.parts:
        apart(part, procedure, found)
    if isinstance(term, Along | Joined | Reduce | RowSum | MatrixProduct):
        found(term)


def coordinates(shape: Shape) -> tuple[list[str], list[tuple[str, int]]]:
    """The coordinates of an element in loops over a shape, and the loops: a variable and how far it goes, for each axis."""
    loops = [(f"i{axis}", length) for axis, length in enumerate(length for length in shape if length != 1)]
    variables = iter(loops)
    return [next(variables)[0] if length != 1 else "0" for length in shape], loops


def fitted(at: Coordinates, shape: Shape) -> list[str]:
    """The coordinates of what is repeated: the last ones, and 0 along an axis of one element."""
    return ["0" if length == 1 else each for each, length in zip(at[len(at) - len(shape) :], shape, strict=True)]


def flat(shape: Shape, at: Coordinates) -> str:
    """The place in the flat order of an array of a shape."""
    return offset_of(0, [prod(shape[axis + 1 :]) for axis in range(len(shape))], at)


def offset_of(start: int, steps: Sequence[int], at: Coordinates) -> str:
    """start + step * coordinate + ..."""
    parts = [str(start)] * bool(start)
    for step, each in zip(steps, at, strict=True):
        if step and each != "0":
            parts.append(each if step == 1 else f"{step} * ({each})" if " " in each else f"{step} * {each}")
    return " + ".join(parts) if parts else "0"


def _moved(start: int, place: str) -> str:
    """A place so many elements further."""
    return str(start + int(place)) if place.isdigit() else f"{start} + {place}" if start else place


def _in_column(place: str) -> str:
    """Where the number of this row stands, where all rows of a place stand together."""
    return offset_of(0, [int(place), 1], ["rows", "row"]) if place.isdigit() else f"({place}) * rows + row"


def _in_row(size: int, place: str) -> str:
    return "row" if size == 1 else offset_of(0, [size, 1], ["row", place])
