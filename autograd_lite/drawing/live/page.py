"""The page: one self-contained document with one table of numbers, the rules of the primitives in use, style and script.

Nothing is fetched from anywhere, and a content policy in the page says so; nothing in it evaluates text. It stands in a shadow
tree of its own, so that several can stand in one document.
"""

import re
import sys
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

from autograd_lite.calculus.javascript import Rules, rules
from autograd_lite.drawing.live.table import script_json
from autograd_lite.drawing.palette import DARK, LIGHT
from autograd_lite.drawing.scene import TINTS
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.primitive import Primitive
from autograd_lite.pages import document, framed, still

SCRIPTS: Final = ("model.js", "picture.js", "inputs.js", "curves.js", "start.js")
_HERE: Final = "autograd_lite.drawing.live"
_HEIGHTS: Final = (600, 800)  # of the frame in a notebook, in pixels
_CONTROLS: Final = 260  # of it, above and below the picture
_STEPS: Final = 100  # of it, for the words and the list of steps
MOST_ROWS: Final = 200  # of the table where no script runs


@dataclass(frozen=True, slots=True)
class LivePage:
    """What one page holds.

    Attributes:
        title: as text.
        table: the numbers; see `table`, and `stepping.playback` for a page with steps.
        rules: of the primitives in use; None for a graph that stands still.
        choices: what is known of the choices that Python made on the way, in one sentence.
        steps: the room that adds its own `bar.html`, `steps.html` and `player.css`, or "".
        scripts: of that room; the last one plays the steps.
    """

    title: str
    table: dict[str, Any]
    rules: Rules | None
    choices: str
    steps: str = ""
    scripts: tuple[str, ...] = ()

    def whole(self) -> str:
        """The document."""
        return document(self.title, "body{margin:0}", f"<main>{self._body(alone=True)}</main>")

    def bundle(self, text: str, svg: str) -> dict[str, str]:
        """What a notebook shows: the page in a sandboxed frame; and a picture and lines of text for where no script runs."""
        height = min(max(int(self.table["size"][1]) + _CONTROLS, _HEIGHTS[0]), _HEIGHTS[1]) + (_STEPS if self.steps else 0)
        # Outputs of Colab are sandboxed already, and frames within them are reported to be stripped.
        colab = "google.colab" in sys.modules
        shown = self._body(alone=False) if colab else framed(self.title, self.whole(), height)
        encoded = b64encode(svg.encode()).decode()
        picture = f'<img alt="graph" style="max-width:100%" src="data:image/svg+xml;base64,{encoded}">'
        return {"text/plain": text, "text/html": shown + still(picture + lines_table(text))}

    def _body(self, alone: bool) -> str:
        room = self.steps
        parts = {
            "alone": " data-alone" if alone else "",
            "title": escape(self.title),
            "css": _colours() + _part(_HERE, "page.css") + (_part(room, "player.css") if room else ""),
            "bar": _part(room, "bar.html") if room else "",
            "steps": _part(room, "steps.html") if room else "",
            "choices": escape(self.choices),
            "instead": "print(steps)" if room else "print(draw(value).text())",
            "json": script_json(self.table),
            "js": self._script(),
            "start": f"{'rules' if self.rules else 'null'}, {'player' if room else 'whole'}",
        }
        # In one pass: what a label says is never taken for a place.
        return re.sub(r"\{\{([a-z]+)\}\}", lambda place: parts[place[1]], _part(_HERE, "page.html"))

    def _script(self) -> str:
        rules = f"const rules = (() => {{\n{self.rules.helpers}return {self.rules.literal};\n}})();" if self.rules else ""
        shown = [_part(self.steps, name) for name in self.scripts] if self.steps else [PATHS + _part(_HERE, "whole.js")]
        # Nothing that a name says may end the script.
        printed = squeezed(re.sub(r"<(?=/|!--|script)", r"<\\", rules, flags=re.IGNORECASE), notices=True)
        return "\n".join([printed, *(_part(_HERE, name) for name in SCRIPTS), *shown])


def printed_rules(operations: Iterable[tuple[Primitive, int]], choices: str) -> tuple[Rules | None, str]:
    """The rules of a page and the sentence about `choices`; or none, where a user's own rule cannot be printed, and why."""
    try:
        return rules(operations), choices
    except GraphError as error:
        return None, f"Nothing moves here: {error}"


def lines_table(text: str) -> str:
    """Lines of text as the rows of a table, the middle ones of many left out."""
    lines = text.split("\n")
    if len(lines) > MOST_ROWS:
        left = len(lines) - MOST_ROWS
        lines = [*lines[: MOST_ROWS // 2], f"... {left} more lines ...", *lines[-MOST_ROWS // 2 :]]
    rows = "".join(f'<tr><td style="text-align:left"><code>{escape(line)}</code></td></tr>' for line in lines)
    return f"<table><tbody>{rows}</tbody></table>"


@cache
def _colours() -> str:
    """The colours of the drawings, light and dark: those of texts and lines as properties, and the boxes filled with theirs."""
    both = {name: f"light-dark({LIGHT[name]},{DARK[name]})" for name in LIGHT}
    boxes = "".join(f".{name} .box{{fill:{both[name]}}}" for name in (*TINTS, "constant"))
    used = ("page", "ink", "soft", "line", "constant", "cluster")
    return f".player{{{''.join(f'--{name}:{both[name]};' for name in used)}}}{boxes}"


@cache
def _part(room: str, name: str) -> str:
    """A file of the page, without what only its readers here need."""
    text = (files(room) / name).read_text("utf-8")
    if name.endswith(".js"):
        return squeezed(text)
    return ("" if name.endswith(".css") else "\n").join(line.strip() for line in text.splitlines())


def squeezed(script: str, notices: bool = False) -> str:
    """JavaScript without indentation, comments, empty lines, and blanks around signs; texts stay as they are.

    Args:
        script: its lines. notices: whether lines that are comments stay, as a licence asks.

    >>> squeezed('const f = (a, b) => a + "  =  ";  // why')
    'const f=(a,b)=>a+"  =  ";'
    """
    lines = (_squeezed(line.strip()) for line in script.splitlines() if notices or not line.strip().startswith("//"))
    # A line break after a sign that asks for more ends nothing.
    return re.sub(r"(?m)^(?!//)(.*[;{,(=>&|?:\[])\n(?!//)", r"\1", "\n".join(filter(None, lines)))


def _squeezed(line: str) -> str:
    if line.startswith("//"):
        return line
    # In turn: code, and between it texts in quotes, templates and regular expressions, which are one group.
    parts = re.split(r'("(?:[^"\\]|\\.)*"|`[^`]*`|(?<=[(=>,] )/[^/]+/[a-z]*|(?<=\()/[^/]+/[a-z]*)', line)
    # Two signs stay apart: `a - -b` is not `a--b`.
    code = re.compile(r" *([=,;{}()[\]?:<>&|*/%!]) *| *(?<![-+] )([-+])(?! [-+]) *")
    found = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            before, comment, _ = part.partition(" // ")
            part = code.sub(r"\1\2", before)
            found.append(part)
            if comment:
                break
        else:
            found.append(part)
    return "".join(found).strip()


PATHS: Final = _part(_HERE, "paths.js") + "\n"


def alive(svg: str) -> str:
    """A picture that lights ways and folds frames where scripts run, as in a file of its own; an image of it stands still."""
    script = f'(() => {{\n"use strict";\n{PATHS}paths(document.currentScript.closest("svg"));\n}})();'
    return svg.removesuffix("\n").removesuffix("</svg>") + f"<script><![CDATA[\n{script}\n]]></script>\n</svg>\n"
