"""Programs as modules of JavaScript: run in node, held against the engine's own forward and backward pass."""

import math
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import autograd_lite as al
from autograd_lite import Value, log, norm, sqrt, tanh, where
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.nn import MLP
from autograd_lite.program import Program, ProgramMismatch, TraceError, trace
from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.capture.reruns import OtherBranch
from autograd_lite.program.ir.engine_pass import engine_pass
from autograd_lite.testing.fuzzing.eager import Answer, answer
from autograd_lite.testing.fuzzing.generator import generated
from benchmarks.javascript import measured
from tests.fuzzing.branches import branches, needed_failures
from tests.fuzzing.rounding import rounding
from tests.node import answers, needs_node, units
from tests.own_primitives import Branching, Geometric, Huber

PROGRAMS = 300
MOST = 4.0  # units in the last place, where `Math` has other digits than Python's math

_CALL = """
const found = [];
for (const [name, args] of given) {
  const program = await import(`./m${name}.mjs`);
  const all = tried(() => program.valueAndGradient(...args));
  const refused = !Array.isArray(all);
  found.push([all, tried(() => program.value(...args)), refused ? [] : program.steps(...args).map((row) => row.slice(1))]);
}
return found;
"""


class Asked(NamedTuple):
    """A row that a program of the generator is asked for, and what the engine says of it."""

    name: int
    row: Sequence[Any]
    given: list[Any]
    found: Answer
    slopes: list[float]
    flipped: bool
    needed: bool


def _slopes(found: Answer) -> list[float]:
    """What `backward` adds to the parameters, then to the arguments, for each result."""
    leaves, slopes = [*found.parameters, *found.inputs], []
    for output in found.outputs:
        for leaf in leaves:
            leaf.grad = 0.0
        if output.requires_grad:
            output.backward()
        slopes += [leaf.grad for leaf in leaves]
    return slopes


@pytest.fixture(scope="module")
def drawn() -> tuple[dict[int, Program], list[Asked]]:
    """Random programs, and rows for each of them."""
    programs, asked = {}, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(PROGRAMS):
            case = generated(seed, rows=4)
            ready = case.ready()
            try:
                program = trace(ready.function, *ready.given, parameters=ready.owned)
            except TraceError:
                continue  # one that reads a number past the graph
            programs[seed] = program
            owned = [program.parameters.tolist()] if len(program.parameters) else []
            way = branches(ready, case.example)
            for row in [case.example, *case.rows]:
                found = answer(ready, row, program.parameter_values)
                needed = found.error is not None and bool(needed_failures(ready, row))
                asked.append(Asked(seed, row, [*owned, *row], found, _slopes(found), branches(ready, row) != way, needed))
    assert len(programs) > 0.95 * PROGRAMS
    return programs, asked


def _flat(found: Any) -> list[float]:
    return [found] if isinstance(found, float | int) else [number for part in found for number in _flat(part)]


def test_the_pass_is_the_engine_s_to_the_last_bit(drawn: tuple[dict[int, Program], list[Asked]]) -> None:
    """What the text is written from: computed in Python, with Python's own digits, nothing differs.

    But for the order in which a leaf adds up what it gets, where paths of equal length meet in it again: a last digit, rarely.
    """
    programs, asked = drawn
    lines = {name: engine_pass(program._replay.run, program._replay.lowered.order) for name, program in programs.items()}
    compared = exact = 0
    for each in asked:
        line, leaves = lines[each.name], _flat(each.given)
        if each.flipped or each.found.error:
            continue
        for place in range(len(line.outputs)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                values, slopes = line.run(leaves, place)
            expected = each.slopes[place * len(leaves) : (place + 1) * len(leaves)]
            assert list(map(units, values, each.found.values)) == [0.0] * len(values)
            assert max(map(units, slopes, expected), default=0.0) <= 2.0 * MOST
            compared += 1
            exact += all(units(slope, right) == 0.0 for slope, right in zip(slopes, expected, strict=True))
    assert compared > 3 * PROGRAMS
    assert exact >= 0.99 * compared


@needs_node
def test_random_programs_give_what_the_engine_gives(drawn: tuple[dict[int, Program], list[Asked]], tmp_path: Path) -> None:
    programs, asked = drawn
    for name, program in programs.items():
        program.save(tmp_path / f"m{name}.mjs", dialect="javascript")
    compared = exact = 0
    found = answers(_CALL, [[float(each.name), each.given] for each in asked], tmp_path)
    for each, (all_, alone, _) in zip(asked, found, strict=True):
        told = programs[each.name], each.row, all_
        if isinstance(all_, dict):
            if all_["error"] == "BranchChanged":
                assert each.flipped, told
            else:
                assert each.found.error, told
            continue
        assert not each.flipped, told
        if each.found.error:
            assert not each.needed, told
            continue
        values, slopes = map(_flat, all_)
        assert list(map(units, _flat(alone), values)) == [0.0] * len(values)
        compared += 1
        exact += all([_held(values, each.found, 0, each.found.values), _held(slopes, each.found, 1, each.slopes)])
    assert compared > 4 * PROGRAMS
    assert exact > 0.9 * compared


def _held(numbers: list[float], found: Answer, order: int, expected: list[float]) -> bool:
    """Whether numbers are equal to the bit; fails where they differ by more than `Math` explains."""
    assert len(numbers) == len(expected)
    for place, (number, right) in enumerate(zip(numbers, expected, strict=True)):
        if units(number, right) > MOST:  # what cancels magnifies the last digits of what it is made from
            bound = _bound(found, order, place)
            near = abs(number - right) <= 2.0 * MOST * bound if math.isfinite(bound) else units(number, right) <= 16.0 * MOST
            assert near, (number, right, bound)
    return all(units(number, right) == 0.0 for number, right in zip(numbers, expected, strict=True))


def _bound(found: Answer, order: int, place: int) -> float:
    if order == 0:
        return rounding(found, 0, place)
    result, leaf = divmod(place, len(found.parameters) + len(found.inputs))
    if leaf < len(found.parameters):
        return rounding(found, -1, result * len(found.parameters) + leaf)
    return rounding(found, 1, result * len(found.inputs) + leaf - len(found.parameters))


# ---- a module, and what it asks and refuses ----------------------------------------------------------------------------------


def _run(program: Program, folder: Path, script: str, given: Any = ()) -> Any:
    """What a script answers, to which the program's module is known as `module`."""
    program.save(folder / "module.mjs", dialect="javascript")
    return answers(f'const module = await import("./module.mjs");\n{script}', list(given), folder)


def _neuron(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
    return tanh(x1 * w1 + x2 * w2 + b)


_POINT = [2.0, 0.0, -3.0, 1.0, 6.8813735870195432]


@needs_node
def test_every_intermediate_value_comes_with_its_adjoint(tmp_path: Path) -> None:
    def labelled(x: Any, y: Any) -> Any:
        z = x * y
        z.label = "z <b>"
        return log(z) + z * z

    steps = _run(trace(labelled, 2.0, 3.0), tmp_path, "return module.steps(2, 3);")
    x, y = Value(2.0), Value(3.0)
    z = x * y
    logarithm, square = log(z), z * z
    out = logarithm + square
    out.backward()
    assert [row[0] for row in steps] == ["z <b>", "t2", "t3", "t4"]
    numbers = [[6.0, z.grad], [logarithm.data, logarithm.grad], [36.0, square.grad], [out.data, 1.0]]
    assert [row[1:] for row in steps] == numbers
    assert x.grad == 3.0 * z.grad


@needs_node
def test_derivatives_have_the_shape_of_the_arguments(tmp_path: Path) -> None:
    program = trace(lambda x, rows, unused: x * rows[0][1] + rows[1][0] ** 2, 2.0, [[1.0, 2.0], [3.0, 4.0]], [5.0])
    value, slopes = _run(program, tmp_path, "return module.valueAndGradient(2, [[1, 2], [3, 4]], new Float64Array([5]));")
    assert value == 13.0
    assert slopes == [2.0, [[0.0, 2.0], [6.0, 0.0]], [0.0]]


@needs_node
def test_several_results_have_a_gradient_each(tmp_path: Path) -> None:
    program = trace(lambda x, y: [x * y, x, 7.0, log(y)], 2.0, 4.0)
    found = _run(program, tmp_path, "return [module.value(2, 4), module.gradient(2, 4), module.steps(2, 4).map((row) => row[1])];")
    assert found[0] == [8.0, 2.0, 7.0, math.log(4.0)]
    assert found[1] == [[4.0, 2.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.25]]
    assert found[2] == [8.0, math.log(4.0)]


@needs_node
def test_parameters_come_first_with_their_numbers_of_now(tmp_path: Path) -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    program = trace(lambda model, x, y: (model(x) - y) ** 2, model, [0.5, -0.25], 1.0)
    program.parameters[0] = 0.75
    script = "return [module.parameters, ...module.valueAndGradient(module.parameters, [0.5, -0.25], 1)];"
    numbers, value, (slopes, _, _) = _run(program, tmp_path, script)
    assert numbers == program.parameters.tolist()
    assert numbers[0] == 0.75
    mean, gradient = program.loss_and_gradient([[0.5, -0.25]], [1.0])
    assert value == pytest.approx(mean, rel=1e-14)
    assert slopes == pytest.approx(gradient.tolist(), rel=1e-13)


@needs_node
def test_another_branch_is_refused_with_its_line(tmp_path: Path) -> None:
    def kinked(x: Any) -> Any:
        if x > 1.0:
            return x * x
        return -x

    script = (
        "return [module.value(3), ...[module.value, module.gradient, module.steps].map((call) => tried(() => call(given[0])))];"
    )
    for number in (0.5, math.nan):
        found = _run(trace(kinked, 2.0), tmp_path, script, [number])
        assert found[0] == 9.0
        assert [each["error"] for each in found[1:]] == ["BranchChanged"] * 3
        assert all("if x > 1.0:" in each["place"] and each["place"] in each["message"] for each in found[1:])


@needs_node
@pytest.mark.parametrize(
    ("function", "inside", "outside"),
    [
        (log, 2.0, -1.0),
        (log, 2.0, 0.0),
        (sqrt, 2.0, -1.0),
        (lambda x: 1.0 / x, 2.0, 0.0),
        (lambda x: x**-1.5, 2.0, 0.0),
        (lambda x: x**0.5, 2.0, -2.0),
        (lambda x: 2.0**x, 2.0, 2000.0),
        (al.exp, 1.0, 800.0),
        (al.sin, 1.0, math.inf),
        (lambda x: al.fmod(5.0, x), 2.0, 0.0),
        (lambda x: al.total([x, -x]), 1.0, math.inf),
        (lambda x: (x * 1e100) ** 2, 1.0, 1e60),
        (lambda x: where(x > 0.0, x, lambda: x / 0.0), 1.0, -1.0),
        (lambda x: where(x > 0.0, x, lambda: x + log(al.constant(-1.0))), 1.0, -1.0),
    ],
)
def test_what_the_engine_refuses_is_refused(function: Any, inside: float, outside: float, tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError):
        function(Value(outside))
    script = "return [module.value, module.gradient, module.steps].map((call) => tried(() => call(given[0])).error);"
    assert _run(trace(function, inside), tmp_path, script, [outside]) == ["RangeError"] * 3


@needs_node
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -0.0, 0.0])
def test_numbers_that_are_none_are_carried(number: float, tmp_path: Path) -> None:
    def function(x: Any) -> Any:
        return al.tanh(x) * 2.0 + al.maximum(x, 0.0) - x

    x = Value(number)
    out = function(x)
    out.backward()
    found = _run(trace(function, 1.0), tmp_path, "return module.valueAndGradient(given[0]);", [number])
    assert list(map(units, _flat(found), [out.data, x.grad])) == [0.0, 0.0]


@needs_node
def test_only_the_branch_taken_is_computed_and_differentiated(tmp_path: Path) -> None:
    def function(x: Any) -> Any:
        steep = sqrt(x)  # an infinite slope at 0, which must not meet a factor of 0
        inner = where(x > 2.0, lambda: log(x - 2.0), lambda: where(x > 1.0, lambda: log(2.0 - x) * x, steep))
        return where(x > 0.0, inner, x * 3.0) + where(x == 0.0, 1.0, lambda: 1.0 / x)

    numbers = [3.0, 1.5, 0.5, 0.0]
    script = "return given.map((x) => module.valueAndGradient(x));"
    found = _run(trace(function, 3.0), tmp_path, script, numbers)
    for number, (value, slopes) in zip(numbers, found, strict=True):
        x = Value(number)
        out = function(x)
        out.backward()
        assert (value, slopes) == (pytest.approx(out.data, rel=1e-15), [pytest.approx(x.grad, rel=1e-15)]), number


@needs_node
@pytest.mark.parametrize(
    ("call", "second", "message"),
    [
        ("module.value(1)", None, "y is made of numbers, got undefined"),
        ("module.value('1', [1, 2])", [1.0, 2.0], "x is made of numbers, got string"),
        ("module.value(1, [1])", [1.0, 2.0], "y has a list of 2, got one of 1"),
        ("module.value(1, 3)", [1.0, 2.0], "y has a list of 2, got number"),
        ("module.gradient(1, [1, null])", [1.0, 2.0], "y is made of numbers, got object"),
        ("module.steps(1)", [1.0, 2.0], "y has a list of 2, got undefined"),
    ],
)
def test_arguments_of_another_kind_are_refused(call: str, second: Any, message: str, tmp_path: Path) -> None:
    program = trace((lambda x, y: x * y) if second is None else (lambda x, y: x * y[0] * y[1]), 1.0, second or 2.0)
    found = _run(program, tmp_path, f"return tried(() => {call});")
    assert (found["error"], found["message"]) == ("TypeError", message)


@needs_node
def test_names_of_users_cannot_meet_those_of_the_language_or_of_each_other(tmp_path: Path) -> None:
    names = [
        "let",
        "eval",
        "arguments",
        "Math",
        "v1",
        "t1",
        "d_x",
        "x",
        "x_0",
        "real",
        "fail",
        "seen",
        "value",
        "log",
        "NaN",
        "Infinity",
    ]
    names += [
        "undefined",
        "static",
        "π",
        "größe",
        "number",
        "parameters",
        "found",
        "given",
        "steps",
        "partials",
        "place",
        "norm_partials",
    ]
    scope: dict[str, Any] = {"log": log, "norm": norm, "where": where}
    text = f"def function({', '.join(names)}):\n    return " + " + ".join(
        f"{name} * {place + 1}.0" for place, name in enumerate(names)
    )
    exec(text.replace("log *", "(log * 1.0) *"), scope)
    numbers = [1.0 + place / 8.0 for place in range(len(names))]
    script = "return module.valueAndGradient(...given);"
    value, slopes = _run(trace(scope["function"], *numbers), tmp_path, script, numbers)
    assert value == scope["function"](*numbers)
    assert slopes == [place + 1.0 for place in range(len(names))]


@needs_node
@pytest.mark.parametrize(
    "text",
    [
        "*/ throw 1 //",
        "\n throw 1",
        "\u2028throw 1",
        "\\",
        "`${1}`",
        '"',
        "</script><!--",
        "\x00",
        "partials$t1",
        "d_t1",
        "t1",
        "x" * 5000,
        "__proto__",
        "\ud800",
        "a\u202eb",
        "class",
    ],
)
def test_texts_of_users_stay_texts(text: str, tmp_path: Path) -> None:
    def function(x: Any) -> Any:
        y = x * x
        y.label = text
        z = norm([y, x, y * x]) + y
        z.label = text
        return z

    function.__name__ = text
    program = trace(function, 2.0)
    source = program.source_in("javascript")
    assert "</script" not in source
    assert "<!--" not in source
    value, name = _run(
        program, tmp_path, "return [module.value(3), [...module.steps(3)[0][0]].map((each) => each.codePointAt(0))];"
    )
    assert value == function(Value(3.0)).data
    assert "".join(map(chr, map(int, name))) == text


# ---- sizes, and other numbers --------------------------------------------------------------------------------------------------


@needs_node
def test_long_wide_and_tiny_programs(tmp_path: Path) -> None:
    def long(x: Any) -> Any:
        for place in range(2_000):
            x = x * 0.999 + (place % 3) * 0.001 if place % 2 else tanh(x)
        return x

    def wide(x: Any) -> Any:
        return al.dot(x, x) + norm(x) + al.total(x) + al.logsumexp(x)

    for function, given in (
        (long, [0.5]),
        (wide, [[math.sin(place) for place in range(3_000)]]),
        (lambda x: x * 1e-320 + 5e-324, [2.0]),
    ):
        program = trace(function, *given)
        value, slopes = _run(program, tmp_path, "return module.valueAndGradient(...given);", given)
        leaves = [Value(number) for number in _flat(given)]
        out = function(leaves if isinstance(given[0], list) else leaves[0])
        out.backward()
        assert units(value, out.data) <= 64
        assert _flat(slopes) == pytest.approx([leaf.grad for leaf in leaves], rel=1e-13, abs=1e-300)


@needs_node
def test_derivatives_inside_are_there_too(tmp_path: Path) -> None:
    def function(x: Any, y: Any) -> Any:
        inner = al.calculus.grad(lambda t: al.sin(t) * al.exp(y * t))
        return inner(x) ** 2 + al.calculus.grad(inner)(x)

    numbers = [0.75, 0.5]
    found = _run(trace(function, *numbers), tmp_path, "return module.valueAndGradient(...given);", [1.25, -0.5])
    assert found[0] == pytest.approx(function(1.25, -0.5), rel=1e-13)
    assert found[1] == pytest.approx(list(al.calculus.grad(function)(1.25, -0.5)), rel=1e-12)


@needs_node
def test_the_benchmark_measures_what_the_page_shows() -> None:
    found = measured(10)
    page = (Path(__file__).parents[2] / "docs" / "javascript.md").read_text()
    for each in found:
        assert f"| {each.module:,} bytes | {each.core:,} bytes |" in page
        assert each.nanoseconds > 1.0


def test_the_readme_s_neuron_is_small() -> None:
    source = trace(_neuron, *_POINT).source_in("javascript")
    assert len(source) < 2_300
    core = re.search(r"export const valueAndGradient.*?\n};", source, re.DOTALL)
    assert core
    assert not re.search(r"log|erf|hypot|total", source)


# ---- proved, or refused ----------------------------------------------------------------------------------------------------------


def test_the_pass_is_held_against_eager_before_its_text_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    right = NumberedGraph.operands

    def swapped(self: NumberedGraph, node: int) -> Any:
        return (
            right(self, node)[::-1]
            if self._apart and getattr(self.primitives[node], "name", "") == "subtract"
            else right(self, node)
        )

    monkeypatch.setattr(NumberedGraph, "operands", swapped)
    program = trace(lambda x, y: (x - y) * x, 2.0, 3.0)
    with pytest.raises(ProgramMismatch, match="a derivative of result 0 of the program `lambda` gives"):
        program.source_in("javascript")
    assert "x - y" in program.source_in("numpy")


def test_a_guard_of_the_pass_raises_in_python_too() -> None:
    program = trace(lambda x: x * x if x > 1.0 else x, 2.0)
    line = engine_pass(program._replay.run, program._replay.lowered.order)
    assert line.run([3.0], 0) == ([9.0], [6.0])
    with pytest.raises(OtherBranch, match="x > 1"):
        line.run([0.5], 0)


def test_dialects_are_refused_by_name_and_by_their_numbers(tmp_path: Path) -> None:
    program = trace(lambda x: x * x, 2.0)
    assert program.source_in() == program.source_in("numpy") == program.source
    with pytest.raises(ValueError, match=r"a program is written in 'numpy' .* or 'javascript', got 'fortran'"):
        program.save(tmp_path / "f.f90", dialect="fortran")
    assert not (tmp_path / "f.f90").exists()
    with pytest.raises(ValueError, match="JavaScript computes in float64, and the program in float32"):
        trace(lambda x: x * x, 2.0, dtype="float32").source_in("javascript")
    rate = Value(2.0, label="rate")
    stale = trace(lambda x: rate * x, 2.0)
    rate.data = 3.0
    with pytest.raises(GraphError, match="took it as a constant"):
        stale.source_in("javascript")


def test_the_same_program_has_the_same_bytes() -> None:
    sources = {
        trace(lambda x, y: where(x > y, lambda: log(x), y) * norm([x, y]), 2.0, 1.0).source_in("javascript") for _ in range(3)
    }
    assert len(sources) == 1


@needs_node
def test_a_user_s_own_primitive_writes_itself_into_a_program(tmp_path: Path) -> None:
    huber, geometric = Huber(0.5), Geometric()
    found = _run(
        trace(lambda x, y: huber(x - y) * geometric([x, y, 2.0]), 1.0, 2.0), tmp_path, "return module.valueAndGradient(1.5, 4);"
    )
    x, y = Value(1.5), Value(4.0)
    out = huber(x - y) * geometric([x, y, 2.0])
    out.backward()
    assert list(map(units, _flat(found), [out.data, x.grad, y.grad])) == pytest.approx([0.0] * 3, abs=MOST)
    assert forward(huber, [0.25]) == 0.03125
    beside = trace(lambda x, y: geometric([x, y.detach(), 2.0]), 1.0, 2.0)  # of a list the engine computes all partials
    with pytest.raises(ZeroDivisionError):
        geometric([Value(1.0), al.constant(0.0), 2.0])
    found = _run(beside, tmp_path, "return [module.value(1, 0), tried(() => module.gradient(1, 0))];")
    assert (found[0], found[1]["error"]) == (0.0, "RangeError")
    strange = Branching()
    with pytest.raises(GraphError, match="the rule `forward` of the primitive `branching` has no text in JavaScript"):
        trace(lambda x: strange(x), 2.0, verify=False).source_in("javascript")
