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
    "BELL_TOP",
    "HALF_LOG_TAU",
    "LN2",
    "LOG2E",
    "LOG10E",
    "PI",
    "ROOT_HALF",
    "SINC_TERMS",
    "TWO_OVER_ROOT_PI",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bell",
    "betaln",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "digamma",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "erfinvslope",
    "exp",
    "exp2",
    "expdifference",
    "expm1",
    "extended_power",
    "floor",
    "floor_divide",
    "fmod",
    "gammaln",
    "gaussian",
    "greatest",
    "hazard",
    "hazardexcess",
    "hazardratio",
    "hypot",
    "inf",
    "largest",
    "less",
    "log",
    "log1mexp",
    "log1p",
    "log2",
    "log10",
    "log_ndtr",
    "logaddexp",
    "logaddexp2",
    "logit",
    "logpole",
    "maximum",
    "millsratio",
    "minimum",
    "mod",
    "moment",
    "norm_cdf",
    "norm_ppf",
    "others",
    "polar",
    "polarterm",
    "polygamma",
    "polygammastep",
    "power",
    "powerpartial",
    "powerrate",
    "ppfslope",
    "quadric",
    "quadricterm",
    "quantile",
    "ratio",
    "remainder",
    "rint",
    "rootpower",
    "rounded",
    "sech",
    "share",
    "share2",
    "shares",
    "sigmoid",
    "sign",
    "sin",
    "sincslope",
    "sinh",
    "slope",
    "softplus",
    "softsign",
    "softslope",
    "sqrt",
    "tan",
    "tanh",
    "total",
    "trunc",
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
copysign: Final = math.copysign
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
PI: Final = 3.141592653589793
ROOT_HALF: Final = 0.7071067811865476
BELL_TOP: Final = 0.3989422804014327  # 1 / sqrt(2 * pi)
HALF_LOG_TAU: Final = 0.9189385332046728  # log(2 * pi) / 2
SINC_TERMS: Final = 20.0


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


def trunc(x: float) -> float:
    """The whole number next to x on the side of 0, as a float; inf and nan stay."""
    return float(math.trunc(x)) if x - x == 0.0 else x


def rint(x: float) -> float:
    """The whole number nearest to x, the even one of two, as a float; inf and nan stay."""
    return float(round(x)) if x - x == 0.0 else x


def rounded(x: float, n: float) -> float:
    """x to n decimal places, as Python's `round`: the nearest, by all digits of x."""
    return float(round(x, int(n)))


def mod(x: float, y: float) -> float:
    """The remainder of x / y with the sign of y: Python's `x % y`."""
    return x % y


def floor_divide(x: float, y: float) -> float:
    """The largest whole number not above x / y, before that is rounded: Python's `x // y`."""
    return x // y


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


def remainder(x: float, y: float) -> float:
    """x minus the multiple of y that is nearest, the even one of two: exact, as `math.remainder`.

    Source: CPython, Modules/mathmodule.c, m_remainder.
    """
    size, turn = abs(x), abs(y)
    part = fmod(size, turn)
    rest = turn - part
    tie = part - 2.0 * fmod(0.5 * (size - part), turn)
    return copysign(1.0, x) * where(less(part, rest), part, where(less(rest, part), -rest, tie))


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


def exp2difference(x: float, y: float) -> float:
    """exp2(x - y) with the digits that rounding x - y loses put back; 1 for two equal infinities."""
    infinite = where(equal(x - x, 0.0), x - y, 0.0)
    return grown(exp2(where(equal(x, y), infinite, x - y)), LN2 * lost_in_difference(x, y))


def share2(x: float, y: float) -> float:
    """2 ** x / (2 ** x + 2 ** y), without overflow or loss of digits."""
    e = exp2difference(where(less(x, y), x, y), maximum(x, y))
    return where(less(x, y), e, 1.0) / (1.0 + e)


def logaddexp2(x: float, y: float) -> float:
    """log2(2 ** x + 2 ** y), without overflow."""
    return maximum(x, y) + LOG2E * log1p(exp2difference(where(less(x, y), x, y), maximum(x, y)))


def log1mexp(x: float) -> float:
    """log(1 - exp(-x)) for x > 0, with all digits near 0 and far out.

    Source: Maechler, "Accurately computing log(1 - exp(-|a|))" (2012).
    """
    near = where(less(x, LN2), where(less(x, 0.0), 0.0, x), LN2)
    far = where(less(x, LN2), LN2, x)
    return where(less(x, LN2), log(-expm1(-near)), log1p(-exp(-far)))


def logit(x: float) -> float:
    """log(x / (1 - x)), with all digits near its zero at 1/2, too."""
    central = less(abs(x - 0.5), 0.25)
    middle = where(central, x, 0.5)
    return where(central, log1p((2.0 * middle - 1.0) / (1.0 - middle)), log(x) - log1p(-x))


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


# ---- the gamma function ------------------------------------------------------------------------------------------------------


def polynomial(x: float, coefficients: list[float]) -> float:
    """The polynomial with these coefficients, that of the highest power first (Horner's scheme)."""
    out = coefficients[0]
    for i in range(1, len(coefficients)):
        out = out * x + coefficients[i]
    return out


def above_zero(x: float) -> float:
    """x; refused, as the logarithm refuses it, where it is not above 0."""
    return where(less(0.0, x), x, log(x))


def stirling(x: float) -> float:
    """What log(gamma(x)) has beside (x - 1/2) * log(x) - x + log(2 * pi) / 2, from x = 8 on.

    Source: Abramowitz & Stegun, 6.1.41.
    """
    coefficients = [
        0.17964437236883057, -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417,
        -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
    ]  # fmt: skip
    return polynomial(1.0 / (x * x), coefficients) / x


def gammaln(x: float) -> float:
    """log(gamma(x)) with all digits, also near its zeros at 1 and 2; by steps of 1 between 1.5 and 2.5, far out by Stirling.

    The coefficients are those of the polynomial through log(gamma(2 + z)) / z at twenty Chebyshev points; it is right to 3e-19.
    """
    logarithm = log(x)
    at = where(less(x, 8.5), x, 2.0)
    factor = 1.0
    for _ in range(6):
        high = less(2.5, at)
        at = where(high, at - 1.0, at)
        factor = where(high, factor * at, factor)
    z = where(less(at, 0.5), at, where(less(at, 1.5), at - 1.0, at - 2.0))
    coefficients = [
        6.379047507619774e-08, -1.3412819758517287e-07, 2.0304806751615227e-07, -4.303558760359961e-07, 9.578663334114758e-07,
        -2.0449201467015115e-06, 4.374374916915131e-06, -9.438458716242811e-06, 2.050726741605779e-05, -4.4926351103833334e-05,
        9.945750909889392e-05, -0.00022315475074520367, 0.0005096695248853096, -0.0011927539120010226, 0.002890510330738737,
        -0.0073855510286681535, 0.02058080842778457, -0.06735230105319814, 0.3224670334241132, 0.42278433509846713,
    ]  # fmt: skip
    steps = where(less(x, 0.5), logarithm + log1p(where(less(x, 0.5), x, 0.0)), where(less(x, 1.5), logarithm, -log(factor)))
    large = where(less(x, 8.5), 8.5, x)
    far = (large - 0.5) * (log(large) - 1.0) + (HALF_LOG_TAU - 0.5 + stirling(large))
    return where(less(x, 8.5), z * polynomial(z, coefficients) - steps, far)


def digamma(x: float) -> float:
    """The derivative of log(gamma(x)) with all digits, also near its zero 1.4616...; by steps of 1 between 1 and 2.

    The coefficients are those of the polynomial in x - 1.5 through digamma(x) / (x - zero) at 24 Chebyshev points; it is right to
    5e-19. From 3 on: Abramowitz & Stegun, 6.3.18, at x + 8.
    """
    x = above_zero(x)
    near = where(less(x, 1.0), x + 1.0, where(less(x, 2.0), x, where(less(x, 3.0), x - 1.0, 1.5)))
    step = where(less(x, 1.0), -1.0 / where(less(x, 1.0), x, 1.0), where(less(x, 2.0), 0.0, 1.0 / near))
    coefficients = [
        -8.153978973309418e-05, 0.00012230983055406747, -6.11554261750751e-05, 9.173383289174792e-05, -0.0002178682145501451,
        0.0003268068044141764, -0.0004599625144612576, 0.0006899717801166841, -0.001042261556504223, 0.0015635679757533885,
        -0.002344650082351321, 0.0035180800751066694, -0.00528001782089874, 0.007927024067961237, -0.011908215172584002,
        0.017907248195969127, -0.02697579684427536, 0.04076083394462657, -0.06192213327165706, 0.09498872445283,
        -0.14840492305391761, 0.24054248424078736, -0.42362742128146047, 0.9510558760318328,
    ]  # fmt: skip
    root = ((near - 1.4616317749023438) - 3.7006601859126265e-07) - 7.051609207366847e-24
    large = where(less(x, 3.0), 3.0, x)
    back = 0.0
    for i in range(8):
        back = back + 1.0 / (large + i)
    shifted = large + 8.0
    coefficients_far = [
        -26.456212121212122, 3.0539543302701198, -0.4432598039215686, 0.08333333333333333, -0.021092796092796094,
        0.007575757575757576, -0.004166666666666667, 0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
    ]  # fmt: skip
    square = 1.0 / (shifted * shifted)
    rest = 0.5 / shifted + square * polynomial(square, coefficients_far) + back
    far = log(large) + log1p(8.0 / large) - rest
    return where(less(x, 3.0), root * polynomial(near - 1.5, coefficients) + step, far)


def polygamma(x: float, n: float) -> float:
    """The n-th derivative of digamma, n at least 1: the sum of the first terms of its series, and Euler's formula for the others.

    Source: Abramowitz & Stegun, 6.4.10 and 6.4.11.
    """
    x = above_zero(x)
    out = 0.0
    for i in range(int(n) + 12):
        out = out + factorialpower(x + i, n, n + 1.0)
    at = x + n + 12.0
    rest = (1.0 / n + (0.5 + eulerterms(at, n, inf)) / at) * factorialpower(at, n, n)
    return where(odd(n), 1.0, -1.0) * (out + rest)


def factorial(n: float) -> float:
    """n * (n - 1) * ... * 1."""
    out = 1.0
    for i in range(int(n)):
        out = out * (i + 1.0)
    return out


def factorialpower(x: float, n: float, p: float) -> float:
    """n! / x ** p, of which each alone may leave the range of floats."""
    half = extended_power(x, -0.5 * p)
    return factorial(n) * half * half


def eulerterms(x: float, n: float, grown_by: float) -> float:
    """The sum of B_2k * (2k + n - 1)! / ((2k)! * n!) * t(x), B the numbers of Bernoulli, t(x) = x ** (1 - 2k).

    Each t(x) less what is left of it where x ** (-2k - n) is taken at x * exp(grown_by).
    """
    bernoulli = [
        0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576,
        -0.2531135531135531, 1.1666666666666667, -7.092156862745098, 54.971177944862156, -529.1242424242424, 6192.123188405797,
    ]  # fmt: skip
    weight = 0.5 * (n + 1.0) / x
    out = 0.0
    for k in range(11):
        out = out - bernoulli[k] * weight * expm1((-2.0 * k - 2.0 - n) * grown_by)
        weight = weight * (2.0 * k + 2.0 + n) * (2.0 * k + 3.0 + n) / ((2.0 * k + 3.0) * (2.0 * k + 4.0) * x * x)
    return out


def polygammastep(x: float, y: float, n: float) -> float:
    """polygamma(x, n) - polygamma(x + y, n), of digamma where n = 0, for a step y of any size.

    Every power x ** -p in the formulas above becomes x ** -p - (x + y) ** -p = -x ** -p * expm1(-p * log1p(y / x)).
    """
    x = above_zero(x)
    y = above_zero(y)
    out = 0.0
    for i in range(int(n) + 12):
        out = out - extended_power(x + i, -n - 1.0) * expm1((-n - 1.0) * log1p(y / (x + i)))
    at = x + n + 12.0
    grown_by = log1p(y / at)
    first = where(equal(n, 0.0), grown_by, -expm1(-n * grown_by) / where(equal(n, 0.0), 1.0, n))
    rest = first + (eulerterms(at, n, grown_by) - 0.5 * expm1((-n - 1.0) * grown_by)) / at
    return where(odd(n), 1.0, -1.0) * factorial(n) * (out + rest * extended_power(at, -n))


def betaln(x: float, y: float) -> float:
    """log(gamma(x) * gamma(y) / gamma(x + y)), from the logarithms of quotients that are left when large terms cancel.

    Source: Didonato & Morris, "Algorithm 708: Significant digit computation of the incomplete beta function ratios", ACM TOMS 18
    (1992), where both are at least 8.
    """
    swapped = less(y, x)
    small, large = where(swapped, y, x), where(swapped, x, y)
    below = where(less(small, 8.0), small, 8.0)
    at = large
    factor = 1.0
    for _ in range(8):
        low = less(at, 8.0)
        factor = where(low, factor * (1.0 + below / at), factor)
        at = where(low, at + 1.0, at)
    moved = log(factor) - (at - 0.5) * log1p(below / at) - below * (log(at + below) - 1.0)
    near = gammaln(below) + (moved + (stirling(at) - stirling(at + below)))
    above = where(less(small, 8.0), 8.0, small)
    size = where(less(small, 8.0), 8.0, large)
    rest = HALF_LOG_TAU - 0.5 * log(size) + (stirling(above) + stirling(size) - stirling(above + size))
    far = rest - (above - 0.5) * log1p(size / above) - size * log1p(above / size)
    return where(less(small, 8.0), near, far)


# ---- the normal distribution -------------------------------------------------------------------------------------------------


def bell(x: float, n: float) -> float:
    """x ** n times the density exp(-x * x / 2) / sqrt(2 * pi); |x| is split as for the gaussian."""
    size = abs(x)
    head = floor(where(less(size, 64.0), size, 64.0) * 16.0) / 16.0
    return fading(BELL_TOP * exp(-0.5 * head * head) * exp(-0.5 * (size + head) * (size - head)), extended_power(x, n))


def mills(t: float) -> float:
    """The right tail of the normal distribution from t >= 0 on, as a part of its density there: Mills' ratio.

    Source: NIST Digital Library of Mathematical Functions, 7.8.1, whose M(t / sqrt(2)), times sqrt(2), it is.
    """
    return 1.0 / (t + millsratio(t, 1.0))


def millsratio(t: float, n: float) -> float:
    """The integral of u ** n * exp(-u * u / 2 - t * u) over u > 0, as a part of the one for n - 1; n at least 1.

    r_n = n / (t + r_(n + 1)) loses no digits downwards: from far away where t is at least 2, from n = 10 between 0 and 2, where the
    polynomial through 15 Chebyshev points is right to 2e-18. For t < 0 upwards from the density by the tail.

    Source: Gautschi, "Evaluation of the repeated integrals of the coerror function", ACM TOMS 3 (1977).
    """
    far = where(less(t, 2.0), 2.0, t)
    last = n + 90.0
    large = 2.0 * last / (far + hypot(far, 2.0 * sqrt(last)))  # as if all those beyond were alike
    for i in range(90):
        large = (last - 1.0 - i) / (far + large)
    middle = where(less(t, 0.0), 0.0, where(less(t, 2.0), t, 2.0))
    coefficients = [
        -1.7773815984847104e-13, -3.862526312490465e-14, 1.0998929421878541e-11, -4.2957867514070516e-11,
        -4.6159725339920276e-10, 4.6105388463835475e-09, 8.523283520602605e-09, -3.363887914971303e-07, 9.148210719003988e-07,
        2.0817681572680717e-05, -0.0001768156440494758, -0.0012220090735315238, 0.03791820728213928, -0.40822331300118603,
        2.637160609053801,
    ]  # fmt: skip
    small = polynomial(middle - 1.0, coefficients)
    for i in range(int(10.0 - n)):
        small = (9.0 - i) / (middle + small)
    for i in range(10, int(n)):
        small = i / small - middle
    below = where(less(t, 0.0), t, 0.0)
    up = bell(below, 0.0) / (0.5 * erfc(below * ROOT_HALF)) - below
    for i in range(1, int(n)):
        up = i / up - below
    return where(less(t, 0.0), up, where(less(t, 2.0), small, large))


def norm_cdf(x: float) -> float:
    """The probability that a standard normal variable is below x, with all digits in the left tail."""
    left = where(less(x, -1.5), x, -1.5)
    right = where(less(x, -1.5), -1.5, x)
    return where(less(x, -1.5), bell(left, 0.0) * mills(-left), 0.5 * erfc(-right * ROOT_HALF))


def log_ndtr(x: float) -> float:
    """log(norm_cdf(x)), without underflow on the left or loss of digits on the right."""
    left = where(less(x, -1.5), x, -1.5)
    finite = where(less(x, -1e300), -1e300, left)  # as mills(inf) is 0
    middle = norm_cdf(where(less(x, -1.5), -1.5, where(less(x, 0.0), x, 0.0)))
    right = log1p(-norm_cdf(-where(less(x, 0.0), 0.0, x)))
    return where(less(x, -1.5), log(mills(-finite)) - HALF_LOG_TAU - 0.5 * left * left, where(less(x, 0.0), log(middle), right))


def hazard(x: float) -> float:
    """The derivative of log_ndtr: density / probability."""
    left = where(less(x, 0.0), x, 0.0)
    right = where(less(x, 0.0), 0.0, x)
    return where(less(x, 0.0), millsratio(-left, 1.0) - left, bell(right, 0.0) / norm_cdf(right))


def hazardratio(x: float, n: float) -> float:
    """The factors that derivatives of `hazard` are made of: h' = -h * r_1, r_n' = r_n * (r_(n + 1) - r_n)."""
    return millsratio(-x, n)


def hazardexcess(x: float, n: float) -> float:
    """hazardratio(x, n) - x for x of at least 0, without this difference."""
    right = where(less(x, 0.0), 0.0, x)
    return where(equal(n, 1.0), hazard(right), (n - 1.0) / hazardratio(right, maximum(n - 1.0, 1.0)))


def quantile(q: float, tail: float) -> float:
    """The standard normal quantile of the probability 1/2 + q, where tail is 1/2 - |q| with all its digits.

    Source: Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988).
    """
    central = less(abs(q), 0.425)
    r = 0.180625 - where(central, q * q, 0.0)
    above = [
        2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
        1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
    ]  # fmt: skip
    below = [
        5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
        5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
    ]  # fmt: skip
    middle = q * polynomial(r, above) / polynomial(r, below)
    s = sqrt(-log(tail))
    near = where(less(s, 5.0), s - 1.6, 0.0)
    above_near = [
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
        3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
    ]  # fmt: skip
    below_near = [
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
        6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0,
    ]  # fmt: skip
    far = where(less(s, 5.0), 0.0, s - 5.0)
    above_far = [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
        2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0,
    ]  # fmt: skip
    below_far = [
        2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
        1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0,
    ]  # fmt: skip
    size = where(
        less(s, 5.0),
        polynomial(near, above_near) / polynomial(near, below_near),
        polynomial(far, above_far) / polynomial(far, below_far),
    )
    return where(central, middle, where(less(q, 0.0), -size, size))


def norm_ppf(x: float) -> float:
    """The number that a standard normal variable is below with the probability x."""
    return quantile(x - 0.5, minimum(x, 1.0 - x))


def ppfslope(x: float) -> float:
    """The derivative of norm_ppf, from Mills' ratio, which has no digits to lose in the tails."""
    return mills(abs(norm_ppf(x))) / minimum(x, 1.0 - x)


def erfinv(x: float) -> float:
    """The number whose error function is x."""
    return ROOT_HALF * quantile(0.5 * x, 0.5 * (1.0 - abs(x)))


def erfinvslope(x: float) -> float:
    """The derivative of erfinv."""
    return ROOT_HALF * mills(abs(erfinv(x)) / ROOT_HALF) / (1.0 - abs(x))


# ---- families of derivatives: each is closed under differentiation, so that no infinity meets a zero on the way ---------------


def sincslope(x: float, n: float) -> float:
    """The n-th derivative of sin(pi * x) / (pi * x): near 0 by its series, else from t * f = sin(t), differentiated n times."""
    t = PI * x
    near = less(abs(t), 1.0 + n)
    inside = where(near, t, 0.0)
    p = fmod(n, 2.0)
    power_ = where(equal(fmod(n + p, 4.0), 0.0), 1.0, -1.0) * where(equal(p, 0.0), 1.0, inside)
    series = 0.0 * inside
    for _ in range(int(SINC_TERMS)):
        series = series + power_ / (n + p + 1.0)
        power_ = -power_ * inside * inside / ((p + 1.0) * (p + 2.0))
        p = p + 2.0
    outside = where(near, 1.0, x)
    whole = rint(outside)
    turn = where(odd(whole), -1.0, 1.0)  # sin and cos of the rest are exact where those of t have lost digits
    turning = [turn * sin(PI * (outside - whole)), turn * cos(PI * (outside - whole))]
    out = turning[0] / (PI * outside)
    sign_ = 1.0
    for k in range(1, int(n) + 1):
        sign_ = sign_ * where(odd(k + 0.0), 1.0, -1.0)
        out = (sign_ * turning[k % 2] - k * out) / (PI * outside)
    scale = 1.0
    for _ in range(int(n)):
        scale = scale * PI
    return scale * where(near, series, out)


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
