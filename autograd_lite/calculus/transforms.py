"""Derivatives as functions of functions: gradients, Jacobians, Hessians, derivatives of any order, exact and nestable.

Arguments are numbers, Values, or lists, dictionaries and arrays of them, nested in any way, and results have the arguments' shape:
floats for floats, Values for Values, so that every function here can stand inside another one (where all of them give Values, since
the function may have captured the outer argument). Captured Values are never touched: no `.grad` is read or written.

>>> f = lambda x: x**3
>>> f(2.0), grad(f)(2.0), grad(grad(f))(2.0)
(8.0, 12.0, 12.0)
"""

from collections.abc import Sequence
from typing import Any, Literal, cast, overload

from autograd_lite.calculus.call import Function, FunctionCall, named_after, transform
from autograd_lite.calculus.checkpointing import checkpoint
from autograd_lite.calculus.directions import counted, in_rows, jacfwd, jacrev, jvp, slope_along, slopes_of, vjp
from autograd_lite.calculus.dual import Dual
from autograd_lite.calculus.kinds import Derivative, FewArguments, Gradient, GradientByFirst, Matrix, ValueAndGradient
from autograd_lite.calculus.reverse import gradients
from autograd_lite.calculus.taylor_mode import by_sweeps, of_order, order_of, taylor
from autograd_lite.calculus.trees import leaves
from autograd_lite.engine.recording import enable_grad, is_paused
from autograd_lite.engine.value import Value

__all__ = [
    "checkpoint",
    "derivative",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "taylor",
    "value_and_grad",
    "vjp",
]

Argnums = int | Sequence[int] | None


@overload
def value_and_grad(function: FewArguments) -> ValueAndGradient: ...
@overload
def value_and_grad(function: Function) -> ValueAndGradient: ...  # type: ignore[overload-cannot-match]  # lambdas of more
@overload
def value_and_grad(function: Function, argnums: Argnums, *, has_aux: bool = False) -> Function: ...
@overload
def value_and_grad(function: Function, argnums: Argnums = None, *, has_aux: bool) -> Function: ...
def value_and_grad(function: Function, argnums: Argnums = None, *, has_aux: bool = False) -> Function:
    """The function that gives f(*arguments) and its gradient there, from one forward pass.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to one number.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
        has_aux: whether the function gives a pair (value, anything else); the other thing is then given back with the value.
    Returns:
        A function giving (value, gradient), or ((value, aux), gradient), the gradient shaped as `grad` shapes it.
    Example:
        >>> value_and_grad(lambda x, y: x * y)(2.0, 3.0)
        (6.0, (3.0, 2.0))
    """

    def answer(call: FunctionCall) -> Any:
        output = call.output()
        value = call.in_kind(output)
        slopes = call.answered(call.shaped(call.slopes(output)))
        return ((value, call.in_kind(call.aux)), slopes) if has_aux else (value, slopes)

    return transform(function, answer, argnums=argnums, has_aux=has_aux)


@overload
def grad(function: FewArguments) -> Gradient: ...
@overload
def grad(function: Function) -> Gradient: ...  # type: ignore[overload-cannot-match]  # lambdas of more
@overload
def grad(function: Function, argnums: Literal[0]) -> GradientByFirst: ...
@overload
def grad(function: Function, argnums: Argnums, *, has_aux: bool = False) -> Function: ...
@overload
def grad(function: Function, argnums: Argnums = None, *, has_aux: bool) -> Function: ...
def grad(function: Function, argnums: Argnums = None, *, has_aux: bool = False) -> Function:
    """The gradient of a function of numbers.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to one number.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
        has_aux: whether the function gives a pair (value, anything else); (gradient, aux) is then given back.
    Returns:
        A function of the same arguments. One argument: its derivative; several: a tuple of partials; a list argument gives a list
        of the same shape, a dictionary a dictionary, an array an array. Floats for floats, Values for Values: gradients nest.
        Keyword arguments are handed on and not differentiated by.
    Raises:
        TypeError: when called, if the function gives several results.
    Example:
        >>> grad(lambda x: x * x)(3.0)
        6.0
        >>> grad(lambda v, s: s * (v[0] + v[1] * v[1]))([1.0, 2.0], 3.0)
        ([3.0, 12.0], 5.0)
        >>> grad(lambda p, x: p["w"] * x + p["b"], argnums=0)({"w": 2.0, "b": 1.0}, 5.0)
        {'w': 5.0, 'b': 1.0}
    """

    def answer(call: FunctionCall) -> Any:
        slopes = call.answered(call.shaped(call.slopes(call.output())))
        return (slopes, call.in_kind(call.aux)) if has_aux else slopes

    return transform(function, answer, argnums=argnums, has_aux=has_aux)


@overload
def derivative(function: FewArguments, order: int = 1) -> Derivative: ...
@overload
def derivative(function: Function, order: int = 1) -> Derivative: ...  # type: ignore[overload-cannot-match]  # lambdas of more
def derivative(function: Function, order: int = 1) -> Derivative:
    """The derivative of a function of one number, of any order.

    From order 2 on it is a coefficient of `taylor` times order!, where there is a series; else one gradient after another.

    Args:
        function: from one number to one number.
        order: how often to differentiate; 0 gives the function itself.
    Raises:
        ValueError: if `order` is not a whole number from 0 up.
    Example:
        >>> derivative(lambda x: x**5, order=3)(2.0)
        240.0
        >>> derivative(lambda x: 1.0 / x, order=20)(1.0)
        2.43290200817664e+18
    """
    order = order_of("derivative", order)

    def differentiated(*arguments: Any, **keywords: Any) -> Any:
        paused = is_paused()
        with enable_grad():
            found = of_order(function, arguments, keywords, order, paused) if order > 1 else None
            if found is not None:
                return found
            return by_sweeps(FunctionCall(function, arguments, keywords=keywords, paused=paused), order)[order]

    return cast(Derivative, named_after(function, differentiated))


@overload
def jacobian(function: FewArguments, argnums: Argnums = None) -> Matrix: ...
@overload
def jacobian(function: Function, argnums: Argnums = None) -> Matrix: ...  # type: ignore[overload-cannot-match]  # lambdas of more
def jacobian(function: Function, argnums: Argnums = None) -> Matrix:
    """The matrix of partial derivatives: one row per result, one column per scalar among the arguments, in their order.

    By forward mode (`jacfwd`) where there are more results than arguments, else by reverse mode (`jacrev`); the function is called
    once.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to a list or an array of numbers (or one number: a
            single row).
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
    Returns:
        A function giving lists of rows; an array where an argument is an array.
    Example:
        >>> jacobian(lambda x, y: [x * y, x + y])(2.0, 3.0)
        [[3.0, 2.0], [1.0, 1.0]]
    """

    def answer(call: FunctionCall) -> Any:
        outputs = call.outputs()
        if len(outputs) > len(call.inputs) and call.traced is None and all(isinstance(each, Value) for each in outputs):
            rows = call.many_slopes(outputs)
            if not any(slope != slope for row in rows for slope in row):  # reverse mode says why it is nan
                return call.answered(call.matrix(rows))
        return in_rows(call)

    return cast(Matrix, transform(function, answer, argnums=argnums))


@overload
def hessian(function: FewArguments, argnums: Argnums = None) -> Matrix: ...
@overload
def hessian(function: Function, argnums: Argnums = None) -> Matrix: ...  # type: ignore[overload-cannot-match]  # lambdas of more
def hessian(function: Function, argnums: Argnums = None) -> Matrix:
    """The matrix of second derivatives over all scalars among the arguments, in their order.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to one number.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
    Returns:
        A function giving lists of rows; an array where an argument is an array.
    Example:
        >>> hessian(lambda x, y: x * x * y)(3.0, 2.0)
        [[4.0, 6.0], [6.0, 0.0]]
    """

    def answer(call: FunctionCall) -> Any:
        return call.answered(call.matrix([call.slopes(slope) for slope in call.slopes(call.output(), differentiable=True)]))

    return cast(Matrix, transform(function, answer, argnums=argnums))


@overload
def hvp(function: FewArguments) -> Gradient: ...
@overload
def hvp(function: Function) -> Gradient: ...  # type: ignore[overload-cannot-match]  # lambdas of more
@overload
def hvp(function: Function, argnums: Argnums) -> Function: ...
def hvp(function: Function, argnums: Argnums = None) -> Function:
    """The product of the Hessian with a vector, without the matrix: the gradient of the derivative along the vector.

    Args:
        function: from numbers, or lists, dictionaries and arrays of them, to one number.
        argnums: the place, or places, of the positional arguments to differentiate by; all of them by default.
    Returns:
        A function of the same arguments and `vector=`, shaped as the argument (for several: a tuple of them); the result has
        that shape too.
    Raises:
        ValueError: when called, if the vector has not one number for each scalar among the arguments.
    Source: Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994).
    Example:
        >>> hvp(lambda x, y: x * x * y)(3.0, 2.0, vector=(1.0, 10.0))
        (64.0, 6.0)
    """

    def product(*arguments: Any, vector: Any, **keywords: Any) -> Any:
        direction = list(leaves(vector))

        def stand_in(call: FunctionCall, number: Any) -> Any:
            place = len(call.inputs)
            return Dual(call.alias(number), slopes_of(direction[place]) if place < len(direction) else {}, call.tag)

        def answer(call: FunctionCall) -> Any:
            call.may_reach(direction)
            counted("vector", direction, "arguments", len(call.inputs))
            return call.answered(call.shaped(call.slopes(slope_along(call, call.output(), direction))))

        try:
            return transform(function, answer, argnums=argnums, stand_in=stand_in, beside=direction)(*arguments, **keywords)
        except (AttributeError, TypeError):  # the function wants Values: reverse over reverse
            return transform(function, answer, argnums=argnums, beside=direction)(*arguments, **keywords)

    return named_after(function, product)
