"""The graph as a table for a page: one row per value, and where the boxes and edges stand.

ops      per kind of operation: its short name, the place of its rule, and what else a reader of the table wants of it
nodes    [op or LEAF or NUMBER or GIVEN, name, data, operands, local derivatives]; null for an edge that carries no gradient
boxes    per value: x of the middle, y of the upper border, width, height
routes   per edge, by user and position: the points of its curve
labels   per edge, a digit that says where its text stands; see layout/labels.py
frames   name, x, y, width, height of the frames round modules
grads    of a picture of `draw`: the gradients that it shows until something moves
top      the root; rows after it are compared by Python, and not drawn
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from autograd_lite.drawing.layout.labels import label_sides
from autograd_lite.drawing.layout.layered import Layout
from autograd_lite.drawing.live.branches import Branches, name_of
from autograd_lite.drawing.live.numbers import exact, exact_number
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.svg import MARGIN, box_sizes, scene_layout
from autograd_lite.drawing.view.survey import short
from autograd_lite.engine.primitive import REAL, Primitive
from autograd_lite.engine.value import Value

LEAF, NUMBER, GIVEN = -1, -2, -3  # without operands: a leaf; a number of the expression; a constant with a name, which moves too
MOST_VALUES: Final = 2_000  # of a page
FEW_VALUES: Final = 150  # above it whole points are precise enough

Row = list[Any]


class Rows:
    """The rows of some values of a graph, operands before users; after them what Python compared and the graph does not hold.

    Args:
        values: the graph. names, numbers: of its values.
        shown: the places of those that have a row; one whose operands have none counts as a leaf.
        branches: what was noted on the way.
        carries: whether the edge into value i at a position is one that passes a gradient on here.
        describe: what else the table is to say of the operation that made value i.
    Attributes:
        operations: what the table says of each operation, by primitive and number of operands.
    """

    def __init__(
        self,
        values: Sequence[Value],
        names: Sequence[str],
        numbers: Sequence[float],
        shown: Sequence[int],
        branches: Branches,
        carries: Callable[[int, int], bool] = lambda i, position: True,
        describe: Callable[[int], dict[str, Any]] = lambda i: {},
    ) -> None:
        place = {id(values[i]): k for k, i in enumerate(shown)}
        extra = branches.others(place)
        place |= {id(value): k for k, value in enumerate(extra, len(shown))}
        self.operations: dict[tuple[Primitive, int], dict[str, Any]] = {}
        self._number: dict[tuple[Primitive, int], int] = {}
        self.rows = [self._row(values[i], names[i], numbers[i], place, partial(carries, i), partial(describe, i)) for i in shown]
        # A leaf without a label has no name there, and does not move.
        extra_names = [name_of(value) if value.label or value.operands else "" for value in extra]
        self.rows += [self._row(value, name, value.data, place) for value, name in zip(extra, extra_names, strict=True)]
        self.guards = branches.guards(place)

    def _row(
        self,
        value: Value,
        name: str,
        number: float,
        place: Mapping[int, int],
        carries: Callable[[int], bool] = lambda position: True,
        describe: Callable[[], dict[str, Any]] = dict,
    ) -> Row:
        operands = [place.get(id(operand)) for operand in value.operands]
        if value.primitive is None or None in operands:
            kind = LEAF if value.requires_grad else GIVEN if value.label else NUMBER
            return [kind, name, exact(number)]
        key = (value.primitive, len(operands))
        if key not in self.operations:
            self._number[key] = len(self._number)
            self.operations[key] = {"short": short(value.primitive), **describe()}
            if any(str(each) != str(REAL) for each in value.primitive.domain):
                self.operations[key]["requires"] = value.primitive.requirement
        slopes = [exact(d) if d is not None and carries(p) else None for p, d in enumerate(value.local_derivatives)]
        return [self._number[key], name, exact(number), operands, slopes]

    def table(self, keys: Mapping[Primitive, str]) -> dict[str, Any]:
        """`ops`, with the keys of their rules, `nodes` and `guards`."""
        operations = [{**said, "rule": keys.get(primitive)} for (primitive, _), said in self.operations.items()]
        return {"ops": operations, "nodes": self.rows, "guards": self.guards}


def places(scene: Scene) -> dict[str, Any]:
    """Where a picture in full stands: `size`, `boxes`, `labels`, `routes`, `frames`, of the built-in layout."""
    layout = scene_layout(scene)
    digits = 1 if len(scene.nodes) <= FEW_VALUES else 0
    return {
        "size": [_short(layout.width + 2 * MARGIN, 1), _short(layout.height + 2 * MARGIN, 1)],
        "boxes": list(_boxes(scene, layout, digits)),
        "labels": "".join(map(str, label_sides([(edge.operand, edge.user) for edge in scene.edges], layout.routes))),
        "routes": [[_short(number, digits) for point in route for number in point] for route in layout.routes],
        "frames": [
            [name, *(_short(number, 1) for number in box)]
            for name, box in zip(scene.clusters, layout.clusters, strict=False)
            if box[2]
        ],
    }


def _boxes(scene: Scene, layout: Layout, digits: int) -> Iterator[list[float]]:
    for (x, y), (width, height) in zip(layout.centers, box_sizes(scene), strict=True):
        yield [_short(number, digits) for number in (x, y - height / 2, width, height)]


def _short(number: float, digits: int) -> float | int:
    return exact_number(round(number, digits))


def script_json(content: Any) -> str:
    """JSON that is safe inside a script element: `<` closes or comments out a script, and the two separators end a line of it.

    >>> script_json("</script>")
    '"\\\\u003c/script>"'
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
