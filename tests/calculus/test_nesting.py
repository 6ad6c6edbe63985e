"""Derivatives inside derivatives and beside captured Values, `no_grad` and exceptions: nothing leaks in or out."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, constant, derivative, grad, gradients, hessian, hvp, jacobian, no_grad, value_and_grad
from autograd_lite.engine.recording import enable_grad, is_paused

# ---- perturbation confusion: Siskind & Pearlmutter, HOSC 21 (2008) -----------------------------------------------------------


def test_the_classics_of_perturbation_confusion() -> None:
    assert derivative(lambda x: x * derivative(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(5.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0) == 12.0
    assert grad(lambda x: grad(lambda _: x * x)(x))(3.0) == 0.0
    assert derivative(lambda x: derivative(lambda y: x**2 * y**3)(x))(2.0) == 2 * 2.0 * 3 * 2.0**2 + 2.0**2 * 6 * 2.0


def test_an_inner_derivative_at_a_number_still_depends_on_the_outer_argument() -> None:
    """Every function of the module, at a plain float, inside a derivative by what its function has captured."""
    inner: dict[Any, Callable[[Any], Any]] = {
        "grad": lambda x: grad(lambda y: x * x * y)(2.0),
        "grad of several": lambda x: grad(lambda y, z: x * x * y + z)(2.0, 3.0)[0],
        "grad of a list": lambda x: grad(lambda v: x * x * v[0])([2.0])[0],
        "value_and_grad": lambda x: value_and_grad(lambda y: x * x * y)(1.0)[0],
        "derivative": lambda x: derivative(lambda y: x * x * y * y / 2, 2)(2.0),
        "order 0": lambda x: derivative(lambda y: x * x * y, 0)(1.0),
        "jacobian": lambda x: jacobian(lambda y: [y, x * x * y])(2.0)[1][0],
        "hessian": lambda x: hessian(lambda y, z: x * x * y * z)(2.0, 3.0)[0][1],
        "hvp": lambda x: hvp(lambda y, z: x * x * y * z)(2.0, 3.0, vector=(1.0, 0.0))[1],
    }
    for name, function in inner.items():
        assert grad(function)(3.0) == 6.0, name
        assert derivative(function, 2)(3.0) == 2.0, name
        assert type(function(3.0)) is float, name


def test_no_grad_inside_cuts_an_inner_derivative_off() -> None:
    def frozen(x: Any) -> Any:
        with no_grad():
            slope = grad(lambda y: x * y)(2.0)
            assert type(slope) is float
            assert not grad(lambda y: x * y)(x).requires_grad
        return slope * x

    assert grad(frozen)(3.0) == 3.0
    with no_grad():
        outside = grad(ag.square)(Value(3.0))
        assert (type(outside), outside.data, outside.requires_grad) == (Value, 6.0, False)


def test_a_derivative_by_a_captured_value_is_not_confused_with_the_argument() -> None:
    x = Value(3.0)
    assert grad(lambda y: x * y)(x).data == 3.0
    assert grad(lambda y: x * x)(x).data == 0.0
    assert derivative(lambda y: x * y * y, 2)(x).data == 6.0
    assert hessian(lambda y, z: x * y * z)(x, x)[0][1].data == 3.0


def test_the_same_value_as_two_arguments() -> None:
    x = Value(3.0)
    assert [slope.data for slope in grad(lambda a, b: a * a * b)(x, x)] == [18.0, 9.0]
    assert [slope.data for slope in grad(lambda v: v[0] * v[0] * v[1])([x, x])] == [18.0, 9.0]


def test_functions_of_functions_curried() -> None:
    def f(x: Any) -> Callable[[Any], Any]:
        return lambda y: ag.sin(x * y)

    second = grad(lambda x: grad(f(x))(2.0))(0.5)
    assert second == pytest.approx(math.cos(1.0) - math.sin(1.0), rel=1e-15)


# ---- the surroundings --------------------------------------------------------------------------------------------------------


def test_captured_values_are_never_touched() -> None:
    x, w = Value(2.0), Value(5.0)
    x.grad = w.grad = 0.125
    middle = w * w
    middle.backward()
    before = (x.grad, w.grad, middle.grad)
    for f in (grad, value_and_grad, jacobian, hessian, derivative, lambda f: lambda x: hvp(f)(x, vector=1.0)):
        f(lambda a: middle * a * w)(x)
        f(lambda a: middle * a * w)(2.0)
        assert (x.grad, w.grad, middle.grad) == before
    gradients(middle * x, [x, w, middle], differentiable=True)
    assert (x.grad, w.grad, middle.grad) == before


def test_no_grad_around_and_inside() -> None:
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert derivative(ag.sin, 2)(1.0) == -math.sin(1.0)
        assert hessian(lambda x: x**3)(2.0) == [[12.0]]
        assert not (Value(2.0) * 3).requires_grad

    def f(x: Any) -> Any:
        with no_grad():
            frozen = x * x
        return frozen * x

    assert grad(f)(3.0) == 9.0
    assert derivative(f, 2)(3.0) == 0.0


def test_a_function_that_raises_leaves_no_grad_as_it_was() -> None:
    def broken(x: Any) -> Any:
        raise RuntimeError("broken")

    with no_grad():
        with pytest.raises(RuntimeError, match="broken"):
            grad(broken)(1.0)
        assert not (Value(2.0) * 3).requires_grad
    assert (Value(2.0) * 3).requires_grad


def test_gradients_of_interior_nodes_and_of_the_output_itself() -> None:
    x = Value(3.0)
    y = x * x
    z = y * x
    assert gradients(z, [x, y, z]) == [27.0, 3.0, 1.0]
    assert gradients(z, [y]) == [3.0]
    assert gradients(z, []) == []
    assert gradients(y, [z]) == [0.0]
    assert gradients(x, [x]) == [1.0]
    assert gradients(z, [constant(1.0)]) == [0.0]
    assert [slope.data for slope in gradients(z, [x, y, z], differentiable=True)] == [27.0, 3.0, 1.0]


def test_gradients_with_the_same_input_twice() -> None:
    x = Value(3.0)
    assert gradients(x * x, [x, x]) == [6.0, 6.0]


def test_a_block_that_records_again_ends_as_it_found_things() -> None:
    """`enable_grad` inside `no_grad`, also where it ends by an error, and inside of itself."""
    x = Value(3.0)
    with no_grad():
        assert is_paused()
        with enable_grad():
            assert not is_paused()
            assert (x * x).requires_grad
            with enable_grad():
                assert not is_paused()
            assert (x * x).requires_grad
        assert not (x * x).requires_grad
        with pytest.raises(RuntimeError), enable_grad():
            raise RuntimeError
        assert not (x * x).requires_grad
        grad(lambda z: z * z)(2.0)
        assert not (x * x).requires_grad
        with no_grad(), enable_grad():
            assert (x * x).requires_grad
        assert not (x * x).requires_grad
    assert (x * x).requires_grad
