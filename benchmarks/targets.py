"""What the engine is to reach, as ratios within one run; figures of other machines or other days play no part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.child import ON, QUIET
from benchmarks.engines import BEFORE, COMPILED, DESCENT, DESCENT_IN_C, IN_C, IN_JAX, IN_TORCH, INTERPRETED, MICROGPT, PROGRAM
from benchmarks.libraries import NAMES
from benchmarks.scalars import DOT, PRODUCTS_AND_SUMS
from benchmarks.work import FLOAT32, FLOAT64

__all__ = ["TARGETS", "Outcome", "Target", "flatness", "outcomes", "report"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """`engine` takes at most `limit` of what `peer` takes, in the workload and form; without a peer, at most `limit` itself.

    Attributes:
        collector: while `engine` runs.
        peer_collector: while the peer runs; "" for the same.
        peer_form: in which the peer runs; most have one.
        figure: what is compared: "median" (seconds), "call" (seconds of the first step, when all is made), or "bytes" or "ns"
            (nanoseconds) per operation.
    """

    workload: str
    form: str
    engine: str
    peer: str
    limit: float
    collector: str = ON
    peer_collector: str = ""
    peer_form: str = PRODUCTS_AND_SUMS
    figure: str = "median"

    def __str__(self) -> str:
        peer = f" / {self.peer if self.peer != self.engine else f'itself, {self.peer_form}'}" if self.peer else ""
        what = {"median": self.form, "call": "first call"}.get(self.figure, self.figure)
        collector = f"collector {self.collector}"
        if self.peer_collector:
            collector = f"{collector} for ours, {self.peer_collector} for the peer"
        return f"{self.workload} ({', '.join(filter(None, (what, collector)))}): {self.engine}{peer}"


@dataclass(frozen=True)
class Outcome:
    """What became of a target: the ratio, and whether it is low enough; None for both where it was not measured."""

    target: Target
    ratio: float | None

    @property
    def holds(self) -> bool | None:
        """Whether the target is reached."""
        return None if self.ratio is None else self.ratio <= self.target.limit

    def __str__(self) -> str:
        verdict = {True: "holds", False: "MISSED", None: "not measured"}[self.holds]
        measured = "-" if self.ratio is None else f"{self.ratio:.3g}"
        return f"| {self.target} | {self.target.limit:.3g} | {measured} | {verdict} |"


def _compiled(workload: str, form: str, limits: dict[str, float], **options: Any) -> list[Target]:
    return [Target(workload, form, COMPILED, peer, limit, **options) for peer, limit in limits.items()]


def _program(workload: str, limits: dict[str, float], form: str = "", peer_form: str = "") -> list[Target]:
    return [Target(workload, form, PROGRAM, peer, limit, peer_form=peer_form) for peer, limit in limits.items()]


# Where a time is wanted, it stands as its ratio to the peers' times as they were measured together: 12 ms beside XAD's 44 ms.
_TORCH = {"peer_form": ""}
_EAGER = (
    *_compiled("chain", PRODUCTS_AND_SUMS, {"micrograd": 0.04}),
    *_compiled("moons", PRODUCTS_AND_SUMS, {"micrograd": 12 / 1010, MICROGPT: 12 / 110}),
    *_compiled("moons", DOT, {"micrograd": 4 / 1010, MICROGPT: 4 / 110, "XAD": 4 / 44}),
    *_compiled("xor", DOT, {"micrograd": 30 / 950}),
    *_compiled("xor", DOT, {"torch": 30 / 103}, **_TORCH),
    *_compiled("gpt", PRODUCTS_AND_SUMS, {MICROGPT: 14 / 178}),
    *_compiled("gpt", DOT, {MICROGPT: 8 / 178}),
    *_compiled("digits", DOT, {MICROGPT: 0.040 / 3.5, "XAD": 0.040 / 0.70}),
)
# What became of the engine since an earlier commit, both in the same form, the collector on.
_SINCE = (
    *(
        Target(workload, form, COMPILED, BEFORE, limit, peer_form=form)
        for workload, form, limit in (
            ("chain", PRODUCTS_AND_SUMS, 0.40),
            ("mixed", PRODUCTS_AND_SUMS, 0.45),
            ("moons", PRODUCTS_AND_SUMS, 0.45),
            ("moons", DOT, 0.33),
            ("gpt", DOT, 0.50),
            ("digits", DOT, 0.25),
        )
    ),
    *_compiled("chain", PRODUCTS_AND_SUMS, {"XAD": 0.20}),
    *_compiled("moons", PRODUCTS_AND_SUMS, {"XAD": 0.25}),
    Target("large", PRODUCTS_AND_SUMS, COMPILED, "", 250.0, figure="ns"),
    Target("memory", PRODUCTS_AND_SUMS, COMPILED, "", 146.0, figure="bytes"),
)
TARGETS = (
    *_SINCE,
    *_EAGER,
    *(replace(target, collector=QUIET, peer_collector=ON) for target in _EAGER),  # as it trains, beside the peers as they come
    *_compiled("chain", PRODUCTS_AND_SUMS, {"XAD": 130 / 564}, collector=QUIET),
    Target("chain", PRODUCTS_AND_SUMS, INTERPRETED, "micrograd", 0.6, QUIET),
    Target("chain", PRODUCTS_AND_SUMS, INTERPRETED, "micrograd", 0.25),
    *(Target(workload, DOT, engine, engine, 1.0) for workload in ("dot", "total") for engine in (COMPILED, INTERPRETED)),
    *_program("moons", {"NumPy by hand": 1.5}),
    *_program("xor", {"NumPy by hand": 1.5}),
    Target("descent", "", DESCENT_IN_C, PROGRAM, 0.015, peer_form=""),
    Target("descent", "", DESCENT, PROGRAM, 1.0, peer_form=""),
    *_program("rosenbrock", {"NumPy by hand": 1.2}),
    *_program("beale", {"NumPy by hand": 1.3}),
    *(target for form in (FLOAT64, FLOAT32) for target in _program("batch", {"NumPy by hand": 1.15, "torch": 1.0}, form, form)),
    *(
        Target(workload, "", IN_C, PROGRAM, limit, peer_form="")
        for workload, limit in (("xor", 0.06), ("beale", 0.10), ("rosenbrock", 0.12), ("moons", 0.5))
    ),
    *(target for form in (FLOAT64, FLOAT32) for target in _program("softmax", {"NumPy by hand": 1.15}, form, form)),
    *_program("point", {"XAD": 60 / 496}, peer_form=PRODUCTS_AND_SUMS),
    *(
        Target(workload, "", engine, peer, limit, peer_form="", figure=figure)
        for engine, peer in ((IN_JAX, "JAX"), (IN_TORCH, "torch"))
        for workload in NAMES
        for figure, limit in (("median", 1.05), ("call", 2.0))
    ),
)
FLAT = 1.5  # how much dearer the dearest size of the curve may be, per operation, than the cheapest


def outcomes(measurements: Sequence[Row]) -> list[Outcome]:
    """Every target with the ratio measured."""
    figures = {
        (row["workload"], row["form"], row["engine"], row["collector"], figure): row[figure]
        for row in measurements
        for figure in ("median", "bytes", "call")
        if figure in row
    }
    figures |= {
        (row["workload"], row["form"], row["engine"], row["collector"], "ns"): 1e9 * row["median"] / row["operations"]
        for row in measurements
        if row["operations"]
    }
    found = []
    for target in TARGETS:
        ours = figures.get((target.workload, target.form, target.engine, target.collector, target.figure))
        peer = (target.workload, target.peer_form, target.peer, target.peer_collector or target.collector, target.figure)
        theirs = figures.get(peer) if target.peer else 1.0
        found.append(Outcome(target, ours / theirs if ours is not None and theirs else None))
    return found


def flatness(measurements: Iterable[Row]) -> dict[str, float]:
    """For each engine on the curve, collector quiet: the dearest operation over the cheapest, among the sizes."""
    costs: dict[str, list[float]] = {}
    for row in measurements:
        if row["workload"] == "curve" and row["collector"] == QUIET:
            costs.setdefault(row["engine"], []).append(row["median"] / row["operations"])
    return {engine: max(each) / min(each) for engine, each in costs.items()}


def report(results: dict[str, Any]) -> str:
    """The table of targets, and on what they were measured."""
    measurements = results["measurements"]
    lines = ["| target | at most | measured | |", "|---|---|---|---|", *map(str, outcomes(measurements))]
    for engine, spread in flatness(measurements).items():
        verdict = "holds" if spread <= FLAT else "MISSED"
        lines.append(f"| curve: {engine}, dearest size / cheapest | {FLAT:.3g} | {spread:.3g} | {verdict} |")
    machine, rounds = results["machine"], results["rounds"]
    lines.append(
        f"\nMeasured in one run of {rounds} round{'s' * (rounds != 1)}: {machine['processor']}, Python {machine['python']}."
    )
    if results["quick"]:
        lines.append("\nThese are small sizes: the targets are about those of a whole run.")
    return "\n".join(lines)
