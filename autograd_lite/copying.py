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

from autograd_lite.value import Value, restore, state, topological_order


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
        return (_restored, (None, *state(node)))
    earlier = topological_order(node)[:-1]
    marker = _Underway(earlier)
    _current.underway = weakref.ref(marker)
    return (_restored, ([*earlier, marker], *state(node)))


def _restored(earlier: Any, *parts: Any) -> Value:
    return restore(*parts)


copyreg.pickle(Value, _reduce)
