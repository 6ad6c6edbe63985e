"""`python -m tests.torture --minutes N`: the cases of all generators, in turns; a table of what was tried, and exit code 1 for failures."""

import argparse
import sys
from collections.abc import Sequence

from autograd_lite import engine_info

from .cases import Failure, Report, load, run


def table(reports: Sequence[Report]) -> str:
    """One line for each generator and one for all together."""
    lines = [("generator", "cases", "tried", "failures", "seconds")]
    lines += [
        (report.generator, f"{report.cases:,}", f"{report.tried:,}", f"{len(report.failures):,}", f"{report.seconds:.1f}")
        for report in [*reports, _sum(reports)]
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        line[0].ljust(widths[0]) + "".join(f"  {cell.rjust(width)}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def _sum(reports: Sequence[Report]) -> Report:
    failures = [failure for report in reports for failure in report.failures]
    return Report(
        "all together",
        sum(each.cases for each in reports),
        sum(each.tried for each in reports),
        sum(each.seconds for each in reports),
        failures,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    generators = load()
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="when to stop (default 2)")
    parser.add_argument("--cases", type=int, help="at most so many cases of each generator")
    parser.add_argument("--seed", type=int, default=0, help="the seed of each generator's first case (default 0)")
    parser.add_argument(
        "--only", action="append", choices=sorted(generators), metavar="NAME", help="only this generator; may be repeated"
    )
    parser.add_argument("--list", action="store_true", help="names the generators")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(sorted(generators)))
        return 0
    print(f"torture of the {engine_info()}, from seed {chosen.seed}", flush=True)

    def failed(failure: Failure) -> None:
        print(failure, flush=True)

    wanted = [generators[name] for name in chosen.only or generators]
    reports = run(wanted, 60 * chosen.minutes, chosen.seed, chosen.cases, failed)
    print(table(reports))
    return 1 if any(report.failures for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
