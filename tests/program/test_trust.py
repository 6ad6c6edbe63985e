"""Programs that were silently wrong, and their kin: each is held against eager in value, gradient and Hessian, row by row."""

import gc
import inspect
import itertools
import keyword
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value, where
from autograd_lite.engine.errors import DomainError, OperationError
from autograd_lite.engine.primitives import norm
from autograd_lite.functions import mean, variance
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_of_probabilities,
    hinge,
)
from autograd_lite.nn import MLP
from autograd_lite.program import BranchChanged, TraceError, trace
from autograd_lite.program.ir.arrays import Array, Fill, MatrixProduct, Reduce, RowSum, View, over_rows, spread, whole
from autograd_lite.program.ir.derivation import Adjoint, Contribution
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.ir.terms import Call, Infix, MeanWeight, Number, Select
from autograd_lite.program.ir.type_checker import IllTyped, TypeChecker
from tests.program_checks import assert_same_loss

NEAR = 1e-12


def _flat(numbers: Any) -> list[float]:
    return [x for part in numbers for x in _flat(part)] if isinstance(numbers, list | tuple) else [numbers]


def _near(found: Any, expected: Any) -> None:
    scale = max(1.0, max(map(abs, _flat(expected)), default=0.0))
    numpy.testing.assert_allclose(numpy.ravel(found), _flat(expected), rtol=NEAR, atol=NEAR * scale)


def assert_as_eager(function: Callable[..., Any], *rows: Sequence[Any], hessian: bool = True) -> None:
    """Value, gradient and Hessian of the traced function are eager's at every row: one by one and together."""
    program = trace(function, *rows[0])
    columns = [numpy.array(column, float) for column in zip(*rows, strict=True)]
    values, gradients = program.value_and_grad(*columns)
    hessians = program.hessian(*columns) if hessian else [None] * len(rows)
    for row, value, gradient, curved in zip(rows, values, gradients, hessians, strict=True):
        expected, slopes = ag.value_and_grad(function)(*row)
        _near(value, expected)
        _near(gradient, slopes)
        one, alone = program.value_and_grad(*row)
        _near([one], [expected])
        _near(alone, slopes)
        if hessian:
            _near(curved, ag.hessian(function)(*row))


# ---- an operand that repeats receives one copy of its derivative for each time -------------------------------------------------

COUNTS = (1, 2, 3, 7, 8, 9, 20, 40)
NUMBERS = [0.3 * i - 1.1 for i in range(40)]
REPEATING: dict[str, Callable[[int], Callable[..., Any]]] = {
    "a number and constants": lambda n: lambda a, b: sum(a + c for c in NUMBERS[:n]) * b,
    "squares of differences": lambda n: lambda a, b: sum((a - y) ** 2 * b for y in NUMBERS[:n]),
    "a regression": lambda n: lambda a, b: sum((a + b * x - 1.0) ** 2 for x in NUMBERS[:n]),
    "a mean": lambda n: lambda a, b: mean([a * b + c for c in NUMBERS[:n]]),
    "a variance": lambda n: lambda a, b: variance([a + b * c for c in NUMBERS[: n + 1]]),
    "a norm": lambda n: lambda a, b: norm([a + c + b for c in NUMBERS[:n]]),
    "a choice": lambda n: lambda a, b: sum(where(c < 0.0, a, b * a) for c in NUMBERS[:n]),
    "a choice by a number": lambda n: lambda a, b: sum(where(a > c, lambda: a * b, lambda: ag.sin(b)) for c in NUMBERS[:n]),
    "a total": lambda n: lambda a, b: ag.total([a, *(b - c for c in NUMBERS[:n]), a]),
    "a logsumexp": lambda n: lambda a, b: ag.logsumexp([a, *(b * c for c in NUMBERS[:n])]),
    "a product of sums": lambda n: lambda a, b: sum(a + c for c in NUMBERS[:n]) * sum(b - c for c in NUMBERS[:n]),
    "a quotient": lambda n: lambda a, b: sum((c + a) / (2.0 + b * b) for c in NUMBERS[:n]),
    "the same many times": lambda n: lambda a, b: ag.total([a] * n) * ag.dot([a] * n, [b] * n),
}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", REPEATING)
def test_what_repeats_is_added_up_as_often(name: str, count: int) -> None:
    assert_as_eager(REPEATING[name](count), (0.7, 1.3), (-0.4, 0.9))


LISTS: dict[str, Callable[..., Any]] = {
    "a list and a number": lambda v, s: sum(a + s for a in v),
    "a list minus its mean": lambda v, s: sum((a - mean(v)) ** 2 for a in v) * s,
    "normalised": lambda v, s: sum(a / norm(v) for a in v) + s,
    "a softmax": lambda v, s: sum(p * p * s for p in ag.softmax([a * s for a in v])),
    "a log-softmax": lambda v, s: sum(ag.log_softmax([a + s for a in v])),
    "every pair": lambda v, s: sum((a - b) ** 2 for a in v for b in v) + s * v[0],
    "a scan": lambda v, s: _scan(v, s),
    "branches of its elements": lambda v, s: sum(where(a > mean(v), lambda: ag.log(a), lambda: 0.1 * a * s) for a in v),  # noqa: B023
    "norms of softmax": lambda v, s: sum(norm(ag.softmax([a * b for b in v])) for a in v) * s,
    "reversed and sliced": lambda v, s: (
        sum(a * b for a, b in zip(v[::-1], v[1:], strict=False)) + sum(v[-1] + a * s for a in v[:2])
    ),
}


def _scan(v: Any, s: Any) -> Any:
    state: Any = 0.0
    for a in v:
        state = ag.tanh(state * s + a)
    return state


@pytest.mark.parametrize("length", [1, 2, 7, 8, 12])
@pytest.mark.parametrize("name", LISTS)
def test_lists_against_numbers(name: str, length: int) -> None:
    v = [0.4 + 0.3 * i for i in range(length)]
    assert_as_eager(LISTS[name], (v, 0.7), ([1.9 - x for x in v] if length < 5 else [x + 0.1 for x in v], 1.2), hessian=length < 9)


@pytest.mark.parametrize("outputs", [1, 2, 3, 8, 10])
def test_outputs_of_a_layer_receive_what_repeats(outputs: int) -> None:
    xs, ys = numpy.array([[0.3, -0.4], [1.0, 0.5], [-0.2, 2.0]]), numpy.array([1.0, 0.5, -1.0])
    classes = max(outputs, 2)
    losses: list[Callable[..., Any]] = [
        lambda m, x, y: cross_entropy([*_list(m(x)), y][:classes], [1.0 / classes] * classes),
        lambda m, x, y: sum(ag.log_softmax(_list(m(x)))) * y,
        lambda m, x, y: sum(o - y for o in _list(m(x))),
        lambda m, x, y: ag.logsumexp(_list(m(x))) * ag.total(_list(m(x))) + y,
        lambda m, x, y: variance([*_list(m(x)), y]),
    ]
    for loss in losses:
        assert_same_loss(loss, MLP(2, [4, outputs], seed=1), xs, ys)


def _list(outputs: Any) -> list[Any]:
    return outputs if isinstance(outputs, list) else [outputs]


UNITS: dict[str, tuple[int, Callable[..., Any]]] = {
    "applied to its own output": (2, lambda m, x, y: m([m([x[0], y]), m([y, x[1]])])),
    "of nine equal inputs": (9, lambda m, x, y: m([x[0] * y] * 9)),
    "of equal pairs": (4, lambda m, x, y: m([x[0], x[0], y, y])),
    "of constants": (3, lambda m, x, y: m([1.0, x[1], 1.0]) * y),
    "as a variance": (2, lambda m, x, y: variance([m(x)]) + y * m(x)),
}


@pytest.mark.parametrize("name", UNITS)
def test_a_unit(name: str) -> None:
    inputs, loss = UNITS[name]
    xs, ys = numpy.array([[0.3, -0.4], [1.0, 0.5]]), numpy.array([1.0, 0.5])
    assert_same_loss(loss, MLP(inputs, [1], "tanh", seed=2), xs, ys)


def test_a_branch_of_parameters_alone_counts_in_its_own_rows() -> None:
    q = Value(2.0, label="q")
    weights = [Value(0.1 * i, label=f"w{i}") for i in range(9)]
    for function, parameters in (
        (lambda x: where(x > 0, lambda: q * q, lambda: x), [q]),
        (lambda x: where(x > 0, lambda: q * q, lambda: ag.exp(q)) * x, [q]),
        (lambda x: where(x > 0, lambda: ag.total([w * w for w in weights]), lambda: x), weights),
        (lambda x: x + where(x > 0, lambda: where(x > 1, lambda: ag.log(q), lambda: q * 3), 0.0), [q]),
    ):
        program = trace(function, 1.5, parameters=parameters)
        rows = [1.5, -1.0, 0.5, -2.0]
        value, gradient = program.loss_and_gradient(numpy.array(rows))
        results, sums = [], dict.fromkeys(map(id, program.parameter_values), 0.0)
        for row in rows:
            out = function(Value(row))
            results.append(out.data)
            for owner, slope in zip(program.parameter_values, ag.gradients(out, program.parameter_values), strict=True):
                sums[id(owner)] += slope / len(rows)
        _near([value], [sum(results) / len(rows)])
        _near(gradient, list(sums.values()))


def test_a_branch_that_is_not_taken_adds_nothing_to_a_hessian() -> None:
    def function(v: Any) -> Any:
        flat = ag.sech(v[0]) - ag.sech(v[0])
        return where(flat <= 0.3, v[1], lambda: ag.sqrt(flat))

    assert trace(function, [1.0, 2.0]).hessian([1.0, 2.0]).tolist() == [[0.0, 0.0], [0.0, 0.0]]


# ---- names -----------------------------------------------------------------------------------------------------------------------

AWKWARD = [
    "v1", "v2", "v3", "x_0", "x_1", "X", "X2", "C1", "INDEX1", "rows", "value", "gradient", "parameters", "parameters_0", "np", "math",
    "d_x", "d_v1", "d_value", "d_parameters", "z1", "a1", "t1", "s1", "e1", "p", "W1", "b1", "d_W1", "expect", "changed", "error",
    "BranchChanged", "sigmoid", "total", "where", "len", "slice", "sum", "abs", "float", "int", "self", "x2", "v", "lambda_", "ke", "match",
    "type", "_", "__", "_x", "é", "π", "v_1", "v11", "V1", "None_", "True_", "print", "object", "ValueError",
]  # fmt: skip


def _energy(names: Sequence[str]) -> Callable[..., Any]:
    """A function of four numbers with these names; names are all that differs."""

    def energy(*numbers: Any) -> Any:
        m1, v1, m2, v2 = numbers
        inside = ag.sin(m1 * v1) + ag.sigmoid(v2) + ag.softplus(m2 * v2)
        return m1 * v1 * v1 / 2 + m2 * v2 * v2 / 2 + (v1 - v2) ** 2 + inside * inside

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    energy.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    energy.__name__ = names[-1]
    return energy


def test_any_names_of_arguments_give_the_same_numbers() -> None:
    assert_any_names_give_the_same_numbers(times=4)


def assert_any_names_give_the_same_numbers(times: int) -> None:
    """Each name beside three others, so many times."""
    random = numpy.random.default_rng(0)
    point = (1.0, 2.0, 3.0, 4.0)
    value, gradient = ag.value_and_grad(_energy(["a", "b", "c", "d"]))(*point)
    curved = ag.hessian(_energy(["a", "b", "c", "d"]))(*point)
    orders = [random.permutation(AWKWARD).tolist() for _ in range(times)]
    drawn = [[*order, *order][first : first + 4] for order in orders for first in range(0, len(order), 4)]
    for names in [["m1", "v1", "m2", "v2"], ["v1", "v2", "v3", "v4"], ["x", "x_0", "d_x", "v1"], *drawn]:
        program = trace(_energy(names), *point)
        for found in (program.value_and_grad(*point), tuple(part[0] for part in program.value_and_grad([point]))):
            _near([found[0]], [value])
            _near(found[1], gradient)
        _near(program.hessian(*point), curved)
        assert program.source.count("def ") >= 1


def test_names_of_lists_and_of_their_elements_do_not_meet() -> None:
    def function(x: Any, x_0: Any, x_1: Any, parameters_0: Any) -> Any:
        return x[0] * 2 + x[1] * 3 + x_0 * 5 + x_1 * 7 + parameters_0 * ag.sin(x[0] * x_1)

    assert_as_eager(function, ([1.0, 2.0], 3.0, 4.0, 5.0), ([0.1, 0.2], 0.3, 0.4, 0.5))


@pytest.mark.parametrize(
    "label", ["v1", "rows", "np", "for", 'a"""b', "a\nimport os", "\\", "é", "", "gradient", "d_x", "x", "2", "np.exp"]
)
def test_any_labels_of_parameters_give_the_same_numbers(label: str) -> None:
    p, q = Value(0.5, label=label), Value(1.5, label=label)
    program = trace(lambda x: ag.sin(x * p) * q + p, 2.0, parameters=[p, q])
    value, gradient = program.loss_and_gradient(numpy.array([2.0, 1.0]))
    expected = [math.sin(x * 0.5) * 1.5 + 0.5 for x in (2.0, 1.0)]
    _near([value], [sum(expected) / 2])
    slopes = {id(p): sum(x * math.cos(x * 0.5) * 1.5 + 1.0 for x in (2.0, 1.0)) / 2, id(q): (math.sin(1.0) + math.sin(0.5)) / 2}
    _near(gradient, [slopes[id(owner)] for owner in program.parameter_values])


def test_no_name_of_a_source_is_a_keyword() -> None:
    program = trace(_energy(["lambda_", "None_", "class_", "match"]), 1.0, 2.0, 3.0, 4.0)
    assert not any(f"def {word}(" in program.source for word in keyword.kwlist)


# ---- guards ----------------------------------------------------------------------------------------------------------------------


def test_the_constants_of_two_guards_are_not_exchanged() -> None:
    def halving(x: Any, y: Any) -> Any:
        k, s = 0, x
        while s > 0.4:
            s = s * 0.7
            k += 1
        return y * k

    program = trace(halving, 1.0, 1.0)
    assert program([1.0, 0.9], [1.0, 2.0]).tolist() == [3.0, 6.0]
    with pytest.raises(BranchChanged):
        program([1.5], [1.0])
    again = trace(halving, 1.0, 1.0, on_branch="retrace")
    points = [0.2, 0.41, 0.9, 1.0, 1.5, 3.0, 10.0]
    assert again(points, [1.0] * 7).tolist() == [halving(x, 1.0) for x in points]


def test_many_ways_are_not_nested() -> None:
    """The first build called itself for each way, until Python had enough."""
    depths = []

    def step(x: Any) -> Any:
        depths.append(len(inspect.stack()))
        return next((x * i for i in range(40) if x < i), x)

    program = trace(step, 0.5, on_branch="retrace", verify=False)
    rows = numpy.arange(30) + 0.5
    assert program(rows).tolist() == [x * math.ceil(x) for x in rows.tolist()]
    assert len(depths) == 30 and depths[-1] <= depths[1]


# ---- what eager refuses, a program refuses ---------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = {
    "a power of a negative base, by its exponent": (lambda x, y: x**y, (2.0, 3.0), (-2.0, 3.0)),
    "the same where the value is 0": (lambda x, y: x**y, (2.0, 3.0), (-1e-200, 3.0)),
    "a logarithm": (lambda x, y: ag.log(x) * y, (2.0, 3.0), (-2.0, 3.0)),
    "a pole": (lambda x, y: y / x, (2.0, 3.0), (0.0, 3.0)),
    "an overflow": (lambda x, y: ag.exp(x) + y, (2.0, 3.0), (800.0, 3.0)),
    "an overflow that a quotient swallows": (lambda x, y: y / (1.0 + ag.exp(x)), (2.0, 3.0), (800.0, 3.0)),
    "a square that a quotient swallows": (lambda x, y: y / (1.0 + x**2.0), (2.0, 3.0), (1e200, 3.0)),
    "a total of opposite infinities": (lambda x, y: ag.total([x, y, 1.0]), (2.0, 3.0), (math.inf, -math.inf)),
    "a total that overflows": (lambda x, y: ag.total([x, y, y * 0.5]), (2.0, 3.0), (1.7e308, 1.7e308)),
    "a root": (lambda x, y: ag.sqrt(x - y), (5.0, 3.0), (2.0, 3.0)),
    "a constant in a branch that the example did not take": (
        lambda x, y: where(x > 0, lambda: y, lambda: ag.log(Value(-1.0)) * y), (2.0, 3.0), (-2.0, 3.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_eager_refuses_a_program_refuses(name: str) -> None:
    function, example, point = REFUSED[name]
    with pytest.raises(OperationError) as eager:
        ag.value_and_grad(function)(*point)
    program = trace(function, *example)
    for arrays in (point, [numpy.array([x, y]) for x, y in zip(example, point, strict=True)]):
        with pytest.raises(type(eager.value)):
            program.value_and_grad(*arrays)


def test_a_parameter_outside_a_domain_is_refused_once_for_all_rows() -> None:
    q = Value(2.0, label="q")
    program = trace(lambda x: x * ag.log(q), 1.0, parameters=[q])
    program.parameters[:] = -1.0
    with pytest.raises(DomainError):
        program([1.0, 2.0])


def test_an_untaken_branch_is_not_refused() -> None:
    function = lambda n, x: where(n > 0, lambda: ag.log(n), n) * x  # noqa: E731
    assert_as_eager(function, (1.0, 2.0), (-1.0, 2.0), (0.0, 1.0))


# ---- tails -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-745.0, -720.0, -709.9, -40.0, 36.0, 720.0, math.inf, -math.inf])
def test_the_tails_of_a_sigmoid_are_those_of_eager(x: float) -> None:
    value, slope = trace(ag.sigmoid, 1.0).value_and_grad([x, 0.5])
    assert value[0] == pytest.approx(ag.sigmoid(x), rel=1e-15, abs=0.0)
    assert slope[0, 0] == pytest.approx(ag.grad(ag.sigmoid)(x), rel=1e-15, abs=0.0)


def test_a_large_element_in_single_precision_raises_no_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every flag costs a second evaluation of all statements."""
    asked: list[Any] = []
    monkeypatch.setattr("autograd_lite.program.replay.raise_as_eager", lambda *arguments, **options: asked.append(arguments))
    program = trace(ag.sigmoid, 1.0, dtype="float32")
    program.value_and_grad(numpy.array([-90.0, 90.0, 1.0], numpy.float32))
    assert asked == []


# ---- what stays behind, and what it costs --------------------------------------------------------------------------------------------


def _used() -> None:
    program = trace(lambda x, y: ag.sin(x * y) + ag.sigmoid(x), 2.0, 3.0)
    program.value_and_grad(2.0, 3.0)
    program.value_and_grad([[2.0, 3.0]])
    assert program.source and str(program) and program.equations().text


def test_programs_leave_nothing_behind() -> None:
    for _ in range(3):
        _used()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(40):
        _used()
    gc.collect()
    assert len(gc.get_objects()) - before < 40  # none for each program


def _calls(length: int) -> int:
    """How many Python functions are called to trace a chain and to replay it once."""
    import sys

    def chain(x: Any) -> Any:
        for i in range(length):
            x = ag.sin(x) * 1.01 if i % 2 else x + 0.5
        return x

    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        trace(chain, 1.0).value_and_grad([[1.0], [2.0]])
    finally:
        sys.setprofile(None)
    return count


def test_the_cost_of_a_chain_grows_with_its_length() -> None:
    _calls(10)
    assert _calls(800) < 2.6 * _calls(400)


def test_an_inner_product_of_one_element_that_is_written_as_a_number() -> None:
    """Found by `tests.fuzz_programs`, seed 12010: `s1 @ t9` of two numbers."""
    weights = [Value(0.3), Value(-0.2), Value(0.1), Value(0.4)]

    def function(x: Any) -> Any:
        mean = ag.total([ag.relu(1.0 + weight) for weight in weights]) / 4
        return ag.dot([mean, 0.9, x], [mean, x, weights[0]]) * sum([mean] * 40)

    program = trace(function, 1.29, parameters=weights)
    value, gradient = program.loss_and_gradient([1.29, -1.29])
    results = [function(Value(x)) for x in (1.29, -1.29)]
    for result in results:
        result.backward()
    assert value == pytest.approx(sum(result.data for result in results) / 2)
    numpy.testing.assert_allclose(gradient, [weight.grad / 2 for weight in program.parameter_values])


# ---- the type-checker --------------------------------------------------------------------------------------------------------------


def _checker(*arrays: Array) -> TypeChecker:
    everything = Array("parameters", (0,), False, "parameter")
    return TypeChecker(Lowered("f", "f", list(arrays), everything, [], [], [], [], [], [], set(), []))


X = Array("X", (8,), True, "argument")
S = Array("s", (), True, "argument")
W = Array("W", (3, 8), False, "parameter")


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (View(X, numpy.array([8])), "8 elements"),
        (View(Array("later", (), True), numpy.array(0)), "before it is computed"),
        (whole(S) + whole(X), "rows of what is"),
        (RowSum(whole(W)), "same in each"),
        (Fill(whole(X), (8,), True), "cannot be repeated"),
        (Fill(whole(S), (8,), True), "cannot be repeated"),
        (Infix("*", Fill(Number(2.0), (8,), True), whole(X)), "would be lost"),
        (MatrixProduct("forward", whole(X), Fill(Number(1.0), (3, 7), False)), "matrix product"),
        (MatrixProduct("weights", whole(W), whole(X)), "matrix product"),
    ],
)
def test_a_term_that_would_add_up_wrongly_is_refused(term: Any, told: str) -> None:
    with pytest.raises(IllTyped, match=told):
        _checker(X, S, W).type_of(term)


def test_a_term_that_says_another_type_is_refused() -> None:
    term = whole(X) * 2.0
    term.shape = (4,)
    with pytest.raises(IllTyped, match="and says"):
        _checker(X).type_of(term)


def test_a_sum_along_an_axis_that_is_not_there_is_refused() -> None:
    term = Reduce(whole(X))
    term.axis = 1
    with pytest.raises(IllTyped, match="no axis"):
        _checker(X).type_of(term)


def test_a_contribution_that_is_smaller_than_its_places_is_refused() -> None:
    """The fault of the first build: one copy of a derivative where eight were meant."""
    places = numpy.arange(8)
    adjoint = Adjoint(Array("", (8,), True, "adjoint"), X, [Contribution(places, Number(1.0))])
    with pytest.raises(IllTyped, match="receive"):
        _checker(X).received(adjoint)
    adjoint.contributions[0].term = spread(Number(1.0), (8,), True)
    _checker(X).received(adjoint)


def test_a_statement_that_gives_more_than_its_target_holds_is_refused() -> None:
    with pytest.raises(IllTyped, match="is assigned"):
        _checker(X).assigned(Array("t", (), True), whole(X))
    with pytest.raises(IllTyped, match="is assigned"):
        _checker(X).assigned(Array("t", (8,), False), whole(X))
    with pytest.raises(IllTyped, match="adjoint of"):
        _checker(X).received(
            Adjoint(Array("", (4,), True, "adjoint"), X, [Contribution(numpy.arange(4), spread(Number(1.0), (4,), True))])
        )


def test_a_sum_over_rows_needs_a_share() -> None:
    assert isinstance(over_rows(MeanWeight()), Number)
    assert isinstance(over_rows(Select(whole(W) < 0.0, MeanWeight() * whole(W), Number(0.0))), Select)
    with pytest.raises(AssertionError, match="no share"):
        over_rows(Call(ag.sin, [whole(W)]))


def test_numbers_that_divide_by_zero_in_a_branch_are_refused_in_the_rows_that_take_it() -> None:
    for quotient in (lambda x: x / 0.0, lambda x: x + Value(1.0) / 0.0, lambda x: x * (Value(2.0) - 3.0) ** 0.5):
        function = lambda x, quotient=quotient: where(x > 0, lambda: x * x, lambda: quotient(x))  # noqa: E731
        program = trace(function, 2.0)
        values, gradients = program.value_and_grad([1.0, 3.0])
        assert (values.tolist(), gradients.tolist()) == ([1.0, 9.0], [[2.0], [6.0]])
        with pytest.raises(OperationError) as eager:
            function(Value(-1.0))
        with pytest.raises(type(eager.value), match="row 1"):
            program.value_and_grad([1.0, -1.0])


def test_a_single_list_of_lists_is_a_single_point() -> None:
    program = trace(lambda x: x[0][1] * x[0][0], [[1.0, 2.0]])
    assert numpy.shape(program(numpy.array([[3.0, 4.0]]))) == ()
    assert program(numpy.array([[[3.0, 4.0]]])).tolist() == [12.0]


# ---- extremes ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [1e155, -1e155, 1e200, -1e200, 1e-200, 40.0, -40.0])
@pytest.mark.parametrize("name", ["gaussian", "gelu", "sech", "sigmoid", "softplus", "tanh", "erf", "a root"])
def test_hessians_at_huge_and_tiny_numbers_are_those_of_eager(name: str, x: float) -> None:
    function = getattr(ag, name, lambda x: ag.sqrt(x * x + 1.0))
    try:
        expected = ag.hessian(function)(x)[0][0]
    except OperationError as error:
        with pytest.raises(type(error)):
            trace(function, 1.0).hessian([x, 1.0])
        return
    program = trace(function, 1.0)
    assert program.hessian([x, 1.0])[0, 0, 0] == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert program.hessian(x)[0, 0] == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_numbers_that_only_an_untaken_branch_would_meet_poison_nothing() -> None:
    infinite, absent = [math.inf] * 9, [math.nan] * 9
    branches: list[Callable[..., Any]] = [lambda v: ag.logsumexp(v), lambda v: ag.dot(v, v[::-1]), lambda v: norm(v)]
    for branch in branches:
        program = trace(lambda v, c, branch=branch: where(c > 0, lambda: branch(v), c), [1.0] * 9, 1.0)
        _, gradients = program.value_and_grad([[1.0] * 9, infinite, absent], [1.0, -1.0, -1.0])
        assert gradients[1:].tolist() == [[0.0] * 9 + [1.0]] * 2
    model = MLP(2, [3], "tanh", seed=0)
    program = trace(lambda m, v, c: where(c > 0, lambda: ag.total(m(v)), c), model, [1.0, 2.0], 1.0)
    _, gradient = program.loss_and_gradient([[1.0, 2.0], [math.nan, math.inf]], [1.0, -1.0])
    _near(gradient, (program.loss_and_gradient([[1.0, 2.0]], [1.0])[1] / 2).tolist())


def test_an_absent_number_leaves_the_second_derivatives_that_do_not_depend_on_it() -> None:
    def function(v: Any) -> Any:
        return ag.mean([(1.0 - ag.dot(v, v, float(k))) ** 2 for k in range(1, 13)])

    row = [7.0, math.nan, 1.75]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ag.NanGradientWarning)
        expected = ag.hessian(function)(row)
    assert expected[0][2] == pytest.approx(8.0 * 7.0 * 1.75) and math.isnan(expected[0][1])
    program = trace(function, [1.0, 0.5, 2.0])
    for given in (row, [[1.0, 2.0, 3.0], row]):
        found = numpy.reshape(program.hessian(given), (-1, 3, 3))[-1]
        assert numpy.array_equal(numpy.isnan(found), numpy.isnan(expected))
        assert found[0, 2] == pytest.approx(expected[0][2], rel=1e-12)


def test_a_mask_keeps_what_is_absent_out_of_a_loss() -> None:
    """`where(known, (m(x) - y) ** 2, 0.0)` with y = nan where nothing is known: a branch need not be a function for that."""

    def loss(model: Any, x: Any, y: Any, known: Any) -> Any:
        return where(known > 0.5, (model(x) - y) ** 2, 0.0)

    model = MLP(2, [3, 1], "tanh", seed=0)
    program = trace(loss, model, [0.1, 0.2], 1.0, 1.0)
    rows = [([0.1, 0.2], 1.0, 1.0), ([0.5, -0.2], math.nan, 0.0), ([math.nan, math.inf], 2.0, 0.0), ([1.0, 2.0], -1.0, 1.0)]
    value, gradient = program.loss_and_gradient(*(numpy.array(column) for column in zip(*rows, strict=True)))
    sums = dict.fromkeys(map(id, program.parameter_values), 0.0)
    for x, y, known in rows:
        out = loss(model, x, y, known)
        slopes = ag.gradients(out, program.parameter_values) if isinstance(out, Value) else [0.0] * len(sums)
        for owner, slope in zip(sums, slopes, strict=True):
            sums[owner] += slope / len(rows)
    assert math.isfinite(value)
    _near(gradient, list(sums.values()))


def test_conditions_on_parameters_alone_count_in_every_row() -> None:
    p, r = Value(1.3, label="p"), Value(-0.2, label="r")
    program = trace(lambda v: sum(where(r > 0.2, lambda: r, lambda: v) * a + p for a in range(1, 13)), -0.65, parameters=[r, p])
    value, gradient = program.loss_and_gradient([-0.65, 0.75])
    _near([value], [78.0 * 0.05 + 12 * 1.3])
    _near(sorted(gradient), [0.0, 12.0])
    program.parameters[:] = 0.5
    value, gradient = program.loss_and_gradient([-0.65, 0.75])
    _near(sorted(gradient), [12.0, 78.0])


def test_a_sum_with_a_parameter_in_every_term_many_times() -> None:
    model = MLP(3, [3], None, seed=685)

    def loss(m: Any, x: Any) -> Any:
        return ag.total([sum(m.parameters()[0] * a + x for a in range(1, 41))] * 17) ** 2

    assert_same_loss(lambda m, x, y: loss(m, x) * y, model, numpy.array([-0.12, 0.4]), numpy.array([1.0, 2.0]))


def test_an_operation_on_numbers_may_fail_in_a_branch_that_the_example_does_not_take() -> None:
    """Eager evaluation never comes there; a row that does fails as eager would."""
    program = trace(lambda x: where(x > 0, x, lambda: ag.log1p(-1.0) * x), 1.0)
    assert program([1.0, 2.0]).tolist() == [1.0, 2.0] and program.gradient([1.0, 2.0]).tolist() == [[1.0], [1.0]]
    for given in (-2.0, [1.0, -2.0]):
        with pytest.raises(DomainError, match=r"log1p\(-1\)"):
            program(given)
    with pytest.raises(DomainError):
        trace(lambda x: where(x > 0, x, lambda: ag.log1p(-1.0)), -1.0)


def test_the_same_failure_in_several_branches_is_that_of_the_branch_that_is_taken() -> None:
    def function(x: Any) -> Any:
        return sum(where(x != edge, lambda: x, lambda: ag.log2(-2.0)) for edge in (0.5, -0.5))

    program = trace(function, 1.0)
    assert program([1.0, 3.0]).tolist() == [2.0, 6.0]
    for edge in (0.5, -0.5):
        with pytest.raises(DomainError, match=r"log2\(-2\)"):
            program([1.0, edge])


def test_many_operations_on_numbers_may_fail_in_such_branches() -> None:
    numbers = [Value(0.1 * k - 0.75) for k in range(16)]
    program = trace(lambda x: ag.variance([where(a > 0.2, lambda a=a: ag.sqrt(a), x) for a in numbers]), 1.0)
    expected = [float(ag.variance([math.sqrt(a.data) if a.data > 0.2 else x for a in numbers])) for x in (1.0, 0.3)]
    _near(program([1.0, 0.3]), expected)


def test_an_absent_number_leaves_the_other_results_of_a_jacobian() -> None:
    program = trace(lambda v: [ag.sech(x) * x for x in v], [1.0, 2.0])
    found = program.jacobian([[1.0, 2.0], [1.0, math.nan]])[1]
    expected = ag.jacobian(lambda v: [ag.sech(x) * x for x in v])([1.0, 0.0])
    assert found[0].tolist() == expected[0] and found[1, 0] == 0.0 and math.isnan(found[1, 1])


# ---- what the answer of a comparison is asked ----------------------------------------------------------------------------------

ASKED: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda x, y: x * 2.0 if (x > 0) == True else x * 3.0,  # noqa: E712
    "== of two": lambda x, y: x * 2.0 if (x > 0) == (y > 0) else y * 3.0,
    "!=": lambda x, y: x if (x > 0) != (y > 0) else y,
    "count": lambda x, y: [x > 0, y > 0].count(True) * x,
    "in": lambda x, y: x if True in [x > 2, x > 0] else y,
    "a set": lambda x, y: len({x > 0, y > 0}) * x,
    "a dictionary": lambda x, y: {True: 2.0, False: 3.0}[x > 0] * x,
    "groups": lambda x, y: len(list(itertools.groupby([x, y], key=lambda v: v > 0))) * x,
    "an array": lambda x, y: int((numpy.array([x > 0, y > 0]) == True).sum()) * x,  # noqa: E712
    "text": lambda x, y: x * float(f"{x > 0}" == "True"),
    "&, | and ^": lambda x, y: where((x > 0) & (x < 2), x, y) * where((x > 0) | (y < 2), x, y) * where((x > 0) ^ (y > 0), x, y),
    "arithmetic": lambda x, y: (-(x > 0)) * x + (x > 0) / 2 + (y > 0) ** 2 + round(x > 0) + max(y > 0, False) + (x > 0).real,
    "an index": lambda x, y: [1.0, 2.0][[x < 0, y > 0].index(True)] * x,
    "~": lambda x, y: where(~(x > 0), x, y),
}


@pytest.mark.filterwarnings("ignore:Bitwise inversion")
@pytest.mark.parametrize("name", ASKED)
def test_the_answer_of_a_comparison_is_asked_what_a_bool_is_asked(name: str) -> None:
    function = ASKED[name]
    program = trace(function, 1.5, 0.5)
    for x, y in ((1.5, 0.5), (1.25, 0.75), (-1.5, 0.5), (3.0, -0.5)):
        try:
            found = float(program(x, y))
        except BranchChanged:
            assert (x, y) not in ((1.5, 0.5), (1.25, 0.75))
        else:
            assert found == float(function(x, y))


@pytest.mark.parametrize("told", [lambda x: (x > 0) is True, lambda x: isinstance(x > 0, bool), lambda x: type(x > 0) is bool])
def test_an_answer_that_is_told_from_a_bool_is_refused(told: Any) -> None:
    with pytest.raises(TraceError, match=r"gives 1\.5 at its example, and 4\.5 while it is traced"):
        trace(lambda x: x if told(x) else 3.0 * x, 1.5)


def _caught(function: Any, kind: Any, otherwise: Any) -> Any:
    def guarded(x: Any) -> Any:
        try:
            return function(x)
        except kind:
            return otherwise(x)

    return guarded


@pytest.mark.parametrize("on_branch", ["raise", "retrace"])
@pytest.mark.parametrize(
    ("function", "kind", "example", "other"),
    [
        (ag.exp, OverflowError, 1000.0, 1.0),
        (lambda x: ag.log(x - 50.0), ValueError, 1.0, 60.0),
        (lambda x: 1.0 / x, ZeroDivisionError, 0.0, 2.0),
        (lambda x: ag.grad(ag.log)(x), Exception, -1.0, 2.0),
    ],
)
def test_an_error_that_is_caught_is_no_branch_of_a_program(
    function: Any, kind: Any, example: float, other: float, on_branch: Any
) -> None:
    guarded = _caught(function, kind, lambda x: 100.0 + x)
    with pytest.raises(TraceError, match="catches the error and goes on"):
        trace(guarded, example, on_branch=on_branch)
    program = trace(guarded, other, on_branch=on_branch)
    assert program([other]) == [guarded(other)]
    with pytest.raises((ArithmeticError, TraceError)):  # eager goes on; the program says that it cannot
        program([example])


def test_a_slope_is_asked_for_where_its_operand_is_not_a_constant() -> None:
    """`x ** 2.0` of a negative x has no slope by the exponent, and needs none."""
    program = trace(lambda x, y: x ** where(y < 1, y, 2.0), 1.5, 0.5)
    assert program.gradient([-0.5], [3.0]).tolist() == [[-1.0, 0.0]]
    with pytest.raises(DomainError):
        program.gradient([-0.5], [0.5])


def test_beside_a_nan_another_operand_may_be_outside_its_domain() -> None:
    program = trace(ag.xlogy, 0.5, 0.5)
    assert math.isnan(program([math.nan], [1.0])[0])
    with pytest.raises(DomainError):
        program([math.nan], [-1.0])


def test_one_operation_in_several_branches_is_asked_for_where_one_is_taken() -> None:
    def function(v: Any) -> Any:
        return ag.total([where(v[0] <= edge, 2.0, lambda: ag.asin(v[1])) for edge in (1.0, 2.0, 3.0)])

    program = trace(function, [0.5, 0.25])
    assert program([[0.5, 5.0], [1.5, 0.5]]).tolist() == [6.0, function([1.5, 0.5])]
    with pytest.raises(DomainError):
        program([[0.5, 5.0], [1.5, 5.0]])


def test_the_same_parameters_in_a_branch_and_outside() -> None:
    q = Value(1.0)
    program = trace(lambda x: where(x > 0.2, lambda: x, lambda: ag.hypot(q, 3.0)), 0.9, parameters=[q])
    value, slopes = program.loss_and_gradient([0.9, -1.0])
    assert value == pytest.approx((0.9 + math.sqrt(10.0)) / 2) and slopes[0] == pytest.approx(0.5 / math.sqrt(10.0))


# ---- what a loss refuses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "example", "wrong"),
    [
        (hinge, (0.5, 1.0), (0.5, 0.0)),
        (binary_cross_entropy, (0.5, 1.0), (1.5, 1.0)),
        (binary_cross_entropy, (0.5, 1.0), (-0.5, 0.0)),
        (binary_cross_entropy, ([0.5, 0.3], [1.0, 0.0]), ([0.5, 0.3], [1.0, 5.0])),
        (binary_cross_entropy_with_logits, (0.5, 1.0), (1.5, 2.0)),
        (cross_entropy, ([0.1, 0.2], [1.0, 0.0]), ([0.1, 0.2], [1.0, 1.0])),
        (cross_entropy, ([0.1, 0.2, 0.3], [0.2, 0.3, 0.5]), ([0.1, 0.2, 0.3], [-1.0, 1.0, 1.0])),
        (cross_entropy_of_probabilities, ([0.1, 0.9], [1.0, 0.0]), ([2.0, 3.0], [1.0, 0.0])),
    ],
)
def test_what_a_loss_refuses_a_program_refuses_in_every_row(loss: Any, example: Any, wrong: Any) -> None:
    with pytest.raises(ValueError) as eager:
        loss(*wrong)
    program = trace(loss, *example)
    rows = [numpy.array([right, right, given, right]) for right, given in zip(example, wrong, strict=True)]
    for asked in (program, program.gradient, program.hessian):
        with pytest.raises(ValueError) as refused:
            asked(*wrong)
        assert str(refused.value) == f"{eager.value} [row 0]"
        with pytest.raises(ValueError, match=r"\[row 2\]$"):
            asked(*rows)
    numpy.testing.assert_array_equal(program(*(each[:2] for each in rows)), [program(*example)] * 2)


def test_a_loss_of_chosen_samples_refuses_the_others_numbers_no_more_than_eager() -> None:
    def cost(score: Any, target: Any) -> Any:
        return where(target == 0.0, lambda: 0.0 * score, lambda: hinge(score, target))

    assert trace(cost, 0.5, 1.0)([0.5, 0.5], [0.0, -1.0]).tolist() == [0.0, 1.5]

    def guarded(score: Any, target: Any) -> Any:
        return hinge(score, target) if target != 0.0 else 0.0 * score

    program = trace(guarded, 0.5, 1.0, on_branch="retrace")
    assert program([0.5, 0.5], [0.0, -1.0]).tolist() == [0.0, 1.5]


def test_a_nan_that_comes_in_is_no_wrong_target() -> None:
    program = trace(binary_cross_entropy, 0.5, 1.0)
    assert numpy.isnan(program(numpy.nan, 1.0))
    assert numpy.isnan(program(0.5, numpy.nan))
