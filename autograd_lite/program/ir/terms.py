"""The intermediate representation: terms, which say how an array is computed from others.

A term has the shape of one sample, without the axis of rows; `batched` says whether it has one number per row at all. Terms take
part in arithmetic and record calls of primitives, so that a rule of the table, given terms, answers with terms.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast

import numpy

from autograd_lite.calculus.operators import SIGNS, Operators
from autograd_lite.calculus.rules import rule_on_nodes
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive

Shape = tuple[int, ...]
Type = tuple[Shape, bool]
_COMPARISONS = ("<", ">", "==")
_CALLS = ("%", "//")  # signs that are written as calls
_OWN = (str, float, int, bool, Primitive)  # what a term holds besides its parts
_KNOWN: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}  # never raise


class Term(Operators):
    """A number per element, and per row where `batched`; `parts` are the terms inside."""

    shape: Shape = ()
    batched: bool = False
    parts: "Sequence[Term]" = ()
    _key: Any = None

    @property
    def key(self) -> Any:
        """What two terms have in common if and only if they are the same expression; found once for each term."""
        if self._key is None:
            self._key = self._found_key()
        return self._key

    def _found_key(self) -> Any:
        own = tuple([value for value in vars(self).values() if isinstance(value, _OWN)])
        return type(self).__name__, own, tuple([part.key for part in self.parts])

    def walk(self) -> "Iterator[Term]":
        """The term and everything inside, what is outside first."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(part.parts)

    def map(self, change: "Callable[[Term], Term]") -> "Term":
        """The same operation on changed parts; the term itself where none is another."""
        new = [change(part) for part in self.parts]
        if all(map(operator.is_, self.parts, new)):
            return self
        left = iter(new)
        changed = {
            name: next(left) if isinstance(value, Term) else list(islice(left, len(value)))
            for name, value in vars(self).items()
            if isinstance(value, Term) or (type(value) is list and name != "parts")
        }
        return cast(Term, replace(cast(Any, self), **changed))

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "Term":
        """primitive(*operands) as a term: by `simplify` where that knows a way, else by `forward`, on terms."""
        given = [number_in(operand) for operand in operands]
        simpler = primitive.simplify(given)
        if simpler is not None:
            return as_term(simpler)
        terms = [as_term(operand) for operand in operands]
        return Call(primitive, terms) if primitive.is_builtin else as_term(forward(primitive, terms))

    def select(self, x: Any, y: Any) -> "Term":
        """The choice between x and y by this condition."""
        return Select(self, as_term(x), as_term(y))

    def operated(self, sign: str, left: Any, right: Any) -> "Term":
        """left + right, and so on; a comparison of both."""
        if sign in _CALLS:
            return self.record(SIGNS[sign], (left, right))
        operation = Compare if sign in _COMPARISONS else _infix
        return operation(sign, as_term(left), as_term(right))

    def __neg__(self) -> "Term":
        return Number(-self.value) if isinstance(self, Number) else self.term if isinstance(self, Minus) else Minus(self)

    __hash__ = object.__hash__


@dataclass(eq=False)
class Number(Term):
    """A number that is known."""

    value: float

    def _found_key(self) -> Any:
        return "Number", repr(self.value)  # which tells -0.0 from 0.0


@dataclass(eq=False)
class MeanWeight(Term):
    """The weight of one row in a mean over the rows: 1 / rows."""


@dataclass(eq=False)
class Compound(Term):
    """A term of terms; element by element, where a derived class says nothing else."""

    def __post_init__(self) -> None:
        parts: list[Term] = []
        for value in vars(self).values():
            if isinstance(value, Term):
                parts.append(value)
            elif type(value) is list:
                parts += value
        self.parts = parts
        self.shape, self.batched = self.type_of(parts)

    def type_of(self, parts: "Sequence[Term]") -> "Type":
        """The shape, and whether there is a number per row, of the operation on these parts."""
        return joined_shape([part.shape for part in parts]), True in [part.batched for part in parts]


@dataclass(eq=False)
class Infix(Compound):
    """left + right, and so on."""

    sign: str
    left: Term
    right: Term


@dataclass(eq=False)
class Compare(Compound):
    """left < right, and so on."""

    sign: str
    left: Term
    right: Term


@dataclass(eq=False)
class Minus(Compound):
    """-term."""

    term: Term


@dataclass(eq=False)
class Call(Compound):
    """A primitive, element by element."""

    primitive: Primitive
    operands: list[Term]


@dataclass(eq=False)
class Select(Compound):
    """x where the condition holds, else y."""

    condition: Term
    x: Term
    y: Term


def joined_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape of arithmetic on arrays of these shapes, by NumPy's rules; most often they are all the same."""
    first = shapes[0]
    return first if shapes.count(first) == len(shapes) else numpy.broadcast_shapes(*shapes)


def as_term(operand: Any) -> Term:
    """The operand as a term; numbers become known numbers."""
    return operand if isinstance(operand, Term) else Number(float(operand))


def number_in(operand: Any) -> Any:
    """The number that a term is known to be, or the term itself."""
    return operand.value if isinstance(operand, Number) else operand


def value_of(primitive: Primitive, operands: Sequence[Term]) -> Term:
    """The value of a primitive as a term: by `simplify` where that knows a way, else by its rule."""
    simpler = primitive.simplify([number_in(operand) for operand in operands])
    if simpler is not None:
        return as_term(simpler)
    return as_term(forward(rule_on_nodes(primitive), list(operands)))


def _infix(sign: str, left: Term, right: Term) -> Term:
    """The operation, or what is left of it where an operand is 0 or 1, or both are known."""
    x, y = number_in(left), number_in(right)
    if isinstance(x, float) and isinstance(y, float) and sign in _KNOWN:
        return Number(_KNOWN[sign](x, y))
    if sign == "*":
        return _product(left, right)
    if sign in "+-":
        shared = without_share(left), without_share(right)
        if shared[0] is not None and shared[1] is not None:
            return _product(MeanWeight(), _infix(sign, shared[0], shared[1]))
        return _sum(sign, left, right, x, y)
    if sign == "/" and isinstance(y, float) and y == 1.0:
        return left
    return -_infix("/", left.term, right) if sign == "/" and isinstance(left, Minus) else Infix(sign, left, right)


def _sum(sign: str, left: Term, right: Term, x: Any, y: Any) -> Term:
    if isinstance(y, float) and y == 0.0:
        return left
    if isinstance(x, float) and x == 0.0:
        return right if sign == "+" else -right
    if isinstance(right, Minus):
        return _sum("-" if sign == "+" else "+", left, right.term, x, None)
    if sign == "+" and isinstance(left, Minus):
        return _sum("-", right, left.term, y, None)
    return Infix(sign, left, right)


def without_share(term: Term) -> Term | None:
    """What the weight of a row multiplies in a term that is such a product; None for any other."""
    match term:
        case MeanWeight():
            return Number(1.0)
        case Minus(inside):
            rest = without_share(inside)
            return None if rest is None else -rest
        case Infix("*", MeanWeight(), rest):
            return rest
        case Infix("*", Number(), inside):
            rest = without_share(inside)
            return None if rest is None else _product(term.left, rest)
    return None


def _product(left: Term, right: Term) -> Term:
    """The product as number * weight of a row * factors, each of them only where it is there."""
    number, shares, factors = 1.0, [], []
    for side in (left, right):
        part, term = scaled(side)
        number *= part
        while isinstance(term, Infix) and term.sign == "*" and isinstance(term.left, MeanWeight):
            shares.append(term.left)
            term = term.right
        if isinstance(term, MeanWeight):
            shares.append(term)
        elif not (isinstance(term, Number) and term.value == 1.0):
            factors.append(term)
    product: Term | None = None
    for factor in factors:
        product = factor if product is None else _times(product, factor)
    for share in shares:
        product = share if product is None else Infix("*", share, product)
    if product is None:
        return Number(number)
    return product if number == 1.0 else -product if number == -1.0 else Infix("*", Number(number), product)


def scaled(term: Term) -> tuple[float, Term]:
    """A term as a number times the rest."""
    if isinstance(term, Number):
        return term.value, Number(1.0)
    if isinstance(term, Minus):
        number, rest = scaled(term.term)
        return -number, rest
    if isinstance(term, Infix) and term.sign == "*" and isinstance(term.left, Number):
        return term.left.value, term.right
    return 1.0, term


def _times(left: Term, right: Term) -> Term:
    """left * right, multiplied from left to right."""
    if isinstance(right, Infix) and right.sign == "*":
        return _times(_times(left, right.left), right.right)
    if isinstance(right, Infix) and right.sign == "/" and isinstance(right.left, Number) and right.left.value == 1.0:
        return Infix("/", left, right.right)
    return Infix("*", left, right)
