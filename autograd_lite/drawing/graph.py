"""draw: the picture of a graph, and Graph, what it gives: it shows itself in notebooks and writes itself to files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autograd_lite.drawing.dot import digraph, with_dark_colours
from autograd_lite.drawing.layout.layering import ranks
from autograd_lite.drawing.live.branches import computed
from autograd_lite.drawing.live.movable import Movable, movable
from autograd_lite.drawing.live.page import LivePage
from autograd_lite.drawing.rendering import (
    ADVICE,
    MOST_BENDS_FOR_DOT,
    MOST_FOR_DOT,
    SHORT_LIMIT,
    RenderError,
    chosen,
    graphviz_bytes,
    graphviz_only,
)
from autograd_lite.drawing.scene import DIGITS, Scene
from autograd_lite.drawing.svg import write_svg
from autograd_lite.drawing.tree import tree_text
from autograd_lite.drawing.view.collapse import collapsed
from autograd_lite.drawing.view.focus import focus
from autograd_lite.drawing.view.full import full_scene
from autograd_lite.drawing.view.grouped import grouped_scene
from autograd_lite.drawing.view.highlight import GradientFlow, highlighted, place_of
from autograd_lite.drawing.view.homes import ModulePath, homes
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.rounded import filled_by
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.value import Value
from autograd_lite.files import write_whole
from autograd_lite.pages import document

if TYPE_CHECKING:
    import graphviz

CUT_OVER: Final = 150  # values; above it the picture is collapsed
FRAMES: Final = 60  # values; above it frames round the modules make the picture wider than they help


def draw(
    value: Value | Callable[[], Value],
    *,
    depth: int | None = None,
    highlight: Value | None = None,
    max_nodes: int | None = CUT_OVER,
    title: str | None = None,
    digits: int = DIGITS,
    color: str = "gradient",
) -> Graph:
    """The picture of everything that a value was computed from, as it is now.

    One box per value: operation, label, data, grad; the local derivative on every edge. The fill is the gradient: orange above 0,
    blue below, the darker the larger (logarithmically); grey and dashed where it is exactly 0 after a backward pass.

    Args:
        value: the root, usually the loss; or a function of no arguments that computes it, whose comparisons are noted: the live
            page then says when a moved leaf would turn one of them.
        depth: draw modules as one box each: 1 for layers, 2 for their neurons. Modules are read off the parameters' labels.
        highlight: a value of the graph whose ways to the root stand out, with their share of its gradient.
        max_nodes: above so many values modules are collapsed; without modules only the values round the root are shown. What is
            left out is written below the picture. None draws every value.
        title: stands above the picture.
        digits: significant digits of all numbers.
        color: what boxes are filled by; "rounding" for how many of their digits are certain, the darker the fewer.
    Returns:
        A Graph: shows itself in notebooks; `save("x.svg")` writes it.
    Raises:
        TypeError: if `value` or `highlight` is not a Value.
        ValueError: if a number is not positive, or `color` another word; GraphError if `highlight` is not in the graph.
    Example:
        >>> x, w = Value(3.0, label="x"), Value(2.0, label="w")
        >>> loss = (w * x - 1.0) ** 2
        >>> loss.backward()
        >>> print(draw(loss).text())
        **  data 25, grad 1
          10 <- -  data 5, grad 10
            1 <- *  data 6, grad 10
              3 <- w  data 2, grad 30
              2 <- x  data 3, grad 20
            <- 1
          <- 2
    """
    value, branches = computed(value)
    if not isinstance(value, Value):
        raise TypeError(f"draw takes a Value, got {type(value).__name__} {value!r:.60}. For several outputs draw their total().")
    for name, count in (("depth", depth), ("max_nodes", max_nodes), ("digits", digits)):
        if count is not None and (not isinstance(count, int) or count < 1):
            raise ValueError(f"`{name}` is {count!r}: give a whole number from 1 on" + (", or None" if name != "digits" else ""))
    survey = Survey(value)
    ways = None if highlight is None else GradientFlow(survey, place_of(survey, highlight, "highlight"))
    scene, partition = _scene(survey, homes(survey), ways, depth, max_nodes, title or "", digits)
    scene = filled_by(color, scene, partition, survey)
    if ways is not None:
        return Graph(highlighted(scene, partition, ways, digits))
    return Graph(scene, Movable(survey, branches, digits) if color == "gradient" and movable(survey, scene) else None)


def _scene(
    survey: Survey,
    home: list[ModulePath],
    ways: GradientFlow | None,
    depth: int | None,
    max_nodes: int | None,
    title: str,
    digits: int,
) -> tuple[Scene, Partition]:
    """The view that fits: full, collapsed by modules, or focused on the root."""
    count, modules = len(survey), any(home)
    most = count if max_nodes is None else max_nodes
    if count > most or (depth is not None and modules):
        partition = collapsed(survey, home, depth, most) if modules else focus(survey, most, () if ways is None else ways.forward)
        return grouped_scene(survey, partition, digits=digits, title=title), partition
    names: dict[ModulePath, int] = {}
    frames: list[int | None] = []
    if count <= FRAMES and modules:
        frames = [names.setdefault(path, len(names)) if path else None for path in home]
    scene = full_scene(survey, digits=digits, title=title, clusters=[".".join(path) for path in names], cluster_of=frames)
    if depth is not None:
        scene = replace(scene, notes=("depth has no effect: no label names a module, as layer0.w does",))
    return scene, Partition(list(range(count)), [""] * count)


class Graph:
    """A picture of a graph: a notebook shows it, `save` writes it, `text()` says it in words; texts and numbers only, no Values.

    Where every value has a box of its own, pages and notebooks are live: leaves move, and both passes are computed again.

    Attributes:
        scene: the picture as data.
    """

    def __init__(self, scene: Scene, live: Movable | None = None) -> None:
        self.scene = scene
        self._live = live
        self._drawn: dict[str | None, str] = {}  # by renderer

    def __repr__(self) -> str:
        scene = self.scene
        return f"<Graph of {len(scene.nodes):,} boxes, {len(scene.edges):,} edges; save it or call text()>"

    @property
    def dot(self) -> graphviz.Digraph:
        """The graph for Graphviz, a `graphviz.Digraph`.

        Raises:
            ImportError: if the package `graphviz` is not installed.
        """
        return digraph(self.scene)

    def text(self) -> str:
        """The graph as an indented tree, at most 200 lines.

        >>> print(draw(Value(2.0, label="x") * 3.0).text())
        *  data 6, grad 0
          3 <- x  data 2, grad 0
          <- 3
        """
        return tree_text(self.scene)

    def svg(self, renderer: str | None = None) -> str:
        """The picture as one SVG element.

        Args:
            renderer: "dot", "pygraphviz" or "builtin"; by default what AUTOGRAD_LITE_RENDERER names, else the first that works.
        Raises:
            ValueError: if there is no such renderer.
            RenderError: if the renderer that was asked for does not work here; without asking, there is always a picture.
        Example:
            >>> draw(Value(1.0, label="x") + 1.0).svg("builtin")[:4]
            '<svg'
        """
        name = chosen(renderer)
        if name not in self._drawn:
            self._drawn[name] = self._svg(name)
        return self._drawn[name]

    def _svg(self, name: str | None) -> str:
        if name == "builtin" or (name is None and not self._suits_graphviz()):
            return write_svg(self.scene)
        try:
            return with_dark_colours(self._graphviz("svg", name, SHORT_LIMIT if name is None else None).decode())
        except (RenderError, ImportError):
            if name is not None:
                raise
            return write_svg(self.scene)

    def _suits_graphviz(self) -> bool:
        """Whether Graphviz takes a second or less, on whatever machine: by what is drawn, and not by the clock."""
        count, edges = len(self.scene.nodes), [(edge.operand, edge.user) for edge in self.scene.edges]
        if count > MOST_FOR_DOT:
            return False
        rank = ranks(count, edges)
        return sum(max(0, rank[user] - rank[operand] - 1) for operand, user in edges) <= MOST_BENDS_FOR_DOT

    def _graphviz(self, kind: str, name: str | None, limit: float | None = None) -> bytes:
        boxes = len(self.scene.nodes)
        if name is None and boxes > MOST_FOR_DOT:
            raise RenderError(
                f"no {kind.upper()} of {boxes:,} boxes: Graphviz would take minutes above {MOST_FOR_DOT:,}. "
                "Leave max_nodes at its default, or save as .svg."
            )
        source = self._source(kind)
        try:
            return graphviz_bytes(source, kind, name, limit)
        except RenderError as error:
            raise RenderError(f"no {kind.upper()} of {boxes:,} boxes: {error}. To fix it: {ADVICE}") from None

    def _source(self, kind: str) -> str:
        try:
            return str(self.dot.source)
        except ModuleNotFoundError as error:
            raise RenderError(f"no {kind.upper()}: {error}") from None

    def png(self) -> bytes:
        """The picture as PNG, by `dot` or pygraphviz.

        Raises:
            RenderError: if neither is there; the message names the fix.
        """
        return self._graphviz("png", graphviz_only("PNG"))

    def pdf(self) -> bytes:
        """The picture as PDF, by `dot` or pygraphviz.

        Raises:
            RenderError: if neither is there; the message names the fix.
        """
        return self._graphviz("pdf", graphviz_only("PDF"))

    def html(self) -> str:
        """A page that needs nothing else: live, or the picture and the tree where boxes hold more than one value.

        After a move `grad` is the derivative of the root, computed in the page, whatever `backward` had added up before.
        """
        if (page := self._page()) is not None:
            return page.whole()
        style = ":root{color-scheme:light dark}body{font-family:sans-serif;margin:1em}div{overflow-x:auto}"
        words = f"<details><summary>as text</summary><pre>{escape(self.text())}</pre></details>"
        return document(self.scene.title or "computation graph", style, f"<div>{self.svg()}</div>{words}")

    def _page(self) -> LivePage | None:
        return None if self._live is None else self._live.page(self.scene)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the picture to a file of the kind that its name ends with: .svg, .png, .pdf, .dot or .html.

        Returns:
            The path written.
        Raises:
            ValueError: if the name ends otherwise.
            RenderError: if this machine cannot make that kind; the message names the fix.
        Example:
            >>> import tempfile
            >>> draw(Value(1.0) + 1.0).save(f"{tempfile.mkdtemp()}/graph.svg").name
            'graph.svg'
        """
        writers: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg,
            ".png": self.png,
            ".pdf": self.pdf,
            ".dot": lambda: self._source("dot"),
            ".html": self.html,
        }
        suffix = Path(path).suffix.lower()
        if suffix not in writers:
            raise ValueError(f"cannot save {os.fspath(path)!r}: its name must end in one of {', '.join(writers)}")
        return write_whole(path, writers[suffix]())

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """What a notebook shows: the live page, the picture where it can, the tree where not. Never raises."""
        bundle: dict[str, str] = {}
        for kind, make in (("text/plain", self.text), ("image/svg+xml", self.svg), ("text/html", self._shown)):
            try:
                bundle[kind] = make()
            except Exception as error:
                bundle.setdefault("text/plain", f"{self!r}: {error}")
                if kind == "image/svg+xml":
                    bundle["text/plain"] += f"\n(no picture: {error})"
        return {
            kind: bundle[kind]
            for kind in bundle
            if bundle[kind] and (not include or kind in include) and kind not in (exclude or ())
        }

    def _shown(self) -> str:
        """The live page in a frame, or nothing."""
        page = self._page()
        return "" if page is None else page.bundle(self.text(), self.svg())["text/html"]
