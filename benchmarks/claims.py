"""A corpus of claims about derivatives, right ones and wrong ones, to measure checkers by.

Functions are sums, products and chains of parts with known closed forms. The derivative is a sum of terms, each a product of
factors; right claims are computed from it with floats, the truth from it with mpmath, and wrong claims by a mistake that people
make: a term or a factor forgotten, a sign, a scale, the other branch. Nothing here knows how a checker works.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy
from mpmath import mp, mpf

import autograd_lite as ag

SCALES = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
DOUBLE, SINGLE = 1e-9, 16 * 2.0**-23  # relative: a claim further off is wrong
_RIGHT = 1e-13  # relative: a claim nearer than this is right


@dataclass(frozen=True)
class Pair:
    """A function with a claim about its derivatives.

    Attributes:
        kind: what the function is like.
        function: what is differentiated.
        point: where.
        claim: a function that gives the derivatives under test.
        is_right: whether they are right.
        order: 1, or 2 for a claim about the Hessian (the gradient is then right).
        gradient: for order 2, the right gradient.
        is_smooth: whether it is smooth and in double precision: a checker should be able to tell.
        note: the function, the style and the mistake, in words.
    """

    kind: str
    function: Callable[..., Any]
    point: tuple[Any, ...]
    claim: Callable[..., Any]
    is_right: bool
    note: str
    order: int = 1
    gradient: Callable[..., Any] | None = None
    is_smooth: bool = True


# ---- parts with closed forms -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A function of one number with its first two derivatives, written for any namespace `m` of functions."""

    name: str
    value: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], Any]
    bend: Callable[[Any, Any], Any]
    low: float = -2.0
    high: float = 2.0


PARTS = (
    Part("sin x", lambda m, x: m.sin(x), lambda m, x: m.cos(x), lambda m, x: -m.sin(x)),
    Part("cos 2x", lambda m, x: m.cos(2 * x), lambda m, x: -2 * m.sin(2 * x), lambda m, x: -4 * m.cos(2 * x)),
    Part("e^x", lambda m, x: m.exp(x), lambda m, x: m.exp(x), lambda m, x: m.exp(x)),
    Part("e^(-x^2)", lambda m, x: m.exp(-x * x), lambda m, x: -2 * x * m.exp(-x * x), lambda m, x: (4 * x * x - 2) * m.exp(-x * x)),
    Part(
        "tanh x",
        lambda m, x: m.tanh(x),
        lambda m, x: 1 / m.cosh(x) ** 2,
        lambda m, x: -2 * m.tanh(x) / m.cosh(x) ** 2,
    ),
    Part("atan x", lambda m, x: m.atan(x), lambda m, x: 1 / (1 + x * x), lambda m, x: -2 * x / (1 + x * x) ** 2),
    Part("log x", lambda m, x: m.log(x), lambda m, x: 1 / x, lambda m, x: -1 / x**2, 0.2, 3.0),
    Part("sqrt x", lambda m, x: m.sqrt(x), lambda m, x: 1 / (2 * m.sqrt(x)), lambda m, x: -1 / (4 * x * m.sqrt(x)), 0.2, 3.0),
    Part("x^3 - x", lambda m, x: x**3 - x, lambda m, x: 3 * x**2 - 1, lambda m, x: 6 * x),
    Part(
        "1 / (1 + x^2)",
        lambda m, x: 1 / (1 + x * x),
        lambda m, x: -2 * x / (1 + x * x) ** 2,
        lambda m, x: (6 * x * x - 2) / (1 + x * x) ** 3,
    ),
    Part("x", lambda m, x: x, lambda m, x: 1, lambda m, x: 0),
)
METHODS = tuple(part for part in PARTS if part.name in ("e^x", "e^(-x^2)", "log x", "sqrt x", "x^3 - x", "1 / (1 + x^2)", "x"))


class Methods:
    """The functions as methods of the number, as on micrograd's Value."""

    exp = staticmethod(lambda x: x.exp())
    log = staticmethod(lambda x: x.log())
    sqrt = staticmethod(lambda x: x.sqrt())


class OnFloat:
    """The functions of `math`, on what `float()` makes of the number: any other kind of number is dropped or refused."""

    def __getattr__(self, name: str) -> Callable[[Any], float]:
        function = getattr(math, name)
        return lambda x: float(function(float(x)))


# A style: the namespaces of the first and of the second part.
STYLES: dict[str, tuple[Any, Any]] = {
    "any number": (ag, ag),
    "floats": (math, math),
    "a part in math": (OnFloat(), ag),
    "numpy": (numpy, numpy),
    "methods": (Methods, Methods),
}

Terms = Callable[[Any, Sequence[Any]], list[list[Any]]]  # from a namespace and the numbers to the terms, each its factors


@dataclass(frozen=True)
class Formula:
    """A function of some numbers with its first derivatives, and of one number its second.

    Attributes:
        name: in words.
        value: from the two namespaces of a style and the numbers to the value.
        slopes: the terms of the derivative by each number.
        bend: the terms of the second derivative by the first number.
    """

    name: str
    value: Callable[[Any, Any, Sequence[Any]], Any]
    slopes: list[Terms]
    bend: Terms = field(default=lambda m, x: [])


def summed(a: Part, b: Part, k: float) -> Formula:
    return Formula(
        f"{a.name} + {k:.3g} ({b.name})",
        lambda m, n, x: a.value(m, x[0]) + k * b.value(n, x[0]),
        [lambda m, x: [[a.slope(m, x[0])], [k, b.slope(m, x[0])]]],
        lambda m, x: [[a.bend(m, x[0])], [k, b.bend(m, x[0])]],
    )


def multiplied(a: Part, b: Part, k: float) -> Formula:
    return Formula(
        f"({a.name}) ({b.name} + {k:.3g})",
        lambda m, n, x: a.value(m, x[0]) * (b.value(n, x[0]) + k),
        [lambda m, x: [[a.slope(m, x[0]), b.value(m, x[0]) + k], [a.value(m, x[0]), b.slope(m, x[0])]]],
        lambda m, x: [
            [a.bend(m, x[0]), b.value(m, x[0]) + k],
            [2, a.slope(m, x[0]), b.slope(m, x[0])],
            [a.value(m, x[0]), b.bend(m, x[0])],
        ],
    )


def chained(a: Part, b: Part, k: float) -> Formula:
    """a(b(x) / 4 + c), brought into the domain of a."""
    c = 1.7 if a.low > 0.0 else 0.3

    def inner(m: Any, x: Any) -> Any:
        return b.value(m, x) / 16 + c

    return Formula(
        f"{a.name} of {b.name} / 16 + {c}",
        lambda m, n, x: a.value(m, inner(n, x[0])),
        [lambda m, x: [[a.slope(m, inner(m, x[0])), b.slope(m, x[0]), 0.0625]]],
        lambda m, x: [
            [a.bend(m, inner(m, x[0])), b.slope(m, x[0]) ** 2, 0.0625**2],
            [a.slope(m, inner(m, x[0])), b.bend(m, x[0]), 0.0625],
        ],
    )


def of_several(a: Part, b: Part, k: float, count: int) -> Formula:
    """k a(x0) b(x1) + a(x1) b(x2) + ... + b(x0)."""
    ks = [k] + [1.0] * (count - 2)

    def value(m: Any, n: Any, x: Sequence[Any]) -> Any:
        return sum((ks[i] * a.value(m, x[i]) * b.value(n, x[i + 1]) for i in range(count - 1)), b.value(n, x[0]))

    def slope(j: int) -> Terms:
        def terms(m: Any, x: Sequence[Any]) -> list[list[Any]]:
            found = [[b.slope(m, x[0])]] if j == 0 else [[ks[j - 1], a.value(m, x[j - 1]), b.slope(m, x[j])]]
            return found + ([[ks[j], a.slope(m, x[j]), b.value(m, x[j + 1])]] if j < count - 1 else [])

        return terms

    return Formula(f"{a.name} times {b.name} along {count} numbers", value, [slope(j) for j in range(count)])


# ---- claims ------------------------------------------------------------------------------------------------------------------


def total(terms: Sequence[Sequence[Any]]) -> Any:
    """The sum of the products."""
    return sum(math.prod(factors) for factors in terms)


def exact(terms: Terms, point: Sequence[float]) -> Any:
    """The truth, with 50 digits."""
    with mp.workdps(50):
        return total(terms(mp, [mpf(x) for x in point])) * mpf(1)


Mistake = Callable[[list[list[Any]]], list[list[Any]]]


def mistakes(random: Random, terms: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Mistake]]:
    """Wrong ways to put the terms together."""
    scale = random.choice(SCALES) * random.choice((-1, 1))
    yield f"times {1 + scale!r}", lambda terms: [[1 + scale, *factors] for factors in terms]
    yield "the wrong sign", lambda terms: [[-1, *factors] for factors in terms]
    for t, factors in enumerate(terms):
        yield f"without term {t + 1}", lambda terms, t=t: [*terms[:t], *terms[t + 1 :]]
        yield f"term {t + 1} times {1 + scale!r}", lambda terms, t=t: [*terms[:t], [1 + scale, *terms[t]], *terms[t + 1 :]]
        yield f"term {t + 1} negative", lambda terms, t=t: [*terms[:t], [-1, *terms[t]], *terms[t + 1 :]]
        if len(factors) > 1:
            f = random.randrange(len(factors))
            yield (
                f"term {t + 1} without factor {f + 1}",
                lambda terms, t=t, f=f: [*terms[:t], [*terms[t][:f], *terms[t][f + 1 :]], *terms[t + 1 :]],
            )


def is_wrong(claimed: float, truth: Any, resolution: float = DOUBLE) -> bool:
    """Whether a claim is further off than its precision can explain."""
    return bool(abs(mpf(claimed) - truth) > resolution * max(abs(truth), mpf(10) ** -12))


def is_right(claimed: float, truth: Any, resolution: float = _RIGHT) -> bool:
    """Whether a claim is as near as floats come."""
    return bool(abs(mpf(claimed) - truth) <= resolution * abs(truth))
