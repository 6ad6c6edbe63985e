"""Recording state: `no_grad`, and the tracer's observer. Both belong to a context: a thread's or an asyncio task's."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from autograd_lite.engine.blocks import Block, Leave, Sort

__all__ = ["enable_grad", "enclosed", "enclosing", "is_paused", "no_grad", "observed", "observer", "under_way"]

# Whether operations record; the tracer's observer; the derivatives that are being taken.
modes: Final = Sort("modes")
observers: Final = Sort("observers")
derivatives: Final = Sort("derivatives")
# Process-wide, for the hot path: empty while no such block is open in any context.
pausing: Final[dict[int, Any]] = modes.open
observing: Final[dict[int, Any]] = observers.open
_nothing: Final[AbstractContextManager[None]] = nullcontext()


def _innermost(sort: Sort) -> Leave | None:
    """The innermost block of a sort that is open in this context."""
    for reference in reversed(sort.entered.get()):
        leave = reference()
        if leave is not None:
            if leave.lock.locked():
                return leave
            sort.open.pop(id(leave), None)  # left, but kept by a name
    return None


def is_paused() -> bool:
    """Whether this context is inside a `no_grad` block."""
    if not pausing:
        return False
    mode = _innermost(modes)
    return mode is not None and bool(mode.what)


def no_grad() -> Block:
    """A block, or a decorator of functions, in which operations give constants and record nothing.

    It holds for its thread or its asyncio task, with what that task starts inside. A generator that is suspended inside a `with`
    block leaves it open for its caller, as `contextlib.contextmanager` needs it; a decorated one pauses only while it runs.

    >>> from autograd_lite import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad, y.operands
    (False, ())
    """
    return Block(modes, True)


def enable_grad() -> AbstractContextManager[None]:
    """A block in which operations record, also inside `no_grad`."""
    return Block(modes, False, False) if is_paused() else _nothing


def observer() -> Any:
    """The observer of this context, as `observed` set it, or None."""
    if not observing:
        return None
    block = _innermost(observers)
    return None if block is None else block.what


def observed(by: Any) -> Block:
    """A block in which an observer is told what operations of this context leave out of the graph.

    Args:
        by: an object with the methods `compared(sign, left, right, outcome)`, which gives what the comparison answers,
            `read(node)` for its data, `unrecorded(node, primitive, operands)`, `excuses()`, which says whether an operation may
            fail here, and `gradients(output, inputs, differentiable)` for derivatives; or None for no observer.
    """
    return Block(observers, by)


def enclosing(inputs: list[Any]) -> Block:
    """A block in which a function is differentiated by these inputs."""
    return Block(derivatives, inputs)


def enclosed() -> bool:
    """Whether this context is inside an `enclosing` block."""
    return bool(derivatives.open) and _innermost(derivatives) is not None


def under_way() -> list[list[Any]]:
    """The inputs of all `enclosing` blocks that are open in any context."""
    blocks = [reference() for reference in list(derivatives.open.values())]
    return [block.what for block in blocks if block is not None and block.lock.locked()]
