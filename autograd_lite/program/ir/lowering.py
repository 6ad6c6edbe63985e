"""Lowering: the groups of a rolled graph as statements on arrays."""

from dataclasses import replace
from typing import Any

import numpy

from autograd_lite.engine import mathematics
from autograd_lite.program.capture.arguments import Argument
from autograd_lite.program.capture.branches import paths_of
from autograd_lite.program.capture.graph import Ids, NumberedGraph
from autograd_lite.program.capture.guards import Choice
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.layout import parameter_arrays
from autograd_lite.program.ir.lists import Lists, mark_wholes
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.notes import meaning
from autograd_lite.program.ir.reaches import set_reaches, sides_of
from autograd_lite.program.ir.reductions import takes_any_list
from autograd_lite.program.ir.rolling import CONSTANT, FIRST_ARGUMENT, PARAMETER, NodeGroup, Rolled, runs
from autograd_lite.program.ir.statements import MOST_TERMS, Check, Choose, Elementwise, Linear, Lowered, Reduction, Statement
from autograd_lite.program.ir.terms import Compare, Infix, Number, Shape, Term

# What a source says itself: its imports, its own names, the functions of rules and the helpers these are made of.
_WORDS = set("np math jax jnp torch gradient rows value expect check BranchChanged changed PLACES len slice int".split())
RESERVED = _WORDS | {name for name, thing in vars(mathematics).items() if callable(thing)}


def lowered(run: Traced, *, apart: bool = False, exact: bool = False) -> Lowered:
    """A traced function as statements; `apart`, every node is a number of its own, nothing rolled; `exact` is as in the result."""
    lowering = _Lowering(run, apart)
    if exact:
        mark_wholes(run, lowering.arguments)
    return replace(lowering.result(), exact=exact, nodes=len(lowering.graph))


def standing(run: Traced) -> tuple[Lowered, dict[Array, list[list[int]]]]:
    """A traced function as statements; and for each element of their arrays the ids of the recorded Values that it stands for."""
    lowering = _Lowering(run, False)
    program = lowering.result()
    known: dict[int, list[int]] = {}
    for value, node in lowering.graph.places():
        known.setdefault(node, []).append(value)
    stands = {
        array: [known[node] for node in group.nodes] for group, array in zip(lowering.rolled.groups, lowering.arrays, strict=True)
    }
    for argument, array in zip(run.arguments, program.arguments, strict=True):
        stands[array] = [[id(value)] for value in argument.values]
    owners = [[id(run.parameters[place])] for place in program.order]
    stands |= {array: owners[array.start : array.start + array.size] for array in program.parameters}
    return program, stands


class _Lowering:
    def __init__(self, run: Traced, apart: bool) -> None:
        self.run = run
        self.graph = NumberedGraph(run)
        paths = paths_of(self.graph, run.guards)
        self.rolled = Rolled(self.graph, [len(argument.values) for argument in run.arguments], paths, apart)
        self.names = Names(RESERVED)
        self.all_parameters, self.parameters, self.order = parameter_arrays(self.rolled, self.names)
        self.rolled.put_parameters(self.order)
        self.arguments: list[Array] = []
        self.arguments.extend(map(self._argument, run.arguments))
        sizes = numpy.array([array.size for array in self.parameters], numpy.int64)
        self.part = numpy.repeat(numpy.arange(len(sizes)), sizes)  # of each place in the array of all parameters
        self.statements: list[Statement] = []
        self.constants: list[Array] = []
        self.arrays: list[Array] = []  # of the groups
        self.lists = Lists()
        self.known: dict[Any, Term] = {}
        self.ones: dict[int, Term] = {}

    def result(self) -> Lowered:
        groups: list[NodeGroup] = []
        for group in self.rolled.groups:
            self.statements.append(self._statement(group))
            self.lists.note(self.statements[-1])
            groups += [group] * (len(self.statements) - len(groups))  # a long sum takes several statements
        set_reaches(self.rolled, groups, self.statements, self._view)  # now that all that is compared has an array
        outputs = [self._one(node) for node in self.graph.outputs]
        asked: dict[Any, int] = {}  # each comparison once, where it was asked first
        for number, guard in enumerate(self.run.guards):
            outcomes = guard.outcome, *(first for _, first in guard.path)
            asked.setdefault((guard.sign, outcomes, tuple(self.graph.guards[number])), number)
        checks = list(map(self._check, asked.values()))
        return Lowered(
            self.run.name,
            self.names.unique(self.run.name or "program"),
            self.arguments,
            self.all_parameters,
            self.parameters,
            self.constants,
            self.statements,
            outputs,
            checks,
            self.order,
            self.names.taken,
            self.graph.captured,
            [self._one(node) for node in self.graph.differentiated],
        )

    def _argument(self, argument: Argument) -> Array:
        name = argument.name.upper() if argument.shape and len(argument.name) == 1 else argument.name
        shape = () if not argument.shape else (len(argument.values),)
        start = self.arguments[-1].start + self.arguments[-1].size if self.arguments else 0
        return Array(self.names.unique(name), shape, True, "argument", start=start)

    def _check(self, number: int) -> Check:
        guard = self.run.guards[number]
        signs = [guard.sign, *(condition.sign for condition, _ in guard.path)]
        comparisons = [
            Compare(sign, *(self._one(node) for node in sides))
            for sign, sides in zip(signs, self.graph.guards[number], strict=True)
        ]
        path = [(asked, first) for asked, (_, first) in zip(comparisons[1:], guard.path, strict=True)]
        return Check(comparisons[0], guard.outcome, path, guard.place)

    # ---- statements ----------------------------------------------------------------------------------------------------------

    def _statement(self, group: NodeGroup) -> Statement:
        node = group.nodes[0]
        detached = node in self.graph.detached
        batched = bool(self.rolled.batched[node])
        if group.primitive is None:
            return self._linear(group, batched, detached)
        along = self._along(group, batched, detached)
        if along is not None:
            return along
        if group.single:
            shape: Shape = ()
            given = list(map(self._one, self.rolled.operands(node)))
        else:
            columns = numpy.array([self.rolled.operands(each) for each in group.nodes]).T
            shape = self._shape(group, columns)
            given = [self._view(column.reshape(shape)) for column in columns]
        activated = len(given) == 1 and isinstance(given[0], View) and given[0].array.stem == "z" and given[0].shape == shape
        target = self._target(group, shape, batched, "a" if activated else "t")
        if isinstance(group.primitive, Choice):
            return Choose(target, detached, self._path(group, shape), group.primitive.sign, given, group.primitive.deferred)
        assert len(group.nodes) == target.size
        return Elementwise(target, detached, self._path(group, shape), group.primitive, given)

    def _along(self, group: NodeGroup, batched: bool, detached: bool) -> Statement | None:
        """The statement of a primitive that takes a list, where the operands are elements of one array."""
        assert group.primitive is not None
        node = group.nodes[0]
        if self.rolled.apart or not takes_any_list(group.primitive):
            return None
        rows = numpy.array([self.rolled.operands(each) for each in group.nodes])
        if detached and node in self.rolled.chains:  # whose order decides about derivatives alone
            rows = numpy.take_along_axis(rows, self.rolled.index[rows].argsort(axis=1, kind="stable"), 1)
        source = self.rolled.source[rows]
        if rows.shape[1] < 2 or (source != source[0, 0]).any():
            return None
        shape: Shape = () if group.single else (len(group.nodes),)
        elements = self._view(rows.reshape(*shape, rows.shape[1]), 1)
        if not isinstance(elements, View):
            return None
        return Reduction(self._target(group, shape, batched, "t"), detached, self._path(group, shape), group.primitive, elements)

    def _path(self, group: NodeGroup, shape: Shape) -> list[tuple[Compare, bool]]:
        """The branches that a group stands in, with the comparisons in its shape."""
        paths = [self.rolled.paths.get(node, ()) for node in group.nodes]
        return [
            (Compare(turns[0].sign, *map(self._view, sides_of(turns, shape))), turns[0].first) for turns in zip(*paths, strict=True)
        ]

    def _linear(self, group: NodeGroup, batched: bool, detached: bool) -> Statement:
        sums = [self.rolled.sums[node] for node in group.nodes]
        for whole in sums:
            self.rolled.orient(whole)  # again, as the layout of parameters may have changed their places
        weights, inputs, singles = (
            numpy.array([getattr(each, kind) for each in sums], numpy.int64) for kind in ("weights", "inputs", "singles")
        )
        outputs = len(sums) // max(group.samples, 1)
        shape: Shape = () if group.single else (outputs,) if group.samples <= 1 else (group.samples, outputs)
        products: list[tuple[Term, Term]] = []
        pairs: list[tuple[Term, Term]] = []
        for columns in runs(self.rolled.source[weights[0]], self.rolled.source[inputs[0]]):
            w, x = weights[:, columns], inputs[:, columns]
            if group.samples and not self.rolled.batched[w[0, 0]] and self.rolled.batched[x[0, 0]]:
                samples = x[::outputs] if group.samples > 1 else x[0]
                products.append((self._view(samples, samples.ndim), self._view(w[:outputs], 2)))
            else:
                pairs += self._pairs(w, x, shape)
        target = self._target(group, shape, batched, "z" if products else "s")
        plain = self._singles(singles, shape)
        pairs += [(each.left, each.right) for each in plain if isinstance(each, Infix)]  # the same term many times over
        plain = [each for each in plain if not isinstance(each, Infix)]
        adding = self.graph.primitives[group.nodes[0]]
        primitive = adding if adding is not None and adding.takes_list and adding.structure == "sum" else None
        path = self._path(group, shape)
        while len(plain) + len(pairs) > MOST_TERMS:
            part = Array("", shape, batched, stem="s", note=target.note)
            self.statements.append(
                Linear(part, detached, path, plain[:MOST_TERMS], [], pairs[: MOST_TERMS - len(plain[:MOST_TERMS])], primitive)
            )
            pairs = pairs[MOST_TERMS - len(plain[:MOST_TERMS]) :]
            plain = [View(part, numpy.arange(part.size).reshape(shape)), *plain[MOST_TERMS:]]
        return Linear(target, detached, path, plain, products, pairs, primitive)

    def _pairs(self, w: Ids, x: Ids, shape: Shape) -> list[tuple[Term, Term]]:
        if self.rolled.apart or (w.shape[1] <= 2 and not self._is_whole(w) and not self._is_whole(x)):
            return [(self._view(w[:, i].reshape(shape)), self._view(x[:, i].reshape(shape))) for i in range(w.shape[1])]
        wide = (*shape, w.shape[1])
        return [(self._view(w.reshape(wide), 1), self._view(x.reshape(wide), 1))]

    def _singles(self, singles: Ids, shape: Shape) -> list[Term]:
        if not singles.size:
            return []
        found: list[Term] = []
        for columns in runs(self.rolled.source[singles[0]]):
            block = singles[:, columns]
            if block.shape[1] > 2 and (block == block[:, :1]).all():
                found.append(Number(float(block.shape[1])) * self._view(block[:, 0].reshape(shape)))
            elif self.rolled.apart or (block.shape[1] <= 2 and not self._is_whole(block)):
                found += [self._view(column.reshape(shape)) for column in block.T]
            else:
                wide = (*shape, block.shape[1])
                found.append(self._view(block.reshape(wide), 1))
        return found

    def _is_whole(self, block: Ids) -> bool:
        """Whether the terms of one sum are all elements of an array."""
        array = self._source(int(block[0, 0]))
        return len(block) == 1 and array is not None and array.role != "parameter" and 1 < array.size == block.shape[1]

    def _shape(self, group: NodeGroup, columns: Ids) -> Shape:
        """The shape of an elementwise group: that of an operand whose elements it takes one by one."""
        for column in columns:
            array = self._source(column[0])
            index = self.rolled.index[column]
            if array is not None and array.size == len(column) and (index == numpy.arange(len(column))).all():
                return array.shape if array.shape else (1,)
        return (len(group.nodes),)

    def _target(self, group: NodeGroup, shape: Shape, batched: bool, stem: str) -> Array:
        labels = [self.graph.nodes[node].label for node in (group.nodes[0], group.nodes[-1])]
        label = labels[0] if labels[0] and len(group.nodes) == 1 else None
        note = "" if self.rolled.apart else meaning(self.rolled, group)  # code for one point has no comments
        array = Array("", shape, batched, stem=label or stem, note=note)
        self.arrays.append(array)
        return array

    # ---- views ---------------------------------------------------------------------------------------------------------------

    def _one(self, node: int) -> Term:
        """The number of one node, made once for all its users."""
        if node not in self.ones:
            array = self._source(node)
            place = numpy.array(0 if array is None else self.rolled.index[node] - (array.start if array.role == "parameter" else 0))
            self.ones[node] = Number(self.graph.constants[node]) if array is None else View(array, place)
        return self.ones[node]

    def _source(self, node: int) -> Array | None:
        """The array that holds a node's number; None for a constant."""
        source = int(self.rolled.source[node])
        if source == CONSTANT:
            return None
        if source == PARAMETER:
            return self.parameters[int(self.part[self.rolled.index[node]])]
        if source < self.rolled.first_group:
            return self.arguments[source - FIRST_ARGUMENT]
        return self.arrays[source - self.rolled.first_group]

    def _view(self, nodes: Ids, kept: int = 0) -> Term:
        """The numbers of nodes of one source; axes along which they do not change shrink to 1, except the last `kept`."""
        nodes = _shrunk(nodes, kept)
        array = self._source(int(nodes.flat[0]))
        if array is None:
            return self._constant(nodes, kept)
        index = self.rolled.index[nodes]
        if array.role == "parameter":
            parts = self.part[index]
            if (parts == parts.flat[0]).all():
                return View(array, index - array.start)
            return View(self.all_parameters, index)
        return View(array, index)

    def _constant(self, nodes: Ids, kept: int) -> Term:
        numbers = numpy.array([self.graph.constants[node] for node in nodes.ravel().tolist()]).reshape(nodes.shape)
        if nodes.size == 1 and not kept:
            return Number(float(numbers.flat[0]))
        key = (numbers.shape, numbers.tobytes())
        if key not in self.known:
            array = Array(self.names.numbered("C", len(self.constants) + 1), numbers.shape, False, "constant", numbers)
            self.constants.append(array)
            self.known[key] = View(array, numpy.arange(array.size).reshape(array.shape))
        return self.known[key]


def _shrunk(nodes: Ids, kept: int) -> Ids:
    """The same numbers without the axes along which they repeat: those become 1, and broadcast."""
    for axis in range(nodes.ndim - kept):
        first = nodes.take([0], axis)
        if nodes.shape[axis] > 1 and (nodes == first).all():
            nodes = first
    return nodes
