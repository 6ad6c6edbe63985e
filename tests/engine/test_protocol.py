"""The protocol of Values as a state machine against forward mode, and proof that the machine notices a broken engine."""

from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from autograd_lite import Value, topological_order
from autograd_lite.calculus.dual import Dual
from autograd_lite.testing.generate.protocol import GraphMachine, Operation
from tests.wrong_sweeps import WRONG_SWEEPS

TestProtocol = GraphMachine.TestCase
TestProtocol.settings = settings(stateful_step_count=40)

FEW = GraphMachine.unary[:1], tuple(operation for operation in GraphMachine.binary if repr(operation) in ("x + y", "x * y"))

# ---- broken engines ----------------------------------------------------------------------------------------------------------


def _interior(root: Value) -> list[Value]:
    return [node for node in topological_order(root) if node.primitive is not None]


class Few(GraphMachine):
    """With few operations, mistakes of the sweep are met sooner."""

    unary, binary = FEW


class LeavesOverwritten(Few):
    def run_backward(self, value: Any, seed: float) -> None:
        if value.requires_grad:
            value.zero_grad()
        value.backward(seed)


class InteriorAddsUp(Few):
    def run_backward(self, value: Any, seed: float) -> None:
        before = [(node, node.grad) for node in _interior(value)]
        value.backward(seed)
        for node, gradient in before:
            node.grad += gradient


class SeedForgotten(Few):
    def run_backward(self, value: Any, seed: float) -> None:
        value.backward()


class ZeroGradOfItselfOnly(Few):
    def run_zero_grad(self, value: Any) -> None:
        value.grad = 0.0


class SweepsAtNewData(Few):
    """Local derivatives read from `.data` when `backward` runs, as engines of closures read them."""

    binary = FEW[1][-1:]  # products alone: the mistake takes a product, new data and a sweep, in this order

    def run_backward(self, value: Any, seed: float) -> None:
        for node in _interior(value):
            if node.primitive.name == "multiply" and all(operand.requires_grad for operand in node.operands):
                node._dx, node._dy = node.operands[1].data, node.operands[0].data
        value.backward(seed)


class ConstantsAccepted(Few):
    def run_backward(self, value: Any, seed: float) -> None:
        if value.requires_grad:
            value.backward(seed)


def _with_sweep(engine: Any) -> type[GraphMachine]:
    class WrongSweep(Few):
        def run_backward(self, value: Any, seed: float) -> None:
            if value.primitive is None or not value.requires_grad:
                value.backward(seed)
                return
            nodes = [node for node in topological_order(value) if node.requires_grad]
            for node, slope in zip(nodes, engine.gradients(value, nodes), strict=True):
                node.grad = seed * slope + (node.grad if node.primitive is None else 0.0)

    return WrongSweep


RARE = {"goes breadth first"}  # wrong for few of the graphs that are met at random; `test_mutants.py` has one of them
BROKEN = {
    machine.__name__: machine
    for machine in (LeavesOverwritten, InteriorAddsUp, SeedForgotten, ZeroGradOfItselfOnly, SweepsAtNewData, ConstantsAccepted)
} | {name: _with_sweep(engine) for name, engine in WRONG_SWEEPS.items() if name not in RARE}

SEARCH = settings(
    max_examples=3000, stateful_step_count=30, phases=[Phase.generate], database=None, derandomize=True, deadline=None
)


@pytest.mark.parametrize("name", BROKEN)
def test_the_machine_notices_a_broken_engine(name: str) -> None:
    with pytest.raises(AssertionError, match=r"is .*, expected|did not raise GraphError"):
        run_state_machine_as_test(BROKEN[name], settings=SEARCH)


def test_operations_of_ones_own() -> None:
    class Cubes(GraphMachine):
        unary = (Operation("x ** 3", lambda x: x**3),)

    class WrongCubes(GraphMachine):
        unary = (Operation("x ** 3", lambda x: x**3 if isinstance(x, Value) else x**3 + x * 1e-6),)

    few = settings(SEARCH, max_examples=30)
    run_state_machine_as_test(Cubes, settings=few)
    with pytest.raises(AssertionError, match=r"n\d+\.(data|grad) is"):
        run_state_machine_as_test(WrongCubes, settings=few)


# ---- the model ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda x: 2.0 - x, -1.0), (lambda x: 1.0 / x, -1.0 / 0.49), (lambda x: x / 2.0, 0.5), (lambda x: (x * x) ** 2, 4 * 0.343),
        (lambda x: abs(-x), 1.0), (lambda x: x.exp() + x.relu() + (-x).relu(), 3.0137527074704766),
        (lambda x: x.tanh() - x.sigmoid(), 0.6347395899824584 - 0.22171287329310904),
    ],
)  # fmt: skip
def test_duals_know_the_rules_by_heart(function: Any, slope: float) -> None:
    assert function(Dual(0.7, {0: 1.0})).slopes[0] == pytest.approx(slope, rel=1e-14)


def test_a_dual_shows_its_slopes() -> None:
    assert repr(abs(Dual(0.0, {3: 1.0}))) == "Dual(0.0, {3: 0.0})"
