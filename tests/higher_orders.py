"""Second and third derivatives of every function of numbers at every kind of point, beside their independent references.

`found` is what the engine says, `expected` what is right: from mpmath, or a limit from the inside; None where there is no limit, and
what the engine says is a convention.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

import autograd_lite as ag
from autograd_lite import Value, gradients
from autograd_lite.engine.primitive import Interval
from autograd_lite.engine.primitives import TABLE
from tests import derivatives, oracle

Point = tuple[float, ...]
Orders = tuple[int, ...]  # how often by each operand

# Signed zeros, subnormal, tiny, ordinary, beside 1, where exponentials saturate or overflow, huge, infinite.
_POSITIVE = (5e-324, 1e-310, 1e-200, 1e-8, 0.5, math.nextafter(1.0, 0.0), 1.0, math.nextafter(1.0, 2.0), 2.0, 20.0, 40.0, 300.0)
_LARGE = (700.0, 745.0, 1e8, 1e16, 1e155, 1e200, 1e308, math.inf)
NUMBERS = (0.0, *_POSITIVE, *_LARGE, -0.0, *(-x for x in _POSITIVE + _LARGE))
# For functions of two: what meets at an edge, and operands of like size far away.
_FEW = (0.0, -0.0, 0.25, 0.5, 1.0, 2.0, 3.0, -0.5, -1.0, -2.0, 40.0, 1e8, math.inf, -math.inf)
_PAIRS = (
    (1e-8, 1.0),
    (1.0, 1e-8),
    (3.0, 1e-8),
    (1e-100, 2e-100),
    (1e100, 2e100),
    (1e-100, 0.0),
    (0.0, 1e100),
    (1e100, 0.0),
    (1e-60, 1e60),
    (1e60, 1e-60),
)


@dataclass(frozen=True)
class Function:
    """A function of numbers with its independent twin on mpmath numbers.

    Attributes:
        on_values: the function itself, of as many arguments as `domain` is long.
        exact: the twin.
        domain: one interval per argument.
        scale: the size of terms that may cancel in a derivative, where it is not a derivative of lower order.
        kinks: points around which it is not smooth, beside the ends of its domain.
    """

    name: str
    on_values: Callable[..., Any]
    exact: Callable[..., Any]
    domain: tuple[Interval, ...]
    kinks: tuple[Point, ...] = ()
    scale: float = 0.0


def _listed(function: Any) -> Callable[..., Any]:
    return lambda *values: function(list(values))


def _of_row(row: Any) -> Function:
    count = row.arity or 2
    domain = tuple(row.domain[min(i, len(row.domain) - 1)] for i in range(count))
    kinks = tuple(special.operands for special in row.special_points if len(special.operands) == count)
    exact = _angle if row.name == "atan2" else oracle.VALUES[row.name]
    return Function(row.name, row if row.arity else _listed(row), exact, domain, kinks)


def _angle(y: Any, x: Any) -> Any:
    """atan2 apart from a constant, and so without a jump where differences are taken."""
    return mp.atan(y / x) if abs(x) > abs(y) * mpf(2) ** -40 else -mp.atan(x / y)


_REAL, _SHARE = Interval(), Interval(0.0, 1.0, closed_low=True, closed_high=True)
_VALUES = oracle.VALUES


def _variance(*values: Any) -> Any:
    center = mp.fsum(values) / len(values)
    return mp.fsum((value - center) ** 2 for value in values) / len(values)


def _entropy(*values: Any) -> Any:
    return -mp.fsum(p * mp.log(p) if p else mpf(0) for p in values)


COMPOSED = (
    Function("square", ag.square, lambda x: x * x, (_REAL,)),
    Function("linear", ag.linear, lambda x: +x, (_REAL,)),
    Function("leaky_relu", ag.leaky_relu, lambda x: x if x > 0 else mpf(0.01) * x, (_REAL,), ((0.0,),)),
    Function("elu", ag.elu, lambda x: x if x > 0 else mp.expm1(x), (_REAL,), ((0.0,),)),
    Function("hard_tanh", ag.hard_tanh, lambda x: max(mpf(-1), min(mpf(1), x)), (_REAL,), ((-1.0,), (1.0,))),
    Function("log_sigmoid", ag.log_sigmoid, lambda x: -_VALUES["softplus"](-x), (_REAL,)),
    Function("gelu", ag.gelu, lambda x: x * _VALUES["erfc"](-x * mp.sqrt(0.5)) / 2, (_REAL,)),
    Function("silu", ag.silu, lambda x: x * _VALUES["sigmoid"](x), (_REAL,)),
    Function("mish", ag.mish, lambda x: x * mp.tanh(_VALUES["softplus"](x)), (_REAL,)),
    Function("mean", _listed(ag.mean), lambda *values: mp.fsum(values) / len(values), (_REAL, _REAL)),
    Function("variance", _listed(ag.variance), _variance, (_REAL, _REAL)),
    Function("product", _listed(ag.product), lambda x, y: x * y, (_REAL, _REAL)),
    Function("softmax", lambda x, y: ag.softmax([x, y])[0], lambda x, y: _VALUES["sigmoid"](x - y), (_REAL, _REAL), scale=1.0),
    Function(
        "log_softmax", lambda x, y: ag.log_softmax([x, y])[0], lambda x, y: -_VALUES["softplus"](y - x), (_REAL, _REAL), scale=1.0
    ),
    Function("entropy", _listed(ag.entropy), _entropy, (_SHARE, _SHARE)),
)
FUNCTIONS = {
    function.name: function
    for function in (
        *(_of_row(row) for row in TABLE.values() if row.public and row.smooth and row.structure != "inner product"),
        *COMPOSED,
    )
}


def cases(function: Function) -> Iterator[tuple[Point, Orders]]:
    """Every point where the function has a value, with every way to differentiate it once, twice and three times."""
    count = len(function.domain)
    points = [(x,) for x in NUMBERS] if count == 1 else [*itertools.product(_FEW, _FEW), *_PAIRS]
    for point in points:
        pairs = list(zip(point, function.domain, strict=True))
        ends = [math.isfinite(x) and x in (interval.low, interval.high) for x, interval in pairs]
        if function.name == "power" and point[0] == 1.0 and math.isinf(point[1]):
            continue  # no step in x is so small that 1 ** y stays near 1
        if sum(ends) + sum(map(math.isinf, point)) < 2 and all(_inside(x, interval) for x, interval in pairs):
            for order in (1, 2, 3):
                yield from ((point, orders) for orders in partials(count, order))


def partials(count: int, order: int) -> list[Orders]:
    """Every partial derivative of an order by `count` operands: xx, xy, yy."""
    picks = itertools.combinations_with_replacement(range(count), order)
    return [tuple(map(pick.count, range(count))) for pick in picks]


def _inside(x: float, interval: Interval) -> bool:
    return x in interval or x in (interval.low, interval.high)


def found(function: Function, point: Point, orders: Orders) -> float:
    """The engine's derivative, one order after the other."""
    leaves = [Value(x) for x in point]
    out = function.on_values(*leaves)
    for leaf, order in zip(leaves, orders, strict=True):
        for _ in range(order):
            [out] = gradients(out, [leaf], differentiable=True)
    return out.data


def expected(function: Function, point: Point, orders: Orders) -> Any:
    """The derivative by the reference: an mpmath number or an infinity; None where its limits differ or do not exist."""
    at_kink = point in function.kinks
    limits = []
    for index, (x, interval) in enumerate(zip(point, function.domain, strict=True)):
        ends = x in (interval.low, interval.high) and not math.isinf(x)
        if math.isinf(x):
            limits.append(derivatives.limit(function.exact, point, orders, index, 0))
        elif ends or at_kink:
            sides = [side for side in (-1, 1) if not ends or (side > 0) == (x == interval.low)]
            limits += [derivatives.limit(function.exact, point, orders, index, side) for side in sides]
    if not limits:
        return derivatives.derivative(function.exact, point, orders, _smooth_around(function, point))
    first = limits[0]
    return first if all(_same(each, first) for each in limits) else None


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None or mp.isinf(one) or mp.isinf(other):
        return bool(one == other)
    return bool(abs(one - other) <= 1e-12 * abs(other))


def _smooth_around(function: Function, point: Point) -> Any:
    """How far around a point the function is smooth: at most to the ends of its domain, and a part of the operands' sizes."""
    sizes = [abs(mpf(x)) for x in point if x]
    ends = [
        abs(mpf(x) - end) for x, at in zip(point, function.domain, strict=True) for end in (at.low, at.high) if math.isfinite(end)
    ]
    return min([mpf(1), *sizes, *ends])
