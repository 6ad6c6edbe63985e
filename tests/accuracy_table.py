"""The accuracy of every primitive against its oracle, and the page docs/primitives.md that lists it.

Run `python -m tests.accuracy_table` to write the page, with `--check` to compare the page in the repository with a new one.
"""

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mpmath import mp, mpf

from autograd_lite.calculus import derivative
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.text import ATOM, Text
from autograd_lite.functions import scalar_functions
from tests import oracle
from tests.points import Point, ordinary, tails

PAGE = Path(__file__).parent.parent / "docs" / "primitives.md"
ORDINARY_PROMISE = 1e-15
TAIL_PROMISE = 4e-13
_LARGEST, _SMALLEST = sys.float_info.max, sys.float_info.min
COMPOSED_EDGES = (("leaky_relu", 0.0), ("elu", 0.0), ("hard_tanh", -1.0), ("hard_tanh", 1.0))
_UNIT = 1e-16
# What oscillates, with its amplitude there: near its zeros, which are no landmarks, its error is measured against that.
OSCILLATING: dict[str, Callable[..., Any]] = dict.fromkeys(
    ("sinc", "sincslope"), lambda x, n: mp.pi ** int(n) / max(mp.pi * abs(mpf(x)), mpf(n) + 1)
)
_SLACK = 4.0 * sys.float_info.epsilon


def forward(rule: Any, operands: Iterable[Any]) -> Any:
    """A primitive's value, whether it takes its operands one by one or as a list."""
    return rule.forward(list(operands)) if isinstance(rule, Nary) or hasattr(rule, "partials") else rule.forward(*operands)


def partials(rule: Any, operands: Iterable[Any], out: Any) -> list[Any]:
    """A primitive's local derivatives, whichever way the rule gives them."""
    operands = list(operands)
    if hasattr(rule, "partials"):
        given = list(rule.partials(operands, out))
    else:
        given = [getattr(rule, method)(*operands, out) for method in ("dx", "dy")[: len(operands)]]
    return given[: len(given) - len(rule.orders[0])] if rule.orders else given  # by these nobody differentiates


def forward_or_overflow(primitive: Any, operands: Point) -> float:
    """The value as a float, where an OverflowError counts as an infinity of the right sign."""
    try:
        return forward(primitive, operands)
    except OverflowError:
        return math.copysign(math.inf, float(mp.sign(oracle.value(primitive, operands))))


def relative_error(got: Any, exact: Any, scale: Any = None) -> float:
    """|got - exact| / |exact|; out of the range of floats 0 for the right infinity or a result below the smallest float, else inf.

    Args:
        got: a float.
        exact: what it should be, an mpmath number.
        scale: what to divide by instead, where the value cancels.
    """
    with mp.workdps(60):
        if scale is not None and abs(scale) > _LARGEST:  # the terms of the sum are out of range already
            return 0.0
        if math.isnan(got):
            return math.inf
        if abs(exact) > _LARGEST:
            return 0.0 if got == float(mp.sign(exact)) * math.inf else math.inf
        if abs(exact) < _SMALLEST:
            return 0.0 if abs(got) <= _SMALLEST else math.inf
        size = max(abs(exact), mpf(scale or 0))
        return float(abs(mpf(got) - exact) / size) if math.isfinite(got) else math.inf


def value_error(primitive: Any, operands: Point) -> float:
    """The relative error of the value at one point."""
    got, exact = forward_or_overflow(primitive, operands), oracle.value(primitive, operands)
    return relative_error(got, exact, value_scale(primitive, operands))


def value_scale(primitive: Any, operands: Point) -> Any:
    """The size that a value's error is measured against, if not its own."""
    if primitive.name in OSCILLATING and primitive.orders:
        return OSCILLATING[primitive.name](*operands)
    if not primitive.cancels:
        return None
    return max(abs(operands[index] * oracle.slopes(primitive, operands, index)[0]) for index in range(len(operands)))


def partial_errors(primitive: Any, operands: Point) -> list[float]:
    """The relative error of every partial; at a kink 0 if it lies between the two one-sided slopes.

    Where the value itself overflows, no partial is asked for.
    """
    out = forward_or_overflow(primitive, operands)
    if math.isinf(out):
        return [0.0] * len(operands)
    given = partials(primitive, operands, out)
    return [
        _slope_error(got, *oracle.slopes(primitive, operands, index), slope_scale(primitive, operands, index))
        for index, got in enumerate(given)
    ]


def slope_scale(primitive: Any, operands: Point, index: int) -> Any:
    """The size that a partial's error is measured against, if not its own: the slope of a slope is a sum that may cancel."""
    if primitive.name in OSCILLATING:
        return OSCILLATING[primitive.name](operands[0], (operands[1] if primitive.orders else 0.0) + 1.0)
    if primitive.name == "hazardratio":  # whose slopes are differences of whole numbers and products of that size
        return mpf(operands[1])
    if not primitive.orders or not operands[index]:
        return None
    return abs(oracle.value(primitive, operands) / mpf(operands[index]))


def _slope_error(got: float, left: Any, right: Any, scale: Any) -> float:
    if abs(left - right) <= abs(left) * mpf("1e-30"):
        return relative_error(got, left, scale)
    low, high = sorted(_rounded(slope) for slope in (left, right))
    slack = _SLACK * abs(low), _SLACK * abs(high)
    return 0.0 if low - slack[0] <= got <= high + slack[1] else math.inf


def _rounded(exact: Any) -> float:
    return float(exact) if abs(exact) <= _LARGEST else math.copysign(math.inf, float(mp.sign(exact)))


@cache
def worst_errors(name: str) -> dict[str, tuple[float, Point]]:
    """The largest error and its point, by quantity: "value" and "dx", "dy" at ordinary points; the same with " tail" appended."""
    primitive: Any = TABLE[name]
    worst: dict[str, tuple[float, Point]] = {}
    for suffix, sample in (("", ordinary(primitive)), (" tail", tails(primitive))):
        for operands in sample:
            errors = [("value", value_error(primitive, operands))]
            errors += [(_quantity(primitive, index), error) for index, error in enumerate(partial_errors(primitive, operands))]
            for quantity, error in errors:
                worst[quantity + suffix] = max(worst.get(quantity + suffix, (-1.0, ())), (error, operands))
    return worst


def _quantity(primitive: Any, index: int) -> str:
    return "partials" if isinstance(primitive, Nary) else ["dx", "dy"][index]


# ---- the page ----------------------------------------------------------------------------------------------------------------

_INTRODUCTION = """# Primitives

Every row is read from the table of primitives: the formula from its `symbol`, the derivatives as its own rules write them, the
domain, and the conventions at special points. Errors are relative, in units of 1e-16, the largest found against references of at least
40 digits (one rounding to the nearest float is 1.1 units): at ordinary points (operands up to 10 in size) and in the tails (to
1e-300, to 1e300, to the ends of the domain). Promised are 10 units at ordinary points and 4000 in the tails wherever the exact
result is a normal float; beyond, the result is infinite, an OverflowError, or below the smallest normal float. Where a value is a
sum whose terms may cancel (marked *), its error is measured against the largest operand times its partial.

At a special point the derivatives are the limits from inside the domain, to every order; where there is no limit, a convention: the middle
of the one-sided slopes of a kink, 0 where a slope goes to opposite infinities and where it depends on the direction (`hypot`, `norm`,
`atan2` at the origin). The column lists the point, the partials, and after a semicolon those of second, then of third order (xx, xy,
yy; xxx, xxy, xyy, yyy) unless all are 0. Other points where an operand is 0, tiny, huge or infinite need no convention: tests hold
second and third derivatives there to references and limits. Three limits of that:

* A convention is one of the function that has the special point. What is smooth only as a whole does not get its derivatives back from it:
  `norm(v) ** 2` at 0 has the gradient 0, as it should, and by the convention for `norm` the Hessian 0, not 2; write the sum of
  squares itself.
* Where an infinite slope meets a slope of 0, as in `sqrt(x * x)` at 0, inf * 0 is nan, and a `NanGradientWarning` names the place.
* A derivative of higher order is a sum of products. Where it passes through 0 its error is that of the order below, and where such
  a product leaves the range of floats it is infinite, or nan. With an infinite operand `gelu`, `silu`, `mish`, `norm`, `variance`,
  `softmax`, `log_softmax` and, at the second order, `log_ndtr` have nan slopes, as IEEE 754 makes of inf * 0 and inf - inf.

This page is written by `python -m tests.accuracy_table`.

"""
_COLUMNS = ("name", "formula", "derivatives", "domain", "derivatives at special points")
_ERROR_COLUMNS = ("value", "value, tails", "derivatives", "derivatives, tails")


def page() -> str:
    """The text of docs/primitives.md."""
    header = f"| {' | '.join(_COLUMNS + _ERROR_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}{'--:|' * len(_ERROR_COLUMNS)}\n"
    rows = "".join(_row(primitive) for primitive in TABLE.values() if primitive.public)
    return _INTRODUCTION + header + rows + _compositions()


def _compositions() -> str:
    """The kinks of what is composed of rows, with the derivatives there."""
    functions = scalar_functions()
    lines = [
        f"| `{name}` | {x:g} | {_numbers(derivative(functions[name], order)(x) for order in (1, 2, 3))} |\n"
        for name, x in COMPOSED_EDGES
    ]
    return (
        "\nThe functions composed of these have kinks of their own:\n\n"
        "| name | at | first, second and third derivative |\n|---|--:|---|\n" + "".join(lines)
    )


def _row(primitive: Any) -> str:
    names = _operand_names(primitive)
    worst = worst_errors(primitive.name)
    derivative = [quantity for quantity in worst if not quantity.startswith("value")]
    cells = [
        f"`{primitive.name}`",
        _code(primitive.write([Text(name, ATOM) for name in names]).text),
        "<br>".join(_code(text) for text in _derivative_texts(primitive, names)),
        " and ".join(map(str, primitive.domain)),
        "<br>".join(map(_special_text, primitive.special_points)) or "none",
        _units(worst["value"][0]) + ("*" if primitive.cancels else ""),
        _units(worst["value tail"][0]) + ("*" if primitive.cancels else ""),
        ", ".join(_units(worst[quantity][0]) for quantity in derivative if not quantity.endswith(" tail")),
        ", ".join(_units(worst[quantity][0]) for quantity in derivative if quantity.endswith(" tail")),
    ]
    return f"| {' | '.join(cells)} |\n"


def _special_text(special: Any) -> str:
    return f"({_numbers(special.operands)}): {'; '.join(_numbers(partials) for partials in (special.partials, *special.higher))}"


def _operand_names(primitive: Any) -> list[str]:
    if not isinstance(primitive, Nary):
        return ["x", "y"][: 1 if not hasattr(primitive, "dy") else 2]
    if primitive.arity is not None:
        return ["x", "y", "z"][: primitive.arity]
    return ["b", "w", "x"] if 2 not in primitive.counts else ["x", "y"]


def _derivative_texts(primitive: Any, names: list[str]) -> list[str]:
    from autograd_lite.calculus.symbols import partial_texts

    return partial_texts(primitive, names, "out")


def _code(text: str) -> str:
    return f"`{text}`"


def _numbers(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:.6g}" for number in numbers)


def _units(error: float) -> str:
    return f"{error / _UNIT:.1f}" if error < 100 * _UNIT else f"{error / _UNIT:.0f}"


def differences(committed: str, fresh: str) -> Iterator[str]:
    """What the page in the repository has wrong: any text that differs, and errors beyond the promise.

    The errors themselves may differ: the mathematical library of another machine rounds differently.
    """
    if len(committed.splitlines()) != len(fresh.splitlines()):
        yield "the number of rows differs"
    for old, new in zip(committed.splitlines(), fresh.splitlines(), strict=False):
        if _without_errors(old) != _without_errors(new):
            yield f"the page says\n    {old}\nand the table\n    {new}"
        promises = [ORDINARY_PROMISE, TAIL_PROMISE, ORDINARY_PROMISE, TAIL_PROMISE]
        if any(error * _UNIT > promise for cell, promise in zip(_errors(old), promises, strict=False) for error in cell):
            yield f"the page lists an error beyond the promise\n    {old}"


def _is_row(line: str) -> bool:
    return line.startswith("| `")


def _without_errors(line: str) -> list[str]:
    return line.split(" | ")[: -len(_ERROR_COLUMNS)] if _is_row(line) else [line]


def _errors(line: str) -> list[list[float]]:
    cells = line.split(" | ")[-len(_ERROR_COLUMNS) :] if _is_row(line) else []
    return [[float(number) for number in re.findall(r"[\d.]+", cell)] for cell in cells]


def main(arguments: list[str], show: Callable[[str], None] = print) -> int:
    """Write the page, or with --check compare it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy_table", description="Write docs/primitives.md.")
    parser.add_argument("--check", action="store_true", help="only compare; exit status 1 if the page is out of date")
    if parser.parse_args(arguments).check:
        found = list(differences(PAGE.read_text() if PAGE.exists() else "", page()))
        show("\n".join(found) if found else f"{PAGE.name} is up to date")
        return int(bool(found))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
