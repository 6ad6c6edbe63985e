"""Sums of products keep their operands in packs, in the compiled engine, and share them: whatever changes is noticed."""

import copy
import math
import pickle
import random
import sys
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from autograd_lite import Value, constant, dot, engine_info, no_grad, tanh
from autograd_lite.engine import packs, pool
from autograd_lite.nn import Layer, Neuron
from tests.engine.test_memory import needs_pool


def _chain(weights: Any, inputs: Any, bias: Any = None) -> Any:
    """The same as products and sums, without a node of many operands."""
    out = bias
    for weight, x in zip(weights, inputs, strict=True):
        out = weight * x if out is None else out + weight * x
    return out


def _numbers(node: Value) -> list[float]:
    return [node.data, *(operand.data for operand in node.operands)]


# What may happen between two sums of a layer, to the list of inputs or to what is in it.
_CHANGES: dict[str, Callable[[list[Any]], Any]] = {
    "nothing": lambda xs: None,
    "another Value": lambda xs: xs.__setitem__(1, Value(0.75)),
    "another number": lambda xs: xs.__setitem__(3, 4.0),
    "a number for a Value": lambda xs: xs.__setitem__(0, 0.25),
    "two change places": lambda xs: xs.reverse(),
    "data": lambda xs: setattr(xs[1], "data", -3.0),
    "a zero of the other sign": lambda xs: setattr(xs[2], "data", -0.0),
    "nan": lambda xs: setattr(xs[1], "data", math.nan),
    "frozen": lambda xs: setattr(xs[1], "requires_grad", False),
    "no longer frozen": lambda xs: setattr(xs[4], "requires_grad", True),
    "an int": lambda xs: xs.__setitem__(3, 7),
    "a computed one": lambda xs: xs.__setitem__(4, xs[1] * xs[1]),
}


@pytest.mark.parametrize("change", _CHANGES.values(), ids=_CHANGES)
@pytest.mark.parametrize("which", ["inputs", "weights"])
def test_what_changes_between_two_sums_is_noticed_by_the_second_and_not_by_the_first(change: Any, which: str) -> None:
    shared: list[Any] = [Value(0.5), Value(2.0), Value(0.0), 1.5, constant(-1.0)]
    other = [Value(float(i)) for i in range(5)]
    bias = Value(0.125)
    found = []
    for form in (dot, _chain):
        xs = [copy.copy(x) if isinstance(x, Value) else x for x in shared]
        ws = [copy.copy(w) for w in other]
        first = form(*((ws, xs) if which == "inputs" else (xs, ws)), bias)
        before = list(xs)
        change(xs)
        second = form(*((ws, xs) if which == "inputs" else (xs, ws)), bias)
        (first * 2.0 + second * 3.0).backward()
        leaves = [*before, *xs, *ws]
        found.append([first.data, second.data, *(x.grad if isinstance(x, Value) else None for x in leaves)])
    assert repr(found[0]) == repr(found[1])


def test_random_layers_are_as_products_and_sums_are() -> None:
    """Numbers with few digits, so that no order of adding rounds."""
    rng = random.Random(1)
    for _ in range(200):
        count = rng.randrange(1, 9)

        def operand(rng: random.Random = rng) -> Any:
            number = rng.randrange(-64, 64) / 16
            return rng.choice([Value(number), Value(number), constant(number), number, int(number)])

        layer = [operand() for _ in range(count)]
        weights = [[rng.choice([operand(), rng.choice(layer)]) for _ in range(count)] for _ in range(3)]
        biases = [rng.choice([None, operand()]) for _ in range(3)]
        if not isinstance(weights[0][0], Value):
            weights[0][0] = Value(0.5)
        leaves = [x for x in [*layer, *chain.from_iterable(weights), *biases] if isinstance(x, Value)]
        found = []
        for form in (dot, _chain):
            for leaf in leaves:
                leaf.grad = 0.0
            outputs = [form(w, layer, b) for w, b in zip(weights, biases, strict=True)]
            root = form([Value(1.0)] * 3, outputs, outputs[1])
            root.backward()
            found.append([root.data, *(leaf.grad for leaf in leaves)])
        assert found[0] == found[1]


def test_a_weight_may_be_replaced_and_set_between_passes() -> None:
    neuron = Neuron(5, None, seed=0)
    inputs = [Value(0.1 * i) for i in range(5)]
    kept = neuron(inputs)
    for change in (lambda: neuron.w.__setitem__(3, Value(2.0)), lambda: setattr(neuron.w[0], "data", 9.0), lambda: None):
        change()
        again = neuron(inputs)
        assert again.data == sum((w.data * x.data for w, x in zip(neuron.w, inputs, strict=True)), neuron.b.data)
        assert [*again.operands] == [neuron.b, *neuron.w, *inputs]
    assert kept.operands[4] is not again.operands[4]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node))])
def test_copies_of_a_layer_keep_numbers_operands_and_slopes(again: Any) -> None:
    layer = Layer(4, 3, "tanh", seed=1)
    node = dot(layer([Value(1.0), 2.0, constant(3.0), Value(-1.0)]), [Value(1.0), 2.0, 3.0])
    twin = again(node)
    assert _numbers(twin) == _numbers(node) and twin.local_derivatives == node.local_derivatives
    node.backward()
    twin.backward()
    assert [x.grad for x in twin.operands[0].operands[0].operands] == [x.grad for x in node.operands[0].operands[0].operands]


def test_what_needed_no_gradient_then_gets_none_now() -> None:
    x, w = Value(2.0), Value(3.0, requires_grad=False)
    node = dot([w, w], [x, 4.0], w)
    w.requires_grad, x.requires_grad = True, False
    node.backward()
    assert (node.data, w.grad, x.grad, node.local_derivatives) == (21.0, 0.0, 3.0, (None, None, None, 3.0, None))
    assert not dot([constant(1.0)], [x]).requires_grad
    with no_grad():
        assert dot([Value(1.0)], [w]).operands == ()


def test_numbers_that_are_not_pythons_own_and_long_ones() -> None:
    x = Value(2.0)
    with pytest.raises(OverflowError):
        dot([x], [10**400])
    with pytest.raises(TypeError, match="one real number"):
        dot([x], ["3"])
    assert dot([x, x], (True, 2**60)).data == 2.0 + 2.0 * 2**60
    assert dot([x], range(3, 4)).data == 6.0
    assert [type(operand) for operand in dot([x], [2]).operands] == [Value, Value]


@needs_pool
def test_the_sums_of_a_layer_share_their_inputs_and_each_term_takes_few_bytes() -> None:
    count, size = 50, 400
    inputs = [Value(0.5) for _ in range(size)]
    weights = [[Value(0.25) for _ in range(size)] for _ in range(count)]
    dot(weights[0], inputs)
    before = sys.getallocatedblocks()
    nodes = [dot(row, inputs) for row in weights]
    rests: list[Any] = [node._rest for node in nodes]
    assert {id(rest.inputs) for rest in rests} == {id(rests[0].inputs)} and len({id(rest.own) for rest in rests}) == count
    assert sys.getsizeof(rests[0].own) <= 64 + 17 * size  # a reference, a double and a flag
    assert rests[0].own is dot(weights[0], [Value(1.0)] * size)._rest.own
    alive = pool.alive()
    del rests
    nodes.clear()
    assert pool.alive() == alive - count
    assert sys.getallocatedblocks() <= before + 20


@pytest.mark.skipif(engine_info().compiled, reason="the compiled engine has other bodies for these, and calls them itself")
@pytest.mark.parametrize("head", [None, Value(-0.5), 2.0])
def test_packs_as_they_stand_in_python_say_what_the_node_of_lists_says(head: Value | float | None) -> None:
    x, y = Value(3.0), constant(-2.0)
    z = tanh(x)
    weights, inputs = [x, 0.5, y, z], (y, x, z, z)
    own, given = packs.packed(head, weights, False), packs.packed(None, inputs, True)
    node = dot(weights, inputs, head)
    places = range(len(node.operands))
    assert packs.packed(None, [True], False) is packs.packed(None, "ab", False) is packs.hide(own) is None
    assert packs.sum_of(own, given) == node.data and packs.needs_gradient(own, given)
    assert [packs.slope_at(own, given, place) for place in places] == list(node.local_derivatives)
    assert [packs.operand_at(own, given, place) for place in places][-8:] == [*weights, *inputs]
    assert packs.operand_at(own, given, len(places)) is None
    first = packs.next_interior(own, given, 0, 0)
    assert packs.operand_at(own, given, first) is z and packs.next_interior(own, given, first + 1, 0) == first + 3
    assert packs.next_interior(own, given, len(places) - 1, 0) == len(places) - 1
    packs.add_slopes(own, given, 2.0)
    found = x.grad, z.grad, y.grad
    node.backward(2.0)
    assert found == (2.0 * (y.data + 0.5), z.grad, 0.0)
