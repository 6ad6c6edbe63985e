"""`autograd-lite neuron`: what it prints and writes, with and without matplotlib."""

from pathlib import Path

import pytest

from autograd_lite.commands.cli import main
from autograd_lite.systems import neuron, neuron_growth
from tests.command_runs import assert_examples_work, files_in, run_command, written_by


def test_the_default_shows_the_three_ways_and_the_shared_paths(tmp_path: Path) -> None:
    done = run_command("neuron", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for ways in neuron.three_ways():
        assert repr(ways.by_hand) in done.stdout
        assert repr(ways.backward) in done.stdout
    assert "dC/dz2 = delta2" in done.stdout
    assert {"paths-of-w1.svg", "paths-of-w2.svg"} <= files_in(tmp_path / "neuron-run")
    assert {Path(path).name for path in written_by(done.stdout)} == files_in(tmp_path / "neuron-run")


def test_experiments_are_chosen_by_flags_and_write_svg_and_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="charts are drawn with matplotlib")
    assert main(["neuron", "--steps", "--slow-start", "--sweep", "--out", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert "three ways" not in out
    assert "order of the error in h: forward 1.00, central 2.00" in out
    assert "0.202848" in out  # of the published neuron, from w = b = 2
    assert files_in(tmp_path / "run") == {f"{name}.{kind}" for name in ("steps", "slow-start", "sweep") for kind in ("svg", "png")}


def test_published_examples_stand_beside_the_computed_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neuron", "--published", "--out", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    for figure in ("0.7310585786300049", "0.8825501816218984", "-7.286496", "138.83381924198252"):
        assert figure in out
    assert "NOT AS EXPECTED" not in out
    assert not (tmp_path / "run").exists()


def test_without_matplotlib_curves_are_lines_of_text(tmp_path: Path) -> None:
    done = run_command("neuron", "--steps", folder=tmp_path, without_matplotlib=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(set(line) & set("▁▂▃▄▅▆▇█") and "central difference" in line for line in done.stdout.splitlines())
    assert not (tmp_path / "neuron-run").exists()


def test_quiet_prints_nothing_and_writes_the_same(tmp_path: Path) -> None:
    for flag, name in (("--quiet", "a"), ("--seed=0", "b")):
        done = run_command("neuron", "--ways", "--sweep", flag, "--out", name, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert (done.stdout == "") == (flag == "--quiet")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_every_example_of_help_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neuron_growth, "COUNTS", (2, 10, 100))  # to a million takes seconds, by the same three lines
    assert_examples_work("neuron", tmp_path, "--quiet")
