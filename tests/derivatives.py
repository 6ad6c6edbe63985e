"""Derivatives of any order of independent mpmath functions, and their limits at edges: the reference for second and third orders.

Inside the domain a derivative is a central difference with so many digits that at least twenty remain. At the end of a domain, at a
zero that a function may have a kink at, and at infinity it is the limit of such derivatives from the inside: a number, an infinity,
or None where it does not exist.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from mpmath import mp, mpf

_DIGITS = (150, 400, 800, 1500)
_STEP = 70  # binary digits between the operands' scale and the step of a difference: its error is the square of that
_NEAR = (150, 300, 600)
_FAR = (
    100,
    1000,
    9000,
)  # sizes beyond which exponentials are not worked out  # binary digits of the distances, or sizes, at which a limit is read off
_SAME = mpf("1e-15")

Function = Callable[..., Any]


def derivative(function: Function, point: Sequence[Any], orders: Sequence[int], scale: Any = None) -> Any:
    """The partial derivative of the given orders at a point around which the function is smooth, as an mpmath number.

    Args:
        scale: how far the function is smooth around the point; by default the size of the smallest operand, at most 1.
    """
    if scale is None:
        scale = min([mpf(1), *(abs(mpf(x)) for x in point if x)])
    count = sum(orders)
    for digits in _DIGITS:
        with mp.workdps(digits):
            step = mp.ldexp(scale, -_STEP)
            terms = []
            for picks in itertools.product(*(range(order + 1) for order in orders)):
                weight = math.prod((-1) ** pick * math.comb(order, pick) for pick, order in zip(picks, orders, strict=True))
                moved = [mpf(x) + (mpf(n) / 2 - pick) * step for x, n, pick in zip(point, orders, picks, strict=True)]
                terms.append(weight * function(*moved))
            if not all(map(mp.isfinite, terms)):
                return mp.nan
            found = mp.fsum(terms) / step**count
            noise = mp.ldexp(max(map(abs, terms)), 20 - mp.prec) / step**count
            resolved = all(mp.mag(mpf(x)) - mp.mag(step) + 70 < mp.prec for x in point if x)
            if resolved and abs(found) > mp.ldexp(noise, 66):
                return found
            if resolved and noise < mpf(10) ** -400:
                break
    return mpf(0)


def limit(function: Function, point: Sequence[float], orders: Sequence[int], index: int, side: int) -> Any:
    """The limit of a partial derivative as one operand tends to where it stands (from one side), or to its infinity.

    Returns:
        An mpmath number, an infinity, or None where there is no limit.
    """
    x = point[index]
    if math.isinf(x):
        found = [_beside(function, point, orders, index, mp.ldexp(mp.sign(mpf(x)), digits), mpf(1)) for digits in _NEAR]
        if not all(map(mp.isfinite, found)):
            found = [_beside(function, point, orders, index, size * mp.sign(mpf(x)), mpf(1)) for size in _FAR]
    else:
        found = []
        for digits in _NEAR:
            distance = mp.ldexp(max(abs(mpf(x)), 1), -digits)
            with mp.workdps(_DIGITS[-1]):
                near = mpf(x) + side * distance
            found.append(_beside(function, point, orders, index, near, distance / 2))
    return _tendency(*found)


def _beside(function: Function, point: Sequence[float], orders: Sequence[int], index: int, near: Any, scale: Any) -> Any:
    others = [abs(mpf(y)) for i, y in enumerate(point) if i != index and y]
    return derivative(function, [near if i == index else y for i, y in enumerate(point)], orders, min([scale, *others]))


def _tendency(first: Any, second: Any, third: Any) -> Any:
    if abs(third - second) <= _SAME * abs(third) or third == second:
        return third
    if abs(third) > 1.4 * abs(second) > 1.9 * abs(first):
        return mp.sign(third) * mp.inf
    if abs(third) < 0.8 * abs(second):
        return mpf(0)
    return None
