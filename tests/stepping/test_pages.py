"""The page of the player as bytes: small, whole, escaped, and the same in every process."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite import GraphError, Value, topological_order
from autograd_lite.drawing import draw
from autograd_lite.primitive import Unary
from autograd_lite.stepping import record
from tests.stepping_graphs import network, neuron, table_of

# ---- pages -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("widths", "values", "most"), [(None, 10, 50_000), ([2, 16, 16, 1], 984, 250_000)])
def test_a_page_is_small_and_whole(widths: list[int] | None, values: int, most: int) -> None:
    root = neuron() if widths is None else network(widths)
    assert len(topological_order(root)) == values
    steps = record(root)
    page = steps.html()
    assert len(page.encode()) < most
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    assert len(found[1]) / len(steps) < 120, "bytes per frame"
    addresses = set(re.findall(r"https?:[^\s\"'`]+|[\"'(]//[a-z0-9.]+", page.replace("http://www.w3.org/2000/svg", "")))
    assert not addresses, "nothing is fetched"
    assert "src=" not in page.replace("img-src", "")
    assert "href" not in page


def test_fifteen_values_make_a_small_page() -> None:
    # 40 KB until the list of steps, the quiz, the steps by value and layer, the legend and the keys for boxes: about 10 KB of script.
    root = ((neuron() - 0.5) ** 2.0).sqrt()
    assert len(topological_order(root)) == 15
    assert len(record(root).html().encode()) < 52_000
    assert len(draw(root).html().encode()) < 40_000


def test_a_page_plays_a_slice_and_large_graphs_play_in_slices() -> None:
    x = Value(0.5, label="x")
    root = x
    for _ in range(3000):
        root = root.tanh()
    steps = record(root)
    with pytest.raises(GraphError, match=r"touch more than 2,000 values.*Play a part of them, as in steps\[:200\]"):
        steps.html()
    table = table_of(steps.backward[10:20].html())
    assert len(table["nodes"]) == 11
    assert (table["forward"], table["seed"], len(table["start"])) == ([], None, 1)
    with pytest.raises(GraphError, match=r"steps that follow one another, and these go by 2"):
        steps[::2].html()
    bundle = steps._repr_mimebundle_()
    assert "Play a part" in bundle["text/html"]
    assert "more steps" in bundle["text/plain"]


def test_the_notebook_bundle_is_a_sandboxed_frame_with_a_static_fallback() -> None:
    shown = record(neuron())._repr_mimebundle_()
    html = shown["text/html"]
    assert html.startswith('<iframe title="Steps of L" sandbox="allow-scripts"')
    assert "@media (scripting:enabled){.autograd-lite-still{display:none}}" in html, "hidden by what an untrusted notebook strips"
    still = html.partition('<details open class="autograd-lite-still">')[2]
    assert "File > Trust Notebook makes it live" in still
    assert '<img alt="graph"' in still
    assert "data:image/svg+xml;base64," in html
    assert "dL/dx1 +=" in still
    assert shown["text/plain"] == str(record(neuron()))


def test_colab_gets_the_player_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert record(neuron())._repr_mimebundle_()["text/html"].startswith('<div class="autograd-lite-player">')


def test_saving_gives_the_path(tmp_path: Path) -> None:
    path = record(neuron()).save(tmp_path / "steps.html")
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [path]


def test_two_processes_write_the_same_bytes() -> None:
    code = "import sys; from autograd_lite.stepping import record; from tests.stepping_graphs import neuron; s = record(neuron()); sys.stdout.write(s.html() + str(s))"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == (record(neuron()).html() + str(record(neuron()))).encode()


def test_hostile_labels_stay_on_their_line_and_are_escaped_on_the_page() -> None:
    bad = '</script><img src=x onerror=alert(1)>\n\x1b[2J{{js}}"&'
    x = Value(2.0, label=bad)
    steps = record(x * x)
    assert "\n" not in str(steps[-1])
    assert "\x1b" not in str(steps)
    page = steps.html()
    assert "<img src=x" not in page
    assert page.count("</script>") == 2
    hostile = type(
        "</script><!--<script>", (Unary,), {"symbol": "f({x})", "forward": lambda self, x: x, "dx": lambda self, x, out: 1.0}
    )()
    assert record(hostile(Value(1.0))).html().count("<script") == 2
    assert "<!--" not in record(hostile(Value(1.0))).html()
    bundle = steps._repr_mimebundle_()
    assert "<img src=x" not in bundle["text/html"]
    assert table_of(page)["nodes"][0][1].startswith("</script>")


def test_a_title_that_no_file_can_hold_is_escaped(tmp_path: Path) -> None:
    x = Value(1.0) * 2.0
    for page in (record(x).save(tmp_path / "steps.html", title="a\udc80"), draw(x, title="a\udc80").save(tmp_path / "graph.html")):
        assert "a\\udc80" in page.read_text()
