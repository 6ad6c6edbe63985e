"""The functions of `mathematics` that arrays compute in another way than floats: element by element, or along the last axis.

They need NumPy alone, and call no other function of this package: the source of a program copies those that it needs.
"""

from typing import Any

import numpy as np

__all__ = ["ceil", "floor", "remainder", "rint", "rounded", "sigmoid", "total", "trunc"]


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


def trunc(x: Any) -> Any:
    """The whole number next to x on the side of 0; 0.0, never -0.0, as for floats.

    >>> float(trunc(-0.5))
    0.0
    """
    return np.trunc(x) + 0.0


def remainder(x: Any, y: Any) -> Any:
    """x minus the multiple of y that is nearest, the even one of two, as for floats; NumPy's function of that name is `%`.

    >>> remainder(np.array([7.0, 6.0]), 4.0).tolist()
    [-1.0, -2.0]
    """
    size, turn = np.abs(x), np.abs(y)
    part = np.fmod(size, turn)
    rest = turn - part
    tie = part - 2.0 * np.fmod(0.5 * (size - part), turn)
    return np.copysign(1.0, x) * np.where(part < rest, part, np.where(rest < part, -rest, tie))


def rint(x: Any) -> Any:
    """The whole number nearest to x, the even one of two; 0.0, never -0.0, as for floats.

    >>> rint(np.array([-0.5, 1.5])).tolist()
    [0.0, 2.0]
    """
    return np.rint(x) + 0.0


def rounded(x: Any, n: Any) -> Any:
    """x to n decimal places, by all its digits: NumPy's own multiplies, and makes 2.68 of 2.675.

    >>> rounded(np.array([2.675, 1.25]), 2.0).tolist()
    [2.67, 1.25]
    """
    return np.vectorize(lambda number, places: round(float(number), int(places)), otypes=[float])(x, n)


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
