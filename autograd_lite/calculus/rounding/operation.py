"""One operation: how far its own rounding moves its result, and how far from a straight line it is over its operands' errors.

Notation: `numbers` are an operation's operands, `out` its result, `partials` the slopes of the line that stands for it, and
`errors` how far each operand may be off.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import copysign, inf, isfinite, nextafter, ulp
from typing import Any, NamedTuple

from autograd_lite.engine.number_types import COMPLEX, forward, rule_on
from autograd_lite.engine.text import SUM

UNIT = 2.0**-53  # half a unit in the last place of a number just above a power of two, relative to it
LEAST = 2.0**-1022  # of the numbers with all their digits
TINY = 5e-324  # the least float: what underflow takes away is less
_CANCELLED = 2.0  # how many times the result a term of a sum is, from where on we say that terms cancelled
_SUMS = ("sum", "inner product")


class OwnRounding(NamedTuple):
    """The rounding of one operation.

    Attributes:
        most: its size at most.
        made: the rounding itself, with its sign, where exact arithmetic tells; else 0.
        spread: its standard deviation where nothing tells; else 0.
    """

    most: float
    made: float
    spread: float


_NOTHING = OwnRounding(0.0, 0.0, 0.0)


def own_rounding(primitive: Any, numbers: Sequence[float], out: float, partials: Sequence[float]) -> OwnRounding:
    """How far an operation's rounding moved its result, by the table's word on how exact it is; nothing where it did not round.

    The result of an operation on rational numbers is compared with its exact one: so a subtraction of near numbers (Sterbenz),
    a product with a power of two, or a sum of small whole numbers add nothing.

    >>> from autograd_lite.engine.primitives import TABLE
    >>> own_rounding(TABLE["subtract"], [0.3, 0.2], 0.3 - 0.2, [1.0, -1.0]).most
    0.0
    """
    if not primitive.roundings or not isfinite(out):
        return _NOTHING
    exact = exactly(primitive, numbers)
    if exact is not None:
        rest = Fraction(out) - exact
        if not rest:
            return _NOTHING
        made = copysign(float(abs(rest)) or TINY, rest)
        return OwnRounding(max(ulp(out) / 2.0, abs(made)), made, 0.0)
    moved = [abs(x * partial) for x, partial in zip(numbers, partials, strict=True)]
    most = primitive.roundings * UNIT * max(abs(out), sum(moved) if primitive.cancels else 0.0)
    if abs(out) < LEAST and (out or (any(numbers) and max(moved) < LEAST)):  # by underflow it may lack digits, or all: not log(1)
        most += primitive.roundings * TINY
    return OwnRounding(most, 0.0, most / primitive.roundings * max(0.5, primitive.roundings / 8.0))


def exactly(primitive: Any, numbers: Sequence[float]) -> Fraction | None:
    """The exact result of an operation of arithmetic; None of any other.

    >>> from autograd_lite.engine.primitives import TABLE
    >>> exactly(TABLE["divide"], [1.0, 3.0]), exactly(TABLE["exp"], [0.0])
    (Fraction(1, 3), None)
    """
    if not all(map(isfinite, numbers)):
        return None
    given = [Fraction(x) for x in numbers]
    if primitive.structure == "sum":
        return sum(given, Fraction())
    if primitive.structure == "inner product":
        count, first = divmod(len(given), 2)
        pairs = zip(given[first : first + count], given[first + count :], strict=True)
        return sum((w * x for w, x in pairs), sum(given[:first], Fraction()))
    if primitive.roundings != 1.0:
        return None
    try:
        found = forward(rule_on(COMPLEX, primitive), given)  # a rule that only adds and multiplies takes any number
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return None
    return found if type(found) is Fraction else None


class Bend(NamedTuple):
    """How far an operation is from a straight line over its operands' errors; `ends` says whether its domain ends among them."""

    most: float
    ends: bool


def bend(primitive: Any, numbers: Sequence[float], out: float, partials: Sequence[float], errors: Sequence[float]) -> Bend:
    """The largest distance found between the operation and the line through its point, at the corners of the operands' errors.

    What the rounding of those results explains is left out. A kink, a step or a vertical tangent within the errors shows as well
    as curvature does.

    >>> from autograd_lite.engine.primitives import TABLE
    >>> bend(TABLE["abs"], [1e-17], 1e-17, [1.0], [1e-16]).most > 1e-16, bend(TABLE["abs"], [1.0], 1.0, [1.0], [1e-16]).most
    (True, 0.0)
    """
    if primitive.structure == "sum" or not any(errors):
        return Bend(0.0, False)
    for place, (x, error) in enumerate(zip(numbers, errors, strict=True)):
        hole = primitive.domain[min(place, len(primitive.domain) - 1)].hole
        if hole is not None and error and abs(x - hole) <= error:
            return Bend(inf, True)
    size = sum(abs(x * partial) for x, partial in zip(numbers, partials, strict=True)) + abs(out)
    most, ends = 0.0, False
    for corner in _corners(numbers, partials, errors):
        try:
            found = forward(primitive, corner)
        except (ArithmeticError, ValueError):
            ends = True
            continue
        line = out + sum(slope * (there - x) for x, there, slope in zip(numbers, corner, partials, strict=True) if there != x)
        noise = (primitive.roundings + len(numbers)) * UNIT * (size + abs(found))
        gap = abs(found - line)
        if not gap <= noise:
            most = inf if gap != gap else max(most, gap)
    return Bend(most, ends)


def _corners(numbers: Sequence[float], partials: Sequence[float], errors: Sequence[float]) -> list[list[float]]:
    """The operands moved by their errors, by a unit in the last place at least: up and down the line, and both ways across it."""

    def moved(along: float, across: float) -> list[float]:
        ways = [along * copysign(1.0, slope) if slope else across for slope in partials]
        return [
            x if not error else x + way * error if x + way * error != x else nextafter(x, way * inf)
            for x, way, error in zip(numbers, ways, errors, strict=True)
        ]

    flat = any(error and not slope for slope, error in zip(partials, errors, strict=True))
    steep = any(error and slope for slope, error in zip(partials, errors, strict=True))
    along, across = (1.0, -1.0) if steep else (1.0,), (1.0, -1.0) if flat else (1.0,)
    return [moved(one, other) for one in along for other in across]


def cancels(primitive: Any, numbers: Sequence[float], out: float, partials: Sequence[float]) -> bool:
    """Whether terms of a sum, or of what behaves like one, left little of each other."""
    terms = [x * slope for x, slope in zip(numbers, partials, strict=True)]
    if len(terms) < 2 or not max(map(abs, terms)) > _CANCELLED * abs(out):
        return False
    adds = primitive.precedence == SUM or primitive.structure in _SUMS or primitive.cancels
    return bool(adds) or min(terms) < 0.0 < max(terms)
