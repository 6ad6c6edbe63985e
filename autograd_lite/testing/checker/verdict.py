"""The verdict of a check: for every derivative the number under test, what it should be, the bar, and the outcome."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from autograd_lite.engine.text import number_text
from autograd_lite.pages import table_html
from autograd_lite.testing.numeric.estimates import Estimate

Outcome = Literal["agrees", "disagrees", "inconclusive"]
_CAUTION = 4.0  # bars
_MOST = 50  # derivatives that a table shows, those to look at first
_SEVERITY = {"agrees": 0, "inconclusive": 1, "disagrees": 2}


@dataclass(frozen=True, slots=True)
class Component:
    """One derivative under test. Given by `check`, in `Verdict.components`.

    Attributes:
        name: which, such as `d/dx` or `d out[2]/d w[0]`.
        claimed: the number under test.
        expected: the oracle's number, its bar and its method.
        allowance: by how much rounding may have moved that number.
        outcome: agrees, disagrees, or inconclusive if the bar is too wide to tell, or the number lies between right and wrong.
    Example:
        >>> from autograd_lite.testing import check
        >>> found = check(lambda x: x**3, 2.0, gradient=lambda x: 3.001 * x**2).components[0]
        >>> found.name, found.claimed, found.expected.value, round(found.gap, 9), found.gap > found.bar, found.severity[0]
        ('d/dx', 12.004, 12.0, 0.004, True, 2)
    """

    name: str
    claimed: float
    expected: Estimate
    allowance: float
    outcome: Outcome

    @property
    def bar(self) -> float:
        """How far the number under test may lie from the expected one."""
        return self.expected.error + self.allowance

    @property
    def gap(self) -> float:
        """How far it does lie from it."""
        return 0.0 if self.claimed == self.expected.value else abs(self.claimed - self.expected.value)

    @property
    def severity(self) -> tuple[int, float]:
        """What to sort components by: the outcome, then the gap in bars."""
        if self.outcome == "inconclusive":
            return 1, self.bar
        ratio = self.gap / self.bar if self.bar else math.inf if self.gap else 0.0
        return _SEVERITY[self.outcome], math.inf if math.isnan(ratio) else ratio

    def __str__(self) -> str:
        expected = str(self.expected)
        if self.expected.is_kink or not self.allowance:
            return f"{self.name} is claimed to be {self.claimed!r}; expected {expected}"
        return f"{self.name} is claimed to be {self.claimed!r} (rounding {self.allowance:.2g}); expected {expected}"


def judge(name: str, claimed: float, expected: Estimate, allowance: float, widest: float, generous: float = 0.0) -> Component:
    """A component with its outcome.

    A number agrees if it lies within the bar and, wherever in its bar the derivative is, within the resolution of it. It disagrees
    if it lies so far out that neither a bar that was too narrow nor a careless way to compute it would excuse it. What is between
    stays open, and so does every number at a jump, where none is right.

    Args:
        name: of the derivative.
        claimed: the number under test.
        expected: what it should be.
        allowance: by how much rounding may have moved it.
        widest: the resolution.
        generous: an allowance beyond which no rounding moves a number.
    Example:
        >>> judge("d/dx", 1.0, Estimate(1.0, 1e-3, "by hand"), 0.0, 1e-6).outcome
        'inconclusive'
        >>> judge("d/dx", 2.0, Estimate(1.0, 1e-3, "by hand"), 0.0, 1e-6).outcome
        'disagrees'
    """
    component = Component(name, claimed, expected, allowance, "inconclusive")
    if math.isnan(expected.value) or math.isinf(expected.error):
        return component
    if claimed == expected.value and math.isinf(claimed):
        return replace(component, outcome="agrees")
    if not math.isfinite(claimed):
        return component if expected.is_jump and math.isinf(claimed) else replace(component, outcome="disagrees")
    if math.isinf(expected.value):
        return component if abs(claimed) >= expected.beyond else replace(component, outcome="disagrees")
    if claimed and abs(claimed) <= expected.hidden:
        return component
    uncertain = expected.error
    if expected.left is not None and expected.right is not None:  # the interval between the slopes is no uncertainty
        uncertain = max(expected.left.error, expected.right.error)
    if expected.is_noisy and expected.is_kink:
        return component
    if not expected.is_noisy and component.gap > expected.error + (_CAUTION - 1.0) * uncertain + max(allowance, generous):
        return replace(component, outcome="disagrees")
    outside = max(0.0, component.gap - (expected.error - uncertain))
    if component.gap > component.bar or outside + uncertain > widest or expected.is_jump:
        return component
    return replace(component, outcome="agrees")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. It is true if every derivative agrees; an inconclusive verdict is not. Given by `check`.

    Attributes:
        expression: the function, in words.
        point: the numbers at which it was checked, by name.
        components: every derivative that was checked.
        kinks: the kinks that the point stands on, in words.
        jumps: those of them at which the value itself jumps.
    Example:
        >>> from autograd_lite import relu
        >>> from autograd_lite.testing import check
        >>> found = check(lambda x, y: x * y, (2.0, 3.0), gradient=lambda x, y: (y, x + 0.5))
        >>> bool(found), found.outcome, found.worst.name, found.claimed, found.expected, found.oracle
        (False, 'disagrees', 'd/dy', 2.5, 2.0, 'complex step')
        >>> found.error_bar < 1e-8, check(lambda x: relu(x), 0.0).places
        (True, ['a kink of `relu(x)` at 0.0'])
    """

    expression: str
    point: Mapping[str, float]
    components: tuple[Component, ...]
    kinks: tuple[str, ...] = ()
    jumps: tuple[str, ...] = ()

    @property
    def worst(self) -> Component:
        """The component to look at first: a disagreement, else an inconclusive one, else the one nearest to its bar."""
        return max(self.components, key=lambda component: component.severity)

    @property
    def outcome(self) -> Outcome:
        """agrees, disagrees or inconclusive."""
        return self.worst.outcome

    @property
    def claimed(self) -> float:
        """The worst component's number under test."""
        return self.worst.claimed

    @property
    def expected(self) -> float:
        """What the worst component should be."""
        return self.worst.expected.value

    @property
    def error_bar(self) -> float:
        """The worst component's bar: that of the oracle, and the rounding that the number is allowed."""
        return self.worst.bar

    @property
    def oracle(self) -> str:
        """How the worst component's expected number was found."""
        return self.worst.expected.method

    @property
    def places(self) -> list[str]:
        """Where the point stands: "a kink of ..." or "a jump of ..."."""
        return [f"a {'jump' if kink in self.jumps else 'kink'} of {kink}" for kink in self.kinks]

    def __bool__(self) -> bool:
        return self.outcome == "agrees"

    def __str__(self) -> str:
        others = len(self.components) - 1
        more = f", worst of {others + 1} derivatives" if others else ""
        return "\n  ".join([f"{self.outcome}: {self.worst}{more}", *self._where()])

    def _where(self) -> list[str]:
        point = ", ".join(f"{name} = {number_text(number)}" for name, number in list(self.point.items())[:8])
        return [f"at {point}", *(f"on {place}" for place in self.places[:4])]

    def _repr_html_(self) -> str:
        """The derivatives as a table, for notebooks."""
        kept = sorted(self.components, key=lambda each: each.severity, reverse=True)[:_MOST]
        rows = [
            [each.name, repr(each.claimed), repr(each.expected.value), f"{each.bar:.1e}", each.expected.method, each.outcome]
            for each in sorted(kept, key=self.components.index)
        ]
        left = len(self.components) - len(kept)
        rows += [[f"{left:,} others", "", "", "", "", ""]] * bool(left)
        headings = ["derivative", "claimed", "expected", "bar", "by", "outcome"]
        return table_html(headings, rows, f"{self.outcome}: {self.expression}, {', '.join(self._where())}")
