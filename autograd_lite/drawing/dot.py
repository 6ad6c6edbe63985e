"""A scene as DOT, for Graphviz: a rounded box per node with an HTML-like label, where every user text is escaped."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from autograd_lite.drawing.layout.layering import ranks
from autograd_lite.drawing.layout.metrics import data_text, grad_text, spoken, spoken_edge
from autograd_lite.drawing.palette import DARK, LIGHT
from autograd_lite.drawing.scene import TINTS, WIDTHS, Edge, Node, Scene, by_key, family, legend
from autograd_lite.engine.extras import needed
from autograd_lite.engine.text import visible

if TYPE_CHECKING:
    import graphviz

FACE = "Helvetica,Arial,sans-serif"
MOST_FRAMED = 60  # boxes
_MARKS = {"pos3": "pos4", "neg3": "neg4", "zero": "line", "nan": "nan", "dead": "line"}  # colours of a legend's signs
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
    heading += _legend(scene)
    if heading:
        lines = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in heading)
        graph.attr("graph", labelloc="t", labeljust="l", label=f"<{lines}>")
    _keep_families(graph, scene)
    # Above so many boxes Graphviz pays for frames with seconds, and with a picture twice as wide.
    for k, name in enumerate(scene.clusters if len(scene.nodes) <= MOST_FRAMED else ()):
        with graph.subgraph(name=f"cluster_{k}") as frame:
            frame.attr(label=f"<{_t(name)}>", id=f"c{k}", style="rounded,filled", color="#c9ced6", fillcolor=LIGHT["cluster"])
            frame.attr(fontsize="10", fontcolor=LIGHT["soft"], **{"class": "cluster"}, labelloc="t", labeljust="l", margin="8")
            for i, node in enumerate(scene.nodes):
                if node.cluster == k:
                    frame.node(node.id, **_node(node, scene.is_root(i)))
    for i, node in enumerate(scene.nodes):
        if node.cluster is None or len(scene.nodes) > MOST_FRAMED:
            graph.node(node.id, **_node(node, scene.is_root(i)))
    place = "label" if len(scene.edges) <= LABELS_IN_LAYOUT else "headlabel"
    for edge in scene.edges:
        graph.edge(scene.nodes[edge.operand].id, scene.nodes[edge.user].id, **_edge(edge, place, scene.busy))
    return graph


def _keep_families(graph: graphviz.Digraph, scene: Scene) -> None:
    """Modules that are numbered stand in this order where they share a rank: unseen edges within the rank hold them there."""
    kin = [family(node.op) if node.kind == "group" else None for node in scene.nodes]
    rank = ranks(len(scene.nodes), [(edge.operand, edge.user) for edge in scene.edges]) if any(kin) else []
    for members in by_key(((found[0], rank[i]), (found[1], i)) for i, found in enumerate(kin) if found).values():
        names = [scene.nodes[i].id for _, i in sorted(members)]
        if len(names) > 1:
            with graph.subgraph() as row:
                row.attr(rank="same")
                for above, below in pairwise(names):
                    row.edge(above, below, style="invis")


def _legend(scene: Scene) -> list[str]:
    """The line that says what the colours are."""
    marks = [f"{_mark(kind)}{_t(words)}" for kind, words in legend(scene)]
    return [f'<FONT POINT-SIZE="9">{"&#160;&#160; ".join(marks)}</FONT>'] if marks else []


def _mark(kind: str) -> str:
    return f'<FONT COLOR="{LIGHT[_MARKS[kind]]}">{"- -" if kind == "dead" else "&#9632;"}</FONT> ' if kind else ""


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


def finished(svg: str, scene: Scene) -> str:
    """Graphviz's SVG as one element: with the words and marks of the built-in one, and dark where the reader prefers that."""
    nodes = {node.id: node for node in scene.nodes}
    edges = {edge.id: edge for edge in scene.edges}
    frames = {f"c{k}": name for k, name in enumerate(scene.clusters)}
    heading = escape(visible(scene.title, 200)) or "computation graph"

    def told(found: re.Match[str]) -> str:
        name, rest = found[1], found[2]
        if name in nodes:
            return f'<g id="{name}" class="{rest}" role="graphics-symbol">\n<title>{_words(spoken(nodes[name]))}</title>'
        if name in edges:
            edge = edges[name]
            mark = f'data-from="{scene.nodes[edge.operand].id}"'
            return f'<g id="{name}" class="{rest}" {mark}>\n<title>{_words(spoken_edge(edge, scene.nodes))}</title>'
        return f'<g id="{name}" class="{rest}">\n<title>{_words(frames.get(name, heading))}</title>'

    body = re.sub(r'<g id="([^"]+)" class="([^"]+)">\n<title>[^<]*</title>', told, svg[svg.index("<svg") :])
    body = re.sub(r"<title>autograd_lite</title>", lambda _: f"<title>{heading}</title>", body, count=1)
    role = f'class="agl-dot" role="graphics-document" aria-label="{heading}"'
    return re.sub(r"<svg([^>]*)>", lambda match: f"<svg {role}{match[1]}>\n{_dark_style()}", body, count=1)


def _words(text: str) -> str:
    return escape(visible(text, 400))


def _dark_style() -> str:
    marks = "".join(f":not([fill='{LIGHT[kind]}'])" for kind in sorted({*_MARKS.values()}))
    rules = [
        f".agl-dot>g>polygon{{fill:{DARK['page']}}}",
        f".agl-dot text{marks}{{fill:{DARK['ink']}}}",
        f".agl-dot .cluster path{{fill:{DARK['cluster']};stroke:{DARK['soft']}}}",
        f".agl-dot .node path{{stroke:{DARK['line']}}}",
        f".agl-dot .edge path,.agl-dot .edge polygon{{stroke:{DARK['line']}}}",
        f".agl-dot .edge polygon{{fill:{DARK['line']}}}",
        *[f".agl-dot .{tint} path{{fill:{DARK[tint]}}}" for tint in TINTS],
        f".agl-dot .constant path{{fill:{DARK['constant']}}}",
        f".agl-dot .edge path{{fill:none}}.agl-dot .path path{{stroke:{DARK['path']}}}.agl-dot .dim{{opacity:.35}}",
    ]
    return "<style>@media (prefers-color-scheme:dark){\n" + "\n".join(rules) + "\n}</style>"
