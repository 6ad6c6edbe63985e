"""Gradient clipping, from the smallest float to beyond the largest."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.engine.value import Value
from autograd_lite.optim import (
    clip_gradient_norm,
    clip_gradient_value,
)


def with_gradients(gradients: list[float]) -> list[Value]:
    values = [Value(0.0, label=f"w[{i}]") for i in range(len(gradients))]
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    return values


@given(gradients=st.lists(st.floats(-1e150, 1e150), max_size=6), limit=st.floats(1e-3, 1e3))
def test_clipped_norm(gradients: list[float], limit: float) -> None:
    values = with_gradients(gradients)
    length = clip_gradient_norm((value for value in values), limit)
    assert length == math.hypot(*gradients)
    found = [value.grad for value in values]
    if length <= limit:
        assert found == gradients
    else:
        assert math.hypot(*found) == pytest.approx(limit, rel=1e-12)
        assert found == pytest.approx([gradient / length * limit for gradient in gradients], rel=1e-12)


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e300, 1.7e308])
def test_clipped_norm_at_the_ends_of_the_floats(size: float) -> None:
    values = with_gradients([size, -size, size, size])
    assert clip_gradient_norm(values, 1.0) == (2.0 * size if size < 1e308 else math.inf)
    if size > 1.0:
        assert [value.grad for value in values] == pytest.approx([0.5, -0.5, 0.5, 0.5], rel=1e-15)
    values = with_gradients([-1.5e308])  # where max_norm / norm would be subnormal
    clip_gradient_norm(values, 1.0)
    assert values[0].grad == -1.0
    values = with_gradients([1e-200, 1e-200])
    clip_gradient_norm(values, 0.0)
    assert [value.grad for value in values] == [0.0, 0.0]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_norm_that_cannot_be_clipped(bad: float) -> None:
    values = with_gradients([3.0, bad])
    with pytest.raises(ValueError, match=re.escape(f"the gradient of `w[1]` is {bad!r}: no factor brings it to a finite norm")):
        clip_gradient_norm(values, 1.0)
    assert values[0].grad == 3.0


def test_clipped_values() -> None:
    values = with_gradients([3.0, -3.0, 0.5, -0.0, math.inf, math.nan])
    clip_gradient_value(values, 1.0)
    assert [value.grad for value in values[:5]] == [1.0, -1.0, 0.5, -0.0, 1.0]
    assert math.isnan(values[5].grad)


def test_an_infinite_limit_only_measures() -> None:
    values = with_gradients([3.0, -4.0])
    assert clip_gradient_norm(values, math.inf) == 5.0
    clip_gradient_value(values, math.inf)
    assert [value.grad for value in values] == [3.0, -4.0]
    assert clip_gradient_norm(with_gradients([3.0, math.inf]), math.inf) == math.inf
    assert math.isnan(clip_gradient_norm(with_gradients([3.0, math.nan]), math.inf))
    for clip in (clip_gradient_norm, clip_gradient_value):
        with pytest.raises(ValueError, match="must be a finite number of at least 0"):
            clip(values, math.nan)
