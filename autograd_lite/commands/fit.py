"""`autograd-lite fit nist DATASET`: fits a NIST data set and holds the result against the certified values."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from autograd_lite.commands.arguments import Command, CommandFailed, argument, output
from autograd_lite.commands.printing import columns
from autograd_lite.commands.report import Report
from autograd_lite.engine.text import shorten
from autograd_lite.plotting import Curve, Panel

if TYPE_CHECKING:  # NumPy is loaded when something is fitted, not with every command
    from autograd_lite.systems.nist import DataSet, Result

_EXAMPLES = """\
examples
  autograd-lite fit nist                        the data sets there are
  autograd-lite fit nist Misra1a
  autograd-lite fit nist Thurber --start 1 --out runs/thurber

exit codes: 0 everything agrees to 9 digits; 1 something does not, or there is
no minimum downhill from a start
"""
_REQUIRED: Final = 9.0  # digits
_POINTS: Final = 400  # of the drawn curve


def _data_set(text: str) -> "DataSet":
    from autograd_lite.systems import nist

    try:
        return nist.load(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(options: argparse.Namespace) -> int:
    """Fits, reports and draws; without a data set, lists them."""
    with Report.of(options) as report:
        if options.dataset is not None:
            return _fit(report, options.dataset, [options.start] if options.start else [1, 2])
        _list(report)
    return 0


def _list(report: Report) -> None:
    from autograd_lite.systems import nist

    rows = [(each.name, each.level, len(each.x), str(each.formula)) for each in map(nist.load, nist.NAMES)]
    model = ("model", lambda text: shorten(text, columns() - 31))
    report.table("datasets", {"name": "data set", "level": "level", "points": "points", "model": model}, rows)


def _fit(report: Report, data: "DataSet", starts: Sequence[int]) -> int:
    from autograd_lite.calculus.least_squares import FitError
    from autograd_lite.systems import nist

    report.say(f"{data.description}\n\n  y = {data.formula}\n", dataset=data.name, model=str(data.formula))
    results = []
    try:
        for start in starts:
            results.append(nist.fit(data.name, start))
            report.say(f"{results[-1]}\n")
    except FitError as error:
        raise CommandFailed(str(error)) from None
    agreed = min(result.digits for result in results)
    report.give(fits=[result.record() for result in results], digits=agreed)
    report.say(f"All values agree with the certified ones to {int(agreed)} digits or more.")
    report.chart(data.name, *_panels(results), title=f"{data.name}: {data.level} level of difficulty")
    return 0 if agreed >= _REQUIRED else 1


def _panels(results: "Sequence[Result]") -> list[Panel]:
    """The data with the curve, what the curve leaves over, and the way down from each start."""
    data, fit = results[-1].data, results[-1].fit
    low, high = min(data.x), max(data.x)
    across = [low + (high - low) * i / (_POINTS - 1) for i in range(_POINTS)]
    curve = Curve("fitted", across, [data.predict(fit.parameters, x) for x in across])
    ways = [Curve(f"start {result.start}", range(len(result.fit.sums)), result.fit.sums) for result in results]
    left = [-residual for residual in fit.residuals]
    return [
        Panel("data and curve", data.x_label, data.y_label, [curve, Curve("observed", data.x, data.y, "points")]),
        Panel("residuals", data.x_label, "observed - fitted", [Curve("", data.x, left, "points")], levels=[(0.0, "")]),
        Panel("the search", "steps", "sum of squares", ways, log="y"),
    ]


configure = Command(
    "fit",
    run,
    "fit curves to NIST's reference data",
    "Fits a model to a NIST reference data set by Gauss-Newton steps, damped where needed, and compares parameters, standard "
    "deviations and residual sum with the certified ones.",
    _EXAMPLES,
    [
        argument("collection", choices=["nist"], help="where the data come from"),
        argument("dataset", nargs="?", type=_data_set, metavar="DATASET", help="its name; without one, they are listed"),
        argument("--start", type=int, choices=(1, 2), help="of the two official starts; both by default"),
        *output("fit-run"),
    ],
).configure
