"""`autograd-lite neuron`: one unit, the three ways to its gradient, what each costs, and how it learns."""

import argparse
from functools import partial

from autograd_lite.commands.arguments import Command, argument, output, whole_number
from autograd_lite.commands.experiments import Experiment, flags, run_experiments
from autograd_lite.commands.report import Headings, Report
from autograd_lite.drawing import draw
from autograd_lite.plotting import Curve, Panel
from autograd_lite.systems import neuron, neuron_growth, neuron_learning
from autograd_lite.systems.canon import EXAMPLES as CANON

_EXAMPLES = """\
examples
  autograd-lite neuron                       the ways to a gradient, side by side
  autograd-lite neuron --steps --sweep       two of the experiments
  autograd-lite neuron --all --out neuron    everything, about ten seconds
"""
_PUBLISHED = ("neuron", "circuits", "hacker", "lecture-neuron", "lecture-expression", "micrograd")


def _ways(options: argparse.Namespace, report: Report) -> None:
    _by_hand(report)
    report.heading("The gradient of x -> h -> y, in three ways")
    report.say("  dC/dw2 = (y - t) y (1 - y) h")
    report.say("  dC/db2 = (y - t) y (1 - y)")
    report.say("  dC/dw1 = (y - t) y (1 - y) w2 h (1 - h) x")
    report.say("  dC/db1 = (y - t) y (1 - y) w2 h (1 - h)\n")
    ways = neuron.three_ways()
    headings: Headings = {"parameter": "", "by_hand": "by hand", "backward": "backward", "central": "difference"}
    report.table("gradients", headings, [(way.name, way.by_hand, way.backward, way.central) for way in ways], full=True)
    report.say("\n  difference: a central one; a forward one has half its digits; better than both")
    report.say("  is a numerical derivative of several steps, with an error bar:\n")
    headings = {"parameter": "", "forward": "forward", "numerical": "numerical", "error_bar": ("error bar", "{:.1e}".format)}
    numbers = [(way.name, way.forward, way.adaptive.value, way.adaptive.error) for way in ways]
    report.table("numerical", headings, numbers, full=True)
    report.heading("What the four derivatives share: each product is computed once")
    products = [(each.name, each.formula, each.value, each.used_by) for each in neuron.shared_products()]
    headings = {"product": "product", "formula": ("", "= {}".format), "value": "value", "used_by": ("in", " ".join)}
    report.table("shared", headings, products, full=True)
    report.say("\nmultiplications for all derivatives of a chain of units")
    works = [neuron.work(depth) for depth in (1, 2, 4, 8, 16)]
    headings = {"units": "units", "path_by_path": "path by path", "shared": "shared"}
    report.table("work", headings, [(each.depth, each.path_by_path, each.shared) for each in works])
    (w1, _, w2, _), recorded = neuron.graph()
    report.graph("paths-of-w1", draw(recorded.cost, highlight=w1, title="dC/dw1: the way from w1 to C"))
    report.graph("paths-of-w2", draw(recorded.cost, highlight=w2, title="dC/dw2 shares the way from z2 to C: delta2"))


def _by_hand(report: Report) -> None:
    """All that is needed to compute the gradient once more with a pocket calculator."""
    headings: Headings = {"symbol": "symbol", "formula": ("", "= {}".format), "value": "value"}
    report.heading("One unit x -> h, and one h -> y, to be computed by hand")
    report.table("forward", {**headings, "formula": ""}, neuron.forward_rows(), full=True)
    report.say("\n  local derivatives\n")
    report.table("local_derivatives", headings, neuron.local_rows(), full=True)


def _published(options: argparse.Namespace, report: Report) -> None:
    report.heading("Published examples of single units and small expressions")
    report.published(*(CANON[name]() for name in _PUBLISHED))


def _steps(options: argparse.Namespace, report: Report) -> None:
    report.heading("The error of a difference against its step h")
    rows = neuron.errors_by_step()
    columns = {"step": "h", "forward": "forward", "central": "central"}
    report.table("errors", columns, [(row.step, row.forward, row.central) for row in rows[::2]])
    forward, central = neuron.slope_of(rows, "forward", 1e-5, 1e-2), neuron.slope_of(rows, "central", 1e-3, 1e-1)
    orders = {"forward": forward, "central": central}
    report.say(f"\n  order of the error in h: forward {forward:.2f}, central {central:.2f}", orders=orders)
    best = {way: min(rows, key=lambda row: getattr(row, way)).step for way in orders}
    report.say(f"  best step: forward {best['forward']:.1e}, central {best['central']:.1e}", best_steps=best)
    steps = [row.step for row in rows]
    curves = [
        Curve("forward difference", steps, [row.forward for row in rows], "marked"),
        Curve("central difference", steps, [row.central for row in rows], "marked"),
    ]
    title = "Too large a step truncates, too small a one rounds"
    report.chart("steps", Panel(title, "step h", "relative error of the gradient", curves, "xy"))


def _growth(options: argparse.Namespace, report: Report) -> None:
    report.heading("The cost of one gradient as parameters grow")
    counts = neuron_growth.COUNTS
    total = len(counts) * len(neuron_growth.METHODS)
    rows = list(report.progress(neuron_growth.growth(counts, options.seed), total, "rows"))
    columns: Headings = {
        "parameters": "parameters",
        "method": "method",
        "evaluations": "evaluations",
        "seconds": ("time", _time),
        "measured": ("", lambda measured: "" if measured else "*"),
        "relative_error": "error",
    }
    report.table(
        "methods", columns, [(row.parameters, row.method, row.evaluations, row.seconds, row.measured, row.error) for row in rows]
    )
    report.say("\n  *: the time of one evaluation times their number; the relative error is that of 10 of the parameters")
    title = "Differences cost an evaluation per parameter; a backward pass costs one in all"
    report.chart("growth", *neuron_growth.panels(rows), title=title)


def _time(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def _sweep(options: argparse.Namespace, report: Report) -> None:
    report.heading("Learning rates")
    runs = neuron_learning.sweep()
    rows = [(run.rate, run.costs[0], run.costs[-1], run.rises, run.verdict) for run in runs]
    after = f"after {neuron_learning.STEPS} steps"
    columns = {"rate": "rate", "before": "cost before", "after": after, "uphill": "steps uphill", "verdict": ""}
    report.table("rates", columns, rows)
    shown = [run for run in runs if run.rate in (0.01, 0.1, 1.0, 10.0, 100.0)]
    curves = [Curve(f"rate {run.rate:g}: {run.verdict}", range(len(run.costs)), run.costs) for run in shown]
    report.chart("sweep", Panel("Learning rates too small, right, too large", "steps", "cost", curves, "y"))


def _slow_start(options: argparse.Namespace, report: Report) -> None:
    report.heading("A saturated unit learns slowly by squared error, not by cross-entropy")
    lessons = neuron_learning.lessons()
    columns: Headings = {
        "start": ("w, b", str),
        "loss": "loss",
        "first_output": "output",
        "last_output": "after 300",
        "first_slope": "|dC/dw|",
        "epochs": ("until < 0.2", lambda epochs: epochs or "more"),
    }
    rows = [(each.start, each.loss, each.outputs[0], each.outputs[-1], each.slopes[0], each.epochs_to_learn) for each in lessons]
    report.table("lessons", columns, rows)
    report.say("\n  of the start: output, |dC/dw|; after 300 epochs; epochs until the output is below 0.2\n")
    report.published(CANON["slow-start"]())
    panels = []
    for loss in ("squared error", "cross-entropy"):
        mine = [each for each in lessons if each.loss == loss]
        curves = [Curve("from w, b = {:g}, {:g}".format(*each.start), range(len(each.outputs)), each.outputs) for each in mine]
        panels.append(Panel(loss, "epochs", "output (target 0)", curves, y_limits=(0.0, 1.0)))
    report.chart("slow-start", *panels, title="One unit, input 1, target 0, learning rate 0.15")


_EXPERIMENTS = (
    Experiment("ways", "the three ways to the gradient, and what they share (the default)", _ways),
    Experiment("steps", "the error of a difference against its step", _steps),
    Experiment("growth", "time and error from 2 to 1,000,000 parameters", _growth),
    Experiment("sweep", "learning rates too small, right, too large", _sweep),
    Experiment("slow-start", "a saturated unit, by squared error and by cross-entropy", _slow_start),
    Experiment("published", "published examples of single units, recomputed", _published),
)


configure = Command(
    "neuron",
    partial(run_experiments, experiments=_EXPERIMENTS),
    "one unit and the three ways to a gradient",
    "One hidden unit, x -> h -> y: its gradient by hand, by differences and by a backward pass; "
    "what the three cost; and how the unit learns.",
    _EXAMPLES,
    [
        *output("neuron-run"),
        argument("--seed", type=whole_number, default=0, help="of the units of --growth (0)"),
        *flags(_EXPERIMENTS),
    ],
).configure
