"""Neural networks: published numbers, micrograd's names and weights, activations by name, initializers."""

import math
import random
import re
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import functions
from autograd_lite.engine.primitive import Unary
from autograd_lite.engine.primitives import TABLE, sigmoid
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP, He, Initializer, Layer, Neuron, Normal, Uniform, Xavier, Zeros
from tests.modules import numbers_of, with_numbers

# ---- published numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expanded", [False, True])
def test_cs231n_neuron(expanded: bool) -> None:
    neuron = with_numbers(Neuron(2, "sigmoid", expanded=expanded), [2.0, -3.0, -3.0])
    x = [Value(-1.0), Value(-2.0)]
    out = neuron(x)
    out.backward()
    assert out.data == 0.7310585786300049
    assert [v.grad for v in x] == pytest.approx([0.3932238664829637, -0.5898357997244456], rel=1e-15)
    assert [p.grad for p in neuron.parameters()] == pytest.approx(
        [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185], rel=1e-15
    )


def test_karpathy_neuron() -> None:
    neuron = with_numbers(Neuron(2), [-3.0, 1.0, 6.8813735870195432])
    x = [Value(2.0), Value(0.0)]
    out = neuron(x)
    out.backward()
    assert out.data == pytest.approx(0.7071067811865476, abs=1e-12)
    assert [v.grad for v in [*x, *neuron.w, neuron.b]] == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], abs=1e-12)


def test_classic_2_2_1() -> None:
    """Robert Gordon University's example, with its erratum: deltas from the weights before their update."""
    model = with_numbers(MLP(2, [2, 1], ["sigmoid", "sigmoid"], bias=False), [0.1, 0.8, 0.4, 0.6, 0.3, 0.9])
    out = model([0.35, 0.9])
    squared_error(out, 0.5).backward()
    assert out.data == pytest.approx(0.6902834929076443, rel=1e-15)
    new = [p.data - p.grad for p in model.parameters()]
    assert new == pytest.approx(
        [0.09907092883919034, 0.7976109598722038, 0.39713992422755456, 0.592645519442283, 0.27232596506128215, 0.8729983630089926],
        rel=1e-14,
    )


def test_mazur_2_2_2() -> None:
    numbers = [0.15, 0.20, 0.35, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60, 0.50, 0.55, 0.60]
    model = with_numbers(MLP(2, [2, 2], "sigmoid", output_activation="sigmoid"), numbers)
    outputs = model([0.05, 0.10])
    squared_error(outputs, [0.01, 0.99]).backward()
    gradients = [w.grad for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    assert gradients == pytest.approx(
        [
            *(0.0004385677344743465, 0.000877135468948693, 0.0004977127352608599, 0.0009954254705217198),
            *(0.08216704056423077, 0.08266762784753325, -0.02260254047747507, -0.022740242215978222),
        ],
        rel=1e-13,
    )


def test_schiendorfer_2_2_2() -> None:
    model = with_numbers(MLP(2, [2, 2], ["sigmoid", "sigmoid"], bias=False), [6, -2, -3, 5, 1, 0.25, -2, 2])
    loss = squared_error(model([3.0, 1.0]), [1.0, 0.0], form="sum")
    loss.backward()
    assert loss.data == pytest.approx(0.08699208259994781, rel=1e-14)
    found = [w.grad for w in model.layers[0].neurons[1].w]
    assert found == pytest.approx([0.0014201436720081408, 0.0004733812240027136], rel=1e-12)


# ---- micrograd's names and weights -------------------------------------------------------------------------------------------


def test_weights_of_micrograd() -> None:
    """The same seed gives micrograd's weights: uniform(-1, 1) neuron by neuron, biases 0."""
    rng = random.Random(1337)
    expected = [
        [rng.uniform(-1, 1) for _ in range(n_inputs)] for n_inputs, size in [(2, 16), (16, 16), (16, 1)] for _ in range(size)
    ]
    random.seed(1337)
    for model in (MLP(2, [16, 16, 1], "relu", seed=1337), MLP(2, [16, 16, 1], "relu")):
        neurons = [neuron for layer in model.layers for neuron in layer.neurons]
        assert [[w.data for w in neuron.w] for neuron in neurons] == expected
        assert all(neuron.b is not None and neuron.b.data == 0.0 for neuron in neurons)
        assert len(model.parameters()) == 337


def test_seed_leaves_the_global_generator_alone() -> None:
    random.seed(0)
    state = random.getstate()
    first, second = MLP(2, [3, 1], seed=5), MLP(2, [3, 1], seed=5)
    assert numbers_of(first) == numbers_of(second) != numbers_of(MLP(2, [3, 1], seed=6))
    assert random.getstate() == state


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    outputs = MLP(2, [3, 2])([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 2


@pytest.mark.parametrize("x", [0.5, [0.5], (0.5,), Value(0.5), [Value(0.5)], numpy.array([0.5]), numpy.float64(0.5), iter([0.5])])
def test_one_input_and_hidden_layers_of_one(x: Any) -> None:
    model = MLP(1, [2, 1, 2, 1], seed=0)
    assert model(x).data == model([0.5]).data


def test_inputs_are_shared_constants() -> None:
    out = MLP(2, [3, 1], seed=0)([0.5, -1.0])
    leaves = [node for node in topological_order(out) if not node.requires_grad]
    assert sorted((leaf.label or "", leaf.data) for leaf in leaves) == [("x[0]", 0.5), ("x[1]", -1.0)]


def test_a_neuron_is_one_dot_and_one_activation() -> None:
    nodes = [node.primitive.name for node in topological_order(Neuron(3)([1.0, 2.0, 3.0])) if node.primitive]
    assert nodes == ["dot", "tanh"]
    nodes = [node.primitive.name for node in topological_order(Neuron(2, None, expanded=True)([1.0, 2.0])) if node.primitive]
    assert nodes == ["multiply", "add", "multiply", "add"]
    unbiased = Neuron(2, None, bias=False, expanded=True)
    assert [node.primitive.name for node in topological_order(unbiased([1.0, 2.0])) if node.primitive] == [
        "multiply",
        "multiply",
        "add",
    ]


@given(data=st.data(), bias=st.booleans(), n=st.integers(1, 5))
def test_expanded_gives_the_same_bits(data: st.DataObject, bias: bool, n: int) -> None:
    small = st.floats(-1e100, 1e100)
    numbers = data.draw(st.lists(small, min_size=n + bias, max_size=n + bias))
    x = data.draw(st.lists(small, min_size=n, max_size=n))
    found = []
    for expanded in (False, True):
        neuron = with_numbers(Neuron(n, "linear", bias=bias, expanded=expanded), numbers)
        inputs = [Value(v) for v in x]
        out = neuron(inputs)
        out.backward()
        found.append([out.data, *(v.grad for v in [*inputs, *neuron.parameters()])])
    assert found[0] == found[1]


def test_expanded_model_gives_the_same_bits() -> None:
    for bias in (True, False):
        plain, expanded = (MLP(3, [4, 4, 2], "sigmoid", bias=bias, expanded=e, seed=1) for e in (False, True))
        outputs = [[out.data for out in model([0.1, -0.2, 0.3])] for model in (plain, expanded)]
        assert outputs[0] == outputs[1]


def test_no_grad() -> None:
    with no_grad():
        out = MLP(2, [3, 1])([1.0, 2.0])
    assert not out.requires_grad
    assert out.operands == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP(2, [3, 1])([1.0, 2.0, 3.0]), "Neuron(2 -> tanh, 3 parameters) takes 2 inputs, got 3"),
        (lambda: Layer(3, 2)([1.0]), "takes 3 inputs, got 1"),
        (lambda: Neuron(1)([]), "takes 1 input, got 0"),
        (lambda: MLP(0, [1]), "n_inputs must be at least 1, got 0"),
        (lambda: MLP(1, [0]), "n_outputs must be at least 1, got 0"),
        (lambda: MLP(1, []), "sizes is empty: give the number of neurons of each layer, such as [4, 1]"),
        (lambda: MLP(1, [2, 1], ["tanh"]), "got 1 activations for 2 layers: give one for each"),
        (lambda: MLP(1, [1], ["tanh"], output_activation="relu"), "leave out output_activation"),
        (lambda: Neuron(1, "ReLU"), "no activation is named 'ReLU'. Did you mean 'relu'"),
        (lambda: Neuron(1, "xyzzy"), "no activation is named 'xyzzy'. Any function of one number will do"),
        (
            lambda: Neuron(1, "softmax"),
            "`softmax` is no activation: it takes a whole list. Leave the outputs linear and write softmax(mod",
        ),
        (lambda: Uniform(1.0, -1.0), "Uniform takes finite numbers low <= high, got low=1.0, high=-1.0"),
        (lambda: Normal(-1.0), "Normal takes a finite scale of at least 0, got -1.0"),
    ],
)
def test_wrong_values(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP(2, 4), "sizes is a list with the number of neurons of each layer, such as [4, 1], got 4"),  # type: ignore[arg-type]
        (lambda: MLP(2.0, [4]), "n_inputs must be a whole number, got 2.0"),  # type: ignore[arg-type]
        (lambda: Neuron(1, 3), "an activation is a name or a function of one number, got 3"),  # type: ignore[arg-type]
        (lambda: MLP(2, [1])(numpy.ones((2, 3))), "array of shape (3,)"),
    ],
)
def test_wrong_types(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call()


# ---- activations -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if isinstance(row, Unary) and row.public])
def test_every_unary_primitive_is_an_activation(name: str) -> None:
    found: object = Neuron(1, name).activation
    assert found is TABLE[name]


@pytest.mark.parametrize("name", ["linear", "leaky_relu", "gelu", "silu"])
def test_functions_of_one_number_are_activations(name: str) -> None:
    assert Neuron(1, name).activation is getattr(functions, name)


def test_any_callable_is_an_activation() -> None:
    def shifted(x: Any) -> Any:
        return x + 1.0

    model = with_numbers(MLP(1, [1, 1], [sigmoid, shifted], bias=False), [0.0, 2.0])
    assert repr(model) == "MLP(1 -> 1 sigmoid -> 1 shifted, 2 parameters)"
    assert model([3.0]).data == 2.0


def test_repr() -> None:
    assert repr(MLP(2, [4, 1], output_activation="sigmoid")) == "MLP(2 -> 4 tanh -> 1 sigmoid, 17 parameters)"
    assert repr(MLP(784, [30, 10], "relu")) == "MLP(784 -> 30 relu -> 10 linear, 23,860 parameters)"
    assert repr(Neuron(1, bias=False)) == "Neuron(1 -> tanh, 1 parameter)"
    layer = Layer(2, 2)
    layer.neurons[1].activation = sigmoid
    assert repr(layer) == "Layer(2 -> 2 tanh/sigmoid, 6 parameters)"
    model: Any = MLP(2, [2, 1])
    model.layers[0] = Neuron(2)
    assert repr(model) == "MLP(6 parameters)"


# ---- initializers ------------------------------------------------------------------------------------------------------------


def test_initializers_have_their_spread() -> None:
    cases: list[tuple[Initializer, float]] = [
        (Uniform(-3.0, 3.0), 3.0),
        (Normal(0.5), 0.25),
        (Xavier(), 2.0 / 400),
        (He(), 2.0 / 300),
    ]
    for initializer, variance in cases:
        rng = random.Random(0)
        drawn = [initializer(300, 100, rng) for _ in range(20_000)]
        assert abs(sum(drawn) / 20_000) < 4 * math.sqrt(variance / 20_000)
        assert sum(x * x for x in drawn) / 20_000 == pytest.approx(variance, rel=0.04)


def test_initializers_see_the_shape_of_their_layer() -> None:
    shapes: set[tuple[int, int]] = set()

    def note(n_inputs: int, n_outputs: int, rng: random.Random) -> float:
        shapes.add((n_inputs, n_outputs))
        return 0.5

    model = MLP(2, [4, 3], initializer=note, bias_initializer=Uniform(2.0, 2.0))
    assert shapes == {(2, 4), (4, 3)}
    assert numbers_of(model.layers[1].neurons[0]) == [0.5, 0.5, 0.5, 0.5, 2.0]


def test_an_initializer_class_stands_for_its_defaults() -> None:
    cls: Any = Xavier
    zeros: Any = Zeros
    assert numbers_of(MLP(2, [2], initializer=cls, seed=3)) == numbers_of(MLP(2, [2], initializer=Xavier(), seed=3))
    assert numbers_of(MLP(2, [1], initializer=zeros)) == [0.0, 0.0, 0.0]


def test_initializers_have_names_as_activations_do() -> None:
    for name, kind in (("he", He()), ("Xavier", Xavier()), ("normal", Normal()), ("uniform", Uniform()), ("zeros", Zeros())):
        named = MLP(2, [3, 1], initializer=name, bias_initializer=name, seed=1)
        assert numbers_of(named) == numbers_of(MLP(2, [3, 1], initializer=kind, bias_initializer=kind, seed=1))
    with pytest.raises(
        ValueError, match=r"no initializer is named 'hee'\. Did you mean 'he'\? There are 'he', 'normal', 'uniform'"
    ):
        MLP(2, [1], initializer="hee")
    with pytest.raises(TypeError, match=r"an initializer is a name or a function of \(n_inputs, n_outputs, rng\), got 0\.5"):
        Neuron(2, initializer=0.5)


@pytest.mark.parametrize("sizes", [[1], [2, 1]])
def test_an_unknown_activation_is_refused_with_and_without_hidden_layers(sizes):
    with pytest.raises(ValueError, match="no activation is named 'foo'"):
        MLP(2, sizes, activation="foo")
