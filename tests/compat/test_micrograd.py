"""micrograd's code runs on `autograd_lite.compat.micrograd`: its tests, its notebooks and its course, beside micrograd itself."""

import copy
import math
import random
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

import autograd_lite as al
from autograd_lite.compat import micrograd as ours
from autograd_lite.compat.micrograd.engine import Value
from tests.micrograd_programs import more, sanity
from tests.processes import run_python

BOTH = [micrograd, ours]

# ---- micrograd's own tests, as programs of a Value class -------------------------------------------------------------------------


def every_operator(value: Any) -> tuple[Any, list[Any]]:
    a, b = value(1.5), value(-0.5)
    out = (a - b) / (a * a) + (1 - a) * (2 / b) - b**3 / 4 + 3 * (-b).relu() + a.relu() * a**-0.5
    return out, [a, b]


@pytest.mark.parametrize("program", [sanity, more, every_operator])
def test_numbers_gradients_and_graphs_are_micrograd_s_own(program: Callable[[Any], tuple[Any, list[Any]]]) -> None:
    (theirs, their_leaves), (mine, my_leaves) = program(micrograd.engine.Value), program(Value)
    for root in (theirs, mine):
        root.backward()
    assert mine.data == theirs.data
    assert [leaf.grad for leaf in my_leaves] == pytest.approx([leaf.grad for leaf in their_leaves], rel=1e-14)
    assert _shape(mine) == _shape(theirs)
    gradients = [sorted(node.grad for node in trace(root)[0]) for root in (theirs, mine)]
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-14)


def _shape(root: Any) -> tuple[Counter[Any], Counter[Any]]:
    """How often each operation, and each edge between operations, stands in a graph, as a picture shows it."""
    nodes, edges = trace(root)
    return Counter((node._op, node.data) for node in nodes), Counter((a._op, b._op) for a, b in edges)


# ---- the notebook trace_graph ----------------------------------------------------------------------------------------------------


def trace(root: Any) -> tuple[set[Any], set[Any]]:
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root: Any, rankdir: str = "LR") -> Any:
    graphviz = pytest.importorskip("graphviz")
    nodes, edges = trace(root)
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": rankdir})
    for n in nodes:
        dot.node(name=str(id(n)), label="{ data %.4f | grad %.4f }" % (n.data, n.grad), shape="record")  # noqa: UP031
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def test_the_notebook_draws_what_it_drew() -> None:
    sources = []
    for world in BOTH:
        random.seed(1337)
        neuron = world.nn.Neuron(2)
        y = neuron([world.engine.Value(1.0), world.engine.Value(-2.0)])
        y.backward()
        lines = draw_dot(y).source.splitlines()
        sources.append(Counter(line.partition("[")[2] for line in lines))
        assert y._op == "ReLU"
    assert sources[0] == sources[1]
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    assert (x.grad, {node._op for node in trace(y)[0]}) == (2.0, {"", "+", "*", "ReLU"})


# ---- the notebook demo -----------------------------------------------------------------------------------------------------------


def demo(world: Any, steps: int = 5) -> list[Any]:
    """Two moons, as the notebook trains them: rows and labels are NumPy's numbers."""
    rng = np.random.default_rng(1337)
    random.seed(1337)
    angles = np.pi * rng.random(20)
    X = np.c_[np.cos(angles), np.sin(angles)] + np.repeat([[0.0, 0.0], [0.9, -0.4]], 10, axis=0)
    y = np.repeat([0, 1], 10) * 2 - 1
    model = world.nn.MLP(2, [4, 4, 1])
    told: list[Any] = [str(model), len(model.parameters())]
    for k in range(steps):
        scores = list(map(model, [list(map(world.engine.Value, row)) for row in X]))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        told += [float(total.data), sum(accuracy) / len(accuracy)]
    return told


def test_the_demo_trains_as_micrograd_does() -> None:
    theirs, mine = demo(micrograd), demo(ours)
    assert mine[:2] == theirs[:2]
    assert mine[2:] == pytest.approx(theirs[2:], rel=1e-10)
    assert mine[-2] < mine[2]


def test_a_network_has_the_texts_and_the_random_numbers_of_micrograd() -> None:
    for make in (
        lambda nn: nn.MLP(3, [4, 4, 1]),
        lambda nn: nn.Layer(2, 3, nonlin=False),
        lambda nn: nn.Neuron(2),
        lambda nn: nn.MLP(2, []),
    ):
        random.seed(7)
        theirs = make(micrograd.nn)
        random.seed(7)
        mine = make(ours.nn)
        assert str(mine) == str(theirs)
        assert [p.data for p in mine.parameters()] == [p.data for p in theirs.parameters()]
    assert type(ours.nn.MLP(2, [3])([1.0, 2.0])) is list
    assert ours.nn.Module().parameters() == []


# ---- EurekaLabs' course ----------------------------------------------------------------------------------------------------------


def test_the_course_s_optimizer_and_colours_stand_on_the_nodes() -> None:
    """Its AdamW keeps `m` and `v` on the parameters, its pictures the colour; its trace finds nodes by `in` on lists."""
    parameters = [Value(0.5), Value(0.5)]
    for p in parameters:
        p.m = p.v = 0
        p._vis_color = "lightgreen"
    losses = []
    for t in range(1, 30):
        logits = [parameters[0] * 2.0, parameters[1] - 1.0, Value(0.25)]
        exps = [x.exp() for x in logits]
        loss = -(exps[0] / sum(exps)).log()
        loss.backward()
        for p in parameters:
            p.m = 0.9 * p.m + 0.1 * p.grad
            p.v = 0.95 * p.v + 0.05 * p.grad**2
            p.data -= 0.1 * (p.m / (1 - 0.9**t) / ((p.v / (1 - 0.95**t)) ** 0.5 + 1e-8) + 1e-4 * p.data)
            p.grad = 0
        losses.append(loss.data)
    assert losses[-1] < 0.2 * losses[0]
    nodes: list[Any] = []

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.append(v)
            for child in v._prev:
                build(child)

    build(loss)
    assert len(nodes) == len(trace(loss)[0])
    assert sum(hasattr(n, "_vis_color") for n in nodes) == 2
    assert {n._op for n in nodes} >= {"exp", "log", "**-1", "*", "+", ""}


def test_a_node_made_by_hand_has_its_children_and_its_rule() -> None:
    a, b = Value(2.0), Value(-3.0)
    out = Value(math.tanh(a.data * b.data), (a, b), "tanh*")

    def _backward() -> None:
        slope = 1 - out.data**2
        a.grad += slope * b.data * out.grad
        b.grad += slope * a.data * out.grad

    out._backward = _backward  # type: ignore[method-assign]
    (out * 2.0).backward()
    assert (out._prev, out._children, out._op) == ({a, b}, (a, b), "tanh*")
    expected = al.grad(lambda a, b: 2.0 * al.tanh(a * b))(2.0, -3.0)
    assert (a.grad, b.grad) == pytest.approx(expected, rel=1e-9)


def test_a_node_made_by_hand_without_a_rule_is_not_silent() -> None:
    a, b = Value(2.0), Value(-3.0)
    out = Value(a.data + b.data, (a, b), "+")
    assert (out._prev, out._op, out.data) == ({a, b}, "+", -1.0)
    with pytest.warns(RuntimeWarning, match=r"the node `\+` was made by hand and has no `_backward`: its children get no gradient"):
        out.backward()
    assert (out.grad, a.grad, b.grad) == (1.0, 0.0, 0.0)


# ---- what a node is --------------------------------------------------------------------------------------------------------------


def test_a_node_is_equal_to_itself_alone_and_takes_attributes() -> None:
    a, b = Value(2.0), Value(2.0)
    assert (a == b, a in [b], len({a, b}), bool(a)) == (False, False, 2, True)
    a.anything = 1  # type: ignore[attr-defined]
    assert a.anything == 1  # type: ignore[attr-defined]
    c = a * a
    assert (c._prev, c._children) == ({a}, (a, a))
    c.backward()
    assert a.grad == 4.0
    assert (2 + a)._children[0] is a
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert Value(2.0, label="w").label == "w"
    assert Value(2.0).label == ""
    assert a._backward() is None


def test_all_functions_of_the_table_are_there_and_answer_in_kind() -> None:
    a = Value(0.5)
    out = al.sin(a) * a.softplus() + a.gelu() + al.hypot(a, 2.0)
    out.backward()
    assert type(out) is Value
    assert a.grad == pytest.approx(al.grad(lambda x: al.sin(x) * al.softplus(x) + al.gelu(x) + al.hypot(x, 2.0))(0.5), rel=1e-14)
    assert a.sin()._op == "sin"
    assert a.item() == 0.5
    assert al.draw(out.value).svg().startswith("<svg")
    with pytest.raises(al.DomainError, match=r"`log\(w\)` is not defined at w = -1\.0"):
        Value(-1.0, label="w").log()


def test_gradients_add_up_as_micrograd_s_do() -> None:
    for value in (micrograd.engine.Value, Value):
        a = value(3.0)
        b = a * 2.0
        c = b * b
        c.backward()
        c.backward()
        assert (a.grad, b.grad, c.grad) == (24.0 + 48.0, 12.0 + 12.0, 1.0)


def test_what_does_not_belong_is_refused() -> None:
    a = Value(1.0)
    with pytest.raises(TypeError, match="a Value of autograd_lite, whose gradients would end here"):
        a * al.Value(2.0)
    with pytest.raises(TypeError, match="a Value of autograd_lite"):
        al.Value(2.0) + a
    with pytest.raises(TypeError, match="plain numbers as exponents"):
        a**a
    with pytest.raises(TypeError, match="got the str 'a'"):
        a + "a"
    with pytest.raises(TypeError, match="one real number"):
        a.grad = None  # type: ignore[assignment]
    with al.no_grad():
        quiet = a * 2.0
    assert quiet._prev == set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet.backward()


def test_numbers_of_numpy_stand_beside_a_node() -> None:
    a = Value(3.0)
    for out in (np.float64(2.0) * a, np.int64(2) * a, a * np.float32(2.0), -np.int64(-2) * a):
        assert type(out) is Value
        assert out.data == 6.0
    assert [out.data for out in np.array([1.0, 2.0]) * a] == [3.0, 6.0]


def test_a_long_chain_is_differentiated_copied_and_freed() -> None:
    printed = run_python(
        """
        from autograd_lite.compat.micrograd import Value
        x = y = Value(1.0)
        for _ in range(30_000):
            y = y + 1.0
        y.backward()
        print(x.grad)
        del y
        """
    )
    assert printed == "1.0\n"


def test_a_copy_is_a_graph_of_its_own() -> None:
    a = Value(3.0)
    b = copy.deepcopy(a * a)
    b.backward()
    assert (b._children[0].grad, a.grad) == (6.0, 0.0)
    assert b._prev == set(b._children)
    c = copy.copy(a)
    c.data = 1.0
    assert (a.data, c.data) == (3.0, 1.0)


def test_slopes_are_those_of_the_forward_pass() -> None:
    a, b = Value(2.0), Value(3.0)
    out = a * b
    a.data, b.data = 5.0, 7.0  # micrograd's slopes would be 7 and 5, of an `out` that is still 6
    out.backward()
    assert (out.data, a.grad, b.grad) == (6.0, 3.0, 2.0)
