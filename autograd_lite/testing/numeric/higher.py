"""Derivatives from better numbers than floats: complex ones, where f is analytic, and mpmath's, where that is installed.

Both need a function that answers in kind: f is called with a complex or an mpmath number and must give one. A function that
refuses (it compares, say, or calls `math.sin`) is no mistake; these methods then answer that they cannot tell.
"""

import importlib.util
import math
from collections.abc import Callable
from typing import Any

from autograd_lite.testing.numeric.differences import finite_differences
from autograd_lite.testing.numeric.estimates import Estimate, kink, unknown
from autograd_lite.testing.numeric.samples import guarded, noise_around

InKind = Callable[[Any], Any]

_STEP_BITS = 67  # h = |x| / 2**67: its square is below half a unit, so that nothing of h is left in the real part
_SMALLEST_STEP = 1e-290  # Im f may be much smaller than h, and must not fall below the normal floats
_UNDERFLOW = 2.0**-1022  # what may be lost of Im f on the way
_EPSILON = 2.0**-52
_DIGITS = (50, 90, 220, 700)  # tried in turn, until two agree
_SECOND_DIGITS = (60, 100, 250, 1000)
_OUT_OF_SIGHT = 1e-20  # relative to the derivative
_SPREAD = 1e-12  # relative: what a step may change of a second derivative
_NOTHING = 1e-5  # a derivative so small may be nothing but the step


def complex_step(f: InKind, x: float) -> Estimate:
    """f'(x) = Im f(x + i h) / h for a tiny h: no difference is taken, so nothing cancels.

    The bar is the rounding noise of the quotient, measured on points around x.

    Args:
        f: a function that takes complex numbers as it takes floats, by this library's functions or NumPy's.
        x: where.
    Returns:
        The estimate; its `error` is inf where f compares its argument, or drops the imaginary part.
    Source: Squire & Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).
    Example:
        >>> found = complex_step(lambda x: x**3, 2.0)
        >>> found.value, found.error < 1e-13
        (12.0, True)
        >>> complex_step(lambda x: x if x > 0.0 else -x, 2.0).error
        inf
    """
    h = _tiny(x)
    slope = guarded(lambda t: _imaginary_quotient(f, t, h))
    value = slope(x)
    if value is None:
        return unknown("complex step")
    error = noise_around(slope, x, value) + 8.0 * _EPSILON * abs(value) + _UNDERFLOW / h
    return Estimate(value, error, "complex step")


def complex_step_second(f: Callable[[Any, Any], Any], x: float, y: float) -> Estimate:
    """The mixed second derivative of f(x, y): differences along x of complex steps along y.

    For the pure second derivative of g, give f(x, y) = g(x + y) and y = 0.

    Example:
        >>> found = complex_step_second(lambda x, y: x * x * y, 3.0, 2.0)
        >>> found.covers(6.0), found.error < 1e-11
        (True, True)
    """
    method = "differences of complex steps"
    found = finite_differences(lambda t: _imaginary_quotient(lambda u: f(t, u), y, _tiny(y)), x)
    # Complex numbers go on where the domain of f ends: which sides there are is for floats to tell.
    return unknown(method) if found.is_kink else Estimate(found.value, found.error, method)


def _tiny(x: float) -> float:
    return math.ldexp(abs(x) or 1.0, -_STEP_BITS)


def _imaginary_quotient(f: InKind, x: float, h: float) -> float | None:
    if h < _SMALLEST_STEP:
        return None
    try:
        answer = f(complex(x, h))
    except Exception:  # whatever a stranger's function raises on a complex number: it does not answer in kind
        return None
    # A real answer has lost the imaginary part on the way, as `abs` loses it.
    return float(answer.imag / h) if isinstance(answer, complex) else None


# ---- mpmath ------------------------------------------------------------------------------------------------------------------


def multiprecision(f: InKind, x: float, negligible: float = 0.0) -> Estimate:
    """f'(x) from differences of mpmath numbers of 50 digits and more; exact to a float, and at a kink both slopes.

    Args:
        f: a function of one number.
        x: where to differentiate.
        negligible: a bar that is as good as none.
    Example:
        >>> import math
        >>> print(multiprecision(lambda x: x**3, 2.0))
        12.0 +- 1.8e-15 (mpmath)
        >>> multiprecision(math.sin, 2.0).error  # math.sin answers with a float
        inf
    """
    return _with_digits(_DIGITS, 0.4, lambda mp, unit: _slopes(f, mp, x, unit), negligible)


def multiprecision_second(
    f: Callable[[Any, Any], Any], x: float, y: float, negligible: float = 0.0, thorough: bool = True
) -> Estimate:
    """The mixed second derivative of f(x, y) by mpmath; for the pure one of g, give f(x, y) = g(x + y) and y = 0.

    Args:
        f: a function of two numbers.
        x: the first.
        y: the second.
        negligible: a bar that is as good as none.
        thorough: whether to look at all four squares that meet at the point, and with more digits, or at two of them only.
    Example:
        >>> multiprecision_second(lambda x, y: x * x * y, 3.0, 2.0).value
        6.0
    """
    return _with_digits(_SECOND_DIGITS, 0.3, lambda mp, unit: _mixed(f, mp, (x, y), unit, thorough), negligible, not thorough)


def _with_digits(
    digits: tuple[int, ...],
    share: float,
    method: Callable[[Any, Any], Estimate],
    negligible: float = 0.0,
    is_enough: bool = False,
) -> Estimate:
    """The answer of a method from more and more digits, a share of which is its unit step; until two are the same.

    f may lose any number of digits inside, which shows only when it is asked with more; `is_enough` says that the bar alone tells.
    """
    if importlib.util.find_spec("mpmath") is None:
        return unknown("mpmath")
    from mpmath import mp

    before = unknown("mpmath")
    for count in digits:
        with mp.workdps(count):
            try:
                found = method(mp, mp.mpf(10) ** -int(count * share))
            except Exception:  # as for complex numbers: a function that does not take mpmath's is no mistake
                return unknown("mpmath")
        apart = abs(found.value - before.value)
        narrow = max(16.0 * _EPSILON * abs(found.value), negligible)
        if is_enough and found.error <= narrow:
            return found
        if found.is_kink == before.is_kink and apart + found.error <= narrow:
            return found if found.is_kink else Estimate(found.value, found.error + apart, found.method)
        if found.is_kink and before.is_kink and apart <= found.error:
            return found
        before = found
    return (
        before if before.is_kink else Estimate(before.value, before.error + (apart if apart == apart else math.inf), before.method)
    )


def _step(mp: Any, x: float, unit: Any) -> tuple[Any, Any]:
    """x, and a step for it; a number so large that the step is lost in it needs more digits."""
    at, h = mp.mpf(x), min(abs(x) or 1.0, 1.0) * unit
    return at, h if at + h != at else mp.mpf(0)


def _in_kind(mp: Any, value: Any) -> Any:
    if not isinstance(value, mp.mpf):
        raise TypeError(f"f answered an mpmath number with {type(value).__name__}")
    if not mp.isfinite(value):
        raise ValueError("f is not finite")
    return value


def _slopes(f: InKind, mp: Any, x: float, unit: Any) -> Estimate:
    at, h = _step(mp, x, unit)
    if not h:
        return unknown("mpmath")
    far_left, left, middle, right, far_right = (_in_kind(mp, f(at + k * h)) for k in (-2, -1, 0, 1, 2))
    noise = max(map(abs, (far_left, middle, far_right))) * mp.mpf(10) ** (4 - mp.dps)
    before, after = (middle - left) / h, (right - middle) / h
    gap, far_gap = after - before, (far_right - 2 * middle + far_left) / (2 * h)
    # Where f is smooth the gap between the slopes halves with the step; at a kink it stays, at a step of f it doubles.
    if (
        abs(gap) > 8 * noise / h
        and abs(gap) > mp.mpf("0.75") * abs(far_gap)
        and abs(gap) > _OUT_OF_SIGHT * max(abs(before), abs(after))
    ):
        is_jump = abs(gap) > mp.mpf("1.1") * abs(far_gap)
        if is_jump:
            before, after = (left - far_left) / h, (far_right - right) / h
        sides = [
            Estimate(float(side), float(8 * noise / h) + 4.0 * _EPSILON * abs(float(side)), "mpmath") for side in (before, after)
        ]
        return kink(sides[0], sides[1], is_jump)
    value, wider = (right - left) / (2 * h), (far_right - far_left) / (4 * h)
    return _rounded(value, abs(value - wider) + 4 * noise / h)


def _mixed(f: Callable[[Any, Any], Any], mp: Any, point: tuple[float, float], unit: Any, thorough: bool) -> Estimate:
    """(f(x + h, y + k) - f(x + h, y) - f(x, y + k) + f(x, y)) / hk on the four squares that meet at the point, or on two.

    With so many digits the quotient is off by next to nothing where f is smooth, and the squares give the same.
    """
    (x, h), (y, k) = _step(mp, point[0], unit), _step(mp, point[1], unit)
    if not (h and k):
        return unknown("mpmath")
    middle = _in_kind(mp, f(x, y))
    beside = {right: _in_kind(mp, f(x + right, y)) for right in (h, -h)}
    above = {up: _in_kind(mp, f(x, y + up)) for up in (k, -k)}
    corners = [(h, k), (-h, -k), (h, -k), (-h, k)][: 4 if thorough else 2]
    squares = [(_in_kind(mp, f(x + right, y + up)) - beside[right] - above[up] + middle) / (right * up) for right, up in corners]
    noise = 4 * max(map(abs, (middle, *beside.values(), *above.values()))) * mp.mpf(10) ** (4 - mp.dps) / (h * k)
    spread = max(squares) - min(squares)
    if spread > 4 * noise + _SPREAD * max(_NOTHING, *map(abs, squares)):
        return unknown("mpmath")
    return _rounded(mp.fsum(squares) / len(squares), spread + noise)


def _rounded(value: Any, error: Any) -> Estimate:
    return Estimate(float(value), float(error) + _EPSILON / 1.5 * abs(float(value)), "mpmath")
