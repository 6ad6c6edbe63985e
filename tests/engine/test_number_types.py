"""Functions answer in kind: floats for numbers, arrays for arrays, complex for complex, Values for Values.

How accurate each kind is, `test_accuracy.py` measures; here is what is accepted, what is refused, and what comes out.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine import mathematics, number_types
from autograd_lite.engine.number_types import number_type_of
from autograd_lite.engine.primitive import Interval, Nary
from autograd_lite.engine.primitives import TABLE

PUBLIC = [name for name, row in TABLE.items() if row.public]


def _inside(interval: Interval, index: int) -> float:
    """A number well inside an interval, not the same for every operand."""
    low, high = max(interval.low, -3.0), min(interval.high, 3.0)
    return low + (high - low) * (0.63 + 0.07 * index)


def _operands(row: Any, count: int | None = None) -> list[float]:
    count = count or row.arity or row.counts[-1]
    return [_inside(row.domain[min(i, len(row.domain) - 1)], i) for i in range(count)]


def _call(row: Any, operands: list[Any]) -> Any:
    """The row called as a user calls it."""
    if row.arity is not None:
        return row(*operands)
    if row.parameters == Nary.parameters:
        return row(operands)
    half = len(operands) // 2  # dot: bias, weights, inputs
    return row(operands[1 : 1 + half], operands[1 + half :], operands[0])


# ---- what comes out ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("convert", [float, Fraction, np.float64, lambda x: np.array(x)[()], lambda x: np.asarray(x)])
def test_real_numbers_give_a_number(name: str, convert: Callable[[float], Any]) -> None:
    row, numbers = TABLE[name], _operands(TABLE[name])
    expected = _call(row, numbers)
    assert type(expected) is float
    answer = _call(row, [convert(x) for x in numbers])
    assert isinstance(answer, float)
    assert answer == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", PUBLIC)
def test_whole_numbers_and_truth_values_give_a_float(name: str) -> None:
    row = TABLE[name]
    for number in (1, True, np.int64(1), np.bool_(True)):
        operands = [number] * len(_operands(row))
        try:
            expected = _call(row, [1.0] * len(operands))
        except ArithmeticError:
            with pytest.raises(ArithmeticError):
                _call(row, [1] * len(operands))
            continue
        answer = _call(row, operands)
        assert isinstance(answer, float)
        assert answer == pytest.approx(expected, rel=1e-15)
        assert type(_call(row, [1] * len(operands))) is float


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arrays_give_arrays_of_their_dtype_and_shape(name: str, dtype: Any) -> None:
    row, numbers = TABLE[name], _operands(TABLE[name])
    arrays = [np.full((2, 3), x, dtype=dtype) for x in numbers]
    answer = _call(row, arrays)
    assert isinstance(answer, np.ndarray)
    assert (answer.dtype, answer.shape) == (dtype, (2, 3))
    assert answer == pytest.approx(_call(row, numbers), rel=1e-12 if dtype is np.float64 else 1e-4)
    assert _call(row, [x.astype(dtype) for x in np.array(numbers).reshape(-1, 1, 1)]).shape == (1, 1)


@pytest.mark.parametrize("name", PUBLIC)
def test_arrays_mix_with_numbers_and_each_other_by_broadcasting(name: str) -> None:
    row, numbers = TABLE[name], _operands(TABLE[name])
    for index in range(len(numbers)):
        mixed: list[Any] = list(numbers)
        mixed[index] = np.array([[numbers[index]], [numbers[index]]], dtype=np.float32)
        answer = _call(row, mixed)
        assert (answer.shape, answer.dtype) == ((2, 1), np.float32)
    if len(numbers) > 1:
        mixed[0] = np.full(3, numbers[0])
        assert _call(row, mixed).shape == (2, 3)


def test_integer_arrays_are_computed_in_floats() -> None:
    for function in (ag.exp, ag.relu, ag.negate, ag.square):
        assert function(np.array([1, 2])).tolist() == [function(1.0), function(2.0)]
    assert ag.exp(np.array([1, 2])).dtype == np.float64
    assert ag.sigmoid(np.array([True, False])).tolist() == [ag.sigmoid(1.0), 0.5]


@pytest.mark.parametrize("name", PUBLIC)
def test_mpmath_numbers_keep_their_digits(name: str) -> None:
    """Called as users call it, at the precision of the moment, even after another one."""
    row, numbers = TABLE[name], _operands(TABLE[name])
    for digits in (30, 60):
        with mpmath.workdps(digits):
            answer = _call(row, [mpmath.mpf(x) for x in numbers])
            assert type(answer).__name__ == "mpf"
        with mpmath.workdps(digits + 20):
            exact = _call(row, [mpmath.mpf(x) for x in numbers])
            assert abs(answer - exact) <= abs(exact) * mpmath.mpf(10) ** (3 - digits) + mpmath.mpf(10) ** -digits


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if name not in ("erf", "erfc", "erfinv", "norm_cdf", "norm_ppf", "log_ndtr")]
)
def test_complex_numbers_continue_the_real_ones(name: str) -> None:
    row, numbers = TABLE[name], _operands(TABLE[name])
    answer = complex(_call(row, [complex(x, 0.0) for x in numbers]))
    assert answer.real == pytest.approx(_call(row, numbers), rel=1e-13)
    assert answer.imag == pytest.approx(0.0, abs=1e-13)


def test_what_complex_numbers_cannot_do_is_said() -> None:
    with pytest.raises(
        TypeError, match=r"^erf is not available for complex numbers; use mpmath's, as in erf\(mpmath\.mpc\(1\.0, 2\.0\)\)"
    ):
        ag.erf(1 + 2j)


@pytest.mark.parametrize("name", PUBLIC)
def test_values_mix_with_numbers(name: str) -> None:
    row, numbers = TABLE[name], _operands(TABLE[name])
    expected = _call(row, numbers)
    for index in range(len(numbers)):
        operands: list[Any] = list(numbers)
        operands[index] = Value(numbers[index])
        answer = _call(row, operands)
        assert type(answer) is Value
        assert answer.data.hex() == expected.hex()
        assert [operand.requires_grad for operand in answer.operands] == [i == index for i in range(len(numbers))]


COMPOSED = [name for name in ag.functions.__all__ if name not in ("where", "scalar_functions", "det", "solve")]
VECTORS = {"entropy", "log_softmax", "mean", "norm", "product", "softmax", "softmin", "variance"}
MORE = {"beta": lambda x: ag.beta(x, x), "polygamma": lambda x: ag.polygamma(2, x)}


@pytest.mark.parametrize("name", COMPOSED)
def test_composed_functions_answer_in_kind_too(name: str) -> None:
    function: Any = MORE.get(name, getattr(ag, name))
    numbers = [0.3, 0.7]

    def call(convert: Callable[[float], Any]) -> list[Any]:
        answer = function([convert(x) for x in numbers]) if name in VECTORS else function(convert(numbers[1]))
        return answer if isinstance(answer, list) else [answer]

    floats = call(float)
    assert {type(x) for x in floats} == {float}
    assert {type(x) for x in call(Value)} == {Value}
    assert [x.data for x in call(Value)] == floats
    for dtype, digits in ((np.float64, 1e-14), (np.float32, 1e-5)):
        arrays = call(lambda x: np.array([x, x], dtype=dtype))  # noqa: B023 - called at once
        assert {(x.dtype, x.shape) for x in arrays} == {(np.dtype(dtype), (2,))}
        assert [x[0] for x in arrays] == pytest.approx(floats, rel=digits)
    with mpmath.workdps(40):
        assert {type(x).__name__ for x in call(mpmath.mpf)} == {"mpf"}
    if name not in ("gelu", "elu", "leaky_relu"):  # erfc is not there for complex numbers, `>` not defined on them
        assert [complex(x).real for x in call(complex)] == pytest.approx(floats, rel=1e-14)


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_vector_functions_of_nothing_say_so(name: str) -> None:
    if name == "product":
        assert ag.product([]) == 1.0
        return
    with pytest.raises(
        ValueError, match=rf"^{'variance' if name == 'variance' else name}.* (requires at least one|requires more than)"
    ):
        getattr(ag, name)([])


# ---- where -------------------------------------------------------------------------------------------------------------------


def test_where_on_arrays_chooses_element_by_element() -> None:
    x = np.array([-1.0, 0.5, 4.0])
    assert ag.where(x > 0, x, 0.0).tolist() == [0.0, 0.5, 4.0]
    assert ag.where(x > 0, lambda: np.sqrt(x), lambda: -x).tolist() == [1.0, math.sqrt(0.5), 2.0]
    assert ag.leaky_relu(x, 0.1).tolist() == pytest.approx([-0.1, 0.5, 4.0])
    assert ag.elu(np.array([-1e-20, 1.0])).tolist() == [-1e-20, 1.0]


def test_where_on_numbers_calls_only_the_branch_taken() -> None:
    called: list[str] = []
    ag.where(True, lambda: called.append("x"), lambda: called.append("y"))
    ag.where(np.bool_(False), lambda: called.append("x"), lambda: called.append("y"))
    assert called == ["x", "y"]
    assert ag.where(1.0 < 2.0, 3, 4) == 3


def test_where_of_one_element_arrays_and_of_values() -> None:
    v = Value(2.0)
    assert ag.where(v, 1.0, 0.0) == 1.0
    assert ag.where(np.array([True, False]), 1.0, np.array([2.0, 3.0])).tolist() == [1.0, 3.0]
    assert ag.where(np.array(True), 1.0, 0.0) == 1.0


# ---- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("stranger", ["1", None, [1.0], (1.0,), {}, b"1", object(), np.array(["a"])])
def test_strangers_are_refused_by_name(name: str, stranger: Any) -> None:
    row = TABLE[name]
    operands: list[Any] = _operands(row)
    operands[-1] = stranger
    message = (
        rf"^{name} takes real numbers, Values, NumPy arrays of numbers, complex or mpmath numbers of one kind at a time; got .*"
    )
    with pytest.raises(TypeError, match=message + type(stranger).__name__):
        _call(row, operands)
    if len(operands) > 1:
        operands[0] = Value(operands[0])
        with pytest.raises(TypeError, match="a Value holds one"):
            _call(row, operands)


@pytest.mark.parametrize(
    ("x", "y", "kinds"),
    [(1j, np.ones(2), "complex, ndarray"), (mpmath.mpf(1), np.ones(2), "mpf, ndarray"), (mpmath.mpf(1), 1j, "complex, mpf")],
)
def test_number_types_do_not_mix(x: Any, y: Any, kinds: str) -> None:
    for operands in ((x, y), (y, x)):
        with pytest.raises(TypeError, match=rf"^hypot takes .* of one kind at a time; got {kinds}$"):
            ag.hypot(*operands)
        with pytest.raises(TypeError, match=rf"^total takes .* of one kind at a time; got {kinds}$"):
            ag.total(list(operands))


def test_number_types_by_name() -> None:
    assert number_type_of([1, True, Fraction(1)]) == "floats"
    assert number_type_of([1.0, np.ones(2), np.float32(1)]) == "arrays"
    assert number_type_of([1, 1j]) == "complex"
    assert number_type_of([1, mpmath.mpf(1)]) == "mpmath"
    assert number_type_of(["1"]) is None
    assert number_type_of([np.array([1j])]) is None
    assert number_type_of([]) == "floats"


def test_wrong_numbers_of_operands() -> None:
    with pytest.raises(ValueError, match=r"^dot needs as many weights as inputs, got 2 weights and 1 inputs$"):
        ag.dot([1.0, 2.0], [3.0])
    with pytest.raises(TypeError):
        ag.sin(1.0, 2.0)  # type: ignore[call-overload]
    assert ag.total([]) == 0.0
    assert ag.dot([], []) == 0.0
    assert ag.dot([], [], bias=2.0) == 2.0
    with pytest.raises(ValueError, match=r"^`logsumexp\(\)` is not defined of no operands"):
        ag.logsumexp([])


def test_the_forms_of_other_numbers_are_of_functions_that_there_are() -> None:
    """One place says how each number type computes a function of `mathematics`: the table of forms."""
    listed = set(number_types._FORMS) | set(number_types._MPMATH_CONSTANTS)
    assert listed <= set(mathematics.__all__)
    for kind in ("arrays", "complex", "mpmath"):
        assert set(number_types._basics(kind)) <= listed
