"""Independent reference values: every primitive written once more, in mpmath, apart from the table.

Only values are written down. Slopes are quotients of differences of those values, taken with so many digits that at least forty
remain: a wrong derivative in the table cannot find its own mistake here.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath
from mpmath import mp, mpf

_DIGITS = (130, 300, 700, 1400)  # tried in turn; the last resolves a slope of 1e-308 of a value of 1e308
_DIGITS_AMONG_STEPS = (130, 700, 2600)
_STEP = 166  # binary digits between the operands' scale and the step of a difference
_SURE = 230  # binary digits in which two evaluations of a value agree
_NOTHING = mpf("1e-350")  # no float is so small, nor a part of one that tests look at
_KEPT = 183  # binary digits of a slope that must rise above the rounding of the values
_OF_GAMMA = {"gammaln", "digamma", "polygamma", "polygammastep", "betaln"}
_VANISHING = 10_000  # exp(-10000) is below all digits that are ever asked for


def _exp(x: Any) -> Any:
    """exp(x), without the labour of a power too large or too small to matter."""
    return mp.exp(x) if abs(x) < _VANISHING else mpf(0) if x < 0 else mp.inf


def _power(x: Any, y: Any) -> Any:
    """x ** y with the digits that a large y * log(x) takes away added beforehand."""
    if x == 0:
        return mpf(0) ** y
    with mp.extraprec(max(0, mp.mag(y * mp.log(x)))):
        return _exp(y * mp.log(x))


def _quotient(x: Any, y: Any, whole: Callable[[Any], Any]) -> Any:
    """x / y as a whole number, with the digits that a large one needs."""
    with mp.extraprec(max(0, mp.mag(x / y)) + 10):
        return whole(x / y)


def _rest(x: Any, y: Any, whole: Callable[[Any], Any]) -> Any:
    with mp.extraprec(max(0, mp.mag(x / y)) + 10):
        return x - y * whole(x / y)


def _fmod(x: Any, y: Any) -> Any:
    return _rest(x, y, mp.floor if x / y > 0 else mp.ceil)


def _powerpartial(x: Any, y: Any, n: Any, k: Any) -> Any:
    """Leibniz' rule: the falling factorial y (y - 1) ... (y - n + 1) times x ** (y - n), k times in y."""
    falling = [mpf(1)]
    for i in range(int(n)):
        falling = [(y - i) * below + above for below, above in zip([*falling, 0], [0, *falling], strict=True)]
    slopes = [mp.factorial(j) * coefficient for j, coefficient in enumerate(falling)]
    terms = [mp.binomial(k, j) * slope * mp.log(x) ** (k - j) for j, slope in enumerate(slopes) if j <= k]
    return _power(x, y - n) * mp.fsum(terms)


def _logsumexp(*values: Any) -> Any:
    top = max(values)
    others = list(values)
    others.remove(top)
    return top + mp.log1p(mp.fsum(_exp(value - top) for value in others))


def _erf(x: Any) -> Any:
    return mp.erf(x) if abs(x) < 30 else mp.sign(x)  # erfc(30) is 1e-393, and as slow as it is small


def _erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 30 else mpf(2) if x < 0 else mpf(0)


def _exact(function: Callable[..., Any], extra: Any) -> Callable[..., Any]:
    """A difference of large numbers, with as many binary digits more."""

    def difference(*numbers: Any) -> Any:
        with mp.extraprec(max(0, int(extra(*numbers))) + 20):
            return function(*numbers)

    return difference


@cache
def _bernoulli(k: int) -> Any:
    with mp.workdps(2000):
        return mp.bernoulli(2 * k)


@cache
def _stirling(n: int, k: int, precision: int) -> Any:
    """(2k + n - 1)! / (2k)! times the 2k-th Bernoulli number: the coefficients of Stirling's series, differentiated n + 1 times."""
    factor = mp.rf(2 * k + 1, n - 1) if n > 0 else 1 / mpf(2 * k if n == 0 else 2 * k * (2 * k - 1))
    return _bernoulli(k) * factor * (-1 if n == 0 else 1)


def _psi(n: int, x: Any) -> Any:
    """The polygamma functions, log(gamma(x)) for n = -1: mpmath's are too slow at hundreds of digits."""
    with mp.workprec(256 * (mp.prec // 256 + 1) + 32):  # few precisions, whose coefficients are known soon
        return _known_psi(n, x, mp.prec)


@cache
def _known_psi(n: int, x: Any, precision: int) -> Any:
    steps = max(0, int(precision // 4 + n - min(x, precision)))
    at = x + steps
    below = mp.fprod(x + k for k in range(steps)) if n < 0 else mp.fsum((x + k) ** (-n - 1) for k in range(steps))
    if n < 0:
        out = (at - mpf(0.5)) * mp.log(at) - at + mp.log(2 * mp.pi) / 2 - mp.log(below)
    elif n == 0:
        out = mp.log(at) - 1 / (2 * at) - below
    else:
        out = mp.factorial(n) * (below + at**-n / n + at ** (-n - 1) / 2)
    power, square, k = at ** (-2 - n), at**-2, 0
    while True:
        k += 1
        term = _stirling(n, k, precision) * power
        out += term
        power *= square
        if mp.mag(term) < (mp.mag(out) if n > 0 else max(mp.mag(out), 0)) - precision:
            return -out if n > 0 and n % 2 == 0 else out


def _sincslope(x: Any, n: Any) -> Any:
    """From t * f = sin(t), differentiated n times, with the digits that a small t takes."""
    if x == 0:
        return mpf(1) if n == 0 else mpf(0) if n % 2 else -(mp.pi**2) / 3
    with mp.extraprec(max(0, -2 * (int(n) + 1) * mp.mag(x)) + 20):
        s, c, t = mp.sinpi(x), mp.cospi(x), mp.pi * x
        out = s / t
        for k in range(1, int(n) + 1):
            out = ([s, c, -s, -c][k % 4] - k * out) / t
        return mp.pi ** int(n) * out


def _mills(t: Any, n: int) -> Any:
    return _known_mills(t, n, mp.prec)


@cache
def _known_mills(t: Any, n: int, precision: int) -> Any:
    """The integral of u ** n * exp(-u * u / 2 - t * u) over u > 0."""
    if t > 100:  # its asymptotic series, down to exp(-5000)
        term = mp.factorial(n) / t ** (n + 1)
        out, k = term, 0
        while abs(term) > mp.ldexp(abs(out), -mp.prec - 10):
            k += 1
            term *= -mpf((2 * k + n) * (2 * k + n - 1)) / (2 * k * t * t)
            out += term
        return out
    with mp.extraprec(40 * n + 40):
        parts = [mp.sqrt(mp.pi / 2) * mp.erfc(t / mp.sqrt(2)) * mp.exp(t * t / 2)]
        parts.append(1 - t * parts[0])
        for k in range(1, n):
            parts.append(k * parts[k - 1] - t * parts[k])
        return parts[n]


def _bell(x: Any, n: Any = 0) -> Any:
    return x ** int(n) * _exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _hazard(x: Any) -> Any:
    return 1 / _mills(-x, 0) if x < 0 else _bell(x) / (1 - _normal_tail(x))


def _normal_tail(x: Any) -> Any:
    density = _bell(x)
    return density * _mills(x, 0) if density else density


def _hazardratio(x: Any, n: Any) -> Any:
    if x < 0:
        return _mills(-x, int(n)) / _mills(-x, int(n) - 1)
    ratio = x + _hazard(x)
    for k in range(1, int(n)):
        ratio = k / ratio + x
    return ratio


def _log_ndtr(x: Any) -> Any:
    if x > 0:
        tail = _normal_tail(x)
        return mp.log1p(-tail) if mp.mag(tail) > -mp.prec else -tail  # of what is so small, mpmath's takes thousands of digits
    return mp.log(_mills(-x, 0)) - x * x / 2 - mp.log(2 * mp.pi) / 2


def _quantile(tail: Any) -> Any:
    """The normal quantile of 1 - tail, for tail <= 1/2, from the logarithm of the tail or, near the middle, from erf."""
    if tail > mpf("0.4"):
        with mp.extraprec(max(0, -mp.mag(mpf("0.5") - tail)) if tail < mpf("0.5") else 0):
            return mp.sqrt(2) * mp.erfinv(1 - 2 * tail)
    digits, z = 15, mpf(max(0, mp.sqrt(-2 * mp.log(2 * tail)) - 0.5))
    logarithm = mp.log(tail)
    while digits < 4 * mp.dps:
        with mp.workdps(min(2 * digits, mp.dps) + 10):
            for _ in range(8 if digits == 15 else 1):
                ratio = _mills(z, 0)
                z += (mp.log(_bell(z) * ratio) - logarithm) * ratio
        digits *= 2
    return z


def _norm_ppf(x: Any) -> Any:
    return -_quantile(x) if x < 0.5 else _quantile(1 - x)


def _erfinv(x: Any) -> Any:
    with mp.extraprec(max(0, -mp.mag(x)) if x else 0):
        return mp.sign(x) * _quantile((1 - abs(x)) / 2) / mp.sqrt(2)


def _dot(*values: Any) -> Any:
    count = len(values) // 2
    terms = mp.fdot(zip(values[-2 * count : -count], values[-count:], strict=True)) if count else mp.mpf(0)
    return terms + values[0] if len(values) % 2 else terms


def _clamp(x: Any, low: Any, high: Any) -> Any:
    return low if x < low else min(x, high)


VALUES: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "negate": lambda x: -x,
    "identity": lambda x: +x,
    "power": _power,
    "exp": _exp,
    "expm1": mp.expm1,
    "exp2": lambda x: _power(mpf(2), x),
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": mp.log1p,
    "logaddexp": _logsumexp,
    "logaddexp2": lambda x, y: max(x, y) + mp.log1p(_power(mpf(2), -abs(x - y))) / mp.log(2),
    "log1mexp": lambda x: mp.log(-mp.expm1(-x)) if x < 1 else mp.log1p(-_exp(-x)),
    "logit": lambda x: mp.log(x) - mp.log1p(-x),
    "xlogy": lambda x, y: x * mp.log(y),
    "gaussian": lambda x: _exp(-x * x),
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.root(abs(x), 3),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "norm": lambda *values: mp.sqrt(mp.fsum(x * x for x in values)),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "sech": mp.sech,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "erf": _erf,
    "erfc": _erfc,
    "sigmoid": lambda x: 1 / (1 + _exp(-x)),
    "softplus": lambda x: max(x, mpf(0)) + mp.log1p(_exp(-abs(x))),
    "relu": lambda x: max(x, mpf(0)),
    "softsign": lambda x: x / (1 + abs(x)),
    "sinc": lambda x: _sincslope(x, 0),
    "gammaln": lambda x: _psi(-1, x),
    "digamma": lambda x: _psi(0, x),
    "betaln": _exact(lambda x, y: _psi(-1, x) + _psi(-1, y) - _psi(-1, x + y), lambda x, y: 2 * mp.mag(x + y)),
    "erfinv": _erfinv,
    "norm_cdf": lambda x: _normal_tail(-x) if x < 0 else 1 - _normal_tail(x),
    "norm_ppf": _norm_ppf,
    "log_ndtr": _log_ndtr,
    "abs": lambda x: max(x, -x),
    "sign": lambda x: mpf((x > 0) - (x < 0)),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "fmod": _fmod,
    "trunc": lambda x: mp.floor(x) if x > 0 else mp.ceil(x),
    "rint": mp.nint,
    "mod": lambda x, y: _rest(x, y, mp.floor),
    "floor_divide": lambda x, y: _quotient(x, y, mp.floor),
    "remainder": lambda x, y: _rest(x, y, mp.nint),
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "maximum": max,
    "minimum": min,
    "clamp": _clamp,
    "total": lambda *values: mp.fsum(values),
    "dot": _dot,
    "logsumexp": _logsumexp,
    "slope": lambda x, y: x / y,
    "logpole": mp.log,
    "ratio": lambda x, y, n: x / y**n,
    "powerpartial": _powerpartial,
    "moment": lambda x, n: x**n * _exp(-x * x),
    "rootpower": lambda x, n: VALUES["cbrt"](x) / x**n,
    "softslope": lambda x, n: (mp.sign(x) / (1 + abs(x))) ** n,
    "polar": lambda x, y, i, j, n: x**i * y**j / mp.hypot(x, y) ** n,
    "quadric": lambda x, a, b, p, k: x**k / (a + b * x * x) ** p,
    "sincslope": _sincslope,
    "polygamma": lambda x, n: _psi(int(n), x),
    "polygammastep": _exact(
        lambda x, y, n: _psi(int(n), x) - _psi(int(n), x + y),
        lambda x, y, n: (n + 2) * max(0, mp.mag(x)) + max(0, mp.mag(x) - mp.mag(y)) + 2 * max(0, -mp.mag(y)),
    ),
    "bell": _bell,
    "hazard": _hazard,
    "hazardratio": _hazardratio,
    "ppfslope": lambda x: mp.sqrt(2 * mp.pi) * mp.exp(_norm_ppf(x) ** 2 / 2),
    "erfinvslope": lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(_erfinv(x) ** 2),
    "share2": lambda x, y: 1 / (1 + _power(mpf(2), y - x)),
    "rounded": lambda x, n: mp.nint(x * mpf(10) ** int(n)) / mpf(10) ** int(n),
    "greatest": lambda *values: max(values),
    "expdifference": lambda x, y: _exp(x - y),
    "share": lambda x, y: 1 / (1 + _exp(y - x)),
}


def function(primitive: Any) -> Callable[..., Any]:
    """The independent mpmath function of a primitive.

    Raises:
        LookupError: if nobody has written one.
    """
    if primitive.name not in VALUES:
        raise LookupError(
            f"primitive `{primitive.name}` has no reference value: write it in mpmath as an entry of VALUES in tests/oracle.py"
        )
    return VALUES[primitive.name]


@cache
def value(primitive: Any, operands: tuple[float, ...]) -> Any:
    """The exact value, to at least sixty digits: two evaluations agree on them, the second with many digits more.

    Sums of terms as far apart as 1e200 and 1e-200 that cancel need as many digits as lie between them, and are 0 with fewer.
    """
    exact = function(primitive)
    for digits in _DIGITS[:-1]:
        with mp.workdps(digits):
            found = mpf(exact(*map(mpf, operands)))
        with mp.workdps(digits + 70):
            again = mpf(exact(*map(mpf, operands)))
        if found and (found == again or abs(found - again) <= mp.ldexp(abs(again), -_SURE)):
            break
    return again


@cache
def slopes(primitive: Any, operands: tuple[float, ...], index: int) -> tuple[Any, Any]:
    """The slopes to the left and to the right along one operand; they differ at kinks only."""
    exact = function(primitive)
    for digits in _DIGITS if primitive.smooth else _DIGITS_AMONG_STEPS:
        with mp.workdps(digits):
            step = _step(primitive, operands, index)
            left, right = (exact(*_moved(operands, index, offset)) for offset in (-step, step))
            if primitive.smooth:
                below = above = (right - left) / (2 * step)
            else:
                middle = exact(*map(mpf, operands))
                below, above = (middle - left) / step, (right - middle) / step
            # A slope that drowns in the rounding of the values is asked for again with more digits.
            noise = mp.ldexp(max(abs(left), abs(right)), _KEPT - mp.prec)
            resolved = mp.mag(operands[index]) - mp.mag(step) + _KEPT <= mp.prec
            if resolved and (min(abs(below), abs(above)) * step > noise or max(abs(below), abs(above)) + noise / step < _NOTHING):
                break
    return below, above


def _step(primitive: Any, operands: Sequence[float], index: int) -> Any:
    if primitive.name in _OF_GAMMA:  # they change with the size of an operand, and digits of them are dear
        return mp.ldexp(abs(mpf(operands[index])), -_STEP)
    sizes = [abs(mpf(x)) for x in operands if x]
    interval = primitive.domain[min(index, len(primitive.domain) - 1)]
    ends = [end for end in (interval.low, interval.high) if abs(end) != mpmath.inf]
    distances = [abs(mpf(operands[index]) - end) for end in ends]
    scale = min([1, *sizes, *distances]) / max([1, *sizes])
    if not primitive.smooth and sizes:
        scale *= min(sizes) / max(sizes)  # the next jump of fmod is one part of the quotient away
    return mp.ldexp(scale, -_STEP)


def _moved(operands: Sequence[float], index: int, offset: Any) -> list[Any]:
    return [mpf(x) + offset if i == index else mpf(x) for i, x in enumerate(operands)]
