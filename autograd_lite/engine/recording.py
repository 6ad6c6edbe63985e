"""Recording state: `no_grad`, and the tracer's observer. Both belong to a context: a thread's or an asyncio task's."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from autograd_lite.engine.blocks import Block, Leave, Sort

__all__ = [
    "elsewhere",
    "enable_grad",
    "enclosed",
    "enclosing",
    "is_paused",
    "mode",
    "no_grad",
    "observed",
    "observer",
    "placed",
    "settled",
    "under_way",
]

# Whether operations record; the tracer's observer; the derivatives that are being taken.
modes: Final = Sort("modes")
observers: Final = Sort("observers")
derivatives: Final = Sort("derivatives")
# Process-wide, for the hot path: empty while no such block is open in any context.
pausing: Final[dict[int, Any]] = modes.open
# The calls under way of which the new nodes get a mark (`checkpoint`); each is in `pausing` as well, where the hot path looks.
noting: Final[dict[int, Any]] = {}
observing: Final[dict[int, Any]] = observers.open
# Values whose numbers a trace has moved, by id: [value, data, grad], as seen from outside that trace.
moved: Final[dict[int, list[Any]]] = {}
_nothing: Final[AbstractContextManager[None]] = nullcontext()


def _innermost(sort: Sort) -> Leave | None:
    """The innermost block of a sort that is open in this context."""
    newest = entered = sort.entered.get()
    while entered is not None:
        leave: Leave | None = entered.leave()
        if leave is not None:
            if leave.lock.locked():
                break
            sort.open.pop(id(leave), None)  # left, but kept by a name
        entered = entered.below
    if entered is not newest:
        sort.entered.set(entered)
    return None if entered is None else leave


def mode() -> Any:
    """What the innermost block says: True inside `no_grad`, False inside `enable_grad`, inside `placed` who is told; else None."""
    if len(pausing) == len(noting):
        return None
    block = _innermost(modes)
    return None if block is None else block.what


def is_paused() -> bool:
    """Whether this context is inside a `no_grad` block."""
    return mode() is True


def placed(by: Any) -> Block:
    """A block in which somebody is told of every node that is made, to look where that is.

    Args:
        by: an object with the method `made(node)`, and an attribute `instead_of`: while adjoints are computed that can be
            differentiated, the node that they come from, else None.
    """
    return Block(modes, by)


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
            `read(node)` and `slope(node)`, which give its data and grad, `written(node, number)`, before its data is set,
            `unrecorded(node, primitive, operands)`, `required(operands, refused, told)`, by which a loss refuses numbers,
            `excuse(primitive, operands)` of an operation that failed, which gives a number and the slopes by the operands where
            that does not matter, else None, `gradients(output, inputs, differentiable)` for derivatives that are asked for, and,
            for what other contexts do with Values, `used_elsewhere(values, by_reading)`; or None for nobody. Where its `traces` is
            False, it gets derivatives as numbers.
    """
    return Block(observers, by)


def elsewhere(values: Sequence[Any], by_reading: bool = False) -> None:
    """Tells the observers of other contexts that something is done with values which their graphs do not hold."""
    for reference in list(observers.open.values()):
        block = reference()
        if block is not None and block.what is not None and block.lock.locked():
            block.what.used_elsewhere(values, by_reading)


def settled(node: Any) -> tuple[float, float]:
    """The number and the gradient of a Value, as seen from outside a trace that has moved them."""
    known = moved.get(id(node))
    number, slope = node._data, node._grad
    known = known or moved.get(id(node))
    return (number, slope) if known is None else (known[1], known[2])


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
