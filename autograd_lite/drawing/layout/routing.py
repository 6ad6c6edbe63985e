"""The route of every edge: from box to box through its dummies, never through another box.

Between two columns an edge is an S-curve; inside a column it keeps to the line its dummy has
reserved. Notation: see `layering`; a `column` is the (left, right) of a rank's widest box, a
`knot` is a point (x, y, slope) of an edge.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from autograd_lite.drawing.layout.layering import Layering
from autograd_lite.drawing.scene import by_key

XY = tuple[float, float]
Knot = tuple[float, float, float]

PORT_GAP = 11.0  # between edges that enter one box: a small text line fits between them
PORTS = 0.8  # share of a box's height that they may take
TWIN_GAP = 9.0  # between edges with the same ends, all along their way
LANE_GAP = 6.0  # between flyovers, the long edges above the drawing
LANES = 12
BEND = 0.45  # share of an S-curve's width that its control points lie inwards


class Routes:
    """The routes of the edges of a placed graph.

    Args:
        graph: the items.
        columns: left and right end of every rank, in points.
        sizes: (width, height) of each node.
        y: the height of every item.
        room: how far an edge may leave the line of its dummy within a column.
    """

    def __init__(
        self,
        graph: Layering,
        columns: Sequence[XY],
        sizes: Sequence[XY],
        y: Sequence[float],
        room: float,
    ) -> None:
        self.graph, self.columns, self.sizes, self.y = graph, columns, sizes, y
        self.slopes = self._slopes(room)
        self.bends = [self._bends(trunk) for trunk in graph.trunks]
        top = min([y[node] - sizes[node][1] / 2 for node in range(graph.nodes)], default=0.0)
        top = min([top, *y[graph.nodes :]])
        self.lanes = {node: top - 2 * LANE_GAP - LANE_GAP * (number % LANES) for number, node in enumerate(sorted(graph.flyovers))}

    def all(self, edges: Sequence[tuple[int, int]]) -> list[list[XY]]:
        """Bezier points per edge, from the right border of a box to the left border of another.

        Source: Hermite interpolation; slopes by the harmonic mean, Fritsch & Butland, "A method
            for constructing local monotone piecewise cubic interpolants" (1984).
        """
        ports = self._ports(edges)
        return [_bezier(self._knots(operand, user, *ports[number])) for number, (operand, user) in enumerate(edges)]

    def _slopes(self, room: float) -> list[float]:
        """The slope at each dummy: between those of its two hops, and flat at a turning point."""
        graph, y = self.graph, self.y
        slopes = [0.0] * len(y)
        for node, trunk in enumerate(graph.trunks):
            previous = node
            for dummy in trunk:
                ends = graph.right[dummy]
                left, right = self.columns[graph.rank[dummy]]
                if len(ends) == 1:  # where edges part they agree on no slope but a flat one
                    gap = self.columns[graph.rank[dummy] + 1][0] - right
                    before = (y[dummy] - y[previous]) / max(gap, 1.0)
                    after = (y[ends[0]] - y[dummy]) / max(gap, 1.0)
                    if before * after > 0:
                        limit = room / max((right - left) / 2, 1.0)
                        slope = 2 * before * after / (before + after)
                        slopes[dummy] = max(-limit, min(limit, slope))
                previous = dummy
        return slopes

    def _via(self, operand: int, user: int) -> list[int]:
        """The dummies that an edge passes, without those amid a level stretch.

        A long level trunk costs each of its edges nothing, however many there are.
        """
        trunk = self.graph.trunks[operand]
        hops = min(len(trunk), self.graph.rank[user] - self.graph.rank[operand] - 1)
        if hops < 1:
            return []
        bends = self.bends[operand]
        via = [trunk[position] for position in bends[: bisect_left(bends, hops - 1)]]
        return [*via, trunk[hops - 1]]

    def _bends(self, trunk: list[int]) -> list[int]:
        """The positions in a trunk where it does not just go on at the same height."""
        y, last = self.y, len(trunk) - 1
        return [
            position
            for position, dummy in enumerate(trunk)
            if position in (0, last) or not y[trunk[position - 1]] == y[dummy] == y[trunk[position + 1]]
        ]

    def _ports(self, edges: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
        """Per edge: its offset from the centre of the user, and from its twins' common course."""
        entering: list[list[tuple[float, int]]] = [[] for _ in range(self.graph.nodes)]
        for number, (operand, user) in enumerate(edges):
            hops = self.graph.rank[user] - self.graph.rank[operand] - 1
            trunk = self.graph.trunks[operand]
            origin = self.lanes[operand] if hops and not trunk else self.y[trunk[hops - 1] if hops else operand]
            entering[user].append((origin, number))
        ports = [(0.0, 0.0)] * len(edges)
        for user, found in enumerate(entering):
            if len(found) > 1:
                found.sort()
                step = min(PORT_GAP, PORTS * self.sizes[user][1] / len(found))
                for position, (_, number) in enumerate(found):
                    ports[number] = (step * (position - (len(found) - 1) / 2), 0.0)
        twins = by_key((edge, number) for number, edge in enumerate(edges))
        for (operand, _), numbers in twins.items():
            step = min(TWIN_GAP, PORTS * self.sizes[operand][1] / len(numbers))
            for position, number in enumerate(numbers if len(numbers) > 1 else ()):
                shift = step * (position - (len(numbers) - 1) / 2)
                ports[number] = (ports[number][0], shift)
        return ports

    def _knots(self, operand: int, user: int, port: float, shift: float) -> list[Knot]:
        """The points an edge passes, two for each column."""
        graph, y, columns = self.graph, self.y, self.columns
        start, end = columns[graph.rank[operand]], columns[graph.rank[user]]
        centre = (start[0] + start[1]) / 2
        height = y[operand] + shift
        knots = [(centre + self.sizes[operand][0] / 2, height, 0.0), (start[1], height, 0.0)]
        via = self._via(operand, user)
        for dummy in via:
            left, right = columns[graph.rank[dummy]]
            rise = self.slopes[dummy] * (right - left) / 2
            height, slope = y[dummy] + shift, self.slopes[dummy]
            knots += [(left, height - rise, slope), (right, height + rise, slope)]
        if not via and operand in self.lanes and graph.rank[user] > graph.rank[operand] + 1:
            lane = self.lanes[operand] + shift / TWIN_GAP
            knots += [(columns[graph.rank[operand] + 1][0], lane, 0.0), (columns[graph.rank[user] - 1][1], lane, 0.0)]
        centre = (end[0] + end[1]) / 2
        height = y[user] + port
        knots += [(end[0], height, 0.0), (centre - self.sizes[user][0] / 2, height, 0.0)]
        return knots


def _bezier(knots: list[Knot]) -> list[XY]:
    """The Bezier points through `knots`; level stretches become one piece."""
    kept = knots[:1]
    for knot in knots[1:]:
        last = kept[-1]
        if knot == last:  # a box as wide as its column
            continue
        if len(kept) > 1:
            first = kept[-2]
            if first[1] == last[1] == knot[1] and first[2] == last[2] == knot[2] == 0:
                kept.pop()
        kept.append(knot)
    points: list[XY] = [(kept[0][0], kept[0][1])]
    for (x0, y0, m0), (x1, y1, m1) in pairwise(kept):
        reach = BEND * (x1 - x0)
        points += [(x0 + reach, y0 + m0 * reach), (x1 - reach, y1 - m1 * reach), (x1, y1)]
    return points
