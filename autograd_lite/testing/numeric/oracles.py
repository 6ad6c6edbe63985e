"""What a derivative should be: sharp oracles on numbers that cannot be dropped, and plain differences beside them.

Whatever part of f a sharp oracle does not see is a constant to it, and it confirms a derivative that forgets just that. So none
is believed alone:

1. Plain differences, which need nothing but f itself on floats, give a number with a bar (`differences.py`).
2. The sharp oracles, complex step and mpmath, run f on Opaque numbers, which refuse `float()`, `int()` and `math` as Values do.
   Where f takes those, the sharp bar stands unless the differences contradict it.
3. Complex numbers are blind to kinks. Where the differences are too blurred to show one, mpmath must say the same.
4. Where f takes no Opaque numbers the differences speak for themselves: they are two formulas at many scales, with one bar over
   both. Noise that rounding does not explain may hide anything: then they neither acquit nor accuse.
5. Where sharp and plain contradict each other nobody knows, and the bar reaches over both.

Of many numbers, sharp answers are first held against differences along one direction in all of them (`_backed`); each number has
its own only where that leaves a doubt.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from random import Random
from typing import Any

from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.differences import finite_differences
from autograd_lite.testing.numeric.estimates import Estimate, unknown
from autograd_lite.testing.numeric.higher import complex_step, complex_step_second, multiprecision, multiprecision_second

_SHARP = 1e-12  # relative; a wider bar is worth the price of the next oracle
_BLURRED = 1e-9  # relative; plain differences with a wider bar may miss a kink
_DIRECTIONS = 8  # in which second derivatives are held against differences
_DOUBT = 8.0  # bars of plain differences
_NEGLIGIBLE = 1e-20  # of the natural size: an error so small need not be made smaller
_SMALLEST = 1e-270  # a derivative, or an error, below this is zero
_NEARBY = 0.0625
_UNSEEN = 1e-30  # of the value: a rise so small is none
_SMALL = 1e-2  # of the natural size: smaller derivatives are measured by this much of it


@dataclass(frozen=True, slots=True)
class Probe:
    """One derivative to estimate.

    Attributes:
        exact: by mpmath.
        analytic: by complex numbers, blind to kinks.
        plain: by differences of floats.
        natural: what size such a derivative usually has, from how far f rises around the point.
        prefers_exact: whether mpmath is the cheaper of the two.
    """

    exact: Callable[[], Estimate]
    analytic: Callable[[], Estimate]
    plain: Callable[[], Estimate]
    natural: float
    prefers_exact: bool = False


def scale_of(natural: float, found: Estimate, share: float = _SMALL) -> float:
    """The size to measure errors by: that of the derivative, and not less than a share of the natural one."""
    sides = [side.value for side in (found.left, found.right) if side is not None]
    sizes = [abs(number) for number in (found.value, *sides) if math.isfinite(number)]
    return max([share * natural, *sizes])


def natural_size(target: Target, output: int, indices: Sequence[int]) -> float:
    """The size that a derivative by these numbers usually has: how far the result rises around the point, over the distance.

    Args:
        target: the function at the point.
        output: which result.
        indices: by which numbers it is differentiated.
    """
    sizes = [max(1.0, abs(target.numbers[index])) for index in indices]
    value = target.values[output]
    first, x = indices[0], target.numbers[indices[0]]
    around = [target.floats(output, (first, x + side * _NEARBY * sizes[0])) for side in (1.0, -1.0)]
    rise = max([abs(near - value) for near in around if near is not None and math.isfinite(near)], default=0.0) / _NEARBY
    return max(rise, _UNSEEN * abs(value), _SMALLEST) / math.prod(sizes)


def probe(target: Target, output: int, indices: Sequence[int]) -> Probe:
    """The derivative of one result by one number, or by two numbers, which may be the same."""
    natural = natural_size(target, output, indices)
    if len(indices) == 2:
        f, x, y = _of_two(target, output, *indices)
        negligible = _SHARP * _SMALL * natural
        return Probe(
            lambda: multiprecision_second(f, x, y, negligible),
            lambda: complex_step_second(f, x, y),
            lambda: _second_differences(target, output, *indices),
            natural,
            prefers_exact=True,
        )
    [index], x = indices, target.numbers[indices[0]]
    return Probe(
        lambda: multiprecision(lambda z: target.opaque(output, (index, z)), x, _NEGLIGIBLE * natural),
        lambda: complex_step(lambda z: target.opaque(output, (index, z)), x),
        lambda: finite_differences(lambda t: target.floats(output, (index, t)), x),
        natural,
    )


def _of_two(target: Target, output: int, row: int, column: int) -> tuple[Callable[[Any, Any], Any], float, float]:
    """One result as a function of two numbers, and where they are; of the sum of two if they are one."""
    x, y = target.numbers[row], target.numbers[column]
    if row == column:
        return lambda z, w: target.opaque(output, (row, z + w)), x, 0.0
    return lambda z, w: target.opaque(output, (row, z), (column, w)), x, y


def estimates(target: Target, output: int, order: int = 1, at_tie: bool = False) -> dict[tuple[int, ...], Estimate]:
    """All first or second derivatives of one result, by the numbers that they are by, in rising order.

    Args:
        target: the function at the point.
        output: which result.
        order: 1 or 2.
        at_tie: as in `best_estimate`.
    """
    places = combinations_with_replacement(range(len(target.numbers)), order)
    probes = {place: probe(target, output, place) for place in places}
    if len(target.numbers) == 1 or at_tie:
        found = [best_estimate(each, at_tie) for each in probes.values()]
    else:
        found = (_gradient if order == 1 else _hessian)(target, output, probes)
    return dict(zip(probes, found, strict=True))


# ---- many at a time ----------------------------------------------------------------------------------------------------------


def _gradient(target: Target, output: int, probes: Mapping[tuple[int, ...], Probe]) -> list[Estimate]:
    sharp = _answers(each.analytic for each in probes.values())
    direction = _direction(target, seed=0)
    beside = _backed(sharp, direction, lambda: differences_along(target, output, direction))
    found = []
    for column, each in enumerate(probes.values()):
        unnoticed = _DOUBT * beside.error / abs(direction[column])  # what this one may be off by
        is_clear = sharp and unnoticed <= _BLURRED * scale_of(each.natural, sharp[column]) and _is_sharp(sharp[column])
        found.append(sharp[column] if is_clear else best_estimate(each))
    return found


def _hessian(target: Target, output: int, probes: Mapping[tuple[int, ...], Probe]) -> list[Estimate]:
    sharp = _answers(
        partial(multiprecision_second, *_of_two(target, output, *place), _SHARP * _SMALL * each.natural, thorough=False)
        for place, each in probes.items()
    )
    is_backed = bool(sharp)
    for seed in range(min(len(target.numbers), _DIRECTIONS)):
        step = _direction(target, seed)
        weights = [step[i] * step[j] * (1.0 if i == j else 2.0) for i, j in probes]
        is_backed = is_backed and math.isfinite(_backed(sharp, weights, partial(differences_along, target, output, step, 2)).error)
    return sharp if is_backed else [best_estimate(each) for each in probes.values()]


def _answers(oracles: Iterable[Callable[[], Estimate]]) -> list[Estimate]:
    """The answers of sharp oracles; none at all if one of them cannot tell."""
    answers = []
    for oracle in oracles:
        answers.append(oracle())
        if math.isinf(answers[-1].error):
            return []
    return answers


def _direction(target: Target, seed: int) -> list[float]:
    """A step for every number, about as large as it."""
    random = Random(seed)
    return [random.choice((-1.0, 1.0)) * random.uniform(0.5, 1.5) * max(1.0, abs(number)) for number in target.numbers]


def _backed(sharp: Sequence[Estimate], weights: Sequence[float], differences: Callable[[], Estimate]) -> Estimate:
    """Plain differences along a random direction, if they do not contradict that mixture of sharp answers; else unknown.

    What the sharp oracle does not see of f is missing in the mixture, too, and many numbers cost hardly more than one.
    """
    if sharp:
        value = math.fsum(weight * answer.value for weight, answer in zip(weights, sharp, strict=True))
        error = math.fsum(abs(weight) * answer.error for weight, answer in zip(weights, sharp, strict=True))
        plain = differences()
        if not (plain.is_kink or contradicts(plain, Estimate(value, error, "in a mixture"))):
            return plain
    return unknown("differences")


def differences_along(target: Target, output: int, direction: Sequence[float], order: int = 1) -> Estimate:
    """The derivative along a direction in all numbers, from floats."""

    def along(t: float) -> float | None:
        return target.floats(output, *((index, target.numbers[index] + t * step) for index, step in enumerate(direction)))

    return finite_differences(along, 0.0, order)


def _second_differences(target: Target, output: int, row: int, column: int) -> Estimate:
    """d2f / dx dy from second derivatives along the two diagonals of the (x, y) plane: (D(+) - D(-)) / 4."""
    x, y = target.numbers[row], target.numbers[column]
    if row == column:
        return finite_differences(lambda t: target.floats(output, (row, t)), x, 2)
    across, along = max(1.0, abs(x)), max(1.0, abs(y))

    def diagonal(sign: float) -> Estimate:
        return finite_differences(lambda t: target.floats(output, (row, x + across * t), (column, y + sign * along * t)), 0.0, 2)

    rising, falling = diagonal(1.0), diagonal(-1.0)
    if rising.is_kink or falling.is_kink:
        return unknown("differences of second order")
    # The points x + across * t are rounded: half a unit of x each, which the differences cannot see.
    size = 4.0 * across * along
    error = (rising.error + falling.error) / size
    is_noisy = rising.is_noisy or falling.is_noisy
    return Estimate((rising.value - falling.value) / size, error, "differences of second order", is_noisy=is_noisy)


def best_estimate(probe: Probe, at_tie: bool = False) -> Estimate:
    """The sharpest answer that is not contradicted.

    Args:
        probe: the derivative asked for.
        at_tie: whether f is known to have a kink right here: complex numbers would see one side of it only.
    """
    plain = probe.plain()
    doubted: Estimate | None = None
    best = plain
    for method in _sharp_oracles(probe, plain, at_tie):
        answer = method()
        if not math.isfinite(answer.error):
            continue
        if contradicts(plain, answer):
            doubted = doubted or answer
        elif answer.is_kink or plain.hidden or plain.is_noisy or _is_sharp(answer):
            return answer
        else:
            best = min(best, answer, key=lambda estimate: estimate.error)
    return best if doubted is None else _over_both(doubted, best)


def _sharp_oracles(probe: Probe, plain: Estimate, at_tie: bool) -> Iterator[Callable[[], Estimate]]:
    """In the order in which they are asked."""
    if at_tie or plain.is_kink or plain.hidden or plain.error > _BLURRED * scale_of(probe.natural, plain):
        yield probe.exact  # complex numbers would see one side of a kink only, and nothing below their rounding
    elif probe.prefers_exact:
        yield from (probe.exact, probe.analytic)
    else:
        yield from (probe.analytic, probe.exact)


def _is_sharp(answer: Estimate) -> bool:
    return answer.error <= max(_SHARP * abs(answer.value), _SMALLEST)


def contradicts(plain: Estimate, sharp: Estimate) -> bool:
    """Whether plain differences cannot be reconciled with a sharp answer; where they cannot tell, they do not contradict."""
    if math.isnan(plain.value) or plain.is_noisy:
        return False
    if plain.hidden:
        return not abs(sharp.value) <= _DOUBT * plain.hidden
    if math.isinf(plain.value):
        return sharp.is_kink or not (abs(sharp.value) >= plain.beyond and sharp.value * plain.value > 0.0)
    if plain.is_kink or sharp.is_kink:
        return not sharp.agrees_with(plain)
    return not sharp.covers(plain.value, _DOUBT * plain.error)


def _over_both(sharp: Estimate, plain: Estimate) -> Estimate:
    """One bar over two answers that contradict each other."""
    if not math.isfinite(plain.value):
        return unknown(f"{sharp.method} against {plain.method}")
    error = abs(sharp.value - plain.value) + sharp.error + plain.error
    return Estimate(plain.value, error, f"{sharp.method} against {plain.method}")
