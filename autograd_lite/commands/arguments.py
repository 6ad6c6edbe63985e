"""Commands and their arguments; and types of arguments whose complaints argparse turns into one line."""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class UsageError(Exception):
    """What was typed cannot be done: one line on standard error, and exit code 2."""


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
        arguments: what it takes.
    """

    name: str
    run: Callable[[argparse.Namespace], int]
    summary: str
    description: str
    examples: str
    arguments: Sequence[Option]

    def configure(self, commands: Any) -> None:
        """Declares the command and its arguments where argparse collects them."""
        shape = argparse.RawDescriptionHelpFormatter
        parser = commands.add_parser(
            self.name, help=self.summary, description=self.description, epilog=self.examples, formatter_class=shape
        )
        parser.set_defaults(run=self.run)
        groups = {group: parser.add_argument_group(group) for _, _, group in self.arguments if group}
        for flags, options, group in self.arguments:
            groups.get(group, parser).add_argument(*flags, **options)


def output(folder: str) -> list[Option]:
    """--out and --quiet."""
    return [
        argument("--out", type=Path, default=Path(folder), metavar="DIR", help=f"folder for the results ({folder})"),
        argument("--quiet", action="store_true", help="print nothing"),
    ]


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
