"""Copies of graphs: `copy`, `deepcopy` and `pickle` without recursion, with every shared node still shared."""

import copy
import io
import pickle
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, constant
from tests.counting import calls_during
from tests.processes import run_python


def _by_pickle(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


COPIERS: list[Callable[[Any], Any]] = [
    copy.deepcopy,
    _by_pickle,
    *(
        lambda thing, protocol=protocol: pickle.loads(pickle.dumps(thing, protocol))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL)
    ),
    lambda thing: pickle._loads(pickle._dumps(thing)),  # type: ignore[attr-defined] # the pure Python twins
]
every_copier = pytest.mark.parametrize("copied", COPIERS)


def _graph() -> tuple[Value, Value, Value]:
    x, y = Value(0.7, label="x"), Value(1.3, label="y")
    shared = x * y + constant(2.0, "k")
    shared.label = "shared"
    root = ag.dot([shared, x], [shared, 3.0], y) + ag.logsumexp([shared, ag.sin(x), 1.0]) ** 2 + ag.clamp(x, 0.0, y)
    return x, y, root


def _state(node: Value) -> Any:
    parts = (node.data, node.grad, node.label, node.requires_grad, node.primitive, node.local_derivatives)
    return parts


@every_copier
def test_a_copy_is_the_same_graph_apart(copied: Any) -> None:
    x, y, root = _graph()
    root.backward()
    twin = copied(root)
    before, after = ag.topological_order(root), ag.topological_order(twin)
    assert [_state(node) for node in after] == [_state(node) for node in before]
    assert not {id(node) for node in before} & {id(node) for node in after}
    position = {id(node): index for index, node in enumerate(before)}
    places = {id(node): index for index, node in enumerate(after)}
    for node, other in zip(before, after, strict=True):
        assert [position[id(operand)] for operand in node.operands] == [places[id(operand)] for operand in other.operands]
    leaves = [node for node in after if node.label in ("x", "y")]
    for leaf in leaves:
        leaf.grad = 0.0
    grads = [x.grad, y.grad]
    twin.backward()
    assert sorted(leaf.grad for leaf in leaves) == sorted(grads)
    assert [x.grad, y.grad] == grads
    second = ag.gradients(ag.gradients(twin, leaves, differentiable=True)[0], leaves)
    own = [node for node in before if node.label in ("x", "y")]
    assert second == ag.gradients(ag.gradients(root, own, differentiable=True)[0], own)


@every_copier
def test_two_roots_in_one_dump_share_what_they_shared(copied: Any) -> None:
    x, _, root = _graph()
    other = root * x
    first, second, leaf, again = copied([root, other, x, root])
    assert first is again
    assert second.operands[0] is first
    assert second.operands[1] is leaf
    assert leaf in ag.topological_order(first)
    second.backward()
    other.backward()
    assert (leaf.grad, first.grad) == (x.grad, root.grad)


@every_copier
def test_users_before_operands_and_operands_before_users(copied: Any) -> None:
    x = Value(2.0)
    a = x * x
    b = a * a
    for order in ((b, a, x), (x, a, b), (a, b, x), (b, x, a)):
        twins = dict(zip([id(node) for node in order], copied(order), strict=True))
        assert twins[id(b)].operands == (twins[id(a)], twins[id(a)])
        assert twins[id(b)].operands[0] is twins[id(b)].operands[1] is twins[id(a)]
        assert twins[id(a)].operands[0] is twins[id(x)]


@every_copier
def test_inside_objects_dictionaries_and_cycles_of_the_user(copied: Any) -> None:
    x, y, root = _graph()
    bag: dict[str, Any] = {"root": root, "leaves": [x, y]}
    bag["self"] = bag
    twin = copied(bag)
    assert twin["self"] is twin
    twin["root"].backward()
    assert all(leaf.grad for leaf in twin["leaves"])
    assert x.grad == y.grad == 0.0


def test_copy_copies_one_node_and_shares_its_operands() -> None:
    x = Value(3.0, label="x")
    square = x * x
    twin = copy.copy(square)
    assert twin is not square
    assert twin.operands[0] is x
    twin.backward()
    assert x.grad == 6.0
    leaf = copy.copy(x)
    assert (leaf is x, leaf.data, leaf.label, leaf.grad) == (False, 3.0, "x", 6.0)


class _Refusing(ag.primitive.Unary):
    refuses = False

    def forward(self, x: float) -> float:
        return x

    def dx(self, x: float, out: float) -> float:
        return 1.0

    def __reduce__(self) -> Any:
        if self.refuses:
            raise RuntimeError("refused")
        return "_refusing"

    def __deepcopy__(self, memo: Any) -> Any:
        self.__reduce__()
        return self


_refusing = _Refusing()


@every_copier
def test_a_failed_dump_leaves_nothing_behind(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x, _, root = _graph()
    middle = _refusing(root) * x  # fails after the operands
    with monkeypatch.context() as patch:
        patch.setattr(_Refusing, "refuses", True)
        for thing in (middle, [_refusing, middle], [middle, _refusing]):
            if copied is not copy.deepcopy or thing is not middle:  # a node's copy has its primitive
                with pytest.raises(RuntimeError, match="refused"):
                    copied(thing)
    twin = copied(middle)
    assert [_state(node) for node in ag.topological_order(twin)] == [_state(node) for node in ag.topological_order(middle)]
    test_two_roots_in_one_dump_share_what_they_shared(copied)


def test_a_dump_inside_a_dump() -> None:
    """A number that pickles a graph of its own while the outer dump is under way."""

    class Nested(float):
        def __reduce__(self) -> Any:
            return (float, (3.0 if pickle.dumps(_graph()[2]) else 4.0,))

    _, _, root = _graph()
    twin = _by_pickle(root * Nested(2.0))
    assert twin.operands[1].data == 3.0
    assert len(ag.topological_order(twin)) == len(ag.topological_order(root)) + 2


def _chain(length: int) -> Value:
    node = Value(1.0)
    for _ in range(length):
        node = node + 1.0
    return node


@every_copier
def test_a_deep_graph_after_a_failed_copy_of_it(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far deeper than the recursion limit: whatever the failed copy left behind, the nodes bring their own list again."""
    inner = _refusing(_chain(3000))
    outer = inner * 2
    with monkeypatch.context() as patch:
        patch.setattr(_Refusing, "refuses", True)
        with pytest.raises(RuntimeError, match="refused"):
            copied([outer, _refusing])
    assert copied(inner.operands[0]).data == 3001.0
    assert copied(outer).data == 6002.0


def test_a_deep_graph_while_an_earlier_copy_is_still_remembered() -> None:
    """A memo or a pickler that lives on holds the list of the nodes that it has copied; they must not count as under way."""
    outer = _chain(3000)
    memo: dict[int, Any] = {}
    first = copy.deepcopy(outer, memo)
    assert copy.deepcopy(outer.operands[0]).data == 3000.0
    assert copy.deepcopy(outer, memo) is first
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream)
    pickler.dump(outer)
    assert pickle.loads(pickle.dumps(outer.operands[0])).data == 3000.0
    pickler.dump(outer)


@pytest.mark.parametrize("stage", range(1, 12))
@pytest.mark.parametrize("kind", [pickle.Pickler, pickle._Pickler])  # type: ignore[attr-defined] # the pure Python twin
def test_a_pickle_that_failed_within_its_list_and_is_remembered_misleads_no_other(kind: Any, stage: int) -> None:
    """The list of the failed one is alive, and its nodes count as under way: other pickles must still get them whole."""
    root = _chain(30) * _graph()[2]
    inner = root.operands[1]

    class Failing(kind):  # type: ignore[misc]
        asked = 0

        def persistent_id(self, thing: Any) -> None:
            if isinstance(thing, Value):
                self.asked += 1
                if self.asked == stage:
                    raise RuntimeError("refused")

    failing = Failing(io.BytesIO())
    with pytest.raises(RuntimeError, match="refused") as remembered:
        failing.dump(root)
    for node in (inner, *ag.topological_order(inner), root):
        twin = _by_pickle(node)
        assert [_state(each) for each in ag.topological_order(twin)] == [_state(each) for each in ag.topological_order(node)]
    assert remembered.value.__traceback__ is not None


@pytest.mark.parametrize("stage", range(1, 12))
def test_a_pickle_of_the_same_nodes_within_the_list_of_another(stage: int) -> None:
    root = _chain(30) * _graph()[2]
    within: list[bytes] = []

    class Nesting(pickle.Pickler):
        asked = 0

        def persistent_id(self, thing: Any) -> None:
            if isinstance(thing, Value):
                self.asked += 1
                if self.asked == stage:
                    within.append(pickle.dumps(thing))
                    within.append(pickle.dumps(root))

    stream = io.BytesIO()
    Nesting(stream).dump(root)
    for text in (stream.getvalue(), within[1]):
        twin = pickle.loads(text)
        assert [_state(each) for each in ag.topological_order(twin)] == [_state(each) for each in ag.topological_order(root)]
    assert isinstance(pickle.loads(within[0]), Value)


def test_copies_cost_few_calls_for_each_node() -> None:
    """Once they were 17, 100 and 23."""
    for copied, most in ((pickle.dumps, 4), (copy.deepcopy, 6), (lambda root: pickle.loads(pickle.dumps(root)), 8)):
        short, long = (calls_during(partial(copied, _chain(length))) for length in (500, 1500))
        assert long - short < most * 1000


def test_copies_in_several_threads_at_once() -> None:
    """Each thread gets the bytes that it would get alone: none takes another's list for its own."""
    failures: list[BaseException] = []
    graphs = [_chain(300 + i) * _graph()[2] for i in range(4)]
    alone = [pickle.dumps(root) for root in graphs]
    barrier = threading.Barrier(len(graphs))

    def work(index: int) -> None:
        try:
            barrier.wait()
            for _ in range(10):
                assert pickle.dumps(graphs[index]) == alone[index]
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(graphs))]
    try:
        sys.setswitchinterval(1e-6)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert failures == []


def test_a_pickle_names_primitives_and_holds_no_code() -> None:
    """A primitive travels as `autograd_lite.engine.primitives.tanh`, so that the twin's is the table's own."""
    text = pickle.dumps(ag.tanh(Value(1.0)))
    assert b"autograd_lite.engine.primitives" in text
    assert b"tanh" in text
    assert _by_pickle(ag.tanh(Value(1.0))).primitive is ag.tanh
    assert copy.deepcopy(ag.tanh) is ag.tanh
    for primitive in ag.primitives.TABLE.values():
        assert _by_pickle(primitive) is primitive


def test_deep_chains_copy_without_recursion_in_a_small_stack() -> None:
    """100,000 nodes (fewer for `deepcopy`, which is slow itself); in a process of its own because a recursion in C ends it."""
    assert (
        run_python("""
            import copy, pickle, sys, threading
            from autograd_lite import Value, dot, topological_order

            def work():
                for length, copied in ((10_000, copy.deepcopy), (50_000, lambda root: pickle.loads(pickle.dumps(root)))):
                    x = node = Value(1.0, label="x")
                    for i in range(length):
                        node = dot([node, x], [1.0, 1e-5])
                        node = node + 1.0
                    node.backward()
                    twin = copied(node)
                    order = topological_order(twin)
                    leaf = next(n for n in order if n.label == "x")
                    assert leaf.grad == x.grad
                    leaf.grad = 0.0
                    twin.backward()
                    assert leaf.grad == x.grad and twin.data == node.data
                    del order
                assert copy.copy(node).operands[0] is node.operands[0]
                print("copied")

            sys.setrecursionlimit(200)
            threading.stack_size(512 * 1024)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        """)
        == "copied\n"
    )
