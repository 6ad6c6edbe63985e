"""Many seeds: what failed, by kind, with the first seeds and a smallest reproduction of each."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.comparing import Finding, compared
from autograd_lite.testing.fuzzing.generator import generated
from autograd_lite.testing.fuzzing.shrinking import shrunk

__all__ = ["Report", "campaign"]


@dataclass
class Report:
    """The outcome of a campaign.

    Attributes:
        programs: how many were compared. counts: comparisons by form. refused: refusals by reason.
        failed: by what is wrong, the seeds and the first finding. unclear: numbers that rounding may move as far.
        seconds: how long it took.
    """

    programs: int = 0
    agreed: int = 0
    unclear: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: dict[str, list[tuple[Any, Finding]]] = field(default_factory=dict)

    def __add__(self, other: "Report") -> "Report":
        failed = {key: [*self.failed.get(key, []), *other.failed.get(key, [])] for key in {**self.failed, **other.failed}}
        counts, refused = self.counts + other.counts, self.refused + other.refused
        programs, agreed, unclear = self.programs + other.programs, self.agreed + other.agreed, self.unclear + other.unclear
        return Report(programs, agreed, unclear, self.seconds + other.seconds, counts, refused, failed)

    def __str__(self) -> str:
        wrong = sum(len(found) for found in self.failed.values())
        lines = [
            f"{self.programs} programs in {self.seconds:.1f} s: {self.agreed} agree, {sum(self.refused.values())} refused, "
            f"{wrong} wrong; {self.unclear} numbers unclear",
            *(f"  {count:6d} compared: {form}" for form, count in sorted(self.counts.items())),
            *(f"  {count:6d} refused: {reason}" for reason, count in self.refused.most_common()),
        ]
        for key, found in sorted(self.failed.items(), key=lambda item: -len(item[1])):
            seeds = ", ".join(str(seed) for seed, _ in found[:5])
            lines += [f"  {len(found):6d} WRONG: {key} (seeds {seeds})"]
        return "\n".join(lines)


def campaign(seeds: Iterable[Any], quick: bool = False, minutes: float = 1e9) -> Report:
    """The programs of these seeds, compared.

    Args:
        seeds: one for each program. quick: values and gradients only. minutes: when to stop, whatever is left.
    """
    report, start = Report(), time.perf_counter()
    for seed in seeds:
        if time.perf_counter() - start > 60.0 * minutes:
            break
        _count(report, seed, generated(seed, 3 if quick else None), quick)
    report.seconds = time.perf_counter() - start
    return report


def _count(report: Report, seed: Any, case: Case, quick: bool) -> None:
    verdict = compared(case, quick)
    report.programs += 1
    report.counts += verdict.counts
    report.unclear += verdict.unclear
    if verdict.findings:
        finding = verdict.findings[0]
        report.failed.setdefault(cause(finding), []).append((seed, finding))
    elif verdict.refused:
        report.refused[_template(verdict.refused)] += 1
    else:
        report.agreed += 1


def cause(finding: Finding) -> str:
    """The finding's kind, and for an error its class and message without names and numbers."""
    error = re.match(r"\w+(Error|Changed|Mismatch|Warning|Exit|Iteration)\b", finding.message)
    return f"{finding.kind}: {_template(finding.message)}" if error else finding.kind


def _template(message: str) -> str:
    text = re.sub(r"line \d+ of <case \d+>[^\n]*?(?= (reads|asks)|$)", "LINE", message)
    text = re.sub(r"`[^`]*`", "`...`", text)
    text = re.sub(r"\b(int|float) (?=\d|-)", "", text)
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?", "N", text)[:150]


def smallest(case: Case, finding: Finding, quick: bool = False) -> tuple[Case, Finding]:
    """The case and its finding after shrinking: the same cause, in fewer pieces."""
    wanted = cause(finding)

    def fails(smaller: Case) -> bool:
        found = compared(smaller, quick).findings
        return bool(found) and cause(found[0]) == wanted

    found = shrunk(case, fails)
    return found, next(iter(compared(found, quick).findings), finding)
