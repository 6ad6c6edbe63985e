"""The table of decisions: a test, or a few, for each of its rows that concerns `Value` and `backward`.

Domain errors, kinks and refused calls are in `test_errors.py`, numbers beside Values in `test_numbers.py`; derivatives of functions, shapes, memory and threads in theirs.
"""

import math
import re
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
import autograd_lite.engine.value
from autograd_lite import GraphError, NanGradientWarning, Value, constant, no_grad

# ---- comparisons, hash, truth ------------------------------------------------------------------------------------------------


def test_comparisons_and_hash() -> None:
    a, b, same = Value(1.0), Value(2.0), Value(1.0)
    for other in (b, 2, 2.0, Fraction(2), np.float64(2.0), np.float32(2.0), np.int64(2), True + 1):
        answers = (a == other, a != other, a < other, a <= other, a > other, a >= other)
        assert answers == (False, True, True, True, False, False)
        assert all(type(answer) is bool for answer in answers)
        assert (other == a, other != a, other < a, other <= a, other > a, other >= a) == (False, True, False, False, True, True)
    assert a == same
    assert hash(a) != hash(same)
    assert len({a, b, same, a}) == 3
    names = {a: "a", same: "same"}
    assert (names[a], names[same]) == ("a", "same")
    assert max([a, b, same]) is b


def test_comparisons_with_nan_and_strangers() -> None:
    nan, one = Value(math.nan), Value(1.0)
    assert nan != nan
    assert not nan == nan  # noqa: SIM201 - the operator itself is on trial
    assert not nan < one
    assert one != "1"
    assert not one == None  # noqa: E711, SIM201
    with pytest.raises(TypeError, match="'<' not supported between instances of 'Value' and 'str'"):
        _ = one < "1"
    with pytest.raises(TypeError, match=r"array of shape \(2,\)"):
        _ = one == np.ones(2)


def test_truth_is_that_of_the_number() -> None:
    assert Value(2.0)
    assert Value(math.nan)
    assert not Value(-0.0)


def test_the_library_compares_nodes_by_identity() -> None:
    """Ten nodes of equal data are ten nodes, to every sweep."""
    leaves = [Value(1.0) for _ in range(10)]
    root = ag.total([leaf * leaf for leaf in leaves])
    assert len(ag.topological_order(root)) == 21
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2.0] * 10
    assert ag.gradients(root, leaves) == [2.0] * 10
    assert [slope.data for slope in ag.gradients(root, leaves, differentiable=True)] == [2.0] * 10


# ---- constants ---------------------------------------------------------------------------------------------------------------


def test_the_partial_of_a_constant_is_never_evaluated() -> None:
    negative = Value(-2.0)
    for square in (negative**2, negative**2.0, negative ** constant(2.0), ag.power(negative, 2.0), negative ** np.float64(2)):
        assert square.data == 4.0
        assert ag.gradients(square, [negative]) == [-4.0]
        assert square.local_derivatives == (-4.0, None)
    exponent = Value(2.0)
    grown = constant(0.0) ** exponent
    assert ag.gradients(grown, [exponent]) == [0.0]
    assert grown.local_derivatives == (None, 0.0)


class Counting(ag.primitives.Binary):
    """x * y, which counts how often its rules are asked."""

    symbol = "counting({x}, {y})"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def forward(self, x: float, y: float) -> float:
        self.asked.append("forward")
        return x * y

    def dx(self, x: float, y: float, out: float) -> float:
        self.asked.append("dx")
        return y

    def dy(self, x: float, y: float, out: float) -> float:
        self.asked.append("dy")
        return x


@pytest.mark.parametrize(
    ("x", "y", "asked"),
    [
        (Value(2.0), Value(3.0), ["forward", "dx", "dy"]),
        (Value(2.0), 3.0, ["forward", "dx"]),
        (Value(2.0), constant(3.0), ["forward", "dx"]),
        (2.0, Value(3.0), ["forward", "dy"]),
        (constant(2.0), Value(3.0), ["forward", "dy"]),
        (constant(2.0), constant(3.0), ["forward"]),
        (2.0, constant(3.0), ["forward"]),
        (2.0, 3.0, ["forward"]),
    ],
)
def test_rules_asked(x: Any, y: Any, asked: list[str]) -> None:
    primitive = Counting()
    result = primitive(x, y)
    assert result == 6.0
    assert primitive.asked == asked
    with no_grad():
        primitive(x, y)
    assert primitive.asked == [*asked, "forward"]


def test_constants_are_leaves_that_need_no_gradient() -> None:
    x, k = Value(3.0), constant(2.0, label="k")
    y = k * x + 1
    assert [operand.data for operand in y.operands] == [6.0, 1.0]
    assert y.operands[1].requires_grad is False
    assert y.operands[1] is y.operands[1]
    assert y.operands[0].operands == (k, x)
    assert y.operands[0].local_derivatives == (None, 2.0)
    y.backward()
    assert (x.grad, k.grad) == (2.0, 0.0)
    assert repr(k) == "constant(2.0)"


def test_backward_of_a_constant_is_refused() -> None:
    with pytest.raises(
        GraphError, match=r"^`constant\(3\.0\)` needs no gradient: it is a constant, or was computed from constants"
    ):
        constant(3.0).backward()
    with no_grad():
        y = Value(3.0) * 2
    with pytest.raises(ValueError, match=r"under no_grad\(\)\. Start from a Value that requires one\."):
        y.backward()


def test_no_grad_detach_and_constant_as_in_pytorch() -> None:
    x = Value(3.0, label="x")
    with no_grad():
        y = x * x + ag.sin(x) + ag.dot([x], [x])
        assert y.operands == ()
        assert not y.requires_grad
        with no_grad():
            pass
        assert not (x * x).requires_grad
        assert not ag.total([x, x]).requires_grad
        assert Value(1.0).requires_grad
    assert (x * x).requires_grad
    with pytest.raises(RuntimeError, match="inside"), no_grad():
        raise RuntimeError("inside")
    assert (x * x).requires_grad
    alone = (x * x).detach()
    assert (alone.data, alone.requires_grad, alone.operands) == (9.0, False, ())
    assert x.detach().label == "x"
    z = x * x.detach()
    z.backward()
    assert x.grad == 3.0


# ---- operands and sweeps -----------------------------------------------------------------------------------------------------


def test_x_times_x_has_two_edges() -> None:
    x = Value(3.0)
    for node, local in ((x * x, (3.0, 3.0)), (x + x, (1.0, 1.0)), (x - x, (1.0, -1.0)), (ag.maximum(x, x), (0.5, 0.5))):
        assert len(node.operands) == 2
        assert node.operands[0] is x
        assert node.operands[1] is x
        assert node.local_derivatives == local
        assert ag.gradients(node, [x]) == [sum(local)]
    many = ag.dot([x, x], [x, x], x)
    assert [operand is x for operand in many.operands] == [True] * 5
    many.backward()
    assert x.grad == 4 * 3.0 + 1.0


def test_backward_twice_doubles_the_leaves_and_only_the_leaves() -> None:
    x, y = Value(2.0), Value(5.0)
    shared = x * y
    root = shared * shared + ag.total([shared, x])
    root.backward()
    first = (x.grad, y.grad, shared.grad, root.grad)
    assert first == (106.0, 42.0, 21.0, 1.0)
    root.backward()
    assert (x.grad, y.grad, shared.grad, root.grad) == (212.0, 84.0, 21.0, 1.0)
    root.backward(-2.0)
    assert (x.grad, y.grad, shared.grad, root.grad) == (0.0, 0.0, -42.0, -2.0)


def test_two_losses_sharing_a_trunk_give_the_sum_exactly() -> None:
    x = Value(0.7)
    trunk = ag.sin(x) * x
    first, second = trunk * trunk, ag.exp(trunk)
    first.backward()
    second.backward()
    alone = ag.gradients(first, [x])[0], ag.gradients(second, [x])[0]
    assert x.grad == alone[0] + alone[1]
    assert trunk.grad == second.data


def test_backward_on_a_leaf_adds_its_seed() -> None:
    x = Value(3.0)
    x.backward()
    x.backward(2)
    assert x.grad == 3.0


def test_a_leaf_is_reusable_after_backward() -> None:
    x = Value(3.0)
    (x * x).backward()
    (x * 2).backward()
    assert x.grad == 8.0
    x.grad = 0
    assert type(x.grad) is float


def test_zero_grad_reaches_everything_below() -> None:
    x = Value(3.0)
    middle = x * x
    root = middle * 2
    root.backward()
    root.zero_grad()
    assert (x.grad, middle.grad, root.grad) == (0.0, 0.0, 0.0)


def test_backward_from_the_middle_leaves_the_rest_alone() -> None:
    x = Value(3.0)
    middle = x * x
    root = middle * 2
    root.backward()
    middle.backward()
    assert (x.grad, middle.grad, root.grad) == (12.0 + 6.0, 1.0, 1.0)


# ---- changed data: the recorded point or a clear error, never a mixture ------------------------------------------------------


def _graph(x: Value, y: Value) -> Value:
    return ag.dot([x, y], [y, x], x * y) + x / y + ag.logsumexp([x, y]) * ag.tanh(x) ** y


def test_data_changed_after_the_forward_pass_gives_the_recorded_point() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    recorded = ag.gradients(_graph(x, y), [x, y])
    root = _graph(x, y)
    x.data, y.data = 50.0, -7.0
    for node in ag.topological_order(root):
        if node.operands:
            node.data = 1e3
    root.backward()
    assert [x.grad, y.grad] == recorded
    assert ag.gradients(root, [x, y]) == recorded


def test_data_changed_in_a_dot_gives_the_recorded_point() -> None:
    weights, inputs = [Value(2.0), Value(3.0)], [Value(5.0), Value(7.0)]
    out = ag.dot(weights, inputs)
    for value in (*weights, *inputs):
        value.data = 0.0
    weights[0], inputs[1] = Value(11.0), Value(13.0)
    weights.clear()
    out.backward()
    assert out.local_derivatives == (5.0, 7.0, 2.0, 3.0)
    assert inputs[0].grad == 2.0


@pytest.mark.parametrize(
    "function", [lambda x: x * x, ag.sin, lambda x: ag.dot([x, 2.0], [x, x]), lambda x: x**3, lambda x: ag.logsumexp([x, 1.0])]
)
def test_data_changed_before_a_differentiable_sweep_is_a_clear_error(function: Any) -> None:
    x = Value(2.0, label="x")
    out = function(x)
    x.data = 5.0
    assert ag.gradients(out, [x]) == [ag.grad(function)(2.0)]
    with pytest.raises(
        GraphError, match=r"^`\.data` was changed after `.*x.*` was computed from it: its derivative was recorded as"
    ):
        ag.gradients(out, [x], differentiable=True)


@pytest.mark.parametrize(
    "combine", [lambda w, x: ag.dot([w, w], [x, x], w), lambda w, x: w * x, lambda w, x: x / w, lambda w, x: x**w]
)
def test_freezing_a_parameter_after_the_forward_pass_changes_nothing_recorded(combine: Callable[[Value, Value], Value]) -> None:
    w, x = Value(2.0), Value(3.0)
    node = combine(w, x)
    recorded = node.local_derivatives
    slopes = ag.gradients(node, [w, x])
    w.requires_grad = False
    assert node.local_derivatives == recorded
    assert ag.gradients(node, [w, x]) == slopes
    w.requires_grad, x.requires_grad = True, False
    assert node.local_derivatives == recorded


# ---- nan gradients ---------------------------------------------------------------------------------------------------------------

ROOT_OF_SQUARE = (
    "the gradient is nan from `x` on: `sqrt(x)` has an infinite slope, `x * y` below it has the slope 0, and inf * 0 is nan. "
    "`abs(x)` has a slope where `sqrt(x * x)` has none, `norm` where `sqrt(x * x + y * y)` has none, `x ** 1.5` where "
    "`x * sqrt(x)` has none."
)
SILENT = [
    (lambda x: ag.sqrt(x * x), "`x * y` below it"),
    (lambda x: ag.sqrt(x * x + x * x), "`x * y` below it"),
    (lambda x: x * ag.sqrt(x), "what it is used for"),
    (lambda x: 0.0 * ag.sqrt(x), "what it is used for"),
    (lambda x: (x * x) ** 0.5, "`x * y` below it"),
    (lambda x: ag.cbrt(x * x), "`x * y` below it"),
    (lambda x: ag.asin(ag.cos(x)), "`cos(x)` below it"),
    (lambda x: ag.dot([x], [ag.sqrt(x)]), "what it is used for"),
]


@pytest.mark.parametrize(("function", "where"), SILENT)
def test_a_gradient_that_inf_times_0_made_nan_warns_and_says_where(function: Callable[[Any], Any], where: str) -> None:
    x = Value(0.0, label="x")
    with pytest.warns(NanGradientWarning, match=re.escape(where)) as caught:
        function(x).backward()
    assert math.isnan(x.grad)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    for derive in (ag.grad, ag.derivative, ag.jacobian):
        with pytest.warns(NanGradientWarning, match=re.escape(where)):
            derive(function)(0.0)
    with pytest.warns(NanGradientWarning):
        ag.hessian(function)(0.0)


def test_the_warning_says_what_is_defined_there_and_where_to_look() -> None:
    x = Value(0.0, label="x")
    with pytest.warns(NanGradientWarning) as caught:
        ag.sqrt(x * x).backward()
    assert str(caught[0].message) == ROOT_OF_SQUARE
    assert ag.grad(ag.abs)(0.0) == 0.0
    assert ag.grad(lambda x: x**1.5)(0.0) == 0.0


def test_a_line_warns_once_whatever_the_numbers_are() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for weight in (1.0, 2.0, 3.0):
            x = Value(0.0)
            ag.sqrt(weight * x * x).backward()
    assert len(caught) == 1


def test_the_warning_is_an_error_on_request_once_the_gradients_are_set() -> None:
    x, y = Value(0.0), Value(2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NanGradientWarning)
        with pytest.raises(NanGradientWarning):
            (ag.sqrt(x * x) + y * y).backward()
    assert math.isnan(x.grad)
    assert y.grad == 4.0


def test_nan_that_came_in_and_infinite_gradients_are_left_alone() -> None:
    for number in (math.nan, math.inf):
        x = Value(number)
        (x * x - x).backward()
        ag.grad(lambda v: v - v * v)(number)
    x = Value(-1.0)
    ag.relu(x).backward(math.inf)  # an infinite gradient that was given
    assert math.isnan(x.grad)
    x = Value(0.0)
    ag.sqrt(x).backward()
    assert x.grad == math.inf
    z = Value(math.inf)
    (z * z - z * z * 2.0).backward()  # infinite by its data
    assert math.isnan(z.grad)


def test_infinite_slopes_that_cancel_are_told() -> None:
    z = Value(0.0)
    with pytest.warns(NanGradientWarning, match="inf - inf is nan"):
        (ag.sqrt(z) - ag.sqrt(z)).backward()
    assert math.isnan(z.grad)
