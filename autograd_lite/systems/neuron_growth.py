"""One unit with more and more weights: what a gradient costs, and how right it is, from 1 to 1,000,000 parameters.

    y = sigmoid(b + w1 x1 + ... + wN xN),  C = (y - t)^2 / 2

A difference needs an evaluation of the cost for each parameter, and each evaluation adds up all parameters: the time grows with
the square. A backward pass visits every edge once: the time grows in proportion. Where measuring would take too long, the time is
that of one evaluation times how many are needed, and marked so.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from time import perf_counter
from typing import Final, TypeVar

from autograd_lite.engine.primitives import sigmoid
from autograd_lite.losses import squared_error
from autograd_lite.nn import Neuron
from autograd_lite.plotting import Curve, Panel
from autograd_lite.systems.differences import central_differences, forward_differences, relative_error

# With the evaluations of the cost for each parameter, and those besides.
_DIFFERENCES: Final = {"forward difference": (forward_differences, 1, 1), "central difference": (central_differences, 2, 0)}
METHODS: Final = ("by hand", "backward", *_DIFFERENCES)
COUNTS: Final = (2, *(10**k for k in range(1, 7)))
TARGET: Final = 0.9
_SAMPLED: Final = 10  # parameters whose differences are taken where taking all would be too slow
_FEASIBLE: Final = 0.5  # seconds
T = TypeVar("T")
_SMALLEST: Final = 1e-17  # where an error of 0 is drawn on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Cost:
    """What one method took for the whole gradient of one unit.

    Attributes:
        method: one of METHODS.
        parameters: how many there are.
        evaluations: of the cost; a backward pass counts as one, since it follows one.
        seconds: for all parameters.
        measured: whether the seconds were; else they are extrapolated from one evaluation.
        error: the largest relative error against the formulas by hand, of all parameters, or of 10 where not measured.
    """

    method: str
    parameters: int
    evaluations: int
    seconds: float
    measured: bool
    error: float


@dataclass(frozen=True, slots=True)
class WideUnit:
    """A unit with its numbers: the bias first, then the weights; one input for each weight."""

    numbers: list[float]
    inputs: list[float]

    def cost(self, numbers: Sequence[float]) -> float:
        """C on plain floats, the cheapest evaluation."""
        return (self.output(numbers) - TARGET) ** 2 / 2.0

    def output(self, numbers: Sequence[float]) -> float:
        """y, the weighted inputs added to the bias in the order of the engine's `dot`."""
        return float(sigmoid(sum(map(mul, numbers[1:], self.inputs), numbers[0])))

    def by_hand(self) -> list[float]:
        """(y - t) y (1 - y) for the bias, and that times x for the weight on x."""
        y = self.output(self.numbers)
        delta = (y - TARGET) * y * (1.0 - y)
        return [delta, *(delta * x for x in self.inputs)]

    def by_backward(self) -> list[float]:
        """The gradients that a backward pass leaves on a `Neuron`'s parameters."""
        given = iter([*self.numbers[1:], self.numbers[0]])  # a Neuron draws its bias last
        neuron = Neuron(len(self.inputs), "sigmoid", initializer=lambda *_: next(given), bias_initializer=lambda *_: next(given))
        squared_error(neuron(self.inputs), TARGET).backward()
        assert neuron.b is not None
        return [neuron.b.grad, *(weight.grad for weight in neuron.w)]


def task(parameters: int, seed: int = 0) -> WideUnit:
    """A unit with so many parameters, small enough not to be saturated.

    Args:
        parameters: the bias and the weights; at least 2.
        seed: of the weights and the inputs.
    Example:
        >>> unit = task(5)
        >>> len(unit.numbers), max(abs(a - b) for a, b in zip(unit.by_hand(), unit.by_backward())) < 1e-16
        (5, True)
    """
    rng = random.Random(seed)
    weights = parameters - 1
    inputs = [rng.uniform(-1.0, 1.0) for _ in range(weights)]
    return WideUnit([0.1, *(rng.uniform(-1.0, 1.0) / weights**0.5 for _ in range(weights))], inputs)


def growth(counts: Sequence[int] = COUNTS, seed: int = 0, feasible: float = _FEASIBLE) -> Iterator[Cost]:
    """The cost of every method for every number of parameters, one row at a time.

    Args:
        counts: how many parameters, each at least 2.
        seed: of the units.
        feasible: the most seconds that a row may take to be measured.
    Example:
        >>> rows = list(growth([10], feasible=60.0))
        >>> [(row.method, row.evaluations, row.measured) for row in rows]
        [('by hand', 1, True), ('backward', 1, True), ('forward difference', 11, True), ('central difference', 20, True)]
        >>> [row.error < bound for row, bound in zip(rows, (1e-15, 1e-15, 1e-6, 1e-8))]
        [True, True, True, True]
    """
    for parameters in counts:
        unit = task(parameters, seed)
        exact, seconds = _timed(unit.by_hand)
        yield Cost("by hand", parameters, 1, seconds, True, 0.0)
        found, seconds = _timed(unit.by_backward)
        yield Cost("backward", parameters, 1, seconds, True, relative_error(found, exact))
        for method in _DIFFERENCES:
            yield _difference(method, unit, exact, feasible)


def panels(costs: Sequence[Cost]) -> tuple[Panel, Panel]:
    """The time and the error of every method over the number of parameters, for a `plotting.chart`.

    >>> [len(panel.curves) for panel in panels(list(growth([2, 20], feasible=60.0)))]  # nothing extrapolated; by hand has no error
    [4, 3]
    """
    times: list[Curve] = []
    errors: list[Curve] = []
    for color, method in enumerate(METHODS):
        mine = [cost for cost in costs if cost.method == method]
        done = [cost for cost in mine if cost.measured]
        times.append(Curve(method, [cost.parameters for cost in done], [cost.seconds for cost in done], "marked", color))
        rest = mine[max(len(done) - 1, 0) :]
        if len(rest) > 1:
            times.append(Curve("", [cost.parameters for cost in rest], [cost.seconds for cost in rest], "guessed", color))
        if method != "by hand":
            floor = [max(cost.error, _SMALLEST) for cost in mine]
            errors.append(Curve(method, [cost.parameters for cost in mine], floor, "marked", color))
    return (
        Panel("Time of one gradient (hollow: extrapolated)", "parameters", "seconds", times, "xy"),
        Panel("Error of the gradient", "parameters", f"relative error (0 as {_SMALLEST:.0e})", errors, "xy"),
    )


def _difference(method: str, unit: WideUnit, exact: Sequence[float], feasible: float) -> Cost:
    """All parameters if that is feasible, else a sample of them, and the time extrapolated from one evaluation."""
    differences, per_parameter, extra = _DIFFERENCES[method]
    parameters = len(unit.numbers)
    needed = per_parameter * parameters + extra
    _, one = _timed(lambda: unit.cost(unit.numbers))
    measured = parameters <= _SAMPLED or one * needed <= feasible
    chosen = range(parameters) if measured else [k * parameters // _SAMPLED for k in range(_SAMPLED)]
    cost, point = _restricted(unit, chosen)
    found, seconds = _timed(lambda: differences(cost, point))
    if not measured:
        seconds *= needed / (per_parameter * len(chosen) + extra)
    largest = max(map(abs, exact))
    error = max(abs(slope - exact[i]) for slope, i in zip(found, chosen, strict=True)) / largest
    return Cost(method, parameters, needed, seconds, measured, error)


def _restricted(unit: WideUnit, chosen: Sequence[int]) -> tuple[Callable[[Sequence[float]], float], list[float]]:
    """The cost as a function of the chosen parameters, and where they are; the others keep their numbers."""
    numbers = list(unit.numbers)

    def cost(point: Sequence[float]) -> float:
        for i, number in zip(chosen, point, strict=True):
            numbers[i] = number
        return unit.cost(numbers)

    return cost, [unit.numbers[i] for i in chosen]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work gives, and its shortest time of three tries; of one, where it takes long."""
    times: list[float] = []
    while len(times) < 3 and max(times, default=0.0) < 0.1:
        start = perf_counter()
        found = work()
        times.append(perf_counter() - start)
    return found, min(times)
