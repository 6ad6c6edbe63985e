"""`autograd-lite check`: the gradient of an expression against numerical derivatives, with an error bar for each."""

import argparse
import math
from collections.abc import Mapping
from typing import Any

from autograd_lite.commands.arguments import Command, UsageError, argument
from autograd_lite.commands.expression_arguments import EXPRESSION, computed, functions_text
from autograd_lite.commands.printing import columns, fitted, give, judged
from autograd_lite.engine.errors import OperationError
from autograd_lite.expressions import ExpressionError, parse, parse_assignments
from autograd_lite.functions import scalar_functions
from autograd_lite.plotting.tables import table
from autograd_lite.testing import Component, check

_EXAMPLES = """\
examples
  autograd-lite check "x**2 * sin(y)" x=1 y=2
  autograd-lite check "log(1 + exp(x))" x=-3 --order 2
  autograd-lite check "relu(x) + abs(x)" x=0    a kink: the slopes on both sides

exit codes: 0 everything agrees; 1 something disagrees, or the error bar is too
wide to tell; 2 there is nothing to check
"""


def run(options: argparse.Namespace) -> int:
    """Prints a row for every derivative and the verdict."""
    try:
        computed(options)  # complains of what is missing or superfluous, and of a point without a value
    except OperationError as error:
        raise UsageError(f"{error.reason}: there is no derivative to check") from None
    expression = parse(options.expression, scalar_functions())
    numbers = parse_assignments(options.values)
    names = [name for name in numbers if name in expression.names]
    for name in names:
        if not math.isfinite(numbers[name]):
            raise ExpressionError(
                f"a derivative at {numbers[name]!r} cannot be checked - write a finite number", name, 0, len(name)
            )
    if not names:
        raise ExpressionError(
            "nothing to differentiate by - use a name in the expression", expression.text, 0, len(expression.text)
        )
    point = [numbers[name] for name in names]
    verdict = check(lambda v: expression(dict(zip(names, v, strict=True))), (point,), options.order)
    found = {
        "expression": expression.text,
        "at": {name: numbers[name] for name in names},
        "order": options.order,
        "derivatives": [_record(component, names) for component in verdict.components],
        "outcome": verdict.outcome,
        "kinks": [_named(place, names) for place in verdict.places],
    }
    give(options, found, lambda: _text(found))
    return 0 if verdict else 1


def _record(component: Component, names: list[str]) -> dict[str, Any]:
    found = component.expected
    sides = [found.left.value, found.right.value] if found.left and found.right else None
    return {
        "name": _named(component.name, names),
        "claimed": component.claimed,
        "expected": None if sides else found.value,
        "one_sided": sides,
        "error_bar": None if found.is_kink else component.bar,
        "outcome": component.outcome,
        "oracle": found.method,
    }


def _text(found: Mapping[str, Any]) -> str:
    headings = ["derivative", "claimed", "expected", "error bar", "outcome", "oracle"]
    rows = [
        [
            each["name"],
            repr(each["claimed"]),
            " .. ".join(map(repr, each["one_sided"] or [each["expected"]])),
            "" if each["error_bar"] is None else f"{each['error_bar']:.1e}",
            each["outcome"],
            each["oracle"],
        ]
        for each in found["derivatives"]
    ]
    oracles, by = {row[-1] for row in rows}, ""
    if len(oracles) == 1:  # said once, below, where the table has no room for it
        by = f" (oracle: {oracles.pop()})"
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    kinks = "".join(f"\n  on {place}" for place in found["kinks"])
    return judged(f"{table(headings, rows, width=columns())}\n\n{fitted(found['outcome'] + by + kinks)}")


def _named(text: str, names: list[str]) -> str:
    for index, name in enumerate(names):
        text = text.replace(f"v[{index}]", name)
    return text


configure = Command(
    "check",
    run,
    "test a gradient numerically",
    "The derivatives of an expression at a point, each against a numerical one with an error bar.",
    _EXAMPLES + functions_text(),
    [*EXPRESSION, argument("--order", type=int, choices=(1, 2), default=1, help="1: the gradient; 2: and the Hessian")],
).configure
