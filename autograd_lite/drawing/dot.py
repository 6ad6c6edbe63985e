"""A scene as DOT, for Graphviz: a rounded box per node with an HTML-like label, where every user text is escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from autograd_lite.drawing.layout.metrics import data_text, grad_text
from autograd_lite.drawing.palette import DARK, LIGHT
from autograd_lite.drawing.scene import TINTS, WIDTHS, Edge, Node, Scene
from autograd_lite.engine.extras import needed
from autograd_lite.engine.text import visible

if TYPE_CHECKING:
    import graphviz

FACE = "Helvetica,Arial,sans-serif"
LABELS_IN_LAYOUT = 300  # edges; above it Graphviz puts edge labels where there is room, which is many times faster


def digraph(scene: Scene) -> graphviz.Digraph:
    """A scene as a `graphviz.Digraph` with the ids and classes of the built-in SVG.

    Raises:
        ImportError: if the graphviz package is not installed.
    """
    graph: graphviz.Digraph = needed("graphviz").Digraph("autograd_lite")
    graph.attr("graph", rankdir="LR", bgcolor=LIGHT["page"], fontname=FACE, fontsize="11", nodesep="0.15", ranksep="0.35")
    if scene.busy:
        graph.attr("graph", ranksep="1")  # room for many edges to fan out
    graph.attr("node", shape="box", style="rounded,filled", fontname=FACE, fontsize="11", margin="0.11,0.05", height="0.2")
    graph.attr("edge", fontname=FACE, fontsize="8", arrowsize="0.5", fontcolor=LIGHT["soft"])
    heading = [f"<B>{_t(scene.title, 200)}</B>"] if scene.title else []
    heading += [_t(note, 200) for note in scene.notes]
    if heading:
        lines = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in heading)
        graph.attr("graph", labelloc="t", labeljust="l", label=f"<{lines}>")
    for k, name in enumerate(scene.clusters):
        with graph.subgraph(name=f"cluster_{k}") as frame:
            frame.attr(label=f"<{_t(name)}>", id=f"c{k}", style="rounded,filled", color="#c9ced6", fillcolor=LIGHT["cluster"])
            frame.attr(fontsize="10", fontcolor=LIGHT["soft"], **{"class": "cluster"}, labelloc="t", labeljust="l", margin="8")
            for i, node in enumerate(scene.nodes):
                if node.cluster == k:
                    frame.node(node.id, **_node(node, i == scene.root))
    for i, node in enumerate(scene.nodes):
        if node.cluster is None:
            graph.node(node.id, **_node(node, i == scene.root))
    place = "label" if len(scene.edges) <= LABELS_IN_LAYOUT else "headlabel"
    for edge in scene.edges:
        graph.edge(scene.nodes[edge.operand].id, scene.nodes[edge.user].id, **_edge(edge, place, scene.busy))
    return graph


def _node(node: Node, root: bool) -> dict[str, str]:
    attributes = {
        "id": node.id,
        "class": " ".join(filter(None, [node.kind, node.tint, node.emphasis, "root" if root else ""])),
        "label": _table(node),
        "fillcolor": LIGHT["constant"] if node.kind == "constant" else LIGHT[node.tint],
        "color": LIGHT["line"],
        "fontcolor": LIGHT["ink"],
        "tooltip": _plain(node.detail or node.id),
    }
    if node.tint == "zero":
        attributes["style"] = "rounded,filled,dashed"
    if node.kind == "group":
        attributes["peripheries"] = "2"
    if node.emphasis == "path":
        attributes |= {"color": LIGHT["path"], "penwidth": "2.5"}
    elif node.emphasis == "dim":
        attributes |= {"color": "#c9ced6", "fontcolor": "#a8aeb6", "fillcolor": "#fafafa"}
    elif root:
        attributes["penwidth"] = "2"
    return attributes


def _table(node: Node) -> str:
    rows: list[str] = []
    heading = [f"<B>{_t(node.op)}</B>"] if node.op else []
    if node.label:
        heading.append(_t(node.label) if node.op else f"<B>{_t(node.label)}</B>")
    if heading:
        rows.append("&#160;&#160;".join(heading))
    rows += [_t(text, 80) for text in (data_text(node), grad_text(node)) if text]
    cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{cells}</TABLE>>'


def _edge(edge: Edge, place: str, busy: bool) -> dict[str, str]:
    colour = {"path": LIGHT["path"], "dim": "#d5d9de"}.get(edge.emphasis, LIGHT["line"])
    attributes = {
        "id": edge.id,
        "class": " ".join(filter(None, [f"w{edge.width}", "dead" if edge.dead else "", edge.emphasis])),
        "penwidth": f"{WIDTHS[edge.width]:g}",
        "color": colour,
        "tooltip": _plain(edge.local or edge.id),
    }
    if busy and not edge.emphasis:
        attributes |= {"penwidth": f"{0.4 * WIDTHS[edge.width]:g}", "color": f"{colour}99", "arrowsize": "0.35"}
    if edge.text:
        attributes[place] = f"<{_t(edge.text)}>"
    if edge.dead:
        attributes["style"] = "dashed"
    if edge.emphasis:
        attributes["fontcolor"] = colour if edge.emphasis == "path" else "#a8aeb6"
    return attributes


def _t(text: str, longest: int = 40) -> str:
    r"""A user's text for an HTML-like label. Even there Graphviz reads \N as the node's name, and two backslashes as one."""
    return escape(visible(text, longest)).replace("\\", "\\\\").replace("&#x27;", "&#39;") or "&#160;"


def _plain(text: str) -> str:
    """A text for an attribute that is no HTML: Graphviz reads backslashes in it."""
    return visible(text, 200).replace("\\", "\\\\")


def with_dark_colours(svg: str) -> str:
    """Graphviz's SVG as one element, with a style sheet that turns it dark where the reader prefers that.

    >>> with_dark_colours('<?xml version="1.0"?><svg width="8pt"></svg>')[:28]
    '<svg class="agl-dot" width="'
    """
    body = svg[svg.index("<svg") :]
    rules = [
        f".agl-dot>g>polygon{{fill:{DARK['page']}}}",
        f".agl-dot text{{fill:{DARK['ink']}}}",
        f".agl-dot .cluster path{{fill:{DARK['cluster']};stroke:{DARK['soft']}}}",
        f".agl-dot .node path{{stroke:{DARK['line']}}}",
        f".agl-dot .edge path,.agl-dot .edge polygon{{stroke:{DARK['line']}}}",
        f".agl-dot .edge polygon{{fill:{DARK['line']}}}",
        *[f".agl-dot .{tint} path{{fill:{DARK[tint]}}}" for tint in TINTS],
        f".agl-dot .constant path{{fill:{DARK['constant']}}}",
        f".agl-dot .edge path{{fill:none}}.agl-dot .path path{{stroke:{DARK['path']}}}.agl-dot .dim{{opacity:.35}}",
    ]
    style = "<style>@media (prefers-color-scheme:dark){\n" + "\n".join(rules) + "\n}</style>"
    return re.sub(r"<svg([^>]*)>", lambda match: f'<svg class="agl-dot"{match[1]}>\n{style}', body, count=1)
