"""A backward pass that is interrupted, at any of its lines, leaves a graph whose next pass is right."""

import linecache
import sys
from types import FrameType
from typing import Any

import pytest

import autograd_lite as ag
import autograd_lite.engine.value
from autograd_lite import Value

KEY_TAKEN_OUT = "            _sweeps.running.pop("


class Interrupted(BaseException):
    """What Ctrl-C is to a program: it may be raised wherever Python looks for signals, which is not on the way to a call in C."""


def _interrupt_at(count: int) -> Any:
    """A trace function that raises at the given line of value.py, counted from now."""
    left = count

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != autograd_lite.engine.value.__file__:
            return None
        if event == "line" and not linecache.getline(frame.f_code.co_filename, frame.f_lineno).startswith(KEY_TAKEN_OUT):
            left -= 1
            if left == 0:
                raise Interrupted
        return trace

    return trace


@pytest.mark.skipif(not autograd_lite.engine.value.__file__.endswith(".py"), reason="compiled code has no lines to stop at")
def test_backward_interrupted_at_any_line_is_right_again_the_next_time() -> None:
    def build() -> tuple[Value, Value, Value]:
        x, y = Value(2.0), Value(3.0)
        shared = x * y
        return x, y, ag.dot([shared, x], [shared, 2.0]) + ag.total([shared, ag.exp(shared / 6), x])

    x, y, root = build()
    expected = ag.gradients(root, [x, y])
    before, interruptions = sys.gettrace(), 0
    for count in range(1, 2000):
        x, y, root = build()
        try:
            sys.settrace(_interrupt_at(count))
            root.backward()
        except Interrupted:
            interruptions += 1
        finally:
            sys.settrace(before)
        if interruptions < count:
            break
        x.grad = y.grad = 0.0
        assert not autograd_lite.engine.value._sweeps.running
        root.backward()
        assert [x.grad, y.grad] == expected
    assert 50 < interruptions < 1999
