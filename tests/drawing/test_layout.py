"""The built-in layered drawing: what every picture must keep, and what it may cost."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations, pairwise
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite.drawing.layout.layered as layout_module
from autograd_lite.drawing.layout.layered import Layout, layered
from autograd_lite.drawing.layout.layering import layering, ranks
from autograd_lite.drawing.layout.ordering import crossings, order_layers
from autograd_lite.drawing.layout.placement import heights

Edges = list[tuple[int, int]]
Sizes = list[tuple[float, float]]
EPSILON = 1e-6


@st.composite
def pictures(draw: st.DrawFn) -> tuple[Sizes, Edges, list[int | None]]:
    """Sizes, acyclic edges under shuffled node numbers, and clusters."""
    count = draw(st.integers(0, 24))
    length = st.floats(0, 120)
    sizes = draw(st.lists(st.tuples(length, length), min_size=count, max_size=count))
    number = draw(st.permutations(range(count)))
    pairs = [(number[a], number[b]) for a, b in combinations(range(count), 2)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=40)) if pairs else []
    home = st.one_of(st.none(), st.integers(0, 4))
    clusters = draw(st.lists(home, min_size=count, max_size=count))
    return sizes, edges, clusters


def network(widths: list[int], samples: int = 1) -> tuple[int, Edges]:
    """Nodes and edges of the squared errors of a scalar network, weights shared by samples."""
    edges: Edges = []
    count = 0

    def node(*operands: int) -> int:
        nonlocal count
        count += 1
        edges.extend((operand, count - 1) for operand in operands)
        return count - 1

    weights = [[[node() for _ in range(before + 1)] for _ in range(after)] for before, after in pairwise(widths)]
    losses = []
    for _ in range(samples):
        values = [node() for _ in range(widths[0])]
        for neurons in weights:
            outputs = []
            for bias, *factors in neurons:
                total = bias
                for factor, value in zip(factors, values, strict=True):
                    total = node(total, node(factor, value))
                outputs.append(node(total))
            values = outputs
        error = node(values[0], node())
        losses.append(node(error, error))
    total = losses[0]
    for loss in losses[1:]:
        total = node(total, loss)
    return count, edges


def boxes(sizes: Sizes, picture: Layout) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every node."""
    return [
        (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for (x, y), (width, height) in zip(picture.centers, sizes, strict=True)
    ]


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return min(one[2], other[2]) - max(one[0], other[0]) > EPSILON and min(one[3], other[3]) - max(one[1], other[1]) > EPSILON


def points_on(route: list[tuple[float, float]], steps: int = 12) -> list[tuple[float, float]]:
    """Points along a chain of cubic Bezier pieces."""
    points = [route[0]]
    for start in range(0, len(route) - 1, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = route[start : start + 4]
        for step in range(1, steps + 1):
            t = step / steps
            u = 1 - t
            weights = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            points.append(
                (
                    weights[0] * ax + weights[1] * bx + weights[2] * cx + weights[3] * dx,
                    weights[0] * ay + weights[1] * by + weights[2] * cy + weights[3] * dy,
                )
            )
    return points


@given(pictures())
def test_boxes_of_one_rank_keep_their_gap(
    case: tuple[Sizes, Edges, list[int | None]],
) -> None:
    sizes, edges, clusters = case
    for homes in ([], clusters):
        picture = layered(sizes, edges, clusters=homes, rank_gap=30, node_gap=12)
        rank = ranks(len(sizes), edges)
        placed = boxes(sizes, picture)
        for one, other in combinations(range(len(sizes)), 2):
            assert not overlap(placed[one], placed[other])
            if rank[one] == rank[other]:
                upper, lower = sorted((placed[one], placed[other]), key=lambda box: box[1] + box[3])
                assert lower[1] - upper[3] >= 12 - EPSILON


@given(pictures())
def test_edges_run_from_left_to_right_between_their_boxes(
    case: tuple[Sizes, Edges, list[int | None]],
) -> None:
    sizes, edges, clusters = case
    picture = layered(sizes, edges, clusters=clusters, rank_gap=30)
    placed = boxes(sizes, picture)
    assert len(picture.routes) == len(edges)
    for (operand, user), route in zip(edges, picture.routes, strict=True):
        assert len(route) % 3 == 1 and len(route) >= 4
        assert route[0][0] == pytest.approx(placed[operand][2])
        assert placed[operand][1] - EPSILON <= route[0][1] <= placed[operand][3] + EPSILON
        assert route[-1][0] == pytest.approx(placed[user][0])
        assert placed[user][1] - EPSILON <= route[-1][1] <= placed[user][3] + EPSILON
        assert all(after[0] >= before[0] - EPSILON for before, after in pairwise(route))
        assert placed[user][0] - placed[operand][2] >= 30 - EPSILON


@given(pictures(), st.booleans())
def test_no_edge_passes_through_a_box(case: tuple[Sizes, Edges, list[int | None]], without_dummies: bool) -> None:
    sizes, edges, clusters = case
    with pytest.MonkeyPatch.context() as patch:
        if without_dummies:  # then every long edge is a flyover
            patch.setattr("autograd_lite.drawing.layout.layering.DUMMIES_PER_PART", 0)
            patch.setattr("autograd_lite.drawing.layout.layering.DUMMIES_AT_LEAST", 0)
        picture = layered(sizes, edges, clusters=clusters)
    for box in boxes(sizes, picture):
        for route in picture.routes:
            for x, y in points_on(route):
                inside = box[0] + EPSILON < x < box[2] - EPSILON
                assert not (inside and box[1] + EPSILON < y < box[3] - EPSILON)


@given(pictures())
def test_the_drawing_holds_everything_and_is_no_larger(
    case: tuple[Sizes, Edges, list[int | None]],
) -> None:
    sizes, edges, clusters = case
    picture = layered(sizes, edges, clusters=clusters)
    drawn = boxes(sizes, picture)
    drawn += [(x, y, x + w, y + h) for x, y, w, h in picture.clusters if w]
    drawn += [(x, y, x, y) for route in picture.routes for x, y in route]
    for side, extreme, expected in (
        (0, min, 0.0),
        (1, min, 0.0),
        (2, max, picture.width),
        (3, max, picture.height),
    ):
        found = extreme([box[side] for box in drawn], default=0.0)
        assert found == pytest.approx(expected, abs=EPSILON)


@given(pictures())
def test_clusters_are_disjoint_and_pure(case: tuple[Sizes, Edges, list[int | None]]) -> None:
    sizes, edges, clusters = case
    picture = layered(sizes, edges, clusters=clusters, node_gap=4)
    placed = boxes(sizes, picture)
    frames = [(x, y, x + w, y + h) for x, y, w, h in picture.clusters]
    for one, other in combinations(frames, 2):
        assert not overlap(one, other)
    for cluster, frame in enumerate(frames):
        for node, box in enumerate(placed):
            if clusters[node] == cluster:
                assert frame[0] <= box[0] + EPSILON and box[2] <= frame[2] + EPSILON
                assert frame[1] <= box[1] + EPSILON and box[3] <= frame[3] + EPSILON
            else:
                assert not overlap(frame, box)


@given(pictures())
def test_clusters_stay_in_one_piece_in_every_layer(
    case: tuple[Sizes, Edges, list[int | None]],
) -> None:
    sizes, edges, clusters = case
    graph = layering(len(sizes), edges, clusters)
    for layer in order_layers(graph):
        homes = [graph.cluster[item] for item in layer]
        following = [*homes[1:], None]
        pieces = [home for home, after in zip(homes, following, strict=True) if home != after]
        owned = [home for home in pieces if home >= 0]
        assert len(owned) == len(set(owned))


@pytest.mark.parametrize("times", [2, 3, 5])
@pytest.mark.parametrize("between", [[], [(1, 2)]], ids=["next to it", "far away"])
def test_parallel_edges_are_distinct_routes(times: int, between: Edges) -> None:
    edges = [(0, 3)] * times + [(0, 1), *between, (2, 3)]
    picture = layered([(80.0, 40.0)] * 4, edges)
    for one, other in combinations(picture.routes[:times], 2):
        middles = points_on(one)[6][1], points_on(other)[6][1]
        assert abs(one[-1][1] - other[-1][1]) >= 5
        assert abs(middles[0] - middles[1]) >= 3


def test_parallel_edges_do_not_cross() -> None:
    picture = layered([(80.0, 40.0)] * 3, [(0, 2), (0, 2), (1, 2)])
    first, second = picture.routes[0], picture.routes[1]
    assert (first[0][1] < second[0][1]) == (first[-1][1] < second[-1][1])


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_a_tree_has_no_crossings(depth: int) -> None:
    edges = [(2 * node + side, node) for node in range(1, 2**depth) for side in (0, 1)]
    shifted = [(operand - 1, user - 1) for operand, user in edges]
    graph = layering(2 ** (depth + 1) - 1, shifted)
    assert crossings(graph, order_layers(graph)) == 0


def test_a_planar_graph_with_shared_operands_has_no_crossings() -> None:
    # A ladder: every rung is used twice, once on each rail.
    edges = []
    for step in range(0, 20, 2):
        edges += [(step, step + 2), (step + 1, step + 3), (step, step + 3)]
    graph = layering(22, edges)
    assert crossings(graph, order_layers(graph)) == 0


def test_crossings_counts_what_a_known_order_shows() -> None:
    graph = layering(6, [(a, b) for a in (0, 1, 2) for b in (3, 4, 5)])
    assert crossings(graph, [[0, 1, 2], [3, 4, 5]]) == 9


def test_a_leaf_sits_beside_its_only_user() -> None:
    chain = [(node, node + 1) for node in range(5)]
    rank = ranks(7, [*chain, (6, 4)])
    assert rank == [0, 1, 2, 3, 4, 5, 3]


def test_a_lone_chain_is_straight() -> None:
    picture = layered([(60.0, 20.0)] * 5, [(node, node + 1) for node in range(4)])
    assert {y for _, y in picture.centers} == {10.0}
    assert (picture.width, picture.height) == (5 * 60 + 4 * 60, 20.0)


def test_a_long_edge_beside_a_chain_is_level_along_the_chain() -> None:
    picture = layered([(60.0, 20.0)] * 6, [*((node, node + 1) for node in range(5)), (0, 5)])
    level = {round(y, 6) for x, y in points_on(picture.routes[-1]) if 120 <= x <= 540}
    assert len(level) == 1


def test_nothing_one_node_and_separate_parts() -> None:
    assert layered([], []) == Layout(0.0, 0.0, [], [], [])
    assert layered([(30.0, 20.0)], []) == Layout(30.0, 20.0, [(15.0, 10.0)], [], [])
    parts = layered([(30.0, 20.0)] * 5, [(0, 1), (2, 3)])
    assert parts.height == 3 * 20 + 2 * 16


def test_a_cluster_without_members_is_empty() -> None:
    picture = layered([(30.0, 20.0)] * 2, [(0, 1)], clusters=[2, None])
    assert picture.clusters[:2] == [(0.0, 0.0, 0.0, 0.0)] * 2
    assert picture.clusters[2][2] > 30


def test_the_same_numbers_in_every_process() -> None:
    script = (
        "from autograd_lite.drawing.layout.layered import layered\n"
        "edges = [(a, b) for b in range(60) for a in (b * 7 % 13, b // 2, b - 1) if 0 <= a < b]\n"
        "homes = [b % 5 if b % 3 else None for b in range(60)]\n"
        "print(layered([(80 + b % 3, 30) for b in range(60)], edges))\n"
        "print(layered([(80 + b % 3, 30) for b in range(60)], edges, clusters=homes))\n"
    )
    root = str(Path(layout_module.__file__).parents[2])
    printed = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=root)
        printed.append(done.stdout)
    assert printed[0] == printed[1] and len(printed[0]) > 1000


def test_chains_of_thousands_of_ranks_need_no_recursion() -> None:
    count = 3000
    picture = layered([(50.0, 20.0)] * count, [(node, node + 1) for node in range(count - 1)])
    assert picture.width == count * 50 + (count - 1) * 60


@pytest.mark.parametrize("count", [500, 1000, 2000])
def test_a_value_used_by_every_rank_has_one_trunk(count: int) -> None:
    edges = [edge for node in range(1, count) for edge in ((node - 1, node), (0, node))]
    graph = layering(count, edges)
    assert len(graph.rank) == count + count - 2
    assert graph.flyovers == []


@pytest.mark.parametrize("count", [400, 800, 1600])
def test_dummies_stay_linear_when_every_edge_is_long(count: int) -> None:
    # A chain each of whose links is also used at its far end: count ** 2 / 4 crossed layers.
    chain = [(node, node + 1) for node in range(count)]
    far = [(node, count - node) for node in range(count // 2)]
    graph = layering(count + 1, chain + far)
    assert len(graph.rank) <= 6 * (2 * count) + 1000
    assert graph.flyovers
    picture = layered([(50.0, 20.0)] * (count + 1), chain + far)
    assert picture.height < 20 * count


def work(widths: list[int], samples: int) -> tuple[int, int]:
    """Parts of a graph, and the Python lines that its drawing runs."""
    count, edges = network(widths, samples)
    lines = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal lines
        lines += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        layered([(90.0, 40.0)] * count, edges)
    finally:
        sys.settrace(previous)
    return count + len(edges), lines


def test_work_grows_in_step_with_the_graph() -> None:
    # From 2-14-14-1 on the number of sweeps is at its least, so lines per part are comparable.
    small_parts, small_lines = work([2, 14, 14, 1], 4)
    large_parts, large_lines = work([2, 20, 20, 1], 4)
    assert large_parts > 1.8 * small_parts
    assert large_lines / large_parts < 1.5 * small_lines / small_parts


def test_a_network_is_little_taller_than_its_fullest_rank() -> None:
    count, edges = network([2, 8, 8, 1])
    graph = layering(count, edges)
    fullest = max(len(layer) for layer in order_layers(graph))
    assert layered([(90.0, 40.0)] * count, edges).height <= 1.5 * 56 * fullest


@settings(max_examples=50)
@given(pictures())
def test_heights_keep_the_order_and_the_gaps(
    case: tuple[Sizes, Edges, list[int | None]],
) -> None:
    sizes, edges, _ = case
    graph = layering(len(sizes), edges)
    layers = order_layers(graph)
    half = [10.0] * len(graph.rank)
    y = heights(graph, layers, half)
    for layer in layers:
        for above, below in pairwise(layer):
            assert y[below] - y[above] >= 20 - EPSILON


@pytest.mark.parametrize(
    ("sizes", "edges", "options", "message"),
    [
        (
            [(1.0, 1.0)] * 3,
            [(0, 1), (1, 2), (2, 1)],
            {},
            "edge 1, 1 -> 2, lies on a cycle; a layered drawing needs edges that only lead from operands to users.",
        ),
        (
            [(1.0, 1.0)],
            [(0, 0)],
            {},
            "edge 0, 0 -> 0, lies on a cycle; a layered drawing needs edges that only lead from operands to users.",
        ),
        (
            [(1.0, 1.0)] * 2,
            [(0, 1), (0, 2)],
            {},
            "edge 1, 0 -> 2, names a node that is not there; `sizes` has 2 nodes, counted from 0.",
        ),
        (
            [(1.0, 1.0)] * 2,
            [(-1, 1)],
            {},
            "edge 0, -1 -> 1, names a node that is not there; `sizes` has 2 nodes, counted from 0.",
        ),
        (
            [(1.0, 1.0), (-2.0, 1.0)],
            [],
            {},
            "node 1 has size (-2.0, 1.0); give its width and height in points, 0 or more.",
        ),
        (
            [(nan, 1.0)],
            [],
            {},
            "node 0 has size (nan, 1.0); give its width and height in points, 0 or more.",
        ),
        (
            [(1.0, inf)],
            [],
            {},
            "node 0 has size (1.0, inf); give its width and height in points, 0 or more.",
        ),
        ([], [], {"rank_gap": -1.0}, "`rank_gap` is -1.0; give a distance in points, 0 or more."),
        ([], [], {"node_gap": nan}, "`node_gap` is nan; give a distance in points, 0 or more."),
        (
            [(1.0, 1.0)] * 2,
            [],
            {"clusters": [0]},
            "`clusters` has 1 entries for 2 nodes; give one id or None for each node.",
        ),
        (
            [(1.0, 1.0)],
            [],
            {"clusters": [-1]},
            "node 0 is in cluster -1; number the clusters from 0 on, or give None for no cluster.",
        ),
    ],
)
def test_errors_name_what_is_wrong_and_what_to_give(sizes: Sizes, edges: Edges, options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        layered(sizes, edges, **options)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_the_cycle_named_is_a_cycle_even_if_other_nodes_hang_on_it() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 5)]
    with pytest.raises(ValueError, match=r"(1 -> 2|2 -> 3|3 -> 1), lies on a cycle"):
        layered([(1.0, 1.0)] * 6, edges)
