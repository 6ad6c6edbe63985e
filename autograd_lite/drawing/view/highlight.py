"""Highlighting: the ways on which one value reaches the root, and how much of its gradient flows on each of them."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from autograd_lite.drawing.scene import Edge, Node, Scene, number
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.value import Value


class GradientFlow:
    """The values between `source` and the root.

    For a value v on a way, `forward[v]` is dv / dsource and `backward[v]` is droot / dv; the gradient that an edge p -> v carries
    is forward[p] * local * backward[v], and over the edges that cross any cut these add up to the whole.

    Args:
        survey: of the graph.
        source: the place of the value.

    >>> x = Value(3.0)
    >>> ways = GradientFlow(Survey(x * x), 0)
    >>> ways.total, ways.edges
    (6.0, [(0, 1, 0, 3.0), (0, 1, 1, 3.0)])
    """

    def __init__(self, survey: Survey, source: int) -> None:
        self.survey, self.source = survey, source
        self.forward: dict[int, float] = {source: 1.0}
        self.edges: list[tuple[int, int, int, float]] = []  # (operand, user, position, local derivative), users in order
        start, flat, forward, edges = survey.start.tolist(), survey.flat.tolist(), self.forward, self.edges
        for i in range(source + 1, len(survey)):
            derivatives: Sequence[float | None] | None = None
            reached = 0.0
            for position, p in enumerate(flat[start[i] : start[i + 1]]):
                if p in forward:
                    derivatives = derivatives or survey.locals_of(i)
                    local = derivatives[position]
                    if local is not None:
                        edges.append((p, i, position, local))
                        reached += forward[p] * local
            if derivatives is not None:
                forward[i] = reached
        self.backward = dict.fromkeys(forward, 0.0)
        for root in forward.keys() & set(survey.roots):
            self.backward[root] = 1.0
        for p, i, _, local in reversed(self.edges):
            self.backward[p] += local * self.backward[i]
        self.total = self.backward[source]


def place_of(survey: Survey, value: object, name: str) -> int:
    """Where `value` stands in the graph.

    Raises:
        TypeError: if it is no Value.
        GraphError: if the root was not computed from it.
    """
    if not isinstance(value, Value):
        raise TypeError(f"`{name}` must be a Value of the graph, got {type(value).__name__} {value!r:.60}")
    place = survey.place_of(value)
    if place is None:
        raise GraphError(
            f"{value!r} is not part of the graph of {survey.values[-1]!r}: it was not computed from it. "
            "Pass one of the values in topological_order(root)."
        )
    return place


def highlighted(scene: Scene, partition: Partition, ways: GradientFlow, digits: int) -> Scene:
    """The scene with the ways standing out, their edges with the share of the gradient, and everything else dimmed."""
    on_way = {partition.part[i] for i in ways.forward}
    nodes = [replace(node, emphasis="path" if k in on_way else "dim") for k, node in enumerate(scene.nodes)]
    amounts: dict[_Key, float] = {}
    for p, i, position, local in ways.edges:
        if partition.part[p] != partition.part[i]:
            key = _key(Edge(f"e{i}_{position}", partition.part[p], partition.part[i], ""), scene.nodes)
            amounts[key] = amounts.get(key, 0.0) + ways.forward[p] * local * ways.backward[i]
    edges = [_marked(edge, amounts.get(_key(edge, scene.nodes)), ways.total) for edge in scene.edges]
    source = scene.nodes[partition.part[ways.source]]
    name = source.label if source.kind != "group" else f"a value of {source.op}"
    where = "the root; its gradient is" if len(ways.survey.roots) == 1 else "the roots; the gradient of their sum is"
    note = f"highlighted: the ways from {name or source.id} to {where} {number(ways.total, digits)}"
    return replace(scene, nodes=nodes, edges=edges, notes=(*scene.notes, note))


_Key = tuple[int, int, str]


def _key(edge: Edge, nodes: Sequence[Node]) -> _Key:
    """What identifies an edge of a picture: a single one its id, a bundle its two ends."""
    single = nodes[edge.user].kind != "group" and nodes[edge.operand].kind != "group"
    return edge.operand, edge.user, edge.id if single else ""


def _marked(edge: Edge, amount: float | None, total: float) -> Edge:
    if amount is None:
        return replace(edge, emphasis="dim")
    share = percent(amount, total)
    return replace(edge, emphasis="path", share=f"({share})" if share else "")


def percent(amount: float, total: float) -> str:
    """A part of the whole as text; empty where the whole is nothing.

    >>> percent(0.5, 2.0), percent(1e-6, 1.0), percent(1.0, 0.0)
    ('25 %', '<0.1 %', '')
    """
    if total == 0.0 or not isfinite(amount) or not isfinite(total):
        return ""
    share = 100.0 * amount / total
    if share and abs(share) < 0.1:
        return "<0.1 %" if share > 0 else "-<0.1 %"
    return f"{share:.3g} %" if abs(share) < 1000.0 else f"{share:.0f} %"
