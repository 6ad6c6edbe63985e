"""What a Value holds and what may stand beside it: numbers of every type, arrays, strangers."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
import autograd_lite.engine.value
from autograd_lite import Value, constant
from autograd_lite.engine.numpy_methods import numpy_name
from autograd_lite.engine.primitive import Binary, Unary
from autograd_lite.engine.primitives import TABLE

# ---- Value.data --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        *((3, 3.0), (True, 1.0), (False, 0.0), (0.1, 0.1), (-0.0, -0.0), (Fraction(1, 3), 1 / 3), (2**60 + 1, float(2**60))),
        *((np.float64(0.1), 0.1), (np.float32(0.1), float(np.float32(0.1))), (np.int8(-3), -3.0), (np.bool_(True), 1.0)),
        *((math.inf, math.inf), (np.float16(0.5), 0.5), (np.uint64(7), 7.0)),
        *((np.array(3), 3.0), (np.array(0.25), 0.25), (np.array(True), 1.0), (np.longdouble(3), 3.0), (np.array(7, np.uint8), 7.0)),
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
        (None, r"a Value holds one real number, got NoneType None\.$"),
        ("abc", r"a Value holds one real number, got the str 'abc'\.$"),
        ({"a": 1.0}, r"got dict \{'a': 1\.0\}\. Make one Value per element"),
        (np.array(1j), r"got the complex 1j|got an array of shape \(\)"),
        (np.datetime64("2024-01-01", "ns"), r"got"),
        (Decimal("0.1"), r"a Value holds one real number, got Decimal Decimal\('0\.1'\)\. Convert it with float\(\)"),
        (
            [1.0],
            r"a Value holds one real number, got list \[1\.0\]\. Make one Value per element: \[Value\(x\) for x in numbers\]\.",
        ),
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


@pytest.mark.parametrize(
    "number",
    [
        *(2, 2.0, True, Fraction(2), np.float64(2), np.float32(2), np.int64(2), np.array(2.0)[()]),
        *(np.array(2), np.array(2.0), np.bool_(True), np.uint8(2), np.longdouble(2)),
    ],
)
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


# ---- NumPy's names ---------------------------------------------------------------------------------------------------------------


# NumPy asks `math` for these, compares for those, has no way with objects for some, and asks operators for the last.
NOT_BY_METHODS = {
    "floor",
    "ceil",
    "sign",
    "maximum",
    "minimum",
    "logaddexp",
    "logaddexp2",
    "copysign",
    "mod",
    "floor_divide",
    "remainder",
}
BY_NUMPY = [
    name
    for name, row in TABLE.items()
    if row.public and isinstance(getattr(np, numpy_name(name), None), np.ufunc) and name not in NOT_BY_METHODS
]


@pytest.mark.parametrize("name", BY_NUMPY)
def test_numpy_functions_of_values_are_the_rows(name: str) -> None:
    row: Any = TABLE[name]
    ufunc = getattr(np, numpy_name(name))
    numbers = [1.3] if name == "acosh" else [0.3, 0.7][: row.arity]
    leaves = [Value(number) for number in numbers]
    for result in (ufunc(*leaves), ufunc(*([leaf] for leaf in leaves))[0]):
        assert type(result) is Value
        assert result.data == row(*numbers)
        assert ag.gradients(result, leaves) == ag.gradients(row(*leaves), leaves)
    with pytest.raises(TypeError, match=r"array of shape \(3,\)"):
        np.ones(3) * leaves[0]


def test_numpy_functions_of_lists_of_values() -> None:
    v, w = Value(0.5), Value(0.25)
    angles = np.arctan([v, w])
    assert [angle.data for angle in angles] == [math.atan(0.5), math.atan(0.25)]
    assert np.sin(v).primitive is ag.sin
    assert np.arctan2(v, w).data == math.atan2(0.5, 0.25)
    assert v.logaddexp(w).data == ag.logaddexp(0.5, 0.25)  # np.logaddexp itself takes no objects
    with pytest.raises(TypeError, match=r"Use autograd_lite\.erf, or"):
        math.erf(v)
    assert np.ceil(v).primitive is ag.ceil  # NumPy asks `math`, and `math` the Value
    assert v.arcsin().data == math.asin(0.5)
    assert np.floor([v, w])[1].primitive is ag.floor


def test_methods_are_made_from_the_table_alone() -> None:
    called = [
        row for row in TABLE.values() if row.public and isinstance(row, Unary | Binary) and row.symbol.startswith(f"{row.name}(")
    ]
    assert len(called) >= 35
    for row in called:
        assert callable(getattr(Value, numpy_name(row.name)))


# ---- counts, truth values, small whole numbers -----------------------------------------------------------------------------------


def test_counts_are_whole_numbers_of_any_type() -> None:
    from autograd_lite.nn import MLP, Layer, Neuron

    model = MLP(np.int64(2), np.array([4, 1]), seed=0)
    assert repr(model) == repr(MLP(2, [4, 1], seed=0)) == "MLP(2 -> 4 tanh -> 1 linear, 17 parameters)"
    assert repr(Layer(np.uint8(2), np.int32(3))) == repr(Layer(2, 3))
    assert len(Neuron(np.array(3)).w) == 3
    assert ag.derivative(ag.square, np.int64(2))(3.0) == 2.0
    for wrong in (2.0, True, np.bool_(True), "2", None, np.array([2, 3])):
        with pytest.raises(TypeError, match="n_inputs must be a whole number, got"):
            Neuron(wrong)
    with pytest.raises(ValueError, match="n_inputs must be at least 1, got 0"):
        Neuron(np.int64(0))


def test_truth_values_of_numpy_are_labels_and_masks() -> None:
    p, x = Value(0.25), Value(0.5)
    for true in (np.bool_(True), np.array(True), True):
        assert ag.binary_cross_entropy(p, true).data == ag.binary_cross_entropy(p, 1.0).data
        assert ag.binary_cross_entropy_with_logits([x, p], [true, not true]).data == pytest.approx(
            ag.binary_cross_entropy_with_logits([x, p], [1.0, 0.0]).data
        )
        assert ag.squared_error([p], np.array([true])).data == ag.squared_error([p], [1.0]).data
        assert ag.cross_entropy([x, p], true).data == ag.cross_entropy([x, p], 1).data
        assert ag.cross_entropy([x, p], [not true, true]).data == ag.cross_entropy([x, p], 1).data
        assert (true * x).data == (x * true).data == 0.5
        assert ag.where(true, x, p) is x
    assert ag.cross_entropy([x, p], np.array(1)).data == ag.cross_entropy([x, p], 1).data


@pytest.mark.filterwarnings("error")
def test_small_whole_numbers_do_not_wrap_around() -> None:
    three, five, twenty = np.uint8(3), np.uint8(5), np.uint8(20)
    assert ag.squared_error(three, five) == 2.0
    assert ag.squared_error(np.array([3, 1], np.uint8), np.array([5, 0], np.uint8), form="sum") == 5.0
    assert ag.hinge(five, np.int8(-1)) == 6.0
    assert ag.binary_cross_entropy_with_logits(five, np.uint8(0)) == ag.binary_cross_entropy_with_logits(5.0, 0.0)
    assert ag.cross_entropy(np.array([0, 200], np.uint8), 0) == ag.cross_entropy([0.0, 200.0], 0) == 200.0
    assert ag.square(twenty) == 400.0
    assert ag.square(np.array([20, 30], np.uint8)).tolist() == [400.0, 900.0]
    assert ag.product(np.array([20, 20], np.uint8)) == 400.0
    assert ag.variance(np.array([200, 100], np.uint8)) == 2500.0
    assert ag.log_sigmoid(five) == ag.log_sigmoid(5.0)
    assert ag.gelu(three) == ag.gelu(3.0)
    for name, function in ag.functions.scalar_functions().items():
        try:
            expected = function(2.0)
        except (TypeError, ArithmeticError, ValueError):
            continue
        assert function(np.uint8(2)) == pytest.approx(expected, rel=1e-15), name


def test_long_doubles_compare_to_a_bool() -> None:
    v, three = Value(2.0), np.longdouble(3)
    answers = (v == three, v != three, v < three, v <= three, v > three, v >= three)
    assert answers == (False, True, True, True, False, False)
    assert all(type(answer) is bool for answer in answers)
    assert (three > v) is True


# ---- text --------------------------------------------------------------------------------------------------------------------


def test_repr_is_short_at_any_depth() -> None:
    x = Value(0.1, label="x")
    for _ in range(10_000):
        x = x * 1.0
    assert repr(x) == "Value(data=0.1, grad=0.0)"
    assert repr(Value(0.1, label="x")) == "Value(data=0.1, grad=0.0, label='x')"
    assert f"{Value(0.125):.2f}" == "0.12"
    assert f"{constant(1)}" == "constant(1.0)"


def test_a_nan_that_came_in_is_carried_through_a_sum_also_beside_infinities() -> None:
    for numbers in ([math.nan, math.inf, -math.inf], [math.inf, -math.inf, math.nan]):
        assert math.isnan(ag.total(numbers)) and math.isnan(ag.total([Value(number) for number in numbers]).data)
    with pytest.raises(ag.DomainError):
        ag.total([math.inf, -math.inf])
