"""Packs: the operands of a sum of products with their numbers beside each other, without an object of Python's for each number.

A sum keeps two: its own, the bias and the weights, and its inputs, which it shares with the other sums of its layer. The compiled
engine alone calls these functions, and `setup.py` puts other bodies into them, those of `packs.h`. As they stand here, a pack is a
tuple: the operands, their numbers, and whether each needs a gradient.
"""

from typing import TYPE_CHECKING, Any

from autograd_lite.engine.primitive import Recorder

if TYPE_CHECKING:
    from mypy_extensions import i64  # an int of the machine's

__all__ = ["add_slopes", "hide", "needs_gradient", "next_interior", "operand_at", "packed", "slope_at", "sum_of"]


def packed(head: Any, operands: Any, shared: bool) -> Any:
    """The pack of a head, unless that is None, and a list or tuple; None where not all are Values or plain numbers.

    `shared` for inputs, which the compiled engine then looks for among the packs of inputs.
    """
    if type(operands) is not list and type(operands) is not tuple:
        return None
    listed = tuple(operands) if head is None else (head, *operands)
    if not all(isinstance(operand, Recorder) or type(operand) is float for operand in listed):
        return None
    numbers = [getattr(operand, "_data", operand) for operand in listed]
    return listed, numbers, [getattr(operand, "requires_grad", False) for operand in listed]


def needs_gradient(own: Any, inputs: Any) -> bool:
    """Whether an operand does."""
    return any(own[2]) or any(inputs[2])


def sum_of(own: Any, inputs: Any) -> float:
    """bias + w0 * x0 + w1 * x1 + ..., added in this order."""
    weights, factors = own[1], inputs[1]
    first = len(weights) - len(factors)
    out: float = weights[0] if first else -0.0  # -0.0 + y is y, also for y = -0.0
    for weight, factor in zip(weights[first:], factors):  # noqa: B905 - mypyc's own loop for zip has no `strict`
        out = out + weight * factor
    return out


def add_slopes(own: Any, inputs: Any, gradient: float) -> None:
    """The chain rule for every operand that needs it: grad += local derivative * gradient, in order."""
    for place, operand in enumerate((*own[0], *inputs[0])):
        slope = slope_at(own, inputs, place)
        if slope is not None:
            operand._grad += slope * gradient


def next_interior(own: Any, inputs: Any, place: "i64", below_mark: "i64") -> "i64":
    """The place, from this one on, of an interior operand that a sweep has not entered; the end, where there is none."""
    operands = (*own[0], *inputs[0])
    while place < len(operands):
        operand = operands[place]
        if slope_at(own, inputs, place) is not None and operand.primitive is not None and operand._mark <= below_mark:
            break
        place += 1
    return place


def operand_at(own: Any, inputs: Any, place: "i64") -> Any:
    """The operand at a place, counted over both; None at the end."""
    operands = (*own[0], *inputs[0])
    return operands[place] if place < len(operands) else None


def slope_at(own: Any, inputs: Any, place: "i64") -> Any:
    """The local derivative by the operand at a place; None where that needs no gradient."""
    count, first = len(own[0]), len(own[0]) - len(inputs[0])
    if place < count:
        return (1.0 if place < first else inputs[1][place - first]) if own[2][place] else None
    return own[1][place - count + first] if inputs[2][place - count] else None


def hide(thing: Any) -> None:
    """Takes an object, which nothing but a node of the pool refers to, out of the collector's sight."""
