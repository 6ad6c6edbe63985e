"""Names and lines of the caller: what is told is so, what is not known is not told, and nothing of the caller's is executed."""

import linecache
import sys
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import Value, constant, tanh, total
from autograd_lite.drawing import draw
from autograd_lite.drawing.live.callers import MOST_ITEMS
from autograd_lite.nn import MLP
from autograd_lite.stepping import ForwardStep, Steps, record
from tests.stepping_graphs import table_of


def lines(steps: Steps) -> dict[str, str]:
    return {step.name: step.code for step in steps.forward if isinstance(step, ForwardStep)}


def test_values_without_a_label_are_called_as_the_caller_calls_them() -> None:
    x, w = Value(2.0), Value(-3.0)
    ws = [Value(0.5), Value(0.25)]
    table = {"bias": Value(1.0), 3: Value(2.0)}
    p = x * w
    out = tanh(p + table["bias"]) * ws[0] + ws[1] * table[3]
    steps = record(out)
    assert set(steps.recording.names) >= {"x", "w", "p", "ws[0]", "ws[1]", "table['bias']", "table[3]", "L"}
    assert str(steps[0]) == "p = x * w = 2.0000 * -3.0000 = -6.0000"
    assert steps.at("out").number == steps.at("L").number
    assert steps.grad("ws[0]") == steps.grad(ws[0])


def test_a_label_wins_and_no_two_values_have_one_name() -> None:
    a, b = Value(1.0, label="b"), Value(2.0)
    v1 = a * b + 1.0
    found = record(tanh(v1)).recording.names
    assert found == ["b", "v2", "v3", "1", "v1", "L"], "`b` is a label already, and `v1` a variable"


def test_live_pictures_call_them_so_too() -> None:
    x, w = Value(2.0), Value(-3.0)
    p = x * w
    root = tanh(p)
    assert [row[1] for row in table_of(draw(root).html())["nodes"]] == ["x", "w", "p", "L"]
    assert [row[1] for row in table_of(draw(lambda: tanh(x * w)).html())["nodes"]] == ["x", "w", "v1", "L"]


def test_nothing_of_the_callers_is_kept() -> None:
    x, other = Value(2.0), Value(3.0) * Value(4.0)
    before = sys.getrefcount(other)
    shown = [record(x * x), record(lambda: x * x), draw(x * x), draw(lambda: x * x)]
    assert sys.getrefcount(other) == before
    assert len(shown) == 4


def test_what_locals_gave_to_somebody_stays_as_it_is() -> None:
    x = Value(2.0)
    mine = locals()
    steps = record(x * x)
    assert mine["x"] is x
    assert steps.recording.names == ["x", "L"]


def test_numbers_stay_numbers() -> None:
    half = constant(0.5)
    x = Value(1.0)
    assert record(x * half).recording.names == ["x", "0.5", "L"]


def test_every_step_knows_its_line() -> None:
    x, w, b = Value(2.0), Value(-3.0), Value(1.0)
    h = tanh(x * w + b)
    out = (h - 0.5) ** 2
    assert lines(record(out)) == {
        "v1": "h = tanh(x * w + b)",
        "v2": "h = tanh(x * w + b)",
        "h": "h = tanh(x * w + b)",
        "v3": "out = (h - 0.5) ** 2",
        "L": "out = (h - 0.5) ** 2",
    }
    steps = record(tanh(h * w))
    assert lines(steps)["v3"] == lines(steps)["L"] == "steps = record(tanh(h * w))"


def test_a_line_that_is_not_known_is_not_told() -> None:
    x, w = Value(2.0), Value(0.5)
    t = x * w
    y = tanh(t)
    t = y + 1.0  # x * w has no name any more: it was not computed on the line of y
    steps = record(t * t)
    assert lines(steps) == {"v1": "", "y": "y = tanh(t)", "t": "", "L": "steps = record(t * t)"}
    gone = x * w
    z = tanh(gone)
    del gone
    found = lines(record(z))
    assert found == {"v1": "", "L": "z = tanh(gone)"}
    shared = tanh(x * w)
    one, other = shared * 2.0, shared * 3.0
    del shared
    both = total([one, other])
    assert lines(record(both))["v2"] == ""


def test_in_loops_the_last_value_has_its_line_and_the_others_none() -> None:
    x, ws = Value(2.0), [Value(0.5), Value(0.25), Value(0.125)]
    parts = []
    for w in ws:
        part = tanh(x * w)
        parts.append(part)
    steps = record(total(parts))
    assert set(steps.recording.names) >= {"parts[0]", "parts[1]", "part"}
    found = lines(steps)
    assert found["part"] == "part = tanh(x * w)"
    assert found["parts[0]"] == found["parts[1]"] == ""


def neuron(x: Value, w: Value, b: Value) -> Value:
    act = x * w + b
    return act.tanh()


def test_a_function_is_watched_while_it_runs() -> None:
    x, w, b = Value(2.0), Value(-3.0), Value(1.0)

    def loss() -> Value:
        first = neuron(x, w, b)
        return (first - 0.5) ** 2 + neuron(w, w, b)

    before = sys.getprofile()
    found = lines(record(loss))
    assert sys.getprofile() is before
    assert found == {
        "v1": "act = x * w + b",
        "act": "act = x * w + b",
        "first": "return act.tanh()",
        "v2": "return (first - 0.5) ** 2 + neuron(w, w, b)",
        "v3": "return (first - 0.5) ** 2 + neuron(w, w, b)",
        "v4": "act = x * w + b",
        "act#2": "act = x * w + b",
        "v5": "return act.tanh()",
        "L": "return (first - 0.5) ** 2 + neuron(w, w, b)",
    }


def test_parameters_of_functions_are_no_names() -> None:
    def square(z: Value) -> Value:
        return z * z

    a = Value(2.0)
    assert record(lambda: square(a + 1.0)).recording.names == ["a", "1", "v1", "L"]


def test_whoever_watches_already_goes_on_watching() -> None:
    x = Value(2.0)
    seen: list[str] = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        seen.append(event)

    before = sys.getprofile()
    try:
        sys.setprofile(watch)
        steps = record(lambda: tanh(x * x))
        assert sys.getprofile() is watch
    finally:
        sys.setprofile(before)
    assert seen
    assert steps.recording.names[0] == "x", "the caller's own variables are known without it"
    with pytest.raises(ZeroDivisionError):
        record(lambda: x / 0.0)
    assert sys.getprofile() is before


def test_code_without_a_source_has_names_and_no_lines() -> None:
    space: dict[str, Any] = {"Value": Value, "record": record}
    exec("x = Value(2.0)\ny = x * x\nsteps = record(y)", space)
    assert space["steps"].recording.names == ["x", "L"]
    assert lines(space["steps"]) == {"L": ""}


def run_cells(*cells: str) -> dict[str, Any]:
    """What a notebook's cells leave, run as IPython runs them."""
    space: dict[str, Any] = {"Value": Value, "record": record, "tanh": tanh}
    names = [f"/tmp/ipykernel_1/{k}.py" for k in range(len(cells))]
    try:
        for name, cell in zip(names, cells, strict=True):
            linecache.cache[name] = (len(cell), None, cell.splitlines(True), name)
            if not cell.startswith("%"):
                exec(compile(cell, name, "exec"), space)
    finally:
        for name in names:
            linecache.cache.pop(name, None)
    return space


def test_lines_of_earlier_cells_of_a_notebook_are_known_if_one_alone_has_the_name() -> None:
    cells: tuple[str, ...] = "x, w = Value(2.0), Value(-3.0)\nh = x * w\n", "y = tanh(h)", "steps = record(y)"
    assert lines(run_cells("%magic is no Python", *cells)["steps"]) == {"h": "h = x * w", "L": "y = tanh(h)"}
    again = "h = x + w\n"
    assert lines(run_cells(cells[0], again, *cells[1:])["steps"]) == {"h": "", "L": "y = tanh(h)"}


def test_a_variable_that_another_function_binds_has_no_line() -> None:
    source = """
x, w = Value(2.0), Value(-3.0)
h = x * w
def other():
    global h
    h = x + w
other()
y = tanh(h)
steps = record(y)
"""
    assert lines(run_cells(source)["steps"]) == {"h": "", "L": "y = tanh(h)"}


class Refuses:
    """Whatever is asked of it is counted."""

    asked = 0

    def __getattribute__(self, name: str) -> Any:
        Refuses.asked += 1
        raise AssertionError(name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        Refuses.asked += 1
        return Value

    def __iter__(self) -> Any:
        Refuses.asked += 1
        raise AssertionError

    def __len__(self) -> int:
        Refuses.asked += 1
        raise AssertionError

    def __eq__(self, other: object) -> bool:
        Refuses.asked += 1
        raise AssertionError

    __hash__ = None  # type: ignore[assignment]


class Dictionary(dict[Any, Any]):
    def items(self) -> Any:
        raise AssertionError("a dictionary of the caller's own kind is not asked")


def test_nothing_of_the_callers_is_executed() -> None:
    thing, things, own = Refuses(), [Refuses()], Dictionary(a=1)
    loop: list[Any] = [things]
    loop.append(loop)
    deep: Any = Value(3.0)
    for _ in range(5000):
        deep = [deep]
    many = [Value(0.0)] * (3 * MOST_ITEMS)
    x = Value(2.0)
    assert record(x * x).recording.names == ["x", "L"]
    assert record(lambda: x * x).recording.names == ["x", "L"]
    assert Refuses.asked == 0
    assert (type(thing), len(own), len(many)) == (Refuses, 1, 3 * MOST_ITEMS)


def test_names_with_markup_and_odd_ones_are_text() -> None:
    table = {"</script><b>\n": Value(2.0), "": Value(3.0), "\x1b[2J": Value(4.0)}
    page = record(total(list(table.values()))).html()
    assert "</script><b>" not in page
    assert "\x1b" not in page


class _Kept:
    h: Value


_kept: dict[str, Value] = {}


def _once(a: Value, b: Value) -> Value:
    return _kept.setdefault("h", a * b)


def test_what_was_computed_before_does_not_get_the_line_that_took_it() -> None:
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    _h = a * b
    steps = record(_h + c)
    assert [step.code for step in steps.forward] == ["_h = a * b", "steps = record(_h + c)"]

    kept = _Kept()
    kept.h = a * c
    of_object = kept.h + b
    assert [step.code for step in record(of_object).forward] == ["", "of_object = kept.h + b"]

    listed = [b * c]
    of_list = listed[0] + a
    listed.clear()
    assert [step.code for step in record(of_list).forward] == ["", "of_list = listed[0] + a"]

    _once(a, b)
    of_function = _once(a, b) + c
    _kept.clear()
    assert [step.code for step in record(of_function).forward] == ["", "of_function = _once(a, b) + c"]


def test_a_line_that_chose_among_values_is_not_the_one_that_computed_them() -> None:
    a = Value(2.0)
    losses = [a * 3.0, a * 4.0]
    best = max(losses, key=lambda loss: loss.data)
    last = losses.pop()
    first = (lambda all_of_them: all_of_them[0])(losses)
    for chosen in (best, last, first):
        assert record(chosen + 1.0).forward[0].code == ""


def test_the_inside_of_a_function_and_of_a_model_has_the_line_that_called_it() -> None:
    w, b, x = Value(2.0), Value(0.5), Value(0.25)

    def neuron(v: Value) -> Value:
        return tanh(v * w + b)

    model = MLP(1, [1], seed=0)
    y = neuron(x)
    assert {step.code for step in record(y).forward} == {"y = neuron(x)"}
    squared = (model([x]) - 1.0) ** 2
    assert {step.code for step in record(squared).forward} == {"squared = (model([x]) - 1.0) ** 2"}


_shadowed = shadowed = Value(7.0)


def test_a_variable_that_hides_another_one_has_its_name_alone() -> None:
    shadowed = Value(1.0)
    assert record(_shadowed * shadowed).recording.names == ["v1", "shadowed", "L"]


def test_the_last_of_a_list_is_not_called_as_the_loop_over_it() -> None:
    weights = [Value(1.0), Value(2.0)]
    for weight in weights:
        weight.grad = 0.0
    assert record(weights[0] * weights[1]).recording.names == ["weights[0]", "weights[1]", "L"]


def test_a_label_that_looks_like_the_second_of_a_name_is_told_apart() -> None:
    x, y, z = Value(1.0, label="x"), Value(2.0, label="x"), Value(3.0, label="x#2")
    found = record(x * y * z).recording.names
    assert len(set(found)) == len(found) and found[-2] == "x#2"


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x * x])
def test_a_leaf_alone_and_a_root_given_by_a_function(make: Callable[[Value], Value]) -> None:
    x = Value(3.0, label="x")
    assert len(record(lambda: make(x))) >= 1
