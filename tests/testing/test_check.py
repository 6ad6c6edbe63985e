"""check and assert_gradients: verdicts, reports that lead to the faulty node, other engines, and the command line."""

import math
import re
import subprocess
import sys

import pytest

from autograd_lite import Value, dot, exp, jacobian, log, sin, tanh, total
from autograd_lite.engine.primitive import Binary, Nary, Unary
from autograd_lite.expressions import ExpressionError
from autograd_lite.testing import Engine, as_function, assert_gradients, check, first_wrong_edge
from tests import points
from tests.processes import REPOSITORY


class Wobbly(Unary):
    """A tanh whose derivative is 0.05 % too large."""

    symbol = "wobbly({x})"

    def forward(self, x: float) -> float:
        return math.tanh(x)

    def dx(self, x: float, out: float) -> float:
        return (1.0 - out * out) * 1.0005


wobbly = Wobbly()


def long_program(f, a, b):
    """200 nodes and more on one path, of which `f` makes one: an error in its derivative is one of d/da, in full."""
    x = a
    for number in range(50):
        x = x + 0.02 * sin(x * b) if number != 30 else f(x)
    return x


# ---- verdicts ----------------------------------------------------------------------------------------------------------------


def test_a_verdict_holds_both_numbers_the_bar_and_the_oracle() -> None:
    verdict = check(lambda x, y: x**2 * sin(y), (1.0, 2.0))
    assert verdict
    assert verdict.outcome == "agrees"
    assert [component.name for component in verdict.components] == ["d/dx", "d/dy"]
    assert verdict.oracle == "complex step"
    assert verdict.claimed == pytest.approx(verdict.expected, rel=1e-14)
    assert 0.0 < verdict.error_bar < 1e-11


@pytest.mark.parametrize("factor", [1.0005, 1.0 + 1e-6, 1.0 + 1e-9, -1.0, 0.0, 2.0, math.nan, math.inf])
def test_wrong_factors_are_noticed_down_to_1e_9(factor: float) -> None:
    assert check(lambda x: exp(x) * x, 0.7, gradient=lambda x: factor * (math.exp(x) * (1 + x))).outcome == "disagrees"


def test_the_oracle_is_the_best_that_the_function_allows() -> None:
    from autograd_lite import erf

    pytest.importorskip("mpmath")
    assert check(sin, 1.0).oracle == "complex step"
    assert check(erf, 1.0).oracle == "mpmath"
    assert check(math.sin, 1.0, gradient=math.cos).oracle in ("Richardson extrapolation", "adaptive differences")


def test_a_bar_too_wide_to_tell_is_inconclusive_and_not_true() -> None:
    def rough(x: float) -> float:
        return math.floor(math.sin(x) * 1e6) / 1e6

    verdict = check(rough, 1.0, gradient=math.cos)
    assert verdict.outcome == "inconclusive"
    assert not verdict
    with pytest.raises(AssertionError, match=r"(?s)^inconclusive.*the bar is too wide to tell"):
        assert_gradients(rough, 1.0, gradient=math.cos)
    assert check(lambda x: (math.sin(x) + 1e9) - 1e9, 1.0, gradient=math.cos, resolution=1e-9).outcome == "inconclusive"


def test_the_resolution_is_the_users() -> None:
    f = lambda x: (math.sin(x) + 1e6) - 1e6  # noqa: E731
    assert check(f, 1.0, gradient=math.cos, resolution=1e-12).outcome == "inconclusive"
    assert check(f, 1.0, gradient=math.cos, resolution=1e-3).outcome == "agrees"


def test_an_oracle_that_is_wrong_about_f_is_overruled() -> None:
    assert check(lambda x: x * (x.conjugate() if isinstance(x, complex) else x), 2.0)
    assert check(lambda x: x * math.sin(x), 2.0, gradient=lambda x: math.sin(x) + x * math.cos(x))


def test_a_gradient_lost_on_the_way_is_noticed() -> None:
    verdict = check(lambda x: x * getattr(x, "data", x), 3.0)
    assert (verdict.outcome, verdict.claimed, round(verdict.expected, 9)) == ("disagrees", 3.0, 6.0)


@pytest.mark.parametrize("point", [(1e-300,), (1e300,), (0.0,), (-0.0,), (5e-324,)])
def test_extreme_points_do_not_disturb(point: tuple[float]) -> None:
    assert check(lambda x: 3.0 * x, point)


def test_second_order_checks_gradient_and_hessian() -> None:
    verdict = check(lambda v, s: s * v[0] * exp(v[1]), ([1.0, 0.5], 2.0), order=2)
    assert verdict
    assert len(verdict.components) == 3 + 9
    assert "d2/dv[0] dv[1]" in [component.name for component in verdict.components]
    wrong = check(lambda x, y: x * x * y, (3.0, 2.0), 2, hessian=lambda x, y: [[2 * y, 2 * x], [2.001 * x, 0.0]])
    assert (wrong.outcome, wrong.worst.name) == ("disagrees", "d2/dy dx")


def test_points_of_every_shape() -> None:
    assert check(lambda x: x * x, 3)
    assert check(lambda v: v[0] * v[1], [1.0, 2.0])
    assert check(lambda x, y: x * y, [1.0, 2.0])
    assert check(lambda w: w[0][0] * w[1][0], ([[1.0], [2.0]],))
    assert check(lambda *xs: total(xs), (1.0, 2.0, 3.0)).components[2].name == "d/dxs[2]"
    assert check(lambda x: x * x, Value(3.0))


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="order 1 or 2, got 3"):
        check(sin, 1.0, 3)
    with pytest.raises(ValueError, match="`x` is nan"):
        check(lambda x: x, math.nan)
    with pytest.raises(TypeError, match="give them as hessian="):
        check(lambda x: x, 1.0, 2, engine=Engine(Value, lambda output, leaves: [1.0]))
    with pytest.raises(ValueError, match="gradient= gave 1 numbers, and the function has 2 such derivatives"):
        check(lambda x, y: x * y, (1.0, 2.0), gradient=lambda x, y: y)
    with pytest.raises(TypeError, match="does not know tolerance; it takes gradient"):
        assert_gradients(sin, 1.0, tolerance=1e-3)


def test_gradients_of_captured_values_are_left_alone() -> None:
    weight = Value(2.0)
    weight.grad = 7.0
    assert check(lambda x: x * weight, 3.0)
    assert weight.grad == 7.0


# ---- the report --------------------------------------------------------------------------------------------------------------


def torch_style(claimed: float, numerical: float, atol: float = 1e-5, rtol: float = 1e-3) -> bool:
    """`torch.allclose` with the defaults of torch.autograd.gradcheck."""
    return abs(claimed - numerical) <= atol + rtol * abs(numerical)


def test_a_planted_error_that_torch_style_defaults_accept_is_reported_with_its_node() -> None:
    program = lambda a, b: long_program(wobbly, a, b)  # noqa: E731
    a, b = Value(0.5), Value(0.1)
    out = program(a, b)
    out.backward()
    for index, claimed in enumerate((a.grad, b.grad)):
        ends = [[0.5, 0.1], [0.5, 0.1]]
        ends[0][index] -= 1e-6
        ends[1][index] += 1e-6
        low, high = (program(Value(x), Value(y)).data for x, y in ends)
        assert torch_style(claimed, (high - low) / 2e-6)
        assert index or abs(claimed / ((high - low) / 2e-6) - 1.0005) < 1e-7
    with pytest.raises(AssertionError) as caught:
        assert_gradients(program, (0.5, 0.1))
    report = str(caught.value)
    assert report.startswith("disagrees: ")
    assert re.search(r"first wrong node \d+ of [23]\d\d, `wobbly\(", report), report
    assert "its derivative by operand 1 is recorded as" in report
    assert_gradients(lambda a, b: long_program(tanh, a, b), (0.5, 0.1))


def test_the_snippet_runs_and_shows_the_same() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradients(lambda a, b: long_program(wobbly, a, b), (0.5, 0.1))
    lines = str(caught.value).splitlines()
    snippet = [line.strip() for line in lines[lines.index("To see it again:") + 2 :]]
    assert len(snippet) == 3
    assert snippet[0] == "from tests.testing.test_check import wobbly"
    done = subprocess.run([sys.executable, "-c", "\n".join(snippet)], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("disagrees: d/doperands[0] is claimed to be")


def module_level(x):
    return x * x.data


def test_a_function_that_can_be_imported_is_its_own_snippet() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradients(module_level, 3.0)
    report = str(caught.value)
    assert "first wrong none: every local derivative is right" in report
    assert "from tests.testing.test_check import module_level" in report
    assert report.endswith("print(check(module_level, (3.0,)))")


def module_level_slope(x):
    return 3.0 * x


def test_the_snippet_of_a_claim_makes_the_same_claim() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradients(math.sqrt, 2.0, gradient=module_level_slope, order=2, hessian=lambda x: 0.0, resolution=1e-8)
    lines = str(caught.value).splitlines()
    snippet = [line.strip() for line in lines[lines.index("To see it again:") + 2 :]]
    assert snippet[:3] == [
        "from math import sqrt",
        "from autograd_lite.testing import check",
        "from tests.testing.test_check import module_level_slope",
    ]
    assert snippet[3].startswith("hessian = ...  # what was given as hessian, <function ")
    assert snippet[4] == "print(check(sqrt, (2.0,), order=2, gradient=module_level_slope, hessian=hessian, resolution=1e-08))"


def test_the_first_wrong_edge_may_be_any_operand_of_any_primitive() -> None:
    class Crossed(Binary):
        symbol = "crossed({x}, {y})"

        def forward(self, x: float, y: float) -> float:
            return x * x * y

        def dx(self, x: float, y: float, out: float) -> float:
            return 2.0 * x * y

        def dy(self, x: float, y: float, out: float) -> float:
            return 2.0 * x * y

    class Lost(Nary):
        symbol = "lost({operands})"

        def forward(self, values):
            return sum(values)

        def partials(self, values, out):
            return [1.0] * (len(values) - 1) + [0.0]

    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    wrong = first_wrong_edge(sin(Crossed()(x, y)) * x)
    assert (wrong.operand, wrong.component.claimed, round(wrong.component.expected.value, 9)) == (1, 12.0, 4.0)
    assert "`crossed(x, y)`" in str(wrong)
    assert first_wrong_edge(Lost()([x, y, x * y])).operand == 2
    assert first_wrong_edge(dot([x, y], [y, x])) is None


def test_every_primitive_of_the_table_has_right_edges_at_ordinary_points() -> None:
    from autograd_lite.engine.primitives import TABLE

    for primitive in TABLE.values():
        for operands in [] if primitive.orders else points.ordinary(primitive)[::9]:
            verdict = check(as_function(primitive), operands)
            assert verdict, f"{primitive} at {operands}: {verdict}"


# ---- any engine --------------------------------------------------------------------------------------------------------------


def micrograd_engine() -> Engine:
    engine = pytest.importorskip("micrograd.engine")

    def gradients(output, leaves):
        output.backward()
        return [leaf.grad for leaf in leaves]

    return Engine(leaf=engine.Value, gradients=gradients)


def test_micrograd_is_right_about_powers_and_relu() -> None:
    engine = micrograd_engine()
    assert check(lambda a, b: (a * b + a**3).relu() / b, (2.0, 3.0), engine=engine)
    assert check(lambda x: x.relu(), 0.0, engine=engine)
    assert check(lambda x: [x * x, x.relu()], 2.0, engine=engine)


def test_a_micrograd_that_forgets_a_path_is_found_out() -> None:
    engine = micrograd_engine()

    def forgetful(output, leaves):
        output.backward()
        return [leaf.grad / 2.0 for leaf in leaves]

    assert check(lambda x: x * x, 3.0, engine=Engine(engine.leaf, forgetful)).outcome == "disagrees"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hips_autograd_through_a_gradient_function() -> None:
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    f = lambda x, y: anp.tanh(x * y) + x**2  # noqa: E731
    assert check(f, (0.5, 2.0), gradient=autograd.grad(f, argnum=(0, 1)))
    assert check(f, (0.5, 2.0), 2, gradient=autograd.grad(f, argnum=(0, 1)), hessian=lambda x, y: _hips_hessian(autograd, f, x, y))


def _hips_hessian(autograd, f, x, y):
    return [[autograd.grad(autograd.grad(f, i), j)(x, y) for j in (0, 1)] for i in (0, 1)]


def test_a_gradient_written_by_hand() -> None:
    rosenbrock = lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2  # noqa: E731
    by_hand = lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x))  # noqa: E731
    mistaken = lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 100 * (y - x * x))  # noqa: E731
    assert check(rosenbrock, (-1.2, 1.0), gradient=by_hand)
    assert check(rosenbrock, (-1.2, 1.0), gradient=mistaken).worst.name == "d/dy"


# ---- real cases --------------------------------------------------------------------------------------------------------------

XS = [number / 4.0 for number in range(100)]


def test_a_curve_fit_of_a_hundred_points_without_ceremony() -> None:
    def model(b1, b2):
        return [b1 * (1 - exp(-b2 * x)) for x in XS]

    def loss(b1, b2):
        return total([(y - 240.0 * (1 - math.exp(-0.5 * x))) ** 2 for x, y in zip(XS, model(b1, b2), strict=True)])

    verdict = check(model, (238.9, 0.55))
    assert verdict
    assert len(verdict.components) == 200
    assert check(loss, (238.9, 0.55), order=2)
    rows = jacobian(model)(238.9, 0.55)
    assert (len(rows), len(rows[0])) == (100, 2)


def test_a_maximum_likelihood_with_many_parameters() -> None:
    def loss(w, b):
        return total(
            [log(1.0 + exp(-(2.0 * (i % 2) - 1.0) * (dot(w, [math.sin(i * j) for j in range(1, 9)]) + b))) for i in range(20)]
        )

    assert check(loss, ([0.1 * (-1) ** j for j in range(8)], 0.3))


# ---- the command line --------------------------------------------------------------------------------------------------------


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    import argparse

    from autograd_lite.commands import check as command

    parser = argparse.ArgumentParser()
    command.configure(parser.add_subparsers())
    options = parser.parse_args(["check", *arguments])
    code = options.run(options)
    return code, capsys.readouterr().out


def test_the_command_prints_a_row_per_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run_command(capsys, "x**2 * sin(y)", "x=1", "y=2")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if line] == ["derivative", "d/dx", "d/dy", "agrees"]
    code, out = run_command(capsys, "x**2 * sin(y)", "x=1", "y=2", "--order", "2")
    assert out.count("agrees") == 7


def test_the_command_tells_of_a_kink(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run_command(capsys, "relu(x)", "x=0")
    assert code == 0
    assert "documented convention" in out
    assert "on a kink of `relu(x)` at 0.0" in out


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [("x", ["x=inf"], "cannot be checked"), ("2*3", ["x=1"], "not a variable"), ("x+z", ["x=1"], "no value")],
)
def test_the_command_refuses_in_one_line(capsys: pytest.CaptureFixture[str], text: str, values: list[str], message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        run_command(capsys, text, *values)
