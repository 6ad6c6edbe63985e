"""Programs in C: the same numbers, the same refusals, and NumPy where there is no C."""

import copy
import ctypes
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import compiled
from autograd_lite.engine.errors import DomainError, GraphError
from autograd_lite.engine.value import Value
from autograd_lite.losses import cross_entropy, hinge, squared_error
from autograd_lite.nn import MLP
from autograd_lite.program import BranchChanged, Program, ProgramMismatch, trace
from autograd_lite.program.ir.tasks import LOSS, SLOPES
from autograd_lite.program.repeated import Repeated
from autograd_lite.program.write.backends import AutoBackend, CBackend, NumpyBackend
from autograd_lite.program.write.c_module import CModule
from autograd_lite.program.write.c_products import NoCForm
from benchmarks.formulas import beale, rosenbrock

RNG = np.random.default_rng(0)


def both(function: Any, *example: Any, **options: Any) -> tuple[Program, Program]:
    """The same program in NumPy and in C."""
    return trace(function, *example, **options), trace(function, *example, backend="c", **options)


def cost(model: Any, x: Any, y: Any) -> Any:
    return squared_error(model(x), y)


def model() -> MLP:
    return MLP(3, [5, 1], "sigmoid", seed=0)


# ---- numbers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 2, 7, 64, 1001])
@pytest.mark.parametrize(("function", "dimensions"), [(beale, 2), (rosenbrock, 100), (rosenbrock, 300)])
def test_where_nothing_but_arithmetic_is_computed_the_bits_are_numpys(function: Any, dimensions: int, rows: int) -> None:
    points = RNG.uniform(-2.0, 2.0, (rows, dimensions))
    in_numpy, in_c = both(function, points[0].tolist())
    for found, wanted in zip(in_c.value_and_grad(points), in_numpy.value_and_grad(points), strict=True):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_networks(activation: str, dtype: str) -> None:
    def loss(network: Any, x: Any, y: Any) -> Any:
        return cross_entropy(network(x), y)

    network = MLP(4, [6, 5, 3], activation, seed=1)
    in_numpy, in_c = both(loss, network, [0.0] * 4, [1.0, 0.0, 0.0], dtype=dtype)
    x, y = RNG.random((50, 4)).astype(dtype), np.eye(3, dtype=dtype)[RNG.integers(0, 3, 50)]
    (mean, gradient), (wanted, slopes) = in_c.loss_and_gradient(x, y), in_numpy.loss_and_gradient(x, y)
    bar = 32 * np.finfo(dtype).eps
    assert gradient.dtype == slopes.dtype == dtype
    assert abs(mean - wanted) <= bar * abs(wanted)
    assert np.abs(gradient - slopes).max() <= bar * np.abs(slopes).max()


def test_sums_over_many_rows_in_single_precision_keep_their_digits() -> None:
    w = Value(1.0)
    program = trace(lambda x: w * x, 0.1, parameters=[w], dtype="float32", backend="c")
    x = np.full(1_000_000, 0.1, np.float32)
    mean, gradient = program.loss_and_gradient(x)
    assert abs(float(mean) - float(x[0])) <= 1e-8
    assert abs(float(gradient[0]) - float(x[0])) <= 1e-8


def test_second_derivatives_are_in_c_too() -> None:
    in_numpy, in_c = both(lambda x, y: ag.exp(x * y) + ag.sin(x) * y**3, 1.0, 2.0)
    points = RNG.random((9, 2))
    assert np.abs(in_c.hessian(points) - in_numpy.hessian(points)).max() <= 1e-13


def test_a_list_of_results_has_a_jacobian() -> None:
    in_numpy, in_c = both(lambda x: [x[0] * x[1], ag.exp(x[2]), 3.0], [1.0, 2.0, 3.0])
    points = RNG.random((4, 3))
    assert np.array_equal(in_c(points)[:, 0], in_numpy(points)[:, 0])
    assert np.abs(in_c.jacobian(points) - in_numpy.jacobian(points)).max() <= 1e-15


@pytest.mark.parametrize(
    "given", [lambda a: a, np.asfortranarray, lambda a: a[:, ::-1][:, ::-1], lambda a: a.tolist(), lambda a: a * 1.0]
)
def test_arrays_of_any_layout(given: Any) -> None:
    in_numpy, in_c = both(rosenbrock, [1.0, 2.0, 3.0])
    points = np.repeat(RNG.random((6, 3)), 2, axis=0)[::2]
    assert np.array_equal(in_c.gradient(given(points)), in_numpy.gradient(points))
    read_only = points.copy()
    read_only.flags.writeable = False
    assert np.array_equal(in_c.gradient(read_only), in_numpy.gradient(points))


def test_numbers_between_two_words_are_not_handed_to_c() -> None:
    script = """
import numpy as np
from autograd_lite import Value
from autograd_lite.program import trace
def between(values):
    found = np.zeros(8 * len(values) + 1, np.uint8)[1:].view(float)
    found[:] = values
    return found
w = Value(0.5)
program = trace(lambda x, y: (w * x - y) ** 2, 1.0, 2.0, parameters=[w], backend="c")
x, y, out = between([1.0, 2.0]), between([3.0, 4.0]), between([0.0])
for _ in range(2):
    print(program(x, y).tolist(), program.gradient(x, y)[:, 0].tolist(), program.loss_and_gradient(x, y, out=out)[1].tolist())
print(program.descent(x, y, optimizer="sgd", learning_rate=0.1, iterations=3, batch_size=2, losses=[]).iterations)
print(program.descent(x, y, optimizer="sgd", learning_rate=0.1, iterations=3).iterations)
"""
    careful = os.environ | {"CC": "cc -fsanitize=alignment -fsanitize-undefined-trap-on-error"}
    found = subprocess.run([sys.executable, "-c", script], env=careful, capture_output=True, text=True, timeout=100, check=True)
    assert found.stdout == "[6.25, 9.0] [-2.5, -3.0] [-8.5]\n" * 2 + "3\n3\n"


def test_blocks_of_rows_are_one_call() -> None:
    in_numpy, in_c = both(lambda x, y: ag.sqrt(x) * y, 1.0, 2.0)
    points = RNG.random((200_000, 2)) + 0.1
    assert np.array_equal(in_c.gradient(points), in_numpy.gradient(points))


def test_arrays_too_large_for_the_stack() -> None:
    network = MLP(3, [90, 60, 1], "tanh", seed=0)
    in_numpy, in_c = both(cost, network, [0.0] * 3, 0.0)
    assert CModule(in_c._replay.procedure(LOSS)).workspace > 0
    x, y = RNG.random((8, 3)), RNG.random(8)
    for found, wanted in zip(in_c.loss_and_gradient(x, y), in_numpy.loss_and_gradient(x, y), strict=True):
        assert np.abs(found - wanted).max() <= 1e-14 * np.abs(wanted).max()


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize(
    "term",
    [
        lambda place, x: ag.polygamma(1 + place // 8, x),
        lambda place, x: ag.polygamma(place % 3, x) * x,
        lambda place, x: round(x * 3.7, 1 + place // 8) * x,
        lambda place, x: ag.sinc(x) * ag.polygamma(1 + place % 2, x),
    ],
)
def test_members_of_a_family_do_not_go_into_one_array(backend: str, term: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "FLAGS", ("-O0", *compiled.FLAGS[1:]))  # long sources, sooner compiled

    def function(x: Any) -> Any:
        return sum((term(place, each) for place, each in enumerate(x)), 0.0)

    points = RNG.uniform(0.5, 2.0, (2, 16))
    program = trace(function, points[0].tolist(), backend=backend)
    for row, value, gradient, hessian in zip(points, *program.value_and_grad(points), program.hessian(points), strict=True):
        wanted, slopes = ag.value_and_grad(function)(row.tolist())
        assert value == pytest.approx(float(wanted), rel=1e-12)
        assert gradient == pytest.approx(np.array(slopes), rel=1e-12)
        assert hessian == pytest.approx(np.array(ag.hessian(function)(row.tolist())), rel=1e-11)


# ---- the same call again -----------------------------------------------------------------------------------------------------


def test_the_same_arrays_again_are_computed_with_what_they_are_now() -> None:
    in_numpy, in_c = both(cost, model(), [0.0] * 3, 0.0)
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(in_c.parameters))
    for change in range(6):
        found, gradient = in_c.loss_and_gradient(x, y, out=out)
        wanted, slopes = in_numpy.loss_and_gradient(x, y)
        assert gradient is out
        assert abs(found - wanted) <= 1e-15
        assert np.abs(gradient - slopes).max() <= 1e-15
        x *= 0.9
        y[change % 4] += 1.0
        for program in (in_numpy, in_c):
            program.parameters -= 0.1 * slopes


@pytest.mark.parametrize(
    "change",
    [
        lambda x, y, out: (x[:2], y[:2], out),
        lambda x, y, out: (x.copy(), y, out),
        lambda x, y, out: (x, y, out.copy()),
        lambda x, y, out: (x.astype("f4"), y, out),
        lambda x, y, out: (x[::-1], y[::-1], out),
    ],
)
def test_other_arrays_are_looked_at_again(change: Any) -> None:
    in_numpy, in_c = both(cost, model(), [0.0] * 3, 0.0)
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(in_c.parameters))
    for _ in range(2):
        in_c.loss_and_gradient(x, y, out=out)
    x, y, out = change(x, y, out)
    found, gradient = in_c.loss_and_gradient(x, y, out=out)
    wanted, slopes = in_numpy.loss_and_gradient(x, y)
    assert gradient is out
    assert abs(found - wanted) <= 1e-15
    assert np.abs(out - slopes).max() <= 1e-15


def test_the_same_array_in_another_shape_or_kind_is_looked_at_again() -> None:
    program = trace(cost, model(), [0.0] * 3, 0.0, backend="c")
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(program.parameters))
    for _ in range(2):
        program.loss_and_gradient(x, y, out=out)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="cannot be written to"):
        program.loss_and_gradient(x, y, out=out)
    out.flags.writeable = True
    program.parameters.flags.writeable = False
    program.loss_and_gradient(x, y, out=out)
    program.parameters.flags.writeable = True
    x.shape = (3, 4)
    with pytest.raises(ValueError, match="one row per sample"):
        program.loss_and_gradient(x, y, out=out)


def test_the_same_array_that_is_read_in_another_order_or_as_other_numbers_is_looked_at_again() -> None:
    in_numpy, in_c = both(cost, MLP(4, [3, 1], "tanh", seed=0), [0.0] * 4, 0.0)
    x, y, out = RNG.random((4, 4)), RNG.random(4), np.empty(len(in_c.parameters))
    for change in (lambda: None, lambda: setattr(x, "strides", x.strides[::-1]), lambda: setattr(y, "dtype", "i8")):
        for _ in range(2):
            in_c.loss_and_gradient(x, y, out=out)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy, which would rather have a view
            change()
        found, _ = in_c.loss_and_gradient(x, y, out=out)
        wanted, slopes = in_numpy.loss_and_gradient(x, y)
        assert found == pytest.approx(wanted, rel=1e-14)
        assert np.abs(out - slopes).max() <= 1e-14 * max(np.abs(slopes).max(), 1.0)


def test_parameters_whose_numbers_are_elsewhere_are_looked_at_again() -> None:
    in_numpy, in_c = both(cost, model(), [0.0] * 3, 0.0)
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(in_c.parameters))
    for _ in range(2):
        in_c.loss_and_gradient(x, y, out=out)
    for size in (100_000, len(out)):
        in_c.parameters.resize(size, refcheck=False)
    in_c.parameters[:] = 0.5
    in_numpy.parameters[:] = 0.5
    found, _ = in_c.loss_and_gradient(x, y, out=out)
    wanted, slopes = in_numpy.loss_and_gradient(x, y)
    assert abs(found - wanted) <= 1e-15
    assert np.abs(out - slopes).max() <= 1e-15


@pytest.mark.parametrize("rows", [3, 50_000])
@pytest.mark.parametrize("both_arrays", [True, False])
def test_the_same_array_with_its_numbers_elsewhere_is_looked_at_again(rows: int, both_arrays: bool) -> None:
    in_numpy, in_c = both(cost, model(), [0.0] * 3, 0.0)
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(in_c.parameters))
    for _ in range(2):
        in_c.loss_and_gradient(x, y, out=out)
    x.resize((rows, 3), refcheck=False)
    if not both_arrays:
        with pytest.raises(ValueError, match="the same number of rows"):
            in_c.loss_and_gradient(x, y, out=out)
        return
    y.resize(rows, refcheck=False)
    x[...], y[...] = 0.5, 0.25
    found, _ = in_c.loss_and_gradient(x, y, out=out)
    wanted, slopes = in_numpy.loss_and_gradient(x, y)
    assert abs(found - wanted) <= 1e-12
    assert np.abs(out - slopes).max() <= 1e-12


@pytest.mark.parametrize("name", ["time", "index", "error", "select", "bcmp"])
def test_a_function_named_as_one_of_the_c_library_is_not_taken_for_it(name: str) -> None:
    def function(x: Any, y: Any) -> Any:
        return x * y + ag.exp(x)

    function.__name__ = name
    program, points = trace(function, 0.5, 1.5, backend="c"), (np.array([0.5, -1.0]), np.array([1.5, 2.0]))
    first, again = (program.value_and_grad(*points) for _ in range(2))
    assert np.array_equal(again[0], first[0])
    assert np.array_equal(again[1], first[1])
    assert points[0].tolist() == [0.5, -1.0]


def test_the_same_points_again_get_new_arrays() -> None:
    program = trace(beale, [1.0, 2.0], backend="c")
    points = RNG.random((5, 2))
    values, gradient = program.value_and_grad(points)
    again = program.value_and_grad(points)
    assert np.array_equal(again[1], gradient)
    assert again[0] is not values
    assert not np.shares_memory(again[1], gradient)
    points[0] = 0.0
    assert not np.array_equal(program.gradient(points), gradient)


def test_a_call_in_the_middle_of_the_same_call_does_not_take_its_place() -> None:
    in_numpy, program = both(beale, [1.0, 2.0])
    points = RNG.random((5, 2))
    program.value_and_grad(points)
    points *= 2.0
    inside: list[Any] = []

    def between(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is Repeated.slopes.__code__ and event == "line" and (not inside or inside[-1] is not None):
            inside.append(None)
            inside.append(program.value_and_grad(points))
        return between

    before = sys.gettrace()
    sys.settrace(between)
    try:
        found = program.value_and_grad(points)
    finally:
        sys.settrace(before)
    for each in (found, *filter(None, inside)):
        for one, other in zip(each, in_numpy.value_and_grad(points), strict=True):
            assert np.array_equal(one, other)


def test_a_captured_value_that_changes_is_noticed_again() -> None:
    w, captured = Value(1.0), Value(2.0)
    program = trace(lambda x: w * captured * x, 3.0, parameters=[w], backend="c")
    x, out = np.array([1.0, 2.0]), np.empty(1)
    for _ in range(2):
        program.loss_and_gradient(x, out=out)
    captured.data = 3.0
    with pytest.raises(GraphError, match="took it as a constant"):
        program.loss_and_gradient(x, out=out)


def test_a_target_that_is_refused_is_refused_again() -> None:
    w = Value(1.0)
    program = trace(lambda x, y: hinge(w * x, y), 0.5, 1.0, parameters=[w], backend="c")
    x, y, out = np.array([0.5, 0.2]), np.array([1.0, -1.0]), np.empty(1)
    for _ in range(2):
        program.loss_and_gradient(x, y, out=out)
    y[1] = 0.0
    with pytest.raises(ValueError, match=r"\[row 1\]"):
        program.loss_and_gradient(x, y, out=out)


def test_a_domain_error_is_raised_again() -> None:
    w = Value(1.0)
    program = trace(lambda x: w * ag.log(x), 0.5, parameters=[w], backend="c")
    x, out = np.array([0.5, 0.2]), np.empty(1)
    for _ in range(2):
        program.loss_and_gradient(x, out=out)
    x[1] = -1.0
    for _ in range(2):
        with pytest.raises(DomainError, match="row 1"):
            program.loss_and_gradient(x, out=out)
    x[1] = 1.0
    assert program.loss_and_gradient(x, out=out)[0] == np.log(0.5) / 2


def test_threads_do_not_meet() -> None:
    in_numpy, in_c = both(cost, model(), [0.0] * 3, 0.0)
    wrong: list[Any] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        x, y, out = rng.random((40, 3)), rng.random(40), np.empty(len(in_c.parameters))
        wanted = in_numpy.loss_and_gradient(x, y)
        for _ in range(200):
            mean, gradient = in_c.loss_and_gradient(x, y, out=out)
            if abs(mean - wanted[0]) > 1e-14 or np.abs(gradient - wanted[1]).max() > 1e-14:
                wrong.append((seed, mean))

    in_c.loss_and_gradient(RNG.random((2, 3)), RNG.random(2))
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- guards ------------------------------------------------------------------------------------------------------------------


def test_a_guard_names_the_first_row_and_all_rows() -> None:
    in_numpy, in_c = both(lambda x: x * x if x > 1.0 else x, 2.0)
    told = []
    for program in (in_numpy, in_c):
        with pytest.raises(BranchChanged) as caught:
            program([2.0, 0.5, 3.0, 0.0])
        told.append((str(caught.value), caught.value.row, caught.value.place, caught.value.changed.tolist()))
    assert told[0] == told[1]
    assert told[1][3] == [False, True, False, True]


def test_of_several_guards_the_first_that_some_row_fails_counts() -> None:
    def twice(x: Any) -> Any:
        y = x if x > 1.0 else -x
        return y if y < 10.0 else 2.0 * y

    in_numpy, in_c = both(twice, 2.0)
    for rows in ([2.0, 20.0, 0.5], [20.0, 2.0, 30.0], [2.0, 0.5, 20.0]):
        told = []
        for program in (in_numpy, in_c):
            with pytest.raises(BranchChanged) as caught:
                program.gradient(rows)
            told.append((caught.value.place, caught.value.changed.tolist()))
        assert told[0] == told[1]


def test_rows_that_go_another_way_are_traced_again() -> None:
    in_numpy, in_c = both(lambda x: ag.log(x) if x > 1.0 else x * x, 2.0, on_branch="retrace")
    points = np.array([2.0, 0.5, 3.0, -1.0])
    assert np.array_equal(in_c.gradient(points), in_numpy.gradient(points))


WIDE = [
    ("tanh", 4, 8, "c"),
    ("tanh", 64, 16, "c"),
    ("tanh", 64, 256, "numpy"),
    ("sigmoid", 5, 4, "c"),
    ("sigmoid", 5, 2_000, "numpy"),
    ("softplus", 200, 200, "numpy"),
    ("relu", 200, 2_000, "c"),
]


def test_a_guard_leaves_the_gradient_as_it_was() -> None:
    w = Value(1.0)
    program = trace(lambda x: w * x if x > 0.0 else x, 2.0, parameters=[w], backend="c")
    out = np.array([7.0])
    with pytest.raises(BranchChanged):
        program.loss_and_gradient(np.array([1.0, -1.0]), out=out)
    assert out[0] == 7.0


# ---- without C ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["false", "/no/such/compiler"])
def test_without_a_compiler_c_says_so_and_auto_takes_numpy(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("CC", command)
    asked = trace(lambda x: x * x + 1.25, 2.0, backend="c")
    with pytest.raises(NoCForm) as caught:
        asked([1.0])
    assert "\n" not in str(caught.value)
    assert command in str(caught.value)
    auto = trace(lambda x: x * x + 1.25, 2.0, backend="auto")
    assert auto.backend == "numpy"
    assert auto([2.0]) == [5.25]


def test_auto_takes_c_and_numpy_for_large_matrices() -> None:
    assert trace(beale, [1.0, 2.0], backend="auto").backend == "c"
    wide = MLP(100, [100, 1], "tanh", seed=0)
    assert trace(cost, wide, [0.0] * 100, 0.0, backend="auto", verify=False).backend == "numpy"


@pytest.mark.parametrize(("activation", "width", "rows", "backend"), WIDE)
def test_auto_takes_numpy_where_many_functions_are_computed(activation: str, width: int, rows: int, backend: str) -> None:
    network = MLP(2, [width, 1], activation, seed=0)
    program = trace(cost, network, [0.1, 0.2], 0.5, backend="auto")
    program.loss_and_gradient(RNG.random((rows, 2)), RNG.random(rows))
    assert program.backend == backend
    descended = trace(cost, network, [0.1, 0.2], 0.5, backend="auto")
    descended.descent(RNG.random((rows, 2)), RNG.random(rows), optimizer="sgd", learning_rate=0.1, iterations=1)
    assert descended.backend == backend


def test_a_program_that_is_too_long_says_so() -> None:
    with pytest.raises(NoCForm, match="characters of C, and more than 1,000 take"):
        trace(beale, [1.0, 2.0], backend=CBackend(longest=1_000)).gradient([[1.0, 2.0]])


def test_auto_compiles_nothing_that_takes_long() -> None:
    def irregular(x: Any) -> Any:
        random, numbers = Random(1), [x, 1.0 + x]
        for _ in range(900):
            one, other = random.choice(numbers[-20:]), random.choice(numbers)
            numbers.append(
                random.choice([ag.sin(one) * other, one + 0.3 * other, ag.tanh(one - other), one / (1.0 + other * other)])
            )
        return numbers[-1] + numbers[-2] + numbers[-3]

    program = trace(irregular, 0.5, backend="auto", verify=False)
    assert len(CModule(program._replay.procedure(SLOPES)).source) > 50_000
    assert program.backend == "numpy"


@pytest.mark.parametrize("asked", ["fortran", "javascript", "C"])
def test_a_backend_that_there_is_not(asked: str) -> None:
    with pytest.raises(ValueError, match="'numpy', 'c', 'auto'"):
        trace(lambda x: x, 1.0, backend=asked)


def test_what_is_no_backend() -> None:
    with pytest.raises(TypeError, match="method `compiled`, got int"):
        trace(lambda x: x, 1.0, backend=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(("backend", "name"), [(NumpyBackend(), "numpy"), (CBackend(), "c"), (AutoBackend(), "c"), (None, "numpy")])
def test_a_backend_may_be_an_object(backend: Any, name: str) -> None:
    program = trace(lambda x: x * x, 3.0, backend=backend)
    assert program.backend == name
    assert program.gradient([3.0]).tolist() == [[6.0]]


def test_the_source_stays_numpy_whatever_runs_it() -> None:
    in_numpy, in_c = both(beale, [1.0, 2.0])
    assert in_c.source == in_numpy.source == in_c.source_in("numpy")
    assert in_c.source_in("c") == in_numpy.source_in("c")


# ---- the proof ---------------------------------------------------------------------------------------------------------------


def test_a_wrong_form_in_c_is_found_before_its_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite.program.write import c_vocabulary

    monkeypatch.setitem(c_vocabulary._LIBRARY, "exp", "exp2")
    program = trace(lambda x: ag.exp(x) * x, 1.5, backend="c")
    with pytest.raises(ProgramMismatch, match="eager evaluation gives"):
        program([1.0])


def test_a_program_can_be_copied() -> None:
    program = trace(beale, [1.0, 2.0], backend="c")
    points = RNG.random((3, 2))
    wanted = program.gradient(points)
    assert np.array_equal(copy.deepcopy(program).gradient(points), wanted)
    learning = trace(cost, model(), [0.0] * 3, 0.0, backend="c")
    x, y, out = RNG.random((4, 3)), RNG.random(4), np.empty(len(learning.parameters))
    for _ in range(2):
        mean, _ = learning.loss_and_gradient(x, y, out=out)
    copied = copy.deepcopy(learning)
    copied.parameters *= 2.0
    assert copied.loss_and_gradient(x, y, out=out)[0] != mean == learning.loss_and_gradient(x, y, out=out)[0]


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("function", [ag.variance, lambda x: ag.tanh(x[0] * x[1])])
def test_a_second_look_at_numbers_does_as_eager_whatever_numpy_was_told(backend: str, function: Any) -> None:
    program, point = trace(function, [0.5, 0.25], backend=backend), [1e308, -1e308]
    with np.errstate(all="raise"):
        try:
            wanted = function([Value(x) for x in point]).data
        except ArithmeticError as error:
            with pytest.raises(type(error), match="in row 0 of a program"):
                program([point])
        else:
            assert program([point]).tolist() == [wanted]


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_a_copy_of_a_program_refuses_the_same_targets(backend: str) -> None:
    copied = copy.deepcopy(trace(hinge, 0.5, 1.0, backend=backend))
    assert copied([0.5, 0.2], [1.0, -1.0]) == pytest.approx([0.5, 1.2])
    with pytest.raises(ValueError, match="hinge takes the targets -1 and 1"):
        copied([0.5], [0.0])


# ---- saved -------------------------------------------------------------------------------------------------------------------


def built(path: Path) -> ctypes.CDLL:
    """A file, compiled as its head says."""
    command = next(line for line in path.read_text().split("\n") if " cc -O3" in line).removeprefix(" *").strip()
    out = path.with_suffix(".so")
    words = command.replace("FILE.c", str(path)).replace("FILE.so", str(out)).split()
    subprocess.run([*words, "-Wall", "-Wextra", "-Werror"], check=True)
    return ctypes.CDLL(str(out))


def pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


def test_a_saved_file_is_called_as_its_head_says(tmp_path: Path) -> None:
    program = trace(cost, model(), [0.0] * 3, 0.0)
    path = program.save(tmp_path / "step.c", dialect="c")
    assert "cost(parameters, X, y, rows, values, gradient)" in path.read_text()
    x, y, mean, gradient = RNG.random((7, 3)), RNG.random(7), np.empty(1), np.empty(len(program.parameters))
    step = built(path).cost
    assert step(*map(pointer, (program.parameters, x, y)), ctypes.c_ssize_t(7), pointer(mean), pointer(gradient)) == 0
    wanted, slopes = program.loss_and_gradient(x, y)
    assert abs(mean[0] - wanted) <= 1e-15
    assert np.abs(gradient - slopes).max() <= 1e-15


def test_a_saved_file_has_its_guards(tmp_path: Path) -> None:
    path = trace(lambda x: x * x if x > 1.0 else x, 2.0).save(tmp_path / "guarded.c", dialect="c")
    assert "    0: line " in path.read_text()
    x, values, gradient, branches = np.array([2.0, 0.5]), np.empty(2), np.empty(2), np.empty(2, np.int32)
    function = built(path).lambda_
    assert function(pointer(x), ctypes.c_ssize_t(2), *map(pointer, (values, gradient, branches))) == 2
    assert branches.tolist() == [1, 0]


@pytest.mark.parametrize("dialect", ["numpy", "c", "javascript"])
def test_every_dialect_can_be_saved(tmp_path: Path, dialect: str) -> None:
    program = trace(beale, [1.0, 2.0])
    assert program.save(tmp_path / "saved", dialect=dialect).read_text() == program.source_in(dialect)


def test_equal_functions_give_equal_sources() -> None:
    script = "from benchmarks.formulas import rosenbrock as f; from autograd_lite.program import trace; print(trace(f, [1.0, 2.0]).source_in('c'))"
    environments = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    found = [
        subprocess.run([sys.executable, "-c", script], env=each, capture_output=True, check=True).stdout for each in environments
    ]
    assert found[0] == found[1] != b""


def test_the_library_is_found_again_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    trace(beale, [1.0, 2.0], backend="c").gradient([[1.0, 2.0]])
    monkeypatch.setattr(compiled, "_loaded", {})
    monkeypatch.setattr(compiled, "_compiled", lambda *_: pytest.fail("compiled again"))
    assert trace(beale, [1.0, 2.0], backend="c").gradient([[3.0, 0.5]]) is not None


def test_the_head_says_which_rows_derivatives_count_on_to_add_up_to_1() -> None:
    told = "each row adds up to 1, on which the derivatives count."
    model = MLP(2, [3, 2], "relu", seed=0)
    assert trace(lambda model, x, y: cross_entropy(model(x), y), model, [0.1, 0.2], [0.0, 1.0]).source_in("c").count(told) == 1
