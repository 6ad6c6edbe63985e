"""Partitions as scenes: a box for each part, and the edges between parts, those that join the same two as one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autograd_lite.drawing.scene import Edge, Node, Scene, largest, number, shade, tint
from autograd_lite.drawing.view.full import value_edges, value_node
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.survey import Survey


def grouped_scene(survey: Survey, partition: Partition, *, digits: int, title: str = "") -> Scene:
    """A named part as a double-bordered box `g{k}`, a part without a name as the value it is; parallel edges of groups as one.

    Args:
        survey: of the graph.
        partition: without cycles.
        digits: significant digits of all numbers.
        title: stands above the picture.
    """
    members = partition.members()
    top = largest(survey.gradients)
    start, flat, part_of = survey.start, survey.flat, partition.part
    used_outside = {p for i, user in enumerate(part_of) for p in flat[start[i] : start[i + 1]] if part_of[p] != user}
    leaving = {survey.root, *used_outside}
    nodes = [
        _group_node(survey, f"g{part}", name, inside, [i for i in inside if i in leaving], top, digits)
        if name or len(inside) > 1
        else value_node(survey, inside[0], top, digits)
        for part, (name, inside) in enumerate(zip(partition.names, members, strict=True))
    ]
    notes, grouped = partition.notes, [inside for node, inside in zip(nodes, members, strict=True) if node.kind == "group"]
    if grouped:
        hidden, groups = sum(map(len, grouped)), len(grouped)
        notes = (f"{len(survey):,} values, {hidden:,} of them in {groups} group{'s' if groups != 1 else ''}", *notes)
    return Scene(nodes, _edges(survey, partition, nodes, top, digits), [], partition.part[survey.root], title, notes)


def _group_node(
    survey: Survey, name: str, title: str, inside: Sequence[int], leaving: Sequence[int], top: float, digits: int
) -> Node:
    values = survey.values
    outputs = [values[i].data for i in leaving if values[i].primitive is not None] or [values[i].data for i in leaving]
    gradient = max([survey.gradients[i] for i in inside], key=abs)
    differentiable = any(values[i].requires_grad for i in inside)
    return Node(
        id=name,
        kind="group",
        op=title,
        label="" if title.startswith("...") else f"{len(inside):,} values",
        data=_out_text(outputs, digits),
        grad=f"max |grad| {number(abs(gradient), digits)}" if differentiable else "",
        tint=tint(gradient, top) if differentiable else "none",
    )


def _out_text(outputs: Sequence[float], digits: int) -> str:
    if len(outputs) < 2:
        return f"out {number(outputs[0], digits)}" if outputs else ""
    return f"{len(outputs):,} out, {number(min(outputs), digits)} to {number(max(outputs), digits)}"


def _edges(survey: Survey, partition: Partition, nodes: Sequence[Node], top: float, digits: int) -> list[Edge]:
    """Edges between values as they are; the others in bundles, with their number."""
    start, flat, part = survey.start, survey.flat, partition.part
    alone = [node.kind != "group" for node in nodes]
    bundles: dict[tuple[int, int], list[tuple[float | None, float]]] = {}  # the local derivatives and gradients of their users
    edges: list[Edge] = []
    for i, user in enumerate(part):
        places = flat[start[i] : start[i + 1]]
        if all(part[p] == user for p in places):
            continue
        shown = value_edges(survey, [i], top, digits) if alone[user] else [None] * len(places)
        for edge, operand, local in zip(shown, [part[p] for p in places], survey.locals_of(i), strict=True):
            if edge and alone[operand]:
                edges.append(replace(edge, operand=operand, user=user))
            elif operand != user:
                bundles.setdefault((operand, user), []).append((local, survey.values[i].grad))
    place = Counter[int]()
    for (operand, user), uses in sorted(bundles.items(), key=lambda item: (item[0][1], item[0][0])):
        width = shade(largest((local or 0.0) * gradient for local, gradient in uses), top) if top else 1
        text, dead = f"{len(uses):,} edges" if len(uses) > 1 else "", all(local == 0.0 for local, _ in uses)
        edges.append(Edge(f"e{nodes[user].id}_{place[user]}", operand, user, text, width, dead))
        place[user] += 1
    return edges
