"""Rounds: which nodes are rolled together, in an order in which they can be computed.

Nodes whose operands are there make a round. Only the samples of a layer wait for each other: sums of products with the same
weights, such as those of the letters of a word, become one product of matrices, however many operations stand before each of them.
Where samples need each other, as in a recurrence, those go first that can.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.capture.sums import Sum

_SHORT = 3  # a sum of fewer products is no layer

Below = Callable[[int], Sequence[int]]


def live_nodes(graph: NumberedGraph, below: Below) -> list[int]:
    """The operations that are still needed when every sum is computed from its own terms."""
    live = bytearray(len(graph))
    for node in graph.needed:
        live[node] = True
    for node in range(len(graph) - 1, -1, -1):
        if live[node] and graph.primitives[node] is not None:
            for operand in below(node):
                live[operand] = True
    return [node for node, primitive in enumerate(graph.primitives) if primitive is not None and live[node]]


def layers_of(
    graph: NumberedGraph, sums: Mapping[int, Sum], batched: "numpy.ndarray[Any, numpy.dtype[numpy.bool_]]"
) -> dict[int, int]:
    """The layers that have several samples: for each of their sums, without rows, the number of its layer.

    Sums that share their weights or their inputs are of one layer.
    """
    lists = {node: _sides(graph, whole) for node, whole in sums.items() if len(whole.weights) >= _SHORT and not batched[node]}
    users = Counter(weights[0] for weights, _ in lists.values() if weights)
    parts = _Parts()
    for weights, inputs in lists.values():
        if weights and users[weights[0]] > 1:
            parts.join(weights, inputs)
    layers = {node: parts.of(weights) for node, (weights, _) in lists.items() if weights and users[weights[0]] > 1}
    samples = Counter(layer for layer, _ in {(layers[node], lists[node][1]) for node in layers})
    return {node: layer for node, layer in layers.items() if samples[layer] > 1}


def _sides(graph: NumberedGraph, whole: Sum) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The weights of a sum, which are parameters, and its inputs, which are none; nothing where a product is of others."""
    sides = numpy.array([whole.weights, whole.inputs])
    known = (sides >= graph.arguments) & (sides < graph.arguments + graph.parameters)
    if not (known[0] != known[1]).all():
        return (), ()
    return tuple(sides[known].tolist()), tuple(sides[~known].tolist())


class _Parts:
    """Things in parts, of which two become one when something joins them."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._known: list[int] = []  # a thing of the same part that was met before

    def of(self, thing: Any) -> int:
        """The number of the first thing of a part."""
        number = self._numbers.setdefault(thing, len(self._known))
        if number == len(self._known):
            self._known.append(number)
        while self._known[number] != number:
            self._known[number] = number = self._known[self._known[number]]
        return number

    def join(self, one: Any, other: Any) -> None:
        """Two things are of one part."""
        first, last = sorted((self.of(one), self.of(other)))
        self._known[last] = first


def rounds(nodes: Sequence[int], below: Below, layers: Mapping[int, int]) -> list[list[int]]:
    """The nodes in rounds.

    Args:
        nodes: in an order in which they can be computed. below: what a node is computed from. layers: as `layers_of` gives them.
    """
    return _Waiting(nodes, below, layers).rounds() if layers else _by_depth(nodes, below)


def _by_depth(nodes: Sequence[int], below: Below) -> list[list[int]]:
    depths = [0] * (nodes[-1] + 1 if nodes else 0)
    found: list[list[int]] = []
    for node in nodes:
        depths[node] = depth = 1 + max(map(depths.__getitem__, below(node)), default=0)
        if depth > len(found):
            found.append([])
        found[depth - 1].append(node)
    return found


class _Waiting:
    """Nodes that wait for their operands, and samples that wait for the others of their layer."""

    def __init__(self, nodes: Sequence[int], below: Below, layers: Mapping[int, int]) -> None:
        self.layers = layers
        self.users: dict[int, list[int]] = {node: [] for node in nodes}
        self.missing = dict.fromkeys(nodes, 0)  # how many operands are in no round yet
        for node in nodes:
            for operand in self.users.keys() & below(node):
                self.users[operand].append(node)
                self.missing[node] += 1
        self.left = Counter(layers.values())  # samples that are in no round yet
        self.here: dict[int, list[int]] = {}  # those of them that wait, by layer

    def rounds(self) -> list[list[int]]:
        found: list[list[int]] = []
        ready = [node for node, count in self.missing.items() if not count]
        while ready or self.here:
            found.append(sorted(self._round(ready)))
            ready = [user for node in found[-1] for user in self.users[node] if self._has_all(user)]
        return found

    def _has_all(self, user: int) -> bool:
        self.missing[user] -= 1
        return not self.missing[user]

    def _round(self, ready: Sequence[int]) -> list[int]:
        """The ready nodes that wait for nobody; where all wait, the samples that are here of the layer that was met first."""
        found = [node for node in ready if node not in self.layers]
        joined = {self.layers[node]: None for node in ready if node in self.layers}
        for node in ready:
            if node in self.layers:
                self.here.setdefault(self.layers[node], []).append(node)
        whole = [layer for layer in joined if len(self.here[layer]) == self.left[layer]]
        for layer in whole or ([] if found else [min(self.here)]):
            found += self.here[layer]
            self.left[layer] -= len(self.here.pop(layer))
        return found
