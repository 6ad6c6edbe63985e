"""`autograd-lite moons`: learns to tell two moons apart, as micrograd's demo does."""

import argparse

from autograd_lite.commands.arguments import Command, argument, output, positive_integer, positive_number, whole_number
from autograd_lite.commands.report import Report

_EXAMPLES = """\
examples
  autograd-lite moons
  autograd-lite moons --seed 7 --points 40      fewer points
  autograd-lite moons --noise 0.2 --steps 50    moons that nearly touch
"""


def run(options: argparse.Namespace) -> int:
    """Trains, reports and writes; what was learned is written also when Ctrl-C ends the training early."""
    from autograd_lite.datasets import moons as two_moons
    from autograd_lite.plotting.regions import regions
    from autograd_lite.systems import moons
    from autograd_lite.training import History, accuracy_panel, cost_panel

    data = two_moons(max(2, options.points), options.noise, options.seed)
    model = moons.network(seed=options.seed)
    history = History()
    with Report.of(options) as report:
        report.say(f"{model} on {len(data)} points\n", model=repr(model), points=len(data))
        options.out.mkdir(parents=True, exist_ok=True)
        try:
            moons.train(
                model,
                data,
                options.steps,
                learning_rate=options.lr,
                engine=options.engine,
                history=history,
                **report.training(most=10),
            )
        finally:
            settings = {name: getattr(options, name) for name in ("seed", "points", "noise", "steps", "lr")}
            saved = model.save(options.out / "model.json")
            report.written += [saved, history.save(options.out / "history.json", {"settings": settings})]
        share, cost, penalty = moons.accuracy(model, data), history.costs[-1], moons.penalty(model)
        report.give(costs=history.costs, accuracy=share, penalty=penalty)
        report.say(f"\nright after {len(history.costs)} steps  {100.0 * share:.1f} % of {len(data)} points")
        report.say(f"hinge loss at the last step  {cost:.6f}, L2 penalty {penalty:.6f}")
        report.chart("cost", cost_panel(history, "Hinge loss"), accuracy_panel(history), title="Two moons")
        scores, reach = moons.scores(model, data)
        title = f"Two moons after {len(history.costs)} steps: {100.0 * share:.0f} % right"
        report.picture("boundary", lambda: regions(scores, reach, data.inputs, data.targets, title))
    return 0


configure = Command(
    "moons",
    run,
    "tell two moons apart, as micrograd's demo",
    "Trains a 2-16-16-1 ReLU network on two interleaving half circles, by the hinge loss with an L2 penalty, "
    "on all points at once; the learning rate falls straight to a tenth.",
    _EXAMPLES,
    [
        *output("moons-run"),
        argument("--seed", type=whole_number, default=0, help="of the points and the weights (0)"),
        argument("--points", type=positive_integer, default=100, help="in both moons together (100)"),
        argument("--noise", type=positive_number, default=0.1, help="standard deviation of the points (0.1)"),
        argument("--steps", type=positive_integer, default=100, help="gradient steps (100)"),
        argument("--lr", type=positive_number, default=1.0, help="learning rate of the first step (1.0)"),
        argument("--engine", choices=("program", "eager"), default="program", help="what computes gradients (program)"),
    ],
).configure
