"""Two moons: a 2-16-16-1 ReLU network learns to tell them apart by the hinge loss with an L2 penalty, as micrograd's demo does.

cost = mean of relu(1 - target * score) + alpha * sum of w^2 over all parameters w, alpha = 1e-4; a hundred steps on the whole
data at a learning rate that falls from 1 to 0.1.

Source: Karpathy, micrograd, demo.ipynb.
"""

from collections.abc import Sequence

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install  # isort: skip
import numpy

from autograd_lite.datasets import Array, Dataset
from autograd_lite.losses import hinge
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.training import Callback, History, fit, predict, same_side

ALPHA = 1e-4


def network(hidden: Sequence[int] = (16, 16), seed: int = 0) -> MLP:
    """A ReLU network from two coordinates to one score; weights start as in micrograd, from uniform(-1, 1).

    >>> network()
    MLP(2 -> 16 relu -> 16 relu -> 1 linear, 337 parameters)
    """
    return MLP(2, [*hidden, 1], "relu", seed=seed)


def penalty(model: MLP) -> float:
    """alpha * sum of w^2: what the cost has besides the mean hinge loss."""
    return ALPHA * sum(parameter.data**2 for parameter in model.parameters())


def train(
    model: MLP,
    data: Dataset,
    steps: int = 100,
    *,
    learning_rate: float = 1.0,
    engine: str = "eager",
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    history: History | None = None,
) -> History:
    """Trains on the whole data at once, one step per epoch; the rate falls straight to a tenth of where it starts.

    The penalty's derivative by w is 2 * alpha * w, so it enters as a weight decay of 2 * alpha; the history has the hinge loss.

    Args:
        model: as `network` makes it.
        data: points with targets -1 and 1.
        steps: how many.
        learning_rate: of the first step.
        engine, callbacks, progress, history: as for `fit`.
    Example:
        >>> from autograd_lite.datasets import moons
        >>> history = train(network([4]), moons(20), steps=10, progress=False)
        >>> history.costs[-1] < history.costs[0]
        True
    """
    optimizer = SGD(model.parameters(), lambda step: learning_rate * (1.0 - 0.9 * step / steps), weight_decay=2.0 * ALPHA)
    return fit(
        model,
        data,
        hinge,
        optimizer,
        batch_size=len(data),
        epochs=steps,
        engine=engine,
        right=same_side,
        callbacks=callbacks,
        progress=progress,
        history=history,
    )


def accuracy(model: MLP, data: Dataset, engine: str = "eager") -> float:
    """The share of points whose score has the sign of their target."""
    return float(same_side(predict(model, data.inputs, engine), data.targets).mean())


def scores(model: MLP, data: Dataset, size: int = 60, engine: str = "eager") -> tuple[Array, tuple[float, float, float, float]]:
    """The network's score over the plane, where the data lie and a little around.

    Returns:
        (size, size) scores, a row for each second coordinate from below; and the plane's left, right, bottom and top.
    """
    (left, bottom), (right, top) = data.inputs.min(axis=0) - 0.5, data.inputs.max(axis=0) + 0.5
    x, y = numpy.meshgrid(numpy.linspace(left, right, size), numpy.linspace(bottom, top, size))
    found = predict(model, numpy.stack([x.ravel(), y.ravel()], axis=1), engine)
    return found.reshape(size, size), (float(left), float(right), float(bottom), float(top))
