"""Graphs to step through: a neuron, a network, and random ones with everything that a graph can have."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, constant


def neuron() -> Value:
    """tanh(x1 * w1 + x2 * w2 + b), with the labels of the lecture it comes from."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2, b = Value(-3.0, label="w1"), Value(1.0, label="w2"), Value(6.881373587019543, label="b")
    p1, p2 = x1 * w1, x2 * w2
    p1.label, p2.label = "p1", "p2"
    return (p1 + p2 + b).tanh()


def network(widths: list[int]) -> Value:
    """The squared error of a network of sums of products, one sample."""
    draws = iter(range(10**9))

    def draw() -> float:
        return math.sin(next(draws) * 12.9898) * 0.9

    values = [Value(draw(), label=f"x{i}") for i in range(widths[0])]
    for layer, width in enumerate(widths[1:]):
        outputs = []
        for j in range(width):
            total: Value = Value(draw(), label=f"b{layer}_{j}")
            for i, value in enumerate(values):
                total = total + Value(draw(), label=f"w{layer}_{j}_{i}") * value
            outputs.append(total.tanh())
        values = outputs
    return (values[0] - 1.0) ** 2


def table_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    table: dict[str, Any] = json.loads(found[1])
    return table


# ---- random graphs ---------------------------------------------------------------------------------------------------------------

_UNARY: list[Callable[[Value], Value]] = [ag.tanh, ag.sigmoid, ag.relu, ag.sin, ag.abs, ag.softplus, lambda x: -x, ag.atan]
_BINARY: list[Callable[[Any, Any], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    ag.maximum,
    ag.logaddexp,
]


@st.composite
def graphs(draw: st.DrawFn) -> Value:
    """A root over shared operands, repeats, constants, numbers, n-ary nodes and leaves that hold gradients already."""
    small = st.floats(-2.0, 2.0)
    values = [Value(draw(small), label=draw(st.sampled_from([None, "a", "b"]))) for _ in range(draw(st.integers(1, 4)))]
    for value in values:
        value.grad = draw(st.sampled_from([0.0, 0.0, 0.1, -1.5]))
    values.append(constant(draw(small), draw(st.sampled_from([None, "c"]))))
    for _ in range(draw(st.integers(1, 12))):
        pick = st.sampled_from(values)
        kind = draw(st.sampled_from(["unary", "binary", "number", "total", "dot"]))
        if kind == "unary":
            values.append(draw(st.sampled_from(_UNARY))(draw(pick)))
        elif kind == "binary":
            values.append(draw(st.sampled_from(_BINARY))(draw(pick), draw(pick)))
        elif kind == "number":
            values.append(draw(st.sampled_from(_BINARY[:3]))(draw(small), draw(pick)))
        elif kind == "total":
            values.append(ag.total(draw(st.lists(pick, min_size=1, max_size=5))))
        else:
            size = draw(st.integers(1, 3))
            lists = [draw(st.lists(pick, min_size=size, max_size=size)) for _ in range(2)]
            values.append(ag.dot(lists[0], lists[1], draw(pick)))
    root = values[-1]
    return root if root.requires_grad else root + values[0]
