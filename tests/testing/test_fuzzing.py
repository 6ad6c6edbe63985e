"""Random programs agree with eager evaluation; and the judge that says so convicts what is wrong.

More programs: `python -m tests.fuzz_programs --full 10000 --quick 100000 --seed 1`.
"""

import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy
import pytest

from autograd_lite import functions
from autograd_lite.engine.errors import DomainError
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.value import Value
from autograd_lite.losses import formulas as losses
from autograd_lite.program import BranchChanged, Program, TraceError
from autograd_lite.testing.fuzzing import answer, generated
from autograd_lite.testing.fuzzing.case import Case, NamedExample, Piece
from autograd_lite.testing.fuzzing.words import AWKWARD, LABELS
from tests import fuzz_programs
from tests.fuzzing.agreement import SINGLE, References
from tests.fuzzing.branches import branches, needed_failures
from tests.fuzzing.campaign import CampaignReport, campaign, smallest
from tests.fuzzing.shrinking import shrunk
from tests.fuzzing.stages import STAGES, compared
from tests.samples import examples

SEEDS, QUICK_SEEDS = range(60), range(10_000, 10_000 + examples(500))


def case_of(body: str, *examples: Any, rows: Any = (), setup: tuple[str, ...] = (), parameters: str = "", **marks: bool) -> Case:
    """A case by hand; its arguments are x, y, z."""
    names = "xyz"[: len(examples)]
    arguments = tuple(map(NamedExample, names, examples))
    lines = tuple(Piece("lines", line.replace("{", "{{").replace("}", "}}")) for line in body.split("; "))
    return Case("by hand", setup, arguments, lines, parameters, tuple(rows), **marks)


def kinds(case: Case, **options: Any) -> set[str]:
    return {finding.kind for finding in compared(case, **options).findings}


# ---- the judgement -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full() -> CampaignReport:
    return campaign(SEEDS)


@pytest.fixture(scope="module")
def quick() -> CampaignReport:
    return campaign(QUICK_SEEDS, quick=True)


def assert_all_agree(report: CampaignReport, programs: int) -> None:
    assert not report.failed, "\n\n".join(finding.reproduction for found in report.failed.values() for _, finding in found)
    assert report.programs == programs
    assert report.agreed >= 0.95 * programs, report  # refusals are few
    assert report.unclear <= programs / 50


def test_programs_agree_with_eager_evaluation_in_every_form(full: CampaignReport) -> None:
    assert_all_agree(full, len(SEEDS))


def test_programs_agree_with_eager_evaluation_in_values_and_gradients(quick: CampaignReport) -> None:
    assert_all_agree(quick, len(QUICK_SEEDS))


def test_every_form_is_compared(full: CampaignReport, quick: CampaignReport) -> None:
    for form in (
        *("value", "gradient", "jacobian", "hessian", "loss", "value of one row", "value at one point", "gradient at one point"),
        *("saved value", "saved gradient", "saved loss", "float32 value", "float32 gradient", "loss, changed parameters"),
    ):
        assert full.counts[form] >= 5, form
    for form in ("retrace value", "retrace gradient", "eager's slopes, by numerical derivatives"):
        assert full.counts[form] >= 1, form
    assert quick.counts["domain error"] >= 1


# ---- the generator -----------------------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_case_in_every_process() -> None:
    assert generated(7) == generated(7)
    assert generated(7).source != generated(8).source
    text = "from autograd_lite.testing.fuzzing import generated; print([(c.source, c.rows) for c in map(generated, range(20))])"
    found = [
        subprocess.run(
            [sys.executable, "-c", text], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        for seed in ("1", "2")
    ]
    assert found[0].stdout == found[1].stdout


@pytest.fixture(scope="module")
def many() -> list[Case]:
    return [generated(seed, 1) for seed in range(2_500)]


def test_the_generator_reaches_everything(many: list[Case]) -> None:
    words = set(re.findall(r"\w+", "\n".join(case.source for case in many)))
    public = {name for name, row in TABLE.items() if row.public and not row.orders}
    assert public - words == set()
    # `det` and `solve` branch by themselves, which the record of what a program asked does not see.
    assert {*functions.__all__, *losses.__all__} - words <= {"scalar_functions", "linear", "det", "solve"}
    assert {"grad", "derivative", "hessian", "jacobian", "hvp", "value_and_grad", "no_grad", "detach", "parameters"} <= words
    assert {"for", "while", "if", "else", "lambda", "zip", "enumerate", "range", "reversed", "max", "min", "sorted"} <= words
    assert {"MLP", "Layer", "Neuron", "expanded", "bias"} <= words
    assert len({argument.name for case in many for argument in case.arguments} & set(AWKWARD)) > 0.9 * len(AWKWARD)
    assert sum(repr(label) in case.source for case in many for label in LABELS) > 100


def test_the_generator_draws_every_shape_of_arguments_and_results(many: list[Case]) -> None:
    examples = [argument.example for case in many for argument in case.arguments]
    shapes = {numpy.shape(example) for example in examples if not isinstance(example, str)}
    assert {(), (1,), (2,), (8,), (20,), (1, 1), (3, 4)} <= shapes
    assert any(isinstance(example, str) for example in examples)
    answers = [answer(ready, case.example) for case in many[:300] for ready in [case.ready()]]
    assert {found.single for found in answers} == {True, False}
    assert {1, 2, 3} <= {len(found.values) for found in answers if not found.single}
    assert any(case.guarded for case in many)
    assert any(case.detached for case in many)


def test_rows_reach_beyond_the_example() -> None:
    cases = [generated(seed, 5) for seed in range(300)]
    numbers = numpy.array(
        [number for case in cases for row in case.rows for number in numpy.hstack([numpy.ravel(part) for part in row])]
    )
    assert (numbers == 0.0).any()
    assert (abs(numbers) >= 10.0).any()
    assert numpy.isnan(numbers).any()
    assert numpy.isinf(numbers).any()


# ---- the judge can convict ---------------------------------------------------------------------------------------------------

WITH_PARAMETERS = case_of(
    "return q * x * x + sin(x * y)", 0.5, 0.7, rows=[[0.6, 0.1], [2.0, -1.0]], setup=("q = Value(1.3, 'q')",), parameters="[q]"
)
WITHOUT = replace(WITH_PARAMETERS, setup=(), parameters="", body=(Piece("lines", "return x * x + sin(x * y)"),))


def test_what_is_right_is_acquitted() -> None:
    for case in (WITH_PARAMETERS, WITHOUT):
        verdict = compared(case)
        assert verdict.findings == []
        assert verdict.unclear == 0


def scaled(answered: Any, by: float) -> Any:
    return tuple(scaled(part, by) for part in answered) if isinstance(answered, tuple) else answered * by


@pytest.mark.parametrize(
    ("method", "case", "convicted"),
    [
        ("__call__", WITHOUT, {"value: wrong", "value of one row: wrong", "float32 value: wrong"}),
        ("gradient", WITHOUT, {"gradient: wrong", "float32 gradient: wrong"}),
        ("value_and_grad", WITHOUT, {"gradient at one point: wrong", "value at one point: wrong"}),
        ("hessian", WITHOUT, {"hessian: wrong"}),
        ("jacobian", replace(WITHOUT, body=(Piece("lines", "return [x * y, sin(x)]"),)), {"jacobian: wrong"}),
        ("loss_and_gradient", WITH_PARAMETERS, {"loss: wrong value", "loss, changed parameters: wrong value"}),
    ],
)
def test_a_form_that_is_wrong_in_the_tenth_digit_is_convicted(
    method: str, case: Case, convicted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(Program, method)
    monkeypatch.setattr(Program, method, lambda self, *arrays: scaled(right(self, *arrays), 1.0 + 1e-10))
    double = {kind for kind in convicted if not kind.startswith("float32")}
    assert double <= kinds(case)
    monkeypatch.setattr(Program, method, lambda self, *arrays: scaled(right(self, *arrays), 1.0 + 1e-2))
    assert convicted <= kinds(case)


def test_a_wrong_gradient_by_parameters_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Program.loss_and_gradient

    def wrong(self: Program, *arrays: Any) -> Any:
        value, gradient = right(self, *arrays)
        return value, gradient * len(arrays[0])

    monkeypatch.setattr(Program, "loss_and_gradient", wrong)
    assert "loss: wrong gradient" in kinds(WITH_PARAMETERS)


def test_a_wrong_saved_module_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Program.source_in
    monkeypatch.setattr(Program, "source_in", lambda self, dialect: source(self, dialect).replace("cos(", "sin("))
    assert kinds(WITHOUT) == {"saved gradient: wrong"}
    monkeypatch.setattr(Program, "source_in", lambda self, dialect: source(self, dialect) + "\nraise LookupError('at the end')")
    assert "saved: crash" in kinds(WITHOUT)


def test_another_shape_and_a_crash_are_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Program.__call__
    monkeypatch.setattr(Program, "__call__", lambda self, *arrays: numpy.atleast_2d(right(self, *arrays)))
    assert "value: shape" in kinds(WITHOUT)

    def crash(self: Program, *arrays: Any) -> Any:
        raise IndexError("no such element")

    monkeypatch.setattr(Program, "__call__", crash)
    [finding] = compared(WITHOUT, stages=("first order",)).findings
    assert (finding.kind, finding.message) == ("value: crash", "IndexError: no such element")


def test_a_nan_for_a_number_and_a_number_for_a_nan_are_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Program.__call__
    monkeypatch.setattr(Program, "__call__", lambda self, *arrays: right(self, *arrays) * math.nan)
    assert "value: nan or inf" in kinds(WITHOUT)
    monkeypatch.setattr(Program, "__call__", lambda self, *arrays: numpy.nan_to_num(right(self, *arrays)))
    assert "value: nan or inf" in kinds(replace(WITHOUT, rows=([math.nan, 1.0],)))


DOMAIN = case_of("return log(x) + y", 0.5, 0.7, rows=[[-1.0, 2.0]])


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        (lambda self, *arrays: numpy.full(len(arrays[0]), 1.0), "domain error: a number instead"),
        (lambda self, *arrays: numpy.full(len(arrays[0]), math.nan), "domain error: nan or inf instead"),
        (lambda self, *arrays: math.log(0.0) if arrays[0][0] < 0 else 1 / 0, None),
        (lambda self, *arrays: 1 / 0, "domain error: another class"),
    ],
)
def test_a_domain_error_must_be_eagers(answered: Callable[..., Any], kind: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(DOMAIN) == set()
    monkeypatch.setattr(Program, "__call__", answered)
    monkeypatch.setattr(Program, "jacobian", answered)
    assert kinds(DOMAIN, stages=("domain errors",)) == ({kind} if kind else set())


def test_what_no_result_needs_may_be_left_out() -> None:
    used = case_of("a = log(x); return a + y", 0.5, 0.7).ready()
    unused = case_of("a = log(x); return x + y", 0.5, 0.7).ready()
    assert needed_failures(used, [-1.0, 2.0]) == [DomainError]
    assert needed_failures(unused, [-1.0, 2.0]) == []


# ---- branches ----------------------------------------------------------------------------------------------------------------

GUARDED = case_of("a = x if x > 0.2 else -x; return a * y", 0.5, 0.7, rows=[[0.3, 1.0], [-1.0, 2.0]], guarded=True)


def test_the_branches_that_python_takes_are_known() -> None:
    ready = GUARDED.ready()
    assert [branches(ready, row) for row in ([0.5, 1.0], [0.3, 1.0], [-1.0, 1.0])] == [[True], [True], [False]]
    chosen = case_of("return where(x > 0, lambda: x, 1.0) + max(x, y, 0.25)", 0.5, 0.7, guarded=True).ready()
    assert branches(chosen, [0.5, 0.7]) == [True, False]  # `where` asks for nothing
    assert branches(case_of("return max([where(x > 0, 1.0, 2.0), 1.5])", 0.5, guarded=True).ready(), [1.0]) == [True]


def test_a_refusal_of_a_branch_must_be_true(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(GUARDED) == set()

    def refuse(self: Program, *arrays: Any) -> Any:
        raise BranchChanged("row 0 takes another branch")

    monkeypatch.setattr(Program, "__call__", refuse)
    assert "value: wrong BranchChanged" in kinds(GUARDED)
    edge = case_of("a = x if x + 1.0 > 1.3 else -x; return a", 0.3, guarded=True)
    verdict = compared(edge, stages=("first order",))
    assert (verdict.findings, verdict.unclear > 0) == ([], True)  # so near, rounding decides


def test_a_wrong_answer_for_another_branch_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Program.gradient
    monkeypatch.setattr(Program, "gradient", lambda self, *arrays: abs(right(self, *arrays)))
    assert "retrace gradient: wrong" in kinds(GUARDED)


def test_refusals_are_counted_by_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = compared(case_of("return x * x.data", 0.5))
    assert (verdict.findings, len(verdict.refused)) == ([], 1)
    assert "reads the number" in next(iter(verdict.refused))

    def refuse(self: Program, *arrays: Any) -> Any:
        raise TraceError("not this one")

    monkeypatch.setattr(Program, "hessian", refuse)
    assert dict(compared(WITHOUT).refused) == {"hessian: not this one": 1}


# ---- the tolerance -----------------------------------------------------------------------------------------------------------


def references(body: str, *row: float) -> References:
    case = case_of(body, *row)
    ready = case.ready()
    return References(ready, [list(row)], [answer(ready, row)])


def test_the_tolerance_follows_from_the_size_of_the_terms() -> None:
    small = references("return x + y", 1.0, 2.0)
    assert small.disagreement([3.0 * (1 + 1e-13)], [3.0], 0) is None
    assert small.disagreement([3.0 * (1 + 1e-11)], [3.0], 0) is not None
    cancelled = references("return (x + 1e8 * y) - 1e8 * y", 1.0, 3.0)
    [value] = cancelled.answers[0].values
    assert cancelled.disagreement([value + 1e-8], [value], 0) is None
    assert cancelled.disagreement([value + 1e-3], [value], 0) is not None
    assert cancelled.unclear == 0


def test_slopes_that_cancel_in_the_sweep_are_as_exact_as_its_parts() -> None:
    cancelled = references("return sum([x * 0.1] * 3) - sum([x * 0.1] * 3) + x * y", 1.0, 1e-30)
    [slopes] = cancelled.answers[0].slopes
    assert cancelled.disagreement([[slopes[0] + 1e-16, slopes[1]]], [slopes], 1) is None
    assert cancelled.disagreement([[slopes[0] + 1e-13, slopes[1]]], [slopes], 1) is not None


def test_second_derivatives_are_held_too() -> None:
    curved = references("return exp(x * 40.0) * 1e-10", 1.0)
    [[[second]]] = [curved.answers[0].curvature()]
    assert curved.disagreement([[[second * (1 + 1e-13)]]], [[[second]]], 2) is None
    assert curved.disagreement([[[second * (1 + 1e-9)]]], [[[second]]], 2) is not None


def test_near_a_kink_a_number_is_unclear_and_on_it_it_is_not() -> None:
    near = references("return abs(x - 0.1 * 3.0)", 0.3)
    assert near.disagreement([[1.0]], [[-1.0]], 1) is None
    assert near.unclear == 1
    on = references("return abs(x)", 0.0)
    assert on.disagreement([[1.0]], [[0.0]], 1) is not None


def test_nan_and_infinity_agree_with_themselves_only() -> None:
    for number in (math.nan, math.inf, -math.inf):
        special, plain = references("return x * y", number, 2.0), references("return x * y", 1.0, 2.0)
        assert special.disagreement([number], [number], 0) is None
        assert special.disagreement([2.0], [number], 0) is not None
        assert special.disagreement([math.inf if number != math.inf else -math.inf], [number], 0) is not None
        assert plain.disagreement([number], [2.0], 0) is not None
        assert special.unclear == plain.unclear == 0


def test_single_precision_has_a_tolerance_of_its_own() -> None:
    plain = replace(references("return x * y", 1.0, 2.0), precision=SINGLE)
    assert plain.disagreement([2.0 * (1 + 1e-6)], [2.0], 0) is None
    assert plain.disagreement([2.0 * (1 + 1e-3)], [2.0], 0) is not None


# ---- eager itself ------------------------------------------------------------------------------------------------------------


def test_a_wrong_rule_of_eager_evaluation_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs follow the same rule, so that nothing but the second way can see it."""
    monkeypatch.setattr("tests.fuzzing.stages._SHARE", 1.0)
    case = case_of("return x * x * y", 0.5, 0.7, rows=[[0.6, 0.1]])
    assert kinds(case, stages=("second way",)) == set()
    right = answer(case.ready(), [0.6, 0.1]).slopes
    wrong = answer(case.ready(), [0.6, 0.1])
    wrong.slopes = [[slope * (1 + 1e-6) for slope in line] for line in right]
    monkeypatch.setattr("tests.fuzzing.comparison.answer", lambda *_: wrong)
    assert kinds(case, stages=("second way",)) == {"eager: wrong"}


def test_the_error_of_a_row_is_eagers() -> None:
    assert answer(DOMAIN.ready(), [-1.0, 2.0]).error is DomainError
    assert answer(case_of("return x ** y", 2.0, 3.0).ready(), [-2.0, 3.0]).error is DomainError  # no derivative by y


# ---- reproductions -----------------------------------------------------------------------------------------------------------


def test_a_failing_program_becomes_small_and_its_reproduction_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Program.gradient
    monkeypatch.setattr(Program, "gradient", lambda self, *arrays: -right(self, *arrays))
    seed = next(seed for seed in range(1000) if "gradient: wrong" in kinds(generated(seed)) and len(generated(seed).body) > 2)
    finding = next(each for each in compared(generated(seed)).findings if each.kind == "gradient: wrong")
    small = smallest(seed, finding)
    assert small.kind == finding.kind
    assert len(small.reproduction) < len(finding.reproduction)
    assert len(small.reproduction.splitlines()) <= 10
    ran = subprocess.run([sys.executable, "-c", small.reproduction], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("[[")


def test_shrinking_leaves_out_what_is_not_needed() -> None:
    case = case_of("a = cos(x); for b in [a, y]:\n    a = a * b; return a + sin(y)", 0.5, 0.7, rows=[[0.1, 0.2]] * 4)
    case = replace(
        case, body=(*case.body[:-1], Piece("lines", "return {0}", (Piece("number", "({0} + 1.0)", (Piece("number", "sin(y)"),)),)))
    )
    small = shrunk(case, lambda smaller: "sin(y)" in smaller.source)
    assert small.source == "def f(y):\n    return sin(y)"
    assert len(small.rows) == 1
    assert shrunk(case, lambda smaller: 1 / 0 > 0) == case


def test_awkward_labels_survive_their_text() -> None:
    for label in LABELS:
        case = case_of("return q * x", 0.5, setup=(f"q = Value(1.5, {label!r})",), parameters="[q]")
        [parameter] = case.ready().parameters
        assert isinstance(parameter, Value)
        assert parameter.label == label


# ---- the command -------------------------------------------------------------------------------------------------------------


def test_the_command_prints_counts_and_reproductions(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert fuzz_programs.main(["--full", "3", "--quick", "4"]) == 0
    printed = capsys.readouterr().out
    assert "full: 3 programs in" in printed
    assert "quick: 4 programs in" in printed
    assert fuzz_programs.main(["--quick", "4", "--minutes", "0"]) == 0
    assert "quick: 0 programs" in capsys.readouterr().out
    monkeypatch.setattr(Program, "value_and_grad", lambda self, *arrays: 1 / 0)
    assert fuzz_programs.main(["--quick", "4", "--shrink", "1"]) == 1
    printed = capsys.readouterr().out
    assert (
        re.search(r"\d+ WRONG: gradient: crash: ZeroDivisionError: division by zero \(seeds 0", printed)
        or "wrong domain error" in printed
    )
    assert "program = trace(f, " in printed


def test_stages_can_be_chosen() -> None:
    counts = compared(WITH_PARAMETERS, stages=("loss",)).counts
    assert dict(counts) == {"loss": 1}
    assert set(STAGES) >= {"first order", "hessian", "loss", "saved", "single precision"}
