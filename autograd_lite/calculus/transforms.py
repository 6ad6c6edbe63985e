"""Derivatives as functions of functions: gradients, Jacobians, Hessians, derivatives of any order, exact and nestable.

Arguments are numbers, Values, or (nested) lists of them, and results have the arguments' shape: floats for floats, Values for
Values, so that every function here can stand inside another one (where all of them give Values, since the function may have
captured the outer argument). Captured Values are never touched: no `.grad` is read or written.

>>> f = lambda x: x**3
>>> f(2.0), grad(f)(2.0), grad(grad(f))(2.0)
(8.0, 12.0, 12.0)
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.primitives import identity, total
from autograd_lite.engine.reals import whole_number
from autograd_lite.engine.recording import enable_grad, enclosed, enclosing, is_paused, observer, under_way
from autograd_lite.engine.value import Value, constant, topological_order

__all__ = ["derivative", "grad", "gradients", "hessian", "hvp", "jacobian", "value_and_grad"]

Function = Callable[..., Any]


def _reaches_an_argument(result: Any) -> bool:
    """Whether a result depends on an argument of a call under way in any thread.

    A function may hand its argument to a thread that knows nothing of its call.
    """
    arguments = {id(value) for inputs in under_way() for value in inputs}
    values = [output for output in _flat(result) if isinstance(output, Value)] if arguments else []
    return any(id(node) in arguments for value in values for node in topological_order(value))


class _AliasedCall:
    """One call of a user's function on aliases of its arguments.

    Every argument that is a Value gets an alias, an identity node: only what the function does with its argument counts, not what
    it does with the same Value captured from outside. That is what keeps nested derivatives apart (perturbation confusion:
    Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", HOSC 21, 2008).
    """

    def __init__(self, function: Function, arguments: tuple[Any, ...], paused: bool) -> None:
        if not arguments:
            raise TypeError("a derivative needs at least one argument to differentiate by")
        self.inputs: list[Value] = []
        # The function may have captured the argument of an outer derivative, from which a float would detach it; a trace follows
        # nodes only.
        watching = observer()
        self.traced = watching if getattr(watching, "traces", True) else None
        self.gives_values = (enclosed() and not paused) or self.traced is not None
        self.arguments = [self._named_afresh(argument) for argument in arguments]
        self.differentiable = self.gives_values and not paused
        with enclosing(self.inputs):
            self.result = function(*self.arguments)
        if not self.gives_values and not paused and _reaches_an_argument(self.result):
            self.gives_values = self.differentiable = True

    def _named_afresh(self, argument: Any) -> Any:
        if getattr(argument, "shape", ()):
            raise TypeError(
                f"a derivative is taken by numbers and lists of numbers, got an array of shape {tuple(argument.shape)}. Give its "
                "tolist(), with which the function computes; for many samples at once, trace the function and call the Program."
            )
        if isinstance(argument, list | tuple):
            return [self._named_afresh(element) for element in argument]
        if isinstance(argument, Value):
            self.gives_values = True
            alias = identity(argument) if argument.requires_grad else self._leaf_at(argument)
        else:
            alias = Value(argument)
        self.inputs.append(alias)
        return alias

    def _leaf_at(self, argument: Value) -> Value:
        """A leaf with the number of a constant; a trace is told where that comes from."""
        leaf = Value(argument.data)
        if self.traced is not None:
            self.traced.unrecorded(leaf, identity, (argument,))
        return leaf

    def output(self) -> Value:
        """The result as one Value."""
        if isinstance(self.result, list | tuple):
            raise TypeError(
                f"the function returned a {type(self.result).__name__} of {len(self.result)}; a gradient needs one number. "
                "Use jacobian for a function of several results."
            )
        return _as_value(self.result)

    def shaped(self, numbers: Sequence[Any]) -> Any:
        """One number per input, in the shape of the arguments; for one argument its own shape, for several a tuple."""
        remaining = iter(numbers)
        parts = [_fill(argument, remaining) for argument in self.arguments]
        return parts[0] if len(parts) == 1 else tuple(parts)

    def slopes(self, output: Value) -> list[Any]:
        """The partial derivatives of an output by all inputs, as this call answers."""
        found = gradients(output, self.inputs, differentiable=self.differentiable)
        return [_as_value(slope) for slope in found] if self.gives_values else found

    def number(self, value: Value) -> Any:
        return value if self.differentiable else value.detach() if self.gives_values else value.data


def _fill(shape: Any, numbers: Iterator[Any]) -> Any:
    return [_fill(element, numbers) for element in shape] if isinstance(shape, list) else next(numbers)


def _as_value(result: Any) -> Value:
    return result if isinstance(result, Value) else constant(result)


def value_and_grad(function: Function) -> Function:
    """The function that gives f(*arguments) and its gradient there, from one forward pass.

    Args:
        function: from numbers, or lists of them, to one number.
    Returns:
        A function giving (value, gradient), the gradient shaped as `grad` shapes it.
    Example:
        >>> value_and_grad(lambda x, y: x * y)(2.0, 3.0)
        (6.0, (3.0, 2.0))
    """

    def valued(*arguments: Any) -> Any:
        paused = is_paused()
        with enable_grad():
            call = _AliasedCall(function, arguments, paused)
            output = call.output()
            return call.number(output), call.shaped(call.slopes(output))

    return valued


def grad(function: Function) -> Function:
    """The gradient of a function of numbers.

    Args:
        function: from numbers, or lists of them, to one number.
    Returns:
        A function of the same arguments. One argument: its derivative; several: a tuple of partials; a list argument gives a list
        of the same shape. Floats for floats, Values for Values: gradients nest.
    Raises:
        TypeError: when called, if the function gives several results.
    Example:
        >>> grad(lambda x: x * x)(3.0)
        6.0
        >>> grad(lambda v, s: s * (v[0] + v[1] * v[1]))([1.0, 2.0], 3.0)
        ([3.0, 12.0], 5.0)
    """
    valued = value_and_grad(function)
    return lambda *arguments: valued(*arguments)[1]


def derivative(function: Function, order: int = 1) -> Function:
    """The derivative of a function of one number, of any order.

    Args:
        function: from one number to one number.
        order: how often to differentiate; 0 gives the function itself.
    Raises:
        ValueError: if `order` is not a whole number from 0 up.
    Example:
        >>> derivative(lambda x: x**5, order=3)(2.0)
        240.0
    """
    try:
        order = whole_number("order", order, 0)
    except (TypeError, ValueError):
        raise ValueError(f"the order of a derivative is a whole number from 0 up, got {order!r}") from None

    def differentiated(x: Any) -> Any:
        paused = is_paused()
        with enable_grad():
            call = _AliasedCall(function, (x,), paused)
            out = call.output()
            for left in range(order, 0, -1):
                [step] = gradients(out, call.inputs, differentiable=call.differentiable or left > 1)
                out = _as_value(step)
            return call.number(out)

    return differentiated


def jacobian(function: Function) -> Function:
    """The matrix of partial derivatives: one row per result, one column per scalar among the arguments, in their order.

    Args:
        function: from numbers, or lists of them, to a list of numbers (or one number: a single row).
    Example:
        >>> jacobian(lambda x, y: [x * y, x + y])(2.0, 3.0)
        [[3.0, 2.0], [1.0, 1.0]]
    """

    def rows(*arguments: Any) -> list[list[Any]]:
        paused = is_paused()
        with enable_grad():
            call = _AliasedCall(function, arguments, paused)
            results = call.result if isinstance(call.result, list | tuple) else [call.result]
            return [call.slopes(_as_value(result)) for result in results]

    return rows


def hessian(function: Function) -> Function:
    """The matrix of second derivatives over all scalars among the arguments, in their order.

    Args:
        function: from numbers, or lists of them, to one number.
    Example:
        >>> hessian(lambda x, y: x * x * y)(3.0, 2.0)
        [[4.0, 6.0], [6.0, 0.0]]
    """

    def rows(*arguments: Any) -> list[list[Any]]:
        paused = is_paused()
        with enable_grad():
            call = _AliasedCall(function, arguments, paused)
            return [call.slopes(slope) for slope in gradients(call.output(), call.inputs, differentiable=True)]

    return rows


def hvp(function: Function) -> Function:
    """The product of the Hessian with a vector, without the matrix: the gradient of (gradient . vector).

    Args:
        function: from numbers, or lists of them, to one number.
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

    def product(*arguments: Any, vector: Any) -> Any:
        paused = is_paused()
        with enable_grad():
            call = _AliasedCall(function, arguments, paused)
            direction = list(_flat(vector))
            if _reaches_an_argument(direction):
                call.gives_values = call.differentiable = call.gives_values or not paused
            if len(direction) != len(call.inputs):
                raise ValueError(f"the vector has {len(direction)} numbers, the arguments {len(call.inputs)}; give one for each")
            slopes = gradients(call.output(), call.inputs, differentiable=True)
            # What is not along the vector does not count, not even an infinite slope.
            counted = [
                (slope, part) for slope, part in zip(slopes, direction, strict=True) if isinstance(part, Value) or part != 0.0
            ]
            along = total([slope * part for slope, part in counted])
            return call.shaped(call.slopes(_as_value(along)))

    return product


def _flat(shape: Any) -> Iterator[Any]:
    if hasattr(shape, "tolist"):
        shape = shape.tolist()
    if isinstance(shape, list | tuple):
        for element in shape:
            yield from _flat(element)
    else:
        yield shape
