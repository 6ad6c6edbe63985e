"""A program proves itself: every form is held against eager numbers before it is first used, and rounding is no fault."""

import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value, where
from autograd_lite.engine.errors import GraphError
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.program import ProgramMismatch, TraceError, proof, trace
from autograd_lite.program.capture.reruns import Rerun
from autograd_lite.program.ir import derivation
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Number
from autograd_lite.program.write import backends
from autograd_lite.program.write.backends import NumpyBackend


class Changed:
    """A backend whose text has one thing replaced by another."""

    def __init__(self, old: str, new: str, task: str = "") -> None:
        self.old, self.new, self.task = old, new, task

    def compiled(self, procedure: Procedure) -> Any:
        module = NumpyBackend().compiled(procedure)
        asked = procedure.task.kind
        if self.task and asked != self.task:
            return module
        assert self.old in module.source, module.source
        return type(module)(module.source.replace(self.old, self.new), procedure)


def _curved(x: Any, y: Any) -> Any:
    return ag.sin(x) * y + x * x


def _loss(model: Any, x: Any, y: Any) -> Any:
    return squared_error(model(x), y)


# ---- every form --------------------------------------------------------------------------------------------------------------


def test_a_wrong_value_is_found_before_the_first_answer() -> None:
    program = trace(_curved, 0.5, 2.0, backend=Changed("np.sin", "np.cos"))
    with pytest.raises(
        ProgramMismatch, match=r"a value of the program `_curved` gives 2\.0\d+ where eager evaluation gives 1\.2"
    ) as info:
        program([[0.1, 0.2]])
    assert info.value.form == "a value"
    assert (float(info.value.found), float(info.value.expected)) == pytest.approx(
        (2 * numpy.cos(0.5) + 0.25, 2 * numpy.sin(0.5) + 0.25)
    )


def test_a_wrong_text_is_neither_shown_nor_saved(tmp_path: Path) -> None:
    program = trace(_curved, 0.5, 2.0, backend=Changed("np.sin", "np.cos"))
    with pytest.raises(ProgramMismatch):
        _ = program.source
    with pytest.raises(ProgramMismatch):
        program.save(tmp_path / "curved.py")
    assert not list(tmp_path.iterdir())


def test_a_wrong_derivative_is_found_and_its_statement_named() -> None:
    program = trace(
        lambda x: ag.total([ag.sin(each * each) for each in x]), [0.5, 0.25, 2.0], backend=Changed("np.cos", "np.sin", "slopes")
    )
    assert program([[0.5, 0.25, 2.0]]).shape == (1,)
    with pytest.raises(ProgramMismatch, match=r"a derivative of result 0 .*the first statement that differs is `gradient") as info:
        program.gradient([[0.5, 0.25, 2.0]])
    assert info.value.statement.startswith("`gradient")


def test_the_first_statement_that_differs_is_named() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    program = trace(_loss, model, [0.3, -0.2], 0.5, backend=Changed("X @ W1.T + b1", "X @ W1.T - b1"))
    for parameter in model.parameters():
        parameter.data += 0.1
    again = trace(_loss, model, [0.3, -0.2], 0.5, backend=Changed("X @ W1.T + b1", "X @ W1.T - b1"))
    for each in (program, again):
        with pytest.raises(ProgramMismatch, match=r"first statement that differs is `z1 = X @ W1.T - b1` \(.* instead of .*\)"):
            each.loss_and_gradient([[0.3, -0.2]], [0.5])


def test_a_wrong_gradient_by_the_parameters_is_found() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    program = trace(_loss, model, [0.3, -0.2], 0.5, backend=Changed("/ rows", "/ 1", "loss"))
    assert program([[0.3, -0.2]], [0.5]).shape == (1,)
    with pytest.raises(ProgramMismatch, match="the gradient of the mean of the program `_loss`"):
        program.loss_and_gradient([[0.3, -0.2]], [0.5])


def test_a_gradient_of_many_parameters_is_held_against_the_runs_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "_MANY", 5)
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    before = [(each.data, each.grad) for each in model.parameters()]
    right = trace(_loss, model, [0.3, -0.2], 0.5)
    right.loss_and_gradient([[0.3, -0.2]], [0.5])
    assert before == [(each.data, each.grad) for each in model.parameters()]
    wrong = trace(_loss, model, [0.3, -0.2], 0.5, backend=Changed("np.tanh", "np.sin"))
    with pytest.raises(ProgramMismatch, match="first statement that differs is `a1 = "):
        wrong.loss_and_gradient([[0.3, -0.2]], [0.5])


def test_a_wrong_jacobian_and_a_wrong_hessian_are_found() -> None:
    two = trace(lambda x: [x[0] * x[0], ag.sin(x[0]) * x[1]], [0.5, 2.0], backend=Changed("np.cos", "np.sin", "slopes"))
    with pytest.raises((ProgramMismatch, AssertionError)):
        two.jacobian([[0.5, 2.0]])
    curved = trace(lambda x: ag.sin(x[0]) * x[1], [0.5, 2.0], backend=Changed("np.sin", "-np.sin", "slopes"))
    with pytest.raises(ProgramMismatch, match="a derivative of result 0"):
        curved.hessian([[0.5, 2.0]])


def test_wrong_single_precision_is_found() -> None:
    program = trace(_curved, 0.5, 2.0, dtype="float32", backend=Changed("np.sin(x)", "np.float32(1.0001) * np.sin(x)"))
    with pytest.raises(ProgramMismatch):
        program([[0.1, 0.2]])


def test_wrong_code_for_one_point_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    written = backends.scalar_source
    monkeypatch.setattr(backends, "scalar_source", lambda *given: written(*given).replace("math.cos", "math.sin"))
    program = trace(_curved, 0.5, 2.0)
    with pytest.raises(ProgramMismatch, match="the code for one point of the program `_curved`"):
        program.value_and_grad(0.5, 2.0)


def test_a_wrong_derivation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the statements themselves, and so in all texts."""
    times = derivation.times
    monkeypatch.setattr(derivation, "times", lambda adjoint, slope: Number(2.0) * times(adjoint, slope))
    program = trace(lambda x: ag.sin(x) * x, 0.5)
    with pytest.raises(ProgramMismatch, match="a derivative of result 0"):
        program.gradient([0.5])
    with pytest.raises(ProgramMismatch, match="the code for one point"):
        program.gradient(0.5)


def test_a_program_that_uses_one_row_for_all_is_found() -> None:
    program = trace(_curved, 0.5, 2.0, backend=Changed("np.sin(x)", "np.sin(x[0])"))
    with pytest.raises(ProgramMismatch):
        program([[0.1, 0.2]])


def test_verify_false_leaves_the_comparison_out() -> None:
    program = trace(_curved, 0.5, 2.0, backend=Changed("np.sin", "np.cos"), verify=False)
    assert program([[0.0, 2.0]]).tolist() == [2.0]
    assert "np.cos" in program.source


# ---- rounding is no fault ----------------------------------------------------------------------------------------------------


def _cancelling(x: Any) -> Any:
    return ag.total([1e16 * x, x, -1e16 * x, ag.sin(x)])


HARMLESS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a kink at the example": (lambda x: ag.relu(x) + abs(x) + ag.clamp(x, 0.0, 1.0), (0.0,)),
    "a tie at the example": (lambda x, y: ag.maximum(x, y) * ag.minimum(x, y), (1.0, 1.0)),
    "a kink that rounding reaches": (lambda x, y: ag.relu(x * y - y * x + (x + y - x - y)), (0.1, 0.3)),
    "a choice that rounding reaches": (lambda x: where(x * 0.1 + x * 0.2 > x * 0.3, lambda: x, lambda: 2.0 * x), (1.0,)),
    "a sum that cancels": (_cancelling, (0.3,)),
    "a sum of many that cancels": (lambda v: ag.total([*v, *(-(each + 1e-13) for each in v)]), ([0.1 * i for i in range(40)],)),
    "a steep function": (lambda x: ag.sin(1e9 * x) + ag.tan(1e7 * x), (0.7,)),
    "a power of a difference": (lambda x, y: (x - y) ** 0.5, (1.0 + 1e-15, 1.0)),
    "huge": (lambda x: x * x * 1e-290, (1e150,)),
    "too large": (lambda x: x * x, (1e200,)),
    "tiny": (lambda x: ag.sigmoid(x) * 1e300, (-720.0,)),
    "subnormal": (lambda x: x * 1e-300 * 1e300, (1e-20,)),
    "another order overflows": (lambda x: (x * 1e200) * 1e-250 * ag.exp(x) * 1e180 * 1e-140, (1.0,)),
    "a slope in another order overflows": (lambda x: ag.sin(ag.exp(x * 1e200) * 1e-200) * 1e-120, (1e-198,)),
    "an infinite constant": (lambda x: ag.minimum(x, float("inf")), (1.0,)),
    "nan": (lambda x: x * float("nan"), (1.0,)),
    "an end of a domain": (lambda x: ag.sqrt(x) * x, (1e-320,)),
    "a branch at its edge": (lambda x: x * x if x >= 1.0 else x, (1.0,)),
    "a branch that rounding reaches": (lambda x: x * x if x * 0.1 + x * 0.2 > x * 0.3 else x, (1.0,)),
    "an equality": (lambda x: x * x if x == 0.1 else x, (0.1,)),
    "too large for single precision": (lambda x: ag.exp(x) / ag.exp(x), (100.0,)),
    "too small for single precision": (lambda x: x * 1e-30 * 1e-30 * 1e60, (1.0,)),
    "constants that rounding reaches": (lambda x: ag.log_sigmoid(sum(where(x < 3.0, 0.9, x) for _ in range(9)) ** 3), (-0.26,)),
    "a slope of nothing but rounding": (lambda x: ag.cosh(5.0 * sum(x / ag.norm([x] * 8) for _ in range(8))), (-0.2,)),
    "two sums of the same numbers, compared": (lambda x: where(ag.total([x, 0.2, 0.3]) < sum([x, 0.2, 0.3]), x, -x), (0.1,)),
    "inner derivatives": (lambda x: ag.grad(lambda z: ag.sin(1e6 * z * x))(x), (0.7,)),
}


@pytest.mark.filterwarnings("ignore:overflow encountered in cast", "ignore:the gradient is nan")  # of the numbers that are given
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", HARMLESS)
def test_what_rounding_explains_is_no_mismatch(name: str, dtype: str) -> None:
    """Every form answers, or raises what it would raise without being verified."""
    function, example = HARMLESS[name]
    for form in ("__call__", "gradient", "jacobian", "hessian"):
        outcomes = []
        for verify in (True, False):
            program = trace(function, *example, dtype=dtype, verify=verify)
            for given in (example, [numpy.array([each]) for each in example]):
                try:
                    outcomes.append(repr(getattr(program, form)(*given)))
                except (ArithmeticError, GraphError) as error:
                    outcomes.append(type(error).__name__)
        assert "ProgramMismatch" not in outcomes
        assert outcomes[:2] == outcomes[2:]


def test_the_proof_leaves_gradients_random_numbers_and_captured_values_alone() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    rate = Value(0.5, label="rate")
    leaves = [*model.parameters(), rate]
    for place, leaf in enumerate(leaves):
        leaf.grad = 0.25 * place
    before = [(leaf.data, leaf.grad) for leaf in leaves]
    state = random.getstate()
    program = trace(lambda m, x, y: squared_error(m(x), y) * rate, model, [0.3, -0.2], 0.5)
    program.loss_and_gradient([[0.3, -0.2]], [0.5])
    assert program.gradient([[0.3, -0.2]], [0.5]).shape == (1, 3)
    program.hessian([[0.3, -0.2]], [0.5])
    assert program.source
    assert [(leaf.data, leaf.grad) for leaf in leaves] == before
    assert random.getstate() == state


def test_a_program_is_held_against_its_own_trace_and_not_against_what_a_name_means_by_now() -> None:
    scale = 2.0
    program = trace(lambda x: x * scale, 1.0)
    scale = 3.0
    assert program([1.0]).tolist() == [2.0]
    assert scale == 3.0


def test_a_program_in_a_traced_function_gives_numbers_that_do_not_follow() -> None:
    """It takes numbers, and those of Values are refused; numbers of its own it gives as ever."""
    square = trace(lambda x: x * x, 2.0)
    outer = trace(lambda x: x * float(square(3.0)), 1.0)
    assert outer([2.0]).tolist() == [18.0]
    with pytest.raises((TypeError, ValueError)):
        trace(lambda x: x * square(x), 1.0)


def test_a_trace_in_a_traced_function() -> None:
    assert trace(lambda x: x * float(trace(lambda z: z * z, 2.0)(3.0)), 1.0)([2.0]).tolist() == [18.0]
    with pytest.raises(TraceError, match="read past the graph"):
        trace(lambda x: x * float(trace(lambda z: z * x, 2.0)(3.0)), 1.0)


def test_the_proof_warns_of_nothing() -> None:
    """Where eager's own gradient is nan, it is who asks for it that is told, and not whoever asks for a value or a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = trace(lambda x: (x * x) ** 0.5 + ag.sin(x), 0.0)
        assert program([4.0]).tolist() == [4.0 + math.sin(4.0)]
        slope = program.gradient([4.0])
        assert slope.tolist() == [[1.0 + math.cos(4.0)]]
        assert program.gradient(4.0).tolist() == [1.0 + math.cos(4.0)]
        assert program.source


def test_a_wide_sum_is_not_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many terms in another order round otherwise: that much is expected of them, and of two terms it is not."""

    def shaken(*given: Any) -> Any:
        raise RuntimeError("evaluated again")

    monkeypatch.setattr(proof.ProgramProof, "_spread", shaken)
    off = Changed("return ", "return (1.0 + 1e-13) * ")
    wide = [math.sin(i) + 2.0 for i in range(2_000)]
    assert trace(ag.total, wide, backend=off)([wide])[0] == pytest.approx(sum(wide), rel=1e-12)
    with pytest.raises(RuntimeError, match="evaluated again"):
        trace(ag.total, wide[:2], backend=off)([wide[:2]])


@pytest.mark.parametrize("threshold", [0.1, 0.3, -0.7])
@pytest.mark.parametrize("at", [0, 1])
def test_a_comparison_with_a_number_that_float32_rounds_is_no_fault(threshold: float, at: int) -> None:
    """At 0.1, as float32 has it, `x <= 0.1` is true of a program in float32 and not of eager, which compares with all digits."""

    def function(x: Any, y: Any) -> Any:
        return where((x if at == 0 else x * 1.0 + 0.0 * y) <= threshold, lambda: x * y, lambda: x - y)

    program = trace(function, threshold, 2.0, dtype="float32")
    assert float(program(threshold, 2.0)) == pytest.approx(2 * threshold)
    for x in (threshold - 0.25, threshold + 0.25):
        assert float(program(x, 2.0)) == pytest.approx(function(x, 2.0), rel=1e-6)


def test_a_wrong_branch_at_numbers_that_are_held_exactly_is_a_fault() -> None:
    program = trace(lambda x, y: where(x <= 0.5, x * y, x - y), 0.5, 2.0, backend=Changed("x <= 0.5", "x < 0.5"))
    with pytest.raises(ProgramMismatch):
        program([0.5], [2.0])


def test_a_digit_that_decides_about_a_branch_is_looked_for_before_a_program_is_called_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`total` rounds once, and `sum` three times: which one is smaller, a program in which both are one array cannot know."""
    monkeypatch.setattr("autograd_lite.program.proof._SHAKES", 0)  # as if the first few had shown nothing
    program = trace(lambda x: where(ag.total([x, 0.2, 0.3]) < sum([x, 0.2, 0.3]), x, -x), 0.1)
    assert abs(float(program(0.1))) == 0.1


def test_another_form_of_the_mean_is_held_against_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What eager gives for 600,000 parameters costs more than to compile a module for it."""
    program = trace(lambda model, x: model(x) ** 2, MLP(2, [3, 1], seed=0), [0.5, 1.0])
    program.loss_and_gradient([[0.5, 1.0]])
    evaluated = []
    right = Rerun.at
    monkeypatch.setattr(Rerun, "at", lambda *given: evaluated.append(given) or right(*given))
    program._replay.held(LOSS, NumpyBackend())
    assert not evaluated
    monkeypatch.setattr(NumpyBackend, "compiled", lambda self, procedure: _Wrong())
    with pytest.raises(ProgramMismatch):
        program._replay.held(LOSS, NumpyBackend())


class _Wrong:
    source = ""

    def function(self, parameters: Any, x: Any, gradient: Any) -> float:
        gradient[...] = 0.25
        return 0.125
