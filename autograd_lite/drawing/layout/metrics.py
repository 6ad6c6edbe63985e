"""How large a text is drawn, without asking a font: widths of the usual sans-serif faces, on the generous side."""

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from autograd_lite.drawing.layout.routing import PORT_GAP
from autograd_lite.drawing.scene import Edge, Node
from autograd_lite.engine.text import visible

FONT = 11.0  # points: operation, label, data, grad
SMALL = 9.0  # local derivatives
LINE = 14.0
PAD = 7.0
MOST_LABELS = 12  # edges that enter a box; the derivatives on more of them would make it a tower
_NARROW = frozenset("iljtf.,:;|!'`()[]{} \u00a0/\\Ir-")
_WIDE = frozenset("mwMW@%&…—")
LEAST_DIGITS = "grad -0.0000"  # so that a box has room for the numbers of later steps


def text_width(text: str, size: float = FONT) -> float:
    """The width of a line in points.

    >>> text_width("iii") < text_width("aaa") < text_width("mmm")
    True
    """
    ems = 0.0
    for c in text:
        if c in _NARROW:
            ems += 0.36
        elif c in _WIDE:
            ems += 0.95
        elif c.isascii():
            ems += 0.7 if c.isupper() or c in "+=<>~#*" else 0.59
        elif not combining(c):
            ems += 1.05 if east_asian_width(c) in "WF" else 0.72
    return ems * size


def data_text(node: Node) -> str:
    """The line of the number; a constant's is the number alone."""
    return node.data if node.kind in ("constant", "group") else f"data {node.data}"


def grad_text(node: Node) -> str:
    """The line of the gradient; empty for constants."""
    return node.grad if node.kind == "group" or not node.grad else f"grad {node.grad}"


def spoken(node: Node) -> str:
    """A box in words, with all digits where the scene has them.

    >>> spoken(Node("n0", "leaf", "", "w", "2", "-3", detail="data 2.0, grad -3.0"))
    'w: data 2.0, grad -3.0'
    """
    name = " ".join(part for part in (node.op, node.label) if part)
    said = node.detail or ", ".join(part for part in (data_text(node), grad_text(node)) if part)
    return f"{name}: {said}" if name else said


def spoken_edge(edge: Edge, nodes: Sequence[Node]) -> str:
    """An edge in words: from where to where, and what stands at it.

    >>> boxes = [Node("n0", "leaf", "", "w", "2", "0"), Node("n1", "operation", "*", "", "6", "0")]
    >>> spoken_edge(Edge("e1_0", 0, 1, "3"), boxes)
    'w to *: local derivative 3'
    """
    ends = [node.label or node.op or node.data for node in (nodes[edge.operand], nodes[edge.user])]
    what = "" if not edge.text else edge.text if edge.text.endswith("edges") else f"local derivative {edge.text}"
    return " to ".join(ends) + (f": {what}" if what else "")


def box_size(node: Node, uses: int = 0) -> tuple[float, float]:
    """Width and height of the box of a node, in points, with room for the derivatives on the edges that enter it."""
    heading = "   ".join(part for part in (visible(node.op), visible(node.label)) if part)  # two parts are one line
    lines = [text for text in (heading, data_text(node), grad_text(node)) if text]
    if node.kind == "constant":
        return max(24.0, max(text_width(line) for line in lines) + PAD), len(lines) * LINE + 5.0
    widest = max(text_width(line) for line in [*lines, LEAST_DIGITS])
    ports = uses * PORT_GAP + 4.0 if uses <= MOST_LABELS and node.kind != "group" else 0.0
    return widest + 2 * PAD, max(len(lines) * LINE + 8.0, ports)
