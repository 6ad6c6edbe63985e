"""The ladder of oracles: complex step, mpmath, differences; the first one that is sharp and is not contradicted answers.

A sharp oracle may be wrong about f without knowing it: `abs` of a complex number is real, and a program that turns its argument
into a float on the way does so with mpmath's numbers too. So its answer counts if it confirms the claim under test, which was found
in another way, or if it lies within the bar of plain differences, which need nothing but f itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from autograd_lite.testing.arguments import Target
from autograd_lite.testing.differences import finite_differences
from autograd_lite.testing.estimates import Estimate, unknown
from autograd_lite.testing.higher import complex_step, complex_step_second, multiprecision, multiprecision_second

_SHARP = 1e-12  # relative; a wider bar is worth the price of the next oracle
_DOUBT = 100.0  # bars of plain differences
_SMALL = 1e-3  # of the natural size: smaller derivatives are measured by this much of it


@dataclass(frozen=True, slots=True)
class Probe:
    """One derivative to estimate.

    Attributes:
        analytic: by complex numbers, blind to kinks.
        exact: by mpmath.
        plain: by differences of floats.
        natural: what size such a derivative usually has, from the size of f and of its arguments.
    """

    analytic: Callable[[], Estimate]
    exact: Callable[[], Estimate]
    plain: Callable[[], Estimate]
    natural: float

    def scale(self, found: Estimate, *numbers: float) -> float:
        """The size to measure errors by: that of the derivative, and not less than a thousandth of the natural one."""
        sides = [side.value for side in (found.left, found.right) if side is not None]
        sizes = [abs(number) for number in (found.value, *sides, *numbers) if math.isfinite(number)]
        return max([_SMALL * self.natural, *sizes])


def first_order(target: Target, output: int, index: int, natural: float) -> Probe:
    """The derivative of one result by one number."""
    x = target.numbers[index]

    return Probe(
        lambda: complex_step(lambda z: target.in_kind(output, (index, z)), x),
        lambda: multiprecision(lambda z: target.in_kind(output, (index, z)), x),
        lambda: finite_differences(lambda t: target.floats(output, (index, t)), x),
        natural,
    )


def second_order(target: Target, output: int, row: int, column: int, natural: float) -> Probe:
    """The second derivative of one result by two numbers, or twice by one."""
    x, y = target.numbers[row], target.numbers[column]
    if row == column:
        return Probe(
            lambda: complex_step_second(lambda z, w: target.in_kind(output, (row, z + w)), x, 0.0),
            lambda: multiprecision_second(lambda z, w: target.in_kind(output, (row, z + w)), x, 0.0),
            lambda: finite_differences(lambda t: target.floats(output, (row, t)), x, 2),
            natural,
        )
    return Probe(
        lambda: complex_step_second(lambda z, w: target.in_kind(output, (row, z), (column, w)), x, y),
        lambda: multiprecision_second(lambda z, w: target.in_kind(output, (row, z), (column, w)), x, y),
        lambda: _mixed_differences(target, output, row, column),
        natural,
    )


def _mixed_differences(target: Target, output: int, row: int, column: int) -> Estimate:
    """d2f / dx dy from second derivatives along the two diagonals of the (x, y) plane: (D(+) - D(-)) / 4."""
    x, y = target.numbers[row], target.numbers[column]
    across, along = max(1.0, abs(x)), max(1.0, abs(y))

    def diagonal(sign: float) -> Estimate:
        return finite_differences(lambda t: target.floats(output, (row, x + across * t), (column, y + sign * along * t)), 0.0, 2)

    rising, falling = diagonal(1.0), diagonal(-1.0)
    if rising.is_kink or falling.is_kink:
        return unknown("differences of second order")
    # The points x + across * t are rounded: half a unit of x each, which the differences cannot see.
    size = 4.0 * across * along
    return Estimate((rising.value - falling.value) / size, (rising.error + falling.error) / size, "differences of second order")


def best_estimate(probe: Probe, claimed: float | None = None, allowance: float = 0.0, at_tie: bool = False) -> Estimate:
    """The sharpest answer that is not contradicted.

    Args:
        probe: the derivative asked for.
        claimed: a derivative under test; an oracle that confirms it needs no second witness.
        allowance: how far rounding may have moved the claim.
        at_tie: whether f is known to have a kink right here: complex numbers would see one side of it only.
    """
    found: list[Estimate] = []
    plain: Estimate | None = None
    for method in (probe.exact,) if at_tie else (probe.analytic, probe.exact):
        answer = method()
        if not math.isfinite(answer.error):
            continue
        if claimed is None or not answer.covers(claimed, allowance):
            plain = plain or probe.plain()
            if not _is_credible(answer, plain, exact=method is probe.exact):
                continue
        if answer.is_kink or answer.error <= _SHARP * probe.scale(answer):
            return answer
        found.append(answer)
    found.append(plain or probe.plain())
    return min(found, key=lambda estimate: estimate.error, default=unknown("no oracle"))


def _is_credible(answer: Estimate, plain: Estimate, exact: bool) -> bool:
    if math.isnan(plain.value):
        return True  # differences cannot tell, so they do not contradict
    if plain.is_kink and not answer.is_kink and not exact:
        return False
    if plain.is_kink:
        return answer.agrees_with(plain)
    # An oracle that misreads f is wrong by a good part of the derivative; a few bars apart, it is differences that erred.
    return answer.covers(plain.value, _DOUBT * plain.error)
