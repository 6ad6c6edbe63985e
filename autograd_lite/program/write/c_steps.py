"""The steps of a procedure as pieces of loops: those before the rows, those of each row, and those after them.

A step without rows that needs no sum over rows comes first. Then one loop over the rows does all that has a number for each:
forward, the guards, backward, and adds up the sums over rows. What needs these sums comes last.
"""

from collections import Counter
from math import prod
from typing import Final

import numpy

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.text import SIGN
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Along, Array, MatrixProduct, Reduce, RowSum, View, whole
from autograd_lite.program.ir.procedure import Allocate, Assign, Procedure, Step, Update
from autograd_lite.program.ir.statements import Check
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Number, Shape, Term
from autograd_lite.program.write.c_loops import LoopBody, in_loops
from autograd_lite.program.write.c_terms import CTerms, apart, coordinates, flat, offset_of
from autograd_lite.program.write.c_vocabulary import enclosed

__all__ = ["AFTER", "BEFORE", "ROWS", "CSteps", "NoCForm"]

BEFORE, ROWS, AFTER = "before", "rows", "after"
_SHORT: Final = 128  # terms that NumPy adds up in one piece
_IN_EACH_ROW = "a program that needs sums over all rows in each row has no form in C"


class NoCForm(GraphError):
    """A program that cannot be written, compiled or run in C."""


class CSteps(CTerms):
    """The pieces of a procedure.

    Attributes:
        pieces: in order, by section. wide: sums over rows, which are doubles whatever the program computes in.
        declared: arrays of one number that are declared where they get it.
        largest_product: how many numbers the largest matrix has that rows are multiplied by.
    """

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
        self.pieces: dict[str, list[LoopBody]] = {BEFORE: [], ROWS: [], AFTER: []}
        self.wide: set[Array] = set()
        self.declared: set[Array] = set()
        self.largest_product = 0
        self._late = {target for target, of in self.of.items() if of.role == "parameter"}
        self._turned: dict[object, Array] = {}
        self._gradient = next((target for target, of in self.of.items() if of is self.program.all_parameters), None)
        self._counted: Counter[str] = Counter()
        for step in procedure.forward:
            self._step(step)
        for term in self.program.differentiated:
            self._keep(term)
        for number, check in enumerate(self.program.checks):
            self._check(number, check)
        for number, output in enumerate(procedure.outputs):
            self._result(number, output)
        for array in procedure.untouched:
            target = Array("", array.shape, array.batched, "adjoint")
            self.of[target] = array
            self._assign(ROWS if array.batched else AFTER, target, _everything(array), Number(0.0), "=")
        for step in procedure.backward:
            self._step(step)

    # ---- steps ---------------------------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        if isinstance(step, Allocate):
            return
        assert isinstance(step, Assign | Update)
        target, late = step.target, self._is_late(step.term)
        self._store_inside(step.term)
        if target.batched and late:
            raise NoCForm(_IN_EACH_ROW)
        if late or target in self._late:
            self._late.add(target)
            late = True
        index = step.index if isinstance(step, Update) else _everything(target)
        sign = "+=" if isinstance(step, Update) and step.adds else "="
        section = ROWS if target.batched else AFTER if late else BEFORE
        self._assign(section, target, index, step.term, sign, isinstance(step, Assign))

    def _assign(self, section: str, target: Array, index: Ids, term: Term, sign: str, assigns: bool = False) -> None:
        at, loops = coordinates(index.shape)
        place = self.place(index, at)
        single = len(set(index.ravel().tolist())) == index.size  # numpy.unique loads more of NumPy

        def lines() -> list[str]:
            return [f"{self._written(target, place)} {sign} {self.element(term, at).text};"]

        gradient = self.of.get(target) in self.program.parameters and self._gradient  # which may be written to through other names
        self._add(section, LoopBody(loops, lines, gradient or target, place if single and not gradient else "", assigns))

    def _written(self, target: Array, place: str) -> str:
        """An element to write to; a single number is declared where it gets its value."""
        text = self.element_of(target, place)
        return f"const real {text}" if target in self.declared else text

    def _keep(self, term: Term) -> None:
        """What must have a value for its derivative to have one is computed, even where no result needs the value."""
        self._store_inside(term)
        at, loops = coordinates(term.shape)

        def lines() -> list[str]:
            return [f"kept = {self.element(term, at).text};"]

        self._add(ROWS if term.batched else BEFORE, LoopBody(loops, lines))

    def _check(self, number: int, check: Check) -> None:
        for condition in check.conditions:
            self._store_inside(condition)

        def lines() -> list[str]:
            turns = [(check.condition, not check.outcome), *check.path]
            texts = [f"{'' if first else '!'}{self.element(asked, ['0'] * len(asked.shape)).text}" for asked, first in turns]
            failed = f"{{ branches[row] = {number}; if (first > {number}) first = {number}; continue; }}"
            return [f"if ({' && '.join(texts)}) {failed}"]

        self._add(ROWS, LoopBody([], lines, leaves=True))

    def _result(self, number: int, output: Term) -> None:
        self._store_inside(output)

        def lines() -> list[str]:
            text = self.element(output, ["0"] * len(output.shape)).text
            place = offset_of(number, [len(self.procedure.outputs)], ["row"])
            return [f"mean += {text};" if self.procedure.task == LOSS else f"values[{place}] = {text};"]

        self._add(ROWS, LoopBody([], lines))

    def _add(self, section: str, piece: LoopBody) -> None:
        """A piece with what it reads, which its lines tell when they are made."""
        self.reads = {}
        piece.lines()
        piece.reads = self.reads
        self.pieces[section].append(piece)

    def _is_late(self, term: Term) -> bool:
        """Whether a term needs a sum over rows."""
        if isinstance(term, View):
            inlined = self.procedure.inlined.get(term.array)
            return term.array in self._late or (inlined is not None and self._is_late(inlined))
        return _adds_rows(term) or any(map(self._is_late, term.parts))

    def _section(self, term: Term) -> str:
        late = self._is_late(term)
        if term.batched and late:
            raise NoCForm(_IN_EACH_ROW)
        return ROWS if term.batched else AFTER if late else BEFORE

    # ---- what has loops of its own -------------------------------------------------------------------------------------------

    def _store_inside(self, term: Term) -> None:
        apart(term, self.procedure, self._store)

    def _store(self, term: Term) -> None:
        if term in self.stored:
            return
        if isinstance(term, Reduce | Along):
            self._along(term)
        elif _adds_rows(term):
            self._add_rows(term)
        else:
            assert isinstance(term, MatrixProduct)
            self._product(term)

    def _new(self, stem: str, shape: Shape, batched: bool) -> Array:
        self._counted[stem] += 1
        return Array(f"{stem}{self._counted[stem]}", shape, batched)

    def _along(self, term: Reduce | Along) -> None:
        """A function of the elements along an axis, which stand side by side first."""
        if not self.words.has_form(term.how):
            raise NoCForm(f"`{term.how}` along an axis has no form in C")
        section, axis = self._section(term), term.axis % len(term.term.shape) if isinstance(term, Reduce) else -1
        elements = self._side_by_side(section, term.term, axis)
        outer, count = elements.shape[:-1], elements.shape[-1]
        target = self._new("along", term.shape, term.batched)
        at, loops = coordinates(outer)
        function = self.words.form("long_sum" if term.how == "sum" and count > _SHORT else term.how)

        def lines() -> list[str]:
            self.reads.setdefault(elements, set()).add("")
            called = f"{function}({self._start(elements, flat(elements.shape, [*at, '0']))}, {count}"
            if isinstance(term, Along):
                return [f"{called}, {self._start(target, flat(term.shape, [*at, '0']))});"]
            return [f"{self._written(target, flat(outer, at))} = {called});"]

        is_one = isinstance(term, Reduce)
        self._add(section, LoopBody(loops, lines, target, flat(outer, at) if is_one else "", is_one))
        self.stored[term] = target

    def _side_by_side(self, section: str, term: Term, axis: int) -> Array:
        """The elements of a term, those along an axis in one piece."""
        shape = list(term.shape)
        shape.append(shape.pop(axis))
        elements = self._new("each", tuple(shape), term.batched)
        at, loops = coordinates(elements.shape)
        place, turned = flat(elements.shape, at), [*at[:-1]]
        turned.insert(axis % len(shape), at[-1])
        self._add(
            section,
            LoopBody(loops, lambda: [f"{self._written(elements, place)} = {self.element(term, turned).text};"], elements, place),
        )
        return elements

    def _start(self, array: Array, place: str) -> str:
        """A pointer to an element."""
        if array in self.alone:
            return f"&{self.name(array)}"
        return self.name(array) if place == "0" else f"{self.name(array)} + {place}"

    def _add_rows(self, term: Term) -> None:
        target = self._new("over_rows", term.shape, False)
        self.wide.add(target)
        self._late.add(target)
        if isinstance(term, MatrixProduct):
            self._outer(ROWS, target, term)
        else:
            self._assign(ROWS, target, _everything(target), term.parts[0], "+=")
        self.stored[term] = target

    def _product(self, term: MatrixProduct) -> None:
        section, target = self._section(term), self._new("product", term.shape, term.batched)
        self.largest_product = max(self.largest_product, prod(term.right.shape))
        if term.form == "weights":
            self._assign(section, target, _everything(target), Number(0.0), "=")
            self._outer(section, target, term)
        else:
            self._multiply(section, target, term)
        self.stored[term] = target

    def _multiply(self, section: str, target: Array, term: MatrixProduct) -> None:
        """The numbers of a row times a matrix: for each of them its row of the matrix, turned where needed, is added."""
        inner, count = term.left.shape[-1], term.shape[-1]
        matrix, places = term.right, ["k0", "j0"]
        if term.form == "forward" and inner > 1 < count:
            matrix = self._turned_matrix(term.right)
        elif term.form == "forward":
            places = ["j0", "k0"]
        outer, loops = coordinates(term.left.shape[:-1])
        place = flat(term.shape, [*outer, "j0" if count > 1 else "0"])
        columns = [("j0", count)] if count > 1 else []

        def lines() -> list[str]:
            out, factor = self._written(target, place), self.element(term.left, [*outer, "k0"]).text
            added = in_loops(columns, [f"{out} += factor * {enclosed(self.element(matrix, places), SIGN)};"])
            return [*in_loops(columns, [f"{out} = 0;"]), *in_loops([("k0", inner)], [f"const real factor = {factor};", *added])]

        self._add(section, LoopBody(loops, lines, target, ""))

    def _turned_matrix(self, matrix: Term) -> Term:
        """A matrix with rows and columns exchanged."""
        known = self._turned.get(matrix.key)
        if known is None:
            rows, columns = matrix.shape
            known = self._turned[matrix.key] = self._new("turned", (columns, rows), False)

            def lines() -> list[str]:
                return [f"{self._written(known, flat(known.shape, ['k0', 'j0']))} = {self.element(matrix, ['j0', 'k0']).text};"]

            late = self._is_late(matrix)
            self._add(
                AFTER if late else BEFORE, LoopBody([("k0", columns), ("j0", rows)], lines, known, flat(known.shape, ["k0", "j0"]))
            )
            self._late |= {known} if late else set()
        return whole(known)

    def _outer(self, section: str, target: Array, term: MatrixProduct) -> None:
        """Added to the target: left.T @ right, over all samples of a row."""
        left, right = term.left, term.right
        samples, loops = coordinates(left.shape[:-1])
        j, k = (name if length > 1 else "0" for name, length in zip(("j0", "k0"), term.shape, strict=True))
        over = [*loops, *[("j0", term.shape[0])] * (j != "0")]
        columns = [("k0", term.shape[1])] * (k != "0")

        def lines() -> list[str]:
            out = self._written(target, flat(term.shape, [j, k]))
            added = in_loops(columns, [f"{out} += factor * {enclosed(self.element(right, [*samples, k]), SIGN)};"])
            factored = [f"const real factor = {self.element(left, [*samples, j]).text};", *added]
            return list(in_loops(over, factored)) if over else ["{", *(f"  {line}" for line in factored), "}"]

        self._add(section, LoopBody([], lines, target, ""))


def _adds_rows(term: Term) -> bool:
    """Whether a term is a sum over all rows."""
    return isinstance(term, RowSum) or (
        isinstance(term, MatrixProduct) and term.form == "weights" and any(part.batched for part in term.parts)
    )


def _everything(array: Array) -> Ids:
    return numpy.arange(array.size).reshape(array.shape)
