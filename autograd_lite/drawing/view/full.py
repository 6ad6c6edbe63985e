"""The full view: one box for every value."""

from collections.abc import Iterable, Sequence

from autograd_lite.drawing.scene import DIGITS, Edge, Node, Scene, largest, number, shade, tint
from autograd_lite.drawing.view.survey import Survey, short
from autograd_lite.engine.value import Value


def full_scene(
    survey: Survey,
    *,
    digits: int = DIGITS,
    title: str = "",
    clusters: Sequence[str] = (),
    cluster_of: Sequence[int | None] = (),
) -> Scene:
    """Every value as a box `n{place}`, every use as an edge `e{user's place}_{operand's position}`.

    Args:
        survey: of the graph.
        digits: significant digits of all numbers.
        title: stands above the picture.
        clusters: the names of the frames.
        cluster_of: per value, the place of its frame or None; nothing at all for no frames.

    >>> from autograd_lite import Value
    >>> x = Value(3.0, label="x")
    >>> scene = full_scene(Survey(x * x))
    >>> [node.id for node in scene.nodes], [(edge.id, edge.local) for edge in scene.edges]
    (['n0', 'n1'], [('e1_0', '3'), ('e1_1', '3')])
    """
    top = largest(survey.gradients)
    nodes = [value_node(survey, i, top, digits, cluster_of[i] if cluster_of else None) for i in range(len(survey))]
    edges = value_edges(survey, range(len(survey)), top, digits)
    return Scene(nodes, edges, list(clusters), survey.root, title, roots=survey.roots)


def value_node(survey: Survey, i: int, top: float, digits: int, cluster: int | None = None) -> Node:
    """The box of value i; `top` is the largest gradient in the picture."""
    value = survey.values[i]
    data, grad = number(value.data, digits), number(value.grad, digits)
    detail = f"data {value.data!r}, grad {value.grad!r}" if value.requires_grad else f"data {value.data!r}"
    label = "" if value.label is None else str(value.label)
    return value_box(f"n{i}", value, label, data, grad, tint(value.grad, top), cluster, detail)


def value_box(
    name: str, value: Value, label: str, data: str, grad: str, colour: str, cluster: int | None = None, detail: str = ""
) -> Node:
    """The box of a value with these texts; a constant has neither gradient nor tint."""
    if not value.requires_grad:
        return Node(name, "constant", short(value.primitive), label, data, "", "none", cluster, "", detail)
    kind = "leaf" if value.primitive is None else "operation"
    return Node(name, kind, short(value.primitive), label, data, grad, colour, cluster, "", detail)


def value_edges(survey: Survey, users: Iterable[int], top: float, digits: int) -> list[Edge]:
    """The edges into the given values; their ends are places in the survey."""
    edges: list[Edge] = []
    for i in users:
        gradient = survey.values[i].grad
        for position, (operand, local) in enumerate(zip(survey.operands_of(i), survey.locals_of(i), strict=True)):
            text = number(local, digits) if local is not None else ""
            edges.append(use_edge(f"e{i}_{position}", operand, i, local, gradient, top, text))
    return edges


def use_edge(name: str, operand: int, user: int, local: float | None, gradient: float, top: float, text: str) -> Edge:
    """The edge of a use, whose local derivative reads `text`; as wide as what it carries of the user's gradient."""
    width = shade(local * gradient, top) if local is not None and top else 1
    return Edge(name, operand, user, text, width, dead=local == 0.0)
