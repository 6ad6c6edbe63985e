"""A scene as an indented tree of text, for terminals and for notebooks that show no pictures."""

from autograd_lite.drawing.layout.metrics import data_text, grad_text
from autograd_lite.drawing.scene import Edge, Node, Scene, by_key
from autograd_lite.engine.text import visible

MOST_LINES = 200
DEEPEST = 40  # from here on, the indentation would leave no room


def tree_text(scene: Scene) -> str:
    """The root, and below each value its operands with the local derivatives; a value written before is only named.

    >>> from autograd_lite import Value
    >>> from autograd_lite.drawing.view.full import full_scene
    >>> from autograd_lite.drawing.view.survey import Survey
    >>> x = Value(3.0, label="x")
    >>> print(tree_text(full_scene(Survey(x * x))))
    *  data 9, grad 0
      3 <- x  data 3, grad 0
      3 <- x (above)
    """
    operands = by_key((use.user, use) for use in scene.edges)
    lines = [visible(scene.title, 200)] if scene.title else []
    head = len(lines)
    written: set[int] = set()
    stack: list[tuple[int, int, Edge | None]] = [(i, 0, None) for i in reversed(scene.roots or (scene.root,))]
    while stack and len(lines) < MOST_LINES:
        i, depth, edge = stack.pop()
        known = i in written
        written.add(i)
        lines.append("  " * min(depth, DEEPEST) + _mark(edge) + _named(scene.nodes[i], known))
        if not known:
            stack += [(below.operand, depth + 1, below) for below in reversed(operands.get(i, []))]
    if stack:
        lines.append(f"... {len(scene.nodes) - len(written):,} boxes more; {len(lines) - head:,} lines are shown")
    return "\n".join([*lines, *[visible(note, 200) for note in scene.notes]])


def _mark(edge: Edge | None) -> str:
    if edge is None:
        return ""
    star = "*" if edge.emphasis == "path" else ""
    return f"{star}{visible(edge.text)} <- " if edge.text else f"{star}<- "


def _named(node: Node, known: bool) -> str:
    name = "  ".join(visible(part) for part in (node.op, node.label) if part)
    numbers = ", ".join(text for text in (data_text(node), grad_text(node)) if text)
    return f"{name or numbers} (above)" if known else f"{name}  {numbers}" if name else numbers
