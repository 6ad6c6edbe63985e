"""Derivatives as functions of functions: gradients, Jacobians, Hessians, derivatives of any order, exact and nestable.

Arguments are numbers, Values, or (nested) lists of them, and results have the arguments' shape: floats for floats, Values for
Values, so that every function here can stand inside another one. Captured Values are never touched: no `.grad` is read or written.

>>> f = lambda x: x**3
>>> f(2.0), grad(f)(2.0), grad(grad(f))(2.0)
(8.0, 12.0, 12.0)
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd_lite.errors import GraphError, expression, shorten
from autograd_lite.primitives import identity, total
from autograd_lite.rules import partials_on_nodes
from autograd_lite.value import Value, constant, recording, topological_order

__all__ = ["derivative", "grad", "gradients", "hessian", "hvp", "jacobian", "value_and_grad"]

Function = Callable[..., Any]


def gradients(output: Value, inputs: Sequence[Value], *, differentiable: bool = False) -> list[Any]:
    """The partial derivatives of `output` with respect to each of `inputs`.

    One reverse sweep: adjoint(p) = sum over users n of p of adjoint(n) * dn/dp, from adjoint(output) = 1.

    Args:
        output: the Value to differentiate.
        inputs: Values, leaves or interior nodes, in any order.
        differentiable: give Values that can be differentiated again, instead of floats.
    Returns:
        A list as long as `inputs`; 0.0 where `output` does not depend on that input.
    Raises:
        TypeError: if `output` or an input is not a Value.
        GraphError: if `differentiable` and some `.data` changed since `output` was computed from it.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.2: reverse mode, incremental form.
    Example:
        >>> x, y = Value(3.0), Value(2.0)
        >>> gradients(x * x * y, [x, y])
        [12.0, 9.0]
    """
    for value in (output, *inputs):
        if not isinstance(value, Value):
            raise TypeError(f"gradients takes Values, got {type(value).__name__} {value!r:.60}")
    dependents = _dependents(output, inputs)
    adjoints: dict[int, Any] = {id(output): 1.0}
    partials = _differentiable_partials if differentiable else _recorded_partials
    for node in reversed(dependents):
        adjoint = adjoints.get(id(node), 0.0)
        for operand, partial in partials(node):
            known = adjoints.get(id(operand))
            contribution = partial * adjoint
            adjoints[id(operand)] = contribution if known is None else known + contribution
    found = [adjoints.get(id(value), 0.0) for value in inputs]
    return [adjoint if isinstance(adjoint, Value) else constant(adjoint) for adjoint in found] if differentiable else found


def _dependents(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """The interior nodes on some path from an input to the output, operands before users."""
    reached = {id(value) for value in inputs}
    dependents = []
    for node in topological_order(output):
        if node.primitive is not None and any(id(operand) in reached for operand in node.operands):
            reached.add(id(node))
            dependents.append(node)
    return dependents


def _recorded_partials(node: Value) -> Iterator[tuple[Value, float]]:
    for operand, local in zip(node.operands, node.local_derivatives, strict=True):
        if local is not None:
            yield operand, local


def _differentiable_partials(node: Value) -> Iterator[tuple[Value, Any]]:
    """The partials as the rules give them on Values, each held against the number recorded in the forward pass.

    Both come from one rule text, so they are equal to the last bit unless some `.data` was changed in between.
    """
    assert node.primitive is not None
    recorded = node.local_derivatives
    partials = partials_on_nodes(node.primitive, node.operands, node, [local is not None for local in recorded])
    for operand, partial, local in zip(node.operands, partials, recorded, strict=True):
        if local is None:
            continue
        number = partial.data if isinstance(partial, Value) else partial
        if number != local and not (number != number and local != local):
            raise GraphError(
                f"`.data` was changed after `{shorten(expression(node).text)}` was computed from it: its derivative was recorded "
                f"as {local!r} and is now {number!r}. Compute it again before differentiating it."
            )
        yield operand, partial


# ---- functions of functions --------------------------------------------------------------------------------------------------


class _Call:
    """One call of a user's function on fresh names of its arguments.

    Every argument that is a Value gets an alias, an identity node: only what the function does with its argument counts, not what
    it does with the same Value captured from outside. That is what keeps nested derivatives apart (perturbation confusion:
    Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", HOSC 21, 2008).
    """

    def __init__(self, function: Function, arguments: tuple[Any, ...]) -> None:
        self.inputs: list[Value] = []
        self.nested = False
        if not arguments:
            raise TypeError("a derivative needs at least one argument to differentiate by")
        self.arguments = [self._named_afresh(argument) for argument in arguments]
        self.result = function(*self.arguments)

    def _named_afresh(self, argument: Any) -> Any:
        if isinstance(argument, list | tuple):
            return [self._named_afresh(element) for element in argument]
        if isinstance(argument, Value):
            self.nested = True
            alias = identity(argument) if argument.requires_grad else Value(argument.data)
        else:
            alias = Value(argument)
        self.inputs.append(alias)
        return alias

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

    def number(self, value: Value) -> Any:
        return value if self.nested else value.data


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
        with recording():
            call = _Call(function, arguments)
            output = call.output()
            return call.number(output), call.shaped(gradients(output, call.inputs, differentiable=call.nested))

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
    if not isinstance(order, int) or order < 0:
        raise ValueError(f"the order of a derivative is a whole number from 0 up, got {order!r}")

    def differentiated(x: Any) -> Any:
        with recording():
            call = _Call(function, (x,))
            out = call.output()
            for left in range(order, 0, -1):
                [step] = gradients(out, call.inputs, differentiable=call.nested or left > 1)
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
        with recording():
            call = _Call(function, arguments)
            results = call.result if isinstance(call.result, list | tuple) else [call.result]
            return [gradients(_as_value(result), call.inputs, differentiable=call.nested) for result in results]

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
        with recording():
            call = _Call(function, arguments)
            slopes = gradients(call.output(), call.inputs, differentiable=True)
            return [gradients(slope, call.inputs, differentiable=call.nested) for slope in slopes]

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
        with recording():
            call = _Call(function, arguments)
            direction = list(_flat(vector))
            if len(direction) != len(call.inputs):
                raise ValueError(f"the vector has {len(direction)} numbers, the arguments {len(call.inputs)}; give one for each")
            slopes = gradients(call.output(), call.inputs, differentiable=True)
            along = total([slope * component for slope, component in zip(slopes, direction, strict=True)])
            return call.shaped(gradients(_as_value(along), call.inputs, differentiable=call.nested))

    return product


def _flat(shape: Any) -> Iterator[Any]:
    if isinstance(shape, list | tuple):
        for element in shape:
            yield from _flat(element)
    else:
        yield shape
