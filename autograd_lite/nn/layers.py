"""Neural networks: Neuron, Layer and MLP, with micrograd's names (`model.layers`, `layer.neurons`, `neuron.w`).

A neuron is one `dot` and one activation. Activations are looked up by name among the functions of one number that the table of
primitives and `functions` hold; none is named here, so a new primitive of the table is a new activation.
"""

import operator
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, Generic

from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.primitives import dot
from autograd_lite.engine.reals import whole_number
from autograd_lite.engine.value import Value, constant
from autograd_lite.nn.activations import Activation, activation_of, name_of
from autograd_lite.nn.initializers import He, Initializer, Normal, Uniform, Xavier, Zeros, initializer_of
from autograd_lite.nn.module import Module

__all__ = ["MLP", "He", "Initializer", "Layer", "Module", "Neuron", "Normal", "Uniform", "Xavier", "Zeros"]

if TYPE_CHECKING:  # what a layer and a model give, if nobody says otherwise: MLP[list[Value]] gives a list
    from typing_extensions import TypeVar

    LayerOutput = TypeVar("LayerOutput", default=list[Value])
    Output = TypeVar("Output", default=Value)
else:
    from typing import TypeVar

    LayerOutput, Output = TypeVar("LayerOutput"), TypeVar("Output")

Seed = int | random.Random | None
_Options = dict[str, Any]
_UNIFORM: Final = Uniform()
_ZEROS: Final = Zeros()


class Neuron(Module):
    """activation(b + w0 * x0 + w1 * x1 + ...), the sum added up in this order.

    Args:
        n_inputs: how many numbers it takes.
        activation: a name such as "tanh", any function of one number, or None for the sum itself.
        bias: False for a neuron without b.
        expanded: record every product and sum as a node of its own, for teaching and drawing, instead of one `dot`. Same numbers.
        initializer: draws each weight, in order, from (n_inputs, n_outputs, rng); or a name: "he", "xavier", "uniform" ...
        bias_initializer: the same for b, which is drawn last.
        seed: of the random numbers; or a `random.Random` to draw from. None draws from Python's global generator, so that
            `random.seed(1337)` fixes the weights as it does in micrograd.
        n_outputs: how many neurons stand in the layer, for the initializer.
    Attributes:
        w: the weights, a list of Values.
        b: the bias, a Value or None.
        activation: the function.
    Raises:
        ValueError: if no activation or initializer has that name (the message lists the nearest), or n_inputs is negative.
        TypeError: if n_inputs is not whole, or an activation or initializer neither a name nor a function.
    Source: cs231n, "Backpropagation, intuitions" (the example's numbers).
    Example:
        >>> neuron = Neuron(2, "sigmoid", seed=0)
        >>> for parameter, number in zip(neuron.parameters(), [2.0, -3.0, -3.0]):
        ...     parameter.data = number
        >>> neuron([-1.0, -2.0])
        Value(data=0.7310585786300049, grad=0.0)
    """

    def __init__(
        self,
        n_inputs: int,
        activation: str | Activation | None = "tanh",
        *,
        bias: bool = True,
        expanded: bool = False,
        initializer: str | Initializer = _UNIFORM,
        bias_initializer: str | Initializer = _ZEROS,
        seed: Seed = None,
        n_outputs: int = 1,
    ) -> None:
        n_inputs = whole_number("n_inputs", n_inputs)
        rng = _generator(seed)
        draw_weight, draw_bias = initializer_of(initializer), initializer_of(bias_initializer)
        self.activation = activation_of(activation)
        self.expanded = expanded
        self.w = [Value(draw_weight(n_inputs, n_outputs, rng), f"w[{i}]") for i in range(n_inputs)]
        self.b = Value(draw_bias(n_inputs, n_outputs, rng), "b") if bias else None

    def __call__(self, x: Any) -> Value:
        """The neuron's output for a list of `n_inputs` numbers or Values; one number will do for a list of one.

        Raises:
            ValueError: if `x` has another length.
        """
        inputs = _as_list(x)
        if len(inputs) != len(self.w):
            raise ValueError(f"{self!r} takes {len(self.w)} input{'' if len(self.w) == 1 else 's'}, got {len(inputs)}")
        summed = self._sum_of_products(inputs) if self.expanded else dot(self.w, inputs, self.b)
        out: Value = self.activation(summed)
        return out

    def _sum_of_products(self, inputs: Sequence[Any]) -> Any:
        out = self.b
        for weight, x in zip(self.w, inputs, strict=True):
            product = weight * x
            out = product if out is None else out + product
        return out

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)} -> {name_of(self.activation)}, {self._count_text()})"


class Layer(Module, Generic[LayerOutput]):
    """Neurons side by side that share their inputs.

    Args:
        n_inputs: how many numbers it takes.
        n_outputs: how many neurons it has.
        activation, bias, expanded, initializer, bias_initializer, seed: as for `Neuron`; one generator serves all in order.
    Raises:
        ValueError: as for `Neuron`, and if n_outputs is not positive.
        TypeError: as for `Neuron`.
    Attributes:
        neurons: the list of Neurons.
    Example:
        >>> layer = Layer(2, 3, "relu", seed=0)
        >>> layer, len(layer([1.0, -2.0]))
        (Layer(2 -> 3 relu, 9 parameters), 3)
        >>> [name for name, parameter in layer.named_parameters()][:4]
        ['neuron0.w[0]', 'neuron0.w[1]', 'neuron0.b', 'neuron1.w[0]']
        >>> layer.summary
        '3 relu'
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: str | Activation | None = "tanh",
        *,
        bias: bool = True,
        expanded: bool = False,
        initializer: str | Initializer = _UNIFORM,
        bias_initializer: str | Initializer = _ZEROS,
        seed: Seed = None,
    ) -> None:
        n_inputs, n_outputs = whole_number("n_inputs", n_inputs), whole_number("n_outputs", n_outputs)
        options: _Options = {"bias": bias, "expanded": expanded, "initializer": initializer, "bias_initializer": bias_initializer}
        rng = _generator(seed)
        self.neurons = [Neuron(n_inputs, activation, seed=rng, n_outputs=n_outputs, **options) for _ in range(n_outputs)]
        self.label_parameters()

    def __call__(self, x: Any) -> LayerOutput:
        """The outputs of all neurons, a list; the output itself where there is one neuron, as in micrograd.

        Plain numbers in `x` become constants that all neurons share, labelled x[0], x[1], ...

        Raises:
            ValueError: if `x` has another length than the neurons have weights.
        """
        inputs = [
            number if isinstance(number, Value) or not isinstance(number, Real) else constant(number, f"x[{i}]")
            for i, number in enumerate(_as_list(x))
        ]
        outputs: Any = [neuron(inputs) for neuron in self.neurons]
        out: LayerOutput = outputs[0] if len(outputs) == 1 else outputs
        return out

    def __repr__(self) -> str:
        return f"Layer({len(self.neurons[0].w)} -> {self.summary}, {self._count_text()})"

    @property
    def summary(self) -> str:
        """How many neurons of which kind, as in "4 tanh"."""
        kinds = dict.fromkeys(name_of(neuron.activation) for neuron in self.neurons)
        return f"{len(self.neurons)} {'/'.join(kinds)}"


class MLP(Module, Generic[Output]):
    """A multi-layer perceptron: layers one after the other, each fully connected to the one before.

    Type checkers take its output for one Value; that of MLP[list[Value]] is a list.

    Args:
        n_inputs: how many numbers it takes.
        sizes: how many neurons each layer has, as in [4, 1]; the last one gives the outputs.
        activation: of the hidden layers, as for `Neuron`; or a list with one for every layer, the last one too.
        output_activation: of the last layer; None for the sums themselves (logits).
        bias, expanded, initializer, bias_initializer, seed: as for `Neuron`; one generator serves all layers in order.
    Attributes:
        layers: the list of Layers.
    Raises:
        ValueError: as for `Neuron`, and if there is no size, one is not positive, or a list of activations has not one for each
            layer, or stands beside `output_activation`.
        TypeError: as for `Neuron`, and if `sizes` is no list.
    Example:
        >>> model = MLP(2, [4, 1], "tanh", output_activation="sigmoid", seed=0)
        >>> model
        MLP(2 -> 4 tanh -> 1 sigmoid, 17 parameters)
        >>> out = model([0.5, -1.0])
        >>> out.backward()
        >>> model.parameters()[0].label
        'layer0.neuron0.w[0]'
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation | None] | None = "tanh",
        *,
        output_activation: str | Activation | None = None,
        bias: bool = True,
        expanded: bool = False,
        initializer: str | Initializer = _UNIFORM,
        bias_initializer: str | Initializer = _ZEROS,
        seed: Seed = None,
    ) -> None:
        if isinstance(sizes, str) or not isinstance(sizes, Iterable):
            raise TypeError(f"sizes is a list with the number of neurons of each layer, such as [4, 1], got {sizes!r}")
        widths = [n_inputs, *sizes]
        if len(widths) < 2:
            raise ValueError("sizes is empty: give the number of neurons of each layer, such as [4, 1]")
        activations = _for_each_layer(activation, output_activation, len(widths) - 1)
        options: _Options = {"bias": bias, "expanded": expanded, "initializer": initializer, "bias_initializer": bias_initializer}
        rng = _generator(seed)
        with quiet_gc():  # 600,000 weights of a network for MNIST would otherwise be looked through again and again
            self.layers = [
                Layer(*shape, kind, seed=rng, **options) for shape, kind in zip(pairwise(widths), activations, strict=True)
            ]
            self.label_parameters()

    def __call__(self, x: Any) -> Output:
        """The outputs of the last layer: a list, or the output itself where there is one.

        Args:
            x: a list of `n_inputs` numbers or Values; one number will do for a list of one.
        Raises:
            ValueError: if `x` has another length.
        """
        for layer in self.layers:
            x = layer(x)
        out: Output = x
        return out

    def __repr__(self) -> str:
        if not all(isinstance(layer, Layer) for layer in self.layers):
            return super().__repr__()  # a user's own module is among them
        kinds = " -> ".join(layer.summary for layer in self.layers)
        return f"MLP({len(self.layers[0].neurons[0].w)} -> {kinds}, {self._count_text()})"


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def _for_each_layer(hidden: Any, output: str | Activation | None, count: int) -> list[str | Activation | None]:
    if hidden is None or isinstance(hidden, str) or callable(hidden):
        activation_of(hidden)  # refused also where there is no hidden layer
        return [*[hidden] * (count - 1), output]
    if output is not None:
        raise ValueError("a list of activations names the last layer's too: leave out output_activation")
    if len(hidden) != count:
        raise ValueError(f"got {len(hidden)} activations for {count} layers: give one for each, or one for all hidden layers")
    return list(hidden)


def _generator(seed: Seed) -> random.Random:
    if isinstance(seed, random.Random):
        return seed
    if seed is None:
        shared: random.Random = random.random.__self__  # type: ignore[attr-defined]  # whose methods the module's functions are
        return shared
    try:
        return random.Random(operator.index(seed) if hasattr(seed, "__index__") else seed)
    except TypeError:
        raise TypeError(
            f"a seed is a whole number, a random.Random to draw from, or None for Python's own generator, got {seed!r:.60}"
        ) from None


def _as_list(x: Any) -> Any:
    if hasattr(x, "__len__"):
        return x
    return list(x) if isinstance(x, Iterable) else [x]
