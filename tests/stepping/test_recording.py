"""Stepping: the recorded numbers are those of `backward` to the last bit, and the words say what happened."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import GraphError, Value, constant, topological_order
from autograd_lite.engine.primitive import Unary
from autograd_lite.stepping import BackwardStep, ForwardStep, SeedStep, Steps, record
from autograd_lite.stepping.wording import names, number
from tests.random_programs import Program, programs, run
from tests.samples import examples
from tests.stepping_graphs import graphs, neuron

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")


def bits(x: float) -> bytes:
    return b"nan" if math.isnan(x) else struct.pack("d", x)


@settings(max_examples=examples(300), deadline=None)
@given(graphs(), st.sampled_from([1.0, 0.0, -0.3, math.inf]))
def test_a_random_graph_stepped_to_the_end_equals_backward_to_the_last_bit(root: Value, gradient: float) -> None:
    order = topological_order(root)
    before = [value.grad for value in order]
    steps = record(root, gradient=gradient)
    assert [value.grad for value in order] == before, "recording writes nothing"
    state = {id(value): value.grad if value.primitive is None else 0.0 for value in order}
    for step in steps.backward:
        if isinstance(step, SeedStep):
            state[id(step.node)] += step.gradient
            continue
        assert isinstance(step, BackwardStep)
        assert bits(state[id(step.node)]) == bits(step.upstream)
        assert bits(state[id(step.operand)]) == bits(step.before)
        assert bits(step.before + step.local * step.upstream) == bits(step.after)
        state[id(step.operand)] = step.after
    root.backward(gradient)
    for value in order:
        assert bits(state[id(value)]) == bits(value.grad) == bits(steps.grad(value))


@settings(deadline=None)
@given(programs())
def test_a_random_program_over_the_whole_table_too(program: Program) -> None:
    leaves = [Value(x) for x in program.leaves]
    root = run(program, leaves)[-1]
    if isinstance(root, Value) and root.requires_grad:
        steps = record(root)
        str(steps)
        root.backward()
        for value in topological_order(root):
            assert bits(steps.grad(value)) == bits(value.grad if value.requires_grad else 0.0)


@settings(max_examples=examples(100), deadline=None)
@given(graphs())
def test_every_value_is_computed_once_and_every_edge_passed_once(root: Value) -> None:
    steps = record(root)
    order = topological_order(root)
    assert [id(step.node) for step in steps.forward] == [id(value) for value in order if value.primitive is not None]
    edges = [(id(step.node), step.position) for step in steps.backward if isinstance(step, BackwardStep)]
    wanted = {(id(v), p) for v in order for p, local in enumerate(v.local_derivatives) if v.primitive and local is not None}
    assert len(edges) == len(set(edges))
    assert set(edges) == wanted
    assert [step.number for step in steps] == list(range(len(steps)))
    received: dict[int, list[tuple[int, int]]] = {}
    for step in steps.backward:
        if isinstance(step, BackwardStep):
            received.setdefault(id(step.operand), []).append((step.count, step.total))
    assert all(found == [(i + 1, len(found)) for i in range(len(found))] for found in received.values())


def test_a_leaf_and_a_root_with_a_gradient_of_its_own() -> None:
    x = Value(3.0, label="x")
    x.grad = 0.5
    steps = record(x, gradient=2.0)
    assert [str(step) for step in steps] == ["dx/dx += 2.0000   [0.5000 -> 2.5000]"]
    x.backward(2.0)
    assert x.grad == steps.grad("x") == 2.5
    y = -x
    y.grad = 7.0
    assert str(record(y).backward[0]) == "dL/dL = 1.0000   [0 -> 1.0000]"


# ---- words -----------------------------------------------------------------------------------------------------------------------


def test_it_reads_like_a_worked_exercise() -> None:
    lines = str(record(neuron())).split("\n")
    assert lines[0] == "p1 = x1 * w1 = 2.0000 * -3.0000 = -6.0000"
    assert lines[4] == "L = tanh(v2) = tanh(0.8814) = 0.7071"
    assert lines[5] == "dL/dL = 1.0000   [0 -> 1.0000]"
    assert lines[6].endswith("= (1 - L ** 2) * 1.0000 = 0.5000 * 1.0000 = 0.5000   [0 -> 0.5000]")
    assert lines[-2] == "dL/dx1 += dp1/dx1 * dL/dp1 = (w1) * 0.5000 = -3.0000 * 0.5000 = -1.5000   [0 -> -1.5000]"
    assert lines[-1] == "dL/dw1 += dp1/dw1 * dL/dp1 = (x1) * 0.5000 = 2.0000 * 0.5000 = 1.0000   [0 -> 1.0000]"


def test_contributions_are_counted_and_negative_numbers_stand_in_parentheses_where_needed() -> None:
    a = Value(-2.0, label="a")
    steps = record(a**2.0 + 3.0 * a)
    assert str(steps[0]) == "v1 = a ** 2 = (-2.0000) ** 2.0000 = 4.0000"
    assert str(steps[1]) == "v2 = 3 * a = 3.0000 * -2.0000 = -6.0000"
    assert [str(step).rpartition("[")[2] for step in steps[-2:]] == [
        "0 -> 3.0000, 1 of 2 contributions]",
        "3.0000 -> -1.0000, 2 of 2 contributions]",
    ]
    assert "(2 * a)" in str(steps[-1])
    assert "((-3)) " not in str(record(a * -3.0))
    assert "(-3) * 1.0000" in str(record(a * -3.0))


def test_names_are_unique_and_stable() -> None:
    x, other, y = Value(1.0, label="x"), Value(2.0, label="x"), Value(3.0)
    taken = Value(4.0, label="v1")
    root = x * other + y * taken + constant(0.5) + constant(2.0, label="c")
    found = names(topological_order(root))
    assert found[:2] == ["x", "x#2"]
    assert found[-1] == "L"
    assert "v1" in found
    assert "0.5" in found
    assert "c" in found
    assert len({name for name in found if name != "0.5"}) == len(found) - 1
    assert found == names(topological_order(root))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        *[(0.0, "0"), (-0.0, "0"), (1 / 32, "0.0313"), (-1 / 32, "-0.0313"), (1e-4, "0.0001"), (9.9e-5, "9.900e-5")],
        *[
            (1e6, "1.000e6"),
            (-12345678.0, "-1.235e7"),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
            (math.nan, "nan"),
            (5e-324, "4.941e-324"),
        ],
    ],
)
def test_numbers_have_four_decimals_or_four_digits(x: float, text: str) -> None:
    assert number(x) == text


def test_a_rule_that_takes_no_symbols_is_left_out() -> None:
    class Cube(Unary):
        symbol = "cube({x})"

        def forward(self, x: float) -> float:
            return x**3

        def dx(self, x: float, out: float) -> float:
            return 3.0 * math.pow(x, 2.0)

    x = Value(2.0, label="x")
    step = record(Cube()(x))[-1]
    assert isinstance(step, BackwardStep)
    assert step.rule is None
    assert str(step) == "dL/dx += dL/dx * dL/dL = 12.0000 * 1.0000 = 12.0000   [0 -> 12.0000]"


def test_many_operands_are_written_shortly() -> None:
    values = [Value(0.01 * i, label=f"x{i}") for i in range(300)]
    assert "more" in str(record(ag.logsumexp(values))[0])
    steps = record(ag.dot(values[:150], values[150:], 0.0))
    assert isinstance(steps[-1], BackwardStep)
    assert steps[-1].rule == "x149"
    assert len(str(steps[0])) < 500


# ---- the sequence ----------------------------------------------------------------------------------------------------------------


def test_steps_are_a_sequence_and_slices_are_steps() -> None:
    steps = record(neuron())
    assert len(steps) == len(list(steps)) == 5 + 1 + 9
    assert isinstance(steps[2:5], Steps)
    assert [step.number for step in steps[2:5]] == [2, 3, 4]
    assert [step.number for step in steps[::-1][:2]] == [14, 13]
    assert [step.number for step in steps[::-3].forward] == [2]
    assert (len(steps.forward), len(steps.backward)) == (5, 10)
    assert len(steps[6:].forward) == 0
    assert isinstance(steps[0], ForwardStep)
    assert steps[0].operand_names == ("x1", "w1")
    with pytest.raises(IndexError):
        steps[99]
    assert repr(steps) == "<15 steps of L: 5 forward, 10 backward>"


def test_breakpoints_are_the_first_step_that_touches_a_value() -> None:
    loss = neuron()
    steps = record(loss)
    assert steps.at("w2").number == 1
    assert steps.backward.at("w2").number == 12
    assert steps.at("L").number == 4
    assert steps.backward.at(loss).number == 5
    assert steps.backward.at("p1").number == 9
    with pytest.raises(GraphError, match=r"no value of the recorded graph is called `w3`; there are `w2`, `w1`"):
        steps.at("w3")
    with pytest.raises(GraphError, match=r"none of these 1 steps touches `w1`. Look for it in the whole recording."):
        steps[1:2].at("w1")
    with pytest.raises(GraphError, match=r"`q` is no part of the recorded graph of `L`"):
        steps.at(Value(1.0, label="q"))


def test_what_cannot_be_recorded_is_refused_with_a_reason() -> None:
    with pytest.raises(TypeError, match=r"record takes the Value to differentiate, got float 3.0"):
        record(3.0)  # type: ignore[arg-type]
    with pytest.raises(GraphError, match=r"`constant\(3.0\)` needs no gradient: there is no backward pass to record"):
        record(constant(3.0))
    w = Value(2.0, label="w")
    loss = (w * w).log()
    w.data = 5.0
    with pytest.raises(GraphError, match=r"`.data` was changed after `w \* w` was computed: it now gives 25.0 instead of 4.0"):
        record(loss)
    w.data = -1.0
    low = Value(2.0, label="low").log()
    low.operands[0].data = -1.0
    with pytest.raises(GraphError, match=r"`log\(low\)` was computed: it cannot be computed any more"):
        record(low)


def test_a_recording_is_not_changed_by_what_comes_after_it() -> None:
    w = Value(2.0, label="w")
    steps = record(w * w)
    text = str(steps)
    w.data = 9.0
    w.grad = 4.0
    assert str(steps) == text
