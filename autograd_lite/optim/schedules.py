"""Schedules: the learning rate as a function of how many steps were taken, from 0.

Any callable from a step to a rate will do where a learning rate is asked for: `lambda step: 1.0 - 0.9 * step / 100`. These are the
usual ones; each prints itself, and its numbers are checked.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from autograd_lite.optim.update_rules import check_constant, check_count

Schedule = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same rate at every step.

    Args:
        rate: the learning rate, finite and at least 0.
    Raises:
        ValueError: if it is not.
    Example:
        >>> Constant(0.1)(1000)
        0.1
    """

    rate: float

    def __post_init__(self) -> None:
        check_constant("Constant rate", self.rate)

    def __call__(self, step: int) -> float:
        return self.rate


@dataclass(frozen=True, slots=True)
class StepDecay:
    """rate * factor ** (step // every): a fall every so many steps.

    Args:
        rate: the learning rate at the start.
        factor: by which it falls, at least 0.
        every: after how many steps, a whole number from 1.
    Raises:
        ValueError: if one of them is out of its range.
    Example:
        >>> [StepDecay(8.0, factor=0.5, every=2)(step) for step in range(5)]
        [8.0, 8.0, 4.0, 4.0, 2.0]
    """

    rate: float
    factor: float
    every: int

    def __post_init__(self) -> None:
        check_constant("StepDecay rate", self.rate)
        check_constant("StepDecay factor", self.factor)
        check_count("StepDecay every", self.every, 1)

    def __call__(self, step: int) -> float:
        return _decayed(self.rate, self.factor, step // self.every)


@dataclass(frozen=True, slots=True)
class Exponential:
    """rate * factor ** step.

    Args:
        rate: the learning rate at the start.
        factor: by which it falls at every step, at least 0.
    Raises:
        ValueError: if one of them is negative or not finite.
    Example:
        >>> [Exponential(8.0, factor=0.5)(step) for step in range(3)]
        [8.0, 4.0, 2.0]
    """

    rate: float
    factor: float

    def __post_init__(self) -> None:
        check_constant("Exponential rate", self.rate)
        check_constant("Exponential factor", self.factor)

    def __call__(self, step: int) -> float:
        return _decayed(self.rate, self.factor, step)


@dataclass(frozen=True, slots=True)
class Cosine:
    """From rate down to final along half a cosine, after a straight rise over the first `warmup` of all `steps`; then final.

    In the rise, rate * (step + 1) / warmup; then final + (rate - final) * (1 + cos(pi * u)) / 2, where u goes from 0 to 1.

    Args:
        rate: the highest learning rate.
        steps: how many steps there are in all, from 1.
        final: the learning rate after them.
        warmup: over how many of them it rises, fewer than all.
    Raises:
        ValueError: if one of them is out of its range.
    Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, eq. 5, without restarts.
    Example:
        >>> [round(Cosine(1.0, steps=6, warmup=2)(step), 6) for step in range(8)]
        [0.5, 1.0, 1.0, 0.853553, 0.5, 0.146447, 0.0, 0.0]
    """

    rate: float
    steps: int
    final: float = 0.0
    warmup: int = 0

    def __post_init__(self) -> None:
        check_constant("Cosine rate", self.rate)
        check_constant("Cosine final", self.final)
        check_count("Cosine steps", self.steps, 1)
        check_count("Cosine warmup", self.warmup, 0)
        if self.warmup >= self.steps:
            raise ValueError(f"Cosine warmup must be shorter than all steps, got warmup={self.warmup}, steps={self.steps}")

    def __call__(self, step: int) -> float:
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        if step >= self.steps:
            return self.final
        progress = (step - self.warmup) / (self.steps - self.warmup)
        return self.final + (self.rate - self.final) * (1.0 + math.cos(math.pi * progress)) / 2.0


def _decayed(rate: float, factor: float, count: int) -> float:
    """rate * factor ** count; inf where that is beyond the largest float, which an optimizer refuses by its step."""
    power = _power(factor, count)
    if sys.float_info.min <= power < math.inf:
        return rate * power
    found = rate  # in steps, as the whole may lie among the floats where the power does not
    for part in (count // 3, count // 3, count - 2 * (count // 3)):
        found = found * _power(factor, part) if found else 0.0
    return found


def _power(factor: float, count: int) -> float:
    try:
        return float(factor) ** count
    except OverflowError:
        return math.inf
