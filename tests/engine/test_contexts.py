"""`no_grad` and derivatives belong to a context (a thread's, a task's), and end with their block, however that ends."""

import asyncio
import contextlib
import gc
import inspect
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from types import FrameType
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, no_grad
from autograd_lite.calculus import transforms
from autograd_lite.engine import blocks, recording
from tests.engine.test_threads import run_at_once


def _records() -> bool:
    x = Value(2.0)
    answers = {(x * x).requires_grad, (x * 2.0).requires_grad, ag.tanh(x).requires_grad, ag.total([x, 1.0]).requires_grad}
    assert len(answers) == 1
    return answers.pop()


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    assert _records()
    yield
    gc.collect()
    assert _records()
    assert recording.pausing == {} and recording.observing == {} and recording.derivatives.open == {}


# ---- blocks that do not end as `with` ends them -------------------------------------------------------------------------------


def test_a_block_that_is_forgotten_ends() -> None:
    block = no_grad()
    block.__enter__()
    assert not _records()
    del block
    assert _records()


def test_a_block_that_is_forgotten_inside_another_does_not_end_that_one() -> None:
    with no_grad():
        block = no_grad()
        block.__enter__()
        del block
        assert not _records()
    assert _records()


def test_blocks_may_end_in_any_order() -> None:
    first, second = no_grad(), no_grad()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not _records()
    second.__exit__(None, None, None)
    assert _records()


def test_a_block_may_be_entered_again_but_not_twice_at_once() -> None:
    block = no_grad()
    for _ in range(2):
        with block:
            assert not _records()
            with pytest.raises(
                RuntimeError, match="this block is entered already and was not left: make another one for each `with`"
            ):
                block.__enter__()
            assert not _records()
        assert _records()


def test_an_exit_stack_and_an_exception_end_it() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(no_grad())
        assert not _records()
    assert _records()
    with pytest.raises(RuntimeError, match="inside"), no_grad():
        raise RuntimeError("inside")
    assert _records()


def test_a_block_that_another_thread_leaves_ends_here() -> None:
    def suspended() -> Generator[None]:
        with no_grad():
            yield

    generator = suspended()
    next(generator)
    assert not _records()
    run_at_once(generator.close)
    assert _records()
    with no_grad():
        assert not _records()
    assert _records()


# ---- generators --------------------------------------------------------------------------------------------------------------


def test_a_generator_suspended_inside_a_block_leaves_it_open_for_its_caller() -> None:
    """As PyTorch's: otherwise a `contextmanager` of one's own could not be made of it."""

    @contextlib.contextmanager
    def evaluating() -> Iterator[None]:
        with no_grad():
            yield

    with evaluating():
        assert not _records()
    assert _records()


def _numbers(x: Value) -> Generator[Any, Any, str]:
    try:
        sent = yield x * x
        with contextlib.suppress(KeyError):
            yield x * sent
        yield x * 3.0
        return "returned"
    finally:
        x.label = str((x * x).requires_grad)


def test_a_decorated_generator_function_is_paused_while_it_runs_and_only_then() -> None:
    paused = no_grad()(_numbers)
    assert inspect.isgeneratorfunction(paused) and paused.__name__ == "_numbers"
    x = Value(2.0)
    generator = paused(x)
    assert _records()
    assert not next(generator).requires_grad and _records()
    assert not generator.send(5.0).requires_grad and _records()
    assert not generator.throw(KeyError()).requires_grad and _records()
    with pytest.raises(StopIteration) as end:
        next(generator)
    assert end.value.value == "returned" and x.label == "False" and _records()
    x.label = None
    generator = paused(x)
    next(generator)
    generator.close()
    assert x.label == "False" and _records()


def test_decorated_functions_of_every_sort() -> None:
    @no_grad()
    def plain(x: Value) -> Value:
        """Squares."""
        return x * x if x.data < 2.0 else plain(x - 1.0)

    @no_grad()
    async def awaited(x: Value) -> Value:
        await asyncio.sleep(0)
        return x * x

    @no_grad()
    async def stepped(x: Value) -> AsyncGenerator[Value, float]:
        try:
            sent = yield x * x
            with contextlib.suppress(KeyError):
                yield x * sent
            yield x * 2.0
        finally:
            x.label = str((x * x).requires_grad)

    assert (plain(Value(5.0)).requires_grad, plain.__doc__) == (False, "Squares.")

    async def main() -> None:
        x = Value(2.0)
        result = await awaited(x)
        assert not result.requires_grad and _records()
        generator = stepped(x)
        assert not (await anext(generator)).requires_grad and _records()
        assert not (await generator.asend(3.0)).requires_grad and _records()
        assert not (await generator.athrow(KeyError())).requires_grad and _records()
        with pytest.raises(StopAsyncIteration):
            await anext(generator)
        assert x.label == "False" and _records()
        x.label = None
        generator = stepped(x)
        await anext(generator)
        await generator.aclose()
        assert x.label == "False" and _records()

    assert inspect.iscoroutinefunction(awaited) and inspect.isasyncgenfunction(stepped)
    asyncio.run(main())


# ---- tasks -------------------------------------------------------------------------------------------------------------------


def test_a_task_that_awaits_inside_a_block_pauses_no_other_task() -> None:
    async def evaluates(started: asyncio.Event, over: asyncio.Event) -> None:
        with no_grad():
            started.set()
            await over.wait()
            assert not _records()
        assert _records()

    async def learns(started: asyncio.Event, over: asyncio.Event) -> float:
        await started.wait()
        x = Value(2.0)
        (x**5 * 0.4).backward()
        over.set()
        return x.grad

    async def main() -> float:
        started, over = asyncio.Event(), asyncio.Event()
        return (await asyncio.gather(evaluates(started, over), learns(started, over)))[1]

    assert asyncio.run(main()) == 32.0


def test_what_a_block_starts_is_paused_until_the_block_ends() -> None:
    async def main() -> list[bool]:
        ended = asyncio.Event()

        async def started() -> list[bool]:
            inside = _records()
            await ended.wait()
            return [inside, _records()]

        with no_grad():
            task = asyncio.create_task(started())
            await asyncio.sleep(0)
            thread = await asyncio.to_thread(_records)
        ended.set()
        return [*await task, thread]

    assert asyncio.run(main()) == [False, True, False]


def test_a_derivative_in_one_task_does_not_enclose_those_of_another() -> None:
    """The function of a derivative cannot await; but a loop of its own, inside it, has tasks."""

    async def inner() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(ag.grad(ag.square), float(i)) for i in range(3)))

    def outer(x: Any) -> Any:
        return ag.total(asyncio.run(inner())) * x

    assert ag.grad(outer)(3.0) == 6.0
    assert type(ag.grad(ag.square)(2.0)) is float


# ---- interrupted anywhere ----------------------------------------------------------------------------------------------------


class Interrupted(BaseException):
    """What Ctrl-C is to a program."""


def _interrupt_at(count: int, files: set[str]) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that raises at the given line or beginning of a function in one of these files, counted from now."""
    left = count

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event in ("call", "line"):
            left -= 1
            if left == 0:
                raise Interrupted
        return trace

    return trace


def _pausing() -> None:
    x = Value(2.0)
    for _ in range(2):
        with no_grad():
            assert not (x * x).requires_grad
        assert (x * x).requires_grad


def _differentiating() -> None:
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert type(ag.grad(ag.square)(2.0)) is float


def _tracing() -> None:
    with recording.observed(None), recording.enable_grad():
        assert recording.observer() is None


@pytest.mark.parametrize("function", [_pausing, _differentiating, _tracing])
def test_interrupted_at_any_line_the_state_is_right_afterwards(function: Callable[[], None]) -> None:
    """Also while the exception, with all its frames, is kept, as notebooks keep the last one."""
    files = {__file__, transforms.__file__, recording.__file__, blocks.__file__}
    before, interruptions, kept = sys.gettrace(), 0, []
    for count in range(1, 5000):
        try:
            sys.settrace(_interrupt_at(count, files))
            function()
        except Interrupted as error:
            interruptions += 1
            kept.append(error)
        finally:
            sys.settrace(before)
        assert _records(), count
        assert type(ag.grad(ag.square)(2.0)) is float
        assert recording.observer() is None
        if interruptions < count:
            break
        if len(kept) > 3:
            kept.clear()
    assert 20 < interruptions < 4999


# ---- threads -----------------------------------------------------------------------------------------------------------------


def test_a_thread_begins_outside_of_all_blocks() -> None:
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(_records()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_many_nested_blocks_cost_as_much_each_as_few() -> None:
    def work(count: int) -> int:
        calls = 0

        def counted(*_: object) -> None:
            nonlocal calls
            calls += 1

        with contextlib.ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(no_grad())
            sys.setprofile(counted)
            try:
                stack.enter_context(no_grad())
                assert not _records()
            finally:
                sys.setprofile(None)
        assert _records()
        return calls

    assert min(work(4000) for _ in range(2)) < 2 * work(40)


def test_blocks_that_were_left_in_another_order_do_not_pile_up() -> None:
    before = no_grad()
    before.__enter__()
    for _ in range(1000):
        after = no_grad()
        after.__enter__()
        before.leave()
        before = after
    entered = recording.modes.entered.get()
    assert entered is not None
    assert entered.count < 200
    before.leave()
    assert _records()
