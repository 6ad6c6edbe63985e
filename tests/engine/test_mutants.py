"""Proof that the tests can fail: every rule and the sweep broken on purpose, and every mistake noticed."""

import math
from functools import cache
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite.calculus.symbols import Symbol, partial_texts
from autograd_lite.engine.primitive import Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing.checker.checking import check
from autograd_lite.testing.graphs import as_function
from autograd_lite.testing.primitives import mutation
from autograd_lite.testing.primitives.checks import examine_primitive
from autograd_lite.testing.primitives.mutation import Mutant, MutationReport, mutants
from autograd_lite.testing.primitives.wrong_rules import mutations_of, rule_of, with_mistake
from benchmarks import mutants as command
from tests import wrong_sweeps
from tests.wrong_sweeps import RIGHT_SWEEP, WRONG_SWEEPS, shared_programs, sweep_mutants

REASONS = {
    "the derivative is 0 everywhere": {"times 1 + 1e-9", "with the wrong sign", "dropped"},
    "the two partials are equal": {"swapped"},
    "the rule is constant": {"swapped in the rule"},
    "the rule is symmetric in them, or reads the value only": {"swapped in the rule"},
}


# The families of derivatives, of which operands choose a member, are held to their references in test_higher_orders.py.
ROWS = [row for row in TABLE.values() if not row.orders]


@cache
def report_of(row: Any) -> MutationReport:
    """The mutants of a row, tried once for all tests that ask."""
    return mutants(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_mutant_of_every_rule_is_killed(row: Any) -> None:
    report = report_of(row)
    assert report.survivors == []
    assert report.score == 1.0
    assert len(report.with_outcome("killed")) >= 2
    for mutant in report.with_outcome("equivalent"):
        assert any(mutant.mutation.endswith(ending) for ending in REASONS[mutant.reason]), mutant


def test_equivalent_mutants_are_few() -> None:
    """Only where a derivative is 0 or a rule is constant or symmetric; a longer list would hide survivors."""
    report = MutationReport(tuple(mutant for row in ROWS for mutant in report_of(row).mutants))
    equivalent = {mutant.subject for mutant in report.with_outcome("equivalent")}
    steps = {"sign", "floor", "ceil", "trunc", "rint", "floor_divide"}
    assert equivalent == steps | {"add", "subtract", "copysign", "total", "expdifference"}
    assert len(report.with_outcome("killed")) >= 390


def test_the_proof_covers_every_kind_of_mistake() -> None:
    names = {mutation.name for row in ROWS for mutation in mutations_of(row)}
    for part in (
        "times 1 + 1e-9",
        "wrong sign",
        "dropped",
        "plus 1e-9",
        "partials 1 and 2 swapped",
        "operands 1 and 2",
        "special points",
    ):
        assert any(part in name for name in names), part


# ---- the sweep ---------------------------------------------------------------------------------------------------------------


def test_every_wrong_sweep_is_noticed() -> None:
    report = sweep_mutants()
    assert [mutant.outcome for mutant in report.mutants] == ["killed"] * len(WRONG_SWEEPS)


@pytest.mark.parametrize("name", shared_programs())
def test_the_right_sweep_is_right(name: str) -> None:
    function, point = shared_programs()[name]
    assert check(function, point, engine=RIGHT_SWEEP)


def test_a_check_that_fails_the_right_sweep_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong_sweeps, "RIGHT_SWEEP", WRONG_SWEEPS["goes breadth first"])
    with pytest.raises(AssertionError, match="the right sweep fails on 'paths of unequal length'"):
        sweep_mutants()


# ---- primitives of one's own, and survivors ----------------------------------------------------------------------------------


class Cosine(Unary):
    symbol = "cosine({x})"

    def forward(self, x: Any) -> Any:
        return ag.cos(x)

    def dx(self, x: Any, out: Any) -> Any:
        return -ag.sin(x)


def test_a_primitive_of_ones_own() -> None:
    assert str(mutants(Cosine())) == ("cosine     4 mutants: 4 killed\nin all     4 mutants: 4 killed, 0 equivalent, 0 survived")


def test_a_survivor_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a check that notices nothing, every mutant survives, and the report is false."""
    monkeypatch.setattr(mutation, "_noticed", lambda mutant: "")
    report = mutants(Cosine())
    assert not report
    assert report.score == 0.0
    assert len(report.survivors) == 4
    assert "survived: cosine, dx dropped: nothing noticed it" in str(report)


def test_checks_that_raise_have_noticed_nothing() -> None:
    def mistake(rule: Any, operands: Any, out: Any) -> list[Any]:
        raise ValueError("no such rule")

    outcome, reason = mutation._outcome(with_mistake(Cosine(), mistake))
    assert outcome == "survived"
    assert reason.startswith("the checks raised DomainError: `cosine(")
    report = MutationReport((Mutant("cosine", "dx raises", *mutation._outcome(with_mistake(Cosine(), mistake))),))
    assert not report
    assert report.score == 0.0


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sin", "times 1 + 1e-9"), ("tanh", "dropped"), ("multiply", "wrong sign"), ("atan2", "swapped"), ("dot", "times 1 + 1e-9"),
     ("logsumexp", "dropped"), ("sigmoid", "plus 1e-9"), ("divide", "operands 1 and 2 swapped")],
)  # fmt: skip
def test_second_derivatives_alone_notice_a_wrong_rule_of_the_table(name: str, kind: str) -> None:
    right = TABLE[name]
    assert examine_primitive(right, properties=["second order"])
    for wrong in mutations_of(right):
        if kind in wrong.name:
            report = examine_primitive(with_mistake(right, wrong.mistake), properties=["second order"])
            assert report.wrong == ["second order"], wrong.name


def test_a_wrong_rule_is_wrong_on_nodes_too() -> None:
    wrong = with_mistake(ag.exp, lambda rule, operands, out: [3.0 * partial for partial in rule(operands, out)])
    assert ag.derivative(as_function(wrong), order=2)(0.0) == 9.0
    assert partial_texts(wrong, ["x"], "out") == ["3 * out"]


def test_a_wrong_primitive_reads_as_the_right_one() -> None:
    wrong = with_mistake(ag.atan2, lambda rule, operands, out: rule(operands, out)[::-1])
    x, y = ag.Value(1.0, label="x"), ag.Value(2.0, label="y")
    node = x.record(wrong, [x, y])
    assert node.data == math.atan2(1.0, 2.0)
    assert node.local_derivatives == pytest.approx((-0.2, 0.4))
    assert rule_of(ag.atan2)([1.0, 2.0], node.data) == pytest.approx([0.4, -0.2])
    assert wrong.write([Symbol("x"), Symbol("y")]).text == "atan2(x, y)"


# ---- the command -------------------------------------------------------------------------------------------------------------


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["tanh", "dot"]) == 0
    assert "score 100.0% in" in capsys.readouterr().out
    assert command.main(["nothing"]) == 2
    assert "no primitive is named nothing; there are add" in capsys.readouterr().err
