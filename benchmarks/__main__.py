"""This engine beside its peers, measured in one run.

python -m benchmarks                      everything, about half an hour; JSON and the tables
python -m benchmarks --quick              small sizes, about a minute
python -m benchmarks --only chain,moons   some workloads
python -m benchmarks --targets            afterwards, what was to be reached and whether it is; also beside an earlier commit
python -m benchmarks --publish            the results into benchmarks/results.json; figures and picture into README.md and docs/
python -m benchmarks --from FILE ...      the tables of an earlier run, without measuring
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole
from benchmarks import report, targets
from benchmarks.engines import BEFORE, ENGINES
from benchmarks.folders import ROOT, prepared
from benchmarks.suite import ChildError, GradientError, Suite, jobs_of, machine
from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS

RESULTS = ROOT / "benchmarks" / "results.json"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--only", metavar="NAMES", help=f"workloads, separated by commas: {', '.join(WORKLOADS)}")
    made.add_argument("--engines", metavar="NAMES", help=f"engines, separated by commas: {', '.join(ENGINES)}")
    made.add_argument("--quick", action="store_true", help="small sizes and one round")
    made.add_argument("--rounds", type=int, help="how often every measurement is repeated (5; with --quick 1)")
    made.add_argument("--seconds", type=float, help="how long each repetition lasts (0.5; with --quick 0.02)")
    made.add_argument("--wheel", type=Path, metavar="FILE", help="the wheel with the compiled engine; without it, one is built")
    made.add_argument("--json", type=Path, metavar="FILE", help="where the results go")
    made.add_argument(
        "--from", type=Path, metavar="FILE", dest="earlier", help="results of an earlier run, to show instead of measuring"
    )
    made.add_argument("--targets", action="store_true", help="show which targets are reached")
    made.add_argument("--details", action="store_true", help="show a table for every workload")
    made.add_argument("--publish", action="store_true", help="write results.json, README.md and docs/speed.md")
    return made


def main(arguments: list[str]) -> int:
    """Measures or reads, and shows; 1 if gradients differ."""
    command_line = parser()
    options = command_line.parse_args(arguments)
    workloads = [WORKLOADS[name] for name in _chosen(command_line, options.only, WORKLOADS)]
    engines = _chosen(command_line, options.engines, ENGINES)
    if options.publish and (options.quick or options.only or options.engines):
        command_line.error("--publish needs the whole suite: leave out --quick, --only and --engines")
    try:
        results = json.loads(options.earlier.read_text()) if options.earlier else _measured(options, workloads, engines)
    except GradientError as error:
        print(f"nothing was timed, as gradients differ: {error}", file=sys.stderr)
        return 1
    except ChildError as error:
        print(f"a measurement of this engine ended in an error: {error}", file=sys.stderr)
        return 1
    for file in [options.json] * bool(options.json) + [RESULTS] * options.publish:
        write_whole(file, json.dumps(results, indent=1) + "\n")
    print(report.details(results) if options.details else report.overview(results))
    if options.targets:
        print(f"\n{targets.report(results)}")
    if options.publish:
        print("\nwritten:", *(path.relative_to(ROOT) for path in report.publish(results)))
    return 0


def _chosen(command_line: argparse.ArgumentParser, names: str | None, known: dict[str, Any]) -> list[str]:
    chosen = names.split(",") if names else list(known)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        command_line.error(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return chosen


def _measured(options: argparse.Namespace, workloads: list[Workload], engines: list[str]) -> dict[str, Any]:
    rounds = options.rounds or (1 if options.quick else 5)
    seconds = options.seconds or (0.02 if options.quick else 0.5)
    with prepared(options.wheel, options.targets) as folders:
        suite = Suite(folders, lambda text: print(text, file=sys.stderr, flush=True))
        wanted = {name for workload in workloads for name in workload.engines if name in engines} - (
            set() if options.targets else {BEFORE}
        )
        present = suite.find(name for name in ENGINES if name in wanted)
        jobs = suite.check(jobs_of(workloads, present, options.quick, seconds))
        measurements = suite.time(jobs, rounds)
    return {
        "machine": machine(),
        "versions": suite.versions,
        "missing": suite.missing,
        "failed": suite.failed,
        "rounds": rounds,
        "quick": options.quick,
        "measurements": measurements,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
