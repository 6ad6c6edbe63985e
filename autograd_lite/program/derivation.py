"""The backward statements: reverse accumulation over the forward statements, from the table's rules and a few structural ones.

y = row(x)          x receives d_y * row.dx(x, y)            the rule of the table, on terms
y = sum(x)          x receives d_y, along the axis
z = x @ W.T         x receives d_z @ W, W receives d_z.T @ x
y = x[view]         x receives d_y at the view's places
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.program.along import partial_along
from autograd_lite.program.arrays import (
    Array,
    Expand,
    Fill,
    MatrixProduct,
    Reduce,
    RowSum,
    View,
    expanded,
    is_whole,
    key_of,
    twice_or_sum,
    whole,
)
from autograd_lite.program.graph import Ids
from autograd_lite.program.plans import Plan
from autograd_lite.program.statements import Along, Choose, Elementwise, Linear, Lowered, Path, Statement
from autograd_lite.program.terms import Infix, Minus, Number, Rows, Select, Shape, Term, as_term, number_in
from autograd_lite.rules import partials_on_nodes

__all__ = ["Adjoint", "Contribution", "derived", "planned"]

_MOST_TERMS = 24  # in one expression: what is longer reads better, and compiles, as several statements


@dataclass
class Contribution:
    """What some elements of an array receive: their places, and the term, of that shape or all the same along an axis."""

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
    sweep = _Sweep(active, {id(statement.target): len(statement.path) for statement in program.statements})
    for output, seed in seeds:
        sweep.give(output, seed)
    for statement in reversed(program.statements):
        if id(statement.target) in active and not statement.detached:
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
    def __init__(self, active: set[int], depths: Mapping[int, int]) -> None:
        self.active = active
        self.depths = depths  # in how many branches each array's statement stands
        self.received: dict[int, list[Contribution]] = {}
        self.adjoints: list[Adjoint] = []

    def give(self, operand: Term, term: Term) -> None:
        """An operand receives a term."""
        if isinstance(operand, View) and id(operand.array) in self.active and not _is_zero(term):
            if operand.array.size == 1 and operand.index.size > 1:
                self.give(whole(operand.array), _added_up(term, operand.shape))
                return
            reduced, index = _reduced(term, operand.shape, operand.batched), operand.index
            if index.size == operand.array.size == 1 and index.shape != operand.array.shape:
                reduced, index = expanded(reduced) if operand.array.shape else _single(reduced), index.reshape(operand.array.shape)
            _merge(self.received.setdefault(id(operand.array), []), Contribution(index, reduced))

    def _give_out(self, statement: Statement, operand: Term, term: Term) -> None:
        """As `give`; what leaves branches that the statement stands in counts in their own rows only."""
        depth = self.depths.get(id(operand.array), 0) if isinstance(operand, View) else 0
        self.give(operand, _within(statement.path[depth:], term))

    def finish(self, array: Array) -> Term | None:
        """The adjoint of an array all of whose users have given; None where there is none."""
        contributions = self.received.pop(id(array), None)
        if not contributions:
            return None
        if array.role == "value" and len(contributions) == 1 and is_whole(contributions[0].index, array):
            combined = contributions[0].term
            if _is_trivial(combined) or combined.batched != array.batched:
                return combined  # the same in every row, or a mere number: nothing to keep an array for
        target = Array("", array.shape, array.batched, "adjoint", start=array.start)
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
                inside = isinstance(branch, View) and self.depths.get(id(branch.array), 0) > len(statement.path)
                self._give_out(statement, branch, adjoint if inside else _within([(statement.condition, first)], adjoint))
        elif isinstance(statement, Linear):
            self._through_sum(statement, adjoint)

    def _through_row(self, statement: Elementwise, adjoint: Term) -> None:
        wanted = [isinstance(operand, View) and id(operand.array) in self.active for operand in statement.given]
        given = [number_in(operand) for operand in statement.given]
        partials = partials_on_nodes(statement.row, given, whole(statement.target), wanted)
        slopes: dict[Any, tuple[Term, Term]] = {}
        for operand, partial in zip(statement.given, partials, strict=True):
            if partial is not None:
                key = key_of(operand)
                slopes[key] = operand, twice_or_sum(slopes[key][1], as_term(partial)) if key in slopes else as_term(partial)
        for operand, slope in slopes.values():
            self._give_out(statement, operand, adjoint * slope)

    def _through_list(self, statement: Along, adjoint: Term) -> None:
        if statement.path:
            adjoint = _within(statement.path, adjoint)
        self.give(statement.given, expanded(adjoint) * partial_along(statement.row, statement.given, whole(statement.target)))

    def _through_sum(self, statement: Linear, adjoint: Term) -> None:
        adjoint = _within(statement.path, adjoint)
        for single in statement.singles:
            self.give(single, expanded(adjoint) if statement.is_summed(single) else adjoint)
        for x, w in statement.products:
            full = Fill(adjoint, statement.target.shape, x.batched) if _is_smaller(adjoint, statement.target) else adjoint
            self.give(x, MatrixProduct("inputs", full, w))
            self.give(w, MatrixProduct("weights", full, x))
        for x, y in statement.pairs:
            spread = expanded(adjoint) if statement.is_summed(x) else adjoint
            self.give(x, spread * y)
            self.give(y, spread * x)


def _reduced(term: Term, shape: tuple[int, ...], batched: bool) -> Term:
    """The term summed over the rows where the receiver has none, and over the axes along which the receiver repeats."""
    if not batched and not isinstance(term, MatrixProduct):
        term = RowSum(term) if term.batched else _over_rows(term)
    while len(term.shape) > len(shape):
        term = Reduce(term, axis=0)
    for axis, (length, wanted) in enumerate(zip(term.shape[::-1], shape[::-1], strict=False), start=1):
        if wanted == 1 and length != 1:
            term = Reduce(term, axis=-axis, kept=True)
    return term


def _added_up(term: Term, shape: Shape) -> Term:
    """The sum of a term over a whole shape, along which it may be the same."""
    for length in reversed(shape):
        varies = bool(term.shape) and term.shape[-1] == length
        term = Reduce(term) if varies else float(length) * _single(term)
    return term


def _single(term: Term) -> Term:
    """The term without its axis of one element."""
    if isinstance(term, Reduce) and term.kept:
        return Reduce(term.term, term.how, term.axis)
    return Reduce(term) if term.shape else term


def _over_rows(term: Term) -> Term:
    """The sum over all rows of a term that is the same in each: the share of a row, times the number of rows, is 1."""
    if isinstance(term, Rows):
        return Number(1.0)
    if isinstance(term, Minus):
        return -_over_rows(term.term)
    if isinstance(term, Infix) and term.sign == "*":
        return _over_rows(term.left) * term.right if _has_share(term.left) else term.left * _over_rows(term.right)
    if isinstance(term, Infix) and term.sign == "/":
        return _over_rows(term.left) / term.right
    if isinstance(term, Infix):
        return Infix(term.sign, _over_rows(term.left), _over_rows(term.right))
    if isinstance(term, Expand):
        return expanded(_over_rows(term.term))
    if isinstance(term, Select):
        return Select(term.condition, _over_rows(term.x), _over_rows(term.y))
    return term


def _has_share(term: Term) -> bool:
    return isinstance(term, Rows) or any(_has_share(part) for part in getattr(term, "parts", ()))


def _within(path: Path, term: Term) -> Term:
    """The term in the rows that take these branches, 0 in the others."""
    for condition, first in reversed(path):
        term = Select(condition, term, Number(0.0)) if first else Select(condition, Number(0.0), term)
    return term


def _together(x: Term, y: Term) -> Term:
    """The sum of two contributions; one choice, where each counts in the rows in which the other does not."""
    if isinstance(x, Select) and isinstance(y, Select) and key_of(x.condition) == key_of(y.condition):
        return Select(x.condition, x.x + y.x, x.y + y.y)
    return twice_or_sum(x, y)


def _merge(known: list[Contribution], new: Contribution) -> None:
    """One contribution for all that goes to the same places, in the order it comes."""
    for each in known:
        if each.terms < _MOST_TERMS and each.index.shape == new.index.shape and (each.index == new.index).all():
            each.term = _together(each.term, new.term)
            each.terms += 1
            return
    known.append(new)


def _is_smaller(term: Term, array: Array) -> bool:
    return term.shape != array.shape or term.batched != array.batched


def _is_zero(term: Term) -> bool:
    return isinstance(term, Number) and term.value == 0.0


def _is_trivial(term: Term) -> bool:
    """Whether a term costs nothing to write twice."""
    if isinstance(term, Expand | Minus):
        return _is_trivial(term.term)
    if isinstance(term, Infix):
        return all(isinstance(part, Number | Rows) for part in term.parts)
    return isinstance(term, Number | Rows | View)
