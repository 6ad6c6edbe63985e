"""The rough part of the corpus of claims: hidden parts, fast functions, kinks, jumps, single precision, ends of domains."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import numpy
from mpmath import mpf

import autograd_lite as ag
from benchmarks.claims import DOUBLE, PARTS, SCALES, SINGLE, STYLES, Pair, Part, exact, is_right, is_wrong, mistakes, total
from benchmarks.smooth_claims import claims, formula_of, mistaken, uniform

__all__ = ["ends", "hidden", "jumps", "kinks", "of_speed", "single"]


# ---- parts that are not what they seem ---------------------------------------------------------------------------------------


HIDDEN: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "|x|": (abs, lambda m, x: 1 if x > 0 else -1),
    "float(x)": (float, lambda m, x: 1),
    "float(str(x))": (lambda x: float(str(x)), lambda m, x: 1),
    "int(x)": (int, lambda m, x: 0),
    "round(x)": (round, lambda m, x: 0),
    "x % 1": (lambda x: x % 1, lambda m, x: 1),
    "max(x, 0.5)": (lambda x: max(x, 0.5), lambda m, x: 1 if x > mpf(0.5) else 0),
    "x if x > 0.25 else x^2": (lambda x: x if x > 0.25 else x * x, lambda m, x: 1 if x > 0.25 else 2 * x),
    "float(x.real)^2": (lambda x: float(x.real) ** 2, lambda m, x: 2 * x),
}


def hidden(random: Random) -> Iterator[Pair]:
    """A smooth part times, or plus, one that some kinds of numbers do not see."""
    name = random.choice(list(HIDDEN))
    value, slope = HIDDEN[name]
    part = random.choice(PARTS)
    m = random.choice((ag, math))
    x = uniform(random, part)
    if min(abs(x - edge) for edge in (*range(-3, 4), -1.5, -0.5, 0.25, 0.5, 1.5, 2.5)) < 0.01:
        return
    k = random.choice((1.0, 1e-3, 1e-6))

    def inner(x: Any) -> Any:  # for the claims: with floats, and with mpmath's numbers for the truth
        return value(x) if isinstance(x, float) else mpf(value(float(x)))

    if random.random() < 0.5:
        terms = lambda m, t: [[part.slope(m, t[0])], [k, slope(m, t[0])]]  # noqa: E731
        yield from claims(random, lambda x: part.value(m, x) + k * value(x), (x,), [terms], f"{part.name} + {k} {name}")
    else:
        terms = lambda m, t: [[part.slope(m, t[0]), k * inner(t[0]) + 1], [part.value(m, t[0]), k, slope(m, t[0])]]  # noqa: E731
        yield from claims(random, lambda x: part.value(m, x) * (1 + k * value(x)), (x,), [terms], f"({part.name}) (1 + {k} {name})")


def of_speed(steepest: float, random: Random) -> Iterator[Pair]:
    """sin(w x), tanh(w (x - c)), e^(w (x - c)) with a large w, alone or as a small addition to a smooth part."""
    part = random.choice(PARTS)
    m = random.choice((ag, math))
    w = 10.0 ** random.uniform(2.0, math.log10(steepest))
    x = round(uniform(random, part), 3)
    small = random.choice((1.0, 10.0 ** random.uniform(-3.0, 0.0) / w))
    shape = random.choice(
        [
            Part("sin wx", lambda m, x: m.sin(w * x), lambda m, x: w * m.cos(w * x), lambda m, x: 0),
            Part("tanh w(x-c)", lambda m, t: m.tanh(w * (t - x)), lambda m, t: w / m.cosh(w * (t - x)) ** 2, lambda m, x: 0),
            Part("e^w(x-c)", lambda m, t: m.exp(w * (t - x)), lambda m, t: w * m.exp(w * (t - x)), lambda m, x: 0),
        ]
    )
    terms = lambda m, t: [[part.slope(m, t[0])], [small, shape.slope(m, t[0])]]  # noqa: E731
    truth = exact(terms, (x,))
    note = f"{part.name} + {small:.3g} {shape.name}, w = {w:.3g}, {m.__name__}"
    yield Pair(
        "",
        lambda x: part.value(m, x) + small * shape.value(m, x),
        (x,),
        lambda x: total(terms(math, (x,))),
        True,
        note,
        is_smooth=False,
    )
    for name, mistake in mistakes(random, terms(math, (x,))):
        # The argument w x of the function itself is rounded: what is nearer than that is neither right nor wrong.
        if is_wrong(total(mistake(terms(math, (x,)))), truth, DOUBLE + 4e-16 * w * abs(x) * 10):
            yield Pair(
                "",
                lambda x: part.value(m, x) + small * shape.value(m, x),
                (x,),
                partial(mistaken, [terms], 0, mistake),
                False,
                f"{note}, {name}",
                is_smooth=False,
            )


# ---- kinks and jumps ---------------------------------------------------------------------------------------------------------


def kinks(random: Random) -> Iterator[Pair]:
    """s(x) + k |x - c|, written in several ways, on the kink or beside it."""
    part, m = random.choice(PARTS), random.choice((ag, math))
    c = round(uniform(random, part), 2)
    k = random.choice((1e-3, 0.5, 2.0)) * random.choice((-1, 1))
    ways: list[Callable[[Any], Any]] = [
        lambda x: part.value(m, x) + k * abs(x - c),
        lambda x: part.value(m, x) + k * max(x - c, c - x),
        lambda x: part.value(m, x) + (k * (x - c) if x > c else k * (c - x)),
        lambda x: part.value(m, x) + k * (ag.relu(x - c) + ag.relu(c - x)),
        lambda x: part.value(m, x) + k * math.fabs(x - c),
    ]
    function = random.choice(ways)
    distance = random.choice((0.0, 0.0, 0.0, 1e-3, 1e-6, -1e-6, -1e-3))
    x = c + distance
    slope = part.slope(math, x)
    if not is_right(slope, exact(lambda m, t: [[part.slope(m, t[0])]], (x,))):
        return
    note = f"{part.name} with a kink of {k} at {c}, at {x!r}"
    side = math.copysign(1.0, distance)
    for inside in (-1.0, -0.5, 0.0, 0.25, 1.0) if not distance else (side,):
        yield Pair(
            "",
            function,
            (x,),
            lambda t, inside=inside: part.slope(math, t) + k * inside,
            True,
            f"{note}, {inside}",
            is_smooth=False,
        )
    for outside in (-1.0 - 1e-5, 1.0 + 1e-3, 2.0, -3.0, 1.0 + 1e-6) if not distance else (-side, 0.5 * side, side * (1 + 1e-6)):
        if abs(k * (abs(outside) - 1.0 if not distance else outside - side)) > 1e-8 * max(abs(slope), abs(k)):
            yield Pair(
                "",
                function,
                (x,),
                lambda t, outside=outside: part.slope(math, t) + k * outside,
                False,
                f"{note}, {outside}",
                is_smooth=False,
            )


JUMPS: list[tuple[str, Callable[[Any], Any], bool]] = [
    ("floor", ag.floor, True),
    ("sign", lambda x: ag.sign(x), True),
    ("math.floor", lambda x: float(math.floor(x)), False),
    ("x >= 1", lambda x: 1.0 if x >= 1.0 else 0.0, False),
    ("round", lambda x: float(round(x + 0.5)), False),
]


def jumps(random: Random) -> Iterator[Pair]:
    """s(x) + k jump(x): right is a documented convention, and the slope beside the jump; on the jump nothing else is."""
    part = random.choice(PARTS)
    name, jump, is_documented = random.choice(JUMPS)
    c = 0.0 if name == "sign" else 1.0
    if not part.low < c < part.high:
        return
    k = random.choice((1e-3, 1.0, -2.0))
    distance = random.choice((0.0, 0.0, 1e-2, 1e-4, -1e-4))
    note = f"{part.name} + {k} {name}(x) at {c + distance!r}"
    function = lambda x: part.value(ag, x) + k * jump(x)  # noqa: E731
    claim = lambda x: part.slope(math, x)  # noqa: E731
    if distance or is_documented:
        yield Pair("", function, (c + distance,), claim, True, note, is_smooth=False)
    if not distance and not is_documented:
        yield Pair("", function, (c,), claim, False, f"{note}, the slope beside it", is_smooth=False)
    for off in (1e-6, 0.5, -1.0, 1e3):
        if abs(off) > 1e-8 * abs(claim(c + distance)):
            yield Pair(
                "", function, (c + distance,), lambda x, off=off: claim(x) + off, False, f"{note}, off by {off}", is_smooth=False
            )


# ---- single precision, and the ends of domains -------------------------------------------------------------------------------


def single(random: Random) -> Iterator[Pair]:
    """Claims in single precision: right to their own rounding, or off by more than 16 units."""
    style = random.choice(["any number", "floats", "a part in math"])
    m, n = STYLES[style]
    formula, x = formula_of(random, PARTS)
    terms = formula.slopes[0]
    truth = exact(terms, (x,))
    if not is_right(total(terms(math, (x,))), truth):
        return
    function = lambda x: formula.value(m, n, (x,))  # noqa: E731
    note = f"{formula.name}, {style}, single"
    yield Pair("", function, (x,), lambda x: numpy.float32(total(terms(math, (x,)))), True, note, is_smooth=False)
    scale = random.choice([scale for scale in SCALES if scale > 1e-6] + [2.5e-6])
    for name, mistake in [
        *mistakes(random, terms(math, (x,))),
        (f"times {1 + scale}", lambda terms: [[1 + scale, *f] for f in terms]),
    ]:
        if is_wrong(float(numpy.float32(total(mistake(terms(math, (x,)))))), truth, SINGLE):
            claim = lambda x, mistake=mistake: numpy.float32(total(mistake(terms(math, (x,)))))  # noqa: E731
            yield Pair("", function, (x,), claim, False, f"{note}, {name}", is_smooth=False)


ENDS: list[tuple[str, int, Callable[[Any], Any], float]] = [
    ("sqrt", 1, math.sqrt, math.inf),
    ("sqrt of ours", 1, ag.sqrt, math.inf),
    ("cbrt", 1, math.cbrt, math.inf),
    ("x sqrt x", 1, lambda x: x * math.sqrt(x), 0.0),
    ("x^2 sqrt x", 2, lambda x: x * x * math.sqrt(x), 0.0),
    ("x sqrt x", 2, lambda x: x * math.sqrt(x), math.inf),
    ("-x log x", 1, lambda x: -x * math.log(x) if x else 0.0, math.inf),
    ("-x log x", 2, lambda x: -x * math.log(x) if x else 0.0, -math.inf),
    ("-x log x of ours", 2, lambda x: -ag.xlogy(x, x) if hasattr(ag, "xlogy") else -x * ag.log(x) if x else x, -math.inf),
]


def ends(random: Random) -> Iterator[Pair]:
    """At the end of a domain: s(x) plus a function that ends at 0."""
    name, order, end, slope = random.choice(ENDS)
    part = random.choice([part for part in PARTS if part.low < 0.0])
    k = random.uniform(0.5, 2.0)
    smooth = part.slope if order == 1 else part.bend
    right = float(smooth(math, 0.0)) + k * slope
    function = lambda x: part.value(math, x) + k * end(x)  # noqa: E731
    note = f"{part.name} + {k:.3g} {name} at 0, order {order}"

    def claim(number: float) -> dict[str, Any]:
        first = lambda x: part.slope(math, x) + k * (0.0 if order == 2 and "sqrt" in name else math.inf)  # noqa: E731
        return {"claim": lambda x: number, "gradient": first if order == 2 else None, "order": order}

    yield Pair("", function, (0.0,), is_right=True, note=note, is_smooth=False, **claim(right))
    for wrong in (right + 1.0, -right, 0.0, 1.0, 25.9, -1e20):
        if wrong != right and not math.isinf(wrong - right if math.isfinite(right) else 0.0):
            yield Pair("", function, (0.0,), is_right=False, note=f"{note}, {wrong}", is_smooth=False, **claim(wrong))
