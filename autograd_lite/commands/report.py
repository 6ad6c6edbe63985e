"""Report: what a command says and writes, in one style: headings, tables, published figures, charts as SVG and PNG, pages."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from autograd_lite.drawing import Graph, RenderError
from autograd_lite.engine.extras import is_here
from autograd_lite.plotting import Panel, Picture, available, chart
from autograd_lite.plotting.sparklines import marks_for, sparkline
from autograd_lite.plotting.tables import table
from autograd_lite.systems.canon import Example

Item = TypeVar("Item")
_EVERY = 20  # items between two notes beside a bar


class _Savable(Protocol):
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

    def progress(
        self, items: Iterable[Item], total: int, unit: str, note: Callable[[Item], str] = lambda item: ""
    ) -> Iterator[Item]:
        """The same items, with a bar as they are taken, where standard error is a terminal.

        Args:
            items, total, unit: what is taken, how many, and what they are called together.
            note: what to say of an item, beside the bar; where there is no bar, on about ten lines.
        """
        if not self.quiet and sys.stderr.isatty() and is_here("tqdm"):
            from tqdm import tqdm

            bar = tqdm(items, total=total, unit=f" {unit}", leave=False)
            for number, item in enumerate(bar):
                if number % _EVERY == 0:
                    bar.set_postfix_str(note(item), refresh=False)
                yield item
            return
        for number, item in enumerate(items):
            if number % max(1, total // 10) == 0 and (text := note(item)):
                self.say(f"{unit.removesuffix('s')} {number:>6}  {text}")
            yield item

    def training(self, most: int = 20) -> dict[str, Any]:
        """The arguments of `fit` that show its progress: a bar on a terminal and in a notebook, else about `most` lines."""
        from autograd_lite.training import EpochLines, has_bars

        bar = not self.quiet and has_bars()
        return {"progress": bar, "callbacks": [] if bar else [EpochLines(self.say, most)]}

    # ---- files ---------------------------------------------------------------------------------------------------------------

    def chart(self, name: str, *panels: Panel, title: str = "") -> None:
        """Writes a chart of curves; where matplotlib is missing, prints every curve as a line of text instead."""
        if available():
            self.picture(name, lambda: chart(*panels, title=title))
            return
        for panel in panels:
            self.say(f"\n  {panel.title}: {panel.y_label} over {panel.x_label}, lowest to highest")
            bars = partial(sparkline, width=48, logarithmic="y" in panel.log, marks=marks_for(sys.stdout))
            self.table(
                ("", "", "lowest", "highest"), [(each.label, bars(each.y), min(each.y), max(each.y)) for each in panel.curves]
            )

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

    def page(self, name: str, page: _Savable) -> None:
        """Writes a page that plays something."""
        self._write(f"{name}.html", page)

    def _write(self, name: str, what: _Savable) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.written.append(what.save(self.folder / name))

    def close(self) -> None:
        """Says what was written."""
        if self.written:
            self.say("\nwrote")
            for path in self.written:
                self.say(f"  {path}")
