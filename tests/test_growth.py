"""Work that is repeated does not grow the process: each sort of it in a process of its own, after a warm-up."""

import sys

import pytest

from .processes import run_python

MOST = 256 * 1024  # bytes, as the system counts them: a page here and there, and no more for ten times the work
SETTING = f"""
    MOST = {MOST}
    import contextlib, gc, random
    import autograd_lite as ag
    from autograd_lite import DomainError, Value, no_grad
    from autograd_lite.drawing import draw
    from autograd_lite.nn import MLP
    from autograd_lite.program import trace
    from autograd_lite.stepping import record

    def grown(work, times):
        def size():
            with open("/proc/self/statm", encoding="ascii") as pages:
                return int(pages.read().split()[1]) * 4096
        for _ in range(max(10, times // 4)):
            work()
        least = MOST + 1
        for _ in range(4):  # a leak is there in every round; an arena of the allocator is not
            gc.collect()
            before = size()
            for _ in range(times):
                work()
            gc.collect()
            least = min(least, size() - before)
            if least <= MOST:
                break
        print(least)

    model = MLP(2, [8, 1], seed=0)
    parameters = model.parameters()

    def loss(model, x, y):
        out = model([x, y])
        out = out[0] if isinstance(out, list) else out
        return (out - x * y) ** 2
"""
WORK = {
    "eager steps": (
        2000,
        """
        def work():
            loss(model, 0.5, 2.0).backward()
            for parameter in parameters:
                parameter.data -= 0.001 * parameter.grad
                parameter.grad = 0.0
        """,
    ),
    "steps of a program": (
        4000,
        """
        program = trace(loss, model, 0.5, 2.0)
        work = lambda: program.loss_and_gradient([0.5, 0.25], [2.0, 1.0])
        """,
    ),
    "traces": (1000, "work = lambda: trace(lambda x, y: ag.tanh(x * y) + x, 0.5, 2.0)"),
    "drawings": (400, "work = lambda: draw(ag.tanh(Value(0.5, 'x') * 2.0)).svg('builtin')"),
    "recordings": (600, "work = lambda: record(ag.tanh(Value(0.5, 'x') * 2.0) ** 2)"),
    "errors, raised and caught": (
        3000,
        """
        def work():
            with contextlib.suppress(DomainError):
                ag.log(-Value(0.5, 'x') * 2.0)
        """,
    ),
    "blocks, left and forgotten": (
        3000,
        """
        def work():
            with no_grad():
                Value(1.0) * 2.0
            no_grad().__enter__()
        """,
    ),
    "derivatives": (2000, "work = lambda: ag.grad(ag.grad(lambda x: ag.sin(x) * x))(0.5)"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the size of a process is asked for as Linux tells it")
@pytest.mark.parametrize("name", WORK)
def test_repeated_work_does_not_grow_the_process(name: str) -> None:
    times, work = WORK[name]
    from textwrap import dedent

    printed = run_python(f"{dedent(SETTING)}\n{dedent(work)}\ngrown(work, {times})")
    assert int(printed) <= MOST, f"{times} {name} grow the process by {int(printed):,} bytes"
