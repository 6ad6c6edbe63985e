"""`mutants`: proof that the checks can fail. Every rule is broken on purpose, and they must notice.

>>> from autograd_lite import multiply
>>> print(mutants(multiply))
multiply    10 mutants: 10 killed
in all      10 mutants: 10 killed, 0 equivalent, 0 survived
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing.generate.ranges import operand_counts
from autograd_lite.testing.primitives.checks import examine_primitive
from autograd_lite.testing.primitives.points import Point, common_numbers, ordinary_points, same
from autograd_lite.testing.primitives.wrong_rules import Mutation, mutations_of, rule_of, with_mistake

_TRIED = 40  # points per number of operands at which an equivalent mutant must give the right partials


@dataclass(frozen=True)
class Mutant:
    """One mistake and what became of it. Given by `mutants`.

    Attributes:
        subject: what was broken, such as a primitive's name.
        mutation: the mistake, in words.
        outcome: killed, equivalent (it changes no number) or survived.
        reason: the property that noticed it, or why it is equivalent.
    Example:
        >>> from autograd_lite import negate
        >>> mutants(negate).mutants[0]
        Mutant(subject='negate', mutation='dx times 1 + 1e-9', outcome='killed', reason='partials')
    """

    subject: str
    mutation: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class MutationReport:
    """What became of all mutants; true if none survived. Given by `mutants`.

    Attributes:
        mutants: one for each mistake.
    Example:
        >>> from autograd_lite import add
        >>> report = mutants(add)
        >>> bool(report), report.survivors, report.score, len(report.with_outcome("killed"))
        (True, [], 1.0, 8)
    """

    mutants: tuple[Mutant, ...]

    def with_outcome(self, outcome: str) -> list[Mutant]:
        """The mutants of one `outcome`: "killed", "equivalent" or "survived"."""
        return [mutant for mutant in self.mutants if mutant.outcome == outcome]

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that nothing noticed, although they change a derivative."""
        return self.with_outcome("survived")

    @property
    def score(self) -> float:
        """The share killed of those that change a derivative at all."""
        killed = len(self.with_outcome("killed"))
        return killed / max(1, killed + len(self.survivors))

    def __bool__(self) -> bool:
        return not self.survivors

    def __str__(self) -> str:
        subjects = list(dict.fromkeys(mutant.subject for mutant in self.mutants))
        width = max(map(len, [*subjects, "in all"])) + 2
        lines = [f"{subject:{width}} {_tally([m for m in self.mutants if m.subject == subject])}" for subject in subjects]
        for mutant in [*self.with_outcome("equivalent"), *self.survivors]:
            lines.append(f"{mutant.outcome}: {mutant.subject}, {mutant.mutation}: {mutant.reason}")
        return "\n".join([*lines, f"{'in all':{width}} {_tally(self.mutants, complete=True)}"])


def _tally(mutants: Iterable[Mutant], complete: bool = False) -> str:
    outcomes = [mutant.outcome for mutant in mutants]
    counts = {outcome: outcomes.count(outcome) for outcome in ("killed", "equivalent", "survived")}
    shown = [f"{count} {outcome}" for outcome, count in counts.items() if count or complete]
    return f"{len(outcomes):3} mutants: {', '.join(shown)}"


def mutants(*primitives: Primitive) -> MutationReport:
    """Breaks the rules of primitives in every way and reports what the checks noticed.

    A partial is scaled by 1 + 1e-9, given the wrong sign, dropped, or moved by 1e-9; partials are swapped; operands are swapped in
    the rule; conventions at special points are changed. A mutant that gives the right partials at every point is equivalent: it is
    no mistake, and the report says why.

    Args:
        primitives: of the table or your own; by default all of the table but its families.
    Returns:
        A MutationReport, true if every mistake was noticed.
    Example:
        >>> from autograd_lite import add
        >>> report = mutants(add)
        >>> bool(report), report.score, [mutant.reason for mutant in report.with_outcome("equivalent")]
        (True, 1.0, ['the two partials are equal', 'the rule is constant'])
    """
    chosen = primitives or tuple(primitive for primitive in TABLE.values() if not primitive.orders)
    return MutationReport(tuple(mutant for primitive in chosen for mutant in _mutants_of(primitive)))


def _mutants_of(primitive: Primitive) -> Iterator[Mutant]:
    points = _points(primitive)
    rule = rule_of(primitive)
    for mutation in mutations_of(primitive):
        if _is_equivalent(primitive, mutation, points):
            yield Mutant(primitive.name, mutation.name, "equivalent", _reason(mutation, [rule(*point) for point in points]))
            continue
        yield Mutant(primitive.name, mutation.name, *_outcome(with_mistake(primitive, mutation.mistake)))


def _points(primitive: Any) -> list[tuple[Point, float]]:
    """Points and the values there: ordinary ones, ties and special points."""
    ties = [(x,) * count for count in operand_counts(primitive) for x in common_numbers(primitive, count)]
    found = []
    for point in [*ordinary_points(primitive, _TRIED), *ties, *(special.operands for special in primitive.special_points)]:
        try:
            out = primitive.of(list(point))
            rule_of(primitive)(point, out)
        except (ArithmeticError, ValueError):
            continue
        found.append((point, out))
    return found


def _is_equivalent(primitive: Primitive, mutation: Mutation, points: list[tuple[Point, float]]) -> bool:
    rule = rule_of(primitive)
    try:
        return all(all(map(same, mutation.mistake(rule, point, out), rule(point, out))) for point, out in points)
    except (ArithmeticError, ValueError):
        return False


def _reason(mutation: Mutation, partials: list[list[float]]) -> str:
    if "operands" in mutation.name:
        is_constant = len(set(map(tuple, partials))) == len(set(map(len, partials)))
        return "the rule is constant" if is_constant else "the rule is symmetric in them, or reads the value only"
    if "partials" in mutation.name:
        return "the two partials are equal"
    return "the derivative is 0 everywhere"


def _outcome(mutant: Primitive) -> tuple[str, str]:
    """What became of a mutant, and why. Checks that break have noticed nothing."""
    try:
        noticed = _noticed(mutant)
    except (ArithmeticError, ValueError) as error:
        return "survived", f"the checks raised {type(error).__name__}: {error}"
    return ("killed", noticed) if noticed else ("survived", "nothing noticed it")


def _noticed(mutant: Primitive) -> str:
    """The property that a mutant is found to lack; "" if none."""
    return next(iter(examine_primitive(mutant, until_wrong=True).wrong), "")
