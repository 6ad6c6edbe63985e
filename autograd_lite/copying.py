"""Copies of graphs: `copy`, `deepcopy` and `pickle`, at any depth and without recursion.

Both modules copy an object by calling a constructor on arguments that they copy first. A node's arguments begin with the list of
everything it was computed from, operands before users. When their turn comes in that list, the operands of a node are already
known to the copier (its memo), so each node then passes its operands and nothing else, and no call is nested in another.
`_Underway`, the last entry of the list, marks for how long that holds.

A primitive travels by name, so a pickle holds no code, and identities survive: what was shared before is shared after.
"""

import copyreg
import threading
import weakref
from typing import Any

from autograd_lite.primitive import Primitive
from autograd_lite.value import Value, Wide, topological_order


class _Underway:
    """The nodes of one list that is being copied right now."""

    __slots__ = ("__weakref__", "keys")

    def __init__(self, nodes: list[Value]) -> None:
        self.keys = {id(node) for node in nodes}

    def __reduce__(self) -> Any:
        # Copied last of its list: from here on a node must bring its own list again.
        self.keys.clear()
        return (int, ())


class _Current(threading.local):
    # Weakly, so that a copy that fails half-way leaves nothing behind.
    underway: "weakref.ref[_Underway] | None" = None


_current = _Current()


def _reduce(node: Value) -> Any:
    underway = _current.underway and _current.underway()
    if node.primitive is None or (underway and id(node) in underway.keys):
        return (_restored, (None, *_state(node)))
    earlier = topological_order(node)[:-1]
    marker = _Underway(earlier)
    _current.underway = weakref.ref(marker)
    return (_restored, ([*earlier, marker], *_state(node)))


def _restored(earlier: Any, *parts: Any) -> Value:
    return _restore(*parts)


def _state(node: Value) -> tuple[Any, ...]:
    """Everything a node consists of, with its operands as they are: the arguments of `_restore`."""
    rest = node._rest
    if isinstance(rest, Wide):
        rest = (rest.operands, rest.active, rest.local)
    leaf = (node._data, node._grad, node.label, node.requires_grad)
    return (*leaf, node.primitive, node._x, node._y, node._dx, node._dy, rest)


def _restore(
    data: float,
    grad: float,
    label: str | None,
    requires_grad: bool,
    primitive: Primitive | None,
    x: Value | None,
    y: Value | None,
    dx: float,
    dy: float,
    rest: Any,
) -> Value:
    """The node of a given state."""
    node = Value(data, label, requires_grad)
    node._grad = grad
    node.primitive = primitive
    node._x, node._y, node._dx, node._dy = x, y, dx, dy
    node._rest = Wide(*rest) if primitive is not None and x is None else rest
    return node


copyreg.pickle(Value, _reduce)
