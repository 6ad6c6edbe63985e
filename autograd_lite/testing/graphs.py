"""What the checks ask of a recorded graph: a primitive as a function, and a backward pass that leaves no trace."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_lite.engine.number_types import evaluate
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value, topological_order


def as_function(primitive: Primitive) -> Callable[..., Any]:
    """A primitive as a function of its operands one by one, on Values and on every kind of number.

    Args:
        primitive: of the table, or your own.
    Example:
        >>> from autograd_lite import dot
        >>> as_function(dot)(0.5, 1.0, 2.0, 3.0, 4.0)  # bias, two weights, two inputs
        11.5
    """

    def function(*operands: Any) -> Any:
        for operand in operands:
            record = getattr(operand, "record", None)
            if record is not None:
                return record(primitive, list(operands))
        return evaluate(primitive, operands)

    return function


def importable(primitive: Primitive) -> tuple[str, str]:
    """The module and the name under which a primitive can be had: its own, or its class's."""
    module = type(primitive).__module__
    for name, thing in vars(sys.modules.get(module, sys)).items():
        if thing is primitive:
            return module, name
    return module, f"{type(primitive).__qualname__}()"


def replay(output: Value, leaves: Sequence[Value], straight: Mapping[int, Sequence[float]]) -> Callable[..., Any]:
    """A recorded graph as a function of its leaves, on any kind of number; some nodes are replaced by a straight line.

    Args:
        output: the root.
        leaves: the arguments of the function; all other leaves stay as they are.
        straight: by `id` of a node, the partial derivatives of the line that stands for it: one per operand, 0.0 for constants.
    Example:
        >>> from autograd_lite import exp
        >>> x = Value(0.0)
        >>> y = exp(x)
        >>> replay(y, [x], {})(1.0), replay(y, [x], {id(y): [1.0]})(1.0)
        (2.718281828459045, 2.0)
    """
    order = topological_order(output)

    def function(*numbers: Any) -> Any:
        known = {id(leaf): number for leaf, number in zip(leaves, numbers, strict=True)}
        for node in order:
            if id(node) in known:
                continue
            operands = [known[id(operand)] for operand in node.operands]
            if node.primitive is None:
                known[id(node)] = node.data
            elif id(node) in straight:
                known[id(node)] = _on_line(node, straight[id(node)], operands)
            else:
                known[id(node)] = as_function(node.primitive)(*operands)
        return known[id(output)]

    return function


def _on_line(node: Value, partials: Sequence[float], operands: Sequence[Any]) -> Any:
    terms = zip(partials, operands, operand_numbers(node), strict=True)
    return sum((partial * (operand - at) for partial, operand, at in terms if partial), node.data)


@contextmanager
def undisturbed(output: Value) -> Iterator[None]:
    """A block after which every node below `output` has the gradient it had before.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> with undisturbed(y):
    ...     y.backward()
    ...     print(x.grad)
    6.0
    >>> x.grad
    0.0
    """
    nodes = topological_order(output)
    gradients = [node.grad for node in nodes]
    try:
        yield
    finally:
        for node, gradient in zip(nodes, gradients, strict=True):
            node.grad = gradient


def operand_numbers(node: Value) -> Sequence[float]:
    """The numbers of a node's operands."""
    return [operand.data for operand in node.operands]
