"""The functions of `mathematics` that arrays compute in another way than floats: element by element, or along the last axis.

They need NumPy alone, and call no other function of this package: the source of a program copies those that it needs.
"""

from typing import Any

import numpy as np

__all__ = ["ceil", "floor", "greatest", "others", "remainder", "rint", "rounded", "sigmoid", "total", "trunc", "winners"]


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


def greatest(values: Any) -> Any:
    """The largest along the last axis; nan where there is one.

    >>> float(greatest(np.array([1.0, 3.0, 2.0])))
    3.0
    """
    return values.max(axis=-1)


def others(weights: Any) -> Any:
    """The sums along the last axis of weights of which the largest is 1, without that one.

    >>> float(others(np.array([1e-20, 1.0, 1e-21])))
    1.1e-20
    """
    below = (weights < 1).astype(weights.dtype)
    ones = np.ones(
        weights.shape[-1], weights.dtype
    )  # a product with them is the sum along the axis, which is slow along short ones
    return (weights * below) @ ones + (len(ones) - 1 - below @ ones)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), by an exponential that cannot overflow; from x = 37 on it is 1.0 to the last digit.

    >>> float(sigmoid(-720.0)) > 0.0
    True
    """
    e = np.exp(np.minimum(x, 40.0))
    return e / (1 + e)


def total(values: Any) -> Any:
    """The sum along the last axis, with the digits that rounding loses put back.

    >>> float(total(np.full(10, 0.1)))
    1.0
    """
    sums = np.cumsum(values, axis=-1)
    before, after, added = sums[..., :-1], sums[..., 1:], values[..., 1:]
    part = after - before
    lost = ((before - (after - part)) + (added - part)).sum(axis=-1)
    whole = sums[..., -1]
    return np.where(np.isfinite(whole), whole + lost, whole)


def winners(values: Any) -> Any:
    """The derivatives along the last axis of maximum(maximum(x1, x2), x3) and so on: the last of equals has a half, and so on.

    >>> winners(np.array([2.0, 1.0, 2.0, 2.0]))
    array([0.25, 0.  , 0.25, 0.5 ])
    """
    top = values.max(axis=-1, keepdims=True)
    ties = values == top
    behind = np.cumsum(ties[..., ::-1], axis=-1)[..., ::-1]
    share = np.where(ties, 0.5 ** np.minimum(behind, behind[..., :1] - 1), 0.0)
    return np.where(top == top, share, top).astype(values.dtype)
