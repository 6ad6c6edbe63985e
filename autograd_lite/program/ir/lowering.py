"""Lowering: the groups of a rolled graph as statements on arrays."""

from dataclasses import replace
from typing import Any

import numpy

from autograd_lite.engine import mathematics
from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.arguments import Argument
from autograd_lite.program.capture.branches import paths_of
from autograd_lite.program.capture.graph import Ids, NumberedGraph
from autograd_lite.program.capture.guards import Choice
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.axes import axes_of
from autograd_lite.program.ir.likeness import CONSTANT
from autograd_lite.program.ir.lists import Lists, mark_wholes
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.node_views import NodeViews
from autograd_lite.program.ir.notes import meaning
from autograd_lite.program.ir.reaches import set_reaches, sides_of
from autograd_lite.program.ir.reductions import takes_any_list
from autograd_lite.program.ir.rolling import NodeGroup, Rolled, runs
from autograd_lite.program.ir.statements import (
    MOST_TERMS,
    Check,
    Choose,
    Elementwise,
    Linear,
    Lowered,
    Reduction,
    Statement,
)
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


class _Lowering(NodeViews):
    def __init__(self, run: Traced, apart: bool) -> None:
        self.run, graph = run, NumberedGraph(run)
        paths = paths_of(graph, run.guards)
        super().__init__(Rolled(graph, [len(argument.values) for argument in run.arguments], paths, apart), Names(RESERVED))
        self.arguments.extend(map(self._argument, run.arguments))
        self.lists = Lists()

    def result(self) -> Lowered:
        groups: list[NodeGroup] = []
        for group in self.rolled.groups:
            self.statements.append(self._statement(group))
            self.lists.note(self.statements[-1])
            groups += [group] * (len(self.statements) - len(groups))  # a long sum takes several statements
        set_reaches(self.rolled, groups, self.statements, self.view)  # now that all that is compared has an array
        outputs = [self.one(node) for node in self.graph.outputs]
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
            [self.one(node) for node in self.graph.differentiated],
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
            Compare(sign, *(self.one(node) for node in sides)) for sign, sides in zip(signs, self.graph.guards[number], strict=True)
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
            given = list(map(self.one, self.rolled.operands(node)))
        else:
            columns = numpy.array([self.rolled.operands(each) for each in group.nodes]).T
            shape = self._shape(group, columns)
            given = [self.view(column.reshape(shape)) for column in columns]
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
        lists = [self.rolled.operands(each) for each in group.nodes]
        longest = max(map(len, lists))  # short ones, of which elements may repeat, are filled up with their first
        rows = numpy.array([[*each, *each[:1] * (longest - len(each))] for each in lists])
        if detached and node in self.rolled.chains:  # whose order decides about derivatives alone
            rows = numpy.take_along_axis(rows, self.rolled.index[rows].argsort(axis=1, kind="stable"), 1)
        source = self.rolled.source[rows]
        if rows.shape[1] < 2 or (source != source[0, 0]).any():
            return None
        shape: Shape = () if group.single else (len(group.nodes),)
        elements = self.view(rows.reshape(*shape, rows.shape[1]), 1)
        if not isinstance(elements, View):
            return None
        return Reduction(self._target(group, shape, batched, "t"), detached, self._path(group, shape), group.primitive, elements)

    def _path(self, group: NodeGroup, shape: Shape) -> list[tuple[Compare, bool]]:
        """The branches that a group stands in, with the comparisons in its shape."""
        paths = [self.rolled.paths.get(node, ()) for node in group.nodes]
        return [
            (Compare(turns[0].sign, *map(self.view, sides_of(turns, shape))), turns[0].first) for turns in zip(*paths, strict=True)
        ]

    def _linear(self, group: NodeGroup, batched: bool, detached: bool) -> Statement:
        sums = [self.rolled.sums[node] for node in group.nodes]
        if len({len(each.operands()) for each in sums}) > 1:
            return self._of_lists(group, detached)
        self.rolled.orient_again(group.nodes)
        weights, inputs, singles = (
            numpy.array([getattr(each, kind) for each in sums], numpy.int64) for kind in ("weights", "inputs", "singles")
        )
        outputs = len(sums) // max(group.samples, 1)
        shape: Shape = () if group.single else (outputs,) if group.samples <= 1 else (group.samples, outputs)
        if not group.samples and not group.single:
            shape = self._axes(numpy.concatenate([weights, inputs, singles], axis=1).T)
        products: list[tuple[Term, Term]] = []
        pairs: list[tuple[Term, Term]] = []
        for columns in runs(self._sources(weights), self._sources(inputs)):
            w, x = weights[:, columns], inputs[:, columns]
            if group.samples and self.rolled.are_factors(w[0, :1], x[0, :1], group.nodes[0]).all() and (w.shape[1] > 1 or batched):
                samples = x[::outputs] if group.samples > 1 else x[0]
                products.append((self.view(samples, samples.ndim), self.view(w[:outputs], 2)))
            else:
                pairs += self._pairs(w, x, shape)
        target = self._target(group, shape, batched, "z" if products else "s")
        plain = self._singles(singles, shape)
        pairs += [(each.left, each.right) for each in plain if isinstance(each, Infix)]  # the same term many times over
        plain = [each for each in plain if not isinstance(each, Infix)]
        primitive, path = self._adding(group), self._path(group, shape)
        while len(plain) + len(pairs) > MOST_TERMS:
            part = Array("", shape, batched, stem="s", note=target.note)
            self.statements.append(
                Linear(part, detached, path, plain[:MOST_TERMS], [], pairs[: MOST_TERMS - len(plain[:MOST_TERMS])], primitive)
            )
            pairs = pairs[MOST_TERMS - len(plain[:MOST_TERMS]) :]
            plain = [View(part, numpy.arange(part.size).reshape(shape)), *plain[MOST_TERMS:]]
        return Linear(target, detached, path, plain, products, pairs, primitive)

    def _of_lists(self, group: NodeGroup, detached: bool) -> Statement:
        """Sums of lists of several lengths, which are filled up with zeros."""
        sums = [self.rolled.sums[node] for node in group.nodes]
        lists = [each for each in zip(*((whole.singles, whole.weights, whole.inputs) for whole in sums), strict=True) if each[0]]
        shape = self._axes(numpy.array([[nodes[0] for nodes in each] for each in lists]))
        views = [self.filled_up(each, shape) for each in lists]
        target = self._target(group, shape, False, "s")
        pairs = [(views[0], views[1])] if len(views) == 2 else []
        return Linear(target, detached, self._path(group, shape), [] if pairs else views, [], pairs, self._adding(group))

    def _adding(self, group: NodeGroup) -> Primitive | None:
        """What adds up a group, where it is a primitive of a list."""
        adding = self.graph.primitives[group.nodes[0]]
        return adding if adding is not None and adding.takes_list and adding.structure == "sum" else None

    def _sources(self, lists: Ids) -> Ids:
        """Where the columns of lists stand; -1 where that is not one array."""
        source = self.rolled.source[lists]
        return numpy.where((source == source[:1]).all(axis=0), source[0], -1)

    def _pairs(self, w: Ids, x: Ids, shape: Shape) -> list[tuple[Term, Term]]:
        if self.rolled.apart or (self._are_few(w, x) and not self._is_whole(w) and not self._is_whole(x)):
            return [(self.view(w[:, i].reshape(shape)), self.view(x[:, i].reshape(shape))) for i in range(w.shape[1])]
        wide = (*shape, w.shape[1])
        return [(self.view(w.reshape(wide), 1), self.view(x.reshape(wide), 1))]

    def _singles(self, singles: Ids, shape: Shape) -> list[Term]:
        if not singles.size:
            return []
        found: list[Term] = []
        for columns in runs(self._sources(singles)):
            block = singles[:, columns]
            if block.shape[1] > 2 and (block == block[:, :1]).all():
                found.append(Number(float(block.shape[1])) * self.view(block[:, 0].reshape(shape)))
            elif self.rolled.apart or (self._are_few(block) and not self._is_whole(block)):
                found += [self.view(column.reshape(shape)) for column in block.T]
            else:
                wide = (*shape, block.shape[1])
                found.append(self.view(block.reshape(wide), 1))
        return found

    def _are_few(self, *blocks: Ids) -> bool:
        """Whether the columns of blocks may stand beside each other: of several lists without rows, one alone."""
        lists, count = blocks[0].shape
        return bool(count <= (2 if lists == 1 or any(self.rolled.batched[block[0]].any() for block in blocks) else 1))

    def _is_whole(self, block: Ids) -> bool:
        """Whether the terms of one sum are all elements of an array."""
        array = self.array_of(int(block[0, 0]))
        return len(block) == 1 and array is not None and array.role != "parameter" and 1 < array.size == block.shape[1]

    def _shape(self, group: NodeGroup, columns: Ids) -> Shape:
        """The shape of an elementwise group: that of an operand whose elements it takes one by one, or of what is repeated."""
        found: Shape = (len(group.nodes),)
        for column in columns:
            array = self.array_of(column[0])
            index = self.rolled.index[column]
            if array is not None and array.size == len(column) and (index == numpy.arange(len(column))).all():
                found = array.shape if array.shape else (1,)
                break
        found = self._axes(columns) if len(found) == 1 < found[0] else found
        return self.rows.get(group.nodes[0], found) if len(found) == 1 else found

    def _axes(self, columns: Ids) -> Shape:
        """How elements are counted whose operands stand in these columns."""
        return axes_of([self.rolled.index[column] for column in columns if self.rolled.source[column[0]] != CONSTANT])

    def _target(self, group: NodeGroup, shape: Shape, batched: bool, stem: str) -> Array:
        labels = [self.graph.nodes[node].label for node in (group.nodes[0], group.nodes[-1])]
        label = labels[0] if labels[0] and len(group.nodes) == 1 else None
        note = "" if self.rolled.apart else meaning(self.rolled, group)  # code for one point has no comments
        array = Array("", shape, batched, stem=label or stem, note=note)
        self.arrays.append(array)
        return array
