"""Functions of power series, from the table's own rules: no function is known by name, and there is no second copy of a rule.

An operation out = f(x, ...) on series solves the differential equation that its rule states,

    out' = sum over operands x of (d out / d x) * x',    k out_k = sum over x and i = 1 ... k of i x_i (d out / d x)_(k - i),

where the rule, given series, answers with a series. It asks for functions of the table again, which ask for each other or for `out`
itself: each has one series for all who ask.

The first coefficients come from the rules as nested gradients have them (`rules.py`), with all their digits also in the tails.
Families of derivatives (`m.quadric`) lead from member to member there, and the cost grows with a power of the order. For the others
the table is loaded once more with `m` computing on series: families are formulas, which are followed, and the cost is quadratic.

Where a rule decides (`m.less`, `m.abs`) at the very point of decision, it is asked from both sides. Where both agree, as for the
sigmoid at 0, that is the series; where all they decide is a constant slope, as for relu, it is the one that the table agrees on;
else there is no series.
"""

import builtins
import math
from collections.abc import Callable, Sequence
from functools import cache
from types import BuiltinFunctionType
from typing import Any

from autograd_lite.calculus.perturbed import Perturbed, partials_at
from autograd_lite.calculus.rules import partials_of, rule_on_nodes
from autograd_lite.calculus.series import Series, data_of, integrated, sum_of
from autograd_lite.engine import mathematics
from autograd_lite.engine.number_types import load_again
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE

_FIRST = 3  # coefficients up to here have all digits
_AGREEMENT = 1e-9  # of what both sides of a decision give, as a share of the largest coefficient so far


def solved(of: Series, primitive: Primitive, operands: Sequence[Any]) -> Series:
    """The series of primitive(*operands), from its rule."""
    return _Equation(of, primitive, operands).out


class _Equation:
    """The differential equation of one operation.

    Attributes:
        out: its solution.
    """

    def __init__(self, of: Series, primitive: Primitive, operands: Sequence[Any]) -> None:
        self._run, self._primitive, self._operands = of.run, primitive, operands
        self._wanted = [bool(of.own(each)) for each in operands]
        self._numbers = [of.number_in(each) for each in operands]
        try:
            number = primitive.of(self._numbers)
        except ArithmeticError:  # inside a rule: a branch that is not taken
            number = float("nan")
        self.out = Series(of.run, [number], self._grow)
        self._first: list[Any] = []
        self._sides: list[list[Any]] = []

    def _grow(self, place: int) -> Any:
        if place <= _FIRST:
            self._first = self._first or self._partials(rule_on_nodes(self._primitive))
            return self._sum(self._first, place)
        self._sides = self._sides or self._found_sides()
        found = [self._sum(partials, place) for partials in self._sides]
        if len(found) > 1:
            right, left = map(data_of, found)
            size = max(abs(right), abs(left), *(abs(data_of(known)) for known in self.out.coefficients[1:]))
            if not abs(right - left) <= _AGREEMENT * size:
                raise self._run.refused()
        return found[0]

    def _sum(self, partials: Sequence[Any], place: int) -> Any:
        pairs = [(x, slope) for x, slope, asked in zip(self._operands, partials, self._wanted, strict=True) if asked]
        terms = [integrated(x, slope, place) if self.out.own(slope) else x.up_to(place)[place] * slope for x, slope in pairs]
        return terms[0] if len(terms) == 1 else sum_of(terms)

    def _found_sides(self) -> list[list[Any]]:
        """The partials; from both sides where a decision falls at its very point."""
        run = self._run
        before = run.side, run.tied
        try:
            sides = []
            for run.side in (1, -1):
                run.tied = False
                sides.append(self._partials(rule_on_series(self._primitive)))
                if not run.tied:
                    return sides[-1:]
        finally:
            run.side, run.tied = before
        if not any(self.out.own(slope) for side in sides for slope in side):
            return [partials_at(self._primitive, self._numbers, self.out.number, self._wanted)]
        return sides

    def _partials(self, rule: Primitive) -> list[Any]:
        self._run.depth += 1
        try:
            return partials_of(rule, list(self._operands), self.out, self._wanted)
        finally:
            self._run.depth -= 1


# ---- the mathematics of series: choices ------------------------------------------------------------------------------------------


def _newest(x: Any, y: Any) -> Series | None:
    """The operand that decides at its point, if one is a series."""
    found = [each for each in (x, y) if isinstance(each, Perturbed)]
    newest = max(found, key=lambda each: each.tag, default=None)
    return newest if isinstance(newest, Series) else None


def _order(x: Any, y: Any) -> float:
    """-1, 0 or 1 as x is below, as, or above y: where only their numbers are equal, beside the point; nan if one is."""
    left, right, newest = data_of(x), data_of(y), _newest(x, y)
    if left != right:
        return -1.0 if left < right else 1.0 if left > right else math.nan
    if newest is None or x is y:
        return 0.0
    run = newest.run
    for place in range(1, run.order + 1):
        parts = [each.up_to(place)[place] if newest.own(each) else 0.0 for each in (x, y)]
        change = data_of(parts[0]) - data_of(parts[1])
        if change:
            if not run.depth:  # of an older call, which is not asked from both sides now
                raise run.refused()
            run.tied = True
            return math.copysign(1.0, change * run.side**place)
    return 0.0


def _less(x: Any, y: Any) -> bool:
    return _order(x, y) < 0.0


def _equal(x: Any, y: Any) -> bool:
    return _order(x, y) == 0.0


def _abs(x: Any) -> Any:
    return -x if _less(x, 0.0) else x if isinstance(x, Series) else builtins.abs(x)


def _sign(x: Any) -> Any:
    return _order(x, 0.0)


def _of_data(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function with steps, a constant between them."""
    return lambda x: function(data_of(x))


def _largest(values: Sequence[Any]) -> float:
    """A constant: rules only shift by it, and the shift cancels."""
    return max(map(data_of, values))


def _raised(plain: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
    return lambda x, y: plain(x, y) if type(x) is float and type(y) is float else x**y


_CHOICES: dict[str, Callable[..., Any]] = {
    "abs": _abs,
    "ceil": _of_data(mathematics.ceil),
    "equal": _equal,
    "extended_power": _raised(mathematics.extended_power),
    "floor": _of_data(mathematics.floor),
    "largest": _largest,
    "less": _less,
    "power": _raised(mathematics.power),
    "sign": _sign,
}


def rule_on_series(primitive: Primitive) -> Primitive:
    """The primitive whose `dx`, `dy` or `partials` take series and give them."""
    return _table_on_series()[primitive.name] if primitive.is_builtin else primitive


@cache
def _table_on_series() -> dict[str, Primitive]:
    words = load_again("mathematics", "series", {})
    known = [name for name, row in TABLE.items() if hasattr(words, name) and row.public and row.smooth]
    basic = [name for name in TABLE if isinstance(getattr(words, name, None), BuiltinFunctionType)]
    vars(words).update({name: _in_kind(name) for name in (*known, *basic)} | _CHOICES)
    found: dict[str, Primitive] = load_again("primitives", "series", {"m": words}).TABLE
    return found


def _in_kind(name: str) -> Callable[..., Any]:
    """A basic function: of floats as floats have it, else the primitive of that name."""
    plain, primitive = getattr(mathematics, name), TABLE[name]

    def function(*operands: Any) -> Any:
        given = operands[0] if primitive.takes_list else operands
        return plain(*operands) if all(type(each) is float for each in given) else primitive.of(given)

    return function
