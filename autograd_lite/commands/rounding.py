"""`autograd-lite rounding`: how far rounding moves the value of an expression, and which part of it loses the digits."""

import argparse

from autograd_lite.calculus.rounding import Rounding, rounding
from autograd_lite.commands.arguments import Command, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.commands.printing import columns, fitted, give
from autograd_lite.engine.text import text_width

_EXAMPLES = """\
examples
  autograd-lite rounding "(1 - cos(x)) / x**2" x=1e-5
  autograd-lite rounding "2 * sin(x/2)**2 / x**2" x=1e-5   without the cancellation
  autograd-lite rounding "exp(x)" x=700.1 --inputs 1e-16   700.1 is no float

Numbers that the expression makes of numbers alone, as the 1/3 in (1/3)*x, are
taken as they are. --inputs says how far the numbers given may be off.
"""


def run(options: argparse.Namespace) -> int:
    """Prints what rounding did."""
    out, _ = computed(options)
    result = rounding(out, inputs=options.inputs)
    found = {
        **{name: getattr(result, name) for name in ("value", "bound", "estimate", "digits", "is_certain", "notes")},
        "lost": [{"expression": node.text, "digits": node.lost, "cause": node.cause} for node in result.lost],
    }
    give(options, {"expression": options.expression, **found}, lambda: _text(result))
    return 0


def _text(result: Rounding) -> str:
    """What rounding did, in lines that fit; a long first one is broken before what is certain."""
    summary, line, rest = str(result).partition("\n")
    if text_width(summary) > columns():
        summary = summary.replace(": ", ":\n  ", 1)
    return fitted(summary + line + rest, hanging=2)


configure = Command(
    "rounding",
    run,
    "the digits that rounding took",
    "How many digits of an expression's value are certain, and which part of it lost the others.",
    _EXAMPLES + functions_text(),
    [*EXPRESSION, argument("--inputs", type=float, default=0.0, metavar="SHARE", help="relative uncertainty of the inputs (0)")],
).configure
