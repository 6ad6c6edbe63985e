"""Charts: what is drawn, the same bytes every time, and what is refused."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd_lite.plotting import COLORS, Curve, Map, Panel, Picture, chart, maps, save_cost_curve
from autograd_lite.plotting import style as style

pytest.importorskip("matplotlib", reason="charts are drawn with matplotlib")
PANEL = Panel(
    "growth", "n", "seconds", [Curve("measured", [1, 10], [1.0, 2.0], "marked"), Curve("guess", [10, 100], [2, 3], "guessed", 0)]
)
MAP = Map("slope", [[0.1, 0.9], [0.1, 0.9]], 0.0, 1.0, [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)])


def _lines(picture: Picture) -> list[Any]:
    return list(picture.figure.axes[0].lines)


def test_the_outer_numbers_of_a_map_stand_on_its_edges() -> None:
    """They stood half a number's width inside, and the boundary was off by as much."""
    rising = [[j / 4 for j in range(5)] for _ in range(5)]
    axes = maps([Map("s", rising, 0.0, 1.0)], "one").figure.axes[0]
    [line] = axes.collections[0].get_paths()
    assert line.vertices[:, 0] == pytest.approx(0.5)
    assert sorted(line.vertices[[0, -1], 1]) == pytest.approx([0.0, 1.0])
    quarter = maps([Map("s", [[x**2 for x in row] for row in rising], 0.0, 1.0)], "one").figure.axes[0]
    assert quarter.collections[0].get_paths()[0].vertices[:, 0] == pytest.approx(0.7, abs=0.02)
    assert axes.get_xlim() == (0.0, 1.0)


@pytest.mark.parametrize("make", [lambda: chart(PANEL), lambda: maps([MAP] * 5, "slopes")], ids=["chart", "maps"])
@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_picture_is_written_with_the_same_bytes_every_time(make: Any, ending: str, tmp_path: Path) -> None:
    first, second = (make().save(tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
    assert first == second
    assert first[:4] in (b"<?xm", b"\x89PNG", b"%PDF")


def test_a_chart_says_what_its_axes_and_curves_mean(tmp_path: Path) -> None:
    text = " ".join(ElementTree.parse(chart(PANEL).save(tmp_path / "a.svg")).getroot().itertext())
    for word in ("growth", "n", "seconds", "measured", "guess"):
        assert word in text


def test_curves_that_belong_together_share_a_colour_and_a_guess_is_hollow() -> None:
    measured, guess = _lines(chart(PANEL))
    assert measured.get_color() == guess.get_color() == COLORS[0]
    assert measured.get_markerfacecolor() == COLORS[0]
    assert guess.get_markerfacecolor() == "white"
    assert guess.get_markevery() == slice(1, None)  # the first point was measured


def test_neighbouring_curves_differ_in_colour_and_in_dashes() -> None:
    lines = _lines(chart(Panel("many", "x", "y", [Curve(str(i), [0, 1], [i, i]) for i in range(4)])))
    assert len({line.get_color() for line in lines}) == 4
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == 4


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    [line] = _lines(chart(Panel("long", "x", "y", [Curve("", range(100_001), range(100_001))])))
    x = line.get_xdata()
    assert len(x) <= 602
    assert (x[0], x[-1]) == (0, 100_000)


def test_logarithmic_axes_levels_and_limits_are_drawn() -> None:
    picture = chart(Panel("p", "x", "y", [Curve("", [1, 10], [1, 10])], "xy", [(5.0, "half way")], (0.5, 20.0)))
    axes = picture.figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_ylim()) == ("log", "log", (0.5, 20.0))
    assert "half way" in [text.get_text() for text in axes.texts]


def test_the_legend_of_many_curves_stands_beside_them() -> None:
    few, many = (chart(Panel("p", "x", "y", [Curve(str(i), [0], [i]) for i in range(n)])).figure.axes[0] for n in (5, 6))
    figures = [axes.figure for axes in (few, many)]
    for figure in figures:
        figure.draw_without_rendering()
    inside, outside = (axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1 for axes in (few, many))
    assert (inside, outside) == (False, True)


def test_a_map_has_a_boundary_unless_it_is_flat() -> None:
    flat = Map("flat", [[0.499, 0.501], [0.499, 0.501]], 0.0, 1.0)
    with_boundary, without = (len(maps([each], "one").figure.axes[0].collections) for each in (Map("s", MAP.rows, 0.0, 1.0), flat))
    assert (with_boundary, without) == (1, 0)


def test_a_notebook_shows_a_png_and_a_text() -> None:
    bundle = chart(PANEL)._repr_mimebundle_()
    assert bundle["text/plain"] == "<Picture: growth>"
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert chart(PANEL)._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}
    assert chart(PANEL)._repr_mimebundle_(exclude=["text/plain"]).keys() == {"image/png"}


def test_the_cost_curve_is_logarithmic_where_costs_allow_it(tmp_path: Path) -> None:
    assert save_cost_curve([1.0, 0.1], tmp_path / "a.svg").exists()
    assert save_cost_curve([1.0, 0.0], tmp_path / "b.svg").exists()
    with pytest.raises(ValueError, match="train for at least one iteration"):
        save_cost_curve([], tmp_path / "c.svg")
    assert not (tmp_path / "c.svg").exists()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: chart(), "a chart requires at least one panel"),
        (lambda: chart(Panel("empty", "x", "y", [])), "the panel 'empty' has no curves"),
        (lambda: chart(Panel("p", "x", "y", [Curve("c", [1], [])])), "the curve 'c' has 1 x and 0 y: give one y for each x"),
        (lambda: maps([], "none"), "a picture of maps requires at least one map"),
        (lambda: chart(PANEL).save("a.gif"), "cannot save 'a.gif': its name must end in one of .svg, .png, .pdf"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert str(refused.value) == message


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert not style.available()
    with pytest.raises(ModuleNotFoundError, match=r'pip install "autograd_lite\[viz\]"'):
        chart(PANEL)
