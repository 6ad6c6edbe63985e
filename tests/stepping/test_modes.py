"""The player's ways to step, its list, its quiz, its address and its keys, in a real browser."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.nn import MLP
from autograd_lite.stepping import BackwardStep, ForwardStep, Steps, record
from tests.browser import HOST, ROOT, Browser
from tests.stepping_graphs import neuron


def model() -> Value:
    """The squared error of two layers."""
    return (MLP(2, [3, 1], "tanh", seed=1)([Value(0.5, label="x1"), Value(-1.0, label="x2")]) - 1.0) ** 2


class Player:
    """The player of an open page."""

    def __init__(self, driven: Browser) -> None:
        self.browser = driven
        driven.wait(f"{HOST}?.steps !== undefined && {HOST}.page !== undefined")

    def ask(self, expression: str) -> Any:
        return self.browser.evaluate(expression.replace("$(", f"{ROOT}.querySelector("))

    @property
    def at(self) -> int:
        return int(self.ask(f"{HOST}.steps.at()"))

    def text(self, query: str) -> str:
        return str(self.ask(f"$({json.dumps(query)}).textContent"))

    def do(self, name: str) -> None:
        self.ask(f"$('[data-do={name}]').click()")

    def choose(self, query: str, value: Any) -> None:
        self.ask(
            f"(e => {{ e.value = {json.dumps(str(value))}; e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')); }})($('{query}'))"
        )

    def listed(self) -> list[str]:
        return list(self.ask("[...$('.list').options].map(o => o.textContent)"))

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        self.browser.press(key, times, shift)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Callable[..., Player]:
    def open_page(steps: Steps, **options: Any) -> Player:
        chromium.open(steps.save(tmp_path / "steps.html"), **options)
        return Player(chromium)

    return open_page


# ---- by edge, by value, by layer -------------------------------------------------------------------------------------------------


def test_by_value_all_edges_of_a_value_are_one_step(opened: Callable[..., Player]) -> None:
    steps = record(neuron())
    player = opened(steps)
    player.choose(".by", "value")
    stops = [0]
    while stops[-1] < len(steps):
        player.press("ArrowRight")
        stops.append(player.at)
    assert stops == [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 15], "one for each value; the edges of one value together"
    assert player.text(".phase") == "backward"
    assert player.text(".equation") == "dL/dx1 += dp1/dx1 * dL/dp1 = -1.5000\ndL/dw1 += dp1/dw1 * dL/dp1 = 1.0000"
    assert player.listed()[-1] == "15  backward through p1: 2 edges"
    player.press("ArrowLeft")
    assert player.at == 13
    player.press("Home")
    assert player.at == 0
    assert player.browser.errors == []


def test_by_layer_a_module_is_one_step_with_a_way_in(opened: Callable[..., Player]) -> None:
    steps = record(model())
    player = opened(steps)
    player.choose(".by", "layer")
    assert player.ask("getComputedStyle($('#n0').ownerSVGElement).display") == "none", (
        "the modules stand in the place of their values"
    )
    boxes = player.ask(f"[...{ROOT}.querySelectorAll('.module .label')].map(t => t.textContent)")
    assert sorted(boxes) == ["layer0, 15 values", "layer1, 5 values"]
    player.press("ArrowRight")
    assert player.at == 6
    assert "layer0" in player.text(".phase")
    first = player.text(".equation").split("\n")
    assert len(first) == 3, "the outputs of the layer"
    assert set(player.ask(f"[...{ROOT}.querySelector('.module.now').classList]")) >= {"module", "now"}
    player.do("open")
    assert player.at == 1, "its first step"
    assert player.ask("getComputedStyle($('#n0').ownerSVGElement).display") != "none"
    player.press("ArrowRight", 5)
    assert player.at == 6
    assert player.text("[data-do=open]") == "close layer0"
    player.press("ArrowRight")
    assert player.at == 7, "the next layer is one step"
    player.press("ArrowLeft")
    player.do("open")
    assert player.text("[data-do=open]") == "open layer0"
    player.press("End")
    assert player.at == len(steps)
    assert player.ask(f"{HOST}.steps.grads()") == [steps.grad(node) for node in steps.recording.nodes]
    player.press("Home")
    player.ask("$('.module').focus()")
    player.press("Enter")
    assert player.at == 1 or player.text("[data-do=open]").startswith("close"), "by the keyboard, too"
    assert player.browser.errors == []


def test_without_modules_there_are_no_layers(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    assert player.ask("[...$('.by').options].map(o => o.textContent)") == ["edge", "value"]


def test_the_numbers_of_layers_are_those_of_their_values(opened: Callable[..., Player]) -> None:
    root = model()
    steps = record(root)
    player = opened(steps)
    player.choose(".by", "layer")
    player.press("End")
    shown = player.ask(f"[...{ROOT}.querySelectorAll('.module')].map(g => [...g.querySelectorAll('text')].map(t => t.textContent))")
    table = {name.split(",")[0]: (data, grad) for name, data, grad in shown}
    inside = [i for i, node in enumerate(steps.recording.nodes) if str(node.label or "").startswith("layer1")]
    assert table["layer1"][0].startswith("out ")
    largest = max(abs(steps.recording.end[i]) for i in inside)
    assert float(table["layer1"][1].split()[-1]) >= float(f"{largest:.3f}") - 1e-3


# ---- what a step shows -----------------------------------------------------------------------------------------------------------


def test_the_form_of_books_is_shown_first_and_the_other_on_asking(opened: Callable[..., Player]) -> None:
    steps = record(neuron())
    player = opened(steps)
    player.ask(f"{HOST}.steps.go(7)")
    assert "(1 - L ** 2) * 1.0000" in player.text(".equation")
    player.do("digits")
    assert "(sech(v2) * sech(v2)) * 1.0000" in player.text(".equation")
    assert player.ask("$('[data-do=digits]').ariaPressed") == "true"
    player.do("digits")
    assert "(1 - L ** 2)" in player.text(".equation")
    player.press("ArrowRight")
    assert player.ask("$('[data-do=digits]').hidden"), "a sum has one form"


def test_local_derivatives_appear_when_the_forward_pass_reaches_them(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    local = "$('#e5_0 .local').textContent" if player.ask("Boolean($('#e5_0 .local'))") else "$('#e9_0 .local').textContent"
    everywhere = f"[...{ROOT}.querySelectorAll('.local')].filter(t => t.textContent).length"
    assert player.ask(everywhere) == 0
    assert player.ask(local) == ""
    counts = []
    for _ in range(5):
        player.press("ArrowRight")
        counts.append(player.ask(everywhere))
    assert counts == [2, 4, 6, 8, 9]
    player.press("ArrowLeft")
    assert player.ask(everywhere) == 8


def test_backward_steps_travel_backwards_along_the_edge(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    dots = f"[...{ROOT}.querySelectorAll('.pulse')].map(dot => dot.getAnimations()[0].effect.getKeyframes().map(frame => frame.offsetDistance))"
    player.press("ArrowRight")
    assert player.ask(dots) == [["0%", "100%"]] * 2, "forward, along both operands"
    path = "$('#e9_0 path').getAttribute('d')"
    forward = player.ask(path)
    player.ask(f"{HOST}.steps.go(6)")
    player.press("ArrowRight")
    assert player.ask(dots)[-1] == ["100%", "0%"]
    assert player.ask(path) != forward, "the head of the arrow is at the operand"
    player.press("ArrowRight")
    assert player.ask(path) == forward


def test_the_line_of_the_caller_stands_beside_its_steps(opened: Callable[..., Player]) -> None:
    x, w = Value(2.0), Value(-3.0)
    p = x * w
    out = p.tanh()
    player = opened(record(out))
    assert player.ask("$('.code').hidden")
    player.press("ArrowRight")
    assert player.text(".code") == "p = x * w"
    player.press("ArrowRight", 3)
    assert player.text(".code") == "out = p.tanh()"
    assert player.text("h1") == "Steps of out (L)"
    assert player.text("#n0 .label") == "x"


# ---- the list --------------------------------------------------------------------------------------------------------------------


def test_the_list_has_every_step_and_goes_to_the_one_chosen(opened: Callable[..., Player]) -> None:
    steps = record(neuron())
    player = opened(steps)
    assert len(player.listed()) == len(steps) + 1
    assert player.listed()[:2] == ["0  start", "1  p1 = x1 * w1"]
    assert player.listed()[15] == "15  dL/dw1 += dp1/dw1 * dL/dp1"
    player.choose(".list", 9)
    assert player.at == 9
    player.press("ArrowRight")
    assert player.ask("$('.list').selectedIndex") == 10
    player.ask("$('.list').focus()")
    player.press("ArrowDown")
    assert player.at == 11, "its own keys move it"
    player.press("Home")
    assert player.at == 0


# ---- the quiz --------------------------------------------------------------------------------------------------------------------


def test_the_quiz_asks_before_it_shows(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    player.do("quiz")
    player.do("next")
    assert player.at == 0, "not yet"
    assert player.text(".equation") == "p1\n  = x1 * w1\n  = 2.0000 * -3.0000\n  = ?"
    assert "-6.0" not in player.text(".graph")
    player.ask("$('.answer').focus()")
    for key in "-6":
        player.press(key)
    player.press("Enter")
    assert player.at == 1
    assert player.text(".phase b") == "right: 1 of 1"
    player.press("Enter")
    assert player.text(".equation").endswith("?")
    for key in "5":
        player.press(key)
    player.press("Enter")
    assert player.text(".phase b") == "no, not 5: 1 of 2"
    assert player.text(".equation").endswith("= 0")
    player.press("Enter", 2)
    assert player.at == 3, "an empty answer shows it"
    player.ask(f"{HOST}.steps.go(6)")
    player.do("next")
    asked = player.text(".equation")
    assert asked == "dL/dv2 += dL/dv2 * dL/dL\n  = (1 - L ** 2) * 1.0000\n  = ?"
    for key in "1/2":
        player.press(key)
    player.press("Enter")
    assert player.at == 7
    assert player.text(".phase b") == "right: 2 of 3"
    player.do("quiz")
    player.do("next")
    assert player.at == 8, "no longer asked"
    assert player.browser.errors == []


@pytest.mark.parametrize(
    ("x", "answers"), [(math.inf, ["inf", "Infinity"]), (0.5, ["1", "1.0", "1,0", "2/2"]), (-1.5, ["-3", "\u22123"])]
)
def test_answers_are_read_as_people_write_them(opened: Callable[..., Player], x: float, answers: list[str]) -> None:
    for answer in answers:
        player = opened(record(Value(x, label="x") * 2.0))
        player.do("quiz")
        player.do("next")
        player.ask(f"$('.answer').value = {json.dumps(answer)}")
        player.do("check")
        assert player.text(".phase b").startswith("right"), answer


# ---- addresses -------------------------------------------------------------------------------------------------------------------


def test_an_address_leads_to_a_step_and_follows_it(opened: Callable[..., Player]) -> None:
    steps = record(neuron())
    player = opened(steps, fragment="#14")
    assert player.at == 14
    assert player.text(".count") == "14 / 15"
    player.press("ArrowRight")
    player.browser.wait("location.hash === '#15'")
    player.browser.evaluate("location.hash = '#3'")
    player.browser.wait(f"{HOST}.steps.at() === 3")
    for fragment, wanted in (("#99", 15), ("#0", 0), ("#", 0), ("#x", 0), ("#-1", 0), ("#1e3", 0)):
        assert opened(steps, fragment=fragment).at == wanted, fragment
    assert player.browser.errors == []


def test_a_page_that_was_not_touched_keeps_its_address(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    player.browser.evaluate("new Promise(done => setTimeout(done, 500))")
    assert player.browser.evaluate("location.hash") == ""


# ---- keys and words --------------------------------------------------------------------------------------------------------------


def test_boxes_are_reached_and_used_by_keys(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    stops = f"[...{ROOT}.querySelectorAll('.node')].filter(g => g.tabIndex === 0).length"
    assert player.ask(stops) == 1, "one box is a stop of Tab"
    player.ask("$('#n0').focus()")
    focused = f"{ROOT}.activeElement.id"
    player.press("ArrowDown", 2)
    assert player.ask(focused) == "n2"
    assert player.ask(stops) == 1
    player.press("ArrowUp")
    assert player.ask(focused) == "n1"
    player.press("Enter")
    rows = f"[...{ROOT}.querySelectorAll('tbody tr')].map(row => row.cells[0].textContent)"
    assert player.ask(rows) == ["w1"]
    assert player.ask("$('#n1').ariaPressed") == "true"
    player.press(" ")
    assert player.ask(rows) == []
    player.press("ArrowRight")
    assert player.at == 1, "left and right are steps, wherever"
    player.press("Enter", shift=True)
    assert player.at == 15, "runs to the next step that touches w1"
    player.press("ArrowUp", 5)
    assert player.ask(focused) == "n0"
    assert player.ask("$('#n0').role") == "button"


def test_a_legend_and_a_title(opened: Callable[..., Player], tmp_path: Path) -> None:
    steps = record(neuron())
    player = opened(steps)
    assert player.text(".legend").startswith("gradient above 0below 0exactly 0constantthis stepreceives")
    assert player.text("h1") == "Steps of L"
    assert "<title>a &lt;neuron&gt;</title>" in steps.html("a <neuron>")
    player.browser.open(steps.save(tmp_path / "titled.html", "a <neuron>"))
    assert Player(player.browser).text("h1") == "a <neuron>"
    assert player.browser.evaluate("document.title") == "a <neuron>"


@pytest.mark.parametrize(
    ("answer", "said"),
    [("0", "no, not 0: 0 of 1"), ("3e-5", "right: 1 of 1"), ("3/100000", "right: 1 of 1"), ("6/2/1e5", "no, not 6/2/1e5: 0 of 1")],
)
def test_a_small_number_is_asked_for_with_its_digits(opened: Callable[..., Player], answer: str, said: str) -> None:
    """A gradient that vanishes is not 0, and the quiz took 0 for it."""
    player = opened(record(Value(1.0, label="x") * 3e-5))
    player.do("quiz")
    player.press("ArrowRight")
    player.choose(".answer", answer)
    player.do("check")
    assert player.text(".phase b") == said


def test_at_a_projectors_size_the_graph_is_seen_and_a_quiz_hides_no_equation(opened: Callable[..., Player]) -> None:
    """Set larger, the graph of a network was two pixels high; the field of the quiz lay upon the equation."""
    player = opened(record(model()), width=1024, height=768)
    player.do("present")
    width, height = player.ask("(b => [b.width, b.height])($('.graph').getBoundingClientRect())")
    assert width > 600
    assert height > 150
    player.do("present")
    player.do("quiz")
    player.press("ArrowRight")
    assert player.ask("$('.answer').getBoundingClientRect().top >= $('.equation').getBoundingClientRect().bottom")


def test_there_is_a_word_where_scripts_are_switched_off(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(record(neuron()).save(tmp_path / "steps.html"), scripts=False)
    shown = chromium.locate("main").inner_text()
    assert "Steps of L: this page moves by JavaScript, which is switched off here." in shown
    assert "print(steps)" in shown


def test_with_less_motion_nothing_travels(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()))
    player.browser.locate("body").page.emulate_media(reduced_motion="reduce")
    player.press("ArrowRight")
    assert player.ask(f"{ROOT}.querySelectorAll('.pulse').length") == 0


def test_every_mode_says_what_python_says_at_every_step(opened: Callable[..., Player]) -> None:
    steps = record(model())
    player = opened(steps)
    for mode in ("edge", "value", "layer"):
        player.choose(".by", mode)
        for k, step in enumerate(steps, 1):
            player.ask(f"{HOST}.steps.go({k})")
            assert player.ask(f"{HOST}.steps.sentence({k})") == str(step)
            assert isinstance(step, ForwardStep | BackwardStep) or step.number == len(steps.forward)
    assert player.browser.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_where_a_layer_is_one_box_and_the_quiz_asks(opened: Callable[..., Player], dark: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core comes with axe-playwright-python, of the extra `test`")
    player = opened(record(model()), dark=dark)
    player.choose(".by", "layer")
    player.press("ArrowRight")
    player.do("quiz")
    player.press("ArrowRight")
    assert player.text(".equation").endswith("?")
    player.browser.run((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = player.browser.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html).join()]))")
    assert found == []
