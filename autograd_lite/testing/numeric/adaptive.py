"""The adaptive formula: seven points at the step where rounding and truncation balance, found from the seventh derivative."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from autograd_lite.testing.numeric.estimates import Estimate, unknown
from autograd_lite.testing.numeric.samples import Levels

_RADIUS = 3  # of the stencil of `central`: 7 points
_ASSUMED_CONDITION = 10.0  # |f's 7th derivative| / |f|, before anything is known
_TRUSTED = 2.0  # the factor over which a high derivative, measured at one step, is believed at another
_MOST_TRIALS = 40
_MANTISSA = 0.37109375  # few bits, so that steps are exact, and not a simple fraction, in which a period of f could hide
_SAFETY = 4.0  # on truncation estimated from one higher derivative


@cache
def _weights(offsets: tuple[int, ...], at: int, order: int) -> tuple[float, ...]:
    """The weights w with sum w[i] * f(offsets[i]) = the derivative at `at`, exact for polynomials.

    They are the derivatives of Lagrange's polynomials, each of which is 1 at one offset and 0 at the others.
    """
    found = []
    for offset in offsets:
        polynomial = [Fraction(1)]  # in powers of the distance to `at`
        for other in offsets:
            if other != offset:
                shifted = zip([*polynomial, Fraction(0)], [Fraction(0), *polynomial], strict=True)
                polynomial = [((at - other) * lower + higher) / (offset - other) for lower, higher in shifted]
        found.append(float(math.factorial(order) * polynomial[order]))
    return tuple(found)


def adaptive(levels: Levels, scale: float) -> Estimate:
    """The formula at the step that suits f, looked for from `scale` on."""
    method = "adaptive differences"
    offsets = tuple(range(-_RADIUS, _RADIUS + 1))
    count = len(offsets)
    weights = _weights(offsets, 0, 1)
    spread = sum(map(abs, weights))
    remainder = sum(abs(weight * offset**count) for weight, offset in zip(weights, offsets, strict=True)) / math.factorial(count)
    widest = min(levels.reach.values()) / (_RADIUS + 1)

    def best_step(h: float, change: float, noise: float) -> float:
        """The step at which rounding and truncation balance, if `change` = |f's 7th derivative| * h**7."""
        ratio = noise * spread / ((count - 1) * remainder * change) if change > 0.0 else math.inf
        return float(min(widest, h * ratio ** (1.0 / count)))

    h = _rounded_down(best_step(scale, _ASSUMED_CONDITION * abs(levels.value), levels.noise))
    widest = _rounded_down(widest)
    for _ in range(_MOST_TRIALS):
        values = [levels.at(offset * h) for offset in range(-_RADIUS - 1, _RADIUS + 2)]
        known = [value for value in values if value is not None]
        if len(known) < len(values) or not h:
            break
        change, noise = _highest_difference(known, count), levels.noise_of(*known)
        wanted = best_step(h, change, noise)
        if h / _TRUSTED <= wanted <= h * _TRUSTED or (wanted > h and h == widest):
            step = h if wanted >= h else h / _TRUSTED
            stencil = [levels.at(offset * step) or 0.0 for offset in offsets]
            slope = math.fsum(weight * value for weight, value in zip(weights, stencil, strict=True)) / step
            rounding = (noise + abs(slope) * levels.abscissa_error(_RADIUS * step)) * spread / step
            truncation = max(change * (step / h) ** count, _above_noise(levels, step, noise, count))
            return Estimate(slope, rounding + _SAFETY * remainder * truncation / step, method)
        h = h / _TRUSTED if wanted < h else h * _TRUSTED
    return unknown(method)


def _above_noise(levels: Levels, h: float, noise: float, order: int) -> float:
    """What is left of a high difference at step h when rounding has had its share: not nothing, where f is not smooth."""
    values = [levels.at(offset * h) or 0.0 for offset in range(-_RADIUS - 1, _RADIUS + 2)]
    share = noise * sum(map(abs, _weights(tuple(range(-_RADIUS - 1, _RADIUS + 2)), 0, order)))
    return max(0.0, _highest_difference(values, order) - 2.0 * share)


def _rounded_down(h: float) -> float:
    return math.ldexp(_MANTISSA, math.frexp(h)[1]) if h else 0.0


def _highest_difference(values: Sequence[float], order: int) -> float:
    """h**order times the largest of three estimates of a high derivative, from values at steps h to both sides of x."""
    radius = len(values) // 2
    offsets = tuple(range(-radius, radius + 1))
    return max(abs(math.fsum(w * v for w, v in zip(_weights(offsets, at, order), values, strict=True))) for at in (-1, 0, 1))
