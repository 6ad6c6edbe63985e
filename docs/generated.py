"""The pages of the site that are made: tutorials from the notebooks, the reference from the rooms, the commands, and the canon."""

import inspect
import os
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
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
    made = {Path("tutorials", path.name): path.read_text("utf-8").replace("(../docs/", "(../") for path in notebooks}
    made |= {Path("reference", f"{path or 'autograd_lite'}.md"): _room(path, about) for path, about in ROOMS.items()}
    made[Path("reference", "commands.md")] = _commands()
    made[Path("reference", "canon.md")] = canon()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
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


_ARRAY = re.compile(r"~?(?:numpy\.)?ndarray\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]")  # with its types of numbers


def as_signature(app: Any, what: str, name: str, thing: Any, options: Any, signature: str, returned: str) -> tuple[str, str] | None:
    """A class is called as its `__init__` says, also where a `__new__` looks at the names first; or not at all, if it is given.

    In signatures of functions arrays stand without their types of numbers.
    """
    if what in ("function", "method") and signature:
        return _ARRAY.sub("ndarray", signature), _ARRAY.sub("ndarray", returned or "")
    if what != "class":
        return None
    if re.search(r"Given (by|to) ", thing.__doc__ or ""):
        return "", ""
    if not inspect.isfunction(thing.__init__):
        return None
    takes = stringify_signature(inspect.signature(thing.__init__), unqualified_typehints=True, show_return_annotation=False)
    return re.sub(r"\(self(, )?", "(", takes, count=1), ""


def as_mathml(translator: Any, node: Any) -> None:
    """A formula for the browser itself."""
    display = "block" if node.tagname == "math_block" else "inline"
    translator.body.append(convert(node.astext(), display=display))
    raise SkipNode


# ---- docstrings --------------------------------------------------------------------------------------------------------------

_SECTION = re.compile(r"(Args|Attributes|Class attributes|Returns|Raises|Yields|Example|Note):\s*$")
_STARS = re.compile(r"([*|\\]|(?<=\w)_(?!\w))")  # what would begin emphasis, a substitution, an escape or a reference
_TITLE = re.compile(r"(?<![\w*])\*([A-Z][^*`]*[a-z])\*(?![\w*])")  # of a book
_ROW = re.compile(r"( *)([a-z_0-9]+/?(?:, [a-z_0-9]+/?)*) {2,}(\S.*)$")  # modules, and what they are for
_SHARED = re.compile(r"    (\w+(?:, \w+)+): (.*)$")  # parameters of which the same is said


def as_restructured_text(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Our docstrings' plain text as Sphinx reads it: backticks mean code, a star is a star, columns keep their places."""
    found: list[str] = [".."] * (what == "property")  # or what stands before a colon would be taken for its type
    link = partial(_code, name.removeprefix("autograd_lite."), _own_names(lines))
    in_section = in_example = in_columns = False
    for line in _spelled_out(lines):
        indented, blank = line.startswith(" "), not line.strip()
        row = _ROW.match(line) if what == "module" and not in_example else None
        if row:
            found += ["", f"{row[1][::2]}* **{row[2]}**: {_escaped(row[3], link)}"]
            continue
        if not indented and not blank:
            in_section = _SECTION.match(line) is not None
            if in_section or re.match(r"\.\.$| *\* \*\*", found[-1] if found else ""):
                found.append("")
        in_example = line.lstrip().startswith(">>>") or (in_example and not blank)
        if indented and not in_section and not in_columns and not in_example:
            found += ["", "::", ""]
            in_columns = True
        elif (not indented and not blank and in_columns) or re.match(r"Source: ", line):
            found.append("")
            in_columns = False
        found.append(line if in_example or in_columns else _escaped(line, link))
    lines[:] = found


def _spelled_out(lines: list[str]) -> Iterator[str]:
    """The lines of a docstring, with an entry for each parameter or attribute of those that share one."""
    names: list[str] = []
    shared: list[str] = []
    in_section = False
    for line in [*lines, ""]:
        if names and not line.startswith("        "):
            yield from (each for name in names for each in (f"    {name}: {shared[0]}", *shared[1:]))
            names = []
        in_section = line.endswith(("Args:", "ttributes:")) or (in_section and line.startswith(" "))
        entry = _SHARED.match(line)
        if in_section and entry:
            names, shared = entry[1].split(", "), [entry[2]]
        elif names:
            shared.append(line)
        else:
            yield line.replace("Class attributes:", "Attributes:")


def _escaped(line: str, link: Callable[[str], str]) -> str:
    pieces = re.split(r"`([^`]+)`(\w?)", line)  # text, code, the letter right after it, text ...
    for i, piece in enumerate(pieces):
        if i % 3 == 1:
            pieces[i] = link(piece) + r"\ " * bool(pieces[i + 1])
        else:  # every other piece of these is the title of a book
            titled = _TITLE.split(piece)
            pieces[i] = "".join(f"*{text}*" if k % 2 else _STARS.sub(r"\\\1", text) for k, text in enumerate(titled))
    return "".join(pieces)


def _own_names(lines: list[str]) -> set[str]:
    """What the entries of a docstring are about, which a public thing of the same name is not."""
    return {name for line in lines if (found := re.match(r"    (\w+(?:, \w+)*):", line)) for name in found[1].split(", ")}


@cache
def _public() -> dict[str, list[str]]:
    """The rooms of every public name."""
    rooms: dict[str, list[str]] = {}
    for path in ROOMS:
        for name, _ in public_things(path):
            rooms.setdefault(name, []).append(path)
    return rooms


def _code(where: str, own: set[str], text: str) -> str:
    """Code, which leads to the public thing that it names: of the same room, or else of a room that stands in no other."""
    head = text.partition(".")[0]
    rooms = [path for path in _public().get(head, []) if where.startswith(f"{path}.") or "." not in path]
    rooms.sort(key=lambda path: not where.startswith(f"{path}."))
    named = re.fullmatch(r"\w+(\.\w+)?", text) and head not in own and rooms
    return f":py:obj:`{text} <{f'autograd_lite.{rooms[0]}'.rstrip('.')}.{text}>`" if named else f"``{text}``"


# ---- commands and the canon --------------------------------------------------------------------------------------------------


def _commands() -> str:
    os.environ["COLUMNS"] = "80"
    parts = ["# Commands", "```text", cli.parser([]).format_help().rstrip(), "```"]
    for name in cli._COMMANDS:
        actions = cli.parser([name])._subparsers._group_actions[0].choices  # type: ignore[union-attr]
        parts += [f"## {name}", f"```text\n{actions[name].format_help().rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"
