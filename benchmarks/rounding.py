"""Whether the bound of `rounding` holds, and how near its estimate is: against the same programs computed with eighty digits.

Run it with `python -m benchmarks.rounding [programs]`. A program is what the fuzzer writes (lists, loops, models, losses, branches,
derivatives inside) or, each second one, a chain of 2 to 8 primitives of the table (`error_bars.py`). Its graph is computed again
with mpmath from the same floats: the difference is the true error. Asked are the value, and the slope by one input, by a sweep
that can be differentiated. Where the true error is 0 there is no factor; those are counted apart.
"""

import math
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from mpmath import mp, mpf

from autograd_lite.calculus.reverse import gradients
from autograd_lite.calculus.rounding import Rounding, rounding
from autograd_lite.engine.value import Value
from autograd_lite.testing.fuzzing.eager import answer
from autograd_lite.testing.fuzzing.generator import generated
from autograd_lite.testing.graphs import as_function
from autograd_lite.testing.numeric.arguments import flat
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


def functions(seed: int) -> Iterator[tuple[str, Callable[[], Value]]]:
    """The value of a random program, and its slope by an input that it depends on, as functions; nothing if there is none."""

    def made() -> tuple[Value, Value]:
        if seed % 2:
            x = Value(number)
            return program(x), x
        result, inputs = ready.call(case.example)
        return next(flat(result)), inputs[place]

    def slope() -> Value:
        value, x = made()
        return gradients(value, [x], differentiable=True)[0]  # type: ignore[no-any-return]

    if seed % 2:
        program, number = random_case(Random(seed))
    else:
        case = generated(seed, 1)
        ready = case.ready()
        found = answer(ready, case.example)
        place = next((place for place, number in enumerate(found.slopes[0] if found.slopes else ()) if number), -1)
        if place < 0:
            return
    yield "value", lambda: made()[0]
    yield "slope", slope


def error_of(found: Rounding) -> float:
    """The true error: against the graph computed with forty digits and with eighty, or with more where those do not agree."""
    for digits in (_PRECISION, 5 * _PRECISION):
        try:
            rough, exact = _computed(found, digits), _computed(found, digits + _PRECISION)
        except (ArithmeticError, ValueError, TypeError):  # mpmath gives up, or has a complex number for it
            return math.nan
        with mp.workdps(digits):
            error, apart = abs(mpf(found.value) - exact), abs(rough - exact)
            if apart <= error * mpf("1e-6") or (apart == 0 and error == 0):
                return float(error)
    return math.nan


def _computed(found: Rounding, digits: int) -> Any:
    with mp.workdps(digits):
        known: dict[int, Any] = {}
        for node in found.nodes:
            operands = [known[id(operand)] for operand in node.operands]
            known[id(node.value)] = as_function(node.primitive)(*operands) if node.primitive else mpf(node.value.data)
        return mpf(known[id(found.nodes[-1].value)])


def measured(programs: int, start: int = 0) -> Iterator[Held]:
    """The numbers of so many programs, from a seed on."""
    seeds = count(start)
    while programs:
        seed = next(seeds)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked = list(functions(seed))
            programs -= bool(asked)
            for what, function in asked:
                found = rounding(function)
                yield Held(what, seed, found, error_of(found))


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
