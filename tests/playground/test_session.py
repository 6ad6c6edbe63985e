"""What the page asks of the library, answered here by this Python: sketches, moves, views, and whatever a student types."""

import json
import math
from typing import Any

import pytest

from autograd_lite import hessian, tanh
from autograd_lite.playground.session import MOST_DEEP, MOST_PRINTED, Session
from autograd_lite.playground.site import templates
from autograd_lite.playground.sketch import Sketch
from tests.processes import run_python
from tests.running import compiled

UNIT = "n = w*x + b\ntanh(n)"
AT = {"w": "2.0", "x": "0.5", "b": "1.0"}


@pytest.fixture(autouse=True)
def _as_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_LITE_RENDERER", "builtin")


def ask(text: str, do: str = "passes", session: Session | None = None, **numbers: str) -> dict[str, Any]:
    request = {"do": do, "text": text, "numbers": numbers}
    found: dict[str, Any] = json.loads((session or Session(compiled)).answer(json.dumps(request)))
    return found


def error(text: str, do: str = "passes", **numbers: str) -> tuple[str, int | None]:
    found = ask(text, do, **numbers)["error"]
    return found["text"], found["line"]


# ---- a sketch and its inputs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "inputs"),
    {
        "tanh(w*x + b)": ["w", "x", "b"],
        "y = q * 2\ny + r": ["q", "r"],
        "def f(t):\n    return t * scale\nf(x)": ["scale", "x"],
        "[k * a for k in range(3)][2]": ["a"],
        "import math\nmath.pi * x": ["x"],
        "sum([x, y])": ["x", "y"],
        "pi * x + e": ["x"],
        "a = Value(2.0, label='left'); b = al.Value(-3)\na * b * c": ["a", "b", "c"],
        "a = Value(2.0)\na = a * 3": [],
        "a = Value(True)\na": [],
        "model = nn.MLP(2, [1], seed=0)\nmodel([u, v])": ["u", "v"],
        "def f():\n    global g\n    g = 2.0\nf()\ng * x": ["x"],
        "é = ß * 2\né": ["ß"],
        "lambda z: z": [],
        "": [],
    }.items(),
)
def test_what_is_given_nowhere_is_an_input(text: str, inputs: list[str]) -> None:
    assert list(Sketch(text, compiled).inputs) == inputs


def test_both_passes_of_a_unit() -> None:
    found = ask(UNIT, **AT)
    assert (found["value"], found["root"], found["operations"]) == ("0.964028", "L", 3)
    assert {each["name"]: each["grad"] for each in found["inputs"]} == {"w": "0.0353254", "x": "0.141302", "b": "0.0706508"}
    assert found["named"] == [["n", "2", "0.0706508"]]
    assert found["svg"].startswith("<svg")
    assert "tanh" in found["tree"]


def test_values_of_numbers_are_moved_where_they_stand() -> None:
    text = 'a = Value(2.0, label="left"); b = Value(-3.0); c = 10\nL = a * b + c'
    assert ask(text)["value"] == "4"
    found = ask(text, a="5.0")
    assert found["value"] == "-5"
    assert found["inputs"][0] == {"name": "a", "number": "5.0", "own": True, "grad": "-3"}
    assert "left" in found["svg"]


def test_the_value_is_that_of_the_last_line_or_the_last_that_was_named() -> None:
    assert ask("L = x * 3")["root"] == "L"
    assert ask("h = x\nfor k in range(3):\n    h = 2 * h")["value"] == "8"
    assert ask("L = x * 3\nL.label = 'loss'")["root"] == "loss"
    assert "svg" not in ask("[x, x]")
    assert "svg" not in ask("")


def test_a_sketch_that_calls_backward_itself_gets_the_same_slopes() -> None:
    assert ask("L = x * x\nL.backward()\nL.backward()\nL", x="3.0")["inputs"][0]["grad"] == "6"


def test_numbers_that_are_no_json_travel_as_texts() -> None:
    found = ask("x * 2", x="nan")
    assert (found["value"], found["inputs"][0]["number"]) == ("nan", "nan")
    assert ask("x * 2", x="-inf")["value"] == "-inf"
    assert ask("x * 2", x="-0.0")["value"] == "-0"


# ---- the other views ---------------------------------------------------------------------------------------------------------


def test_the_check_says_which_oracle_and_which_bar() -> None:
    found = ask(UNIT, "check", **AT)
    assert found["outcome"] == "agrees"
    assert [row[0] for row in found["rows"]] == ["d/dw", "d/dx", "d/db"]
    assert all(row[5] == "agrees" and 0.0 < float(row[3]) < 1e-9 for row in found["rows"])
    kink = ask("relu(x)", "check", x="0.0")
    assert any("documented convention" in row[4] for row in kink["rows"])


def test_what_drops_its_derivative_is_seen_by_differences() -> None:
    found = ask("x * exp(x.data)", "check", x="1.0")
    assert found.get("outcome") != "agrees"


def test_a_sketch_that_needs_values_is_checked_by_differences() -> None:
    found = ask("L = x * x\nL.backward()\nL", "check", x="3.0")
    assert found["outcome"] == "agrees"
    assert found["rows"][0][4] == "Richardson extrapolation"


def test_the_hessian() -> None:
    found = ask(UNIT, "hessian", **AT)
    expected = hessian(lambda w, x, b: tanh(w * x + b))(2.0, 0.5, 1.0)
    assert found["names"] == ["w", "x", "b"]
    assert found["rows"] == [[f"{number:.6g}" for number in row] for row in expected]
    assert "13 inputs make 169 second derivatives" in error("+".join("abcdfghijklmn"), "hessian")[0]


def test_the_steps_are_the_player() -> None:
    page = ask(UNIT, "steps", **AT)["page"]
    assert page.startswith("<!doctype html>")
    assert "http:" not in page.replace("http://www.w3.org", "")


def test_the_source_is_the_program_and_a_script_that_runs() -> None:
    found = ask(UNIT, "source", **AT)
    assert "tanh" in found["program"]
    assert "dL/dw += " in found["passes"]
    assert run_python(found["script"] + "\nprint(tanh(n).data)") == "0.9640275800758169\n"


def test_without_numpy_the_source_says_what_is_needed() -> None:
    script = """
        import builtins, json, sys
        sys.modules["numpy"] = None
        from autograd_lite.playground.session import Session
        from tests.running import compiled
        request = {"do": "source", "text": "x * x", "numbers": {}}
        print(json.loads(Session(compiled).answer(json.dumps(request)))["needed"])
    """
    assert "NumPy is needed for this and is not installed" in run_python(script)


def test_things_are_shown_as_pages() -> None:
    found = ask("show(record(x * y)); show('<b>'); show(check(lambda t: t * t, 2.0)); x * y")
    pages = found["shown"]
    assert len(pages) == 3
    assert "Steps of L" in pages[0]
    assert "&lt;b&gt;" in pages[1]
    assert found["value"] == "1"
    assert len(ask("for k in range(50):\n    show(k)")["shown"]) == 6


# ---- templates ---------------------------------------------------------------------------------------------------------------

TEMPLATES = {each["name"]: each for each in templates()}


def test_the_templates_that_an_hour_of_backpropagation_needs() -> None:
    assert list(TEMPLATES) == ["unit", "two-two-one", "xor", "micrograd", "saturated", "dead-relu", "exploding"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_runs_and_every_view_of_it(name: str) -> None:
    text, numbers = TEMPLATES[name]["text"], TEMPLATES[name]["numbers"]
    session = Session(compiled)
    found = ask(text, session=session, **numbers)
    assert "error" not in found
    assert set(numbers) == {each["name"] for each in found["inputs"] if not each["own"]}
    for view in ("steps", "check", "hessian", "source") if found["inputs"] else ("steps",):
        answer = ask(text, view, session, **numbers)
        assert "error" not in answer
        assert answer.get("outcome", "agrees") == "agrees"


def slopes(name: str) -> dict[str, float]:
    found = ask(TEMPLATES[name]["text"], **TEMPLATES[name]["numbers"])
    own = {each["name"]: float(each["grad"]) for each in found["inputs"]}
    return own | {each: float(slope) for each, _, slope in found["named"] if slope}


def test_the_four_equations_by_hand_are_what_the_engine_finds() -> None:
    template = TEMPLATES["two-two-one"]
    found = ask(template["text"], **template["numbers"])
    by_hand = {name: float(value) for name, value, slope in found["named"] if name.startswith("BP")}
    by_engine = slopes("two-two-one")
    pairs = {"BP1": "z", "BP2_1": "z1", "BP2_2": "z2", "BP3": "c", "BP4_v1": "v1", "BP4_11": "w11"}
    assert by_hand == {equation: by_engine[name] for equation, name in pairs.items()}
    assert by_hand["BP1"] == 0.0406811  # the published example's


def test_the_templates_show_what_their_titles_say() -> None:
    assert slopes("micrograd") == {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0, "e": -2.0, "d": -2.0, "L": 1.0}
    assert slopes("unit")["w1"] == 1.0
    assert abs(slopes("saturated")["w"]) < 0.003
    assert slopes("dead-relu")["w"] == slopes("dead-relu")["b"] == 0.0
    assert slopes("exploding")["x"] > 1e6
    printed = ask(TEMPLATES["xor"]["text"])["printed"]
    assert [round(float(line.split()[-1])) for line in printed.splitlines()] == [0, 1, 1, 0]


# ---- whatever is typed -------------------------------------------------------------------------------------------------------


def test_a_name_that_nobody_knows_is_told_as_python_tells_it() -> None:
    for text, name in [("x += 1\nx * x", "x"), ("nonsense(x)", "nonsense")]:
        assert error(text) == (f"NameError: name '{name}' is not defined", 1)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("y = x * 2\nlog(-y)", "`log(-(x * 2))` is not defined at -(x * 2) = -2.0", 2),
        ("x +", "SyntaxError: invalid syntax", 1),
        ("\nx ^ 2", "Write `x ** 2` for the power", 2),
        ("mse(x)", "here it is `autograd_lite.losses.squared_error`", 1),
        ("nonsense(x)", "NameError: name 'nonsense' is not defined", 1),
        ("1/0", "ZeroDivisionError", 1),
        ("import sys\nsys.exit(3)", "SystemExit: 3", 2),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("def f():\n    return f()\nf()", "RecursionError", 2),
        ("a = Value('3')", "Write float('3')", 1),
        ("x\0y", "null bytes", None),
        ("math.sin(x)", "autograd_lite.sin", 1),
    ],
)
def test_an_error_is_told_as_the_library_says_it_with_its_line(text: str, said: str, line: int | None) -> None:
    found, where = error(text)
    assert said in found
    assert where == line


def test_an_error_keeps_the_sliders_that_lead_back() -> None:
    found = ask("log(x)", x="-1.0")
    assert found["inputs"] == [{"name": "x", "number": "-1.0", "own": False}]
    assert ask("x +", x="-1.0")["inputs"] == []
    session = Session(compiled)
    ask("x * 2", session=session)
    assert ask("y +", session=session)["inputs"] == []


def test_a_view_of_nothing_says_so() -> None:
    assert error("5", "hessian") == ("the last line gives no Value: there is nothing to differentiate", None)
    assert "no inputs" in error("Value(2.0) * 3", "check")[0]
    assert "needs no gradient" in error("constant(2.0) * 3", "steps")[0]


def test_printing_has_an_end() -> None:
    printed = ask("for k in range(9000):\n    print('a' * 100)\nx")["printed"]
    assert MOST_PRINTED <= len(printed) < MOST_PRINTED + 30
    assert printed.endswith("... and more")


def test_a_deep_result_is_refused_and_taken_apart() -> None:
    text = f"L = x\nfor k in range({MOST_DEEP + 1}):\n    L = L * 1.0"
    found, _ = error(text)
    assert f"the result is {MOST_DEEP + 1:,} operations deep, and this page shows {MOST_DEEP:,}" in found
    assert ask(text.replace(str(MOST_DEEP + 1), str(MOST_DEEP)))["value"] == "1"


def test_there_are_as_many_inputs_as_sliders() -> None:
    assert len(ask("+".join(f"x{k}" for k in range(40)))["inputs"]) == 40
    assert error("+".join(f"x{k}" for k in range(41)))[0].startswith("41 inputs, and there is room for 40 sliders")


def test_labels_are_no_markup() -> None:
    found = ask('L = x * y\nL.label = "</text><script>alert(1)</script>"\nL')
    assert "<script" not in found["svg"]
    assert math.isfinite(found["milliseconds"])
