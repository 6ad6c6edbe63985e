"""What a page plays: the steps of a slice, the values they touch, their table of numbers and their picture.

A graph of up to MOST_VALUES values is shown whole; of a larger one only what the slice touches. The table is that of a live page
(`drawing/live/table.py`), and the script makes the frames out of it, in the same doubles and the same order as `recording.py`.
It adds:

    ops      per kind of operation `call`, the template of the call, its `guarded` places, and `partials`, a template per operand;
             `textbook`, the same where books write it otherwise
    forward  the nodes that are computed on the page; `seed`: what the root receives on it, or null
    start    the gradients before; `count`: contributions received before; `total`: those received in all, where more than one
    root     the name of the root; `flags`: what is wrong, by number of the frame
    code     lines of the caller; `line`: which of them computed a value
    fold     the picture with every module as one box, where there are modules (`folding.py`)
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from autograd_lite.calculus.javascript import Rules
from autograd_lite.drawing.live.branches import Branches
from autograd_lite.drawing.live.numbers import exact
from autograd_lite.drawing.live.table import MOST_VALUES, Rows, places
from autograd_lite.drawing.scene import Edge, Node, Scene, largest, tint
from autograd_lite.drawing.svg import write_svg
from autograd_lite.drawing.view.full import use_edge, value_box
from autograd_lite.engine.errors import GraphError
from autograd_lite.stepping import folding
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.wording import number


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

    @property
    def complete(self) -> bool:
        """Whether the steps are all that there are."""
        return self.steps == range(len(self.recording)) and len(self.nodes) == len(self.recording.nodes)

    @cached_property
    def rows(self) -> Rows:
        """The values, and after them what Python compared and the graph does not hold."""
        recording, first = self.recording, len(self.recording.interior)
        edges = range(max(self.steps.start - first - 1, 0), max(self.steps.stop - first - 1, 0))
        played = {(recording.user[edge], recording.position[edge]) for edge in edges}
        branches = recording.branches if self.complete else Branches()
        return Rows(
            recording.nodes,
            recording.names,
            recording.data,
            self.nodes,
            branches,
            lambda i, position: (i, position) in played,
            self._words,
        )

    def _words(self, i: int) -> dict[str, Any]:
        words = self.recording.wording(i)
        more = {"textbook": words.textbook} if any(words.textbook) else {}
        return {"call": words.symbol, "guarded": sorted(words.guarded), "partials": words.rules, **more}

    def _lines(self) -> dict[str, Any]:
        """The lines of the caller, each once, and by value which of them it is."""
        lines: dict[str, int] = {}
        line = {
            place: lines.setdefault(self.recording.code[i], len(lines))
            for i, place in self.place.items()
            if i in self.recording.code
        }
        return {"code": list(lines), "line": line} if lines else {}

    def table(self, printed: Rules | None) -> dict[str, Any]:
        """The numbers; `printed` are the rules of the page, None where it stands still."""
        recording, place = self.recording, self.place
        first = len(recording.interior)
        count = Counter(place[j] for j in recording.operand[: max(self.steps.start - first - 1, 0)] if j in place)
        before = recording.gradients_after(self.steps.start - 1)
        start = {place[i]: before.get(i, recording.start[i]) for i in self.nodes}
        return {
            **self.rows.table(printed.keys if printed else {}),
            **places(self._scene(0.0)),
            "top": len(self.nodes) - 1,
            "forward": [place[i] for i in recording.interior[self.steps.start : self.steps.stop]],
            "seed": exact(recording.seed) if first in self.steps else None,
            "start": {i: exact(grad) for i, grad in start.items() if grad},
            "count": count,
            "total": {place[i]: recording.totals[i] for i in self.nodes if recording.totals[i] > 1},
            "root": recording.names[-1],
            **self._lines(),
            **self._fold(),
            "flags": {k + 1: ", ".join(flags) for k, n in enumerate(self.steps) if (flags := recording.step_flags(n))},
        }

    def _fold(self) -> dict[str, Any]:
        """The picture by modules, of a graph that is shown whole."""
        whole = len(self.nodes) == len(self.recording.nodes)
        found = folding.partition(self.recording.nodes[-1]) if whole else None
        return {} if found is None else {"fold": folding.table(found, self._scene(0.0).nodes)}

    # ---- pictures ------------------------------------------------------------------------------------------------------------

    def picture(self) -> str:
        """The values as SVG, with the gradients at the end: a picture that stands still."""
        return write_svg(self._scene(largest(self.recording.end)))

    def _scene(self, top: float) -> Scene:
        """The values as boxes; `top` is the largest gradient to show, 0.0 for none: the script of a page brings them."""
        boxes = [self._box(i, k, top) for k, i in enumerate(self.nodes)]
        edges = [edge for i in self.nodes for edge in self._edges(i, top)]
        return Scene(boxes, edges, [], len(boxes) - 1)

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
