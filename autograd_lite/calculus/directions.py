"""Derivatives along directions and of many results: forward mode beside reverse mode."""

from collections.abc import Sequence
from typing import Any, cast

from autograd_lite.calculus.call import Function, FunctionCall, as_value, transform
from autograd_lite.calculus.dual import Dual
from autograd_lite.calculus.kinds import Matrix
from autograd_lite.calculus.perturbed import Perturbed
from autograd_lite.calculus.trees import leaves, mapped
from autograd_lite.engine.primitives import total
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.recording import enable_grad, is_paused
from autograd_lite.engine.value import Value


def counted(what: str, numbers: Any, beside: str, count: int) -> list[Any]:
    """The numbers of a direction, one for each of `count` others.

    Raises:
        ValueError: if they are more, or fewer.
    """
    found = list(leaves(numbers))
    if len(found) != count:
        raise ValueError(f"the {what} has {len(found)} numbers, the {beside} {count}; give one for each")
    return found


def dual(call: FunctionCall, number: Any, slopes: dict[int, Any]) -> Dual:
    """The stand-in of forward mode for a number of an argument."""
    made = Dual(number if isinstance(number, Perturbed | Value) else as_float(number), slopes, call.tag)
    call.inputs.append(made)
    return made


def slopes_of(part: Any) -> dict[int, Any]:
    """The slopes of an input along one direction: none where it stays, so that not even an infinite slope counts."""
    return {0: part} if isinstance(part, Value | Perturbed) or part != 0.0 else {}


def part_of(call: FunctionCall, result: Any, direction: int = 0) -> Any:
    """The derivative of a result along a direction; 0.0 where it does not depend on it."""
    return result.slopes.get(direction, 0.0) if isinstance(result, Dual) and result.tag == call.tag else 0.0


def number_of(call: FunctionCall, result: Any) -> Any:
    """A result without the derivatives of this call."""
    return result.number if isinstance(result, Dual) and result.tag == call.tag else result


def jvp(function: Function, point: Any, direction: Any) -> tuple[Any, Any]:
    """The value of a function and its derivative along a direction, from one pass in forward mode.

    No graph is kept: the memory does not grow with the length of the computation.

    Args:
        function: from numbers, lists, dictionaries or arrays of them, to a number or to any of these.
        point: its argument; a tuple of them for several arguments.
        direction: one number for each of the point, in its shape.
    Returns:
        The value, and the sum over all inputs of d value / d input times its part of the direction, in the shape of the value.
    Raises:
        ValueError: if the direction has not one number for each of the point.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.1: forward mode.
    Example:
        >>> jvp(lambda x: x**3, 2.0, 1.0)
        (8.0, 12.0)
        >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 0.0))
        ([6.0, 5.0], [3.0, 1.0])
    """
    paused = is_paused()
    arguments = point if isinstance(point, tuple) else (point,)
    parts = counted("direction", direction, "point", sum(1 for _ in leaves(list(arguments))))
    with enable_grad():
        call = FunctionCall(
            function,
            arguments,
            paused=paused,
            stand_in=lambda call, x: dual(call, x, slopes_of(parts[len(call.inputs)])),
            beside=parts,
        )
        call.may_reach(parts)
        value = mapped(lambda result: number_of(call, result), call.result)
        slope = mapped(lambda result: slope_along(call, result, parts), call.result)
        return call.in_kind(value), call.in_kind(slope)


def slope_along(call: FunctionCall, result: Any, direction: Sequence[Any]) -> Any:
    """The derivative of a result along the direction of the call."""
    as_value(number_of(call, result))  # refuses what is no number
    return part_of(call, result) if call.is_forward else _sum_of_products(call.slopes(result, differentiable=True), direction)


def vjp(function: Function, point: Any, weights: Any = 1.0) -> tuple[Any, Any]:
    """The value of a function and the gradient of the weighted sum of its results, from one pass in reverse mode.

    Args:
        function: from numbers, lists, dictionaries or arrays of them, to a number or to any of these.
        point: its argument; a tuple of them for several arguments.
        weights: one number for each result.
    Returns:
        The value, and in the shape of the point the sum over all results of weight times d result / d input.
    Raises:
        ValueError: if there is not one weight for each result.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.2: reverse mode.
    Example:
        >>> vjp(lambda v: [v[0] * v[1], v[0] + v[1]], [2.0, 3.0], [1.0, 10.0])
        ([6.0, 5.0], [13.0, 12.0])
    """
    paused = is_paused()
    arguments = point if isinstance(point, tuple) else (point,)
    with enable_grad():
        call = FunctionCall(function, arguments, paused=paused, beside=weights, argnums=None if isinstance(point, tuple) else 0)
        call.may_reach(weights)
        outputs = call.outputs()
        output = _sum_of_products(outputs, counted("weights", weights, "results", len(outputs)))
        return call.in_kind(call.result), call.answered(call.shaped(call.slopes(as_value(output))))


def _sum_of_products(numbers: Sequence[Any], weights: Sequence[Any]) -> Any:
    """The weighted sum; what has the weight 0.0 does not count, not even an infinite slope."""
    pairs = zip(numbers, weights, strict=True)
    return total([number * weight for number, weight in pairs if isinstance(weight, Value | Perturbed) or weight != 0.0])


def jacrev(function: Function, argnums: int | Sequence[int] | None = None) -> Matrix:
    """`jacobian` in reverse mode: one sweep for each result.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to a list or an array of numbers.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
    Returns:
        A function giving lists of rows; an array where an argument is an array.
    Example:
        >>> jacrev(lambda v: v[0] * v[1] * v[2])([2.0, 3.0, 4.0])
        [[12.0, 8.0, 6.0]]
    """
    return cast(Matrix, transform(function, in_rows, argnums=argnums))


def in_rows(call: FunctionCall) -> Any:
    """The Jacobian matrix of a call in reverse mode."""
    return call.answered(call.matrix([call.slopes(output) for output in call.outputs()]))


def jacfwd(function: Function, argnums: int | Sequence[int] | None = None) -> Matrix:
    """`jacobian` in forward mode: one pass with a direction for each input.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to a list or an array of numbers.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
    Returns:
        A function giving lists of rows; an array where an argument is an array.
    Example:
        >>> jacfwd(lambda x: [x, x**2, x**3])(2.0)
        [[1.0], [4.0], [12.0]]
    """

    return cast(
        Matrix, transform(function, _in_columns, argnums=argnums, stand_in=lambda call, x: dual(call, x, {len(call.inputs): 1.0}))
    )


def _in_columns(call: FunctionCall) -> Any:
    if not call.is_forward:
        return in_rows(call)
    results = list(leaves(call.result))
    for result in results:
        as_value(number_of(call, result))  # refuses what is no number
    return call.matrix([call.in_kind([part_of(call, result, i) for i in range(len(call.inputs))]) for result in results])
