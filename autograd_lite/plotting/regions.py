"""Regions: the score of a network over the plane, the line where it changes sign, and the points it learned from."""

from typing import Any, Final

from autograd_lite.plotting.maps import HIGH, LOW, shades_between
from autograd_lite.plotting.style import Picture, picture

_STEPS: Final = 20


def regions(scores: Any, reach: tuple[float, float, float, float], points: Any, targets: Any, title: str) -> Picture:
    """Shades of the score from blue (below 0) to orange (above), the line at 0 in black, and the points: circles and squares.

    Args:
        scores: (rows, columns) numbers, a row for each second coordinate from below.
        reach: the plane's left, right, bottom and top.
        points: (N, 2) places. targets: (N,) above 0 for a square, below for a circle.
        title: of what.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> import numpy
        >>> regions(numpy.array([[-1.0, 1.0], [-1.0, 1.0]]), (0, 1, 0, 1), numpy.array([[0.9, 0.5]]), numpy.array([1.0]), "sides")
        <Picture: sides>
    """

    def draw(figure: Any) -> None:
        from matplotlib.colors import Normalize
        from matplotlib.ticker import MaxNLocator

        axes = figure.subplots()
        furthest = float(abs(scores).max()) or 1.0
        steps = MaxNLocator(_STEPS, symmetric=True).tick_values(-furthest, furthest)
        norm = Normalize(steps[0], steps[-1])
        shades = axes.contourf(scores, levels=steps, extent=reach, cmap=shades_between(), norm=norm, alpha=0.75)
        if scores.min() < 0.0 < scores.max():
            axes.contour(scores, levels=[0.0], extent=reach, colors="black", linewidths=1.4)
        for color, marker, chosen in ((LOW, "o", targets < 0), (HIGH, "s", targets > 0)):
            where = points[chosen]
            words = "target 1" if marker == "s" else "target -1"
            axes.scatter(where[:, 0], where[:, 1], s=26, c=color, marker=marker, edgecolors="black", linewidths=0.8, label=words)
        axes.set(title=title, xlabel="x1", ylabel="x2", aspect="equal")
        axes.grid(False)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
        figure.colorbar(shades, label="score", shrink=0.85)

    return picture(title, draw, 6.8, 5.0)
