"""Taylor mode: against mpmath, against nested gradients over the whole table, at special points, and inside everything else."""

import gc
import itertools
import math
import re
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd_lite as ag
from autograd_lite import Value, derivative, grad, jvp, no_grad, taylor
from autograd_lite.calculus import series
from autograd_lite.calculus.call import FunctionCall
from autograd_lite.calculus.taylor_mode import by_sweeps
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn import MLP
from autograd_lite.program import trace
from autograd_lite.testing.generate.strategies import points as points_of
from autograd_lite.testing.generate.strategies import programs
from tests import points
from tests.calculus.test_forward import Versine
from tests.counting import calls_during
from tests.samples import examples

Function = Callable[..., Any]

# ---- order 30, against mpmath ------------------------------------------------------------------------------------------------

# A function, the same for mpmath, a point, and the digits that all coefficients up to the thirtieth have: docs/derivatives.md.
ORDER_30: dict[str, tuple[Function, Function, float, float]] = {
    "exp(x)": (ag.exp, mp.exp, 0.7, 15.0),
    "sin(x)": (ag.sin, mp.sin, 0.7, 15.0),
    "tanh(x)": (ag.tanh, mp.tanh, 0.3, 13.0),
    "log(x)": (ag.log, mp.log, 1.7, 15.0),
    "1 / (1 - x)": (lambda x: 1 / (1 - x), lambda x: 1 / (1 - x), 0.25, 15.0),
    "sin(x * x) * exp(-x)": (lambda x: ag.sin(x * x) * ag.exp(-x), lambda x: mp.sin(x * x) * mp.exp(-x), 0.7, 12.5),
    "sqrt(x)": (ag.sqrt, mp.sqrt, 1.3, 14.0),
    "atan(x)": (ag.atan, mp.atan, 0.3, 13.0),
    "erf(x)": (ag.erf, mp.erf, 0.5, 14.0),
    "sigmoid(x)": (ag.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), 0.5, 12.5),
    "x ** x": (lambda x: x**x, lambda x: x**x, 1.3, 13.0),
    "x ** 2.5": (lambda x: x**2.5, lambda x: x ** mpf(2.5), 1.3, 15.0),
    "asin(x)": (ag.asin, mp.asin, 0.3, 14.0),
    "tan(x)": (ag.tan, mp.tan, 0.4, 14.5),
    "logsumexp([x, 0, 2 * x])": (
        lambda x: ag.logsumexp([x, 0.0, 2.0 * x]),
        lambda x: mp.log(mp.exp(x) + 1 + mp.exp(2 * x)),
        0.4,
        12.0,
    ),
}


def _digits(found: list[float], right: list[Any]) -> float:
    """How many digits the worst coefficient has; one that is zero, of the largest."""
    largest = max(map(abs, right))
    errors = [abs(x - y) / (abs(y) or largest) for x, y in zip(found, right, strict=True)]
    return -math.log10(float(max(errors)) or 1e-17)


@pytest.mark.parametrize("name", ORDER_30)
def test_order_thirty_against_mpmath(name: str) -> None:
    function, reference, x, digits = ORDER_30[name]
    with mp.workdps(80):
        right = mp.taylor(reference, mpf(x), 30)
        assert _digits(taylor(function, x, 30), right) >= digits
        assert derivative(function, 30)(x) == pytest.approx(float(right[30] * mp.factorial(30)), rel=10.0**-digits)


def test_the_digits_are_those_that_the_page_promises() -> None:
    page = (Path(__file__).parents[2] / "docs" / "derivatives.md").read_text()
    rows = re.findall(r"^\| `(.+)` \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    assert {name: (float(x), float(digits)) for name, x, digits in rows} == {name: row[2:] for name, row in ORDER_30.items()}


def test_order_thirty_takes_thousands_of_calls_and_order_sixty_twice_as_many() -> None:
    """Some milliseconds; with nested derivatives, each order would double them."""
    for function, _, x, _ in ORDER_30.values():
        thirty, sixty = (calls_during(lambda order=order: taylor(function, x, order)) for order in (30, 60))  # noqa: B023
        assert sixty < 2.1 * thirty < 2.1 * 20_000


def test_the_work_grows_with_the_square_of_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not measured: terms of all sums."""
    counted = [0]
    sum_of = series.sum_of

    def counting(terms: Any) -> Any:
        counted[0] += len(terms)
        return sum_of(terms)

    monkeypatch.setattr(series, "sum_of", counting)
    for function in (lambda x: 1 / (1 - x), lambda x: ag.sin(x * x) * ag.exp(-x), ag.tanh, ag.atan, lambda x: x**x):
        work = []
        for order in (20, 40, 80):
            counted[0] = 0
            taylor(function, 0.3, order)
            work.append(counted[0])
        assert work[2] < 4.2 * work[1] < 4.2 * 4.2 * work[0]


# ---- over the whole table ----------------------------------------------------------------------------------------------------


def _by_gradients(function: Function, x: float, order: int) -> list[float]:
    """The coefficients from one reverse sweep after another."""
    derivatives = by_sweeps(FunctionCall(function, (x,)), order)
    return [slope / math.factorial(place) for place, slope in enumerate(derivatives)]


def _outcome(function: Callable[[], list[float]]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ag.NanGradientWarning)
        try:
            return function()
        except ArithmeticError as error:
            return type(error)


def _alike(found: Any, right: Any, rel: float) -> bool:
    if isinstance(found, type) or isinstance(right, type):
        return found is right
    finite = [abs(y) for y in right if math.isfinite(y)]
    scale = max(finite, default=0.0)
    return all(
        x == y or (math.isnan(x) and math.isnan(y)) or x == pytest.approx(y, rel=rel, abs=1e-12 * scale)
        for x, y in zip(found, right, strict=True)
    )


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_has_the_series_of_its_nested_gradients(name: str) -> None:
    """At ordinary points, and where the table has special points, along each operand and along lines through all of them."""
    primitive = TABLE[name]
    special = [point.operands for point in primitive.special_points if not primitive.orders]
    for operands in [*points.ordinary(primitive, 6)[:8], *points.tails(primitive, 6)[:6], *special]:
        count = points.variables(primitive, operands)
        directions = [*([float(i == j) for i in range(count)] for j in range(min(count, 3))), [1.0 - 0.5 * i for i in range(count)]]
        for direction in directions:

            def on_line(t: Any, operands: Any = operands, direction: Any = direction, count: int = count) -> Any:
                moved = [x + t * part if part else x for x, part in zip(operands[:count], direction, strict=True)]
                return primitive.of([*moved, *operands[count:]])

            right = _outcome(lambda on_line=on_line: _by_gradients(on_line, 0.0, 4))
            found = _outcome(lambda on_line=on_line: taylor(on_line, 0.0, 4))
            assert _alike(found, right, 1e-9), (operands, direction, found, right)


@pytest.mark.parametrize("name", TABLE)
def test_the_first_coefficients_keep_their_digits_in_the_tails(name: str) -> None:
    """Where the formulas of families cancel: the second derivative of tanh at 1e-30 is -2e-30, not 0."""
    primitive = TABLE[name]
    for operands in [*points.ordinary(primitive, 6)[:6], *points.tails(primitive, 12)]:
        for j in range(min(points.variables(primitive, operands), 2)):

            def alone(x: Any, j: int = j, operands: Any = operands) -> Any:
                return primitive.of([x if i == j else each for i, each in enumerate(operands)])

            right = _outcome(lambda alone=alone, x=operands[j]: _by_gradients(alone, x, 2))
            found = _outcome(lambda alone=alone, x=operands[j]: taylor(alone, x, 6)[:3])
            if isinstance(right, type) or not all(map(math.isfinite, right)):
                continue
            assert found == pytest.approx(right, rel=1e-12, abs=1e-300), (operands, j)


@settings(max_examples=examples(60), deadline=None, derandomize=True, database=None)
@given(st.data())
def test_random_programs_have_the_series_of_their_nested_gradients(data: st.DataObject) -> None:
    program = data.draw(programs(max_nodes=6, inputs=2))
    point = data.draw(points_of(program))

    def on_line(t: Any) -> Any:
        return program(*(x + (0.5 + i) * t for i, x in enumerate(point)))

    right = _outcome(lambda: _by_gradients(on_line, 0.0, 3))
    found = _outcome(lambda: taylor(on_line, 0.0, 3))
    assert _alike(found, right, 1e-6), (found, right)


KINKS: list[tuple[Function, float, list[float]]] = [
    (ag.relu, 0.0, [0.0, 0.0, 0.0, 0.0]),
    (abs, 0.0, [0.0, 0.0, 0.0, 0.0]),
    (lambda x: x**0.5, 0.0, [0.0, math.inf, -math.inf, math.inf]),
    (ag.sqrt, 0.0, [0.0, math.inf, -math.inf, math.inf]),
    (ag.cbrt, 0.0, [0.0, math.inf, 0.0, math.inf]),
    (ag.softsign, 0.0, [0.0, 1.0, 0.0, 1.0]),
    (lambda x: ag.maximum(x, 0.0), 0.0, [0.0, 0.5, 0.0, 0.0]),
    (lambda x: ag.maximum(x, x), 2.0, [2.0, 1.0, 0.0, 0.0]),
    (lambda x: ag.minimum(2.0 * x, x * x), 0.0, [0.0, 1.0, 0.5, 0.0]),
    (lambda x: ag.clamp(x, 0.0, 1.0), 1.0, [1.0, 1.0, 0.0, 0.0]),
    (ag.floor, 1.0, [1.0, 0.0, 0.0, 0.0]),
    (lambda x: ag.fmod(x * x, 2.0), 2.0, [0.0, 4.0, 1.0, 0.0]),
    (lambda x: ag.norm([x, 0.0]), 0.0, [0.0, 0.0, 0.0, 0.0]),
    (lambda x: abs(x) * x, 0.0, [0.0, 0.0, 0.0, 0.0]),
    (lambda x: x**2.0, 0.0, [0.0, 0.0, 1.0, 0.0]),
    (lambda x: x**0.0, 0.0, [1.0, 0.0, 0.0, 0.0]),
    (lambda x: x**1.0, 0.0, [0.0, 1.0, 0.0, 0.0]),
    (lambda x: (x - 1.0) ** 3 * ag.exp(x), 1.0, [0.0, 0.0, 0.0, math.e]),
    (lambda x: (-x) ** 3, 2.0, [-8.0, -12.0, -6.0, -1.0]),
    (lambda x: 2.0**x, 0.0, [1.0, math.log(2.0), math.log(2.0) ** 2 / 2, math.log(2.0) ** 3 / 6]),
    (lambda x: ag.xlogy(x, 2.0), 0.0, [0.0, math.log(2.0), 0.0, 0.0]),
    (ag.sigmoid, 0.0, [0.5, 0.25, 0.0, -1.0 / 48.0]),
    (ag.gaussian, 0.0, [1.0, 0.0, -1.0, 0.0]),
    (lambda x: ag.logaddexp(x, 0.0), 0.0, [math.log(2.0), 0.5, 0.125, 0.0]),
    (lambda x: ag.where(x > 0.0, lambda: ag.log(x), x * x), 0.0, [0.0, 0.0, 1.0, 0.0]),
]


@pytest.mark.parametrize(("function", "x", "right"), KINKS)
def test_kinks_and_special_points_are_those_of_eager(function: Function, x: float, right: list[float]) -> None:
    assert taylor(function, x, 3) == pytest.approx(right, rel=1e-14, abs=1e-16)
    assert [derivative(function, order)(x) for order in range(4)] == pytest.approx(
        [part * math.factorial(place) for place, part in enumerate(right)], rel=1e-14, abs=1e-15
    )


def test_kinks_of_networks_cost_no_more() -> None:
    model = MLP(1, [4, 4, 1], activation="relu", seed=1)
    assert taylor(lambda x: model([x]) + ag.relu(x) * ag.exp(x), 0.0, 30)[2:] == [0.0] * 29


# ---- what functions do -------------------------------------------------------------------------------------------------------


def test_primitives_of_users() -> None:
    found = taylor(Versine(), 0.5, 20)
    assert found == pytest.approx([-c if i else 1.0 - c for i, c in enumerate(taylor(ag.cos, 0.5, 20))], rel=1e-14)


def test_shapes_kinds_and_orders() -> None:
    assert taylor(ag.square, 3, 0) == [9.0]
    assert taylor(ag.square, 3, 1) == [9.0, 6.0]
    assert taylor(lambda x: 7, 3.0, 2) == [7.0, 0.0, 0.0]
    assert taylor(lambda x: x, 3.0, 2) == [3.0, 1.0, 0.0]
    assert all(type(c) is float for c in taylor(lambda x: Value(2.0) * x, 3.0, 2))
    for wrong in (-1, 1.5, True, "2", None):
        with pytest.raises(ValueError, match=r"^the order of a series is a whole number from 0 up, got"):
            taylor(ag.sin, 0.0, wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="one of 2 numbers"):
        taylor(ag.norm, [1.0, 2.0], 2)
    with pytest.raises(TypeError, match="Use jacobian"):
        taylor(lambda x: [x, x], 1.0, 2)
    with pytest.raises(TypeError, match="one real number"):
        taylor(lambda x: "x", 1.0, 2)
    assert taylor(ag.exp, 0.0, 150)[150] == pytest.approx(1.0 / math.factorial(150), rel=1e-12)
    assert derivative(ag.sin, 200)(0.5) == pytest.approx(math.sin(0.5), rel=1e-12)
    assert repr(series.Series(series.TaylorCall(1, None), [1.0, 2.0])) == "Series([1.0, 2.0])"  # type: ignore[arg-type]


def test_errors_are_those_of_eager() -> None:
    with pytest.raises(ag.DomainError, match=r"`log\(x\)` is not defined|`log\(-1\)` is not defined"):
        taylor(ag.log, -1.0, 30)
    with pytest.raises(ag.PoleError, match="divides by zero"):
        taylor(lambda x: 1.0 / x, 0.0, 30)
    with pytest.raises(ag.RangeError):
        taylor(ag.exp, 1000.0, 3)
    with pytest.raises(RuntimeError, match="broken"):
        taylor(lambda x: (_ for _ in ()).throw(RuntimeError("broken")), 1.0, 2)

    def careful(x: Any) -> Any:
        try:
            return ag.log(x - 5.0) * x
        except ValueError:
            return x * x

    assert taylor(careful, 2.0, 3) == [4.0, 4.0, 1.0, 0.0]

    def greedy(x: Any) -> Any:
        try:
            return ag.sqrt(x)
        except Exception:
            return x

    assert taylor(greedy, 0.0, 2) == [0.0, math.inf, -math.inf]


def test_functions_that_want_values_have_derivatives_all_the_same() -> None:
    """`derivative` and `hvp` gave them Values before there were series and duals."""

    def inner(x: Any) -> Any:
        y = x**3 * 2.0
        assert x.operands is not None
        return ag.gradients(y, [x], differentiable=True)[0] * x

    assert derivative(inner, 2)(2.0) == 72.0
    assert taylor(inner, 2.0, 2) == [48.0, 72.0, 36.0]
    assert ag.hvp(inner)(2.0, vector=2.0) == 144.0
    with pytest.raises(AttributeError, match="'Dual' object has no attribute"):
        jvp(inner, 2.0, 1.0)
    assert taylor(lambda x: x * (2.0 if f"{x:.1f}" == "2.0" else 0.0), 2.0, 1) == [4.0, 2.0]


def test_high_orders_where_there_is_no_series_come_to_an_end() -> None:
    assert taylor(lambda x: x**2.5, 0.0, 8)[2:5] == [0.0, math.inf, -math.inf]
    with pytest.raises(ag.GraphError, match=r"there is no Taylor series at 0\.0, a special point of a function inside"):
        taylor(lambda x: ag.softsign(x) * ag.exp(ag.sin(x * x + x)) * ag.tanh(x), 0.0, 30)


def test_nothing_is_left_behind() -> None:
    def function(x: Any) -> Any:
        return ag.sin(x * x) * ag.sigmoid(x) + ag.atan(x) / (1.0 + x) + x**x

    for call in (lambda: taylor(function, 0.3, 8), lambda: taylor(ag.sqrt, 0.0, 3), lambda: jvp(function, 0.3, 1.0)):
        call()
        gc.collect()
        call()
        assert gc.collect() == 0


def test_threads_have_series_of_their_own() -> None:
    def in_thread(k: int) -> None:
        found[k] = [taylor(lambda x: ag.sin(x * k) * ag.sigmoid(x), 0.0, 12) for _ in range(20)]

    found: dict[int, Any] = {}
    threads = [threading.Thread(target=in_thread, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, each in found.items():
        assert each == [taylor(lambda x, k=k: ag.sin(x * k) * ag.sigmoid(x), 0.0, 12)] * 20


def test_no_grad_and_detach_cut_off() -> None:
    def frozen(x: Any) -> Any:
        with no_grad():
            y = x * x
        return y * x + x.detach() * ag.sin(x)

    assert taylor(frozen, 2.0, 3) == pytest.approx(_by_gradients(frozen, 2.0, 3), rel=1e-15)
    with no_grad():
        assert taylor(ag.exp, 0.0, 2) == [1.0, 1.0, 0.5]
        assert not taylor(ag.exp, Value(0.0), 2)[2].requires_grad


# ---- inside everything, and everything inside --------------------------------------------------------------------------------


def _second(function: Function) -> Function:
    return lambda x: taylor(function, x, 2)[2] * 2.0


def _first(function: Function) -> Function:
    return lambda x: taylor(function, x, 1)[1]


def _forward(function: Function) -> Function:
    return lambda x: jvp(function, x, 1.0)[1]


@pytest.mark.parametrize("modes", list(itertools.product((grad, _forward, _first), repeat=4)))
def test_order_four_in_every_mixture_of_modes(modes: Any) -> None:
    function: Function = lambda x: ag.tanh(x) * ag.exp(x * x) + 1.0 / (2.0 + x)  # noqa: E731
    right = taylor(function, 0.3, 4)[4] * 24.0
    for mode in modes:
        function = mode(function)
    assert function(0.3) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product((grad, _forward, _first), repeat=2)))
def test_perturbations_are_not_confused(outer: Any, inner: Any) -> None:
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(3.0) == 12.0
    assert outer(lambda x: inner(lambda _: x * x)(x))(3.0) == 0.0
    assert outer(lambda x: inner(lambda y: x**2 * y**3)(x))(2.0) == pytest.approx(96.0, rel=1e-15)


@pytest.mark.parametrize("modes", list(itertools.product((_second, lambda f: derivative(f, 2), lambda f: grad(grad(f))), repeat=2)))
def test_second_derivatives_nest_to_the_fourth(modes: Any) -> None:
    function: Function = lambda x: ag.sin(x * x) * ag.atan(x) + ag.hypot(x, 2.0)  # noqa: E731
    right = taylor(function, 0.7, 4)[4] * 24.0
    for mode in modes:
        function = mode(function)
    assert function(0.7) == pytest.approx(right, rel=1e-11)


@pytest.mark.parametrize("name", [name for name, primitive in TABLE.items() if primitive.public])
def test_a_series_can_be_differentiated_by_what_it_captured(name: str) -> None:
    """The second coefficient along a line, by where the line starts: half a third derivative, in reverse and forward mode."""
    primitive = TABLE[name]
    for operands in points.ordinary(primitive, 4)[:2]:

        def moved(t: Any, operands: Any = operands) -> Any:
            return primitive.of([x + (1.0 - 0.25 * i) * t for i, x in enumerate(operands)])

        right = derivative(moved, 3)(0.0) / 2.0
        for mode in (grad, _forward):
            found = mode(lambda s, moved=moved: taylor(lambda t: moved(s + t), 0.0, 2)[2])(0.0)
            assert found == pytest.approx(right, rel=1e-9, abs=1e-9)


def test_values_in_values_out() -> None:
    x, w = Value(0.5), Value(2.0)
    third = taylor(lambda t: ag.sin(w * t), x, 3)[3]
    third.backward()
    assert third.data == pytest.approx(-8.0 * math.cos(1.0) / 6.0, rel=1e-15)
    assert x.grad == pytest.approx(16.0 * math.sin(1.0) / 6.0, rel=1e-14)
    assert w.grad == pytest.approx((-12.0 * math.cos(1.0) + 4.0 * math.sin(1.0)) / 6.0, rel=1e-14)


def test_inside_a_trace() -> None:
    for function in (lambda x: taylor(ag.sin, x, 3)[3], lambda x: derivative(lambda y: ag.exp(x * y), 3)(1.0)):
        program = trace(function, 0.5)
        assert program(1.25) == pytest.approx(function(1.25), rel=1e-14)


def test_long_computations() -> None:
    def recurrence(x: Any) -> Any:
        y = x
        for _ in range(3000):
            y = ag.sin(y)
        return y

    assert taylor(recurrence, 0.5, 2) == pytest.approx(_by_gradients(recurrence, 0.5, 2), rel=1e-10)
