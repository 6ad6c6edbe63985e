"""What a page plays: the steps of a slice, the values they touch, their table of numbers and their picture.

A graph of up to MOST_VALUES values is shown whole; of a larger one only what the slice touches. The table lists those values, and
the script makes the frames out of it, in the same doubles and the same order as `recording.py`:

    ops      per kind of operation: template of the call, guarded places, template of the rule per operand
    nodes    [op or LEAF or CONSTANT, name, data, operands, local derivatives]; null for an edge that is not played
    forward  the nodes that are computed on the page; `seed`: what the root receives on it, or null
    start    the gradients before; `count`: contributions received before; `total`: those received in all, where more than one
    root     the name of the root; `flags`: what is wrong, by number of the frame
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from math import isfinite
from typing import Any

from autograd_lite.drawing.scene import Edge, Node, Scene, largest, tint
from autograd_lite.drawing.svg import write_svg
from autograd_lite.drawing.view.full import use_edge, value_box
from autograd_lite.engine.errors import GraphError
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.wording import number

MOST_VALUES = 2_000
FEW_VALUES = 150
LEAF, CONSTANT = -1, -2


class Playback:
    """The steps `numbers` of a recording.

    Raises:
        GraphError: if they touch more than MOST_VALUES values, or do not follow one another.
    """

    def __init__(self, recording: Recording, numbers: range) -> None:
        self.recording = recording
        if len(numbers) > 1 and numbers.step != 1:
            raise GraphError(f"a page plays steps that follow one another, and these go by {numbers.step}: slice as in steps[9:20]")
        self.steps = range(numbers[0], numbers[-1] + 1) if numbers else range(0)
        size = len(recording.nodes)
        touched = set(range(size)) if size <= MOST_VALUES else self._touched()
        if len(touched) > MOST_VALUES:
            raise GraphError(
                f"these {len(numbers):,} steps of `{recording.names[-1]}` touch more than {MOST_VALUES:,} values, the most that a "
                "page shows. Play a part of them, as in steps[:200] or steps.backward[:200]; print() and a terminal take any."
            )
        self.nodes = sorted(touched)
        self.place = {i: k for k, i in enumerate(self.nodes)}

    def _touched(self) -> set[int]:
        found: set[int] = set()
        for k in self.steps:
            found |= self.recording.touched(k)
            if len(found) > MOST_VALUES:
                break
        return found

    # ---- numbers -------------------------------------------------------------------------------------------------------------

    def table(self) -> str:
        """The numbers as JSON that is safe inside a script element."""
        text = json.dumps(self._content(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # `<` closes or comments out a script, and the two separators end a line of it.
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def _content(self) -> dict[str, Any]:
        recording, place = self.recording, self.place
        first = len(recording.interior)
        edges = range(max(self.steps.start - first - 1, 0), max(self.steps.stop - first - 1, 0))
        count = Counter(place[j] for j in recording.operand[: edges.start] if j in place)
        before = recording.gradients_after(self.steps.start - 1)
        start = {place[i]: before.get(i, recording.start[i]) for i in self.nodes}
        operations, rows = self._rows({(recording.user[edge], recording.position[edge]) for edge in edges})
        return {
            "ops": operations,
            "nodes": rows,
            "forward": [place[i] for i in recording.interior[self.steps.start : self.steps.stop]],
            "seed": _exact(recording.seed) if first in self.steps else None,
            "start": {i: _exact(grad) for i, grad in start.items() if grad},
            "count": count,
            "total": {place[i]: recording.totals[i] for i in self.nodes if recording.totals[i] > 1},
            "root": recording.names[-1],
            "flags": {k + 1: ", ".join(flags) for k, n in enumerate(self.steps) if (flags := recording.step_flags(n))},
        }

    def _rows(self, played: set[tuple[int, int]]) -> tuple[list[Any], list[Any]]:
        recording = self.recording
        places: dict[int, int] = {}
        operations: list[Any] = []
        rows: list[Any] = []
        for i in self.nodes:
            node, name, x = recording.nodes[i], recording.names[i], _exact(recording.data[i])
            operands = recording.numbers_of(i)
            if node.primitive is None or not all(j in self.place for j in operands):
                rows.append([LEAF if node.requires_grad else CONSTANT, name, x])
                continue
            words = recording.wording(i)
            if id(words) not in places:
                places[id(words)] = len(operations)
                operations.append([words.symbol, sorted(words.guarded), words.rules])
            local = [_exact(d) if d is not None and (i, p) in played else None for p, d in enumerate(node.local_derivatives)]
            rows.append([places[id(words)], name, x, [self.place[j] for j in operands], local])
        return operations, rows

    # ---- pictures ------------------------------------------------------------------------------------------------------------

    def picture(self, gradients: bool) -> str:
        """The values as SVG.

        Args:
            gradients: whether to show the gradients at the end, for a picture that stands still.
        """
        top = largest(self.recording.end) if gradients else 0.0
        boxes = [self._box(i, k, top) for k, i in enumerate(self.nodes)]
        edges = [edge for i in self.nodes for edge in self._edges(i, top)]
        drawn = write_svg(Scene(boxes, edges, [], len(boxes) - 1))
        return drawn if gradients else self._slim(drawn)

    def _slim(self, drawn: str) -> str:
        """A picture for the player, without what its script and style sheet bring."""
        drawn = re.sub(r'(?<=<svg )xmlns="[^"]*" |role="img" aria-label="[^"]*"', "", drawn, count=2)
        drawn = re.sub("<style>.*?</style>\n?", "", drawn, count=1, flags=re.DOTALL)
        drawn = re.sub(r'(?<=<text class="(?:data|grad))("[^>]*>)[^<]*', r"\1", drawn)
        drawn = drawn.replace('class="local" text-anchor="end"', 'class="local"')
        if len(self.nodes) > FEW_VALUES:  # whole points are precise enough for the course of an edge among so many
            drawn = re.sub(r'(?<= d=")[^"]+', lambda route: re.sub(r"\.[0-9]", "", route[0]), drawn)
        return drawn

    def _box(self, i: int, place: int, top: float) -> Node:
        """A box with the names and numbers of the equations; `top` is the largest gradient to show, 0.0 for none.

        Without gradients there is a 0 in the line that the script fills: the boxes leave room for it.
        """
        recording = self.recording
        node, gradient = recording.nodes[i], recording.end[i] if top else 0.0
        label = recording.names[i] if node.label or node.requires_grad else ""
        return value_box(f"n{place}", node, label, number(recording.data[i]), number(gradient), tint(gradient, top))

    def _edges(self, i: int, top: float) -> Iterator[Edge]:
        """The edges into a node from those that are shown."""
        recording, place = self.recording, self.place
        for position, (j, local) in enumerate(zip(recording.numbers_of(i), recording.nodes[i].local_derivatives, strict=True)):
            if j in place:
                name, text = f"e{place[i]}_{position}", "" if local is None else number(local)
                yield use_edge(name, place[j], place[i], local, recording.end[i], top, text)


def _exact(x: float) -> float | int | str:
    """A float in the fewest characters that JSON has for it; those it cannot say as text that JavaScript's `+` understands."""
    if not isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0.0 else "-Infinity"
    return int(x) if x == int(x) and abs(x) < 1e15 and str(x) != "-0.0" else x
