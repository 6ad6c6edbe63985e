"""The focus view, for graphs without modules: the values nearest to the root, the leaves that matter most, the rest as one box."""

from array import array
from collections.abc import Collection
from heapq import nlargest
from itertools import pairwise
from typing import Final

from autograd_lite.drawing.scene import by_key
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.survey import Survey

NEAR: Final = 60  # values round the root
HOPS: Final = 12  # at most: a page, not a ribbon
LEAVES: Final = 12  # parameters with the largest gradients


def focus(survey: Survey, most: int, wanted: Collection[int] = ()) -> Partition:
    """The partition with `k` hops round the root as they are, and the rest as one part.

    A value is shown only if all its users are: so the rest never takes anything from what is shown, except from leaves.

    Args:
        survey: of the graph.
        most: boxes there may be.
        wanted: shown where they fit; with a value, all values between it and the root must be among them.
    """
    if wanted and len(wanted) + 1 <= most:
        shown, hops = {*survey.roots, *wanted}, -1
    else:
        shown, hops = _near(survey, budget=max(2, min(NEAR, most - LEAVES - 1)))
    is_leaf = [here == after for here, after in pairwise(survey.start)]
    leaves = [i for i, value in enumerate(survey.values) if is_leaf[i] and value.requires_grad and i not in shown]
    top = nlargest(LEAVES, leaves, key=lambda i: (abs(survey.values[i].grad), -i))
    shown.update(top if len(shown) + len(top) + 1 <= max(most, 2) else top[:1])
    rest = len(survey) - len(shown)
    names, place = [""] * len(shown), {i: k for k, i in enumerate(sorted(shown))}
    part = [place.get(i, len(shown)) for i in range(len(survey))]
    if not rest:
        return Partition(part, names)
    root = "root" if len(survey.roots) == 1 else "roots"
    around = f"{hops} hop{'s' if hops != 1 else ''} round the {root}" if hops >= 0 else "the highlighted paths"
    note = f"shown: {around} and the {len(top)} leaves with the largest gradients; ... {rest:,} more"
    return Partition(part, [*names, f"... {rest:,} more"], (note,))


def _near(survey: Survey, budget: int) -> tuple[set[int], int]:
    """As many whole hops round the root as the budget holds, then the largest gradients of the next one; and how many hops."""
    start, flat = survey.start, survey.flat
    hop = array("l", [0]) * len(survey)  # of the longest way to the root, so that users come first
    for i in range(survey.root, -1, -1):
        after = hop[i] + 1
        for position in range(start[i], start[i + 1]):
            if hop[flat[position]] < after:
                hop[flat[position]] = after
    rings = by_key(((h, i) for i, h in enumerate(hop) if h <= HOPS), range(HOPS + 1))
    shown: set[int] = set()
    for hops, members in rings.items():
        if len(shown) + len(members) > budget:
            room = budget - len(shown)
            shown.update(nlargest(room, members, key=lambda i: (abs(survey.values[i].grad), -i)))
            return shown, hops - 1
        shown.update(members)
    return shown, HOPS
