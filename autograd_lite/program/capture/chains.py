"""Chains: what users write as `reduce(maximum, values)`, or as a loop, collected into one node with many operands.

A primitive of two operands may name, as its `structure`, the row of the table that a chain of its kind is. Each node of a chain is
used by the next one only.
"""

from dataclasses import dataclass, field

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program.capture.graph import NumberedGraph

_SHORT = 3  # fewer operands read better as they stand


@dataclass
class Chain:
    """primitive([operands[0], operands[1], ...]), the operands in the order in which they joined."""

    primitive: Primitive
    operands: list[int]
    absorbed: list[int] = field(default_factory=list)  # the nodes that are part of it


def chains(graph: NumberedGraph, batched: "numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]]") -> dict[int, Chain]:
    """The chains of a graph by the node that ends them. Those of `absorbed` nodes are nobody's any more.

    Without rows, two operands are one beside longer ones, with which they may be computed.
    """
    uses = numpy.bincount(numpy.concatenate([graph.edges, numpy.array(graph.needed)]), minlength=len(graph))
    found: dict[int, Chain] = {}
    for node, primitive in enumerate(graph.primitives):
        whole = TABLE.get(primitive.structure) if primitive is not None and primitive.is_builtin else None
        operands = graph.operands(node) if whole is not None else []
        if whole is None or any(operand in graph.constants for operand in operands):
            continue
        grown = next((operand for operand in operands if operand in found and uses[operand] == 1), None)
        if grown is None or found[grown].primitive is not whole or (grown in graph.detached) != (node in graph.detached):
            found[node] = Chain(whole, operands)
            continue
        found[node] = chain = found.pop(grown)  # it grows on, so that a chain of n operands costs n steps
        chain.operands += [operand for operand in operands if operand != grown]
        chain.absorbed.append(grown)
    long = {chain.primitive for chain in found.values() if len(chain.operands) >= _SHORT}
    return {
        node: chain
        for node, chain in found.items()
        if len(chain.operands) >= _SHORT or (chain.primitive in long and not batched[node])
    }
