"""What operands receive, as terms: an adjoint has the type of what it belongs to, and says by `Fill` how often it repeats."""

from collections.abc import Sequence
from typing import Any

from autograd_lite.program.ir.arrays import Expand, Fill, Reduce, RowSum, bare, expanded, over_rows, spread, summed
from autograd_lite.program.ir.statements import Conditions
from autograd_lite.program.ir.terms import Compare, Infix, Number, Select, Shape, Term


def times(adjoint: Term, slope: Term) -> Term:
    """The product, of the adjoint's type."""
    return spread(bare(adjoint) * slope, adjoint.shape, adjoint.batched)


def without_nan(slope: Term) -> Term:
    """A slope where nothing that counts is nan: then 0 times a number is 0."""
    match slope:
        case Infix("*", Number(0.0), _):
            return Number(0.0)
        case Select(condition, x, y):
            return Select(condition, without_nan(x), without_nan(y))
    return slope


def along(adjoint: Term, length: int) -> Term:
    """The adjoint of a sum as that of its terms along a further axis: the same for each."""
    return spread(expanded(bare(adjoint)), (*adjoint.shape, length), adjoint.batched)


def reduced(term: Term, shape: Shape, batched: bool, dropped: Sequence[int] = ()) -> Term:
    """The term of this type: summed over the rows where the receiver has none, and over the axes along which it has one element;
    without those that are `dropped`."""
    full, term = (term.shape, term.batched), bare(term)
    if full[1] and not batched:
        term = RowSum(term) if term.batched else over_rows(term)
    count, missing = 1, len(full[0]) - len(shape)
    for place, length in enumerate(full[0]):
        if place >= missing and shape[place - missing] != 1:
            continue
        kept = place >= missing and place - missing not in dropped
        axis = len(full[0]) - place  # from the end
        has_axis = len(term.shape) >= axis
        if has_axis and term.shape[-axis] != 1:
            term = summed(term, -axis, kept)
        else:
            count *= length
            term = _without(term, axis) if has_axis and not kept else term
    shape = tuple(length for place, length in enumerate(shape) if place not in dropped)
    return spread(term if count == 1 else Number(float(count)) * term, shape, batched)


def ones_between(shape: Shape, inner: Shape) -> list[int] | None:
    """The axes of one element that the one shape has and the other one lacks; None where more than that differs."""
    found, left = [], list(inner)
    for place in range(len(shape) - 1, -1, -1):
        if left and left[-1] == shape[place]:
            left.pop()
        elif shape[place] == 1:
            found.append(place)
        else:
            return None
    return None if left else found


def _without(term: Term, axis: int) -> Term:
    """The term without an axis of one element, counted from the end."""
    if isinstance(term, Reduce) and term.kept and term.axis == -axis:
        return Reduce(term.term, term.how, term.axis)
    return term.term if isinstance(term, Expand) and axis == 1 else Reduce(term, axis=-axis)


def of_length_one(term: Term, shape: Shape) -> Term:
    """A number per row as an array with axes of one element."""
    for _ in shape:
        term = term if isinstance(term, Fill) else expanded(term)
    return spread(bare(term), shape, term.batched)


def turn_key(turn: tuple[Compare, bool]) -> Any:
    """What tells a branch from all others."""
    condition, first = turn
    return condition.key, first


def within(path: Conditions, term: Term) -> Term:
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


def asked_for(path: Conditions, x: Term) -> Term:
    """The inputs of a matrix product in the rows that take these branches, 0 in the others, where nan would meet adjoints of 0.

    That needs branches that are the same for all outputs.
    """
    return within([turn for turn in path if turn[0].shape[-1:] in ((), (1,))], x)
