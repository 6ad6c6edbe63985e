"""Any engine: the two functions by which the checks reach into a library of derivatives.

>>> from autograd_lite.testing import check
>>> class Dual:                                                       # somebody's forward mode, of one variable
...     def __init__(self, data, slope=1.0): self.data, self.slope = data, slope
...     def __mul__(self, other): return Dual(self.data * other.data, self.slope * other.data + self.data * other.slope)
>>> engine = Engine(leaf=Dual, gradients=lambda output, leaves: [output.slope])
>>> check(lambda x: x * x * x, 2.0, engine=engine).outcome
'agrees'
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.recording import enable_grad
from autograd_lite.engine.value import Value
from autograd_lite.testing.graphs import undisturbed


def number_of(output: Any) -> float:
    """The number in a node: its `.data` or `.value`, or the node itself if it is a number.

    >>> number_of(Value(2.0)), number_of(3)
    (2.0, 3.0)
    """
    if isinstance(output, float | int):
        return float(output)
    if isinstance(output, complex):  # what Python makes of (-1.0) ** 0.5
        raise ValueError(f"a real number is needed, got {output!r}")
    for name in ("data", "value", "_value"):
        inner = getattr(output, name, None)
        if isinstance(inner, float | int):
            return float(inner)
    return float(output)


@dataclass(frozen=True)
class Engine:
    """How to use a library: make a leaf of a number, and read the partial derivatives of an output.

    Attributes:
        leaf: the library's variable for a number.
        gradients: from an output and the leaves to the partial derivatives, one per leaf; it runs the library's backward.
        number: the number in an output; by default its `.data` or `.value`.
        repeatable: whether `gradients` may be called for several outputs of one graph; else f is run anew for each.
    Example:
        >>> class Tangent:  # somebody's library: x**2 and its derivative
        ...     def __init__(self, data): self.data, self.slope = data, 0.0
        ...     def squared(self):
        ...         out = Tangent(self.data**2)
        ...         out.slope = 2.001 * self.data  # with a mistake
        ...         return out
        >>> theirs = Engine(leaf=Tangent, gradients=lambda output, leaves: [output.slope])
        >>> from autograd_lite.testing import check
        >>> check(lambda x: x.squared() if isinstance(x, Tangent) else x * x, 3.0, engine=theirs).outcome
        'disagrees'
    """

    leaf: Callable[[float], Any]
    gradients: Callable[[Any, Sequence[Any]], Sequence[float]]
    number: Callable[[Any], float] = number_of
    repeatable: bool = False


def _backward(output: Any, leaves: Sequence[Any]) -> list[float]:
    if not (isinstance(output, Value) and output.requires_grad):
        return [0.0] * len(leaves)
    with undisturbed(output):
        for leaf in leaves:
            leaf.grad = 0.0
        output.backward()
        return [leaf.grad for leaf in leaves]


def _leaf(number: float) -> Value:
    with enable_grad():
        return Value(number)


def _no_gradients(output: Any, leaves: Sequence[Any]) -> list[float]:
    raise TypeError("plain numbers have no gradients; give them as gradient=")


PLAIN = Engine(float, _no_gradients)
OURS = Engine(_leaf, _backward, number_of, repeatable=True)
