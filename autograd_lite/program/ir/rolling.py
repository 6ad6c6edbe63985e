"""Re-rolling: nodes of one primitive in one round, made of the same sources, become one group and later one array.

Groups are formed round by round, so that the sources of all operands are known. A group that would not be worth an array is taken
apart again: its nodes become arrays of one element, plain columns with one number per row. Without rows, few are enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.chains import Chain, chains
from autograd_lite.program.capture.graph import Ids, NumberedGraph, are_side_by_side
from autograd_lite.program.capture.guards import Choice, Path
from autograd_lite.program.capture.sums import sums
from autograd_lite.program.ir.likeness import CONSTANT, FIRST_ARGUMENT, PARAMETER, Likeness
from autograd_lite.program.ir.rounds import layers_of, live_nodes, rounds

_WORTH_AN_ARRAY = 8
_LENGTHS, _FILLED = 3, 2  # lists of so many lengths become one array, if that has at most so many times their elements


@dataclass
class NodeGroup:
    """Nodes that are computed by one statement.

    Attributes:
        nodes: in the order of the array's elements.
        primitive: what computes them; None for sums.
        samples: how many different lists of inputs the inner products of a sum have, each with every list of weights; the nodes
            are then ordered by inputs first. 0 where the group is no such product.
        single: whether it is a plain number per row, not an array of one element.
    """

    nodes: list[int]
    primitive: Primitive | None
    samples: int = 0
    single: bool = False


class Rolled(Likeness):
    """A graph in groups.

    Attributes:
        groups: in an order in which they can be computed. The others are those of `Likeness`.
    """

    def __init__(self, graph: NumberedGraph, argument_sizes: Sequence[int], paths: Mapping[int, Path], apart: bool = False) -> None:
        self.graph, self.argument_sizes, self.paths, self.apart = graph, argument_sizes, paths, apart
        self.first_group = FIRST_ARGUMENT + len(argument_sizes)
        self.batched = _batched(graph, paths)
        self.chains: dict[int, Chain] = {} if apart else chains(graph, self.batched)
        self._roll()
        mixed = [node for node, chain in self.chains.items() if len(set(self.source[chain.operands].tolist())) > 1]
        if mixed:  # a list has one source, which is known only now
            self.chains = {node: chain for node, chain in self.chains.items() if node not in mixed}
            self._roll()

    def _roll(self) -> None:
        self.groups: list[NodeGroup] = []
        self.sums, absorbed = sums(self.graph, self.batched)
        absorbed = absorbed.union(*(chain.absorbed for chain in self.chains.values()))
        self.source = numpy.zeros(len(self.graph), numpy.int64)
        self.index = numpy.zeros(len(self.graph), numpy.int64)
        self._place_leaves()
        for members in self._rounds(absorbed):
            for key_members in _alike(members, self.key):
                for group in self._worthwhile(key_members):
                    places = group.nodes[0] if group.single else group.nodes  # a list of one would take ten times as long
                    self.source[places] = self.first_group + len(self.groups)
                    self.index[places] = 0 if group.single else numpy.arange(len(group.nodes))
                    self.groups.append(group)

    def put_parameters(self, order: Sequence[int]) -> None:
        """Parameters stand in another order: for each place, which one."""
        self.index[numpy.array(order, numpy.int64) + self.graph.arguments] = numpy.arange(len(order))

    def _place_leaves(self) -> None:
        first, sources = 0, [*range(FIRST_ARGUMENT, self.first_group), PARAMETER]
        for source, size in zip(sources, [*self.argument_sizes, self.graph.parameters], strict=True):
            self.source[first : first + size] = source
            self.index[first : first + size] = numpy.arange(size)
            first += size

    def _rounds(self, absorbed: set[int]) -> list[list[int]]:
        paths = self.paths
        nodes = [node for node in live_nodes(self.graph, self.operands) if node not in absorbed]
        sums = {node: self.sums[node] for node in nodes if node in self.sums and not paths.get(node)}
        self.layers = {} if self.apart else layers_of(self.graph, sums, self.batched)
        return rounds(nodes, lambda node: [*self.operands(node), *_deciding(paths, node)], self.layers)

    # ---- groups worth an array -----------------------------------------------------------------------------------------------

    def _worthwhile(self, nodes: list[int]) -> list[NodeGroup]:
        whole = self.sums.get(nodes[0])
        lengths = [len(self.operands(node)) for node in nodes] if self._list_of(nodes[0]) else []
        several = len(set(lengths))
        if several >= _LENGTHS and max(lengths) * len(nodes) <= _FILLED * sum(lengths):
            return [NodeGroup(sorted(nodes, key=self._first_places), None if whole else self.primitive(nodes[0]))]
        if several > 1:
            return [group for part in _alike(nodes, lambda node: len(self.operands(node))) for group in self._worthwhile(part)]
        if self.apart:
            return self._apart(nodes, None if whole else self.primitive(nodes[0]))
        if whole is None:
            return self._elementwise(nodes)
        many = len(nodes) >= _WORTH_AN_ARRAY or nodes[0] in self.layers
        weights, inputs = numpy.array([whole.weights, whole.inputs], numpy.int64)
        if self.are_factors(weights, inputs, nodes[0]).any() and (many or self.batched[nodes[0]]):
            return self._products(nodes)
        if not many and not self._is_array_of_arrays(nodes):
            return self._apart(nodes, None)
        return [NodeGroup(sorted(nodes, key=self._first_places), None)]

    def _is_array_of_arrays(self, nodes: list[int]) -> bool:
        """Whether nodes without rows are computed from elements of arrays: then they make an array, too, however few they are."""
        if len(nodes) < 2 or self.batched[nodes[0]]:
            return False
        operands = self.operands(nodes[0])
        wide = len(operands) >= _WORTH_AN_ARRAY
        sources = set(self.source[operands].tolist()) - {CONSTANT}
        return bool(sources) and all(
            wide if source == PARAMETER else not self.groups[source - self.first_group].single for source in sources
        )

    def _elementwise(self, nodes: list[int]) -> list[NodeGroup]:
        primitive = self.primitive(nodes[0])
        sources = self.source[self.operands(nodes[0])].tolist()
        groups = [self.groups[source - self.first_group] if source >= self.first_group else None for source in sources]
        fits = [group is not None and not group.single and len(group.nodes) == len(nodes) for group in groups]
        small = len(nodes) < _WORTH_AN_ARRAY and not self._is_array_of_arrays(nodes)
        if small and not any(fits) and not isinstance(primitive, Choice):
            return self._apart(nodes, primitive)
        columns = numpy.array([self.operands(node) for node in nodes]).T
        for column in compress(columns, fits):
            index = self.index[column]
            if len(set(index.tolist())) == len(nodes):
                return [NodeGroup([nodes[place] for place in numpy.argsort(index)], primitive)]
        varying = [column for column, source in zip(columns, sources, strict=True) if source != CONSTANT]
        few = small and (len(nodes) < 2 or not self._are_indicators(columns))
        if few or not varying:  # of constants alone: what fails in branches that the example does not take
            return self._apart(nodes, primitive)
        orders = [numpy.argsort(self.index[column], kind="stable") for column in varying]
        in_rows = [order for order, column in zip(orders, varying, strict=True) if are_side_by_side(self.index[column[order]])]
        return [NodeGroup([nodes[place] for place in [*in_rows, *orders][0]], primitive)]

    def _are_indicators(self, columns: Ids) -> bool:
        """Whether nodes choose between the same two numbers by comparing one with different ones, as for the index of a class."""
        sides, chosen = columns[:2], columns[2:]
        constants = self.graph.constants.keys()
        same = len(chosen) == 2 and all((column == column[0]).all() and column[0] in constants for column in chosen)
        return same and any((one == one[0]).all() and constants >= set(other.tolist()) for one, other in (sides, sides[::-1]))

    def _products(self, nodes: list[int]) -> list[NodeGroup]:
        """Groups in which every list of inputs meets every list of weights."""
        inputs = {node: tuple(self.sums[node].inputs) for node in nodes}
        nodes = sorted(nodes, key=self._place_of_weights)
        samples = list(_alike(nodes, inputs.__getitem__))
        if len(samples) > 1:
            weights = [{tuple(self.sums[node].weights): node for node in members} for members in samples]
            if all(each.keys() == weights[0].keys() for each in weights) and len(weights[0]) * len(weights) == len(nodes):
                lists = [self.sums[members[0]].inputs for members in samples]
                if (self.source[lists] == self.source[lists[0]]).all():  # else in the order of the function
                    samples.sort(key=lambda members: self.index[self.sums[members[0]].inputs].tolist())
                ordered = [{tuple(self.sums[node].weights): node for node in members} for members in samples]
                return [NodeGroup([each[key] for each in ordered for key in ordered[0]], None, samples=len(samples))]
            if len(samples) == len(nodes) >= _WORTH_AN_ARRAY:
                return [NodeGroup(nodes, None)]
        batched = bool(self.batched[nodes[0]])  # else an inner product that has no other beside it is a number
        return [
            NodeGroup(members, None, samples=int(batched or len(members) > 1), single=not batched and len(members) == 1)
            for members in samples
        ]

    def _first_places(self, node: int) -> list[int]:
        """Where the first elements of lists stand."""
        whole = self.sums.get(node)
        if whole is None:
            return [int(self.index[self.operands(node)[0]])]
        firsts = [*whole.singles[:1], *whole.weights[:1], *whole.inputs[:1]]
        return self.index[firsts].tolist()  # type: ignore[no-any-return]

    def _place_of_weights(self, node: int) -> int:
        """Where the weights of a neuron stand among the parameters of the model; the same for all where they are no parameters."""
        first = self.sums[node].weights[0]
        return int(self.index[first]) if self.source[first] == PARAMETER else 0

    def _apart(self, nodes: list[int], primitive: Primitive | None) -> list[NodeGroup]:
        return [NodeGroup([node], primitive, single=True) for node in nodes]


def _batched(graph: NumberedGraph, paths: Mapping[int, Path]) -> "numpy.ndarray[Any, numpy.dtype[numpy.bool_]]":
    """Which nodes differ from row to row: by their operands, or by standing in a branch that some rows take and others do not."""
    batched = bytearray(len(graph))  # of which an element costs a tenth of one of an array
    batched[: graph.arguments] = b"\1" * graph.arguments
    for node, primitive in enumerate(graph.primitives):
        if primitive is not None:
            batched[node] = any(map(batched.__getitem__, [*graph.operands(node), *_deciding(paths, node)]))
    return numpy.frombuffer(batched, bool)


def _deciding(paths: Mapping[int, Path], node: int) -> list[int]:
    """The nodes that the comparisons on a node's path are of; they are numbered before it."""
    return [side for turn in paths.get(node, ()) for side in (turn.left, turn.right)]


def _alike(members: Iterable[int], key: Any) -> Iterable[list[int]]:
    """The members in lists of equal keys, in the order in which the keys are first met."""
    found: dict[Any, list[int]] = {}
    for member in members:
        found.setdefault(key(member), []).append(member)
    return found.values()


def runs(*sources: Ids) -> list[Ids]:
    """The places of each combination of sources, in the order of first appearance."""
    found: dict[tuple[int, ...], list[int]] = {}
    for place, key in enumerate(zip(*(source.tolist() for source in sources), strict=True)):
        found.setdefault(key, []).append(place)
    return [numpy.array(places) for places in found.values()]
