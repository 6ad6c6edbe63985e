"""Ranks for the nodes of a graph, and the dummies that long edges pass through.

Notation, used by every module of the layered drawing:

    node     0 .. n-1, a box of the caller
    edge     (operand, user), drawn from left to right
    rank     the column of a node; every edge goes from a lower rank to a higher one
    layer    the items of one rank, from top to bottom
    dummy    an item without a box, where a long edge passes through a layer
    trunk    the dummies of one node, shared by all its long edges like the wire of a bus
    spine    one item per rank that a cluster covers, so that it owns a place in each of them
    item     node, dummy or spine: n items are nodes, the rest follow

Shared trunks keep a value that is used by many ranks to one line instead of one line per use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from autograd_lite.drawing.scene import by_key

FREE = -1  # the cluster of an item that belongs to none
DUMMIES_PER_PART = 2  # the total stays below this many per node and edge, plus a constant
DUMMIES_AT_LEAST = 1000


@dataclass(slots=True)
class Layering:
    """A graph whose edges have been cut at every layer: `left` and `right` join next layers only.

    `trunks` holds the dummies of a node by rank, starting one rank to its right; `flyovers` lists
    the nodes whose long edges got no trunk because the drawing had its fill of dummies.
    """

    nodes: int
    rank: list[int]
    cluster: list[int]
    left: list[list[int]]
    right: list[list[int]]
    trunks: list[list[int]]
    spines: list[list[int]]
    flyovers: list[int]

    @property
    def ranks(self) -> int:
        """The number of layers."""
        return max(self.rank, default=-1) + 1

    def add_item(self, rank: int, cluster: int) -> int:
        """The number of a new item without a box and without neighbours."""
        self.rank.append(rank)
        self.cluster.append(cluster)
        self.left.append([])
        self.right.append([])
        return len(self.rank) - 1

    def join(self, item: int, other: int) -> None:
        """Record a piece of edge from `item` to `other`, one rank to its right."""
        self.right[item].append(other)
        self.left[other].append(item)


def layering(count: int, edges: Sequence[tuple[int, int]], clusters: Sequence[int | None] = ()) -> Layering:
    """The items of the graph with `count` nodes, in ranks and joined through dummies.

    Args:
        count: number of nodes.
        edges: (operand, user) pairs, repeated if the operand is used twice.
        clusters: a cluster id or None per node, or nothing at all.
    Returns:
        A Layering whose work and size stay linear in nodes + edges.
    Raises:
        ValueError: if an edge lies on a cycle.
    Example:
        >>> graph = layering(3, [(0, 1), (1, 2), (0, 2)])
        >>> graph.rank, graph.trunks[0]
        ([0, 1, 2, 1], [3])

    Source: Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system
        structures" (1981) for layers and dummies; shared trunks are our own addition.
    """
    graph = Layering(
        nodes=count,
        rank=ranks(count, edges),
        cluster=[FREE if cluster is None else cluster for cluster in clusters] or [FREE] * count,
        left=[[] for _ in range(count)],
        right=[[] for _ in range(count)],
        trunks=[[] for _ in range(count)],
        spines=[],
        flyovers=[],
    )
    _grow_trunks(graph, by_key(edges, range(count)), DUMMIES_PER_PART * (count + len(edges)) + DUMMIES_AT_LEAST)
    _grow_spines(graph)
    return graph


def ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The rank of each node: longest path from the leaves, then pulled towards the users.

    A node moves right as long as that does not lengthen the edges in total. `stretch` is what
    one step to the right of a node adds to the edges left of it: an operand used nowhere else
    comes along when that is cheaper, and a leaf always does. (A leaf with many users, say a
    weight used by every sample, is free only if they all move; they mostly do, being alike.)

    Raises:
        ValueError: if an edge lies on a cycle.
    Example:
        >>> ranks(5, [(0, 1), (1, 3), (2, 3), (3, 4)])
        [0, 1, 1, 2, 3]
    """
    operands = by_key(((user, operand) for operand, user in edges), range(count))
    users = by_key(edges, range(count))
    order = _operands_first(operands, edges)
    rank = [0] * count
    stretch = [0] * count
    for node in order:
        cost = 0
        for operand in operands[node]:
            rank[node] = max(rank[node], rank[operand] + 1)
            shared = len(users[operand]) > 1 and operands[operand]
            cost += 1 if shared else min(1, stretch[operand])
        stretch[node] = cost
    for node in reversed(order):
        if users[node] and len(users[node]) >= stretch[node]:
            rank[node] = min(rank[user] for user in users[node]) - 1
    return rank


def _operands_first(operands: dict[int, list[int]], edges: Sequence[tuple[int, int]]) -> list[int]:
    """All nodes, each one after its operands."""
    try:
        return list(TopologicalSorter(operands).static_order())
    except CycleError as error:
        operand, user, *_ = error.args[1]
        raise ValueError(
            f"edge {edges.index((operand, user))}, {operand} -> {user}, lies on a cycle; "
            "a layered drawing needs edges that only lead from operands to users."
        ) from None


def _grow_trunks(graph: Layering, users: dict[int, list[int]], budget: int) -> None:
    """Cut the edges at every rank they cross; the longest trunks go without beyond `budget`."""
    rank = graph.rank
    reach = [max([rank[user] for user in users[node]], default=0) for node in range(graph.nodes)]
    # The sort is stable and shortest first, so the budget serves as many nodes as it can.
    for node in sorted(range(graph.nodes), key=lambda node: reach[node] - rank[node]):
        length = reach[node] - rank[node] - 1
        if length > budget:
            graph.flyovers.append(node)
        elif length > 0:
            budget -= length
            _grow_trunk(graph, node, users[node], length)
    for node, direct in users.items():
        for user in direct:
            hops = rank[user] - rank[node] - 1
            if hops == 0:
                graph.join(node, user)
            elif graph.trunks[node]:
                graph.join(graph.trunks[node][hops - 1], user)


def _grow_trunk(graph: Layering, node: int, users: list[int], length: int) -> None:
    """Add `length` dummies right of `node`, inside a cluster while only its members lie ahead."""
    previous = node
    first = graph.rank[node] + 1
    ahead = sorted(users, key=graph.rank.__getitem__)
    homes = [graph.cluster[user] for user in ahead]
    home = homes[-1]
    shared = len(homes) - 1
    while shared > 0 and homes[shared - 1] == home:
        shared -= 1
    # From the last foreign user on, the trunk serves one cluster; it enters where that begins.
    start = graph.rank[ahead[shared - 1]] if shared else first - 1
    entry = start + 1 if graph.cluster[node] == home else graph.rank[ahead[shared]]
    for rank in range(first, first + length):
        dummy = graph.add_item(rank, home if rank >= entry else FREE)
        graph.join(previous, dummy)
        graph.trunks[node].append(dummy)
        previous = dummy


def _grow_spines(graph: Layering) -> None:
    """Give every cluster one item in each rank between its first and its last member."""
    covered = by_key(zip(graph.cluster, graph.rank, strict=True))
    for cluster in range(max(graph.cluster, default=FREE) + 1):
        spine: list[int] = []
        for rank in range(min(covered[cluster]), max(covered[cluster]) + 1) if cluster in covered else ():
            spine.append(graph.add_item(rank, cluster))
            if len(spine) > 1:
                graph.join(spine[-2], spine[-1])
        graph.spines.append(spine)
