"""The view by rounding: boxes filled by the digits that are certain, the darker the fewer."""

from dataclasses import replace
from math import floor

from autograd_lite.calculus.rounding import HELD, NodeRounding, rounding
from autograd_lite.drawing.scene import Node, Scene
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.survey import Survey

_STEPS = (13.0, 9.0, 5.0)  # digits: below each, one shade darker


def filled_by(color: str, scene: Scene, partition: Partition, survey: Survey) -> Scene:
    """The scene with how far each value is off, filled by how many of its digits are certain.

    Raises:
        ValueError: if `color` is another one than "rounding".
    """
    if color != "rounding":
        raise ValueError(f'`color` is {color!r}: there are "gradient" and "rounding"')
    found = [rounding(survey.values[root]) for root in survey.roots]
    known = {id(node.value): node for each in found for node in each.nodes}
    worst: dict[int, NodeRounding] = {}
    for part, value in zip(partition.part, survey.values, strict=True):
        node = known[id(value)]
        if part not in worst or node.digits < worst[part].digits:
            worst[part] = node
    nodes = [_filled(node, worst[part]) for part, node in enumerate(scene.nodes)]
    note = "filled by rounding: the darker, the fewer digits are certain; white is exact"
    return replace(scene, nodes=nodes, notes=(*scene.notes, note, *(doubt for each in found for doubt in each.notes)))


def _filled(node: Node, rounded: NodeRounding) -> Node:
    if not rounded.error:
        return replace(node, tint="none")
    shade = 1 + sum(rounded.digits < step for step in _STEPS)
    words = [node.detail, f"{floor(rounded.digits)} of {HELD} digits are certain", rounded.loss]
    detail = "; ".join(filter(None, words))
    data = node.data if node.kind == "group" else f"{node.data} \u00b1 {rounded.error:.1g}"
    return replace(node, tint=f"pos{shade}", data=data, detail=detail)
