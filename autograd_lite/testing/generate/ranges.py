"""Ranges: how a program is kept inside the domains of its primitives, by construction.

The range of every number is found by trying each primitive on the ranges of its operands. An input is kept to the domains of the
primitives that use it; a result that may leave a domain, or grow large, is first brought inside by a step of plain arithmetic.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import isfinite, prod
from random import Random
from typing import Any

from autograd_lite.engine.primitive import Interval, Primitive, Unary
from autograd_lite.testing.graphs import as_function

Range = tuple[float, float]
Step = tuple[Any, ...]  # a primitive and the places of its operands: (multiply, 0, 1)

_INPUTS: Range = (-3.0, 3.0)
_LARGEST = 25.0  # a number that may be larger is brought back before it is used: exponentials of exponentials overflow
_BROUGHT_BACK = 4.0
_MARGIN = 0.05  # of the width of a domain: its ends may have infinite slopes
_NARROWEST = 0.2
_SAMPLES = 65  # of each range, in all at most about so many squared
_WIDENED = 0.02


class Inside(Unary):
    """A number brought between low and high, smoothly: middle + half * 2x / (1 + x * x).

    >>> Inside(0.0, 2.0)(1.0), Inside(0.0, 2.0)(0.0)
    (2.0, 1.0)
    """

    symbol = "inside({x})"

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.middle, self.half = (low + high) / 2.0, (high - low) / 2.0

    def __repr__(self) -> str:
        return f"Inside({self.low!r}, {self.high!r})"

    def __reduce__(self) -> Any:
        return Inside, (self.low, self.high)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inside) and (self.low, self.high) == (other.low, other.high)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def forward(self, x: float) -> float:
        return self.middle + self.half * (2.0 * x / (1.0 + x * x))

    def dx(self, x: float, out: float) -> float:
        square = 1.0 + x * x
        return self.half * (2.0 * (1.0 - x) * (1.0 + x) / (square * square))


def domains(primitive: Primitive, count: int) -> list[Interval]:
    """The domain of each of `count` operands; a vertical tangent that it documents counts as a hole.

    >>> from autograd_lite import cbrt, divide
    >>> [str(domain) for domain in domains(divide, 2)], str(domains(cbrt, 1)[0])
    (['(-inf, inf)', '(-inf, inf) without 0'], '(-inf, inf) without 0')
    """
    found = [primitive.domain[min(index, len(primitive.domain) - 1)] for index in range(count)]
    for special in primitive.special_points:
        for index, (x, partial) in enumerate(zip(special.operands, special.partials, strict=True)):
            if index < count and not isfinite(partial) and found[index].low < x < found[index].high:
                whole = found[index]
                found[index] = Interval(whole.low, whole.high, closed_low=whole.closed_low, closed_high=whole.closed_high, hole=x)
    return found


def operand_counts(primitive: Any) -> tuple[int, ...]:
    """The numbers of operands with which a primitive is tried.

    >>> from autograd_lite import sin, total
    >>> operand_counts(sin), operand_counts(total)
    ((1,), (1, 2, 5))
    """
    return primitive.counts if primitive.arity is None else (primitive.arity,)


def well_inside(domain: Interval, largest: float = _BROUGHT_BACK) -> Range:
    """The part of a domain that keeps off its ends and its hole, and below a size.

    >>> well_inside(Interval(0.0)), well_inside(Interval(-1.0, 1.0))
    ((0.2, 4.0), (-0.9, 0.9))
    """
    low, high = max(domain.low, -largest), min(domain.high, largest)
    if low >= high:  # a domain beyond that size: its nearest part
        low, high = (domain.low, domain.low + largest) if domain.low > 0.0 else (domain.high - largest, domain.high)
    if domain.hole is not None and low < domain.hole < high:
        low = domain.hole
    margin = _MARGIN * (high - low)
    is_open = (isfinite(domain.low) or domain.hole is not None, isfinite(domain.high))
    return low + margin * is_open[0], high - margin * is_open[1]


def analysed(inputs: int, steps: Sequence[Step]) -> tuple[tuple[Range, ...], list[Step]]:
    """The ranges of a program's inputs, and its steps with guards put in.

    >>> from autograd_lite import log, sin
    >>> analysed(1, [(sin, 0), (log, 1)])
    (((-3.0, 3.0),), [(<primitive sin>, 0), (Inside(0.2, 4.0), 1), (<primitive log>, 2)])
    """
    ranges = [_INPUTS] * inputs
    guarded: list[Step] = []
    moved = list(range(inputs))  # where the numbers of the unguarded program are in the guarded one

    def append(step: Step) -> int:
        guarded.append(step)
        ranges.append(_range_of(step[0], tuple(ranges[place] for place in step[1:])))
        return len(ranges) - 1

    for primitive, *operands in steps:
        places = []
        for operand, domain in zip(operands, domains(primitive, len(operands)), strict=True):
            place = moved[operand]
            fitted = _fitted(ranges[place], domain)
            if fitted is None or (fitted != ranges[place] and place >= inputs):
                place = append((Inside(*map(_rounded, well_inside(domain))), place))
            elif fitted != ranges[place]:
                ranges[place] = fitted
            places.append(place)
        moved.append(append((primitive, *places)))
    return tuple(ranges[:inputs]), guarded


def _rounded(number: float) -> float:
    return round(number, 6)


def _fitted(known: Range, domain: Interval) -> Range | None:
    """The part of a range that is inside a domain; None if there is next to none, or the numbers are large."""
    if max(-known[0], known[1]) > _LARGEST:
        return None
    low, high = known
    margin = _MARGIN * min(max(high - low, 1.0), _BROUGHT_BACK)
    if isfinite(domain.low):
        low = max(low, domain.low + margin) if low < domain.low + margin / 2.0 else low
    if isfinite(domain.high):
        high = min(high, domain.high - margin) if high > domain.high - margin / 2.0 else high
    if domain.hole is not None and low - margin / 2.0 < domain.hole < high + margin / 2.0:
        low = domain.hole + margin
    if (low, high) == known:
        return known
    return (_rounded(low), _rounded(high)) if high - low >= _NARROWEST else None


@lru_cache(maxsize=10_000)
def _range_of(primitive: Primitive, operands: tuple[Range, ...]) -> Range:
    """The values of a primitive over ranges of its operands, as found by trying; all numbers if it fails somewhere."""
    function = as_function(primitive)
    try:
        values = [function(*numbers) for numbers in _grid(operands)]
    except (ArithmeticError, ValueError):
        return (-float("inf"), float("inf"))
    low, high = min(values), max(values)
    if not (isfinite(low) and isfinite(high)):
        return (-float("inf"), float("inf"))
    wider = _WIDENED * (high - low)
    return (low if low == high else low - wider), (high if low == high else high + wider)


def _grid(operands: tuple[Range, ...]) -> Iterator[tuple[float, ...]]:
    """The corners of a box and points all over it."""
    if not operands:
        yield ()
        return
    each = _SAMPLES if len(operands) == 1 else 13 if len(operands) == 2 else 2
    axes = [[low + (high - low) * index / (each - 1) for index in range(each)] for low, high in operands]
    if prod(map(len, axes)) <= 1024:
        yield from product(*axes)
    random = Random(len(operands))
    for _ in range(0 if len(operands) <= 2 else 100):
        yield tuple(random.uniform(low, high) for low, high in operands)
