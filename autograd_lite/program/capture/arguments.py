"""The arguments of a traced function: what it calls them, their shapes, and the fresh Values that stand for them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.value import Value
from autograd_lite.program.capture.reading import TraceError


@dataclass(frozen=True)
class Argument:
    """One argument of the function that a program takes an array for.

    Attributes:
        name: as the function calls it.
        shape: of one sample: () for a number, (n,) for a list, (n, m) for a list of lists.
        values: the Values it was traced with, in order.
    """

    name: str
    shape: tuple[int, ...]
    values: list[Value]


def names_of(function: Callable[..., Any], count: int) -> list[str]:
    """What a function calls its first arguments."""
    try:
        signature = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        signature = []
    names = [each.name for each in signature if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    rest = next((each.name for each in signature if each.kind == each.VAR_POSITIONAL), "x")
    return (names + [f"{rest}{i}" for i in range(count)])[:count]


def fresh_values(name: str, argument: Any, values: list[Value], label: str | None = None) -> tuple[tuple[int, ...], Any]:
    """The shape of an argument, and the same argument of fresh Values, which are added to `values`."""
    label = label or name
    if hasattr(argument, "tolist"):
        argument = argument.tolist()
    if isinstance(argument, list | tuple):
        parts = [fresh_values(name, part, values, f"{label}[{i}]") for i, part in enumerate(argument)]
        shapes = {shape for shape, _ in parts}
        if len(shapes) != 1:
            what = "is empty" if not shapes else "holds lists of different lengths"
            raise TraceError(f"the example for `{name}` {what}: a program needs the same shape for every sample")
        return (len(parts), *shapes.pop()), [part for _, part in parts]
    try:
        value = Value(argument.data if isinstance(argument, Value) else argument, label)
    except (TypeError, OverflowError) as error:
        raise TraceError(f"the example for `{name}` must be a number, a list of numbers or a Module: {error}") from None
    values.append(value)
    return (), value
