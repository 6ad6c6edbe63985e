"""Partitions as scenes: a box for each part, and the edges between parts, those that join the same two as one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autograd_lite.drawing.scene import Edge, Node, Scene, largest, number, shade, tint
from autograd_lite.drawing.view.full import value_edges, value_node
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.survey import Survey


def grouped_scene(
    survey: Survey,
    partition: Partition,
    *,
    digits: int,
    title: str = "",
    clusters: Sequence[str] = (),
    cluster_of: Sequence[int | None] = (),
) -> Scene:
    """A named part as a double-bordered box `g{k}`, a part without a name as the value it is; parallel edges of groups as one.

    Args:
        survey: of the graph.
        partition: without cycles.
        digits: significant digits of all numbers.
        title: stands above the picture.
        clusters, cluster_of: the frames, as for `full_scene`.
    """
    members = partition.members()
    top = largest(survey.gradients)
    start, flat, part_of = survey.start, survey.flat, partition.part
    used_outside = {p for i, user in enumerate(part_of) for p in flat[start[i] : start[i + 1]] if part_of[p] != user}
    leaving = {*survey.roots, *used_outside}
    nodes = [
        _group_node(survey, f"g{part}", name, inside, [i for i in inside if i in leaving], top, digits)
        if name or len(inside) > 1
        else value_node(survey, inside[0], top, digits)
        for part, (name, inside) in enumerate(zip(partition.names, members, strict=True))
    ]
    for part, result in partition.results.items():
        nodes[part] = _function_node(survey, nodes[part], result, top, digits)
    if cluster_of:
        frames = [{cluster_of[i] for i in inside} for inside in members]
        nodes = [
            replace(node, cluster=next(iter(frame)) if len(frame) == 1 else None) for node, frame in zip(nodes, frames, strict=True)
        ]
    notes, grouped = partition.notes, [inside for node, inside in zip(nodes, members, strict=True) if node.kind == "group"]
    if len(grouped) > len(partition.results):
        hidden, groups = sum(map(len, grouped)), len(grouped)
        notes = (f"{len(survey):,} values, {hidden:,} of them in {groups} group{'s' if groups != 1 else ''}", *notes)
    edges = _edges(survey, partition, nodes, members, top, digits)
    roots = tuple(sorted({part_of[root] for root in survey.roots}))
    return Scene(nodes, edges, list(clusters), part_of[survey.root], title, notes, roots)


def _group_node(
    survey: Survey, name: str, title: str, inside: Sequence[int], leaving: Sequence[int], top: float, digits: int
) -> Node:
    values, gradients = survey.values, survey.gradients
    outputs = [values[i].data for i in leaving if values[i].primitive is not None] or [values[i].data for i in leaving]
    gradient = max([gradients[i] for i in inside], key=abs)
    differentiable = any(values[i].requires_grad for i in inside)
    grad = f"max |grad| {number(abs(gradient), digits)}" if differentiable else ""
    parameters = [i for i in inside if values[i].primitive is None and values[i].requires_grad]
    if gradient and parameters and not any(gradients[i] for i in parameters):
        gradient, grad = 0.0, "dead: no grad gets in"
    out = _out_text(outputs, digits)
    return Node(
        id=name,
        kind="group",
        op=title,
        label="" if title.startswith("...") else f"{len(inside):,} values",
        data=out,
        grad=grad,
        tint=tint(gradient, top) if differentiable else "none",
        detail=", ".join(filter(None, [f"{len(inside):,} values", out, grad])),
    )


def _function_node(survey: Survey, node: Node, result: int, top: float, digits: int) -> Node:
    """A function of one result as an operation: with that label, number and gradient."""
    single = value_node(survey, result, top, digits)
    data, grad = f"data {single.data}", f"grad {single.grad}"
    return replace(node, label=single.label or node.label, data=data, grad=grad, tint=single.tint, detail=single.detail)


def _out_text(outputs: Sequence[float], digits: int) -> str:
    if len(outputs) < 2:
        return f"out {number(outputs[0], digits)}" if outputs else ""
    return f"{len(outputs):,} out, {number(min(outputs), digits)} to {number(max(outputs), digits)}"


def _edges(
    survey: Survey, partition: Partition, nodes: Sequence[Node], members: Sequence[Sequence[int]], top: float, digits: int
) -> list[Edge]:
    """Edges between values as they are; the others in bundles: with the derivative of a function, or with their number."""
    start, flat, part = survey.start, survey.flat, partition.part
    alone = [node.kind != "group" for node in nodes]
    slopes = {user: _slopes(survey, members[user], result) for user, result in partition.results.items()}
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
                bundles.setdefault((operand, user), []).append((local, survey.gradients[i]))
    place = Counter[int]()
    for (operand, user), uses in sorted(bundles.items(), key=lambda item: (item[0][1], item[0][0])):
        text = f"{len(uses):,} edges" if len(uses) > 1 else ""
        if user in slopes and alone[operand]:
            slope = slopes[user].get(members[operand][0])
            text, uses = "" if slope is None else number(slope, digits), [(slope, survey.gradients[partition.results[user]])]
        carried = [(local or 0.0) * gradient for local, gradient in uses]
        width = shade(largest(carried), top) if top else 1
        # Nothing flows into a module that is dead, whatever its inputs are multiplied by there.
        dead = all(local == 0.0 for local, _ in uses) or (nodes[user].tint == "zero" and not any(carried))
        edges.append(Edge(f"e{nodes[user].id}_{place[user]}", operand, user, text, width, dead))
        place[user] += 1
    return edges


def _slopes(survey: Survey, members: Sequence[int], result: int) -> dict[int, float]:
    """The derivatives of a function's result by what goes in: backward through its members, users first."""
    found = {result: 1.0}
    for i in reversed(members):
        reached = found.pop(i, 0.0)
        for p, local in zip(survey.operands_of(i), survey.locals_of(i), strict=True):
            if local is not None:
                found[p] = found.get(p, 0.0) + local * reached
    return found
