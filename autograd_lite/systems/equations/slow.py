"""Where learning is slow, and which of the four equations says so.

BP2   every layer back multiplies by sigmoid'(z) <= 1/4 and by weights: deltas vanish along depth
BP1   a saturated output has sigmoid'(z) near 0: its delta is small however wrong it is
BP4   a weight from a unit with a_k near 0 gets a slope near 0
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.engine.primitives import dot, sigmoid
from autograd_lite.engine.value import Value
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.nn.initializers import He, Initializer, Uniform, Xavier
from autograd_lite.optim import SGD

KINDS: Final[dict[str, tuple[str, Initializer]]] = {
    "sigmoid, uniform(-1, 1)": ("sigmoid", Uniform(-1.0, 1.0)),
    "sigmoid, Xavier": ("sigmoid", Xavier()),
    "tanh, Xavier": ("tanh", Xavier()),
    "relu, He": ("relu", He()),
}
WIDTH: Final = 8
_MOST_STEPS: Final = 2000


@dataclass(frozen=True, slots=True)
class Depth:
    """The size of the deltas along the layers of deep networks.

    Attributes:
        kind: of activation and start.
        norms: for every layer, from the first, the root mean square of delta over its units and over all starts.
    """

    kind: str
    norms: list[float]

    @property
    def factor(self) -> float:
        """By how much a delta shrinks, or grows, from one layer to the one before, on the average.

        >>> Depth("any", [0.25, 0.5, 1.0]).factor
        0.5
        """
        return float((self.norms[0] / self.norms[-1]) ** (1.0 / (len(self.norms) - 1)))


@dataclass(frozen=True, slots=True)
class Saturated:
    """How one unit learns to answer 0, from one weighted input.

    Attributes:
        z: at the start.
        slope: |dC/dw| there.
        steps: until the output is below 0.1; None if 2,000 were not enough.
    """

    z: float
    slope: float
    steps: int | None


@dataclass(frozen=True, slots=True)
class Fed:
    """How the weight on one input learns, by the size of that input.

    Attributes:
        a: the input.
        slope: |dC/dw| at the start.
        moved: how far the weight has gone after 100 steps.
    """

    a: float
    slope: float
    moved: float


def vanishing(depth: int = 12, seeds: int = 20, kinds: dict[str, tuple[str, Initializer]] = KINDS) -> list[Depth]:
    """The deltas of every layer at the start, for each kind of network.

    Args:
        depth: how many layers, the last of one sigmoid unit; the others have eight units.
        seeds: how many starts to average over.
        kinds: activation and initializer by a name.
    Example:
        >>> from autograd_lite.nn import Xavier
        >>> [deep] = vanishing(6, 3, {"sigmoid": ("sigmoid", Xavier())})
        >>> len(deep.norms), deep.factor < 0.5
        (6, True)
    """
    found = []
    for name, (activation, initializer) in kinds.items():
        squares = [0.0] * depth
        for seed in range(seeds):
            widths = [WIDTH] * (depth - 1) + [1]
            model = MLP(WIDTH, widths, activation, output_activation="sigmoid", initializer=initializer, seed=seed)
            for layer, deltas in enumerate(_deltas(model, [math.sin(seed + k) for k in range(WIDTH)])):
                squares[layer] += math.fsum(delta * delta for delta in deltas) / len(deltas) / seeds
        found.append(Depth(name, [math.sqrt(square) for square in squares]))
    return found


def _deltas(model: MLP, x: Sequence[float]) -> list[list[float]]:
    """delta^l_j of every layer: the `.grad` of what goes into each activation."""
    signal: Any = list(x)
    layers = []
    for layer in model.layers:
        signal = layer(signal)
        layers.append(signal if isinstance(signal, list) else [signal])
    squared_error(signal, 0.0).backward()
    return [[output.operands[0].grad for output in outputs] for outputs in layers]


def saturation(starts: Sequence[float] = tuple(range(-2, 9))) -> list[Saturated]:
    """One unit, input 1, target 0, learning rate 1: squared error, by the z it starts from.

    Args:
        starts: the z, one unit each.
    Example:
        >>> near, far = saturation([0.0, 6.0])
        >>> near.slope > 50 * far.slope, near.steps < 100 < far.steps
        (True, True)
    """
    found = []
    for z in starts:
        steps = _descent([Value(z)], [1.0])
        output, first = next(steps)
        needed = 0
        while output >= 0.1 and needed < _MOST_STEPS:
            output, _ = next(steps)
            needed += 1
        found.append(Saturated(z, first, needed if output < 0.1 else None))
    return found


def input_sizes(sizes: Sequence[float] = (0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 1.0), steps: int = 100) -> list[Fed]:
    """One unit with an input of this size and one of 1, z = 1 at the start, target 0, learning rate 1: the weight on the first.

    Args:
        sizes: of the input, one unit each.
        steps: how many the unit learns.
    Example:
        >>> small, large = input_sizes([0.01, 1.0])
        >>> round(large.slope / small.slope)
        100
    """
    found = []
    for a in sizes:
        weights = [Value(0.5), Value(1.0 - 0.5 * a)]
        slopes = [slope for _, (_, slope) in zip(range(steps + 1), _descent(weights, [a, 1.0]), strict=False)]
        found.append(Fed(a, slopes[0], abs(weights[0].data - 0.5)))
    return found


def _descent(weights: list[Value], inputs: Sequence[float]) -> Iterator[tuple[float, float]]:
    """The output and |dC/dw| of the first weight before every step towards the target 0, at learning rate 1."""
    optimizer = SGD(weights, 1.0)
    while True:
        optimizer.zero_grad()
        output = sigmoid(dot(weights, inputs))
        squared_error(output, 0.0).backward()
        yield output.data, abs(weights[0].grad)
        optimizer.step()
