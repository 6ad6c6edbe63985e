"""Curves, drawn with matplotlib from the `viz` extra: one plain style, colours all can tell apart, the same bytes every time."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole

# Wong, "Points of view: color blindness", Nature Methods 8 (2011): eight colours that all readers can tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
STYLE = {
    "svg.hashsalt": "autograd_lite",  # ids that do not change from run to run
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
}


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
    """
    if not len(costs):
        raise ValueError("there are no costs to draw: train for at least one iteration")
    matplotlib = _matplotlib()
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(range(len(costs)), costs, color=COLORS[0])
        if min(costs) > 0.0:
            axes.set_yscale("log")
        axes.set_xlabel("iterations")
        axes.set_ylabel("cost")
        axes.set_title(title)
        axes.margins(x=0.01)
        picture = io.BytesIO()
        kind = Path(path).suffix.removeprefix(".").lower()
        figure.savefig(picture, format=kind, dpi=144, metadata={"Date": None} if kind == "svg" else None)
    return write_whole(path, picture.getvalue())


def _matplotlib() -> Any:
    try:
        import matplotlib
        import matplotlib.figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('curves need matplotlib: pip install "autograd_lite[viz]"', name=error.name) from None
    return matplotlib
