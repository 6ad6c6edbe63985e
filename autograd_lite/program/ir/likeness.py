"""What nodes must have in common to be rolled together: what computes them, and where their operands stand.

The source of a node is where its number stands: the constants, the parameters, an argument, or the group it belongs to.
"""

from collections.abc import Mapping
from typing import Any

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.chains import Chain
from autograd_lite.program.capture.graph import Ids, NumberedGraph
from autograd_lite.program.capture.guards import Path
from autograd_lite.program.capture.sums import Sum
from autograd_lite.program.ir.reductions import may_repeat

CONSTANT, PARAMETER, FIRST_ARGUMENT = 0, 1, 2


class Likeness:
    """A graph, as far as it is rolled.

    Attributes:
        graph: what is rolled. apart: whether nothing is to be rolled. paths: the branches that nodes stand in.
        sums: its sums, by node. chains: its chains, by node.
        batched: by node, whether it differs from row to row. layers: of sums that are samples of a layer, its number.
        source: by node, where its number stands. index: by node, which element there. first_group: the source of the first group.
    """

    graph: NumberedGraph
    apart: bool
    paths: Mapping[int, Path]
    sums: dict[int, Sum]
    chains: dict[int, Chain]
    layers: dict[int, int]
    batched: "numpy.ndarray[Any, numpy.dtype[numpy.bool_]]"
    source: Ids
    index: Ids
    first_group: int

    def operands(self, node: int) -> list[int]:
        """The nodes that a node is computed from, as it is now computed."""
        if node in self.chains:
            return self.chains[node].operands
        whole = self.sums.get(node)
        operands: list[int] = self.graph.operands(node) if whole is None else whole.operands()
        return operands

    def primitive(self, node: int) -> Primitive | None:
        """What computes a node, as it is now computed; a sum of its own kind aside."""
        return self.chains[node].primitive if node in self.chains else self.graph.primitives[node]

    def key(self, node: int) -> Any:
        """What nodes of one round have in common if and only if they may be rolled together."""
        whole = self.sums.get(node)
        primitive = self.primitive(node)
        detached = node in self.graph.detached, self._turns(node) if self.paths else ()
        if whole is None:
            operands = self.operands(node)
            assert primitive is not None
            told_apart = type(primitive).simplify is not Primitive.simplify or primitive.orders  # which a formula may count by
            values = tuple(map(self.graph.constants.get, operands)) if told_apart else ()
            return id(primitive), detached, self._list_of(node) or self.source[operands].tobytes(), values
        self.orient(node)
        weights, singles = self.source[whole.weights], self._sorted(whole.singles)
        adding = primitive if primitive is not None and primitive.takes_list else "+"
        terms = self._list_of(node) or (self._sources(singles, node), weights.tobytes(), self._sources(whole.inputs, node))
        return adding, detached, *terms, self._owner(whole)

    def _sources(self, nodes: list[int], user: int) -> Any:
        """Where the terms of a sum stand; the samples of a layer may stand in several arrays."""
        source = self.source[nodes]
        layer = self.layers.get(user)
        return source.tobytes() if layer is None else (layer, numpy.minimum(source, self.first_group).tobytes())

    def _list_of(self, node: int) -> Any:
        """Where the one list stands that a node without rows is computed from, or the two that it multiplies; None for any other.

        So lists of several lengths may make one array, in which short ones are filled up.
        """
        whole = self.sums.get(node)
        if self.batched[node] or self.apart or node in self.layers:
            return None
        if whole is None:
            primitive = self.primitive(node)
            repeats = node in self.graph.detached and primitive is not None and may_repeat(primitive)
            lists = [self.operands(node)] if repeats else []  # ties would share a derivative with what is repeated
        else:
            lists = [whole.weights, whole.inputs] if not whole.singles else [whole.singles] if not whole.weights else []
        sources = [set(self.source[each].tolist()) for each in lists]
        known = bool(lists) and all(len(each) == 1 and min(each) >= self.first_group for each in sources)
        return tuple(each.pop() for each in sources) if known else None

    def _turns(self, node: int) -> Any:
        """Where the comparisons on a node's path get their numbers from."""
        path = self.paths.get(node, ())
        return tuple((turn.sign, turn.first, int(self.source[turn.left]), int(self.source[turn.right])) for turn in path)

    def orient(self, node: int) -> None:
        """Weights are parameters, or what is the same in every row; pairs and singles stand in the order of their sources."""
        whole = self.sums[node]
        weights, inputs = numpy.array(whole.weights, numpy.int64), numpy.array(whole.inputs, numpy.int64)
        swap = self._rank(weights) > self._rank(inputs)
        weights, inputs = numpy.where(swap, inputs, weights), numpy.where(swap, weights, inputs)
        keys = (self.index[inputs], self.source[inputs], self.source[weights])
        order = numpy.lexsort((self.index[weights],) if node in self.layers else keys)
        whole.weights, whole.inputs = weights[order].tolist(), inputs[order].tolist()
        whole.singles = self._sorted(whole.singles)

    def orient_again(self, nodes: list[int]) -> None:
        """Nodes that are rolled together, once parameters have other places; all samples of a layer in one order."""
        if nodes[0] not in self.layers:
            for node in nodes:
                self.orient(node)
            return
        order = numpy.argsort(self.index[self.sums[nodes[0]].weights], kind="stable").tolist()
        for whole in map(self.sums.__getitem__, nodes):
            whole.weights, whole.inputs = ([side[place] for place in order] for side in (whole.weights, whole.inputs))
            whole.singles = self._sorted(whole.singles)

    def _rank(self, nodes: Ids) -> Ids:
        """How far numbers are from being weights: 0 for parameters, 1 for what is the same in every row, 2 for the rest."""
        return numpy.where(self.source[nodes] == PARAMETER, 0, 1 + self.batched[nodes])

    def are_factors(self, weights: Ids, inputs: Ids, user: int) -> "numpy.ndarray[Any, numpy.dtype[numpy.bool_]]":
        """Which pairs of a sum are of a weight and an input: the one is the same in every row, the other is not.

        In a sum without rows the one is a parameter, and the other is computed.
        """
        found: numpy.ndarray[Any, numpy.dtype[numpy.bool_]] = self.batched[weights] != self.batched[inputs]
        if not self.batched[user]:
            found = (self.source[weights] == PARAMETER) & (self.source[inputs] >= self.first_group)
        return found

    def _sorted(self, nodes: list[int]) -> list[int]:
        return sorted(nodes, key=lambda node: (self.source[node], self.index[node]))

    def _owner(self, whole: Sum) -> str:
        """Whose weights they are, by the label: neurons of two layers stay two groups even where they share their inputs."""
        first = whole.weights[0] if whole.weights else None
        if first is None or self.source[first] != PARAMETER:
            return ""
        label = self.graph.nodes[first].label or ""
        return ".".join(label.split(".")[:-2])
