"""What commands print: text within the width of the terminal and, where it shows them, in few colours; or one JSON document.

A result is data first. `--json` prints all of it with full precision, and text prints what a reader needs.

heading   a line that begins a part          good, bad, unsure   a verdict
error     what went wrong                    path                what was written
"""

import os
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from math import isfinite, isnan
from typing import Any, Final, TextIO

from autograd_lite.engine.text import text_width, wrapped

_STYLES: Final = {"heading": "1", "good": "32", "bad": "1;31", "unsure": "33", "error": "1;31", "path": "36"}
_VERDICTS: Final = {
    **dict.fromkeys(("right", "agrees"), "good"),
    **dict.fromkeys(("wrong", "disagrees", "NOT AS EXPECTED"), "bad"),
    "inconclusive": "unsure",
}
_CELL: Final = re.compile(rf"(?:^|(?<=  ))(?:{'|'.join(_VERDICTS)})(?=  |:| \(|$)", re.MULTILINE)


def columns() -> int:
    """How wide a line may be: as wide as the terminal, and 80 columns where there is none; COLUMNS in the environment decides."""
    return max(20, shutil.get_terminal_size().columns)


def has_colours(stream: TextIO) -> bool:
    """Whether text on a stream is coloured, by the same rules in the same order as Python's own since 3.13."""
    asked = os.environ.get
    if not sys.flags.ignore_environment and asked("PYTHON_COLORS") in ("0", "1"):
        return asked("PYTHON_COLORS") == "1"
    if asked("NO_COLOR"):
        return False
    if asked("FORCE_COLOR"):
        return True
    return asked("TERM") != "dumb" and stream.isatty()


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """The text in one of the styles, where the stream (standard output by default) shows colours."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text and has_colours(stream or sys.stdout) else text


def judged(text: str) -> str:
    """The text with its verdicts in their colours, where each is the whole cell of a table or begins a line."""
    return _CELL.sub(lambda found: styled(found[0], _VERDICTS[found[0]]), text)


def headed(text: str) -> str:
    """A line that begins a part, underlined."""
    lines = fitted(text).split("\n")
    return "\n".join([*(styled(line, "heading") for line in lines), "-" * max(map(text_width, lines))])


def fitted(text: str, width: int | None = None, hanging: int = 0) -> str:
    """The text with its long lines broken; what follows stands below the beginning, or further in.

    >>> print(fitted("  a line that is long\\nshort", 14))
      a line that
      is long
    short
    """
    room = width or columns()
    return "\n".join(part for line in text.split("\n") for part in _broken(line, room, hanging))


def _broken(line: str, room: int, hanging: int) -> list[str]:
    if text_width(line) <= room:
        return [line]
    margin = min(len(line) - len(line.lstrip(" ")), room // 2)
    inner = " " * (margin + hanging)
    first, *rest = wrapped(line, room - len(inner))
    return [" " * margin + first, *(inner + part for part in rest)]


def plain(data: Any) -> Any:
    """The data as JSON has it: lists, dictionaries, texts and numbers; nan and infinities, for which it has no word, as texts.

    >>> plain({"x": (1.5, float("nan")), "y": float("-inf")})
    {'x': [1.5, 'NaN'], 'y': '-Infinity'}
    """
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]
    if isinstance(data, float) and not isfinite(data):
        return "NaN" if isnan(data) else "Infinity" if data > 0.0 else "-Infinity"  # as Python and JavaScript read them
    if data is None or isinstance(data, str | bool | int | float):
        return data
    return plain(data.item()) if hasattr(data, "item") else str(data)


def document(data: Any) -> str:
    """The data as one JSON document, in plain letters, so that every terminal and file can hold it."""
    import json  # not needed by those who read text

    return json.dumps(plain(data), indent=2, allow_nan=False)


def give(options: Namespace, data: Mapping[str, Any], text: Callable[[], str]) -> None:
    """Prints a result: the document, or the text."""
    print(document({"command": options.command, **data}) if options.json else text())
