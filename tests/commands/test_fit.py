"""`autograd-lite fit`: the certified table, the chart, and how it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograd_lite.calculus.least_squares import FitError
from autograd_lite.commands.cli import main
from autograd_lite.systems import nist


def test_the_table_holds_what_was_computed_beside_what_is_certified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "nist", "Misra1a", "--out", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert " ".join(output.split()).startswith(
        "These data are the result of a NIST study regarding dental research in monomolecular"
    )
    assert "\n  y = b1*(1-exp(-b2*x))\n" in output
    assert "\nMisra1a from start 1: 33 steps\n" in output
    assert "\nMisra1a from start 2: 16 steps\n" in output
    assert output.count("  b1                   2.3894212918E+02   2.3894212918E+02    11.0\n") == 2
    assert "\nAll values agree with the certified ones to 10 digits or more.\n" in output
    assert output.endswith(f"wrote\n  {tmp_path / 'Misra1a.svg'}\n  {tmp_path / 'Misra1a.png'}\n")


def test_the_chart_names_what_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "nist", "misra1a", "--start", "2", "--out", str(tmp_path), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    chart = (tmp_path / "Misra1a.svg").read_text()
    for text in ("pressure", "volume", "observed", "fitted", "residuals", "observed - fitted", "start 2", "sum of squares"):
        assert f">{text}</text>" in chart, text
    assert "start 1" not in chart
    assert (tmp_path / "Misra1a.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_fit_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        main(["fit", "nist", "BoxBOD", "--out", str(tmp_path / name), "--quiet"])
    for name in ("BoxBOD.svg", "BoxBOD.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_without_a_data_set_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "nist"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(nist.NAMES)
    assert lines[1].split() == ["Misra1a", "lower", "14", "b1*(1-exp(-b2*x))"]


def test_an_unknown_data_set_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["fit", "nist", "Thurbr"])
    assert stopped.value.code == 2
    assert "there is no data set 'Thurbr'. Did you mean Thurber? There are Misra1a, " in capsys.readouterr().err


def test_a_start_with_no_minimum_downhill_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def lost(name: str, start: int) -> nist.Result:
        raise FitError(f"no minimum after {start} steps")

    monkeypatch.setattr("autograd_lite.systems.nist.fit", lost)
    assert main(["fit", "nist", "Misra1a"]) == 1
    assert capsys.readouterr().err == "autograd-lite: no minimum after 1 steps\n"


def test_fewer_than_nine_digits_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    near, fit = nist.load("Misra1a"), nist.fit

    def slightly_off(name: str, start: int) -> nist.Result:
        result = fit(name, start)
        wrong = tuple(parameter * (1.0 + 9e-7) for parameter in near.parameters)
        return nist.Result(replace(near, parameters=wrong), start, result.fit)

    monkeypatch.setattr("autograd_lite.systems.nist.fit", slightly_off)
    assert main(["fit", "nist", "Misra1a", "--out", str(tmp_path)]) == 1
    assert "agree with the certified ones to 6 digits or more" in capsys.readouterr().out
