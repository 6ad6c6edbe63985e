"""Least squares: minima with a known answer, the digits that orthogonal factors keep, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import exp, log, sqrt
from autograd_lite.calculus.least_squares import FitError, least_squares
from autograd_lite.systems.nist import digits
from tests import nist
from tests.more_garbow_hillstrom import PROBLEMS
from tests.samples import FULL

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


# ---- the problems of others ----------------------------------------------------------------------------------------------------

RANK_ONE = ("33 Linear, rank 1", "34 Linear, rank 1 with zeros")


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name not in RANK_ONE])
def test_more_garbow_and_hillstroms_problems_end_at_a_published_minimum(name: str) -> None:
    """Six digits, which is what is published; a sum of 0 to the square of the rounding."""
    residuals, start, minima = PROBLEMS[name]
    fit = least_squares(residuals, start)
    nearest = min(minima, key=lambda published: abs(fit.residual_sum - published))
    assert fit.residual_sum == pytest.approx(nearest, rel=5e-6, abs=1e-25)


@pytest.mark.parametrize(("name", "text"), list(zip(RANK_ONE, ("4.63415", "6.13514"), strict=True)))
def test_problems_of_rank_one_have_no_single_answer(name: str, text: str) -> None:
    residuals, start, _ = PROBLEMS[name]
    with pytest.raises(FitError, match=rf"cannot tell the parameters apart.* to {text} at"):
        least_squares(residuals, start)


# The digits, of the eleven certified, that parameters, deviations and residual sum have from both starts. Lanczos1 was made without
# noise: its residual sum of 1.4e-25 lies below the rounding of its data.
CERTIFIED_DIGITS = dict.fromkeys(nist.NAMES, (10.0, 10.0, 10.0)) | {"Lanczos1": (10.0, 2.0, 2.0)}


# Both starts; by default one of each set, the far one but for MGH10, whose far valley takes two hundred steps.
STARTS = [(name, start) for name in nist.NAMES for start in (0, 1) if FULL or start == (name == "MGH10")]


@pytest.mark.parametrize(("name", "start"), STARTS)
def test_all_sets_of_nist_from_both_starts(name: str, start: int) -> None:
    data = nist.load(name)
    fit = least_squares(data.residuals, data.starts[start])
    # A bell of Eckerle4 is the same with both its width and its height negative.
    found = map(abs, fit.parameters) if name == "Eckerle4" else fit.parameters
    right = (min(map(digits, found, data.parameters)), min(map(digits, fit.deviations, data.deviations)))
    for reached, promised in zip((*right, digits(fit.residual_sum, data.residual_sum)), CERTIFIED_DIGITS[name], strict=True):
        assert reached >= promised


def test_a_long_curved_valley_is_followed() -> None:
    """Meyer's problem from NIST's far start, where steps that are scaled once and for all come to a stop."""
    data = nist.load("MGH10")
    assert least_squares(data.residuals, data.starts[1]).residual_sum == pytest.approx(87.945855171, rel=1e-10)
    with pytest.raises(FitError, match=r"no minimum after 20 steps"):
        least_squares(data.residuals, data.starts[0], most_steps=20)


def test_a_nan_observation_and_arrays_of_numbers_are_told() -> None:
    x, y = np.array(X), np.array([1.0, 2.0, math.nan, 4.0, 5.0, 6.0])
    with pytest.raises(FitError, match=r"the residual 2 is nan at \[0\.0, 0\.0\]: least squares needs finite numbers"):
        least_squares(line(y.tolist()), [0.0, 0.0])
    with pytest.raises(TypeError, match=r"does not combine with an array of shape \(6,\)\. Loop over the elements"):
        least_squares(lambda b: b[0] + b[1] * x, [0.0, 0.0])
    fit = least_squares(lambda b: np.array([b[0] + b[1] * t - 2.0 * t for t in X]), np.array([1.0, 1.0]))  # arrays of Values
    assert fit.parameters == pytest.approx((0.0, 2.0), abs=1e-14)


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
