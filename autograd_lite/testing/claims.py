"""The derivatives under test: where they come from, and how far rounding may have moved them."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.calculus import hessian as exact_hessian
from autograd_lite.testing.arguments import Target, flat
from autograd_lite.testing.engines import OURS
from autograd_lite.testing.samples import NOISE_OFFSETS, noise_of, noise_step

Claims = Callable[[Sequence[float]], list[float]]  # of all results, row by row, as one list

_NOISE_SAFETY = 6.0
_UNITS = 1e-12  # of the claim itself: the rounding of a long sum need not show as noise


def gradient_claims(target: Target, gradient: Callable[..., Any] | None) -> Claims:
    """All first derivatives at given numbers: by the engine, or by a function that the user gives."""

    def by_engine(numbers: Sequence[float]) -> list[float]:
        outputs, leaves = target.recorded(numbers)
        found: list[float] = []
        for index in range(len(outputs)):
            if index and not target.engine.repeatable:
                outputs, leaves = target.recorded(numbers)
            output = outputs[index]
            slopes = [0.0] * len(leaves) if isinstance(output, float | int) else target.engine.gradients(output, leaves)
            found += [float(slope) for slope in slopes]
        return found

    if gradient is None:
        return by_engine
    return lambda numbers: _counted(gradient(*target.filled(numbers)), len(numbers) * len(target.values), "gradient")


def hessian_claims(target: Target, hessian: Callable[..., Any] | None, first: Callable[..., Any] | None) -> Claims:
    """All second derivatives at given numbers; `first` is the user's gradient, if there is one.

    Raises:
        TypeError: if nobody gives them.
    """
    if hessian is not None:
        return lambda numbers: _counted(hessian(*target.filled(numbers)), len(numbers) ** 2 * len(target.values), "hessian")
    if target.engine is not OURS or first is not None:
        raise TypeError("order=2 needs second derivatives to check; give them as hessian=, a function of the same arguments")

    def by_engine(numbers: Sequence[float]) -> list[float]:
        found: list[float] = []
        for index in range(len(target.values)):
            rows = exact_hessian(lambda *arguments, index=index: list(flat(target.function(*arguments)))[index])
            found += [float(entry) for entry in flat(rows(*target.filled(list(numbers))))]
        return found

    return by_engine


def _counted(shape: Any, count: int, name: str) -> list[float]:
    found = [float(number) for number in flat(shape)]
    if len(found) != count:
        raise ValueError(f"{name}= gave {len(found)} numbers, and the function has {count} such derivatives at this point")
    return found


def allowances(claims: Claims, numbers: Sequence[float], claimed: Sequence[float]) -> list[float]:
    """By how much rounding may have moved each claim: the noise of the claims at points around, and never below 1e-12 of it.

    Kinks beside the point would look like noise; so each side is measured alone, and the calmer one counts.

    Args:
        claims: all claims at given numbers.
        numbers: the point.
        claimed: the claims there.
    """
    noises: list[list[float]] = []
    for side in (1.0, -1.0):
        rows = []
        for offset in NOISE_OFFSETS:
            try:
                rows.append(claims([number + side * offset * noise_step(number) for number in numbers]))
            except (ArithmeticError, ValueError):
                break
        if len(rows) == len(NOISE_OFFSETS):
            noises.append([noise_of(column) for column in zip(*rows, strict=True)])
    calmest = [min(sides) for sides in zip(*noises, strict=True)] if noises else [0.0] * len(claimed)
    pairs = zip(calmest, claimed, strict=True)
    return [_finite(_NOISE_SAFETY * noise) + _finite(_UNITS * abs(claim)) for noise, claim in pairs]


def _finite(number: float) -> float:
    return number if number < float("inf") else 0.0
