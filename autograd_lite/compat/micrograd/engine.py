"""micrograd's `Value`: it shows its children and its operation by micrograd's names, and takes attributes of one's own."""

import warnings
from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from autograd_lite.engine import primitives as table
from autograd_lite.engine import value as engine
from autograd_lite.engine.numpy_methods import add_methods
from autograd_lite.engine.primitive import Primitive

if TYPE_CHECKING:
    from autograd_lite.engine.methods import Functions
else:
    Functions = object  # a compiled class has no interpreted subclasses; the methods are given below


class Value(Functions):
    """A number and how it was computed, for code that was written for micrograd and looks into its nodes.

    Every node is a node of this library, `value`, and the numbers and slopes are its own. What micrograd does differently is done
    as micrograd does it: `x - y` is `x + y * -1` and `x / y` is `x * y ** -1`; numbers become nodes; nodes are equal only to
    themselves; and a second `backward` adds to every gradient on the way.

    Args:
        data: any real number.
        _children: what it was computed from, for a node made by hand; set its `_backward` to a function that adds to their `grad`.
        _op: the operation, as it stands in pictures.
        label: a name, "" for none.
    Attributes:
        data: the number.
        grad: after `root.backward()`, the derivative of root by this value.
        label: the name, as in Karpathy's lecture.
        _prev: the set of its children; `_children` has them in order and with repeats.
        _op: the operation: "+", "*", "**2", "ReLU", "tanh", ...; "" for a leaf.
        value: the `autograd_lite.Value`, for `draw`, `record` and `why`.
    Source: Karpathy, micrograd (2020), engine.py; EurekaLabs, micrograd (2024).
    Example:
        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a * b
        >>> c.backward()
        >>> a.grad, c._op, c._prev == {a, b}
        (-3.0, '*', True)
        >>> a._vis_color = "lightgreen"
        >>> a.label = "a"
        >>> c.data, c.item(), a.label
        (-6.0, -6.0, 'a')
    """

    def __init__(self, data: Any, _children: Iterable["Value"] = (), _op: str = "", label: str = "") -> None:
        self._keep(engine.Value(_number(data), label or None), tuple(_children), _op)

    def _keep(self, value: engine.Value, children: tuple["Value", ...], op: str) -> None:
        self.value = value
        self._children = children
        self._prev = set(children)
        self._op = op

    # ---- numbers -------------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number."""
        return self.value.data

    @data.setter
    def data(self, number: Any) -> None:
        self.value.data = number

    @property
    def grad(self) -> float:
        """After `root.backward()`, the derivative of root by this value."""
        return self.value.grad

    @grad.setter
    def grad(self, number: Any) -> None:
        self.value.grad = number

    @property
    def label(self) -> str:
        """The name, as in Karpathy's lecture."""
        return self.value.label or ""

    @label.setter
    def label(self, label: str) -> None:
        self.value.label = label or None

    def item(self) -> float:
        """The number alone."""
        return self.data

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __copy__(self) -> "Value":
        node = type(self).__new__(type(self))
        node.__dict__.update(self.__dict__, value=copy(self.value))
        return node

    # ---- the derivative ------------------------------------------------------------------------------------------------------

    def backward(self) -> None:
        """Sets the gradient of this value to 1 and calls every node's `_backward`, users before operands."""
        order: list[Value] = []
        entered = {self}
        path: list[tuple[Value, Any]] = [(self, iter(self._children))]
        while path:
            node, children = path[-1]
            child = next((child for child in children if child not in entered), None)
            if child is not None:
                entered.add(child)
                path.append((child, iter(child._children)))
            else:
                order.append(node)
                path.pop()
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    def _backward(self) -> None:
        """Adds to the children's gradients: by the chain rule, one edge after the other."""
        if self._children and self.value.primitive is None:
            warnings.warn(
                f"the node `{self._op}` was made by hand and has no `_backward`: its children get no gradient from it. "
                "Set node._backward to a function that adds to their grad.",
                RuntimeWarning,
                stacklevel=3,
            )
        slopes = [slope for slope in self.value.local_derivatives if slope is not None]
        for child, slope in zip(self._children, slopes, strict=False):
            child.grad += slope * self.grad

    # ---- operations ----------------------------------------------------------------------------------------------------------

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """`primitive` of `operands` as a node. Called by the functions of `autograd_lite`, which so answer in kind."""
        return self._made(primitive, operands, primitive.name)

    def _made(self, primitive: Primitive, operands: Sequence[Any], op: str) -> "Value":
        value = primitive.of([operand.value if isinstance(operand, Value) else _number(operand) for operand in operands])
        node = type(self).__new__(type(self))
        recorded = value.primitive is not None  # not inside `no_grad`
        node._keep(value, tuple(operand for operand in operands if isinstance(operand, Value) and recorded), op)
        return node

    def _node(self, other: Any) -> Any:
        return other if isinstance(other, Value) else type(self)(other)

    def __add__(self, other: Any) -> "Value":
        return self._made(table.add, (self, self._node(other)), "+")

    def __mul__(self, other: Any) -> "Value":
        return self._made(table.multiply, (self, self._node(other)), "*")

    def __pow__(self, other: Any) -> "Value":
        if isinstance(other, Value):
            raise TypeError("micrograd's powers have plain numbers as exponents; autograd_lite.Value takes Values, too.")
        return self._made(table.power, (self, other), f"**{other}")

    def relu(self) -> "Value":
        """self where positive, else 0."""
        return self._made(table.relu, (self,), "ReLU")

    def __neg__(self) -> "Value":
        return self.__mul__(-1)

    def __radd__(self, other: Any) -> "Value":
        return self.__add__(other)

    def __sub__(self, other: Any) -> "Value":
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> "Value":
        return (-self).__add__(other)

    def __rmul__(self, other: Any) -> "Value":
        return self.__mul__(other)

    def __truediv__(self, other: Any) -> "Value":
        return self.__mul__(other**-1)

    def __rtruediv__(self, other: Any) -> "Value":
        return (self**-1).__mul__(other)


add_methods(Value)


def _number(number: Any) -> Any:
    """The number itself; what has a history of its own is refused."""
    if isinstance(number, engine.Value):
        raise TypeError("got a Value of autograd_lite, whose gradients would end here: give its .data, or use one kind alone")
    return number
