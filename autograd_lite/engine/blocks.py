"""Context managers for one thread or asyncio task: what `no_grad` and the like are made of.

A context keeps weak references to the blocks it entered. A block counts while it is open and something refers to it. So its end
restores nothing: it may be left from another context or thread, in any order, or be dropped unfinished.
"""

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import ContextVar
from threading import Lock
from typing import Any
from weakref import ref

__all__ = ["Block", "Leave", "Sort", "decorated"]


class Leave(functools.partial[None]):
    """Closes a block: what `with` calls at its end, and holds until then.

    It is a lock's own `__exit__`, in C: a KeyboardInterrupt comes before it or after it, and the block is left in either case. A
    method in Python could be interrupted at its beginning.

    Attributes:
        lock: held while the block is open.
        what: what the block says, such as whether operations record.
    """

    __slots__ = ("lock", "what")
    lock: Any
    what: Any


class Entered:
    """A block that a context entered, and those entered before it, a list that other contexts share and nobody changes.

    Attributes:
        leave: closes the block. below: the block entered before it.
        count: the length of the list, blocks that were left included. limit: the length at which those are dropped.
    """

    __slots__ = ("below", "count", "leave", "limit")

    def __init__(self, leave: ref[Leave], below: "Entered | None") -> None:
        if below is not None and below.count >= below.limit:
            below = _open_ones(below)
        self.leave, self.below = leave, below
        self.count: int = 1 if below is None else below.count + 1
        self.limit: int = 64 if below is None else below.limit

    def is_open(self) -> bool:
        """Whether the block counts."""
        leave = self.leave()
        return leave is not None and bool(leave.lock.locked())


def _open_ones(entered: Entered | None) -> Entered | None:
    """The list without the blocks that were left."""
    kept = []
    while entered is not None:
        if entered.is_open():
            kept.append(entered.leave)
        entered = entered.below
    found: Entered | None = None
    for leave in reversed(kept):
        found = Entered(leave, found)
        found.limit = 2 * len(kept) + 64
    return found


class Sort:
    """Blocks of one sort.

    Attributes:
        entered: the blocks that a context entered, the newest first.
        open: process-wide, by id: while it is empty, the hot path skips the context.
    """

    def __init__(self, name: str) -> None:
        self.entered: ContextVar[Entered | None] = ContextVar(name, default=None)
        self.open: dict[int, ref[Leave]] = {}


class _AtTheEnd:
    """`__exit__` of a block: `Leave` itself, where `with` asks for it; a function of the block for `contextlib.ExitStack`."""

    def __get__(self, block: "Block | None", owner: type) -> Callable[..., None]:
        return _leave if block is None else block.leave


def _leave(block: "Block", *exception: object) -> None:
    block.leave(*exception)


class Block:
    """A context manager, and a decorator of functions.

    Args:
        sort: the sort of block that it is.
        what: what it says, such as whether operations record.
        gate: whether the hot path must look at the context while it is open.
    """

    __slots__ = ("gate", "leave", "sort")
    __exit__ = _AtTheEnd()

    def __init__(self, sort: Sort, what: Any, gate: bool = True) -> None:
        lock = Lock()
        self.leave = Leave(lock.__exit__)
        self.leave.lock, self.leave.what = lock, what
        self.sort = sort
        self.gate = gate

    def __enter__(self) -> None:
        leave, sort = self.leave, self.sort
        if leave.lock.locked():
            raise RuntimeError("this block is entered already and was not left: make another one for each `with`")
        mine = ref(leave, functools.partial(sort.open.pop, id(leave)))  # in C as well
        before = sort.entered.get()
        while before is not None and not before.is_open():
            before = before.below
        try:
            sort.entered.set(Entered(mine, before))
            if self.gate:
                sort.open[id(leave)] = mine
            leave.lock.acquire(blocking=False)  # from here on it is open; nothing may follow inside this method
        except BaseException:
            if leave.lock.locked():
                leave()
            raise

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return decorated(function, lambda: Block(self.sort, self.leave.what, self.gate))


def decorated(function: Callable[..., Any], block: Callable[[], Block]) -> Callable[..., Any]:
    """The function, which runs inside a block of its own: a generator while it runs, not while it is suspended."""
    import inspect  # half as long to load as all the engine, and no graph needs it

    if inspect.isasyncgenfunction(function):
        return _async_generator(function, block)
    if inspect.isgeneratorfunction(function):
        return _generator(function, block)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*arguments: Any, **named: Any) -> Any:
            with block():
                return await function(*arguments, **named)

        return awaited

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        with block():
            return function(*arguments, **named)

    return called


def _generator(function: Callable[..., Any], block: Callable[[], Block]) -> Callable[..., Any]:
    @functools.wraps(function)
    def stepped(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        generator = function(*arguments, **named)
        go_on, given = generator.send, None
        while True:
            try:
                with block():
                    produced = go_on(given)
            except StopIteration as end:
                return end.value
            try:
                go_on, given = generator.send, (yield produced)
            except GeneratorExit:
                with block():
                    generator.close()
                raise
            except BaseException as error:
                go_on, given = generator.throw, error

    return stepped


def _async_generator(function: Callable[..., Any], block: Callable[[], Block]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def stepped(*arguments: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*arguments, **named)
        go_on, given = generator.asend, None
        while True:
            try:
                with block():
                    produced = await go_on(given)
            except StopAsyncIteration:
                return
            try:
                go_on, given = generator.asend, (yield produced)
            except GeneratorExit:
                with block():
                    await generator.aclose()
                raise
            except BaseException as error:
                go_on, given = generator.athrow, error

    return stepped
