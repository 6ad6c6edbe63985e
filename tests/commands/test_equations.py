"""`autograd-lite equations`: what it prints and writes, and how it refuses."""

from pathlib import Path

import pytest

from autograd_lite.commands.cli import main
from autograd_lite.systems import equations
from tests.command_runs import assert_examples_work, files_in, run_command


def test_the_default_holds_every_number_of_the_four_equations_in_three_ways(tmp_path: Path) -> None:
    done = run_command("equations", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for row in equations.rows(equations.EXERCISES["2-2-1"]):
        [line] = [line for line in done.stdout.splitlines() if f" {row.symbol.text} " in line and row.equation in line]
        beside = [number - row.definition for number in (row.graph, row.program)]
        assert line.split()[2:] == [repr(row.definition), *(f"{gap:+.1e}" if gap else "same" for gap in beside)]
    assert "graph.svg" in files_in(tmp_path / "equations-run")


def test_a_network_can_be_given_by_its_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["equations", "--network", "3-2", "--seed", "4", "--latex", "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    assert r"\frac{\partial C}{\partial w^{1}_{23}}" in shown
    assert "".join(equations.latex(equations.by_graph(equations.small((3, 2), 4)).entries()).split()) in "".join(shown.split())


@pytest.mark.parametrize("network", ["2", "2-0-1", "2-x", "", "mazurr", "2--1"])
def test_what_is_no_network_is_one_line(network: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["equations", "--network", network])
    assert stopped.value.code == 2
    complaint = capsys.readouterr().err
    assert f"{network!r} is neither one of 2-2-1, mazur, schiendorfer, nor sizes such as 3-4-2" in complaint
    assert complaint.count("\n") == 1


def test_published_networks_stand_with_their_errata(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["equations", "--published", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for figure in (
        "-2.406e-3",
        "-0.0026544890308847417",
        "0.291027924",
        "0.29102777369359933",
        "0.0000351085",
        "0.0004733812240027136",
    ):
        assert figure in shown
    assert shown.count("erratum") == 3
    assert "NOT AS EXPECTED" not in shown


def test_rules_of_thumb_and_slow_learning_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="charts are drawn with matplotlib")
    assert main(["equations", "--blame", "--slow", "--vanishing", "--network", "mazur", "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    assert "-0.18801" in shown
    assert files_in(tmp_path / "run") == {f"{name}.{kind}" for name in ("blame", "slow", "vanishing") for kind in ("svg", "png")}


def test_a_network_without_hidden_layer_is_not_blamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["equations", "--blame", "--network", "2-1", "--out", str(tmp_path / "run")]) == 0
    assert "Whose error" not in capsys.readouterr().out


def test_the_source_of_the_program_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["equations", "--source", "--out", str(tmp_path)]) == 0
    assert "d_z1 = (d_z2 @ W2) * a1" in capsys.readouterr().out


def test_every_example_of_help_works(tmp_path: Path) -> None:
    assert_examples_work("equations", tmp_path, "--quiet")
