"""Numbers beside each other: an n-ary node's local derivatives, without an object of Python's for each.

Interpreted, they are a list. In the compiled engine `setup.py` puts other bodies into the functions: doubles in one object's
memory. The engine alone calls them, with places that it has made room for.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_extensions import i64  # an int of the machine's

__all__ = ["COMPILED", "hide", "number_at", "put_number", "room_for"]

COMPILED: Final = bool(not __file__.endswith(".py"))


def room_for(count: "i64") -> Any:
    """A place for each of so many numbers, with whatever is in it."""
    return [0.0] * int(count)


def number_at(numbers: Any, place: "i64") -> float:
    """The number at a place, counted from 0."""
    found: float = numbers[place]
    return found


def put_number(numbers: Any, place: "i64", number: float) -> None:
    """Puts a number at a place."""
    numbers[place] = number


def hide(thing: Any) -> None:
    """Takes a list or the like, which nothing but a node of the pool refers to, out of the collector's sight."""
