"""The functions of `mathematics` that arrays compute in another way than floats: element by element, or along the last axis.

They need NumPy alone, and call no other function of this package: the source of a program copies those that it needs.
"""

from typing import Any

import numpy as np

__all__ = ["ceil", "floor", "sigmoid", "total"]


def ceil(x: Any) -> Any:
    """The smallest whole number not below x; 0.0, never -0.0, as for floats.

    >>> float(ceil(-0.5))
    0.0
    """
    return np.ceil(x) + 0.0


def floor(x: Any) -> Any:
    """The largest whole number not above x; 0.0, never -0.0, as for floats.

    >>> float(floor(np.array(-0.0)))
    0.0
    """
    return np.floor(x) + 0.0


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), by an exponential that cannot overflow; from x = 37 on it is 1.0 to the last digit.

    >>> float(sigmoid(-720.0)) > 0.0
    True
    """
    e = np.exp(np.minimum(x, 40.0))
    return e / (1 + e)


def total(values: Any, more: float = 0.0) -> Any:
    """The sum along the last axis, and of one more number, with the digits that rounding loses put back.

    >>> float(total(np.full(10, 0.1)))
    1.0
    """
    sums = np.cumsum(values, axis=-1)
    before, after, added = sums[..., :-1], sums[..., 1:], values[..., 1:]
    part = after - before
    lost = ((before - (after - part)) + (added - part)).sum(axis=-1)
    first = sums[..., -1]
    whole = first + more
    part = whole - first
    lost += (first - (whole - part)) + (more - part)
    return np.where(np.isfinite(whole), whole + lost, whole)
