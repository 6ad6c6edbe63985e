"""The rules of the table on nodes: derivatives that can be differentiated again, and rules that write themselves down.

The table's source is loaded once more with `m` bound to the functions that users call. On Values a rule then builds graph, on
Symbols it gives its own equation. A user's own primitive needs no copy: its rules call those functions already.
"""

import operator
from collections.abc import Sequence
from functools import cache, partial, reduce
from typing import Any, cast

from autograd_lite.engine.number_types import load_again
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE, floor, maximum, total
from autograd_lite.engine.recording import no_grad
from autograd_lite.functions import where


@cache
def _table_on_nodes() -> dict[str, Primitive]:
    choices: dict[str, object] = {
        "where": where,
        "less": operator.lt,
        "equal": operator.eq,
        "largest": _largest,
        "floor": _floor,
    }
    mathematics = load_again("mathematics", "nodes", TABLE | choices)
    words = vars(mathematics)
    words["shares"] = partial(_shares, words["shares"])
    return cast(dict[str, Primitive], load_again("primitives", "nodes", {"m": mathematics}).TABLE)


def _largest(values: Sequence[Any]) -> Any:
    """The largest as a constant: rules only shift by it, and the shift cancels."""
    with no_grad():
        return reduce(maximum, values)


def _floor(x: Any) -> Any:
    """The whole part; of a Value as a constant, which it is between the jumps, however steep what it is taken of."""
    with no_grad():
        return floor(x)


def _shares(exact: Any, weights: Sequence[Any]) -> list[Any]:
    """The parts of the weights: where derivatives follow in the form that keeps their digits, else in the one to be read."""
    if any(hasattr(weight, "detach") for weight in weights):
        return cast(list[Any], exact(weights))
    norm = total(weights)
    return [weight / norm for weight in weights]


def rule_on_nodes(primitive: Primitive) -> Primitive:
    """The primitive whose `dx`, `dy` or `partials` take Values or Symbols and give them."""
    return _table_on_nodes()[primitive.name] if primitive.is_builtin else primitive


def partials_on_nodes(primitive: Primitive, operands: Sequence[Any], out: Any, wanted: Sequence[bool]) -> list[Any]:
    """The local derivatives of a node as Values or Symbols.

    Args:
        primitive: what made the node.
        operands: its operands, Values or Symbols.
        out: the node itself.
        wanted: for each operand, whether its partial is asked for; the others are never evaluated.
    Returns:
        One entry per operand; None where not wanted.
    """
    return partials_of(rule_on_nodes(primitive), operands, out, wanted)


def partials_of(rule: Any, operands: Sequence[Any], out: Any, wanted: Sequence[bool]) -> list[Any]:
    """The local derivatives by the operands that are wanted, as a rule gives them for its number type; None for the others."""
    if hasattr(rule, "partials"):
        given = rule.partials(operands, out)
        return [partial if asked else None for partial, asked in zip(given, wanted, strict=True)]
    methods = (rule.dx, rule.dy) if len(operands) == 2 else (rule.dx,)
    return [method(*operands, out) if asked else None for method, asked in zip(methods, wanted, strict=True)]
