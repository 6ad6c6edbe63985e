"""Report: what a command says and writes, in one style: headings, tables, published figures, charts as SVG and PNG, pages."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import quote

from autograd_lite.commands.printing import columns, document, fitted, headed, judged, styled
from autograd_lite.drawing import Graph, RenderError
from autograd_lite.engine.extras import is_here
from autograd_lite.files import write_whole
from autograd_lite.pages import show
from autograd_lite.plotting import Panel, Picture, available, chart
from autograd_lite.plotting.sparklines import marks_for, sparkline
from autograd_lite.plotting.tables import table
from autograd_lite.systems.canon import Example

Item = TypeVar("Item")
Headings = Mapping[str, str | tuple[str, Callable[[Any], object]]]
_EVERY = 20  # items between two notes beside a bar


class _Savable(Protocol):
    def save(self, path: Path, /) -> Path: ...


class _Text(str):
    """A text that can be written."""

    __slots__ = ()

    def save(self, path: Path, /) -> Path:
        return write_whole(path, self)


class Report:
    """What a command finds: said as text while it goes on, or, for --json, kept for one document; and written into its folder.

    Used in a `with`, at whose end what was written is named and the document printed.

    Args:
        folder: for pictures and pages; made when the first of them is written.
        quiet: print nothing.
        command: the first key of the document; "" for text.
        opens: show in the browser what was written.
    """

    def __init__(self, folder: Path, quiet: bool = False, command: str = "", opens: bool = False) -> None:
        self.folder = folder
        self.quiet = quiet or bool(command)
        self.written: list[Path] = []
        self.document: dict[str, Any] = {"command": command}
        self._is_json = bool(command)
        self._opens = opens
        self._part = self.document
        self._has_spoken = False

    @classmethod
    def of(cls, options: Namespace, folder: Path | None = None) -> Self:
        """As the options of a command ask for."""
        return cls(folder or options.out, options.quiet, options.command if options.json else "", options.open)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or not self._is_json:  # an error leaves half a document
            self.close(opens=self._opens and kind is None)

    # ---- words ---------------------------------------------------------------------------------------------------------------

    def part(self, name: str) -> None:
        """What follows belongs to this key of the document."""
        self._part = self.document.setdefault(name, {})

    def give(self, **found: object) -> None:
        """Facts for the document alone."""
        self._part.update(found)

    def heading(self, text: str) -> None:
        """A line that begins a part, underlined."""
        if self._has_spoken:
            self.say()
        self._print(headed(text))

    def say(self, text: str = "", **found: object) -> None:
        """Prints, unless the command is quiet; the facts that the text tells belong to the document."""
        self.give(**found)
        self._print(fitted(text))

    def _print(self, text: str) -> None:
        self._has_spoken = True
        if not self.quiet:
            print(text, flush=True)

    def table(self, name: str, headings: Headings, rows: Iterable[Sequence[object]], full: bool = False) -> None:
        """Prints rows under their headings; the document has a list of them, with all digits.

        Args:
            name: the key of the list; "" to leave it out of the document.
            headings: by the key of a column, what stands above it; with a function, if cells are shown in another way.
            rows: as many cells as headings.
            full: print floats with all digits, too.
        """
        kept = [list(row) for row in rows]
        if name:
            self.give(**{name: [dict(zip(headings, row, strict=True)) for row in kept]})
        told = [(heading, None) if isinstance(heading, str) else heading for heading in headings.values()]
        shown = [[cell if show is None else show(cell) for cell, (_, show) in zip(row, told, strict=True)] for row in kept]
        self._print(judged(table([heading for heading, _ in told], shown, "  ", columns(), "left" if full else False)))

    def published(self, *examples: Example) -> None:
        """Prints published numbers beside the computed ones."""
        self.give(published=[example.record() for example in examples])
        for example in examples:
            self._print(f"\n{judged(example.text(columns()))}")

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
                self._print(f"{unit.removesuffix('s')} {number:>6}  {text}")
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
            bars = partial(sparkline, width=min(48, columns() - 32), logarithmic="y" in panel.log, marks=marks_for(sys.stdout))
            rows = [(each.label, bars(each.y), min(each.y), max(each.y)) for each in panel.curves]
            self._print(table(("", "", "lowest", "highest"), rows, "  ", columns()))

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

    def close(self, opens: bool = False) -> None:
        """Says what was written, or prints the document; and opens it in the browser, if it shall."""
        page = self._index() if opens and self.written else None
        if self.written:
            self._print("\nwrote")
            for path in self.written:
                self._print(f"  {styled(str(path), 'path')}")
        if self._is_json:
            print(document({**self.document, "written": self.written}))
        if page:
            show(page, sys.stderr)

    def _index(self) -> Path:
        """One page of all that was written and a browser shows."""
        pictures = [path.name for path in self.written if path.suffix == ".svg"]
        pages = [path.name for path in self.written if path.suffix == ".html"]
        links = "".join(f'<p><a href="{quote(name)}">{escape(name)}</a></p>' for name in pages)
        images = "".join(f'<p><img src="{quote(name)}" alt="{escape(name)}" style="max-width:100%"></p>' for name in pictures)
        title = escape(f"autograd-lite: {self.folder.resolve().name}")
        self._write("index.html", _Text(f"<!doctype html>\n<meta charset=utf-8><title>{title}</title>\n{links}{images}\n"))
        return self.written[-1]
