"""Where the text of an edge stands: beside its line, off the arrowheads, and not on another one's text.

A value that is used once has its text where the edge leaves it: those who share a user stand apart there, and come together at its
box. Of a value that is used again the edges leave together, so the text stands where each arrives.
"""

from collections import Counter
from collections.abc import Sequence

from autograd_lite.drawing.layout.routing import XY

ARRIVING, LEAVING_ABOVE, LEAVING_BELOW = range(3)
AWAY = 9.0  # from the box that an edge arrives at: longer than its arrowhead
BESIDE = 5.0  # from the box that it leaves
ABOVE, BELOW = -3.0, 9.0  # the line of letters from the edge's


def label_sides(edges: Sequence[tuple[int, int]], routes: Sequence[Sequence[XY]]) -> list[int]:
    """Per edge ARRIVING, LEAVING_ABOVE or LEAVING_BELOW.

    Args:
        edges: (operand, user) pairs.
        routes: their Bezier points.
    Example:
        >>> label_sides([(0, 1)], [[(10.0, 0.0), (40.0, 0.0), (40.0, 30.0), (70.0, 30.0)]]) == [LEAVING_ABOVE]
        True
    """
    uses = Counter(operand for operand, _ in edges)
    return [
        ARRIVING if uses[operand] > 1 else LEAVING_ABOVE if route[-1][1] >= route[0][1] else LEAVING_BELOW
        for (operand, _), route in zip(edges, routes, strict=True)
    ]


def label_place(side: int, route: Sequence[XY]) -> XY:
    """Where a text begins that stands at the box that an edge leaves, and where one ends that stands where it arrives."""
    if side == ARRIVING:
        return route[-1][0] - AWAY, route[-1][1] + ABOVE
    return route[0][0] + BESIDE, route[0][1] + (ABOVE if side == LEAVING_ABOVE else BELOW)
