"""Where parameters stand: each matrix of weights and each vector of biases in one piece of the array of all parameters."""

from collections.abc import Mapping, Sequence

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.likeness import PARAMETER
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.rolling import NodeGroup, Rolled, runs
from autograd_lite.program.ir.terms import Shape


def parameter_arrays(rolled: Rolled, names: Names, rows: Mapping[int, Shape]) -> tuple[Array, list[Array], list[int]]:
    """The array of all parameters, its parts by name, and which parameter of the graph stands at each place.

    Args:
        rolled: the graph. names: that are taken. rows: as `rows_of` gives them.
    """
    everything = Array(names.unique("parameters"), (rolled.graph.parameters,), False, "parameter")
    layout = _ParameterLayout(rolled, names)
    for group in rolled.groups:
        if group.primitive is None and group.samples:
            layout.place_layer(group)
    for group in rolled.groups:
        layout.place_operands(group, rows.get(group.nodes[0]))
    layout.place_rest()
    return everything, layout.arrays, layout.order


class _ParameterLayout:
    def __init__(self, rolled: Rolled, names: Names) -> None:
        self.rolled, self.names = rolled, names
        self.first = rolled.graph.arguments
        self.placed = numpy.zeros(rolled.graph.parameters, bool)
        self.order: list[int] = []
        self.arrays: list[Array] = []
        self.layers = 0

    def place_layer(self, group: NodeGroup) -> None:
        """The weights of a matrix product as a matrix, row by output, and its biases as a vector."""
        outputs = [self.rolled.sums[node] for node in group.nodes[: len(group.nodes) // group.samples]]
        weights = numpy.array([whole.weights for whole in outputs])
        for columns in runs(self.rolled.source[weights[0]]):
            if self.rolled.source[weights[0, columns[0]]] == PARAMETER:
                self._place(weights[:, columns], "W")
        for column in numpy.array([whole.singles for whole in outputs]).T:
            if (self.rolled.source[column] == PARAMETER).all():
                self._place(column, "b")

    def place_operands(self, group: NodeGroup, shape: Shape | None) -> None:
        """The parameters that stand side by side in a statement, in its shape where that is known."""
        lists = [self.rolled.operands(node) for node in group.nodes]
        if len(lists) == 1 or len(set(map(len, lists))) > 1:
            return
        for kind in ("singles", "weights", "inputs") if group.primitive is None else ():
            terms = numpy.array([getattr(self.rolled.sums[node], kind) for node in group.nodes], numpy.int64)
            whole = terms[:, self.rolled.source[terms[0]] == PARAMETER]
            if whole.shape[1] > 2:
                self._place(whole, "p")
        for column in numpy.array(lists).T:
            if (self.rolled.source[column] == PARAMETER).all():
                self._place(column if shape is None else column.reshape(shape), "p")

    def place_rest(self) -> None:
        """Whatever stands alone, under its own label."""
        for node in numpy.flatnonzero(~self.placed) + self.first:
            self._place(numpy.array(node), self.rolled.graph.nodes[node].label or "p")

    def _place(self, nodes: Ids, name: str) -> None:
        parameters = nodes.ravel() - self.first
        if self.placed[parameters].any() or len(set(parameters.tolist())) != parameters.size:
            return
        self.layers += name == "W"
        counted = {"W": self.layers, "b": self.layers, "p": 0}
        unique = self.names.numbered(name, counted[name]) if name in counted else self.names.unique(name)
        note = _labels([self.rolled.graph.nodes[node].label for node in nodes.ravel()])
        self.arrays.append(Array(unique, nodes.shape, False, "parameter", start=len(self.order), note=note))
        self.placed[parameters] = True
        self.order.extend(parameters.tolist())


def _labels(labels: Sequence[str | None]) -> str:
    return "" if labels[0] is None else str(labels[0]) if len(labels) == 1 else f"{labels[0]} ... {labels[-1]}"
