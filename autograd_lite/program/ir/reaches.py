"""The branches through which alone the results depend on a statement, as comparisons of arrays."""

from collections.abc import Callable, Mapping, Sequence

import numpy

from autograd_lite.program.capture.branches import reaches_of
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.capture.guards import Path, Turn
from autograd_lite.program.ir.rolling import NodeGroup, Rolled
from autograd_lite.program.ir.statements import Conditions, Statement
from autograd_lite.program.ir.terms import Compare, Shape, Term


def set_reaches(rolled: Rolled, groups: Sequence[NodeGroup], statements: Sequence[Statement], view: Callable[[Ids], Term]) -> None:
    """Sets the reach of each statement.

    Args:
        rolled: the graph in groups. groups: for each statement, the group it belongs to.
        view: gives the numbers of nodes of one source.
    """
    reaches = reaches_of(rolled.graph)
    for group, statement in zip(groups, statements, strict=True):
        statement.reach = _reach(rolled, group, statement, reaches, view)


def _reach(
    rolled: Rolled, group: NodeGroup, statement: Statement, reaches: Mapping[int, Path], view: Callable[[Ids], Term]
) -> Conditions:
    ways = [reaches.get(node, ()) for node in group.nodes]
    of_others = statement.target.size != len(ways)  # what the group's nodes are computed from, put together
    if of_others or not all(ways) or any(_turns(way) != _turns(ways[0]) for way in ways):
        return statement.path
    found: list[tuple[Compare, bool]] = []
    for turns in zip(*ways, strict=True):
        sides = sides_of(turns, statement.target.shape)
        if any((rolled.source[nodes] != rolled.source[nodes.flat[0]]).any() for nodes in sides):
            return statement.path
        condition = Compare(turns[0].sign, *map(view, sides))
        if condition.batched <= statement.target.batched:
            found.append((condition, turns[0].first))
    return found


def sides_of(turns: Sequence[Turn], shape: Shape) -> list[Ids]:
    """The nodes that turns compare, on the left and on the right, one turn for each element of a shape."""
    return [sides.reshape(shape) for sides in numpy.array([(turn.left, turn.right) for turn in turns]).T]


def _turns(way: Path) -> list[tuple[str, bool]]:
    return [(turn.sign, turn.first) for turn in way]
