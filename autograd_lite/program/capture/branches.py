"""Which nodes stand inside a branch of a `where`: they count only in the rows that take it.

A node is inside a branch given as a callable if everything that uses it goes through that branch. In the other rows it may have no
value at all: no domain error is raised there, and nothing it would contribute to a derivative leaves the branch.
"""

from collections.abc import Sequence

from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.capture.guards import Choice, Guard, Path, Turn


def paths_of(graph: NumberedGraph, guards: Sequence[Guard]) -> dict[int, Path]:
    """The branches that each node stands in, outermost first; nodes that stand in none are left out."""
    if not any(isinstance(primitive, Choice) and any(primitive.deferred) for primitive in graph.primitives):
        return {}
    paths: dict[int, Path] = dict.fromkeys((*graph.outputs, *graph.differentiated), ())
    for guard, comparisons in zip(guards, graph.guards, strict=True):
        turns = [Turn(condition.sign, *sides, first) for (condition, first), sides in zip(guard.path, comparisons[1:], strict=True)]
        for depth, sides in enumerate((*comparisons[1:], comparisons[0])):
            for node in sides:
                paths[node] = _common(paths.get(node), tuple(turns[:depth]))
    return _passed_down(graph, paths, derivatives=False)


def reaches_of(graph: NumberedGraph) -> dict[int, Path]:
    """For each node the branches through which alone a result depends on it, callables or not; nodes with none are left out.

    In rows that take another turn its derivative is nothing, whatever number it is: eager's `where` picks a node, and the other
    one is not in the graph. What conditions compare passes no derivative on.
    """
    return _passed_down(graph, dict.fromkeys(graph.outputs, ()), derivatives=True)


def _passed_down(graph: NumberedGraph, paths: dict[int, Path], derivatives: bool) -> dict[int, Path]:
    """The paths of all nodes below some: of their numbers, or of their `derivatives`.

    A number is computed outside of a choice, unless its branch is deferred; a derivative passes through the branches alone.
    """
    for node in range(len(graph) - 1, -1, -1):
        primitive = graph.primitives[node]
        if primitive is None or node not in paths:
            continue
        operands = graph.operands(node)
        for position, operand in enumerate(operands):
            path = paths[node]
            if isinstance(primitive, Choice):
                if derivatives and position < 2:
                    continue
                if position >= 2 and (derivatives or primitive.deferred[position - 2]):
                    path = (*path, Turn(primitive.sign, operands[0], operands[1], position == 2))
            paths[operand] = _common(paths.get(operand), path)
    return {node: path for node, path in paths.items() if path and graph.primitives[node] is not None}


def _common(known: Path | None, path: Path) -> Path:
    """The turns that two paths share, in any place: a node on both is needed in no row that takes another turn."""
    return path if known is None else tuple(turn for turn in known if turn in path)
