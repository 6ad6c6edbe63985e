"""Commands and their arguments; and types of arguments whose complaints argparse turns into one line."""

import argparse
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograd_lite.commands.printing import fitted
from autograd_lite.engine.text import text_width, wrapped
from autograd_lite.names_of_others import near_names


class UsageError(Exception):
    """What was typed cannot be done: one line on standard error, and exit code 2."""


class CommandFailed(Exception):
    """What was asked for was tried and did not succeed: one line on standard error, and exit code 1."""


class Option(NamedTuple):
    """What `add_argument` takes; `group` is the heading under which the help lists it, if not the usual one."""

    flags: tuple[str, ...]
    options: dict[str, Any]
    group: str


def argument(*flags: str, group: str = "", **options: Any) -> Option:
    """An argument of a command, as `argparse` describes it."""
    return Option(flags, options, group)


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: what to type.
        run: what it does, from the parsed options to an exit code.
        summary: a few words for the list of commands.
        description: a sentence or two for its own help.
        examples: lines to paste, for the end of its help.
        arguments: what it takes; with --json, if it gives a result.
        gives: whether it gives one.
    """

    name: str
    run: Callable[[argparse.Namespace], int]
    summary: str
    description: str
    examples: str
    arguments: Sequence[Option]
    gives: bool = True

    def configure(self, commands: Any) -> None:
        """Declares the command and its arguments where argparse collects them."""
        parser = commands.add_parser(
            self.name, help=self.summary, description=self.description, epilog=self.examples, formatter_class=HelpLayout
        )
        parser.set_defaults(run=self.run, command=self.name)
        groups = {group: parser.add_argument_group(group) for _, _, group in self.arguments if group}
        for flags, options, group in [*self.arguments, *([JSON] if self.gives else [])]:
            groups.get(group, parser).add_argument(*flags, **options)


JSON: Final = argument("--json", action="store_true", help="print the result as one JSON document, with all digits")
OPEN: Final = argument("--open", action="store_true", help="show what is written in the browser")


def output(folder: str) -> list[Option]:
    """--out, --open and --quiet."""
    return [
        argument("--out", type=Path, default=Path(folder), metavar="DIR", help=f"folder for the results ({folder})"),
        OPEN,
        argument("--quiet", action="store_true", help="print nothing, except for --json"),
    ]


class HelpLayout(argparse.RawDescriptionHelpFormatter):
    """A help within the width of the terminal: an example whose comment does not fit beside it has it below.

    >>> print(HelpLayout("")._fill_text("examples\\n  autograd-lite xor   learns what it can from four rows", 40, ""))
    examples
      autograd-lite xor
          learns what it can from four rows
    """

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(part for line in text.splitlines() for part in _laid_out(line, width))


def _laid_out(line: str, width: int) -> list[str]:
    """A line of a description or of an example in lines of that width."""
    if text_width(line) <= width:
        return [line]
    example, gap, comment = line.strip().partition("   ")
    if not line.startswith("  autograd-lite "):
        return fitted(line, width).split("\n")
    # A quoted expression stays whole; what the shell joins again can be pasted.
    words = re.findall(r'"[^"]*"|\S+', example)
    lines = ["  " + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 3 > width:
            lines[-1] += " \\"
            lines.append("     ")
        lines[-1] += f" {word}"
    return lines + [f"      {part}" for part in wrapped(comment, width - 6) if gap]


def near(word: str, known: Iterable[str]) -> str:
    """What to add to a complaint about a word: the known one that is most like it, if one is.

    >>> near("trian", ["train", "xor"]), near("zzz", ["train"])
    (' - did you mean train?', '')
    """
    found = near_names(word.partition("=")[0], known, 1)
    return f" - did you mean {found[0]}?" if found else ""


def whole_number(text: str) -> int:
    """A whole number from 0 up.

    >>> whole_number("7")
    7
    """
    return _integer(text, 0)


def positive_integer(text: str) -> int:
    """A whole number from 1 up.

    >>> positive_integer("7")
    7
    """
    return _integer(text, 1)


def positive_number(text: str) -> float:
    """A finite number above 0.

    >>> positive_number("0.5")
    0.5
    """
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return number


def _integer(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < least:
        raise argparse.ArgumentTypeError(f"{text!r} is below {least}")
    return number
