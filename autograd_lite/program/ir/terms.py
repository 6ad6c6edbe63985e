"""The intermediate representation: terms, which say how an array is computed from others.

A term has the shape of one sample, without the axis of rows; `batched` says whether it has one number per row at all. Terms take
part in arithmetic and record calls of primitives, so that a rule of the table, given terms, answers with terms.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from autograd_lite.calculus.rules import rule_on_nodes
from autograd_lite.engine.primitive import Primitive

__all__ = [
    "Call",
    "Compare",
    "Compound",
    "Infix",
    "Minus",
    "Number",
    "Rows",
    "Select",
    "Shape",
    "Term",
    "as_term",
    "joined_shape",
    "number_in",
    "value_of",
]

Shape = tuple[int, ...]
_KNOWN: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}  # never raise


class Term:
    """A number per element, and per row where `batched`."""

    shape: Shape = ()
    batched: bool = False
    key: Any = None  # see `key_of`

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "Term":
        """primitive(*operands) as a term: by less work where the row knows a way, else as the row's own `forward` says it."""
        given = [number_in(operand) for operand in operands]
        shorter = primitive.shorter(given)
        if shorter is not None:
            return as_term(shorter)
        terms = [as_term(operand) for operand in operands]
        if not primitive.is_builtin:
            rule: Any = primitive
            return as_term(rule.forward(terms) if rule.takes_list else rule.forward(*terms))
        return Call(primitive, terms)

    def select(self, x: Any, y: Any) -> "Term":
        """The choice between x and y by this condition."""
        return Select(self, as_term(x), as_term(y))

    def __add__(self, other: Any) -> "Term":
        return _infix("+", self, as_term(other))

    def __radd__(self, other: Any) -> "Term":
        return _infix("+", as_term(other), self)

    def __sub__(self, other: Any) -> "Term":
        return _infix("-", self, as_term(other))

    def __rsub__(self, other: Any) -> "Term":
        return _infix("-", as_term(other), self)

    def __mul__(self, other: Any) -> "Term":
        return _infix("*", self, as_term(other))

    def __rmul__(self, other: Any) -> "Term":
        return _infix("*", as_term(other), self)

    def __truediv__(self, other: Any) -> "Term":
        return _infix("/", self, as_term(other))

    def __rtruediv__(self, other: Any) -> "Term":
        return _infix("/", as_term(other), self)

    def __pow__(self, other: Any) -> "Term":
        return _infix("**", self, as_term(other))

    def __rpow__(self, other: Any) -> "Term":
        return _infix("**", as_term(other), self)

    def __neg__(self) -> "Term":
        return Number(-self.value) if isinstance(self, Number) else self.term if isinstance(self, Minus) else Minus(self)

    def __lt__(self, other: Any) -> "Term":
        return Compare("<", self, as_term(other))

    def __gt__(self, other: Any) -> "Term":
        return Compare(">", self, as_term(other))

    def __eq__(self, other: Any) -> "Term":  # type: ignore[override]
        return Compare("==", self, as_term(other))

    __hash__ = object.__hash__


@dataclass(eq=False)
class Number(Term):
    """A number that is known."""

    value: float


@dataclass(eq=False)
class Rows(Term):
    """The share of one row in a mean over the rows: 1 / rows."""


@dataclass(eq=False)
class Compound(Term):
    """A term of terms, element by element."""

    def __post_init__(self) -> None:
        self.shape = joined_shape([part.shape for part in self.parts])
        self.batched = any(part.batched for part in self.parts)

    @property
    def parts(self) -> "Sequence[Term]":
        """The terms inside."""
        raise NotImplementedError


@dataclass(eq=False)
class Infix(Compound):
    """left + right, and so on."""

    sign: str
    left: Term
    right: Term

    @property
    def parts(self) -> Sequence[Term]:
        return self.left, self.right


@dataclass(eq=False)
class Compare(Infix):
    """left < right, and so on."""


@dataclass(eq=False)
class Minus(Compound):
    """-term."""

    term: Term

    @property
    def parts(self) -> Sequence[Term]:
        return (self.term,)


@dataclass(eq=False)
class Call(Compound):
    """A row of the table, element by element."""

    row: Primitive
    operands: Sequence[Term]

    @property
    def parts(self) -> Sequence[Term]:
        return self.operands


@dataclass(eq=False)
class Select(Compound):
    """x where the condition holds, else y."""

    condition: Term
    x: Term
    y: Term

    @property
    def parts(self) -> Sequence[Term]:
        return self.condition, self.x, self.y


def joined_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape of arithmetic on arrays of these shapes, by NumPy's rules; most often they are all the same."""
    first = shapes[0]
    return first if all(shape == first for shape in shapes) else numpy.broadcast_shapes(*shapes)


def as_term(operand: Any) -> Term:
    """The operand as a term; numbers become known numbers."""
    return operand if isinstance(operand, Term) else Number(float(operand))


def number_in(operand: Any) -> Any:
    """The number that a term is known to be, or the term itself."""
    return operand.value if isinstance(operand, Number) else operand


def value_of(row: Primitive, operands: Sequence[Term]) -> Term:
    """The value of a row as a term: by a shorter way, or in the words of its own rule."""
    shorter = row.shorter([number_in(operand) for operand in operands])
    if shorter is not None:
        return as_term(shorter)
    rule: Any = rule_on_nodes(row)
    return as_term(rule.forward(list(operands)) if rule.takes_list else rule.forward(*operands))


def _infix(sign: str, left: Term, right: Term) -> Term:
    """The operation, or what is left of it where an operand is 0 or 1, or both are known."""
    x, y = number_in(left), number_in(right)
    if isinstance(x, float) and isinstance(y, float) and sign in _KNOWN:
        return Number(_KNOWN[sign](x, y))
    if sign == "*":
        return _product(left, right)
    if sign in "+-":
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


def _product(left: Term, right: Term) -> Term:
    """The product as number * share of a row * factors, each of them only where it is there."""
    number, shares, factors = 1.0, [], []
    for side in (left, right):
        part, term = _scaled(side)
        number *= part
        while isinstance(term, Infix) and type(term) is Infix and term.sign == "*":
            if isinstance(term.left, Rows):
                shares.append(term.left)
                term = term.right
                continue
            break
        if isinstance(term, Rows):
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


def _scaled(term: Term) -> tuple[float, Term]:
    """A term as a number times the rest."""
    if isinstance(term, Number):
        return term.value, Number(1.0)
    if isinstance(term, Minus):
        number, rest = _scaled(term.term)
        return -number, rest
    if type(term) is Infix and term.sign == "*" and isinstance(term.left, Number):
        return term.left.value, term.right
    return 1.0, term


def _times(left: Term, right: Term) -> Term:
    """left * right, multiplied from left to right."""
    if type(right) is Infix and right.sign == "*":
        return _times(_times(left, right.left), right.right)
    return Infix("*", left, right)
