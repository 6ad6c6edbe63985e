"""Rendering: what turns DOT into a file on this machine, each tool in its own process and with a time limit.

dot          Graphviz's own program, if it is on the PATH
pygraphviz   the libraries of Graphviz, from the `viz` extra; also in a process of their own: their layout cannot be interrupted
             and they report to the terminal
builtin      the layered layout of this package: SVG only, always there
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

RENDERERS: Final = ("dot", "pygraphviz", "builtin")
VARIABLE: Final = "AUTOGRAD_LITE_RENDERER"
TIME_LIMIT: Final = 10.0  # seconds
SHORT_LIMIT: Final = 2.0  # seconds, where there is another way to the picture
MOST_FOR_DOT: Final = 2000  # boxes; Graphviz takes 4 s for 3,000 and 4 minutes for 10,000
MOST_BENDS_FOR_DOT: Final = 800  # ranks that long edges pass through; Graphviz takes 1 s for 800, 4 s for 1,200, 20 s for 2,000
ADVICE: Final = 'pip install "autograd_lite[viz]"'

_CHILD = """\
import sys, pygraphviz
text = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(pygraphviz.AGraph(string=text).draw(format=sys.argv[1], prog="dot"))
"""


class RenderError(RuntimeError):
    """A picture could not be made in the asked format or by the asked renderer.

    >>> from autograd_lite import Value, draw
    >>> try:
    ...     kind = draw(Value(1.0) * 2.0).png()[1:4]
    ... except RenderError:  # where there is no Graphviz; an SVG can always be had
    ...     kind = b"PNG"
    >>> kind
    b'PNG'
    """


class _TookTooLong(RenderError):
    """The other renderer would too: it is the same Graphviz."""


def chosen(renderer: str | None) -> str | None:
    """The renderer that is asked for, by the argument or else by AUTOGRAD_LITE_RENDERER; None for the first that works.

    Raises:
        ValueError: if there is no such renderer.
    """
    name = renderer or os.environ.get(VARIABLE) or None
    if name is not None and name not in RENDERERS:
        where = "renderer" if renderer else VARIABLE
        raise ValueError(f"{where} is {name!r}: there are {', '.join(RENDERERS)}")
    return name


def graphviz_only(kind: str) -> str | None:
    """The renderer that is asked for, if it can make more than SVG."""
    name = chosen(None)
    if name == "builtin":
        raise RenderError(f"the built-in renderer makes no {kind}: unset AUTOGRAD_LITE_RENDERER, or save as .svg")
    return name


def graphviz_bytes(source: str, kind: str, renderer: str | None = None, limit: float | None = None) -> bytes:
    """The picture of a DOT text.

    Args:
        source: the DOT text.
        kind: "svg", "png" or "pdf".
        renderer: "dot" or "pygraphviz"; by default the first that works.
        limit: how many seconds it may take; TIME_LIMIT by default.
    Raises:
        RenderError: if none works; the message says why, for each.
    """
    failures: list[str] = []
    for name in (renderer,) if renderer else ("dot", "pygraphviz"):
        command = _command(name, kind)
        if command is None:
            failures.append(f"{name} was not found")
            continue
        try:
            return _run(command, source, TIME_LIMIT if limit is None else limit)
        except RenderError as error:
            failures.append(f"{name} {error}")
            if isinstance(error, _TookTooLong):
                break
    raise RenderError("; ".join(failures))


def _command(name: str, kind: str) -> list[str] | None:
    if name == "dot":
        program = shutil.which("dot")
        return [program, f"-T{kind}"] if program else None
    return [sys.executable, "-c", _CHILD, kind] if sys.executable and find_spec("pygraphviz") else None


def _run(command: list[str], source: str, limit: float) -> bytes:
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise _TookTooLong(f"took longer than {limit:g} s") from None
    except OSError as error:
        raise RenderError(f"could not be started ({error.strerror})") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RenderError(f"failed ({said[-1] if said else f'exit code {done.returncode}'})")
    return done.stdout
