"""One self-contained HTML page, and the frame in which a notebook shows it: for films, steps and live graphs; and tables.

A notebook that is not trusted loses scripts, frames and style sheets. What is to stand there instead is hidden by a style sheet,
and so appears where that is lost, or where a reader has switched scripts off.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final, TextIO

PAGES: Final = (".html", ".htm")  # how names of pages end
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"  # nothing is fetched, from anywhere
TRUST: Final = "Nothing moves here: this notebook is not trusted, or scripts are switched off. File > Trust Notebook makes it live."

# A frame takes its dark or light scheme from the element that holds it; JupyterLab's theme is known only out there.
_OUTSIDE: Final = (
    "<style>[data-jp-theme-light=false] .autograd-lite-frame{color-scheme:dark}"
    "[data-jp-theme-light=true] .autograd-lite-frame{color-scheme:light}</style>"
)


def document(title: str, style: str, body: str) -> str:
    """The whole page.

    Args:
        title: as text.
        style: the rules of its style sheet.
        body: as HTML.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(title)}</title>'
        f"<style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def show(path: str | os.PathLike[str], told: TextIO | None = None) -> None:
    """Opens a file in the browser; where none opens, says where the file is, on standard output or on another stream."""
    import webbrowser  # which looks for all the browsers there are

    if not webbrowser.open(Path(path).resolve().as_uri()):
        print(f"no browser opens here: the picture is {path}", file=told or sys.stdout)


def named(path: str | os.PathLike[str], *endings: str) -> Path:
    """The path, if its name ends in one of these, in small letters or capitals.

    Raises:
        ValueError: if it ends otherwise; the message says what to write.
    Example:
        >>> named("y.svg", *PAGES)
        Traceback (most recent call last):
        ValueError: cannot save 'y.svg': its name must end in one of .html, .htm - write 'y.html'
    """
    if Path(path).suffix.lower() not in endings:
        told = f"one of {', '.join(endings)}" if len(endings) > 1 else endings[0]
        if endings == PAGES and Path(path).name:  # which are one kind of file, so that it is known what was meant
            told += f" - write {os.fspath(Path(path).with_suffix('.html'))!r}"
        raise ValueError(f"cannot save {os.fspath(path)!r}: its name must end in {told}")
    return Path(path)


def framed(title: str, page: str, height: int) -> str:
    """A frame that may run the page's scripts, fill the screen, and nothing else; `height` is in pixels."""
    quoted = escape(page, quote=False).replace("'", "&#39;")  # pages are full of the other quotes, which may stay
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts" allow="fullscreen" class="autograd-lite-frame" width="100%" '
        f'height="{height}" style="border:1px solid #8884;box-sizing:border-box" srcdoc=\'{quoted}\'></iframe>{_OUTSIDE}'
    )


def still(content: str) -> str:
    """What stands where no script runs, and only there, and how to change that; `content` is HTML."""
    return (
        "<style>@media (scripting:enabled){.autograd-lite-still{display:none}}</style>"
        f'<details open class="autograd-lite-still"><summary>The same without scripts</summary><p>{TRUST}</p>{content}</details>'
    )


def table_html(headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table as notebooks show it, of texts: every one of them escaped.

    >>> table_html(["name", "data"], [["<w>", "2.0"]])
    '<table><thead><tr><th>name</th><th>data</th></tr></thead><tbody><tr><td>&lt;w&gt;</td><td>2.0</td></tr></tbody></table>'
    """

    def row(cells: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    told = f'<caption style="text-align:left">{escape(caption)}</caption>' if caption else ""
    return f"<table>{told}<thead>{row(headings, 'th')}</thead><tbody>{''.join(row(cells, 'td') for cells in rows)}</tbody></table>"
