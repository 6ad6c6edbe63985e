"""Schedules: their shapes, and optimizers that follow them."""

from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.optim import (
    SGD,
    Constant,
    Cosine,
    Exponential,
    StepDecay,
)
from autograd_lite.value import Value


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
