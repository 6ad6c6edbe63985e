"""A rule prints itself: the text shown to readers, read back as Python, is the rule."""

import math
from itertools import product
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.calculus.symbols import partial_texts
from autograd_lite.engine.errors import expression
from autograd_lite.engine.primitive import Interval
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.text import number_text
from autograd_lite.functions import scalar_functions


def _inside(interval: Interval, index: int) -> float:
    """A number well inside an interval, not the same for every operand."""
    low, high = max(interval.low, -3.0), min(interval.high, 3.0)
    return low + (high - low) * (0.63 + 0.07 * index)


# ---- a rule prints itself: the text is the rule ------------------------------------------------------------------------------


def _evaluated(text: str, names: dict[str, float]) -> float:
    functions: dict[str, Any] = TABLE | scalar_functions() | {"round": round}
    return float(eval(text, {"__builtins__": {}, "inf": math.inf, "nan": math.nan}, functions | names))


@pytest.mark.parametrize("name", TABLE)
def test_the_printed_rule_is_the_rule(name: str) -> None:
    """The text of every partial, read as Python, gives the local derivative that the engine stores; constants show six digits."""
    row: Any = TABLE[name]
    counts = [row.arity] if row.arity else [count for count in row.counts if count <= 3]
    for count, shift, member in product(counts, (0, 2, 3), row.orders or ((),)):
        leaves, node = _recorded(row, count - len(member), shift, member)
        known = {leaf.label: leaf.data for leaf in leaves} | {"out": node.data}
        names = [*known][:-1] + [number_text(order) for order in member]
        texts = partial_texts(row, names, "out")[: len(leaves)]
        for text, stored in zip(texts, node.local_derivatives[: len(leaves)], strict=True):
            assert _evaluated(text, known) == pytest.approx(stored, rel=5e-6, abs=1e-12), text


@pytest.mark.parametrize("name", TABLE)
def test_the_printed_call_is_the_function(name: str) -> None:
    """The text of the call itself, on labelled Values, gives the value back."""
    row: Any = TABLE[name]
    for member in row.orders or ((),):
        leaves, node = _recorded(row, (row.arity or min(row.counts[-1], 3)) - len(member), 0, member)
        known = {leaf.label: leaf.data for leaf in leaves}
        assert _evaluated(expression(node).text, known) == pytest.approx(node.data, rel=1e-9)


def _recorded(row: Any, count: int, shift: int, member: tuple[float, ...]) -> tuple[list[Any], Any]:
    """Labelled leaves well inside the domain, and the node of them and of the operands that choose a member of a family."""
    domain = [row.domain[min(i, len(row.domain) - 1)] for i in range(count)]
    leaves = [Value(_inside(interval, i - shift), label=f"x{i}") for i, interval in enumerate(domain)]
    return leaves, leaves[0].record(row, [*leaves, *member])


def test_parentheses_are_where_python_needs_them() -> None:
    """Random expressions of operators, printed and read back."""
    from random import Random

    random = Random(5)
    for _ in range(300):
        a, b, c = (Value(random.uniform(0.5, 2.0), label=name) for name in "abc")
        pool = [a, b, c]
        for _ in range(4):
            x, y = random.choice(pool), random.choice(pool)
            pool.append(
                random.choice([x + y, x - y, x * y, x / (y * y + 1), -x, abs(x) ** 2, (x * x + 1) ** (y / 8), 2 - x, x / 3])
            )
        names = {"a": a.data, "b": b.data, "c": c.data}
        assert _evaluated(expression(pool[-1], depth=9).text, names) == pytest.approx(pool[-1].data, rel=1e-9)
