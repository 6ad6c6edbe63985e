"""Threads: sweeps over shared nodes exclude each other, `no_grad` is each thread's own, what is loaded late is loaded once."""

import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, no_grad
from autograd_lite.engine import recording as state
from tests.processes import run_python


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    """A switch of threads every few instructions: what can go wrong does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_at_once(*works: Callable[[], Any]) -> None:
    """Runs every function in a thread of its own, all started together, and raises what one of them raised."""
    failures: list[BaseException] = []
    barrier = threading.Barrier(len(works))

    def guarded(work: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread hangs"
    if failures:
        raise failures[0]


def test_backward_on_shared_parameters_gives_the_exact_sum() -> None:
    """Whole numbers, so that every order of addition is exact."""
    shared = [Value(float(i + 1)) for i in range(5)]

    def loss(scale: int) -> Value:
        return ag.dot(shared, [value * scale for value in shared]) + ag.total([value * value for value in shared])

    def work() -> None:
        for scale in range(1, 41):
            loss(scale).backward()

    run_at_once(*[work] * 8)
    expected = 8 * sum(2 * scale + 2 for scale in range(1, 41))
    assert [value.grad for value in shared] == [expected * value.data for value in shared]


def test_backward_through_a_shared_trunk_of_interior_nodes() -> None:
    """Interior gradients are set afresh by every sweep; two sweeps at once would mix them."""
    x = Value(2.0)
    trunk = x
    for _ in range(50):
        trunk = trunk + x
    roots = [trunk * float(k) for k in range(1, 9)]

    def work(root: Value) -> Callable[[], None]:
        return lambda: [root.backward() for _ in range(50)] and None

    run_at_once(*[work(root) for root in roots])
    assert x.grad == 50 * 51 * sum(range(1, 9))


def test_no_grad_in_one_thread_does_not_affect_another() -> None:
    stop = threading.Event()
    x = Value(3.0)

    def paused() -> None:
        try:
            for _ in range(2000):
                with no_grad():
                    assert not (x * x).requires_grad
                    assert not ag.total([x, x]).requires_grad
                    assert not ag.tanh(x).requires_grad
                    with no_grad():
                        assert not (x * 2.0).requires_grad
                    assert not (x * 2.0).requires_grad
                assert (x * 2.0).requires_grad
        finally:
            stop.set()

    def recording() -> None:
        while not stop.is_set():
            assert (x * x).requires_grad
            assert (2.0 * x).requires_grad
            assert ag.tanh(x).requires_grad
            assert ag.dot([x], [x]).requires_grad
            assert ag.grad(ag.square)(3.0) == 6.0

    run_at_once(paused, recording, paused, recording)
    assert (x * x).requires_grad
    assert state.pausing == {}


def test_a_no_grad_block_that_raises_in_a_thread_ends_there() -> None:
    def work() -> None:
        with pytest.raises(RuntimeError, match="inside"), no_grad():
            raise RuntimeError("inside")

    run_at_once(work, work)
    assert (Value(1.0) * 2).requires_grad
    assert state.pausing == {}


def test_graphs_built_at_once_are_as_if_built_alone() -> None:
    def build(seed: int) -> tuple[float, list[float]]:
        numbers = random.Random(seed)
        leaves = [Value(numbers.uniform(0.5, 1.5)) for _ in range(4)]
        pool: list[Value] = list(leaves)
        for _ in range(60):
            a, b = numbers.choice(pool), numbers.choice(pool)
            pool.append(ag.tanh(numbers.choice([a + b, a * b, ag.dot([a, b], [b, a]), a / (1 + b * b)])))
        root = ag.total(pool)
        root.backward()
        second = ag.grad(ag.grad(lambda x: ag.sin(x * numbers.random())))(1.0)
        return root.data, [*(leaf.grad for leaf in leaves), second]

    expected = [build(seed) for seed in range(8)]
    results: dict[int, Any] = {}

    def work(seed: int) -> Callable[[], None]:
        return lambda: results.update({seed: [build(seed) for _ in range(5)]})

    run_at_once(*[work(seed) for seed in range(8)])
    assert results == {seed: [expected[seed]] * 5 for seed in range(8)}


def test_a_derivative_in_one_thread_does_not_enclose_those_of_another() -> None:
    """Inside a derivative, inner derivatives give Values; in another thread they go on giving floats."""
    inside, done = threading.Event(), threading.Event()

    def outer() -> None:
        def slow(x: Any) -> Any:
            inside.set()
            assert done.wait(30)
            return x * ag.grad(lambda y: x * y)(2.0)

        assert ag.grad(slow)(3.0) == 6.0

    def other() -> None:
        assert inside.wait(30)
        try:
            assert type(ag.grad(ag.square)(2.0)) is float
        finally:
            done.set()

    run_at_once(outer, other)


def test_tables_loaded_late_are_loaded_once_and_whole() -> None:
    """In a fresh process, the first second derivative, array, complex and mpmath number, each from eight threads at once."""
    printed = run_python("""
        import threading
        import mpmath, numpy
        import autograd_lite as ag
        sys.setswitchinterval(1e-6)
        calls = [
            lambda: ag.grad(ag.grad(ag.sin))(0.0) == 0.0,
            lambda: ag.hessian(lambda x: ag.logsumexp([x, x * x]))(1.0)[0][0] == ag.hessian(lambda x: ag.logsumexp([x, x * x]))(1.0)[0][0],
            lambda: ag.sigmoid(numpy.zeros(2)).tolist() == [0.5, 0.5],
            lambda: ag.sigmoid(0j) == 0.5,
            lambda: ag.sigmoid(mpmath.mpf(0)) == 0.5,
        ]
        answers = []
        barrier = threading.Barrier(8 * len(calls))
        def work(call):
            barrier.wait()
            answers.append(bool(call()))
        threads = [threading.Thread(target=work, args=(call,)) for call in calls * 8]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(len(answers), all(answers))
    """)
    assert printed == "40 True\n"


# ---- derivatives of what other threads derive ------------------------------------------------------------------------------------


def _in_a_thread(function: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=600)


def test_an_inner_derivative_in_a_worker_thread_keeps_the_outer_argument() -> None:
    inner: dict[str, Any] = {
        "grad": lambda x: ag.grad(lambda y: x * x * y)(2.0),
        "grad of a list": lambda x: ag.grad(lambda v: x * x * v[0])([2.0])[0],
        "value": lambda x: ag.value_and_grad(lambda y: x * x * y)(1.0)[0],
        "derivative": lambda x: ag.derivative(lambda y: x * x * y * y / 2, 2)(2.0),
        "jacobian": lambda x: ag.jacobian(lambda y: [y, x * x * y])(2.0)[1][0],
        "hessian": lambda x: ag.hessian(lambda y, z: x * x * y * z)(2.0, 3.0)[0][1],
        "hvp": lambda x: ag.hvp(lambda y, z: x * x * y * z)(2.0, 3.0, vector=(1.0, 0.0))[1],
        "a thread in a thread": lambda x: _in_a_thread(lambda: ag.grad(lambda y: x * x * y)(2.0)),
    }
    for name, function in inner.items():
        assert ag.grad(lambda x, function=function: _in_a_thread(lambda: function(x)))(3.0) == 6.0, name
        assert ag.derivative(lambda x, function=function: _in_a_thread(lambda: function(x)), 2)(3.0) == 2.0, name
        assert type(_in_a_thread(lambda function=function: function(3.0))) is float, name


def test_the_reported_product_of_derivatives() -> None:
    assert ag.grad(lambda x: x * _in_a_thread(lambda: ag.grad(lambda y: x * y * y)(3.0)))(2.0) == 24.0


def test_a_derivative_beside_another_threads_gives_floats() -> None:
    started, done = threading.Event(), threading.Event()

    def slow(x: Any) -> Any:
        started.set()
        assert done.wait(60)
        return x * x

    with ThreadPoolExecutor(1) as pool:
        outer = pool.submit(ag.grad(slow), 3.0)
        assert started.wait(60)
        beside = ag.grad(ag.square)(2.0)
        done.set()
        assert type(beside) is float
        assert outer.result(60) == 6.0


def test_a_vector_that_depends_on_the_outer_argument_does_so_in_a_worker_thread() -> None:
    for vector in (lambda x: x, lambda x: [x], lambda x: (x * 1.0,)):
        inside = lambda x, vector=vector: _in_a_thread(lambda: ag.hvp(lambda z: z**3)(2.0, vector=vector(x)))  # noqa: E731
        assert ag.grad(inside)(3.0) == 12.0
    assert type(_in_a_thread(lambda: ag.hvp(lambda z: z**3)(2.0, vector=1.0))) is float
