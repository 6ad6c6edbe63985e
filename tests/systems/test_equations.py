"""The four equations of backpropagation: three ways that agree, rules of thumb that do not, and where learning is slow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import grad
from autograd_lite.nn.initializers import Normal
from autograd_lite.systems import equations
from autograd_lite.systems.canon.networks import MAZUR_INPUTS, MAZUR_TARGETS, MAZUR_WEIGHTS
from autograd_lite.systems.equations import EXERCISES, Exercise
from autograd_lite.systems.equations.blame import cosine
from autograd_lite.systems.equations.slow import Depth
from autograd_lite.systems.equations.symbols import Quantity

sizes = st.lists(st.integers(1, 4), min_size=2, max_size=4)


# ---- three ways --------------------------------------------------------------------------------------------------------------


@given(sizes, st.integers(0, 1000))
def test_definition_and_graph_agree_on_any_network(shape: list[int], seed: int) -> None:
    exercise = equations.small(shape, seed)
    definition, graph = equations.by_definition(exercise), equations.by_graph(exercise)
    for (equation, symbol, first), (same, also, second) in zip(definition.entries(), graph.entries(), strict=True):
        assert (equation, symbol) == (same, also)
        assert first == pytest.approx(second, rel=1e-10, abs=1e-16)


@pytest.mark.parametrize(
    "exercise", [*EXERCISES.values(), equations.small((3, 4, 4, 2), 5), equations.small((1, 1))], ids=lambda e: e.name
)
def test_all_three_ways_agree(exercise: Exercise) -> None:
    rows = equations.rows(exercise)
    assert max(row.gap for row in rows) < 1e-15
    units = sum(exercise.sizes[1:])
    weights = sum(a * b for a, b in zip(exercise.sizes, exercise.sizes[1:], strict=False))
    assert len(rows) == 2 * units + weights
    assert [row.equation for row in rows] == sorted(row.equation for row in rows)


def test_a_wrong_equation_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """BP2 without sigmoid', which is the unnormalised rule of thumb, is not the graph's delta."""
    exercise = EXERCISES["mazur"]
    [first, second] = equations.shared_blame(exercise)
    graph = equations.by_graph(exercise)
    assert abs(first.unnormalised - graph.deltas[0][0]) > 0.1
    assert abs(second.unnormalised - graph.deltas[0][1]) > 0.1


def test_the_graph_agrees_with_the_gradient_of_the_forward_pass_as_a_function() -> None:
    exercise = EXERCISES["schiendorfer"]

    def cost(weights: list[Any]) -> Any:
        changed = Exercise(
            "same", tuple(tuple(map(tuple, matrix)) for matrix in weights), exercise.biases, exercise.x, exercise.target, "sum"
        )
        return equations.forward(changed).cost

    found = grad(cost)([[list(row) for row in matrix] for matrix in exercise.weights])
    for mine, theirs in zip(equations.by_graph(exercise).weights, found, strict=True):
        for row, other in zip(mine, theirs, strict=True):
            assert row == pytest.approx(other, rel=1e-14)


def test_the_exercises_are_the_published_networks() -> None:
    mazur = EXERCISES["mazur"]
    assert [w for matrix in mazur.weights for row in matrix for w in row] == list(MAZUR_WEIGHTS)
    assert (mazur.x, mazur.target) == (MAZUR_INPUTS, MAZUR_TARGETS)
    assert round(equations.forward(mazur).cost, 9) == 0.298371109
    assert round(equations.forward(EXERCISES["schiendorfer"]).cost, 12) == round(0.08699208259994781, 12)
    assert equations.by_graph(EXERCISES["2-2-1"]).deltas[0] == pytest.approx(
        [0.0026544890308847417, 0.008171645064129868], rel=1e-13
    )


def test_the_program_shows_the_four_equations_in_matrices() -> None:
    source = equations.program_of(EXERCISES["mazur"])[0].source
    assert "z1 = X @ W1.T + b1" in source
    assert "d_z1 = (d_z2 @ W2) * a1 * sigmoid(-z1)" in source
    assert "np.matmul(d_z1.T, X, out=d_W1)" in source


def test_a_traced_network_computes_what_the_exercise_does() -> None:
    exercise = equations.small((2, 3, 2), 4)
    network = equations.network_of(exercise)
    assert [out.data for out in network(list(exercise.x))] == equations.forward(exercise).a[-1]


# ---- symbols -----------------------------------------------------------------------------------------------------------------


def test_symbols_separate_large_indices() -> None:
    assert Quantity("w", 2, 11, 3).text == "w^2_11,3"
    assert Quantity("w", 2, 1, 3).latex == "w^{2}_{13}"


def test_latex_names_each_equation_once_and_balances_its_braces() -> None:
    text = equations.latex(equations.by_graph(EXERCISES["schiendorfer"]).entries())
    for equation in ("BP1", "BP2", "BP3", "BP4"):
        assert text.count(equation) == 1
    assert text.count("{") == text.count("}")
    assert text.startswith("\\begin{aligned}\n")
    assert text.endswith("\n\\end{aligned}")
    assert r"\delta^{1}_{1} = -1.78127 \cdot 10^{-8}" in text


def test_labels_of_the_graph_are_the_symbols() -> None:
    passed = equations.recorded(EXERCISES["2-2-1"])
    assert passed.weights[0][1][0].label == "w^1_21"
    assert passed.z[1][0].grad == equations.by_graph(EXERCISES["2-2-1"]).deltas[1][0]


# ---- refused -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exercise("e", (((1.0,),),), (), (1.0,), (1.0,)), "e: 1 matrices of weights and 0 vectors of biases"),
        (
            lambda: Exercise("e", (((1.0,),),), ((0.0,),), (1.0, 2.0), (1.0,)),
            "e: layer 1 needs rows of 2 weights, and one bias for each row",
        ),
        (lambda: Exercise("e", (((1.0,),),), ((0.0,),), (1.0,), ()), "e: 0 targets for 1 outputs"),
        (lambda: equations.small((2,)), "a network has inputs and at least one layer, all of at least 1 unit, got the sizes (2,)"),
        (
            lambda: equations.shared_blame(equations.small((2, 1))),
            "2-1 has no hidden layer to blame: give a network of at least two layers",
        ),
    ],
)
def test_what_is_no_network_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert str(refused.value) == message


# ---- rules of thumb ----------------------------------------------------------------------------------------------------------


def test_with_one_output_the_unnormalised_rule_has_the_right_direction_and_the_proportional_one_often_the_opposite() -> None:
    found = equations.agreement((2, 2, 1), seeds=60)
    assert found.unnormalised == pytest.approx([1.0] * 60, abs=1e-12)
    assert 15 < sum(cosine < 0.0 for cosine in found.proportional) < 45


def test_with_several_outputs_even_the_unnormalised_rule_turns_away() -> None:
    found = equations.agreement((2, 5, 3), seeds=60)
    assert all(0.0 < cosine <= 1.0 + 1e-12 for cosine in found.unnormalised)
    assert min(found.unnormalised) < 0.99


def test_proportional_shares_add_up_to_the_errors() -> None:
    exercise = EXERCISES["mazur"]
    outputs = equations.forward(exercise).a[-1]
    blames = equations.shared_blame(exercise)
    errors = sum(t - a for t, a in zip(exercise.target, outputs, strict=True))
    assert sum(blame.proportional for blame in blames) == pytest.approx(errors, rel=1e-13)


def test_true_blame_is_the_slope_of_the_cost() -> None:
    exercise = EXERCISES["mazur"]
    hidden = equations.recorded(exercise).a[0]
    assert [blame.true for blame in equations.shared_blame(exercise)] == [-unit.grad for unit in hidden]


def test_weights_that_cancel_leave_the_proportional_rule_without_an_answer() -> None:
    exercise = Exercise("cancelling", (((1.0,), (1.0,)), ((0.5, -0.5),)), ((0.0, 0.0), (0.0,)), (1.0,), (1.0,))
    blames = equations.shared_blame(exercise)
    assert all(blame.proportional != blame.proportional for blame in blames)
    assert all(blame.unnormalised == blame.unnormalised for blame in blames)


def test_cosines() -> None:
    assert cosine([1.0, 0.0], [0.0, 2.0]) == 0.0
    assert cosine([1.0, 2.0], [-2.0, -4.0]) == pytest.approx(-1.0)


# ---- slow --------------------------------------------------------------------------------------------------------------------


def test_deltas_vanish_along_sigmoid_layers_and_hold_along_tanh_and_relu() -> None:
    by_kind = {each.kind: each for each in equations.vanishing(depth=8, seeds=8)}
    for kind, each in by_kind.items():
        assert len(each.norms) == 8
        assert (each.factor < 0.4) == kind.startswith("sigmoid"), kind
        assert all(norm > 0.0 for norm in each.norms)


def test_no_sigmoid_layer_passes_on_more_than_a_quarter_of_its_weights() -> None:
    [deep] = equations.vanishing(5, 4, {"tiny": ("sigmoid", Normal(0.01))})
    assert all(before < 0.25 * after for before, after in zip(deep.norms[:-1], deep.norms[1:], strict=True))


def test_the_factor_is_the_geometric_mean() -> None:
    assert Depth("any", [1.0, 3.0, 16.0]).factor == 0.25


def test_the_more_saturated_the_slower() -> None:
    found = equations.saturation([0.0, 2.0, 4.0, 6.0, 9.0])
    steps = [each.steps for each in found]
    assert steps[-1] is None
    assert steps[:-1] == sorted(each for each in steps if each is not None)
    a = 1.0 / (1.0 + 2.718281828459045**-4.0)
    assert found[2].slope == pytest.approx(a * a * (1.0 - a), rel=1e-12)


def test_what_is_learned_already_takes_no_steps() -> None:
    [learned] = equations.saturation([-5.0])
    assert learned.steps == 0


def test_the_slope_of_a_weight_is_proportional_to_its_input() -> None:
    tenth, whole = equations.input_sizes([0.1, 1.0])
    assert tenth.slope == pytest.approx(0.1 * whole.slope, rel=1e-12)
    assert tenth.moved < 0.3 * whole.moved
