"""The player in a real browser: every control does what it says, wherever the page stands, and nothing reaches the console."""

import contextlib
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, constant, topological_order
from autograd_lite.stepping import ForwardStep, Steps, record
from tests.browser import HOST, ROOT, Browser
from tests.stepping_graphs import network, neuron


class Player:
    """A player in an open page, or in one of its frames."""

    def __init__(self, driven: Browser, frame: int = 0, offset: tuple[float, float] = (0.0, 0.0)) -> None:
        self.browser, self.frame, self.offset = driven, frame, offset
        driven.wait(f"{HOST}?.steps !== undefined", frame)

    def ask(self, expression: str) -> Any:
        return self.browser.evaluate(expression, self.frame)

    @property
    def at(self) -> int:
        return int(self.ask(f"{HOST}.steps.at()"))

    def text(self, query: str) -> str:
        return str(self.ask(f"{ROOT}.querySelector({json.dumps(query)}).textContent"))

    def classes(self, query: str) -> set[str]:
        return set(self.ask(f"[...{ROOT}.querySelector({json.dumps(query)}).classList]"))

    def click(self, query: str, count: int = 1) -> None:
        box = f"{ROOT}.querySelector({json.dumps(query)}).getBoundingClientRect()"
        middle = f"(b => [b.x + b.width / 2, b.y + b.height / 2])({box})"
        x, y = self.ask(middle)
        if query.startswith("#"):  # a box of the picture, which is fitted again a moment after a click that took its room
            time.sleep(0.5)
            x, y = self.ask(middle)
        for _ in range(20):
            self.browser.click(x + self.offset[0], y + self.offset[1], count)
            # A frame of another process is not hit before it has been painted, and has the keys only a moment after that.
            with contextlib.suppress(TimeoutError):
                return self.browser.wait("document.hasFocus()", self.frame, patience=1.0)
        raise AssertionError(f"no click on {query} arrived in frame {self.frame}")

    def rows(self) -> list[list[str]]:
        cells = "[...row.cells].slice(0, 4).map(cell => cell.textContent)"
        found: list[list[str]] = self.ask(f"[...{ROOT}.querySelectorAll('tbody tr')].map(row => {cells})")
        return found


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Callable[..., Player]:
    def open_page(steps: Steps, **options: Any) -> Player:
        chromium.open(steps.save(tmp_path / "steps.html"), **options)
        return Player(chromium)

    return open_page


def drive(player: Player) -> None:
    """The exercise of every place a player may stand in: keys, slider, play, and clicks on values, with asserted states."""
    press = player.browser.press
    assert player.at == 0
    assert player.text(".count") == "0 / 15"
    assert "wait" in player.classes("#n2"), "no value is computed yet"
    player.click(".help")
    press("ArrowRight", 5)
    assert player.at == 5
    assert player.text(".phase") == "forward"
    assert player.text(".equation") == "L\n  = tanh(v2)\n  = tanh(0.8814)\n  = 0.7071"
    press("ArrowLeft")
    assert player.at == 4
    assert "now" in player.classes("#n8")
    assert "wait" in player.classes("#n9")
    press("End")
    assert player.at == 15
    assert player.text("#n1 .grad") == "grad 1.0000"
    assert "pos4" in player.classes("#n1")
    assert player.text(".equation").endswith("= 1.0000   [0 -> 1.0000]")
    press("Home")
    assert player.at == 0
    assert player.text("#n1 .grad") == ""
    slider = f"{ROOT}.querySelector('.at')"
    player.ask(f"{slider}.value = 7, {slider}.dispatchEvent(new Event('input'))")
    assert player.at == 7
    assert {"on", "used"} <= player.classes("#e9_0")
    assert "to" in player.classes("#n8")
    player.click("#n1")
    assert player.rows() == [["w1", "-3.0000", "0", ""]]
    player.click("#n8")
    assert player.rows()[1] == ["v2", "0.8814", "0.5000", "+ 0.5000"]
    player.click("tbody tr:first-child button:first-child")  # run to w1
    assert player.at == 15
    press("Home")
    player.click(".help")  # away from the button: Space would press it again
    player.ask(f"{ROOT}.querySelector('.speed').value = '150'")
    press(" ")
    player.browser.wait(f"{HOST}.steps.at() >= 4", player.frame)
    press(" ")
    paused = player.at
    time.sleep(0.4)
    assert player.at == paused
    assert player.browser.errors == []


def test_as_a_file(opened: Callable[..., Player]) -> None:
    drive(opened(record(neuron())))


def test_inside_a_sandboxed_frame(chromium: Browser, tmp_path: Path) -> None:
    page = tmp_path / "frames.html"
    shown = record(neuron())._repr_mimebundle_()["text/html"]
    page.write_text(f"<!doctype html><style>iframe{{height:800px!important}}</style>{shown}", "utf-8")
    drive(in_frame(chromium, page))


def in_frame(chromium: Browser, page: Path) -> Player:
    """The player in the first frame of a page."""
    chromium.open(page, height=1200)
    chromium.wait("document.querySelector('iframe') !== null")
    Player(chromium, 1)
    x, y = chromium.evaluate("(b => [b.x + 1, b.y + 1])(document.querySelector('iframe').getBoundingClientRect())")
    return Player(chromium, 1, (x, y))


def test_inside_the_html_of_nbconvert(chromium: Browser, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs the notebook extra: nbformat and nbconvert")
    nbconvert = pytest.importorskip("nbconvert", reason="needs the notebook extra: nbformat and nbconvert")
    bundle = record(neuron())._repr_mimebundle_()
    bundle["text/html"] = bundle["text/html"].replace('height="', 'height="800" data-was="', 1)
    output = nbformat.v4.new_output("display_data", data=bundle)
    cell = nbformat.v4.new_code_cell("steps", outputs=[output], execution_count=1)
    elsewhere = dict.fromkeys(
        ("mathjax_url", "require_js_url", "jquery_url", "mermaid_js_url"), ""
    )  # its own scripts, from networks
    language = {"language_info": {"name": "python", "pygments_lexer": "python"}}  # the default one asks for IPython
    body, _ = nbconvert.HTMLExporter(**elsewhere).from_notebook_node(nbformat.v4.new_notebook(cells=[cell], metadata=language))
    page = tmp_path / "notebook.html"
    page.write_text(body, "utf-8")
    drive(in_frame(chromium, page))


def test_several_players_stand_in_one_document(chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    first, second = (record(root)._repr_mimebundle_()["text/html"] for root in (neuron(), Value(3.0, label="q") ** 2.0))
    page = tmp_path / "two.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{first}{second}", "utf-8")
    chromium.open(page)
    chromium.evaluate(f"{HOST}.steps.go(5)")
    every = "[...document.querySelectorAll('.autograd-lite-player')]"
    assert chromium.evaluate(f"{every}.map(host => host.steps.at())") == [5, 0]
    Player(chromium).click(".help")
    chromium.press("ArrowRight")
    assert chromium.evaluate(f"{every}.map(host => host.steps.at())") == [6, 0], "keys reach the player that has the focus"
    assert chromium.errors == []


def everything() -> Value:
    """A graph with all that makes words and numbers special."""
    a, b, c = Value(-2.0, label="a b"), Value(1e-9, label="ß"), Value(3.5)
    c.grad = 0.25
    parts = [
        a**2.0,
        a * a * b,
        ag.dot([a, b, c], [c, -1.5, a], 0.5),
        ag.logsumexp([a, b, c]),
        -c / a,
        constant(-4.0, "k") * b,
        b.relu(),
    ]
    return ag.total([*parts, *parts[:2], (a * 1e200) * 1e100 * 0.0])


@pytest.mark.parametrize("make", [neuron, everything, lambda: Value(3.0, label="x"), lambda: Value(math.nan, label="n") * math.inf])
def test_the_page_says_and_computes_what_python_does(opened: Callable[..., Player], make: Callable[[], Value]) -> None:
    root = make()
    steps = record(root, gradient=0.7)
    player = opened(steps)
    assert player.ask(f"{HOST}.steps.frames") == len(steps)
    for k, step in enumerate(steps, 1):
        assert player.ask(f"{HOST}.steps.sentence({k})") == str(step)
    player.ask(f"{HOST}.steps.go(1e9)")
    shown = player.ask(f"{HOST}.steps.grads().map(String)")
    root.backward(0.7)
    wanted = [value.grad for value in topological_order(root)]
    assert [float(text.replace("Infinity", "inf")) for text in shown] == pytest.approx(wanted, rel=0.0, abs=0.0, nan_ok=True)
    player.ask(f"{HOST}.steps.go(0)")
    start = [value.grad if value.primitive is None else 0.0 for value in topological_order(make())]
    assert player.ask(f"{HOST}.steps.grads()") == start
    assert player.browser.errors == []


def test_a_slice_plays_from_where_it_begins(opened: Callable[..., Player]) -> None:
    steps = record(everything())
    for part in (steps[10:20], steps[3:30], steps[-4:]):
        player = opened(part)
        assert player.text(".count") == f"0 / {len(part)}"
        for k, step in enumerate(part, 1):
            assert player.ask(f"{HOST}.steps.sentence({k})") == str(step)
        assert player.browser.errors == []


def test_a_flagged_step_pauses(opened: Callable[..., Player]) -> None:
    steps = record(Value(20.0, label="x").tanh() * 2.0)
    player = opened(steps)
    player.ask(f"{ROOT}.querySelector('.speed').value = '150'")
    player.click("[data-do=play]")
    wanted = steps.flags[0].number + 1
    player.browser.wait(f"{HOST}.steps.at() === {wanted}")
    time.sleep(0.5)
    assert player.at == wanted
    assert player.text(".flag") == "vanishing"
    assert player.ask(f"{ROOT}.querySelector('[data-do=play]').title") == "Play (Space)"


def test_contributions_are_counted_in_a_badge(opened: Callable[..., Player]) -> None:
    x = Value(3.0, label="x")
    player = opened(record(x * x))
    player.ask(f"{HOST}.steps.go(3)")
    assert player.text(".phase b") == "1 of 2 contributions"
    player.browser.press("ArrowRight")
    assert player.text(".phase b") == "2 of 2 contributions"


def test_buttons_values_and_keys_with_shift(opened: Callable[..., Player]) -> None:
    steps = record(neuron())
    player = opened(steps)
    player.click("[data-do=last]")
    assert player.at == 15
    player.click("[data-do=back]")
    assert player.at == 14
    player.click("[data-do=first]")
    player.click("[data-do=next]")
    assert player.at == 1
    player.click("#n4", count=2)  # run to w2
    assert isinstance(steps[player.at - 1], ForwardStep)
    assert steps[player.at - 1].node.label == "p2"
    assert [row[0] for row in player.rows()] == ["w2"]
    player.click("[data-do=last]")
    player.browser.press("ArrowLeft", shift=True)
    assert player.at == 14, "the first step of the same value"
    player.browser.press("ArrowLeft", shift=True)
    assert steps[player.at - 1].node is not steps[14].node
    width = f"{ROOT}.querySelector('.graph svg').getBoundingClientRect().width"
    before = player.ask(width)
    player.click("[data-do=in]")
    assert player.ask(width) > before
    player.click("[data-do=fit]")
    assert player.ask(width) <= player.ask(f"{ROOT}.querySelector('.graph').clientWidth")


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground_in_both_schemes(opened: Callable[..., Player], dark: bool) -> None:
    player = opened(record(neuron()), dark=dark)
    for query in (".equation", ".help", ".phase"):
        colour = player.ask(f"getComputedStyle({ROOT}.querySelector('{query}')).color")
        ground = player.ask(f"getComputedStyle({ROOT}.querySelector('.player')).backgroundColor")
        assert contrast(colour, ground) >= 4.5, query


def contrast(colour: str, ground: str) -> float:
    """The contrast ratio of two colours (WCAG 2, section 1.4.3)."""

    def luminance(text: str) -> float:
        channels = [int(part) / 255 for part in text[4:-1].split(",")]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_at_twice_the_size_everything_is_within_the_width(opened: Callable[..., Player]) -> None:
    player = opened(record(neuron()), zoom=2.0)
    player.ask(f"{HOST}.steps.go(15)")
    assert player.ask("document.documentElement.scrollWidth <= innerWidth")
    edges = f"[...{ROOT}.querySelectorAll('button, select, .at, .equation')].map(e => e.getBoundingClientRect().right)"
    assert max(player.ask(edges)) <= player.ask("innerWidth")
    assert player.ask(f"{ROOT}.querySelector('.step').getAttribute('aria-live')") == "polite"


def test_a_thousand_values_step_within_a_display_frame(opened: Callable[..., Player]) -> None:
    steps = record(network([2, 16, 16, 1]))
    player = opened(steps)
    measure = f"""(async () => {{
        const times = [], frame = () => new Promise(requestAnimationFrame);
        for (let k = 900; k < 940; k++) {{
            await frame();
            const before = performance.now();
            {HOST}.steps.go(k);
            {ROOT}.querySelector('.graph').getBoundingClientRect();
            times.push(performance.now() - before);
        }}
        return times.sort((a, b) => a - b)[20];
    }})()"""
    player.ask(f"{HOST}.steps.go(899)")
    assert player.ask(measure) < 50.0, "milliseconds, typically 2; a display frame is 16"
    assert player.browser.errors == []
