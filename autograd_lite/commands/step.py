"""`autograd-lite step`: the forward and the backward pass of an expression, one step at a time."""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from autograd_lite.commands.arguments import OPEN, Command, UsageError, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.commands.printing import columns, fitted, give, headed, styled
from autograd_lite.engine.text import text_width
from autograd_lite.pages import PAGES, named, show
from autograd_lite.stepping import Step, Steps, record, run_terminal

_EXAMPLES = """\
examples
  autograd-lite step "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite step "x*x + sin(x)" x=1 --save steps.html
  autograd-lite step "relu(w*x)" w=2 x=-1
"""


def run(options: argparse.Namespace) -> int:
    """Steps, or writes the page."""
    stays = options.json or options.save is not None or options.open
    if not stays and sys.stdin is None:
        raise UsageError(
            "standard input is closed, and keys come from there - write --save FILE.html, or < /dev/null for all steps"
        )
    path = named(options.save or "steps.html", *PAGES) if options.save or options.open else None
    out, _ = computed(options)
    steps = record(out)
    if not stays and sys.stdin.isatty() and sys.stdout.isatty():
        run_terminal(steps)
        return 0
    if path:
        steps.save(path)
    found = {"expression": options.expression, "steps": list(map(_record, steps)), "written": path}
    give(options, found, lambda: f"wrote {styled(str(path), 'path')}" if path else _text(steps))
    if path and options.open:
        show(path, sys.stderr)
    return 0


def _text(steps: Steps) -> str:
    """A line for each step, the passes under their headings."""
    parts = (("Forward pass", steps.forward), ("Backward pass", steps.backward))
    return "\n\n".join("\n".join([headed(heading), *map(_line, part)]) for heading, part in parts if part)


def _line(step: Step) -> str:
    """The step as a line; what it did to the gradient stands below it, where the line is too long for both."""
    text = str(step)
    return text if text_width(text) <= columns() else fitted(text.replace("   [", "\n    ["), hanging=4)


def _record(step: Step) -> dict[str, Any]:
    """The fields of a step, without its Values; and the step as a line."""
    fields = {field.name: getattr(step, field.name) for field in dataclasses.fields(step)}
    kept = {name: held for name, held in fields.items() if name not in ("number", "node", "operand", "operands", "code")}
    return {"number": step.number + 1, "pass": "forward" if "operand_data" in kept else "backward", **kept}


configure = Command(
    "step",
    run,
    "step through a gradient",
    "Steps through an expression's forward and backward pass: keys on a terminal, every step elsewhere.",
    _EXAMPLES + functions_text(),
    [*EXPRESSION, argument("--save", type=Path, metavar="FILE.html", help="write a page that plays the steps instead"), OPEN],
).configure
