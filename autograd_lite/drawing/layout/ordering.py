"""The order of the items in every layer: few crossings, clusters in one piece.

`place` is the position of an item in its layer, counted from 0 at the top. See `layering` for
the other words. Sweeps go through the layers and sort each one by the mean place of the items'
neighbours; sifting then moves single items; the order with the fewest crossings is kept.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from autograd_lite.drawing.layout.layering import FREE, Layering
from autograd_lite.drawing.scene import by_key

SWEEP_WORK = 40_000  # joins looked at: small graphs get MOST_SWEEPS, large ones LEAST_SWEEPS
MOST_SWEEPS = 10
LEAST_SWEEPS = 6
SMALL = 300  # joins up to which every sweep is sifted and all RUNS are tried
SMALL_REACH = 12
SIFT_WORK = 12_000  # pairs of items compared in the last sifting of a larger graph
# How much far neighbours count, and whether to start upside down; each is best for some graphs.
Family = tuple[str, int]  # a name and a number
RUNS = ((0.3, 1), (1.0, -1), (0.0, 1), (0.3, -1), (1.0, 1))


def order_layers(
    graph: Layering, families: Sequence[Family | None] = (), cluster_families: Sequence[Family | None] = ()
) -> list[list[int]]:
    """The layers of `graph`, each listing its items from top to bottom.

    Args:
        graph: the items.
        families: of the nodes; the members of one that share a layer stand there by their numbers.
        cluster_families: the same for the clusters.
    Returns:
        One list per rank. Members of a cluster follow one another, and any two clusters keep
        their order in every layer they share.
    Example:
        >>> from autograd_lite.drawing.layout.layering import layering
        >>> graph = layering(4, [(0, 3), (1, 2)])
        >>> layers = order_layers(graph)
        >>> layers, crossings(graph, layers)
        ([[1, 0], [2, 3]], 0)

    Source: Sugiyama, Tagawa & Toda (1981), barycentre sweeps; Gansner, Koutsofios, North & Vo,
        "A technique for drawing directed graphs" (1993), section 3, start by depth first search
        and best-so-far rule; Matuszewski, Schoenfeld & Molitor, "Using sifting for k-layer
        straightline crossing minimization" (1999).
    """
    search = _Search(graph, families, cluster_families)
    layers = search.best(_first_layers(graph))
    if graph.spines:
        # Without the clusters first: where their members then lie gives the clusters' order.
        search.settle_clusters(layers)
        layers = search.best(layers)
    return layers


def crossings(graph: Layering, layers: list[list[int]]) -> int:
    """The number of pairs of joins that cross, over all neighbouring layers.

    It counts, from top to bottom, the ends already seen that lie below each new end.
    """
    place = places(layers)
    total = 0
    for layer in layers:
        seen: list[int] = []  # stays sorted; insertion is a memory move, fast up to huge layers
        for item in layer:
            for position in sorted(map(place.__getitem__, graph.right[item])):
                below = bisect_right(seen, position)
                total += len(seen) - below
                seen.insert(below, position)
    return total


def places(layers: list[list[int]]) -> dict[int, int]:
    """The position of every item in its layer."""
    return {item: position for layer in layers for position, item in enumerate(layer)}


def _first_layers(graph: Layering) -> list[list[int]]:
    """Layers in the order of a depth first walk from the outputs, which leaves trees planar."""
    layers: list[list[int]] = [[] for _ in range(graph.ranks)]
    seen = [False] * len(graph.rank)
    for output in range(len(graph.rank)):
        stack = [] if graph.right[output] else [output]
        while stack:
            item = stack.pop()
            if not seen[item]:
                seen[item] = True
                layers[graph.rank[item]].append(item)
                stack.extend(reversed(graph.left[item]))
    return layers


class _Search:
    """The search for a good order; `turn` ranks the clusters once they are settled."""

    def __init__(self, graph: Layering, families: Sequence[Family | None], cluster_families: Sequence[Family | None]) -> None:
        self.graph = graph
        self.joins = sum(map(len, graph.right))
        self.turn: list[int] = []
        self.cluster_families = cluster_families
        # Those of one cluster: a node in a cluster goes where the cluster goes.
        self.families = {i: (f"{graph.cluster[i]} {found[0]}", found[1]) for i, found in enumerate(families) if found}

    def best(self, start: list[list[int]]) -> list[list[int]]:
        """The order with the fewest crossings among all those tried from `start`."""
        sweeps = max(LEAST_SWEEPS, min(MOST_SWEEPS, SWEEP_WORK // (self.joins + 1)))
        small = self.joins <= SMALL
        self._keep_families(start)
        best, fewest = start, crossings(self.graph, start)
        for tilt, way in RUNS if small else RUNS[:1]:
            layers = [layer[::way] for layer in start]
            for sweep in range(sweeps if fewest else 0):
                self._sweep(layers, sweep, tilt)
                if small:
                    self._sift(layers, SMALL_REACH)
                self._keep_families(layers)
                found = crossings(self.graph, layers)
                if found < fewest:
                    best, fewest = [layer[:] for layer in layers], found
        if not small:
            self._sift(best, SIFT_WORK // self.joins)
            self._keep_families(best)
        return best

    def _keep_families(self, layers: list[list[int]]) -> None:
        """Lets the members of each family change places, until they stand by their numbers."""
        for layer in layers if self.families else ():
            _by_number(layer, self.families)

    def settle_clusters(self, layers: list[list[int]]) -> None:
        """Rank the clusters by the mean height of their items and gather these in `layers`."""
        clusters = range(len(self.graph.spines))
        height = {item: (place + 0.5) / len(layer) for layer in layers for place, item in enumerate(layer)}
        found = by_key(((self.graph.cluster[item], here) for item, here in height.items()), clusters)
        means = [sum(found[cluster]) / max(1, len(found[cluster])) for cluster in clusters]
        order = sorted(range(len(means)), key=means.__getitem__)
        _by_number(order, {i: found for i, found in enumerate(self.cluster_families) if found})
        self.turn = sorted(range(len(means)), key=order.__getitem__)  # the inverse of the order
        for layer in layers:
            self._sort(layer, height)

    def _sweep(self, layers: list[list[int]], sweep: int, tilt: float) -> None:
        """Sort each layer by its neighbours: leftwards, rightwards, and so on.

        Two sweeps look at the near side, the layer just done; the next two also at the far side,
        weighted by `tilt`. An item with nothing on the near side always goes by the far one: in
        these graphs half the nodes are leaves, which have no left neighbours at all.
        """
        graph = self.graph
        place = places(layers)
        near, far = (graph.left, graph.right) if sweep % 2 else (graph.right, graph.left)
        weight = tilt if sweep % 4 >= 2 else 0.0
        key = {item: float(position) for item, position in place.items()}
        get = place.__getitem__
        for index in range(len(layers)) if sweep % 2 else reversed(range(len(layers))):
            layer = layers[index]
            beyond = index + 1 if sweep % 2 else index - 1
            # Far places are scaled to this layer's length; near ones share one scale anyway.
            scale = len(layer) / (len(layers[beyond]) if 0 <= beyond < len(layers) else 1)
            for item in layer:
                ends, others = near[item], far[item]
                if not ends:
                    if others:
                        key[item] = scale * sum(map(get, others)) / len(others)
                    continue
                key[item] = sum(map(get, ends)) / len(ends)
                if weight and others:
                    level = scale * sum(map(get, others)) / len(others)
                    key[item] = (key[item] + weight * level) / (1 + weight)
            if sweep // 2 % 2:
                layer.reverse()  # ties fall the other way round, which frees stuck orders
            self._sort(layer, key)
            place |= places([layer])

    def _sort(self, layer: list[int], key: dict[int, float]) -> None:
        """Sort a layer by key; once the clusters are settled, with each in one piece and in the order of `turn`."""
        cluster, turn = self.graph.cluster, self.turn
        if not turn:
            layer.sort(key=key.__getitem__)
            return
        members = by_key((cluster[item], key[item]) for item in layer if cluster[item] != FREE)
        present = sorted(members, key=turn.__getitem__)
        # The clusters share out their mean keys in ascending order, which keeps them in turn.
        means = sorted(sum(members[found]) / len(members[found]) for found in present)
        level = dict(zip(present, means, strict=True))

        def rule(item: int) -> tuple[float, int, float]:
            home = cluster[item]
            return (key[item], FREE, 0.0) if home == FREE else (level[home], turn[home], key[item])

        layer.sort(key=rule)

    def _sift(self, layers: list[list[int]], reach: int) -> None:
        """Move each item to where it crosses least, at most `reach` places up or down."""
        if reach < 1:
            return
        graph = self.graph
        place = places(layers)
        get = place.__getitem__
        for layer in layers:
            ends = {item: (sorted(map(get, graph.left[item])), sorted(map(get, graph.right[item]))) for item in layer}
            for item in layer[:] if len(layer) > 1 else ():
                self._move(layer, layer.index(item), reach, ends)
            place |= places([layer])

    def _move(self, layer: list[int], start: int, reach: int, ends: dict[int, tuple[list[int], list[int]]]) -> None:
        """Move the item at `start` to its best position among those of its own cluster."""
        item = layer[start]
        home = self.graph.cluster[item]
        target, most = start, 0
        for stop, step in ((-1, -1), (len(layer), 1)):
            saved = 0
            for position in range(start + step, stop, step)[:reach]:
                other = layer[position]
                if self.graph.cluster[other] != home:
                    break
                upper, lower = (other, item) if step < 0 else (item, other)
                saved += _gain(ends[upper][0], ends[lower][0])
                saved += _gain(ends[upper][1], ends[lower][1])
                if saved > most:
                    target, most = position, saved
        if target != start:
            layer.insert(target, layer.pop(start))


def _by_number(row: list[int], families: dict[int, Family]) -> None:
    """Sorts the members of each family among the places that they have in a row.

    >>> row = [3, 7, 1, 2]
    >>> _by_number(row, {1: ("a", 0), 2: ("a", 2), 3: ("a", 1)})
    >>> row
    [1, 7, 3, 2]
    """
    found = by_key((families[item][0], position) for position, item in enumerate(row) if item in families)
    for positions in found.values():
        members = sorted([row[position] for position in positions], key=lambda item: families[item][1])
        for position, item in zip(positions, members, strict=True):
            row[position] = item


def _gain(upper: list[int], lower: list[int]) -> int:
    """Crossings saved by exchanging two items whose neighbours have these sorted places."""
    if not upper or not lower:
        return 0
    if upper[-1] < lower[0]:
        return -len(upper) * len(lower)
    gain = 0
    for end in lower:
        gain += len(upper) - bisect_right(upper, end) - bisect_left(upper, end)
    return gain
