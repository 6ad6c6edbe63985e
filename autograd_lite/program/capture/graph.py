"""The traced graph as integers: nodes are numbered, operands before users, and no edge is a Python object.

Reading the graph leaves out what no output needs, gives equal constants and equal operations of equal operands one number, and
keeps what depends on neither arguments nor parameters as the number that eager computed. With `apart`, equal operations stay apart.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value
from autograd_lite.program.capture.guards import Condition, Guard
from autograd_lite.program.capture.tracing import Traced

Ids = numpy.ndarray[Any, numpy.dtype[numpy.int64]]


def are_side_by_side(places: Ids) -> bool:
    """Whether places follow one another."""
    return bool((numpy.diff(places) == 1).all())


class NumberedGraph:
    """A graph of numbered nodes: arguments first, then parameters, then constants and operations as they are met.

    Attributes:
        arguments: the number of nodes that stand for arguments.
        parameters: the number of parameters, whose nodes follow.
        constants: the number of every constant node, by node.
        primitives: by node, what computes it; None for leaves.
        nodes: by node, the Value, for names and messages.
        outputs: the nodes of the results. differentiated: those of operations that inner derivatives went through.
        guards: for each guard of the run, the nodes of the numbers it compares; then those of the conditions on its path.
        edges: the operands of all nodes, one after the other.
        detached: nodes through which no derivative flows.
        captured: leaves from outside that were taken as constants, with their number then.
    """

    def __init__(self, run: Traced, *, apart: bool = False) -> None:
        leaves = [*run.inputs, *run.parameters]
        self.arguments = len(run.inputs)
        self.parameters = len(run.parameters)
        self.constants: dict[int, float] = {}
        self.detached: set[int] = set()
        self.captured: list[tuple[Value, float]] = []
        self._made, self._hidden, self._apart = run.made, run.hidden, apart
        self._flat = array("q")
        self._known: dict[Any, int] = {}
        self.nodes: list[Value] = list(leaves)
        self.primitives: list[Primitive | None] = [None] * len(leaves)
        self._starts = array("q", bytes(8 * (len(leaves) + 1)))
        self._place = dict(zip(map(id, leaves), range(len(leaves)), strict=True))
        self.outputs = [self.read(output) for output in run.outputs]
        self.differentiated = [self.read(node) for node in run.differentiated]
        self.guards = [self._comparisons(guard) for guard in run.guards]
        self.edges = numpy.array(self._flat, numpy.int64)

    def __len__(self) -> int:
        return len(self.primitives)

    def places(self) -> list[tuple[int, int]]:
        """Every recorded Value that was met, by its id, with its node."""
        return list(self._place.items())

    def is_constant(self, value: Value) -> bool:
        """Whether a Value that was met is the same number in every row."""
        return not value.requires_grad and self._place.get(id(value)) in self.constants

    def operands(self, node: int) -> list[int]:
        """The nodes that a node was computed from, in order."""
        return self._flat[self._starts[node] : self._starts[node + 1]].tolist()

    def read(self, root: Value) -> int:
        """The node of a Value; what it was computed from is numbered first."""
        place, hidden = self._place, self._hidden
        if id(root) in place:
            return place[id(root)]
        path = [(root, *self._made(root))]
        while path:
            node, primitive, operands = path[-1]
            below = [part for part in operands if (part.primitive is not None or id(part) in hidden) and id(part) not in place]
            if below:
                path.extend((part, *self._made(part)) for part in reversed(below))
            else:
                path.pop()
                if id(node) not in place:
                    place[id(node)] = self._number(node, primitive, operands)
        return place[id(root)]

    def _comparisons(self, guard: Guard) -> list[tuple[int, int]]:
        """The sides of a guard, then those of the conditions on its path, which are numbered first: they decide if it is asked."""
        asked: list[Guard | Condition] = [*(condition for condition, _ in guard.path), guard]
        *path, own = [(self.read(each.left), self.read(each.right)) for each in asked]
        return [own, *path]

    @property
    def needed(self) -> list[int]:
        """The nodes that somebody outside the graph asks for, for their numbers or for their domains."""
        return [
            *self.outputs,
            *self.differentiated,
            *(node for comparisons in self.guards for sides in comparisons for node in sides),
        ]

    def _number(self, node: Value, primitive: Primitive | None, operands: tuple[Value, ...]) -> int:
        if primitive is None:
            return self._constant(node)
        place = self._place
        for operand in operands:
            if id(operand) not in place:
                place[id(operand)] = self._constant(operand)
        ids = array("q", list(map(place.__getitem__, map(id, operands))))
        if all(map(self.constants.__contains__, ids)):  # every operation that failed is a node of its own, in its branch
            return self._add(node, primitive, ids) if self._has_failed(node, ids) else self._constant(node)
        key = (id(node) if self._apart else id(primitive), ids.tobytes(), node.requires_grad)
        known = self._known.get(key)
        if known is None:
            self._known[key] = known = self._add(node, primitive, ids)
            if not node.requires_grad:
                self.detached.add(known)
        return known

    def _has_failed(self, node: Value, operands: Sequence[int]) -> bool:
        """Whether an operation on numbers had no result, in a branch that the example did not take: a row that takes it fails."""
        number = node.data
        return number != number and all(self.constants[operand] == self.constants[operand] for operand in operands)

    def _constant(self, node: Value) -> int:
        number = node.data
        if node.primitive is None and node.requires_grad and id(node) not in self._hidden:
            self.captured.append((node, number))
        key = number if number * 0.0 == 0.0 and number else str(number)  # -0.0 is not 0.0, and nan is itself
        known = self._known.get(key)
        if known is None:
            self._known[key] = known = self._add(node, None, ())
            self.constants[known] = number
        return known

    def _add(self, node: Value, primitive: Primitive | None, operands: Sequence[int]) -> int:
        self.primitives.append(primitive)
        self.nodes.append(node)
        self._flat.extend(operands)
        self._starts.append(len(self._flat))
        return len(self.primitives) - 1
