"""A multi-layer perceptron, written once for scalars, once for arrays, and once by hand with its gradient.

The parameters are a list of numbers, neuron by neuron: its weights, then its bias. On arrays they are matrices W, of one row per
neuron, and vectors b: [W1, b1, W2, b2, ...], or [W1, W2, ...] without biases.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from benchmarks.scalars import Scalars

__all__ = ["Network"]


def _plain(x: Any) -> Any:
    return x


@dataclass(frozen=True)
class Network:
    """Layers of `sizes[1:]` neurons on `sizes[0]` inputs.

    Attributes:
        hidden, output: names of the activations, as in `Scalars` and `FUNCTIONS`; "" for none.
        bias: whether neurons have one.
    """

    sizes: tuple[int, ...]
    hidden: str
    output: str = ""
    bias: bool = True

    def numbers(self, seed: int = 0) -> list[float]:
        """Parameters from uniform(-1, 1), divided by the root of the number of inputs."""
        rng = random.Random(seed)
        drawn: list[float] = []
        for n_inputs, n_outputs in pairwise(self.sizes):
            drawn += [rng.uniform(-1.0, 1.0) / n_inputs**0.5 for _ in range(n_outputs * (n_inputs + self.bias))]
        return drawn

    @property
    def names(self) -> list[str]:
        """The activation of every layer."""
        return [self.hidden] * (len(self.sizes) - 2) + [self.output]

    # ---- scalars -------------------------------------------------------------------------------------------------------------

    def layers(self, parameters: Sequence[Any]) -> list[list[tuple[list[Any], Any]]]:
        """For every layer its neurons: weights and bias (None without)."""
        left = iter(parameters)
        return [
            [(list(islice(left, n_inputs)), next(left) if self.bias else None) for _ in range(n_outputs)]
            for n_inputs, n_outputs in pairwise(self.sizes)
        ]

    def outputs(self, engine: Scalars, layers: list[list[tuple[list[Any], Any]]], inputs: Sequence[Any]) -> list[Any]:
        """The last layer's outputs for one sample."""
        sum_of_products = engine.sum_of_products
        values = list(inputs)
        for neurons, name in zip(layers, self.names, strict=True):
            activation = getattr(engine, name) if name else _plain
            values = [activation(sum_of_products(w, values, b)) for w, b in neurons]
        return values

    def operations(self, samples: int) -> int:
        """How many products, sums and activations the outputs of so many samples take."""
        per_layer = [n_out * (2 * n_in - (not self.bias) + bool(name)) for (n_in, n_out), name in self._shapes()]
        return samples * sum(per_layer)

    def _shapes(self) -> list[tuple[tuple[int, int], str]]:
        return list(zip(pairwise(self.sizes), self.names, strict=True))

    # ---- arrays --------------------------------------------------------------------------------------------------------------

    def matrices(self, parameters: Sequence[float]) -> list[Any]:
        """The parameters as NumPy arrays."""
        import numpy

        left, arrays = numpy.asarray(parameters), []
        for n_inputs, n_outputs in pairwise(self.sizes):
            width = n_inputs + self.bias
            block, left = left[: n_outputs * width].reshape(n_outputs, width), left[n_outputs * width :]
            arrays += [block[:, :n_inputs].copy(), block[:, n_inputs].copy()] if self.bias else [block.copy()]
        return arrays

    def flat(self, arrays: Sequence[Any]) -> list[float]:
        """`matrices`, undone."""
        import numpy

        arrays = [numpy.asarray(array) for array in arrays]
        if self.bias:
            arrays = [numpy.column_stack(pair) for pair in zip(arrays[::2], arrays[1::2], strict=True)]
        return [float(number) for array in arrays for number in array.ravel()]

    def array_outputs(self, functions: dict[str, Callable[[Any], Any]], parameters: Sequence[Any], x: Any) -> Any:
        """The outputs, one row per sample, with a library's own activation functions."""
        for layer, name in enumerate(self.names):
            z = x @ parameters[2 * layer].T + parameters[2 * layer + 1] if self.bias else x @ parameters[layer].T
            x = functions[name](z) if name else z
        return x

    # ---- by hand -------------------------------------------------------------------------------------------------------------

    def forward_by_hand(self, parameters: Sequence[Any], x: Any) -> list[Any]:
        """The inputs and every layer's outputs, in NumPy."""
        import numpy

        functions = {
            "": _plain,
            "relu": lambda z: numpy.maximum(z, 0.0),
            "sigmoid": lambda z: 1.0 / (1.0 + numpy.exp(-z)),
        }
        outputs = [x]
        for layer, name in enumerate(self.names):
            z = outputs[-1] @ parameters[(1 + self.bias) * layer].T
            outputs.append(functions[name](z + parameters[2 * layer + 1] if self.bias else z))
        return outputs

    def backward_by_hand(self, parameters: Sequence[Any], outputs: list[Any], error: Any) -> list[Any]:
        """The gradient, array by array, where `error` is the derivative of the loss by the last outputs."""
        slopes = {"": lambda out: 1.0, "relu": lambda out: out > 0.0, "sigmoid": lambda out: out * (1.0 - out)}
        gradient: list[Any] = []
        for layer in reversed(range(len(self.names))):
            delta = error * slopes[self.names[layer]](outputs[layer + 1])
            gradient = [delta.T @ outputs[layer], *([delta.sum(0)] if self.bias else []), *gradient]
            error = delta @ parameters[(1 + self.bias) * layer] if layer else None
        return gradient
