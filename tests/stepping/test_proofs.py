"""Flags where a gradient goes wrong, proofs by nudging, and what a recording costs."""

import gc
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from autograd_lite import GraphError, Value, constant, topological_order
from autograd_lite.engine.primitive import Unary
from autograd_lite.stepping import ForwardStep, record
from tests.samples import examples
from tests.stepping_graphs import graphs, neuron, table_of

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")

# ---- flags -----------------------------------------------------------------------------------------------------------------------


def test_trouble_is_flagged_where_it_begins() -> None:
    x = Value(20.0, label="x")
    y = x.tanh()
    [step] = record(y * 3.0 + x * 0.0).flags
    assert step.flags == ("vanishing",)
    assert str(step).endswith("! vanishing")
    assert [step.flags for step in record(Value(1e-8, label="x").log() * 2.0).flags] == [("exploding",)]
    assert [step.flags for step in record(Value(0.0).sqrt() + 1.0).flags] == [("inf",)]
    assert [step.flags for step in record(Value(0.0).sqrt() * 0.0).flags] == [("nan",)]
    assert [type(step) for step in record(Value(math.nan) * 2.0 + 1.0).flags] == [ForwardStep]
    assert record(neuron()).flags == ()
    assert record(neuron(), gradient=math.inf).flags[0].flags == ("inf",)
    assert record(Value(2.0) * 0.0).flags == ()


# ---- proofs ----------------------------------------------------------------------------------------------------------------------


def test_a_leaf_is_proved_by_nudging_it() -> None:
    steps = record(neuron(), gradient=3.0)
    for name in ("x1", "w1", "w2", "b", "p1", "L"):
        proof = steps.prove(name)
        assert proof.agrees, str(proof)
        assert proof.error < 1e-9
    assert re.fullmatch(r"dL/dw1: predicted 3, actual 3(\.0\d*)? \+- \S+ \(h = \S+\): they agree", str(steps.prove("w1"))), str(
        steps.prove("w1")
    )
    with pytest.raises(GraphError, match=r"`c` is a constant and has no gradient to prove"):
        record(Value(2.0) * constant(3.0, label="c")).prove("c")


def test_a_proof_says_when_it_has_none_and_when_the_numbers_differ() -> None:
    outside = record(Value(0.0, label="x").sqrt()).prove("x")
    assert not outside.agrees
    assert "no verdict" in str(outside)
    x = Value(1.0, label="x")

    class Wrong(Unary):
        symbol = "wrong({x})"

        def forward(self, x: float) -> float:
            return x * x

        def dx(self, x: float, out: float) -> float:
            return x

    proof = record(Wrong()(x)).prove("x")
    assert not proof.agrees
    assert "they DIFFER" in str(proof)


@settings(max_examples=examples(100), deadline=None)
@given(graphs())
def test_proofs_agree_wherever_the_graph_is_smooth(root: Value) -> None:
    if any(value.primitive is not None and not value.primitive.smooth for value in topological_order(root)):
        return
    steps = record(root)
    for value in topological_order(root):
        if value.primitive is None and value.requires_grad:
            proof = steps.prove(value)
            assert proof.agrees, str(proof)


# ---- size and memory -------------------------------------------------------------------------------------------------------------


def test_a_long_chain_is_recorded_without_recursion() -> None:
    x = Value(0.5, label="x")
    root = x
    for _ in range(200_000):
        root = -root
    steps = record(root)
    assert len(steps) == 400_001
    assert steps.grad("x") == 1.0
    assert str(steps[-1]).startswith("dL/dx += dv1/dx * ")
    assert len(table_of(steps[-100:].html())["nodes"]) == 101


def test_stepping_leaves_no_cyclic_garbage(tmp_path: Path) -> None:
    def everything() -> None:
        steps = record(neuron())
        _ = [str(step) for step in steps], steps.flags, str(steps.prove("w1")), steps._repr_mimebundle_(), steps.at("w1")
        steps[2:4].save(tmp_path / "steps.html")

    everything()
    gc.collect()
    gc.disable()
    try:
        everything()
        assert gc.collect() == 0
    finally:
        gc.enable()
