"""Types of arguments that several commands take; argparse turns their complaints into one line."""

import argparse
import math


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
