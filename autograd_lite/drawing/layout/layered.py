"""The built-in layered drawing of a computation graph, for machines without Graphviz.

Operands stand on the left, the output on the right. Four steps, one module each: `layering`
gives every node a rank (its column) and every long edge its dummies; `ordering` sorts the layers
so that few edges cross; `placement` finds the heights; `routing` bends the edges. Notation is
explained in `layering`. Rules: no recursion over the graph, work close to linear in its size,
and the same numbers for the same graph in every process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite

from autograd_lite.drawing.layout.layering import Layering, layering
from autograd_lite.drawing.layout.ordering import Family, order_layers
from autograd_lite.drawing.layout.placement import heights
from autograd_lite.drawing.layout.routing import XY, Routes
from autograd_lite.drawing.scene import by_key

Box = tuple[float, float, float, float]

RANK_GAP = 60.0  # a derivative such as -0.0123 fits beside an edge
NODE_GAP = 16.0
DUMMY_GAP = 10.0  # at most; an edge needs less room than a box
CLUSTER_PAD = 8.0  # left, right and below the members of a cluster
CLUSTER_HEAD = 18.0  # above them, for its name; placement reserves head and pad


@dataclass(frozen=True, slots=True)
class Layout:
    """Where to draw the boxes and edges of a graph; x runs right and y down from (0, 0), unrounded.

    Attributes:
        width: of the whole drawing, in points.
        height: of the whole drawing, in points.
        centers: (x, y) of each node's centre.
        routes: per edge, in the order given, cubic Bezier points p0, c1, c2, p1, c1, c2, p2 ...
            from the right border of the operand's box to the left border of the user's. Edges
            of one operand may share their course but not their end: labels belong there.
        clusters: (x, y, width, height) per cluster id; all zero for an id without members.
    """

    width: float
    height: float
    centers: list[XY]
    routes: list[list[XY]]
    clusters: list[Box]


def layered(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    *,
    clusters: Sequence[int | None] = (),
    families: Sequence[Family | None] = (),
    cluster_families: Sequence[Family | None] = (),
    rank_gap: float = RANK_GAP,
    node_gap: float = NODE_GAP,
) -> Layout:
    """The layered drawing of an acyclic graph, from left to right.

    Args:
        sizes: (width, height) of each node's box, in points.
        edges: (operand, user) pairs of node numbers; a pair may repeat, as in x * x.
        clusters: per node a cluster id from 0, or None; nothing at all for no clusters.
        families: per node the name of a family and a number, or None; in a rank, a family stands in the order of its numbers.
        cluster_families: the same per cluster id.
        rank_gap: least distance between boxes of neighbouring ranks, in points.
        node_gap: least distance between boxes of one rank, in points.
    Returns:
        A Layout. No two boxes overlap and no edge passes through a box; rectangles of clusters
        are disjoint and hold no node but their own.
    Raises:
        ValueError: if a size or gap is negative or not finite, an edge names a missing node or
            lies on a cycle, or `clusters` does not fit the nodes.
    Example:
        >>> picture = layered([(80, 30), (80, 30), (80, 30)], [(0, 2), (1, 2)])
        >>> picture.width, picture.height, picture.centers
        (220.0, 76.0, [(40.0, 15.0), (40.0, 61.0), (180.0, 38.0)])
        >>> picture.routes[0]
        [(80.0, 15.0), (107.0, 15.0), (113.0, 32.5), (140.0, 32.5)]

    Source: Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system
        structures" (1981); Gansner, Koutsofios, North & Vo, "A technique for drawing directed
        graphs" (1993).
    """
    _check(sizes, edges, clusters, rank_gap, node_gap)
    graph = layering(len(sizes), edges, clusters)
    layers = order_layers(graph, families, cluster_families)
    dummy_half = min(node_gap, DUMMY_GAP) / 2
    half = [(size[1] + node_gap) / 2 for size in sizes]
    half += [dummy_half] * (len(graph.rank) - len(half))
    y = heights(graph, layers, half)
    columns = _columns(graph, sizes, rank_gap)
    boxes = _cluster_boxes(graph, sizes, columns, y, min(CLUSTER_PAD, rank_gap / 3))
    left = min([0.0, *[box[0] for box in boxes if box]])
    right = max([0.0, *[end for _, end in columns], *[box[0] + box[2] for box in boxes if box]])
    routes = Routes(graph, columns, sizes, y, node_gap / 2).all(edges)
    top, bottom = _span(sizes, y, boxes, routes)
    return Layout(
        width=right - left,
        height=bottom - top,
        centers=[
            ((columns[rank][0] + columns[rank][1]) / 2 - left, height - top)
            for rank, height in zip(graph.rank[: graph.nodes], y, strict=False)
        ],
        routes=[[(x - left, height - top) for x, height in route] for route in routes],
        clusters=[(box[0] - left, box[1] - top, box[2], box[3]) if box else (0.0, 0.0, 0.0, 0.0) for box in boxes],
    )


def _check(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    clusters: Sequence[int | None],
    rank_gap: float,
    node_gap: float,
) -> None:
    """Refuses arguments that cannot be drawn."""
    for name, gap in (("rank_gap", rank_gap), ("node_gap", node_gap)):
        if not isfinite(gap) or gap < 0:
            raise ValueError(f"`{name}` is {gap!r}; give a distance in points, 0 or more.")
    for node, (width, height) in enumerate(sizes):
        if not (isfinite(width) and isfinite(height) and width >= 0 and height >= 0):
            raise ValueError(f"node {node} has size {(width, height)!r}; give its width and height in points, 0 or more.")
    count = len(sizes)
    for number, (operand, user) in enumerate(edges):
        if not (0 <= operand < count and 0 <= user < count):
            raise ValueError(
                f"edge {number}, {operand} -> {user}, names a node that is not there; `sizes` has {count} nodes, counted from 0."
            )
    if clusters and len(clusters) != count:
        raise ValueError(f"`clusters` has {len(clusters)} entries for {count} nodes; give one id or None for each node.")
    for node, cluster in enumerate(clusters):
        if cluster is not None and cluster < 0:
            raise ValueError(f"node {node} is in cluster {cluster!r}; number the clusters from 0 on, or give None for no cluster.")


def _columns(graph: Layering, sizes: Sequence[tuple[float, float]], rank_gap: float) -> list[tuple[float, float]]:
    """Left and right end of each rank, as wide as its widest box."""
    widest = [0.0] * graph.ranks
    for node, (width, _) in enumerate(sizes):
        widest[graph.rank[node]] = max(widest[graph.rank[node]], width)
    starts = accumulate([width + rank_gap for width in widest], initial=0.0)
    return [(x, x + width) for x, width in zip(starts, widest, strict=False)]


def _cluster_boxes(
    graph: Layering,
    sizes: Sequence[tuple[float, float]],
    columns: Sequence[XY],
    y: Sequence[float],
    pad: float,
) -> list[Box | None]:
    """The rectangle around the nodes of each cluster, with room for its name at the top."""
    boxes: list[Box | None] = []
    members = by_key(((graph.cluster[node], node) for node in range(graph.nodes)), range(len(graph.spines)))
    for cluster in range(len(graph.spines)):
        found = members[cluster]
        centers = {node: sum(columns[graph.rank[node]]) / 2 for node in found}
        left = min([centers[node] - sizes[node][0] / 2 for node in found], default=0.0) - pad
        right = max([centers[node] + sizes[node][0] / 2 for node in found], default=0.0) + pad
        top = min([y[node] - sizes[node][1] / 2 for node in found], default=0.0) - CLUSTER_HEAD
        bottom = max([y[node] + sizes[node][1] / 2 for node in found], default=0.0) + CLUSTER_PAD
        boxes.append((left, top, right - left, bottom - top) if found else None)
    return boxes


def _span(
    sizes: Sequence[tuple[float, float]],
    y: Sequence[float],
    boxes: Sequence[Box | None],
    routes: Sequence[Sequence[XY]],
) -> XY:
    """The top and the bottom of all that is drawn."""
    reached = [y[node] + side * size[1] / 2 for node, size in enumerate(sizes) for side in (-1, 1)]
    reached += [height for box in boxes if box for height in (box[1], box[1] + box[3])]
    reached += [height for route in routes if len(route) > 4 for _, height in route]  # a single curve stays between two boxes
    return min(reached, default=0.0), max(reached, default=0.0)
