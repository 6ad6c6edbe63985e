"""The full view: one box for every value."""

from collections.abc import Iterable, Sequence

from autograd_lite.drawing.scene import DIGITS, Edge, Node, Scene, largest, number, shade, tint
from autograd_lite.drawing.view.survey import Survey, short


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
    return Scene(nodes, edges, list(clusters), survey.root, title)


def value_node(survey: Survey, i: int, top: float, digits: int, cluster: int | None = None) -> Node:
    """The box of value i; `top` is the largest gradient in the picture."""
    value = survey.values[i]
    constant = not value.requires_grad
    kind = "constant" if constant else "leaf" if value.primitive is None else "operation"
    label = "" if value.label is None else str(value.label)
    return Node(
        id=f"n{i}",
        kind=kind,
        op=short(value.primitive),
        label=label,
        data=number(value.data, digits),
        grad="" if constant else number(value.grad, digits),
        tint="none" if constant else tint(value.grad, top),
        cluster=cluster,
        detail=f"data {value.data!r}" if constant else f"data {value.data!r}, grad {value.grad!r}",
    )


def value_edges(survey: Survey, users: Iterable[int], top: float, digits: int) -> list[Edge]:
    """The edges into the given values; their ends are places in the survey."""
    edges: list[Edge] = []
    for i in users:
        if survey.start[i] == survey.start[i + 1]:
            continue
        gradient = survey.values[i].grad
        for position, (operand, local) in enumerate(zip(survey.operands_of(i), survey.locals_of(i), strict=True)):
            known = local is not None
            width = shade(local * gradient, top) if local is not None and top else 1
            edges.append(
                Edge(
                    id=f"e{i}_{position}",
                    operand=operand,
                    user=i,
                    local=number(local, digits) if local is not None else "",
                    width=width,
                    dead=known and local == 0.0,
                )
            )
    return edges
