"""Reports: what commands say and write in one style."""

import io
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.commands.report import Report
from autograd_lite.drawing import draw
from autograd_lite.plotting import Curve, Panel

PANEL = Panel("a panel", "x", "y", [Curve("rising", [1, 2, 3], [1.0, 2.0, 3.0])])


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_quiet_report_writes_and_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(tmp_path / "deep" / "run", quiet=True)
    report.heading("A part")
    report.table("rows", {"n": "n"}, [[1]])
    report.graph("graph", draw(Value(1.0) + 1.0))
    report.close()
    assert capsys.readouterr().out == ""
    assert (tmp_path / "deep" / "run" / "graph.svg").exists()


def test_headings_are_underlined_and_set_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(tmp_path)
    report.heading("One")
    report.heading("Two!")
    assert capsys.readouterr().out == "One\n---\n\nTwo!\n----\n"


def test_what_was_written_is_named_once_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="charts are drawn with matplotlib")
    report = Report(tmp_path)
    report.chart("curve", PANEL)
    assert capsys.readouterr().out == ""
    report.close()
    assert capsys.readouterr().out == f"\nwrote\n  {tmp_path}/curve.svg\n  {tmp_path}/curve.png\n"


def test_a_report_that_wrote_nothing_makes_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(tmp_path / "run")
    report.say("hello")
    report.close()
    assert capsys.readouterr().out == "hello\n"
    assert not (tmp_path / "run").exists()


def test_without_matplotlib_a_chart_is_a_line_of_text_for_each_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    report = Report(tmp_path)
    report.chart("curve", PANEL)
    shown = capsys.readouterr().out
    assert "a panel: y over x, lowest to highest" in shown
    assert shown.splitlines()[-1].split() == ["rising", "▁▅█", "1", "3"]
    assert report.written == []


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_gives_the_items_and_shows_a_bar_on_a_terminal_only(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tqdm", reason="the bar is tqdm's")
    shown = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    assert list(Report(tmp_path).progress(range(3), 3, "frames")) == [0, 1, 2]
    assert ("3 frames" in shown.getvalue() or "/3" in shown.getvalue()) == terminal
    quiet = Terminal()
    monkeypatch.setattr("sys.stderr", quiet)
    assert list(Report(tmp_path, quiet=True).progress("ab", 2, "frames")) == ["a", "b"]
    assert quiet.getvalue() == ""
