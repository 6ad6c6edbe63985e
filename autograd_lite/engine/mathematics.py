"""The mathematics that rules may call, on plain floats.

A rule of the table says `m.cos(x)`; for floats, `m` is this module. The functions of the standard library come first; below
them stand the formulas it lacks, written in terms of the names above them only. Those formulas never branch with `if`, so this
source can be loaded a second time with its upper names bound to NumPy's, to `cmath`'s or to mpmath's (see `number_types.py`): one
formula, every number.

Functions called by `forward` raise as the `math` module does. Functions that only slopes need (`slope`, `extended_power`)
follow IEEE 754 instead and answer inf: a vertical tangent is a fact, not a mistake.
"""

import math
from builtins import abs
from collections.abc import Sequence
from math import cos, exp, inf, log, nan, sin, sqrt, tan
from typing import Final

__all__ = [
    "LN2",
    "LOG2E",
    "LOG10E",
    "TWO_OVER_ROOT_PI",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expdifference",
    "expm1",
    "extended_power",
    "floor",
    "fmod",
    "gaussian",
    "greatest",
    "hypot",
    "inf",
    "largest",
    "less",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logpole",
    "maximum",
    "minimum",
    "moment",
    "others",
    "polar",
    "polarterm",
    "power",
    "powerpartial",
    "powerrate",
    "quadric",
    "quadricterm",
    "ratio",
    "rootpower",
    "sech",
    "share",
    "shares",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "slope",
    "softplus",
    "softsign",
    "softslope",
    "sqrt",
    "tan",
    "tanh",
    "total",
    "where",
    "winners",
    "wins",
    "xlogy",
]

# mypyc calls the functions imported above as C does; through a Final name it at least knows the object that it calls.
acos: Final = math.acos
acosh: Final = math.acosh
asin: Final = math.asin
asinh: Final = math.asinh
atan: Final = math.atan
atan2: Final = math.atan2
atanh: Final = math.atanh
cbrt: Final = math.cbrt
cosh: Final = math.cosh
erf: Final = math.erf
erfc: Final = math.erfc
exp2: Final = math.exp2
expm1: Final = math.expm1
fmod: Final = math.fmod
fsum: Final = math.fsum
hypot: Final = math.hypot
log1p: Final = math.log1p
log2: Final = math.log2
log10: Final = math.log10
sinh: Final = math.sinh
tanh: Final = math.tanh

LN2: Final = 0.6931471805599453
LOG2E: Final = 1.4426950408889634
LOG10E: Final = 0.4342944819032518
TWO_OVER_ROOT_PI: Final = 1.1283791670955126


# ---- what the standard library leaves open on floats; other number types bring their own ------------------------------------


def power(x: float, y: float) -> float:
    """x to the power y, a real number or an error: as `x ** y`, but never complex."""
    if x == 0.0 and y < 0.0:
        raise ZeroDivisionError("zero cannot be raised to a negative power")
    return math.pow(x, y)


def extended_power(x: float, y: float) -> float:
    """x to the power y by IEEE 754: inf at a pole or an overflow, nan where no real power exists."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and fmod(y, 2.0) != 0.0 else inf
    except ValueError:
        return inf if x == 0.0 else math.nan


def floor(x: float) -> float:
    """The largest whole number not above x, as a float; inf and nan stay."""
    return float(math.floor(x)) if x - x == 0.0 else x


def ceil(x: float) -> float:
    """The smallest whole number not below x, as a float; inf and nan stay."""
    return float(math.ceil(x)) if x - x == 0.0 else x


def sign(x: float) -> float:
    """-1, 0 or 1 as x is below, at or above zero; nan stays."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x * 0.0


def less(x: float, y: float) -> bool:
    """Whether x < y; a function because complex numbers, compared by their real part, have no operator."""
    return x < y


def equal(x: float, y: float) -> bool:
    """Whether x == y; the companion of `less`."""
    return x == y


def where(condition: bool, x: float, y: float) -> float:
    """x where the condition holds, else y."""
    return x if condition else y


def total(values: Sequence[float]) -> float:
    """The sum of all values, rounded once (Shewchuk's exact summation)."""
    try:
        return fsum(values)
    except OverflowError:  # perhaps only on the way, as in 1e308 + 1e308 - 1e308
        from fractions import Fraction

        return float(sum(map(Fraction, values)))
    except ValueError:  # inf - inf; beside a nan that came in, the sum is nan
        for value in values:
            if value != value:
                return value
        raise


def largest(values: Sequence[float]) -> float:
    """The largest of the values."""
    return max(values)


# ---- formulas: one text for floats, arrays, complex and mpmath numbers -------------------------------------------------------


def shares(weights: Sequence[float]) -> list[float]:
    """The part that each of the weights has of their total.

    A part above 1/2 is 1 minus the others: the derivative of weight / norm, p - p * p, would cancel where p is nearly 1.
    """
    norm = total(weights)
    half = 0.5 * norm
    others = total([where(less(half, weight), 0.0, weight) for weight in weights])
    return [where(less(half, weight), 1.0 - others / norm, weight / norm) for weight in weights]


def others(weights: Sequence[float]) -> float:
    """The total of weights of which the largest is 1, without that one."""
    return total([*weights, -1.0])


def greatest(values: Sequence[float]) -> float:
    """maximum(maximum(x1, x2), x3) and so on."""
    top = values[0]
    for index in range(1, len(values)):
        top = maximum(top, values[index])
    return top


def winners(values: Sequence[float]) -> list[float]:
    """The derivatives of maximum(maximum(x1, x2), x3) and so on: the last of equals has a half, the one before half of the rest."""
    top, slopes = values[0], [1.0]
    for index in range(1, len(values)):
        x = values[index]
        kept, won = wins(top, x), wins(x, top)
        slopes = [*[slope * kept for slope in slopes], won]
        top = maximum(top, x)
    return slopes


def wins(x: float, y: float) -> float:
    """How much x is the larger of the two: 1, 0, or 1/2 at a tie; nan if either is nan."""
    return where(less(y, x), 1.0, where(less(x, y), 0.0, where(equal(x, y), 0.5, nan)))


def minimum(x: float, y: float) -> float:
    """The smaller of x and y; nan if either is nan."""
    return -maximum(-x, -y)


def maximum(x: float, y: float) -> float:
    """The larger of x and y; nan if either is nan."""
    return where(equal(y, y), where(less(x, y), y, x), y)


def slope(rise: float, run: float) -> float:
    """rise / run, where a run of zero gives a vertical tangent (inf with the sign of rise) and 0 / 0 counts as flat."""
    vertical = equal(run, 0.0)
    steep = where(equal(rise, 0.0), 0.0, rise * inf)
    return where(vertical, steep, rise / where(vertical, 1.0, run))


def logpole(x: float) -> float:
    """log(x), and -inf at x = 0."""
    pole = equal(x, 0.0)
    return where(pole, -inf, log(where(pole, 1.0, x)))


def ratio(x: float, y: float, n: float) -> float:
    """x / y ** n, where x = 0 wins over the pole at y = 0."""
    return fading(slope(x, y), extended_power(y, 1.0 - n))


def odd(n: float) -> bool:
    """Whether a whole number is odd."""
    return equal(abs(fmod(n, 2.0)), 1.0)


def fading(x: float, y: float) -> float:
    """x * y, where a factor of 0 wins over an infinite one."""
    out = x * y
    met = where(equal(x, 0.0), y, where(equal(y, 0.0), x, nan))  # what the zero meets
    return where(equal(out, out), out, where(equal(met, met), 0.0, out))


def lost_in_difference(x: float, y: float) -> float:
    """What x - y loses when it is rounded, exactly; 0 where the difference is infinite.

    Source: Knuth, *The Art of Computer Programming* 2, section 4.2.2 (TwoSum).
    """
    difference = x - y
    part = difference - x
    lost = (x - (difference - part)) - (y + part)
    return where(equal(lost, lost), lost, 0.0)


def grown(out: float, rate: float) -> float:
    """out * (1 + rate) for a small rate; an infinite out stays."""
    return where(equal(out - out, 0.0), out * (1.0 + rate), out)


def lowered(x: float, y: float, n: float) -> float:
    """|x| ** (y - n) with the sign of x ** (y - n), with the digits that rounding y - n loses put back."""
    out = extended_power(x, y - n)
    lost = lost_in_difference(y, n)
    return where(equal(lost, 0.0), out, grown(out, lost * log(where(equal(x, 0.0), 1.0, abs(x)))))


def powerpartial(x: float, y: float, n: float, k: float) -> float:
    """The derivative of x ** y, n times in x and k times in y; at x = 0 its limit.

    x ** (y - n) times a polynomial in log(x), whose coefficients are the derivatives of the falling factorial
    y * (y - 1) * ... * (y - n + 1), which is built factor by factor. A coefficient of 0 wins over the pole of the logarithm, and
    the faster of the power and the logarithm over the other.
    """
    falling = [1.0] + [0.0] * int(k)  # its Taylor coefficients
    for i in range(int(n)):
        falling = [(y - i) * falling[0], *(fading(y - i, falling[j]) + falling[j - 1] for j in range(1, len(falling)))]
    logarithm = logpole(where(equal(k, 0.0), 1.0, x))
    out = falling[0]
    weight = 1.0
    for j in range(1, len(falling)):
        weight = weight * (k - j + 1.0)
        out = fading(out, logarithm) + weight * falling[j]
    factor = lowered(x, y, n)
    out = where(equal(out, out), out, where(equal(factor, 0.0), y, out))  # inf - inf of an infinite y, where the factor of 0 wins
    whole = fading(out, factor)
    half = extended_power(where(less(0.0, x), x, 1.0), 0.5 * (y - n))  # the power alone may leave the range of floats
    inside = where(equal(whole - whole, 0.0), whole, 0.0)
    return where(less(0.0, x), where(equal(inside, 0.0), fading(fading(out, half), half), whole), whole)


def powerrate(x: float, y: float, n: float, k: float) -> float:
    """The derivative of powerpartial in y; nan for a base below 0, where it has one in x alone."""
    below = less(x, 0.0)
    return where(below, nan, powerpartial(where(below, 1.0, x), y, n, k + 1.0))


def expdifference(x: float, y: float) -> float:
    """exp(x - y) with the digits that rounding x - y loses put back; 1 for two equal infinities."""
    infinite = where(equal(x - x, 0.0), x - y, 0.0)
    return grown(exp(where(equal(x, y), infinite, x - y)), lost_in_difference(x, y))


def share(x: float, y: float) -> float:
    """exp(x) / (exp(x) + exp(y)), without overflow or loss of digits."""
    e = expdifference(where(less(x, y), x, y), maximum(x, y))
    return where(less(x, y), e, 1.0) / (1.0 + e)


def sech(x: float) -> float:
    """1 / cosh(x), without the overflow of cosh."""
    e = exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), from exp(-|x|) so that neither tail overflows or loses digits."""
    e = exp(-abs(x))
    return where(less(x, 0.0), e, 1.0) / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow on the right or loss of digits on the left."""
    return maximum(x, 0.0) + log1p(exp(-abs(x)))


def logaddexp(x: float, y: float) -> float:
    """log(exp(x) + exp(y)), without overflow."""
    return maximum(x, y) + log1p(expdifference(where(less(x, y), x, y), maximum(x, y)))


def gaussian(x: float) -> float:
    """exp(-x * x), with |x| = head + tail so that squaring rounds nothing that the exponential would magnify.

    Source: the same splitting as in Sun's erfc (fdlibm, s_erf.c).
    """
    size = abs(x)
    head = floor(where(less(size, 64.0), size, 64.0) * 16.0) / 16.0
    return exp(-head * head) * exp(-(size + head) * (size - head))


def xlogy(x: float, y: float) -> float:
    """x * log(y), and 0 where x = 0 whatever y."""
    return x * log(where(equal(x, 0.0), 1.0, y))


def softsign(x: float) -> float:
    """x / (1 + |x|), also where x is infinite."""
    return where(equal(x - x, 0.0), x / (1.0 + abs(x)), sign(x))


# ---- families of derivatives: each is closed under differentiation, so that no infinity meets a zero on the way ---------------


def softslope(x: float, n: float) -> float:
    """1 / (1 + |x|) ** n, with the sign of x where n is odd."""
    return where(odd(n), sign(x), 1.0) * extended_power(1.0 + abs(x), -n)


def moment(x: float, n: float) -> float:
    """x ** n * exp(-x * x), which vanishes far out."""
    return fading(gaussian(x), extended_power(x, n))


def rootpower(x: float, n: float) -> float:
    """cbrt(x) / x ** n; at the pole x = 0 inf, or the middle 0 of its two sides where n is even."""
    inside = where(equal(x, 0.0), 1.0, x)
    out = extended_power(cbrt(inside), -2.0) * extended_power(inside, 1.0 - n)
    return where(equal(x, 0.0), where(odd(n), inf, 0.0), out)


def direction(x: float, radius: float) -> float:
    """x / radius, and the sign of x at infinity; 0 at the center."""
    inside = where(equal(radius - radius, 0.0), radius, 1.0)
    far = where(equal(x - x, 0.0), 0.0, sign(x))
    outside = where(equal(radius, radius), far, radius)  # nan is no place
    return where(equal(radius - radius, 0.0), slope(where(equal(x - x, 0.0), x, 0.0), inside), outside)


def polar(x: float, y: float, i: float, j: float, n: float) -> float:
    """x ** i * y ** j / hypot(x, y) ** n, from the cosine and the sine; 0 at the origin."""
    radius = hypot(x, y)
    out = extended_power(direction(x, radius), i) * extended_power(direction(y, radius), j)
    return where(equal(radius, 0.0), 0.0, fading(out, extended_power(radius, i + j - n)))


def polarterm(factor: float, x: float, y: float, i: float, j: float, n: float) -> float:
    """factor * polar(x, y, i, j, n), and 0 for a factor of 0, however near the origin."""
    counts = minimum(abs(factor), 1.0)
    return factor * polar(x, y, counts * i, counts * j, counts * n)


def quadric(x: float, a: float, b: float, p: float, k: float) -> float:
    """x ** k / (a + b * x * x) ** p where a and b are 1 or -1, without rounding a + b * x * x first or overflow on the way."""
    radius = where(less(a, 0.0), sqrt(abs(x - 1.0)) * sqrt(abs(x + 1.0)), hypot(1.0, x))
    reach = where(less(radius, 1.0), 1.0, radius)
    far = direction(x, reach)
    outer = extended_power(far, k) * extended_power(radius, where(less(radius, 1.0), -2.0 * p, k - 2.0 * p))
    inner = extended_power(x, k) * extended_power(abs((1.0 - x) * (1.0 + x)), -p)
    return where(less(b, 0.0), inner, outer)


def quadricterm(factor: float, x: float, a: float, b: float, p: float, k: float) -> float:
    """factor * quadric(x, a, b, p, k), and 0 for a factor of 0, even at the pole."""
    counts = minimum(abs(factor), 1.0)
    return factor * quadric(x, a, b, counts * p, counts * k)
