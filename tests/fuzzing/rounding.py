"""How far rounding may move each number of eager evaluation: by a bound of first order, and by moving what it is computed from."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.fuzzing.eager import Answer, answer
from tests.fuzzing.branches import branches

EPSILON = 2.0**-53


def is_moderate(found: Answer) -> bool:
    """Whether single precision can hold the numbers, and what they are made from."""
    nodes = [node.data for output in found.outputs for node in topological_order(output)]
    return all(number == 0.0 or 1e-15 < abs(number) < 1e15 for number in [*nodes, *(s for line in found.slopes for s in line)])


def entry(found: Answer, order: int, place: int) -> float:
    """One number of the answer; `order` and `place` are as for `rounding`."""
    numbers = found.curvature() if order == 2 else {0: [found.values], 1: found.slopes, -1: found.weights}[order]
    return [number for line in numbers for number in line][place]


def rounding(found: Answer, order: int, place: int) -> float:
    """A bound on the rounding error of one number, to first order.

    Every operation may be off by a rounding of its result and of its terms, and moves the number by its adjoint times that:
    the sum over all nodes of |adjoint| * (|result| + the sum of |operand * partial|), times epsilon. A derivative is such a
    number, of the graph of its adjoints; and what a sweep adds up to the adjoint of a node is off by a rounding of its
    largest part, which counts as much as the node depends on the input.

    Args:
        order: 0 for a value, 1 for a slope by an argument, -1 for one by a parameter, 2 for an entry of the Hessian.
        place: which one, counted through all results.
    """
    if order == 0:
        return EPSILON * _terms(found.outputs[place])
    node, by = found.outputs[0], found.inputs
    if order == 2:
        row, place = divmod(place, len(by))
        node = gradients(node, by, differentiable=True)[row]
    else:
        by = by if order == 1 else found.parameters
        node, place = found.outputs[place // len(by)], place % len(by)
    slope = gradients(node, by, differentiable=True)[place]
    return EPSILON * (_terms(slope) + _sweep(node, by[place]))


def _terms(out: Value) -> float:
    nodes = topological_order(out)
    adjoints = gradients(out, nodes)
    whole = 0.0
    for node, adjoint in zip(nodes, adjoints, strict=True):
        size = abs(node.data)
        for operand, partial in zip(node.operands, node.local_derivatives, strict=True):
            size += abs(operand.data * partial) if partial is not None else abs(operand.data)
        whole += abs(adjoint) * size if adjoint else 0.0
    return whole


def _sweep(out: Value, by: Value) -> float:
    """The sum over all nodes of what a sweep adds up there, in magnitude, times how the node depends on `by`."""
    nodes = topological_order(out)
    tangents, parts = {id(by): 1.0}, dict.fromkeys(map(id, nodes), 0.0)
    for node, adjoint in zip(nodes, gradients(out, nodes), strict=True):
        for operand, partial in zip(node.operands, node.local_derivatives, strict=True):
            if partial:
                parts[id(operand)] += abs(adjoint * partial)
                tangents[id(node)] = tangents.get(id(node), 0.0) + partial * tangents.get(id(operand), 0.0)
    return sum(part * abs(tangents.get(node, 0.0)) for node, part in parts.items() if part)


# ---- conditioning ------------------------------------------------------------------------------------------------------------


@contextmanager
def changed(parameters: Sequence[Value], change: Callable[[float], float]) -> Iterator[None]:
    """A block in which parameters have other numbers."""
    numbers = [value.data for value in parameters]
    for value in parameters:
        value.data = change(value.data)
    try:
        yield
    finally:
        for value, number in zip(parameters, numbers, strict=True):
            value.data = number


def _shake(x: float, by: float, seed: int) -> float:
    """x changed by a relative amount that depends on x alone, so that equal numbers stay equal."""
    if not math.isfinite(x):
        return x
    way = -1.0 if seed % 2 else 1.0  # once more the other way, as a jump may be on either side
    return x * (1.0 + way * by * math.sin((seed + 1) // 2 * 12.9898 + x * 78.233))


def moved(ready: Ready, rows: Sequence[Any], parameters: Sequence[Value], by: float) -> list[list[tuple[Answer, list[bool]]]]:
    """The answers, with the branches that Python takes, where arguments and parameters are changed by a relative `by`, a few times:
    how the program is conditioned, and whether it has a kink or a branch so near that rounding decides."""

    def shaken(numbers: Any, seed: int) -> Any:
        return [shaken(number, seed) for number in numbers] if isinstance(numbers, list) else _shake(numbers, by, seed)

    answers = []
    for seed in range(1, 5):
        with changed(parameters, lambda x, seed=seed: _shake(x, by, seed)):  # type: ignore[misc]
            near = [shaken(list(row), seed) for row in rows]
            answers.append([(answer(ready, row, parameters), branches(ready, row)) for row in near])
    return answers
