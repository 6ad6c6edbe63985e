"""Numerical derivatives: right within their bars, on smooth functions, at the ends of domains, and where nothing can be said."""

import math
from random import Random
from typing import Any

import mpmath
import pytest

from autograd_lite import cos, exp, log, relu, sin, tanh
from autograd_lite.testing import (
    Estimate,
    central,
    complex_step,
    finite_differences,
    multiprecision,
    numerical_derivative,
    numerical_grad,
    numerical_hessian,
    numerical_jacobian,
    one_sided,
    richardson,
)
from autograd_lite.testing.numeric.higher import complex_step_second, multiprecision_second
from benchmarks.error_bars import measure

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")

SMOOTH = {
    "sin": (math.sin, mpmath.sin, -5.0, 5.0),
    "exp": (math.exp, mpmath.exp, -5.0, 5.0),
    "log": (math.log, mpmath.log, 0.01, 5.0),
    "tanh": (math.tanh, mpmath.tanh, -6.0, 6.0),
    "sqrt": (math.sqrt, mpmath.sqrt, 0.01, 9.0),
    "fast sine": (lambda x: math.sin(50 * x), lambda x: mpmath.sin(50 * x), -3.0, 3.0),
    "hyperbola": (lambda x: 1 / x, lambda x: 1 / x, 0.01, 4.0),
    "polynomial": (lambda x: x**3 - 2 * x, lambda x: x**3 - 2 * x, -3.0, 3.0),
    "a small part of a large number": (lambda x: 1e6 + math.sin(x), lambda x: 10**6 + mpmath.sin(x), -4.0, 4.0),
    "a period that powers of two would miss": (
        lambda x: math.sin(16 * math.pi * x),
        lambda x: mpmath.sin(16 * mpmath.mpf(math.pi) * x),
        0.0,
        4.0,
    ),
}
METHODS = {
    "finite_differences": (finite_differences, 1),
    "richardson": (richardson, 1),
    "central": (central, 1),
    "one_sided": (lambda f, x: one_sided(f, x, 1), 1),
    "second": (lambda f, x: finite_differences(f, x, 2), 2),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_bar_covers_the_true_error(name: str, method: str) -> None:
    f, exact, low, high = SMOOTH[name]
    estimate, order = METHODS[method]
    random = Random(f"{name} {method}")
    for _ in range(25):
        x = random.uniform(low, high)
        with mpmath.workdps(50):
            truth = mpmath.diff(exact, mpmath.mpf(x), order)
            found = estimate(f, x)
            assert math.isinf(found.error) or abs(mpmath.mpf(found.value) - truth) <= found.error, (x, found, truth)


@pytest.mark.parametrize("name", ["sin", "exp", "log", "sqrt", "hyperbola", "polynomial"])
def test_bars_are_narrow_on_easy_functions(name: str) -> None:
    f, _, low, high = SMOOTH[name]
    for part in range(1, 10):
        x = low + (high - low) * part / 10.0
        found = finite_differences(f, x)
        assert found.error <= 1e-11 * max(abs(found.value), abs(f(x)), 1e-3)


def test_random_programs_keep_the_promises_of_the_benchmark() -> None:
    results = measure(125)  # half of them at least are answered by every method; complex steps know not all functions
    for method, rows in results.items():
        assert len(rows) > 50, method
        assert sum(error > bar for error, bar in rows) <= len(rows) / 100, method
    assert max(error for error, _ in results["gradient oracle (the ladder)"]) <= 1e-12


# ---- where differences must notice that they cannot tell ---------------------------------------------------------------------


def test_rounding_noise_is_measured_not_assumed() -> None:
    found = finite_differences(lambda x: (x * x + 1e9) - 1e9, 1.0)
    assert found.error > 1e-9
    assert found.covers(2.0)


def test_a_function_without_neighbours_has_no_derivative() -> None:
    assert finite_differences(lambda x: 1.0 if x == 2.0 else math.nan, 2.0).error == math.inf
    assert finite_differences(math.log, -1.0).error == math.inf
    for method in (richardson, central, lambda f, x: one_sided(f, x, 1)):
        assert method(math.log, -1.0).error == math.inf


def test_steps_stay_inside_the_domain() -> None:
    found = finite_differences(math.log, 1e-12)
    assert found.covers(1e12)
    assert found.error < 1e3


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [(math.sqrt, 0.0, math.inf), (math.asin, 1.0, math.inf), (math.acos, 1.0, -math.inf), (math.cbrt, 0.0, math.inf)],
)
def test_vertical_tangents(f, x: float, slope: float) -> None:
    assert finite_differences(f, x) == Estimate(slope, 0.0, "growth of one-sided differences")


def test_a_cusp_has_no_derivative() -> None:
    assert finite_differences(lambda x: math.sqrt(abs(x)), 0.0).error == math.inf


def test_the_end_of_a_domain_has_a_one_sided_slope() -> None:
    found = finite_differences(lambda x: x * math.sqrt(x) + 3 * x, 0.0)
    assert found.covers(3.0)
    assert found.error < 1e-4


def test_both_slopes_of_a_kink() -> None:
    found = finite_differences(lambda x: max(2 * x, -x) + x * x, 0.0)
    assert found.is_kink
    assert found.left.covers(-1.0)
    assert found.right.covers(2.0)
    assert found.covers(0.5)
    assert not found.covers(2.1)


def test_both_curvatures_of_a_parabola_cut_in_half() -> None:
    found = finite_differences(lambda x: max(x, 0.0) ** 2, 0.0, 2)
    assert (found.left.value, found.right.value) == (0.0, pytest.approx(2.0))


def test_slopes_beside_a_step_leave_the_step_out() -> None:
    found = finite_differences(lambda x: math.floor(x) + 2 * x, 1.0)
    assert found.left.covers(2.0)
    assert found.right.covers(2.0)
    assert found.error < 1e-9


# ---- better numbers ----------------------------------------------------------------------------------------------------------


def test_the_complex_step_is_exact_to_rounding() -> None:
    found = complex_step(lambda x: exp(x) * sin(x), 1.5)
    assert found.value == pytest.approx(math.exp(1.5) * (math.sin(1.5) + math.cos(1.5)), rel=1e-15)
    assert found.error < 1e-13


@pytest.mark.parametrize("f", [math.sin, abs, lambda x: x if x > 0.0 else -x, lambda x: x.real, lambda x: "text", lambda x: 1.0])
def test_the_complex_step_says_when_a_function_is_not_for_it(f) -> None:
    assert complex_step(f, 0.5).error == math.inf


def test_mpmath_gives_the_nearest_float_where_floats_lose_everything() -> None:
    f = lambda x: (1 - cos(x)) / x**2  # noqa: E731
    x = 1e-7
    with mpmath.workdps(60):
        truth = float(mpmath.diff(lambda t: (1 - mpmath.cos(t)) / t**2, mpmath.mpf(x)))
    found = multiprecision(f, x)
    assert found.value == truth
    assert found.error < 1e-22


@pytest.mark.parametrize("f", [math.sin, lambda x: float(x), lambda x: x.nothing])
def test_mpmath_says_when_a_function_is_not_for_it(f) -> None:
    assert multiprecision(f, 0.5).error == math.inf


def test_mpmath_sees_a_kink_and_nothing_of_one_nearby() -> None:
    f = lambda x: abs(x - 1)  # noqa: E731
    assert multiprecision(f, 1.0).is_kink
    assert multiprecision(f, 1.0 + 2.0**-52).value == 1.0


def test_mpmath_sees_the_jump_of_a_second_derivative() -> None:
    f = lambda u, v: max(u + v, 0 * u) ** 2  # noqa: E731
    assert multiprecision_second(f, 0.0, 0.0).error == math.inf
    assert multiprecision_second(f, 1.0, 0.0).value == 2.0


def test_second_derivatives_by_complex_steps() -> None:
    found = complex_step_second(lambda x, y: exp(x * y), 0.5, 2.0)
    assert found.covers(math.exp(1.0) * 2.0)
    assert found.error < 1e-10


# ---- gradients, Jacobians, Hessians ------------------------------------------------------------------------------------------


def test_shapes_are_those_of_calculus() -> None:
    by_w, by_b = numerical_grad(lambda w, b: tanh(w[0][0] * w[1][0] + b))([[1.0], [2.0]], 0.5)
    slope = 1 / math.cosh(2.5) ** 2
    assert [by_w[0][0].value, by_w[1][0].value, by_b.value] == pytest.approx([2 * slope, slope, slope], rel=1e-14)


def test_jacobians_and_hessians() -> None:
    rows = numerical_jacobian(lambda x, y: [x * y, sin(x), 3.0])(2.0, 5.0)
    assert [[found.value for found in row] for row in rows] == [[5.0, 2.0], [pytest.approx(math.cos(2.0)), 0.0], [0.0, 0.0]]
    rows = numerical_hessian(lambda x, y: x * x * log(y))(2.0, 5.0)
    expected = [[2 * math.log(5), 0.8], [0.8, -4 / 25]]
    assert all(
        found.covers(exact) for row, exacts in zip(rows, expected, strict=True) for found, exact in zip(row, exacts, strict=True)
    )


def test_a_gradient_at_a_kink_is_an_interval() -> None:
    found = numerical_derivative(relu)(0.0)
    assert (found.left.value, found.right.value) == (0.0, 1.0)


def test_functions_that_only_take_values_are_evaluated_on_them() -> None:
    found = numerical_derivative(lambda x: x.tanh())(0.5)
    assert found.covers(1 / math.cosh(0.5) ** 2)
    assert found.error < 1e-11


def test_wrong_orders_and_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="order 1 or 2, got 3"):
        numerical_derivative(sin, order=3)
    with pytest.raises(TypeError, match="use numerical_jacobian"):
        numerical_grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match="has none"):
        numerical_grad(lambda: 1.0)()


@pytest.mark.parametrize("order", [0, 3, -1, 1.5])
@pytest.mark.parametrize("method", [finite_differences, richardson])
def test_another_order_is_refused_and_not_taken_for_the_first(method: Any, order: Any) -> None:
    with pytest.raises(ValueError, match=f"numerical derivatives are of order 1 or 2, got {order}"):
        method(math.exp, 0.0, order)


@pytest.mark.parametrize("side", [0, 2, -0.5])
def test_a_side_is_left_or_right(side: Any) -> None:
    with pytest.raises(ValueError, match=f"a side is 1, to the right, or -1, to the left; got {side}"):
        one_sided(math.exp, 0.0, side)
