"""Experiments: the parts of a command that are chosen by flags, each a few lines that fill a report."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd_lite.commands.arguments import positive_integer
from autograd_lite.commands.report import Report


@dataclass(frozen=True, slots=True)
class Experiment:
    """One part of a command.

    Attributes:
        name: its flag, without the dashes.
        summary: a few words for the help.
        run: fills the report, from the parsed options.
        metavar: what stands for the number that the flag takes; "" for a flag without a number.
    """

    name: str
    summary: str
    run: Callable[[argparse.Namespace, Report], None]
    metavar: str = ""


def add_experiments(parser: argparse.ArgumentParser, experiments: Sequence[Experiment]) -> None:
    """A flag for each experiment, and --all for all of them."""
    flags = parser.add_argument_group("experiments")
    for experiment in experiments:
        if experiment.metavar:
            flags.add_argument(f"--{experiment.name}", type=positive_integer, metavar=experiment.metavar, help=experiment.summary)
        else:
            flags.add_argument(f"--{experiment.name}", action="store_true", help=experiment.summary)
    flags.add_argument("--all", action="store_true", help="all of these")


def add_output(parser: argparse.ArgumentParser, folder: str) -> None:
    """--out and --quiet."""
    parser.add_argument("--out", type=Path, default=Path(folder), metavar="DIR", help=f"folder for the results ({folder})")
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run_experiments(options: argparse.Namespace, experiments: Sequence[Experiment], default: Experiment | None = None) -> int:
    """Runs those whose flags were given, or else the default, the first; what was written is named also when Ctrl-C ends them."""
    chosen = [experiment for experiment in experiments if options.all or getattr(options, experiment.name.replace("-", "_"))]
    report = Report(options.out, options.quiet)
    try:
        for experiment in chosen or [default or experiments[0]]:
            experiment.run(options, report)
    finally:
        report.close()
    return 0
