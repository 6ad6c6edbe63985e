"""`check` and `assert_gradients`: whether derivatives are right, said with an error bar.

How a derivative is judged, step by step:

1. The claim is computed, and again at points around, which shows how much of it is rounding.
2. The graph, where there is one, tells whether the point stands on a kink (`kinks.py`).
3. The first sharp oracle answers: complex step, mpmath, differences (`oracles.py`). At a kink, the slopes on both sides answer.
4. The claim agrees if it lies within the two bars together, or in the closed interval between the slopes.
5. A graph of this engine is held to more at ties. Every tied node must hold the derivative that the table documents (or, where it
   documents none, one between its own slopes), and the gradient must be what the chain rule makes of those: it is compared with
   the same graph in which the tied nodes are replaced by straight lines. Such a gradient may lie outside the interval of f.
6. If the bars are wider than `resolution`, nothing is said: the verdict is inconclusive, and an inconclusive verdict is false.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from autograd_lite.errors import expression
from autograd_lite.testing.arguments import Target, arguments_of
from autograd_lite.testing.claims import allowances, gradient_claims, hessian_claims
from autograd_lite.testing.engines import OURS, PLAIN, Engine
from autograd_lite.testing.estimates import Estimate
from autograd_lite.testing.graphs import replay
from autograd_lite.testing.kinks import Kink, kinks
from autograd_lite.testing.numerical import natural_size
from autograd_lite.testing.oracles import best_estimate, first_order, second_order
from autograd_lite.testing.report import failure_report, judge_edge, labelled_graph
from autograd_lite.testing.verdict import Component, Verdict, judge
from autograd_lite.texts import shorten
from autograd_lite.value import Value

__all__ = ["assert_gradients", "check"]

_UNIT = 2.0**-52
_AT_TIES = 1e-11  # relative


def check(
    function: Callable[..., Any],
    point: Any,
    order: int = 1,
    *,
    gradient: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    engine: Engine | None = None,
    resolution: float = 1e-6,
) -> Verdict:
    """The verdict on the derivatives of a function at a point.

    Args:
        function: from numbers, or (nested) lists of them, to one number or a (nested) list of them. It is called with the
            engine's numbers and, to learn more, with complex and mpmath numbers; it may refuse those.
        point: a tuple lists the arguments; a number or a list is the one argument, or a list of the arguments if the function
            takes several.
        order: 1 for the gradient (or the Jacobian), 2 for that and the Hessian.
        gradient: a function of the same arguments that gives the derivatives under test, in any nesting; by default the engine's.
        hessian: the same for second derivatives.
        engine: the library under test; this one by default, or none if a gradient is given.
        resolution: the widest bar that still counts as an answer, relative to the derivative, or to a thousandth of the size that
            the function's value suggests, whichever is larger.
    Returns:
        A Verdict, true if everything agrees.
    Raises:
        ValueError: if `order` is neither 1 nor 2, or the point holds inf or nan.
    Example:
        >>> from autograd_lite import sin
        >>> print(check(lambda x, y: x**2 * sin(y), (1.0, 2.0)).outcome)
        agrees
        >>> verdict = check(lambda x: x**3, 2.0, gradient=lambda x: 3.001 * x**2)
        >>> verdict.outcome, verdict.claimed, verdict.expected, verdict.oracle
        ('disagrees', 12.004, 12.0, 'complex step')
    """
    return _checked(function, point, order, gradient, hessian, engine, resolution)[0]


def assert_gradients(function: Callable[..., Any], point: Any, order: int = 1, **options: Any) -> None:
    """Passes if `check` agrees; else raises with a report: both numbers, the first wrong node, and three lines to run.

    Args:
        function: as for `check`.
        point: as for `check`.
        order: as for `check`.
        options: the other arguments of `check`.
    Raises:
        AssertionError: if a derivative is wrong, or the bar is too wide to tell.
    Example:
        >>> assert_gradients(lambda x: x * x, 3.0)
        >>> assert_gradients(lambda x: x * x, 3.0, gradient=lambda x: 2.002 * x)
        Traceback (most recent call last):
        ...
        AssertionError: disagrees: d/dx is claimed to be 6.006 ...
    """
    defaults = {"gradient": None, "hessian": None, "engine": None, "resolution": 1e-6}
    unknown = set(options) - set(defaults)
    if unknown:
        raise TypeError(f"assert_gradients does not know {', '.join(sorted(unknown))}; it takes {', '.join(defaults)}")
    verdict, target = _checked(function, point, order, **(defaults | options))
    if not verdict:
        raise AssertionError(failure_report(verdict, target, own_graph=options.get("gradient") is None))


def _checked(
    function: Callable[..., Any], point: Any, order: int, gradient: Any, hessian: Any, engine: Engine | None, resolution: float
) -> tuple[Verdict, Target]:
    if order not in (1, 2):
        raise ValueError(f"check takes order 1 or 2, got {order!r}")
    target = Target(function, arguments_of(function, point), engine or (OURS if gradient is None else PLAIN))
    outputs, leaves = labelled_graph(target)
    ties = [_ties(output) for output in outputs]
    own = gradient is None and target.engine is OURS
    held = [_straightened(*graph, leaves) if own else None for graph in zip(outputs, ties, strict=True)]
    components = list(_conventions(ties)) if own else []
    components += _first_order(target, gradient, ties, held, resolution)
    if order == 2:
        components += _second_order(target, gradient, hessian, resolution)
    point_by_name = dict(zip(target.names, target.numbers, strict=True))
    shown = tuple(dict.fromkeys(str(kink) for kinks_of in ties for kink in kinks_of))
    return Verdict(_expression(function, outputs), point_by_name, tuple(components), shown), target


def _expression(function: Callable[..., Any], outputs: list[Any]) -> str:
    if len(outputs) == 1 and isinstance(outputs[0], Value) and outputs[0].primitive is not None:
        return shorten(expression(outputs[0], 12).text)
    name: str = getattr(function, "__qualname__", repr(function))
    return name


def _ties(output: Any) -> list[Kink]:
    return [kink for kink in kinks(output) if kink.is_tie] if isinstance(output, Value) else []


def _conventions(ties: list[list[Kink]]) -> Iterator[Component]:
    """At ties, the recorded derivatives against the documented ones, or against the slopes of the primitive on both sides."""
    for kink in {id(kink.node): kink for kinks_of in ties for kink in kinks_of}.values():
        for index, local in enumerate(kink.node.local_derivatives):
            if local is not None:
                found = judge_edge(kink.node, index, local)
                yield replace(found, name=f"the derivative of {kink} by operand {index + 1}")


def _straightened(output: Any, ties: list[Kink], leaves: list[Any]) -> Target | None:
    """The graph as a function, its tied nodes replaced by lines of the slopes they should have; None if one is vertical."""
    lines: dict[int, list[float]] = {}
    for kink in ties:
        recorded = kink.node.local_derivatives
        wanted = recorded if kink.edge is None else kink.edge.partials
        slopes = [0.0 if local is None else want or 0.0 for local, want in zip(recorded, wanted, strict=True)]
        if not all(map(math.isfinite, slopes)):
            return None
        lines[id(kink.node)] = slopes
    return Target(replay(output, leaves, lines), tuple(leaf.data for leaf in leaves), PLAIN) if lines else None


def _name(target: Target, output: int, *indices: int) -> str:
    below = " d".join(target.names[index] for index in indices)
    above = f" out[{output}]" if len(target.values) > 1 else ""
    return f"d{'2' if len(indices) > 1 else ''}{above}/d{below}"


def _first_order(
    target: Target, gradient: Any, ties: list[list[Kink]], held: list[Target | None], resolution: float
) -> Iterator[Component]:
    claims = gradient_claims(target, gradient)
    claimed = claims(target.numbers)
    count = len(target.numbers)
    rows = [claimed[start : start + count] for start in range(0, len(claimed), count)]
    slack = allowances(claims, target.numbers, claimed)
    for index in range(count):
        for output, row in enumerate(rows):
            natural = natural_size(target, output, (index,), row)
            allowance = slack[output * count + index]
            straight = held[output]
            if straight is None:
                probe = first_order(target, output, index, natural)
                found = best_estimate(probe, row[index], allowance, at_tie=bool(ties[output]))
            else:
                allowance = _AT_TIES * abs(row[index]) + _UNIT * natural  # noise cannot be measured across a kink
                probe = first_order(straight, 0, index, natural)
                found = best_estimate(probe, row[index], allowance)
                found = replace(found, method=f"{found.method}, ties as documented")
            widest = resolution * probe.scale(found, row[index])
            component = judge(_name(target, output, index), row[index], found, allowance, widest)
            if component.outcome == "disagrees" and ties[output] and not math.isfinite(row[index]):
                component = replace(component, outcome="inconclusive")  # a vertical tangent by convention has no numerical slope
            yield component
        for used in (target, *held):
            if used is not None:
                used.forget()


def _second_order(target: Target, gradient: Any, hessian: Any, resolution: float) -> Iterator[Component]:
    claims = hessian_claims(target, hessian, gradient)
    claimed = claims(target.numbers)
    count = len(target.numbers)
    slack = allowances(claims, target.numbers, claimed)
    for row in range(count):
        for column in range(row, count):
            for output in range(len(target.values)):
                natural = natural_size(target, output, (row, column), ())
                probe = second_order(target, output, row, column, natural)
                places = [(row, column)] if row == column else [(row, column), (column, row)]
                found: Estimate | None = None
                for place in places:
                    number = (output * count + place[0]) * count + place[1]
                    allowance = slack[number]
                    found = found or best_estimate(probe, claimed[number], allowance)
                    widest = resolution * probe.scale(found, claimed[number])
                    yield judge(_name(target, output, *place), claimed[number], found, allowance, widest)
            target.forget()
