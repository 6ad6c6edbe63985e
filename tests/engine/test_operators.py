"""Remainders, whole quotients and rounding: Python's own results, zero derivatives, the same on every kind of number."""

import math
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import OperationError, PoleError, Value, derivative, grad, hessian, jvp, taylor, trace
from autograd_lite.calculus.symbols import Symbol

NUMBERS = [7.5, -7.5, 2.0, -2.0, 0.1, -0.1, 0.3, 1e17, 2.675, 0.5, 1.5, 2.5, -0.5, 0.0, -0.0, 1e-300, 5e-324, 1234567.125]
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "%": lambda x, y: x % y,
    "//": lambda x, y: x // y,
    "divmod, quotient": lambda x, y: divmod(x, y)[0],
    "divmod, rest": lambda x, y: divmod(x, y)[1],
}
ONE: dict[str, Callable[[Any], Any]] = {
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "round to 2": lambda x: round(x, 2),
    "round to 0": lambda x: round(x, 0),
    "round to -1": lambda x: round(x, -1),
}


def _same(found: float, right: float) -> bool:
    return found == right and math.copysign(1.0, found) == math.copysign(1.0, right)


@pytest.mark.parametrize("name", TWO)
def test_operators_of_two_are_python_s_to_the_last_bit(name: str) -> None:
    operation = TWO[name]
    for x in NUMBERS:
        for y in NUMBERS:
            if y == 0.0:
                with pytest.raises(PoleError, match=r"^`x (%|//) 0` divides by zero at x = "):
                    operation(Value(x, label="x"), y if y > 0.0 or not math.copysign(1.0, y) < 0.0 else 0.0)
                continue
            right = operation(x, y)
            for found in (operation(Value(x), Value(y)), operation(Value(x), y), operation(x, Value(y))):
                assert _same(found.data, right), (x, y)


@pytest.mark.parametrize("name", ONE)
def test_operators_of_one_are_python_s(name: str) -> None:
    for x in [*NUMBERS, *(Random(2).uniform(-50.0, 50.0) for _ in range(50))]:
        node = ONE[name](Value(x))
        assert type(node) is Value
        assert node.data == ONE[name](x)
        node.backward()
        assert node.local_derivatives[0] == 0.0


def test_slopes_are_those_between_the_jumps() -> None:
    assert grad(TWO["%"])(7.3, 2.1) == (1.0, -3.0)
    assert grad(TWO["%"])(-7.3, 2.1) == (1.0, 4.0)
    assert grad(TWO["//"])(7.3, 2.1) == (0.0, 0.0)
    assert grad(ag.remainder)(7.0, 4.0) == (1.0, -2.0)
    assert grad(ag.copysign)(-3.0, 2.0) == (-1.0, 0.0)
    assert hessian(TWO["%"])(7.3, 2.1) == [[0.0, 0.0], [0.0, 0.0]]
    assert derivative(lambda x: x * math.floor(x))(2.5) == 2.0
    assert grad(lambda x, y: divmod(x, y)[1])(1e300, 1.1)[1] == -math.floor(1e300 / 1.1)


def test_numbers_of_other_types_stand_on_either_side() -> None:
    x = Value(-2.0)
    for number in (7.5, np.float64(7.5), np.float32(7.5), Fraction(15, 2)):
        assert (number % x).data == (number // x).data + 3.5 == -0.5
        assert (x % number).data == 5.5
        assert [part.data for part in divmod(number, x)] == [-4.0, -0.5]
    assert (7 // x).data == -4.0
    assert (np.array([x, x], dtype=object) % 3)[1].data == 1.0
    assert np.floor_divide([Value(7.0)], 2)[0].data == 3.0
    y = Value(7.0)
    y %= 4.0
    y //= 2.0
    assert y.data == 1.0


@pytest.mark.parametrize("operation", [lambda x: x % "a", lambda x: "a" // x, lambda x: divmod(x, None), lambda x: round(x, 1.5)])
def test_strangers_are_refused(operation: Any) -> None:
    with pytest.raises(TypeError):
        operation(Value(1.0))


def test_nan_and_infinities_follow_python() -> None:
    assert math.isnan((Value(math.inf) % 2.0).data)
    assert (Value(-1.0) % math.inf).data == math.inf == -1.0 % math.inf
    assert (Value(-1.0) // math.inf).data == -1.0
    assert math.floor(Value(math.inf)).data == math.inf
    assert math.isnan(round(Value(math.nan)).data)
    assert math.isnan(round(Value(math.nan), 2).data)
    assert math.isnan((Value(math.nan) % 1.0).data)


def _steps(x: Any, y: Any) -> Any:
    return x % y + x // y + round(x * y, 2) + math.floor(x) * math.trunc(y) + round(x) * math.ceil(y) + divmod(y, x)[1] + x * y


def test_every_kind_of_number_takes_them() -> None:
    point = (7.3, 2.1)
    right = _steps(*point)
    slopes = grad(_steps)(*point)
    assert jvp(_steps, point, (1.0, 0.0)) == (right, slopes[0])
    assert taylor(lambda x: _steps(x, 2.1), 7.3, 3) == [right, slopes[0], 0.0, 0.0]
    program = trace(_steps, *point)
    rows = np.array([7.3, -4.2, 1.9]), np.array([2.1, 1.3, -0.7])
    assert list(program(*rows)) == pytest.approx([_steps(float(x), float(y)) for x, y in zip(*rows, strict=True)], rel=1e-15)
    gradients = [grad(_steps)(float(x), float(y)) for x, y in zip(*rows, strict=True)]
    assert np.array(program.gradient(*rows)).reshape(3, 2) == pytest.approx(np.array(gradients), rel=1e-13)
    assert "copysign" in program.source_in("javascript")
    assert ag.check(_steps, point)
    assert str(Symbol("a") % Symbol("b") // 2.0) == "a % b // 2"
    assert str(round(Symbol("a") * 3.0, 2)) == "round(a * 3, 2)"


def test_an_operation_that_fails_in_a_rule_says_where() -> None:
    with pytest.raises(OperationError, match=r"^`remainder\(x, 0\)` is not defined at x = 1.0"):
        ag.remainder(Value(1.0, label="x"), 0.0)
