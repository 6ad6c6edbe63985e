"""Sums: what users write as `sum(w * x for ...) + b`, as loops or with `reduce`, collected into one node with many terms.

A primitive says by its `structure` that it adds, multiplies, or adds products. A chain of such nodes, each used by the next
one only, is one sum; its terms are single nodes and products of two.
"""

from dataclasses import dataclass, field

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.graph import Ids, NumberedGraph

_SHORT = 3  # a sum of fewer terms reads better as it stands


@dataclass
class Sum:
    """singles[0] + singles[1] + ... + weights[0] * inputs[0] + weights[1] * inputs[1] + ..."""

    singles: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)  # the nodes that are part of it
    given: bool = False  # written as `total` or `dot`

    def operands(self) -> list[int]:
        """Every node it is computed from, with repeats."""
        return [*self.singles, *self.weights, *self.inputs]


def sums(graph: NumberedGraph, batched: "numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]]") -> tuple[dict[int, Sum], set[int]]:
    """The sums of a graph by the node that holds their value, and the nodes that need no value of their own any more."""
    uses = numpy.bincount(numpy.concatenate([graph.edges, numpy.array(graph.needed)]), minlength=len(graph))
    found: dict[int, Sum] = {}
    for node, primitive in enumerate(graph.primitives):
        if primitive is not None and primitive.structure in ("sum", "inner product"):
            found[node] = _sum(graph, node, primitive, uses, found)
    worthy = {node: each for node, each in found.items() if _is_worthy(each, batched)}
    inside = {node for each in worthy.values() for node in each.absorbed}
    return {node: each for node, each in worthy.items() if node not in inside}, inside


def _sum(graph: NumberedGraph, node: int, primitive: Primitive, uses: Ids, found: dict[int, Sum]) -> Sum:
    operands = graph.operands(node)
    whole = Sum()
    if primitive.structure == "inner product":
        count, first = divmod(len(operands), 2)
        whole = Sum(operands[:first], operands[first : first + count], operands[first + count :], given=True)
    elif primitive.arity == 2:
        for position, operand in enumerate(operands):
            whole = _with_term(whole, operand, graph, uses, found, grows=position == 0)
    else:
        whole.given = True
        for operand in operands:
            _add_term(whole, operand, graph, uses)
    return whole


def _with_term(whole: Sum, operand: int, graph: NumberedGraph, uses: Ids, found: dict[int, Sum], grows: bool) -> Sum:
    """The sum with one more operand, or with the terms of the sum that this operand is, where nobody else uses it."""
    part, primitive = found.get(operand), graph.primitives[operand]
    alone = (
        primitive is not None and primitive.takes_list and primitive.structure == "sum"
    )  # rounds once, and may raise: a statement of its own
    if part is None or uses[operand] != 1 or operand in graph.detached or alone:
        _add_term(whole, operand, graph, uses)
        return whole
    if grows:
        # The chain's own lists grow on, so that a chain of n terms costs n steps; its former end is never looked at again.
        found[operand] = Sum()
        part.absorbed.append(operand)
        return part
    if part.given or len(part.singles) + len(part.weights) >= _SHORT:
        whole.singles += part.singles
        whole.weights += part.weights
        whole.inputs += part.inputs
        whole.absorbed += [*part.absorbed, operand]
        whole.given |= part.given
    else:
        _add_term(whole, operand, graph, uses)
    return whole


def _add_term(whole: Sum, operand: int, graph: NumberedGraph, uses: Ids) -> None:
    """One more term: a product that nobody else uses as a pair, anything else as it is."""
    primitive = graph.primitives[operand]
    if uses[operand] == 1 and primitive is not None and primitive.structure == "product" and operand not in graph.detached:
        weight, x = graph.operands(operand)
        if weight not in graph.constants and x not in graph.constants:
            whole.weights.append(weight)
            whole.inputs.append(x)
            whole.absorbed.append(operand)
            return
    if graph.constants.get(operand) != 0.0:
        whole.singles.append(operand)


def _is_worthy(whole: Sum, batched: "numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]]") -> bool:
    """Whether collecting the sum pays."""
    if whole.given or len(whole.singles) >= _SHORT or len(whole.weights) >= _SHORT:
        return True
    mixed = sum(batched[w] != batched[x] for w, x in zip(whole.weights, whole.inputs, strict=True))
    return bool(mixed >= 2)
