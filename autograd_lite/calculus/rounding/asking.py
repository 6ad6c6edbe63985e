"""rounding: the rounding error of a value, or of what a function gives."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from math import isfinite
from typing import Any

from autograd_lite.calculus.call import tracer
from autograd_lite.calculus.onlooking import looked_on
from autograd_lite.calculus.rounding.analysis import NodeRounding, analysed, ordered
from autograd_lite.calculus.rounding.operation import UNIT
from autograd_lite.calculus.rounding.places import Places, in_words
from autograd_lite.calculus.rounding.report import Rounding
from autograd_lite.calculus.trees import leaves, mapped
from autograd_lite.engine.errors import GraphError, expression
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.recording import enable_grad, placed
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, is_recalled

_BENT = 0.5  # of the bound: beyond it, it rests on what is no straight line
_IS_BENT = "has a kink, a step or a curve within the rounding of its operands"


def rounding(what: Value | Callable[..., Any], *arguments: Any, inputs: float | Mapping[str, float] = 0.0) -> Rounding:
    """How far rounding has moved a value from what exact arithmetic makes of the same inputs, and where.

    bound = sum over all operations of |d value / d result| * (|rounding| + |bend|), in one reverse sweep: the rounding of an
    operation is known from the table of primitives or, in arithmetic, exactly; its bend is what a straight line over the errors of
    its operands leaves out.

    Args:
        what: a Value; or a function, whose lines and comparisons are then noted, of the arguments.
        arguments: as the function takes them: numbers, lists or arrays of numbers; Values as they are.
        inputs: how uncertain the inputs are, which are all leaves that need a gradient: 0.0 for exact; relative to each, as
            2**-53 for decimal numbers that were rounded to floats; or absolute, by their labels.
    Returns:
        A Rounding, which prints as a table.
    Raises:
        TypeError: if the function gives no Value, as the rounding of a plain number cannot be seen.
        GraphError: if some `.data` was changed after the value was computed, or inside a function that is traced.
        ValueError: if an uncertainty is negative or not finite, or its label is not in the graph.
    Source: Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976); Iri (1984).
    Example:
        >>> from autograd_lite import cos
        >>> found = rounding(lambda x: 1.0 - cos(x), 1e-5)
        >>> round(found.digits), found.lost[0].text, round(found.lost[0].lost), found.lost[0].cause
        (5, '1 - cos(x)', 10, 'cancellation')
    """
    if tracer() is not None:
        raise GraphError("rounding looks at the numbers of one run, and a function that is traced runs for many: call it outside.")
    places = Places()
    if isinstance(what, Value) and arguments:
        raise TypeError(f"rounding of a Value takes no arguments, got {len(arguments)}: those of a function stand after it")
    if callable(what):
        what = _run(what, arguments, places)
    if not isinstance(what, Value):
        raise TypeError(
            f"rounding needs a Value, got {type(what).__name__} {what!r:.60}: how a plain number was rounded cannot be seen. "
            "Give a Value, or a function of numbers that computes one."
        )
    graph = ordered([what], places.history)
    order = ordered([what, *places.sides], places.history)
    nodes = analysed(order, what, _uncertainty(graph, inputs), places.history)
    for node in nodes:
        node.place = places.place(node.value)
    found = Rounding(what.data, nodes[: len(graph)], [])
    found.nodes[-1].error = found.bound
    doubts = [*_doubts(found.nodes, found.bound), *_turning(places, nodes)]
    return Rounding(what.data, found.nodes, doubts) if doubts else found


def _run(function: Callable[..., Any], arguments: Sequence[Any], places: Places) -> Any:
    """The result of a function of Values with the names of its parameters."""
    given = list(map(_labelled, arguments, _names(function, len(arguments))))
    with enable_grad(), looked_on(places), placed(places):
        return function(*given)


def _names(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the parameters that arguments go to; x1, x2, ... where there are none."""
    with suppress(TypeError, ValueError):
        bound = inspect.signature(function).bind(*range(count)).arguments
        found = [[name] if isinstance(place, int) else [f"{name}[{i}]" for i in range(len(place))] for name, place in bound.items()]
        return [name for part in found for name in part]
    return [f"x{place + 1}" for place in range(count)]


def _labelled(argument: Any, name: str) -> Any:
    """An argument with a Value for every plain number in it."""
    count = sum(1 for _ in leaves(argument))
    alone = not isinstance(argument, list | tuple | dict) and count == 1
    numbers: Iterator[int] = iter(range(count))

    def value(number: Any) -> Any:
        place = next(numbers)
        if isinstance(number, Value):
            return number
        return Value(number, name if alone else f"{name}[{place}]")

    return mapped(value, argument)


def _uncertainty(order: Sequence[Value], inputs: float | Mapping[str, float]) -> Callable[[Value], float]:
    """How far a leaf may be off."""
    if not isinstance(inputs, Mapping):
        relative = _size(inputs)
        return lambda leaf: relative * abs(leaf.data) if leaf.requires_grad and relative else 0.0
    known = {leaf.label for leaf in order if leaf.primitive is None}
    for label in inputs:
        if label not in known:
            there = ", ".join(f"`{name}`" for name in sorted(filter(None, known))[:5]) or "none with a label"
            raise ValueError(f"`inputs` names {label!r}, which is no leaf of the graph; there are {there}")
    sizes = {label: _size(size) for label, size in inputs.items()}
    return lambda leaf: sizes.get(leaf.label, 0.0)


def _size(size: Any) -> float:
    number = as_float(size)
    if number < 0.0 or not isfinite(number):
        raise ValueError(f"an uncertainty is a finite number from 0 on, got {size!r}: 0.0 where exact, {UNIT!r} where rounded")
    return number


# ---- where the bound cannot be trusted ---------------------------------------------------------------------------------------


def _doubts(nodes: Sequence[NodeRounding], bound: float) -> Iterator[str]:
    """Why the bound cannot be trusted, as sentences; the first of each kind."""
    said: dict[str, NodeRounding] = {}
    for node in nodes:
        if why := _doubt(node, bound, len(nodes) == 1):
            said.setdefault(why, node)
    for why, node in said.items():
        yield f"`{node.text}` {why}" + _at(node.place)


def _doubt(node: NodeRounding, bound: float, alone: bool) -> str:
    value = node.value
    if not isfinite(value.data):
        return f"is {value.data!r}"
    if alone and not value.requires_grad:
        return "is a constant: what it was computed from is not known to it, and is seen in a function"
    if not isfinite(node.adjoint):
        return "moves the result without bound"
    if is_recalled(value) and node.adjoint:
        return "is a call that is recomputed: what was rounded inside is not seen"
    if node.ends and node.adjoint:
        return "has no value for some operands within their rounding"
    return _IS_BENT if node.bend and abs(node.adjoint) * node.bend > _BENT * bound else ""


def _at(place: str) -> str:
    return f" [{place}]" if place else ""


def _turning(places: Places, nodes: Sequence[NodeRounding]) -> Iterator[str]:
    """Comparisons that might come out otherwise without rounding, and numbers that left the graph, as sentences."""
    found = {id(node.value): node for node in nodes}
    for key, (sign, left, right, outcome) in places.comparisons.items():
        if left is right:  # as rules ask for nan
            continue
        sides = [found[id(side)] for side in (left, right) if isinstance(side, Value)]
        beside = right.data if isinstance(right, Value) else right
        error = sum(side.error for side in sides)
        if error and not abs(left.data - beside) > error:
            text = f"{shorten(expression(left).text)} {sign} {shorten(expression(right).text)}"
            yield f"`{text}` was {str(outcome).lower()}, and might not be without rounding" + _at(in_words(places.compared_at[key]))
    if places.escaped:
        count = "a number" if places.escaped == 1 else f"{places.escaped} numbers"
        yield f"{count} left the graph (.data, .grad, derivatives as numbers): what was rounded there is not seen"
