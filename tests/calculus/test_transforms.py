"""Derivatives of functions: the shapes of their arguments and results, nesting, any order, against closed forms."""

import itertools
import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, constant, derivative, grad, gradients, hessian, hvp, jacobian, value_and_grad
from autograd_lite.program import trace
from benchmarks import third_derivatives

# ---- shapes ------------------------------------------------------------------------------------------------------------------


def test_grad_of_one_argument_is_its_derivative() -> None:
    slope = grad(lambda x: x * x)(3.0)
    assert slope == 6.0
    assert type(slope) is float


@pytest.mark.parametrize("number", [3, 3.0, True + 2, Fraction(3), np.float64(3), np.float32(3), np.int8(3)])
def test_arguments_of_any_real_type_give_floats(number: Any) -> None:
    assert grad(lambda x: x * x)(number) == 6.0
    for answer in (grad(ag.square)(number), derivative(ag.square, 2)(number), *value_and_grad(ag.square)(number)):
        assert type(answer) is float


def test_grad_of_several_arguments_is_a_tuple_of_partials() -> None:
    assert grad(lambda x, y, z: x * y + z)(2.0, 3.0, 5.0) == (3.0, 2.0, 1.0)
    assert type(grad(lambda x, y: x * y)(2.0, 3.0)) is tuple
    assert grad(lambda x, y: x)(2.0, 3.0) == (1.0, 0.0)


def test_list_arguments_give_lists_of_the_same_shape() -> None:
    assert grad(lambda v: v[0] * v[1])([2.0, 3.0]) == [3.0, 2.0]
    assert grad(lambda v: v[0] * v[1])((2.0, 3.0)) == [3.0, 2.0]
    nested = grad(lambda matrix, s: s * (matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]))([[1.0, 2.0], [3.0, 4.0]], 10.0)
    assert nested == ([[40.0, -30.0], [-20.0, 10.0]], -2.0)
    assert grad(lambda v: ag.total([*v[0], *v[1][0]]))([[1.0], [[2.0, 3.0], []]]) == [[1.0], [[1.0, 1.0], []]]
    assert grad(lambda v, x: x)([], 2.0) == ([], 1.0)


def test_numbers_in_values_out_for_values() -> None:
    x, y = Value(2.0), Value(3.0)
    slopes = grad(lambda a, b: a * a * b)(x, y)
    assert [type(slope) for slope in slopes] == [Value, Value]
    assert [slope.data for slope in slopes] == [12.0, 4.0]
    ag.total(list(slopes)).backward()
    assert (x.grad, y.grad) == (2 * 3 + 2 * 2, 2 * 2)
    mixed = grad(lambda a, b: a * a * b)(2.0, Value(3.0))
    assert [type(slope) for slope in mixed] == [Value, Value]
    value, slope = value_and_grad(ag.exp)(Value(0.0))
    assert (type(value), type(slope)) == (Value, Value)
    assert type(derivative(ag.sin, 2)(Value(1.0))) is Value
    assert type(hessian(lambda v: v[0] ** 3)([Value(1.0)])[0][0]) is Value
    assert type(jacobian(lambda v: [v[0] ** 3])([Value(1.0)])[0][0]) is Value


def test_constants_as_arguments_are_differentiated_by_too() -> None:
    assert grad(lambda x: x * x)(constant(3.0)).data == 6.0


def test_value_and_grad_runs_the_function_once() -> None:
    calls = []

    def function(x: Any, y: Any) -> Any:
        calls.append((x.data, y.data))
        return x * y

    assert value_and_grad(function)(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert grad(function)(2.0, 3.0) == (3.0, 2.0)
    assert hessian(function)(2.0, 3.0) == [[0.0, 1.0], [1.0, 0.0]]
    assert len(calls) == 3


def test_jacobian_has_a_row_per_result_and_a_column_per_scalar() -> None:
    rows = jacobian(lambda v, s: [v[0] * s, v[1] + s, 7.0])([2.0, 3.0], 5.0)
    assert rows == [[5.0, 0.0, 2.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    assert jacobian(lambda x: x * x)(3.0) == [[6.0]]
    assert jacobian(ag.softmax)([0.0, 0.0]) == [[0.25, -0.25], [-0.25, 0.25]]
    assert jacobian(lambda v: tuple(v))([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]


def test_functions_that_do_not_depend_on_their_argument() -> None:
    assert grad(lambda x: 7)(3.0) == 0.0
    assert grad(lambda x: 7.0)(Value(3.0)).data == 0.0
    assert grad(lambda x, y: Value(1.0))(3.0, 4.0) == (0.0, 0.0)
    assert derivative(lambda x: 7.0, 3)(1.0) == 0.0
    assert derivative(lambda x: x, 2)(1.0) == 0.0
    assert hessian(lambda x, y: 3.0)(1.0, 2.0) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x, y: x + y)(1.0, 2.0) == [[0.0, 0.0], [0.0, 0.0]]
    assert hvp(lambda x: 2.0)(1.0, vector=1.0) == 0.0
    assert value_and_grad(lambda x: 3)(1.0) == (3.0, 0.0)


# ---- any order ---------------------------------------------------------------------------------------------------------------


def _falling(p: float, n: int) -> float:
    return math.prod(p - k for k in range(n))


NTH: list[tuple[str, Callable[[Any], Any], float, Callable[[float, int], float]]] = [
    ("exp", ag.exp, 0.7, lambda x, n: math.exp(x)),
    ("sin", ag.sin, 0.7, lambda x, n: math.sin(x + n * math.pi / 2)),
    ("cos", ag.cos, 0.7, lambda x, n: math.cos(x + n * math.pi / 2)),
    ("log", ag.log, 1.7, lambda x, n: -math.factorial(n - 1) * (-1 / x) ** n),
    ("1/x", lambda x: 1 / x, -1.3, lambda x, n: math.factorial(n) * (-1) ** n * x ** -(n + 1)),
    ("x**5", lambda x: x**5, -1.3, lambda x, n: _falling(5, n) * x ** (5 - n)),
    ("x**2.5", lambda x: x**2.5, 1.3, lambda x, n: _falling(2.5, n) * x ** (2.5 - n)),
    ("x**-2", lambda x: x**-2, -1.3, lambda x, n: _falling(-2, n) * x ** (-2.0 - n)),
    ("sqrt", ag.sqrt, 1.3, lambda x, n: _falling(0.5, n) * x ** (0.5 - n)),
    ("cbrt", ag.cbrt, 1.3, lambda x, n: _falling(1 / 3, n) * x ** (1 / 3 - n)),
    ("2**x", lambda x: 2**x, 1.3, lambda x, n: math.log(2) ** n * 2**x),
    ("exp2", ag.exp2, 1.3, lambda x, n: math.log(2) ** n * 2**x),
    ("sinh", ag.sinh, 0.4, lambda x, n: (math.cosh if n % 2 else math.sinh)(x)),
    ("cosh", ag.cosh, 0.4, lambda x, n: (math.sinh if n % 2 else math.cosh)(x)),
    ("log1p", ag.log1p, 0.4, lambda x, n: -math.factorial(n - 1) * (-1 / (1 + x)) ** n),
    ("atanh", ag.atanh, 0.3, lambda x, n: math.factorial(n - 1) * ((1 / (1 - x)) ** n - (-1 / (1 + x)) ** n) / 2),
    ("atan", ag.atan, 0.0, lambda x, n: 0.0 if n % 2 == 0 else math.factorial(n - 1) * (-1) ** ((n - 1) // 2)),
    ("tanh", ag.tanh, 0.0, lambda x, n: [0, 1, 0, -2, 0, 16, 0, -272, 0][n]),
    ("sigmoid", ag.sigmoid, 0.0, lambda x, n: [0.5, 0.25, 0, -0.125, 0, 0.25, 0, -17 / 16, 0][n]),
    ("softplus", ag.softplus, 0.0, lambda x, n: [0, 0.5, 0.25, 0, -0.125, 0, 0.25, 0, -17 / 16][n]),
    ("gaussian", ag.gaussian, 0.0, lambda x, n: [1, 0, -2, 0, 12, 0, -120, 0, 1680][n]),
    ("tan", ag.tan, 0.0, lambda x, n: [0, 1, 0, 2, 0, 16, 0, 272, 0][n]),
    ("sech", ag.sech, 0.0, lambda x, n: [1, 0, -1, 0, 5, 0, -61, 0, 1385][n]),
    ("x*exp(x)", lambda x: x * ag.exp(x), 0.4, lambda x, n: (x + n) * math.exp(x)),
]


@pytest.mark.parametrize("order", range(1, 9))
@pytest.mark.parametrize(("function", "x", "nth"), [pytest.param(*row[1:], id=row[0]) for row in NTH])
def test_derivatives_up_to_the_eighth(function: Any, x: float, nth: Callable[[float, int], float], order: int) -> None:
    assert derivative(function, order)(x) == pytest.approx(nth(x, order), rel=2e-12, abs=1e-10)


@pytest.mark.parametrize(("function", "x", "nth"), [pytest.param(*row[1:], id=row[0]) for row in NTH])
def test_grad_nests_as_derivative_counts(function: Any, x: float, nth: Callable[[float, int], float]) -> None:
    assert derivative(function, 0)(x) == ag.identity(function(x))
    nested = function
    for order in range(1, 5):
        nested = grad(nested)
        assert nested(x) == pytest.approx(nth(x, order), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("point", [-2.0, 0.0, 2.0])
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, 0.0, 3.0])
def test_powers_differentiate_to_nothing_as_polynomials_do(point: float, exponent: float) -> None:
    for order in range(7):
        expected = _falling(exponent, order) * point ** (exponent - order) if order <= exponent else 0.0
        assert derivative(lambda x: x**exponent, order)(point) == expected


def test_mixed_partials_in_any_order_of_differentiation() -> None:
    def f(x: Any, y: Any) -> Any:
        return ag.sin(x * y) + x**3 * y**2

    def by(index: int) -> Callable[[Any], Any]:
        return lambda function: lambda x, y: grad(function)(x, y)[index]

    x, y = 0.7, 1.1
    xxy = -math.sin(x * y) * 2 * y - math.cos(x * y) * x * y * y + 12 * x * y
    by_x, by_y = by(0), by(1)
    for mixed in (by_x(by_x(by_y(f))), by_x(by_y(by_x(f))), by_y(by_x(by_x(f)))):
        assert mixed(x, y) == pytest.approx(xxy, rel=1e-14)


def test_hessian_of_rosenbrock() -> None:
    def rosenbrock(v: Any) -> Any:
        return ag.total([100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(len(v) - 1)])

    for a, b in ((1.0, 1.0), (-1.2, 1.0), (0.3, -0.7)):
        expected = [[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200.0]]
        for row, known in zip(hessian(rosenbrock)([a, b]), expected, strict=True):
            assert row == pytest.approx(known, rel=1e-14)
    assert grad(rosenbrock)([1.0] * 5) == [0.0] * 5
    assert hvp(rosenbrock)([-1.2, 1.0], vector=[1.0, 2.0]) == pytest.approx([1330.0 + 960.0, 480.0 + 400.0], rel=1e-14)


def test_hvp_is_shaped_as_its_arguments() -> None:
    def f(v: Any, s: Any) -> Any:
        return v[0] * v[1] * s

    assert hvp(f)([2.0, 3.0], 5.0, vector=([1.0, 10.0], 100.0)) == ([350.0, 205.0], 23.0)
    assert type(hvp(lambda x: x**3)(Value(2.0), vector=1.0)) is Value


# ---- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "kind", "message"),
    [
        (lambda: grad(lambda x: [x, x])(1.0), TypeError, r"^the function returned a list of 2; a gradient needs one number\. "
         r"Use jacobian for a function of several results\.$"),
        (lambda: hessian(lambda x: (x,))(1.0), TypeError, r"^the function returned a tuple of 1; a gradient needs one number"),
        (lambda: grad(lambda x: "x")(1.0), TypeError, r"a Value holds one real number, got the str 'x'"),
        (lambda: grad(lambda x: None)(1.0), TypeError, r"a Value holds one real number, got NoneType None"),
        (lambda: grad(lambda x: np.ones(2))(1.0), TypeError, r"an array of shape \(2,\)"),
        (lambda: jacobian(lambda x: [x, "y"])(1.0), TypeError, r"got the str 'y'"),
        (lambda: grad(lambda: 1.0)(), TypeError, r"^a derivative needs at least one argument to differentiate by$"),
        (lambda: grad(ag.square)("3"), TypeError, r"a Value holds one real number, got the str '3'"),
        (lambda: grad(ag.square)(np.ones(2)), TypeError, r"^the function returned an array of shape \(2,\); a gradient needs one number"),
        (lambda: grad(ag.square)(np.ones(2, dtype=complex)), TypeError, r"got the complex \(1\+0j\)"),
        (lambda: grad(ag.square)(np.ma.ones(2)), TypeError, r"masked numbers"),
        (lambda: derivative(ag.norm)([1.0, 2.0]), TypeError, r"^the function is one of 2 numbers; this derivative is by one\. Use grad"),
        (lambda: grad(ag.square)(1j), TypeError, r"got the complex 1j"),
        (lambda: derivative(ag.sin, -1), ValueError, r"^the order of a derivative is a whole number from 0 up, got -1$"),
        (lambda: derivative(ag.sin, 1.5), ValueError, r"from 0 up, got 1\.5$"),  # type: ignore[arg-type]
        (lambda: hvp(ag.square)(1.0, vector=[1.0, 2.0]), ValueError, r"^the vector has 2 numbers, the arguments 1; give one for each$"),
        (lambda: gradients(1.0, [Value(1.0)]), TypeError, r"^gradients takes Values, got float 1\.0$"),  # type: ignore[arg-type]
        (lambda: gradients(Value(1.0), [2.0]), TypeError, r"^gradients takes Values, got float 2\.0$"),  # type: ignore[list-item]
    ],
)  # fmt: skip
def test_wrong_arguments_and_results_are_refused(attempt: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        attempt()


def test_vectors_may_be_arrays() -> None:
    assert ag.hvp(ag.norm)([3.0, 4.0], vector=np.array([1.0, 0.0])) == ag.hvp(ag.norm)([3.0, 4.0], vector=[1.0, 0.0])
    assert ag.hvp(lambda x, y: x * x * y)(3.0, 2.0, vector=np.array([1.0, 10.0])) == (64.0, 6.0)
    assert ag.hvp(lambda x: x**3)(2.0, vector=np.array(1.0)) == 12.0
    assert ag.hessian(ag.norm)(np.array([3.0, 4.0]).tolist())[0][0] == pytest.approx(0.128)


def test_the_slope_of_a_distance_is_nan_where_one_side_is() -> None:
    for slopes in (ag.grad(ag.hypot)(1.0, math.nan), ag.grad(ag.hypot)(math.nan, 1.0), ag.grad(ag.norm)([1.0, math.nan])):
        assert all(map(math.isnan, slopes))


def test_infinite_slopes_of_opposite_signs_are_told() -> None:
    with pytest.warns(
        ag.NanGradientWarning, match=r"`sqrt\(x\)` has an infinite slope, which is added to another one of the opposite"
    ):
        assert math.isnan(ag.grad(lambda x: ag.sqrt(x) - ag.sqrt(x))(0.0))
    x = Value(0.0, "x")
    with pytest.warns(ag.NanGradientWarning, match="from `x` on: .* inf - inf is nan"):
        (ag.sqrt(x) - ag.sqrt(x)).backward()


def test_a_derivative_in_a_warning_is_written_in_mathematics() -> None:
    with pytest.warns(ag.NanGradientWarning, match=r"`y \* ?\(?y - 1\)? \* x \*\* \(y - 2\)`|`y \* x \*\* \(y - 1\)`"):
        ag.hessian(lambda x: abs(x) ** 1.5)(0.0)


def test_a_whole_quotient_has_no_slope_however_large_it_is() -> None:
    for x, y in ((1.0, 1e-310), (7.0, 3.0), (-1e10, 5e-324)):
        assert ag.hessian(ag.fmod)(x, y) == [[0.0, 0.0], [0.0, 0.0]]
        assert ag.derivative(lambda y, x=x: ag.fmod(x, y), 3)(y) == 0.0
    program = trace(ag.fmod, 7.0, 3.0)
    assert program.hessian(7.5, 2.0).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert trace(lambda x, y: ag.grad(ag.fmod)(x, y)[1] * x, 7.0, 3.0)([7.0, 9.0], [3.0, 2.0]).tolist() == [-14.0, -36.0]


def test_an_infinite_factor_in_the_data_warns_of_nothing() -> None:
    logits = [Value(0.5), Value(-0.25)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (ag.cross_entropy(logits, 0) * math.inf).backward()
    assert all(not math.isfinite(logit.grad) for logit in logits)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_third_derivatives_are_the_jacobian_of_the_hessian(count: int) -> None:
    """In the order of the Hessian, symmetric, with the digits of nested gradients; Taylor series along directions agree."""
    point = [0.4 + 0.17 * place for place in range(count)]
    tensor = third_derivatives.by_jacobian(third_derivatives.chained, point)
    nested = third_derivatives.by_gradients(third_derivatives.chained, point)
    assert third_derivatives.difference(tensor, nested) < 1e-13
    assert third_derivatives.difference(third_derivatives.by_directions(third_derivatives.chained, point), nested) < 1e-10
    for i, j, k in itertools.product(range(count), repeat=3):
        assert tensor[i][j][k] == pytest.approx(tensor[k][i][j], rel=1e-13)
