"""What several commands share: how one is declared, and types of arguments whose complaints argparse turns into one line."""

import argparse
import math
from collections.abc import Callable
from typing import Any


class UsageError(Exception):
    """What was typed cannot be done: one line on standard error, and exit code 2."""


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """The parser of a new command.

    Args:
        commands: where argparse collects them.
        name: what to type.
        run: what it does, from the parsed options to an exit code.
        summary: a few words for the list of commands.
        description: a sentence or two for its own help.
        examples: lines to paste, for the end of its help.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


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
