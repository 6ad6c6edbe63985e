"""The decision boundary of an XOR network while it learns: outputs over a square of inputs at many moments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.engine.primitives import dot, sigmoid
from autograd_lite.nn import MLP
from autograd_lite.plotting import Film, Frame, Map
from autograd_lite.systems.xor import INPUTS, TARGETS, cost, train

LOW, HIGH = -0.25, 1.25
SIZE: Final = 33
FRAMES: Final = 51
STILLS: Final = 8
POINTS: Final = tuple((x1, x2, target) for (x1, x2, _), target in zip(INPUTS, TARGETS, strict=True))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The network at one moment of training.

    Attributes:
        iteration: steps taken so far.
        cost: over all four rows.
        rows: the outputs over the square, from the lowest x2 to the highest, and in a row from the lowest x1 to the highest.
    """

    iteration: int
    cost: float
    rows: list[list[float]]


def surface(model: MLP, size: int = SIZE) -> list[list[float]]:
    """The network's outputs over the square, all at once: functions answer arrays with arrays.

    >>> from autograd_lite.systems.xor import network
    >>> rows = surface(network(), size=7)  # LOW and HIGH are six quarters apart: (0, 0) is one step from the corner
    >>> abs(rows[1][1] - network()([0.0, 0.0, 1.0]).data) < 1e-15
    True
    """
    signal: list[Any] = _square(size)
    for layer in model.layers:
        signal = [unit.activation(dot([weight.data for weight in unit.w], signal)) for unit in layer.neurons]
    rows: list[list[float]] = signal[0].tolist()
    return rows


def unit_surface(weights: Sequence[float], size: int = SIZE) -> list[list[float]]:
    """The outputs of one sigmoid unit over the square, from its three weights.

    >>> unit_surface([0.0, 0.0, 0.0], size=2)
    [[0.5, 0.5], [0.5, 0.5]]
    """
    rows: list[list[float]] = sigmoid(dot(list(weights), _square(size))).tolist()
    return rows


def _square(size: int) -> list[Any]:
    """x1, x2 and the constant input over the square."""
    import numpy

    x1, x2 = numpy.meshgrid(numpy.linspace(LOW, HIGH, size), numpy.linspace(LOW, HIGH, size))
    return [x1, x2, numpy.ones_like(x1)]


def watch(model: MLP, iterations: int = 1000, learning_rate: float = 1.0, frames: int = FRAMES) -> Iterator[Snapshot]:
    """Trains the network and gives it at evenly spaced moments, the first before training and the last after it.

    Args:
        model: as `xor.network` makes it; it is trained.
        iterations: steps.
        learning_rate: of all weights.
        frames: how many moments, at least 2; fewer if there are fewer iterations.
    Example:
        >>> from autograd_lite.systems.xor import network
        >>> [moment.iteration for moment in watch(network(), 100, frames=5)]
        [0, 25, 50, 75, 100]
    """
    marks = {round(k * iterations / (frames - 1)) for k in range(frames)}
    steps: Iterable[float] = train(model, iterations, learning_rate)
    if 0 in marks:
        yield Snapshot(0, cost(model).data, surface(model))
    for iteration, _ in enumerate(steps, start=1):
        if iteration in marks:
            yield Snapshot(iteration, cost(model).data, surface(model))


def film(moments: Sequence[Snapshot], title: str = "XOR: the decision boundary while a network learns") -> Film:
    """The page with a slider."""
    frames = [Frame(f"iteration {moment.iteration:,}", moment.cost, moment.rows, moment.iteration) for moment in moments]
    return Film(title, frames, LOW, HIGH, POINTS)


def chosen(moments: Sequence[Snapshot], count: int = STILLS) -> list[Snapshot]:
    """Some of the moments, evenly spaced, the first and the last among them."""
    return [moments[place] for place in sorted({round(k * (len(moments) - 1) / max(1, count - 1)) for k in range(count)})]


def stills(moments: Sequence[Snapshot], count: int = STILLS) -> list[Map]:
    """The chosen moments as maps."""
    return [Map(f"{each.iteration:,}: cost {each.cost:.3f}", each.rows, LOW, HIGH, POINTS) for each in chosen(moments, count)]
