"""Numerical gradients, Jacobians and Hessians with error bars, by the best oracle that f allows.

Arguments and shapes are those of `calculus`: numbers or nested lists of them in, and an Estimate for every partial derivative out.

>>> from autograd_lite import sin
>>> found = numerical_derivative(lambda x: x * x)(3.0)
>>> found.value, found.error < 1e-13, found.method
(6.0, True, 'complex step')
"""

from collections.abc import Callable
from typing import Any

from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import PLAIN, Engine
from autograd_lite.testing.numeric.estimates import Estimate, check_order
from autograd_lite.testing.numeric.oracles import estimates

Function = Callable[..., Any]


def numerical_derivative(function: Function, order: int = 1, *, engine: Engine = PLAIN) -> Callable[[float], Estimate]:
    """The first or second derivative of a function of one number.

    Args:
        function: from one number to one number.
        order: 1 or 2.
        engine: whose numbers the function takes: plain floats by default, or Values if it refuses those.
    Raises:
        ValueError: if `order` is neither 1 nor 2.
    Example:
        >>> found = numerical_derivative(lambda x: x**5, order=2)(1.0)
        >>> found.covers(20.0), found.error < 1e-11
        (True, True)
    """
    check_order(order)
    if order == 1:
        return numerical_grad(function, engine=engine)
    rows = numerical_hessian(function, engine=engine)
    return lambda x: rows(x)[0][0]


def numerical_grad(function: Function, *, engine: Engine = PLAIN) -> Function:
    """The gradient of a function of numbers, shaped as `calculus.grad` shapes it, with an Estimate for every number.

    Args:
        function: from numbers, or lists of them, to one number.
        engine: whose numbers the function takes.
    Raises:
        TypeError: when called, if the function gives several results.
    Example:
        >>> by_v, by_s = numerical_grad(lambda v, s: s * (v[0] + v[1] * v[1]))([1.0, 2.0], 3.0)
        >>> [found.value for found in by_v], by_s.value
        ([3.0, 12.0], 5.0)
    """

    def gradient(*arguments: Any) -> Any:
        target = Target(function, arguments, engine)
        if len(target.values) != 1:
            raise TypeError(f"the function returned {len(target.values)} numbers; use numerical_jacobian for several results")
        parts = target.filled(list(estimates(target, 0).values()))
        return parts[0] if len(parts) == 1 else parts

    return gradient


def numerical_jacobian(function: Function, *, engine: Engine = PLAIN) -> Callable[..., list[list[Estimate]]]:
    """The matrix of partial derivatives: one row per result, one column per number among the arguments.

    Args:
        function: from numbers, or lists of them, to one number or a (nested) list of them.
        engine: whose numbers the function takes.
    Example:
        >>> rows = numerical_jacobian(lambda x, y: [x * y, x + y])(2.0, 3.0)
        >>> [[found.value for found in row] for row in rows]
        [[3.0, 2.0], [1.0, 1.0]]
    """

    def rows(*arguments: Any) -> list[list[Estimate]]:
        target = Target(function, arguments, engine)
        return [list(estimates(target, output).values()) for output in range(len(target.values))]

    return rows


def numerical_hessian(function: Function, *, engine: Engine = PLAIN) -> Callable[..., list[list[Estimate]]]:
    """The matrix of second derivatives over all numbers among the arguments.

    Args:
        function: from numbers, or lists of them, to one number.
        engine: whose numbers the function takes.
    Example:
        >>> rows = numerical_hessian(lambda x, y: x * x * y)(3.0, 2.0)
        >>> all(found.covers(exact) for row, expected in zip(rows, [[4, 6], [6, 0]]) for found, exact in zip(row, expected))
        True
    """

    def rows(*arguments: Any) -> list[list[Estimate]]:
        target = Target(function, arguments, engine)
        count = len(target.numbers)
        matrix: list[list[Any]] = [[None] * count for _ in range(count)]
        for (i, j), found in estimates(target, 0, 2).items():
            matrix[i][j] = matrix[j][i] = found
        return matrix

    return rows
