"""Values of a function around one point, at steps that halve, with a bound for the rounding error they carry."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_lite.testing.numeric.estimates import Line

_EPSILON = 2.0**-52
_FIRST_STEP = 0.3717041015625  # no simple fraction, in which a period of f could hide; few bits, so that x + h is exact more often
_MOST_LEVELS = 60
# Times 2**-44. In binary 0.1010101: few bits, so that steps are exact, and not a multiple of the grid on which f is rounded.
_NOISE_STEP = 0.6640625
_NOISE_BITS = 44
NOISE_OFFSETS = (1, 3, 4, 7, 9, 10, 14)
_NOISE_SAFETY = 6.0  # from a standard deviation to a bound
_LOUD = 64.0  # units: more than rounding makes of a function of some hundred operations
_CLEAR = 10.0  # bounds of the noise that no rounding error reaches


@dataclass(frozen=True, slots=True)
class Quotient:
    """A difference quotient, a bound for its rounding error, and its step."""

    value: float
    rounding: float
    step: float


class guarded:
    """f with None where it raises an arithmetic error or has no finite value, evaluated once for each number.

    Attributes:
        known: the values so far.
    Example:
        >>> guarded(math.log)(-1.0) is None
        True
    """

    def __init__(self, f: Callable[[float], Any]) -> None:
        self._f = f
        self.known: dict[float, float | None] = {}

    def __call__(self, x: float) -> float | None:
        """f(x)."""
        if x not in self.known:
            try:
                found = self._f(x)
            except (ArithmeticError, ValueError):
                found = None
            self.known[x] = found if isinstance(found, float | int) and math.isfinite(found) else None
        return self.known[x]


def _is_exact(x: float, h: float) -> bool:
    """Whether x + h is a float; by the error of the sum, which is one.

    Source: Knuth, "The Art of Computer Programming", volume 2, section 4.2.2, theorem B.
    """
    whole = x + h
    rest = whole - x
    return (x - (whole - rest)) + (h - rest) == 0.0


def noise_of(values: Sequence[float]) -> float:
    """The size of the rounding errors in values of a smooth function at the tiny distances NOISE_OFFSETS.

    So near, a smooth function is a straight line; what is left after a line has been fitted is noise. The distances are uneven
    because rounding errors at even ones can drift like a line themselves.

    Source: the idea of Moré & Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011), with a fit for differences.
    Example:
        >>> noise_of([2.0 * offset for offset in NOISE_OFFSETS]) < 1e-14
        True
    """
    rises = [value - values[0] for value in values]
    mean = math.fsum(rises) / len(rises)
    middle = sum(NOISE_OFFSETS) / len(NOISE_OFFSETS)
    runs = [offset - middle for offset in NOISE_OFFSETS]
    slope = math.fsum(run * rise for run, rise in zip(runs, rises, strict=True)) / math.fsum(run * run for run in runs)
    left = [rise - mean - slope * run for run, rise in zip(runs, rises, strict=True)]
    return math.hypot(*left) / math.sqrt(len(left) - 2)


def noise_step(x: float) -> float:
    """The unit of NOISE_OFFSETS for points around x: an exact step some hundred units of x in size.

    >>> noise_step(1.0) < 2.0**-43
    True
    """
    return math.ldexp(_NOISE_STEP, (math.frexp(x)[1] if x else 1) - _NOISE_BITS)


def noise_around(f: Line, x: float, value: float) -> float:
    """A bound for the rounding error of f near x, measured on both sides, and never below one unit.

    Args:
        f: the function; None where it has no value.
        x: the point.
        value: f(x).
    Example:
        >>> 1e-11 < noise_around(lambda x: (x + 1e6) - 1e6, 1.0, 1.0) < 1e-8
        True
    """
    least = _EPSILON * abs(value)
    step = noise_step(x)
    for _ in range(5):
        known = _rows_around(f, x, step)
        if not known:
            return least * 4.0
        if any(map(_is_varied, known)):
            break
        step *= 64.0  # f rounds these points to the same value: look at a larger scale
    if step > noise_step(x):
        known += _rows_around(f, x, step * 1.3125)  # where f climbs in stairs, one step may happen to hit every stair alike
    return max(least, _NOISE_SAFETY * max(map(noise_of, known)))


def _is_varied(row: Sequence[float]) -> bool:
    """Whether most of the values are different; on a stair of f they are not."""
    return len(set(row)) > len(NOISE_OFFSETS) // 2


def _rows_around(f: Line, x: float, step: float) -> list[list[float]]:
    """The values of f at NOISE_OFFSETS steps to the right and to the left, as far as it has them all."""
    sides = [[f(x + side * offset * step) for offset in NOISE_OFFSETS] for side in (1.0, -1.0)]
    return [[number for number in side if number is not None] for side in sides if None not in side]


class Levels:
    """The values f(x), f(x + h), f(x - h), f(x + h/2) ... as far as they are asked for.

    Attributes:
        reach: by side, -1 or 1, the largest step tried at which f has a value; 0 if there is none.
    """

    def __init__(self, f: Line, x: float) -> None:
        self._f = guarded(f)
        self.x = x
        value = self._f(x)
        self.has_value = value is not None
        self.value = math.nan if value is None else value
        self.scale = max(abs(x), 1.0)
        self.reach = dict.fromkeys((-1, 1), 0.0)
        self.noise = 0.0
        if self.has_value:
            self.reach = {side: self._find_reach(side) for side in (-1, 1)}
            self.has_value = any(self.reach.values())
            self.noise = max(noise_around(self._f, x, self.value), 5e-324)
            self.has_value = self.has_value and not self._is_unresolved()

    def _is_unresolved(self) -> bool:
        """Whether f changes as much between neighbouring floats as over any distance, like sin(1e300)."""
        ends = [self.at(side * self.reach[side]) for side in (-1, 1)]
        change = max((abs(end - self.value) for end in ends if end is not None), default=0.0)
        return self.noise > max(0.1 * change, 1e-3 * abs(self.value), 1e-300)

    def is_noisy(self, slope: float) -> bool:
        """Whether f varies from one float to the next by more than its rounding, and that of x, explains.

        It may be the rounding of larger numbers on the way, or a part of f that is faster than floats can show: nobody can tell.
        """
        sizes = [abs(self.value), self._rise(_FIRST_STEP * self.scale / 4.0), abs(self.x * slope)]
        if not self.x or not self.noise > _LOUD * _EPSILON * max(sizes):
            return False
        return any(map(_is_varied, _rows_around(self._f, self.x, 2.0 * math.ulp(self.x))))

    def at(self, offset: float) -> float | None:
        """f(x + offset)."""
        return self._f(self.x + offset)

    def _find_reach(self, side: int) -> float:
        candidates = [self.scale * _FIRST_STEP, abs(self.x or 1.0) * _FIRST_STEP]
        candidates += [candidates[-1] * 16.0**-power for power in range(1, 13)]
        for h in candidates:
            h = math.ldexp(_FIRST_STEP, math.floor(math.log2(h / _FIRST_STEP))) if h > 0.0 else 0.0
            if self.x + side * h != self.x and self.at(side * h) is not None and self.at(side * h / 2.0) is not None:
                return h
        return 0.0

    @property
    def is_one_sided(self) -> bool:
        """Whether f ends at x."""
        return not all(self.reach.values())

    @cached_property
    def is_step(self) -> bool:
        """Whether f jumps at x: its values beside x stay away from f(x), down to the nearest floats."""
        near, next_to_it = (4.0 * math.ulp(self.x), 64.0 * math.ulp(self.x)) if self.x else (1e-300, 1e-280)
        return self._rise(near) > max(0.5 * self._rise(next_to_it), _CLEAR * self.noise)

    def _rise(self, step: float) -> float:
        beside = [self.at(side * step) for side in (-1, 1)]
        return max((abs(value - self.value) for value in beside if value is not None), default=0.0)

    def has_stairs(self, reach: float, slope: float) -> bool:
        """Whether f jumps within this reach, as a sum does that was rounded on the way; `slope` is that of its treads.

        The interval is halved, and the half that rises more than the slope explains is kept. Where f is continuous the rise is
        halved, too, in the end; a jump stays.
        """
        low, high = self.x, self.x + reach
        value, end = self.value, self._f(high)
        rises = [math.inf]
        while end is not None and high - low > 8.0 * max(math.ulp(low), math.ulp(high)):
            middle = low + (high - low) / 2.0
            between = self._f(middle)
            if between is None:
                return False
            before, after = abs(between - value - slope * (middle - low)), abs(end - between - slope * (high - middle))
            low, high, value, end = (low, middle, value, between) if before > after else (middle, high, between, end)
            rises.append(max(before, after))
        return rises[-1] > max(0.5 * rises[-4:][0], _CLEAR * self.noise)

    @property
    def shortest_reach(self) -> float:
        """How far f was looked at on the side where it has values less far."""
        return min(reach for reach in self.reach.values() if reach)

    @property
    def is_constant(self) -> bool:
        """Whether f had the same value at every point that was asked for."""
        return all(value == self.value for value in self._f.known.values() if value is not None)

    def abscissa_error(self, h: float) -> float:
        """A bound for the error in x + h and x - h, which are rounded too, if they are."""
        return 0.0 if _is_exact(self.x, h) and _is_exact(self.x, -h) else 0.5 * _EPSILON * (abs(self.x) + h)

    def _steps(self, h: float) -> Iterator[float]:
        for _ in range(_MOST_LEVELS):
            if self.x in (self.x + h, self.x - h) or h < 1e-300:
                return
            yield h
            h /= 2.0

    def noise_of(self, *values: float) -> float:
        """A bound for the rounding error in each of these values: what was measured around x, and a unit of the largest."""
        return max(self.noise, _EPSILON * max(map(abs, values)))

    def _pairs(self) -> Iterator[tuple[float, float, float]]:
        for h in self._steps(min(self.reach.values())):
            left, right = self.at(-h), self.at(h)
            if left is not None and right is not None:
                yield h, left, right

    def central(self) -> Iterator[Quotient]:
        """(f(x + h) - f(x - h)) / 2h, whose error has even powers of h."""
        for h, left, right in self._pairs():
            slope = (right - left) / ((self.x + h) - (self.x - h))
            yield Quotient(slope, (self.noise_of(left, right) + abs(slope) * self.abscissa_error(h)) / h, h)

    def jumps(self) -> Iterator[Quotient]:
        """The slope to the right less that to the left, which vanishes like h where f is smooth."""
        for h, left, right in self._pairs():
            after, before = (right - self.value) / ((self.x + h) - self.x), (self.value - left) / (self.x - (self.x - h))
            size = max(abs(after), abs(before))
            yield Quotient(after - before, (4.0 * self.noise_of(left, right) + 2.0 * size * self.abscissa_error(h)) / h, h)

    def second(self) -> Iterator[Quotient]:
        """(f(x + h) - 2 f(x) + f(x - h)) / h**2, whose error has even powers of h."""
        for h, left, right in self._pairs():
            before, after = self.x - (self.x - h), (self.x + h) - self.x
            rise = (right - self.value) / after - (self.value - left) / before
            tilt = (abs(right - self.value) + abs(self.value - left)) / h
            rounding = (4.0 * self.noise_of(left, right) + tilt * self.abscissa_error(h)) / (h * h)
            yield Quotient(2.0 * rise / (before + after), rounding, h)

    def one_sided_second(self, side: int) -> Iterator[Quotient]:
        """(f(x + 2h) - 2 f(x + h) + f(x)) / h**2 to one side, whose error has all powers of h."""
        for h in self._steps(self.reach[side] / 2.0):
            near, far = self.at(side * h), self.at(side * 2.0 * h)
            if near is not None and far is not None:
                tilt = (abs(far - near) + abs(near - self.value)) / h
                rounding = (4.0 * self.noise_of(near, far) + tilt * self.abscissa_error(2.0 * h)) / (h * h)
                yield Quotient(((far - near) - (near - self.value)) / (h * h), rounding, h)

    def one_sided(self, side: int) -> Iterator[Quotient]:
        """(f(x + h) - f(x)) / h to one side, whose error has all powers of h; at a step of f, from its values beyond x only."""
        beside = self.at(side * 2.0**-46 * self.scale) if self.is_step else self.value
        start = side * 2.0**-46 * self.scale if self.is_step else 0.0
        for h in self._steps(self.reach[side]):
            value = self.at(side * h)
            if value is not None and beside is not None and h > 8.0 * abs(start):
                slope = (value - beside) / ((self.x + side * h) - (self.x + start))
                yield Quotient(slope, (2.0 * self.noise_of(value, beside) + abs(slope) * self.abscissa_error(h)) / h, h)
