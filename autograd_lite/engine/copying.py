"""Copies of graphs: `copy`, `deepcopy` and `pickle`, at any depth and without recursion.

`deepcopy` has its memo at hand, and copies all that a node was computed from in two rounds: empty twins, then what is in them.

`pickle` has a memo too, but shows it to nobody, and asks object by object. A node is pickled as

    1. a `_List`, the mark of the list that follows
    2. the list of everything the node was computed from, each as an empty node that names its mark
    3. `_Columns`: what is in all of them, by attribute, and put there when it is read again
    4. the node itself

so that no call is nested in another, and what was shared before is shared after, with other roots in the same pickle too.

That a node is empty is true only in the pickle that its list belongs to. If that one failed half-way, and its traceback keeps the
list alive, then another pickle may ask a node of it. But it must pickle the mark first, for the second time: the mark then
describes the node itself, whole, and is read as that node.

A primitive travels by name, so a pickle holds no code.
"""

import copy
import copyreg
import threading
import weakref
from array import array
from typing import Any, Final

from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value, Wide, as_wide, watch, watch_all

_EMPTY: Final = object()  # stands in an empty node where the operands will be


# ---- the graph under a node --------------------------------------------------------------------------------------------------


def _below(root: Value, known: Any = ()) -> list[Value]:
    """Everything that root was computed from, each once, without what is known and what that was computed from.

    A plain number among the operands is left the number it is.
    """
    seen = {id(root)}
    found: list[Value] = []
    stack = [root]
    while stack:
        for operand in _operands(stack.pop()):
            key = id(operand)
            if key not in seen and isinstance(operand, Value):
                seen.add(key)
                if key not in known:
                    found.append(operand)
                    if operand.primitive is not None:
                        stack.append(operand)
    return found


def _operands(node: Value) -> Any:
    rest = node._rest
    if rest is None:
        return (node._x, node._y)
    return rest if type(rest) is tuple else as_wide(rest).operands


def _set(node: Value, primitive: Primitive | None, x: Value | None, y: Value | None, dx: float, dy: float, grad: float) -> None:
    node.primitive = primitive
    node._x, node._y, node._dx, node._dy, node._grad = x, y, dx, dy, grad


# ---- deepcopy ----------------------------------------------------------------------------------------------------------------


def _deepcopied(root: Value, memo: dict[int, Any]) -> Value:
    with quiet_gc():
        return _deepcopied_at_once(root, memo)


def _deepcopied_at_once(root: Value, memo: dict[int, Any]) -> Value:
    nodes = [*_below(root, memo), root]
    for node in nodes:
        memo[id(node)] = Value(node._data, node._label, node.requires_grad)
    memo.setdefault(id(memo), []).extend(nodes)  # as `copy` does it: no other object gets their ids while the memo lives
    for node in nodes:
        x, y = node._x, node._y
        twin_of_x, twin_of_y = x if x is None else memo[id(x)], y if y is None else memo[id(y)]
        _set(memo[id(node)], node.primitive, twin_of_x, twin_of_y, node._dx, node._dy, node._grad)
    for node in nodes:
        rest, twin = node._rest, memo[id(node)]
        if type(rest) is tuple:
            twin._rest = _twins(rest, memo)
        elif rest is not None:
            wide = as_wide(rest)
            twin._rest = Wide(_twins(wide.operands, memo), list(_twins(wide.active, memo)), list(wide.listed()))
    watch_all([memo[id(node)] for node in nodes])
    copied: Value = memo[id(root)]
    return copied


def _twins(operands: Any, memo: dict[int, Any]) -> tuple[Any, ...]:
    return tuple([memo[id(operand)] if isinstance(operand, Value) else operand for operand in operands])


# The table in which `copy` looks first. It has no public way in but a method of the class, which would have to know this module;
# and where it is not there, `copy` goes the way of `pickle`.
getattr(copy, "_deepcopy_dispatch", {})[Value] = _deepcopied


# ---- pickle ------------------------------------------------------------------------------------------------------------------


class _List:
    """The mark of a list of nodes; while that list is being pickled, its nodes are empty."""

    __slots__ = ("__weakref__", "asked", "keys", "named", "nodes")

    def __init__(self, nodes: list[Value]) -> None:
        self.nodes = nodes
        self.keys: set[int] = set()
        self.asked: Value | None = None  # the node that named this mark last
        self.named: tuple[_List, ...] = ()  # one tuple for all of them, which a pickle writes once

    def __reduce__(self) -> Any:
        if self.asked is None:
            self.keys = {id(node) for node in self.nodes}
            self.named = (self,)
            _current.list = weakref.ref(self)
            return (_empty_nodes, (len(self.nodes),))
        asked = self.asked
        self.close()  # another pickle than the list's own, see above
        return _whole(asked)

    def close(self) -> None:
        """From here on a node must bring its own list again."""
        self.keys.clear()
        self.named = ()


class _Columns:
    """What is in the nodes of a list, pickled after them."""

    __slots__ = ("mark",)

    def __init__(self, mark: _List) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        nodes = self.mark.nodes
        self.mark.close()
        rests = [node._rest for node in nodes]
        return _filled, (
            nodes,
            array("d", [node._data for node in nodes]),
            array("d", [node._grad for node in nodes]),
            bytes([node.requires_grad for node in nodes]),
            {i: node._label for i, node in enumerate(nodes) if node._label is not None},
            [node.primitive for node in nodes],
            [node._x for node in nodes],
            [node._y for node in nodes],
            array("d", [node._dx for node in nodes]),
            array("d", [node._dy for node in nodes]),
            {i: _parts(rest) for i, rest in enumerate(rests) if rest is not None},
        )


class _Current(threading.local):
    # Weakly, so that a pickle that fails half-way leaves nothing behind.
    list: "weakref.ref[_List] | None" = None


_current = _Current()


def _reduce(node: Value) -> Any:
    mark = _current.list and _current.list()
    if mark and id(node) in mark.keys:
        mark.asked = node
        return (_empty, mark.named)
    return _whole(node)


def _whole(node: Value) -> Any:
    """A node and everything that it was computed from."""
    if node.primitive is None:
        return (_restored, (None, None, None, node._data, node._grad, node.label, node.requires_grad))
    mark = _List(_below(node))
    leaf = (node._data, node._grad, node.label, node.requires_grad)
    rest = (node.primitive, node._x, node._y, node._dx, node._dy, _parts(node._rest))
    return (_restored, (mark, mark.nodes, _Columns(mark), *leaf, *rest))


def _parts(rest: Any) -> Any:
    if rest is None or type(rest) is tuple:
        return rest
    wide = as_wide(rest)
    return [wide.operands, wide.active, wide.listed()]


def _joined(parts: Any) -> Any:
    return Wide(*parts) if isinstance(parts, list) else parts


def _empty_nodes(count: int) -> list[Value]:
    """As many nodes as a list may want, which it will fill."""
    with quiet_gc():
        nodes = [Value(0.0) for _ in range(count)]
    for node in nodes:
        node._rest = _EMPTY
    return nodes


def _empty(mark: Any) -> Value:
    """The next of the empty nodes; or the mark itself, where that was read as the node."""
    node: Value = mark if isinstance(mark, Value) else mark.pop()
    return node


def _filled(
    nodes: list[Value],
    data: Any,
    grads: Any,
    requires_grad: bytes,
    labels: dict[int, str],
    primitives: list[Primitive | None],
    xs: list[Value | None],
    ys: list[Value | None],
    dxs: Any,
    dys: Any,
    rests: dict[int, Any],
) -> None:
    """Fills the empty nodes of a list; others were whole before."""
    empty = [node._rest is _EMPTY for node in nodes]
    for node, is_empty, number, needed, *rest in zip(
        nodes, empty, data, requires_grad, primitives, xs, ys, dxs, dys, grads, strict=True
    ):
        if is_empty:
            node._data, node.requires_grad, node._rest = number, bool(needed), None
            _set(node, *rest)
    for i, label in labels.items():
        if empty[i]:
            nodes[i].label = label
    for i, parts in rests.items():  # last, as `Wide` asks its operands whether they are interior
        if empty[i]:
            nodes[i]._rest = _joined(parts)
    watch_all(nodes)


def _restored(
    mark: Any,
    nodes: Any,
    columns: Any,
    data: float,
    grad: float,
    label: str | None,
    requires_grad: bool,
    primitive: Primitive | None = None,
    x: Value | None = None,
    y: Value | None = None,
    dx: float = 0.0,
    dy: float = 0.0,
    parts: Any = None,
) -> Value:
    """The node of a given state, its operands at hand."""
    node = Value(data, label, requires_grad)
    _set(node, primitive, x, y, dx, dy, grad)
    node._rest = _joined(parts)
    watch(node)
    return node


copyreg.pickle(Value, _reduce)
