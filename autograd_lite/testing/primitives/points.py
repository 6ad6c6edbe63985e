"""Where a primitive is tried: points drawn from its domain, special points and numbers of operands, the same in every run."""

import math
from collections.abc import Iterator
from random import Random
from typing import Any

from autograd_lite.engine.primitive import Interval, Primitive
from autograd_lite.testing.generate.ranges import domains, operand_counts, well_inside

Point = tuple[float, ...]

SPECIAL = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 1e-200, -1e-200, 1e200, -1e200, 710.0, -746.0)


def ordinary_points(primitive: Primitive, per_count: int = 6) -> list[Point]:
    """Points well inside the domain, with operands up to 4 in size, none of them at a tie.

    >>> from autograd_lite import log
    >>> len(ordinary_points(log)), all(0.0 < x < 5.0 for x, in ordinary_points(log))
    (6, True)
    """
    random = Random(f"ordinary {primitive.name}")
    found = []
    for count in operand_counts(primitive):
        ranges = [well_inside(domain) for domain in domains(primitive, count)]
        found += [tuple(_short(random.uniform(*span)) for span in ranges) for _ in range(per_count)]
    return found


def _short(number: float) -> float:
    """A number of few digits, for readable failures; odd ones in the last place, so that no kink is met."""
    return round(round(number, 3) + 0.0007, 4)


def outside_points(primitive: Primitive) -> Iterator[tuple[Point, int]]:
    """Points with one operand outside its domain, and which operand that is.

    >>> from autograd_lite import log
    >>> [point for point, index in outside_points(log)]
    [(-0.25,), (0.0,)]
    """
    for point in ordinary_points(primitive, 1):
        for index, domain in enumerate(domains(primitive, len(point))):
            for wrong in _beyond(domain):
                if not any(at.operands[min(index, len(at.operands) - 1)] == wrong for at in primitive.special_points):
                    yield (*point[:index], wrong, *point[index + 1 :]), index


def _beyond(domain: Interval) -> Iterator[float]:
    if math.isfinite(domain.low):
        yield domain.low - 0.25
    if math.isfinite(domain.high):
        yield domain.high + 0.25
    for end in (domain.low, domain.high, domain.hole):
        if end is not None and math.isfinite(end) and end not in domain:
            yield end


def with_special_floats(primitive: Primitive) -> Iterator[tuple[Point, int]]:
    """Points with one special float among ordinary operands, and which operand that is."""
    for point in ordinary_points(primitive, 1):
        for index in range(len(point)):
            for special in SPECIAL:
                yield (*point[:index], special, *point[index + 1 :]), index


def common_numbers(primitive: Primitive, count: int) -> list[float]:
    """Numbers that may stand for all of `count` operands at once.

    >>> from autograd_lite import divide
    >>> len(common_numbers(divide, 2))
    3
    """
    ranges = [well_inside(domain) for domain in domains(primitive, count)]
    low, high = max(span[0] for span in ranges), min(span[1] for span in ranges)
    return [_short(low + (high - low) * share) for share in (0.23, 0.61, 0.87)] if low < high else []


def same(x: Any, y: Any) -> bool:
    """Whether two floats are the same number; nan is the same as nan.

    >>> same(math.nan, math.nan), same(0.0, -0.0), same(1.0, 2.0)
    (True, True, False)
    """
    return bool(x == y or (x != x and y != y))
