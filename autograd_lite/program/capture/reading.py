"""What a traced function may not do to Values: read their numbers, set its parameters, or hand them to another thread."""

import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError, expression, place_in_user_code, user_frame
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, topological_order


class TraceError(GraphError, TypeError):
    """A function cannot become a program: the message says what in it, and what to write instead.

    >>> from autograd_lite.program import trace
    >>> trace(lambda x: float(str(x.data)) * x, 3.0)
    Traceback (most recent call last):
    ...
    autograd_lite.program.capture.reading.TraceError: ...
    """


def in_handler(within: CodeType | None = None) -> bool:
    """Whether a signal handler is running: a function among whose arguments is the frame that it interrupted.

    Args:
        within: only one that came while this code was running.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not within:
        if frame.f_back is not None and _was_given(frame, frame.f_back):
            return True
        frame = frame.f_back
    return False


def _was_given(frame: FrameType, interrupted: FrameType) -> bool:
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
    if not count:
        return False
    given = [frame.f_locals.get(name) for name in code.co_varnames[:count]]
    return any(one is interrupted for each in given for one in (each if type(each) is tuple else (each,)))


def _is_asked_by_user() -> bool:
    """Whether the number of a Value is read by the user's own code."""
    caller: FrameType | None = sys._getframe(2)
    while caller is not None and caller.f_globals.get("__name__") in (Value.__module__, recording.__name__):
        caller = caller.f_back
    return caller is user_frame()


@dataclass
class Reading:
    """The part of a trace that hears of numbers being read or set, and of operations in other threads.

    Attributes:
        name: of the function.
        arguments: those that vary from sample to sample, each an `Argument`.
        parameters: the Values, in their owner's order, that a program keeps in one array.
        leaves: the leaves of the models among the arguments, frozen ones too.
        hidden: nodes whose origin the graph does not hold, by id: (node, primitive, operands).
        code: of the call of the function.
    """

    name: str
    arguments: list[Any] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)
    leaves: list[Value] = field(default_factory=list)
    hidden: dict[int, tuple[Value, Primitive, tuple[Value, ...]]] = field(default_factory=dict)
    code: CodeType | None = None

    @property
    def inputs(self) -> list[Value]:
        """The Values of all arguments, in order."""
        return [value for argument in self.arguments for value in argument.values]

    def read(self, node: Value) -> float:
        """The number of a Value was read: by the library, for a check or a message, by a signal handler, or by the function.

        Raises:
            TraceError: in the last case.
        """
        by_user = _is_asked_by_user()
        if (by_user or id(node) in recording.moved) and in_handler(self.code):
            return recording.settled(node)[0]
        if by_user:
            raise TraceError(
                f"{place_in_user_code()} reads the number of `{shorten(expression(node).text)}`, and the program would keep that "
                "of its example. Compute with the Value itself, or its detach() where no gradient is to pass; choose by `where`."
            )
        return node._data

    def slope(self, node: Value) -> float:
        """The gradient of a Value was read."""
        return recording.settled(node)[1] if id(node) in recording.moved and in_handler(self.code) else node._grad

    def written(self, node: Value, number: float) -> None:
        """The number of a Value is about to be set.

        Raises:
            TraceError: if it is a parameter or an argument of the function, by which that is done.
        """
        if number != node._data and (number == number or node._data == node._data):
            leaves = (*self.parameters, *self.leaves, *self.inputs)
            if not any(node is leaf for leaf in leaves) or in_handler(self.code):
                return
            raise TraceError(
                f"`{self.name}` set `{node.label or repr(node)}` from {node._data!r} to {number!r} while it was traced, and a "
                "program has one number for it in the whole run. Let the function return what it computes, and change it outside; "
                f"what is to be computed with other numbers, give it as an argument. [{place_in_user_code()}]"
            )

    def used_elsewhere(self, values: Sequence[Any], by_reading: bool) -> None:
        """Another thread or task does something that the trace would have to know.

        Raises:
            TraceError: if it does that with a Value that depends on an argument of the function.
        """
        if by_reading and not _is_asked_by_user():
            return
        traced = {*map(id, self.inputs), *self.hidden}
        used = (node for value in values if isinstance(value, Value) for node in topological_order(value))
        if any(id(node) in traced for node in used):
            raise TraceError(
                f"{place_in_user_code()} runs in another thread than `{self.name}`, which is being traced: what is compared, "
                "read, detached or differentiated there, no program would follow. Do it in the thread of the function, or run "
                "it in the other one by contextvars.copy_context().run, as asyncio.to_thread does."
            )
