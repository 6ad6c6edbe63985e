"""Film: a network's output over two inputs while it learns, in one HTML page with a slider that needs nothing else."""

import math
import os
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from autograd_lite.files import write_whole
from autograd_lite.pages import PAGES, document, framed, named
from autograd_lite.plotting.film_page import BODY, SCRIPT, STYLE_SHEET
from autograd_lite.plotting.maps import HIGH, LOW

_CURVE: Final = (300.0, 150.0)  # the size of the cost curve, in the units of its drawing
_HEIGHT: Final = 660  # of the frame in a notebook, in pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of training.

    Attributes:
        caption: which one, in words.
        cost: the cost then.
        rows: outputs over the square of inputs, between 0 and 1: from the lowest second input to the highest, and in a row from the
            lowest first input to the highest; as many rows as columns, and the same number in every frame.
        iteration: how many steps of training were taken; the axis of the cost, where every frame tells it.
    Example:
        >>> before = Frame("at the start", 0.5, [[0.2, 0.8], [0.8, 0.2]], iteration=0)
        >>> before.caption, len(before.rows)
        ('at the start', 2)
    """

    caption: str
    cost: float
    rows: Sequence[Sequence[float]]
    iteration: float | None = None


class Film:
    """The frames one after the other; a notebook plays it, `save` writes the page.

    Args:
        title: what is seen.
        frames: at least one.
        low, high: the ends of both inputs.
        points: what is to be learned: (first input, second input, target).
    Raises:
        ValueError: if there are no frames, or one is not a square of the size of the others.
    Example:
        >>> film = Film("learning", [Frame("before", 0.5, [[0.2, 0.8], [0.8, 0.2]])], 0.0, 1.0)
        >>> film, "http:" in film.html(), film.save("film.html").name
        (<Film: learning, 1 frame>, False, 'film.html')
    """

    def __init__(
        self, title: str, frames: Sequence[Frame], low: float, high: float, points: Sequence[tuple[float, float, float]] = ()
    ) -> None:
        if not frames:
            raise ValueError("a film requires at least one frame")
        size = len(frames[0].rows)
        for number, frame in enumerate(frames):
            if size < 2 or len(frame.rows) != size or any(len(row) != size for row in frame.rows):
                raise ValueError(f"frame {number} is no square of outputs of the size of the first one, {size} by {size}")
        self.title = title
        self.frames = list(frames)
        self.size = size
        self.low, self.high, self.points = low, high, list(points)

    def __repr__(self) -> str:
        count = len(self.frames)
        return f"<Film: {self.title}, {count} frame{'' if count == 1 else 's'}>"

    def html(self) -> str:
        """The whole page: no network, no script but its own few lines, and a table for where no script runs."""
        shades = [_shade(number) for frame in self.frames for row in frame.rows for number in row]
        parts = {
            "title": escape(self.title),
            "last": str(len(self.frames) - 1),
            "size": str(self.size),
            "data": _packed(shade for shade, _ in shades),
            "rest": _packed(rest for _, rest in shades),
            "points": "".join(self._point(*point) for point in self.points),
            "low": f"{self.low:g}",
            "high": f"{self.high:g}",
            **_curve(self.frames),
            "captions": "".join(f"<tr><td>{escape(frame.caption)}<td>{frame.cost:.6f}" for frame in self.frames),
            "script": SCRIPT,
        }
        return document(self.title, STYLE_SHEET.replace("LOW", LOW).replace("HIGH", HIGH), BODY.format_map(parts))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the page to a file at `path`.

        Args:
            path: a name that ends in .html or .htm.
        Returns:
            The path written.
        Raises:
            ValueError: if the name ends otherwise.
        """
        return write_whole(named(path, *PAGES), self.html())

    def _repr_mimebundle_(self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any) -> Any:
        bundle = {"text/plain": repr(self), "text/html": framed(self.title, self.html(), _HEIGHT)}
        return {kind: bundle[kind] for kind in bundle if (not include or kind in include) and kind not in (exclude or ())}

    def _point(self, x: float, y: float, target: float) -> str:
        span = self.high - self.low
        across, up = 100.0 * (x - self.low) / span, 100.0 * (self.high - y) / span
        if target > 0.5:
            return f'<rect class="high" x="{across - 2:.2f}" y="{up - 2:.2f}" width="4" height="4"/>'
        return f'<circle class="low" cx="{across:.2f}" cy="{up:.2f}" r="2.2"/>'


def _shade(number: float) -> tuple[int, int]:
    """An output as one byte, 0 for 0 and 255 for 1, and what that leaves over as another: without it the boundary had steps.

    >>> _shade(0.5), _shade(1.5)
    ((128, 1), (255, 128))
    """
    exact = 255.0 * min(max(number, 0.0), 1.0)  # in this order a nan stays one, which `round` refuses
    return round(exact), round(128 + 254 * (exact - round(exact)))


def _packed(numbers: Iterable[int]) -> str:
    return b64encode(bytes(numbers)).decode()


def _curve(frames: Sequence[Frame]) -> dict[str, str]:
    """The corners of the cost curve, and what stands at the ends of its axes; logarithmic where the costs allow it."""
    costs = [frame.cost for frame in frames]
    told = [frame.iteration for frame in frames if frame.iteration is not None and math.isfinite(frame.iteration)]
    counted = len(told) == len(frames)
    places: Sequence[float] = told if counted else range(len(frames))
    plain = min(costs) <= 0.0
    heights = list(costs) if plain else [math.log(cost) for cost in costs]
    low, high = min(heights), max(heights)
    across, up = _CURVE[0] / ((max(places) - min(places)) or 1.0), _CURVE[1] / ((high - low) or 1.0)
    corners = zip(places, heights, strict=True)
    return {
        "curve": " ".join(f"{(place - min(places)) * across:.1f},{(high - height) * up:.1f}" for place, height in corners),
        "first": f"{min(places):,.6g}",
        "end": f"{max(places):,.6g}",
        "axis": "iteration" if counted else "frame",
        "top": f"{max(costs):.3g}",
        "bottom": f"{min(costs):.3g}",
        "scale": "" if plain else ", logarithmic",
    }
