"""NIST's reference data: read as published, and fitted to the certified digits from both starts."""

import math
import re
from importlib.resources import files

import pytest

from autograd_lite.systems.nist import DIGITS, NAMES, DataSet, digits, fit, load

every_set = pytest.mark.parametrize("name", NAMES)


@every_set
@pytest.mark.parametrize("start", [1, 2])
def test_nine_certified_digits_from_both_starts(name: str, start: int) -> None:
    result = fit(name, start)
    assert result.digits >= 9.0, str(result)
    assert len(result.rows) == 2 * len(result.data.parameters) + 2


@every_set
def test_the_data_give_the_certified_residual_sum_at_the_certified_parameters(name: str) -> None:
    """A slip in one observation, in the model or in a parameter would show here, without any search."""
    data = load(name)
    residual_sum = math.fsum(residual**2 for residual in data.residuals(data.parameters))
    assert digits(residual_sum, data.residual_sum) > 9.0
    freedom = len(data.x) - len(data.parameters)
    assert digits(math.sqrt(residual_sum / freedom), data.residual_deviation) > 9.0
    assert len(data.x) == len(data.y)
    assert len(data.deviations) == len(data.parameters)


@every_set
def test_the_counts_are_those_that_the_file_states(name: str) -> None:
    text = (files("autograd_lite.systems.nist") / f"{name}.dat").read_text()
    data = load(name)
    assert re.findall(r"Number of Observations: +(\d+)", text) == [str(len(data.x))]
    # Erratum: the file of Rat43 says 9. Its residual deviation, and its standard deviations, are those of 15 - 4 = 11.
    freedom = 9 if name == "Rat43" else len(data.x) - len(data.parameters)
    assert re.findall(r"Degrees of Freedom: +(\d+)", text) == [str(freedom)]


@every_set
def test_the_first_start_is_farther_from_the_answer(name: str) -> None:
    data = load(name)
    assert len(data.starts) == 2
    far, near = (math.dist(_logarithms(start), _logarithms(data.parameters)) for start in data.starts)
    assert far > near


def _logarithms(numbers: tuple[float, ...]) -> list[float]:
    return [math.log(abs(number)) for number in numbers]


def test_all_levels_of_difficulty_are_there() -> None:
    assert [load(name).level for name in NAMES] == ["lower"] * 3 + ["average"] + ["higher"] * 4


def test_a_set_is_read_as_published() -> None:
    data = load("misra1a")  # in whatever capitals
    assert data == load("Misra1a")
    assert isinstance(data, DataSet)
    assert (data.x_label, data.y_label, str(data.formula)) == ("pressure", "volume", "b1*(1-exp(-b2*x))")
    assert data.description.startswith("These data are the result of a NIST study regarding dental research")
    assert (data.x[0], data.y[0], data.x[-1], data.y[-1]) == (77.6, 10.07, 760.0, 81.78)
    assert data.starts == ((500.0, 0.0001), (250.0, 0.0005))
    assert data.parameters == (2.3894212918e02, 5.5015643181e-04)
    assert data.deviations == (2.7070075241e00, 7.2668688436e-06)
    assert data.residual_sum == 1.2455138894e-01


def test_a_wrong_answer_is_not_certified() -> None:
    data = load("Thurber")
    near = [parameter * (1.0 + 1e-6) for parameter in data.parameters]
    assert max(digits(*pair) for pair in zip(near, data.parameters, strict=True)) < 6.1
    assert digits(math.fsum(r * r for r in data.residuals(near)), data.residual_sum) < 9.0


@pytest.mark.parametrize(
    ("computed", "certified", "expected"),
    [
        (1.0, 1.0, DIGITS),
        (1.001, 1.0, 3.0),
        (-0.001, -0.00100001, 5.0),
        (5.0, 1.0, 0.0),
        (math.nan, 1.0, 0.0),
        (math.inf, 1.0, 0.0),
    ],
)
def test_digits_are_the_logarithm_of_the_relative_error(computed: float, certified: float, expected: float) -> None:
    assert digits(computed, certified) == pytest.approx(expected, abs=1e-5)


def test_unknown_names_and_starts_are_told_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"^there is no data set 'Lanczos'. Did you mean Lanczos3\? There are Misra1a, Chwirut2, "):
        load("Lanczos")
    with pytest.raises(ValueError, match=r"^there is no data set 'x'. There are Misra1a"):
        load("x")
    with pytest.raises(ValueError, match=r"^a data set has the starts 1 and 2, got 3$"):
        fit("Misra1a", start=3)
