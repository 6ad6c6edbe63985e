"""Taylor mode: all derivatives of a function of one number at once."""

import math
from typing import Any

from autograd_lite.calculus.call import Function, FunctionCall, tracer
from autograd_lite.calculus.perturbed import Perturbed, bottom
from autograd_lite.calculus.series import Series, TaylorCall, data_of
from autograd_lite.calculus.series_rules import solved
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.reals import as_float, whole_number
from autograd_lite.engine.recording import enable_grad, is_paused
from autograd_lite.engine.value import Value, topological_order

_SMALL_FACTORIAL = 20
_SMALL_ORDER = 4  # derivatives up to here are taken of graphs of any size
_LARGEST_GRAPH = 100_000
_TINY = 1e-290  # below it a coefficient may have lost digits


def taylor(function: Function, x: Any, order: int) -> list[Any]:
    """The coefficients c_0 ... c_n of the series f(x + t) = c_0 + c_1 t + c_2 t**2 + ..., where c_k is the k-th derivative over k!.

    The time grows with the square of the order. Where a function of the table has no series (`sqrt` at 0) the coefficients are the
    derivatives that `grad` nests to, conventions and infinite slopes included, and the time grows faster.

    Args:
        function: from one number to one number.
        x: the number.
        order: n, a whole number from 0 up.
    Returns:
        n + 1 floats; Values for a Value.
    Raises:
        ValueError: if `order` is not a whole number from 0 up.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 13.
    Example:
        >>> from autograd_lite import exp
        >>> taylor(lambda x: 1.0 / (1.0 - x), 0.0, 5)
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
        >>> [1.0 / coefficient for coefficient in taylor(exp, 0.0, 4)]
        [1.0, 1.0, 2.0, 6.0, 24.0]
    """
    order = order_of("series", order)
    paused = is_paused()
    with enable_grad():
        found = coefficients(function, (x,), {}, order, paused)
        if found is not None:
            return found
        call = FunctionCall(function, (x,), paused=paused)
        derivatives = by_sweeps(call, order)
        return [slope / float(math.factorial(place)) for place, slope in enumerate(derivatives)]


def order_of(what: str, order: Any) -> int:
    """The order as an int.

    Raises:
        ValueError: if it is not a whole number from 0 up.
    """
    try:
        return whole_number("order", order, 0)
    except (TypeError, ValueError):
        raise ValueError(f"the order of a {what} is a whole number from 0 up, got {order!r}") from None


def coefficients(
    function: Function, arguments: Any, keywords: Any, order: int, paused: bool, scale: float = 1.0
) -> list[Any] | None:
    """The coefficients of f(x + scale * t) by the arithmetic of series; None where there is no series.

    None in a trace, too, which follows sweeps.
    """
    if tracer() is not None:
        return None

    def stand_in(call: FunctionCall, number: Any) -> Series:
        given = number if isinstance(number, Perturbed | Value) else as_float(number)
        run.tag = call.tag
        made = Series(run, [given, scale, *[0.0] * order][: order + 1])
        call.inputs.append(made)
        return made

    run = TaylorCall(order, solved)
    try:
        call = FunctionCall(function, arguments, keywords=keywords, paused=paused, stand_in=stand_in)
        one_number(call)
        result = call.output()
        parts = result.parts if isinstance(result, Series) and result.tag == call.tag else [result, *[0.0] * order]
        return None if run.failed else [call.in_kind(part) for part in parts]
    except Exception:  # nor where the function wants a Value: then nested gradients say what there is to say
        return None
    finally:
        run.close()


def one_number(call: FunctionCall) -> None:
    """Refuses other arguments than one number."""
    if len(call.inputs) != 1:
        raise TypeError(f"the function is one of {len(call.inputs)} numbers; this derivative is by one. Use grad for several.")


def by_sweeps(call: FunctionCall, order: int) -> list[Any]:
    """The derivatives up to an order, from one reverse sweep after another."""
    one_number(call)
    out = call.output()
    found = [call.in_kind(out)]
    for place in range(1, order + 1):
        if place > _SMALL_ORDER:
            _refuse_growth(out, place, call)
        [out] = call.slopes(out, differentiable=place < order)
        found.append(call.in_kind(out))
    return found


def _refuse_growth(out: Any, order: int, call: FunctionCall) -> None:
    """Raises where the next of many sweeps would not come to an end."""
    count = len(topological_order(bottom(out))) if isinstance(bottom(out), Value) else 0
    if count > _LARGEST_GRAPH:
        raise GraphError(
            f"the derivative of order {order} would be taken of {count:,} nodes: there is no Taylor series at "
            f"{data_of(call.inputs[0])!r}, a special point of a function inside. Ask for a lower order, or keep away from it."
        )


def of_order(function: Function, arguments: Any, keywords: Any, order: int, paused: bool) -> Any:
    """The derivative of an order; None where there is no series.

    Raises:
        OverflowError: if the coefficients leave the range of floats, though the derivative may not.
    """
    found = coefficients(function, arguments, keywords, order, paused)
    if found is None or order <= _SMALL_FACTORIAL or abs(data_of(found[order])) > _TINY:
        return None if found is None else _times(found[order], math.factorial(order))
    scale = 2 ** round(math.log2(order / math.e))  # the coefficient may underflow where the derivative does not: 1 / order!
    found = coefficients(function, arguments, keywords, order, paused, float(scale))
    if found is None:
        raise OverflowError(f"the Taylor coefficient of order {order} is below the smallest float, 5e-324")
    return found[order] * (math.factorial(order) / scale**order)


def _times(coefficient: Any, factorial: int) -> Any:
    """The product, also where the factorial alone is beyond the floats."""
    exponent = max(factorial.bit_length() - 1000, 0)
    return coefficient * (factorial / 2**exponent) * 2.0**exponent if exponent < 1000 else coefficient * math.inf
