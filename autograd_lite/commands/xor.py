"""`autograd-lite xor`: trains the classic network on XOR and writes what it learned."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograd_lite.commands.arguments import add_command, positive_integer, positive_number, whole_number
from autograd_lite.commands.experiments import add_experiments, add_output, chosen, run_experiments
from autograd_lite.commands.report import Report
from autograd_lite.commands.xor_experiments import EXPERIMENTS
from autograd_lite.drawing import draw
from autograd_lite.engine.extras import is_here
from autograd_lite.files import write_whole
from autograd_lite.nn import MLP
from autograd_lite.plotting import Curve, Panel
from autograd_lite.stepping import record
from autograd_lite.systems import xor

_EXAMPLES = """\
examples
  autograd-lite xor
  autograd-lite xor --init normal --iterations 5000     a start near zero sits on a plateau first
  autograd-lite xor --lr 0.1 --seed 7 --out runs/slow
  autograd-lite xor --seeds 200                         how many starts learn
  autograd-lite xor --film --seed 3                     the decision boundary while it learns
  autograd-lite xor --linear --copied                   why one layer cannot, and a script that never asked
"""


def configure(commands: Any) -> None:
    """Declares the command and its arguments."""
    description = "Trains a 3-5-1 sigmoid network on XOR by full-batch gradient descent; the third input is 1, a bias."
    parser = add_command(commands, "xor", run, "train a small sigmoid network on XOR", description, _EXAMPLES)
    parser.add_argument(
        "--init", choices=sorted(xor.INITIALIZERS), default="uniform", help="uniform(-1, 1) or normal(0, 0.1) weights"
    )
    parser.add_argument("--seed", type=whole_number, default=0, help="of the initial weights (0)")
    parser.add_argument("--lr", type=positive_number, default=1.0, help="learning rate (1.0)")
    parser.add_argument("--iterations", type=positive_integer, default=1000, help="gradient steps on the whole batch (1000)")
    parser.add_argument("--hidden", type=positive_integer, default=5, help="hidden units (5)")
    add_output(parser, "xor-run")
    add_experiments(parser, EXPERIMENTS)


def run(options: argparse.Namespace) -> int:
    """Runs the chosen experiments; without any, trains one network."""
    experiments = chosen(options, EXPERIMENTS)
    if experiments:
        run_experiments(options, experiments)
        return 0
    return _train(options)


def _train(options: argparse.Namespace) -> int:
    """Trains, reports and writes; what was learned is written also when Ctrl-C ends the training early."""
    options.out.mkdir(parents=True, exist_ok=True)
    report = Report(options.out, options.quiet)
    model = xor.network(options.hidden, options.init, options.seed)
    history = xor.History()
    steps = xor.train(model, options.iterations, options.lr, history)
    try:
        for _ in steps if options.quiet else _with_progress(steps, options.iterations):
            pass
    finally:
        history.costs.append(xor.cost(model).data)
        report.written += _write(options, model, history)
    if not options.quiet:
        _report(model, history)
    _pictures(report, model, history)
    report.close()
    return 0


def _with_progress(costs: Iterable[float], iterations: int) -> Iterator[float]:
    """The same costs, shown as they come: a bar on a terminal, ten lines elsewhere."""
    if sys.stderr.isatty() and is_here("tqdm"):
        from tqdm import tqdm

        bar = tqdm(costs, total=iterations, unit=" iterations", leave=False)
        for number, cost in enumerate(bar):
            if number % 20 == 0:
                bar.set_postfix_str(f"cost {cost:.4f}", refresh=False)
            yield cost
        return
    every = max(1, iterations // 10)
    for number, cost in enumerate(costs):
        if number % every == 0:
            print(f"iteration {number:>6}  cost {cost:.6f}", flush=True)
        yield cost


def _report(model: MLP, history: xor.History) -> None:
    done = len(history.costs) - 1
    print(f"\n{model}")
    print("\n x1  x2  target  prediction")
    for row, target, output in zip(xor.INPUTS, xor.TARGETS, xor.predictions(model), strict=True):
        verdict = "right" if (output > 0.5) == (target > 0.5) else "wrong"
        print(f"  {row[0]:.0f}   {row[1]:.0f}       {target:.0f}      {output:.4f}  {verdict}")
    print()
    for number in (0, done // 2, done):
        print(f"cost after {number:>6} iterations  {history.costs[number]:.6f}")
    ways = xor.three_ways(model)
    print(f"\nd cost / d {ways.name}, three ways")
    print(f"  analytic formula    {ways.analytic:.15e}")
    print(f"  central difference  {ways.numerical:.15e}")
    print(f"  backward            {ways.backward:.15e}")


def _write(options: argparse.Namespace, model: MLP, history: xor.History) -> list[Path]:
    settings = {name: getattr(options, name) for name in ("init", "seed", "lr", "iterations", "hidden")}
    record = {"settings": settings, "costs": history.costs, "predictions": xor.predictions(model)}
    model.save(options.out / "model.json")
    return [options.out / "model.json", write_whole(options.out / "history.json", json.dumps(record, indent=1) + "\n")]


def _pictures(report: Report, model: MLP, history: xor.History) -> None:
    """The graph of one row's error with its gradients, the steps of its backward pass, and the curve of the cost."""
    model.zero_grad()
    error = xor.error_of_row(model, 2)
    steps = record(error)
    error.backward()
    report.graph("graph", draw(error, title="the error of row 1, 0 -> 1"))
    report.page("steps", steps)
    curve = Curve("", range(len(history.costs)), history.costs)
    report.chart("loss", Panel("XOR: cost over all four rows", "iterations", "cost", [curve], "y"))
