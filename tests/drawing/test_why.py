"""why: the paths of a gradient, which add up to it."""

from __future__ import annotations

import gc
from functools import partial
from math import fsum, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import GraphError, Value, constant, relu, tanh
from autograd_lite.calculus import grad
from autograd_lite.drawing import why
from autograd_lite.nn import MLP
from tests.counting import calls_during


def test_every_path_with_its_product() -> None:
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    explanation = why(x * x * w + x, x)
    assert [path.product for path in explanation.paths] == [6.0, 6.0, 1.0]
    assert explanation.gradient == 13.0
    assert (explanation.count, explanation.complete, explanation.remainder) == (3, True, 0.0)
    assert explanation.paths[0].values == ("x", "*", "*", "+")
    assert explanation.paths[0].local_derivatives == (3.0, 2.0, 1.0)


def test_dead_paths_name_what_killed_them() -> None:
    w = Value(2.0, label="w")
    explanation = why(relu(-w) + tanh(w), w)
    alive, dead = explanation.paths
    assert (alive.killed_by, dead.killed_by, dead.product) == ("", "relu", 0.0)
    assert "dead: killed by relu" in str(explanation)


def test_products_of_a_network_add_up_to_backward() -> None:
    model = MLP(2, [4, 3, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - constant(1.0, "y")) ** 2
    loss.backward()
    for parameter in model.parameters():
        explanation = why(loss, parameter)
        assert explanation.complete
        assert fsum(path.product for path in explanation.paths) == pytest.approx(parameter.grad, rel=1e-12, abs=1e-300)
        assert all(path.product == prod(path.local_derivatives) for path in explanation.paths)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=1, max_size=12))
def test_random_graphs_add_up(steps: list[tuple[int, int, bool]]) -> None:
    pool = [Value(0.7, label="x"), Value(-1.3, label="y")]
    for a, b, times in steps:
        x, y = pool[-1 - a % len(pool)], pool[-1 - b % len(pool)]
        pool.append(x * y if times else x + tanh(y))
    root, x = pool[-1] + pool[0], pool[0]
    root.backward()
    explanation = why(root, x)
    assert explanation.gradient == pytest.approx(x.grad, rel=1e-9, abs=1e-12)
    shown = fsum(path.product for path in explanation.paths) + explanation.remainder
    assert shown == pytest.approx(x.grad, rel=1e-9, abs=1e-12)


def diamonds(length: int) -> tuple[Value, Value]:
    x = Value(1.0, label="x")
    v = x
    for _ in range(length):
        v = v * 0.5 + v * 0.25
    return v, x


def test_more_paths_than_can_be_listed_state_the_remainder() -> None:
    root, x = diamonds(40)
    explanation = why(root, x, top=5)
    assert explanation.count == 2**40
    assert not explanation.complete
    assert [path.product for path in explanation.paths] == [0.5**40, *[0.5**39 * 0.25] * 4]
    assert explanation.remainder == pytest.approx(0.75**40 - fsum(path.product for path in explanation.paths))
    assert "by all the paths that are not listed" in str(explanation)


def test_the_count_of_paths_stops_somewhere() -> None:
    root, x = diamonds(2000)
    explanation = why(root, x, top=2)
    assert len(explanation.paths) == 2
    assert "more than 10 ** 18 paths" in str(explanation)


def test_the_largest_paths_are_the_largest_of_all() -> None:
    root, x = diamonds(10)
    every = why(root, x)
    assert every.complete
    sizes = [abs(path.product) for path in every.paths]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 2**10


def test_the_root_itself_and_long_chains() -> None:
    x = Value(2.0, label="x")
    assert why(x, x).gradient == 1.0
    v = x
    for _ in range(100_000):
        v = -v
    explanation = why(v, x)
    assert explanation.gradient == 1.0
    assert "... 99988 steps ..." in str(explanation)


def test_a_constant_between_carries_nothing() -> None:
    x = Value(2.0, label="x")
    root = x * x.detach()
    assert why(root, x).gradient == 2.0 == grad(lambda t: t * 2.0)(2.0)


def test_mistakes_are_explained() -> None:
    x = Value(2.0, label="x")
    with pytest.raises(GraphError, match="is not part of the graph"):
        why(x * x, Value(1.0))
    with pytest.raises(TypeError, match=r"why takes a Value, got float 2\.0"):
        why(2.0, x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`value` must be a Value of the graph"):
        why(x * x, "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`top` is 0"):
        why(x * x, x, top=0)


def test_explaining_leaves_no_cyclic_garbage() -> None:
    root, x = diamonds(30)
    str(why(root, x))
    gc.collect()
    gc.disable()
    try:
        str(why(root, x))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_path_costs_few_calls_for_each_of_its_values():
    """Once they were 17 for each operation."""

    def chain(length: int) -> tuple[Value, Value]:
        x = value = Value(1.0, label="x")
        for turn in range(length):
            value = value + x if turn % 2 else value * 1.0000001
        return value, x

    short, long = (calls_during(partial(why, *chain(length))) for length in (20_000, 30_000))
    assert long - short < 8 * 10_000
