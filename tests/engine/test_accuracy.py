"""The promise of accuracy: every primitive of the table against its independent oracle, on every kind of number.

At ordinary points the relative error is at most 1e-15, in the tails at most 4e-13, for the value and for every partial.
"""

import math
import sys
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_lite.engine.number_types import evaluate, rules_on
from autograd_lite.engine.primitive import Nary, Unary
from autograd_lite.engine.primitives import TABLE
from tests import accuracy_table, oracle, points
from tests.accuracy_table import (
    ORDINARY_PROMISE,
    TAIL_PROMISE,
    forward,
    forward_or_overflow,
    partial_errors,
    partials,
    relative_error,
    slope_scale,
    value_error,
    value_scale,
    worst_errors,
)
from tests.samples import FULL

pytestmark = pytest.mark.filterwarnings("error")
every_primitive = pytest.mark.parametrize("name", TABLE)
every_public_primitive = pytest.mark.parametrize("name", [name for name, primitive in TABLE.items() if primitive.public])


# ---- floats ------------------------------------------------------------------------------------------------------------------


@every_primitive
def test_values_and_partials_keep_the_promise_at_ordinary_points_and_in_the_tails(name: str) -> None:
    for quantity, (error, operands) in worst_errors(name).items():
        promise = TAIL_PROMISE if quantity.endswith("tail") else ORDINARY_PROMISE
        assert error <= promise, f"{quantity} of {name} at {operands} has a relative error of {error:.2g}"


@every_primitive
def test_a_value_is_off_by_the_roundings_that_its_row_allows(name: str) -> None:
    for quantity in ("value", "value tail"):
        error, operands = worst_errors(name)[quantity]
        allowed = TABLE[name].roundings
        assert error <= allowed * 2.0**-53, f"{name} at {operands} is off by {error * 2.0**53:.2f} roundings, and says {allowed}"


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("tanh", (20.0,)),
        ("tanh", (300.0,)),
        ("sigmoid", (40.0,)),
        ("sigmoid", (700.0,)),
        ("sigmoid", (-700.0,)),
        ("hypot", (1e200, 2e200)),
        ("hypot", (1e-200, 2e-200)),
        ("atan2", (1e200, 2e200)),
        ("atan2", (1e-200, 2e-200)),
        ("divide", (1e-200, 1e-200)),
        ("logaddexp", (800.0, 0.0)),
        ("logaddexp", (0.0, 800.0)),
        ("logaddexp", (1e-3, -700.0)),
        ("logsumexp", (0.0, -800.0, 800.0)),
        ("expm1", (-40.0,)),
        ("erfc", (25.0,)),
        ("acosh", (1.0 + 1e-15,)),
        ("atan", (1e150,)),
        ("power", (1e-10, 1.0 + 1e-10)),
    ],
)
def test_the_points_where_other_libraries_lose_digits_are_right_to_the_last(name: str, operands: tuple[float, ...]) -> None:
    assert value_error(TABLE[name], operands) <= ORDINARY_PROMISE
    assert max(partial_errors(TABLE[name], operands)) <= ORDINARY_PROMISE


@every_primitive
@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_any_point_of_the_domain_keeps_the_promise_of_the_tails(name: str, data: st.DataObject) -> None:
    primitive = TABLE[name]
    operands = data.draw(points.points(primitive))
    if points.is_conventional(primitive, operands):
        return
    assert value_error(primitive, operands) <= TAIL_PROMISE
    assert max(partial_errors(primitive, operands)) <= TAIL_PROMISE


@every_primitive
def test_partials_at_special_points_are_exactly_the_conventions_of_the_table(name: str) -> None:
    for special in TABLE[name].special_points:
        out = forward(TABLE[name], special.operands)
        assert tuple(partials(TABLE[name], special.operands, out)) == special.partials, f"{name} at {special.operands}"


def test_a_negative_base_has_a_value_and_a_slope_at_whole_exponents() -> None:
    power = TABLE["power"]
    for x, y in [(-2.0, 3.0), (-0.5, -2.0), (-1e-100, 3.0), (-3.0, 1.0), (-3.0, 0.0)]:
        with mp.workdps(60):
            assert relative_error(power.forward(x, y), mpf(x) ** int(y)) <= ORDINARY_PROMISE
            assert relative_error(power.dx(x, y, x**y), y * mpf(x) ** (int(y) - 1)) <= ORDINARY_PROMISE


def test_a_sum_that_overflows_only_on_the_way_is_exact() -> None:
    assert TABLE["total"].forward([1e308, 1e308, -1e308, -1e308, 5e-324]) == 5e-324
    with pytest.raises(OverflowError):
        TABLE["total"].forward([1e308, 1e308])


# ---- the oracle and the sample points themselves -----------------------------------------------------------------------------


class MadeUp(Unary):
    """A primitive that nobody has written a reference value for."""

    def forward(self, x: float) -> float:
        return x

    def dx(self, x: float, out: float) -> float:
        return 1.0


def test_a_primitive_without_a_reference_value_is_refused_with_what_to_do() -> None:
    with pytest.raises(LookupError, match=r"primitive `madeup` has no reference value: .* VALUES in tests/oracle.py"):
        value_error(MadeUp(), (1.0,))


def test_every_reference_value_belongs_to_a_primitive() -> None:
    assert set(oracle.VALUES) == set(TABLE)


@pytest.mark.parametrize(
    ("name", "x", "wrong"),
    [
        ("tanh", 20.0, lambda x, out: 1.0 - out * out),
        ("sigmoid", 40.0, lambda x, out: out * (1.0 - out)),
        ("atan", 2.0, lambda x, out: 1.0 / (1.0 + x * x * x)),
        ("log", 3.0, lambda x, out: 1.0 / x * (1.0 + 1e-14)),
    ],
)
def test_a_rule_that_loses_digits_or_is_wrong_is_noticed(name: str, x: float, wrong: Any) -> None:
    class Wrong(Unary):
        def forward(self, x: float) -> float:
            return TABLE[name].forward(x)

        def dx(self, x: float, out: float) -> float:
            return wrong(x, out)

    row = Wrong()
    row.name = name
    assert partial_errors(TABLE[name], (x,)) <= [ORDINARY_PROMISE]
    assert partial_errors(row, (x,))[0] > ORDINARY_PROMISE


@every_primitive
def test_sample_points_lie_inside_the_domain_and_are_the_same_every_time(name: str) -> None:
    primitive = TABLE[name]
    for sample in (points.ordinary, points.tails):
        drawn = sample(primitive)
        assert len(drawn) >= 20
        assert drawn == sample(primitive)
        for operands in drawn:
            assert points.is_inside(primitive, operands)


# ---- exceptions --------------------------------------------------------------------------------------------------------------


@every_public_primitive
def test_operands_outside_the_domain_raise(name: str) -> None:
    for operands in points.outside(TABLE[name]):
        with pytest.raises((ValueError, ZeroDivisionError)):
            forward(TABLE[name], operands)


@every_primitive
def test_operands_inside_the_domain_raise_only_where_the_result_is_out_of_range(name: str) -> None:
    primitive = TABLE[name]
    for operands in points.ordinary(primitive) + points.tails(primitive):
        try:
            out = forward(primitive, operands)
        except OverflowError:
            assert abs(oracle.value(primitive, operands)) > sys.float_info.max
        else:
            partials(primitive, operands, out)


_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, 1e308, -1e308, 5e-324, 710.0, -746.0)
_IN_MATH = [name for name, primitive in TABLE.items() if callable(getattr(math, name, None)) and not isinstance(primitive, Nary)]


@pytest.mark.parametrize("name", _IN_MATH)
def test_finite_operands_answer_or_raise_as_the_math_module(name: str) -> None:
    for operands in _special_operands(name, _SPECIAL):
        assert _outcome(TABLE[name].forward, operands) == _outcome(getattr(math, name), operands), f"{name}{operands}"


@pytest.mark.parametrize("name", _IN_MATH)
def test_infinite_and_missing_operands_raise_only_where_the_math_module_does(name: str) -> None:
    for operands in _special_operands(name, (math.inf, -math.inf, math.nan, 1.0)):
        ours, theirs = (_outcome(function, operands) for function in (TABLE[name].forward, getattr(math, name)))
        assert ours == theirs or theirs in (ValueError, OverflowError), f"{name}{operands}"


def _special_operands(name: str, numbers: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
    if isinstance(TABLE[name], Unary):
        return ((x,) for x in numbers)
    return ((x, y) for x in numbers for y in numbers)


def _outcome(function: Any, operands: tuple[float, ...]) -> Any:
    try:
        return repr(float(function(*operands)))
    except (ArithmeticError, ValueError) as error:
        return type(error)


# ---- arrays ------------------------------------------------------------------------------------------------------------------

_FLOAT32 = numpy.finfo(numpy.float32)


def _columns(name: str, sample: list[points.Point], dtype: Any = float) -> Iterator[tuple[list[points.Point], list[Any]]]:
    """The points by number of operands and by member of a family, each with its variables as arrays."""

    def split(operands: points.Point) -> tuple[int, points.Point]:
        count = points.variables(TABLE[name], operands)
        return count, operands[count:]

    for count, member in sorted(set(map(split, sample))):
        rows = [operands for operands in sample if split(operands) == (count, member)]
        yield rows, [*(numpy.array(column, dtype) for column in list(zip(*rows, strict=True))[:count]), *member]


def _on_arrays(name: str, columns: list[Any]) -> Any:
    return evaluate(TABLE[name], columns)


def _partials_on_arrays(name: str, columns: list[Any], out: Any) -> list[Any]:
    with numpy.errstate(all="ignore"):
        given = partials(rules_on("arrays")[name], columns, out)
    return [numpy.broadcast_to(partial, numpy.shape(out)) for partial in given]


def _ulps_apart(got: Any, expected: Any, smallest: float = sys.float_info.min) -> Any:
    """How many units in the last place lie between; 0 for the same infinity and for two results below the smallest float."""
    same = (got == expected) | ((got != got) & (expected != expected)) | ((abs(got) <= smallest) & (abs(expected) <= smallest))
    with numpy.errstate(all="ignore"):
        ulp = numpy.spacing(numpy.where(numpy.isfinite(expected), abs(expected), 1.0))
        return numpy.where(same, 0.0, abs(got - expected) / ulp)


@every_primitive
def test_arrays_agree_with_floats_within_four_ulps(name: str) -> None:
    primitive = TABLE[name]
    for rows, columns in _columns(name, points.ordinary(primitive) + points.tails(primitive)):
        value = _on_arrays(name, columns)
        assert value.dtype == float
        expected = numpy.array([forward_or_overflow(primitive, operands) for operands in rows])
        apart = _ulps_apart(value, expected)
        scale = numpy.array([float(value_scale(primitive, operands) or 0.0) for operands in rows])
        with numpy.errstate(invalid="ignore"):
            loose = primitive.cancels & ((abs(value - expected) <= 4e-16 * scale) | (scale == math.inf))
        worst = int(numpy.argmax(numpy.where(loose, 0.0, apart)))
        assert loose[worst] or apart[worst] <= 4.0, f"{name} at {rows[worst]}"


@every_primitive
def test_partials_on_arrays_agree_with_floats_within_eight_ulps(name: str) -> None:
    primitive = TABLE[name]
    for rows, columns in _columns(name, points.ordinary(primitive) + points.tails(primitive)):
        outs = [forward_or_overflow(primitive, operands) for operands in rows]
        given = _partials_on_arrays(name, columns, numpy.array(outs))
        for row, (operands, out) in enumerate(zip(rows, outs, strict=True)):
            if math.isinf(out):
                continue
            for got, expected in zip(given, partials(primitive, operands, out), strict=True):
                assert _ulps_apart(got[row], expected) <= 8.0, f"{name} at {operands}"


@every_primitive
def test_float32_arrays_stay_float32_and_are_right_to_a_few_of_their_ulps(name: str) -> None:
    primitive = TABLE[name]
    for rows, columns in _columns(name, _in_float32(primitive), numpy.float32):
        value = _on_arrays(name, columns)
        assert value.dtype == numpy.float32
        given = _partials_on_arrays(name, columns, value)
        for row, operands in enumerate(rows):
            exact = [(value[row], *[oracle.value(primitive, operands)] * 2, value_scale(primitive, operands))]
            for i in range(len(given)):
                scale = slope_scale(primitive, operands, i) if primitive.name in accuracy_table.OSCILLATING else None
                exact.append((given[i][row], *oracle.slopes(primitive, operands, i), scale))
            for got, left, right, scale in exact:
                if left == right and _is_normal_in_float32(left):
                    assert relative_error(float(got), left, scale) <= 1e-6, f"{name} at {operands}"


def _in_float32(primitive: Any) -> list[points.Point]:
    """The sample points rounded to float32, by default every third, without those that leave its range or the domain."""
    sample = points.ordinary(primitive) + points.tails(primitive)
    with numpy.errstate(all="ignore"):
        rounded = [tuple(float(numpy.float32(x)) for x in operands) for operands in sample[:: 1 if FULL else 3]]
    return [operands for operands in rounded if all(map(_is_normal_in_float32, operands)) and points.is_inside(primitive, operands)]


def _is_normal_in_float32(x: float) -> bool:
    return x == 0.0 or float(_FLOAT32.tiny) <= abs(x) <= float(_FLOAT32.max)


@every_primitive
def test_arrays_outside_the_domain_give_nan_or_inf_without_a_warning(name: str) -> None:
    outside = points.outside(TABLE[name])
    for _, columns in _columns(name, outside):
        value = _on_arrays(name, columns)
        assert not TABLE[name].public or not numpy.isfinite(value).any()


@every_primitive
def test_special_points_on_arrays_are_the_conventions_of_the_table(name: str) -> None:
    for special in TABLE[name].special_points:
        columns = [numpy.array([x]) for x in special.operands]
        given = _partials_on_arrays(name, columns, _on_arrays(name, columns))
        assert tuple(float(partial[0]) for partial in given) == special.partials, f"{name} at {special.operands}"


# ---- complex and mpmath numbers ----------------------------------------------------------------------------------------------


@every_primitive
def test_complex_steps_give_the_partials(name: str) -> None:
    primitive, rule = TABLE[name], rules_on("complex")[name]
    for operands in points.ordinary(primitive):
        count = points.variables(primitive, operands)
        for index in range(count):
            moved = [complex(x, 1e-20 if i == index else 0.0) for i, x in enumerate(operands[:count])] + [*operands[count:]]
            try:
                step = forward(rule, moved)
            except TypeError:  # erf and erfc say so themselves
                pytest.skip(f"{name} is not available for complex numbers")
            left, right = oracle.slopes(primitive, operands, index)
            if abs(left - right) <= 1e-30 * abs(left):
                scale = slope_scale(primitive, operands, index)
                assert relative_error(complex(step).imag / 1e-20, left, scale) <= 4e-15, f"{name} at {operands}"


@pytest.mark.parametrize("name", ["erf", "erfc", "gaussian", "sigmoid", "cbrt", "tanh", "softplus", "abs", "logaddexp"])
def test_complex_steps_of_mpmath_numbers_give_the_partials(name: str) -> None:
    primitive: Any = TABLE[name]
    for operands in points.ordinary(primitive)[:8]:
        with mp.workdps(40):
            step = primitive(mpmath.mpc(operands[0], "1e-30"), *map(mpf, operands[1:])).imag / mpf("1e-30")
        left, right = oracle.slopes(primitive, operands, 0)
        assert left != right or relative_error(float(step), left) <= ORDINARY_PROMISE


@every_primitive
def test_fifty_digit_numbers_give_fifty_digits(name: str) -> None:
    primitive = TABLE[name]
    with mp.workdps(50):
        rule = rules_on("mpmath")[name]
        for operands in points.ordinary(primitive)[::2] + points.tails(primitive)[::4]:
            if max(map(abs, operands)) > 1e150 or abs(oracle.value(primitive, operands)) > mpf(10) ** 400:
                continue  # mpmath itself gives up there, as in erfc(1e200)
            count = points.variables(primitive, operands)
            numbers = [*map(mpf, operands[:count]), *operands[count:]]
            out = forward(rule, numbers)
            scale = value_scale(primitive, operands) or 0
            _assert_digits(out, oracle.value(primitive, operands), scale, f"{name} at {operands}")
            for index, got in enumerate(partials(rule, numbers, out)):
                left, right = oracle.slopes(primitive, operands, index)
                if abs(left - right) <= mpf("1e-50") * abs(left):
                    _assert_digits(mpf(got), left, 0, f"partial {index} of {name} at {operands}")


def _assert_digits(got: Any, exact: Any, scale: Any, where: str) -> None:
    # Below 1e-300 the oracle's differences need not resolve the slope.
    assert abs(got - exact) <= mpf("1e-45") * max(abs(exact), scale) + mpmath.mpf("1e-345"), where


# ---- the page ----------------------------------------------------------------------------------------------------------------


def test_the_page_of_primitives_is_up_to_date() -> None:
    assert list(accuracy_table.differences(accuracy_table.PAGE.read_text(), accuracy_table.page())) == []


def test_a_page_with_another_domain_or_an_error_beyond_the_promise_is_noticed() -> None:
    page = accuracy_table.page()
    row = next(line for line in page.splitlines() if line.startswith("| `log` "))
    assert list(accuracy_table.differences(page.replace(row, row.replace("(0, inf)", "[0, inf)")), page))
    cells = row.split(" | ")
    assert list(accuracy_table.differences(page.replace(row, " | ".join([*cells[:-4], "11.0", *cells[-3:]])), page))
    assert not list(accuracy_table.differences(page.replace(row, " | ".join([*cells[:-4], "9.0", *cells[-3:]])), page))


def test_the_command_checks_the_page_in_the_repository() -> None:
    shown: list[str] = []
    assert accuracy_table.main(["--check"], shown.append) == 0
    assert shown == ["primitives.md is up to date"]
