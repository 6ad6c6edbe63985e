"""`autograd-lite eval`: the value, the gradient and the Hessian of an expression."""

import argparse
from typing import Any

from autograd_lite.calculus import gradients, hessian
from autograd_lite.errors import GraphError
from autograd_lite.expressions import Expression, parse, parse_assignments
from autograd_lite.functions import scalar_functions
from autograd_lite.value import Value

_EXAMPLES = """\
examples
  autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1
  autograd-lite eval "x**2 * sin(y)" x=1 y=2 --order 2
  autograd-lite eval "log(1 + exp(x))" x=-3
"""


def configure(commands: Any) -> None:
    """Declares the command and its arguments."""
    parser = commands.add_parser(
        "eval",
        help="a value and its derivatives",
        description="The value of an expression and its gradient at a point.",
        epilog=_EXAMPLES + "\nfunctions\n" + _wrapped(sorted(scalar_functions())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", help="arithmetic (+ - * / **) and the functions listed below")
    parser.add_argument("values", nargs="*", metavar="NAME=NUMBER", help="a number for each name in the expression")
    parser.add_argument("--order", type=int, choices=(0, 1, 2), default=1, help="0: the value; 1: and the gradient; 2: and the Hessian")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints what was asked for."""
    expression = parse(options.expression, scalar_functions())
    numbers = parse_assignments(options.values)
    values = {name: Value(number, label=name) for name, number in numbers.items()}
    result = expression(values)
    out = result if isinstance(result, Value) else Value(result)
    names = list(expression.names)
    width = max(5, *(len(f"d/d{name}") for name in names)) if names else 5
    print(f"{'value':{width}}  {out.data!r}")
    if options.order >= 1:
        for name, slope in zip(names, gradients(out, [values[name] for name in names]), strict=True):
            print(f"{f'd/d{name}':{width}}  {slope!r}")
    if options.order == 2 and names:
        print_hessian(expression, numbers)
    return 0


def print_hessian(expression: Expression, numbers: dict[str, float]) -> None:
    """The matrix of second derivatives with a heading for rows and columns."""
    names = list(expression.names)
    try:
        rows = hessian(lambda *point: expression(dict(zip(names, point, strict=True))))(*(numbers[name] for name in names))
    except GraphError as error:
        raise ArithmeticError(str(error)) from error
    cells = [[repr(entry) for entry in row] for row in rows]
    widths = [max(len(name), *(len(row[column]) for row in cells)) for column, name in enumerate(names)]
    margin = max(len("Hessian"), *map(len, names))
    print()
    print("  ".join([f"{'Hessian':{margin}}", *(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))]))
    for name, row in zip(names, cells, strict=True):
        print("  ".join([f"{name:{margin}}", *(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))]))


def _wrapped(names: list[str], width: int = 100) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > width:
            lines.append("")
        lines[-1] += f" {name}" if lines[-1] else f"  {name}"
    return "\n".join(lines)
