"""`autograd-lite xor`: trains the classic network on XOR; many starts, the plateau, the film, learning rates, one layer."""

import argparse
import json
from functools import partial

from autograd_lite.commands.arguments import Command, argument, output, positive_integer, positive_number, whole_number
from autograd_lite.commands.experiments import Experiment, flags, run_experiments
from autograd_lite.commands.report import Headings, Report
from autograd_lite.drawing import draw
from autograd_lite.files import write_whole
from autograd_lite.nn import MLP
from autograd_lite.plotting import Curve, Map, Panel, maps
from autograd_lite.stepping import record
from autograd_lite.systems import xor, xor_film, xor_linear, xor_many
from autograd_lite.systems.canon import EXAMPLES as CANON

_EXAMPLES = """\
examples
  autograd-lite xor
  autograd-lite xor --init normal --iterations 5000     a start near zero sits on a plateau first
  autograd-lite xor --lr 0.1 --seed 7 --out runs/slow
  autograd-lite xor --seeds 200                         how many starts learn
  autograd-lite xor --film --seed 3                     the decision boundary while it learns
  autograd-lite xor --linear --copied                   why one layer cannot, and a script with other targets
"""
_MANY = 200
_MARKS = {"uniform": (1000,), "normal": (1000, 5000, 10_000)}
_PUBLISHED = {("uniform", 1000): 200, ("normal", 1000): 1, ("normal", 5000): 145, ("normal", 10_000): 189}
_RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_LAYER_RATES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_SHOWN = (0, 500, 1000, 2000, 3000, 4000, 5000, 7500, 10_000)


def _train(options: argparse.Namespace, report: Report) -> None:
    """Trains, reports and writes; what was learned is written also when Ctrl-C ends the training early."""
    report.folder.mkdir(parents=True, exist_ok=True)
    model = xor.network(options.hidden, options.init, options.seed)
    costs: list[float] = []
    steps = xor.train(model, options.iterations, options.lr)
    try:
        for cost in report.progress(steps, options.iterations, "iterations", lambda cost: f"cost {cost:.6f}"):
            costs.append(cost)
    finally:
        costs.append(xor.cost(model).data)
        settings = {name: getattr(options, name) for name in ("init", "seed", "lr", "iterations", "hidden")}
        history = json.dumps({"settings": settings, "costs": costs, "predictions": xor.predictions(model)}, indent=1)
        report.written += [model.save(report.folder / "model.json"), write_whole(report.folder / "history.json", f"{history}\n")]
    _tell(report, model, costs)
    _draw(report, model, costs)


def _tell(report: Report, model: MLP, costs: list[float]) -> None:
    report.say(f"\n{model}\n", model=repr(model))
    answers = [
        (row[0], row[1], target, output, "right" if (output > 0.5) == (target > 0.5) else "wrong")
        for row, target, output in zip(xor.INPUTS, xor.TARGETS, xor.predictions(model), strict=True)
    ]
    short = ("prediction", "{:.4f}".format)
    report.table("rows", {"x1": "x1", "x2": "x2", "target": "target", "prediction": short, "verdict": ""}, answers)
    report.say()
    report.give(costs=costs)
    for number in (0, len(costs) // 2, len(costs) - 1):
        report.say(f"cost after {number:>6} iterations  {costs[number]:.6f}")
    ways = xor.three_ways(model)
    slopes = {"analytic": ways.analytic, "numerical": ways.numerical, "backward": ways.backward}
    report.say(f"\nd cost / d {ways.name}, three ways", gradient={"parameter": ways.name, **slopes})
    named = zip(("analytic formula", "central difference", "backward"), slopes.values(), strict=True)
    report.say("\n".join(f"  {name:18}  {slope:.15e}" for name, slope in named))


def _draw(report: Report, model: MLP, costs: list[float]) -> None:
    """The graph of one row's error with its gradients, the steps of its backward pass, and the curve of the cost."""
    model.zero_grad()
    error = xor.error_of_row(model, 2)
    steps = record(error)
    error.backward()
    report.graph("graph", draw(error, title="the error of row 1, 0 -> 1"))
    report.page("steps", steps)
    report.chart("loss", Panel("XOR: cost over all four rows", "iterations", "cost", [Curve("", range(len(costs)), costs)], "y"))


# ---- experiments -------------------------------------------------------------------------------------------------------------


def _seeds(options: argparse.Namespace, report: Report) -> None:
    count = options.seeds or _MANY
    report.heading(f"How many of {count} starts learn XOR, 3-5-1, learning rate 1")
    rows: list[tuple[object, ...]] = []
    for init, marks in _MARKS.items():
        spread = {"uniform": "uniform(-1, 1)", "normal": "normal(0, 0.1)"}[init]
        for source, steps, weights, way in (
            ("NumPy", "matrices", xor_many.starts(init, count), xor_many.descent),
            ("NumPy", "program", xor_many.starts(init, count), xor_many.program_descent),
            ("Python", "matrices", xor_many.own_starts(init, count), xor_many.descent),
        ):
            for each in report.progress(xor_many.counts(weights, marks, way=way), len(marks), "marks"):
                known = _PUBLISHED[init, each.iterations] if source == "NumPy" and count == _MANY else None
                rows.append((spread, source, steps, each.iterations, each.right, known, each.mean_error))
    report.give(starts=count)
    report.table(
        "counts",
        {
            "weights": "weights",
            "drawn_by": "drawn by",
            "computed_by": "steps by",
            "iterations": "iterations",
            "learned": "learned",
            "known": "known",
            "mean_error": ("|error|", "{:.4g}".format),
        },
        rows,
    )
    report.say("\n  NumPy: default_rng(seed), as the known counts; Python: random.Random(seed), as `xor --seed` draws them")


def _plateau(options: argparse.Namespace, report: Report) -> None:
    report.heading("A start near zero sits on a plateau")
    marks = range(0, 10_001, 50)
    rows, costs, shares = [], [], []
    for init, label in (("uniform", "uniform(-1, 1)"), ("normal", "normal(0, 0.1)")):
        found = list(report.progress(xor_many.counts(xor_many.starts(init), marks), len(marks), "marks"))
        rows += [(label, each.iterations, each.right, each.mean_cost) for each in found if each.iterations in _SHOWN]
        steps = [each.iterations for each in found]
        costs.append(Curve(label, steps, [each.mean_cost for each in found]))
        shares.append(Curve(label, steps, [float(each.right) for each in found]))
    headings = {"weights": "weights", "iterations": "iterations", "learned": "learned, of 200", "mean_cost": "mean cost"}
    report.table("marks", headings, rows)
    report.chart(
        "plateau",
        Panel("Mean cost", "iterations", "cost", costs, levels=[(0.5, "all outputs 1/2")], y_limits=(0.0, 0.6)),
        Panel("Starts that have learned", "iterations", "of 200", shares),
        title="XOR from two kinds of starts, 200 each",
    )


def _film(options: argparse.Namespace, report: Report) -> None:
    report.heading(f"The decision boundary while a network learns: {options.init} start, seed {options.seed}")
    model = xor.network(options.hidden, options.init, options.seed)
    watched = xor_film.watch(model, options.iterations, options.lr)
    moments = list(report.progress(watched, xor_film.FRAMES, "frames"))
    stills = xor_film.stills(moments)
    told = [(moment.iteration, moment.cost) for moment in xor_film.chosen(moments)]
    report.table("moments", {"iteration": "iteration", "cost": "cost"}, told)
    report.page("film", xor_film.film(moments))
    report.picture("boundary", lambda: maps(stills, "Decision boundary over training: iteration and cost"))


def _sweep(options: argparse.Namespace, report: Report) -> None:
    report.heading("Learning rates: 50 starts from uniform(-1, 1), 1,000 iterations")
    found = xor_many.rate_effects([(rate, rate) for rate in _RATES])
    headings = {"rate": "rate", "learned": "learned, of 50", "median_cost": "median cost"}
    report.table("rates", headings, [(each.hidden, each.right, each.cost) for each in found])
    report.chart(
        "rates",
        Panel("Starts that learn", "learning rate", "of 50", [Curve("", _RATES, [each.right for each in found], "marked")], "x"),
        Panel("Median cost", "learning rate", "cost", [Curve("", _RATES, [each.cost for each in found], "marked")], "xy"),
        title="XOR: learning rates too small, right, too large",
    )


def _layer_rates(options: argparse.Namespace, report: Report) -> None:
    report.heading("A learning rate for each layer: 20 starts from uniform(-1, 1), 1,000 iterations")
    pairs = [(hidden, output) for output in _LAYER_RATES for hidden in _LAYER_RATES]
    found = xor_many.rate_effects(pairs, count=20)
    of_output = {output: [each for each in found if each.output == output] for output in _LAYER_RATES}
    hidden = {f"hidden_{rate:g}": f"hidden {rate:g}" for rate in _LAYER_RATES}
    headings: Headings = {"output_rate": ("output", "{:g}".format), **hidden}
    report.say("  learned, of 20")
    report.table("learned", headings, [(output, *(each.right for each in row)) for output, row in of_output.items()])
    report.say("\n  median cost")
    short = {key: shown if isinstance(shown, tuple) else (shown, "{:.2g}".format) for key, shown in headings.items()}
    report.table("median_cost", short, [(output, *(each.cost for each in row)) for output, row in of_output.items()])
    curves = [
        Curve(f"output rate {output:g}", _LAYER_RATES, [each.cost for each in row], "marked") for output, row in of_output.items()
    ]
    title = "XOR: a learning rate for each layer"
    report.chart("layer-rates", Panel(title, "rate of the hidden layer", "median cost after 1,000 iterations", curves, "xy"))


def _linear(options: argparse.Namespace, report: Report) -> None:
    report.heading("Why one layer cannot learn XOR")
    slopes, minors = xor_linear.linear_slopes()
    report.say("  a unit decides by z = w1 x1 + w2 x2 + b, so z00 + z11 = z01 + z10; XOR wants the left side < 0 and the right > 0")
    best = xor_linear.BEST_LINEAR
    report.say(f"\n  the best linear unit: w = {best}, output 1/2 everywhere, cost 0.5", best=best)
    report.say(f"  its gradient {slopes}; leading minors of its Hessian {minors}: the one minimum", gradient=slopes, minors=minors)
    most = xor_linear.most_right()
    report.say(f"  most rows that any of 144,360 lines has right: {most} of 4\n", most_right=most)
    units = [xor_linear.train_unit(seed) for seed in range(10)]
    report.say("  a sigmoid unit after 1,000 iterations, ten starts")
    headings = {"seed": "seed", "cost": "cost", "right": "rows right"}
    report.table("units", headings, [(unit.seed, unit.cost, unit.right) for unit in units])


def _copied(options: argparse.Namespace, report: Report) -> None:
    report.heading('The widely copied "XOR" script: its targets are the first input column')
    rows = zip(xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS, strict=True)
    report.table(
        "rows",
        {"inputs": ("x1 x2 1", lambda row: " ".join(f"{x:g}" for x in row)), "target": "its target", "x1": "x1", "xor": "XOR"},
        [(row, target, row[0], abs(row[0] - row[1])) for row, target in rows],
    )
    units = [xor_linear.train_unit(seed, xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS) for seed in range(10)]
    right = sum(unit.right == 4 for unit in units)
    told = f"\n  one unit without hidden layer learns these targets from {right} of 10 starts, cost {units[0].cost:.4f}"
    report.say(told, unit={"learned": right, "starts": len(units), "cost": units[0].cost})
    [count] = xor_many.counts(xor_many.starts("uniform"), [1000], xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS)
    network = {"learned": count.right, "starts": count.starts, "mean_error": count.mean_error}
    report.say(f"  the script's own 3-5-1 network from {count.right} of {count.starts} (known: 200),", network=network)
    report.say(f"  mean |error| {count.mean_error:.4f} (known: 0.017)")
    unit = xor_linear.train_unit(0, xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS)
    points = [(x1, x2, t) for (x1, x2, _), t in zip(xor_linear.COPIED_ROWS, xor_linear.COPIED_TARGETS, strict=True)]
    shown = [
        Map("its targets, one unit", xor_film.unit_surface(unit.weights), xor_film.LOW, xor_film.HIGH, points),
        Map("XOR, one unit", xor_film.unit_surface(xor_linear.train_unit(0).weights), xor_film.LOW, xor_film.HIGH, xor_film.POINTS),
    ]
    report.picture("copied", lambda: maps(shown, "One unit: the copied script's targets, and XOR"))


def _published(options: argparse.Namespace, report: Report) -> None:
    report.heading("Published runs")
    report.published(CANON["iamtrask"](), CANON["3-5-1"]())


_EXPERIMENTS = (
    Experiment("seeds", f"how many of N starts learn, by the kind of start; {_MANY} with --all", _seeds, metavar="N"),
    Experiment("plateau", "cost and success over 10,000 iterations, from both kinds of starts", _plateau),
    Experiment("film", "the decision boundary over training: a page with a slider, and a still", _film),
    Experiment("sweep", "learning rates too small, right, too large", _sweep),
    Experiment("layer-rates", "a learning rate for each layer", _layer_rates),
    Experiment("linear", "why one layer cannot learn XOR", _linear),
    Experiment("copied", "the widely copied script that learns something else", _copied),
    Experiment("published", "published runs, recomputed", _published),
)


configure = Command(
    "xor",
    partial(run_experiments, experiments=_EXPERIMENTS, default=Experiment("train", "one network", _train)),
    "train a small sigmoid network on XOR",
    "Trains a 3-5-1 sigmoid network on XOR by full-batch gradient descent; the third input is 1, a bias.",
    _EXAMPLES,
    [
        argument("--init", choices=sorted(xor.INITIALIZERS), default="uniform", help="uniform(-1, 1) or normal(0, 0.1) weights"),
        argument("--seed", type=whole_number, default=0, help="of the initial weights (0)"),
        argument("--lr", type=positive_number, default=1.0, help="learning rate (1.0)"),
        argument("--iterations", type=positive_integer, default=1000, help="gradient steps on the whole batch (1000)"),
        argument("--hidden", type=positive_integer, default=5, help="hidden units (5)"),
        *output("xor-run"),
        *flags(_EXPERIMENTS),
    ],
).configure
