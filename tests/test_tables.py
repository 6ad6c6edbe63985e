"""What notebooks show of verdicts, programs and models: tables, with every text escaped, and the plain text as before."""

import math
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from autograd_lite import Value, abs, trace
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP, Module
from autograd_lite.testing import check

BAD = "</td><script>alert(1)</script>&"


class Table(HTMLParser):
    """The caption and the rows of a table, and every tag in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.caption = ""
        self.rows: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1][-1] += data
        else:
            self.caption += data


def shown(thing: Any) -> Table:
    table = Table(thing._repr_html_())
    assert set(table.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert len({len(row) for row in table.rows}) == 1
    return table


def test_a_verdict_is_a_table_of_its_derivatives() -> None:
    verdict = check(lambda x, y: x * x * y, (3.0, 2.0), gradient=lambda x, y: (12.5, 9.0))
    table = shown(verdict)
    assert table.caption.startswith("disagrees: test_a_verdict_is_a_table_of_its_derivatives.<locals>.<lambda>, at x = 3, y = 2")
    assert table.rows[0] == ["derivative", "claimed", "expected", "bar", "by", "outcome"]
    assert [row[0] for row in table.rows[1:]] == ["d/dx", "d/dy"]
    assert table.rows[1][1:3] == ["12.5", "12.0"]
    assert [row[5] for row in table.rows[1:]] == ["disagrees", "agrees"]
    assert str(verdict).startswith("disagrees: d/dx is claimed to be 12.5")
    assert "\n  at x = 3, y = 2" in str(verdict)
    assert "on a kink of" in shown(check(abs, 0.0)).caption


def test_a_verdict_of_many_shows_those_to_look_at_first() -> None:
    verdict = check(lambda v: sum(x * x for x in v), ([float(i) for i in range(80)],))
    table = shown(verdict)
    assert len(table.rows) == 52
    assert table.rows[-1][0] == "30 others"
    assert verdict.worst.name in [row[0] for row in table.rows]


def test_a_program_is_a_table_of_its_statements() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    program = trace(lambda model, x, y: squared_error(model(x), y), model, [0.5, -1.0], 1.0)
    table = shown(program)
    assert table.caption == repr(program)
    lines = [line.split(None, 1) for line in str(program).split("\n")[1:]]
    assert len(table.rows) == 1 + len(lines)
    for row, line in zip(table.rows[1:], str(program).split("\n")[1:], strict=True):
        assert re.sub(r"\s+", "", "".join(row)) == re.sub(r"\s+", "", line)


def test_a_small_model_is_a_table_of_its_numbers_and_a_large_one_of_its_parts() -> None:
    small = MLP(1, [1], seed=0)
    loss = small([Value(1.0)]) ** 2
    loss.backward()
    table = shown(small)
    assert table.caption == repr(small)
    assert table.rows[0] == ["name", "data", "grad"]
    assert [row[0] for row in table.rows[1:]] == ["layer0.neuron0.w[0]", "layer0.neuron0.b"]
    assert [float(row[2]) for row in table.rows[1:]] == pytest.approx([p.grad for p in small.parameters()], rel=1e-5)
    large = MLP(3, [8, 1], seed=0)
    table = shown(large)
    assert [row[:2] for row in table.rows[1:]] == [["layer0", "32"], ["layer1", "9"]]
    weights = [p.data for p in large.layers[0].parameters()]
    assert [float(text) for text in table.rows[1][2:4]] == pytest.approx([min(weights), max(weights)], rel=1e-5)


class Many(Module):
    """Parts with names that are no names of Python's, constants, and no parameters at all."""

    def __init__(self, count: int) -> None:
        self.heads = {f"{BAD}{i}": Value(float(i)) for i in range(count)}
        if count > 1:
            self.heads["nan"] = Value(math.nan)
            self.frozen = Value(2.0, requires_grad=False)


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_texts_of_the_user_are_escaped(count: int) -> None:
    table = shown(Many(count))
    if count == 40:
        assert [row[0] for row in table.rows[1:]] == ["heads", "frozen"]
        assert table.rows[1][3] == "nan", "a nan is seen"
        assert table.rows[2][4] == "constant"
    elif count:
        assert table.rows[1][0].startswith("heads[")
        assert "<script>" in table.rows[1][0] or "..." in table.rows[1][0]


def test_a_part_of_many_is_counted() -> None:
    class Wide(Module):
        def __init__(self) -> None:
            for i in range(30):
                setattr(self, f"w{i}", Value(float(i)))

    table = shown(Wide())
    assert len(table.rows) == 26
    assert table.rows[-1][:2] == ["6 other parts", "6"]
