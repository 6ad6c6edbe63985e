"""`autograd-lite equations`: BP1 to BP4 on small networks, number by number, and where learning is slow."""

import argparse
import statistics
from functools import partial

from autograd_lite.commands.arguments import Command, argument, near, output, whole_number
from autograd_lite.commands.experiments import Experiment, flags, run_experiments
from autograd_lite.commands.printing import columns
from autograd_lite.commands.report import Report
from autograd_lite.drawing import draw
from autograd_lite.engine.text import text_width, wrapped
from autograd_lite.plotting import Curve, Panel
from autograd_lite.systems import equations
from autograd_lite.systems.canon import EXAMPLES as CANON

_EXAMPLES = """\
examples
  autograd-lite equations                           a published 2-2-1 network
  autograd-lite equations --network mazur --latex   a 2-2-2 network, in LaTeX
  autograd-lite equations --network 3-4-4-2         random weights; --seed for others
  autograd-lite equations --blame --vanishing       rules of thumb; deep networks
"""


def _sizes(text: str) -> str:
    """The name of an exercise, or sizes."""
    if text not in equations.EXERCISES:
        sizes = text.split("-")
        if len(sizes) < 2 or not all(size.isdecimal() and int(size) > 0 for size in sizes):
            known, meant = ", ".join(equations.EXERCISES), near(text, equations.EXERCISES)
            raise argparse.ArgumentTypeError(f"{text!r} is neither one of {known}, nor sizes such as 3-4-2{meant}")
    return text


def _exercise(options: argparse.Namespace) -> equations.Exercise:
    if options.network in equations.EXERCISES:
        return equations.EXERCISES[options.network]
    return equations.small([int(size) for size in options.network.split("-")], options.seed)


def _table(options: argparse.Namespace, report: Report) -> None:
    exercise = _exercise(options)
    passed = equations.recorded(exercise)
    report.heading(f"Forward through {exercise.name}, x = {_listed(exercise.x)}, target {_listed(exercise.target)}")
    nodes = [node for layer in zip(passed.z, passed.a, strict=True) for kind in layer for node in kind]
    values = [(node.label, node.data) for node in [*nodes, passed.cost]]
    report.table("forward", {"symbol": "symbol", "value": "value"}, values, full=True)
    report.heading("Backward, by the four equations")
    rows = equations.rows(exercise)
    ways = ("definition", "graph", "program")
    report.give(
        backward=[{"equation": row.equation, "symbol": row.symbol.text, **{way: getattr(row, way) for way in ways}} for row in rows]
    )
    headings = ("", "symbol", "by definition", "graph", "program")
    shown = [
        (row.equation, row.symbol.text, repr(row.definition), *(_beside(getattr(row, way), row.definition) for way in ways[1:]))
        for row in rows
    ]
    report.table("", dict(zip(headings, headings, strict=True)), shown)
    gap = max(row.gap for row in rows)
    report.say("\n  graph, program: how far the `.grad` of the scalar graph, and the traced program, are from that")
    report.say(f"  largest difference between two ways: {gap:.1g}", largest_difference=gap)
    report.graph("graph", draw(passed.cost, title=f"{exercise.name}: the grad of z^l_j is delta^l_j"))


def _beside(number: float, other: float) -> str:
    """The difference of two numbers that agree in all their digits but the last."""
    return f"{number - other:+.1e}" if number != other else "same"


def _listed(numbers: tuple[float, ...]) -> str:
    return f"({', '.join(f'{number:g}' for number in numbers)})"


def _source(options: argparse.Namespace, report: Report) -> None:
    exercise = _exercise(options)
    report.heading(f"The traced program of {exercise.name}: d_z is delta, d_z @ W the second equation, d_z.T @ a the fourth")
    program, _ = equations.program_of(exercise)
    report.say(_narrow(program.source), source=program.source)


def _narrow(source: str) -> str:
    """The source with comments that would make a line too long above the line; it computes the same."""
    lines = []
    for line in source.split("\n"):
        code, sign, comment = line.partition("  # ")
        if sign and text_width(line) > columns():
            margin = " " * (len(code) - len(code.lstrip()))
            lines += [f"{margin}# {part}" for part in wrapped(comment, columns() - len(margin) - 2)]
            line = code
        lines.append(line)
    return "\n".join(lines)


def _latex(options: argparse.Namespace, report: Report) -> None:
    exercise = _exercise(options)
    report.heading(f"The four equations of {exercise.name} in LaTeX")
    text = equations.latex(equations.by_graph(exercise).entries())
    report.say(text, latex=text)  # broken at blanks, which say nothing in LaTeX


def _blame(options: argparse.Namespace, report: Report) -> None:
    exercise = _exercise(options)
    if len(exercise.weights) > 1:
        report.heading(f"Whose error is it? The last hidden layer of {exercise.name}")
        rows = [
            (f"a^{len(exercise.weights) - 1}_{b.unit}", b.proportional, b.unnormalised, b.true)
            for b in equations.shared_blame(exercise)
        ]
        headings = {"unit": "unit", "proportional": "proportional", "unnormalised": "unnormalised W^T e", "true": "true -dC/da"}
        report.table("units", headings, rows)
    report.heading("Cosine between the rules' errors and the true ones, 200 networks")
    found = [equations.agreement(sizes) for sizes in ((2, 2, 1), (2, 2, 2), (2, 5, 3))]
    cosines = [(each.sizes, rule, sorted(getattr(each, rule))) for each in found for rule in ("proportional", "unnormalised")]
    report.table(
        "cosines",
        {"network": "network", "rule": "rule", "lowest": "lowest", "median": "median", "uphill": "pointing uphill"},
        [
            ("-".join(map(str, sizes)), rule, numbers[0], statistics.median(numbers), sum(number < 0.0 for number in numbers))
            for sizes, rule, numbers in cosines
        ],
    )
    curves = [
        Curve(f"{rule} rule", numbers, [(i + 1) / len(numbers) for i in range(len(numbers))]) for _, rule, numbers in cosines[-2:]
    ]
    title = "Rules of thumb against the true gradient, 2-5-3 networks"
    report.chart("blame", Panel(title, "cosine with the true direction", "share of 200 networks below", curves))


def _vanishing(options: argparse.Namespace, report: Report) -> None:
    report.heading("Deltas along the layers of a deep network, before training")
    deep = equations.vanishing()
    layers = range(1, len(deep[0].norms) + 1)
    report.table(
        "deltas",
        {"kind": "kind", "first": "delta^1", "last": f"delta^{layers[-1]}", "factor": "factor per layer"},
        [(each.kind, each.norms[0], each.norms[-1], each.factor) for each in deep],
    )
    report.chart(
        "vanishing",
        Panel(
            "BP2: deltas vanish along depth",
            "layer",
            "root mean square of delta",
            [Curve(each.kind, layers, each.norms, "marked") for each in deep],
            "y",
        ),
    )


def _slow(options: argparse.Namespace, report: Report) -> None:
    report.heading("A saturated output learns slowly: input 1, target 0, squared error, learning rate 1")
    saturated = equations.saturation()
    report.table(
        "saturated",
        {"z": "z before", "slope": "|dC/dw|", "steps": ("steps until output < 0.1", lambda steps: steps or "over 2,000")},
        [(each.z, each.slope, each.steps) for each in saturated],
    )
    report.heading("A weight on a small input learns slowly: 100 steps")
    fed = equations.input_sizes()
    headings = {"input": "input a", "slope": "|dC/dw|", "moved": "w moved by"}
    report.table("inputs", headings, [(each.a, each.slope, each.moved) for each in fed])
    known = [each for each in saturated if each.steps is not None]
    report.chart(
        "slow",
        Panel(
            "BP1: a saturated output",
            "z before",
            "steps until output < 0.1",
            [Curve("", [each.z for each in known], [float(each.steps or 0) for each in known], "marked")],
            "y",
        ),
        Panel(
            "BP4: an input near 0",
            "input a",
            "w moved by, in 100 steps",
            [Curve("", [each.a for each in fed], [each.moved for each in fed], "marked")],
            "xy",
        ),
    )


def _published(options: argparse.Namespace, report: Report) -> None:
    report.heading("Published networks, with their errata")
    report.published(*(CANON[name]() for name in ("2-2-1", "mazur", "mazur-trained", "schiendorfer")))


_EXPERIMENTS = (
    Experiment("table", "the forward pass and every number of BP1 to BP4 in several ways (the default)", _table),
    Experiment("latex", "the same in LaTeX", _latex),
    Experiment("source", "the traced program, in which the equations can be read off", _source),
    Experiment("blame", "sharing the error by weight, against the true gradient", _blame),
    Experiment("vanishing", "deltas along the layers of deep networks", _vanishing),
    Experiment("slow", "saturated outputs and inputs near 0: where learning is slow", _slow),
    Experiment("published", "published 2-2-1 and 2-2-2 networks, with errata", _published),
)


configure = Command(
    "equations",
    partial(run_experiments, experiments=_EXPERIMENTS),
    "BP1 to BP4 on small networks, number by number",
    "The four equations of backpropagation on a small sigmoid network: from their definition in matrices, "
    "from the scalar graph, and from a traced program, side by side.",
    _EXAMPLES,
    [
        argument(
            "--network",
            type=_sizes,
            default="2-2-1",
            metavar="NAME",
            help=f"{', '.join(equations.EXERCISES)}, or sizes such as 3-4-2 (2-2-1)",
        ),
        argument("--seed", type=whole_number, default=0, help="of the weights of a network given by its sizes (0)"),
        *output("equations-run"),
        *flags(_EXPERIMENTS),
    ],
).configure
