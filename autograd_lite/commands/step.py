"""`autograd-lite step`: the forward and the backward pass of an expression, one step at a time."""

import argparse
import sys
from pathlib import Path

from autograd_lite.commands.arguments import Command, UsageError, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.stepping import record, run_terminal

_EXAMPLES = """\
examples
  autograd-lite step "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite step "x*x + sin(x)" x=1 --save steps.html
  autograd-lite step "relu(w*x)" w=2 x=-1
"""


def run(options: argparse.Namespace) -> int:
    """Steps, or writes the page."""
    if options.save is None and sys.stdin is None:
        raise UsageError(
            "standard input is closed, and keys come from there - write --save FILE.html, or < /dev/null for all steps"
        )
    out, _ = computed(options)
    steps = record(out)
    if options.save is None:
        run_terminal(steps)
    else:
        print(f"wrote {steps.save(options.save)}")
    return 0


configure = Command(
    "step",
    run,
    "step through a gradient",
    "Steps through an expression's forward and backward pass: keys on a terminal, every step elsewhere.",
    _EXAMPLES + functions_text(),
    [*EXPRESSION, argument("--save", type=Path, metavar="FILE.html", help="write a page that plays the steps instead")],
).configure
