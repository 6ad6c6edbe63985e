"""The backward statements: reverse accumulation over the forward statements, from the table's rules and a few structural ones.

y = f(x)            x receives d_y * f.dx(x, y)              the rule of the table, on terms
y = sum(x)          x receives d_y, along the axis
z = x @ W.T         x receives d_z @ W, W receives d_z.T @ x
y = x[view]         x receives d_y at the view's places
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy

from autograd_lite.calculus.rules import partials_on_nodes
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import (
    Array,
    Expand,
    Fill,
    MatrixProduct,
    Reduce,
    View,
    bare,
    is_whole,
    spread,
    takes_all,
    twice_or_sum,
    whole,
)
from autograd_lite.program.ir.received import (
    along,
    asked_for,
    of_length_one,
    ones_between,
    reduced,
    times,
    turn_key,
    within,
    without_nan,
)
from autograd_lite.program.ir.reductions import partial_along
from autograd_lite.program.ir.statements import MOST_TERMS, Choose, Elementwise, Joining, Linear, Lowered, Reduction, Statement
from autograd_lite.program.ir.tasks import LOSS, Task
from autograd_lite.program.ir.terms import Infix, MeanWeight, Minus, Number, Select, Term, as_term, number_in


@dataclass
class Contribution:
    """What some elements of an array receive: their places, and the term, which has a number for each of them, in every row."""

    index: Ids
    term: Term
    terms: int = 1  # how many were added up in it


@dataclass
class Adjoint:
    """The derivative of the result with respect to an array: the sum of what it receives.

    Attributes:
        target: the array of adjoints, which is named `d_z1` when `z1` is its array. of: the array they belong to.
        contributions: at least one.
    """

    target: Array
    of: Array
    contributions: list[Contribution]


def adjoints_of(program: Lowered, task: Task) -> list[Adjoint]:
    """The adjoints of everything between the result of a task and the arrays to differentiate by, the result first.

    Of a loss they are those of the mean over the rows.

    Returns:
        Adjoints in the order in which they can be computed; arrays that the result does not depend on have none.
    """
    active = set(task.wanted(program))
    if not active:
        return []
    if any(array.role == "parameter" for array in active):
        active.add(program.all_parameters)
    for statement in program.statements:  # and what depends on them
        if not statement.detached and any(isinstance(view, View) and view.array in active for view in statement.operands):
            active.add(statement.target)
    output = program.outputs[task.result]
    seed: Term = MeanWeight() if task == LOSS and output.batched else Number(1.0)
    branches = {statement.target: set(map(turn_key, statement.reach)) for statement in program.statements if statement.reach}
    sweep = _Sweep(active, branches, program.exact and task == LOSS)
    sweep.give(output, seed)
    for statement in reversed(program.statements):
        sweep.pass_on(statement)
    for array in (*program.parameters, program.all_parameters, *program.arguments):
        sweep.finish(array)
    return sweep.adjoints


class _Sweep:
    def __init__(self, active: set[Array], branches: Mapping[Array, set[Any]], exact: bool) -> None:
        self.active, self.exact = active, exact
        self.branches = branches  # those that each array's statement stands in
        self.received: dict[Array, list[Contribution]] = {}
        self.newest: dict[Any, Contribution] = {}  # by array and places
        self.adjoints: list[Adjoint] = []

    def give(self, operand: Term, term: Term) -> None:
        """An operand receives a term, which has a number for each place where the operand was used, repeated or not."""
        if not isinstance(operand, View) or operand.array not in self.active or _is_zero(term):
            return
        array, index = operand.array, operand.index
        if array.size == 1 and operand.shape != array.shape:  # its one element may have been taken many times
            term, index = of_length_one(reduced(term, (), array.batched), array.shape), numpy.zeros(array.shape, numpy.int64)
        else:
            takes = takes_all(index, array)
            dropped = ones_between(operand.shape, array.shape) if takes else None
            term = reduced(term, operand.shape, operand.batched, dropped or ())
            if takes and isinstance(term, Fill) and not term.term.shape:
                term = Fill(term.term, array.shape, array.batched)
            index = index.reshape(term.shape) if takes else index
        self._add(array, index, term)

    def _add(self, array: Array, index: Ids, term: Term) -> None:
        """One contribution for all that goes to the same places, in the order it comes."""
        key = array, index.shape, index.tobytes()
        known = self.newest.get(key)
        if known is not None and known.terms < MOST_TERMS:
            known.term = _together(known.term, term)
            known.terms += 1
        else:
            self.newest[key] = contribution = Contribution(index, term)
            self.received.setdefault(array, []).append(contribution)

    def _give_out(self, statement: Statement, operand: Term, term: Term) -> None:
        """As `give`; what leaves branches that the statement stands in counts in their own rows only."""
        inside = self._branches_of(operand)
        self.give(operand, within([turn for turn in statement.reach if turn_key(turn) not in inside], term))

    def _branches_of(self, operand: Term) -> set[Any]:
        return self.branches.get(operand.array, set()) if isinstance(operand, View) else set()

    def finish(self, array: Array, named: bool = False) -> Term | None:
        """The adjoint of an array all of whose users have given, a `named` one where it is asked for; None where there is none."""
        contributions = self.received.pop(array, None)
        if not contributions:
            return None
        target = Array("", array.shape, array.batched, "adjoint", start=array.start)
        if not named and array.role == "value" and len(contributions) == 1 and is_whole(contributions[0].index, array):
            combined = contributions[0].term
            if self._is_trivial(combined):
                if array.stem == "z":
                    self._rename(combined, array)
                return combined
            if isinstance(combined, Fill):
                inner = combined.term
                if inner.batched != array.batched:
                    return combined  # the share of a row, which sums over rows count, stays in sight
                target = Array("", inner.shape, inner.batched, "adjoint")
                self.adjoints.append(Adjoint(target, array, [Contribution(whole(target).index, inner)]))
                return spread(whole(target), array.shape, array.batched)
        self.adjoints.append(Adjoint(target, array, contributions))
        return whole(target)

    def _rename(self, passed: Term, array: Array) -> None:
        """The adjoint that was passed on unchanged to a layer's sum is that of the layer: BP1 is about d_z2."""
        for adjoint in self.adjoints:
            if isinstance(passed, View) and adjoint.target is passed.array and passed.is_whole and adjoint.of.shape == array.shape:
                adjoint.of = array

    def _is_trivial(self, term: Term) -> bool:
        """Whether a term costs nothing to write twice; what is given, and no part of what is differentiated, is added up later."""
        match term:
            case Expand() | Minus() | Fill():
                return self._is_trivial(term.term)
            case Infix():
                left, right = term.parts
                return isinstance(left, Number | MeanWeight) and (isinstance(right, Number | MeanWeight) or self._is_given(right))
        return isinstance(term, Number | MeanWeight | View)

    def _is_given(self, term: Term) -> bool:
        if isinstance(term, Expand) or (isinstance(term, Reduce) and term.how == "sum"):
            return self._is_given(term.term)
        return isinstance(term, View) and term.array.role != "adjoint" and term.array not in self.active

    def pass_on(self, statement: Statement) -> None:
        """The adjoint of a statement's target, handed on to its operands."""
        adjoint = self.finish(statement.target, isinstance(statement, Joining))
        if adjoint is None:
            return
        match statement:
            case Joining():
                self._through_parts(statement, adjoint)
            case Elementwise():
                self._through_row(statement, adjoint)
            case Reduction():
                self._through_list(statement, adjoint)
            case Choose():
                self._through_choice(statement, adjoint)
            case Linear():
                self._through_sum(statement, adjoint)

    def _through_choice(self, statement: Choose, adjoint: Term) -> None:
        for branch, first in ((statement.operands[2], True), (statement.operands[3], False)):
            turn = statement.condition, first
            inside = turn_key(turn) in self._branches_of(branch)
            self._give_out(statement, branch, adjoint if inside else within([turn], adjoint))

    def _through_row(self, statement: Elementwise, adjoint: Term) -> None:
        wanted = [isinstance(operand, View) and operand.array in self.active for operand in statement.operands]
        partials = _partials(statement, wanted)
        slopes: dict[Any, tuple[Term, Term]] = {}
        for operand, partial in zip(statement.operands, partials, strict=True):
            if partial is not None:
                key = operand.key
                slopes[key] = operand, twice_or_sum(slopes[key][1], as_term(partial)) if key in slopes else as_term(partial)
        for operand, slope in slopes.values():
            self._give_out(statement, operand, times(adjoint, without_nan(slope) if self.exact else slope))

    def _through_list(self, statement: Reduction, adjoint: Term) -> None:
        partial = partial_along(statement.primitive, statement.elements, whole(statement.target))
        self._give_out(statement, statement.elements, times(along(adjoint, statement.elements.shape[-1]), partial))

    def _through_parts(self, statement: Joining, adjoint: Term) -> None:
        assert isinstance(adjoint, View)
        start = 0
        for part in statement.parts:
            self._give_out(statement, part, View(adjoint.array, numpy.arange(start, start := start + part.index.size)))

    def _through_sum(self, statement: Linear, adjoint: Term) -> None:
        for single in statement.singles:
            self._give_out(statement, single, along(adjoint, single.shape[-1]) if statement.is_summed(single) else adjoint)
        for x, w in statement.products:
            inside = within(statement.reach, adjoint)
            self.give(x, MatrixProduct("inputs", inside, w))
            self.give(w, MatrixProduct("weights", inside, asked_for(statement.reach, x)))
        for x, y in statement.pairs:
            each = along(adjoint, x.shape[-1]) if statement.is_summed(x) else adjoint
            if x.key == y.key:
                self._give_out(statement, x, times(each, 2.0 * x))
                continue
            self._give_out(statement, x, times(each, y))
            self._give_out(statement, y, times(each, x))


def _partials(statement: Elementwise, wanted: Sequence[bool]) -> list[Any]:
    """The local derivatives; nan where constants alone have none: the value has none there either, and the replay says so."""
    try:
        return partials_on_nodes(statement.primitive, list(map(number_in, statement.operands)), whole(statement.target), wanted)
    except (ArithmeticError, ValueError):
        return [Number(nan) if asked else None for asked in wanted]


def _together(x: Term, y: Term) -> Term:
    """The sum of two contributions; one choice, where each counts in the rows in which the other does not."""
    one, other = bare(x), bare(y)
    if isinstance(one, Select) and isinstance(other, Select) and one.condition.key == other.condition.key:
        return spread(Select(one.condition, one.x + other.x, one.y + other.y), x.shape, x.batched)
    return spread(twice_or_sum(one, other), x.shape, x.batched)


def _is_zero(term: Term) -> bool:
    number = bare(term)
    return isinstance(number, Number) and number.value == 0.0
