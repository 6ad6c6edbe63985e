"""Programs: what goes wrong says what to do, branches are guarded, and domains are those of eager."""

import math
import operator
import re
from fractions import Fraction
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value, grad, total, where
from autograd_lite.engine.errors import DomainError, GraphError, OperationError, PoleError, RangeError
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.program import BranchChanged, TraceError, trace
from autograd_lite.program.capture.guards import holds
from autograd_lite.testing.graphs import as_function
from tests.points import ordinary, tails
from tests.program_checks import close

# ---- guards ------------------------------------------------------------------------------------------------------------------


def _with_an_if(x: Any, y: Any) -> Any:
    if x > 0:
        return x * y
    return x - y


def test_a_row_that_takes_another_branch_is_refused_by_name() -> None:
    program = trace(_with_an_if, 1.0, 2.0)
    numpy.testing.assert_array_equal(program([[1.0, 2.0], [3.0, 4.0]]), [2.0, 12.0])
    with pytest.raises(
        BranchChanged, match=r"row 1 takes another branch .* at line \d+ of test_errors.py: if x > 0:.*where"
    ) as info:
        program([[1.0, 2.0], [-1.0, 2.0], [-3.0, 1.0]])
    assert isinstance(info.value, ValueError)
    assert (info.value.row, info.value.changed.tolist()) == (1, [False, True, True])


def test_the_row_of_a_guard_counts_through_all_blocks() -> None:
    program = trace(lambda x: ag.total(x) if x[0] > 0 else x[1], [1.0] * 100)
    rows = numpy.ones((20_000, 100))
    rows[19_999, 0] = -1.0
    with pytest.raises(BranchChanged, match="row 19999 "):
        program(rows)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: max(x),
        lambda x: min(x[0], x[1]) * x[2],
        lambda x: sorted(x)[1],
        lambda x: x[0] if x[0] == x[1] else x[2],
        lambda x: x[0] if not x[0] >= x[1] else x[2],
        lambda x: x[0] * (x[1] > 0.5),
        lambda x: x[2] if x[0] else x[1],
    ],
)
def test_every_way_to_ask_is_guarded(function: Any) -> None:
    rng = numpy.random.default_rng(3)
    points = rng.choice([0.0, 0.25, 1.0, 2.0], (40, 3))
    programs = [trace(function, point) for point in points[:8].tolist()]
    right = wrong = 0
    for point in points.tolist():
        out = function([Value(x) for x in point])
        for program in programs:
            try:
                found = program([point])[0]
            except BranchChanged:
                wrong += 1
            else:
                right += 1
                assert found == getattr(out, "data", out)
    assert right > 8 and wrong > 8


@pytest.mark.parametrize(
    ("sign", "truths"),
    [("<", "100"), ("<=", "110"), (">", "001"), (">=", "011"), ("==", "010"), ("!=", "101")],
)
def test_what_holds_is_what_python_says(sign: str, truths: str) -> None:
    """Of a smaller number, an equal one and a larger one; and of nan, of which only != is true."""
    assert "".join(str(int(holds(sign, left, 2.0))) for left in (1.0, 2.0, 3.0)) == truths
    assert holds(sign, math.nan, 2.0) == holds(sign, 2.0, math.nan) == holds(sign, math.nan, math.nan) == (sign == "!=")
    assert holds(sign, 0.0, -0.0) == ("=" in sign and sign != "!=")


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_a_choice_at_equality_is_that_of_eager(sign: str) -> None:
    """At the example, in a row, and in derivatives."""
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}[sign]

    def function(x: Any, y: Any) -> Any:
        return where(compare(x, y), lambda: x * x * y, lambda: x * 5.0)

    rows = numpy.array([[1.0, 2.0], [2.0, 2.0], [3.0, 2.0], [-0.0, 0.0]])
    for example in rows.tolist():
        program = trace(function, *example)
        for row, value, slopes, hessian in zip(
            rows.tolist(), program(rows).tolist(), program.gradient(rows).tolist(), program.hessian(rows).tolist(), strict=True
        ):
            assert value == function(*row)
            assert slopes == list(ag.grad(function)(*row))
            assert hessian == ag.hessian(function)(*row)


def test_a_loop_that_ends_by_a_value_is_guarded() -> None:
    def halvings(x: Any) -> Any:
        while x > 1.0:
            x = x / 2.0
        return x

    program = trace(halvings, 5.0)
    assert program([6.0, 7.9]).tolist() == [0.75, 0.9875]
    for x in (9.0, 4.0, 0.5):
        with pytest.raises(BranchChanged, match=r"while x > 1\.0"):
            program([5.0, x])


def test_where_needs_no_guard_and_counts_each_branch_in_its_own_rows() -> None:
    def safe(x: Any) -> Any:
        return where(x > 0, lambda: ag.log(x) * ag.sqrt(x), lambda: x * x)

    rows = numpy.array([[2.0], [-3.0], [0.0], [1e-300]])
    for example in (2.0, -2.0):
        values, gradients = trace(safe, example).value_and_grad(rows)
        for x, value, slope in zip(rows[:, 0].tolist(), values.tolist(), gradients[:, 0].tolist(), strict=True):
            expected, gradient = ag.value_and_grad(safe)(x)
            assert close(value, expected) and close(slope, gradient)


def test_a_branch_inside_a_branch() -> None:
    def nested(x: Any, y: Any) -> Any:
        inner = lambda: where(y > x, lambda: ag.sqrt(y - x), lambda: ag.log(1.0 + x - y))  # noqa: E731
        return where(x > 0, inner, lambda: ag.exp(-x))

    rows = numpy.array([[1.0, 2.0], [2.0, 1.0], [-1.0, 3.0], [-300.0, -500.0], [0.5, 0.5]])
    program = trace(nested, 1.0, 2.0)
    values, gradients = program.value_and_grad(rows)
    for row, value, gradient in zip(rows.tolist(), values.tolist(), gradients.tolist(), strict=True):
        expected, slopes = ag.value_and_grad(nested)(*row)
        assert close(value, expected)
        assert all(map(close, gradient, slopes))


def test_asking_inside_a_branch_that_is_not_taken_is_refused() -> None:
    def asking(x: Any) -> Any:
        return where(x > 0, lambda: x if x > 1 else -x, x)

    assert trace(asking, 2.0)([[3.0], [-1.0]]).tolist() == [3.0, -1.0]
    with pytest.raises(BranchChanged):
        trace(asking, 2.0)([[0.5]])
    with pytest.raises(TraceError, match="inside a branch of `where` that this sample does not take: use where there"):
        trace(asking, -2.0)


def test_comparisons_outside_a_trace_are_plain_booleans() -> None:
    assert (Value(1.0) < 2.0) is True
    assert (Value(1.0) == Value(1.0)) is True
    assert (Value(1.0) >= 2.0) is False


def test_a_trace_that_fails_leaves_comparisons_plain() -> None:
    def failing(x: Any) -> Any:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        trace(failing, 1.0)
    assert (Value(1.0) < 2.0) is True


# ---- domains -----------------------------------------------------------------------------------------------------------------


def test_a_domain_error_is_that_of_eager_with_the_row() -> None:
    program = trace(lambda x, y: ag.log(x) / y, 1.0, 2.0)
    with pytest.raises(DomainError, match=r"`log\(-1\)` is not defined.*in row 1 "):
        program([[1.0, 2.0], [-1.0, 2.0]])
    with pytest.raises(PoleError, match=r"divides by zero.*in row 0 "):
        program.gradient([[1.0, 0.0]])
    with pytest.raises(RangeError, match=r"overflows.*in row 2 "):
        trace(lambda x: 1.0 / ag.exp(x), 1.0)([1.0, 2.0, 800.0])


def test_a_nan_among_the_rows_is_carried() -> None:
    program = trace(lambda x, y: ag.log(x) * y, 1.0, 2.0)
    values, gradients = program.value_and_grad([[2.0, 3.0], [math.nan, 1.0], [2.0, 3.0]])
    assert values[0] == values[2] == 3.0 * math.log(2.0)
    assert math.isnan(values[1]) and numpy.isnan(gradients[1]).all()


@pytest.mark.parametrize(
    "exponent",
    [
        lambda x: where(x > 0, x, 2.0),
        lambda x: where(x <= 0, lambda: 2.0, lambda: x * x),
        lambda x: where(x > 0, where(x > 1, x, 3.0), 2.0) * 1.0,
        lambda x: total([where(x > 0, x, 1.0), 1.0]),
    ],
)
def test_a_slope_that_only_other_rows_need_refuses_no_example(exponent: Any) -> None:
    def power(x: Any, y: Any) -> Any:
        return y ** exponent(x)

    program = trace(power, -1.0, -3.0)  # a slope by the exponent would be a logarithm of -3
    for point in ((-1.0, -3.0), (2.0, 3.0), (0.5, 0.25)):
        value, slopes = program.value_and_grad(*point)
        assert [float(value), *slopes.tolist()] == pytest.approx([power(*point), *grad(power)(*point)])
    with pytest.raises(DomainError):
        grad(power)(2.0, -3.0)
    with pytest.raises(DomainError):
        program.value_and_grad(2.0, -3.0)
    with pytest.raises(DomainError, match=re.escape("must be positive")):
        trace(lambda x, y: y ** where(x > 0, x, 2.0), 2.0, -3.0)


def test_what_eager_carries_is_carried() -> None:
    program = trace(lambda x, y: x * y, 1.0, 2.0)
    assert program([[1e200, 1e200], [1.0, 1.0]]).tolist() == [math.inf, 1.0]


@pytest.mark.parametrize("row", [row for row in TABLE.values() if not row.orders], ids=lambda row: row.name)
def test_eager_and_replay_agree_on_every_primitive(row: Primitive) -> None:
    """At ordinary points, edges and tails: the same values and slopes, or the same kind of error."""
    function: Any = as_function(row)
    by_count: dict[int, Any] = {}
    points = [*ordinary(row, 10), *(special.operands for special in row.special_points), *tails(row, 20)]
    for point in points:
        if len(point) == 0:
            continue
        expected: Any
        try:
            leaves = [Value(x) for x in point]
            out = function(*leaves)
            expected = out.data, ag.gradients(out, leaves)
        except OperationError as error:
            expected = type(error)
        if len(point) not in by_count and not isinstance(expected, type):
            by_count[len(point)] = trace(function, *point)
        if len(point) not in by_count:
            continue
        program = by_count[len(point)]
        if isinstance(expected, type):
            _assert_raises_or_has_no_slope(program, point, expected)
            continue
        value, gradient = program.value_and_grad(numpy.array([point]))
        assert close(value[0], expected[0]), (point, value[0], expected[0])
        scale = max((abs(x) for x in expected[1] if math.isfinite(x)), default=0.0)
        assert all(close(x, y, scale=1e-3 * scale) for x, y in zip(gradient[0].tolist(), expected[1], strict=True)), (
            point,
            gradient[0],
            expected[1],
        )


def _assert_raises_or_has_no_slope(program: Any, point: Any, expected: type) -> None:
    """Where eager's value exists but a slope does not, a replay gives the value and a slope that is not finite."""
    try:
        _, gradient = program.value_and_grad(numpy.array([point]))
    except expected:
        return
    assert not numpy.isfinite(gradient).all(), (point, expected)


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def _two(x: Any, y: Any) -> Any:
    return x[0] * y + x[1]


@pytest.mark.parametrize(
    ("arrays", "kind", "message"),
    [
        (([[1.0, 2.0]],), ValueError, r"program `_two` takes 3 numbers per row \(X, y\), got an array of shape \(1, 2\)"),
        ((1.0, 2.0, 3.0), TypeError, r"program `_two` takes 2 arrays \(X, y\), got 3"),
        (([[1.0, 2.0, 3.0]], [1.0]), ValueError, r"takes `X` as an array of shape \(rows, 2\), one row per sample, got \(1, 3\)"),
        (([[1.0, 2.0]] * 3, [1.0, 2.0]), ValueError, "need the same number of rows: X has 3, y has 2"),
        ((numpy.empty((0, 2)), numpy.empty(0)), ValueError, "got no rows: give at least one sample"),
        (([["a", "b"]], [1.0]), TypeError, "takes `X` as an array of real numbers, got <U1"),
        (([[1j, 2.0]], [1.0]), TypeError, "takes `X` as an array of real numbers, got complex128"),
    ],
)
def test_wrong_arrays_are_refused(arrays: Any, kind: type[Exception], message: str) -> None:
    program = trace(_two, [1.0, 2.0], 3.0)
    with pytest.raises(kind, match=message):
        program(*arrays)


@pytest.mark.parametrize(
    ("function", "example", "message"),
    [
        (lambda x: "text", (1.0,), "returned str: a program gives one number, or a list of numbers"),
        (lambda x: None, (1.0,), "returned NoneType: a program gives one number"),
        (lambda x: [x, "a"], (1.0,), "returned str: a program gives"),
        (lambda x: x, ("a",), "the example for `x` must be a number, a list of numbers or a Module"),
        (lambda x: x, ([1.0, [2.0]],), "the example for `x` holds lists of different lengths"),
        (lambda x: x, ([],), "the example for `x` is empty"),
    ],
)
def test_what_cannot_be_a_program_is_refused(function: Any, example: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TraceError, match=message) as info:
        trace(function, *example)
    assert isinstance(info.value, GraphError) and isinstance(info.value, TypeError)


def test_a_value_from_outside_that_changed_is_refused() -> None:
    outside = Value(2.0, "scale")
    program = trace(lambda x: x * outside, 3.0)
    assert program([4.0]) == [8.0]
    outside.data = 5.0
    with pytest.raises(
        GraphError, match=r"was 2.0 when .* was traced, .* Trace again, or give it to `trace` as one of `parameters`"
    ):
        program([4.0])
    kept = trace(lambda x: x * outside, 3.0, parameters=[outside])
    assert kept.loss_and_gradient(numpy.array([4.0, 6.0]))[1].tolist() == [5.0]


def test_what_a_program_does_not_have_is_refused() -> None:
    program = trace(lambda x: [x, x * x], 3.0)
    with pytest.raises(GraphError, match=r"a gradient is of one number; the program `lambda` gives 2. Use jacobian."):
        program.gradient([1.0])
    with pytest.raises(GraphError, match="has no parameters: give `trace` a model among the arguments"):
        trace(lambda x: x, 1.0).loss_and_gradient([1.0])
    with pytest.raises(ValueError, match="a program computes in float64 or float32, got 'int64'"):
        trace(lambda x: x, 1.0, dtype="int64")
    with pytest.raises(ValueError, match='on_branch is "raise" or "retrace", got \'ignore\''):
        trace(lambda x: x, 1.0, on_branch="ignore")
    with pytest.raises(TraceError, match="a parameter of a program is a leaf Value that requires a gradient"):
        trace(lambda x: x, 1.0, parameters=[Value(1.0) * 2.0])


def test_on_branch_retrace_traces_the_rows_that_go_another_way() -> None:
    program = trace(_with_an_if, 1.0, 2.0, on_branch="retrace")
    rows = numpy.array([[1.0, 2.0], [-1.0, 2.0], [3.0, 4.0], [-3.0, 4.0]])
    values, gradients = program.value_and_grad(rows)
    assert values.tolist() == [2.0, -3.0, 12.0, -7.0] == program(rows).tolist()
    assert gradients.tolist() == [[2.0, 1.0], [1.0, -1.0], [4.0, 3.0], [1.0, -1.0]]


def test_on_branch_retrace_trains_a_model_by_the_program_s_parameters() -> None:
    def loss(model: Any, x: Any, y: Any) -> Any:
        out = model(x)
        return squared_error(out, y) if out > 0 else abs(out - y)

    model = MLP(2, [3, 1], "tanh", seed=5)
    rng = numpy.random.default_rng(0)
    xs, ys = rng.normal(size=(20, 2)), rng.normal(size=20)
    program = trace(loss, model, xs[0], ys[0], on_branch="retrace")
    program.parameters += 0.5
    value, gradient = program.loss_and_gradient(xs, ys)
    program.write_back()
    results = [loss(model, x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    model.zero_grad()
    for result in results:
        result.backward(1 / 20)
    assert value == pytest.approx(sum(result.data for result in results) / 20, rel=1e-12)
    numpy.testing.assert_allclose(gradient, [p.grad for p in program.parameter_values], rtol=1e-12, atol=1e-14)


# ---- numbers that leave the graph --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.data,
        lambda x: x * ag.constant(x.data),
        lambda x: x if x.data > 0 else -x,
        lambda x: ag.sin(x * 2.0) * round((x * 2.0).data),
    ],
)
def test_a_function_that_reads_a_number_cannot_be_traced(function: Any) -> None:
    with pytest.raises(
        TraceError, match=r"reads the number of `x.*the program would keep that of its example\. Compute with the Value"
    ):
        trace(function, 2.0)


def test_a_detached_value_is_the_number_of_each_row_without_its_gradient() -> None:
    program = trace(lambda x: x * (x * x).detach(), 2.0)
    values, gradients = program.value_and_grad(numpy.array([[3.0], [-1.0]]))
    assert values.tolist() == [27.0, -1.0]
    assert gradients.tolist() == [[9.0], [1.0]]


def test_the_library_s_own_looks_at_numbers_are_no_hindrance() -> None:
    program = trace(lambda x: ag.binary_cross_entropy(ag.sigmoid(x), 1.0), 0.5)
    assert program(numpy.array([[0.25]]))[0] == pytest.approx(ag.binary_cross_entropy(ag.sigmoid(0.25), 1.0), rel=1e-14)


def test_tracing_another_branch_leaves_the_values_of_the_model_as_they_are() -> None:
    """The program's own parameters lead that trace, also where nobody has written them back."""
    w = Value(2.0, label="w")

    def function(x: Any) -> Any:
        if w * x > 1.0:
            return w * x * x
        return w - x

    program = trace(function, 3.0, parameters=[w], on_branch="retrace")
    program.parameters[:] = 0.5
    assert program([3.0, 1.0]).tolist() == [4.5, -0.5]
    assert w.data == 2.0
    assert program.parameters.tolist() == [0.5]

    def failing(x: Any) -> Any:
        if w * x > 1.0:
            return w * x * x
        raise RuntimeError("no such branch")

    program = trace(failing, 3.0, parameters=[w], on_branch="retrace")
    program.parameters[:] = 0.5
    with pytest.raises(RuntimeError):
        program([3.0, 1.0])
    assert w.data == 2.0


def test_results_that_are_numbers_of_numpy_are_numbers() -> None:
    for number in (numpy.float32(2.0), numpy.int64(2), numpy.array(2.0)):
        assert trace(lambda x, number=number: [x, number], 1.0)(3.0).tolist() == [3.0, 2.0]
        assert trace(lambda x, number=number: number, 1.0)(3.0) == 2.0


def test_what_no_program_can_have_is_said() -> None:
    w = Value(1.0)
    with pytest.raises(TraceError, match="the example for `x` must be a number"):
        trace(lambda x: x, 10**400)
    with pytest.raises(TraceError, match=r"beyond the largest, 1\.8e308"):
        trace(lambda x: [x, 10**400], 1.0)
    with pytest.raises(TraceError, match="returned an empty list"):
        trace(lambda x: [], 1.0)
    for wrong in (w, MLP(1, [1], seed=0)):
        with pytest.raises(TraceError, match=r"parameters= is a list of Values: write parameters=\[w\]"):
            trace(lambda x: x * w, 1.0, parameters=wrong)  # type: ignore[arg-type]


def test_large_whole_numbers_are_floats_where_there_is_one() -> None:
    program = trace(lambda x: 2.0 * x, 1.0)
    assert program([10**30, 1]).tolist() == [2e30, 2.0]
    assert program([Fraction(1, 2), 2]).tolist() == [1.0, 4.0]
    with pytest.raises(ValueError, match=r"`x` as an array of floats, and one number is beyond the largest, 1\.8e308"):
        program([10**400])
    with pytest.raises(TypeError, match="real numbers, got object"):
        program([None, 1.0])
