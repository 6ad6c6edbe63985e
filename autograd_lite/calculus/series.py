"""Truncated power series in t, as numbers: their arithmetic, and their coefficients one by one, when somebody asks.

A function of the table is worked out from its own rule (`series_rules.py`), which may answer with the function itself: a
coefficient then needs earlier ones only. So nothing is recursive but the asking, and that not deeper than the text of a rule.

Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 13; Knuth, *The Art of Computer Programming* 2,
section 4.7, for powers; McIlroy, "Squinting at power series", Software: Practice & Experience 20 (1990), for coefficients on
demand.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from operator import mul
from typing import Any, Self

from autograd_lite.calculus.operators import SIGNS
from autograd_lite.calculus.perturbed import Perturbed, bottom
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import log, total
from autograd_lite.engine.recording import is_paused
from autograd_lite.engine.value import Value

_PRODUCTS = 4.0  # whole exponents up to here are products


class NoSeries(Exception):
    """There is no series at this point, or none that is known."""


class TaylorCall:
    """One call in Taylor mode.

    Attributes:
        order: of the last coefficient.
        tag: of its series.
        solve: the series of a function of the table, of an operand, the primitive and all operands.
        known: what was solved, by primitive and operands, which are kept so that their ids stay theirs.
        depth: how many rules are being evaluated: inside of them, coefficients are worked out on demand.
        side: from which a decision is looked at that falls at its very point; `tied` whether there was one.
        failed: whether NoSeries was raised, whoever caught it.
    """

    def __init__(self, order: int, solve: "Callable[[Series, Primitive, Sequence[Any]], Series]") -> None:
        self.order, self.solve, self.tag = order, solve, 0
        self.known: dict[Any, tuple[Series, Sequence[Any]]] = {}
        self.made: list[Series] = []
        self.depth, self.side, self.tied, self.failed = 0, 1, False, False

    def refused(self) -> NoSeries:
        """NoSeries, to raise."""
        self.failed = True
        return NoSeries()

    def close(self) -> None:
        """Forgets what was made, which refers to itself."""
        self.known.clear()
        for series in self.made:
            series.grow = series.opposite = None
        self.made.clear()


class Series(Perturbed):
    """A truncated power series.

    Attributes:
        coefficients: those that are known.
        grow: gives the next one, from its place.
        opposite: -self, where a rule has asked for it: the sigmoid's asks back and forth.
    """

    __slots__ = ("_asked", "coefficients", "grow", "opposite", "run")

    def __init__(self, run: TaylorCall, coefficients: Sequence[Any], grow: Callable[[int], Any] | None = None) -> None:
        super().__init__(coefficients[0], run.tag)
        self.run = run
        self.coefficients = list(coefficients)
        self.grow = grow
        self._asked = False
        self.opposite: Series | None = None
        if grow is not None:
            run.made.append(self)

    def __repr__(self) -> str:
        return f"Series({self.coefficients!r})"

    @property
    def parts(self) -> list[Any]:
        return list(self.coefficients)

    def rebuilt(self, parts: Iterable[Any]) -> Self:
        return type(self)(self.run, list(parts))

    def up_to(self, last: int) -> list[Any]:
        """The coefficients, of which those up to the last are known."""
        while len(self.coefficients) <= last:
            if self._asked or self.grow is None:  # it would need itself
                raise self.run.refused()
            self._asked = True
            try:
                self.coefficients.append(self.grow(len(self.coefficients)))
            finally:
                self._asked = False
        return self.coefficients

    def own(self, other: Any) -> bool:
        """Whether the other one is a series of the same call; else it is a constant to it."""
        return isinstance(other, Series) and other.tag == self.tag

    def number_in(self, other: Any) -> Any:
        """The first coefficient of an operand."""
        return other.number if self.own(other) else other

    def __neg__(self) -> Any:
        if not self.run.depth:
            return super().__neg__()
        if self.opposite is None:
            self.opposite = super().__neg__()
            self.opposite.opposite = self
        return self.opposite

    def computed(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        run = self.run
        if run.depth and not is_paused():
            return self._on_demand(primitive, operands)
        number = primitive.of([self.number_in(each) for each in operands])
        if is_paused():
            return number
        try:
            out = self._on_demand(primitive, operands)
            if not self.own(out):
                return number
            if all(math.isfinite(data_of(each)) for each in out.up_to(run.order)):
                return out if any(out is each for each in operands) else Series(run, [number, *out.coefficients[1:]])
        except (ArithmeticError, ValueError):  # eager knows better what to say
            pass
        raise run.refused()

    def _on_demand(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        if primitive in _ARITHMETIC:
            return _ARITHMETIC[primitive](self, *operands)
        key = (primitive, *(repr(each) if type(each) is float else id(each) for each in operands))
        if key not in self.run.known:
            self.run.known[key] = (self.run.solve(self, primitive, operands), operands)
        return self.run.known[key][0]


def data_of(number: Any) -> float:
    """The float in a number."""
    number = bottom(number)
    found: float = number.data if isinstance(number, Value) else number
    return found


def sum_of(terms: Sequence[Any]) -> Any:
    """The sum, rounded once; zeros make no nodes."""
    if set(map(type, terms)) <= {float}:
        try:
            return math.fsum(terms)
        except (OverflowError, ValueError):
            return math.nan
    return total([term for term in terms if type(term) is not float or term != 0.0])


def _sum_of_products(xs: Iterable[Any], ys: Iterable[Any]) -> Any:
    pairs = [(x, y) for x, y in zip(xs, ys, strict=False) if not (type(x) is float and x == 0.0)]
    return sum_of([x * y for x, y in pairs])


def integrated(x: Series, slope: Series, place: int) -> Any:
    """A coefficient of the series whose derivative is slope * x'."""
    weighted = map(mul, map(float, range(1, place + 1)), x.up_to(place)[1 : place + 1])
    return _sum_of_products(weighted, slope.up_to(place - 1)[place - 1 :: -1]) / place


# ---- arithmetic: `of` is one operand of the call, the others are of it or constants ----------------------------------------------


def _part(of: Series, x: Any, place: int) -> Any:
    return x.up_to(place)[place] if of.own(x) else 0.0


def _added(of: Series, x: Any, y: Any) -> Any:
    return Series(of.run, [of.number_in(x) + of.number_in(y)], lambda k: _part(of, x, k) + _part(of, y, k))


def _subtracted(of: Series, x: Any, y: Any) -> Any:
    number = of.number_in(x) - of.number_in(y)
    return number if x is y else Series(of.run, [number], lambda k: _part(of, x, k) - _part(of, y, k))


def _multiplied(of: Series, x: Any, y: Any) -> Any:
    number = of.number_in(x) * of.number_in(y)
    if of.own(x) and of.own(y):
        return Series(of.run, [number], lambda k: _sum_of_products(x.up_to(k)[: k + 1], y.up_to(k)[k::-1]))
    if any(type(each) is float and each == 0.0 for each in (x, y)):
        return number
    return Series(of.run, [number], lambda k: x.up_to(k)[k] * y if of.own(x) else x * y.up_to(k)[k])


def _divided(of: Series, x: Any, y: Any) -> Any:
    try:
        number = of.number_in(x) / of.number_in(y)
    except ArithmeticError:
        number = math.nan

    def grow(k: int) -> Any:
        if not of.own(y):
            return x.up_to(k)[k] / y
        if data_of(y.number) == 0.0:
            raise of.run.refused()
        return (_part(of, x, k) - _sum_of_products(y.up_to(k)[1 : k + 1], out.coefficients[k - 1 :: -1])) / y.number

    out = Series(of.run, [number], grow)
    return out


def _raised(of: Series, x: Any, y: Any) -> Any:
    """x ** y: a product where y is whole, else from out' = out * (y * log x)' or, for a constant y, x * out' = y * out * x'."""
    of_base = of.own(x)
    if of_base and type(y) is float and 0.0 <= y == math.floor(y) and (y <= _PRODUCTS or data_of(x) == 0.0):
        return _product(x, int(y))
    try:
        number = of.number_in(x) ** of.number_in(y)
    except ArithmeticError:
        number = math.nan
    if not of_base or of.own(y):
        exponent = y * log(x)
        out = Series(of.run, [number], lambda k: integrated(exponent, out, k))
        return out if of.own(exponent) else number

    def grow(k: int) -> Any:
        if data_of(x) == 0.0:
            raise of.run.refused()
        factors = [(y * i - (k - i)) * part for i, part in enumerate(x.up_to(k)[1 : k + 1], 1)]
        return _sum_of_products(factors, out.coefficients[k - 1 :: -1]) / (k * x.number)

    out = Series(of.run, [number], grow)
    return out


def _product(x: Series, count: int) -> Any:
    """x * x * ..., of so many factors, by squares."""
    square: Any = x
    found: Any = None
    while count:
        if count % 2:
            found = square if found is None else _multiplied(x, found, square)
        count //= 2
        square = _multiplied(x, square, square) if count else square
    return x.number**0.0 if found is None else found


_ARITHMETIC: dict[Primitive, Callable[..., Any]] = dict(
    zip(map(SIGNS.__getitem__, ("+", "-", "*", "/", "**")), (_added, _subtracted, _multiplied, _divided, _raised), strict=True)
)
