"""The pages of the site that are made: tutorials from the notebooks, the reference from the rooms, the commands, and the canon."""

import inspect
import os
import re
from pathlib import Path
from typing import Any

from canon import canon
from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from rooms import ROOMS, is_error, public_things, shown_with  # it stands beside this file
from sphinx.util.inspect import stringify_signature

from autograd_lite.commands import cli
from autograd_lite.files import write_whole


def write_pages(folder: Path) -> None:
    """Writes what the site needs beside the pages that people wrote; files that would stay the same are left alone."""
    notebooks = sorted((folder.parent / "notebooks").glob("*.ipynb"))
    made = {Path("tutorials", path.name): path.read_text().replace("(../docs/", "(../") for path in notebooks}
    made |= {Path("reference", f"{path or 'autograd_lite'}.md"): _room(path, about) for path, about in ROOMS.items()}
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


def _room(path: str, about: str) -> str:
    title = f"autograd_lite.{path}".rstrip(".")
    parts = [f"# `{title}`: {about}", "```{eval-rst}", f".. automodule:: {title}", "```"]
    for name, thing in public_things(path):
        kind = "exception" if is_error(thing) else "class" if isinstance(thing, type) else "function"
        members = _members(thing) if kind == "class" else ""
        parts += ["```{eval-rst}", f".. auto{kind}:: {title}.{name}{members}", "```"]
    return "\n\n".join(parts) + "\n"


def _members(cls: type) -> str:
    shown = shown_with(cls)
    others = ", ".join(base.__name__ for base in cls.__mro__ if base not in shown)
    return "\n   :members:" + (f"\n   :inherited-members: {others}" if shown[1:] else "")


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
