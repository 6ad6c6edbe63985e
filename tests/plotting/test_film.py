"""The film: one page that needs nothing else, the same bytes every time, and in a browser what its numbers say."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.plotting import Film, Frame
from tests.browser import browser

CORNERS = [[0.0, 1.0], [0.25, 0.75]]
FRAMES = [Frame(f"moment {i}", 0.5 / (i + 1), [[number * (i + 1) / 3 for number in row] for row in CORNERS]) for i in range(3)]
POINTS = [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]


def _film(title: str = "a film", frames: Any = FRAMES) -> Film:
    return Film(title, frames, 0.0, 1.0, POINTS)


def test_the_page_needs_no_network_and_forbids_it() -> None:
    page = _film().html()
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//|url\(|@import|<link|src=", page.replace("</", ""))


def test_every_text_is_escaped() -> None:
    hostile = '</script><img src=x onerror="alert(1)">{data}&amp;'
    page = _film(hostile, [Frame(hostile, 1.0, CORNERS)] * 2).html()
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(page)
    assert "img" not in tags
    assert tags.count("script") == 1
    assert "&lt;img" in page


def test_outputs_are_stored_as_one_byte_each() -> None:
    [data] = re.findall(r'data-frames="([^"]+)"', _film().html())
    stored = base64.b64decode(data)
    assert len(stored) == len(FRAMES) * 4
    assert list(stored[-4:]) == [0, 255, 64, 191]
    out_of_range = Film("f", [Frame("m", 1.0, [[-1.0, 2.0], [0.5, 0.5]])], 0.0, 1.0).html()
    assert base64.b64decode(re.findall(r'data-frames="([^"]+)"', out_of_range)[0])[:2] == b"\x00\xff"


def test_what_a_byte_leaves_over_is_stored_beside_it() -> None:
    """By 255 steps alone the boundary of a flat output was a staircase."""
    numbers = [[0.5, 0.5004], [0.49999, 0.123456789]]
    page = Film("f", [Frame("m", 1.0, numbers)], 0.0, 1.0).html()
    coarse, rest = (base64.b64decode(re.findall(rf'data-{name}="([^"]+)"', page)[0]) for name in ("frames", "rest"))
    stored = [(high + (low - 128) / 254) / 255 for high, low in zip(coarse, rest, strict=True)]
    assert stored == pytest.approx([number for row in numbers for number in row], abs=1e-5)
    with pytest.raises(ValueError, match="NaN"):
        Film("f", [Frame("m", 1.0, [[float("nan")] * 2] * 2)], 0.0, 1.0).html()


@pytest.mark.parametrize("name", ["film", "film.svg", "film.html.png"])
def test_a_page_has_the_name_of_a_page(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"its name must end in one of \.html, \.htm - write "):
        _film().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_boundary_is_smooth_in_a_browser(tmp_path: Path) -> None:
    """Along a slanted boundary between nearly equal outputs the line is as thick everywhere, and nowhere off by a pixel."""
    slope = 1e-3
    rows = [[0.5 + slope * (j - 0.43 * i - 1.1) for j in range(5)] for i in range(5)]
    page = Film("f", [Frame("m", 1.0, rows)], 0.0, 1.0).save(tmp_path / "film.html")
    with browser() as chromium:
        chromium.open(page)
        pixels = "[...document.getElementById('map').getContext('2d').getImageData(0, 0, 33, 33).data]"
        data = chromium.evaluate(pixels)
    for i in range(1, 32):
        ink = [max(0.0, 0.95 - data[4 * (33 * i + j)] / 255) for j in range(33)]  # without the shades of the outputs
        middle = sum(j * each for j, each in enumerate(ink)) / sum(ink)
        assert abs(middle - 8 * (0.43 * (32 - i) / 8 + 1.1)) < 0.35
        assert 1.0 < sum(ink) < 4.0


def test_the_same_film_is_the_same_bytes(tmp_path: Path) -> None:
    assert _film().save(tmp_path / "a.html").read_bytes() == _film().save(tmp_path / "b.html").read_bytes()


def test_a_cost_of_nothing_is_drawn_on_a_plain_scale() -> None:
    assert "nan" not in Film("f", [Frame("a", 1.0, CORNERS), Frame("b", 0.0, CORNERS)], 0.0, 1.0).html()
    assert 'points="0.0,0.0"' in Film("f", [Frame("a", 1.0, CORNERS)], 0.0, 1.0).html()


def test_the_curve_has_an_axis_in_iterations() -> None:
    frames = [Frame(f"iteration {i}", 0.5 / (i + 1), CORNERS, i) for i in (0, 10, 1000)]
    page = _film(frames=frames).html()
    assert 'aria-label="cost by iteration, 0 to 1,000"' in page
    assert 'points="0.0,0.0 3.0,' in page, "as far apart as their iterations"
    assert ">iteration</text>" in page
    assert ">0.5</text>" in page
    assert ">0.0005</text>" in page
    assert "cost, logarithmic, by iteration" in page
    mixed = _film(frames=[*frames, Frame("later", 0.1, CORNERS)]).html()
    assert 'aria-label="cost by frame, 0 to 3"' in mixed
    assert "cost, by iteration" in _film(frames=[Frame("a", 0.0, CORNERS, 0), Frame("b", 1.0, CORNERS, 5)]).html()
    assert "nan" not in _film(frames=[Frame("a", 1.0, CORNERS, 7)]).html()


def test_a_notebook_shows_the_page_in_a_frame_that_may_only_run_scripts() -> None:
    bundle = _film()._repr_mimebundle_()
    assert bundle["text/plain"] == "<Film: a film, 3 frames>"
    assert 'sandbox="allow-scripts"' in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert _film()._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "a film requires at least one frame"),
        ([Frame("m", 1.0, [[1.0]])], "frame 0 is no square of outputs of the size of the first one, 1 by 1"),
        ([*FRAMES, Frame("m", 1.0, [[1.0, 0.0]])], "frame 3 is no square of outputs of the size of the first one, 2 by 2"),
    ],
)
def test_what_is_no_film_is_refused(frames: list[Frame], message: str) -> None:
    with pytest.raises(ValueError) as refused:
        _film(frames=frames)
    assert str(refused.value) == message


def test_the_slider_moves_through_training_in_a_browser(tmp_path: Path) -> None:
    page = _film().save(tmp_path / "film.html")
    with browser() as chromium:
        chromium.open(page)
        assert chromium.evaluate("document.getElementById('caption').value") == "moment 2, cost 0.166667"
        pixels = "document.getElementById('map').getContext('2d').getImageData(0, 8, 9, 1).data"
        low, high = chromium.evaluate(f"(data => [data.slice(0, 4).join(), data.slice(32).join()])({pixels})")
        assert low == "33,102,172,255"  # bottom left: output 0
        assert high == "217,95,14,255"  # bottom right: output 1
        chromium.evaluate("document.getElementById('at').focus()")
        chromium.press("Home")
        chromium.wait("document.getElementById('caption').value === 'moment 0, cost 0.500000'")
        first = chromium.evaluate("document.getElementById('dot').getAttribute('cx')")
        chromium.press("ArrowRight")
        chromium.wait("document.getElementById('caption').value === 'moment 1, cost 0.250000'")
        assert float(chromium.evaluate("document.getElementById('dot').getAttribute('cx')")) > float(first)
        chromium.evaluate("document.getElementById('play').click()")
        chromium.wait("document.getElementById('caption').value === 'moment 2, cost 0.166667'")
        chromium.wait("document.getElementById('play').textContent === 'play'")
        assert chromium.errors == []
