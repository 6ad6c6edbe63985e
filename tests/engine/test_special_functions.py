"""The gamma family, the normal distribution and their relatives: value, slope and second derivative beside mpmath, tails included."""

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpf

import autograd_lite as ag
from autograd_lite import DomainError, Value, derivative, grad, hessian
from autograd_lite.engine.mpmath_mathematics import millsratio
from tests.counting import calls_during

TAIL, ORDINARY = 4e-13, 1e-15


def _phi(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


@cache
def _ppf(p: Any) -> Any:
    """By bisection: slow, and nothing else."""
    low, high = mpf(-40), mpf(40)
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if _ndtr(middle) < p else (low, middle)
    return low


# Function, exact value, slope and second derivative, as formulas of their own; and the points.
_POSITIVE = (1e-300, 1e-8, 0.3, 0.999999, 1.0000001, 1.4616321449683622, 1.9999, 2.5, 8.4, 8.6, 33.0, 1e5, 1e100)
_LINE = (-1e8, -300.0, -37.0, -10.0, -2.0, -1.5, -1.4, -0.5, -1e-9, 0.0, 0.7, 2.0, 8.0, 37.0)
EXACT: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any], tuple[float, ...]]] = {
    "gammaln": (mp.loggamma, mp.digamma, lambda x: mp.psi(1, x), _POSITIVE),
    "digamma": (mp.digamma, lambda x: mp.psi(1, x), lambda x: mp.psi(2, x), _POSITIVE),
    "logit": (
        lambda x: mp.log(x) - mp.log1p(-x),
        lambda x: 1 / (x * (1 - x)),
        lambda x: (2 * x - 1) / (x * (1 - x)) ** 2,
        (1e-300, 1e-150, 1e-5, 0.25, 0.4999999, 0.51, 0.75, 1.0 - 1e-15),
    ),
    "log1mexp": (
        lambda x: mp.log(-mp.expm1(-x)),
        lambda x: 1 / mp.expm1(x),
        lambda x: -mp.exp(x) / mp.expm1(x) ** 2,
        (1e-300, 1e-150, 1e-9, 0.5, 0.69314, 0.7, 3.0, 40.0, 700.0),
    ),
    "log_sigmoid": (
        lambda x: -mp.log1p(mp.exp(-x)),
        lambda x: 1 / (1 + mp.exp(x)),
        lambda x: -mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2,
        (-700.0, -40.0, -1.0, 0.0, 1.0, 40.0, 700.0),
    ),
    "norm_cdf": (_ndtr, _phi, lambda x: -x * _phi(x), _LINE[2:]),
    "log_ndtr": (
        lambda x: mp.log(_ndtr(x)) if x < 0 else mp.log1p(-_ndtr(-x)),
        lambda x: _phi(x) / _ndtr(x),
        lambda x: -_phi(x) / _ndtr(x) * (x + _phi(x) / _ndtr(x)),
        _LINE,
    ),
    "norm_ppf": (
        _ppf,
        lambda p: 1 / _phi(_ppf(p)),
        lambda p: _ppf(p) / _phi(_ppf(p)) ** 2,
        (1e-300, 1e-100, 1e-12, 0.05, 0.0751, 0.3, 0.4999, 0.6, 0.95, 1.0 - 1e-15),
    ),
    "erfinv": (
        lambda x: _ppf((1 + x) / 2) / mp.sqrt(2),
        lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(_ppf((1 + x) / 2) ** 2 / 2),
        lambda x: mp.pi / 2 * _ppf((1 + x) / 2) / mp.sqrt(2) * mp.exp(_ppf((1 + x) / 2) ** 2),
        (-1.0 + 1e-16, -0.9, -0.3, -1e-8, 1e-8, 0.2, 0.8500001, 0.99999),
    ),
    "sinc": (
        mp.sincpi,
        lambda x: (mp.cospi(x) - mp.sincpi(x)) / x,
        lambda x: (-mp.pi * mp.sinpi(x) - 2 * (mp.cospi(x) - mp.sincpi(x)) / x) / x,
        (1e-300, 1e-100, 1e-8, 1e-3, 0.1, 0.31, 0.32, 0.5, 0.64, 0.95, 1.0, 2.0, 7.25, 1e6 + 0.25),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_value_and_two_derivatives_keep_their_digits(name: str) -> None:
    function = getattr(ag, name)
    *exact, points = EXACT[name]
    for x in points:
        for order, right in enumerate(exact):
            with mp.workdps(40 if name in ("norm_ppf", "erfinv") else 700 if name == "sinc" else 400 if name == "log1mexp" else 80):
                expected = right(mpf(x))
            found = derivative(function, order)(x) if order else function(x)
            if abs(expected) > 1e308:
                assert found == (mpmath.inf if expected > 0 else -mpmath.inf)
                continue
            if name == "logit" and order == 2:  # it passes through 0 at 1/2: with the error of the first derivative
                expected, found = expected + 4, found + 4.0
            scale = mp.pi ** (order - 1) / max(abs(mpf(x)), 1) if name == "sinc" and abs(x) > 0.5 else 0
            promise = ORDINARY * (1 + order) if 1e-3 < abs(x) <= 10 else TAIL
            error = abs(found - expected) / max(abs(expected), scale, mpf("1e-300"))
            assert error <= promise, f"{name}, order {order}, at {x!r}: {float(error):.2g}"


@pytest.mark.parametrize("a", [1e-12, 0.3, 2.0, 7.9, 8.1, 1e6, 1e12])
@pytest.mark.parametrize("b", [1e-9, 0.4, 1.0, 3.5, 20.0, 1e9])
def test_the_beta_function_and_its_logarithm(a: float, b: float) -> None:
    with mp.workdps(80):
        x, y = mpf(a), mpf(b)
        value = mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)
        slopes = [mp.digamma(x) - mp.digamma(x + y), mp.digamma(y) - mp.digamma(x + y)]
        bends = [[mp.psi(1, x) - mp.psi(1, x + y), -mp.psi(1, x + y)], [-mp.psi(1, x + y), mp.psi(1, y) - mp.psi(1, x + y)]]
    size = max(abs(value), abs(x * slopes[0]), abs(y * slopes[1]))
    assert abs(ag.betaln(a, b) - value) <= ORDINARY * size
    for found, right in zip(grad(ag.betaln)(a, b), slopes, strict=True):
        assert abs(found - right) <= ORDINARY * abs(right)
    for row, rights in zip(hessian(ag.betaln)(a, b), bends, strict=True):
        for found, right in zip(row, rights, strict=True):
            assert abs(found - right) <= 2 * ORDINARY * abs(right)
    if value > -700:
        with mp.workdps(80):
            assert abs(ag.beta(a, b) / mp.exp(value) - 1) <= 4e-15 + 3e-16 * size


def test_polygamma_of_any_order() -> None:
    for n in (0, 1, 2, 3, 7, 20, 60, 100):
        for x in (1e-2, 0.7, 3.0, 15.0, 1e4):
            with mp.workdps(60):
                right, next_ = mp.psi(n, mpf(x)), mp.psi(n + 1, mpf(x))
            if abs(next_) < 1e308:
                assert abs(ag.polygamma(n, x) - right) <= (TAIL if n > 9 else ORDINARY) * abs(right), (n, x)
                slope = derivative(lambda t, n=n: ag.polygamma(n, t))(x)
                assert abs(slope - next_) <= (TAIL if n > 9 else ORDINARY) * abs(next_), (n, x)
    with pytest.raises(ValueError, match="order of polygamma must be at most 100, got 101"):
        ag.polygamma(101, 1.0)
    with pytest.raises(TypeError, match="order of polygamma must be a whole number"):
        ag.polygamma(Value(1.0), 1.0)  # type: ignore[arg-type]
    with pytest.raises(DomainError, match=r"^`polygamma\(2, x\)` is not defined at x = -1.5"):
        ag.polygamma(2, Value(-1.5, label="x"))


def test_logaddexp2_is_numpy_s_and_differentiable_at_a_tie() -> None:
    import numpy as np

    for x, y in ((1.0, 2.0), (1000.0, -1000.0), (0.5, 0.5), (-1e5, -1e5 + 1.0)):
        assert ag.logaddexp2(x, y) == pytest.approx(float(np.logaddexp2(x, y)), rel=1e-15)
    assert grad(ag.logaddexp2)(3.0, 3.0) == (0.5, 0.5)
    bend = float(mp.log(2)) / 4.0
    assert hessian(ag.logaddexp2)(3.0, 3.0) == [
        [pytest.approx(bend), pytest.approx(-bend)],
        [pytest.approx(-bend), pytest.approx(bend)],
    ]


def test_angles() -> None:
    import math

    for x in (0.1, -3.0, 1e300):
        assert ag.degrees(x) == math.degrees(x)
        assert ag.radians(x) == math.radians(x)
    assert derivative(ag.degrees)(1.0) == 180.0 / math.pi


@pytest.mark.parametrize("digits", [20, 50, 200])
def test_ratios_of_the_normal_tail_keep_all_digits_of_mpmath_s_numbers_for_a_few_thousand_calls(digits: int) -> None:
    """On both sides of where another formula begins; once, a hundred digits took tens of thousands of terms."""
    for n in (1, 2, 9):
        for t in (-30.0, -0.5, 0.0, 1.5, 5.6, 5.9, 9.1, 9.3, 18.2, 18.4, 100.0, 1e100):

            def ratio(t: float = t, n: int = n) -> Any:
                return millsratio(mpf(t), n)

            with mp.workdps(2 * digits + 20):
                exact = ratio()
            with mp.workdps(digits):
                assert abs(ratio() - exact) <= 4 * mp.eps * exact
                assert calls_during(ratio) < 50_000
