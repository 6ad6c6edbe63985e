"""Graphs of every shape: a million nodes deep, ten thousand wide, with 2 ** 50 paths; the work counted, never timed."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.primitive import Unary
from tests.processes import run_python

# ---- deep --------------------------------------------------------------------------------------------------------------------

DEEP = """
    from autograd_lite import Value, dot, gradients, tanh, total
    x = node = Value(1.0)
    for _ in range({length}):
        node = {step}
    node.backward()
    assert {check}, x.grad
    {extra}
    del node
    print("freed")
"""


def test_a_million_nodes_deep() -> None:
    """Built, differentiated and freed in a process of its own, which a crash of the interpreter would end."""
    program = DEEP.format(length="1_000_000", step="node + x", check="x.grad == 1_000_001.0 == node.data", extra="")
    assert run_python(program) == "freed\n"


@pytest.mark.parametrize(("step", "check"), [("tanh(node)", "0.0 < x.grad < 1e-6"), ("total([node, 1.0])", "x.grad == 1.0")])
def test_a_deep_chain_of_any_arity(step: str, check: str) -> None:
    extra = "assert gradients(node, [x]) == [x.grad]"
    assert run_python(DEEP.format(length="150_000", step=step, check=check, extra=extra)) == "freed\n"


def test_deep_chains_are_freed_on_a_small_stack() -> None:
    """In a thread with a stack of 256 kB, whatever the last name goes of: the root, the newest of many branches, a list.

    CPython 3.13 itself frees objects to a depth of 10,000, which takes 8 MB, the usual stack of a thread, of Python's own classes.
    """
    size = 8192 if sys.version_info[:2] == (3, 13) and not ag.engine_info().compiled else 256
    printed = run_python(
        """
            import threading
            from autograd_lite import Value, dot, grad

            def deep(step):
                node = Value(1.0)
                for _ in range(100_000):
                    node = step(node)
                return node

            def work():
                for step in (lambda n: n * n, lambda n: n + 1, lambda n: 1 - n, lambda n: -n, lambda n: dot([n, 1.0], [0.5, n])):
                    chain = deep(step)
                    users = [chain * i for i in range(3)]
                    del chain
                    del users
                assert grad(lambda x: sum([x] * 50_000))(1.0) == 50_000.0
                print("freed")

            threading.stack_size(SIZE * 1024)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        """.replace("SIZE", str(size))
    )
    assert printed == "freed\n"


def test_second_derivatives_of_a_deep_chain() -> None:
    def iterated(x: Value) -> Value:
        for _ in range(3_000):
            x = x + x * x * 1e-4
        return x

    slope, curvature = ag.grad(iterated)(0.5), ag.grad(ag.grad(iterated))(0.5)
    step = 2.0**-12
    difference = (ag.grad(iterated)(0.5 + step) - ag.grad(iterated)(0.5 - step)) / (2 * step)
    assert slope > 1.0
    assert curvature == pytest.approx(difference, rel=1e-6)


# ---- shared ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("join", [lambda n: n + n, lambda n: ag.total([n, n]), lambda n: ag.dot([n, 1.0], [1.0, n])])
def test_fifty_diamonds_have_2_to_the_50_paths_in_51_nodes(join: Callable[[Value], Value]) -> None:
    x = Value(1.0)
    node = x
    for _ in range(50):
        node = join(node)
    assert len([n for n in ag.topological_order(node) if n.requires_grad]) == 51
    node.backward()
    assert x.grad == 2.0**50
    assert ag.gradients(node, [x]) == [2.0**50]
    assert ag.gradients(node, [x], differentiable=True)[0].data == 2.0**50


def test_a_shared_trunk_is_entered_once_by_its_last_user() -> None:
    """A node reached early by a short path and late by a long one must wait for the long one."""
    x = Value(3.0)
    trunk = x * x
    long = trunk
    for _ in range(100):
        long = long + trunk
    root = ag.total([trunk, long, trunk * long])
    root.backward()
    assert x.grad == (1 + 101 + 2 * 101 * 9.0) * 6.0


@pytest.mark.parametrize(
    "spread",
    [
        lambda leaves: ag.total(leaves),
        lambda leaves: ag.dot(leaves, [1.0] * len(leaves)),
        lambda leaves: ag.dot([1.0] * len(leaves), leaves, bias=0.0),
        lambda leaves: sum(leaves),
        lambda leaves: ag.logsumexp(leaves) * len(leaves),
    ],
)
def test_fan_in_of_ten_thousand(spread: Any) -> None:
    leaves = [Value(0.0) for _ in range(10_000)]
    inner = [leaf * 3.0 for leaf in leaves]
    spread(inner).backward()
    assert {round(leaf.grad, 9) for leaf in leaves} == {3.0}


def test_fan_out_of_ten_thousand() -> None:
    x = Value(2.0)
    trunk = x * x
    root = ag.total([trunk * float(i % 7) for i in range(10_000)])
    root.backward()
    assert trunk.grad == sum(i % 7 for i in range(10_000))
    assert x.grad == 4.0 * trunk.grad


def test_an_n_ary_node_is_one_node() -> None:
    weights, inputs = [Value(1.0) for _ in range(1000)], [Value(2.0) for _ in range(1000)]
    assert len(ag.topological_order(ag.tanh(ag.dot(weights, inputs, Value(0.5))))) == 2 * 1000 + 1 + 2


# ---- work, counted -----------------------------------------------------------------------------------------------------------


class Probe(Unary):
    """x, and a count of every evaluation of each of its rules."""

    symbol = "probe({x})"
    counts = {"forward": 0, "dx": 0}  # noqa: RUF012 - counted over all instances

    def forward(self, x: float) -> float:
        self.counts["forward"] += 1
        return x

    def dx(self, x: float, out: float) -> float:
        self.counts["dx"] += 1
        return 1.0


def test_every_rule_is_evaluated_once_and_backward_evaluates_none() -> None:
    probe = Probe()
    Probe.counts.update(forward=0, dx=0)
    x = Value(1.0)
    node = x
    for _ in range(100):
        node = probe(node)
        node = node + node
    assert Probe.counts == {"forward": 100, "dx": 100}
    for _ in range(3):
        node.backward()
    ag.gradients(node, [x])
    ag.topological_order(node)
    assert Probe.counts == {"forward": 100, "dx": 100}
    ag.gradients(node, [x], differentiable=True)
    assert Probe.counts == {"forward": 100, "dx": 200}


def _lines_run(work: Callable[[], Any]) -> int:
    """How many lines of the package run: a measure of work that no other process disturbs."""
    package = ag.__file__.removesuffix("__init__.py")
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(package):
            return None
        lines += event == "line"
        return trace

    before = sys.gettrace()
    try:
        sys.settrace(trace)
        work()
    finally:
        sys.settrace(before)
    return lines


def _chain(length: int) -> tuple[Value, Value]:
    x = node = Value(0.5)
    for _ in range(length):
        node = node * node + x
        node = node * 0.25
    return x, node


def _ladder(length: int) -> tuple[Value, Value]:
    x = node = Value(0.5)
    rungs = [x, x]
    for _ in range(length):
        node = ag.dot([rungs[-1], rungs[-2]], [0.5, rungs[-1]], 0.1)
        rungs.append(node)
    return x, ag.total(rungs)


def _comb(length: int) -> tuple[Value, Value]:
    x = Value(0.5)
    teeth = [x * float(i) for i in range(length)]
    return x, ag.total([ag.total([tooth, x]) for tooth in teeth])


@pytest.mark.parametrize("shape", [_chain, _ladder, _comb])
@pytest.mark.parametrize(
    "sweep",
    [
        lambda x, root: root.backward(),
        lambda x, root: ag.topological_order(root),
        lambda x, root: ag.gradients(root, [x]),
        lambda x, root: ag.gradients(root, [x], differentiable=True),
        lambda x, root: root.zero_grad(),
    ],
    ids=["backward", "topological_order", "gradients", "differentiable", "zero_grad"],
)
@pytest.mark.skipif(not ag.value.__file__.endswith(".py"), reason="compiled code has no lines to count")
def test_the_work_is_linear_in_the_graph(shape: Any, sweep: Any) -> None:
    small, large = shape(100), shape(400)
    sweep(*small), sweep(*large)  # load what is loaded once, and make operands what they stay
    assert _lines_run(lambda: sweep(*large)) <= 4.2 * _lines_run(lambda: sweep(*small))


def _size(root: Any) -> int:
    return len(ag.topological_order(root))


@pytest.mark.parametrize(
    "function", [ag.tanh, ag.sigmoid, lambda x: x**3, lambda x: ag.dot([x, x], [x, 2.0]), lambda x: x / (1 + x)]
)
def test_the_graph_of_a_gradient_grows_linearly_with_the_function(function: Any) -> None:
    """Twice the chain, twice the gradient's graph; so for the second derivative."""

    def chain(length: int) -> tuple[int, int]:
        x = node = Value(0.3)
        for _ in range(length):
            node = function(node)
        [first] = ag.gradients(node, [x], differentiable=True)
        [second] = ag.gradients(first, [x], differentiable=True)
        return _size(first), _size(second)

    ten, twenty, forty = chain(10), chain(20), chain(40)
    for order in (0, 1):
        assert 0 <= (forty[order] - twenty[order]) <= 2.02 * (twenty[order] - ten[order])


def test_the_graph_of_a_high_derivative_stays_small() -> None:
    """Each order of `derivative` sweeps the graph so far; products of n factors must not double at every order."""
    sizes = []
    for order in range(1, 7):
        x = Value(0.3)
        sizes.append(_size(ag.derivative(lambda y: y**6, order)(x)))
    assert sizes[-1] < 200
