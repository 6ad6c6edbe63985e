"""What `draw` keeps of a graph for its live page: numbers and texts, no Values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd_lite.drawing.live.branches import Branches
from autograd_lite.drawing.live.names import names
from autograd_lite.drawing.live.numbers import exact
from autograd_lite.drawing.live.outdated import outdated
from autograd_lite.drawing.live.page import LivePage, printed_rules
from autograd_lite.drawing.live.table import MOST_VALUES, Rows, places
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.text import visible


def movable(survey: Survey) -> bool:
    """Whether a page holds the graph of one root, and there is something to move."""
    return len(survey) <= MOST_VALUES and len(survey.roots) == 1 and survey.values[-1].requires_grad


class Movable:
    """The rows of a graph, and the choices that Python made on the way to it.

    Args:
        survey: of the graph. scene: its picture, in which every value has a box.
        folded: the frames that are shut at first. branches: what was noted on the way.
        digits: significant digits of all numbers.
    """

    def __init__(self, survey: Survey, scene: Scene, folded: Sequence[int], branches: Branches, digits: int) -> None:
        self._scene = scene
        self.names = names(survey.values, branches.callers.of(survey.values)[0])
        numbers = [value.data for value in survey.values]
        self._rows = Rows(survey.values, self.names, numbers, range(len(survey)), branches)
        self._more: dict[str, Any] = {
            "top": survey.root,
            "digits": digits,
            "folded": list(folded),
            "seed": 1,
            "start": {},
        }
        self._more["grads"] = [exact(gradient) for gradient in survey.gradients]
        self._choices = f"{branches.sentence} {outdated(survey.values, numbers)}".rstrip()

    def page(self) -> LivePage:
        """The page of this graph, whose boxes have the names that lists and curves call them by."""
        scene = self._scene
        printed, choices = printed_rules(self._rows.operations, self._choices)
        boxes = [
            node if node.label or node.kind == "constant" else replace(node, label=name)
            for node, name in zip(scene.nodes, self.names, strict=True)
        ]
        table: dict[str, Any] = {
            **self._rows.table(printed.keys if printed else {}),
            **places(replace(scene, nodes=boxes)),
            **self._more,
        }
        choices = " ".join([choices, *scene.notes])
        title = visible(scene.title, 200) or f"Graph of {self.names[-1]}"
        return LivePage(title, table, printed, choices)
