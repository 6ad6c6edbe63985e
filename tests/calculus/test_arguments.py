"""Arguments as users have them: arrays, dictionaries, nested structures, keywords; and what becomes of names and kinds."""

import inspect
import math
import warnings
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize, root

import autograd_lite as ag
from autograd_lite import Value, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad

Function = Callable[..., Any]


def rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


# ---- arrays ------------------------------------------------------------------------------------------------------------------


def test_scipy_takes_the_transforms_as_they_are() -> None:
    start = np.array([-1.2, 1.0, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for found in (
            minimize(rosenbrock, start, jac=grad(rosenbrock)),
            minimize(value_and_grad(rosenbrock), start, jac=True, method="L-BFGS-B"),
            minimize(rosenbrock, start, jac=grad(rosenbrock), hess=hessian(rosenbrock), method="trust-exact"),
            minimize(rosenbrock, start, jac=grad(rosenbrock), hessp=lambda x, p: hvp(rosenbrock)(x, vector=p), method="Newton-CG"),
        ):
            assert found.x == pytest.approx([1.0, 1.0, 1.0], rel=1e-4)

        def residuals(x: Any) -> Any:
            return np.array([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])

        assert least_squares(residuals, [-1.2, 1.0], jac=jacobian(residuals)).x == pytest.approx([1.0, 1.0])
        assert root(residuals, [-1.2, 1.0], jac=jacobian(residuals)).x == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("dtype", [float, np.float32, int, np.uint8, bool])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 1), (0,), (2, 0), (2, 2, 2)])
def test_arrays_give_arrays_of_their_shape(dtype: Any, shape: Any) -> None:
    x = (np.arange(math.prod(shape)).reshape(shape) % 2).astype(dtype)
    slopes = grad(lambda x: np.sum(x * x * 3.0) + 0.0)(x)
    assert (slopes.shape, slopes.dtype, slopes.tolist()) == (shape, float, (6.0 * x.astype(float)).tolist())
    value, slopes = value_and_grad(lambda x: 2.0)(x)
    assert (type(value), slopes.tolist()) == (float, np.zeros(shape).tolist())
    assert hvp(lambda x: np.sum(x**3) + 0.0)(x, vector=x).tolist() == (6.0 * x.astype(float) ** 2).tolist()
    assert hessian(lambda x: np.sum(x * x) + 0.0)(x).tolist() == (2.0 * np.eye(x.size)).tolist()
    for matrix in (jacobian, jacfwd, jacrev):
        found = matrix(lambda x: x * 2.0)(x)
        assert (found.shape, found.dtype, found.tolist()) == ((x.size, x.size), float, (2.0 * np.eye(x.size)).tolist())
    assert jvp(lambda x: x * 2.0, x, x)[1].tolist() == (2.0 * x.astype(float)).tolist()


def test_numbers_and_arrays_without_axes_stay_numbers() -> None:
    for number in (3.0, 3, np.float64(3.0), np.array(3.0), np.array(3)):
        assert type(grad(lambda x: np.exp(x) * x)(number)) is float
    x = Value(2.0)
    slopes = grad(lambda v: v @ v)(np.array([x, Value(3.0)]))
    assert (slopes.dtype, [slope.data for slope in slopes]) == (object, [4.0, 6.0])
    slopes[0].backward()
    assert x.grad == 2.0


MATRICES: list[Function] = [
    lambda a: np.trace(a @ a.T),
    lambda a: np.einsum("ij,ij->", a, a),
    lambda a: (a * a).sum(axis=0).sum(),
    lambda a: np.dot(a.ravel(), a.reshape(-1)),
    lambda a: np.vdot(a, a),
    lambda a: sum(np.inner(row, row) for row in a),
    lambda a: np.sum(np.square(a)),
    lambda a: np.sum(np.fabs(a) * np.abs(a)),
    lambda a: np.sum(np.conj(a) * a),
    lambda a: np.sum(np.degrees(np.radians(a)) * np.rad2deg(np.deg2rad(a))),
    lambda a: np.sum(np.where(a > 2.0, a**2, a * a)),
    lambda a: np.mean(a * a) * a.size,
    lambda a: np.sum(np.hypot(a, 0.0) ** 2),
    lambda a: np.sum(np.concatenate([a, a]) ** 2) / 2.0,
    lambda a: np.cumsum(a * a)[-1],
    lambda a: np.sum(np.exp(2.0 * np.log(np.sqrt(a * a)))),
]


@pytest.mark.parametrize("function", MATRICES)
def test_functions_compute_with_arrays_as_they_do(function: Function) -> None:
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert grad(function)(a) == pytest.approx(2.0 * a, rel=1e-14)
    assert jvp(function, a, np.eye(2))[1] == pytest.approx(10.0, rel=1e-14)
    assert hessian(function)(a) == pytest.approx(2.0 * np.eye(4), rel=1e-12, abs=1e-12)


UNARY = "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt".split()


@pytest.mark.parametrize("name", [*UNARY, "arccosh", "sign", "reciprocal", "positive", "negative", "absolute"])
def test_numpys_own_names(name: str) -> None:
    function, x = getattr(np, name), 1.75 if name == "arccosh" else 0.75
    step = 1e-6
    slopes = grad(lambda v: np.sum(function(v)) + 0.0)(np.array([x]))
    assert slopes[0] == pytest.approx((function(x + step) - function(x - step)) / (2 * step), rel=1e-8)
    if name != "sign":
        assert jvp(function, np.array([x]), np.array([1.0]))[0] == pytest.approx(function(x), rel=1e-15)


def test_an_array_of_numbers_times_a_value_stays_refused() -> None:
    with pytest.raises(TypeError, match="array of shape"):
        _ = np.ones(2) * Value(2.0)
    for wrong in (np.array(["a"]), np.array([1j]), np.array([None])):
        with pytest.raises(TypeError):
            grad(np.sum)(wrong)
    with pytest.raises(TypeError, match=r"masked numbers: give what is there"):
        grad(np.sum)(np.ma.masked_array([1.0, 2.0], [True, False]))


# ---- structures --------------------------------------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


def test_structures_come_back() -> None:
    def loss(p: Any) -> Any:
        return p["w"] @ p["w"] * p["deep"][0][0] + p["deep"][1].x * p["deep"][1].y

    given = {"w": np.array([1.0, 2.0]), "deep": ([3.0], Point(4.0, 5)), "unused": {}, "none": []}
    found = grad(loss)(given)
    assert list(found) == ["w", "deep", "unused", "none"]
    assert (found["w"].tolist(), found["deep"], found["unused"], found["none"]) == ([6.0, 12.0], [[5.0], Point(5.0, 4.0)], {}, [])
    assert type(found["deep"][1]) is Point
    assert hvp(loss)(given, vector=given)["deep"] == [[10.0], Point(5.0, 4.0)]
    assert hessian(loss)(given).shape == (5, 5)
    assert jacobian(lambda p: {"a": p["x"] * 2.0, "b": [p["x"], 1.0]})({"x": 3.0}) == [[2.0], [1.0], [0.0]]
    assert given["w"].dtype == float


def test_argnums_choose() -> None:
    def function(x: Any, name: str, y: Any) -> Any:
        assert name == "name"
        return x * y * y

    assert grad(function, argnums=0)(2.0, "name", 3.0) == 9.0
    assert grad(function, 2)(2.0, "name", 3.0) == 12.0
    assert grad(function, argnums=-1)(2.0, "name", 3.0) == 12.0
    assert grad(function, argnums=(2, 0))(2.0, "name", 3.0) == (12.0, 9.0)
    assert grad(function, argnums=[0])(2.0, "name", 3.0) == (9.0,)
    assert value_and_grad(function, argnums=0)(2.0, "name", 3.0) == (18.0, 9.0)
    assert hessian(function, argnums=(0, 2))(2.0, "name", 3.0) == [[0.0, 6.0], [6.0, 4.0]]
    assert jacobian(function, argnums=2)(2.0, "name", 3.0) == jacfwd(function, 2)(2.0, "name", 3.0) == [[12.0]]
    assert hvp(function, argnums=2)(2.0, "name", 3.0, vector=10.0) == 40.0
    for wrong in (3, -4, (0, 0), (0, -3), (), 1.0, "0", True, (0, None)):
        with pytest.raises((ValueError, TypeError), match="argnums"):
            grad(function, argnums=wrong)(2.0, "name", 3.0)  # type: ignore[arg-type]


def test_keywords_are_handed_on() -> None:
    def function(x: Any, *, power: int = 2, scale: Any = 1.0) -> Any:
        return scale * x**power

    assert grad(function)(3.0) == 6.0
    assert grad(function)(3.0, power=3, scale=2.0) == 54.0
    assert value_and_grad(function)(3.0, power=1) == (3.0, 1.0)
    assert jacobian(function)(3.0, power=1) == hessian(function)(3.0, power=2, scale=0.5) == [[1.0]]
    assert hvp(function)(3.0, vector=2.0, power=3) == 36.0
    assert ag.derivative(function, 2)(3.0, power=3) == 18.0
    with pytest.raises(TypeError, match="unexpected keyword argument 'strength'"):
        grad(function)(3.0, strength=2.0)


def test_has_aux() -> None:
    def function(x: Any) -> Any:
        return x * x, {"doubled": [x * 2.0], "name": "x", "table": np.ones(2)}

    slope, aux = grad(function, has_aux=True)(3.0)
    assert (slope, aux["doubled"], aux["name"], aux["table"].tolist()) == (6.0, [6.0], "x", [1.0, 1.0])
    assert type(aux["doubled"][0]) is float
    (value, aux), slope = value_and_grad(function, has_aux=True)(3.0)
    assert (value, aux["name"], slope) == (9.0, "x", 6.0)
    second = grad(lambda x: grad(function, has_aux=True)(x)[0])(3.0)
    assert second == 2.0
    assert type(grad(function, has_aux=True)(Value(3.0))[1]["doubled"][0]) is Value
    with pytest.raises(TypeError, match=r"with has_aux the function returns a pair \(value, aux\), got Value"):
        grad(lambda x: x * x, has_aux=True)(3.0)


def test_names_docstrings_and_signatures_are_carried_on() -> None:
    def slow(x: Any, y: float = 2.0) -> Any:
        """Slow."""
        return x * y

    for transform in (grad, value_and_grad, jacobian, jacfwd, jacrev, hessian, hvp, ag.derivative):
        made = transform(slow)
        assert (made.__name__, made.__doc__, made.__wrapped__) == ("slow", "Slow.", slow)
        assert str(inspect.signature(made)) == "(x: Any, y: float = 2.0) -> Any"
    assert grad(ag.exp).__name__ == "exp"
    assert grad(lambda x: x).__name__ == "<lambda>"
