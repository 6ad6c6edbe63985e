"""The player: one self-contained HTML page with one picture, one table of numbers, style and script.

Nothing is fetched from anywhere, and a content policy in the page says so. The player lives in a shadow tree of its own, so that
several of them can stand in one document.
"""

import re
import sys
from base64 import b64encode
from functools import cache
from html import escape
from importlib.resources import files

from autograd_lite.drawing.palette import DARK, LIGHT
from autograd_lite.drawing.scene import TINTS
from autograd_lite.engine.errors import GraphError
from autograd_lite.plotting.page import document, framed
from autograd_lite.stepping.playback import Playback

MOST_ROWS = 200
_HEIGHTS = (480, 800)  # of the frame in a notebook, in pixels
_CONTROLS = 380  # of it, above and below the picture


def whole(playback: Playback) -> str:
    """The whole page."""
    return document(_title(playback), "body{margin:0}", _player(playback, alone=True))


def bundle(playback: Playback | GraphError, text: str) -> dict[str, str]:
    """What a notebook shows: the player in a sandboxed frame, a static picture and table for where no script runs, and the text.

    Args:
        playback: the steps, or why they cannot be played.
        text: the steps as lines.
    """
    if isinstance(playback, GraphError):
        return {"text/plain": text, "text/html": f"<p>{escape(str(playback))}</p>{_rows(text)}"}
    if "google.colab" in sys.modules:  # outputs are sandboxed there already, and frames within them are reported to be stripped
        shown = _player(playback, alone=False)
    else:
        page = whole(playback)
        found = re.search(r'viewBox="0 0 \S+ ([0-9.]+)"', page[page.index('class="agl"') :])
        height = min(max(int(float(found[1]) if found else 0.0) + _CONTROLS, _HEIGHTS[0]), _HEIGHTS[1])
        shown = framed(_title(playback), page, height)
    return {"text/plain": text, "text/html": shown + _static(playback.picture(gradients=True), text)}


def _title(playback: Playback) -> str:
    return f"Steps of {playback.recording.names[-1]}"


def _static(svg: str, text: str) -> str:
    encoded = b64encode(svg.encode()).decode()
    return (
        "<details><summary>The same without scripts</summary>"
        f'<img alt="graph" style="max-width:100%" src="data:image/svg+xml;base64,{encoded}">{_rows(text)}</details>'
    )


def _rows(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > MOST_ROWS:
        left = len(lines) - MOST_ROWS
        lines = [*lines[: MOST_ROWS // 2], f"... {left} more lines ...", *lines[-MOST_ROWS // 2 :]]
    rows = "".join(f'<tr><td style="text-align:left"><code>{escape(line)}</code></td></tr>' for line in lines)
    return f"<table><tbody>{rows}</tbody></table>"


def _player(playback: Playback, alone: bool) -> str:
    parts = {
        "alone": " data-alone" if alone else "",
        "css": f"{_colours()}{_part('player.css')}",
        "js": _part("player.js"),
        "json": playback.table(),
        "svg": playback.picture(gradients=False),
        "title": escape(_title(playback)),
    }
    # In one pass: what a label says is never taken for a place.
    return re.sub(r"\{\{([a-z]+)\}\}", lambda place: parts[place[1]], _part("player.html"))


@cache
def _colours() -> str:
    """The colours of the drawings as properties, light and dark, and the boxes filled with them."""
    light, dark = ("".join(f"--{name}:{colour};" for name, colour in palette.items()) for palette in (LIGHT, DARK))
    boxes = "".join(f".{name} .box{{fill:var(--{name})}}\n" for name in (*TINTS, "constant"))
    return f".player{{{light}}}\n@media (prefers-color-scheme:dark){{.player{{{dark}}}}}\n{boxes}"


@cache
def _part(name: str) -> str:
    """A file of the page, without its indentation, comment lines, empty lines, and blanks around signs."""
    text = (files("autograd_lite.stepping") / name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(_squeezed(line) if name.endswith(".js") else line for line in lines if line and not line.startswith("// "))


def _squeezed(line: str) -> str:
    """A line of JavaScript without the blanks that it can do without; lines with texts are left alone."""
    return line if re.search("[\"'`/]", line) else re.sub(r" *([=,;{}()?:<>&|]) *", r"\1", line)
