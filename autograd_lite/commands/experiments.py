"""Experiments: the parts of a command that are chosen by flags, each a few lines that fill a report."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd_lite.commands.arguments import Option, argument, positive_integer
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


def flags(experiments: Sequence[Experiment]) -> list[Option]:
    """A flag for each experiment, and --all for all of them."""
    whole = Experiment("all", "all of these", lambda options, report: None)
    return [
        argument(f"--{each.name}", group="experiments", help=each.summary, metavar=each.metavar, type=positive_integer)
        if each.metavar
        else argument(f"--{each.name}", group="experiments", help=each.summary, action="store_true")
        for each in (*experiments, whole)
    ]


def run_experiments(options: argparse.Namespace, experiments: Sequence[Experiment], default: Experiment | None = None) -> int:
    """Runs those whose flags were given, or else the default, the first; what was written is named also when Ctrl-C ends them."""
    chosen = [experiment for experiment in experiments if options.all or getattr(options, experiment.name.replace("-", "_"))]
    with Report.of(options) as report:
        for experiment in chosen or [default or experiments[0]]:
            report.part(experiment.name)
            experiment.run(options, report)
    return 0
