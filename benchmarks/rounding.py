"""Whether the bound of `rounding` holds, and how near its estimate is: against the same programs computed with eighty digits.

Run it with `python -m benchmarks.rounding [programs]`. A program is what the fuzzer writes (lists, loops, models, losses, branches,
derivatives inside) or, each second one, a chain of 2 to 8 primitives of the table (`error_bars.py`). Its graph is computed again
with mpmath from the same floats: the difference is the true error. Asked are the value, and the slope by one input, as the graph
of a differentiable sweep. Where the true error is 0 there is no factor; those are counted apart.
"""

import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from mpmath import mp, mpf

from autograd_lite.calculus.reverse import gradients
from autograd_lite.calculus.rounding import Rounding, rounding
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing.fuzzing.eager import answer
from autograd_lite.testing.fuzzing.generator import generated
from autograd_lite.testing.graphs import replay
from benchmarks.error_bars import random_case

PROGRAMS = 10_000
FACTOR = 30.0
_PRECISION = 40


@dataclass(frozen=True)
class Held:
    """One number of one program.

    Attributes:
        what: "value" or "slope".
        seed: of the program.
        found: what `rounding` says.
        error: the true error; nan where mpmath has no value.
    """

    what: str
    seed: int
    found: Rounding
    error: float

    @property
    def holds(self) -> bool:
        """Whether the bound is one."""
        return self.error <= self.found.bound

    @property
    def factor(self) -> float:
        """By how much estimate and error differ, from 1 on."""
        if not self.found.estimate or not math.isfinite(self.found.estimate):
            return math.inf
        return max(self.error / self.found.estimate, self.found.estimate / self.error)


def outputs(seed: int) -> tuple[Value, Value] | None:
    """The first result of a random program, and an input that it depends on; None if there is none."""
    if seed % 2:
        program, number = random_case(Random(seed))
        x = Value(number)
        return program(x), x
    case = generated(seed, 1)
    found = answer(case.ready(), case.example)
    for x, slope in zip(found.inputs, found.slopes[0] if found.slopes else (), strict=False):
        if slope:
            return found.outputs[0], x
    return None


def error_of(value: Value) -> float:
    """The true error: against the graph computed with forty digits and with eighty, or with more where those do not agree."""
    leaves = [node for node in topological_order(value) if node.primitive is None]
    for digits in (_PRECISION, 5 * _PRECISION):
        found = []
        for more in (0, _PRECISION):
            with mp.workdps(digits + more):
                try:
                    found.append(mpf(replay(value, leaves, {})(*(mpf(leaf.data) for leaf in leaves))))
                except (ArithmeticError, ValueError, TypeError):
                    return math.nan
        with mp.workdps(digits):
            error, apart = abs(mpf(value.data) - found[1]), abs(found[0] - found[1])
            if apart <= error * mpf("1e-6") or (apart == 0 and error == 0):
                return float(error)
    return math.nan


def measured(programs: int, start: int = 0) -> Iterator[Held]:
    """The numbers of so many programs, from a seed on."""
    seeds = count(start)
    while programs:
        seed = next(seeds)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = outputs(seed)
            if made is None or made[0].primitive is None:
                continue
            programs -= 1
            value, x = made
            slope = gradients(value, [x], differentiable=True)[0]
            for what, number in (("value", value), ("slope", slope)):
                if number.primitive is not None:
                    yield Held(what, seed, rounding(number), error_of(number))


def row(name: str, found: Sequence[Held]) -> str:
    """A row of the table."""
    known = [held for held in found if not math.isnan(held.error)]
    wrong = [held for held in known if held.error]
    near = sum(held.factor <= FACTOR for held in wrong)
    bound = sorted(held.found.bound / held.error for held in wrong if math.isfinite(held.found.bound))
    held = sum(held.holds for held in known)
    cells: list[Any] = [
        name,
        f"{len(known):,}",
        f"{len(known) - len(wrong):,}",
        f"{100 * held / len(known):.2f} %" if known else "",
        f"{100 * near / len(wrong):.1f} %" if wrong else "",
        f"{bound[len(bound) // 2]:.1f}" if bound else "",
    ]
    return f"| {' | '.join(cells)} |"


def table(found: Sequence[Held]) -> str:
    """The table, by what was asked and what `rounding` said of it."""
    lines = [
        "| | numbers | exact | the bound holds | the estimate is within a factor of 30 | bound / error, median |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for what in ("value", "slope"):
        for certain, word in ((True, "certain"), (False, "not certain")):
            chosen = [held for held in found if held.what == what and held.found.is_certain == certain]
            lines.append(row(f"{what}, said to be {word}", chosen))
    lines.append(row("all", found))
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    programs = int(sys.argv[1]) if len(sys.argv) > 1 else PROGRAMS
    print(f"{programs:,} random programs\n")
    found = list(measured(programs))
    print(table(found))
    for held in found:
        if held.error > held.found.bound:
            print(f"the bound does not hold: {held.what} of program {held.seed}: {held.error:.3g} > {held.found.bound:.3g}")


if __name__ == "__main__":
    main()
