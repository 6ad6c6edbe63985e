"""`autograd-lite eval`: the value, the gradient and the Hessian of an expression."""

import argparse
from collections.abc import Mapping
from typing import Any

from autograd_lite.calculus import gradients
from autograd_lite.commands.arguments import Command, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.commands.printing import columns, fitted, give
from autograd_lite.engine.text import text_width

_EXAMPLES = """\
examples
  autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite eval "x**2 * sin(y)" x=1 y=2 --order 2
  autograd-lite eval "log(1 + exp(x))" x=-3
"""

_FLOAT = 26  # columns of two blanks and the longest float


def run(options: argparse.Namespace) -> int:
    """Prints what was asked for."""
    out, names = computed(options)
    found: dict[str, Any] = {
        "expression": options.expression,
        "at": {str(value.label): value.data for value in names},
        "value": out.data,
    }
    if options.order >= 1:
        found["gradient"] = dict(zip(found["at"], gradients(out, names), strict=True))
    if options.order == 2:
        slopes = gradients(out, names, differentiable=True)
        rows = [dict(zip(found["at"], gradients(slope, names), strict=True)) for slope in slopes]
        found["hessian"] = dict(zip(found["at"], rows, strict=True))
    give(options, found, lambda: _text(found))
    return 0


def _text(found: Mapping[str, Any]) -> str:
    """A line for the value and each slope; the matrix of second derivatives with a heading for rows and columns."""
    told = {"value": found["value"], **{f"d/d{name}": slope for name, slope in found.get("gradient", {}).items()}}
    width = max(map(text_width, told))
    if width + _FLOAT > columns():  # every number below its name
        lines = [f"{fitted(name)}\n  {number!r}" for name, number in told.items()]
    else:
        lines = [f"{name}{' ' * (width - text_width(name))}  {number!r}" for name, number in told.items()]
    if hessian := found.get("hessian"):
        from autograd_lite.plotting.tables import table  # not needed, nor what it loads, by most

        rows = [(name, *row.values()) for name, row in hessian.items()]
        lines += ["", table(("Hessian", *hessian), rows, width=columns(), full="right")]
    return "\n".join(lines)


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
