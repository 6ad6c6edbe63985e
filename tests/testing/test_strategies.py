"""Strategies for hypothesis: programs inside their domains by construction, which shrink to snippets that run."""

import math
import pickle
import subprocess
import sys
from typing import Any

import mpmath
import pytest
from hypothesis import find, given, note, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.primitive import Interval, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn import MLP
from autograd_lite.testing import check
from autograd_lite.testing.generate.ranges import Inside, well_inside
from autograd_lite.testing.generate.straight_line import StraightLine
from autograd_lite.testing.generate.strategies import networks, operands, points, programs, special_floats

# Random graphs go through sqrt(x * x) at 0, and nan is what is compared.
pytestmark = pytest.mark.filterwarnings("ignore::autograd_lite.NanGradientWarning")

PUBLIC = [row for row in TABLE.values() if row.public]

# ---- inside the domain -------------------------------------------------------------------------------------------------------


@given(st.data())
def test_programs_have_values_at_their_points(data: st.DataObject) -> None:
    program = data.draw(programs())
    point = data.draw(points(program))
    numbers = program.run(point)
    assert all(map(math.isfinite, numbers))
    leaves = [Value(x) for x in point]
    assert program(*leaves).data == numbers[-1]
    for (primitive, *places), out in zip(program.steps, numbers[program.inputs :], strict=True):
        for place, domain in zip(places, _domains(primitive, len(places)), strict=True):
            assert numbers[place] in domain, f"{primitive} at {numbers[place]!r} -> {out!r}"


def _domains(primitive: Any, count: int) -> list[Interval]:
    return [primitive.domain[min(index, len(primitive.domain) - 1)] for index in range(count)]


@given(st.data())
def test_gradients_of_random_programs_are_never_wrong(data: st.DataObject) -> None:
    program = data.draw(programs(max_nodes=5))
    point = data.draw(points(program))
    note(program.source)
    verdict = check(program, point)
    # Where rounding of a step is magnified by a later one, a claim may be off by more than its own noise shows.
    assert verdict.outcome != "disagrees" or verdict.worst.gap <= 1e-9 * abs(verdict.expected), str(verdict)


@given(st.data())
def test_operands_are_inside(data: st.DataObject) -> None:
    row: Any = data.draw(st.sampled_from(PUBLIC))
    chosen = data.draw(operands(row))
    assert all(x in domain for x, domain in zip(chosen, _domains(row, len(chosen)), strict=True))
    leaves = [Value(x) for x in chosen]
    assert math.isfinite(leaves[0].record(row, leaves).data)


def test_every_primitive_occurs() -> None:
    seen: set[str] = set()

    @settings(max_examples=600)
    @given(programs(max_nodes=8))
    def collect(program: StraightLine) -> None:
        seen.update(step[0].name for step in program.steps)

    collect()
    assert {row.name for row in PUBLIC} <= seen


# ---- what the arguments do ---------------------------------------------------------------------------------------------------


@given(programs([ag.multiply, ag.sin, ag.total], share=False))
def test_without_sharing_a_program_is_a_tree(program: StraightLine) -> None:
    used = [place for _, *places in program.steps for place in places]
    assert len(used) == len(set(used)) or len(program.steps) == 1


@given(programs(smooth=True))
def test_smooth_programs_have_no_kinks(program: StraightLine) -> None:
    assert all(step[0].smooth for step in program.steps)


@given(programs(ops=[ag.exp, ag.add], max_nodes=4, inputs=2))
def test_programs_are_of_the_given_primitives_and_size(program: StraightLine) -> None:
    assert program.inputs <= 2
    own = [step[0] for step in program.steps if not isinstance(step[0], Inside)]
    assert len(own) <= 4
    assert set(own) <= {ag.exp, ag.add}


def test_sharing_is_common() -> None:
    """The same node as both operands, and a result used by two steps."""
    twice = find(programs(), lambda program: any(len(places) == 2 and places[0] == places[1] for _, *places in program.steps))
    assert twice.inputs == 1

    def is_diamond(program: StraightLine) -> bool:
        used = [place for _, *places in program.steps for place in set(places) if place >= program.inputs]
        return len(used) > len(set(used))

    assert len(find(programs(), is_diamond).steps) <= 6


def test_no_primitives_are_refused() -> None:
    with pytest.raises(ValueError, match="needs at least one primitive"):
        find(programs([ag.relu], smooth=True), lambda program: True)


# ---- shrinking and repr ------------------------------------------------------------------------------------------------------


class Wrong(Unary):
    """sin, with a wrong rule."""

    symbol = "wrong({x})"

    def forward(self, x: Any) -> Any:
        return ag.sin(x)

    def dx(self, x: Any, out: Any) -> Any:
        return ag.cos(x) * 1.0005


wrong = Wrong()


def test_a_wrong_rule_shrinks_to_one_step() -> None:
    found = find(programs([*PUBLIC, wrong], max_nodes=6), _is_caught, settings=settings(max_examples=500, database=None))
    assert found == StraightLine(1, [(wrong, 0)])
    assert repr(found) == "StraightLine(1, [(wrong, 0)])"
    assert check(found, (0.5,)).outcome == "disagrees"


def _is_caught(program: StraightLine) -> bool:
    """By a plain difference, which is quick: the shrinker asks hundreds of times."""
    if wrong not in [step[0] for step in program.steps]:
        return False
    point = [low + 0.37 * (high - low) for low, high in program.ranges]
    slopes = ag.jacobian(program)(*point)[0]
    for index, slope in enumerate(slopes):
        above, below = ([x + side * 1e-6 * (i == index) for i, x in enumerate(point)] for side in (1.0, -1.0))
        difference = (program(*above) - program(*below)) / 2e-6
        if abs(slope - difference) > 1e-4 * abs(difference) + 1e-6:
            return True
    return False


@given(st.data())
def test_repr_and_source_are_python(data: st.DataObject) -> None:
    """The house forbids running text of users; this text is the library's own."""
    program = data.draw(programs())
    point = data.draw(points(program))
    names = {"ag": ag, "StraightLine": StraightLine, "Inside": Inside}
    again = eval(repr(program), names)
    assert again == program
    assert again.ranges == program.ranges
    scope: dict[str, Any] = dict(names)
    exec(program.source, scope)
    assert scope["f"](*point) == pytest.approx(program(*point), rel=1e-12, abs=1e-300)
    assert pickle.loads(pickle.dumps(program)) == program


def test_the_source_needs_nothing_but_the_library() -> None:
    program = StraightLine(2, [(ag.dot, 0, 1), (ag.total, 2, 0), (ag.clamp, 3, 0, 1), (ag.primitives.slope, 4, 1)]).guarded()
    assert program.source.splitlines()[1:3] == ["    v2 = ag.testing.as_function(ag.dot)(x0, x1)", "    v3 = ag.total([v2, x0])"]
    assert "ag.primitives.slope(" in program.source
    code = f"import autograd_lite as ag, autograd_lite.testing\n{program}\nprint(f(1.5, 0.5))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(printed) == program(1.5, 0.5)


# ---- programs ----------------------------------------------------------------------------------------------------------------


def test_a_program_answers_in_kind() -> None:
    program = StraightLine(1, [(ag.exp, 0), (Inside(0.2, 4.0), 1), (ag.log, 2)])
    assert type(program(0.5)) is float
    with mpmath.workdps(30):
        assert abs(program(mpmath.mpf(0.5)) - program(0.5)) < 1e-15
    assert program(0.5 + 1e-20j).imag / 1e-20 == pytest.approx(ag.derivative(program)(0.5), rel=1e-14)


def test_programs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match=r"step 1 may use the numbers 0 to 0, got \[1\]"):
        StraightLine(1, [(ag.exp, 1)])
    with pytest.raises(TypeError, match="a step starts with a primitive, got 'exp'"):
        StraightLine(1, [("exp", 0)])
    with pytest.raises(TypeError, match="takes 1 numbers, got 2"):
        StraightLine(1, [(ag.exp, 0)])(1.0, 2.0)


def test_pruning_keeps_the_value() -> None:
    program = StraightLine(3, [(ag.exp, 2), (ag.sin, 1), (ag.cos, 3), (ag.add, 4, 4)])
    assert program.pruned() == StraightLine(1, [(ag.sin, 0), (ag.add, 1, 1)])
    assert program(1.0, 2.0, 3.0) == program.pruned()(2.0)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [(Interval(50.0), (50.2, 54.0)), (Interval(high=-50.0), (-54.0, -50.2)), (Interval(hole=1.0), (1.15, 4.0))],
)
def test_far_domains_and_holes(domain: Interval, expected: tuple[float, float]) -> None:
    assert well_inside(domain) == pytest.approx(expected)


def test_a_primitive_that_fails_inside_its_domain_is_guarded_after() -> None:
    class Fails(Unary):
        symbol = "fails({x})"

        def forward(self, x: Any) -> Any:
            return ag.log(x)

    assert StraightLine(1, [(Fails(), 0), (ag.exp, 1)]).guarded().steps[1][0] == Inside(-4.0, 4.0)


# ---- floats and networks -----------------------------------------------------------------------------------------------------


def test_special_floats_hold_what_breaks_functions() -> None:
    assert math.copysign(1.0, find(special_floats(), lambda x: x == 0.0 and math.copysign(1.0, x) < 0)) == -1.0
    assert find(special_floats(), math.isinf) in (math.inf, -math.inf)

    @given(special_floats(allow_nan=False, allow_infinity=False))
    def finite(x: float) -> None:
        assert math.isfinite(x)

    finite()


@given(networks(), st.data())
def test_networks_are_small_and_differentiable(model: MLP, data: st.DataObject) -> None:
    count = len(model.layers[0].neurons[0].w)
    point = data.draw(st.lists(st.floats(-1.0, 1.0), min_size=count, max_size=count))
    model(point).backward()
    assert all(math.isfinite(parameter.grad) for parameter in model.parameters())
    assert len(model.layers) <= 2


def test_networks_of_chosen_activations() -> None:
    assert "tanh" in repr(find(networks(activation=["tanh"]), lambda model: len(model.layers) == 2))


def test_nothing_else_imports_hypothesis() -> None:
    code = "import sys, autograd_lite.testing, autograd_lite.testing.primitives.checks, autograd_lite.testing.primitives.mutation, autograd_lite.commands.cli"
    code += "\nassert 'hypothesis' not in sys.modules and 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
