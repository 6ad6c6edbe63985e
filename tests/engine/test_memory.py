"""Memory: nodes form no cycles, so that a graph is gone the moment its last name goes, with the collector switched off."""

import copy
import gc
import mmap
import os
import pickle
import random
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import DomainError, GraphError, Value, engine_info, no_grad
from autograd_lite.engine import pool
from autograd_lite.primitive import Binary, Nary, Unary


@pytest.fixture(autouse=True)
def _collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _values_alive() -> int:
    """All there are: the pool counts those that it holds, which the collector does not list."""
    return pool.alive() if engine_info().pool else sum(isinstance(thing, Value) for thing in gc.get_objects())


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


class _Remembering:
    """Something of a user's that remembers a node."""

    def __init__(self, *_: Any) -> None:
        super().__init__()
        self.node: Value | None = None


class _Label(_Remembering, str):
    pass


class _Number(_Remembering, float):  # type: ignore[misc]
    def __init__(self, *_: Any) -> None:
        self.node = None


class _Twice(_Remembering, Unary):
    def forward(self, x: float) -> float:
        return 2.0 * x

    def dx(self, x: float, out: float) -> float:
        return 2.0


class _Sum(_Remembering, Binary):
    def forward(self, x: float, y: float) -> float:
        return x + y

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return 1.0


class _Sums(_Remembering, Nary):
    def forward(self, values: list[float]) -> float:
        return sum(values)

    def partials(self, values: list[float], out: float) -> list[float]:
        return [1.0 for _ in values]


_CYCLES: dict[str, tuple[Callable[[], Any], Callable[[Any, Value], Value]]] = {
    "a number": (lambda: _Number(2.0), lambda number, x: number * x),
    "a number on the right": (lambda: _Number(2.0), lambda number, x: x / number),
    "a number among many": (lambda: _Number(2.0), lambda number, x: ag.dot([x, number], [1.0, x])),
    "a unary primitive": (_Twice, lambda primitive, x: primitive(x)),
    "a binary primitive": (_Sum, lambda primitive, x: primitive(x, x)),
    "a binary primitive of a number": (_Sum, lambda primitive, x: primitive(x, 1.0)),
    "an n-ary primitive": (_Sums, lambda primitive, x: primitive([x, 1.0])),
    "a node further on": (_Twice, lambda primitive, x: ag.tanh(primitive(x)) * 2.0 + x),
    "a product further on": (_Twice, lambda primitive, x: ag.dot([x, 1.0], [3.0 / (x * primitive(x)), x])),
    "a sum further on": (lambda: _Number(2.0), lambda number, x: ag.total([number * x, x])),
    "products of shared inputs": (_Twice, lambda primitive, x: ag.tanh(ag.dot([x, primitive(x)], [x, 1.0]))),
    "a copy of a node further on": (_Twice, lambda primitive, x: copy.deepcopy(ag.tanh(primitive(x)))),
    "a copy of a longer way": (_Twice, lambda primitive, x: copy.deepcopy(_long_way(primitive, x))),
    "a copy": (_Twice, lambda primitive, x: copy.deepcopy(primitive(x))),
    "a copy of a number": (lambda: _Number(2.0), lambda number, x: copy.deepcopy(number * x)),
}


def _long_way(primitive: Any, x: Value) -> Value:
    """Two ways to the node of the primitive, the longer one found first."""
    near = primitive(x)
    far = ag.tanh(near * 2.0)
    return near * ag.sin(far) + far / near


@pytest.mark.parametrize("case", _CYCLES.values(), ids=_CYCLES)
def test_a_cycle_through_something_of_a_users_is_found_by_the_collector(case: Any) -> None:
    """And the other tests can fail: a cycle is noticed."""
    make, use = case
    x = Value(0.5)
    before = _values_alive()
    thing = make()
    thing.node = use(thing, x)
    del thing
    assert _values_alive() > before
    assert gc.collect() > 0
    assert _values_alive() == before


def test_a_label_of_a_users_class_is_kept_as_its_text_and_makes_no_cycle() -> None:
    """Set late, it could remember what was computed from the node before."""
    before = _values_alive()
    x = Value(0.5)
    node = ag.tanh(x * 2.0)
    thing = _Label("a")
    thing.node = node
    x.label = node.label = thing
    built = [Value(1.0, thing), ag.constant(1.0, thing), copy.deepcopy(node)]
    assert {type(value.label) for value in [x, node, *built]} == {str} and {value.label for value in [x, *built]} == {"a"}
    del x, node, thing, built
    assert _values_alive() == before


def test_the_collector_sees_no_node_of_the_librarys_own() -> None:
    x = Value(0.5, "x")
    nodes = [x, x * x, x * 2.0, 2 / x, ag.dot([x, 1.0], [2, x]), ag.tanh(x), ag.constant(1.0), copy.deepcopy(x * 2.0)]
    assert {gc.is_tracked(node) for node in nodes} == {not engine_info().pool}


def test_what_a_sum_of_products_keeps_is_its_own_and_as_hidden_as_the_node() -> None:
    x, y, operands = Value(0.5), Value(2.0), list[Any]()
    operands += [1.0, x, y, 3.0, x]
    node = x.record(ag.primitives.dot, operands)
    operands[1] = operands  # the caller's list is the caller's
    node.backward()
    assert (node.data, x.grad, y.grad) == (1.0 + 0.5 * 3.0 + 2.0 * 0.5, 3.0 + 2.0, 0.5)
    assert [operand.data for operand in node.operands] == [1.0, 0.5, 2.0, 3.0, 0.5]
    rest = ag.dot([x, 2.0], [y, x])._rest
    if engine_info().pool:
        assert not any(map(gc.is_tracked, (rest, rest.own, rest.inputs)))
    operands.clear()


needs_pool = pytest.mark.skipif(not engine_info().pool, reason="nodes are allocated as all objects are")


@needs_pool
def test_memory_goes_back_to_the_system_after_a_peak() -> None:
    def resident() -> int:
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * mmap.PAGESIZE

    if not os.path.exists("/proc/self/statm"):
        pytest.skip("the system does not say how much memory is in use")
    for _ in range(2):
        before = resident()
        node = x = Value(0.5)
        for _ in range(500_000):
            node = node + x
        grown = resident() - before
        del node
        if "PYTHONMALLOC" not in os.environ:  # else each node is a piece of memory of its own, with marks around it
            assert grown < 150 * 500_000
        assert resident() - before < 0.3 * grown


def _run(program: str, **environment: str) -> str:
    """What a program prints in a process with these settings besides; in the folder whose package is tried here."""
    root = os.path.dirname(os.path.dirname(ag.__file__))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path.insert(0, {root!r})\n{program}"],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=root,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_USE = """
import gc, autograd_lite as ag
from autograd_lite.engine import pool
from autograd_lite import Value
x = Value(0.5)
node = x
for i in range(20_000):
    node = ag.tanh(node * 0.9 + x) if i % 3 else ag.dot([node, x], [x, 1.0])
node.backward()
print(repr(x.grad), ag.engine_info().pool, gc.is_tracked(node), pool.alive() > 30_000)
del node
print(pool.alive())
"""


@needs_pool
def test_the_pool_can_be_switched_off() -> None:
    on, off = _run(_USE, AUTOGRAD_LITE_POOL="1"), _run(_USE, AUTOGRAD_LITE_POOL="0")
    assert on.split()[1:] == ["True", "False", "True", "1"]
    assert off.split()[1:] == ["False", "True", "False", "0"]
    assert on.split()[0] == off.split()[0]


@needs_pool
@pytest.mark.parametrize(
    "setting", [{"PYTHONMALLOC": "debug"}, {"PYTHONMALLOC": "malloc"}, {"PYTHONDEVMODE": "1"}, {"PYTHONTRACEMALLOC": "1"}]
)
def test_where_memory_is_watched_each_node_is_a_piece_of_its_own(setting: dict[str, str]) -> None:
    assert _run(_USE, **setting) == _run(_USE)


def test_a_label_is_a_string_or_none() -> None:
    node = Value(1.0, "a")
    for refused in (3, ["a"], node, b"a"):
        for attempt in (partial(Value, 1.0), partial(ag.constant, 1.0), partial(setattr, node, "label")):
            with pytest.raises(TypeError, match="a label is a string or None, got") as caught:
                attempt(refused)
            assert "write label=str(...)" in str(caught.value)
    assert node.label == "a"
    node.label = None
    assert node.label is None and Value(1.0).label is None


def test_values_are_small() -> None:
    """Slots only: no dictionary per node, and no weak references, which would cost a pointer each."""
    node = Value(1.0) * 2
    assert not hasattr(node, "__dict__")
    with pytest.raises(TypeError):
        weakref.ref(node)
    with pytest.raises(AttributeError):
        node.colour = "red"  # type: ignore[attr-defined]
    assert node.__sizeof__() <= 128
