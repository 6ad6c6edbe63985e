"""Functions that arrays compute in another way than floats, for the head of an emitted source: they are copied there as they are.

Floats raise where an exponential overflows, so their formulas go around it; arrays carry inf, and may go through it.
"""

from typing import Any

import numpy as np

__all__ = ["ceil", "floor", "sigmoid", "total"]


def ceil(x: Any) -> Any:
    """The smallest whole number not below x; 0.0, never -0.0, as for floats."""
    return np.ceil(x) + 0.0


def floor(x: Any) -> Any:
    """The largest whole number not above x; 0.0, never -0.0, as for floats."""
    return np.floor(x) + 0.0


def total(values: Any, more: float = 0.0) -> Any:
    """The sum along the last axis, and of one more number, with the digits that rounding loses put back."""
    sums = np.cumsum(values, axis=-1)
    before, after, added = sums[..., :-1], sums[..., 1:], values[..., 1:]
    part = after - before
    lost = ((before - (after - part)) + (added - part)).sum(axis=-1)
    first = sums[..., -1]
    whole = first + more
    part = whole - first
    lost += (first - (whole - part)) + (more - part)
    return np.where(np.isfinite(whole), whole + lost, whole)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)); where exp overflows, the value is below 1e-308 and becomes 0."""
    return 1 / (1 + np.exp(-x))
