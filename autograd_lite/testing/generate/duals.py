"""Forward mode, written apart from the table: the independent model that the engine's protocol is tested against.

A Dual carries the derivatives of its number by every node it came from. Its rules are written out here once more, so that a mistake
in the table or in the reverse sweep is not repeated.
"""

import math
from collections.abc import Mapping
from typing import Any


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

    __slots__ = ("number", "slopes")

    def __init__(self, number: float, slopes: Mapping[int, float] | None = None) -> None:
        self.number = number
        self.slopes = dict(slopes or {})

    def __repr__(self) -> str:
        return f"Dual({self.number!r}, {self.slopes!r})"

    def __add__(self, other: Any) -> "Dual":
        y = _dual(other)
        return _chained(self.number + y.number, (self, 1.0), (y, 1.0))

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Dual":
        y = _dual(other)
        return _chained(self.number - y.number, (self, 1.0), (y, -1.0))

    def __rsub__(self, other: Any) -> "Dual":
        return _dual(other) - self

    def __mul__(self, other: Any) -> "Dual":
        y = _dual(other)
        return _chained(self.number * y.number, (self, y.number), (y, self.number))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Dual":
        y = _dual(other)
        return _chained(self.number / y.number, (self, 1.0 / y.number), (y, -self.number / y.number**2))

    def __rtruediv__(self, other: Any) -> "Dual":
        return _dual(other) / self

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
