"""What checkers make of the corpus of claims: right ones accused, wrong ones acquitted, and those they cannot tell.

`check` is held beside what is common: one central difference at one step, and a relative tolerance of 1e-3.
"""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from autograd_lite.engine.value import Value
from autograd_lite.testing import check
from autograd_lite.testing.numeric.arguments import flat
from benchmarks.claims import Pair
from benchmarks.corpus import corpus

_STEP, _SECOND_STEP, _RTOL = 1e-6, 1e-4, 1e-3

Checker = Callable[[Pair], str]


def by_check(pair: Pair) -> str:
    """The outcome of `check`."""
    if pair.order == 2:
        return check(pair.function, pair.point, 2, gradient=pair.gradient, hessian=pair.claim).outcome
    return check(pair.function, pair.point, gradient=pair.claim).outcome


def by_one_step(pair: Pair) -> str:
    """The outcome of numerical differences at one step, with a relative tolerance of 1e-3."""
    claimed = [float(number) for number in flat(pair.claim(*pair.point))]
    numbers = [float(number) for number in flat(pair.point)]

    def value(moved: Sequence[float]) -> float:
        point = _shaped(pair.point, moved)
        try:
            return float(pair.function(*point))
        except AttributeError:  # a function of Values, which calls their methods
            return float(pair.function(*map(Value, point)).data)

    try:
        numerical = _second(value, numbers) if pair.order == 2 else _first(value, numbers)
    except (ArithmeticError, ValueError):
        return "inconclusive"
    close = all(abs(claim - number) <= _RTOL * abs(number) for claim, number in zip(claimed, numerical, strict=True))
    return "agrees" if close else "disagrees"


def _shaped(point: tuple[Any, ...], numbers: Sequence[float]) -> tuple[Any, ...]:
    """The numbers in the shape of the point, which is one array or numbers."""
    return (numpy.array(numbers),) if isinstance(point[0], numpy.ndarray) else tuple(numbers)


def _moved(numbers: Sequence[float], *moves: tuple[int, float]) -> list[float]:
    found = list(numbers)
    for index, step in moves:
        found[index] += step
    return found


def _first(value: Callable[[Sequence[float]], float], x: Sequence[float]) -> list[float]:
    h = _STEP
    return [(value(_moved(x, (i, h))) - value(_moved(x, (i, -h)))) / (2.0 * h) for i in range(len(x))]


def _second(value: Callable[[Sequence[float]], float], x: Sequence[float]) -> list[float]:
    h = _SECOND_STEP
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return [
        sum(a * b * value(_moved(x, (i, a * h), (j, b * h))) for a, b in signs) / (4.0 * h * h)
        for i in range(len(x))
        for j in range(len(x))
    ]


@dataclass
class Tally:
    """How often each outcome was met, for right and for wrong claims, and what should not have been."""

    outcomes: Counter[tuple[bool, str]] = field(default_factory=Counter)
    mistakes: list[Pair] = field(default_factory=list)
    smooth: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, pair: Pair, outcome: str) -> None:
        """One more pair."""
        self.outcomes[pair.is_right, outcome] += 1
        if pair.is_smooth:
            self.smooth[outcome] += 1
        if outcome == ("disagrees" if pair.is_right else "agrees"):
            self.mistakes.append(pair)

    @property
    def accused(self) -> int:
        """Right claims said to be wrong."""
        return self.outcomes[True, "disagrees"]

    @property
    def acquitted(self) -> int:
        """Wrong claims said to be right."""
        return self.outcomes[False, "agrees"]

    def count(self, is_right: bool) -> int:
        """How many right, or wrong, claims there were."""
        return sum(number for (right, _), number in self.outcomes.items() if right == is_right)

    @property
    def inconclusive(self) -> float:
        """The share of pairs about which nothing was said."""
        return (self.outcomes[True, "inconclusive"] + self.outcomes[False, "inconclusive"]) / max(1, self.outcomes.total())

    @property
    def inconclusive_if_smooth(self) -> float:
        """The same among smooth functions in double precision."""
        return self.smooth["inconclusive"] / max(1, self.smooth.total())


def tallied(checker: Checker, pairs: Iterable[Pair]) -> dict[str, Tally]:
    """What a checker makes of each kind, and of all."""
    kinds: dict[str, Tally] = {}
    everything = Tally()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for pair in pairs:
            start = time.process_time()
            outcome = checker(pair)
            for tally in (kinds.setdefault(pair.kind, Tally()), everything):
                tally.add(pair, outcome)
                tally.seconds += time.process_time() - start
    return kinds | {"all": everything}


def rows(size: int) -> list[str]:
    """The tables, as Markdown."""
    pairs = list(corpus(size))
    found, beside = tallied(by_check, pairs), tallied(by_one_step, pairs)
    lines = [
        "| kind | right | accused | wrong | acquitted | inconclusive | at one step: accused | acquitted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, tally in found.items():
        other = beside[kind]
        lines.append(
            f"| {kind} | {tally.count(True)} | {tally.accused} | {tally.count(False)} | {tally.acquitted} | "
            f"{100 * tally.inconclusive:.1f} % | {other.accused} | {other.acquitted} |"
        )
    share = 100 * found["all"].inconclusive_if_smooth
    lines += ["", f"inconclusive among smooth functions in double precision: {share:.2f} %; {found['all'].seconds:.0f} s in all"]
    return lines + [f"wrongly judged: {pair.kind}, {pair.note}, at {pair.point}" for pair in found["all"].mistakes]
