"""Report: what a command says and writes, in one style: headings, tables, published figures, charts as SVG and PNG, pages."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from autograd_lite.drawing import Graph, RenderError
from autograd_lite.engine.extras import is_here
from autograd_lite.plotting import Panel, Picture, available, chart
from autograd_lite.plotting.sparklines import marks_for, sparkline
from autograd_lite.plotting.tables import table
from autograd_lite.systems.canon import Example

Item = TypeVar("Item")


class _Page(Protocol):
    def save(self, path: Path, /) -> Path: ...


class Report:
    """What a command says on its output and writes into its folder.

    Args:
        folder: for pictures and pages; made when the first of them is written.
        quiet: print nothing.
    """

    def __init__(self, folder: Path, quiet: bool = False) -> None:
        self.folder = folder
        self.quiet = quiet
        self.written: list[Path] = []
        self._has_spoken = False

    # ---- words ---------------------------------------------------------------------------------------------------------------

    def heading(self, text: str) -> None:
        """A line that begins a part, underlined."""
        self.say(f"{chr(10) if self._has_spoken else ''}{text}\n{'-' * len(text)}")

    def say(self, text: str = "") -> None:
        """Prints, unless the command is quiet."""
        self._has_spoken = True
        if not self.quiet:
            print(text, flush=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Prints rows under their headings."""
        self.say(table(headings, rows, indent="  "))

    def published(self, *examples: Example) -> None:
        """Prints published numbers beside the computed ones."""
        for example in examples:
            self.say(f"\n{example}")

    def progress(self, items: Iterable[Item], total: int, unit: str) -> Iterator[Item]:
        """The same items, with a bar as they are taken, where standard error is a terminal."""
        if self.quiet or not sys.stderr.isatty() or not is_here("tqdm"):
            yield from items
            return
        from tqdm import tqdm

        yield from tqdm(items, total=total, unit=f" {unit}", leave=False)

    # ---- files ---------------------------------------------------------------------------------------------------------------

    def chart(self, name: str, *panels: Panel, title: str = "") -> None:
        """Writes a chart of curves; where matplotlib is missing, prints every curve as a line of text instead."""
        if available():
            self.picture(name, lambda: chart(*panels, title=title))
            return
        for panel in panels:
            self.say(f"\n  {panel.title}: {panel.y_label} over {panel.x_label}, lowest to highest")
            rows = [(curve.label, _bars(curve.y, "y" in panel.log), min(curve.y), max(curve.y)) for curve in panel.curves]
            self.table(("", "", "lowest", "highest"), rows)

    def picture(self, name: str, make: Callable[[], Picture]) -> None:
        """Writes a picture as SVG and PNG; where matplotlib is missing, says so."""
        if not available():
            self.say(f'\n  no {name}.svg: pictures need matplotlib: pip install "autograd_lite[viz]"')
            return
        made = make()
        for ending in ("svg", "png"):
            self._write(f"{name}.{ending}", made)

    def graph(self, name: str, graph: Graph) -> None:
        """Writes a graph as SVG, and as PNG where Graphviz is there in some form."""
        self._write(f"{name}.svg", graph)
        with suppress(RenderError):
            self._write(f"{name}.png", graph)

    def page(self, name: str, page: _Page) -> None:
        """Writes a page that plays something."""
        self._write(f"{name}.html", page)

    def _write(self, name: str, what: _Page) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.written.append(what.save(self.folder / name))

    def close(self) -> None:
        """Says what was written."""
        if self.written:
            self.say("\nwrote")
            for path in self.written:
                self.say(f"  {path}")


def _bars(numbers: Sequence[float], logarithmic: bool) -> str:
    return sparkline(numbers, 48, logarithmic=logarithmic, marks=marks_for(sys.stdout))
