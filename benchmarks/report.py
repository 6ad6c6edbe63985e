"""The tables: Markdown from the results of a run, and their places in the README and in docs/speed.md."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole
from benchmarks.child import ON
from benchmarks.engines import COMPILED, ENGINES, INTERPRETED
from benchmarks.folders import ROOT
from benchmarks.scalars import PRODUCTS_AND_SUMS
from benchmarks.workloads import WORKLOADS

__all__ = ["baseline", "details", "duration", "overview", "publish", "ratio", "with_table"]

Row = dict[str, Any]
_LEGEND = (
    "Below, *median* and *minimum* are of the phases that a workload is about: forward and backward, or for a step of training all "
    "of them. *First step* is the time from nothing to the first gradient, with import and compilation. With the collector "
    "*quiet*, it rests during steps and collects between them, untimed: that spares engines whose graphs are cycles their cost."
)
START, END = "<!-- speed table -->", "<!-- end of the speed table -->"


def duration(seconds: float) -> str:
    """Three digits and a unit.

    >>> duration(1.234e-7), duration(0.0254), duration(2.0)
    ('123 ns', '25.4 ms', '2.00 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-9)} ns"


def _three_digits(number: float) -> str:
    decimals = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{decimals}f}"


def ratio(numerator: float, denominator: float) -> str:
    """How many times as much, in two or three digits.

    >>> ratio(3.0, 2.0), ratio(1.0, 15.0), ratio(4400.0, 128.0), ratio(1.0, 10_000.0)
    ('1.50', '0.067', '34.4', '0.00010')
    """
    value = numerator / denominator
    return _three_digits(value) if value >= 0.995 else f"{value:.2g}" if value >= 0.01 else f"{value:.{_places(value)}f}"


def _places(value: float) -> int:
    places = 3
    while value and round(value, places) < 10.0 ** (1 - places):
        places += 1
    return places


def per_unit(row: Row) -> float:
    """Seconds for the task, or for one operation where the workload is told in those."""
    return row["median"] / row["operations"] if WORKLOADS[row["workload"]].per_operation else row["median"]


def baseline(results: dict[str, Any]) -> str:
    """The engine that the others are compared with: the compiled one, where it is here."""
    return COMPILED if COMPILED in results["versions"] else INTERPRETED


def _find(rows: Iterable[Row], **wanted: Any) -> Row | None:
    return next((row for row in rows if all(row[key] == value for key, value in wanted.items())), None)


def _mark(row: Row) -> str:
    return r" \*" if row["scale"] > 1.0 else ""


def _title(row: Row) -> str:
    return WORKLOADS[row["workload"]].title.format(size=f"{row['size']:,}")


def _table(head: list[str], lines: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *lines])


# ---- the README's table --------------------------------------------------------------------------------------------------------


def overview(results: dict[str, Any]) -> str:
    """One line per workload and form: the baseline's time, and how many times as long the others take; the collector on."""
    base = baseline(results)
    rows = [row for row in results["measurements"] if row["collector"] == ON and row["workload"] not in ("curve", "memory")]
    others = [name for name in ENGINES if name != base and any(row["engine"] == name for row in rows)]
    lines = []
    for ours in (row for row in rows if row["engine"] == base):
        cells = []
        for name in others:
            wanted = {"workload": ours["workload"], "size": ours["size"], "engine": name}
            same = _find(rows, **wanted, form=ours["form"]) or _find(rows, **wanted)
            cells.append("" if same is None else f"{ratio(same['median'], ours['median'])}{_mark(same)}")
        form = ", with `dot`" if ours["form"] not in ("", PRODUCTS_AND_SUMS) else ""
        unit = " per operation" if WORKLOADS[ours["workload"]].per_operation else ""
        lines.append([f"{_title(ours)}{form}", f"{duration(per_unit(ours))}{unit}{_mark(ours)}", *cells])
    return f"{_table(['', base, *others], lines)}\n\n{_caption(results)}"


def _caption(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in _distinct_versions(results).items())
    absent = "".join(f" Missing: {name} ({reason})." for name, reason in results["missing"].items())
    failed = "".join(f" Failed: {title} ({reason})." for title, reason in results["failed"].items())
    scaled = r" \*: measured on fewer points, and scaled." * any(row["scale"] > 1.0 for row in results["measurements"])
    return (
        f"Times of {baseline(results)}; for the others, how many times as long they take. Medians of {results['rounds']} "
        f"round{'s' * (results['rounds'] != 1)}, "
        f"everything in double precision on one core, the collector on.{scaled} Measured on {machine['date']}: "
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, {versions}."
        f"{absent}{failed}"
    )


def _distinct_versions(results: dict[str, Any]) -> dict[str, str]:
    packages = {ENGINES[name].package.partition(".")[0]: version for name, version in results["versions"].items()}
    return {package: version for package, version in packages.items() if package}


# ---- the page's tables ---------------------------------------------------------------------------------------------------------


def details(results: dict[str, Any]) -> str:
    """The overview, then a table for every workload, and the curve."""
    by_workload: dict[tuple[str, int], list[Row]] = {}
    for row in results["measurements"]:
        if row["workload"] != "curve":
            by_workload.setdefault((row["workload"], row["size"]), []).append(row)
    parts = [overview(results), _LEGEND, *(_detail(rows, baseline(results)) for rows in by_workload.values()), _curve(results)]
    return "\n\n".join(part for part in parts if part)


def _detail(rows: list[Row], base: str) -> str:
    reference = _find(rows, engine=base, collector=ON) or rows[0]
    per = reference["operations"] if WORKLOADS[reference["workload"]].per_operation else 1
    phases = list(dict.fromkeys(phase for row in rows for phase in row["phases"]))
    weighs = any(row["workload"] == "memory" for row in rows)
    head = ["engine", "form", "collector", "median", "minimum", "ratio", *phases, "first step", *["bytes per operation"] * weighs]
    lines = []
    for row in rows:
        times = [duration(row["phases"][phase] / per) if row["phases"].get(phase) else "" for phase in phases]
        figures = [duration(row["median"] / per), duration(row["minimum"] / per), ratio(row["median"], reference["median"])]
        weight = [f"{row['bytes']:.0f}"] if weighs else []
        lines.append(
            [f"{row['engine']}{_mark(row)}", row["form"], row["collector"], *figures, *times, duration(row["first"]), *weight]
        )
    unit = "; times per operation" if per != 1 else ""
    form = f", {reference['form']}" if reference["form"] else ""
    return f"**{_title(reference)}**{unit}. Ratio to {reference['engine']}{form}, collector on.\n\n{_table(head, lines)}"


def _curve(results: dict[str, Any]) -> str:
    rows = [row for row in results["measurements"] if row["workload"] == "curve"]
    sizes = sorted({row["size"] for row in rows})
    lines = []
    for name, collector in dict.fromkeys((row["engine"], row["collector"]) for row in rows):
        found = [_find(rows, engine=name, collector=collector, size=size) for size in sizes]
        lines.append([name, collector, *("" if row is None else duration(per_unit(row)) for row in found)])
    head = ["engine", "collector", *(f"{size:,}" for size in sizes)]
    return (
        f"**Chains of 1,000 operations and more**: time per operation, forward and backward.\n\n{_table(head, lines)}"
        if rows
        else ""
    )


# ---- their places --------------------------------------------------------------------------------------------------------------


def with_table(text: str, table: str) -> str:
    """The text with the table between its two marks.

    Raises:
        ValueError: if the marks are not there, each once.
    """
    if text.count(START) != 1 or text.count(END) != 1:
        raise ValueError(f"the text needs the lines {START} and {END}, each once and in this order, around the place of the table")
    return re.sub(f"{re.escape(START)}.*{re.escape(END)}", lambda _: f"{START}\n{table}\n{END}", text, flags=re.DOTALL)


def publish(results: dict[str, Any]) -> list[Path]:
    """Writes the tables into the README and docs/speed.md; gives the files."""
    places = {ROOT / "README.md": overview(results), ROOT / "docs" / "speed.md": details(results)}
    texts = {path: with_table(path.read_text(), table) for path, table in places.items()}
    return [write_whole(path, text) for path, text in texts.items()]
