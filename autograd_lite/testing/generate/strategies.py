"""Strategies for hypothesis: random programs, points inside their domains, special floats, networks.

    from hypothesis import given
    from autograd_lite.testing import assert_gradients
    from autograd_lite.testing.generate.strategies import points, programs

    @given(st.data())
    def test_gradients(data):
        program = data.draw(programs(max_nodes=8))
        assert_gradients(program, data.draw(points(program)))

Examples shrink: steps that the result does not need are left out, operands move to the latest number and numbers to simple ones,
so a failure is a program of one or two steps whose `repr` is Python. Needs hypothesis, which nothing else of the library imports.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from autograd_lite.calculus import derivative
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn import MLP
from autograd_lite.nn.activations import activations
from autograd_lite.testing.generate.ranges import domains, operand_counts, well_inside
from autograd_lite.testing.generate.straight_line import StraightLine

__all__ = ["networks", "operands", "points", "programs", "special_floats"]

_SMALLEST = 1e-6  # nearer to 0 than this, a test is about tails or ties, not about the derivative
_LANDMARKS = (0.0, 1.0, -1.0, 0.5, 2.0, -0.5, -2.0)
_SPECIAL = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, math.pi, math.pi / 2, 1.0 + 2.0**-52, 1.0 - 2.0**-53),
    *(5e-324, -5e-324, 2.2250738585072014e-308, 1e-200, 1e-16, 2.0**-53, 1e16, 2.0**53 + 2.0),
    *(20.0, 37.5, 88.0, 709.7, 710.4, 745.2, -745.2, 1e154, 1e200, -1e200, 1.7976931348623157e308),
)


def special_floats(*, allow_nan: bool = True, allow_infinity: bool = True) -> st.SearchStrategy[float]:
    """Floats at which functions break: zeros of both signs, the ends of the range, where exponentials overflow, inf and nan.

    Args:
        allow_nan: whether nan is one of them.
        allow_infinity: whether inf and -inf are.
    Example:
        >>> from hypothesis import find
        >>> find(special_floats(), lambda x: x != x)
        nan
    """
    chosen = [*_SPECIAL, *([math.inf, -math.inf] if allow_infinity else []), *([math.nan] if allow_nan else [])]
    return st.sampled_from(chosen)


@st.composite
def programs(
    draw: st.DrawFn,
    ops: Iterable[Primitive] | None = None,
    max_nodes: int = 10,
    share: bool = True,
    inputs: int = 3,
    smooth: bool = False,
) -> StraightLine:
    """Straight-line programs over a set of primitives, inside the domain by construction.

    Args:
        ops: the primitives to use, of the table or your own; all public ones of the table by default.
        max_nodes: the most operations; the steps that keep operands inside domains are not counted.
        share: whether a number may be used several times, twice by one operation too; else the program is a tree.
        inputs: the most inputs.
        smooth: leave out primitives with kinks and steps.
    Returns:
        A strategy of `StraightLine`s, which are called as functions.
    Raises:
        ValueError: when it is drawn from, if no primitive is left to use.
    Example:
        >>> from hypothesis import find
        >>> from autograd_lite import exp
        >>> find(programs([exp]), lambda program: len(program.steps) == 2)
        StraightLine(1, [(ag.exp, 0), (ag.exp, 1)])
    """
    chosen: list[Any] = [each for each in TABLE.values() if each.public] if ops is None else list(ops)
    chosen = [each for each in chosen if each.smooth or not smooth]
    if not chosen:
        raise ValueError("programs needs at least one primitive; `ops` leaves none")
    count = draw(st.integers(1, inputs))
    steps: list[Any] = []
    unused = list(range(count))
    for place in range(count, count + draw(st.integers(1, max_nodes))):
        primitive = draw(st.sampled_from(chosen))
        wanted = draw(st.sampled_from(operand_counts(primitive)))
        available = list(range(place)) if share else unused
        if not share and len(available) < wanted:
            fitting = [each for each in chosen if min(operand_counts(each)) <= len(available)]
            if not fitting:
                break
            primitive = draw(st.sampled_from(fitting))
            wanted = min(operand_counts(primitive))
        places = []
        for _ in range(wanted):
            index = len(available) - 1 - draw(st.integers(0, len(available) - 1))
            places.append(available[index] if share else available.pop(index))
        steps.append((primitive, *places))
        unused.append(place)
    if not steps:
        steps = [(chosen[0], *[0] * operand_counts(chosen[0])[0])]
    return StraightLine(count, steps).pruned().guarded()


def points(program: StraightLine) -> st.SearchStrategy[tuple[float, ...]]:
    """The inputs of a program for which every step is inside its domain; constructed, never filtered.

    Round numbers, where kinks and ties are, come often. `check` knows what to do with them.

    Args:
        program: as `programs` draws it.
    Example:
        >>> from autograd_lite.testing.generate.straight_line import StraightLine
        >>> from hypothesis import find
        >>> from autograd_lite import log
        >>> find(points(StraightLine(1, [(log, 0)])), lambda point: True)
        (1.0,)
    """
    return st.tuples(*(_within(low, high) for low, high in program.ranges))


def operands(primitive: Any, largest: float = 4.0) -> st.SearchStrategy[tuple[float, ...]]:
    """Operands well inside the domain of one primitive.

    Args:
        primitive: of the table, or your own.
        largest: the size that they do not exceed, where the domain allows.
    Example:
        >>> from hypothesis import find
        >>> from autograd_lite import divide
        >>> find(operands(divide), lambda point: True)
        (0.0, 1.0)
    """

    def of_count(count: int) -> st.SearchStrategy[tuple[float, ...]]:
        return st.tuples(*(_within(*well_inside(domain, largest)) for domain in domains(primitive, count)))

    return st.sampled_from(operand_counts(primitive)).flatmap(of_count)


def _within(low: float, high: float) -> st.SearchStrategy[float]:
    anywhere = st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False)
    if low <= 0.0 <= high:
        anywhere = anywhere.map(lambda number: number if abs(number) >= _SMALLEST else 0.0)
    landmarks = [number for number in _LANDMARKS if low <= number <= high]
    return st.one_of(st.sampled_from(landmarks), anywhere) if landmarks else anywhere


def networks(
    max_inputs: int = 3, max_width: int = 3, max_layers: int = 2, activation: Sequence[str] | None = None
) -> st.SearchStrategy[MLP]:
    """Small multi-layer perceptrons with one output, of every activation that has a slope everywhere.

    Args:
        max_inputs: the most inputs.
        max_width: the most neurons in a hidden layer.
        max_layers: the most layers, with that of the output.
        activation: the names to choose from.
    Example:
        >>> from hypothesis import find
        >>> find(networks(), lambda model: len(model.parameters()) > 4)
        MLP(1 -> 2 abs -> 1 linear, 7 parameters)
    """
    names = sorted(activation if activation is not None else _everywhere_smooth())
    hidden = st.lists(st.integers(1, max_width), max_size=max_layers - 1)
    sizes = hidden.map(lambda widths: [*widths, 1])
    return st.builds(MLP, st.integers(1, max_inputs), sizes, st.sampled_from(names), seed=st.integers(0, 2**16))


def _everywhere_smooth() -> list[str]:
    """The activations with a value and a slope everywhere, as found by trying them on both sides of 0 and at 0."""
    found = []
    for name, function in activations().items():
        try:
            slopes = [derivative(function)(x) for x in (-30.0, -1.5, 0.0, 1.5, 30.0)]
        except (ArithmeticError, ValueError):
            continue
        if all(map(math.isfinite, slopes)):
            found.append(name)
    return found
