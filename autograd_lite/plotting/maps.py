"""Maps: a network's output over two inputs, as shades from blue (0) over white to orange (1), with the line where it is 1/2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.plotting.style import Picture, picture

LOW, HIGH = "#2166ac", "#d95f0e"
_SIZE: Final = 2.35  # of a map, in inches
_COLUMNS: Final = 4
_FLAT: Final = 0.01  # outputs that differ by less have no boundary worth drawing


@dataclass(frozen=True, slots=True)
class Map:
    """The output over a square of inputs.

    Attributes:
        title: which moment or network it is.
        rows: the outputs, from the lowest second input to the highest; in a row, from the lowest first input to the highest.
        low, high: the ends of both inputs.
        points: what is to be learned: (first input, second input, target).
    Example:
        >>> xor = Map("what is to be learned", [[0.0, 1.0], [1.0, 0.0]], 0.0, 1.0, points=[(0.0, 0.0, 0.0), (0.0, 1.0, 1.0)])
        >>> maps([xor], "exclusive or")
        <Picture: exclusive or>
    """

    title: str
    rows: Sequence[Sequence[float]]
    low: float
    high: float
    points: Sequence[tuple[float, float, float]] = ()


def maps(shown: Sequence[Map], title: str, x_label: str = "x1", y_label: str = "x2") -> Picture:
    """The maps side by side, four in a row, with one scale of shades.

    Args:
        shown: at least one.
        title: of the whole.
        x_label, y_label: what the inputs are called.
    Raises:
        ValueError: if there are no maps.
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> maps([Map("a slope", [[0.0, 1.0], [0.0, 1.0]], 0.0, 1.0)], "one map")
        <Picture: one map>
    """
    if not shown:
        raise ValueError("a picture of maps requires at least one map")
    columns = min(_COLUMNS, len(shown))
    lines = -(-len(shown) // columns)

    def draw(figure: Any) -> None:
        figure.suptitle(title, fontsize=12.5)
        places = figure.subplots(lines, columns, squeeze=False).ravel()
        for axes, each in zip(places, shown, strict=False):
            shades = _draw(axes, each)
        for axes in places[len(shown) :]:
            axes.set_visible(False)
        for axes in places[: len(shown)]:
            bottom, left = axes.get_subplotspec().is_last_row(), axes.get_subplotspec().is_first_col()
            axes.set(xlabel=x_label if bottom else "", ylabel=y_label if left else "")
        figure.colorbar(shades, ax=list(places[: len(shown)]), label="output", shrink=0.85, ticks=[0.0, 0.5, 1.0])

    return picture(title, draw, _SIZE * columns + 1.0, _SIZE * lines + 0.75)


def shades_between() -> Any:
    """The shades from LOW over white to HIGH, blue to orange: all readers can tell them apart."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("outputs", [LOW, "#ffffff", HIGH])


def _draw(axes: Any, shown: Map) -> Any:
    half = 0.5 * (shown.high - shown.low) / max(1, len(shown.rows) - 1)  # the outer numbers stand on the edges, not beside them
    reach = (shown.low - half, shown.high + half) * 2
    shades = axes.imshow(
        shown.rows, origin="lower", extent=reach, cmap=shades_between(), vmin=0.0, vmax=1.0, interpolation="bilinear"
    )
    numbers = [number for row in shown.rows for number in row]
    if min(numbers) < 0.5 < max(numbers) and max(numbers) - min(numbers) > _FLAT:
        axes.contour(shown.rows, levels=[0.5], origin="lower", extent=reach, colors="black", linewidths=1.3)
    for x, y, target in shown.points:
        look = {"facecolor": HIGH, "marker": "s"} if target > 0.5 else {"facecolor": LOW, "marker": "o"}
        axes.scatter([x], [y], s=46, edgecolor="black", linewidth=1.4, zorder=3, clip_on=False, **look)
    axes.set(title=shown.title, xlim=(shown.low, shown.high), ylim=(shown.low, shown.high))
    axes.grid(False)
    axes.set_xticks([0, 1])
    axes.set_yticks([0, 1])
    return shades
