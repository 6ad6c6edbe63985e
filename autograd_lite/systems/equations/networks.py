"""Exercises: a small sigmoid network with its numbers, an input and a target; and its forward pass, on floats and as a graph."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

from autograd_lite.engine.primitives import dot, sigmoid
from autograd_lite.engine.value import Value
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.nn.initializers import Zeros
from autograd_lite.systems.equations.symbols import Quantity

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A network and one sample.

    Attributes:
        name: what it is called.
        weights: for every layer a matrix: row j holds the weights of unit j.
        biases: for every layer one number for each unit; all 0.0 where the author had none.
        x: the input.
        target: what the outputs should be.
        form: "half" if C is half the sum of the squares, "sum" if it is the sum.
    Raises:
        ValueError: if the shapes do not fit together.
    Example:
        >>> one_unit = Exercise("one unit", weights=(((0.5, -1.0),),), biases=((0.25,),), x=(1.0, 2.0), target=(0.0,))
        >>> one_unit.sizes, forward(one_unit).z[0]
        ((2, 1), [-1.25])
    """

    name: str
    weights: tuple[Matrix, ...]
    biases: tuple[Vector, ...]
    x: Vector
    target: Vector
    form: str = "half"

    def __post_init__(self) -> None:
        width = len(self.x)
        if not self.weights or len(self.weights) != len(self.biases):
            raise ValueError(f"{self.name}: {len(self.weights)} matrices of weights and {len(self.biases)} vectors of biases")
        for layer, (matrix, bias) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            if any(len(row) != width for row in matrix) or len(matrix) != len(bias):
                raise ValueError(f"{self.name}: layer {layer} needs rows of {width} weights, and one bias for each row")
            width = len(matrix)
        if len(self.target) != width:
            raise ValueError(f"{self.name}: {len(self.target)} targets for {width} outputs")

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many inputs, and how many units in each layer.

        >>> EXERCISES["mazur"].sizes
        (2, 2, 2)
        """
        return (len(self.x), *map(len, self.weights))


class Recorded(NamedTuple):
    """A forward pass: for every layer its weights, biases, weighted inputs and activations, and the cost, as Values or floats."""

    weights: list[list[list[Any]]]
    biases: list[list[Any]]
    z: list[list[Any]]
    a: list[list[Any]]
    cost: Any


def forward(exercise: Exercise) -> Recorded:
    """The forward pass on plain numbers.

    Args:
        exercise: a network and a sample.
    Example:
        >>> [round(out, 9) for out in forward(EXERCISES["mazur"]).a[-1]]
        [0.75136507, 0.772928465]
    """
    weights = [[list(row) for row in matrix] for matrix in exercise.weights]
    return _forward(exercise, weights, [list(bias) for bias in exercise.biases])


def recorded(exercise: Exercise) -> Recorded:
    """The same on Values labelled with their symbols, differentiated: `.grad` of z^l_j is delta^l_j.

    Args:
        exercise: a network and a sample.
    Example:
        >>> passed = recorded(EXERCISES["2-2-1"])
        >>> passed.z[1][0].label, round(passed.z[1][0].grad, 6)
        ('z^2_1', 0.040681)
    """
    weights = [
        [[Value(w, Quantity("w", layer, j, k).text) for k, w in enumerate(row, 1)] for j, row in enumerate(matrix, 1)]
        for layer, matrix in enumerate(exercise.weights, 1)
    ]
    biases = [
        [Value(b, Quantity("b", layer, j).text) for j, b in enumerate(bias, 1)] for layer, bias in enumerate(exercise.biases, 1)
    ]
    passed = _forward(exercise, weights, biases)
    for kind, layers in (("z", passed.z), ("a", passed.a)):
        for layer, units in enumerate(layers, 1):
            for j, unit in enumerate(units, 1):
                unit.label = Quantity(kind, layer, j).text
    passed.cost.label = "C"
    passed.cost.backward()
    return passed


def _forward(exercise: Exercise, weights: list[list[list[Any]]], biases: list[list[Any]]) -> Recorded:
    signal: Sequence[Any] = exercise.x
    z, a = [], []
    for matrix, bias in zip(weights, biases, strict=True):
        z.append([dot(row, signal, b) for row, b in zip(matrix, bias, strict=True)])
        a.append([sigmoid(each) for each in z[-1]])
        signal = a[-1]
    return Recorded(weights, biases, z, a, squared_error(a[-1], list(exercise.target), form=exercise.form))


def network_of(exercise: Exercise) -> MLP:
    """The exercise's network as an `MLP`.

    Args:
        exercise: a network and a sample.
    Example:
        >>> [round(out.data, 9) for out in network_of(EXERCISES["mazur"])([0.05, 0.1])]
        [0.75136507, 0.772928465]
    """
    network = MLP(len(exercise.x), exercise.sizes[1:], "sigmoid", output_activation="sigmoid", initializer=Zeros())
    for layer, matrix, bias in zip(network.layers, exercise.weights, exercise.biases, strict=True):
        for unit, row, b in zip(layer.neurons, matrix, bias, strict=True):
            for parameter, number in zip(unit.parameters(), (*row, b), strict=True):
                parameter.data = number
    return network


def small(sizes: Sequence[int] = (2, 2, 1), seed: int = 0) -> Exercise:
    """A network of these sizes with weights and biases, rounded to two places, from uniform(-1, 1).

    Args:
        sizes: inputs, then the units of each layer.
        seed: of the numbers; the input and the target are drawn from it too.
    Raises:
        ValueError: if there is no layer, or a size is below 1.
    Example:
        >>> small((2, 2, 1)).sizes, small((2, 2, 1)).weights[1]
        ((2, 2, 1), ((0.57, -0.39),))
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"a network has inputs and at least one layer, all of at least 1 unit, got the sizes {tuple(sizes)}")
    rng = random.Random(seed)

    def draw(count: int, low: float = -1.0) -> Vector:
        return tuple(round(rng.uniform(low, 1.0), 2) for _ in range(count))

    weights, biases = [], []
    for width, units in pairwise(sizes):
        weights.append(tuple(draw(width) for _ in range(units)))
        biases.append(draw(units))
    name = "-".join(map(str, sizes))
    return Exercise(name, tuple(weights), tuple(biases), draw(sizes[0], 0.0), draw(sizes[-1], 0.0))


EXERCISES: Final = {
    exercise.name: exercise
    for exercise in (
        Exercise("2-2-1", (((0.1, 0.8), (0.4, 0.6)), ((0.3, 0.9),)), ((0.0, 0.0), (0.0,)), (0.35, 0.9), (0.5,)),
        Exercise(
            "mazur",
            (((0.15, 0.2), (0.25, 0.3)), ((0.4, 0.45), (0.5, 0.55))),
            ((0.35, 0.35), (0.6, 0.6)),
            (0.05, 0.1),
            (0.01, 0.99),
        ),
        Exercise(
            "schiendorfer",
            (((6.0, -2.0), (-3.0, 5.0)), ((1.0, 0.25), (-2.0, 2.0))),
            ((0.0, 0.0), (0.0, 0.0)),
            (3.0, 1.0),
            (1.0, 0.0),
            "sum",
        ),
    )
}
