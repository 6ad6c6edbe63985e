"""Where the text of an edge stands: beside its line, off the arrowheads, and not on another one's text.

A value that is used once has its text where the edge leaves it: those who share a user stand apart there, and come together at its
box. Of a value that is used again the edges leave together, so the text stands where each arrives.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autograd_lite.drawing.layout.routing import XY

AWAY = 9.0  # from the box that an edge arrives at: longer than its arrowhead
BESIDE = 5.0  # from the box that it leaves
ABOVE, BELOW = -3.0, 9.0  # the line of letters from the edge's


class LabelPlace(NamedTuple):
    """The end of a text, or its beginning where it stands at the box that the edge leaves."""

    x: float
    y: float
    leaving: bool


def label_places(edges: Sequence[tuple[int, int]], routes: Sequence[Sequence[XY]]) -> list[LabelPlace]:
    """The place of each edge's text.

    Args:
        edges: (operand, user) pairs that have a text, or might get one.
        routes: their Bezier points.
    Example:
        >>> label_places([(0, 1)], [[(10.0, 0.0), (40.0, 0.0), (40.0, 30.0), (70.0, 30.0)]])
        [LabelPlace(x=15.0, y=-3.0, leaving=True)]
    """
    uses = Counter(operand for operand, _ in edges)
    found = []
    for (operand, _), route in zip(edges, routes, strict=True):
        (x0, y0), (x, y) = route[0], route[-1]
        if uses[operand] == 1:
            found.append(LabelPlace(x0 + BESIDE, y0 + (ABOVE if y >= y0 else BELOW), True))
        else:
            found.append(LabelPlace(x - AWAY, y + ABOVE, False))
    return found
