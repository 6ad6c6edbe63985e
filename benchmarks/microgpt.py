"""The baseline: the smallest scalar engine that stores local derivatives, in the style of Karpathy's microgpt.

Slots, tuples of operands and of local derivatives, and a recursive sort: what one writes with micrograd's lesson learnt and no
care for speed beyond that. It stands here as the class that the other engines are compared with.
"""

import math
from typing import Any


class Value:
    """A number, the operands it came from, and its derivative with respect to each."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data: float, children: "tuple[Value, ...]" = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __add__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> "Value":
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> "Value":
        """e ** self."""
        out = math.exp(self.data)
        return Value(out, (self,), (out,))

    def log(self) -> "Value":
        """The natural logarithm."""
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> "Value":
        """self where positive, else 0."""
        return Value(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def tanh(self) -> "Value":
        """The hyperbolic tangent."""
        out = math.tanh(self.data)
        return Value(out, (self,), (1.0 - out * out,))

    def __neg__(self) -> "Value":
        return self * -1.0

    def __radd__(self, other: Any) -> "Value":
        return self + other

    def __sub__(self, other: Any) -> "Value":
        return self + (-other)

    def __rsub__(self, other: Any) -> "Value":
        return other + (-self)

    def __rmul__(self, other: Any) -> "Value":
        return self * other

    def __truediv__(self, other: Any) -> "Value":
        return self * other**-1.0

    def __rtruediv__(self, other: Any) -> "Value":
        return other * self**-1.0

    def backward(self) -> None:
        """Adds d self / d leaf to every leaf's `grad`."""
        order: list[Value] = []
        visited: set[Value] = set()

        def visit(node: Value) -> None:
            if node not in visited:
                visited.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node.children, node.local_grads, strict=True):
                child.grad += local * node.grad
