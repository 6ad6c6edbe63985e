"""Programs of functions that take derivatives themselves: recorded, to any order, with branches, and equal to eager."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value, derivative, grad, gradients, hessian, hvp, jacobian, no_grad, value_and_grad, where
from autograd_lite.functions import elu, scalar_functions
from autograd_lite.nn import MLP
from autograd_lite.program import trace
from tests.program_checks import close


def _kinked(z: Any) -> Any:
    return where(z > 0.5, lambda: ag.log(z), lambda: z * z * z)


def _with_hvp(x: Any) -> Any:
    along = hvp(lambda a, b: a * a * ag.sin(b) * x)(x, 2.0, vector=(1.0, x))
    return along[0] + along[1] * x


INNER: dict[str, Callable[..., Any]] = {
    "grad": lambda x: grad(lambda z: z * z * x)(2.0) * x,
    "grad of an argument": lambda x: grad(lambda z: ag.exp(z * x))(x),
    "grad of two": lambda x: grad(lambda a, b: a * b * x)(x, 3.0)[1],
    "derivative of order 3": lambda x: derivative(lambda z: ag.sin(z * x), 3)(0.7),
    "derivative of order 0": lambda x: derivative(lambda z: ag.sin(z * x), 0)(0.7) * x,
    "hessian": lambda x: hessian(lambda a, b: a * a * b * x)(x, 1.5)[0][1],
    "jacobian": lambda x: jacobian(lambda a: [a * x, a * a * x])(2.0)[1][0] * x,
    "hvp": _with_hvp,
    "value_and_grad": lambda x: ag.total([part * x for part in value_and_grad(lambda z: z**3 * x)(x)]),
    "gradients": lambda x: gradients(x * x * x, [x], differentiable=True)[0] * x,
    "grad of grad": lambda x: grad(lambda y: grad(lambda z: z * z * y * x)(y))(x),
    "a branch": lambda x: grad(_kinked)(x) * x,
    "a branch of a branch": lambda x: grad(lambda z: where(z < 2.0, lambda: _kinked(z) * x, z))(x),
    "a derivative in a branch": lambda x: where(x > 0.5, lambda: grad(ag.log)(x), lambda: x * x),
    "a branch given as a number": lambda x: grad(lambda z: where(z > 0.5, z * x, 2.0))(x) + x,
    "shared by both branches": lambda x: grad(lambda z: (lambda s: where(z > 0.5, lambda: s * z, s))(ag.sin(z)) * x)(x),
    "under no_grad": lambda x: _paused(lambda: grad(lambda z: z * z * z)(x)) * x,
    "of a constant": lambda x: grad(lambda z: z * z * x)((x * x).detach()) * x,
    "of something else": lambda x: grad(lambda z: 3.0)(x) + x,
    "elu": lambda x: derivative(elu, 2)(x - 0.5) * x,
}


def _paused(function: Callable[[], Any]) -> Any:
    with no_grad():
        return function()


@pytest.mark.parametrize("name", INNER)
@pytest.mark.parametrize("example", [0.25, 1.0])
def test_an_inner_derivative_is_recorded(name: str, example: float) -> None:
    function = INNER[name]
    program = trace(function, example)
    rows = numpy.array([1.0, 0.25, 0.8, 1.75, -0.3])
    values, slopes, curvatures = program(rows), program.gradient(rows)[:, 0], program.hessian(rows)[:, 0, 0]
    for x, value, slope, curvature in zip(rows.tolist(), values.tolist(), slopes.tolist(), curvatures.tolist(), strict=True):
        out = function(Value(x))
        assert close(value, getattr(out, "data", out)), x
        assert close(slope, grad(function)(x), scale=1e-3), x
        assert close(curvature, derivative(function, 2)(x), scale=1e-3), x


@pytest.mark.parametrize("name", sorted(scalar_functions()))
def test_a_program_of_a_derivative_is_the_derivative(name: str) -> None:
    function: Any = {"beta": lambda x: ag.beta(x, 0.7), "polygamma": lambda x: ag.polygamma(1, x)}.get(
        name, scalar_functions()[name]
    )
    count = getattr(function, "arity", 1) or 1
    first = grad(lambda *x: function(*x))
    point = [0.4, 0.3, 0.7][:count]
    try:
        expected = first(*point)
    except (ArithmeticError, ValueError):
        point = [1.5, 1.3, 1.7][:count]
        expected = first(*point)
    found = trace(lambda *x: first(*x), *point)(*point)
    assert all(map(close, numpy.ravel(found).tolist(), numpy.ravel(expected).tolist()))


def test_gradients_without_an_order_above_are_numbers_of_the_row() -> None:
    program = trace(lambda x: gradients(x * x * x, [x])[0] * x, 2.0)
    assert program([3.0]).tolist() == [81.0]
    assert program.gradient([3.0]).tolist() == [[27.0]]


def test_a_penalty_on_the_gradient_of_a_model_has_its_gradient_by_the_parameters() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)

    def loss(model: Any, x: Any, y: Any) -> Any:
        slopes = grad(lambda v: model(v))(x)
        return (model(x) - y) ** 2 + 0.1 * ag.total([slope * slope for slope in slopes])

    program = trace(loss, model, [0.3, -0.2], 0.5)
    _, gradient = program.loss_and_gradient([[0.7, 0.4]], [1.0])
    expected = gradients(loss(model, [Value(0.7), Value(0.4)], 1.0), program.parameter_values)
    numpy.testing.assert_allclose(gradient, expected, rtol=1e-12)


# ---- second derivatives of branches ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", [2.0, -2.0])
def test_a_hessian_goes_through_both_branches_of_a_where(example: float) -> None:
    program = trace(elu, example)
    numpy.testing.assert_allclose(program.hessian([1.0, -3.0]).ravel(), [0.0, numpy.exp(-3.0)], rtol=1e-15)


@pytest.mark.parametrize("example", [2.0, -1.0, 0.0])
def test_a_branch_that_fails_at_the_example_has_its_hessian(example: float) -> None:
    """log(-1) and 1 / 0 have no number, and their derivatives are needed all the same."""
    program = trace(lambda x: where(x > 0, lambda: ag.log(x) + 1.0 / x, lambda: x * x), example)
    assert program.hessian([2.0, -3.0, 1.0]).ravel().tolist() == [0.0, 2.0, 1.0]


def test_an_infinite_slope_in_the_other_branch_does_not_reach_a_hessian() -> None:
    def function(v: Any) -> Any:
        s = ag.sech(v[0]) - ag.sech(v[0])
        return where(s <= 0.3, v[1] * v[1], lambda: ag.sqrt(s))

    assert trace(function, [0.5, 2.0]).hessian([0.5, 2.0]).tolist() == [[0.0, 0.0], [0.0, 2.0]]


# ---- where under no_grad -----------------------------------------------------------------------------------------------------


def test_where_under_no_grad_gives_the_branch_itself() -> None:
    def function(x: Any) -> Any:
        with no_grad():
            y = where(x > 0, x, lambda: x * x)
        return x * y

    program = trace(function, 3.0)
    for x in (3.0, -2.0):
        assert program.gradient([x]).tolist() == [[grad(function)(x)]]
    assert program.gradient([3.0, -2.0]).tolist() == [[6.0], [4.0]]


@pytest.mark.parametrize(
    "take", [ag.grad, lambda f: lambda x: ag.value_and_grad(f)(x)[1], lambda f: lambda x: ag.hessian(f)(x)[0][0]]
)
@pytest.mark.parametrize("function", [ag.log, ag.log10, ag.sqrt, ag.acosh, lambda x: ag.xlogy(1.5, x)])
def test_where_a_function_is_not_defined_its_derivative_is_not_either(take: Any, function: Any) -> None:
    """1 / x is a number where log(x) is none; eager computes the logarithm first."""
    program = trace(take(function), 1.5)
    assert program([2.5])[0] == pytest.approx(take(function)(2.5), rel=1e-12)
    for given in (-1.0, [1.5, -1.0]):
        with pytest.raises(ag.DomainError):
            program(given)


@pytest.mark.parametrize("function", [ag.log, ag.log10, ag.sqrt, ag.acosh])
def test_nor_is_its_second_derivative(function: Any) -> None:
    for given in (-1.0, [1.5, -1.0]):
        with pytest.raises(ag.DomainError):
            trace(function, 1.5).hessian(given)


def test_a_domain_inside_a_branch_holds_in_that_branch_only() -> None:
    program = trace(lambda x: ag.grad(lambda y: ag.where(y > 0, lambda: ag.log(y), y))(x), 1.0)
    assert program([-1.0, 2.0]).tolist() == [1.0, 0.5]


def test_the_domain_of_a_choice_is_that_of_the_branch_that_is_taken() -> None:
    q = Value(0.1)

    def function(x: Any) -> Any:
        return 1.0 / where(q > 0.2, lambda: ag.log2(x), x)

    program = trace(function, 1.5, parameters=[q])
    assert program.hessian([1.5, -2.0]).ravel().tolist() == [ag.hessian(function)(x)[0][0] for x in (1.5, -2.0)]
    with pytest.raises(ag.PoleError):
        program.hessian([1.5, 0.0])
