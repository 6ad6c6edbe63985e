"""micrograd's whole world on this engine: where code says `micrograd`, write `autograd_lite.compat.micrograd`.

>>> from autograd_lite.compat.micrograd.engine import Value
>>> a, b = Value(2.0), Value(-3.0)
>>> c = (a * b + 1).relu()
>>> c._op, [child._op for child in c._children], c._children[0]._prev == {a * b}
('ReLU', ['+'], False)

engine   `Value`, with children, operation and attributes of one's own
nn       Module, Neuron, Layer and MLP as micrograd has them
"""

from autograd_lite.compat.micrograd import engine, nn
from autograd_lite.compat.micrograd.engine import Value

__all__ = ["Value", "engine", "nn"]
