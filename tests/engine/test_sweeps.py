"""Backward passes beside others: in a signal handler, in threads that wait for each other, in the child of a fork."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine import value as engine
from tests.engine.test_threads import run_at_once
from tests.processes import run_python
from tests.wild_graphs import wild_graph

needs_signals = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals are Unix's")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is Unix's")


@contextlib.contextmanager
def another_sweep() -> Iterator[None]:
    """As if a sweep were under way."""
    key = object()
    engine._sweeps.running[key] = threading.get_ident()
    try:
        yield
    finally:
        engine._sweeps.running.pop(key)


def test_a_sweep_beside_another_gives_the_same_bits() -> None:
    for seed in range(200):
        leaves, root = wild_graph(seed)
        again, other = wild_graph(seed)
        for start in (0.0, 0.1):
            for leaf in (*leaves, *again):
                leaf.grad = start
            root.backward(0.7)
            with another_sweep():
                other.backward(0.7)
            found, expected = [[node.grad for node in ag.topological_order(end)] for end in (other, root)]
            assert repr(found) == repr(expected)
            assert [leaf.grad for leaf in again] == [leaf.grad for leaf in leaves]
    assert engine._sweeps.running == {}


def test_a_sweep_beside_another_has_no_limit_of_depth() -> None:
    x = Value(1.0)
    root = x
    for _ in range(200_000):
        root = root + x
    with another_sweep():
        root.backward()
    assert x.grad == 200_001.0


def _graph(x: Value, y: Value, size: int) -> Value:
    middle = x * y
    for _ in range(size):
        middle = middle + ag.dot([middle, x], [0.0, 1.0]) * y
    return middle


@needs_signals
def test_backward_in_a_signal_handler_during_backward() -> None:
    """Of a graph with the same leaves, of one with the same trunk, and of the very same one; whole numbers, so every order is exact."""
    x, y = Value(2.0), Value(1.0)
    root = _graph(x, y, 300)
    branch, own = root.operands[0] * 3.0, x * x
    root.backward()
    once = (x.grad, y.grad)
    slopes = [node.grad for node in ag.topological_order(root)[2:]]
    calls = 0

    def handler(*_: object) -> None:
        nonlocal calls
        calls += 1
        for other in (own, branch, root):
            other.backward()

    inner = [sum(ag.gradients(other, [leaf])[0] for other in (own, branch, root)) for leaf in (x, y)]
    before = signal.signal(signal.SIGALRM, handler)
    try:
        for delay in range(100):
            x.grad = y.grad = 0.0
            calls = 0
            signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + 37 * delay))
            root.backward()
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            assert (x.grad, y.grad) == (once[0] + calls * inner[0], once[1] + calls * inner[1])
            if calls == 0:
                assert [node.grad for node in ag.topological_order(root)[2:]] == slopes
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert engine._sweeps.running == {}


@needs_signals
def test_a_signal_handler_may_wait_for_a_thread_that_sweeps() -> None:
    x, y = Value(2.0), Value(1.0)
    root = _graph(x, y, 2000)

    def handler(*_: object) -> None:
        run_at_once(root.backward, (x * y).backward)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for delay in range(20):
            signal.setitimer(signal.ITIMER_REAL, 1e-5 * (1 + 13 * delay))
            root.backward()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    x.grad = 0.0
    root.backward()
    assert x.grad == ag.gradients(root, [x])[0]


def test_threads_leave_the_gradients_of_one_sweep_in_what_they_share() -> None:
    """Never a mixture: all of one root's, or all of another's."""
    x = Value(1.0)
    trunk = [x * 1.0]
    for _ in range(200):
        trunk.append(trunk[-1] + x)
    roots = [trunk[-1] * float(k) for k in range(1, 5)]
    for _ in range(30):
        x.grad = 0.0
        run_at_once(*[root.backward for root in roots])
        assert x.grad == 201.0 * 10.0
        assert len({node.grad for node in trunk}) == 1 and trunk[0].grad in (1.0, 2.0, 3.0, 4.0)


@needs_fork
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_while_another_thread_sweeps() -> None:
    printed = run_python(
        """
        import os, threading, time, warnings
        import autograd_lite as ag
        from autograd_lite import Value, no_grad
        from autograd_lite.engine import value
        warnings.simplefilter("ignore")
        sys.setswitchinterval(1e-5)
        x = Value(1.0)
        root = x
        for _ in range(20_000):
            root = root * 1.0 + x
        stop = False
        def sweep():
            while not stop:
                with no_grad():
                    x * x
                root.backward()
        thread = threading.Thread(target=sweep)
        thread.start()
        ends = []
        for _ in range(20):
            time.sleep(0.003)
            child = os.fork()
            if child == 0:
                y = Value(3.0)
                ag.grad(ag.square)(2.0)
                (y * y).backward()
                os._exit(0 if y.grad == 6.0 and not value._sweeps.running else 1)
            for _ in range(500):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                time.sleep(0.02)
            else:
                os.kill(child, 9)
                status = os.waitpid(child, 0)[1]
            ends.append(status)
        stop = True
        thread.join()
        print(set(ends))
        """
    )
    assert printed == "{0}\n"


@needs_fork
def test_a_fork_in_a_signal_handler_keeps_the_sweep_of_its_own_thread() -> None:
    key = object()
    engine._sweeps.running[key] = threading.get_ident()
    try:
        child = os.fork()
        if child == 0:
            os._exit(len(engine._sweeps.running))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    finally:
        engine._sweeps.running.pop(key)
