"""The modules of a recorded graph: which value belongs to which, and the picture in which each of them is one box.

Steps by layer go by them. A module is read off the labels of the parameters (`drawing/view/homes.py`), at the first depth at which
there is more than one; modules that feed each other in a circle are one, as of a cell that is used again and again.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from autograd_lite.drawing.live.table import places
from autograd_lite.drawing.scene import Edge, Node, Scene
from autograd_lite.drawing.view.homes import homes
from autograd_lite.drawing.view.partition import Partition, partition_by, without_cycles
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.value import Value

WIDEST = "12 out, -0.0000 to -0.0000"  # a line that every box has room for


def partition(root: Value) -> Partition | None:
    """The modules of the graph below `root`, values outside of all of them alone; None where there are none.

    >>> from autograd_lite.nn import MLP
    >>> found = partition(MLP(1, [2, 1])([Value(0.5, label="x")]))
    >>> [name for name in found.names if name]
    ['layer1', 'layer0']
    """
    survey = Survey(root)
    paths = homes(survey)
    if not any(paths):
        return None
    depths = range(1, max(map(len, paths)) + 1)
    depth = next((d for d in depths if len({path[:d] for path in paths if path}) > 1), 1)
    keys: list[Hashable] = [path[:depth] or i for i, path in enumerate(paths)]
    return without_cycles(partition_by(survey, keys, {path[:depth]: ".".join(path[:depth]) for path in paths if path}))


def table(found: Partition, boxes: Sequence[Node]) -> dict[str, Any]:
    """The picture for a page.

    part     per value, its box; `names`: of the modules, "" for a value that belongs to none
    size, boxes, routes   as of the whole picture; `pairs`: from which box to which a route goes, one after the other

    Args:
        found: the modules. boxes: of all values, in the whole picture.
    """
    members = found.members()
    nodes = [
        Node(f"m{part}", "group", f"{name}, {len(inside)} values", "", WIDEST, "grad") if name else boxes[inside[0]]
        for part, (name, inside) in enumerate(zip(found.names, members, strict=True))
    ]
    pairs = sorted(found.pairs, key=lambda pair: pair[::-1])
    edges = [Edge(f"f{k}", operand, user, "") for k, (operand, user) in enumerate(pairs)]
    scene = Scene(nodes, edges, [], found.part[-1])
    drawn = places(scene)
    return {
        "part": found.part,
        "names": found.names,
        "pairs": [place for pair in pairs for place in pair],
        **{key: drawn[key] for key in ("size", "boxes", "routes")},
    }
