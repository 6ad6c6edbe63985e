"""The height of every item: short straight edges, no overlaps, clusters as rectangles.

Each sweep places one layer after the other as its neighbours wish: the weighted sum of squared
rises of the edges becomes as small as the order and the gaps allow. Notation: see `layering`;
`y` is the height of an item, downwards; `half` is half the room it takes up, gap included;
`border` is one of two items, top and bottom, that a cluster has in each of its ranks.
"""

from bisect import bisect_left, bisect_right
from graphlib import TopologicalSorter
from itertools import accumulate, pairwise
from math import inf

from autograd_lite.drawing.layout.layering import FREE, Layering
from autograd_lite.drawing.layout.ordering import places
from autograd_lite.drawing.scene import by_key

Pulls = list[list[tuple[int, float]]]  # per item: its neighbours, and how strongly they pull

BOX_BOX, BOX_DUMMY, DUMMY_DUMMY = 1.0, 2.0, 8.0  # long edges are the straightest
LOOSE = 0.05  # how strongly an item without neighbours on one side stays where it is
BORDER = 1e4  # how strongly a border stays where it is, once repaired
TOP_HALF, BOTTOM_HALF = 10.0, 5.0  # twice that is more than a cluster's head and foot
ROUNDS = 3  # for clusters: sweeps, then an exact repair
SWEEP_WORK = 100_000  # items looked at: small graphs get MOST_SWEEPS, large ones LEAST_SWEEPS
MOST_SWEEPS = 30
LEAST_SWEEPS = 8


def heights(graph: Layering, layers: list[list[int]], half: list[float]) -> list[float]:
    """The y of every item in `layers`, in points, with the least possible bends.

    Args:
        graph: the items; clusters get their bottom borders added here.
        layers: the items of each rank from top to bottom.
        half: half the height of each item plus half the gap that it asks for.
    Returns:
        One y per item; neighbours in a layer are at least half + half apart.
    Example:
        >>> from autograd_lite.drawing.layout.layering import layering
        >>> graph = layering(3, [(0, 2), (1, 2)])
        >>> heights(graph, [[0, 1], [2]], [20.0, 20.0, 20.0])
        [-20.0, 20.0, 0.0]

    Source: Gansner et al. (1993), section 4, for the weights; Kruskal, "Nonmetric
        multidimensional scaling: a numerical method" (1964), for pooling neighbours that want
        to pass each other ("pool adjacent violators").
    """
    borders = _add_borders(graph, layers, half) if graph.spines else []
    y = [0.0] * len(half)
    for layer in layers:
        top = -sum([half[item] for item in layer])
        for item in layer:
            y[item] = top + half[item]
            top += 2 * half[item]
    left, right = _pulls(graph, graph.left), _pulls(graph, graph.right)
    both = [a + b for a, b in zip(left, right, strict=True)]
    held = [False] * len(y)
    sweeps = max(LEAST_SWEEPS, min(MOST_SWEEPS, SWEEP_WORK // (len(y) + 1)))
    for _ in range(ROUNDS if borders else 1):
        for sweep in range(sweeps):
            near = both if sweep >= 4 else left if sweep % 2 else right
            _sweep(layers if sweep % 2 else layers[::-1], near, half, y, held)
        if not any(held):
            _level(layers, left, y)
        if borders:
            _repair(layers, borders, half, y)
            bound = {item for chain in borders for item in chain}
            held = [item in bound for item in range(len(y))]
    _straighten(graph, layers, half, y, held)
    return y


def _add_borders(graph: Layering, layers: list[list[int]], half: list[float]) -> list[list[int]]:
    """Turn the spines into top borders, add bottom ones, and enclose the members in `layers`.

    Returns:
        The chains of borders, tops at even and bottoms at odd positions, two for each cluster.
    """
    borders: list[list[int]] = []
    bottom: dict[int, int] = {}  # top border: the bottom border of the same rank
    for spine in graph.spines:
        chain = [graph.add_item(graph.rank[top], graph.cluster[top]) for top in spine]
        half += [BOTTOM_HALF] * len(chain)
        bottom |= zip(spine, chain, strict=True)
        for top in spine:
            half[top] = TOP_HALF
        for item, other in pairwise(chain):
            graph.join(item, other)
        borders += [spine, chain]
    for layer in layers:
        members = by_key((graph.cluster[item], item) for item in layer if graph.cluster[item] != FREE)
        row: list[int] = []
        for item in layer:
            home = graph.cluster[item]
            if home == FREE:
                row.append(item)
            elif home in members:
                found = members.pop(home)
                top = next(member for member in found if member in bottom)
                row += [top, *(member for member in found if member != top), bottom[top]]
        layer[:] = row
    return borders


def _pulls(graph: Layering, ends: list[list[int]]) -> Pulls:
    """The neighbours of each item on one side with the weight of the join between them."""
    boxes = graph.nodes
    return [
        [
            (end, (BOX_BOX if end < boxes else BOX_DUMMY)) if item < boxes else (end, (BOX_DUMMY if end < boxes else DUMMY_DUMMY))
            for end in found
        ]
        for item, found in enumerate(ends)
    ]


def _sweep(layers: list[list[int]], near: Pulls, half: list[float], y: list[float], held: list[bool]) -> None:
    """Place each layer at the weighted means of its neighbours, as far as there is room."""
    for layer in layers:
        runs: list[tuple[float, float, int]] = []  # of items that touch one another: their mean, its weight, how many they are
        offset = 0.0  # takes the room of the items above away, so that equal means touching
        for item in layer:
            offset += half[item]
            pulls = near[item]
            if held[item]:
                mean, weight = y[item] - offset, BORDER
            elif len(pulls) == 1:
                end, weight = pulls[0]
                mean = y[end] - offset
            elif pulls:
                weight = sum([pull for _, pull in pulls])
                mean = sum([pull * y[end] for end, pull in pulls]) / weight - offset
            else:
                mean, weight = y[item] - offset, LOOSE
            count = 1
            while runs and runs[-1][0] > mean:
                other, share, more = runs.pop()
                mean, weight, count = (mean * weight + other * share) / (weight + share), weight + share, count + more
            runs.append((mean, weight, count))
            offset += half[item]
        offset = 0.0
        for item, mean in zip(layer, [mean for mean, _, count in runs for _ in range(count)], strict=True):
            offset += half[item]
            y[item] = mean + offset
            offset += half[item]


def _level(layers: list[list[int]], left: Pulls, y: list[float]) -> None:
    """Shift whole layers until the edges between any two rise as much as they fall.

    Squares prefer many small rises to a few large ones, which would put a long chain with a
    shared operand on a slope. The weighted median keeps it level: of all shifts of layers it
    makes the sum of the rises least, and each gap between two layers has its own optimum.
    """
    for layer in layers:
        rises = sorted([(y[end] - y[item], pull) for item in layer for end, pull in left[item]])
        half = sum([pull for _, pull in rises]) / 2
        below = list(accumulate([pull for _, pull in rises]))
        if rises:
            low, high = rises[bisect_left(below, half)][0], rises[bisect_right(below, half)][0]
            shift = max(low, min(high, 0.0))  # between two medians, as little as possible
            for item in layer:
                y[item] += shift


def _straighten(graph: Layering, layers: list[list[int]], half: list[float], y: list[float], held: list[bool]) -> None:
    """Align boxes and dummies exactly where there is room; means leave them slightly askew."""
    place = places(layers)

    def free(item: int) -> tuple[float, float]:
        """The lowest and highest y of an item between its neighbours in the layer."""
        layer, position = layers[graph.rank[item]], place[item]
        low = max([y[above] + half[above] + half[item] for above in layer[max(position - 1, 0) : position]], default=-inf)
        return low, min([y[below] - half[below] - half[item] for below in layer[position + 1 : position + 2]], default=inf)

    for rows, near, far in (
        (layers[::-1], graph.right, graph.left),
        (layers, graph.left, graph.right),
    ):
        for layer in rows:
            for item in layer:
                single = item < graph.nodes and len(near[item]) == 1 and len(far[item]) < 2
                if single and not held[item]:
                    low, high = free(item)
                    y[item] = max(low, min(high, y[near[item][0]]))
    for node, trunk in enumerate(graph.trunks):
        if trunk:
            _straighten_trunk(trunk, [free(dummy) for dummy in trunk], y, node, graph.right)


def _straighten_trunk(
    trunk: list[int],
    free: list[tuple[float, float]],
    y: list[float],
    node: int,
    right: list[list[int]],
) -> None:
    """Lay a trunk in as few level pieces as there is room for, in line with its ends."""
    start = 0
    while start < len(trunk):
        low, high = free[start]
        stop = start + 1
        while stop < len(trunk) and max(low, free[stop][0]) <= min(high, free[stop][1]):
            low, high = max(low, free[stop][0]), min(high, free[stop][1])
            stop += 1
        before = y[trunk[start - 1] if start else node]
        after = y[right[trunk[-1]][0]]
        wish = before if low <= before <= high else after if stop == len(trunk) else y[trunk[start]]
        for dummy in trunk[start:stop]:
            y[dummy] = max(low, min(high, wish))
        start = stop


def _repair(layers: list[list[int]], borders: list[list[int]], half: list[float], y: list[float]) -> None:
    """Give all borders of a chain one height, with every gap kept.

    Heights that push downwards from the wishes are one solution, heights that push upwards are
    another, and so is their mean, which favours no side. Then clusters shrink to their members.
    """
    owner = list(range(len(y)))
    for chain in borders:
        for item in chain:
            owner[item] = chain[0]
        if chain:
            y[chain[0]] = sum([y[item] for item in chain]) / len(chain)
    neighbours = [pair for layer in layers for pair in pairwise(layer)]
    below = by_key(((owner[item], (owner[other], half[item] + half[other])) for item, other in neighbours), owner)
    above = by_key(((owner[other], owner[item]) for item, other in neighbours), owner)
    order = list(TopologicalSorter(above).static_order())
    low, high = y[:], y[:]
    for item in order:
        for other, gap in below[item]:
            low[other] = max(low[other], low[item] + gap)
    for item in reversed(order):
        for other, gap in below[item]:
            high[item] = min(high[item], high[other] - gap)
    for item, first in enumerate(owner):
        y[item] = (low[first] + high[first]) / 2
    _shrink(layers, borders, half, y)


def _shrink(layers: list[list[int]], borders: list[list[int]], half: list[float], y: list[float]) -> None:
    """Move the borders of each cluster inwards until one of them touches a member."""
    limit: dict[int, float] = {}
    for layer in layers:
        for item, other in pairwise(layer):
            room = half[item] + half[other]
            limit[item] = y[other] - room  # what is right below it allows no more
            limit[-1 - other] = y[item] + room
    for number, chain in enumerate(borders):
        if not chain:
            continue
        height = max(limit[-1 - item] for item in chain) if number % 2 else min(limit[item] for item in chain)
        for item in chain:
            y[item] = height
