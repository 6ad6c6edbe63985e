"""Random straight-line programs over the whole table, and their derivatives to fifty digits, apart from the engine.

A program is a list of steps. Each step names a primitive and the places of its operands among the numbers so far (leaves
first, then results), so any number may be used again, twice by one step too. Operands outside a row's domain, or large, are brought
inside by a step of plain arithmetic. The oracle evaluates the same steps in mpmath, with the values of `oracle.py` and partials
by differences of a hundred digits, and carries tangents forward; it shares no rule with the table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_lite import Value
from autograd_lite.engine.number_types import evaluate
from autograd_lite.engine.primitive import Interval
from autograd_lite.engine.primitives import TABLE

from . import oracle

LARGEST = 6.0  # operands beyond it are brought back, so that no exponential tower leaves the range of floats
_TINY = mpf(10) ** -35
_DIGITS = 100


@dataclass(frozen=True)
class Step:
    """`row` of the operands at `places`; or, where `row` is "", `shift + scale * 2x / (1 + x * x)` of the one operand."""

    row: str
    places: tuple[int, ...]
    scale: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True)
class Program:
    leaves: tuple[float, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines = [f"v{i} = {number!r}" for i, number in enumerate(self.leaves)]
        for i, step in enumerate(self.steps, len(self.leaves)):
            names = ", ".join(f"v{place}" for place in step.places)
            squashed = f"{step.shift!r} + {step.scale!r} * (2 * {names} / (1 + {names} * {names}))"
            lines.append(f"v{i} = {step.row}({names})" if step.row else f"v{i} = {squashed}")
        return "\n".join(lines)


def run(program: Program, leaves: Sequence[Any]) -> list[Any]:
    """Every number of the program on leaves of any kind, by the functions that users call."""
    numbers = list(leaves)
    for step in program.steps:
        numbers.append(_apply(step, [numbers[place] for place in step.places]))
    return numbers


def _apply(step: Step, operands: list[Any]) -> Any:
    if not step.row:
        return _squashed(operands[0], step.scale, step.shift)
    row = TABLE[step.row]
    recording = [operand for operand in operands if isinstance(operand, Value)]
    return recording[0].record(row, operands) if recording else evaluate(row, operands)


def _squashed(x: Any, scale: Any, shift: Any) -> Any:
    return shift + scale * (2 * x / (1 + x * x))


@st.composite
def programs(draw: st.DrawFn, smooth: bool = False, most_steps: int = 10) -> Program:
    """Programs of 1 to 3 leaves; with `smooth`, of smooth rows only."""
    rows = [name for name, row in TABLE.items() if row.public and (row.smooth or not smooth)]
    number = st.floats(-3.0, 3.0, allow_subnormal=False).filter(lambda x: abs(x) > 1e-3)
    leaves = tuple(draw(st.lists(number, min_size=1, max_size=3)))
    numbers, steps = list(leaves), []

    def append(step: Step) -> int:
        numbers.append(_apply(step, [numbers[place] for place in step.places]))
        steps.append(step)
        return len(numbers) - 1

    for _ in range(draw(st.integers(1, most_steps))):
        name = draw(st.sampled_from(rows))
        row: Any = TABLE[name]
        count = row.arity or draw(st.sampled_from(row.counts))
        places = []
        for index in range(count):
            place = len(numbers) - 1 - draw(st.integers(0, len(numbers) - 1))
            inside = _inside(row.domain[min(index, len(row.domain) - 1)], numbers[place])
            places.append(place if inside is None else append(Step("", (place,), *inside)))
        append(Step(name, tuple(places)))
    return Program(leaves, tuple(steps))


def _inside(interval: Interval, x: float) -> tuple[float, float] | None:
    """The scale and shift that bring x inside the interval with a margin; None if it is there already."""
    low, high = max(interval.low, -LARGEST), min(interval.high, LARGEST)
    margin = 0.02 * min(high - low, 5.0)
    far_from_hole = interval.hole is None or abs(x - interval.hole) > margin
    if low + margin < x < high - margin and far_from_hole:
        return None
    if interval.hole is not None:
        return 1.0, interval.hole + 1.5
    middle = (low + high) / 2.0
    return 0.9 * (high - middle), middle


# ---- the oracle --------------------------------------------------------------------------------------------------------------


class NearKink(Exception):
    """A row's slope jumps within 1e-9 of an operand: the float and the exact program may be on different sides."""


def exact_gradient(program: Program, leaves: Sequence[Any], noise: Any = 0, seed: int = 0) -> list[Any]:
    """The partial derivatives of the last number; every value and every partial changed by up to `noise`, relative.

    Raises:
        NearKink: if the answer depends on a kink or step of a row.
    """
    random = Random(seed)

    def rounded(x: Any) -> Any:
        return x * (1 + noise * mpf(random.uniform(-1.0, 1.0))) if noise else x

    with mp.workdps(_DIGITS):
        numbers = [mpf(x) for x in leaves]
        tangents = [[mpf(i == j) for j in range(len(leaves))] for i in range(len(leaves))]
        for step in program.steps:
            operands = [numbers[place] for place in step.places]
            slopes = [rounded(_slope(step, operands, index)) for index in range(len(operands))]
            numbers.append(rounded(_exact(step, operands)))
            chained = zip(slopes, step.places, strict=True)
            tangents.append([rounded(x) for x in _combined([(slope, tangents[place]) for slope, place in chained], rounded)])
        return tangents[-1]


def _combined(terms: list[tuple[Any, list[Any]]], rounded: Any) -> list[Any]:
    return [sum((rounded(slope * tangent[j]) for slope, tangent in terms), mpf(0)) for j in range(len(terms[0][1]))]


def _exact(step: Step, operands: list[Any]) -> Any:
    if not step.row:
        return _squashed(operands[0], mpf(step.scale), mpf(step.shift))
    return oracle.VALUES[step.row](*operands)


def _slope(step: Step, operands: list[Any], index: int) -> Any:
    def at(offset: Any) -> Any:
        return _exact(step, [x + offset if i == index else x for i, x in enumerate(operands)])

    if step.row and not TABLE[step.row].smooth:
        near = mpf(10) ** -9
        left, right = (at(-near) - at(-2 * near)) / near, (at(2 * near) - at(near)) / near
        if abs(left - right) > mpf(10) ** -6 or abs(at(near) - at(-near)) > 100 * near:
            raise NearKink
    return (at(_TINY) - at(-_TINY)) / (2 * _TINY)


def exact_hessian(program: Program, leaves: Sequence[float], noise: Any = 0, seed: int = 0) -> list[list[Any]]:
    """The second derivatives, by differences of exact gradients that see the same noise."""
    small = mpf(10) ** -20
    rows = []
    with mp.workdps(_DIGITS):
        for i in range(len(leaves)):
            sides = [
                exact_gradient(program, [mpf(x) + (offset if j == i else 0) for j, x in enumerate(leaves)], noise, seed)
                for offset in (-small, small)
            ]
            rows.append([(above - below) / (2 * small) for below, above in zip(*sides, strict=True)])
    return rows


def amplification(exact: Any, program: Program, trials: int = 3) -> tuple[list[float], list[float]]:
    """The exact numbers, and by how much each of them answers to one unit of relative noise everywhere.

    That is the condition of the program, measured: an engine that rounds every step by 2 ** -53 may be that much off.
    """
    noise = mpf(10) ** -12
    with mp.workdps(_DIGITS):
        truth = _flat(exact(program, program.leaves))
        moved = [_flat(exact(program, program.leaves, noise, seed)) for seed in range(1, trials + 1)]
        answers = [max(abs(other[i] - truth[i]) for other in moved) / noise + abs(truth[i]) for i in range(len(truth))]
        return [float(x) for x in truth], [float(x) for x in answers]


def _flat(numbers: list[Any]) -> list[Any]:
    return [x for entry in numbers for x in (entry if isinstance(entry, list) else [entry])]


def is_hopeless(truth: list[float], answers: list[float]) -> bool:
    """Whether rounding is magnified so much that a first-order bound says nothing, or the numbers leave the range of floats."""
    finite = all(map(math.isfinite, [*truth, *answers])) and max(map(abs, truth)) < 1e150
    return not finite or max(answers) > 1e8 * max(1.0, *map(abs, truth))
