"""Graph: a picture always comes out, with whatever is installed, and it is the same picture every time."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import Value, topological_order
from autograd_lite.drawing import RenderError, draw, rendering
from tests.drawing.test_pictures import RENDERERS, by_id, example, needs_dot, needs_pygraphviz


@pytest.fixture(autouse=True)
def _no_forced_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(rendering.VARIABLE, raising=False)


@pytest.fixture
def without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither dot nor pygraphviz."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


# ---- a picture always comes out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", RENDERERS)
def test_every_renderer_draws_every_box_under_its_id(renderer: str) -> None:
    loss, names = example()
    found = by_id(draw(loss, highlight=names["w"]).svg(renderer))
    assert {f"n{i}" for i in range(len(topological_order(loss)))} <= set(found)
    assert {edge.id for edge in draw(loss).scene.edges} <= set(found)


@pytest.mark.usefixtures("without_graphviz")
def test_with_nothing_installed_there_is_an_svg() -> None:
    graph = draw(example()[0])
    assert graph.svg() == graph.svg("builtin")
    assert set(graph._repr_mimebundle_()) == {"image/svg+xml", "text/html", "text/plain"}


@pytest.mark.usefixtures("without_graphviz")
@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_with_nothing_installed_png_names_the_fix(kind: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=re.escape('pip install "autograd_lite[viz]"')):
        draw(example()[0]).save(tmp_path / f"x.{kind}")
    assert list(tmp_path.iterdir()) == []


@needs_pygraphviz
def test_without_dot_pygraphviz_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    graph = draw(example()[0])
    assert graph.png().startswith(b"\x89PNG")
    assert graph.pdf().startswith(b"%PDF")
    assert graph.svg() == graph.svg("pygraphviz")


@needs_dot
def test_without_pygraphviz_dot_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    graph = draw(example()[0])
    assert graph.png().startswith(b"\x89PNG")
    assert graph.svg() == graph.svg("dot")


def test_a_dot_that_fails_hangs_or_lies_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(rendering, "TIME_LIMIT", 0.3)
    fake = tmp_path / "dot"
    for script in ("#!/bin/sh\nexit 1\n", "#!/bin/sh\nexec /bin/sleep 30\n", "#!/bin/sh\nexit 0\n", "no program\n"):
        fake.write_text(script)
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        graph = draw(example()[0])
        assert graph.svg() == graph.svg("builtin")


def shared_chain(count: int) -> Value:
    """Two leaves that every operation of a chain uses: each use is an edge across all ranks before it."""
    x, y = Value(0.5, label="x"), Value(0.25, label="y")
    out = x
    for turn in range(count):
        out = out * x if turn % 2 else out + y
    return out


@pytest.mark.parametrize("count", [50, 66, 80, 100, 120, 150])
def test_long_edges_in_number_are_left_to_the_own_layout_unless_graphviz_is_asked_for(count, monkeypatch):
    def asked(*_: Any, **__: Any) -> None:
        raise AssertionError("Graphviz was started")

    monkeypatch.setattr(rendering.subprocess, "run", asked)
    graph = draw(shared_chain(count), max_nodes=1000)
    assert graph.svg() == graph.svg("builtin")


@needs_dot
def test_short_edges_in_number_and_few_long_ones_are_left_to_graphviz():
    a, b = Value(0.5, label="a"), Value(0.25, label="b")
    for turn in range(100):
        a, b = b, (a * b if turn % 2 else a + b)
    for out in (b, shared_chain(30)):
        assert draw(out).svg() == draw(out).svg("dot") != draw(out).svg("builtin")


def test_a_picture_waits_two_seconds_for_graphviz_and_asks_it_once(monkeypatch):
    waited = []

    def hangs(command: list[str], **options: Any) -> None:
        waited.append(options["timeout"])
        raise rendering.subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(rendering.subprocess, "run", hangs)
    monkeypatch.setattr(rendering.shutil, "which", lambda name: name)
    graph = draw(example()[0])
    assert graph.svg() == graph.svg("builtin")
    with pytest.raises(RenderError, match=r"no PNG of .* dot took longer than 10 s"):
        graph.png()
    with pytest.raises(RenderError, match="dot took longer than 10 s"):
        graph.svg("dot")
    assert waited == [2.0, 10.0, 10.0]


def test_the_environment_forces_a_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = draw(example()[0])
    monkeypatch.setenv(rendering.VARIABLE, "builtin")
    assert 'class="agl"' in graph.svg()
    with pytest.raises(RenderError, match=r"the built-in renderer makes no PNG"):
        graph.png()
    monkeypatch.setenv(rendering.VARIABLE, "paint")
    with pytest.raises(ValueError, match=r"AUTOGRAD_LITE_RENDERER is 'paint': there are dot, pygraphviz, builtin"):
        graph.svg()


@pytest.mark.usefixtures("without_graphviz")
@pytest.mark.parametrize("name", ["dot", "pygraphviz"])
def test_a_forced_renderer_that_is_not_there_says_so(name: str) -> None:
    with pytest.raises(RenderError, match=f"{name} was not found.*pip install"):
        draw(example()[0]).svg(name)


def test_a_notebook_never_gets_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = draw(example()[0])
    monkeypatch.setenv(rendering.VARIABLE, "paint")
    bundle = graph._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "no picture: AUTOGRAD_LITE_RENDERER is 'paint'" in bundle["text/plain"]
    assert graph._repr_mimebundle_(include=["image/svg+xml"]) == {}


def test_dot_is_never_run_above_2000_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_run", lambda command, source: pytest.fail("Graphviz was started"))
    x = Value(0.5, label="x")
    for _ in range(2000):
        x = -x
    graph = draw(x, max_nodes=None)
    assert 'class="agl busy"' in graph.svg()
    with pytest.raises(RenderError, match=r"no PNG of 2,001 boxes: .* save as .svg"):
        graph.png()


# ---- files -------------------------------------------------------------------------------------------------------------------


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph"), ("html", b"<!doctype html>")],
)
def test_save_goes_by_the_name(suffix: str, start: bytes, tmp_path: Path) -> None:
    path = draw(example()[0], title="<T>").save(tmp_path / f"x.{suffix}")
    assert path == tmp_path / f"x.{suffix}"
    assert path.read_bytes().startswith(start)
    assert [file.name for file in tmp_path.iterdir()] == [f"x.{suffix}"]


def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"its name must end in one of \.svg, \.png, \.pdf, \.dot, \.html"):
        draw(example()[0]).save(tmp_path / "x.gif")


def test_a_failing_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.svg").write_text("old")
    monkeypatch.setenv(rendering.VARIABLE, "paint")
    with pytest.raises(ValueError, match="paint"):
        draw(example()[0]).save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text() == "old"


def test_dot_is_a_digraph_of_the_graphviz_package() -> None:
    graphviz = pytest.importorskip("graphviz")
    dot = draw(example()[0]).dot
    assert isinstance(dot, graphviz.Digraph)
    assert "rankdir=LR" in dot.source


# ---- the same picture every time ---------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from autograd_lite import Value, tanh, constant, total
from autograd_lite.nn import MLP
from autograd_lite.drawing import draw
model = MLP(2, [9, 9, 1], "tanh", seed=0)
loss = total([(model([x, 1.0]) - constant(1.0, "y")) ** 2 for x in (0.1, 0.2)])
loss.backward()
for options in ({}, {"depth": 1}, {"max_nodes": None}, {"highlight": model.parameters()[0]}):
    graph = draw(loss, **options)
    sys.stdout.write(graph.svg("builtin") + graph.dot.source + graph.text())
"""


def test_two_processes_draw_the_same_bytes() -> None:
    pytest.importorskip("graphviz")
    outputs = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        outputs.add(subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True).stdout)
    (output,) = outputs
    assert len(output) > 100_000
    assert b"0x" not in output


@pytest.mark.parametrize("renderer", RENDERERS)
def test_twice_the_same_bytes(renderer: str) -> None:
    loss, names = example()
    assert draw(loss, highlight=names["w"]).svg(renderer) == draw(loss, highlight=names["w"]).svg(renderer)


def test_a_graph_shows_what_was_when_it_was_drawn_and_holds_no_values() -> None:
    loss, names = example()
    graph = draw(loss)
    before = graph.svg("builtin")
    names["w"].data = 100.0
    loss.zero_grad()
    assert graph.svg("builtin") == before
    assert not [found for found in gc.get_referents(graph.scene, *graph.scene.nodes) if isinstance(found, Value)]


def test_drawing_leaves_no_cyclic_garbage() -> None:
    loss, names = example()
    draw(loss).svg("builtin")  # imports and caches
    draw(loss, highlight=names["w"]).text()
    gc.collect()
    gc.disable()
    try:
        graph = draw(loss, highlight=names["w"])
        graph.svg("builtin")
        graph.text()
        draw(loss, max_nodes=5).svg("builtin")
        del graph
        assert gc.collect() == 0
    finally:
        gc.enable()
