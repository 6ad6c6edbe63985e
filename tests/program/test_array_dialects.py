"""Programs on the arrays of JAX and PyTorch: modules that these libraries alone run, compile and differentiate; held against eager."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

import numpy
import pytest

import autograd_lite as al
from autograd_lite import Value, exp, log, sigmoid, where
from autograd_lite.datasets import Dataset
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.extras import is_here
from autograd_lite.engine.primitives import TABLE
from autograd_lite.losses import cross_entropy, hinge
from autograd_lite.nn import MLP
from autograd_lite.program import BranchChanged, Program, ProgramMismatch, trace
from autograd_lite.program.write import array_backends
from autograd_lite.program.write.array_backends import ARRAY_BACKENDS
from autograd_lite.program.write.array_dialects import JAX, TORCH
from benchmarks.engines import ENGINES, IN_JAX, IN_TORCH
from benchmarks.gpu import InJax, InTorch, measured
from benchmarks.parity import FUNCTIONS, main, network, small_gpt
from benchmarks.suite import compare
from benchmarks.work import timed
from benchmarks.workloads import WORKLOADS
from tests.fuzzing.campaign import campaign
from tests.processes import REPOSITORY
from tests.program.test_replay import NEGATIVE_ZEROS

ROUNDING = {"jax": 1e-13, "torch": 1e-13}  # relative to the largest number of an array; float32: 1e-5
NARROW = 1e-5
FUZZED = {"jax": 8, "torch": 30}  # here; `.ci/run --full` takes 300 of each

LIBRARIES = [
    pytest.param(
        name, marks=pytest.mark.skipif(not is_here(name), reason=f'{name} is not installed: pip install "autograd_lite[{name}]"')
    )
    for name in ("jax", "torch")
]
everywhere = pytest.mark.parametrize("library", LIBRARIES)


WORK = {name: work for name, work in FUNCTIONS.items() if name != "784-500-400-10"}


def _numbers(array: Any) -> Any:
    """An array of any library, wherever it is, as one of NumPy."""
    return numpy.asarray(array.cpu() if hasattr(array, "cpu") else array)


def _largest_difference(right: Any, found: Any) -> float:
    one, other = _numbers(right).astype(float), _numbers(found).astype(float)
    assert one.shape == other.shape
    return float(numpy.abs(one - other).max() / max(numpy.abs(one).max(), 1e-300))


def _answers(program: Program, arrays: list[Any]) -> tuple[Any, Any]:
    return program.loss_and_gradient(*arrays) if len(program.parameters) else program.value_and_grad(*arrays)


@everywhere
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", WORK)
def test_a_program_gives_what_it_gives_in_numpy(name: str, dtype: str, library: str) -> None:
    function, example, arrays = WORK[name]()
    expected = _answers(trace(function, *example, dtype=dtype), arrays)
    program = trace(function, *example, dtype=dtype, backend=library)
    found = _answers(program, arrays)
    assert program.backend == library
    assert all(isinstance(each, numpy.ndarray | numpy.generic) and each.dtype == dtype for each in found)
    tolerance = ROUNDING[library] if dtype == "float64" else NARROW
    assert max(map(_largest_difference, expected, found)) <= tolerance


def test_a_network_of_600_000_parameters() -> None:
    function, example, arrays = network([784, 500, 400, 10], "relu", cross_entropy, 16)
    program = trace(function, *example, verify=False)
    reports = [program.parity(library, *arrays) for library in ("jax", "torch") if is_here(library)]
    if not reports:
        pytest.skip("neither JAX nor PyTorch is installed")
    assert all(report.worst <= 1e-12 for report in reports)


@everywhere
def test_a_small_gpt(library: str) -> None:
    assert small_gpt().parity(library).worst <= 1e-12


@everywhere
def test_the_command_prints_a_line_for_each_function_and_library(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["unit", "xor"])
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()]
    [unit] = [row for row in cells if row[:2] == ["unit", library]]
    [xor] = [row for row in cells if row[:2] == ["xor", library]]
    assert unit[2:4] == ["7", "0"]
    assert xor[2:4] == ["4", "9"]
    assert all(float(cell) <= ROUNDING[library] for row in (unit, xor) for cell in row[4:6])
    main(["2-2-1", "--arrays"])
    assert f"2-2-1 in {library}" in capsys.readouterr().out


def test_a_function_that_the_command_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["unit", "zebra"])
    assert "there is no zebra; there are unit, 2-2-1, xor, moons, digits, 784-500-400-10, gpt" in capsys.readouterr().err


def test_the_page_s_commands_and_tolerances_are_those_here() -> None:
    page = (REPOSITORY / "docs" / "scale.md").read_text()
    [names] = re.findall(r"`python -m benchmarks --only ([\w,-]+) --targets`", page)
    assert set(names.split(",")) == {name for name, workload in WORKLOADS.items() if "module" in workload.makers}
    assert "`python -m benchmarks.parity`" in page
    assert f"of an array | {ROUNDING['jax']:g} | {ROUNDING['torch']:g} |" in page
    assert f"| float32 | {NARROW:g} | {NARROW:g} |".replace("e-05", "e-5") in page


@everywhere
@pytest.mark.parametrize("name", ["modules-small", "modules-gpt"])
def test_the_modules_that_are_measured_are_the_functions_by_hand(name: str, library: str) -> None:
    workload, found = WORKLOADS[name], {}
    for engine in {"jax": (IN_JAX, "JAX"), "torch": (IN_TORCH, "torch")}[library]:
        work = workload.make(ENGINES[engine], "", workload.quick[0])
        timed(work)
        found[engine] = list(work.gradient)
    compare(found)


# ---- modules -----------------------------------------------------------------------------------------------------------------


class Saved(NamedTuple):
    """A saved module, and what it needs of its library."""

    names: dict[str, Any]
    array: Callable[[Any], Any]
    slopes: Callable[[Callable[..., Any], Any], Any]
    compiled: Callable[..., Any]


@pytest.fixture
def saved(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[Program, str, str], Saved]]:
    """Saves a program and loads the module, in JAX with numbers of 64 bits where they are asked for."""
    contexts = []

    def load(program: Program, library: str, dtype: str = "float64") -> Saved:
        path = program.save(tmp_path / f"step_{library}.py", dialect=library)
        if library == "jax":
            import jax

            context = jax.enable_x64(dtype == "float64")
            context.__enter__()
            contexts.append(context)
            return Saved(run_path(str(path)), lambda x: jax.numpy.asarray(x, dtype), lambda f, x: jax.grad(f)(x), jax.jit)
        import torch

        def slopes(function: Callable[..., Any], tree: dict[str, Any]) -> dict[str, Any]:
            leaves = {name: each.detach().requires_grad_() for name, each in tree.items()}
            found = torch.autograd.grad(function(leaves), list(leaves.values()), allow_unused=True, materialize_grads=True)
            return dict(zip(leaves, found, strict=True))

        compiled = lambda f: torch.compile(f, fullgraph=True, backend="eager")  # noqa: E731
        return Saved(run_path(str(path)), lambda x: torch.tensor(x, dtype=getattr(torch, dtype)), slopes, compiled)

    yield load
    for context in contexts:
        context.__exit__(None, None, None)


@everywhere
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["2-2-1", "moons", "digits"])
def test_the_derivative_of_the_emitted_forward_is_the_emitted_backward(
    name: str, dtype: str, library: str, saved: Callable[..., Saved]
) -> None:
    function, example, arrays = WORK[name]()

    def cost(model: Any, x: Any, y: Any) -> Any:
        return function(model, x, y)

    program = trace(cost, *example, dtype=dtype)
    module = saved(program, library, dtype)
    tree = module.names["split"](module.array(program.parameters))
    given = [module.array(array) for array in arrays]
    value, gradient = module.compiled(module.names["cost_and_gradient"])(tree, *given)
    theirs = module.slopes(lambda tree: module.names["cost"](tree, *given), tree)
    expected, whole = program.loss_and_gradient(*arrays)
    tolerance = ROUNDING[library] if dtype == "float64" else NARROW
    assert _largest_difference(expected, value) <= tolerance
    assert gradient.keys() == tree.keys() == theirs.keys()
    assert str(gradient["W1"].dtype).endswith(dtype)
    right = module.names["split"](whole)
    for part, slope in gradient.items():
        assert _largest_difference(right[part], slope) <= tolerance
        assert _largest_difference(theirs[part], slope) <= 10 * tolerance


@everywhere
def test_a_module_needs_its_library_alone(library: str, tmp_path: Path) -> None:
    function, example, _ = WORK["digits"]()
    path = trace(function, *example).save(tmp_path / "step.py", dialect=library)
    imports = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
    assert imports == (["import jax.numpy as jnp"] if library == "jax" else ["import torch"])


@everywhere
def test_names_of_users_do_not_meet_those_of_the_module(library: str) -> None:
    names = [
        "jnp",
        "check",
        "jax",
        "torch",
        "split",
        "forward",
        "tree",
        "value",
        "finite",
        "v1",
        "rest",
        "f_and_gradient",
        'q"""\nimport os',
    ]
    given = [Value(0.1 * (place + 1), label=name) for place, name in enumerate(names)]

    def f(split: Any, jnp: Any) -> Any:
        return sum((al.tanh(each * split) * jnp for each in given), 0.0)

    program = trace(f, 0.5, 0.25, parameters=given, backend=library)
    right = trace(f, 0.5, 0.25, parameters=given)
    x, y = [0.5, 1.0, -2.0], [1.0, 2.0, 3.0]
    assert max(map(_largest_difference, right.loss_and_gradient(x, y), program.loss_and_gradient(x, y))) <= 1e-13
    assert "\nimport os" not in program.source_in(library)


@everywhere
def test_parts_of_arrays_and_places_that_come_twice(library: str) -> None:
    """Padded slices, and places that are gathered in no order: added up, and never written to."""

    def f(x: Any) -> Any:
        return x[0] * x[3] + sum(exp(x[place]) * x[-place - 1] for place in (0, 2, 2, 5)) + al.log_softmax(x[1:4])[1]

    x = numpy.random.default_rng(1).normal(size=(5, 6))
    right, found = (trace(f, [0.1] * 6, backend=backend).value_and_grad(x) for backend in ("numpy", library))
    assert max(map(_largest_difference, right, found)) <= 1e-13


@everywhere
def test_one_number_that_the_others_of_its_array_meet(library: str) -> None:
    numbers = [Value(0.1 * count + 0.2) for count in range(9)]
    program = trace(lambda: al.total([al.sin(number * numbers[3]) for number in numbers]), parameters=numbers, backend=library)
    al.total([al.sin(number * numbers[3]) for number in numbers]).backward()
    assert program.loss_and_gradient()[1] == pytest.approx([value.grad for value in program.parameter_values], rel=1e-13)


@everywhere
def test_no_rows_of_a_program_are_those_of_its_user(library: str) -> None:
    """What is given back is the user's own: not a view of the arguments, and writable."""
    x = numpy.array([1.0, 2.0, 3.0])
    found = trace(lambda x: x, 1.0, backend=library)(x)
    found += 1.0
    assert x.tolist() == [1.0, 2.0, 3.0]
    x.flags.writeable = False
    assert trace(lambda x: x * 2.0, 1.0, backend=library)(x[::-1]).tolist() == [6.0, 4.0, 2.0]


@everywhere
def test_whole_numbers_remainders_and_signs(library: str) -> None:
    def f(x: Any, y: Any) -> Any:
        return sum(
            [x % y, x // y, 2.5 // y, x % 2.5, al.copysign(x, y), al.copysign(2.0, y), al.remainder(x, y), al.trunc(x), al.rint(x)],
            0.0,
        )

    x, y = [2.5, -3.5, 0.5, 7.0, -0.75], [2.0, 1.5, -0.75, -3.0, 4.0]
    right, found = (trace(f, 0.3, 1.2, backend=backend).value_and_grad(x, y) for backend in ("numpy", library))
    assert max(map(_largest_difference, right, found)) <= 1e-13


# ---- refusals ----------------------------------------------------------------------------------------------------------------


def bent(x: Any) -> Any:
    """Goes another way below 0."""
    return log(1.0 + x) if x > 0 else x


@everywhere
def test_a_guard_is_found_changed_in_the_same_row_and_line(library: str, saved: Callable[..., Saved]) -> None:
    errors = []
    for backend in ("numpy", library):
        with pytest.raises(BranchChanged) as caught:
            trace(bent, 1.0, backend=backend)([3.0, 2.0, -2.0, -1.0])
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    assert errors[1].row == 2
    assert errors[0].place == errors[1].place
    assert trace(bent, 1.0, backend=library, on_branch="retrace")([3.0, -2.0]).tolist() == pytest.approx([1.3862943611198906, -2.0])
    module = saved(trace(bent, 1.0), library)
    _, changed = module.compiled(module.names["bent"])(module.array([3.0, 2.0, -2.0]))
    assert _numbers(changed).tolist() == [[False], [False], [True]]
    with pytest.raises(module.names["BranchChanged"], match=r"row 2 takes another branch at line \d+ of test_array_dialects.py"):
        module.names["check"](changed)
    module.names["check"](module.names["bent"](module.array([3.0, 2.0]))[1])


@everywhere
@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (log, [2.0, -1.0]),
        (lambda x: 1.0 / exp(x), [1.0, 1000.0]),  # which 0 hides
        (lambda x: al.atan(1.0 / x), [1.0, 0.0]),
        (lambda x: where(sigmoid(log(x)) > 0.5, 1.0, 0.0), [1.0, -1.0]),
        (al.sqrt, [1.0, -4.0]),
    ],
)
def test_outside_a_domain_it_raises_what_numpy_s_program_raises(function: Any, rows: list[float], library: str) -> None:
    errors = []
    for backend in ("numpy", library):
        with pytest.raises((ArithmeticError, ValueError)) as caught:
            trace(function, rows[0], backend=backend)(rows)
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1])
    assert str(errors[0]) == str(errors[1])


ROUND = [2.5, -2.5, 3.5, 0.5, -0.5, 0.0, -0.0, 1e17, -7.0, 7.5, 150.0, numpy.nan]
TURNS = [1.0, 0.1, 3.0, -3.0, 4.0, numpy.inf, -numpy.inf]


@everywhere
@pytest.mark.parametrize(
    "name",
    [name for name, row in TABLE.items() if row.arity in (1, 2) and not row.takes_list and not row.orders and row.is_builtin],
)
def test_every_row_of_the_table_has_words(name: str, library: str) -> None:
    row = TABLE[name]
    if row.smooth:
        points = [[x + 0.25 * place for place in range(row.arity or 1)] for x in (0.25, 0.5, 1.25)]
        points = [point for point in points if all(x in among for x, among in zip(point, row.domain, strict=True))]
    else:
        points = [list(point) for point in product(*[ROUND, TURNS][: row.arity])]
    right, found = (trace(row, *points[0], backend=backend) for backend in ("numpy", library))
    columns = list(zip(*points, strict=True))
    for one, other in zip(right.value_and_grad(*columns), found.value_and_grad(*columns), strict=True):
        numpy.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-14)
    assert found.parity(library, *columns).worst < 1e-12


@everywhere
def test_tens_and_hundreds_are_rounded_to_even(library: str) -> None:
    rows = [250.0, -350.0, 349.9, 0.0, 1e300, 150.0, -50.0, numpy.nan]
    for places in (0, -1, -2):
        program = trace(lambda x, places=places: round(x, places), 0.3, backend=library)
        numpy.testing.assert_array_equal(program(rows), [x if x != x else round(x, places) for x in rows])


@everywhere
def test_decimals_have_no_words(library: str) -> None:
    with pytest.raises(GraphError, match=r"`round\(x, 2\)` has no form in (JAX|PyTorch): write it in"):
        trace(lambda x: round(x, 2), 0.3, backend=library)([0.3])


@everywhere
@pytest.mark.parametrize("exponent", [-1.0, -numpy.inf])
def test_an_infinite_number_that_comes_in_is_refused_where_numpy_s_program_does(exponent: float, library: str) -> None:
    for backend in ("numpy", library):
        with pytest.raises(al.DomainError, match="the base must be positive"):
            trace(al.power, 0.75, 1.25, backend=backend).gradient([0.5, -numpy.inf], [2.0, exponent])


@everywhere
@pytest.mark.parametrize("name", NEGATIVE_ZEROS)
def test_a_constant_keeps_the_sign_of_its_zero(name: str, library: str) -> None:
    function = NEGATIVE_ZEROS[name]
    assert trace(function, 0.5, backend=library)([-0.5, 0.5]).tolist() == pytest.approx(
        numpy.array(list(map(function, [-0.5, 0.5])))
    )


@everywhere
def test_numbers_that_come_in_infinite_are_carried(library: str) -> None:
    rows = [numpy.nan, 1e200, numpy.inf, 3.0]
    right, found = (trace(lambda x: x * x, 2.0, backend=backend).value_and_grad(rows) for backend in ("numpy", library))
    assert numpy.array_equal(right[0], found[0], equal_nan=True)
    assert numpy.array_equal(right[1], found[1], equal_nan=True)


@everywhere
def test_branches_that_are_not_taken_refuse_nothing(library: str) -> None:
    program = trace(lambda x: where(x > 0, lambda: log(x), 0.0), 1.0, backend=library)
    assert program([1.0, -1.0]).tolist() == [0.0, 0.0]
    assert program.gradient([2.0, -1.0]).ravel().tolist() == [0.5, 0.0]


@everywhere
def test_a_choice_that_is_known_when_it_is_written_has_no_axes(library: str) -> None:
    """Its slope is a plain number, where the other branch would have made it an array."""

    def f(x: Any, y: Any) -> Any:
        inner = al.jacobian(lambda c: [2.0, c])(x[0])[0][0]
        return where(inner < 0.5, y, al.exp(x[0] - x[0]) / 3.0)

    right, found = (trace(f, [1.5], -1.3, backend=backend).gradient([[1.5], [1.25]], [-1.0, 2.0]) for backend in ("numpy", library))
    assert found.tolist() == right.tolist() == [[0.0, 1.0]] * 2


@everywhere
def test_a_wrong_word_is_found_before_the_first_answer(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    dialect = {"jax": JAX, "torch": TORCH}[library]
    wrong = replace(dialect, functions={**dialect.functions, "tanh": f"{dialect.prefix}sin"})
    monkeypatch.setattr(array_backends.ARRAY_BACKENDS[library], "dialect", wrong)
    with pytest.raises(ProgramMismatch):
        trace(lambda x: al.tanh(x), 0.5, backend=library)([0.5])
    with pytest.raises(ProgramMismatch):
        trace(lambda x: al.tanh(x), 0.5).source_in(library)


@pytest.mark.parametrize("library", ["jax", "torch"])
def test_where_a_library_is_missing_one_line_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    program = trace(lambda x: x * x, 1.0)
    for ask in (
        lambda: trace(lambda x: x * x, 1.0, backend=library),
        lambda: program.source_in(library),
        lambda: program.parity(library, [1.0]),
    ):
        with pytest.raises(ModuleNotFoundError, match=rf'pip install "autograd_lite\[{library}\]"$') as caught:
            ask()
        assert "\n" not in str(caught.value)


def test_neither_library_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys; from autograd_lite.program import trace; p = trace(lambda x: x * x, 1.0); p([1.0]); p.source;"
        "assert not {'jax', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not is_here("jax"), reason='JAX is not installed: pip install "autograd_lite[jax]"')
def test_what_the_user_has_set_in_jax_stays() -> None:
    import jax

    before = jax.config.jax_enable_x64
    assert trace(lambda x: x / 3.0, 1.0, backend="jax")([1.0]).tolist() == [1.0 / 3.0]
    assert jax.config.jax_enable_x64 is before
    assert jax.numpy.ones(1).dtype == ("float64" if before else "float32")


# ---- reports and random programs -----------------------------------------------------------------------------------------------


@everywhere
def test_the_parity_report_is_a_table(library: str) -> None:
    function, example, arrays = WORK["2-2-1"]()
    report = trace(function, *example).parity(library, *arrays)
    assert [each.name for each in report.differences] == ["value", "d W1", "d b1", "d W2", "d b2"]
    assert report.worst <= ROUNDING[library]
    assert [line.split()[0] for line in str(report).splitlines() if line] == [
        *("array", "value", "d", "d", "d", "d"),
        *("library", "numpy", library),
    ]
    assert report._repr_html_().count("<tr>") == 9
    assert all(first >= step > 0.0 for first, step in zip(report.first, report.step, strict=True))


def test_parity_with_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="parity is shown in 'jax' or 'torch', got 'numpy'"):
        trace(lambda x: x, 1.0).parity("numpy", [1.0])


@everywhere
def test_random_programs(library: str) -> None:
    report = campaign(range(300, 300 + FUZZED[library]), quick=True, backend=library)
    assert not report.failed, str(report)


@everywhere
def test_fit_trains_there(library: str) -> None:
    from autograd_lite.datasets import moons
    from autograd_lite.optim import Adam
    from autograd_lite.training import fit

    costs = []
    for backend in ("numpy", library):
        model = MLP(2, [4, 1], "tanh", seed=0)
        history = fit(
            model, moons(20, seed=0), hinge, Adam(model.parameters()), epochs=2, batch_size=10, engine="program", backend=backend
        )
        costs.append([*history.costs, *(parameter.data for parameter in model.parameters())])
    assert costs[1] == pytest.approx(costs[0], rel=1e-9, abs=1e-9)  # Adam makes much of a gradient that is nearly 0


@pytest.mark.skipif(not is_here("torch"), reason='PyTorch is not installed: pip install "autograd_lite[torch]"')
def test_arrays_go_to_the_default_device_of_pytorch() -> None:
    import torch

    backend = ARRAY_BACKENDS["torch"]()
    numbers = numpy.ones(3)
    assert backend.given(numbers).data_ptr() == numbers.ctypes.data  # a processor's are not copied
    with torch.device("meta"):
        assert backend.given(numbers).device.type == "meta"


@pytest.mark.skipif(not is_here("jax"), reason='JAX is not installed: pip install "autograd_lite[jax]"')
def test_jax_multiplies_in_full_precision_unless_it_was_told_otherwise() -> None:
    import jax

    def precision() -> str:
        with ARRAY_BACKENDS["jax"]().context("float32"):
            return str(jax.config.jax_default_matmul_precision)

    assert precision() == "highest"
    with jax.default_matmul_precision("tensorfloat32"):
        assert precision() == "tensorfloat32"
    assert jax.config.jax_default_matmul_precision is None


@everywhere
def test_what_is_measured_on_a_gpu_is_the_function_by_hand(library: str) -> None:
    work = network([6, 5, 4, 3], "relu", cross_entropy, 12)
    pictures = Dataset(*work.arrays)
    epochs = {each.name: each for each in (InJax, InTorch)}[library](work.program(), pictures, "float64")
    sides = next(epochs.sides(4))
    measured(epochs, sides, 1)
    assert [len(side.seconds) for side in sides] == [2, 2]
    assert max(abs(epochs.numbers(sides[0].epoch(epochs.start)["W1"] - epochs.start["W1"])).ravel()) > 0.01  # it has learned
    assert epochs.difference(sides) <= 1e-13
