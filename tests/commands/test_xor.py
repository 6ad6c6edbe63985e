"""The experiments of `autograd-lite xor`, chosen by flags."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_lite.commands.cli import main
from tests.command_runs import files_in, run_command
from tests.processes import REPOSITORY

BOTH = ("svg", "png")


def test_200_starts_show_the_known_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xor", "--seeds", "200", "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    for way in ("matrices", "program"):
        found = re.findall(rf"NumPy +{way} +([\d,]+) +(\d+) +(\d+) ", shown)
        assert found == [("1,000", "200", "200"), ("1,000", "1", "1"), ("5,000", "145", "145"), ("10,000", "189", "189")]
    assert not (tmp_path / "run").exists()


def test_of_fewer_starts_nothing_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xor", "--seeds", "3", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"matrices +1,000 +3 +0", shown)
    assert "145" not in shown


def test_the_film_follows_the_options_and_comes_with_a_still(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn with matplotlib")
    options = ["--film", "--iterations", "10", "--init", "normal", "--seed", "3", "--out", str(tmp_path / "run")]
    assert main(["xor", *options]) == 0
    assert "normal start, seed 3" in capsys.readouterr().out
    assert files_in(tmp_path / "run") == {"film.html", "boundary.svg", "boundary.png"}
    assert "iteration 10" in (tmp_path / "run" / "film.html").read_text()


def test_experiments_write_svg_and_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn with matplotlib")
    assert main(["xor", "--plateau", "--sweep", "--layer-rates", "--linear", "--copied", "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"normal\(0, 0.1\) +5,000 +145 ", shown)
    assert "3 of 4" in shown
    assert "from 200 of 200 (known: 200)" in shown
    names = ("plateau", "rates", "layer-rates", "copied")
    assert files_in(tmp_path / "run") == {f"{name}.{kind}" for name in names for kind in BOTH}


def test_published_runs_stand_beside_the_computed_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xor", "--published", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for figure in ("0.496410031903", "0.00351012256786", "0.99701711"):
        assert figure in shown
    assert "NOT AS EXPECTED" not in shown


def test_without_matplotlib_the_film_is_written_and_curves_are_text(tmp_path: Path) -> None:
    done = run_command("xor", "--film", "--sweep", "--iterations", "4", folder=tmp_path, without_matplotlib=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert files_in(tmp_path / "xor-run") == {"film.html"}
    assert "no boundary.svg: pictures need matplotlib" in done.stdout
    assert set(done.stdout) & set("▁▂▃▄▅▆▇█")


def test_the_plain_run_shows_its_cost_as_text_without_matplotlib(tmp_path: Path) -> None:
    done = run_command("xor", "--iterations", "20", folder=tmp_path, without_matplotlib=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout) & set("▁▂▃▄▅▆▇█")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        assert main(["xor", "--film", "--iterations", "6", "--quiet", "--out", str(tmp_path / name)]) == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_ctrl_c_ends_an_experiment_cleanly_and_names_what_was_written(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "autograd_lite", "xor", "--film", "--iterations", "1000000"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    running = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    running.stdout.readline()  # the heading: training has begun
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=240)
    assert running.returncode == 130
    assert complaint.strip() == "stopped"
    assert not (tmp_path / "xor-run").exists()


@pytest.mark.parametrize(
    ("words", "message"), [(["--seeds", "0"], "'0' is below 1"), (["--seeds", "many"], "'many' is not a whole number")]
)
def test_a_number_of_starts_that_is_none_is_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["xor", *words])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
