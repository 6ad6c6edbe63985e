"""micrograd's networks: `Neuron`, `Layer` and `MLP` with its arguments, its random numbers and its texts."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd_lite.compat.micrograd.engine import Value


class Module:
    """What has parameters."""

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0

    def parameters(self) -> list[Value]:
        """The parameters in their order."""
        return []


class Neuron(Module):
    """relu(w0 * x0 + w1 * x1 + ... + b), of which every product and sum is a node; the sum itself with nonlin=False.

    Weights are drawn from Python's generator, as micrograd draws them.
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
    """Neurons side by side; the output of one neuron alone is no list."""

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

    >>> MLP(3, [2, 1])
    MLP of [Layer of [ReLUNeuron(3), ReLUNeuron(3)], Layer of [LinearNeuron(2)]]
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
