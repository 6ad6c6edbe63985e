"""How far checks can be trusted: claims about derivatives, right and wrong; and how honest the numerical error bars are.

Run it with `python -m benchmarks.error_bars [claims [cases]]`. First `check` judges a corpus of right and wrong claims
(`claims.py`, `corpus.py`) beside differences at one step. Then every numerical method is held against mpmath: a case is a random
program of 2 to 8 primitives of the table, at a random point well inside every domain; the truth comes from the reference functions
of the tests (`tests/oracle.py`), written in mpmath apart from the table, and differentiated with 60 digits. Errors are relative to
the derivative. A bar is honest if it covers them.
"""

import math
import statistics
import sys
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from mpmath import mp, mpf

from autograd_lite.engine.primitive import Binary, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing import Estimate, central, complex_step, finite_differences, multiprecision, one_sided, richardson
from autograd_lite.testing.graphs import as_function
from autograd_lite.testing.numeric.higher import complex_step_second, multiprecision_second
from autograd_lite.testing.numeric.oracles import Probe, best_estimate
from benchmarks import checkers
from tests import oracle

CLAIMS = 3_000  # right ones, and as many wrong ones
CASES = 1_000
_SMOOTH = [p for p in TABLE.values() if p.public and p.smooth and isinstance(p, Unary | Binary)]
_LARGEST = 1e4  # of intermediate values: beyond, most programs are 0, 1 or an overflow
_MARGIN = 0.02  # to the ends of domains

Step = tuple[Any, tuple[int | float, ...]]


class Program:
    """A straight-line program of one number: every step a primitive on earlier results or constants."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps

    def run(self, x: Any, function_of: Callable[[Any], Callable[..., Any]]) -> Any:
        """The last result; `function_of` gives the function to use for a primitive."""
        results = [x]
        for primitive, operands in self.steps:
            results.append(function_of(primitive)(*(results[o] if isinstance(o, int) else o for o in operands)))
        return results[-1]

    def __call__(self, x: Any) -> Any:
        return self.run(x, as_function)

    def exact(self, x: Any) -> Any:
        """The same in mpmath, by the reference functions."""
        return Program([(p, tuple(o if isinstance(o, int) else mpf(o) for o in given)) for p, given in self.steps]).run(
            mpf(x), oracle.function
        )


def random_case(random: Random) -> tuple[Program, float]:
    """A program that depends on its argument, and a point inside its domain."""
    while True:
        x = random.uniform(-4.0, 4.0)
        values, steps = [x], []
        for _ in range(random.randint(2, 8)):
            step = _random_step(random, values)
            if step is None:
                break
            steps.append(step)
            operands = [values[o] if isinstance(o, int) else o for o in step[1]]
            values.append(as_function(step[0])(*operands))
        program = Program(steps)
        if len(steps) > 1 and abs(values[-1]) < _LARGEST and _depends(program, x):
            return program, x


def _random_step(random: Random, values: list[float]) -> Step | None:
    for _ in range(20):
        primitive = random.choice(_SMOOTH)
        count = primitive.arity or 1
        operands: list[int | float] = [random.choice([len(values) - 1, random.randrange(len(values))]) for _ in range(count)]
        if count == 2 and random.random() < 0.3:
            operands[random.randrange(2)] = random.uniform(0.5, 3.0)
        numbers = [values[o] if isinstance(o, int) else o for o in operands]
        domains = [primitive.domain[min(i, len(primitive.domain) - 1)] for i in range(count)]
        inside = all(
            number - _MARGIN in domain and number + _MARGIN in domain and abs(number) > _MARGIN
            for number, domain in zip(numbers, domains, strict=True)
        )
        try:
            if inside and abs(as_function(primitive)(*numbers)) < _LARGEST:
                return primitive, tuple(operands)
        except ArithmeticError:
            continue
    return None


def _depends(program: Program, x: float) -> bool:
    with mp.workdps(60):
        try:
            return abs(_truth(program, x, 1)) > 1e-8
        except (ArithmeticError, ValueError):
            return False


def _truth(program: Program, x: float, order: int) -> Any:
    with mp.workdps(60 * order):
        h = mpf(10) ** -20
        left, middle, right = (program.exact(mpf(x) + k * h) for k in (-1, 0, 1))
        return (right - left) / (2 * h) if order == 1 else (right - 2 * middle + left) / h**2


def _ladder(program: Program, x: float, exact: bool) -> Estimate:
    def refused() -> Estimate:
        return Estimate(math.nan, math.inf, "not installed")

    probe = Probe(
        (lambda: multiprecision(program, x)) if exact else refused,
        lambda: complex_step(program, x),
        lambda: finite_differences(program, x),
        abs(program(x)) / max(1.0, abs(x)),
    )
    return best_estimate(probe)


METHODS: dict[str, tuple[int, Callable[[Program, float], Estimate]]] = {
    "gradient oracle (the ladder)": (1, lambda f, x: _ladder(f, x, True)),
    "the ladder without mpmath": (1, lambda f, x: _ladder(f, x, False)),
    "complex step": (1, complex_step),
    "mpmath": (1, multiprecision),
    "finite_differences": (1, finite_differences),
    "Richardson": (1, richardson),
    "adaptive central": (1, central),
    "one-sided": (1, lambda f, x: one_sided(f, x, 1)),
    "2nd: differences of complex steps": (2, lambda f, x: complex_step_second(lambda u, v: f(u + v), x, 0.0)),
    "2nd: mpmath": (2, lambda f, x: multiprecision_second(lambda u, v: f(u + v), x, 0.0)),
    "2nd: finite_differences": (2, lambda f, x: finite_differences(f, x, 2)),
}


def measure(cases: int, seed: int = 1) -> dict[str, list[tuple[float, float]]]:
    """Relative error and relative bar of every method on every case that it answers."""
    random = Random(seed)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for _ in range(cases):
        program, x = random_case(random)
        truths = {order: _truth(program, x, order) for order in (1, 2)}
        for name, (order, method) in METHODS.items():
            estimate, truth = method(program, x), truths[order]
            if math.isfinite(estimate.error) and abs(truth) > 1e-8:
                error = abs(mpf(estimate.value) - truth) / abs(truth)
                found[name].append((float(error), float(estimate.error / abs(truth))))
    return found


def main() -> None:
    """Prints a row per kind of claim, then one per method."""
    claims, cases = [int(given) for given in sys.argv[1:3]] + [CLAIMS, CASES][len(sys.argv) - 1 :]
    print(f"{claims} right and {claims} wrong claims, judged by `check` and by differences at one step, rtol 1e-3\n")
    print("\n".join(checkers.rows(claims)))
    print(f"\n{cases} random smooth programs; errors and bars are relative to the derivative\n")
    print("| method | answered | median error | 99.9 % | worst | median bar | bar covers |")
    print("|---|---|---|---|---|---|---|")
    for name, rows in measure(cases).items():
        errors = sorted(error for error, _ in rows)
        covered = sum(error <= bar for error, bar in rows) / len(rows)
        high = errors[min(len(errors) - 1, int(0.999 * len(errors)))]
        bar = statistics.median(bar for _, bar in rows)
        shown = f"{statistics.median(errors):.1e} | {high:.1e} | {errors[-1]:.1e} | {bar:.1e} | {100 * covered:.2f} %"
        print(f"| {name} | {len(rows)} | {shown} |")


if __name__ == "__main__":
    main()
