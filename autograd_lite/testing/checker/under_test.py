"""The derivatives under test: where they come from, and how far rounding may have moved them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.calculus import hessian as exact_hessian
from autograd_lite.testing.checker.precision import DOUBLE, unit_in, unit_of
from autograd_lite.testing.numeric.arguments import Target, blamed, flat
from autograd_lite.testing.numeric.engines import OURS, number_of
from autograd_lite.testing.numeric.samples import NOISE_OFFSETS, noise_of, noise_step

Derivatives = Callable[[Sequence[float]], "Numbers"]  # all derivatives under test, at given numbers

_NOISE_SAFETY = 6.0
_UNITS = 1e-12  # of the derivative itself: the rounding of a long sum need not show as noise
_CAREFUL_UNITS, _CARELESS_UNITS = 8.0, 32.0  # of a derivative in single or half precision
_CARELESS = 4.0  # times the small allowance
_WIDEST = 2.0**32  # times the steps of double precision: beyond it, noise would be looked for over more than a smooth piece
_HALF_UNITS = 2.0**-10  # of the change over the points where noise is measured: what some half units of x change
_RESOLUTION = 1e-9  # of derivatives in double precision
_RESOLVED_UNITS = 16.0  # of those in a coarser one


class Numbers(list[float]):
    """Derivatives, row by row, and the unit of their precision."""

    unit: float = DOUBLE


@dataclass(frozen=True, slots=True)
class UnderTest:
    """A derivative under test, and how far rounding may have moved it.

    Attributes:
        number: the derivative.
        small: by what a careful computation is off at most; within it, the number is right.
        large: what may still be rounding; only beyond it, the number is wrong.
        resolution: the widest bar that counts as an answer in this precision, relative.
    """

    number: float
    small: float
    large: float
    resolution: float


def gradient_under_test(target: Target, gradient: Callable[..., Any] | None) -> Derivatives:
    """All first derivatives at given numbers: by the engine, or by a function that the user gives."""

    def by_engine(numbers: Sequence[float]) -> Numbers:
        outputs, leaves = target.recorded(numbers)
        found = Numbers()
        for index in range(len(outputs)):
            if index and not target.engine.repeatable:
                outputs, leaves = target.recorded(numbers)
            output = outputs[index]
            slopes = [0.0] * len(leaves) if isinstance(output, float | int) else target.engine.gradients(output, leaves)
            found.unit = max(found.unit, unit_in(list(slopes)))
            found += [float(slope) for slope in slopes]
        return found

    if gradient is None:
        return by_engine
    return _given(target, gradient, len(target.numbers) * len(target.values), "gradient")


def hessian_under_test(target: Target, hessian: Callable[..., Any] | None, first: Callable[..., Any] | None) -> Derivatives:
    """All second derivatives at given numbers; `first` is the user's gradient, if there is one.

    Raises:
        TypeError: if nobody gives them.
    """
    if hessian is not None:
        return _given(target, hessian, len(target.numbers) ** 2 * len(target.values), "hessian")
    if target.engine is not OURS or first is not None:
        raise TypeError("order=2 needs second derivatives to check; give them as hessian=, a function of the same arguments")

    def by_engine(numbers: Sequence[float]) -> Numbers:
        found = Numbers()
        for index in range(len(target.values)):
            rows = exact_hessian(lambda *arguments, index=index: list(flat(target.function(*arguments)))[index])
            found += [float(entry) for entry in flat(rows(*target.filled(list(numbers))))]
        return found

    return by_engine


def _given(target: Target, function: Callable[..., Any], count: int, name: str) -> Derivatives:
    """Derivatives by a function that the user gives; `name` is that of the argument."""

    def by_function(numbers: Sequence[float]) -> Numbers:
        arguments = target.filled([float(number) for number in numbers])
        with blamed(function, f"{name}=", arguments):
            shape = function(*arguments)
        found = Numbers(map(number_of, flat(shape)))
        if len(found) != count:
            raise ValueError(f"{name}= gave {len(found)} numbers, and the function has {count} such derivatives at this point")
        found.unit = unit_in(shape)
        return found

    return by_function


def under_test(derivatives: Derivatives, numbers: Sequence[float], precision: Any) -> list[UnderTest]:
    """The derivatives at a point; rounding shows as noise at the points around.

    Args:
        derivatives: all of them, at given numbers.
        numbers: the point.
        precision: that of the derivatives; None for that of their own dtype.
    """
    asked = None if precision is None else unit_of(precision)
    found = derivatives(numbers)
    unit = found.unit if asked is None else asked
    noises, changes = _noises(derivatives, numbers, len(found), min(_WIDEST, unit / DOUBLE))
    resolution = _RESOLVED_UNITS * unit if unit > DOUBLE else _RESOLUTION
    tested = []
    for number, noise, change in zip(found, noises, changes, strict=True):
        size = _finite(abs(number))
        if unit > DOUBLE:
            small, large = _CAREFUL_UNITS * unit * size, _CARELESS_UNITS * unit * size + _NOISE_SAFETY * _finite(noise)
        else:
            small = _finite(_NOISE_SAFETY * noise) + _UNITS * size
            large = _CARELESS * small + _finite(_HALF_UNITS * change)
        tested.append(UnderTest(number, small, large, resolution))
    return tested


def _noises(derivatives: Derivatives, numbers: Sequence[float], count: int, wider: float) -> tuple[list[float], list[float]]:
    """The noise of each derivative around the point, and how far it changes there.

    Kinks beside the point would look like noise; so each side is measured alone, and the calmer one counts.
    """
    sides: list[list[tuple[float, float]]] = []
    for side in (1.0, -1.0):
        steps = [side * wider * noise_step(number) for number in numbers]
        try:
            rows = [derivatives([x + offset * step for x, step in zip(numbers, steps, strict=True)]) for offset in NOISE_OFFSETS]
        except (ArithmeticError, ValueError):  # the end of a domain
            continue
        sides.append([(noise_of(column), abs(column[-1] - column[0])) for column in zip(*rows, strict=True)])
    if not sides:
        return [0.0] * count, [0.0] * count
    calmest = [min(both) for both in zip(*sides, strict=True)]
    return [noise for noise, _ in calmest], [change for _, change in calmest]


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0
