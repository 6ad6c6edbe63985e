"""The single unit: three ways to its gradient, what they cost, and how the unit learns."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import grad
from autograd_lite.systems import neuron, neuron_growth, neuron_learning

numbers = st.floats(-3.0, 3.0)


# ---- the three ways ----------------------------------------------------------------------------------------------------------


@given(st.tuples(numbers, numbers, numbers, numbers), numbers, st.floats(0.0, 1.0))
def test_by_hand_backward_and_the_numerical_bar_agree_everywhere(parameters: tuple[float, ...], x: float, target: float) -> None:
    for ways in neuron.three_ways(parameters, x, target):
        assert math.isclose(ways.by_hand, ways.backward, rel_tol=1e-12, abs_tol=1e-17)
        assert ways.adaptive.covers(ways.by_hand, 1e-15)
        assert abs(ways.central - ways.by_hand) < 1e-8
        assert abs(ways.forward - ways.by_hand) < 1e-6


def test_by_hand_is_the_gradient_of_the_cost() -> None:
    by_engine = grad(lambda parameters: neuron.forward_pass(parameters).cost)(list(neuron.START))
    assert neuron.by_hand(neuron.START) == pytest.approx(by_engine, rel=1e-14)


def test_differences_evaluate_once_or_twice_for_each_parameter() -> None:
    calls = 0

    def counted(point: object) -> float:
        nonlocal calls
        calls += 1
        return 0.0

    neuron.forward_differences(counted, [1.0] * 7)
    assert calls == 8
    calls = 0
    neuron.central_differences(counted, [1.0] * 7)
    assert calls == 14


def test_a_central_difference_is_exact_for_parabolas_and_a_forward_one_for_lines() -> None:
    assert neuron.central_differences(lambda p: 3.0 * p[0] ** 2 + p[1], [2.0, 5.0], 0.5) == [12.0, 1.0]
    assert neuron.forward_differences(lambda p: 3.0 * p[0] - p[1], [2.0, 5.0], 0.5) == [3.0, -1.0]


def test_shared_products_are_factors_of_the_derivatives() -> None:
    by_name = {ways.name: ways.by_hand for ways in neuron.three_ways()}
    error, delta2, at_h, delta1 = (product.value for product in neuron.shared_products())
    passed = neuron.forward_pass(neuron.START)
    assert error == passed.y - neuron.TARGET
    assert by_name["b2"] == pytest.approx(delta2, rel=1e-14)
    assert by_name["w2"] == pytest.approx(delta2 * passed.h, rel=1e-14)
    assert by_name["b1"] == pytest.approx(delta1, rel=1e-14)
    assert by_name["w1"] == pytest.approx(delta1 * neuron.INPUT, rel=1e-14)
    assert at_h == pytest.approx(delta2 * neuron.START[2], rel=1e-14)


def test_shared_work_grows_in_proportion_and_path_by_path_with_the_square() -> None:
    works = [neuron.work(depth) for depth in (4, 8, 16)]
    assert works[1].shared - works[0].shared == (works[2].shared - works[1].shared) / 2  # a straight line
    assert works[2].path_by_path / works[1].path_by_path > 3.4
    assert all(work.path_by_path > work.shared for work in works)


def test_errors_of_differences_have_their_order_and_their_floor() -> None:
    rows = neuron.errors_by_step()
    assert neuron.slope_of(rows, "forward", 1e-5, 1e-2) == pytest.approx(1.0, abs=0.01)
    assert neuron.slope_of(rows, "central", 1e-3, 1e-1) == pytest.approx(2.0, abs=0.01)
    assert neuron.slope_of(rows, "central", 1e-13, 1e-8) == pytest.approx(-1.0, abs=0.15)  # rounding
    assert min(row.forward for row in rows) > 1e-9 > 1e-10 > min(row.central for row in rows)


# ---- growth ------------------------------------------------------------------------------------------------------------------


def test_differences_need_an_evaluation_per_parameter_and_a_backward_pass_one() -> None:
    rows = list(neuron_growth.growth([2, 50, 100], feasible=60.0))
    evaluations = {(row.method, row.parameters): row.evaluations for row in rows}
    assert [evaluations["forward difference", n] for n in (2, 50, 100)] == [3, 51, 101]
    assert [evaluations["central difference", n] for n in (2, 50, 100)] == [4, 100, 200]
    assert {evaluations[method, n] for method in ("by hand", "backward") for n in (2, 50, 100)} == {1}
    assert all(row.measured for row in rows)


def test_growth_reaches_a_million_in_powers_of_ten() -> None:
    assert neuron_growth.COUNTS == (2, 10, 100, 1000, 10_000, 100_000, 1_000_000)


def test_what_would_take_too_long_is_extrapolated_and_says_so() -> None:
    rows = {row.method: row for row in neuron_growth.growth([200], feasible=0.0)}
    assert [rows[method].measured for method in neuron_growth.METHODS] == [True, True, False, False]
    for row in rows.values():
        assert row.seconds > 0.0
        assert row.error < 1e-6


@pytest.mark.parametrize("parameters", [2, 3, 21, 1000])
def test_the_gradient_of_a_large_unit_is_right(parameters: int) -> None:
    unit = neuron_growth.task(parameters, seed=parameters)
    assert len(unit.numbers) == parameters
    assert unit.by_backward() == pytest.approx(unit.by_hand(), rel=1e-12, abs=1e-18)
    assert unit.by_hand() == pytest.approx(neuron.central_differences(unit.cost, unit.numbers), rel=1e-7, abs=1e-9)


def test_the_same_seed_gives_the_same_unit() -> None:
    assert neuron_growth.task(9, 1) == neuron_growth.task(9, 1) != neuron_growth.task(9, 2)


# ---- learning ----------------------------------------------------------------------------------------------------------------


def test_learning_rates_are_too_small_right_and_too_large_in_this_order() -> None:
    verdicts = [run.verdict for run in neuron_learning.sweep()]
    assert verdicts == sorted(verdicts, key=["too small", "right", "too large"].index)
    assert set(verdicts) == {"too small", "right", "too large"}


def test_gradient_descent_goes_downhill_at_a_small_rate() -> None:
    costs = neuron_learning.descend(0.05, steps=50).costs
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 51


def test_nielsens_neuron_starts_slowly_from_2_2_by_squared_error_alone() -> None:
    near, near_ce, far, far_ce = neuron_learning.lessons()
    assert (near.loss, near_ce.loss) == ("squared error", "cross-entropy")
    assert [round(outputs, 2) for outputs in (near.outputs[0], near.outputs[-1], far.outputs[0])] == [0.82, 0.09, 0.98]
    assert round(far.outputs[-1], 6) == 0.202848
    assert near.epochs_to_learn == 107
    assert far.epochs_to_learn is None
    assert far_ce.epochs_to_learn is not None
    assert near_ce.epochs_to_learn is not None
    assert far_ce.epochs_to_learn < 2 * near_ce.epochs_to_learn


def test_cross_entropy_cancels_the_slope_of_the_sigmoid() -> None:
    """By squared error the first slope is (a - t) a (1 - a), by cross-entropy a - t."""
    squared, cross = (neuron_learning.lesson(loss, (2.0, 2.0), epochs=0) for loss in ("squared error", "cross-entropy"))
    a = squared.outputs[0]
    assert squared.slopes[0] == pytest.approx(a * a * (1.0 - a), rel=1e-13)
    assert cross.slopes[0] == pytest.approx(a, rel=1e-13)
