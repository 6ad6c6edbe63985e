"""Blocks and sweeps: Ctrl-C at any moment, blocks that are left in any order or forgotten, handlers that sweep, forks."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Generator
from typing import Any

import autograd_lite as ag
from autograd_lite import Value, no_grad
from autograd_lite.engine import recording
from tests.wild_graphs import wild_graph

from .cases import Case, generator


def _records() -> bool:
    x = Value(2.0)
    answers = {(x * x).requires_grad, (x * 2.0).requires_grad, ag.tanh(x).requires_grad, ag.total([x, 1.0]).requires_grad}
    assert len(answers) == 1, answers
    return answers.pop()


def _no_grad_loop() -> None:
    x = Value(2.0)
    while True:
        with no_grad():
            assert not (x * x).requires_grad
        assert (x * x).requires_grad


def _derivative_loop() -> None:
    while True:
        assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6.0


def _backward_loop() -> None:
    _, root = wild_graph(3)
    while True:
        root.backward()


@no_grad()
def _decorated(x: Value) -> Generator[Value]:
    while True:
        yield x * x


def _generator_loop() -> None:
    for value in _decorated(Value(2.0)):
        assert not value.requires_grad and _records()


LOOPS: list[Callable[[], None]] = [_no_grad_loop, _derivative_loop, _backward_loop, _generator_loop]


@generator("Ctrl-C at any moment", apart=True)
def interrupts(case: Case) -> None:
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    kept: list[BaseException] = []
    for _ in range(20):
        loop, delay = case.random.choice(LOOPS), 10 ** case.random.uniform(-5, -2.3)
        case.note(f"signal.setitimer(signal.ITIMER_REAL, {delay:.2g}, 1.0); {loop.__name__}()")
        try:
            # Once in some ten thousand times a signal is lost on the way to a loop of plain Python, too; then the next one ends it.
            signal.setitimer(signal.ITIMER_REAL, delay, 1.0)
            loop()
        except KeyboardInterrupt as error:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            kept.append(error)  # as notebooks keep the last one, with all its frames
        assert _records(), "stays paused"
        assert type(ag.grad(ag.square)(2.0)) is float, "stays inside a derivative"
        leaves, root = wild_graph(7)
        root.backward()
        assert [leaf.grad for leaf in leaves] == [slope if leaf.requires_grad else 0.0 for leaf, slope in _slopes(leaves, root)]


def _slopes(leaves: list[Value], root: Value) -> list[tuple[Value, float]]:
    return list(zip(leaves, ag.gradients(root, leaves), strict=True))


@generator("blocks in any order")
def blocks(case: Case) -> None:
    """Entered, left, forgotten, by name or by a generator, here or in another thread, against a count."""
    opened: list[Any] = []
    done = []
    for _ in range(case.random.randrange(5, 30)):
        act = case.random.choice(("enter", "leave", "forget", "generator", "close", "derivative", "task"))
        done.append(act)
        if act == "enter":
            opened.append(no_grad())
            opened[-1].__enter__()
        elif act == "generator":
            opened.append(_suspended())
            next(opened[-1])
        elif act in ("leave", "close", "forget") and opened:
            block = opened.pop(case.random.randrange(len(opened)))
            end = (lambda block=block: block.__exit__(None, None, None)) if hasattr(block, "__exit__") else block.close
            if act != "forget":
                _elsewhere(end) if case.random.random() < 0.3 else end()
            del block, end
        elif act == "derivative":
            assert ag.grad(lambda x: x * x)(3.0) == 6.0
        elif act == "task":
            assert asyncio.run(_tasks()) == 12.0
        assert _records() == (not opened), " ".join(done)
    case.note(" ".join(done))


def _suspended() -> Generator[None]:
    with no_grad():
        yield


def _elsewhere(function: Callable[[], Any]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


async def _tasks() -> float:
    async def paused() -> None:
        with no_grad():
            await asyncio.sleep(0)

    async def learns() -> float:
        x = Value(2.0)
        await asyncio.sleep(0)
        if recording.is_paused():  # where the loop was started inside a block
            return 12.0
        y = x * x
        await asyncio.sleep(0)
        (y * x).backward()
        return x.grad

    return (await asyncio.gather(paused(), learns(), paused()))[1]


@generator("sweeps in signal handlers and forks", apart=True)
def sweeps(case: Case) -> None:
    leaves, root = wild_graph(case.random.randrange(10**6), 200)
    expected = [slope if leaf.requires_grad else 0.0 for leaf, slope in _slopes(leaves, root)]
    other, own = wild_graph(5)
    calls = 0

    def handler(*_: object) -> None:
        nonlocal calls
        calls += 1
        own.backward()

    own.backward()
    once = [leaf.grad for leaf in other]
    signal.signal(signal.SIGALRM, handler)
    thread = threading.Thread(target=lambda: [wild_graph(1, 300)[1].backward() for _ in range(20)])
    thread.start()
    for _ in range(10):
        delay = 10 ** case.random.uniform(-5.5, -3)
        case.note(f"setitimer({delay:.2g}) during backward of 200 nodes, beside a thread that sweeps")
        for leaf in (*leaves, *other):
            leaf.grad = 0.0
        calls = 0
        signal.setitimer(signal.ITIMER_REAL, delay)
        root.backward()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        assert [leaf.grad for leaf in leaves] == expected
        if calls == 1:
            assert [leaf.grad for leaf in other] == once
        child = os.fork()
        if child == 0:
            x = Value(3.0)
            (x * x).backward()
            os._exit(int(x.grad != 6.0 or not _records()))
        assert os.waitpid(child, 0)[1] == 0
    thread.join()
