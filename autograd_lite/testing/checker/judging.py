"""The judge: every derivative under test against what it should be; `checking.py` tells the steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograd_lite.testing.checker.precision import DOUBLE
from autograd_lite.testing.checker.ties import Ties
from autograd_lite.testing.checker.under_test import UnderTest
from autograd_lite.testing.checker.verdict import Component, judge
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.oracles import best_estimate, estimates, natural_size, probe, scale_of

_AT_TIES = 1e-11  # relative
_SHARE, _SHARE_OF_ZERO = 1e-3, {1: 0.1, 2: 10.0}  # of the natural size of a derivative; by its order
_BESIDE = 8.0  # units in the last place of the point

Indices = tuple[int, ...]  # of the numbers by which a result is differentiated


@dataclass(frozen=True)
class Judge:
    """Judges the derivatives of a function at a point, one by one.

    Attributes:
        target: the function at the point.
        ties: where it stands on kinks and jumps.
        resolution: the widest bar that counts as an answer; None for what the precision of a derivative allows.
    """

    target: Target
    ties: Ties
    resolution: float | None

    def components(self, under_test: Sequence[UnderTest], order: int) -> list[Component]:
        """All derivatives of an order: a Jacobian column by column, or the Hessian of one result after the other."""
        count = len(self.target.numbers)
        rows = [self._expected(output, order) for output in range(len(self.target.values))]
        places = [(output, indices) for indices in rows[0] for output in range(len(rows))]
        if order == 2:
            both = [(output, place) for output, indices in places for place in dict.fromkeys([indices, indices[::-1]])]
            places = sorted(both, key=lambda place: place[0])
        return [
            self._judged(output, place, under_test[_position(count, output, place)], rows[output][tuple(sorted(place))])
            for output, place in places
        ]

    def _expected(self, output: int, order: int) -> dict[Indices, Estimate]:
        """What the derivatives of a result should be; at ties of an own graph, what follows from the documented ones."""
        straight = self.ties.required(output) if order == 1 else None
        if straight is not None:
            found = estimates(straight, 0)
            return {place: replace(each, method=f"{each.method}, ties as documented") for place, each in found.items()}
        found = estimates(self.target, output, order, at_tie=order == 1 and bool(self.ties.kinks[output]))
        if order == 2:
            self.target.forget()
        return found

    def _judged(self, output: int, indices: Indices, tested: UnderTest, expected: Estimate) -> Component:
        number, small, large = tested.number, tested.small, tested.large
        natural = natural_size(self.target, output, indices)
        if len(indices) == 1 and self.ties.required(output) is not None:  # noise cannot be measured across a kink
            small = large = _AT_TIES * abs(number) + DOUBLE * natural
        # A derivative next to zero has no size of its own; that it is zero can be told more easily than how small it is.
        share = _SHARE_OF_ZERO[len(indices)] if abs(number) <= 4.0 * DOUBLE * natural else _SHARE
        resolution = tested.resolution if self.resolution is None else self.resolution
        widest = resolution * scale_of(natural, expected, share)
        component = judge(self._name(output, indices), number, expected, small, widest, large)
        if component.outcome == "disagrees" and self._is_excused(output, indices, number, expected):
            component = replace(component, outcome="inconclusive")
        documented = self._documented(output, indices) if expected.is_jump else None
        if documented is None or not documented.covers(number, small):
            return component
        return replace(component, expected=documented, outcome="agrees")

    def _is_excused(self, output: int, indices: Indices, number: float, expected: Estimate) -> bool:
        """Whether it may be a vertical tangent by convention, or is right within a few units of x: then f cannot tell better."""
        if not math.isfinite(number):
            return len(indices) == 1 and bool(self.ties.kinks[output])
        if expected.is_kink or not math.isfinite(expected.value):
            return False
        for side in (1.0, -1.0):
            try:
                numbers = [x + side * _BESIDE * math.ulp(x) for x in self.target.numbers]
                beside = Target(self.target.function, self.target.filled(numbers), self.target.engine)
                if abs(_estimate(beside, output, indices).value - expected.value) >= abs(number - expected.value):
                    return True
            except (ArithmeticError, ValueError):  # the end of a domain
                continue
        return False

    def _documented(self, output: int, indices: Indices) -> Estimate | None:
        """At a jump, the derivative that follows from the table's conventions, if f is made of primitives that have some."""
        straight = self.ties.straightened[output]
        found = None if straight is None else _estimate(straight, 0, indices)
        return None if found is None or found.is_jump else replace(found, method=f"{found.method}, jumps as documented")

    def _name(self, output: int, indices: Indices) -> str:
        below = " d".join(self.target.names[index] for index in indices)
        above = f" out[{output}]" if len(self.target.values) > 1 else ""
        return f"d{'2' if len(indices) > 1 else ''}{above}/d{below}"


def _estimate(target: Target, output: int, indices: Indices) -> Estimate:
    return best_estimate(probe(target, output, sorted(indices)))


def _position(count: int, output: int, indices: Indices) -> int:
    """Where a derivative stands among all of its order."""
    for index in indices:
        output = output * count + index
    return output
