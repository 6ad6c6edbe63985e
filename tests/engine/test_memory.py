"""Memory: nodes form no cycles, so that a graph is gone the moment its last name goes, with the collector switched off."""

import copy
import gc
import pickle
import random
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import DomainError, GraphError, Value, no_grad


@pytest.fixture(autouse=True)
def _collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _values_alive() -> int:
    return sum(isinstance(thing, Value) for thing in gc.get_objects())


def _network(seed: int = 0) -> tuple[list[Value], Callable[[list[float]], Value]]:
    """A 2-3-1 network written by hand, half of it in chains of operators, half with `dot`."""
    numbers = random.Random(seed)
    weights = [[Value(numbers.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]
    parameters = [weight for row in weights for weight in row]

    def output(inputs: list[float]) -> Value:
        hidden = [ag.tanh(row[0] * inputs[0] + row[1] * inputs[1] + row[2]) for row in weights[:3]]
        return ag.sigmoid(ag.dot(weights[3], hidden, 0.1))

    return parameters, output


def _step(parameters: list[Value], output: Callable[[list[float]], Value]) -> float:
    loss = ag.total([(output([x, y]) - float(x != y)) ** 2 for x in (0.0, 1.0) for y in (0.0, 1.0)])
    loss.backward()
    for parameter in parameters:
        parameter.data -= 0.1 * parameter.grad
        parameter.grad = 0.0
    return loss.data


@pytest.mark.parametrize(
    "build",
    [
        lambda x: x * x + ag.sin(x),
        lambda x: ag.dot([x, 2.0, x], [x, x, 3.0], x),
        lambda x: ag.total([x * i for i in range(100)]),
        lambda x: 2.0 / x - 1,
        lambda x: ag.gradients(x**3, [x], differentiable=True)[0],
        lambda x: ag.grad(ag.grad(lambda y: ag.sin(y) * x))(x),
        lambda x: ag.hessian(lambda y, z: y**2 * z * x)(x, x),
        lambda x: ag.softmax([x, 1.0, x * x]),
        lambda x: pickle.loads(pickle.dumps(x * x)),
        lambda x: copy.deepcopy(x * x),
        lambda x: ag.where(x > 0, x * 2, x),
    ],
)
def test_a_graph_is_released_the_moment_its_last_name_goes(build: Callable[[Value], Any]) -> None:
    x = Value(0.5)
    build(x)  # what is loaded once stays
    before = _values_alive()
    result = build(x)
    assert _values_alive() > before
    (result if isinstance(result, Value) else ag.total([result] if isinstance(result, float) else [x])).backward()
    del result
    assert _values_alive() == before


def test_operands_and_backward_leave_no_trace() -> None:
    x = Value(0.5)
    root = 2.0 * x + ag.dot([x, 3.0], [1.0, x])
    before = _values_alive()
    root.backward()
    assert _values_alive() == before
    shown = [node.operands for node in ag.topological_order(root)]
    root.backward()
    del shown, root
    assert _values_alive() <= before


def test_names_hold_the_part_they_need() -> None:
    x = Value(0.5)
    before = _values_alive()
    middle = x * x
    root = middle + ag.exp(middle * 3.0)
    del root
    assert _values_alive() == before + 1
    assert middle.operands == (x, x)


def test_a_hundred_training_steps_leave_no_cycle() -> None:
    parameters, output = _network()
    _step(parameters, output)
    gc.collect()
    before = _values_alive()
    losses = [_step(parameters, output) for _ in range(100)]
    assert losses[-1] < losses[0]
    assert _values_alive() == before
    assert gc.collect() == 0


def _raise_and_forget(attempt: Callable[[], Any], kind: type[BaseException]) -> None:
    try:
        attempt()
    except kind:
        return
    pytest.fail("nothing was raised")


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        (lambda x: ag.log(-x * x), DomainError),
        (lambda x: x / (x - x), ZeroDivisionError),
        (lambda x: ag.dot([x, ag.exp(x * 1e4)], [x, x]), OverflowError),
        (lambda x: x * "a", TypeError),
        (lambda x: ag.dot([x], [x, x]), ValueError),
        (lambda x: (x * x).backward("1"), TypeError),
        (lambda x: x.detach().backward(), GraphError),
        (lambda x: ag.grad(lambda y: ag.log(-y * x))(x), DomainError),
        (lambda x: ag.hessian(lambda y: [y * x])(x), TypeError),
        (lambda x: float(x * x), TypeError),
        (lambda x: pickle.dumps([x * x, _raise_and_forget]) and pickle.dumps([x * x, lambda: 0]), Exception),
    ],
)
def test_errors_leave_nothing_behind(attempt: Callable[[Value], Any], kind: type[BaseException]) -> None:
    x = Value(0.5)
    _raise_and_forget(lambda: attempt(x), kind)
    gc.collect()
    before = _values_alive()
    for _ in range(3):
        _raise_and_forget(lambda: attempt(x), kind)
    assert _values_alive() == before
    assert gc.collect() == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: ag.grad(lambda x, y: x * ag.sin(y))(1.0, 2.0),
        lambda: ag.derivative(ag.tanh, 4)(0.5),
        lambda: ag.hessian(lambda v: ag.logsumexp([v[0] * v[1], v[0]]))([1.0, 2.0]),
        lambda: ag.jacobian(ag.softmax)([1.0, 2.0, 3.0]),
        lambda: ag.hvp(lambda x, y: x * y * y)(1.0, 2.0, vector=(1.0, 0.0)),
        lambda: pickle.loads(pickle.dumps([Value(1.0) * 2] * 2)),
        lambda: copy.deepcopy(ag.dot([Value(1.0)], [Value(2.0)])),
        lambda: ag.primitives.TABLE["tanh"](Value(1.0)).zero_grad(),
    ],
)
def test_calls_leave_nothing_behind(call: Callable[[], Any]) -> None:
    call()
    gc.collect()
    before = _values_alive()
    for _ in range(3):
        call()
    assert _values_alive() == before
    assert gc.collect() == 0


def test_no_grad_keeps_nothing() -> None:
    x = Value(0.5)
    before = _values_alive()
    with no_grad():
        node = x
        for _ in range(100):
            node = ag.tanh(node * 1.1)
        assert _values_alive() == before + 1


def test_the_collector_has_nothing_to_do_on_a_leaf() -> None:
    """The test must be able to fail: a cycle of Values is noticed."""
    leaf = Value(1.0)
    leaf.label = [leaf]  # type: ignore[assignment]
    before = _values_alive()
    del leaf
    assert _values_alive() == before
    assert gc.collect() > 0
    assert _values_alive() == before - 1


def test_values_are_small() -> None:
    """Slots only: no dictionary per node, and no weak references, which would cost a pointer each."""
    node = Value(1.0) * 2
    assert not hasattr(node, "__dict__")
    with pytest.raises(TypeError):
        weakref.ref(node)
    with pytest.raises(AttributeError):
        node.colour = "red"  # type: ignore[attr-defined]
    assert node.__sizeof__() <= 128
