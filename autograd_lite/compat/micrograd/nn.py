"""micrograd's networks: `Neuron`, `Layer` and `MLP` with its arguments, its random numbers and its texts."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd_lite.compat.micrograd.engine import Value


class Module:
    """What has parameters.

    >>> model = Neuron(2)
    >>> model([1.0, -1.0]).backward()
    >>> model.zero_grad()
    >>> [parameter.grad for parameter in model.parameters()]
    [0.0, 0.0, 0.0]
    """

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0

    def parameters(self) -> list[Value]:
        """The parameters in their order; a module of your own says which."""
        return []


class Neuron(Module):
    """relu(w0 * x0 + w1 * x1 + ... + b), of which every product and sum is a node; the sum itself with nonlin=False.

    Weights are drawn from Python's generator, as micrograd draws them.

    Args:
        nin: how many numbers it takes.
        nonlin: whether it is a relu.
    Example:
        >>> import random
        >>> random.seed(1337)
        >>> neuron = Neuron(2)
        >>> neuron, [round(parameter.data, 3) for parameter in neuron.parameters()]
        (ReLUNeuron(2), [0.236, 0.067, 0.0])
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Any]) -> Value:
        out = self.b
        for weight, number in zip(self.w, x, strict=False):
            out = out + weight * number
        return out.relu() if self.nonlin else out

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side; the output of one neuron alone is no list.

    Args:
        nin: how many numbers it takes.
        nout: how many neurons it has.
        kwargs: `nonlin`, as for `Neuron`.
    Example:
        >>> len(Layer(2, 3)([1.0, -1.0])), len(Layer(2, 3).parameters()), Layer(2, 1, nonlin=False)([0.0, 0.0]).data
        (3, 9, 0.0)
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Sequence[Any]) -> Any:
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """Those of all neurons."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """Layers one after the other; all but the last are relus.

    Args:
        nin: how many numbers it takes.
        nouts: how many neurons each layer has.
    Example:
        >>> MLP(3, [2, 1]), len(MLP(3, [2, 1]).parameters())
        (MLP of [Layer of [ReLUNeuron(3), ReLUNeuron(3)], Layer of [LinearNeuron(2)]], 11)
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        shapes = list(pairwise([nin, *nouts]))
        self.layers = [Layer(*shape, nonlin=place < len(shapes)) for place, shape in enumerate(shapes, 1)]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Value]:
        """Those of all layers."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
