"""The second run of a traced function: what it reads past its graph refuses the trace, with the line, and nothing else does."""

import copy
import itertools
import math
import pickle
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value, constant, no_grad, where
from autograd_lite.engine.errors import GraphError
from autograd_lite.losses import cross_entropy, squared_error
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.program import TraceError, trace
from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.capture.tracing import traced

# ---- what was read past the graph --------------------------------------------------------------------------------------------


def _gradient_after_backward(x: Any) -> Any:
    y = x * x * x
    y.backward()
    return y * x.grad


def _as_often_as_a_text_says(x: Any) -> Any:
    whole = x
    for _ in range(int(float(f"{x:.17g}"))):
        whole = whole * x
    return whole


READERS: dict[str, Callable[[Any], Any]] = {
    "format": lambda x: x * float(f"{x:.17g}"),
    "a short format": lambda x: x * float(f"{x:.2f}"),
    "repr": lambda x: x * float(repr(x).partition("=")[2].partition(",")[0]),
    "the length of a text": lambda x: x * len(repr(x)),
    "a hash of a text": lambda x: x * (len(str(x)) % 2),
    "copy": lambda x: x * copy.copy(x),
    "deepcopy": lambda x: x * copy.deepcopy(x * x),
    "pickle": lambda x: x * pickle.loads(pickle.dumps(x)),
    "local derivatives": lambda x: x * (x * x).local_derivatives[0],
    "a gradient after backward": _gradient_after_backward,
    "how often a loop runs": _as_often_as_a_text_says,
    "which branch a number decides": lambda x: x * x if float(f"{x:.17g}") < 2.13 else x,
    "a place in a list": lambda x: [x, x * x, x * x * x][len(f"{x:.17g}") % 3],
    "inside a branch": lambda x: where(x > 0, lambda: x * float(f"{x:.17g}"), x),
    "inside an inner derivative": lambda x: ag.grad(lambda z: z * z * float(f"{z:.17g}"))(x),
    "a result": lambda x: float(f"{x:.17g}"),
    "one of the results": lambda x: [x, float(f"{x:.17g}")],
    "inside no_grad": lambda x: x * _paused(lambda: x * float(f"{x:.17g}")),
    "a guard": lambda x: x if x * 2 > float(f"{x:.17g}") else -x,
}


def _paused(function: Callable[[], Any]) -> Any:
    with no_grad():
        return function()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("example", [2.0, 2.125])
def test_a_number_that_was_read_past_the_graph_refuses_the_trace(name: str, example: float) -> None:
    message = "computes (with a number that was read past the graph|something else).* pass .* as an argument"
    with pytest.raises(TraceError, match=message):
        trace(READERS[name], example)


def test_the_line_is_named_where_the_number_is_used() -> None:
    def function(x: Any) -> Any:
        scale = float(f"{x:.17g}")
        shifted = x + 1.0
        return shifted * scale

    with pytest.raises(TraceError, match=r"^line \d+ of test_repeated.py: return shifted \* scale computes with a number"):
        trace(function, 2.0)


def test_what_parameters_leak_refuses_the_trace_too() -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    name = next(iter(model.state_dict()))
    leaks: list[Callable[..., Any]] = [
        lambda m, x: m(x) * m.state_dict()[name],
        lambda m, x: m(x) * m.parameters()[0].grad,
        lambda m, x: copy.deepcopy(m)(x),
        lambda m, x: m(x) * len(f"{m.parameters()[0]:.17g}"),
    ]
    for leak in leaks:
        with pytest.raises(TraceError, match="read past the graph"):
            trace(leak, model, [1.0, 2.0])


def test_a_step_of_an_optimizer_inside_is_refused_and_undone() -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    before = model.state_dict()

    def trained(model: Any, x: Any) -> Any:
        loss = model(x) * model(x)
        loss.backward()
        SGD(model.parameters(), 0.1).step()
        return model(x)

    with pytest.raises(TraceError, match=r"`trained` set `.*w\[0\]` from .* to .* while it was traced"):
        trace(trained, model, [1.0, 2.0])
    with pytest.raises(TraceError, match="while it was traced"):
        trace(trained, model, [1.0, 2.0], verify=False)
    assert model.state_dict() == before
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


# ---- numbers that are set inside ---------------------------------------------------------------------------------------------


def _swapped(model: Any, x: Any) -> Any:
    """An average of weights, or a step of SAM: others for a moment, and back."""
    kept = model.state_dict()
    model.load_state_dict(MLP(2, [3, 1], seed=3).state_dict())
    z = model(x)
    model.load_state_dict(kept)
    return z


def _moved_and_back(model: Any, x: Any) -> Any:
    w = next(iter(model.named_leaves().values()))
    number = w._data
    w.data = number + 0.1
    z = model(x)
    w.data = number
    return z


def _moved_in_a_thread(model: Any, x: Any) -> Any:
    return _by_a_thread(lambda: _moved_and_back(model, x))


def _by_a_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=600)


@pytest.mark.parametrize("function", [_swapped, _moved_and_back, _moved_in_a_thread])
@pytest.mark.parametrize("frozen", [False, True])
def test_parameters_that_are_set_and_restored_inside_are_refused(function: Any, frozen: bool) -> None:
    model = MLP(2, [3, 1], seed=0)
    [w, *_] = model.parameters()
    w.requires_grad = not frozen
    state = model.state_dict()
    with pytest.raises(TraceError, match=r"set (`|to another number)") as raised:
        trace(function, model, [0.1, 0.2])
    assert str(w.label) in str(raised.value)
    assert model.state_dict() == state


def test_constants_and_nodes_that_are_set_inside_are_refused() -> None:
    c = constant(2.0, "c")

    def restored(x: Any) -> Any:
        c.data = 3.0
        y = x * c
        c.data = 2.0
        return y

    def a_node(x: Any) -> Any:
        y = x * x
        y.data = 5.0
        return y + 1.0

    w = Value(1.5, "w")
    outside = w * 2.0
    w.data = 4.0
    for function, told in (
        (restored, "`c`"),
        (a_node, r"`x \* x` = 5.0"),
        (lambda x: x * outside, r"`w \* 2` = 3.0, which is 8.0"),
    ):
        with pytest.raises(TraceError, match=told):
            trace(function, 1.5)


def test_an_argument_that_is_set_inside_is_refused_as_it_happens() -> None:
    def function(x: Any) -> Any:
        x.data = 3.0
        return x * x

    with pytest.raises(TraceError, match=r"set `x` from 1.5 to 3.0 .*line \d+ of test_repeated.py: x.data = 3.0"):
        trace(function, 1.5, verify=False)


def test_a_value_of_the_functions_own_may_be_set() -> None:
    def function(x: Any) -> Any:
        own = Value(0.0)
        own.data = 2.0
        return x * own

    assert trace(function, 1.5)(4.0) == 8.0


# ---- what is not the same twice ----------------------------------------------------------------------------------------------


def test_random_numbers_counters_and_clocks_refuse_the_trace() -> None:
    count, generator, own = itertools.count(), numpy.random.default_rng(0), random.Random(0)
    impure: list[Callable[[Any], Any]] = [
        lambda x: x * random.random(),
        lambda x: x * numpy.random.rand(),
        lambda x: x * own.random(),
        lambda x: x * generator.random(),
        lambda x: x * next(count),
        lambda x: x * time.perf_counter(),
    ]
    for function in impure:
        random.seed(1)
        numpy.random.seed(1)
        with pytest.raises(TraceError, match=r"line \d+ .*computes with a number that is another one each time"):
            trace(function, 2.0)


def test_numbers_that_are_seeded_inside_are_no_chance() -> None:
    def function(x: Any) -> Any:
        random.seed(7)
        return x * random.random()

    assert trace(function, 2.0)([1.0, 2.0]).tolist() == [random.Random(7).random(), 2.0 * random.Random(7).random()]


def test_a_function_that_can_run_only_once_is_refused() -> None:
    numbers = iter([2.0])
    with pytest.raises(TraceError, match="raised StopIteration when it ran again at the same example"):
        trace(lambda x: x * next(numbers), 2.0)


def test_a_value_kept_from_an_earlier_run_refuses_the_trace() -> None:
    kept: list[Any] = []

    def function(x: Any) -> Any:
        kept.append(x * 2.0)
        return kept[0] + x

    with pytest.raises(TraceError, match="computes something else"):
        trace(function, 2.0)


def test_verify_false_runs_the_function_once() -> None:
    runs = []

    def function(x: Any) -> Any:
        runs.append(1)
        return x * float(f"{x:.17g}")

    program = trace(function, 2.0, verify=False)
    assert len(runs) == 1
    assert program.verified == ""
    assert program([3.0]).tolist() == [6.0]


# ---- what is no leak ---------------------------------------------------------------------------------------------------------

HONEST: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "one number": (lambda x: x * x, (2.0,), "run again with other numbers: x"),
    "a kink at the example": (lambda x: ag.relu(x) + abs(x), (0.0,), "run again with other numbers: x"),
    "a tie at the example": (lambda x, y: ag.maximum(x, y), (1.0, 1.0), "run again with other numbers: x, y"),
    "the end of a domain": (lambda x: ag.asin(x), (1.0,), "run again with other numbers: x"),
    "two ends of a domain": (lambda x: ag.asin(x) + ag.acosh(x + 0.0), (1.0,), "run again at the example alone"),
    "an equality": (lambda x: x * 2.0 if x == 3 else x, (3,), "run again at the example alone"),
    "one number of two": (lambda x: x[0] if x[1] == 3 else x[1], ([1.0, 3.0],), "run again with other numbers: 1 of x; the others"),
    "one argument of two": (lambda x, k: x if k == 3 else x * x, (1.0, 3.0), "run again with other numbers: x"),
    "a near branch": (lambda x: x * x if x < 2.01 else x, (2.0,), "run again with other numbers: x"),
    "a branch on either side": (lambda x: x * x if 1.99 < x < 2.0000001 else x, (2.0,), "run again with other numbers: x"),
    "no dependence": (lambda x: 3.0, (1.0,), "run again with other numbers: x"),
    "detached": (lambda x: x * (x * x).detach(), (1.0,), "run again with other numbers: x"),
    "under no_grad": (lambda x: x * _paused(lambda: ag.exp(x)), (1.0,), "run again with other numbers: x"),
    "huge": (lambda x: x * 1e-300, (1e300,), "run again with other numbers: x"),
    "inf": (lambda x: 1.0 / x, (float("inf"),), "run again at the example alone"),
    "nan": (lambda x: x + float("nan"), (1.0,), "run again with other numbers: x"),
    "a truth that counts as a number": (lambda x: x[0] * (x[1] > 0.5) + ag.total([x[0], x[1] > 0.25]), ([2.0, 3.0],), "run again"),
    "no argument that varies": (lambda: 1.5, (), "run again at the example alone"),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_function_is_traced_and_says_how_it_was_verified(name: str) -> None:
    function, example, text = HONEST[name]
    assert trace(function, *example).verified.startswith(text)


def test_a_truth_that_counts_as_a_number_is_asked_for_once() -> None:
    run = traced(lambda x: x[0] * (x[1] > 0.5), ([2.0, 3.0],))
    first, second = NumberedGraph(run).guards, NumberedGraph(run).guards
    assert len(first) == len(second) == len(run.guards) == 1


def test_a_one_hot_target_stays_as_it_is() -> None:
    model = MLP(2, [3], activation="tanh", seed=0)
    program = trace(lambda m, x, y: cross_entropy(m(x), y), model, [1.0, 2.0], [0, 1, 0])
    assert program.verified == "run again with other numbers: x, the parameters"


def test_what_a_function_keeps_for_itself_is_its_own() -> None:
    seen: list[float] = []
    memory: dict[str, Any] = {}

    def function(x: Any) -> Any:
        seen.append(1.0)
        memory["last"] = x
        return x * x

    assert trace(function, 2.0)([3.0]).tolist() == [9.0]
    assert 2 <= len(seen) <= 3


# ---- a trace leaves everything as it found it --------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [None, RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("verify", [True, False])
def test_a_trace_leaves_parameters_and_random_numbers_as_they_were(stop: Any, verify: bool) -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    for place, parameter in enumerate(model.parameters()):
        parameter.grad = place + 0.5
    runs = []

    def function(model: Any, x: Any) -> Any:
        runs.append(1)
        out = model(x) * model(x)
        out.backward()
        random.random()
        numpy.random.rand()
        model.parameters()[0].label = f"run {len(runs)}"
        if stop is not None and len(runs) == (3 if verify else 1):
            raise stop
        return out

    before = [(each.data, each.grad, each.label, each.requires_grad) for each in model.parameters()]
    states = random.getstate(), numpy.random.get_state()[1].tolist()
    try:
        trace(function, model, [1.0, 2.0], verify=verify)
    except (RuntimeError, KeyboardInterrupt):
        assert stop is not None
    assert [(each.data, each.grad, each.label, each.requires_grad) for each in model.parameters()] == before
    assert (random.getstate(), numpy.random.get_state()[1].tolist()) == states


# ---- Values from outside -----------------------------------------------------------------------------------------------------


def test_a_nan_from_outside_is_the_same_nan() -> None:
    rate = Value(float("nan"))
    assert numpy.isnan(trace(lambda x: x * rate, 1.0)([2.0])).all()


def test_a_constant_from_outside_that_changes_refuses_a_replay() -> None:
    rate = constant(2.0, "rate")
    program = trace(lambda x: x * rate, 1.0)
    assert program([3.0]).tolist() == [6.0]
    rate.data = 3.0
    with pytest.raises(GraphError, match=r"was 2\.0 when `lambda` was traced"):
        program([3.0])


def test_a_frozen_parameter_that_changes_refuses_a_replay() -> None:
    model = MLP(2, [1], activation="tanh", seed=0)
    model.parameters()[0].requires_grad = False
    program = trace(lambda m, x, y: squared_error(m(x), y), model, [1.0, 2.0], 0.5)
    program([[1.0, 2.0]], [0.5])
    model.load_state_dict({name: number + 1.0 for name, number in model.state_dict().items()})
    with pytest.raises(GraphError, match="took it as a constant"):
        program([[1.0, 2.0]], [0.5])


# ---- second derivatives of what was recorded ---------------------------------------------------------------------------------


def test_a_hessian_is_of_what_was_traced_whatever_the_function_is_by_now() -> None:
    powers = []
    for power in (2, 3):
        powers.append(trace(lambda x: x**power, 1.5))  # noqa: B023 - which reads the name when it runs, as is meant here
    assert [float(each.hessian(1.5)[0][0]) for each in powers] == [2.0, 9.0]


def test_a_hessian_of_a_constant_is_zero() -> None:
    assert trace(lambda x: 3.0, 1.0).hessian(2.0).tolist() == [[0.0]]
    assert trace(lambda x, y: 3.0, 1.0, 2.0).hessian([[2.0, 1.0]]).tolist() == [[[0.0, 0.0], [0.0, 0.0]]]


def test_a_hessian_follows_the_branch_of_each_row() -> None:
    def bent(x: Any) -> Any:
        if x > 0:
            return x * x * x
        return x * x

    assert trace(bent, 1.0, on_branch="retrace").hessian([1.0, -1.0]).ravel().tolist() == [6.0, 2.0]


def test_a_hessian_after_training_is_that_of_the_parameters_of_now() -> None:
    w = Value(2.0, label="w")
    program = trace(lambda x: w * x * x, 1.0, parameters=[w])
    program.parameters[:] = 5.0
    program.write_back()
    assert program.hessian(1.0).tolist() == [[10.0]]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0])
def test_an_example_need_not_be_an_ordinary_number(number: float) -> None:
    """Neither as a number, nor in a list, nor as a parameter; the program is used where numbers are ordinary."""
    slope = Value(number, label="slope")
    tried = [
        (trace(lambda x: x * 2.0 + 1.0, number), [3.0]),
        (trace(lambda x: x[0] * 2.0 + x[1], [number, 1.0]), [[3.0, 1.0]]),
        (trace(lambda x: x * slope + 1.0, 1.0, parameters=[slope]), [3.0]),
    ]
    for program, rows in tried:
        program.parameters[:] = 2.0
        assert program(rows).tolist() == [7.0]
