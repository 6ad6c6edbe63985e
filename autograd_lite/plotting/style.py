"""The style that all charts share, and Picture: a chart that a notebook shows and `save` writes."""

import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from autograd_lite.files import write_whole
from autograd_lite.pages import named

# Wong, "Points of view: color blindness", Nature Methods 8 (2011): eight colours that all readers can tell apart.
COLORS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
STYLE: Final = {
    "svg.hashsalt": "autograd_lite",  # ids that do not change from run to run
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
}
_FIXED: Final = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # files do not say when they were made


class Picture:
    """A chart. Given by `chart`, `maps` and `picture`.

    Attributes:
        title: what it is of, in words.
        figure: the `matplotlib.figure.Figure`, to change it.
    Example:
        >>> made = picture("a dot", lambda figure: figure.subplots().plot([1.0], [2.0], "o"))
        >>> made.title, len(made.figure.axes), made.save("dot.png").name
        ('a dot', 1, 'dot.png')
    """

    def __init__(self, title: str, figure: Any) -> None:
        self.title = title
        self.figure = figure

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the chart as SVG, PNG or PDF, by the ending of `path`.

        Returns:
            The path written.
        Raises:
            ValueError: if the path ends otherwise.
        """
        kind = named(path, ".svg", ".png", ".pdf").suffix.removeprefix(".").lower()
        return write_whole(path, self._bytes(kind, dpi=144))

    def _bytes(self, kind: str, dpi: int) -> bytes:
        content = io.BytesIO()
        with _matplotlib().rc_context(STYLE):
            self.figure.savefig(content, format=kind, dpi=dpi, metadata=_FIXED.get(kind))
        return content.getvalue()

    def _repr_mimebundle_(self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any) -> Any:
        """What a notebook shows: a PNG, which is shown in untrusted notebooks too, and the title as text."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "image/png": self._bytes("png", dpi=88)}
        return {kind: bundle[kind] for kind in bundle if (not include or kind in include) and kind not in (exclude or ())}


def picture(title: str, draw: Callable[[Any], None], width: float = 6.4, height: float = 3.6) -> Picture:
    """A picture in the common style.

    Args:
        title: what it is of; `draw` decides whether it stands on the picture too.
        draw: puts axes and what they show on a `matplotlib.figure.Figure`.
        width, height: in inches.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed; the message names the extra.
    Example:
        >>> picture("nothing yet", lambda figure: None)
        <Picture: nothing yet>
    """
    matplotlib = _matplotlib()
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(width, height), layout="constrained")
        draw(figure)
    return Picture(title, figure)


def available() -> bool:
    """Whether charts can be drawn here: whether matplotlib is installed.

    >>> made = picture("a chart", lambda figure: None) if available() else None
    """
    try:
        _matplotlib()
    except ModuleNotFoundError:
        return False
    return True


def _matplotlib() -> Any:
    try:
        import matplotlib
        import matplotlib.figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('charts need matplotlib: pip install "autograd_lite[viz]"', name=error.name) from None
    return matplotlib
