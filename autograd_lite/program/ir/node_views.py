"""Where the numbers of nodes stand, once parameters have their places: as terms that reach into arrays."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.axes import rows_of
from autograd_lite.program.ir.layout import parameter_arrays
from autograd_lite.program.ir.likeness import CONSTANT, FIRST_ARGUMENT, PARAMETER
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.rolling import Rolled
from autograd_lite.program.ir.statements import Joining, Statement
from autograd_lite.program.ir.terms import Number, Shape, Term


class NodeViews:
    """Views of the arrays of a rolled graph.

    Attributes:
        graph, rolled, names: as they were given. rows: as `rows_of` gives them.
        all_parameters, parameters, order: as `parameter_arrays` gives them.
        arguments: the arrays of the arguments. constants: those of known numbers, as they are met.
        arrays: those of the groups that have a statement. statements: so far; arrays that are put together get one before its user.
    """

    def __init__(self, rolled: Rolled, names: Names) -> None:
        self.graph, self.rolled, self.names = rolled.graph, rolled, names
        self.rows = rows_of(rolled)
        self.all_parameters, self.parameters, self.order = parameter_arrays(rolled, names, self.rows)
        rolled.put_parameters(self.order)
        sizes = numpy.array([array.size for array in self.parameters], numpy.int64)
        self._part = numpy.repeat(numpy.arange(len(sizes)), sizes)  # of each place in the array of all parameters
        self.arguments: list[Array] = []
        self.constants: list[Array] = []
        self.arrays: list[Array] = []
        self.statements: list[Statement] = []
        self._known: dict[Any, View] = {}
        self._ended: dict[Array, Array] = {}
        self._put_together: dict[bytes, Array] = {}
        self._ones: dict[int, Term] = {}

    def one(self, node: int) -> Term:
        """The number of one node, made once for all its users."""
        if node not in self._ones:
            array = self.array_of(node)
            place = numpy.array(0 if array is None else self.rolled.index[node] - (array.start if array.role == "parameter" else 0))
            self._ones[node] = Number(self.graph.constants[node]) if array is None else View(array, place)
        return self._ones[node]

    def array_of(self, node: int) -> Array | None:
        """The array that holds a node's number; None for a constant."""
        source = int(self.rolled.source[node])
        if source == CONSTANT:
            return None
        if source == PARAMETER:
            return self.parameters[int(self._part[self.rolled.index[node]])]
        if source < self.rolled.first_group:
            return self.arguments[source - FIRST_ARGUMENT]
        return self.arrays[source - self.rolled.first_group]

    def view(self, nodes: Ids, kept: int = 0) -> Term:
        """The numbers of nodes; axes along which they do not change shrink to 1, except the last `kept`."""
        nodes = shrunk(nodes, kept)
        source = self.rolled.source[nodes]
        if (source != source.flat[0]).any():
            return self._joined(nodes)
        array = self.array_of(int(nodes.flat[0]))
        if array is None:
            return self._constant(nodes, kept)
        index = self.rolled.index[nodes]
        if array.role == "parameter":
            parts = self._part[index]
            if (parts == parts.flat[0]).all():
                return View(array, index - array.start)
            return View(self.all_parameters, index)
        return View(array, index)

    def _joined(self, nodes: Ids) -> View:
        """The numbers of nodes that stand in several arrays, which a statement puts together first."""
        members = list(dict.fromkeys(nodes.ravel().tolist()))
        if nodes.tobytes() not in self._put_together:
            groups = [(array, list(part)) for array, part in groupby(members, self.array_of)]
            parts = [View(array, self.rolled.index[part]) for array, part in groups if array is not None]
            target = Array("", (len(members),), parts[0].batched, stem="t")
            self.statements.append(Joining(target, False, (), parts))
            self._put_together[nodes.tobytes()] = target
        places = {node: place for place, node in enumerate(members)}
        index = numpy.array([places[node] for node in nodes.ravel().tolist()]).reshape(nodes.shape)
        return View(self._put_together[nodes.tobytes()], index)

    def filled_up(self, lists: Sequence[Sequence[int]], shape: Shape) -> View:
        """Lists of nodes of one source in an array of lists, of which the short ones have zeros at their ends."""
        array = self.array_of(lists[0][0])
        assert array is not None
        index = numpy.full((len(lists), max(map(len, lists))), array.size)
        for row, nodes in zip(index, lists, strict=True):
            row[: len(nodes)] = self.rolled.index[list(nodes)]
        if array not in self._ended:
            target = self._ended[array] = Array("", (array.size + 1,), array.batched, stem="t")
            parts = [View(array, numpy.arange(array.size)), self._numbers(numpy.zeros(1))]
            self.statements.append(Joining(target, False, (), parts))
        return View(self._ended[array], shrunk(index.reshape(*shape, -1), 1))

    def _constant(self, nodes: Ids, kept: int) -> Term:
        numbers = numpy.array([self.graph.constants[node] for node in nodes.ravel().tolist()]).reshape(nodes.shape)
        if nodes.size == 1 and not kept:
            return Number(float(numbers.flat[0]))
        return self._numbers(numbers)

    def _numbers(self, numbers: Any) -> View:
        """An array of known numbers."""
        key = (numbers.shape, numbers.tobytes())
        if key not in self._known:
            array = Array(self.names.numbered("C", len(self.constants) + 1), numbers.shape, False, "constant", numbers)
            self.constants.append(array)
            self._known[key] = View(array, numpy.arange(array.size).reshape(array.shape))
        return self._known[key]


def shrunk(nodes: Ids, kept: int) -> Ids:
    """The same numbers without the axes along which they repeat: those become 1, and broadcast."""
    for axis in range(nodes.ndim - kept):
        first = nodes.take([0], axis)
        if nodes.shape[axis] > 1 and (nodes == first).all():
            nodes = first
    return nodes
