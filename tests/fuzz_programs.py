"""Differential fuzzing of programs: `python -m tests.fuzz_programs --full 300 --quick 2000 --seed 0`."""

import argparse
import sys
from collections.abc import Sequence
from multiprocessing import get_context

from tests.fuzzing.campaign import CampaignReport, campaign, smallest


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the campaigns and prints the counts, and a smallest reproduction of everything that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", type=int, default=0, help="programs to compare in every form")
    parser.add_argument("--quick", type=int, default=0, help="programs to compare in value and gradient")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="when to stop")
    parser.add_argument("--shrink", type=int, default=40, help="how many kinds of failure to shrink")
    parser.add_argument("--backend", default="numpy", help="what runs the programs: numpy (default), c, jax or torch")
    options = parser.parse_args(arguments)
    failed = False
    for count, quick in ((options.full, False), (options.quick, True)):
        if count:
            report = _run(count, quick, options)
            print(("quick: " if quick else "full: ") + str(report), flush=True)
            _show(report, quick, options.shrink, options.backend)
            failed |= bool(report.failed)
    return int(failed)


def _run(count: int, quick: bool, options: argparse.Namespace) -> CampaignReport:
    parts = [
        (range(options.seed + job, options.seed + count, options.jobs), quick, options.minutes, options.backend)
        for job in range(options.jobs)
    ]
    if options.jobs == 1:
        return _part(*parts[0])
    with get_context("spawn").Pool(options.jobs) as pool:
        return sum(pool.starmap(_part, parts), CampaignReport())


def _part(seeds: range, quick: bool, minutes: float, backend: str) -> CampaignReport:
    return campaign(seeds, quick, minutes, backend)


def _show(report: CampaignReport, quick: bool, most: int, backend: str) -> None:
    for key, found in sorted(report.failed.items(), key=lambda item: -len(item[1]))[:most]:
        seed, finding = found[0]
        finding = smallest(seed, finding, quick, backend)
        print(f"\n# {len(found)} x {key} (seed {seed})\n{finding.reproduction}\n# {finding.message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
