"""Many 3-n-1 networks learning XOR at once: their weights stand in stacks of matrices, and NumPy takes the steps.

Notation: w1 (starts, 3, hidden) and w2 (starts, hidden, 1) are the weights, X the rows of inputs, T the targets; full batch,
sigmoid units, no biases but the input column of ones, cost sum (T - out)^2 / 2. The engine takes the same steps, one network at
a time; tests hold the two together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.primitives import dot, sigmoid, total
from autograd_lite.losses import squared_error
from autograd_lite.systems.xor import INPUTS, TARGETS, network


@dataclass(frozen=True, slots=True)
class Count:
    """How many starts have learned, after so many iterations.

    Attributes:
        iterations: steps taken.
        right: starts that classify all rows.
        starts: how many there are.
        mean_error: the mean of |output - target| over rows and starts.
        mean_cost: the mean cost over starts.
    """

    iterations: int
    right: int
    starts: int
    mean_error: float
    mean_cost: float


def descent(
    w1: Any, w2: Any, rows: Any = INPUTS, targets: Any = TARGETS, rates: tuple[Any, Any] = (1.0, 1.0)
) -> Iterator[tuple[Any, Any, Any]]:
    """w1, w2 and the outputs before every step, for one network or for a stack of them; there is no last step.

    Args:
        w1, w2: the weights at the start.
        rows, targets: what is to be learned.
        rates: the learning rates of w1 and w2; an array (starts, 1, 1) gives every network its own.
    Example:
        >>> w1, w2 = starts("uniform", 4)
        >>> first, second = descent(w1, w2), descent(w1, w2, rates=(0.5, 1.0))
        >>> next(first)[2].shape, bool((next(second)[0] == w1).all())
        ((4, 4, 1), True)
    """
    import numpy

    x, t = numpy.array(rows), numpy.array(targets)[:, None]
    while True:
        hidden = 1.0 / (1.0 + numpy.exp(-(x @ w1)))
        out = 1.0 / (1.0 + numpy.exp(-(hidden @ w2)))
        yield w1, w2, out
        delta = (t - out) * out * (1.0 - out)
        back = (delta @ numpy.swapaxes(w2, -1, -2)) * hidden * (1.0 - hidden)
        w1, w2 = w1 + rates[0] * (x.T @ back), w2 + rates[1] * (numpy.swapaxes(hidden, -1, -2) @ delta)


def program_descent(w1: Any, w2: Any, rows: Any = INPUTS, targets: Any = TARGETS) -> Iterator[tuple[Any, Any, Any]]:
    """The steps of `descent` at rate 1 by the engine: the scalar cost is traced once, and replayed with one start in each row.

    Args:
        w1, w2: stacks of weights at the start.
        rows, targets: what is to be learned.
    Example:
        >>> from itertools import islice
        >>> w1, w2 = starts("uniform", 4)
        >>> (_, by_hand), (_, traced) = (list(islice(way(w1, w2), 2)) for way in (descent, program_descent))
        >>> bool(abs(by_hand[0] - traced[0]).max() < 1e-15)
        True
    """
    import numpy

    from autograd_lite.program import trace

    hidden = w2.shape[-2]

    def outputs(first: Any, second: Any) -> list[Any]:
        units = [first[3 * j : 3 * j + 3] for j in range(hidden)]
        return [sigmoid(dot(second, [sigmoid(dot(unit, row)) for unit in units])) for row in rows]

    def cost(first: Any, second: Any) -> Any:
        return total([squared_error(out, t) for out, t in zip(outputs(first, second), targets, strict=True)])

    example = [0.5] * (3 * hidden), [0.5] * hidden
    program, forward = trace(cost, *example), trace(outputs, *example)
    weights = numpy.concatenate([numpy.swapaxes(w1, 1, 2).reshape(len(w1), -1), w2[:, :, 0]], axis=1)
    while True:
        first, second = weights[:, : 3 * hidden], weights[:, 3 * hidden :]
        as_matrices = numpy.swapaxes(first.reshape(-1, hidden, 3), 1, 2)
        yield as_matrices, second[:, :, None], forward(first, second)[:, :, None]
        weights = weights - program.gradient(first, second)


def starts(init: str, count: int = 200, hidden: int = 5) -> tuple[Any, Any]:
    """The weights of many starts: of number s, w1 and then w2 from NumPy's `default_rng(s)`.

    Args:
        init: "uniform" for uniform(-1, 1), "normal" for normal(0, 0.1).
        count: how many.
        hidden: units of the hidden layer.
    Example:
        >>> w1, w2 = starts("normal", 3, hidden=4)
        >>> w1.shape, w2.shape
        ((3, 3, 4), (3, 4, 1))
    """
    import numpy

    def draw(generator: Any, shape: tuple[int, int]) -> Any:
        return generator.uniform(-1.0, 1.0, shape) if init == "uniform" else generator.normal(0.0, 0.1, shape)

    generators = [numpy.random.default_rng(seed) for seed in range(count)]
    first, second = (numpy.array([draw(generator, shape) for generator in generators]) for shape in ((3, hidden), (hidden, 1)))
    return first, second


def own_starts(init: str, count: int = 200, hidden: int = 5) -> tuple[Any, Any]:
    """The weights of `xor.network(hidden, init, seed)` for seed 0, 1, ..., which Python's `random` draws.

    >>> w1, w2 = own_starts("uniform", 2)
    >>> float(w1[1, 2, 0]) == network(seed=1).layers[0].neurons[0].w[2].data
    True
    """
    import numpy

    models = [network(hidden, init, seed) for seed in range(count)]
    first = [[[weight.data for weight in unit.w] for unit in model.layers[0].neurons] for model in models]
    second = [[[weight.data] for weight in model.layers[1].neurons[0].w] for model in models]
    return numpy.swapaxes(numpy.array(first), 1, 2), numpy.array(second)


def counts(
    weights: tuple[Any, Any],
    marks: Sequence[int],
    rows: Any = INPUTS,
    targets: Any = TARGETS,
    way: Callable[..., Iterator[tuple[Any, Any, Any]]] = descent,
) -> Iterator[Count]:
    """How many starts have learned, at each of several numbers of iterations, as they are reached.

    Args:
        weights: of the starts.
        marks: the numbers of iterations to look at, rising.
        rows, targets: as for `descent`.
        way: `descent` or `program_descent`.
    Example:
        >>> [count.right for count in counts(starts("uniform", 3), [0, 1000])]
        [0, 3]
    """
    import numpy

    t = numpy.array(targets)[:, None]
    wanted = set(marks)
    for step, (_, _, out) in zip(range(max(marks) + 1), way(*weights, rows, targets), strict=False):
        if step in wanted:
            error = numpy.abs(out - t)
            right = int(((out > 0.5) == (t > 0.5)).all((-1, -2)).sum())
            cost = float((error**2).sum((-1, -2)).mean() / 2.0)
            yield Count(step, right, len(out), float(error.mean()), cost)


# ---- learning rates ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """What learning rates do to many starts.

    Attributes:
        hidden, output: the rate of the hidden and of the output weights.
        right: starts that classify all rows afterwards.
        starts: how many there are.
        cost: the median cost afterwards.
    """

    hidden: float
    output: float
    right: int
    starts: int
    cost: float


def rate_effects(pairs: Sequence[tuple[float, float]], iterations: int = 1000, count: int = 50) -> list[Rate]:
    """The same starts from uniform(-1, 1) trained at each pair of learning rates.

    Args:
        pairs: the rates of the hidden and of the output weights.
        iterations: steps.
        count: starts.
    Example:
        >>> slow, right = rate_effects([(0.01, 0.01), (1.0, 1.0)], count=5)
        >>> slow.right, right.right
        (0, 5)
    """
    import numpy

    w1, w2 = (numpy.concatenate([each] * len(pairs)) for each in starts("uniform", count))
    rates = [numpy.repeat([pair[place] for pair in pairs], count)[:, None, None] for place in (0, 1)]
    steps = zip(range(iterations + 1), descent(w1, w2, rates=(rates[0], rates[1])), strict=False)
    with numpy.errstate(over="ignore"):  # exp(-z) is inf for a large rate, and the sigmoid 0, as it should be
        *_, (_, (_, _, out)) = steps
    t = numpy.array(TARGETS)[:, None]
    right = ((out > 0.5) == (t > 0.5)).all((1, 2)).reshape(len(pairs), count).sum(1)
    costs = numpy.median(((out - t) ** 2).sum((1, 2)).reshape(len(pairs), count) / 2.0, axis=1)
    return [Rate(*pair, int(good), count, float(cost)) for pair, good, cost in zip(pairs, right, costs, strict=True)]
