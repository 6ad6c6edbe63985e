"""Traces beside other threads, signal handlers and forks: nobody sees or keeps the moved numbers of a trace, and no comparison is lost."""

import asyncio
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, no_grad, where
from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError
from autograd_lite.nn import MLP
from autograd_lite.program import TraceError, trace
from autograd_lite.program.capture import restoring


@pytest.fixture
def _switch_often() -> Any:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _at_once(*works: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(work) for work in works]:
            future.result(timeout=600)


# ---- numbers that are moved --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_switch_often")
def test_threads_that_trace_one_model_leave_it_as_it_was() -> None:
    model = MLP(3, [4, 1], activation="tanh", seed=0)
    state, chance = model.state_dict(), random.getstate()
    parameters: list[Any] = []

    def work() -> None:
        for _ in range(8):
            parameters.append(trace(lambda m, x: m(x) ** 2, model, [0.1] * 3).parameters.tolist())

    _at_once(*[work] * 4)
    assert model.state_dict() == state
    assert all(parameter.grad == 0.0 for parameter in model.parameters())
    assert all(each == parameters[0] for each in parameters)
    assert random.getstate() == chance
    assert recording.moved == {}


@pytest.mark.usefixtures("_switch_often")
def test_a_reader_beside_a_trace_sees_no_moved_number() -> None:
    model = MLP(3, [4, 1], activation="tanh", seed=0)
    state, done = model.state_dict(), threading.Event()
    seen: list[Any] = []

    def read() -> None:
        while not done.is_set():
            seen.append(model.state_dict() == state and {each.grad for each in model.parameters()} == {0.0})

    def work() -> None:
        for _ in range(10):
            trace(lambda m, x: m(x) ** 2, model, [0.1] * 3)
        done.set()

    _at_once(read, work)
    assert len(seen) > 10
    assert all(seen)


def test_what_another_thread_sees_and_sets_during_each_run() -> None:
    w = Value(2.0, label="w")
    seen: list[Any] = []

    def look() -> None:
        seen.append((w.data, w.grad))

    def function(x: Any) -> Any:
        _at_once(look)
        return x * w

    program = trace(function, 3.0, parameters=[w])
    assert len(seen) > 2
    assert set(seen) == {(2.0, 0.0)}
    assert program.parameters.tolist() == [2.0]

    def setting(x: Any) -> Any:
        if recording.moved.get(id(w), [w, w._data])[1] != w._data:  # in the second run only
            _at_once(lambda: setattr(w, "data", 5.0))
        return x * w

    trace(setting, 3.0, parameters=[w])
    assert w.data == 5.0


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs signals of POSIX")
@pytest.mark.parametrize("form", [lambda look: lambda number, frame: look(), lambda look: lambda *_: look()])
def test_a_signal_handler_sees_no_moved_number(form: Any) -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    [w, *_] = model.parameters()
    number, state, seen = w.data, model.state_dict(), []

    def function(m: Any, x: Any) -> Any:
        signal.raise_signal(signal.SIGUSR1)
        return m(x)

    def look() -> None:
        seen.append((w.data, w.grad, model.state_dict() == state))

    before = signal.signal(signal.SIGUSR1, form(look))
    try:
        trace(function, model, [0.1, 0.2])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(seen) > 2
    assert set(seen) == {(number, 0.0, True)}


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs signals of POSIX")
def test_a_signal_handler_may_trace_the_same_model() -> None:
    w = Value(2.0, label="w")
    programs: list[Any] = []

    def handler(number: int, frame: Any) -> None:
        programs.append(trace(lambda x: x * w, 3.0, parameters=[w]))

    def function(x: Any) -> Any:
        signal.raise_signal(signal.SIGUSR1)
        return x * w * w

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        program = trace(function, 3.0, parameters=[w])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(programs) > 2
    assert all(each.parameters.tolist() == [2.0] for each in programs)
    assert (program(3.0), program.parameters.tolist(), w.data) == (12.0, [2.0], 2.0)


def test_a_trace_inside_a_handler_refuses_what_every_trace_refuses() -> None:
    def handler(number: int, frame: Any) -> None:
        trace(lambda x: x * x.data, 3.0)

    with pytest.raises(TraceError, match="reads the number"):
        handler(1, sys._getframe())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_child_forked_beside_a_trace_has_the_model_as_it_was_and_may_trace() -> None:
    w = Value(2.0, label="w")
    moved, forked = threading.Event(), threading.Event()

    def function(x: Any) -> Any:
        if w._data != 2.0:
            moved.set()
            assert forked.wait(60)
        return x * w

    thread = threading.Thread(target=lambda: trace(function, 3.0, parameters=[w]))
    thread.start()
    assert moved.wait(60)
    child = os.fork()
    if child == 0:
        right = w._data == 2.0 and trace(lambda x: x * w, 3.0, parameters=[w])(3.0) == 6.0
        os._exit(0 if right else 1)
    forked.set()
    thread.join(60)
    assert os.waitpid(child, 0)[1] == 0
    assert w.data == 2.0


def test_a_trace_that_waits_for_a_trace_that_waits_for_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring._turn, "patience", 0.2)

    def function(x: Any) -> Any:
        _at_once(lambda: trace(lambda y: y * y, 2.0))
        return x

    with pytest.raises(GraphError, match="it waits for this thread"):
        trace(function, 2.0)
    assert trace(lambda y: y * y, 2.0)(3.0) == 9.0


# ---- operations in other threads ---------------------------------------------------------------------------------------------


def _in_a_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=600)


def _paused(function: Callable[[], Any]) -> Any:
    with no_grad():
        return function()


ELSEWHERE: dict[str, Callable[[Any], Any]] = {
    "a comparison": lambda x: x * x if x > 0 else x,
    "a comparison of what depends on it": lambda x: x if x * 2.0 + 1.0 > 1.0 else -x,
    "equality": lambda x: x if x != 0.0 else x + 1,
    "its truth": lambda x: x if x else x + 1,
    "where": lambda x: where(x > 0, x * x, x),
    "max": lambda x: max([x, 0.5 * x]),
    "detach": lambda x: x * x.detach(),
    "no_grad": lambda x: x * _paused(lambda: x * x),
    "grad": lambda x: ag.grad(lambda y: y * y)(x),
    "grad by a number": lambda x: x * ag.grad(lambda y: y * x)(2.0),
    "gradients": lambda x: x * ag.gradients(x * x, [x])[0],
    "data": lambda x: x * (1.0 if x.data > 0 else 2.0),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_a_trace_must_know_of_is_refused_in_another_thread(name: str) -> None:
    with pytest.raises(TraceError, match=r"line \d+ of test_threads.py: .* runs in another thread than `<?lambda>?`"):
        trace(lambda x: _in_a_thread(lambda: ELSEWHERE[name](x)), 1.3)


def test_a_thread_that_only_computes_and_one_with_the_context_are_followed() -> None:
    assert trace(lambda x: _in_a_thread(lambda: x * x), 1.3)(-2.0) == 4.0

    def function(x: Any) -> Any:
        return asyncio.run(asyncio.to_thread(lambda: where(x > 0, x * x, x)))

    assert trace(function, 1.3)([-2.0, 3.0]).tolist() == [-2.0, 9.0]


def test_threads_that_have_nothing_to_do_with_a_trace_go_on() -> None:
    w = Value(2.0)

    def beside() -> None:
        y = w * w
        assert y > 3.0
        assert y.detach() == 4.0
        assert ag.grad(lambda z: z * w)(1.0) == 2.0
        with no_grad():
            assert (w * w).data == 4.0

    def function(x: Any) -> Any:
        _at_once(beside)
        return x * x

    assert trace(function, 2.0)(3.0) == 9.0
