"""The public names, which the reference on the site lists and `tests/test_docstrings.py` reads; needs nothing but the package."""

import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

ROOMS = {
    "": "what no room has",
    "value": "the node of a computation graph",
    "primitives": "functions with a row in the table",
    "functions": "functions written with those",
    "calculus": "derivatives of functions",
    "calculus.least_squares": "curves that fit data",
    "calculus.rounding": "how far rounding moved a value",
    "calculus.javascript": "the table as JavaScript",
    "symbols": "the rules on names",
    "losses": "what is made small",
    "nn": "neurons, layers, networks",
    "optim": "rules that update parameters",
    "training": "training on data",
    "datasets": "data to learn from",
    "program": "a function as a program on arrays",
    "drawing": "graphs as pictures",
    "stepping": "passes, step by step",
    "testing": "derivatives checked numerically",
    "testing.contracts": "tests to derive from",
    "testing.hypothesis": "strategies",
    "testing.libraries": "functions of somebody's arrays",
    "testing.fuzzing": "random programs from seeds",
    "testing.primitives.mutation": "rules broken on purpose",
    "bridges.jax": "functions of JAX as graphs of Values",
    "plotting": "charts",
    "plotting.tables": "numbers as text",
    "plotting.classes": "which class is taken for which",
    "plotting.pictures": "grey pictures",
    "playground": "the page on which students write Values",
    "primitive": "what a row of the table is",
    "errors": "what is raised",
    "commands.cli": "the commands, from Python",
    "systems": "the textbook systems",
    "systems.canon": "published examples, recomputed",
    "systems.equations": "the four equations of backpropagation",
    "systems.nist": "curves with certified answers",
    "compat": "the names of others",
    "compat.micrograd": "micrograd's `Value`",
    "compat.micrograd.nn": "micrograd's networks",
}

_APART = ("Functions", "Recorder")  # the methods of a Value that are the functions of the table, and what a user's own number has


def room_of(path: str) -> ModuleType:
    """The module of a room."""
    return importlib.import_module(f"autograd_lite.{path}".rstrip("."))


def public_names(path: str) -> list[str]:
    """The names of a room that are for users: its `__all__`, or what it has from its own modules, and what it raises.

    The package itself, whose path is "", has what no room has.
    """
    room = room_of(path)
    listed = getattr(room, "__all__", None)
    if not path:
        in_rooms = {name for other in ROOMS if other for name, _ in public_things(other)}
        return sorted(set(room.__all__) - in_rooms)
    if listed is not None:
        return list(listed)
    return [name for name, thing in vars(room).items() if not name.startswith("_") and (_is_own(thing, room) or is_error(thing))]


def public_things(path: str) -> Iterator[tuple[str, Any]]:
    """The functions and classes of a room, with the names that are for users; an old name of a class does not count."""
    room = room_of(path)
    for name in public_names(path):
        thing = getattr(room, name)
        if is_ours(thing) and (not isinstance(thing, type) or thing.__name__ == name):
            yield name, thing


def shown_with(cls: type) -> list[type]:
    """A class, and those that it inherits from which only divide its text between files: their members are shown as its own."""
    room = cls.__module__.split(".")[1]
    mixed_in = [base for base in cls.__mro__ if base.__module__.startswith(f"autograd_lite.{room}.") and id(base) not in _public()]
    return [cls, *(base for base in mixed_in if base.__name__ not in _APART)]


@cache
def _public() -> frozenset[int]:
    return frozenset(id(thing) for path in ROOMS for _, thing in public_things(path))


def is_ours(thing: Any) -> bool:
    """Whether it is a function or a class of this package, and not a constant or a name of another library."""
    return callable(thing) and _module_of(thing).startswith("autograd_lite")


def is_error(thing: Any) -> bool:
    """Whether it is an exception or a warning of this package."""
    return isinstance(thing, type) and issubclass(thing, BaseException) and is_ours(thing)


def _is_own(thing: Any, room: ModuleType) -> bool:
    return callable(thing) and not inspect.ismodule(thing) and f"{_module_of(thing)}.".startswith(f"{room.__name__}.")


def _module_of(thing: Any) -> str:
    return str(getattr(thing, "__module__", None) or "")
