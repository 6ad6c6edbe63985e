"""Least squares: minima with a known answer, the digits that orthogonal factors keep, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import exp, log, sqrt
from autograd_lite.calculus.least_squares import FitError, least_squares

numbers = st.floats(-100.0, 100.0).map(lambda x: round(x, 3))
X = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def line(y: list[float]) -> Any:
    return lambda b: [b[0] + b[1] * x - observed for x, observed in zip(X, y, strict=True)]


@given(y=st.lists(numbers, min_size=6, max_size=6), start=st.tuples(numbers, numbers))
def test_a_straight_line_is_the_one_of_the_closed_formula(y: list[float], start: tuple[float, float]) -> None:
    fit = least_squares(line(y), start)
    slope = math.fsum((x - 2.5) * each for x, each in zip(X, y, strict=True)) / 17.5
    middle = math.fsum(y) / 6.0
    scale = max(1.0, max(map(abs, y)))
    assert fit.parameters == pytest.approx((middle - 2.5 * slope, slope), abs=1e-12 * scale)
    residual_sum = math.fsum((middle + slope * (x - 2.5) - each) ** 2 for x, each in zip(X, y, strict=True))
    assert fit.residual_sum == pytest.approx(residual_sum, rel=1e-9, abs=1e-20 * scale**2)
    assert fit.degrees_of_freedom == 4
    spread = math.sqrt(residual_sum / 4.0)
    deviations = (spread * math.sqrt(1.0 / 6.0 + 2.5**2 / 17.5), spread / math.sqrt(17.5))
    assert fit.deviations == pytest.approx(deviations, rel=1e-9, abs=1e-10 * scale)


@given(b=st.tuples(st.floats(0.5, 3.0), st.floats(-1.0, 1.0)))
def test_data_without_noise_give_their_parameters_back(b: tuple[float, float]) -> None:
    y = [b[0] * math.exp(b[1] * x) for x in X]
    fit = least_squares(lambda c: [c[0] * exp(c[1] * x) - observed for x, observed in zip(X, y, strict=True)], [1.0, 0.1])
    assert fit.parameters == pytest.approx(b, rel=1e-12, abs=1e-12)


def test_the_sum_falls_with_every_step_and_ends_at_the_residual_sum() -> None:
    fit = least_squares(lambda b: [10.0 * (b[1] - b[0] ** 2), 1.0 - b[0], 0.1 * b[1]], [-1.2, 1.0])
    assert list(fit.sums) == sorted(fit.sums, reverse=True)
    assert fit.residual_sum == pytest.approx(fit.sums[-1], rel=1e-8)
    assert fit.residual_sum == pytest.approx(math.fsum(r * r for r in fit.residuals), rel=1e-15)
    assert fit.residual_deviation == math.sqrt(fit.residual_sum)


def test_as_many_residuals_as_parameters_are_solved_without_deviations() -> None:
    fit = least_squares(lambda b: [10.0 * (b[1] - b[0] ** 2), 1.0 - b[0]], [-1.2, 1.0])  # Rosenbrock's valley
    assert fit.parameters == pytest.approx((1.0, 1.0), rel=1e-14)
    assert fit.degrees_of_freedom == 0
    assert all(map(math.isnan, (*fit.deviations, fit.residual_deviation)))


def test_a_perfect_start_is_kept() -> None:
    fit = least_squares(line([1.0 + 2.0 * x for x in X]), [1.0, 2.0])
    assert (fit.parameters, fit.residual_sum, fit.sums) == ((1.0, 2.0), 0.0, (0.0,))


def test_nearly_parallel_columns_keep_the_digits_that_normal_equations_lose() -> None:
    """Columns that differ in the eighth digit: the condition number is above 1e8, its square above 1e16."""
    columns = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-8], [1.0, 1.0 - 1e-8]])
    target = columns @ [1.0, 2.0]
    with np.errstate(all="ignore"):
        normal = columns.T @ columns
    assert np.linalg.matrix_rank(normal) == 1
    fit = least_squares(lambda b: [p * b[0] + q * b[1] - t for (p, q), t in zip(columns.tolist(), target, strict=True)], [0.0, 0.0])
    assert fit.parameters == pytest.approx((1.0, 2.0), abs=1e-7)


def test_steps_into_numbers_that_a_residual_does_not_take_are_tried_shorter() -> None:
    fit = least_squares(lambda b: [log(b[0]) - 3.0, 0.0 * b[0]], [100.0], damping=0.0)  # the first full step goes below 0
    assert fit.parameters == pytest.approx((math.exp(3.0),), rel=1e-12)


# ---- what is refused -----------------------------------------------------------------------------------------------------------


def test_there_are_at_least_as_many_residuals_as_parameters() -> None:
    with pytest.raises(ValueError, match=r"^1 residuals cannot determine 2 parameters: give at least as many residuals$"):
        least_squares(lambda b: [b[0] + b[1]], [0.0, 0.0])


@pytest.mark.parametrize("start", [[], [math.nan], [1.0, math.inf]])
def test_a_start_is_finite_numbers(start: list[float]) -> None:
    with pytest.raises(ValueError, match="the start is one finite number for each parameter, got "):
        least_squares(line([0.0] * 6), start)


@pytest.mark.parametrize("damping", [-1.0, math.nan, math.inf])
def test_damping_is_not_negative(damping: float) -> None:
    with pytest.raises(ValueError, match="the damping is a finite number from 0 up, got "):
        least_squares(line([0.0] * 6), [0.0, 0.0], damping=damping)


def test_too_few_steps_are_an_error_that_says_how_far_they_led() -> None:
    with pytest.raises(
        FitError, match=r"no minimum after 2 steps: the sum of squares fell from 24.2 to .* at \[.*\]. Try another start"
    ):
        least_squares(lambda b: [10.0 * (b[1] - b[0] ** 2), 1.0 - b[0]], [-1.2, 1.0], most_steps=2)


def test_parameters_that_the_data_cannot_tell_apart_are_an_error() -> None:
    with pytest.raises(FitError, match="the data cannot tell the parameters apart"):
        least_squares(lambda b: [b[0] + b[1] - y for y in (1.0, 2.0, 4.0)], [0.0, 0.0])


def test_an_error_at_the_start_is_the_residuals_own() -> None:
    with pytest.raises(ValueError, match="log"):
        least_squares(lambda b: [log(b[0]), b[0]], [-1.0])


@pytest.mark.parametrize(
    ("residuals", "text"),
    [
        (lambda b: [b[0] * math.nan, b[0]], r"the residual 0 is nan at \[1\.0\]"),
        (lambda b: [b[0], b[0] * math.inf], r"the residual 1 is inf at \[1\.0\]"),
        (lambda b: [b[0], sqrt(b[0] - 1.0)], r"the derivative of residual 1 is inf at \[1\.0\]"),
    ],
)
def test_what_is_not_finite_is_named(residuals, text, capfd):
    with pytest.raises(FitError, match=text):
        least_squares(residuals, [1.0])
    assert capfd.readouterr().out == ""
