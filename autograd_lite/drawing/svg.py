"""The built-in SVG: the layered layout written out, with no help from outside.

The contract, for players and style sheets (all below the class `agl`, so that two pictures share a page):

    <g id="n7" class="node operation pos3">        title, rect.box, text.op, text.label, text.data, text.grad
    <g id="e7_0" class="edge w2" data-from="n0">   path, title, text.local
    <g id="c0" class="cluster">                    rect, text

Classes carry all colours: the kind and the tint of a node, `w0` .. `w4` and `dead` of an edge, `path` and `dim` of both;
`crowded` hides the texts of edges that enter a box closer to each other than letters are high.
"""

from collections import Counter
from dataclasses import replace
from html import escape

from autograd_lite.drawing.layout.labels import ARRIVING, label_place, label_sides
from autograd_lite.drawing.layout.layered import Layout, layered
from autograd_lite.drawing.layout.metrics import (
    FONT,
    LINE,
    PAD,
    SMALL,
    box_size,
    data_text,
    grad_text,
    spoken,
    spoken_edge,
    text_width,
)
from autograd_lite.drawing.layout.routing import PORTS, XY
from autograd_lite.drawing.palette import style_sheet
from autograd_lite.drawing.scene import Edge, Node, Scene, family, legend
from autograd_lite.engine.text import visible

ARROW = "m-6,-3l6,3l-6,3"  # part of the path: markers would need ids, which pictures on one page would share
MARGIN = 12.0
LEGEND = 220.0  # as wide as a legend may be under a narrower picture
HEAD = 22.0  # of the title
NOTE = 14.0  # of a line of notes
MOST_DETAILS = 200  # above it, hovering texts would be a third of the file
SWATCH = 13.0  # of a legend, with the gap before its words
MOST_EXACT = 300  # boxes; above it coordinates are whole points, which saves a sixth of the file


def scene_layout(scene: Scene) -> Layout:
    """Where the built-in layout puts the boxes of a scene."""
    widest = max((text_width(edge.text, SMALL) for edge in scene.edges), default=0.0)
    return layered(
        box_sizes(scene),
        [(edge.operand, edge.user) for edge in scene.edges],
        clusters=[node.cluster for node in scene.nodes] if scene.clusters else (),
        families=[family(node.op if node.kind == "group" else node.label) for node in scene.nodes],
        cluster_families=[family(name) for name in scene.clusters],
        rank_gap=max(60.0, widest + 32.0),
    )


def _uses(scene: Scene) -> Counter[int]:
    """How many edges enter each box."""
    return Counter(edge.user for edge in scene.edges)


def box_sizes(scene: Scene) -> list[tuple[float, float]]:
    """Width and height of every box."""
    uses = _uses(scene)
    return [box_size(node, uses[i]) for i, node in enumerate(scene.nodes)]


def write_svg(scene: Scene) -> str:
    """A scene as one SVG element, the same bytes for the same scene.

    Returns:
        The text, starting with `<svg`; it holds its own style sheet and refers to nothing outside.

    >>> from autograd_lite import Value
    >>> from autograd_lite.drawing.view.full import full_scene
    >>> from autograd_lite.drawing.view.survey import Survey
    >>> x = Value(3.0, label="x")
    >>> '<g id="n1" class="node operation none root"' in write_svg(full_scene(Survey(x * x)))
    True
    """
    layout = scene_layout(scene)
    if len(scene.nodes) > MOST_EXACT:
        layout = _rounded(layout)
    shown = [text for text in (scene.title, *scene.notes) if text]
    rows = _legend_rows(scene, max(layout.width, LEGEND))
    row_widths = [x + SWATCH + text_width(words, SMALL) for row in rows for x, _, words in row[-1:]]
    width = _n(max([layout.width, *row_widths, *[text_width(visible(text, 200), FONT) for text in shown]]) + 2 * MARGIN)
    top = MARGIN + (HEAD if scene.title else 0.0)
    lines = len(scene.notes) + len(rows)
    height = _n(top + layout.height + MARGIN + (NOTE * lines + 4.0 if lines else 0.0))
    kind = "agl busy" if scene.busy else "agl"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'text-anchor="middle" role="graphics-document" aria-label="{_t(scene.title, 200) or "computation graph"}">',
        f"<style>{style_sheet()}</style>",
        '<rect class="page" width="100%" height="100%"/>',
    ]
    if scene.title:
        parts.append(_line("title", MARGIN + 11, scene.title))
    parts.append(f'<g transform="translate({_n(MARGIN)},{_n(top)})">')
    parts += [*_body(scene, layout), "</g>"]
    below = top + layout.height + MARGIN
    notes = [_line("note", below + NOTE * i, note) for i, note in enumerate(scene.notes, 1)]
    notes += [_legend_row(below + NOTE * i, row) for i, row in enumerate(rows, len(scene.notes) + 1)]
    return "\n".join([*parts, *notes, "</svg>"]) + "\n"


def _legend_rows(scene: Scene, widest: float) -> list[list[tuple[float, str, str]]]:
    """The legend in as many rows as it needs: for each entry x, class and words."""
    rows: list[list[tuple[float, str, str]]] = []
    x = 0.0
    for kind, words in legend(scene):
        wide = (SWATCH if kind else 0.0) + text_width(words, SMALL) + PAD
        if not rows or x + wide > widest:
            rows.append([])
            x = 0.0
        rows[-1].append((x, kind, words))
        x += wide
    return rows


def _legend_row(y: float, row: list[tuple[float, str, str]]) -> str:
    parts: list[str] = []
    for x, kind, words in row:
        left = MARGIN + x
        if kind == "dead":
            parts.append(f'<g class="edge dead"><path d="M{_n(left - 3)},{_n(y - 3)}h12"/></g>')
        elif kind:
            parts.append(f'<g class="{kind}"><rect class="box" x="{_n(left)}" y="{_n(y - 7)}" width="9" height="8" rx="2"/></g>')
        left += SWATCH if kind else 0.0
        parts.append(f'<text class="note" text-anchor="start" x="{_n(left)}" y="{_n(y)}">{_t(words)}</text>')
    return f'<g class="legend">{"".join(parts)}</g>'


def _rounded(layout: Layout) -> Layout:
    """The layout in whole points."""
    return replace(
        layout,
        centers=[(float(round(x)), float(round(y))) for x, y in layout.centers],
        routes=[[(float(round(x)), float(round(y))) for x, y in route] for route in layout.routes],
    )


def _body(scene: Scene, layout: Layout) -> list[str]:
    """Frames behind edges behind boxes."""
    uses, sizes = _uses(scene), box_sizes(scene)
    parts = [_cluster(i, name, box) for i, (name, box) in enumerate(zip(scene.clusters, layout.clusters, strict=False)) if box[2]]
    details = len(scene.nodes) <= MOST_DETAILS
    sides = label_sides([(edge.operand, edge.user) for edge in scene.edges], layout.routes)
    parts += [
        _edge(edge, route, side, scene.nodes, PORTS * sizes[edge.user][1] / uses[edge.user] < SMALL, details)
        for edge, route, side in zip(scene.edges, layout.routes, sides, strict=True)
    ]
    boxes = enumerate(zip(scene.nodes, layout.centers, sizes, strict=True))
    return parts + [_node(node, center, box, scene.is_root(i), details) for i, (node, center, box) in boxes]


def _node(node: Node, center: XY, box: XY, root: bool, details: bool) -> str:
    width, height = box
    classes = " ".join(filter(None, ["node", node.kind, node.tint, node.emphasis, "root" if root else ""]))
    place = f"{_n(center[0])},{_n(center[1] - height / 2)}"  # the middle of the upper border: most texts need no x
    role = ' role="graphics-symbol"' if details else ""
    parts = [f'<g id="{node.id}" class="{classes}" transform="translate({place})"{role}>']
    if details:
        parts.append(f"<title>{_t(spoken(node), 400)}</title>")
    parts.append(f'<rect class="box" x="{_n(-width / 2)}" width="{_n(width)}" height="{_n(height)}" rx="7"/>')
    if node.kind == "group":
        inner = f'x="{_n(2.5 - width / 2)}" y="2.5" width="{_n(width - 5)}" height="{_n(height - 5)}"'
        parts.append(f'<rect class="inner" {inner} rx="5"/>')
    y = (height - box_size(node)[1]) / 2 + (LINE if node.kind != "constant" else LINE - 1.5)
    if node.op and node.label:
        parts += [
            f'<text class="op" x="{_n(PAD - width / 2)}" y="{_n(y)}" text-anchor="start">{_t(node.op)}</text>',
            f'<text class="label" x="{_n(width / 2 - PAD)}" y="{_n(y)}" text-anchor="end">{_t(node.label)}</text>',
        ]
    elif node.op or node.label:
        kind = "op" if node.op else "label"
        parts.append(f'<text class="{kind}" y="{_n(y)}">{_t(node.op or node.label)}</text>')
    y += LINE if node.op or node.label else 0.0
    for kind, text in (("data", data_text(node)), ("grad", grad_text(node))):
        if text:
            parts.append(f'<text class="{kind}" y="{_n(y)}">{_t(text, 80)}</text>')
            y += LINE
    return "".join(parts) + "</g>"


def _edge(edge: Edge, route: list[XY], side: int, nodes: list[Node], tight: bool, details: bool) -> str:
    x0, y0 = route[0]
    curve = " ".join(f"{_n(a)},{_n(b)}" for a, b in route[1:])
    flags = ("dead" if edge.dead else "", edge.emphasis, "crowded" if tight and side == ARRIVING else "")
    classes = " ".join(filter(None, ("edge", f"w{edge.width}", *flags)))
    kind = "local" if side == ARRIVING else "local leaving"
    x, y = label_place(side, route)
    label = f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{_t(edge.text)}</text>' if edge.text else ""
    title = f"<title>{_t(spoken_edge(edge, nodes), 400)}</title>" if details else ""
    mark = f'id="{edge.id}" class="{classes}" data-from="{nodes[edge.operand].id}"'
    return f'<g {mark}><path d="M{_n(x0)},{_n(y0)}C{curve}{ARROW}"/>{title}{label}</g>'


def _line(kind: str, y: float, text: str) -> str:
    return f'<text class="{kind}" text-anchor="start" x="{_n(MARGIN)}" y="{_n(y)}">{_t(text, 200)}</text>'


def _cluster(i: int, name: str, box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    return (
        f'<g id="c{i}" class="cluster"><rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="8"/>'
        f'<text x="{_n(x + 7)}" y="{_n(y + 12)}" text-anchor="start">{_t(name)}</text></g>'
    )


def _n(x: float) -> str:
    """A coordinate: a tenth of a point is enough."""
    text = f"{x:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def _t(text: str, longest: int = 40) -> str:
    return escape(visible(text, longest))
