"""Random programs over the whole table, with sharing: a replay gives what eager gives, in values and gradients."""

import ast
import math
import os
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.errors import OperationError
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program import trace
from tests.program_checks import TOLERANCE
from tests.random_programs import Program, programs, run
from tests.samples import examples

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def _noise(program: Program, leaves: list[float]) -> tuple[Any, list[float], float, list[float]]:
    """Eager's value and gradient; and how far a relative error of 1e-12 in each operation may move them.

    The error of a value is the sum over all operations of the size of its result times the size of its adjoint; that of a slope is
    estimated from the change of the slopes when the leaves change in their thirteenth digit.
    """
    inputs = [Value(x) for x in leaves]
    numbers = run(program, inputs)
    out = numbers[-1]
    slopes = ag.gradients(out, inputs)
    adjoints = ag.gradients(out, numbers)
    spread = sum(abs(adjoint * number.data) for adjoint, number in zip(adjoints, numbers, strict=True))
    moved = [Value(x * (1.0 + 1e-12 * (-1) ** i)) for i, x in enumerate(leaves)]
    shifts = [abs(x - y) for x, y in zip(ag.gradients(run(program, moved)[-1], moved), slopes, strict=True)]
    return out.data, slopes, spread, shifts


@settings(max_examples=1000 if THOROUGH else examples(150), deadline=None)
@given(programs(most_steps=12), st.integers(0, 2**32 - 1))
def test_a_random_program_replays_as_eager(program: Program, seed: int) -> None:
    replay = trace(lambda *leaves: run(program, leaves)[-1], *program.leaves)
    random = numpy.random.default_rng(seed)
    rows = [list(program.leaves)] + [[x * random.uniform(0.999, 1.001) for x in program.leaves] for _ in range(2)]
    for row in rows:
        try:
            value, slopes, spread, shifts = _noise(program, row)
        except OperationError:
            continue
        found, gradient = replay.value_and_grad(numpy.array([row]))
        largest = max(map(abs, slopes), default=0.0)
        assert abs(found[0] - value) <= TOLERANCE * max(abs(value), spread) or not math.isfinite(value)
        for x, y, shift in zip(gradient[0].tolist(), slopes, shifts, strict=True):
            assert abs(x - y) <= TOLERANCE * max(abs(y), largest) + 100 * shift or not math.isfinite(y), (row, gradient, slopes)


@settings(max_examples=examples(40), deadline=None)
@given(programs(smooth=True, most_steps=6), st.integers(9, 20))
def test_the_same_random_program_on_many_elements_is_rolled(program: Program, count: int) -> None:
    """One copy per element: as many statements for twenty elements as for ten, and the sum of what the copies give."""

    def copies(columns: Any) -> Any:
        return ag.total([run(program, row)[-1] for row in columns])

    rows = [[x * (1.0 + 1e-4 * i) for x in program.leaves] for i in range(count)]
    try:
        value, gradient = ag.value_and_grad(copies)(rows)
        replay = trace(copies, rows)
    except OperationError:
        return
    found, slopes = replay.value_and_grad(numpy.array([rows]))
    each = [run(program, row)[-1] for row in rows]
    assert abs(found[0] - value) <= 1e-11 * sum(map(abs, each))
    flat = [slope for row in gradient for slope in row]
    largest = max(map(abs, flat))
    assert numpy.abs(slopes[0] - flat).max() <= 1e-8 * largest + 1e-12  # slopes whose terms cancel are as exact as their terms
    more = trace(copies, [[x * (1.0 + 1e-4 * i) for x in program.leaves] for i in range(count + 5)])
    assert _statements(replay.source) == _statements(more.source)


def _statements(source: str) -> int:
    """How many statements the replayed function has; the lines of constant arrays are as many as their numbers need."""
    return len([node for node in ast.walk(ast.parse(source).body[-1]) if isinstance(node, ast.stmt)])


def test_every_public_row_of_the_table_can_be_drawn() -> None:
    assert {name for name, row in TABLE.items() if row.public} >= {"sigmoid", "total"}
