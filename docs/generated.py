"""The pages of the site that are made: tutorials from the notebooks, the reference from the rooms, the commands, and the canon."""

import importlib
import inspect
import os
import re
from pathlib import Path
from typing import Any

from canon import canon
from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util.inspect import stringify_signature

from autograd_lite.commands import cli
from autograd_lite.files import write_whole

ROOMS = {
    "value": "the node of a computation graph",
    "primitives": "functions with a row in the table",
    "functions": "functions written with those",
    "calculus": "derivatives of functions",
    "calculus.least_squares": "curves that fit data",
    "losses": "what is made small",
    "nn": "neurons, layers, networks",
    "optim": "rules that update parameters",
    "training": "training on data",
    "datasets": "data to learn from",
    "program": "a function as a program on arrays",
    "drawing": "graphs as pictures",
    "stepping": "passes, step by step",
    "testing": "derivatives checked numerically",
    "plotting": "charts",
    "primitive": "what a row of the table is",
    "errors": "what is raised",
    "systems": "the textbook systems",
    "compat": "the names of others",
}


def write_pages(folder: Path) -> None:
    """Writes what the site needs beside the pages that people wrote; files that would stay the same are left alone."""
    notebooks = sorted((folder.parent / "notebooks").glob("*.ipynb"))
    made = {Path("tutorials", path.name): path.read_text().replace("(../docs/", "(../") for path in notebooks}
    made |= {Path("reference", f"{room}.md"): _room(room, about) for room, about in ROOMS.items()}
    made[Path("reference", "commands.md")] = _commands()
    made[Path("reference", "canon.md")] = canon()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text() != text:
            write_whole(path, text)
    for path in (*folder.glob("tutorials/*"), *folder.glob("reference/*")):
        if path.relative_to(folder) not in made:
            path.unlink()


# ---- the reference -----------------------------------------------------------------------------------------------------------


def public_names(room: str) -> list[str]:
    """The names of a room that are for users: its `__all__`, or what its `__init__` takes from its modules; and what it raises."""
    module = importlib.import_module(f"autograd_lite.{room}")
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    own = f"autograd_lite.{room}."
    return [
        name for name, thing in vars(module).items() if is_ours(thing) and (thing.__module__.startswith(own) or _is_error(thing))
    ]


def _room(room: str, about: str) -> str:
    parts = [f"# `autograd_lite.{room}`: {about}", "```{eval-rst}", f".. automodule:: autograd_lite.{room}", "```"]
    module = importlib.import_module(f"autograd_lite.{room}")
    for name in public_names(room):
        thing = getattr(module, name)
        if is_ours(thing):
            kind = "exception" if _is_error(thing) else "class" if isinstance(thing, type) else "function"
            members = "\n   :members:" if kind == "class" else ""
            parts += ["```{eval-rst}", f".. auto{kind}:: autograd_lite.{room}.{name}{members}", "```"]
    return "\n\n".join(parts) + "\n"


def is_ours(thing: Any) -> bool:
    """Whether it is a function or a class of this package, and not a constant or a name of another library."""
    return callable(thing) and str(getattr(thing, "__module__", "")).startswith("autograd_lite")


def _is_error(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseException)


def constructor(app: Any, what: str, name: str, thing: Any, options: Any, signature: str, returned: str) -> tuple[str, str] | None:
    """A class is called as its `__init__` says, also where a `__new__` looks at the names first."""
    if what != "class" or not inspect.isfunction(thing.__init__):
        return None
    takes = stringify_signature(inspect.signature(thing.__init__), unqualified_typehints=True, show_return_annotation=False)
    return re.sub(r"\(self(, )?", "(", takes, count=1), ""


def as_mathml(translator: Any, node: Any) -> None:
    """A formula for the browser itself."""
    display = "block" if node.tagname == "math_block" else "inline"
    translator.body.append(convert(node.astext(), display=display))
    raise SkipNode


_SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields|Example|Note):\s*$")
_STARS = re.compile(r"([*|\\]|(?<=\w)_(?!\w))")  # what would begin emphasis, a substitution, an escape or a reference


def as_restructured_text(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Our docstrings' plain text as Sphinx reads it: backticks mean code, a star is a star, columns keep their places."""
    found: list[str] = []
    in_section = in_example = in_columns = False
    for line in lines:
        indented, blank = line.startswith(" "), not line.strip()
        if not indented and not blank:
            in_section = _SECTION.match(line) is not None
            if in_section and found and found[-1].strip():
                found.append("")
        in_example = line.lstrip().startswith(">>>") or (in_example and not blank)
        if indented and not in_section and not in_columns and not in_example:
            found += ["", "::", ""]
            in_columns = True
        elif (not indented and not blank and in_columns) or re.match(r"Source: ", line):
            found.append("")
            in_columns = False
        found.append(line if in_example or in_columns else _escaped(line))
    lines[:] = found


def _escaped(line: str) -> str:
    pieces = re.split(r"`([^`]+)`(\w?)", line)  # text, code, the letter right after it, text ...
    for i, piece in enumerate(pieces):
        if i % 3 == 1:
            pieces[i] = f"``{piece}``" + r"\ " * bool(pieces[i + 1])
        else:
            pieces[i] = _STARS.sub(r"\\\1", piece)
    return "".join(pieces)


# ---- commands and the canon --------------------------------------------------------------------------------------------------


def _commands() -> str:
    os.environ["COLUMNS"] = "80"
    parts = ["# Commands", "```text", cli.parser([]).format_help().rstrip(), "```"]
    for name in cli._COMMANDS:
        actions = cli.parser([name])._subparsers._group_actions[0].choices  # type: ignore[union-attr]
        parts += [f"## {name}", f"```text\n{actions[name].format_help().rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"
