"""The verdict of a check: for every derivative the claim, what it should be, the bar, and what follows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autograd_lite.testing.estimates import Estimate
from autograd_lite.texts import number_text

Outcome = Literal["agrees", "disagrees", "inconclusive"]
_SEVERITY = {"agrees": 0, "inconclusive": 1, "disagrees": 2}


@dataclass(frozen=True, slots=True)
class Component:
    """One derivative under test.

    Attributes:
        name: which, such as `d/dx` or `d out[2]/d w[0]`.
        claimed: the number under test.
        expected: the oracle's number, its bar and its method.
        allowance: by how much rounding may have moved the claim.
        outcome: agrees, disagrees, or inconclusive if the bar is too wide to tell.
    """

    name: str
    claimed: float
    expected: Estimate
    allowance: float
    outcome: Outcome

    @property
    def bar(self) -> float:
        """How far the claim may lie from the expected number."""
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


def judge(name: str, claimed: float, expected: Estimate, allowance: float, widest: float) -> Component:
    """A component with its outcome.

    Args:
        name: of the derivative.
        claimed: the number under test.
        expected: what it should be.
        allowance: by how much rounding may have moved the claim.
        widest: a bar wider than this cannot tell.
    Example:
        >>> judge("d/dx", 1.0, Estimate(1.0, 1e-3, "by hand"), 0.0, 1e-6).outcome
        'inconclusive'
    """
    component = Component(name, claimed, expected, allowance, "agrees")
    if math.isnan(expected.value) or math.isinf(expected.error):
        return Component(name, claimed, expected, allowance, "inconclusive")
    if math.isinf(expected.value) or not math.isfinite(claimed):
        outcome: Outcome = "agrees" if claimed == expected.value else "disagrees"
        return Component(name, claimed, expected, allowance, outcome)
    if component.gap > component.bar:
        return Component(name, claimed, expected, allowance, "disagrees")
    uncertain = component.bar
    if expected.left is not None and expected.right is not None:  # the interval between the slopes is no uncertainty
        uncertain = max(expected.left.error, expected.right.error) + allowance
    return component if uncertain <= widest else Component(name, claimed, expected, allowance, "inconclusive")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. It is true if every derivative agrees; an inconclusive verdict is not.

    Attributes:
        expression: the function, in words.
        point: the numbers at which it was checked, by name.
        components: every derivative that was checked.
        kinks: the kinks that the point stands on or right beside, in words.
    """

    expression: str
    point: Mapping[str, float]
    components: tuple[Component, ...]
    kinks: tuple[str, ...] = ()

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
        """The worst component's bar: that of the oracle, and the rounding that the claim is allowed."""
        return self.worst.bar

    @property
    def oracle(self) -> str:
        """How the worst component's expected number was found."""
        return self.worst.expected.method

    def __bool__(self) -> bool:
        return self.outcome == "agrees"

    def __str__(self) -> str:
        others = len(self.components) - 1
        more = f", worst of {others + 1} derivatives" if others else ""
        lines = [f"{self.outcome}: {self.worst}{more}"]
        lines += [f"  at {', '.join(f'{name} = {number_text(number)}' for name, number in list(self.point.items())[:8])}"]
        lines += [f"  on a kink of {kink}" for kink in self.kinks[:4]]
        return "\n".join(lines)
