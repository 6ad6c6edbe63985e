"""A number with an error bar: what every numerical derivative here answers."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

Line = Callable[[float], float | None]  # a function of one number; None where it has no finite value


@dataclass(frozen=True, slots=True)
class Estimate:
    """A numerical derivative.

    Attributes:
        value: the derivative, as near as the method could tell.
        error: the bar: the true derivative lies within value - error and value + error; inf if the method could not tell.
        method: how it was found, in words.
        left: at a kink, the slope to the left; `value` is then the middle of the two slopes and `error` reaches beyond both.
        right: at a kink, the slope to the right.
        is_jump: whether the function itself jumps here, or, for a second derivative, its slope does: there is no derivative, and
            `left` and `right` are those of the branches.
        is_noisy: whether there is more noise in the function than its rounding explains: it may hide a fast part of any slope.
        hidden: where the function has the same value everywhere, the largest derivative that its rounding might hide.
        beyond: where `value` is infinite because the quotients kept growing, the size that they had reached.
    Example:
        >>> print(Estimate(2.0, 1e-15, "complex step"))
        2.0 +- 1e-15 (complex step)
        >>> found = Estimate(2.0, 0.1, "by hand")
        >>> found.is_kink, found.agrees_with(Estimate(2.3, 0.2, "by eye")), found.scaled(-2.0)
        (False, True, Estimate(value=-4.0, error=0.2, method='by hand', left=None, right=None, is_jump=False, ...))
    """

    value: float
    error: float
    method: str
    left: "Estimate | None" = None
    right: "Estimate | None" = None
    is_jump: bool = False
    is_noisy: bool = field(default=False, compare=False)
    hidden: float = field(default=0.0, compare=False)
    beyond: float = field(default=math.inf, compare=False)

    @property
    def is_kink(self) -> bool:
        """Whether the slopes to the left and to the right differ."""
        return self.left is not None and self.right is not None

    def covers(self, number: float, allowance: float = 0.0) -> bool:
        """Whether a number lies within the bar, widened by an allowance.

        >>> Estimate(2.0, 0.1, "by hand").covers(2.05), Estimate(2.0, 0.1, "by hand").covers(2.2, allowance=0.2)
        (True, True)
        """
        return number == self.value or abs(number - self.value) <= self.error + allowance

    def agrees_with(self, other: "Estimate") -> bool:
        """Whether the bar overlaps that of an `other` estimate."""
        return self.covers(other.value, other.error)

    def scaled(self, factor: float) -> "Estimate":
        """The estimate of `factor` times the derivative."""
        return Estimate(self.value * factor, self.error * abs(factor), self.method)

    def __str__(self) -> str:
        if self.left is not None and self.right is not None:
            sides = f"{self.left.value!r} on the left to {self.right.value!r} on the right ({self.method})"
            return f"no number, for there is a jump, from {sides}" if self.is_jump else f"from {sides}"
        return f"{self.value!r} +- {self.error:.2g} ({self.method})"


def check_order(order: int) -> None:
    """Raises a ValueError unless a derivative of this order can be estimated."""
    if order not in (1, 2):
        raise ValueError(f"numerical derivatives are of order 1 or 2, got {order!r}")


def unknown(method: str) -> Estimate:
    """The estimate of a method that could not tell.

    >>> unknown("differences").error
    inf
    """
    return Estimate(math.nan, math.inf, method)


def kink(left: Estimate, right: Estimate, is_jump: bool = False) -> Estimate:
    """The estimate where two slopes meet: their middle, with a bar that reaches beyond both.

    >>> print(kink(Estimate(0.0, 0.0, "one-sided"), Estimate(1.0, 0.0, "one-sided")))
    from 0.0 on the left to 1.0 on the right (one-sided)
    """
    low, high = min(left.value - left.error, right.value - right.error), max(left.value + left.error, right.value + right.error)
    return Estimate(low + (high - low) / 2.0, (high - low) / 2.0, left.method, left, right, is_jump)
