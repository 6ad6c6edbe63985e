"""Forward mode, written apart from the table: the independent model that the engine's protocol is tested against.

A Dual carries the derivatives of its number by every node it came from. Its rules are written out here once more, so that a mistake
in the table or in the reverse sweep is not repeated.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def _infix(rule: Callable[[float, float], tuple[float, float, float]]) -> tuple[Callable[..., "Dual"], Callable[..., "Dual"]]:
    """The methods of an operator for a number on its right and on its left."""

    def applied(x: "Dual", y: "Dual") -> "Dual":
        value, by_x, by_y = rule(x.number, y.number)
        return _chained(value, (x, by_x), (y, by_y))

    return lambda self, other: applied(self, _dual(other)), lambda self, other: applied(_dual(other), self)


@dataclass(slots=True, eq=False, repr=False)
class Dual:
    """A number and its derivatives by earlier numbers.

    Attributes:
        number: the value.
        slopes: d self / d node for every node that counts, by the node's serial number; empty for constants.
    Example:
        >>> x = Dual(3.0, {0: 1.0})
        >>> (x * x + 1.0).slopes
        {0: 6.0}
    """

    number: float
    slopes: dict[int, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Dual({self.number!r}, {self.slopes!r})"

    # x op y: the value, and its derivatives by x and by y.
    __add__, __radd__ = _infix(lambda x, y: (x + y, 1.0, 1.0))
    __sub__, __rsub__ = _infix(lambda x, y: (x - y, 1.0, -1.0))
    __mul__, __rmul__ = _infix(lambda x, y: (x * y, y, x))
    __truediv__, __rtruediv__ = _infix(lambda x, y: (x / y, 1.0 / y, -x / y**2))

    def __neg__(self) -> "Dual":
        return _chained(-self.number, (self, -1.0))

    def __pow__(self, exponent: int) -> "Dual":
        return _chained(self.number**exponent, (self, exponent * self.number ** (exponent - 1)))

    def __abs__(self) -> "Dual":
        side = math.copysign(1.0, self.number) if self.number else 0.0
        return _chained(abs(self.number), (self, side))

    def exp(self) -> "Dual":
        """e ** self."""
        return _chained(math.exp(self.number), (self, math.exp(self.number)))

    def tanh(self) -> "Dual":
        """The hyperbolic tangent."""
        return _chained(math.tanh(self.number), (self, 1.0 / math.cosh(self.number) ** 2))

    def sigmoid(self) -> "Dual":
        """1 / (1 + exp(-self))."""
        out = 1.0 / (1.0 + math.exp(-self.number))
        return _chained(out, (self, out * (1.0 - out)))

    def relu(self) -> "Dual":
        """self where positive, else 0."""
        return _chained(max(self.number, 0.0), (self, float(self.number > 0.0)))


def _dual(other: Any) -> Dual:
    return other if isinstance(other, Dual) else Dual(float(other))


def _chained(number: float, *terms: tuple[Dual, float]) -> Dual:
    slopes: dict[int, float] = {}
    for operand, slope in terms:
        for serial, inner in operand.slopes.items():
            slopes[serial] = slopes.get(serial, 0.0) + slope * inner
    return Dual(number, slopes)
