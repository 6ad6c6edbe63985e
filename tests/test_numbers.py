"""What a Value holds and what may stand beside it: numbers of every type, arrays, strangers."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
import autograd_lite.value
from autograd_lite import Value, constant

# ---- Value.data --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        *((3, 3.0), (True, 1.0), (False, 0.0), (0.1, 0.1), (-0.0, -0.0), (Fraction(1, 3), 1 / 3), (2**60 + 1, float(2**60))),
        *((np.float64(0.1), 0.1), (np.float32(0.1), float(np.float32(0.1))), (np.int8(-3), -3.0), (np.bool_(True), 1.0)),
        *((math.inf, math.inf), (np.float16(0.5), 0.5), (np.uint64(7), 7.0)),
    ],
)
def test_data_is_always_a_python_float(given: Any, kept: float) -> None:
    value = Value(given)
    assert type(value.data) is float
    assert value.data.hex() == kept.hex()
    value.data = 0.0
    value.data = given
    assert type(value.data) is float
    assert value.data.hex() == kept.hex()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("3", r"a Value holds one real number, got the str '3'\. Write float\('3'\) if that is meant\."),
        (1j, r"a Value holds one real number, got the complex 1j\. Use its \.real, \.imag or abs\(\)\."),
        (np.complex128(1j), r"a Value holds one .*number, got"),
        (None, r"a Value holds one real number, got NoneType None\. Convert it with float\(\) if"),
        (Decimal("0.1"), r"a Value holds one real number, got Decimal Decimal\('0\.1'\)\. Convert it with float\(\)"),
        ([1.0], r"a Value holds one real number, got list \[1\.0\]"),
        (np.ones(3), r"a Value holds one number, got an array of shape \(3,\)\. Make one Value per element; .* trace the function"),
        (np.ones((2, 1)), r"an array of shape \(2, 1\)"),
    ],
)
def test_data_refuses_what_is_not_one_real_number(given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Value(given)
    leaf = Value(1.0)
    with pytest.raises(TypeError, match=message):
        leaf.data = given
    with pytest.raises(TypeError, match=message):
        leaf.grad = given
    with pytest.raises(TypeError, match=message):
        (leaf * 2).backward(given)
    assert (leaf.data, leaf.grad) == (1.0, 0.0)


def test_data_refuses_a_value() -> None:
    with pytest.raises(TypeError, match=r"got a Value\. Use it as it is, or \.detach\(\) for its number as a constant\."):
        Value(Value(1.0))


def test_a_number_beyond_the_largest_float_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        Value(10**400)


# ---- numbers beside Values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 2.0, True, Fraction(2), np.float64(2), np.float32(2), np.int64(2), np.array(2.0)[()]])
def test_numbers_of_any_type_on_either_side(number: Any) -> None:
    v = Value(3.0)
    n = float(number)
    results = [number + v, v + number, number - v, v - number, number * v, v * number, number / v, v / number, number**v, v**number]
    expected = [n + 3, 3 + n, n - 3, 3 - n, n * 3, 3 * n, n / 3, 3 / n, n**3, 3**n]
    slopes = [1.0, 1.0, -1.0, 1.0, n, n, -n / 9, 1 / n, n**3 * math.log(n), n * 3 ** (n - 1)]
    for result, value, slope in zip(results, expected, slopes, strict=True):
        assert type(result) is Value
        assert result.data == value
        assert ag.gradients(result, [v]) == pytest.approx([slope], rel=1e-15)


def test_sum_starts_from_int_zero() -> None:
    values = [Value(1.0), Value(2.0)]
    result = sum(values)
    assert type(result) is Value
    assert result.data == 3.0
    result.backward()
    assert [value.grad for value in values] == [1.0, 1.0]
    assert sum([]) == 0


def test_arrays_beside_a_value_are_refused_with_trace_named() -> None:
    v = Value(2.0)
    message = (
        r"a Value holds one number and does not combine with an array of shape \(3,\)\. .* trace the function and call the Program"
    )
    array = np.ones(3)
    for attempt in (
        lambda: v * array,
        lambda: array * v,
        lambda: array + v,
        lambda: v - array,
        lambda: array / v,
        lambda: v**array,
    ):
        with pytest.raises(TypeError, match=message):
            attempt()
    for attempt in (lambda: ag.hypot(v, array), lambda: ag.total([array, v]), lambda: ag.dot([array], [v])):
        with pytest.raises(TypeError, match=r"array of shape \(3,\)\. .* trace the function"):
            attempt()


@pytest.mark.parametrize("stranger", [None, 1j, "2", [1.0], Decimal(2), object()])
def test_strangers_beside_a_value_are_left_to_python(stranger: Any) -> None:
    v = Value(2.0)
    for attempt in (lambda: v + stranger, lambda: stranger - v, lambda: v / stranger, lambda: stranger**v):
        with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate"):
            attempt()


def test_a_stranger_may_know_values_itself() -> None:
    class Knowing:
        def __rmul__(self, other: Value) -> str:
            return f"knows {other.data}"

    assert Value(2.0) * Knowing() == "knows 2.0"  # type: ignore[comparison-overlap]


def test_in_place_operators_bind_a_new_node() -> None:
    x = Value(2.0)
    y = x
    y += 1
    y *= y
    assert (x.data, y.data) == (2.0, 9.0)
    y.backward()
    assert x.grad == 6.0


# ---- text --------------------------------------------------------------------------------------------------------------------


def test_repr_is_short_at_any_depth() -> None:
    x = Value(0.1, label="x")
    for _ in range(10_000):
        x = x * 1.0
    assert repr(x) == "Value(data=0.1, grad=0.0)"
    assert repr(Value(0.1, label="x")) == "Value(data=0.1, grad=0.0, label='x')"
    assert f"{Value(0.125):.2f}" == "0.12"
    assert f"{constant(1)}" == "constant(1.0)"
