"""Opaque numbers: complex and mpmath numbers that, like a Value, cannot be turned into a float on the way.

`math.exp(x)`, `float(x)` and `int(x)` make a constant of an mpmath number, and `abs(x)` makes one of a complex number: a derivative
taken through them forgets that part of the function without a word. An Opaque number refuses where it would lose something, and
compares and branches by its real part, as the float does.
"""

import operator
from collections.abc import Callable, Sequence
from numbers import Number
from typing import Any

from autograd_lite.calculus.operators import SIGNS, Operators
from autograd_lite.engine.number_types import evaluate, forward
from autograd_lite.engine.numpy_methods import add_methods
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value


def _infix(operation: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The methods of an operator for a number on its left and on its right."""

    def left(self: "Opaque", other: Any) -> Any:
        return Opaque(operation(self.inside, _inside(other))) if _is_number(other) else NotImplemented

    def right(self: "Opaque", other: Any) -> Any:
        return Opaque(operation(_inside(other), self.inside)) if _is_number(other) else NotImplemented

    return left, right


def _comparison(comparison: Callable[[Any, Any], Any]) -> Callable[["Opaque", Any], bool]:
    return lambda self, other: bool(comparison(_real(self), _real(other)))


class Opaque:
    """A number to compute with, but not to look into.

    Attributes:
        inside: the complex, mpmath or constant number.
    Example:
        >>> from autograd_lite import exp
        >>> (Opaque(2j) * abs(Opaque(-3.0 + 1j)) + exp(0.0)).inside
        (3+6j)
        >>> float(Opaque(2j))
        Traceback (most recent call last):
        ...
        TypeError: float() argument must be a string or a real number, not 'Opaque'
    """

    __slots__ = ("inside",)

    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def __repr__(self) -> str:
        return "<a number to differentiate by>"  # no digits: a float read from this text would be a constant

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "Opaque":
        """primitive(*operands), which `Primitive` asks of numbers that are not its own."""
        if primitive.is_builtin:
            return Opaque(evaluate(primitive, [_inside(operand) for operand in operands]))
        answer = forward(primitive, list(operands))  # a stranger's: it must not look into the numbers either
        return answer if isinstance(answer, Opaque) else Opaque(answer)

    __add__, __radd__ = _infix(operator.add)
    __sub__, __rsub__ = _infix(operator.sub)
    __mul__, __rmul__ = _infix(operator.mul)
    __truediv__, __rtruediv__ = _infix(operator.truediv)
    __pow__, __rpow__ = _infix(operator.pow)
    __mod__, __rmod__ = _infix(SIGNS["%"])  # by the table: complex numbers have no such operators
    __floordiv__, __rfloordiv__ = _infix(SIGNS["//"])
    __divmod__, __rdivmod__, __round__ = Operators.__divmod__, Operators.__rdivmod__, Operators.__round__
    __floor__, __ceil__, __trunc__ = Operators.__floor__, Operators.__ceil__, Operators.__trunc__
    __int__ = Operators.__int__
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __hash__ = object.__hash__

    def __neg__(self) -> "Opaque":
        return Opaque(-self.inside)

    def __pos__(self) -> "Opaque":
        return self

    def __abs__(self) -> "Opaque":
        return -self if _real(self) < 0.0 else self

    def __eq__(self, other: object) -> bool:
        return bool(_real(self) == _real(other))

    def __bool__(self) -> bool:
        return bool(_real(self))


add_methods(Opaque)  # `numpy` calls them, too, on the elements of an array of objects


def _is_number(operand: Any) -> bool:
    """Whether it is one number: an array answers element by element instead."""
    return isinstance(operand, float | int | Opaque | Value | Number) or hasattr(operand, "_mpf_")


def _inside(operand: Any) -> Any:
    if isinstance(operand, Opaque):
        return operand.inside
    return operand.data if isinstance(operand, Value) else operand  # a Value that the function brings along is a constant here


def _real(number: Any) -> Any:
    inside = _inside(number)
    return inside.real if isinstance(inside, complex) else inside
