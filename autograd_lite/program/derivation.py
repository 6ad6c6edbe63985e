"""The backward statements: reverse accumulation over the forward statements, from the table's rules and a few structural ones.

y = row(x)          x receives d_y * row.dx(x, y)            the rule of the table, on terms
y = sum(x)          x receives d_y, along the axis
z = x @ W.T         x receives d_z @ W, W receives d_z.T @ x
y = x[view]         x receives d_y at the view's places
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy

from autograd_lite.program.along import partial_along
from autograd_lite.program.arrays import (
    Array,
    Expand,
    Fill,
    MatrixProduct,
    Reduce,
    RowSum,
    View,
    bare,
    expanded,
    is_whole,
    key_of,
    over_rows,
    spread,
    twice_or_sum,
    whole,
)
from autograd_lite.program.graph import Ids
from autograd_lite.program.plans import Plan
from autograd_lite.program.statements import Along, Choose, Elementwise, Linear, Lowered, Path, Statement
from autograd_lite.program.terms import Compare, Infix, Minus, Number, Rows, Select, Shape, Term, as_term, number_in
from autograd_lite.rules import partials_on_nodes

__all__ = ["Adjoint", "Contribution", "derived", "planned"]

_MOST_TERMS = 24  # in one expression: what is longer reads better, and compiles, as several statements


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


def planned(program: Lowered, plan: Plan) -> list[Adjoint]:
    """The adjoints that a plan asks for: those of its result, or of the mean of that over the rows."""
    if not plan.wanted:
        return []
    output = program.outputs[plan.result]
    seed: Term = Rows() if plan.mean and output.batched else Number(1.0)
    return derived(program, [(output, seed)], plan.wanted)


def derived(program: Lowered, seeds: Sequence[tuple[Term, Term]], wanted: Sequence[Array]) -> list[Adjoint]:
    """The adjoints of everything between the results and the wanted arrays, results first.

    Args:
        program: the forward statements.
        seeds: for each result to differentiate, its view and its own adjoint.
        wanted: arguments or parameter arrays.
    Returns:
        Adjoints in the order in which they can be computed; arrays that no result depends on have none.
    """
    active = _active(program, wanted)
    sweep = _Sweep(active, {statement.target: set(map(_turn, statement.reach)) for statement in program.statements})
    for output, seed in seeds:
        sweep.give(output, seed)
    for statement in reversed(program.statements):
        sweep.pass_on(statement)
    for array in (*program.parameters, program.all_parameters, *program.arguments):
        sweep.finish(array)
    return sweep.adjoints


def _active(program: Lowered, wanted: Sequence[Array]) -> set[int]:
    """The arrays on a way from a wanted one to a result, by their id."""
    active = {id(array) for array in wanted}
    if any(array.role == "parameter" for array in wanted):
        active.add(id(program.all_parameters))
    for statement in program.statements:
        if not statement.detached and any(isinstance(view, View) and id(view.array) in active for view in statement.operands):
            active.add(id(statement.target))
    return active


class _Sweep:
    def __init__(self, active: set[int], branches: Mapping[Array, set[Any]]) -> None:
        self.active = active
        self.branches = branches  # those that each array's statement stands in
        self.received: dict[int, list[Contribution]] = {}
        self.adjoints: list[Adjoint] = []

    def give(self, operand: Term, term: Term) -> None:
        """An operand receives a term, which has a number for each place where the operand was used, repeated or not."""
        if not isinstance(operand, View) or id(operand.array) not in self.active or _is_zero(term):
            return
        array, index = operand.array, operand.index
        if array.size == 1 and operand.shape != array.shape:  # its one element may have been taken many times
            term, index = _of_length_one(_reduced(term, (), array.batched), array.shape), numpy.zeros(array.shape, numpy.int64)
        else:
            term = _reduced(term, operand.shape, operand.batched)
        _merge(self.received.setdefault(id(array), []), Contribution(index, term))

    def _give_out(self, statement: Statement, operand: Term, term: Term) -> None:
        """As `give`; what leaves branches that the statement stands in counts in their own rows only."""
        inside = self._branches_of(operand)
        self.give(operand, _within([turn for turn in statement.reach if _turn(turn) not in inside], term))

    def _branches_of(self, operand: Term) -> set[Any]:
        return self.branches.get(operand.array, set()) if isinstance(operand, View) else set()

    def finish(self, array: Array) -> Term | None:
        """The adjoint of an array all of whose users have given; None where there is none."""
        contributions = self.received.pop(id(array), None)
        if not contributions:
            return None
        target = Array("", array.shape, array.batched, "adjoint", start=array.start)
        if array.role == "value" and len(contributions) == 1 and is_whole(contributions[0].index, array):
            combined = contributions[0].term
            if _is_trivial(combined):
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

    def pass_on(self, statement: Statement) -> None:
        """The adjoint of a statement's target, handed on to its operands."""
        adjoint = self.finish(statement.target)
        if adjoint is None:
            return
        if isinstance(statement, Elementwise):
            self._through_row(statement, adjoint)
        elif isinstance(statement, Along):
            self._through_list(statement, adjoint)
        elif isinstance(statement, Choose):
            for branch, first in ((statement.given[2], True), (statement.given[3], False)):
                turn = statement.condition, first
                inside = _turn(turn) in self._branches_of(branch)
                self._give_out(statement, branch, adjoint if inside else _within([turn], adjoint))
        elif isinstance(statement, Linear):
            self._through_sum(statement, adjoint)

    def _through_row(self, statement: Elementwise, adjoint: Term) -> None:
        wanted = [isinstance(operand, View) and id(operand.array) in self.active for operand in statement.given]
        partials = _partials(statement, wanted)
        slopes: dict[Any, tuple[Term, Term]] = {}
        for operand, partial in zip(statement.given, partials, strict=True):
            if partial is not None:
                key = key_of(operand)
                slopes[key] = operand, twice_or_sum(slopes[key][1], as_term(partial)) if key in slopes else as_term(partial)
        for operand, slope in slopes.values():
            self._give_out(statement, operand, _times(adjoint, slope))

    def _through_list(self, statement: Along, adjoint: Term) -> None:
        partial = partial_along(statement.row, statement.given, whole(statement.target))
        self._give_out(statement, statement.given, _times(_along(adjoint, statement.given.shape[-1]), partial))

    def _through_sum(self, statement: Linear, adjoint: Term) -> None:
        for single in statement.singles:
            self._give_out(statement, single, _along(adjoint, single.shape[-1]) if statement.is_summed(single) else adjoint)
        for x, w in statement.products:
            inside = _within(statement.reach, adjoint)
            self.give(x, MatrixProduct("inputs", inside, w))
            self.give(w, MatrixProduct("weights", inside, _asked_for(statement.reach, x)))
        for x, y in statement.pairs:
            along = _along(adjoint, x.shape[-1]) if statement.is_summed(x) else adjoint
            self._give_out(statement, x, _times(along, y))
            self._give_out(statement, y, _times(along, x))


def _partials(statement: Elementwise, wanted: Sequence[bool]) -> list[Any]:
    """The local derivatives; nan where the numbers of the function alone have none: the value has none either, and that is told."""
    given = [number_in(operand) for operand in statement.given]
    try:
        return partials_on_nodes(statement.row, given, whole(statement.target), wanted)
    except (ArithmeticError, ValueError):
        return [Number(nan) if asked else None for asked in wanted]


def _times(adjoint: Term, slope: Term) -> Term:
    """The product, of the adjoint's type."""
    return spread(bare(adjoint) * slope, adjoint.shape, adjoint.batched)


def _along(adjoint: Term, length: int) -> Term:
    """The adjoint of a sum as that of its terms along a further axis: the same for each."""
    return spread(expanded(bare(adjoint)), (*adjoint.shape, length), adjoint.batched)


def _reduced(term: Term, shape: Shape, batched: bool) -> Term:
    """The term of this type: summed over the rows where the receiver has none, and over the axes along which it has one element."""
    full, term = (term.shape, term.batched), bare(term)
    if full[1] and not batched:
        term = RowSum(term) if term.batched else over_rows(term)
    count, missing = 1, len(full[0]) - len(shape)
    for place, length in enumerate(full[0]):
        kept = place >= missing
        if kept and shape[place - missing] != 1:
            continue
        axis = len(full[0]) - place  # from the end
        has_axis = len(term.shape) >= axis
        if has_axis and term.shape[-axis] != 1:
            term = Reduce(term, axis=-axis, kept=kept)
        else:
            count *= length
            term = _without(term, axis) if has_axis and not kept else term
    return spread(Number(float(count)) * term, shape, batched)


def _without(term: Term, axis: int) -> Term:
    """The term without an axis of one element, counted from the end."""
    if isinstance(term, Reduce) and term.kept and term.axis == -axis:
        return Reduce(term.term, term.how, term.axis)
    return term.term if isinstance(term, Expand) and axis == 1 else Reduce(term, axis=-axis)


def _of_length_one(term: Term, shape: Shape) -> Term:
    """A number per row as an array with axes of one element."""
    for _ in shape:
        term = term if isinstance(term, Fill) else expanded(term)
    return spread(bare(term), shape, term.batched)


def _turn(turn: tuple[Compare, bool]) -> Any:
    """What tells a branch from all others."""
    condition, first = turn
    return key_of(condition), first


def _within(path: Path, term: Term) -> Term:
    """The term in the rows that take these branches, 0 in the others, whatever it is there."""
    for condition, first in reversed(path):
        inside = bare(term)
        asked = _with_axes(condition, len(term.shape))
        chosen = Select(asked, inside, Number(0.0)) if first else Select(asked, Number(0.0), inside)
        term = spread(chosen, term.shape, term.batched)
    return term


def _with_axes(condition: Compare, axes: int) -> Compare:
    """A condition on the elements of a sum, along whose further axis it is the same."""
    for _ in range(axes - len(condition.shape)):
        condition = Compare(condition.sign, expanded(condition.left), expanded(condition.right))
    return condition


def _asked_for(path: Path, x: Term) -> Term:
    """The inputs of a matrix product in the rows that take these branches, 0 in the others, where nan would meet adjoints of 0.

    That needs branches that are the same for all outputs.
    """
    return _within([turn for turn in path if turn[0].shape[-1:] in ((), (1,))], x)


def _together(x: Term, y: Term) -> Term:
    """The sum of two contributions; one choice, where each counts in the rows in which the other does not."""
    one, other = bare(x), bare(y)
    if isinstance(one, Select) and isinstance(other, Select) and key_of(one.condition) == key_of(other.condition):
        return spread(Select(one.condition, one.x + other.x, one.y + other.y), x.shape, x.batched)
    return spread(twice_or_sum(one, other), x.shape, x.batched)


def _merge(known: list[Contribution], new: Contribution) -> None:
    """One contribution for all that goes to the same places, in the order it comes."""
    for each in known:
        if each.terms < _MOST_TERMS and each.index.shape == new.index.shape and (each.index == new.index).all():
            each.term = _together(each.term, new.term)
            each.terms += 1
            return
    known.append(new)


def _is_zero(term: Term) -> bool:
    number = bare(term)
    return isinstance(number, Number) and number.value == 0.0


def _is_trivial(term: Term) -> bool:
    """Whether a term costs nothing to write twice."""
    if isinstance(term, Expand | Minus | Fill):
        return _is_trivial(term.term)
    if isinstance(term, Infix):
        return all(isinstance(part, Number | Rows) for part in term.parts)
    return isinstance(term, Number | Rows | View)
