"""How one unit learns: learning rates too small, right and too large; and the saturated unit, slow by squared error.

With squared error the slope carries the factor sigmoid'(z) = a (1 - a), which is next to nothing where the unit is saturated,
however wrong it is there. The cross-entropy cancels that factor: dC/dz = a - t.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.engine.primitives import sigmoid
from autograd_lite.engine.value import Value
from autograd_lite.losses import binary_cross_entropy_with_logits, squared_error
from autograd_lite.optim import SGD
from autograd_lite.systems.neuron import NAMES, START, forward_pass

RATES: Final = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
STEPS: Final = 300
# Two samples that one unit after another can fit: one setting of the weights serves both, so that a large step can overshoot.
SAMPLES: Final = ((1.5, 0.9), (-0.5, 0.3))
NIELSEN_RATE: Final = 0.15
NIELSEN_STARTS: Final = ((0.6, 0.9), (2.0, 2.0))
LEARNED: Final = 0.2  # an output below this counts as learned, where the target is 0


@dataclass(frozen=True, slots=True)
class RateRun:
    """Gradient descent at one learning rate.

    Attributes:
        rate: the learning rate.
        costs: before every step, and after the last.
    """

    rate: float
    costs: list[float]

    @property
    def rises(self) -> int:
        """How many steps made the cost larger."""
        return sum(after > before for before, after in zip(self.costs, self.costs[1:], strict=False))

    @property
    def verdict(self) -> str:
        """ "too small" where most of the cost is left, "too large" where steps went uphill, else "right".

        >>> RateRun(1.0, [1.0, 0.9]).verdict, RateRun(1.0, [1.0, 1.5, 0.001]).verdict, RateRun(1.0, [1.0, 0.001]).verdict
        ('too small', 'too large', 'right')
        """
        if self.rises:
            return "too large"
        return "right" if self.costs[-1] < 0.1 * self.costs[0] else "too small"


def descend(rate: float, steps: int = STEPS, start: Sequence[float] = START) -> RateRun:
    """The costs of x -> h -> y on its two samples.

    Args:
        rate: the learning rate.
        steps: how many.
        start: w1, b1, w2, b2.
    Example:
        >>> run = descend(1.0, steps=20)
        >>> run.costs[-1] < run.costs[0]
        True
    """
    leaves = [Value(number, label=name) for name, number in zip(NAMES, start, strict=True)]
    optimizer = SGD(leaves, rate)
    costs = []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        cost = sum(forward_pass(leaves, x, target).cost for x, target in SAMPLES)
        costs.append(cost.data)
        cost.backward()
        optimizer.step()
    return RateRun(rate, costs)


def sweep(rates: Sequence[float] = RATES, steps: int = STEPS) -> list[RateRun]:
    """A run for every learning rate, all from the same start.

    >>> [run.rate for run in sweep([0.1, 1.0], steps=2)]
    [0.1, 1.0]
    """
    return [descend(rate, steps) for rate in rates]


# ---- saturation --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lesson:
    """One unit that is to answer 0 to the input 1.

    Attributes:
        loss: "squared error" or "cross-entropy".
        start: w and b at the beginning.
        outputs: before every step, and after the last.
        slopes: |dC/dw| at the same moments.
    """

    loss: str
    start: tuple[float, float]
    outputs: list[float]
    slopes: list[float]

    @property
    def epochs_to_learn(self) -> int | None:
        """The first epoch with an output below 0.2; None if there was none."""
        return next((epoch for epoch, output in enumerate(self.outputs) if output < LEARNED), None)


_LOSSES: dict[str, Callable[[Any], Any]] = {
    "squared error": lambda z: squared_error(sigmoid(z), 0.0),
    "cross-entropy": lambda z: binary_cross_entropy_with_logits(z, 0.0),
}


def lesson(loss: str, start: tuple[float, float], rate: float = NIELSEN_RATE, epochs: int = STEPS) -> Lesson:
    """Nielsen's neuron: input 1, target 0.

    Args:
        loss: "squared error", half of it, or "cross-entropy".
        start: w and b.
        rate: the learning rate.
        epochs: how many steps.
    Source: Nielsen, *Neural Networks and Deep Learning*, chapter 3.
    Example:
        >>> slow, fast = (lesson(loss, (2.0, 2.0)) for loss in ("squared error", "cross-entropy"))
        >>> round(slow.outputs[-1], 2), fast.epochs_to_learn < 50
        (0.2, True)
    """
    w, b = Value(start[0], label="w"), Value(start[1], label="b")
    optimizer = SGD([w, b], rate)
    outputs, slopes = [], []
    for _ in range(epochs + 1):
        optimizer.zero_grad()
        z = w * 1.0 + b
        _LOSSES[loss](z).backward()
        outputs.append(sigmoid(z.data))
        slopes.append(abs(w.grad))
        optimizer.step()
    return Lesson(loss, start, outputs, slopes)


def lessons() -> list[Lesson]:
    """Both losses from both of Nielsen's starts.

    >>> [(each.loss, each.start) for each in lessons()][0]
    ('squared error', (0.6, 0.9))
    """
    return [lesson(loss, start) for start in NIELSEN_STARTS for loss in _LOSSES]
