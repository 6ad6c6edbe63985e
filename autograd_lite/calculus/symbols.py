"""Symbols: named numbers on which a rule writes its own equation.

>>> from autograd_lite.engine.primitives import divide
>>> partial_texts(divide, ["x", "y"], "out")
['1 / y', '-out / y']
"""

from collections.abc import Sequence
from typing import Any, final

from autograd_lite.calculus.operators import SIGNS, Operators
from autograd_lite.calculus.rules import partials_on_nodes
from autograd_lite.engine import primitives as table
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, CONDITION, SIGN, Text, number_text

_COMPARISON = 0.5  # binds tighter than a conditional, looser than a sum


@final
class Symbol(Operators, Text):
    """A piece of an expression that grows by arithmetic, as a Value does.

    Args:
        text: what is written for it.
        precedence: how tightly that binds; by default it needs no parentheses.
    Example:
        >>> from autograd_lite import primitives as table
        >>> x, y = Symbol("x"), Symbol("y")
        >>> str((x + y) * -2.0), str(table.log(x * y))
        ('(x + y) * -2', 'log(x * y)')
        >>> x.operated("<", x, y).select(y, 0.0), x.record(table.divide, [x, y])
        (Symbol('y if x < y else 0'), Symbol('x / y'))
    """

    __slots__ = ()

    def __init__(self, text: str, precedence: float = ATOM) -> None:
        super().__init__(text, precedence)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Symbol({self.text!r})"

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "Symbol":
        """The text of a call of `primitive` with these `operands`."""
        written = primitive.write([_as_symbol(operand) for operand in operands])
        return Symbol(written.text, written.precedence)

    def select(self, x: Any, y: Any) -> "Symbol":
        """The text of a choice between x and y by this condition."""
        return Symbol(f"{_as_symbol(x).text} if {self.text} else {_as_symbol(y).text}", CONDITION)

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        """The text of `left` and `right` with a `sign` between them: `+`, `<`."""
        if sign in SIGNS:
            return SIGNS[sign].of((left, right))
        return Symbol(f"{_as_symbol(left).text} {sign} {_as_symbol(right).text}", _COMPARISON)

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Any:
        return table.negate(self)

    def __abs__(self) -> Any:
        return table.abs(self)


def _as_symbol(operand: Any) -> Symbol:
    if isinstance(operand, Symbol):
        return operand
    text = number_text(operand)
    return Symbol(text, SIGN if text.startswith("-") else ATOM)


def partial_texts(primitive: Primitive, operands: Sequence[str | Text], out: str | Text) -> list[str]:
    """The local derivatives of a primitive as text, written by the rules themselves.

    Args:
        primitive: of the table, or a user's own.
        operands: the name, or the text with its precedence, of each operand.
        out: the name of the result.
    Returns:
        One text per operand.
    Example:
        >>> from autograd_lite import exp, hypot
        >>> partial_texts(exp, ["x"], "y"), partial_texts(hypot, ["a", "b"], "c")
        (['y'], ['a / hypot(a, b)', 'b / hypot(a, b)'])
    """
    symbols = [_named(operand) for operand in operands]
    partials = partials_on_nodes(primitive, symbols, _named(out), [True] * len(symbols))
    return [_as_symbol(partial).text for partial in partials]


def _named(name: str | Text) -> Symbol:
    return Symbol(name.text, name.precedence) if isinstance(name, Text) else Symbol(name)
