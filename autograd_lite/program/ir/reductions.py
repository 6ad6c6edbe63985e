"""A primitive that takes a list, applied to an array along its last axis.

A rule says what it does with a list by a loop over it, by `m.largest` and by `m.total`. Given the elements of one axis at once, the
loop runs a single time on a term that stands for every element, and the two functions become reductions along the axis.
"""

import operator
from collections.abc import Iterator, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy

from autograd_lite.engine import array_mathematics, mathematics
from autograd_lite.engine.number_types import load_again
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.functions import where
from autograd_lite.program.ir.arrays import Along, Array, Expand, Reduce, View, expanded
from autograd_lite.program.ir.signs import is_nonnegative
from autograd_lite.program.ir.terms import Number, Term, as_term


def takes_any_list(primitive: Primitive) -> bool:
    """Whether a primitive's rules can be applied along an axis."""
    return primitive.is_builtin and primitive.takes_list and primitive.arity is None


class _Elements(Sequence[Any]):
    """The elements along the last axis of a term, as a list of which a loop sees one that stands for all."""

    def __init__(self, term: Term) -> None:
        self.term = term

    def __len__(self) -> int:
        return self.term.shape[-1]

    def __getitem__(self, index: Any) -> Any:
        raise TypeError("a rule that picks single elements of a list cannot be applied along an axis")

    def __iter__(self) -> Iterator[Term]:
        yield self.term


def _largest(values: Any) -> Term:
    [element] = values
    return Number(0.0) if isinstance(element, View) and element.is_shifted else Expand(Reduce(element, "max"))


def _others(weights: Any) -> Term:
    [weight] = weights
    return Expand(Reduce(weight, array_mathematics.others.__name__))


def _winners(values: Any) -> list[Term]:
    [element] = values
    return [Along(element, array_mathematics.winners.__name__)]


def _total(values: Any) -> Term:
    """Added up plainly where no term is negative, as then nothing cancels; else with the digits that rounding loses put back."""
    [element] = values
    return Expand(Reduce(element, "sum" if is_nonnegative(element) else array_mathematics.total.__name__))


def _shares(weights: Any) -> list[Term]:
    """Each part in its short form: second derivatives are those of traced Values, which have the long one."""
    [weight] = weights
    return [weight / _total(weights)]


@cache
def _rules() -> dict[str, Any]:
    words: dict[str, Any] = {name: getattr(mathematics, name) for name in mathematics.__all__}
    words |= TABLE
    words.update(where=where, less=operator.lt, equal=operator.eq)
    words.update(greatest=_largest, largest=_largest, others=_others, shares=_shares, total=_total, winners=_winners)
    rules: dict[str, Any] = load_again("primitives", "along", {"m": SimpleNamespace(**words)}).TABLE
    return rules


def value_along(primitive: Primitive, elements: Term) -> Term:
    """The primitive's value of each list along the last axis."""
    return _dropped(as_term(_rules()[primitive.name].forward(_Elements(elements))))


def may_repeat(primitive: Primitive) -> bool:
    """Whether the value of a list stays the same where some of its elements come more than once."""
    return takes_any_list(primitive) and _is_largest(primitive)


@cache
def _is_largest(primitive: Primitive) -> bool:
    elements = View(Array("", (2,), False), numpy.arange(2))
    term = value_along(primitive, elements)
    return isinstance(term, Reduce) and term.how == "max" and term.term is elements


def partial_along(primitive: Primitive, elements: Term, out: Term) -> Term:
    """Its local derivatives with respect to the elements of each list, along the last axis."""
    [partial] = _rules()[primitive.name].partials(_Elements(elements), expanded(out))
    return as_term(partial)


def _dropped(term: Term) -> Term:
    """The term without its last axis, along which it is the same."""
    return term.term if isinstance(term, Expand) else term if isinstance(term, Reduce) else term.map(_dropped)
