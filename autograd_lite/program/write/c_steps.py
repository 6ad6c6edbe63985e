"""The steps of a procedure as pieces of loops: those before the rows, those of each row, and those after them.

A step without rows that needs no sum over rows comes first. Then one loop over the rows does all that has a number for each:
forward, the guards, backward, and adds up the sums over rows. What needs these sums comes last.
"""

from collections.abc import Sequence
from typing import Final

import numpy

from autograd_lite.program.ir.arrays import Along, Array, Joined, MatrixProduct, Reduce, View
from autograd_lite.program.ir.procedure import Allocate, Assign, Procedure, Step, Update
from autograd_lite.program.ir.statements import Check
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Call, Number, Term
from autograd_lite.program.write.c_loops import LoopBody
from autograd_lite.program.write.c_products import AFTER, BEFORE, IN_EACH_ROW, ROWS, CProducts, NoCForm, adds_rows, everything
from autograd_lite.program.write.c_terms import apart, coordinates, flat, offset_of

__all__ = ["CSteps", "NoCForm"]

_SHORT: Final = 128  # terms that NumPy adds up in one piece


class CSteps(CProducts):
    """The pieces of a procedure."""

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
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
            self._assign(ROWS if array.batched else AFTER, target, everything(array), Number(0.0), "=")
        for step in procedure.backward:
            if isinstance(step, Assign | Update):
                self._slopes(step.term)
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
            raise NoCForm(IN_EACH_ROW)
        if late or target in self.late:
            self.late.add(target)
            late = True
        index = step.index if isinstance(step, Update) else everything(target)
        sign = "+=" if isinstance(step, Update) and step.adds else "="
        section = ROWS if target.batched else AFTER if late else BEFORE
        self._assign(section, target, index, step.term, sign, isinstance(step, Assign))

    def _slopes(self, term: Term) -> None:
        """What a derivative takes of the numbers before it stands with these: functions of the same number have parts in common.

        So exp(-|z|) serves sigmoid(z) and sigmoid(-z), which compilers see where both are computed in one loop.
        """
        if not (isinstance(term, Call) and term.batched and term.shape and self._is_forward(term)):
            for part in self._parts(term):
                self._slopes(part)
            return
        self._store_inside(term)
        at, loops = coordinates(term.shape)

        def text() -> str:
            return self.words.call(term.primitive, [self.element(operand, at) for operand in term.operands]).text

        if term not in self.stored and self.words.calls(text()):
            target, place = self._new("slope", term.shape, True), flat(term.shape, at)
            self._add(ROWS, LoopBody(loops, lambda: [f"{self._written(target, place)} = {text()};"], target, place, True))
            self.stored[term] = target

    def _is_forward(self, term: Term) -> bool:
        """Whether a term has nothing of a derivative in it."""
        if isinstance(term, View):
            return term.array.role != "adjoint" and term.array not in self.late
        return all(map(self._is_forward, term.parts))

    def _parts(self, term: Term) -> Sequence[Term]:
        """The parts of a term; of an array that is written where it is used its own term."""
        inlined = self.procedure.inlined.get(term.array) if isinstance(term, View) and term.is_whole else None
        return term.parts if inlined is None else [inlined]

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

    # ---- what has loops of its own -------------------------------------------------------------------------------------------

    def _store_inside(self, term: Term) -> None:
        apart(term, self.procedure, self._store)

    def _store(self, term: Term) -> None:
        if term in self.stored:
            return
        if isinstance(term, Reduce | Along):
            self._along(term)
        elif adds_rows(term):
            self._add_rows(term)
        elif isinstance(term, Joined):
            self._join(term)
        else:
            assert isinstance(term, MatrixProduct)
            self._product(term)

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

    def _join(self, term: Joined) -> None:
        """Terms in one piece, one after the other."""
        target, places = self._new("joined", term.shape, term.batched), everything(Array("", term.shape, term.batched))
        starts = numpy.cumsum([part.shape[-1] for part in term.terms])[:-1]
        for part, index in zip(term.terms, numpy.split(places, starts, axis=-1), strict=True):
            self._assign(self._section(term), target, index, part, "=")
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
        self.late.add(target)
        if isinstance(term, MatrixProduct):
            self._outer(ROWS, target, term)
        else:
            self._assign(ROWS, target, everything(target), term.parts[0], "+=")
        self.stored[term] = target
