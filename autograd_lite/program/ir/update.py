"""An update rule of an optimizer as terms: recorded by giving it terms for numbers, and written as any other statement is.

A parameter is to a rule what a row is to a program: `x`, its gradient and what the rule remembers of it are batched, the rate and
the number of the step are the same for all. Nothing is simplified and nothing put in another order, so that every dialect rounds
as the rule does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.calculus.operators import Operators
from autograd_lite.optim.columns import serves_columns
from autograd_lite.optim.update_rules import Rule
from autograd_lite.program.ir.arrays import Array, View, whole
from autograd_lite.program.ir.terms import Infix, Number, Term

__all__ = ["RecordedUpdate", "recorded_update"]

_SIGNS: Final = ("+", "-", "*", "/", "**")


@dataclass(eq=False)
class RecordedUpdate:
    """A rule as terms.

    Attributes:
        x, gradient, state: arrays with a number for each parameter. rate, step: numbers.
        results: the new x, and the new state.
    """

    x: Array
    gradient: Array
    state: list[Array]
    rate: Array
    step: Array
    results: list[Term]

    @property
    def leaves(self) -> list[Array]:
        """What the rule is given, in the order of its arguments."""
        return [self.x, self.gradient, *self.state, self.rate, self.step]


def recorded_update(rule: Rule) -> RecordedUpdate | None:
    """The rule as terms; None if it is not one of this package, of which alone it is known that they only compute.

    >>> from autograd_lite.optim import SGDRule
    >>> recorded = recorded_update(SGDRule(momentum=0.9))
    >>> [type(term).__name__ for term in recorded.results]
    ['Infix', 'Infix']
    """
    if not serves_columns(rule):
        return None
    state = [Array(name, (), True) for name in rule.state_names]
    x, gradient, rate, step = Array("x", (), True), Array("gradient", (), True), Array("rate", (), False), Array("step", (), False)
    recording: Any = _Recording
    given = [recording(whole(array)) for array in (x, gradient, *state, rate, step)]
    moved, remembered = rule.update(given[0], given[1], tuple(given[2:-2]), given[-2], given[-1])
    return RecordedUpdate(x, gradient, state, rate, step, [_term(each) for each in (moved, *remembered)])


@dataclass(eq=False)
class _Recording(Operators):
    """A term whose arithmetic is written down as it stands."""

    term: Term

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        if sign not in _SIGNS:
            return NotImplemented
        return _Recording(Infix(sign, _term(left), _term(right)))


def _term(operand: Any) -> Term:
    return operand.term if isinstance(operand, _Recording) else Number(float(operand))


def in_order(results: Sequence[Term]) -> list[Term]:
    """Every operation of the terms once, those first that others need."""
    found: dict[int, Term] = {}

    def visit(term: Term) -> None:
        if id(term) not in found and not isinstance(term, View | Number):
            for part in term.parts:
                visit(part)
            found[id(term)] = term

    for result in results:
        visit(result)
    return list(found.values())
