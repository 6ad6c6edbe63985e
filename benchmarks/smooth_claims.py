"""The smooth part of the corpus of claims: sums, products and chains, of one number and of several, of first and second order."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import numpy

from benchmarks.claims import (
    METHODS,
    PARTS,
    STYLES,
    Formula,
    Pair,
    Part,
    chained,
    exact,
    is_right,
    is_wrong,
    mistakes,
    multiplied,
    of_several,
    summed,
    total,
)

__all__ = ["claims", "formula_of", "mistaken", "second", "second_of_several", "several", "smooth", "uniform", "vectors"]


def uniform(random: Random, *parts: Part) -> float:
    return random.uniform(max(part.low for part in parts), min(part.high for part in parts))


def formula_of(random: Random, parts: Sequence[Part]) -> tuple[Formula, float]:
    a, b = random.sample(parts, 2)
    k = random.uniform(0.5, 2.0)
    make = random.choice((summed, multiplied, chained))
    return make(a, b, k), uniform(random, b) if make is chained else uniform(random, a, b)


# ---- smooth ones -------------------------------------------------------------------------------------------------------------


def smooth(style: str, random: Random) -> Iterator[Pair]:
    """Sums, products and chains of two parts, with every mistake that can be made in the sum of terms."""
    m, n = STYLES[style]
    formula, x = formula_of(random, METHODS if style == "methods" else PARTS)
    terms = formula.slopes[0]
    yield from claims(random, lambda x: formula.value(m, n, (x,)), (x,), [terms], f"{formula.name}, {style}")


def claims(
    random: Random, function: Callable[..., Any], point: tuple[float, ...], slopes: Sequence[Any], note: str
) -> Iterator[Pair]:
    """A right gradient, and one with a mistake in one of its derivatives; mistakes that change next to nothing are left out."""
    truths = [exact(terms, point) for terms in slopes]
    right = [total(terms(math, point)) for terms in slopes]
    if not all(map(is_right, right, truths)):
        return
    yield Pair("", function, point, lambda *x: [total(terms(math, x)) for terms in slopes], True, note)
    which = random.randrange(len(slopes))
    made = list(mistakes(random, slopes[which](math, point)))
    for name, mistake in random.sample(made, min(3, len(made))):
        if is_wrong(total(mistake(slopes[which](math, point))), truths[which]):
            yield Pair("", function, point, partial(mistaken, slopes, which, mistake), False, f"{note}, {name}")


def mistaken(slopes: Sequence[Any], which: int, mistake: Any, *x: float) -> list[float]:
    return [total(mistake(terms(math, x)) if i == which else terms(math, x)) for i, terms in enumerate(slopes)]


def several(random: Random) -> Iterator[Pair]:
    """Two to six numbers."""
    style = random.choice(["any number", "floats", "a part in math"])
    m, n = STYLES[style]
    a, b = random.sample(PARTS, 2)
    count = random.randint(2, 6)
    formula = of_several(a, b, random.uniform(0.5, 2.0), count)
    point = tuple(uniform(random, a, b) for _ in range(count))
    yield from claims(random, lambda *x: formula.value(m, n, x), point, formula.slopes, f"{formula.name}, {style}")


def vectors(random: Random) -> Iterator[Pair]:
    """NumPy functions of an array, which end in float() or not."""
    part = random.choice(PARTS[:-1])
    count = random.randint(2, 4)
    point = tuple(uniform(random, part) for _ in range(count))
    slopes = [lambda m, x, i=i: [[part.slope(m, x[i]), x[i]], [part.value(m, x[i])]] for i in range(count)]
    ends = random.choice((float, lambda y: y))
    for pair in claims(random, lambda *x: x, point, slopes, f"sum of x ({part.name}), numpy"):
        yield replace(
            pair,
            function=lambda v: ends(numpy.sum(v * part.value(numpy, v))),
            point=(numpy.array(point),),
            claim=lambda v, claim=pair.claim: numpy.array(claim(*map(float, v))),
        )


def second(random: Random) -> Iterator[Pair]:
    """Second derivatives by one number, the gradient being right."""
    style = random.choice(list(STYLES))
    m, n = STYLES[style]
    formula, x = formula_of(random, METHODS if style == "methods" else PARTS)
    for pair in claims(random, lambda x: formula.value(m, n, (x,)), (x,), [formula.bend], f"{formula.name}, {style}, second"):
        yield replace(pair, order=2, gradient=lambda x: total(formula.slopes[0](math, (x,))))


def second_of_several(random: Random) -> Iterator[Pair]:
    """The Hessian of a(x) b(y), with a mistake anywhere in it."""
    style = random.choice(["any number", "floats", "a part in math"])
    m, n = STYLES[style]
    a, b = random.sample(PARTS, 2)
    point = (uniform(random, a), uniform(random, b))
    mixed = lambda m, x: [[a.slope(m, x[0]), b.slope(m, x[1])]]  # noqa: E731
    entries = [
        lambda m, x: [[a.bend(m, x[0]), b.value(m, x[1])]],
        mixed,
        mixed,
        lambda m, x: [[a.value(m, x[0]), b.bend(m, x[1])]],
    ]
    first = [lambda m, x: [[a.slope(m, x[0]), b.value(m, x[1])]], lambda m, x: [[a.value(m, x[0]), b.slope(m, x[1])]]]
    for pair in claims(
        random, lambda x, y: a.value(m, x) * b.value(n, y), point, entries, f"({a.name}) times ({b.name}) of y, {style}, Hessian"
    ):
        yield replace(pair, order=2, gradient=lambda *x: [total(terms(math, x)) for terms in first])
