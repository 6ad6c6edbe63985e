"""Many seeds: what failed, by cause, with the first seeds and a smallest reproduction of each."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.generator import generated
from tests.fuzzing.comparison import Finding
from tests.fuzzing.shrinking import shrunk
from tests.fuzzing.stages import compared

_QUICK_ROWS = 3


@dataclass
class CampaignReport:
    """The outcome of a campaign.

    Attributes:
        programs: how many were compared. agreed: in how many of them nothing was wrong or refused.
        unclear: numbers that rounding may move as far as they differ. seconds: how long it took.
        counts: comparisons by form. refused: refusals by form and reason. failed: by cause, the seeds and what was found.
    """

    programs: int = 0
    agreed: int = 0
    unclear: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: dict[str, list[tuple[Any, Finding]]] = field(default_factory=dict)

    def __add__(self, other: "CampaignReport") -> "CampaignReport":
        failed = {cause: [*self.failed.get(cause, []), *other.failed.get(cause, [])] for cause in {**self.failed, **other.failed}}
        counts, refused, seconds = self.counts + other.counts, self.refused + other.refused, max(self.seconds, other.seconds)
        programs, agreed, unclear = self.programs + other.programs, self.agreed + other.agreed, self.unclear + other.unclear
        return CampaignReport(programs, agreed, unclear, seconds, counts, refused, failed)

    def __str__(self) -> str:
        wrong = len({seed for found in self.failed.values() for seed, _ in found})
        lines = [
            f"{self.programs} programs in {self.seconds:.1f} s: {self.agreed} agree in everything, {wrong} are wrong; "
            f"{sum(self.refused.values())} refusals, {self.unclear} of many numbers unclear",
            *(f"  {count:7d} compared: {form}" for form, count in sorted(self.counts.items())),
            *(f"  {count:7d} refused: {reason}" for reason, count in self.refused.most_common()),
        ]
        for cause, found in sorted(self.failed.items(), key=lambda item: -len(item[1])):
            lines.append(f"  {len(found):7d} WRONG: {cause} (seeds {', '.join(str(seed) for seed, _ in found[:5])})")
        return "\n".join(lines)

    def add(self, case: Case, quick: bool, backend: str = "numpy") -> None:
        """Compares one more case."""
        tally = compared(case, quick, backend=backend)
        self.programs += 1
        self.counts += tally.counts
        self.unclear += tally.unclear
        self.agreed += not tally.findings and not tally.refused
        for reason, count in tally.refused.items():
            self.refused[_template(reason)] += count
        for cause, finding in {_cause(finding): finding for finding in tally.findings}.items():
            self.failed.setdefault(cause, []).append((case.seed, finding))


def campaign(seeds: Iterable[Any], quick: bool = False, minutes: float = 1e9, backend: str = "numpy") -> CampaignReport:
    """The programs of these seeds, compared.

    Args:
        seeds: one for each program. quick: values and gradients only. minutes: when to stop, whatever is left.
        backend: what runs the programs.
    """
    report, start = CampaignReport(), time.perf_counter()
    for seed in seeds:
        if time.perf_counter() - start > 60.0 * minutes:
            break
        report.add(generated(seed, _QUICK_ROWS if quick else None), quick, backend)
    report.seconds = time.perf_counter() - start
    return report


def smallest(seed: Any, finding: Finding, quick: bool = False, backend: str = "numpy") -> Finding:
    """What is found in the smallest program that fails for the same cause as that of a seed."""
    cause = _cause(finding)

    def same(case: Case) -> Finding | None:
        return next(
            (each for each in compared(case, stages=(finding.stage,), backend=backend).findings if _cause(each) == cause), None
        )

    case = shrunk(generated(seed, _QUICK_ROWS if quick else None), lambda smaller: same(smaller) is not None)
    return same(case) or finding


def _cause(finding: Finding) -> str:
    """The finding's kind, and for an error its class and message without names and numbers."""
    error = re.match(r"\w+(Error|Changed|Mismatch|Warning|Exit|Iteration)\b", finding.message)
    return f"{finding.kind}: {_template(finding.message)}" if error else finding.kind


def _template(message: str) -> str:
    text = re.sub(r"line \d+ of [^\n]*?(?=( reads| asks|\. Write|$))", "LINE", message)
    text = re.sub(r"`[^`]*`", "`...`", text)
    text = re.sub(r"\b(int|float) (?=\d|-)", "", text)
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?", "N", text)[:160]
