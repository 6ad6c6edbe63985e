"""`GraphMachine`: the protocol of Values as a state machine for hypothesis, against an independent model.

In any order: new leaves and constants, operations, the same node twice, numbers beside nodes, `backward` from anywhere with any
seed and again, `zero_grad`, `detach`, `no_grad`, new data for a leaf, names deleted. After every step, every node that still has a
name must hold the number and gradient that forward mode (`Dual`) says: leaves add up, interior nodes show the newest backward
that reached them.

    TestProtocol = GraphMachine.TestCase        # pytest and unittest run it

Subclass it to test operations of your own (`unary`, `binary`) or another engine (`leaf`, `run_backward`, `run_zero_grad`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from autograd_lite.calculus.dual import Dual
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value, constant

__all__ = ["GraphMachine", "ModelledNode", "Operation"]

_LARGEST = 1e3  # values and slopes beyond it are left alone: their rounding would hide mistakes
_UNITS = 1e-9


@dataclass(frozen=True, repr=False)
class Operation:
    """A function of Values and of Duals alike, with its text."""

    text: str
    function: Callable[..., Any]

    def __repr__(self) -> str:
        return self.text

    def __call__(self, *operands: Any) -> Any:
        return self.function(*operands)


@dataclass(repr=False, eq=False)
class ModelledNode:
    """A node under test with its model.

    Attributes:
        serial: its number, in the order of making.
        value: the engine's node.
        dual: the model's number, with its derivatives by all nodes below.
        is_leaf: whether its gradient adds up.
    """

    serial: int
    value: Any
    dual: Dual
    is_leaf: bool

    def __repr__(self) -> str:
        return f"n{self.serial}"


_numbers = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5]), st.floats(-3.0, 3.0, allow_subnormal=False))


def _drawn(name: str) -> st.SearchStrategy[Any]:
    """An operation of the machine that runs, so that subclasses may bring their own."""
    return st.runner().flatmap(lambda machine: st.sampled_from(list(getattr(machine, name))))


class GraphMachine(RuleBasedStateMachine):
    """Random sequences of everything that users do with a graph.

    Class attributes:
        unary: operations of one operand.
        binary: operations of two.
    Example:
        >>> from hypothesis import HealthCheck, settings
        >>> from hypothesis.stateful import run_state_machine_as_test
        >>> slow = [HealthCheck.too_slow]  # on a machine that is busy
        >>> quick = settings(max_examples=5, stateful_step_count=10, derandomize=True, suppress_health_check=slow, database=None)
        >>> run_state_machine_as_test(GraphMachine, settings=quick)
    """

    nodes: Bundle[ModelledNode] = Bundle("nodes")
    unary: ClassVar[Sequence[Operation]] = (
        Operation("-x", lambda x: -x),
        Operation("x ** 2", lambda x: x**2),
        Operation("abs(x)", abs),
        Operation("x.tanh()", lambda x: x.tanh()),
        Operation("x.sigmoid()", lambda x: x.sigmoid()),
        Operation("x.relu()", lambda x: x.relu()),
        Operation("(x / 4).exp()", lambda x: (x / 4.0).exp()),
    )
    binary: ClassVar[Sequence[Operation]] = (
        Operation("x + y", lambda x, y: x + y),
        Operation("x - y", lambda x, y: x - y),
        Operation("x * y", lambda x, y: x * y),
        Operation("x / (1 + y * y)", lambda x, y: x / (1.0 + y * y)),
    )

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.alive: dict[int, ModelledNode] = {}
        self.gradients: dict[int, float] = {}
        self.are_leaves: set[int] = set()

    # ---- the engine under test; override for another ----------------------------------------------------------------------

    def leaf(self, number: float) -> Any:
        """A new leaf."""
        return Value(number)

    def run_backward(self, value: Any, seed: float) -> None:
        """A backward pass."""
        value.backward(seed)

    def run_zero_grad(self, value: Any) -> None:
        """All gradients below a node set to zero."""
        value.zero_grad()

    # ---- rules ---------------------------------------------------------------------------------------------------------------

    def _named(self, value: Any, dual: Dual, is_leaf: bool = False) -> Any:
        """A node for the bundle; none if its numbers are too large to compare."""
        if max(map(abs, (dual.number, *dual.slopes.values()))) > _LARGEST:
            return multiple()
        serial, self.made = self.made, self.made + 1
        if is_leaf or dual.slopes:
            dual.slopes[serial] = 1.0
        node = ModelledNode(serial, value, dual, is_leaf)
        self.alive[serial], self.gradients[serial] = node, 0.0
        self.are_leaves |= {serial} if is_leaf else set()
        return node

    @rule(target=nodes, number=_numbers)
    def new_leaf(self, number: float) -> Any:
        """x = Value(number)"""
        return self._named(self.leaf(number), Dual(number), is_leaf=True)

    @rule(target=nodes, number=_numbers)
    def new_constant(self, number: float) -> Any:
        """x = constant(number)"""
        return self._named(constant(number), Dual(number))

    @rule(target=nodes, operation=_drawn("unary"), x=nodes)
    def operate(self, operation: Operation, x: ModelledNode) -> Any:
        """y = f(x)"""
        return self._named(operation(x.value), operation(x.dual))

    @rule(target=nodes, operation=_drawn("binary"), x=nodes, y=nodes)
    def combine(self, operation: Operation, x: ModelledNode, y: ModelledNode) -> Any:
        """z = f(x, y)"""
        return self._named(operation(x.value, y.value), operation(x.dual, y.dual))

    @rule(target=nodes, operation=_drawn("binary"), x=nodes)
    def combine_with_itself(self, operation: Operation, x: ModelledNode) -> Any:
        """z = f(x, x)"""
        return self._named(operation(x.value, x.value), operation(x.dual, x.dual))

    @rule(target=nodes, operation=_drawn("binary"), x=nodes, number=_numbers, first=st.booleans())
    def combine_with_number(self, operation: Operation, x: ModelledNode, number: float, first: bool) -> Any:
        """z = f(x, 2.0) or f(2.0, x)"""
        if first:
            return self._named(operation(number, x.value), operation(number, x.dual))
        return self._named(operation(x.value, number), operation(x.dual, number))

    @rule(target=nodes, operation=_drawn("binary"), x=nodes, y=nodes)
    def combine_quietly(self, operation: Operation, x: ModelledNode, y: ModelledNode) -> Any:
        """with no_grad(): z = f(x, y)"""
        with no_grad():
            return self._named(operation(x.value, y.value), Dual(operation(x.dual, y.dual)))

    @rule(target=nodes, x=nodes)
    def detach(self, x: ModelledNode) -> Any:
        """y = x.detach()"""
        return self._named(x.value.detach(), Dual(x.dual.number))

    @rule(x=nodes, seed=st.sampled_from([1.0, -2.0, 0.5, 0.0]))
    def backward(self, x: ModelledNode, seed: float) -> None:
        """x.backward(seed)"""
        if not x.dual.slopes:
            try:
                self.run_backward(x.value, seed)
            except GraphError:
                return
            raise AssertionError(f"backward from {x!r}, which needs no gradient, did not raise GraphError")
        self.run_backward(x.value, seed)
        for serial, slope in x.dual.slopes.items():
            before = self.gradients[serial] if serial in self.are_leaves else 0.0
            self.gradients[serial] = before + seed * slope

    @rule(x=nodes)
    def zero_grad(self, x: ModelledNode) -> None:
        """x.zero_grad()"""
        self.run_zero_grad(x.value)
        self.gradients.update(dict.fromkeys(x.dual.slopes, 0.0))

    @rule(x=nodes, number=_numbers)
    def new_data(self, x: ModelledNode, number: float) -> None:
        """x.data = number, for a leaf: what is recorded already stays differentiated where it was."""
        if x.is_leaf:
            x.value.data = number
            x.dual = Dual(number, {x.serial: 1.0})

    @rule(x=consumes(nodes))
    def delete(self, x: ModelledNode) -> None:
        """del x: others may still be made of it."""
        del self.alive[x.serial]
        del x.value

    @invariant()
    def numbers_and_gradients_are_those_of_the_model(self) -> None:
        """Every node that has a name."""
        for node in self.alive.values():
            found = (node.value.data, node.value.grad)
            expected = (node.dual.number, self.gradients[node.serial])
            for kind, number, right in zip(("data", "grad"), found, expected, strict=True):
                assert abs(number - right) <= _UNITS * max(1.0, abs(right)), f"{node!r}.{kind} is {number!r}, expected {right!r}"
            assert node.value.requires_grad == bool(node.dual.slopes), f"{node!r}.requires_grad is {node.value.requires_grad}"
