"""The figures: Markdown from the results of a run, a line for the README and the tables of docs/speed.md."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole
from benchmarks.child import ON
from benchmarks.engines import (
    BEFORE,
    BEFORE_COMMIT,
    COMPILED,
    DESCENT,
    DESCENT_IN_C,
    ENGINES,
    IN_C,
    IN_JAX,
    IN_TORCH,
    INTERPRETED,
    PROGRAM,
)
from benchmarks.folders import ROOT
from benchmarks.picture import Ratios, picture, ratio
from benchmarks.scalars import DOT, PRODUCTS_AND_SUMS
from benchmarks.suite import SINGLE_TOLERANCE, TOLERANCE
from benchmarks.work import FLOAT32
from benchmarks.workloads import WORKLOADS

__all__ = ["baseline", "details", "duration", "in_short", "overview", "publish", "ratio", "with_table"]

Row = dict[str, Any]
_LEGEND = (
    "Below, *median* and *minimum* are of the phases that a workload is about: forward and backward, or for a step of training all "
    "of them. *First step* is the time from nothing to the first gradient, with import and compilation. With the collector "
    "*quiet*, it rests during steps and collects between them, untimed: that spares engines whose graphs are cycles their cost."
)
_ARRAYS = (IN_C, "NumPy by hand", "torch", "JAX", "CasADi", "HIPS autograd", "C by hand")  # beside a program, in this order
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


def _title(row: Row, text: str = "") -> str:
    return (text or WORKLOADS[row["workload"]].title).format(size=f"{row['size']:,}")


def _table(head: list[str], lines: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *lines])


# ---- the README's line ---------------------------------------------------------------------------------------------------------


def in_short(results: dict[str, Any]) -> str:
    """One line: the first workload that engines of both kinds compute, and how many times as long others take for it."""
    rows = [row for row in results["measurements"] if row["collector"] == ON]
    program = next(row for row in rows if row["engine"] == PROGRAM)
    ours = min((row for row in rows if row["engine"] == baseline(results) and _same(row, program)), key=lambda row: row["median"])
    others = [(name, _beside(ours, name, rows)) for name in ENGINES if name not in (PROGRAM, BEFORE, ours["engine"], *_ARRAYS)]
    scalars = ", ".join(f"{_short_name(name)} {ratio(row['median'], ours['median'])}" for name, row in others if row)
    arrays = [(name, _beside(program, name, rows)) for name in _ARRAYS]
    rest = ", ".join(f"{_short_name(name)} {ratio(row['median'], program['median'])}" for name, row in arrays if row)
    return (
        f"{_title(ours, WORKLOADS[ours['workload']].short)}: {duration(ours['median'])} number by number, "
        f"{duration(program['median'])} as a program. Others take so many times as long: {scalars}; beside the program {rest}."
    )


def _same(row: Row, other: Row) -> bool:
    return all(row[key] == other[key] for key in ("workload", "size"))


# ---- the overview --------------------------------------------------------------------------------------------------------------


def overview(results: dict[str, Any]) -> str:
    """Tables of what computes number by number, array by array, and in another library: a time, and how many times it others take.

    A line per workload and form; the collector is on.
    """
    rows, base = _compared(results), baseline(results)
    tables = [
        _comparison("number by number", base, _eager(base), rows),
        _comparison("array by array", PROGRAM, [DESCENT, DESCENT_IN_C, *_ARRAYS, base], rows),
        _comparison("as a module", IN_JAX, ["JAX"], rows),
        _comparison("as a module", IN_TORCH, ["torch"], rows),
    ]
    return "\n\n".join([*filter(None, tables), _caption(results)])


def _compared(results: dict[str, Any]) -> list[Row]:
    return [row for row in results["measurements"] if row["collector"] == ON and row["workload"] not in ("curve", "memory")]


def _eager(base: str) -> list[str]:
    """The engines that compute number by number, but for this one."""
    return [name for name, engine in ENGINES.items() if engine.style == "scalars" and name != base]


def ratios(results: dict[str, Any]) -> dict[str, Ratios]:
    """What the picture shows, by form of computation and engine: its lines, and how many times as long it takes for each."""
    rows, base = _compared(results), baseline(results)
    beside = {
        "Number by number (the compiled engine = 1)": (base, [name for name in _eager(base) if name != BEFORE]),
        "As a program (traced, in NumPy = 1)": (PROGRAM, list(_ARRAYS)),
    }
    return {
        how: {_short_name(name): found for name in others if (found := _lines(mine, name, rows))}
        for how, (mine, others) in beside.items()
    }


def _lines(base: str, name: str, rows: list[Row]) -> list[tuple[str, float]]:
    pairs = [(ours, _beside(ours, name, rows)) for ours in rows if ours["engine"] == base]
    return [(_short_title(ours).replace("`", ""), row["median"] / ours["median"]) for ours, row in pairs if row is not None]


def _comparison(how: str, base: str, others: list[str], rows: list[Row]) -> str:
    """The base beside the others that were measured; with one in another form, it is the one in which that is faster."""
    lines = []
    compared = [ours for ours in rows if ours["engine"] == base]
    others = [name for name in others if any(_beside(ours, name, rows) for ours in compared)]
    for ours in compared:
        found = [_beside(ours, name, rows) for name in others]
        cells = ["" if row is None else f"{ratio(row['median'], ours['median'])}{_mark(row)}" for row in found]
        unit = " per operation" if WORKLOADS[ours["workload"]].per_operation else ""
        lines.append([_short_title(ours), f"{duration(per_unit(ours))}{unit}{_mark(ours)}", *cells])
    return _table([how, base, *map(_short_name, others)], lines) if lines else ""


def _beside(ours: Row, name: str, rows: list[Row]) -> Row | None:
    here = [row for row in rows if row["engine"] == name and _same(row, ours)]
    return _find(here, form=ours["form"]) or min(here, key=lambda row: row["median"], default=None)


def _short_title(row: Row) -> str:
    form = {"": "", PRODUCTS_AND_SUMS: "", DOT: ", `dot`"}.get(row["form"], f", {row['form']}")
    return f"{_title(row, WORKLOADS[row['workload']].short)}{form}"


def _short_name(name: str) -> str:
    return name.partition("(")[2].removesuffix(")") or name


def _caption(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in _distinct_versions(results).items())
    absent = "".join(f" Missing: {name} ({reason})." for name, reason in results["missing"].items())
    failed = "".join(f" Failed: {title} ({reason})." for title, reason in results["failed"].items())
    rounds = f"{results['rounds']} round{'s' * (results['rounds'] != 1)}"
    remarks = "".join(
        f" {WORKLOADS[name].short.partition(',')[0]}: {WORKLOADS[name].remark}"
        for name in dict.fromkeys(row["workload"] for row in results["measurements"])
        if WORKLOADS[name].remark
    )
    scaled = r" \*: measured on fewer points, and scaled." * any(row["scale"] > 1.0 for row in results["measurements"])
    return (
        "The first column of figures is a time; every other figure says how many times as long that engine takes for the same "
        "line. What each line computes stands over its own table below. "
        f"Medians of {rounds} on one core, the collector on, in double precision (gradients compared to {TOLERANCE:g}) "
        f"unless the line says {FLOAT32} (compared to {SINGLE_TOLERANCE:g})."
        f"{remarks}{scaled}{_before(results)} Measured on {machine['date']}: "
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, {versions}."
        f"{absent}{failed}"
    )


def _before(results: dict[str, Any]) -> str:
    measured = any(row["engine"] == BEFORE for row in results["measurements"])
    return f" {BEFORE_COMMIT}: this engine, compiled, as it was at that commit." * measured


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
    remark = WORKLOADS[reference["workload"]].remark
    beside = f"Ratio to {reference['engine']}{form}, collector on.{f' {remark}' * bool(remark)}"
    return f"**{_title(reference)}**{unit}. {beside}\n\n{_table(head, lines)}"


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


def drawn(results: dict[str, Any]) -> str:
    """The picture of all ratios, as SVG."""
    return picture("How many times as long others take", ratios(results))


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
    """Writes the line of the README, the tables of docs/speed.md and their picture; gives the files."""
    places = {ROOT / "README.md": in_short(results), ROOT / "docs" / "speed.md": details(results)}
    texts = {path: with_table(path.read_text(), table) for path, table in places.items()}
    texts[ROOT / "docs" / "speed.svg"] = drawn(results)
    return [write_whole(path, text) for path, text in texts.items()]
