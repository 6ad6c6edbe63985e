"""The judge: every derivative of a function at a point, from the claim to its outcome; `checking.py` tells the steps."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from autograd_lite.engine.value import Value
from autograd_lite.testing.checker.kinks import Kink, documents_jumps, kinks
from autograd_lite.testing.checker.precision import DOUBLE, unit_of
from autograd_lite.testing.checker.report import graph_if_any, judge_edge
from autograd_lite.testing.checker.under_test import Allowance, Claims, allowances
from autograd_lite.testing.checker.verdict import Component, judge
from autograd_lite.testing.graphs import replay
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import OURS, PLAIN
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.numerical import natural_size
from autograd_lite.testing.numeric.oracles import (
    best_estimate,
    first_order,
    first_order_row,
    scale_of,
    second_order,
    second_order_all,
)

__all__ = ["Case"]

_AT_TIES = 1e-11  # relative
_RESOLUTION = 1e-9  # of claims in double precision
_SHARE, _SHARE_OF_ZERO = 1e-3, {1: 0.1, 2: 10.0}  # of the natural size of a derivative; by its order
_BESIDE = 8.0  # units in the last place of the point
_RESOLVED_UNITS = 16.0  # of those in a coarser one


class Case:
    """A function at a point, whose derivatives are judged one by one.

    Attributes:
        target: the function at the point.
        ties: the kinks that each result stands on, as far as there is a graph.
        own: whether the derivatives under test come from a graph of this engine.
    """

    def __init__(
        self, target: Target, outputs: list[Any], leaves: list[Any], own: bool, resolution: float | None, precision: Any
    ) -> None:
        self.target = target
        self.own = own
        self.ties = [_ties(output) for output in outputs]
        self._graph = (outputs, leaves)
        self._resolution = resolution
        self._unit = None if precision is None else unit_of(precision)
        self._lines: list[Target | None] | None = None
        self._held = self._straight() if own else [None] * len(outputs)

    def conventions(self) -> list[Component]:
        """At ties of an own graph, the recorded derivatives against the documented ones, or against the slopes on both sides."""
        tied = {id(kink.node): kink for ties in self.ties for kink in ties} if self.own else {}
        return [
            replace(judge_edge(kink.node, index, local), name=f"the derivative of {kink} by operand {index + 1}")
            for kink in tied.values()
            for index, local in enumerate(kink.node.local_derivatives)
            if local is not None
        ]

    def first_order(self, claims: Claims) -> list[Component]:
        """The gradient, or the Jacobian, column by column."""
        claimed, allowed, unit = self._claimed(claims)
        count = len(self.target.numbers)
        components = []
        expected = [self._expected(output) for output in range(len(self.target.values))]
        for index in range(count):
            for output, row in enumerate(expected):
                number = output * count + index
                claim, allowance = claimed[number], allowed[number]
                if self._held[output] is not None:  # noise cannot be measured across a kink
                    noise = _AT_TIES * abs(claim) + DOUBLE * natural_size(self.target, output, (index,))
                    allowance = Allowance(noise, noise)
                component = self._judged((output, index), claim, row[index], allowance, unit)
                if component.outcome == "disagrees" and self.ties[output] and not math.isfinite(claim):
                    component = replace(component, outcome="inconclusive")  # a vertical tangent by convention: no numerical slope
                components.append(component)
        return components

    def second_order(self, claims: Claims) -> list[Component]:
        """The Hessian of every result, row by row from the diagonal on."""
        claimed, allowed, unit = self._claimed(claims)
        count = len(self.target.numbers)
        components = []
        for output in range(len(self.target.values)):
            for (row, column), found in second_order_all(self.target, output, partial(natural_size, self.target, output)).items():
                for place in dict.fromkeys([(row, column), (column, row)]):
                    number = (output * count + place[0]) * count + place[1]
                    components.append(self._judged((output, *place), claimed[number], found, allowed[number], unit))
            self.target.forget()
        return components

    # ---- the steps -----------------------------------------------------------------------------------------------------------

    def _claimed(self, claims: Claims) -> tuple[Sequence[float], list[Allowance], float]:
        claimed = claims(self.target.numbers)
        unit = self._unit or claimed.unit
        return claimed, allowances(claims, self.target.numbers, claimed, unit), unit

    def _expected(self, output: int) -> list[Estimate]:
        """What the first derivatives of a result should be; at ties of an own graph, what follows from the documented ones."""
        straight = self._held[output]
        if straight is None:
            return first_order_row(self.target, output, self._naturals(self.target, output), bool(self.ties[output]))
        found = first_order_row(straight, 0, self._naturals(straight, 0))
        return [replace(estimate, method=f"{estimate.method}, ties as documented") for estimate in found]

    def _naturals(self, target: Target, output: int) -> list[float]:
        return [natural_size(target, output, (index,)) for index in range(len(target.numbers))]

    def _judged(self, place: tuple[int, ...], claimed: float, found: Estimate, allowance: Allowance, unit: float) -> Component:
        output, *indices = place
        coarse = _RESOLVED_UNITS * unit if unit > DOUBLE else _RESOLUTION
        resolution = coarse if self._resolution is None else self._resolution
        natural = natural_size(self.target, output, indices)
        # A derivative next to zero has no size of its own; that it is zero can be told more easily than how small it is.
        share = _SHARE_OF_ZERO[len(indices)] if abs(claimed) <= 4.0 * DOUBLE * natural else _SHARE
        widest = resolution * scale_of(natural, found, share)
        component = judge(self._name(output, *indices), claimed, found, allowance.small, widest, allowance.large)
        if component.outcome == "disagrees" and self._is_right_beside(output, indices, claimed, found):
            component = replace(component, outcome="inconclusive")
        documented = self._documented(output, indices) if found.is_jump else None
        if documented is None or not documented.covers(claimed, allowance.small):
            return component
        return replace(component, expected=documented, outcome="agrees")

    def _is_right_beside(self, output: int, indices: Sequence[int], claimed: float, found: Estimate) -> bool:
        """Whether the derivative takes the claimed value within a few units of x: then f cannot be computed any better."""
        if found.is_kink or not math.isfinite(found.value) or not math.isfinite(claimed):
            return False
        reached = abs(claimed - found.value)
        for side in (1.0, -1.0):
            try:
                numbers = [number + side * _BESIDE * math.ulp(number) for number in self.target.numbers]
                beside = Target(self.target.function, self.target.filled(numbers), self.target.engine)
                natural = natural_size(beside, output, indices)
                if abs(_estimate(beside, output, indices, natural).value - found.value) >= reached:
                    return True
            except (ArithmeticError, ValueError):  # the end of a domain
                continue
        return False

    def _documented(self, output: int, indices: Sequence[int]) -> Estimate | None:
        """At a jump, the derivative that follows from the table's conventions, if f is made of primitives that have some."""
        straight = self._straight()[output]
        if straight is None:
            return None
        natural = natural_size(straight, 0, indices)
        found = _estimate(straight, 0, indices, natural)
        return None if found.is_jump else replace(found, method=f"{found.method}, jumps as documented")

    def _straight(self) -> list[Target | None]:
        """For each result, its graph with its tied nodes replaced by lines; None where there is no graph, tie or line."""
        if self._lines is None:
            outputs, leaves = self._graph if self.target.engine is OURS else graph_if_any(self.target)
            self._lines = [_straightened(output, _ties(output), leaves) for output in outputs]
        return self._lines

    def _name(self, output: int, *indices: int) -> str:
        below = " d".join(self.target.names[index] for index in indices)
        above = f" out[{output}]" if len(self.target.values) > 1 else ""
        return f"d{'2' if len(indices) > 1 else ''}{above}/d{below}"


def _estimate(target: Target, output: int, indices: Sequence[int], natural: float) -> Estimate:
    """One derivative, of first or second order."""
    if len(indices) == 1:
        return best_estimate(first_order(target, output, indices[0], natural))
    row, column = sorted(indices)
    return best_estimate(second_order(target, output, row, column, natural))


def _ties(output: Any) -> list[Kink]:
    return [kink for kink in kinks(output) if kink.is_tie] if isinstance(output, Value) else []


def _straightened(output: Any, ties: list[Kink], leaves: list[Any]) -> Target | None:
    """The graph as a function, its tied nodes replaced by lines of the slopes they should have; None if one is vertical."""
    lines: dict[int, list[float]] = {}
    for kink in ties:
        if kink.is_jump and kink.special is None and not (kink.node.primitive and documents_jumps(kink.node.primitive)):
            return None
        recorded = kink.node.local_derivatives
        wanted = recorded if kink.special is None else kink.special.partials
        slopes = [0.0 if local is None else want or 0.0 for local, want in zip(recorded, wanted, strict=True)]
        if not all(map(math.isfinite, slopes)):
            return None
        lines[id(kink.node)] = slopes
    return Target(replay(output, leaves, lines), tuple(leaf.data for leaf in leaves), PLAIN) if lines else None
