"""The classic 3-5-1 sigmoid network on XOR: full-batch gradient descent, and one of its gradients computed in three ways.

The third input column is 1 throughout and takes the place of a bias, so the network has weights only. The cost is the sum over
the four rows of (output - target)^2 / 2.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from autograd_lite.engine.primitives import total
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.nn.initializers import Initializer, Normal, Uniform
from autograd_lite.optim import SGD
from autograd_lite.systems.differences import central_differences

INPUTS = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0))
TARGETS = (0.0, 1.0, 1.0, 0.0)
INITIALIZERS: dict[str, Initializer] = {"uniform": Uniform(-1.0, 1.0), "normal": Normal(0.1)}


@dataclass(frozen=True)
class ThreeWays:
    """One derivative by the analytic formula, by central difference and by `backward`."""

    name: str
    analytic: float
    numerical: float
    backward: float


def network(hidden: int = 5, init: str = "uniform", seed: int = 0) -> MLP:
    """A 3-hidden-1 sigmoid network without biases.

    Args:
        hidden: the number of hidden units.
        init: "uniform" for weights from uniform(-1, 1), "normal" for normal(0, 0.1).
        seed: of the random numbers; the same seed gives the same network.
    Example:
        >>> len(network().parameters())
        20
    """
    initializer = INITIALIZERS[init]
    return MLP(3, [hidden, 1], activation="sigmoid", output_activation="sigmoid", bias=False, initializer=initializer, seed=seed)


def cost(model: MLP) -> Value:
    """The sum over the four rows of (output - target)^2 / 2."""
    return total([error_of_row(model, number) for number in range(len(INPUTS))])


def error_of_row(model: MLP, number: int) -> Value:
    """(output - target)^2 / 2 for one row of `INPUTS`."""
    return cast(Value, squared_error([model(list(INPUTS[number]))], [TARGETS[number]]))


def predictions(model: MLP) -> list[float]:
    """The network's output for each row of `INPUTS`."""
    with no_grad():
        return [model(list(row)).data for row in INPUTS]


def train(model: MLP, iterations: int = 1000, learning_rate: float = 1.0) -> Iterator[float]:
    """Gradient descent on the whole batch; one iteration for each element taken from the result, which is the cost before it.

    Example:
        >>> model = network(seed=0)
        >>> before = cost(model).data
        >>> for _ in train(model, iterations=3): pass
        >>> cost(model).data < before
        True
    """
    optimizer = SGD(model.parameters(), learning_rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        loss = cost(model)
        loss.backward()
        optimizer.step()
        yield loss.data


def three_ways(model: MLP) -> ThreeWays:
    """The derivative of the cost by the first weight of the first hidden unit: by hand, by central difference, by `backward`.

    By hand: the sum over rows of (a2 - y) * a2 * (1 - a2) * w2 * a1 * (1 - a1) * x, the chain rule from the cost to the weight.
    The difference is (C(w + h) - C(w - h)) / 2h with h = 6e-6, near the best step for it, eps^(1/3).
    """
    unit = model.layers[0].neurons[0]
    weight = unit.w[0]
    onward = model.layers[1].neurons[0].w[0]
    with no_grad():
        analytic = 0.0
        for row, target, output in zip(INPUTS, TARGETS, predictions(model), strict=True):
            hidden = unit(list(row)).data
            analytic += (output - target) * output * (1.0 - output) * onward.data * hidden * (1.0 - hidden) * row[0]

        def cost_at(point: Sequence[float]) -> float:
            [weight.data] = point
            return cost(model).data

        kept = weight.data
        [numerical] = central_differences(cost_at, [kept])
        weight.data = kept
    model.zero_grad()
    cost(model).backward()
    return ThreeWays(str(weight.label), analytic, numerical, weight.grad)
