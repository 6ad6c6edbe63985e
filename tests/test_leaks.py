"""Leaks: what is drawn, recorded, copied and read a hundred times leaves nothing behind."""

import io
import pickle
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy

import pytest

from autograd_lite import Value, tanh
from autograd_lite.drawing import draw, why
from autograd_lite.expressions import ExpressionError, parse
from autograd_lite.nn import MLP
from autograd_lite.stepping import record, run_terminal
from tests.counting import growth
from tests.torture.command_lines import ended

MODEL = MLP(2, [3, 1], "tanh", seed=0)


def loss() -> Value:
    x, y = Value(0.5, label="x"), Value(-0.25, label="y")
    return (MODEL([x, tanh(x * y)]) - 1.0) ** 2


def drawn() -> None:
    out = loss()
    out.backward()
    graph = draw(out, title="a loss")
    assert graph.svg("builtin") and graph.text() and str(why(out, MODEL.parameters()[0]))


def folded() -> None:
    draw(loss(), depth=1, max_nodes=10).svg("builtin")


def recorded() -> None:
    steps = record(loss())
    run_terminal(steps, io.StringIO(), io.StringIO())


def played() -> None:
    record(loss()).html()


def copied() -> None:
    out = loss()
    assert deepcopy(out).data == pickle.loads(pickle.dumps(out)).data


def refused() -> None:
    for text in ("x +", "sin(x", "2x", "x.real"):
        with suppress(ExpressionError):
            parse(text, {})


def commanded() -> None:
    ended(["eval", "tanh(w*x)", "w=2", "x=0.5", "--order", "2"])
    ended(["check", "x/0", "x=1"])


@pytest.mark.parametrize(
    ("action", "times"),
    [(drawn, 20), (folded, 30), (recorded, 200), (played, 15), (copied, 100), (refused, 100), (commanded, 15)],
)
def test_nothing_is_left_behind(action: Callable[[], None], times: int) -> None:
    bound = 100 * times + 5_000  # bytes
    assert growth(action, times, bound) < bound


def test_a_leak_is_found() -> None:
    kept: list[bytes] = []
    bound = 100 * 100 + 5_000
    assert growth(lambda: kept.append(bytes(200)), 100, bound) > bound
