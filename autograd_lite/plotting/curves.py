"""Curves: lines and points in one panel, or in several side by side."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from autograd_lite.plotting.style import COLORS, Picture, picture

_DASHES: Final = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))  # a second way to tell curves apart
_SYMBOLS: Final = "os^Dv"
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "points": {"linestyle": "none"},
    "marked": {"linestyle": "-"},
    "guessed": {"markerfacecolor": "white", "linestyle": (0, (2, 2)), "linewidth": 1.2, "markevery": slice(1, None)},
}
_MOST_POINTS: Final = 600  # of a line; more would not be seen, and make large files
_MOST_INSIDE: Final = 5  # curves whose legend stands between them; that of more stands beside
_WIDTH: Final = 5.2  # of a panel, in inches, where there are several


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in a panel.

    Attributes:
        label: what stands in the legend; nothing for "".
        x, y: where the points are, equally many of each; nan leaves a gap.
        kind: "line" through the points; "points" for the points alone; "marked" for both; "guessed" for hollow points on a dashed
            line, which were not measured; its first point joins it to what was, and has no mark of its own.
        color: the number of its colour, for curves that belong together; None for the next one that is free.
    Example:
        >>> measured = Curve("measured", [1, 2, 3], [0.5, 0.25, 0.125], kind="marked")
        >>> chart(Panel("halving", "step", "error", [measured], log="y"))
        <Picture: halving>
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    kind: str = "line"
    color: int | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves on common axes.

    Attributes:
        title: what the panel shows.
        x_label, y_label: what the axes mean, with units.
        curves: what it shows.
        log: which axes are logarithmic: "", "x", "y" or "xy".
        levels: horizontal lines, as pairs of a number and a few words.
        y_limits: the ends of the y axis, or None for what fits.
    Example:
        >>> squares = [Curve("squares", [1, 2], [1, 4])]
        >>> growth = Panel("growth", "x", "x * x", squares, levels=[(4.0, "the goal")], y_limits=(0.0, 5.0))
        >>> chart(growth, Panel("the same, logarithmic", "x", "x * x", squares, log="xy"))
        <Picture: growth, the same, logarithmic>
    """

    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    log: str = ""
    levels: Sequence[tuple[float, str]] = ()
    y_limits: tuple[float, float] | None = None


def chart(*panels: Panel, title: str = "", width: float | None = None, height: float = 3.6) -> Picture:
    """The panels side by side.

    Args:
        panels: at least one.
        title: of the whole; by default the titles of the panels.
        width, height: in inches.
    Raises:
        ValueError: if there are no panels, a panel has no curves, or a curve has not as many x as y.
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> squares = Curve("squares", [1, 2, 3], [1, 4, 9])
        >>> chart(Panel("growth", "x", "x * x", [squares]))
        <Picture: growth>
    """
    if not panels:
        raise ValueError("a chart requires at least one panel")
    for panel in panels:
        _check(panel)

    def draw(figure: Any) -> None:
        if title and len(panels) > 1:
            figure.suptitle(title, fontsize=12.5)
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _draw(axes, panel)

    inches = width or (6.4 if len(panels) == 1 else _WIDTH * len(panels))
    return picture(title or ", ".join(panel.title for panel in panels), draw, inches, height)


def save_cost_curve(costs: Sequence[float], path: str | os.PathLike[str], title: str = "cost") -> Path:
    """Writes the curve of a cost over the iterations, on a logarithmic scale, as SVG, PNG or PDF by the path's ending.

    Args:
        costs: the cost before every iteration, and after the last.
        path: the file to write.
        title: what the curve is of.
    Returns:
        The path written.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed; the message names the extra.
        ValueError: if there are no costs.
    Example:
        >>> save_cost_curve([1.0, 0.5, 0.25], "cost.svg").name
        'cost.svg'
    """
    if not len(costs):
        raise ValueError("there are no costs to draw: train for at least one iteration")
    log = "y" if min(costs) > 0.0 else ""
    return chart(Panel(title, "iterations", "cost", [Curve("", range(len(costs)), costs)], log)).save(path)


def _check(panel: Panel) -> None:
    if not panel.curves:
        raise ValueError(f"the panel {panel.title!r} has no curves")
    for curve in panel.curves:
        if len(curve.x) != len(curve.y):
            raise ValueError(f"the curve {curve.label!r} has {len(curve.x)} x and {len(curve.y)} y: give one y for each x")


def _draw(axes: Any, panel: Panel) -> None:
    free = count()
    for curve in panel.curves:
        color = next(free) if curve.color is None else curve.color
        axes.plot(_thinned(curve.x), _thinned(curve.y), label=curve.label or None, **_look(curve.kind, color))
    for level, words in panel.levels:
        axes.axhline(level, color="#666666", linewidth=0.9, linestyle=":")
        axes.annotate(
            words, (0.995, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9, color="#444444"
        )
    for axis in panel.log:
        getattr(axes, f"set_{axis}scale")("log")
    axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)
    if panel.y_limits:
        axes.set_ylim(*panel.y_limits)
    axes.margins(x=0.02)
    named = sum(bool(curve.label) for curve in panel.curves)
    if named > _MOST_INSIDE:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    elif named:
        axes.legend()


def _look(kind: str, number: int) -> dict[str, Any]:
    look = {"color": COLORS[number % len(COLORS)], "linestyle": _DASHES[number % len(_DASHES)]}
    marks = {} if kind == "line" else {"marker": _SYMBOLS[number % len(_SYMBOLS)]}
    return look | marks | _KINDS.get(kind, {})


def _thinned(numbers: Sequence[float]) -> Sequence[float]:
    """Every n-th number, and the last one: at most _MOST_POINTS of them."""
    every = -(-len(numbers) // _MOST_POINTS)
    return numbers if every <= 1 else [*numbers[:-1:every], numbers[-1]]
