"""BP1 to BP4 in three ways: matrix code that follows the definition, the scalar graph, and a traced program."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.systems.equations.networks import Exercise, network_of, recorded
from autograd_lite.systems.equations.symbols import Quantity

if TYPE_CHECKING:
    from autograd_lite.program import Program

_PER_SQUARE: Final = {"half": 1.0, "sum": 2.0}  # dC/da = this times (a - t)


@dataclass(frozen=True, slots=True)
class Gradients:
    """What the four equations give, layer by layer from the first; every number a float.

    Attributes:
        deltas: for every layer delta^l_j.
        biases: for every layer dC/db^l_j.
        weights: for every layer dC/dw^l_jk, one row for each unit j.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> found = by_definition(EXERCISES["2-2-1"])
        >>> found.biases == found.deltas, [len(layer) for layer in found.weights]  # BP3; two units, one unit
        (True, [2, 1])
    """

    deltas: list[list[float]]
    biases: list[list[float]]
    weights: list[list[list[float]]]

    def entries(self) -> Iterator[tuple[str, Quantity, float]]:
        """The name of the equation, the symbol, and the number, in the order of the equations; layers from the last to the first.

        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> for equation, symbol, number in list(by_definition(EXERCISES["2-2-1"]).entries())[:3]:
        ...     print(equation, symbol.text, round(number, 6))
        BP1 delta^2_1 0.040681
        BP2 delta^1_1 0.002654
        BP2 delta^1_2 0.008172
        """
        last = len(self.deltas)
        backwards = range(last, 0, -1)
        for layer in backwards:
            for j, delta in enumerate(self.deltas[layer - 1], 1):
                yield "BP1" if layer == last else "BP2", Quantity("delta", layer, j), delta
        for layer in backwards:
            for j, slope in enumerate(self.biases[layer - 1], 1):
                yield "BP3", Quantity("b", layer, j, of_cost=True), slope
        for layer in backwards:
            for j, row in enumerate(self.weights[layer - 1], 1):
                for k, slope in enumerate(row, 1):
                    yield "BP4", Quantity("w", layer, j, k, of_cost=True), slope


@dataclass(frozen=True, slots=True)
class Row:
    """One number of the four equations in every way. Given by `rows`.

    Attributes:
        equation: "BP1" to "BP4".
        symbol: what it is.
        definition, graph, program: the number in each of the three ways.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> first = rows(EXERCISES["2-2-1"])[0]
        >>> first.equation, first.symbol.text, round(first.graph, 6), first.gap < 1e-16
        ('BP1', 'delta^2_1', 0.040681, True)
    """

    equation: str
    symbol: Quantity
    definition: float
    graph: float
    program: float

    @property
    def gap(self) -> float:
        """The largest difference between two of the ways."""
        numbers = self.definition, self.graph, self.program
        return max(numbers) - min(numbers)


def by_definition(exercise: Exercise) -> Gradients:
    """The four equations as they stand in the book, in matrices.

    Args:
        exercise: a network and a sample.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> round(by_definition(EXERCISES["mazur"]).weights[1][0][0], 9)
        0.082167041
    """
    import numpy

    def sigma(z: Any) -> Any:
        return 1.0 / (1.0 + numpy.exp(-z))

    w = [numpy.array(matrix) for matrix in exercise.weights]
    b = [numpy.array(bias) for bias in exercise.biases]
    a = [numpy.array(exercise.x)]
    slopes = []  # sigma'(z^l) for every layer
    for matrix, bias in zip(w, b, strict=True):
        z = matrix @ a[-1] + bias
        a.append(sigma(z))
        slopes.append(sigma(z) * (1.0 - sigma(z)))

    delta = [_PER_SQUARE[exercise.form] * (a[-1] - numpy.array(exercise.target)) * slopes[-1]]  # BP1
    for layer in range(len(w) - 1, 0, -1):
        delta.insert(0, w[layer].T @ delta[0] * slopes[layer - 1])  # BP2
    return Gradients(
        [each.tolist() for each in delta],
        [each.tolist() for each in delta],  # BP3
        [numpy.outer(each, before).tolist() for each, before in zip(delta, a, strict=False)],  # BP4
    )


def by_graph(exercise: Exercise) -> Gradients:
    """The same numbers as one backward pass leaves them on the nodes: delta^l_j is the `.grad` of z^l_j.

    Args:
        exercise: a network and a sample.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> round(by_graph(EXERCISES["mazur"]).weights[1][0][0], 9)
        0.082167041
    """
    passed = recorded(exercise)
    return Gradients(
        [[z.grad for z in layer] for layer in passed.z],
        [[b.grad for b in layer] for layer in passed.biases],
        [[[w.grad for w in row] for row in matrix] for matrix in passed.weights],
    )


def program_of(exercise: Exercise) -> tuple["Program", MLP]:
    """The exercise as a traced program, whose source is the four equations in matrices, and the network that was traced.

    Args:
        exercise: a network and a sample.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> program, _ = program_of(EXERCISES["mazur"])
        >>> print(*[line.strip() for line in program.source.splitlines() if line.strip().startswith("d_z1 =")])
        d_z1 = (d_z2 @ W2) * a1 * sigmoid(-z1)  # d value / d z1
    """
    from autograd_lite.program import trace

    def cost(network: MLP, x: list[Any], t: list[Any]) -> Any:
        outputs = network(x)
        return squared_error(outputs if isinstance(outputs, list) else [outputs], t, form=exercise.form)

    network = network_of(exercise)
    return trace(cost, network, list(exercise.x), list(exercise.target)), network


def by_program(exercise: Exercise) -> Gradients:
    """The same numbers by the matrix statements of a traced program; its d_z is what it writes as the gradient by the biases.

    Args:
        exercise: a network and a sample.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> round(by_program(EXERCISES["mazur"]).weights[1][0][0], 9)
        0.082167041
    """
    program, network = program_of(exercise)
    _, gradient = program.loss_and_gradient([list(exercise.x)], [list(exercise.target)])
    program.parameters[:] = gradient
    program.write_back()  # the gradient stands where the parameters stood, each number on its own Value
    biases = [[unit.b.data for unit in layer.neurons if unit.b is not None] for layer in network.layers]
    weights = [[[weight.data for weight in unit.w] for unit in layer.neurons] for layer in network.layers]
    return Gradients(biases, biases, weights)


def rows(exercise: Exercise) -> list[Row]:
    """Every number of the four equations in every way.

    Args:
        exercise: a network and a sample.
    Example:
        >>> from autograd_lite.systems.equations.networks import EXERCISES
        >>> table = rows(EXERCISES["2-2-1"])
        >>> len(table), max(row.gap for row in table) < 1e-16
        (12, True)
    """
    ways = (by_definition(exercise), by_graph(exercise), by_program(exercise))
    entries = zip(*(way.entries() for way in ways), strict=True)
    return [Row(equation, symbol, number, other[0][-1], other[1][-1]) for (equation, symbol, number), *other in entries]
