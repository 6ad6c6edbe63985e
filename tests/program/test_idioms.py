"""What a lecturer would write is what a program says: row maxima, softmax, (p - y) / rows; and it keeps eager's digits."""

import math
import timeit
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import product
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine import array_mathematics, mathematics
from autograd_lite.engine.extras import is_here
from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.engine.primitive import REAL
from autograd_lite.engine.primitives import TABLE, maximum
from autograd_lite.functions import log_softmax, softmax
from autograd_lite.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_of_probabilities,
    hinge,
)
from autograd_lite.nn import MLP
from autograd_lite.program import Program, samples, trace, wholes
from autograd_lite.program.ir.arrays import Array, Expand, Reduce, summed, whole
from autograd_lite.program.ir.reductions import value_along
from autograd_lite.program.ir.signs import is_nonnegative
from autograd_lite.program.ir.terms import Call, MeanWeight, Number, Select
from autograd_lite.program.wholes import add_up

RNG = numpy.random.default_rng(0)
ROWS = RNG.normal(size=(6, 4))


def _classifier_loss(model: Any, x: Any, y: Any) -> Any:
    return cross_entropy(model(x), y)


def _classifier(classes: int = 3, target: Sequence[float] | None = None) -> tuple[Any, Program]:
    model = MLP(4, [5, classes], "relu", seed=0)
    hot = [1.0, *[0.0] * (classes - 1)] if target is None else list(target)
    return model, trace(_classifier_loss, model, [0.1, 0.2, 0.3, 0.4], hot)


def _lines(source: str) -> list[str]:
    return [line.strip().partition("  # ")[0] for line in source.split("\n")]


def _eager(loss: Callable[..., Any], model: Any, program: Program, targets: Any) -> Any:
    """The gradient of the mean, sample by sample."""
    found = numpy.zeros(len(program.parameters))
    for x, y in zip(ROWS.tolist(), targets.tolist(), strict=True):
        model.zero_grad()
        loss(model, x, y).backward()
        found += [parameter.grad for parameter in program.parameter_values]
    return found / len(ROWS)


# ---- the source --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [3, 10])
def test_a_softmax_cross_entropy_is_written_as_on_a_blackboard(classes: int) -> None:
    source = _classifier(classes)[1].source
    lines = _lines(source)
    places = [
        lines.index(line)
        for line in (
            "z2 = a1 @ W2.T + b2",
            "t1 = z2.max(axis=1)",
            "t2 = z2 - t1[:, None]",
            "e1 = np.exp(t2)",
            "t3 = np.log1p(others(e1))",
            "value = -(Y * (t2 - t3[:, None])).sum() / rows",
            "p = e1 / e1.sum(axis=1, keepdims=True)",
            "d_z2 = (p - Y) / rows",
            "d_z1 = (d_z2 @ W2) * (z1 > 0)",
        )
    ]
    assert places == sorted(places)
    assert "cumsum" not in source
    assert "np.maximum(np.maximum" not in source
    assert source.count(".max(") == 1


def test_a_softmax_inside_a_network_is_three_lines() -> None:
    program = trace(lambda model, w, x: ag.dot(w, softmax(model(x))), MLP(2, [3], seed=0), [1.0, 2.0, 3.0], [0.1, 0.2])
    lines = _lines(program.source)
    start = lines.index("t1 = z1.max(axis=1)")
    assert lines[start + 1 : start + 4] == ["t2 = np.exp(z1 - t1[:, None])", "s1 = t2.sum(axis=1)", "p = t2 / s1[:, None]"]


def test_no_number_of_the_example_stands_in_a_comment() -> None:
    assert "0.9" not in trace(lambda x: softmax(x), [0.1 * i for i in range(10)]).source


def test_neurons_stand_in_the_order_of_the_model() -> None:
    model = MLP(2, [3], None, seed=0)
    source = trace(lambda model, x: cross_entropy(model(x), 2), model, [0.1, 0.2]).source
    assert "layer0.neuron0 ... layer0.neuron2" in source


def test_adjoints_of_arrays_without_a_name_of_their_own_do_not_share_one() -> None:
    def two_sums(x: Any) -> Any:
        return ag.cos(2.0 / binary_cross_entropy_with_logits([x] * 8, [1.0, 0.3, 1.0, 0.3, 0.0, 0.3, 0.3, 0.3]))

    x = Value(0.3)
    two_sums(x).backward()
    assert trace(two_sums, 0.3).gradient([0.3]).item() == pytest.approx(x.grad, rel=1e-13)


# ---- (p - y) / rows where that is so -------------------------------------------------------------------------------------------


TARGETS = {
    "one-hot": numpy.eye(3)[[0, 1, 2, 0, 1, 2]],
    "soft": RNG.dirichlet(numpy.ones(3), 6),
    "as single precision has them": RNG.dirichlet(numpy.ones(3), 6).astype("float32").astype(float),
    "within the tolerance of the loss": RNG.dirichlet(numpy.ones(3), 6) * (1.0 + 9e-7),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("example", [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.2, 0.3, 0.5000009]])
def test_whatever_the_targets_add_up_to_the_gradient_is_eager_s(name: str, example: list[float]) -> None:
    model, program = _classifier(3, example)
    _, gradient = program.loss_and_gradient(ROWS, TARGETS[name])
    numpy.testing.assert_allclose(gradient, _eager(_classifier_loss, model, program, TARGETS[name]), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dialect", ["numpy", *(name for name in ("jax", "torch") if is_here(name))])
def test_a_saved_module_says_which_rows_it_counts_on_to_add_up_to_1(dialect: str) -> None:
    told = "; each row adds up to 1, on which the derivatives count."
    assert _classifier()[1].source_in(dialect).count(told) == 1
    assert told not in _classifier(3, [0.2, 0.3, 0.5000009])[1].source_in(dialect)  # the second form is saved


def test_both_forms_see_the_same_parameters() -> None:
    model, program = _classifier()
    off = TARGETS["as single precision has them"]
    program.loss_and_gradient(ROWS, off)
    program.parameters = 0.5 * program.parameters
    _, gradient = program.loss_and_gradient(ROWS, off)
    program.write_back()
    numpy.testing.assert_allclose(gradient, _eager(_classifier_loss, model, program, off), rtol=1e-13, atol=1e-15)


# ---- the index of a class ----------------------------------------------------------------------------------------------------


def _of_probabilities(model: Any, x: Any, y: Any) -> Any:
    return cross_entropy_of_probabilities(softmax(model(x)), y)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("loss", [_classifier_loss, _of_probabilities, lambda m, x, y: cross_entropy(m(x), y, 0.1)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_index_of_a_class_may_be_another_in_each_row(classes: int, loss: Callable[..., Any], dtype: str) -> None:
    model = MLP(4, [5, classes], "relu", seed=0)
    program = trace(loss, model, [0.1, 0.2, 0.3, 0.4], 1, dtype=dtype)
    targets = numpy.arange(6) % classes
    value, gradient = program.loss_and_gradient(ROWS, targets)
    relative, absolute = (1e-13, 1e-15) if dtype == "float64" else (2e-5, 1e-6)
    expected = [loss(model, x, y).data for x, y in zip(ROWS.tolist(), targets.tolist(), strict=True)]
    assert value == pytest.approx(numpy.mean(expected), rel=relative)
    numpy.testing.assert_allclose(gradient, _eager(loss, model, program, targets), rtol=relative, atol=absolute)
    assert program(ROWS[0], int(targets[0])) == pytest.approx(expected[0], rel=relative)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_index_of_a_class_is_written_as_a_one_hot_row(classes: int) -> None:
    lines = _lines(trace(_classifier_loss, MLP(4, [5, classes], "relu", seed=0), [0.1, 0.2, 0.3, 0.4], 1).source)
    for line in (
        "hot = np.where(y[:, None] == C1, 1.0, 0.0)",
        "value = -(hot * (t2 - t3[:, None])).sum() / rows",
        "d_z2 = (p - hot) / rows",
        f"y: (rows,); each is the index of one of {classes} classes, on which the derivatives count.",
    ):
        assert line in lines, line


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("wrong", [3, -1, 0.5, math.nan, math.inf])
def test_what_is_the_index_of_no_class_is_refused(backend: str, wrong: float) -> None:
    program = trace(_classifier_loss, MLP(4, [5, 3], "relu", seed=0), [0.1, 0.2, 0.3, 0.4], 1, backend=backend)
    with pytest.raises(ValueError, match=rf"cross_entropy got target {wrong:g} for 3 classes: .*\[row 1\]"):
        program.loss_and_gradient(ROWS[:2], [0.0, wrong])
    with pytest.raises(ValueError, match=r"an index is one of 0 \.\.\. 2"):
        cross_entropy([Value(0.1), Value(0.2), Value(0.3)], Value(wrong))


def test_indicators_that_no_loss_requires_to_add_up_count_as_they_are() -> None:
    def weighted(model: Any, x: Any, y: Any) -> Any:
        return -ag.dot([ag.where(y == i, 1.0, 0.0) for i in range(3)], log_softmax(model(x)))

    model = MLP(4, [5, 3], "relu", seed=0)
    program = trace(weighted, model, [0.1, 0.2, 0.3, 0.4], 1.0)
    targets = numpy.array([0.0, 1.0, 2.0, 3.0, -1.0, 0.5])
    _, gradient = program.loss_and_gradient(ROWS, targets)
    numpy.testing.assert_allclose(gradient, _eager(weighted, model, program, targets), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize(
    ("loss", "targets", "told"),
    [
        (lambda m, x, y: cross_entropy(m(x), y - 1), [1.0, 4.0], "cross_entropy got target 3 for 3 classes"),
        (lambda m, x, y: cross_entropy(m(x), y * 0.5, 0.1), [2.0, 1.0], "cross_entropy got target 0.5 for 3 classes"),
        (lambda m, x, y: cross_entropy(m(x), [y, y, 0.5]), [0.25, 0.125], "target probabilities that add up to 0.75"),
        (lambda m, x, y: binary_cross_entropy_with_logits(m(x)[0], 2 * y), [0.25, 1.0], r"a target must lie in \[0, 1\], got 2\.0"),
        (
            lambda m, x, y: binary_cross_entropy(y * 1.5, 1.0) * m(x)[0],
            [0.25, 1.0],
            r"a probability must lie in \[0, 1\], got 1\.5",
        ),
        (lambda m, x, y: cross_entropy(m(x), 1, label_smoothing=y), [0.25, 2.0], r"label_smoothing must lie in \[0, 1\], got"),
        (lambda m, x, y: hinge(m(x)[0], 2 * y - 1), [1.0, 0.25], "hinge takes the targets -1 and 1, got -0.5"),
        (lambda m, x, y: cross_entropy(m(x) if y < 9.0 else x, y), [1.0, 4.0], "cross_entropy got target 4 for 3 classes"),
        (
            lambda m, x, y: ag.where(y > 0.5, lambda: cross_entropy(m(x), y), lambda: m(x)[0]),
            [1.0, 4.0],
            "cross_entropy got target 4 for 3 classes",
        ),
    ],
)
def test_what_a_loss_refuses_of_computed_numbers_is_refused_as_in_eager(
    loss: Callable[..., Any], targets: Sequence[float], told: str, backend: str
) -> None:
    def eager(model: Any, x: Any, y: float) -> Any:
        return loss(model, x, Value(y))

    model, (right, wrong) = MLP(4, [5, 3], "relu", seed=0), targets
    program = trace(loss, model, [0.1, 0.2, 0.3, 0.4], right, backend=backend)
    value, gradient = program.loss_and_gradient(ROWS, numpy.full(6, right))
    assert value == pytest.approx(numpy.mean([eager(model, x, right).data for x in ROWS.tolist()]), rel=1e-13)
    numpy.testing.assert_allclose(gradient, _eager(eager, model, program, numpy.full(6, right)), rtol=1e-13, atol=1e-15)
    with pytest.raises(ValueError, match=told):
        eager(model, ROWS[1].tolist(), wrong)
    with pytest.raises(ValueError, match=rf"{told}.*\[row 1\]"):
        program.loss_and_gradient(ROWS[:2], [right, wrong])
    with pytest.raises(ValueError, match=told):
        trace(loss, model, [0.1, 0.2, 0.3, 0.4], right, backend=backend, on_branch="retrace")(ROWS[:2], [right, wrong])


def test_a_branch_that_a_row_does_not_take_refuses_none_of_its_numbers() -> None:
    def loss(model: Any, x: Any, y: Any) -> Any:
        return ag.where(y > 0.5, lambda: cross_entropy(model(x), y - 1.0), lambda: model(x)[0])

    def eager(model: Any, x: Any, y: float) -> Any:
        return loss(model, x, Value(y))

    model = MLP(4, [5, 3], "relu", seed=0)
    program = trace(loss, model, [0.1, 0.2, 0.3, 0.4], 1.0)
    targets = numpy.array([1.0, 2.0, 3.0, -7.0, 0.25, 1.0])
    _, gradient = program.loss_and_gradient(ROWS, targets)
    numpy.testing.assert_allclose(gradient, _eager(eager, model, program, targets), rtol=1e-13, atol=1e-15)


def test_probabilities_that_always_lie_where_they_must_are_not_asked_about() -> None:
    model = MLP(4, [5, 3], "relu", seed=0)
    for loss in (
        lambda m, x, y: binary_cross_entropy(ag.sigmoid(m(x)[0]), y),
        lambda m, x, y: cross_entropy_of_probabilities(softmax(m(x)), y),
    ):
        assert "expect" not in trace(loss, model, [0.1, 0.2, 0.3, 0.4], 1.0).source
    assert "expect" in trace(lambda m, x, y: binary_cross_entropy(m(x)[0] * 0.0 + 0.5, y), model, ROWS[0].tolist(), 1.0).source


def test_lists_of_few_plain_inputs_stay_columns_and_those_of_eight_do_not() -> None:
    for count, rolled in ((7, False), (8, True)):
        source = trace(lambda x: ag.total([ag.exp(each) for each in x]), [0.1] * count).source
        assert ("np.exp(X)" in source) == rolled
        assert ("np.exp(X[:, 0])" in source) != rolled


def test_numpy_adds_columns_faster_than_along_an_axis_of_three() -> None:
    """Why they stay columns."""
    rows = numpy.random.default_rng(0).random((10_000, 3))
    along, apart = (
        min(timeit.repeat(sums, number=3, repeat=5))
        for sums in (lambda: rows.sum(axis=1), lambda: rows[:, 0] + rows[:, 1] + rows[:, 2])
    )
    assert along > 2.0 * apart


# ---- shares ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [-0.1, 1.1, -math.inf])
def test_every_share_is_looked_at_wherever_it_stands(wrong: float) -> None:
    _, program = _classifier()
    rows = numpy.eye(3)[[0, 1, 2, 0, 1, 2]]
    rows[4, 2] = wrong
    with pytest.raises(ValueError, match=r"a target must lie in \[0, 1\], got .* \[row 4\]"):
        program.loss_and_gradient(ROWS, rows)


def test_a_nan_among_the_shares_is_carried() -> None:
    _, program = _classifier()
    rows = numpy.eye(3)[[0, 1, 2, 0, 1, 2]]
    rows[4, 2] = math.nan
    value, gradient = program.loss_and_gradient(ROWS, rows)
    assert math.isnan(value)
    assert numpy.isnan(gradient).any()


def test_targets_are_added_up_once_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def counting(shares: Any) -> bool:
        counted.append(1)
        return add_up(shares)

    _, program = _classifier()
    targets = numpy.eye(3)[[0, 1, 2, 0, 1, 2]]
    program.loss_and_gradient(ROWS, targets)
    monkeypatch.setattr(samples, "add_up", counting)
    monkeypatch.setattr(wholes, "add_up", counting)
    program.loss_and_gradient(ROWS, targets)
    assert len(counted) == 1


def test_weights_that_no_loss_requires_to_add_up_count_as_they_are() -> None:
    def weighted(model: Any, x: Any, y: Any) -> Any:
        return -ag.dot(y, log_softmax(model(x)))

    model = MLP(4, [5, 3], "relu", seed=0)
    program = trace(weighted, model, [0.1, 0.2, 0.3, 0.4], [0.0, 1.0, 0.0])
    targets = RNG.uniform(size=(6, 3))
    assert "d_z2 = (Y.sum(axis=1, keepdims=True) * p - Y) / rows" in _lines(program.source)
    _, gradient = program.loss_and_gradient(ROWS, targets)
    numpy.testing.assert_allclose(gradient, _eager(weighted, model, program, targets), rtol=1e-13, atol=1e-15)


@pytest.mark.filterwarnings("ignore")
def test_a_nan_that_a_rectifier_meets_is_in_the_gradient_as_in_eager_s() -> None:
    def loss(model: Any, x: Any, y: Any) -> Any:
        return hinge(model(x), y)

    model = MLP(4, [5, 1], "relu", seed=0)
    program = trace(loss, model, [0.1, 0.2, 0.3, 0.4], 1.0)
    rows = ROWS.copy()
    rows[2, 1] = math.nan
    mean, gradient = program.loss_and_gradient(rows, numpy.ones(6))
    x = rows[2].tolist()
    loss(model, x, 1.0).backward()
    eager = numpy.array([parameter.grad for parameter in program.parameter_values])
    assert math.isnan(mean)
    assert numpy.isnan(eager).any()
    assert numpy.isnan(gradient[numpy.isnan(eager)]).all()


# ---- the largest of a list -----------------------------------------------------------------------------------------------------


def _pooled(x: Any) -> Any:
    return reduce(maximum, x)


def test_the_largest_of_a_list_has_the_derivatives_of_its_chain_at_every_tie() -> None:
    points = [list(point) for point in product([0.0, 1.0, 2.0], repeat=4)]
    found = trace(_pooled, [0.1, 0.4, 0.3, 0.2]).gradient(points)
    for point, slopes in zip(points, found.tolist(), strict=True):
        assert slopes == list(ag.grad(_pooled)(point)) == mathematics.winners(point), point


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_infinite_numbers_win_or_lose(number: float) -> None:
    point = [number, 0.5, number, 0.25]
    assert trace(_pooled, [0.1, 0.4, 0.3, 0.2]).gradient([point]).tolist() == [list(ag.grad(_pooled)(point))]


def test_a_nan_wins() -> None:
    program = trace(_pooled, [0.1, 0.4, 0.3, 0.2])
    assert numpy.isnan(program([[0.5, math.nan, 0.25, 1.0]])).all()
    assert numpy.isnan(array_mathematics.winners(numpy.array([0.5, math.nan]))).all()


def test_windows_are_pooled_in_one_statement() -> None:
    def pool(x: Any) -> Any:
        return sum((i + 1.0) * reduce(maximum, x[4 * i : 4 * i + 4]) for i in range(8))

    program = trace(pool, RNG.normal(size=32).tolist())
    assert "X.reshape(-1, 8, 4).max(axis=2)" in program.source
    rows = RNG.integers(0, 3, size=(5, 32)).astype(float)
    assert program.gradient(rows).tolist() == [list(ag.grad(pool)(row)) for row in rows.tolist()]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: maximum(maximum(x[0], 0.5), x[1]),
        lambda x: maximum(maximum(maximum(x[0], ag.sin(x[1])), x[2]), x[3]),
        lambda x: reduce(maximum, x) + maximum(x[0], x[1]),
        lambda x: reduce(maximum, [x[2], x[0], x[0], x[1]]),
        lambda x: reduce(lambda whole, each: maximum(each, whole), x),
    ],
    ids=["a constant", "two sources", "a part used twice", "out of order, repeated", "the other way round"],
)
def test_chains_of_every_kind_are_eager_s(function: Callable[..., Any]) -> None:
    rows = [[0.3, 0.2, 0.9, 0.1], [0.9, 0.9, 0.1, 0.9], [0.5, 0.5, 0.5, 0.5], [-1.0, -2.0, -3.0, -4.0]]
    program = trace(function, [0.1, 0.4, 0.3, 0.2])
    assert program(rows).tolist() == [function(row) for row in rows]
    assert program.gradient(rows).tolist() == [list(ag.grad(function)(row)) for row in rows]


# ---- digits --------------------------------------------------------------------------------------------------------------------


TAILS = [
    [700.0, -700.0, 0.0, 1.0, 2.0],
    [-700.0, -700.0, -701.0, -745.0, -700.0],
    [1e-17, 0.0, -1e-17, 3e-17, 1e-300],
    [40.0, 0.0, 0.0, 0.0, 0.0],
    [1e5, 1e5 - 37.0, 1e5 + 1e-11, 0.0, -1e5],
    [0.0, -50.0, -51.0, -52.0, -800.0],
]


@pytest.mark.parametrize(
    "function", [log_softmax, softmax, lambda x: [ag.logsumexp(x)]], ids=["log_softmax", "softmax", "logsumexp"]
)
@pytest.mark.parametrize("more", [0, 4], ids=["apart", "rolled"])
def test_the_digits_of_the_tails_are_kept(function: Callable[..., Any], more: int) -> None:
    rows = [row + row[:more] for row in TAILS]
    program = trace(function, [0.1 * i for i in range(5 + more)])
    found = program(rows).reshape(len(rows), -1)
    numpy.testing.assert_allclose(found, [function(row) for row in rows], rtol=4e-13, atol=0.0)
    slopes = program.jacobian(rows).reshape(len(rows), -1, 5 + more)
    numpy.testing.assert_allclose(slopes, [ag.jacobian(function)(row) for row in rows], rtol=4e-13, atol=1e-16)


def test_a_loss_within_rounding_of_none_keeps_its_digits() -> None:
    program = trace(lambda x, y: cross_entropy(x, y), [0.1, 0.2, 0.3], [1.0, 0.0, 0.0])
    assert program([[0.0, -50.0, -60.0]], [[1.0, 0.0, 0.0]]).item() == pytest.approx(1.92883718e-22, rel=1e-8)


@pytest.mark.parametrize("x", [[math.inf, 0.0, 1.0], [-math.inf, 0.0, 1.0], [-math.inf] * 3, [math.inf, math.inf, 0.0]])
def test_infinite_logits_are_eager_s(x: list[float]) -> None:
    numpy.testing.assert_array_equal(trace(ag.logsumexp, [0.1, 0.2, 0.3])([x]), [ag.logsumexp(x)])


# ---- what is known of signs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.image != REAL])
def test_values_lie_where_the_table_says(name: str) -> None:
    row = TABLE[name]
    numbers = numpy.concatenate([RNG.normal(size=200) * 10.0 ** RNG.integers(-300, 300, 200), [0.0, -0.0, math.inf, -math.inf]])
    operands = [RNG.permutation(numbers) for _ in range(3 if row.takes_list else row.arity or 1)]
    with numpy.errstate(all="ignore"):
        values = forward(rule_on(ARRAYS, row), operands)
    assert not (values < row.image.low).any()


def test_sums_are_compensated_where_terms_may_cancel_and_only_there() -> None:
    x = whole(Array("x", (3,), True))
    assert all(map(is_nonnegative, [x * x, Call(TABLE["exp"], [x]), Expand(x * x), Number(0.0), MeanWeight(), x * x / Number(2.0)]))
    assert not any(map(is_nonnegative, [x, x * Number(2.0), -(x * x), x * x - Number(1.0), Call(TABLE["sin"], [x])]))
    assert is_nonnegative(Select(x < 0.0, x * x, Number(0.0)))
    assert not is_nonnegative(Select(x < 0.0, x * x, x))
    assert [part.how for part in value_along(TABLE["norm"], x).walk() if isinstance(part, Reduce)].count("sum") == 1
    assert [part.how for part in value_along(TABLE["total"], x).walk() if isinstance(part, Reduce)] == ["total"]
    assert [part.how for part in value_along(TABLE["total"], x * x).walk() if isinstance(part, Reduce)] == ["sum"]


def test_numbers_and_shares_of_rows_stand_outside_of_sums() -> None:
    x = whole(Array("x", (3,), True))
    term = summed(MeanWeight() * (Number(-2.0) * x))
    assert term.key == (Number(-2.0) * (MeanWeight() * Reduce(x))).key


@pytest.mark.parametrize("weights", [[1.0], [1e-20, 1.0, 1e-21], [1.0, 1.0, 0.25], [math.nan, 1.0]])
def test_all_but_the_largest_weight_are_added_up(weights: list[float]) -> None:
    wanted = mathematics.others(weights)
    found = array_mathematics.others(numpy.array([weights, weights]))
    numpy.testing.assert_allclose(found, [wanted, wanted], rtol=1e-15)
    assert array_mathematics.others(numpy.array(weights)).shape == ()
