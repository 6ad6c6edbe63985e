"""Graph: a picture that shows itself in notebooks, opens itself in a browser, and writes itself to files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.drawing.dot import digraph, finished
from autograd_lite.drawing.layout.layering import ranks
from autograd_lite.drawing.live.movable import Movable
from autograd_lite.drawing.live.page import LivePage, alive
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
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.svg import write_svg
from autograd_lite.drawing.tree import tree_text
from autograd_lite.engine.text import visible
from autograd_lite.files import write_whole
from autograd_lite.pages import document, named, show

if TYPE_CHECKING:
    import graphviz


class Graph:
    """A picture of a graph: a notebook shows it, `save` writes it, `text()` says it in words; texts and numbers only, no Values.

    Where every value has a box of its own, pages and notebooks are live: leaves move, and both passes are computed again.
    Given by `draw`.

    Attributes:
        scene: the picture as data.
    Example:
        >>> from autograd_lite import Value, draw
        >>> picture = draw(Value(2.0, label="x") * 3.0)
        >>> picture
        <Graph of 3 boxes, 2 edges; save it or call text()>
        >>> "<script" in picture.html(), picture.save("graph.dot").name
        (True, 'graph.dot')
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

        >>> from autograd_lite import Value, draw
        >>> print(draw(Value(2.0, label="x") * 3.0).text())
        *  data 6, grad 0
          3 <- x  data 2, grad 0
          <- 3
        """
        return tree_text(self.scene)

    def svg(self, renderer: str | None = None) -> str:
        """The picture as one SVG element, without a script: `save` and `html` add the one that lights ways and folds frames.

        Args:
            renderer: "dot", "pygraphviz" or "builtin"; by default what AUTOGRAD_LITE_RENDERER names, else the first that works.
        Raises:
            ValueError: if there is no such renderer.
            RenderError: if the renderer that was asked for does not work here; without asking, there is always a picture.
        Example:
            >>> from autograd_lite import Value, draw
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
            return finished(self._graphviz("svg", name, SHORT_LIMIT if name is None else None).decode(), self.scene)
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
        Example:
            >>> from autograd_lite import Value, draw
            >>> try:
            ...     start = draw(Value(1.0) + 1.0).png()[1:4]
            ... except RenderError:
            ...     start = b"PNG"
            >>> start
            b'PNG'
        """
        return self._graphviz("png", graphviz_only("PNG"))

    def pdf(self) -> bytes:
        """The picture as PDF, by `dot` or pygraphviz.

        Raises:
            RenderError: if neither is there; the message names the fix.
        Example:
            >>> from autograd_lite import Value, draw
            >>> try:
            ...     start = draw(Value(1.0) + 1.0).pdf()[:4]
            ... except RenderError:
            ...     start = b"%PDF"
            >>> start
            b'%PDF'
        """
        return self._graphviz("pdf", graphviz_only("PDF"))

    def html(self) -> str:
        """A page that needs nothing else: live, or the picture and the tree where boxes hold more than one value.

        After a move `grad` is the derivative of the root, computed in the page, whatever `backward` had added up before.
        """
        if (page := self._page()) is not None:
            return page.whole()
        title = visible(self.scene.title, 200) or "computation graph"
        style = ":root{color-scheme:light dark}body{font-family:sans-serif;margin:1em}div{overflow-x:auto}h1{font-size:1em}"
        words = f"<details><summary>as text</summary><pre>{escape(self.text())}</pre></details>"
        shown = f"<h1>{escape(title)}</h1><div tabindex=0>{alive(self.svg())}</div>{words}"
        return document(title, style, f"<main>{shown}</main>")

    def _page(self) -> LivePage | None:
        return None if self._live is None else self._live.page()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the picture to a file at `path`, of the kind that its name ends with: .svg, .png, .pdf, .dot or .html.

        Returns:
            The path written.
        Raises:
            ValueError: if the name ends otherwise.
            RenderError: if this machine cannot make that kind; the message names the fix.
        Example:
            >>> from autograd_lite import Value, draw
            >>> draw(Value(1.0) + 1.0).save("graph.svg").name
            'graph.svg'
        """
        writers: dict[str, Callable[[], str | bytes]] = {
            ".svg": lambda: alive(self.svg()),
            ".png": self.png,
            ".pdf": self.pdf,
            ".dot": lambda: self._source("dot"),
            ".html": self.html,
        }
        return write_whole(path, writers[named(path, *writers).suffix.lower()]())

    def show(self) -> Path:
        """Opens the picture in the browser: the page of `html()`, in a file of its own.

        Returns:
            The path of the page, for where no browser opens.
        Example:
            >>> from autograd_lite import Value, draw
            >>> draw(Value(1.0) + 1.0).show().suffix  # doctest: +SKIP
            '.html'
        """
        path = self.save(Path(tempfile.mkdtemp(prefix="autograd_lite-"), "graph.html"))
        show(path)
        return path

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
