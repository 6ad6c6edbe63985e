"""The site: every file of the playground by its path, as a server serves it or a folder holds it."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from autograd_lite.files import write_whole

_ROOM: Final = "autograd_lite.playground"
_LEFT_OUT: Final = ("commands/", "playground/page/", "playground/templates/")  # of what the browser's Python gets
_KINDS: Final = (".py", ".js", ".html", ".css", ".dat")  # and what readers of the package's own files ask for
_THEN: Final = (1980, 1, 1, 0, 0, 0)  # in archives: the same files, the same bytes
FIRST_LINES: Final = ("title", "inputs")


def site(pyodide: Mapping[str, Path]) -> dict[str, bytes]:
    """The content of every file, by its path, such as "index.html" or "pyodide/pyodide.mjs".

    Args:
        pyodide: its files by name; none for the page alone, which then cannot run anything.
    """
    page = {each.name: each.read_bytes() for each in (files(_ROOM) / "page").iterdir() if each.is_file()}
    numpy = any(name.endswith(".whl") for name in pyodide)
    made = {"library.zip": library(), "templates.json": json.dumps({"numpy": numpy, "templates": templates()}).encode()}
    return page | made | {f"pyodide/{name}": path.read_bytes() for name, path in pyodide.items()}


def save(pyodide: Mapping[str, Path], place: Path) -> int:
    """Writes the site into a folder, for any web server, and gives its bytes.

    Raises:
        OSError: if it cannot be written.
    """
    found = site(pyodide)
    (place / "pyodide").mkdir(parents=True, exist_ok=True)
    for path, content in found.items():
        write_whole(place / path, content)
    return sum(map(len, found.values()))


@cache
def library() -> bytes:
    """The installed package as one archive, without what a browser has no use for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, each in sorted(_walk(files("autograd_lite"))):
            if path.endswith(_KINDS) and not path.startswith(_LEFT_OUT):
                entry = zipfile.ZipInfo(f"autograd_lite/{path}", _THEN)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, each.read_bytes())
    return out.getvalue()


def _walk(place: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in place.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{path}{each.name}/")
        else:
            yield path + each.name, each


def templates() -> list[dict[str, Any]]:
    """The texts to begin with, in order: `name`, `title`, `text`, and `numbers` by input.

    >>> [each["name"] for each in templates()][:2]
    ['unit', 'two-two-one']
    """
    found = []
    for each in sorted((files(_ROOM) / "templates").iterdir(), key=lambda each: each.name):
        first, second, text = each.read_text("utf-8").split("\n", 2)
        pairs = (pair.split("=") for pair in second.removeprefix("# inputs:").split(","))
        numbers = {name.strip(): number.strip() for name, number in pairs} if "=" in second else {}
        name = each.name.partition("-")[2].removesuffix(".txt")
        found.append({"name": name, "title": first.removeprefix("# "), "text": text.rstrip(), "numbers": numbers})
    return found
