"""Statements: what a program does, one array after the other, in a form that can still be differentiated."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value
from autograd_lite.program.ir.arrays import Array, Joined, MatrixProduct, Reduce, View
from autograd_lite.program.ir.reductions import value_along
from autograd_lite.program.ir.terms import Compare, Select, Term, value_of

MOST_TERMS = 24  # of one: what is longer reads better, and compiles, as several statements
Conditions = Sequence[tuple[Compare, bool]]


@dataclass
class _Statement:
    """One array, computed from others: `operands` are the views and numbers it is computed from, `term` is its value.

    Attributes:
        target: the array. detached: whether no derivative flows through it.
        path: the branches of `where` that it stands in: comparisons, each with the outcome that leads there.
        reach: those through which alone a result depends on it, which are the same or more: other rows have no derivative by it.
    """

    target: Array
    detached: bool
    path: Conditions
    reach: Conditions = field(default=(), init=False)


@dataclass
class Elementwise(_Statement):
    """A primitive, element by element."""

    primitive: Primitive
    operands: list[Term]

    @property
    def term(self) -> Term:
        return value_of(self.primitive, self.operands)


@dataclass
class Reduction(_Statement):
    """A primitive that takes a list, of the elements along the last axis of a view."""

    primitive: Primitive
    elements: View

    @property
    def operands(self) -> list[Term]:
        return [self.elements]

    @property
    def term(self) -> Term:
        return value_along(self.primitive, self.elements)


@dataclass
class Choose(_Statement):
    """x where left < right (or another comparison), else y; the operands are left, right, x, y.

    Attributes:
        sign: of the comparison. deferred: whether x and y, each, are computed only where they are taken.
    """

    sign: str
    operands: list[Term]
    deferred: tuple[bool, bool]

    @property
    def condition(self) -> Compare:
        """The comparison that chooses."""
        return Compare(self.sign, self.operands[0], self.operands[1])

    @property
    def term(self) -> Term:
        return Select(self.condition, self.operands[2], self.operands[3])


@dataclass
class Linear(_Statement):
    """A sum of terms: of plain ones, of sums along an axis, of matrix products and of inner products.

    Attributes:
        singles: numbers and views of the target's shape; views with a further axis are summed along it.
        products: pairs (inputs, weights): inputs (..., m) and weights (outputs, m).
        pairs: pairs of views whose product is summed along their further axis.
        primitive: what adds, where its own rule may raise; None for additions one by one.
    """

    singles: Sequence[Term] = field(default_factory=list)
    products: Sequence[tuple[Term, Term]] = field(default_factory=list)
    pairs: Sequence[tuple[Term, Term]] = field(default_factory=list)
    primitive: Primitive | None = None

    @property
    def operands(self) -> list[Term]:
        return [*self.singles, *(side for pair in (*self.products, *self.pairs) for side in pair)]

    @property
    def term(self) -> Term:
        terms: list[Term] = [MatrixProduct("forward", x, w) for x, w in self.products]
        terms += [Reduce(x * y) if self.is_summed(x) or self.is_summed(y) else x * y for x, y in self.pairs]
        terms += [Reduce(single) if self.is_summed(single) else single for single in self.singles]
        return reduce(operator.add, terms)

    @property
    def apart(self) -> list[Term]:
        """The operands that stand in no matrix product."""
        return [*self.singles, *(side for pair in self.pairs for side in pair)]

    def is_summed(self, single: Term) -> bool:
        """Whether a single has a further axis."""
        return len(single.shape) > len(self.target.shape)


@dataclass
class Joining(_Statement):
    """Elements of several arrays, one after the other."""

    parts: list[View]

    @property
    def operands(self) -> list[Term]:
        return [*self.parts]

    @property
    def term(self) -> Term:
        return Joined([*self.parts])


Statement = Elementwise | Reduction | Choose | Linear | Joining


@dataclass
class Check:
    """A comparison that must come out as it did when the function was traced.

    Attributes:
        condition: the comparison. outcome: what it must be.
        path: conditions that say in which rows it is asked at all, each with the outcome that leads there.
        place: the line in the user's code.
    """

    condition: Compare
    outcome: bool
    path: Conditions
    place: str

    @property
    def conditions(self) -> list[Compare]:
        """The comparison, and those on its path."""
        return [self.condition, *(asked for asked, _ in self.path)]


@dataclass
class Lowered:
    """A function as statements.

    Attributes:
        name: of the function. identifier: what it is called in a source.
        arguments: the arrays it takes. parameters: the arrays that are parts of the one array of parameters, in order.
        all_parameters: that one array.
        constants: arrays of known numbers.
        statements: in order.
        outputs: one view for each result.
        checks: the guards.
        order: for each place in the array of parameters, which parameter of the traced function stands there.
        taken: the names that are given.
        captured: Values from outside that were taken as constants, with their numbers.
        differentiated: what inner derivatives went through, which must have a value for them to have one.
        nodes: how many the graph has.
        exact: whether derivatives of a mean may count on sums of parts that are 1, and on a mean that is not nan.
    """

    name: str
    identifier: str
    arguments: list[Array]
    all_parameters: Array
    parameters: list[Array]
    constants: list[Array]
    statements: list[Statement]
    outputs: list[Term]
    checks: list[Check]
    order: list[int]
    taken: set[str]
    captured: list[tuple[Value, float]]
    differentiated: list[Term] = field(default_factory=list)
    nodes: int = 0
    exact: bool = False
