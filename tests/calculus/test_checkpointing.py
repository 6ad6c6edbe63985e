"""Checkpoints: one node for a call, recomputed in the backward pass; equal to the function itself, or an error."""

import copy
import gc
import math
import pickle
import random
import time
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import GraphError, Value, checkpoint, no_grad
from autograd_lite.calculus.transforms import gradients
from autograd_lite.datasets import moons
from autograd_lite.drawing import equation
from autograd_lite.engine import pool, recording
from autograd_lite.losses import hinge
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.training import fit
from benchmarks import checkpoints
from tests.counting import peak
from tests.processes import run_python

Pair = namedtuple("Pair", "first second")


class Model:
    """A parameter, a constant, and a method that reaches them by itself."""

    def __init__(self) -> None:
        self.w = Value(0.7, label="w")
        self.c = ag.constant(0.3)
        self.calls = 0

    def block(self, x: Any, steps: int = 3) -> Any:
        self.calls += 1
        kept = Value(0.0)  # a leaf of each run's own
        for _ in range(steps):
            x = ag.sin(x * self.w) + x * self.c
            kept = kept + x * x
        return ag.dot([x, kept], [kept, self.w])

    def pair(self, v: Any) -> Any:
        h = ag.sin(v[0] * v[1]) * self.w
        return [h * v[0], {"b": ag.exp(v[1]) + h}]


def slopes(model: Model, block: Callable[..., Any]) -> list[float]:
    """The gradients of a loss that uses a block twice, and its operands outside of it, too."""
    x = Value(1.3)
    y = x * 2.0
    loss = block(block(y)) * y + block(x, steps=2) * model.w
    loss.backward()
    found = [loss.data, x.grad, y.grad, model.w.grad]
    model.w.grad = 0.0
    return found


def test_a_call_is_one_node_and_is_recomputed_once() -> None:
    model = Model()
    x = Value(1.3, label="x")
    y = checkpoint(model.block)(x)
    assert model.calls == 1
    assert str(y.primitive) == "<primitive block>"
    assert y.operands[0] is x
    assert any(operand is model.w for operand in y.operands)
    y.backward()
    assert model.calls == 2
    expected = Value(1.3)
    again = Model()
    again.block(expected).backward()
    assert (x.grad, model.w.grad) == pytest.approx((expected.grad, again.w.grad), rel=1e-15)


def test_values_that_it_reaches_by_itself_get_their_gradients() -> None:
    model = Model()
    assert slopes(model, checkpoint(model.block)) == pytest.approx(slopes(model, model.block), rel=1e-14)
    inner = Value(2.0) * 3.0
    x = Value(1.5)
    (checkpoint(lambda: inner * x * inner)() + inner).backward()
    assert (inner.grad, x.grad) == (19.0, 36.0)


def test_nested_a_hundred_deep() -> None:
    w = Value(0.9)

    def nested(depth: int, wrapped: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if depth == 0:
            return lambda x: ag.sin(x) * w
        inner = wrapped(nested(depth - 1, wrapped))
        return lambda x: inner(x) * 1.01 + w

    found = []
    for wrapped in (checkpoint, lambda function: function):
        x, w.grad = Value(0.5), 0.0
        wrapped(nested(100, wrapped))(x).backward()
        found.append((x.grad, w.grad))
    assert found[0] == pytest.approx(found[1], rel=1e-13)


TRANSFORMS: list[Callable[[Any, Any], Any]] = [
    lambda f, p: ag.grad(f)(p),
    lambda f, p: ag.hessian(f)(p),
    lambda f, p: ag.hvp(f)(p, vector=[1.0, 2.0]),
    lambda f, p: ag.grad(lambda v: ag.total(ag.hessian(f)(v)[0]))(p),
    lambda f, p: ag.jvp(f, p, [1.0, 2.0]),
    lambda f, p: ag.vjp(f, p, 3.0),
    lambda f, p: ag.jvp(ag.grad(f), p, [1.0, 2.0])[1],
    lambda f, p: ag.grad(lambda v: ag.jvp(f, v, [1.0, 2.0])[1])(p),
    lambda f, p: ag.derivative(lambda x: f([x, x * x]), order=4)(0.6),
    lambda f, p: ag.grad(ag.grad(ag.grad(lambda x: f([x, x * x]))))(0.6),
    lambda f, p: ag.grad(lambda x: x * ag.grad(lambda y: f([x, y]))(2.0))(0.6),
    lambda f, p: ag.grad(lambda x: ag.taylor(lambda t: f([t, x]), 0.6, 3)[2])(0.7),
    lambda f, p: ag.derivative(lambda x: ag.derivative(lambda y: f([x, y]), order=2)(0.4), order=2)(0.7),
]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_every_derivative_sees_the_function_itself(transform: Callable[[Any, Any], Any]) -> None:
    model = Model()
    block = checkpoint(model.pair)

    def of(pair: Callable[..., Any]) -> Callable[..., Any]:
        def function(v: Any) -> Any:
            first, rest = pair(v)
            return first * rest["b"] + model.w * first

        return function

    flat = [np.ravel(np.array(transform(of(each), [1.0, 2.0]), dtype=object)).tolist() for each in (block, model.pair)]
    assert str(flat[0]) == str(flat[1]) or flat[0] == pytest.approx(flat[1], rel=1e-13)


def test_jacobians_of_many_results() -> None:
    model = Model()
    block = checkpoint(model.pair)
    for transform in (ag.jacobian, ag.jacrev, ag.jacfwd):
        rows = [transform(lambda v, f=f: [f(v)[0], f(v)[1]["b"], v[0]])([1.0, 2.0]) for f in (block, model.pair)]  # type: ignore[misc]
        assert np.allclose(rows[0], rows[1], rtol=1e-14)


def test_derivatives_by_what_it_reaches_to_second_order() -> None:
    x, w = Value(1.2), Value(0.7)
    found = []
    for wrapped in (checkpoint, lambda function: function):
        f = wrapped(lambda x: ag.sin(x * w) * x)
        slope = gradients(f(x), [w], differentiable=True)[0]
        found.append([slope.data, *gradients(slope, [w, x])])
    assert found[0] == pytest.approx(found[1], rel=1e-14)


def test_backward_twice_doubles_the_leaves_and_only_the_leaves() -> None:
    model = Model()
    x = Value(1.3)
    y = x * 2.0
    loss = checkpoint(model.block)(y) * y
    loss.backward()
    first = (x.grad, y.grad, model.w.grad)
    loss.backward()
    assert (x.grad, y.grad, model.w.grad) == (2.0 * first[0], first[1], 2.0 * first[2])


def test_structures_come_back_as_they_were() -> None:
    x, y = Value(2.0), Value(3.0)

    def shapes(pair: Any, *, more: Any) -> Any:
        assert isinstance(pair, Pair)
        twin = pair.first * pair.second
        return Pair(twin, (OrderedDict(z=twin, one=pair.first), [None, "text", 3.5, more["c"]])), np.array([twin, twin * 2.0])

    (first, (named, rest)), array = checkpoint(shapes)(Pair(x, y), more={"c": ag.constant(4.0)})
    assert first is named["z"]
    assert type(named) is OrderedDict
    assert named["one"] is x
    assert rest[:3] == [None, "text", 3.5]
    (first + array.sum()).backward()
    assert (x.grad, y.grad) == (12.0, 8.0)
    assert array[0] is first


def test_other_numbers_go_through() -> None:
    square = checkpoint(lambda x: x * x)
    assert square(3.0) == 9.0
    assert square(1 + 1j) == 2j
    assert square(np.array([1.0, 2.0])).tolist() == [1.0, 4.0]
    with no_grad():
        assert not square(Value(3.0)).requires_grad
    assert square(ag.constant(3.0)).requires_grad is False
    assert ag.taylor(square, 3.0, 3) == [9.0, 6.0, 1.0, 0.0]
    assert ag.check(square, 3.0).outcome == "agrees"


def test_a_list_that_is_changed_afterwards_is_the_one_that_was_given() -> None:
    state = [Value(1.0), Value(2.0)]
    a, b = state
    y = checkpoint(lambda s: s[0] * s[1] * s[1])(state)
    state[0] = Value(7.0)
    state.pop()
    y.backward()
    assert (a.grad, b.grad) == (4.0, 4.0)


def _once_and(first: Callable[..., Any], later: Callable[..., Any]) -> Callable[..., Any]:
    calls = []

    def function(*arguments: Any) -> Any:
        calls.append(1)
        return (first if len(calls) == 1 else later)(*arguments)

    return function


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: lambda x, y: x * random.random(), "gave .* and now gives"),
        (lambda: _once_and(lambda x, y: x * 1.0, lambda x, y: x * x), "other derivatives"),
        (lambda: _once_and(lambda x, y: (x * 2.0, x * y * 2.0), lambda x, y: (x * y * 2.0, x * 2.0)), "other derivatives"),
        (lambda: _once_and(lambda x, y: x * 1.0, lambda x, y: x * 1.0 + y * 0.0), "other derivatives"),
        (lambda: _once_and(lambda x, y: x * 1.0, lambda x, y: (x * 1.0, y * 1.0)), "gave 1.0 and now gives 1.0, 1.0"),
        (lambda: _once_and(lambda x, y: x * 1.0, lambda x, y: x.detach()), "gave 1.0 and now gives nothing"),
    ],
)
def test_a_function_that_is_another_one_later_is_an_error(function: Callable[[], Any], said: str) -> None:
    x, y = Value(1.0), Value(1.0)
    outside = Value(2.0)
    results = checkpoint(function())(x, y)
    loss = sum(results if isinstance(results, tuple) else [results]) * outside + x
    for leaf in (x, y, outside):
        leaf.grad = 5.0
    with pytest.raises(GraphError, match=said):
        loss.backward()
    with pytest.raises(GraphError, match=r"recomputed in the backward pass"):
        gradients(loss, [x])
    assert [leaf.grad for leaf in (x, y, outside)] == [5.0, 5.0, 5.0]


def test_what_it_takes_by_chance_has_the_gradient_that_was_recorded() -> None:
    a, b = Value(1.0), Value(1.0)
    checkpoint(_once_and(lambda a, b: a * 2.0, lambda a, b: b * 2.0))(a, b).backward()
    first, second = checkpoint(_once_and(lambda a, b: (a * 2.0, b * 2.0), lambda a, b: (b * 2.0, a * 2.0)))(a, b)
    (first * 10.0 + second).backward()
    assert (a.grad, b.grad) == (22.0, 2.0)


def test_changed_data_is_an_error() -> None:
    model = Model()
    x = Value(1.3, label="x")
    y = checkpoint(model.block)(x)
    for value in (x, model.w):
        before, value.data = value.data, 1.1
        with pytest.raises(GraphError, match=rf"`\.data` of `{value.label}` was changed from {before} to 1\.1"):
            y.backward()
        with pytest.raises(GraphError, match="was changed"):
            _ = y.local_derivatives
        value.data = before
    y.backward()


def test_what_the_function_raises_is_raised_and_changes_nothing() -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("broken")

    x = Value(1.0)
    with pytest.raises(ZeroDivisionError):
        checkpoint(broken)(x)
    assert not recording.pausing
    assert not recording.noting
    loss = checkpoint(_once_and(lambda x: x * 2.0, broken))(x) + x
    with pytest.raises(ZeroDivisionError):
        loss.backward()
    assert x.grad == 0.0
    assert not recording.noting


def test_functions_that_give_their_results_later_are_refused() -> None:
    def generator(x: Any) -> Any:
        yield x

    async def awaited(x: Any) -> Any:
        return x

    for function, kind in ((generator, "generator"), (awaited, "coroutine")):
        with pytest.raises(TypeError, match=f"gives a {kind}"):
            checkpoint(function)(Value(1.0))


def test_infinite_slopes_warn_as_without() -> None:
    said = []
    for wrapped in (checkpoint, lambda function: function):
        x = Value(0.0, label="x")
        loss = wrapped(lambda x: ag.sqrt(x) * 0.0)(x) + 1.0
        with pytest.warns(ag.NanGradientWarning) as caught:
            loss.backward()
        with pytest.warns(ag.NanGradientWarning):
            gradients(loss, [x])
        assert math.isnan(x.grad)
        said.append([str(each.message) for each in caught])
    assert said[0] == said[1]
    y = Value(1.0)
    checkpoint(lambda y: y * math.nan)(y)  # nan is the same as nan
    x = Value(math.nan)
    (checkpoint(lambda x: x * 2.0)(x)).backward()
    assert x.grad == 2.0


def test_backward_inside_is_refused() -> None:
    x = Value(2.0)
    for function in (lambda x: x.backward() or x * x, lambda x: (x * x).backward() or x * x):
        with pytest.raises(GraphError, match=r"backward\(\) inside of a function that is checkpointed"):
            checkpoint(function)(x)
    assert x.grad == 0.0


def test_what_leaves_the_function_by_a_back_door_stays_connected() -> None:
    kept: list[Value] = []

    def function(x: Any) -> Any:
        kept.append(x * x)
        return kept[-1] * 0.7

    x = Value(2.0)
    (checkpoint(function)(x) + kept[0] * 3.0).backward()
    assert x.grad == pytest.approx(0.7 * 4.0 + 12.0)
    assert kept[1].grad == 0.7


def test_copies_and_pickles() -> None:
    model = Model()
    y = checkpoint(model.block)(Value(1.3))
    twin = copy.deepcopy(y)
    y.backward()
    twin.backward()
    assert [operand.grad for operand in twin.operands] == [operand.grad for operand in y.operands]
    assert twin.operands[0] is not y.operands[0]
    with pytest.raises(GraphError, match="not by copies"):
        gradients(twin, [twin.operands[0]], differentiable=True)
    with pytest.raises(TypeError, match="is not pickled: `block`"):
        pickle.dumps(y)


def test_it_is_drawn_and_stepped_as_one_box() -> None:
    model = Model()
    x = Value(1.3, label="x")
    loss = checkpoint(model.block)(x, 2) * 2.0
    assert equation(loss).text == "block(x, 0, w) * 2"
    assert "block" in ag.draw(loss).svg()
    steps = ag.record(loss)
    loss.backward()
    assert steps.backward.at(x).after == x.grad
    assert "block -(2)-> *" in str(ag.why(loss, x))
    assert "block" in steps.html()
    x.data = 2.0
    with pytest.raises(GraphError, match="was changed"):
        ag.record(loss)


def test_a_program_sees_through_it() -> None:
    model = Model()
    program = ag.trace(lambda x: checkpoint(model.block)(x) * x, 1.0)
    points = np.array([0.5, 1.5])
    assert program(points).tolist() == pytest.approx([(model.block(Value(x)) * x).data for x in points], rel=1e-14)
    assert "sin" in program.source


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_fit_trains_alike(engine: Any) -> None:
    trained = []
    for wrapped in (checkpoint, lambda function: function):
        model = MLP(2, [4, 1], seed=0)
        loss = wrapped(hinge)
        fit(model, moons(20), loss, SGD(model.parameters(), 0.1), batch_size=5, epochs=3, engine=engine, seed=1)
        trained.append([parameter.data for parameter in model.parameters()])
    assert trained[0] == pytest.approx(trained[1], rel=1e-12)


def test_threads_recompute_each_for_itself() -> None:
    model = Model()
    block = checkpoint(model.block)
    alone = [ag.grad(lambda x, s=s: block(block(x, s), s))(1.1) for s in range(1, 9)]  # type: ignore[misc]

    def shared(loss: Value) -> None:
        for _ in range(20):
            loss.backward()

    x = Value(1.1)
    loss = block(block(x))
    loss.backward()
    once, x.grad = x.grad, 0.0
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda s: ag.grad(lambda x: block(block(x, s), s))(1.1), range(1, 9)))
        list(threads.map(shared, [loss] * 4))
    assert together == alone
    assert x.grad == pytest.approx(80.0 * once, rel=1e-12)

    def paused(_: int) -> bool:
        with no_grad():
            return any(block(Value(1.1)).requires_grad for _ in range(50))

    with ThreadPoolExecutor(4) as threads:
        recorded = threads.map(lambda _: all(block(Value(1.1)).requires_grad for _ in range(50)), range(2))
        assert not any(threads.map(paused, range(2)))
        assert all(recorded)


def _recurrence(steps: int, block: Callable[[Any, Any, int], Any], size: int) -> tuple[float, ...]:
    x, a = Value(0.3), Value(1.9)
    y: Any = x
    for _ in range(steps // size):
        y = block(y, a, size)
    y.backward()
    return y.data, x.grad, a.grad


def _steps(x: Any, a: Any, count: int) -> Any:
    for _ in range(count):
        x = a * x * (1.0 - x)
    return x


def peaks() -> tuple[int, int, int]:
    """The most bytes in use: of 1,600 steps and of 25,600 in so many calls as each has steps, and of 25,600 in none."""
    block = checkpoint(_steps)
    _recurrence(100, block, 10)
    small, large = (peak(lambda n=n: _recurrence(n * n, block, n)) for n in (40, 160))  # type: ignore[misc]
    return small, large, peak(lambda: _recurrence(25_600, _steps, 25_600))


def test_the_memory_of_a_recurrence_falls_with_its_square_root() -> None:
    # in a process of its own: where nodes live in a pool, it keeps room from graphs that are gone, which is no new memory
    said = run_python("from tests.calculus.test_checkpointing import peaks\nprint(*peaks())")
    small, large, without = map(int, said.split())
    assert large < 5.5 * small
    assert large < without / 15
    assert _recurrence(400, checkpoint(_steps), 20) == pytest.approx(_recurrence(400, _steps, 400), rel=1e-13)


def test_memory_is_freed_without_the_collector() -> None:
    def run() -> None:
        model = Model()
        x = Value(1.3)
        loss = checkpoint(model.block)(checkpoint(model.pair)([x, model.w])[0]) * x
        loss.backward()
        ag.hessian(lambda v: checkpoint(model.pair)(v)[0])([1.0, 2.0])

    def alive() -> int:
        return pool.alive() if pool.holds(Value) else sum(isinstance(thing, Value) for thing in gc.get_objects())

    run()
    gc.collect()
    gc.disable()
    try:
        before = alive()
        run()
        assert alive() == before
    finally:
        gc.enable()


def test_a_function_that_remembers_its_result_is_seen_by_the_collector() -> None:
    def run() -> None:
        state = Value(1.0)
        for _ in range(5):
            holder = [state]
            state = checkpoint(lambda x, holder=holder: (holder, x * 1.1)[1])(state) + 1.0
            holder.append(state)

    def alive() -> int:
        return pool.alive() if pool.holds(Value) else sum(isinstance(thing, Value) for thing in gc.get_objects())

    gc.collect()
    before = alive()
    run()
    gc.collect()
    assert alive() == before


def test_the_benchmark_holds_both_against_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert checkpoints.main([400]) == 0
    assert " 400      20 " in capsys.readouterr().out


def root_and_double(x: Any) -> Any:
    return ag.sqrt(x), 2.0 * x * x + x


@pytest.mark.parametrize("wrap", [lambda f: f, checkpoint, lambda f: checkpoint(lambda x: checkpoint(f)(x))])
def test_a_slope_that_only_another_result_has_does_not_count(wrap: Callable[[Any], Any]) -> None:
    block = wrap(root_and_double)
    x = Value(0.0)
    _, double = block(x)
    double.backward()
    assert x.grad == 1.0  # 0 * inf, where the root's slope counts
    assert ag.grad(lambda x: block(x)[1])(0.0) == 1.0
    assert ag.hessian(lambda x: block(x)[1])(0.0) == [[4.0]]
    assert ag.jacrev(lambda x: list(block(x)))(0.0) == ag.jacfwd(lambda x: list(block(x)))(0.0) == [[math.inf], [1.0]]


def test_each_result_has_its_own_local_derivatives() -> None:
    root, double = checkpoint(root_and_double)(Value(0.0))
    assert root.local_derivatives == (math.inf,)
    assert double.local_derivatives == (1.0,)


def test_a_slope_that_two_results_share_counts_for_both() -> None:
    def block(x: Any, y: Any) -> Any:
        inner = ag.sin(x) * y
        return inner, inner * inner, y * 3.0

    def of(f: Any) -> Any:
        return ag.value_and_grad(lambda x, y: f(x, y)[1] * f(x, y)[0])(0.7, 1.3), ag.hessian(lambda x, y: f(x, y)[1])(0.7, 1.3)

    (value, slopes), hessian = of(checkpoint(block))
    (expected, expected_slopes), expected_hessian = of(block)
    assert value == expected
    assert slopes == pytest.approx(expected_slopes, rel=1e-14)
    assert hessian == [pytest.approx(row, rel=1e-14) for row in expected_hessian]


class Row(tuple[Any, ...]):
    """A tuple with a method, made in a way of its own."""

    name = ""

    def __new__(cls, first: Any, second: Any) -> "Row":
        return super().__new__(cls, (first, second))

    def product(self) -> Any:
        return self[0] * self[1]


def test_tuples_of_a_type_of_ones_own_stay_what_they_are() -> None:
    def block(row: Any, numbers: Any, when: Any) -> Any:
        return Row(row.product() * when.tm_year * len(row.name), row[0] + numbers[0])

    def slopes(block: Any) -> Any:
        x, y = Value(2.0), Value(3.0)
        row = Row([x], y)  # a list, which is copied and the row with it
        row.name = "long"
        result = block(row, (y,), time.gmtime(0))
        assert type(result) is Row
        result.product().backward()
        return x.grad, y.grad

    def of_row(row: Any, numbers: Any, when: Any) -> Any:
        first = Row(row[0][0], row[1])
        first.name = row.name
        return block(first, numbers, when)

    assert slopes(checkpoint(of_row)) == slopes(of_row)
