"""A picture under the pointer, in a real Chromium: the ways through a value light up, and a frame folds."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograd_lite import Value, tanh
from autograd_lite.drawing import Graph, draw
from autograd_lite.drawing.live.page import alive
from autograd_lite.losses import cross_entropy
from autograd_lite.nn import MLP
from tests.browser import ROOT, Browser, axe_findings
from tests.drawing.test_pictures import RENDERERS, logits

LIT = "[...document.querySelectorAll('.agl-lit')].map(g => g.id).sort()"
SHOWN = "[...document.querySelectorAll('.node')].filter(g => g.getBoundingClientRect().width).map(g => g.id)"


def chain() -> Graph:
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    return draw(tanh(x * 2.0) + tanh(y))


def network() -> Graph:
    loss = (MLP(2, [3, 1], "tanh", seed=0)([0.5, -1.0]) - 1.0) ** 2
    loss.backward()
    return draw(loss)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("kind", ["svg", "html"])
def test_a_pointer_on_a_box_lights_the_ways_through_it(chromium: Browser, tmp_path: Path, renderer: str, kind: str) -> None:
    page = tmp_path / f"picture.{kind}"
    svg = alive(chain().svg(renderer))
    page.write_text(svg if kind == "svg" else f"<!doctype html><p>one</p>{svg}<p>the same again</p>{svg}")
    chromium.open(page)
    assert chromium.evaluate(LIT) == []
    chromium.locate("#n2").first.hover()  # x * 2
    assert chromium.evaluate(LIT) == ["e2_0", "e2_1", "e3_0", "e6_0", "n0", "n1", "n2", "n3", "n6"]
    chromium.locate("#n5").first.hover()  # tanh(y)
    assert chromium.evaluate(LIT) == ["e5_0", "e6_1", "n4", "n5", "n6"]
    chromium.run("document.querySelector('svg').dispatchEvent(new PointerEvent('pointerleave'))")
    assert chromium.evaluate(LIT) == []
    assert chromium.errors == []


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_click_on_a_frame_folds_it_and_another_opens_it(chromium: Browser, tmp_path: Path, renderer: str) -> None:
    graph = network()
    page = tmp_path / "picture.svg"
    page.write_text(alive(graph.svg(renderer)))
    chromium.open(page, width=1600, height=1200)
    inside = {node.id for node in graph.scene.nodes if node.cluster == 0}
    everything = {node.id for node in graph.scene.nodes}
    frame = chromium.locate(".cluster").first
    assert set(chromium.evaluate(SHOWN)) == everything
    frame.locator("text").click()
    assert set(chromium.evaluate(SHOWN)) == everything - inside
    assert chromium.locate("#c0").get_attribute("aria-expanded") == "false"
    chromium.locate("#c0 text").click()
    assert set(chromium.evaluate(SHOWN)) == everything
    chromium.locate("#c1").focus()
    chromium.press("Enter")
    assert len(chromium.evaluate(SHOWN)) < len(everything)
    chromium.press(" ")
    assert set(chromium.evaluate(SHOWN)) == everything
    assert chromium.errors == []


def test_on_a_live_page_a_function_is_shut_at_first_and_its_values_move(chromium: Browser, tmp_path: Path) -> None:
    loss = cross_entropy(logits(3), 1)
    loss.backward()
    graph = draw(loss)
    chromium.open(graph.save(tmp_path / "live.html"))
    shown = f"[...{ROOT}.querySelectorAll('.node')].filter(g => g.getBoundingClientRect().width).map(g => g.id)"
    assert len(chromium.evaluate(shown)) == 4, "the loss, which leads nowhere, stays in sight with its number"
    assert f"{loss.data:.4g}" in chromium.evaluate(f"{ROOT}.querySelector('.cluster ~ .node .data').textContent")
    title = f"{ROOT}.querySelector('.cluster text').textContent"
    assert chromium.evaluate(title) == "cross_entropy, 7 values"
    chromium.locate(".cluster text").click()
    assert chromium.evaluate(title) == "cross_entropy"
    assert len(chromium.evaluate(shown)) > 8
    chromium.locate("#n0").hover()
    assert chromium.evaluate(f"{ROOT}.querySelectorAll('.agl-lit').length") > 2
    assert chromium.errors == []


def test_names_of_parameters_are_read_whole_beside_their_sliders(chromium: Browser, tmp_path: Path) -> None:
    """Of `layer0.neuron0.w[0]` and `layer1.neuron0.w[0]` the end alone was shown, which is the same."""
    chromium.open(draw(MLP(1, [1, 1], seed=0)([0.5])).save(tmp_path / "live.html"), width=1024, height=768)
    cut = f"[...{ROOT}.querySelectorAll('.knob .name')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert chromium.evaluate(cut) == 0
    assert chromium.evaluate(f"{ROOT}.querySelectorAll('.knob.long .name').length") == 4
    assert chromium.errors == []


def test_the_script_is_in_files_and_pages_only(tmp_path: Path) -> None:
    graph = draw(tanh(Value(1.0, label="</text><script>alert(1)</script>")), highlight=None, max_nodes=1)
    assert "<script" not in graph.svg()
    assert graph.save(tmp_path / "a.svg").read_text().count("<script>") == 1
    assert graph.save(tmp_path / "a.html").read_text().count("<script>") == 1
    assert "<script" not in graph._repr_mimebundle_()["image/svg+xml"]


def test_an_image_of_a_picture_stands_still(chromium: Browser, tmp_path: Path) -> None:
    chain().save(tmp_path / "picture.svg")
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><img src=picture.svg>")
    chromium.open(page)
    assert chromium.evaluate("document.images[0].naturalWidth") > 100
    assert chromium.errors == []


@pytest.mark.parametrize("kind", [*RENDERERS, "page", "live"])
def test_axe_finds_nothing_serious(chromium: Browser, tmp_path: Path, kind: str) -> None:
    graph = network()
    page = tmp_path / "page.html"
    if kind == "live":
        page.write_text(graph.html())
    elif kind == "page":
        page.write_text(Graph(graph.scene).html())
    else:
        head = '<!doctype html><html lang="en"><head><title>t</title></head>'
        page.write_text(f"{head}<body><main><h1>t</h1>{alive(graph.svg(kind))}</main></body></html>")
    chromium.open(page)
    chromium.wait("document.readyState === 'complete'")
    assert axe_findings(chromium) == []
