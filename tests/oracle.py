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
_KEPT = 183  # binary digits of a slope that must rise above the rounding of the values
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


def _fmod(x: Any, y: Any) -> Any:
    with mp.extraprec(max(0, mp.mag(x / y)) + 10):
        quotient = x / y
        return x - y * (mp.floor(quotient) if quotient > 0 else mp.ceil(quotient))


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
    "abs": lambda x: max(x, -x),
    "sign": lambda x: mpf((x > 0) - (x < 0)),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "fmod": _fmod,
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
    """The exact value, to at least sixty digits."""
    exact = function(primitive)
    # Sums of terms as far apart as 1e200 and 1e-200 that cancel need as many digits as lie between them.
    with mp.workdps(_DIGITS[-2]):
        return mpf(exact(*map(mpf, operands)))


@cache
def slopes(primitive: Any, operands: tuple[float, ...], index: int) -> tuple[Any, Any]:
    """The slopes to the left and to the right along one operand; they differ at kinks only."""
    exact = function(primitive)
    for digits in _DIGITS if primitive.smooth else _DIGITS_AMONG_STEPS:
        with mp.workdps(digits):
            step = _step(primitive, operands, index)
            left, middle, right = (exact(*_moved(operands, index, offset)) for offset in (-step, 0, step))
            if primitive.smooth:
                below = above = (right - left) / (2 * step)
            else:
                below, above = (middle - left) / step, (right - middle) / step
            # A slope that drowns in the rounding of the values is asked for again with more digits.
            noise = mp.ldexp(max(abs(left), abs(right)), _KEPT - mp.prec)
            resolved = mp.mag(operands[index]) - mp.mag(step) + _KEPT <= mp.prec
            if resolved and min(abs(below), abs(above)) * step > noise:
                break
    return below, above


def _step(primitive: Any, operands: Sequence[float], index: int) -> Any:
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
