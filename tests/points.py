"""Sample points for every primitive, drawn from what it says itself: its domain, its special points and its operand counts.

Ordinary points have operands up to 10; tail points go to the ends of the domain, to 1e-300 and 1e300, and past the arguments where
exponentials leave the range of floats. All lists are the same in every run.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import strategies as st

from autograd_lite.engine.primitive import Interval, Primitive

Point = tuple[float, ...]

_LANDMARKS = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0)
_POWERS_OF_TEN = (-300, -200, -153, -100, -30, -16, -8, -3, 2, 3, 5, 8, 15, 17, 30, 100, 153, 200, 300)
_EXPONENTIAL_TAIL = (20.0, 27.5, 37.5, 40.0, 100.0, 300.0, 500.0, 690.0, 700.0, 709.5, 710.4, 730.0, 744.0, 760.0, 1000.0, 1080.0)


def operand_counts(primitive: Any) -> tuple[int, ...]:
    """How many operands to try, without those that choose a member of a family."""
    if primitive.orders:
        return (primitive.arity - len(primitive.orders[0]),)
    return primitive.counts if primitive.arity is None else (primitive.arity,)


def variables(primitive: Primitive, operands: Point) -> int:
    """How many of the operands are variables; the others choose a member of a family."""
    return len(operands) - (len(primitive.orders[0]) if primitive.orders else 0)


def intervals(primitive: Primitive, count: int) -> list[Interval]:
    """The domain of each of `count` operands."""
    return [primitive.domain[min(index, len(primitive.domain) - 1)] for index in range(count)]


def ordinary(primitive: Primitive, per_count: int = 40) -> list[Point]:
    """Points whose operands lie well inside the domain and not above 10 in size."""
    random = Random(f"ordinary {primitive.name}")
    points: list[Point] = []
    for count in operand_counts(primitive):
        domains = intervals(primitive, count)
        points += [tuple(_within(interval, random) for interval in domains) for _ in range(per_count // count)]
        landmarks = [_landmarks(primitive, index, interval) for index, interval in enumerate(domains)]
        points += [tuple(map(random.choice, landmarks)) for _ in range(12)]
    return _members(primitive, {point for point in points if not _is_degenerate(point)})


def tails(primitive: Primitive, per_count: int = 60) -> list[Point]:
    """Points near the ends of the domain, up to 1e300 and down to 1e-300, alone and with operands of like size."""
    random = Random(f"tails {primitive.name}")
    points: list[Point] = []
    for count in operand_counts(primitive):
        trials = 2 * per_count // count
        domains = intervals(primitive, count)
        numbers = [_tail_numbers(primitive, index, interval, random) for index, interval in enumerate(domains)]
        if count == 1:
            points += [(x,) for x in numbers[0]]
            continue
        points += [tuple(map(random.choice, numbers)) for _ in range(trials)]
        points += _of_like_size(numbers, domains, random, trials)
        points += [
            tuple(random.choice(numbers[i]) if i == chosen else _within(domains[i], random) for i in range(count))
            for chosen in range(count)
            for _ in range(trials // count)
        ]
    return _members(primitive, set(points))


def outside(primitive: Primitive) -> list[Point]:
    """Ordinary points with one operand moved out of its domain, or onto an end that the domain leaves out."""
    random = Random(f"outside {primitive.name}")
    points = []
    for count in operand_counts(primitive):
        domains = intervals(primitive, count)
        for index, interval in enumerate(domains):
            for wrong in _beyond(primitive, index, interval):
                points.append(tuple(wrong if i == index else _within(domains[i], random) for i in range(count)))
    return [] if primitive.orders else points


def _members(primitive: Primitive, points: set[Point]) -> list[Point]:
    """The points in order, each with the operands that choose a member of the family, if it is one."""
    ordered = sorted(points)
    if not primitive.orders:
        return ordered
    return [(*point, *primitive.orders[i % len(primitive.orders)]) for i, point in enumerate(ordered)]


def points(primitive: Primitive) -> st.SearchStrategy[Point]:
    """A hypothesis strategy for operands anywhere inside the domain, constructed, not filtered."""
    numbers = st.sampled_from(operand_counts(primitive)).flatmap(
        lambda count: st.tuples(*map(_numbers, intervals(primitive, count)))
    )
    members = st.sampled_from(primitive.orders or ((),))
    return st.tuples(numbers, members).map(lambda parts: (*parts[0], *parts[1]))


def is_inside(primitive: Primitive, operands: Point) -> bool:
    """Whether every operand lies in its domain and none stands on a special point of the table."""
    count = variables(primitive, operands)
    domains = intervals(primitive, count)
    return all(x in interval for x, interval in zip(operands[:count], domains, strict=True)) and not is_conventional(
        primitive, operands
    )


def is_conventional(primitive: Primitive, operands: Point) -> bool:
    """Whether some operand stands on a special point of the table: the derivative may be a convention there."""
    return _is_degenerate(operands[: variables(primitive, operands)]) or any(
        _is_special(primitive, index, x) for index, x in enumerate(operands[: variables(primitive, operands)])
    )


def _numbers(interval: Interval) -> st.SearchStrategy[float]:
    ends = [interval.low, *([] if interval.hole is None else [interval.hole]), interval.high]
    return st.one_of(*(_piece(interval, low, high) for low, high in pairwise(ends)))


def _piece(interval: Interval, low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(
        min_value=None if math.isinf(low) else low,
        max_value=None if math.isinf(high) else high,
        exclude_min=not (math.isinf(low) or (low == interval.low and interval.closed_low)),
        exclude_max=not (math.isinf(high) or (high == interval.high and interval.closed_high)),
        allow_nan=False,
        allow_infinity=False,
        allow_subnormal=False,
    )


def _within(interval: Interval, random: Random) -> float:
    low, high = max(interval.low, -10.0), min(interval.high, 10.0)
    margin = 0.01 * (high - low)
    return random.uniform(low + margin, high - margin)


def _is_degenerate(point: Point) -> bool:
    # Three equal operands of clamp leave no interval to be inside of.
    return len(point) > 2 and len(set(point)) == 1


def _is_special(primitive: Primitive, index: int, x: float) -> bool:
    return any(special.operands[min(index, len(special.operands) - 1)] == x for special in primitive.special_points)


def _landmarks(primitive: Primitive, index: int, interval: Interval) -> list[float]:
    inside = [x for x in _LANDMARKS if x in interval and not _is_special(primitive, index, x)]
    return [x for x in inside if interval.low < x < interval.high]


def _tail_numbers(primitive: Primitive, index: int, interval: Interval, random: Random) -> list[float]:
    sizes = [random.uniform(1.0, 9.9) * 10.0**power for power in _POWERS_OF_TEN]
    sizes += [1e-200, 1e200, *_EXPONENTIAL_TAIL, *(random.uniform(20.0, 750.0) for _ in range(8))]
    near = [x for end in (interval.low, interval.high) if math.isfinite(end) for x in _around(end)]
    candidates = [*sizes, *(-size for size in sizes), *near]
    if interval.low == 0.0 and interval.high < 10.0:  # few powers of ten lie inside
        candidates += [interval.high * 10.0 ** random.uniform(-300.0, -10.0) for _ in range(10)]
    return [x for x in candidates if x in interval and not _is_special(primitive, index, x)]


def _around(end: float) -> Iterator[float]:
    if end == 0.0:
        return
    yield end
    yield from (math.nextafter(end, side) for side in (-math.inf, math.inf))
    yield from (end + sign * 10.0**-digits for digits in (2, 5, 8, 12, 15) for sign in (-1.0, 1.0))


def _of_like_size(numbers: list[list[float]], domains: list[Interval], random: Random, count: int) -> Iterator[Point]:
    for _ in range(count):
        x = random.choice(numbers[0])
        factors = [1.0, *(random.choice((1.0, -1.0, random.uniform(0.5, 2.0), random.uniform(-2.0, -0.5))) for _ in numbers[1:])]
        point = tuple(x * factor for factor in factors)
        if all(y in interval for y, interval in zip(point, domains, strict=True)) and not _is_degenerate(point):
            yield point


def _beyond(primitive: Primitive, index: int, interval: Interval) -> Iterator[float]:
    if math.isfinite(interval.low):
        yield from (interval.low - 0.25, interval.low - 1e10)
    if math.isfinite(interval.high):
        yield from (interval.high + 0.25, interval.high + 1e10)
    for end in (interval.low, interval.high, interval.hole):
        if end is not None and math.isfinite(end) and end not in interval and not _is_special(primitive, index, end):
            yield end
