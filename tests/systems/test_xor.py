"""XOR: many starts in matrices as the engine takes them, the plateau, one layer, learning rates, the film."""

import math
from itertools import islice
from typing import Any

import numpy
import pytest

from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.program import trace
from autograd_lite.systems import xor, xor_film, xor_linear, xor_many

STEPS = 40


def _matrices(model: MLP) -> tuple[Any, Any]:
    first = numpy.array([[weight.data for weight in unit.w] for unit in model.layers[0].neurons]).T
    return first, numpy.array([[weight.data] for weight in model.layers[1].neurons[0].w])


def _after(weights: tuple[Any, Any], steps: int, **options: Any) -> tuple[Any, Any]:
    first, second, _ = next(islice(xor_many.descent(*weights, **options), steps, None))
    return first, second


# ---- many starts are the engine's ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("init", ["uniform", "normal"])
@pytest.mark.parametrize("seed", [0, 1, 199])
def test_a_stack_of_networks_takes_the_steps_that_the_engine_takes(init: str, seed: int) -> None:
    model = xor.network(5, init, seed)
    stack = xor_many.own_starts(init, seed + 1)
    for _ in xor.train(model, STEPS):
        pass
    for mine, theirs in zip(_after(stack, STEPS), _matrices(model), strict=True):
        assert numpy.allclose(mine[seed], theirs, rtol=0.0, atol=1e-12)


def test_the_steps_of_a_traced_program_are_the_same() -> None:
    model = xor.network(seed=3)
    weights = _matrices(model)

    def cost(network: MLP, x: list[Any], t: list[Any]) -> Any:
        return squared_error([network(x)], t)

    program = trace(cost, model, [0.0, 0.0, 1.0], [0.0])
    for _ in range(STEPS):
        _, gradient = program.loss_and_gradient(numpy.array(xor.INPUTS), numpy.array(xor.TARGETS)[:, None])
        program.parameters -= 4.0 * gradient  # the mean over four rows, where the cost is their sum
    program.write_back()
    for mine, theirs in zip(_after(weights, STEPS), _matrices(model), strict=True):
        assert numpy.allclose(mine, theirs, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("hidden", [1, 5])
def test_a_traced_program_steps_a_whole_stack_as_the_matrices_do(hidden: int) -> None:
    weights = xor_many.starts("uniform", 7, hidden)
    traced = next(islice(xor_many.program_descent(*weights), STEPS, None))
    for mine, theirs in zip(next(islice(xor_many.descent(*weights), STEPS, None)), traced, strict=True):
        assert numpy.allclose(mine, theirs, rtol=0.0, atol=1e-12)


def test_a_rate_for_each_layer_is_what_parameter_groups_are() -> None:
    model = xor.network(seed=5)
    weights = _matrices(model)
    first, second = (layer.parameters() for layer in model.layers)
    optimizer = SGD([{"parameters": first, "learning_rate": 3.0}, {"parameters": second}], 0.25)
    for _ in range(STEPS):
        optimizer.zero_grad()
        xor.cost(model).backward()
        optimizer.step()
    for mine, theirs in zip(_after(weights, STEPS, rates=(3.0, 0.25)), _matrices(model), strict=True):
        assert numpy.allclose(mine, theirs, rtol=0.0, atol=1e-12)


def test_every_network_of_a_stack_can_have_its_own_rates() -> None:
    weights = xor_many.starts("uniform", 2)
    rates = numpy.array([0.5, 2.0])[:, None, None]
    together = _after(weights, 10, rates=(rates, 1.0))
    for place, rate in enumerate((0.5, 2.0)):
        alone = _after((weights[0][place], weights[1][place]), 10, rates=(rate, 1.0))
        assert all(numpy.allclose(stack[place], one, rtol=1e-13) for stack, one in zip(together, alone, strict=True))


# ---- what is known of them -----------------------------------------------------------------------------------------------------


def test_200_of_200_uniform_starts_learn_and_most_normal_ones_wait_on_a_plateau() -> None:
    [wide] = xor_many.counts(xor_many.starts("uniform"), [1000])
    assert (wide.right, wide.starts) == (200, 200)
    assert round(wide.mean_error, 3) == 0.045
    narrow = {count.iterations: count.right for count in xor_many.counts(xor_many.starts("normal"), [1000, 5000, 10_000])}
    assert narrow == {1000: 1, 5000: 145, 10_000: 189}


def test_the_networks_of_the_command_learn_too() -> None:
    [wide] = xor_many.counts(xor_many.own_starts("uniform"), [1000])
    assert wide.right == 200


def test_a_start_near_zero_answers_one_half_for_a_long_time() -> None:
    counts = list(xor_many.counts(xor_many.starts("normal", 20), [100, 500]))
    assert all(abs(count.mean_cost - 0.5) < 1e-3 and count.right == 0 for count in counts)


def test_counts_count() -> None:
    [before] = xor_many.counts(xor_many.own_starts("uniform", 1), [0])
    model = xor.network(seed=0)
    assert before.mean_cost == pytest.approx(xor.cost(model).data, rel=1e-14)
    errors = [abs(output - target) for output, target in zip(xor.predictions(model), xor.TARGETS, strict=True)]
    assert before.mean_error == pytest.approx(sum(errors) / 4, rel=1e-14)


def test_learning_rates_can_be_too_small_and_too_large() -> None:
    rates = xor_many.rate_effects([(0.01, 0.01), (1.0, 1.0), (300.0, 300.0)], count=20)
    assert [rate.right for rate in rates] == [0, 20, 0]
    assert rates[1].cost < rates[0].cost < rates[2].cost


# ---- one layer -----------------------------------------------------------------------------------------------------------------


def test_the_best_linear_unit_answers_one_half() -> None:
    slopes, minors = xor_linear.linear_slopes()
    assert slopes == [0.0, 0.0, 0.0]
    assert all(minor > 0.0 for minor in minors)
    x = numpy.array(xor.INPUTS)
    solution, *_ = numpy.linalg.lstsq(x, numpy.array(xor.TARGETS), rcond=None)
    assert solution == pytest.approx(list(xor_linear.BEST_LINEAR), abs=1e-14)
    x_squared = x.T @ x
    assert minors == pytest.approx([numpy.linalg.det(x_squared[:n, :n]) for n in (1, 2, 3)])


def test_no_line_has_more_than_three_rows_right() -> None:
    assert xor_linear.most_right(72, 40) == 3


@pytest.mark.parametrize("seed", range(3))
def test_a_sigmoid_unit_does_not_learn_xor_and_ends_at_one_half(seed: int) -> None:
    unit = xor_linear.train_unit(seed)
    assert unit.right < 4
    assert unit.cost == pytest.approx(0.5, abs=1e-4)
    assert unit.outputs == pytest.approx([0.5] * 4, abs=0.01)


def test_the_copied_script_asks_for_its_first_input() -> None:
    assert [row[0] for row in xor_linear.COPIED_ROWS] == list(xor_linear.COPIED_TARGETS)
    exclusive = [float(x1 != x2) for x1, x2, _ in xor_linear.COPIED_ROWS]
    assert exclusive != list(xor_linear.COPIED_TARGETS)
    assert xor_linear.train_unit(1, xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS).right == 4
    [count] = xor_many.counts(xor_many.starts("uniform"), [1000], xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS)
    assert count.right == 200
    assert round(count.mean_error, 3) == 0.017


# ---- the film ------------------------------------------------------------------------------------------------------------------


def test_the_surface_is_the_networks_output_at_every_point() -> None:
    model = xor.network(seed=2)
    rows = xor_film.surface(model, 7)
    step = (xor_film.HIGH - xor_film.LOW) / 6
    for i in range(7):
        for j in range(7):
            point = [xor_film.LOW + j * step, xor_film.LOW + i * step, 1.0]
            assert rows[i][j] == pytest.approx(model(point).data, rel=1e-14)


def test_watching_does_not_change_the_training() -> None:
    watched, alone = xor.network(seed=4), xor.network(seed=4)
    moments = list(xor_film.watch(watched, 30, frames=4))
    for _ in xor.train(alone, 30):
        pass
    assert watched.state_dict() == alone.state_dict()
    assert [moment.iteration for moment in moments] == [0, 10, 20, 30]
    assert moments[-1].cost == xor.cost(alone).data


def test_fewer_iterations_than_frames_are_all_shown() -> None:
    assert [moment.iteration for moment in xor_film.watch(xor.network(), 3, frames=50)] == [0, 1, 2, 3]


def test_stills_hold_the_first_and_the_last_moment() -> None:
    moments = list(xor_film.watch(xor.network(), 20, frames=21))
    stills = xor_film.stills(moments, 3)
    assert [still.title.partition(":")[0] for still in stills] == ["0", "10", "20"]
    assert len(xor_film.stills(moments[:1])) == 1
    assert math.isclose(float(stills[0].title.rpartition(" ")[2]), moments[0].cost, abs_tol=5e-4)
