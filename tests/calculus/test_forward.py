"""Forward mode: dual numbers by the table's own rules, equal to reverse mode, and never confused with it or with each other."""

import itertools
import math
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, constant, grad, gradients, hvp, jacfwd, jacobian, jacrev, jvp, no_grad, vjp, where
from autograd_lite.calculus.dual import Dual
from autograd_lite.engine.primitive import Primitive, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn import MLP
from autograd_lite.program import trace
from autograd_lite.testing.generate.strategies import points as points_of
from autograd_lite.testing.generate.strategies import programs
from tests import points
from tests.samples import examples

Function = Callable[..., Any]


def forward(function: Function) -> Function:
    """The derivative of a function of one number in forward mode."""
    return lambda x: jvp(function, x, 1.0)[1]


# ---- equal to reverse mode, over the whole table -----------------------------------------------------------------------------


def _same(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


def _points(primitive: Primitive) -> list[tuple[float, ...]]:
    special = [point.operands for point in primitive.special_points if not primitive.orders]
    return [*points.ordinary(primitive, 8), *points.tails(primitive, 8)[::7], *special]


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_has_the_derivatives_of_reverse_mode(name: str) -> None:
    """By every operand alone and by all of them, to the last bit; and what raises there raises here."""
    primitive = TABLE[name]
    for operands in _points(primitive):
        count = points.variables(primitive, operands)
        values = [Value(x) for x in operands[:count]]
        try:
            node = primitive.of([*values, *operands[count:]])
        except ArithmeticError as error:
            with pytest.raises(type(error)):
                primitive.of([*(Dual(x, {0: 1.0}) for x in operands[:count]), *operands[count:]])
            continue
        slopes = gradients(node, values)
        together = primitive.of([*(Dual(x, {i: 1.0}) for i, x in enumerate(operands[:count])), *operands[count:]])
        assert together.number == node.data or math.isnan(node.data)
        for i, slope in enumerate(slopes):
            assert _same(together.slopes[i], slope), (operands, i)
            mixed = [Dual(x, {0: 1.0}) if i == j else Value(x) if j < i else x for j, x in enumerate(operands)]
            try:
                alone = primitive.of(mixed)
            except ArithmeticError:  # of the captured Values, whose partials do not exist
                continue
            assert _same(alone.slopes[0].data if isinstance(alone.slopes[0], Value) else alone.slopes[0], slope), (operands, i)


@pytest.mark.parametrize("name", [name for name, primitive in TABLE.items() if primitive.public])
def test_second_derivatives_in_every_mixture_of_modes(name: str) -> None:
    """Reverse and forward mode over each other, along one line through the operands."""
    primitive = TABLE[name]
    for operands in points.ordinary(primitive, 4)[:4]:
        direction = [1.0 + 0.25 * i for i in range(len(operands))]

        def on_line(t: Any, operands: Any = operands, direction: Any = direction) -> Any:
            return primitive.of([x + t * part for x, part in zip(operands, direction, strict=True)])

        found = [outer(inner(on_line))(0.0) for outer, inner in itertools.product((grad, forward), repeat=2)]
        assert all(slope == pytest.approx(found[0], rel=1e-12, abs=1e-12) for slope in found)


@settings(max_examples=examples(60), deadline=None, derandomize=True, database=None)
@given(st.data())
def test_random_programs_have_one_jacobian(data: st.DataObject) -> None:
    program = data.draw(programs(max_nodes=8, inputs=3))
    point = data.draw(points_of(program))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ag.NanGradientWarning)
        try:
            [reverse] = jacrev(program)(*point)
        except ArithmeticError:
            return
        [found] = jacfwd(program)(*point)
        rows = jacobian(lambda *x: [program(*x)] * 5)(*point)
        value, slope = jvp(program, tuple(point), tuple(1.0 for _ in point))
    assert value == ag.identity(program(*point)) or math.isnan(value)
    scale = max((abs(x) for x in reverse if math.isfinite(x)), default=0.0)
    for x, y in zip(reverse, found, strict=True):
        assert x == pytest.approx(y, rel=1e-10, abs=1e-12 * scale, nan_ok=True)
    assert rows == [pytest.approx(reverse, rel=1e-10, abs=1e-12 * scale, nan_ok=True)] * 5
    if all(map(math.isfinite, reverse)):
        assert slope == pytest.approx(math.fsum(reverse), rel=1e-10, abs=1e-12 * scale)


# ---- shapes and kinds --------------------------------------------------------------------------------------------------------


def test_a_point_is_an_argument_and_a_tuple_several() -> None:
    assert jvp(ag.square, 3, 2) == (9.0, 12.0)
    assert jvp(lambda v: v[0] * v[1], [2.0, 3.0], [1.0, 10.0]) == (6.0, 23.0)
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)
    assert jvp(lambda x: x * x, (3.0,), (1.0,)) == (9.0, 6.0)
    assert jvp(lambda p: {"a": p["w"] * p["b"], "c": 1.0}, {"w": 2.0, "b": 3.0}, {"w": 1.0, "b": 0.0}) == (
        {"a": 6.0, "c": 1.0},
        {"a": 3.0, "c": 0.0},
    )
    value, slope = jvp(lambda x: x * 2.0, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert (value.tolist(), slope.tolist(), slope.dtype) == ([2.0, 4.0], [6.0, 8.0], float)
    assert jvp(lambda x: 7.0, 1.0, 1.0) == (7.0, 0.0)
    assert jvp(lambda v: 7.0, [], []) == (7.0, 0.0)
    assert all(type(number) is float for number in jvp(ag.square, np.float32(3.0), True))


def test_vjp_weighs_the_results() -> None:
    assert vjp(ag.square, 3.0) == (9.0, 6.0)
    assert vjp(lambda x, y: [x * y, x + y], (2.0, 3.0), [1.0, 10.0]) == ([6.0, 5.0], (13.0, 12.0))
    assert vjp(lambda v: v, [1.0, 2.0], [3.0, 4.0]) == ([1.0, 2.0], [3.0, 4.0])
    assert vjp(lambda x: [ag.sqrt(x), x], 0.0, [0.0, 2.0])[1] == 2.0
    for wrong in (lambda: vjp(lambda x: [x, x], 1.0), lambda: jvp(lambda x: x, 1.0, [1.0, 1.0])):
        with pytest.raises(ValueError, match="give one for each"):
            wrong()


def test_values_in_values_out() -> None:
    x, v = Value(3.0), Value(2.0)
    value, slope = jvp(ag.square, x, v)
    slope.backward()
    assert (value.data, slope.data, x.grad, v.grad) == (9.0, 12.0, 4.0, 6.0)
    assert type(jvp(ag.square, 3.0, v)[1]) is Value
    assert [type(slope) for slope in jacfwd(lambda a, b: a * b)(x, 2.0)[0]] == [Value, Value]
    weights = Value(5.0)
    assert jvp(lambda x: weights * x, 2.0, 1.0) == (10.0, 5.0)
    assert weights.grad == 0.0


def test_jacobian_goes_forward_where_there_are_more_results() -> None:
    calls = []

    def function(v: Any) -> Any:
        calls.append(1)
        return [v[0] * v[1], v[0], ag.sin(v[1]), 3.0]

    expected = [[3.0, 2.0], [1.0, 0.0], [0.0, math.cos(3.0)], [0.0, 0.0]]
    assert jacobian(function)([2.0, 3.0]) == jacfwd(function)([2.0, 3.0]) == jacrev(function)([2.0, 3.0]) == expected
    assert len(calls) == 3
    second = jacobian(lambda x: [row for [row] in jacobian(lambda y: [y**2, y**3, x * y])(x)])(2.0)
    assert second == [[2.0], [12.0], [1.0]]
    with pytest.warns(ag.NanGradientWarning):
        assert math.isnan(jacobian(lambda x: [ag.sqrt(x) * 0.0, x])(0.0)[0][0])


# ---- perturbation confusion: Siskind & Pearlmutter, HOSC 21 (2008) -----------------------------------------------------------

MODES = (grad, forward)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES, repeat=2)))
def test_the_classics_of_perturbation_confusion(outer: Any, inner: Any) -> None:
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert outer(lambda x: x * inner(lambda y: x + y)(x))(5.0) == 1.0
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(3.0) == 12.0
    assert outer(lambda x: inner(lambda _: x * x)(x))(3.0) == 0.0
    assert outer(lambda x: inner(lambda y: x**2 * y**3)(x))(2.0) == 2 * 2.0 * 3 * 2.0**2 + 2.0**2 * 6 * 2.0


def test_the_amazing_bug() -> None:
    """A derivative that gives a function, called at another one's derivative: Manzyuk et al., JFP 29 (2019)."""

    def shift(f: Function) -> Function:
        return lambda offset: lambda x: f(x + offset)

    def curried(function: Function) -> Function:
        return lambda x: forward(lambda offset: function(offset)(x))(0.0)

    once = curried(shift(ag.exp))
    twice = curried(shift(once))
    assert twice(1.0) == pytest.approx(math.e, rel=1e-15)


@pytest.mark.parametrize("modes", list(itertools.product(MODES, repeat=4)))
def test_order_four_in_every_mixture_of_modes(modes: Any) -> None:
    function: Function = lambda x: ag.tanh(x) * ag.exp(x * x)  # noqa: E731
    for mode in modes:
        function = mode(function)
    assert function(0.3) == pytest.approx(ag.derivative(lambda x: ag.tanh(x) * ag.exp(x * x), 4)(0.3), rel=1e-13)


def test_other_transforms_inside_and_around() -> None:
    inner: dict[str, Function] = {
        "grad": lambda x: grad(lambda y, z: x * x * y + z)(2.0, 3.0)[0],
        "value_and_grad": lambda x: ag.value_and_grad(lambda y: x * x * y)(1.0)[0],
        "derivative": lambda x: ag.derivative(lambda y: x * x * y * y / 2, 2)(2.0),
        "jacobian": lambda x: jacobian(lambda y: [y, x * x * y])(2.0)[1][0],
        "jacfwd": lambda x: jacfwd(lambda y: [y, x * x * y])(2.0)[1][0],
        "hessian": lambda x: ag.hessian(lambda y, z: x * x * y * z)(2.0, 3.0)[0][1],
        "hvp": lambda x: hvp(lambda y, z: x * x * y * z)(2.0, 3.0, vector=(1.0, 0.0))[1],
        "hvp by its vector": lambda x: hvp(lambda y: y**3)(1.0, vector=x * x) / 6.0,
        "jvp": lambda x: jvp(lambda y: x * x * y, 2.0, 1.0)[1],
        "jvp by its direction": lambda x: jvp(lambda y: y, 2.0, x * x)[1],
        "vjp": lambda x: vjp(lambda y: [y, x * x * y], 2.0, [0.0, 1.0])[1],
    }
    for name, function in inner.items():
        assert forward(function)(3.0) == 6.0, name
        assert forward(forward(function))(3.0) == 2.0, name
        assert grad(forward(function))(3.0) == 2.0, name
        assert type(function(3.0)) is float, name
        with no_grad():
            assert forward(function)(3.0) == 6.0, name


# ---- as eager: choices, constants, contexts ----------------------------------------------------------------------------------


def _frozen(x: Any) -> Any:
    with no_grad():
        y = x * x
    return y * x + x.detach() * x + constant(x) * 2.0


def _named(x: Any) -> Any:
    x.label = "x"
    return x * 2.0 if x else x


ALIKE: list[Function] = [
    lambda x: where(x > 0.0, lambda: ag.log(x), 0.0),
    lambda x: where(x < 0.0, x, x * x),
    lambda x: x * x if x >= 1.5 else -x,
    lambda x: 2.0 * x if x != 2.0 and not x <= 1.0 else x,
    lambda x: x if x == 2 else 3.0 * x,
    lambda x: x if x > 2.0 else x * x,
    lambda x: ag.leaky_relu(-x) + ag.elu(-x) + ag.gelu(x) + ag.hard_tanh(x) + ag.maximum(x, 2.0) + ag.minimum(2, x),
    lambda x: ag.softmax([x, 1.0, x * x])[1] + ag.logsumexp([x, x]) + ag.entropy([x / 4.0, 0.5]),
    lambda x: ag.dot([x, 2.0], [x, x], bias=x) + ag.total([x, 1, x]) + ag.norm([x, 0.0, 3.0]) + ag.product([x, x, x]),
    lambda x: x**2 + 2**x + x**x + x**0.0 + (x - 2.0) ** 2.0 + (-x) ** 3 + x**-1,
    lambda x: np.float64(2.0) * x + x * np.int8(2) + np.sin(x) + x.arctan() + x.tanh() + x.relu() + abs(-x) + +x,
    lambda x: ag.cross_entropy([x, 1.0], 0) + ag.cross_entropy([x, 1.0], [0.25, 0.75]) + ag.squared_error([x], [1.0]),
    lambda x: 5.0,
    lambda x: x,
    lambda x: constant(3.0) * x + Value(2.0) * x + Value(4.0),
    lambda x: sum([x, x * 2.0]),
    _frozen,
    _named,
]


@pytest.mark.parametrize("function", ALIKE)
def test_what_functions_do_with_values_they_do_with_duals(function: Function) -> None:
    value, slope = ag.value_and_grad(function)(2.0)
    found = jvp(function, 2.0, 1.0)
    assert found == (value, pytest.approx(slope, rel=1e-14))
    assert [type(number) for number in found] == [float, float]
    second = ag.derivative(function, 2)(2.0)
    for outer, inner in itertools.product(MODES, repeat=2):
        assert outer(inner(function))(2.0) == pytest.approx(second, rel=1e-13, abs=1e-13)


def test_networks_and_their_parameters() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    assert jvp(model, [0.5, -0.25], [1.0, 2.0])[1] == pytest.approx(ag.dot(grad(model)([0.5, -0.25]), [1.0, 2.0]), rel=1e-14)
    assert jacfwd(model)([0.5, -0.25]) == [pytest.approx(grad(model)([0.5, -0.25]), rel=1e-14)]
    assert all(parameter.grad == 0.0 for parameter in model.parameters())
    _, slope = jvp(model, [Value(0.5), Value(-0.25)], [1.0, 2.0])  # a derivative in the loss
    slope.backward()
    [weight, *_] = model.parameters()
    step = 1e-6
    weight.data += step
    above = jvp(model, [0.5, -0.25], [1.0, 2.0])[1]
    weight.data -= 2 * step
    assert weight.grad == pytest.approx((above - jvp(model, [0.5, -0.25], [1.0, 2.0])[1]) / (2 * step), rel=1e-7)


class Versine(Unary):
    """1 - cos(x)."""

    symbol = "versine({x})"

    def forward(self, x: float) -> float:
        return 2.0 * math.sin(0.5 * x) ** 2

    def dx(self, x: float, out: float) -> float:
        return ag.sin(x)


def test_primitives_of_users() -> None:
    versine = Versine()
    assert jvp(versine, 0.5, 1.0) == (versine(0.5), math.sin(0.5))
    assert forward(forward(forward(versine)))(0.5) == -math.sin(0.5)
    assert grad(forward(versine))(0.5) == forward(grad(versine))(0.5) == math.cos(0.5)


def test_what_is_not_along_the_direction_does_not_count() -> None:
    assert jvp(lambda x, y: ag.sqrt(x) + y, (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)
    assert jvp(lambda x, y: x**y, (-2.0, 3.0), (1.0, 0.0)) == (-8.0, 12.0)
    assert jvp(ag.sqrt, 0.0, 1.0) == (0.0, math.inf)


def test_a_slope_that_becomes_nan_is_told() -> None:
    for function in (lambda x: ag.sqrt(x * x), lambda x: ag.sqrt(x) - ag.sqrt(x)):
        with pytest.warns(ag.NanGradientWarning, match=r"the slope is nan: an infinite slope meets a slope of 0, or another"):
            assert math.isnan(forward(function)(0.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(forward(lambda x: x * math.nan)(1.0))


def test_errors_are_those_of_eager() -> None:
    with pytest.raises(ag.DomainError, match=r"`log\(-1\)` is not defined"):
        jvp(ag.log, -1.0, 1.0)
    with pytest.raises(ag.PoleError, match="divides by zero"):
        jvp(lambda x: 1 / x, 0.0, 1.0)
    with pytest.raises(RuntimeError, match="broken"), no_grad():
        jvp(lambda x: (_ for _ in ()).throw(RuntimeError("broken")), 1.0, 1.0)
    assert (Value(2.0) * 3).requires_grad
    for dropped in (math.sin, float, int, complex, lambda x: np.array([x], dtype=float)):
        with pytest.raises(TypeError, match=r"would drop the graph"):
            jvp(dropped, 1.0, 1.0)
    with pytest.raises(TypeError, match=r"a Value holds one number, got a Dual\. Use it as it is"):
        jvp(Value, 1.0, 1.0)
    with pytest.raises(TypeError, match="array of shape"):
        jvp(lambda x: x * np.ones(2), 1.0, 1.0)
    for stranger in ("1", None, [1.0], 1j):
        with pytest.raises(TypeError):
            jvp(lambda x, stranger=stranger: x * stranger, 1.0, 1.0)
    for wrong in ("x", None):
        with pytest.raises(TypeError, match="one real number"):
            jvp(lambda x, wrong=wrong: wrong, 1.0, 1.0)
    assert (Dual(1.0) == "1") is False


def test_threads_and_no_grad() -> None:
    """A function that works in a thread, which knows nothing of the call."""

    def threaded(x: Any) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(x * forward(lambda y: x * y * y)(2.0)))
        thread.start()
        thread.join()
        return found[0]

    assert forward(threaded)(3.0) == grad(threaded)(3.0) == 24.0
    with no_grad():
        assert forward(ag.square)(3.0) == 6.0
        x = Value(3.0)
        assert not forward(ag.square)(x).requires_grad
    assert forward(lambda x: _paused(x) * x)(3.0) == 6.0


def _paused(x: Any) -> Any:
    with no_grad():
        return forward(lambda y: x * y * 2.0)(1.0)


def test_inside_a_trace() -> None:
    for function in (
        lambda x: forward(lambda y: ag.sin(x * y))(x),
        lambda x: jacfwd(lambda y: [y * x, y**3])(x)[1][0],
        lambda x: vjp(ag.exp, x)[1],
        lambda x: hvp(lambda y: y**4)(x, vector=2.0),
    ):
        program = trace(function, 0.5)
        assert program(1.25) == pytest.approx(function(1.25), rel=1e-14)


def test_a_long_computation_keeps_no_graph() -> None:
    def recurrence(x: Any) -> Any:
        y = x
        for _ in range(50_000):
            y = 0.5 * y + 0.25
        return y

    assert jvp(recurrence, 1.0, 1.0) == (0.5, 0.0)


def test_duals_are_shown_and_are_numbers() -> None:
    x = Dual(2.0, {3: 1.0})
    assert repr(x * x) == "Dual(4.0, {3: 4.0})"
    assert (x.data, x.requires_grad, bool(x), hash(x) == hash(x)) == (2.0, True, True, True)
    assert [x < 3, x <= 2, x > 1, x >= 3, x == 2, x != 2, x < 3] == [True, True, True, False, True, False, True]
