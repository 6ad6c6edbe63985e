"""Schedules: their shapes, and optimizers that follow them."""

import math
import re
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.engine.value import Value
from autograd_lite.optim import (
    SGD,
    Constant,
    Cosine,
    Exponential,
    StepDecay,
)


@given(steps=st.integers(1, 200), data=st.data())
def test_cosine_rises_then_falls(steps: int, data: st.DataObject) -> None:
    warmup = data.draw(st.integers(0, steps - 1))
    schedule = Cosine(1.0, steps, final=0.125, warmup=warmup)
    rates = [schedule(step) for step in range(steps + 3)]
    assert rates[:warmup] == sorted(rates[:warmup])
    assert rates[warmup] == 1.0
    assert rates[warmup:] == sorted(rates[warmup:], reverse=True)
    assert rates[steps:] == [0.125] * 3
    assert all(0.0 < rate <= 1.0 for rate in rates)


def test_schedules_as_learning_rates() -> None:
    found = []
    for schedule in (Constant(0.5), StepDecay(0.5, 0.5, 2), Exponential(0.5, 0.5), lambda step: 1.0 - 0.25 * step):
        x = Value(0.0)
        optimizer = SGD([x], schedule)
        taken = []
        for _ in range(3):
            before, x.grad = x.data, -1.0
            optimizer.step()
            taken.append(x.data - before)
        found.append(taken)
    assert found == [[0.5, 0.5, 0.5], [0.5, 0.5, 0.25], [0.5, 0.25, 0.125], [1.0, 0.75, 0.5]]
    assert repr(StepDecay(0.5, 0.5, 2)) == "StepDecay(rate=0.5, factor=0.5, every=2)"


@pytest.mark.parametrize("schedule", [Exponential(0.1, 1.1), StepDecay(0.1, 1.1, 1), Exponential(1, 2)])
def test_a_rate_beyond_the_floats_is_refused_by_its_step(schedule: Any) -> None:
    assert schedule(10_000) == math.inf
    x = Value(1.0)
    optimizer = SGD([x], schedule)
    optimizer.steps = 10_000
    with pytest.raises(ValueError, match=re.escape(f"at least 0, got inf at step 10000 of {schedule!r}")):
        optimizer.step()
    assert x.data == 1.0


@given(exponent=st.integers(-300, 300), count=st.integers(0, 3000), tens=st.sampled_from([0.1, 10.0, 10]))
def test_a_rate_is_right_where_only_its_power_lies_beyond_the_floats(exponent: int, count: int, tens: float) -> None:
    whole = exponent + (count if tens > 1 else -count)
    found = Exponential(float(f"1e{exponent}"), tens)(count)
    if -300 < whole < 300:
        assert math.isclose(found, float(f"1e{whole}"), rel_tol=1e-12)
    else:
        assert found < 1e-299 or found > 1e299
    assert StepDecay(float(f"1e{exponent}"), tens, 2)(2 * count + 1) == found
    assert Exponential(0.0, tens)(count) == 0.0


def test_steps_may_be_numpys_whole_numbers() -> None:
    assert Cosine(1.0, numpy.int64(10), warmup=numpy.int32(2))(4) == Cosine(1.0, 10, warmup=2)(4)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Cosine steps must be a whole number of at least 1, got 2\.5"):
        Cosine(1.0, 2.5)  # type: ignore[arg-type]
