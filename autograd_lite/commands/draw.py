"""`autograd-lite draw`: the computation graph of an expression as a picture."""

import argparse
import sys
from pathlib import Path

from autograd_lite.commands.arguments import OPEN, Command, CommandFailed, argument, near
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.commands.printing import fitted, give, styled
from autograd_lite.drawing import RenderError, draw
from autograd_lite.expressions import ExpressionError
from autograd_lite.pages import show

_EXAMPLES = """\
examples
  autograd-lite draw "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite draw "tanh(w*x + b)" w=2 x=0.5 b=1 -o neuron.html
  autograd-lite draw "x*y + sin(x)" x=1 y=2 --highlight x -o paths.svg
"""


def run(options: argparse.Namespace) -> int:
    """Writes the picture, and prints the graph as a tree."""
    out, names = computed(options)
    highlighted = None
    if options.highlight is not None:
        known = {str(value.label): value for value in names}
        if options.highlight not in known:
            hint = f"the names are {', '.join(known)}{near(options.highlight, known)}" if known else "the expression has no names"
            raise ExpressionError(
                f"no name {options.highlight!r} to highlight - {hint}", options.expression, 0, len(options.expression)
            )
        highlighted = known[options.highlight]
    if out.requires_grad:
        out.backward()
    graph = draw(out, highlight=highlighted)
    try:
        path = graph.save(options.output)
    except RenderError as error:
        raise CommandFailed(str(error)) from None
    if options.json or not options.quiet:
        at, gradient = ({str(value.label): getattr(value, kind) for value in names} for kind in ("data", "grad"))
        found = {"expression": options.expression, "at": at, "value": out.data, "gradient": gradient, "written": path}
        give(options, found, lambda: f"{fitted(graph.text())}\n\nwrote {styled(str(path), 'path')}")
    if options.open:
        show(path, sys.stderr)
    return 0


configure = Command(
    "draw",
    run,
    "the graph of an expression as a picture",
    "Draws an expression's computation graph with its gradients.",
    _EXAMPLES + functions_text(),
    [
        *EXPRESSION,
        argument("-o", "--output", type=Path, default=Path("graph.svg"), help="FILE.svg, .png, .pdf, .dot or .html (graph.svg)"),
        argument("--highlight", metavar="NAME", help="the paths from this name to the result stand out"),
        OPEN,
        argument("--quiet", action="store_true", help="print nothing, except for --json"),
    ],
).configure
