"""Derivatives of a function of one number from its values alone, each with an error bar.

Notation: `h` is a step, `noise` a bound for the rounding error in one value of f. Every method weighs the same two errors,

    truncation   what the formula loses because h is not 0, from higher derivatives or from how the quotients settle;
    rounding     noise * (sum of the weights' sizes) / h, which grows as h shrinks;

and picks the step at which their sum, the bar, is smallest. A derivative is a limit, so no step is believed that a smaller one
contradicts: whatever f does at a scale that its rounding still shows is seen. Nothing else is assumed about f but that it is smooth
somewhere around x; `finite_differences` finds out whether it is, and gives the slopes on both sides where it is not.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from autograd_lite.testing.numeric.adaptive import adaptive
from autograd_lite.testing.numeric.estimates import Estimate, Line, check_order, kink, unknown
from autograd_lite.testing.numeric.samples import Levels, Quotient

_EVEN, _ALL, _ODD = (2, 4, 6, 8, 10), (1, 2, 3, 4, 5, 6), (1, 3, 5, 7)  # the powers of h in the error of a quotient
_CAUTION = 4.0  # on how far entries stand apart: where f has only half a power of smoothness they settle no faster than that
_IN_NOISE = 1e-6  # relative: a bar that no precision of its own can claim
_HOPELESS = 1e-3  # a relative bar wider than this may come from a vertical tangent
_GROWTH = "growth of one-sided differences"
_ONE_VOICE = 1e-2  # of what is between two answers: the bar up to which a row speaks for one of them


def finite_differences(f: Line, x: float, order: int = 1) -> Estimate:
    """The first or second derivative of f at x from differences, by the method with the smaller bar; at a kink, both slopes.

    Richardson's extrapolation and, for the first derivative, an adaptive seven-point formula watch each other: where their bars
    do not overlap, the bar is widened until it holds both.

    Args:
        f: a function of one number; it may raise, or answer None, where it has no value.
        x: where to differentiate.
        order: 1 or 2.
    Returns:
        The estimate; its `error` is inf where f has no usable values around x.
    Raises:
        ValueError: if `order` is neither 1 nor 2.
    Example:
        >>> import math
        >>> found = finite_differences(math.sin, 1.0)
        >>> abs(found.value - math.cos(1.0)) <= found.error < 1e-12
        True
        >>> print(finite_differences(abs, 0.0))
        from -1.0 on the left to 1.0 on the right (one-sided differences)
    """
    check_order(order)
    levels = Levels(f, x)
    if not levels.has_value:
        return unknown("differences")
    found = _second(levels) if order == 2 else _first(levels)
    if levels.is_constant:
        return Estimate(0.0, 0.0, found.method, hidden=levels.noise / levels.shortest_reach**order)
    if math.isfinite(found.value) and levels.is_noisy(found.value if order == 1 else 0.0):
        return replace(found, error=max(found.error, _IN_NOISE * abs(found.value)), is_noisy=True)
    return found


def _first(levels: Levels) -> Estimate:
    if levels.is_one_sided:
        return _from_the_side_that_exists(levels)
    if levels.is_step:
        return kink(_side(levels, -1), _side(levels, 1), is_jump=True)
    rows = list(_rows(levels.jumps(), _ODD, "jump of the slope"))
    jump, _ = _settled(rows, "jump of the slope")
    if abs(jump.value) > jump.error:
        left, right = _side(levels, -1), _side(levels, 1)
        if not left.agrees_with(right):
            found = kink(left, right)
            # A jump that only a few steps see may be a fast part of f, little larger than its rounding.
            return found if _voices(rows, jump, 0.5 * abs(jump.value)) > 2 else replace(found, is_noisy=True)
    return _two_sided(levels, jump)


def _two_sided(levels: Levels, jump: Estimate) -> Estimate:
    """The derivative where the slopes on both sides meet, or a vertical tangent."""
    method = "Richardson extrapolation"
    rows = list(_rows(levels.central(), _EVEN, method))
    found, step = _settled(rows, method)
    if not max(found.error, jump.error) <= _HOPELESS * abs(found.value):
        sides = [_growth(levels.one_sided(side)) for side in (-1, 1)]
        if any(sides):
            same = sides[0] is not None and sides[1] is not None and sides[0].value == sides[1].value
            return sides[0] if sides[0] is not None and same else unknown(_GROWTH)
    rival, reach = _rival(rows, found)
    if reach and levels.has_stairs(reach, found.value):
        return Estimate(found.value, abs(found.value - rival.value) + found.error, f"{method}, on stairs")
    other = adaptive(levels, step or levels.scale)
    if found.agrees_with(other) or math.isinf(other.error):
        return min(found, other, key=lambda estimate: estimate.error)
    return Estimate(found.value, abs(found.value - other.value) + other.error, f"{found.method}, widened")


def richardson(f: Line, x: float, order: int = 1) -> Estimate:
    """The first or second derivative of f at x: central quotients at h, h/2, h/4 ... extrapolated to h = 0.

    Of all entries of the table the one with the smallest bar is taken: how far it stands from the entries it was made of, plus the
    rounding error that its weights let through.

    Args:
        f: a function of one float; None, nan or an exception where it has no value.
        x: where.
        order: 1 or 2.
    Returns:
        The estimate; its `error` is inf where the method cannot tell.
    Raises:
        ValueError: if `order` is neither 1 nor 2.
    Source: Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982).
    Example:
        >>> import math
        >>> found = richardson(math.exp, 0.0)
        >>> abs(found.value - 1.0) <= found.error < 1e-12
        True
    """
    check_order(order)
    levels = Levels(f, x)
    if not levels.has_value or levels.is_one_sided:
        return unknown("Richardson extrapolation")
    return _extrapolated(levels.second() if order == 2 else levels.central(), _EVEN, "Richardson extrapolation")


def central(f: Line, x: float) -> Estimate:
    """The derivative of f at x by a seven-point formula whose step comes from an estimate of the seventh derivative.

    bar(h) = noise * sum |c| / h + |f'''''''| * sum |c * k**7| / 7! * h**6, smallest where the first term is 6 times the second.

    Args:
        f: a function of one float; None, nan or an exception where it has no value.
        x: where.
    Returns:
        The estimate; its `error` is inf where the method cannot tell.
    Source: the step choice of FiniteDifferences.jl (Invenia, `src/methods.jl`), which follows Curtis & Reid, "The choice of step
        lengths when using differences to approximate Jacobian matrices", J. Inst. Maths Applics 13 (1974).
    Example:
        >>> import math
        >>> found = central(math.log, 2.0)
        >>> abs(found.value - 0.5) <= found.error < 1e-11
        True
    """
    levels = Levels(f, x)
    if not levels.has_value or levels.is_one_sided:
        return unknown("adaptive differences")
    return adaptive(levels, levels.scale)


def one_sided(f: Line, x: float, side: int) -> Estimate:
    """The slope of f at x to the right (side = 1) or to the left (side = -1), from values on that side only.

    Args:
        f: a function of one float; None, nan or an exception where it has no value.
        x: where.
        side: 1 or -1.
    Returns:
        The estimate; its `error` is inf where the method cannot tell.
    Raises:
        ValueError: if `side` is neither 1 nor -1.
    Example:
        >>> one_sided(abs, 0.0, -1).value
        -1.0
        >>> found = one_sided(lambda x: x ** 1.5 if x >= 0.0 else None, 0.0, 1)
        >>> found.covers(0.0)
        True
    """
    if side not in (1, -1):
        raise ValueError(f"a side is 1, to the right, or -1, to the left; got {side!r}")
    levels = Levels(f, x)
    return _side(levels, side) if levels.has_value else unknown("one-sided differences")


# ---- extrapolation -----------------------------------------------------------------------------------------------------------


def _extrapolated(quotients: Iterator[Quotient], powers: Sequence[int], method: str) -> Estimate:
    return _settled(list(_rows(quotients, powers, method)), method)[0]


def _settled(rows: Sequence[tuple[Estimate, float]], method: str) -> tuple[Estimate, float]:
    """The best row of an extrapolation table that no row of smaller steps contradicts, and the step of that row."""
    best, step = unknown(method), 0.0
    for number, (row, h) in enumerate(rows):
        if row.error < best.error and all(row.agrees_with(finer) for finer, _ in rows[number + 1 :]):
            best, step = row, h
    return best, step


def _rival(rows: Sequence[tuple[Estimate, float]], found: Estimate) -> tuple[Estimate, float]:
    """What rows of larger steps say, with one voice and narrower bars, against those of smaller ones; and their step, 0 if none."""
    sharpest, step = min(rows, key=lambda row: row[0].error, default=(found, 0.0))
    voices = _voices(rows, sharpest, _ONE_VOICE * abs(sharpest.value - found.value))
    return (sharpest, step) if voices > 2 and not sharpest.agrees_with(found) else (found, 0.0)


def _voices(rows: Sequence[tuple[Estimate, float]], answer: Estimate, narrow: float) -> int:
    """How many rows with narrow bars agree with an answer."""
    return sum(row.error < narrow and row.agrees_with(answer) for row, _ in rows)


def _rows(quotients: Iterator[Quotient], powers: Sequence[int], method: str) -> Iterator[tuple[Estimate, float]]:
    """For every step, the best entry of its row: how it stands to the entries it was made of is its truncation."""
    above: list[Quotient] = []  # the row of the step before
    for quotient in quotients:
        row, best = [quotient], unknown(method)
        for column, power in enumerate(powers[: len(above)]):
            weight = 2.0**power
            finer, coarser = row[column], above[column]
            value = finer.value + (finer.value - coarser.value) / (weight - 1.0)
            rounding = (weight * finer.rounding + coarser.rounding) / (weight - 1.0)
            row.append(Quotient(value, rounding, quotient.step))
            settled = [finer.value, coarser.value, *(entry.value for entry in above[column + 1 : column + 2])]
            error = _CAUTION * max(abs(value - other) for other in settled) + rounding
            if len(settled) == 3 and error < best.error:
                best = Estimate(value, error, method)
        if math.isfinite(best.error):
            yield best, quotient.step
        above = row


def _side(levels: Levels, side: int) -> Estimate:
    """The slope on one side; at a step of f, that of the branch on that side, without the value at x itself."""
    return _extrapolated(levels.one_sided(side), _ALL, "one-sided differences")


def _second(levels: Levels) -> Estimate:
    """The second derivative; where it jumps, both of its sides; where the slope or f jumps, there is none."""
    method = "differences of second order"
    sides = [_second_on(levels, side, method) for side in (-1, 1) if levels.reach[side]]
    if levels.is_one_sided:
        return sides[0]
    left, right = sides
    jump = _extrapolated(levels.jumps(), _ODD, "jump of the slope")
    if levels.is_step or abs(jump.value) > jump.error:
        return kink(left, right, is_jump=True)
    if math.isinf(left.value) or math.isinf(right.value):
        return left if left == right else unknown(method)
    found = _extrapolated(levels.second(), _EVEN, method)
    return found if left.agrees_with(right) else kink(left, right)


def _second_on(levels: Levels, side: int, method: str) -> Estimate:
    return _growth(levels.one_sided_second(side)) or _extrapolated(levels.one_sided_second(side), _ALL, method)


def _from_the_side_that_exists(levels: Levels) -> Estimate:
    """At the end of the domain: the slope inside, or inf where it grows without bound."""
    side = 1 if levels.reach[1] else -1
    return _growth(levels.one_sided(side)) or _side(levels, side)


def _growth(quotients: Iterator[Quotient]) -> Estimate | None:
    """inf with the sign of the slope, if the quotients grow with every step as far as rounding lets them be seen."""
    gains, reached = [], 0.0
    for before, after in pairwise(quotients):
        gain = abs(after.value) - abs(before.value)
        if abs(gain) <= after.rounding:
            break
        gains.append(gain)
        reached = after.value
    if len(gains) > 12 and min(gains[4:]) > 0.0 and gains[-1] > 0.5 * gains[-9]:
        return Estimate(math.copysign(math.inf, reached), 0.0, _GROWTH, beyond=abs(reached))
    return None
