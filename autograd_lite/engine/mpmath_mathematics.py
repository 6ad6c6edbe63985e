"""The functions of `mathematics` that mpmath's numbers compute in another way than floats, to all digits of their precision."""

from typing import Any

import mpmath
from mpmath import mp, mpf, re

__all__ = ["betaln", "extended_power", "floor_divide", "millsratio", "mod", "polygammastep", "quantile", "rounded"]


def extended_power(x: Any, y: Any) -> Any:
    """x to the power y, and inf at a pole."""
    return mpmath.power(x, y) if x != 0 or y >= 0 else mpmath.inf


def floor_divide(x: Any, y: Any) -> Any:
    """The largest whole number not above x / y."""
    x, y = re(x), re(y)
    return mpmath.nint((x - mpmath.fmod(x, y)) / y)


def rounded(x: Any, n: float) -> Any:
    """x to n decimal places."""
    unit = mpf(10) ** int(n)
    return mpmath.nint(re(x) * unit) / unit


def polygammastep(x: Any, y: Any, n: Any) -> Any:
    """polygamma(x, n) - polygamma(x + y, n), with the digits that cancel."""
    with mp.extraprec(2 * mp.prec + max(0, 2 * (mpmath.mag(x + 1) - mpmath.mag(y)))):
        return mpmath.psi(int(n), x) - mpmath.psi(int(n), x + y)


def betaln(x: Any, y: Any) -> Any:
    """log(gamma(x) * gamma(y) / gamma(x + y)), with the digits that cancel."""
    with mp.extraprec(max(0, 2 * mpmath.mag(x + y)) + 20):
        return mpmath.loggamma(x) + mpmath.loggamma(y) - mpmath.loggamma(x + y)


def quantile(q: Any, tail: Any) -> Any:
    """By Newton's method: near the middle for the error function, in the tail for the logarithm of its complement."""
    sign, z = (-1 if re(q) < 0 else 1), mpf(0)
    size = sign * q
    if re(size) < 0.4:
        for _ in range(mp.prec.bit_length() + 2):
            z -= mpmath.sqrt(2 * mpmath.pi) * (mpmath.erf(z / mpmath.sqrt(2)) / 2 - size) * mpmath.exp(z * z / 2)
        return sign * z
    z = mpmath.sqrt(-2 * mpmath.log(2 * tail)) / 2 + mpf(0.5)
    for _ in range(mp.prec.bit_length() + 6):
        below = mpmath.erfc(z / mpmath.sqrt(2)) / 2
        z += mpmath.log(below / tail) * below * mpmath.sqrt(2 * mpmath.pi) * mpmath.exp(z * z / 2)
    return sign * z


def mod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of y."""
    rest = mpmath.fmod(re(x), re(y))  # which has y's sign
    return rest if x == re(x) and y == re(y) else x - y * floor_divide(x, y)


def millsratio(t: Any, n: Any) -> Any:
    """Far away by its continued fraction, elsewhere upwards from the error function, with the digits that this loses."""
    order = int(n)
    if re(t) > 1 and 2 * re(t) ** 2 > mp.prec:
        with mp.extraprec(mp.prec.bit_length() + 5):
            return order / _continued(t, order + 1)
    with mp.extraprec(4 * order + 10 + 2 * order * max(0, mpmath.mag(t) if t else 0)):
        ratio = mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(-t * t / 2) / mpmath.erfc(t / mpmath.sqrt(2)) - t
        for k in range(1, order):
            ratio = k / ratio - t
        return ratio


def _continued(t: Any, k: int) -> Any:
    """t + k / (t + (k + 1) / (t + (k + 2) / ...)), until a term changes nothing more: Lentz' method."""
    whole, above, below = t, t, mpf(0)
    while True:
        below = 1 / (t + k * below)
        above = t + k / above
        change = above * below
        whole *= change
        if abs(change - 1) < mp.eps:
            return whole
        k += 1
