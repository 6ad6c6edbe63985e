"""`autograd-lite eval`: the value, the gradient and the Hessian of an expression."""

import argparse

from autograd_lite.calculus import gradients
from autograd_lite.commands.arguments import Command, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.engine.value import Value

_EXAMPLES = """\
examples
  autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite eval "x**2 * sin(y)" x=1 y=2 --order 2
  autograd-lite eval "log(1 + exp(x))" x=-3
"""


def run(options: argparse.Namespace) -> int:
    """Prints what was asked for."""
    out, names = computed(options)
    width = max(5, *(len(f"d/d{value.label}") for value in names)) if names else 5
    print(f"{'value':{width}}  {out.data!r}")
    if options.order >= 1:
        for value, slope in zip(names, gradients(out, names), strict=True):
            print(f"{f'd/d{value.label}':{width}}  {slope!r}")
    if options.order == 2 and names:
        _print_hessian(out, names)
    return 0


def _print_hessian(out: Value, names: list[Value]) -> None:
    """The matrix of second derivatives with a heading for rows and columns."""
    labels = [str(value.label) for value in names]
    slopes = zip(labels, gradients(out, names, differentiable=True), strict=True)
    rows = [["Hessian", *labels], *([label, *map(repr, gradients(slope, names))] for label, slope in slopes)]
    margin, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    print()
    for label, *cells in rows:
        print("  ".join([f"{label:{margin}}", *(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))]))


configure = Command(
    "eval",
    run,
    "a value and its derivatives",
    "The value of an expression and its gradient at a point.",
    _EXAMPLES + functions_text(),
    [
        *EXPRESSION,
        argument("--order", type=int, choices=(0, 1, 2), default=1, help="0: the value; 1: and the gradient; 2: and the Hessian"),
    ],
).configure
