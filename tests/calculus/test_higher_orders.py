"""Second and third derivatives: right inside and at the edges of every function, or the convention that the table names."""

import itertools
import math
import sys
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import OperationError, derivative, hessian, hvp
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program import trace
from tests import derivatives, oracle
from tests.accuracy_table import COMPOSED_EDGES
from tests.higher_orders import FUNCTIONS, NUMBERS, Function, Orders, Point, cases, expected, found, partials
from tests.points import ordinary

_HUGE, _SMALL = sys.float_info.max, 1e-300
_DIGITS = 4e-13
# Where an operand is infinite, these meet inf - inf or inf * 0 and say nan, as IEEE 754 does.
IEEE = {"gelu", "silu", "mish", "variance", "softmax", "log_softmax", "norm", "log_ndtr"}


# ---- the whole survey --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_derivative_up_to_the_third_is_right_or_a_convention(name: str) -> None:
    function = FUNCTIONS[name]
    asked = 0
    for point, orders in cases(function):
        if (any(map(math.isinf, point)) and name in IEEE) or not _has_value(function, point):
            continue
        asked += 1
        fault = _fault(function, point, orders)
        assert fault is None, f"{name}, differentiated {orders} times at {point}, is {fault}"
    assert asked >= 15


def _has_value(function: Function, point: Point) -> bool:
    try:
        return not math.isnan(function.on_values(*point))
    except OperationError:
        return False


def _fault(function: Function, point: Point, orders: Orders) -> str | None:
    """What is wrong with the engine's derivative; None where it is right."""
    right = expected(function, point, orders)
    try:
        got = found(function, point, orders)
    except OperationError as error:
        return None if right is not None and abs(right) > _HUGE else f"an error: {error}"
    if right is None:
        return _unconventional(function, point, orders, got)
    if abs(right) > _HUGE:
        # What two operands make of numbers beyond the largest float is not a number, at worst.
        fine = got == math.copysign(math.inf, right) or (math.isnan(got) and len(point) > 1 and math.isfinite(right))
    else:
        error = abs(got - right) if math.isfinite(got) else math.inf
        fine = error <= max(_DIGITS * abs(right), _SMALL) or error <= _rounding(function, point, orders)
    return None if fine else f"{got!r}, not {float(right)!r}"


def _rounding(function: Function, point: Point, orders: Orders) -> float:
    """How much of a derivative may be lost where it passes through 0: digits of those of lower order, per unit of the operands."""
    lower = [each for each in itertools.product(*(range(order + 1) for order in orders)) if 0 < sum(each) < sum(orders)]
    slopes = [expected(function, point, each) for each in lower]
    sizes = [float(abs(slope)) for slope in slopes if slope is not None and abs(slope) < _HUGE]
    return 4e-15 * max([function.scale, *sizes]) / max([1.0, *(abs(x) for x in point if math.isfinite(x))])


def _unconventional(function: Function, point: Point, orders: Orders, got: float) -> str | None:
    if any(map(math.isinf, point)):
        return None  # no limit, and no convention is needed for what no computation needs
    if function.name in TABLE:
        given = [special for special in TABLE[function.name].special_points if special.operands == point]
        return None if given else f"{got!r}, where no limit exists and the table names no convention"
    return None if (function.name, *point) in COMPOSED_EDGES else f"{got!r}, where no limit exists and the page names no convention"


# ---- the conventions of the table ----------------------------------------------------------------------------------------------


SPECIAL_POINTS = [
    pytest.param(row, special, id=f"{name}{special.operands}")
    for name, row in TABLE.items()
    if row.public
    for special in row.special_points
]


@pytest.mark.parametrize(("row", "special"), SPECIAL_POINTS)
def test_second_and_third_derivatives_at_special_points_are_those_of_the_table(row: Any, special: Any) -> None:
    count = len(special.operands)
    function = Function(row.name, row if row.arity else lambda *values: row(values), None, ())
    for order in (2, 3):
        asked = partials(count, order)
        named = special.higher[order - 2] if special.higher else (0.0,) * len(asked)
        assert [found(function, special.operands, orders) for orders in asked] == pytest.approx(list(named), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.public and not row.smooth])
def test_pieces_of_straight_lines_have_no_second_derivative(name: str) -> None:
    row: Any = TABLE[name]
    numbers = [x for x in NUMBERS if math.isfinite(x)] if row.arity == 1 else [-1.0, -0.0, 0.0, 0.5, 1.0, 3.0, 1e16]
    function = Function(name, row, None, ())
    for point in itertools.product(numbers, repeat=row.arity):
        if all(x in row.domain[min(i, len(row.domain) - 1)] for i, x in enumerate(point)):
            for orders in (*partials(row.arity, 2), *partials(row.arity, 3)):
                assert found(function, point, orders) == 0.0, (point, orders)


def test_the_slopes_of_a_choice_among_nan_are_nan() -> None:
    nan = math.nan
    assert math.isnan(derivative(ag.relu)(nan))
    assert math.isnan(derivative(ag.hard_tanh)(nan))
    for function in (ag.maximum, ag.minimum):
        for point in ((nan, 1.0), (1.0, nan), (nan, nan)):
            assert all(map(math.isnan, ag.grad(function)(*point)))
    for point in ((nan, 0.0, 1.0), (0.5, nan, 1.0), (0.5, 0.0, nan), (-1.0, 0.0, nan), (2.0, nan, 1.0)):
        assert math.isnan(ag.clamp(*point))
        assert all(map(math.isnan, ag.grad(ag.clamp)(*point)))


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.public and row.arity in (1, 2)])
def test_hessians_of_programs_are_those_of_eager(name: str) -> None:
    """The families of derivatives are what they are made of."""
    row: Any = TABLE[name]
    asked = ordinary(row)
    eager = [hessian(row)(*point) for point in asked]
    found_by_program = trace(row, *asked[len(asked) // 2]).hessian(numpy.array(asked))
    size = numpy.max(numpy.abs(eager), axis=(1, 2), keepdims=True)
    assert (numpy.abs(found_by_program - numpy.array(eager)) <= 1e-13 * size + 1e-300).all()


def test_programs_carry_nan_through_choices_as_eager_does() -> None:
    for function in (ag.relu, ag.hard_tanh, lambda x: ag.maximum(x, 1.0)):
        slopes = trace(function, 0.5).gradient(numpy.array([[math.nan], [2.0], [-2.0]]))[:, 0]
        assert list(slopes) == pytest.approx([ag.grad(function)(x) for x in (math.nan, 2.0, -2.0)], nan_ok=True)


# ---- reported --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "point", "right"),
    [
        (lambda x, y: x**y, (0.0, 3.0), [[0.0, 0.0], [0.0, 0.0]]),
        (lambda x, y: x**y, (0.0, 2.5), [[0.0, 0.0], [0.0, 0.0]]),
        (lambda x, y: x**y, (0.0, 2.0), [[2.0, 0.0], [0.0, 0.0]]),
        (lambda y: 0.0**y, (2.0,), [[0.0]]),
        (lambda v: ag.norm(v), ([0.0, 4.0],), [[0.25, 0.0], [0.0, 0.0]]),
        (lambda v: ag.norm(v), ([0.0, 0.0, 0.0, 5.0],), [[0.2, 0, 0, 0], [0, 0.2, 0, 0], [0, 0, 0.2, 0], [0, 0, 0, 0]]),
        (lambda v: ag.norm(v), ([0.0, 3.0, 4.0],), [[0.2, 0.0, 0.0], [0.0, 0.128, -0.096], [0.0, -0.096, 0.072]]),
        (ag.hypot, (0.0, -4.0), [[0.25, 0.0], [0.0, 0.0]]),
        (ag.hypot, (3.0, 4.0), [[0.128, -0.096], [-0.096, 0.072]]),
        (ag.hypot, (1e-8, 1.0), [[1.0, -1e-8], [-1e-8, 1e-16]]),
        (lambda v: ag.entropy(v), ([0.0, 1.0],), [[-math.inf, 0.0], [0.0, -1.0]]),
        (ag.xlogy, (0.0, 2.0), [[0.0, 0.5], [0.5, 0.0]]),
    ],
)
def test_hessians_at_edges(function: Any, point: tuple[Any, ...], right: list[list[float]]) -> None:
    rows = hessian(function)(*point)
    for row, exact in zip(rows, right, strict=True):
        assert row == pytest.approx(exact, rel=1e-15, abs=1e-300)
    program = trace(function, *_moved(point))
    for row, exact in zip(program.hessian(*map(numpy.array, point)), right, strict=True):
        assert list(row) == pytest.approx(exact, rel=1e-14, abs=1e-16)
    flat = point[0] if isinstance(point[0], list) else list(point)
    for i in range(len(flat)):
        if all(map(math.isfinite, right[i])):
            unit = [float(i == j) for j in range(len(flat))]
            shaped = unit if isinstance(point[0], list) else unit[0] if len(unit) == 1 else tuple(unit)
            product = hvp(function)(*point, vector=shaped)
            assert list(product if isinstance(product, list | tuple) else [product]) == pytest.approx(
                right[i], rel=1e-15, abs=1e-300
            )


def _moved(point: tuple[Any, ...]) -> tuple[Any, ...]:
    """A point beside the edge, where a program is traced."""
    return tuple([x + 0.125 for x in part] if isinstance(part, list) else part + 0.125 for part in point)


def test_softsign_keeps_its_digits_far_out() -> None:
    assert derivative(ag.softsign)(1e16) == 1e-32
    assert derivative(ag.softsign, 2)(1e8) == pytest.approx(-2e-24, rel=1e-7)
    assert ag.softsign(math.inf) == 1.0


def test_a_convention_is_one_of_the_row_and_not_of_what_is_built_on_it() -> None:
    """The square of the norm is smooth at 0, the norm is not: the page says so."""
    assert ag.grad(lambda v: ag.norm(v) ** 2)([0.0, 0.0]) == [0.0, 0.0]
    assert hessian(lambda v: ag.norm(v) ** 2)([0.0, 0.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda v: ag.total([x * x for x in v]))([0.0, 0.0]) == [[2.0, 0.0], [0.0, 2.0]]


@pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")
@pytest.mark.parametrize("name", sorted(IEEE))
def test_with_infinite_operands_a_derivative_is_right_or_nan(name: str) -> None:
    """And some are nan, or the name need not stand in the list."""
    function = FUNCTIONS[name]
    asked = [case for case in cases(function) if any(map(math.isinf, case[0]))]
    answers = [(case, found(function, *case)) for case in asked]
    assert any(math.isnan(answer) for _, answer in answers)
    for case, answer in answers:
        assert math.isnan(answer) or not _has_value(function, case[0]) or _fault(function, *case) is None, (case, answer)


# ---- the reference itself -----------------------------------------------------------------------------------------------------------


def test_the_reference_knows_a_wrong_derivative() -> None:
    wrong = Function("sqrt", lambda x: ag.sqrt(x) * 1.000001, oracle.VALUES["sqrt"], TABLE["sqrt"].domain)
    assert _fault(wrong, (2.0,), (2,)) is not None
    assert _fault(FUNCTIONS["sqrt"], (2.0,), (2,)) is None
    assert _fault(Function("abs", ag.abs, oracle.VALUES["abs"], TABLE["abs"].domain, ((1.0,),)), (1.0,), (1,)) is None


def test_limits_are_told_apart() -> None:
    right, left = (derivatives.limit(oracle.VALUES["cbrt"], (0.0,), (2,), 0, side) for side in (1, -1))
    assert (right, left) == (-math.inf, math.inf)
    assert derivatives.limit(oracle.VALUES["tanh"], (math.inf,), (2,), 0, 0) == 0
    assert derivatives.limit(oracle.VALUES["softplus"], (math.inf,), (1,), 0, 0) == 1
    assert derivatives.limit(oracle.VALUES["exp"], (math.inf,), (3,), 0, 0) == math.inf
    assert derivatives.limit(lambda x: x * oracle.mp.sin(1 / x), (0.0,), (1,), 0, 1) is None
