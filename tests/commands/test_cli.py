"""The command line: what it prints, what it writes, and how it refuses."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd_lite import Value
from autograd_lite.commands.cli import main
from autograd_lite.systems import xor
from tests.command_runs import assert_examples_work
from tests.processes import REPOSITORY


def run_cli(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "autograd_lite", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240)


# ---- eval --------------------------------------------------------------------------------------------------------------------


def test_eval_prints_value_and_gradient(capsys):
    assert main(["eval", "tanh(w*x + b)", "w=2", "x=0.5", "b=1"]) == 0
    assert capsys.readouterr().out == (
        "value  0.9640275800758169\nd/dw   0.03532541242658224\nd/dx   0.14130164970632897\nd/db   0.07065082485316448\n"
    )


def test_eval_order_two_prints_the_hessian(capsys):
    assert main(["eval", "x**2 * y", "x=3", "y=2", "--order", "2"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-3:] == ["Hessian    x    y", "x        4.0  6.0", "y        6.0  0.0"]


def test_eval_order_zero_prints_the_value_only(capsys):
    assert main(["eval", "2**3 / 4", "--order", "0"]) == 0
    assert capsys.readouterr().out == "value  2.0\n"


@pytest.mark.parametrize("command", ["eval", "draw", "step", "check"])
@pytest.mark.parametrize("call", ["polygamma(1.5, x)", "polygamma(x, 2)"])
def test_an_argument_that_a_function_refuses_is_no_crash(capsys, command, call):
    assert main([command, f"x + {call}", "x=2"]) == 2
    error = capsys.readouterr().err
    assert f"`{call}`: the order of polygamma must be a whole number, got " in error
    assert "Traceback" not in error


def test_eval_knows_the_functions_of_the_table_and_compositions(capsys):
    assert main(["eval", "clamp(x, 0, 1) + total(x, y, 1) + logaddexp(x, y) + gelu(y)", "x=3", "y=0"]) == 0
    value = float(capsys.readouterr().out.split()[1])
    assert math.isclose(value, 1 + 4 + math.log(math.exp(3) + 1))


def test_eval_puts_a_caret_under_the_offending_part():
    done = run_cli("eval", "1 + x.real", "x=2")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert "x.real" in lines[0]
    assert lines[-2].strip() == "1 + x.real"
    assert set(lines[-1].strip()) <= {"^", "~"}


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "(lambda: 1)()", "[x for x in (1, 2)]", "open('/etc/passwd')"])
def test_eval_runs_nothing_but_arithmetic(text):
    done = run_cli("eval", text)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_eval_reports_a_domain_error_in_the_users_terms():
    done = run_cli("eval", "log(w*x + b)", "w=2", "x=-0.5", "b=-1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "autograd-lite: `log(w * x + b)` is not defined at w * x + b = -2.0 (where b = -1.0): the operand must lie in (0, inf)\n"
    )


def test_eval_of_a_missing_name_says_how_to_give_it():
    done = run_cli("eval", "x + y", "x=1")
    assert done.returncode == 2
    assert "y=NUMBER" in done.stderr


# ---- xor ---------------------------------------------------------------------------------------------------------------------


def test_xor_learns_and_writes_model_and_history(tmp_path):
    done = run_cli("xor", "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"\bright\b", done.stdout)) == 4
    assert "cost after   1000 iterations" in done.stdout
    record = json.loads((tmp_path / "run" / "history.json").read_text())
    assert len(record["costs"]) == 1001
    assert record["costs"][-1] < 0.05 < record["costs"][0]
    model = xor.network(seed=99)
    model.load(tmp_path / "run" / "model.json")
    assert xor.predictions(model) == record["predictions"]
    written = [Path(line.strip()).name for line in done.stdout.partition("wrote\n")[2].splitlines()]
    assert sorted(written) == sorted(path.name for path in (tmp_path / "run").iterdir())
    assert {"model.json", "history.json", "graph.svg", "steps.html"} <= set(written)


def test_xor_draws_without_any_renderer_installed(tmp_path):
    blocked = tmp_path / "blocked"
    for name in ("pygraphviz", "matplotlib"):
        (blocked / name).mkdir(parents=True)
        (blocked / name / "__init__.py").write_text("raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(blocked), str(REPOSITORY)]), "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "autograd_lite", "xor", "--iterations", "2"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    written = {path.name for path in (tmp_path / "xor-run").iterdir()}
    assert written == {"model.json", "history.json", "graph.svg", "steps.html"}


def test_xor_writes_the_same_bytes_every_time(tmp_path):
    pytest.importorskip("matplotlib", reason="the curve is drawn with matplotlib")
    for name in ("a", "b"):
        assert run_cli("xor", "--iterations", "5", "--quiet", "--out", name, cwd=tmp_path).returncode == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


# ---- draw and step -----------------------------------------------------------------------------------------------------------


def test_draw_writes_a_picture_and_prints_the_tree(tmp_path):
    done = run_cli("draw", "tanh(w*x + b)", "w=2", "x=0.5", "b=1", "-o", "neuron.svg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "tanh" in done.stdout
    assert done.stdout.endswith("wrote neuron.svg\n")
    root = ElementTree.parse(tmp_path / "neuron.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = " ".join(root.itertext())
    assert all(part in texts for part in ("tanh", "0.964", "0.03533"))


def test_the_picture_in_the_readme_is_what_draw_draws(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_LITE_RENDERER", "builtin")
    values = ["x1=2", "w1=-3", "x2=0", "w2=1", "b=6.8813735870195432"]
    assert run_cli("draw", "tanh(x1*w1 + x2*w2 + b)", *values, "-o", "neuron.svg", cwd=tmp_path).returncode == 0
    assert (tmp_path / "neuron.svg").read_bytes() == (REPOSITORY / "docs" / "neuron.svg").read_bytes()


def test_draw_of_a_number_alone_works(tmp_path):
    assert run_cli("draw", "2 * 3", "--quiet", cwd=tmp_path).returncode == 0
    assert (tmp_path / "graph.svg").exists()


def test_draw_refuses_an_unknown_ending_and_an_unknown_name(tmp_path):
    ending = run_cli("draw", "x*x", "x=1", "-o", "graph.gif", cwd=tmp_path)
    assert (ending.returncode, ending.stderr.count("\n")) == (2, 1)
    assert ".gif" in ending.stderr
    name = run_cli("draw", "x*x", "x=1", "--highlight", "y", cwd=tmp_path)
    assert name.returncode == 2
    assert "no name 'y' to highlight - the names are x" in name.stderr
    assert list(tmp_path.iterdir()) == []


def test_step_prints_every_step_where_there_is_no_terminal():
    done = run_cli("step", "w*x", "w=2", "x=0.5")
    assert done.returncode == 0, done.stderr
    assert "dL/dw += dL/dw * dL/dL = (x) * 1.0000 = 0.5000 * 1.0000 = 0.5000   [0 -> 0.5000]" in done.stdout


def test_step_saves_a_page(tmp_path):
    done = run_cli("step", "w*x", "w=2", "x=0.5", "--save", "steps.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "wrote steps.html\n")
    assert "<svg" in (tmp_path / "steps.html").read_text()


def test_xor_shows_one_gradient_three_ways(tmp_path, capsys):
    assert main(["xor", "--iterations", "20", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    ways = [float(number) for number in re.findall(r"(?:formula|difference|backward) +(\S+)", out)]
    assert len(ways) == 3
    assert math.isclose(ways[0], ways[2], rel_tol=1e-14)
    assert math.isclose(ways[0], ways[1], rel_tol=1e-7)


def test_xor_is_the_same_for_the_same_seed_and_options_matter(tmp_path):
    records = []
    for name, *options in (["a"], ["b"], ["c", "--seed", "1"], ["d", "--init", "normal", "--hidden", "3", "--lr", "0.5"]):
        assert main(["xor", "--iterations", "5", "--quiet", "--out", str(tmp_path / name), *options]) == 0
        records.append((tmp_path / name / "history.json").read_bytes())
    assert records[0] == records[1]
    assert len(set(records)) == 3
    assert json.loads(records[3])["settings"] == {"init": "normal", "seed": 0, "lr": 0.5, "iterations": 5, "hidden": 3}


def test_xor_quiet_prints_nothing(tmp_path):
    done = run_cli("xor", "--quiet", "--iterations", "3", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "xor-run" / "model.json").exists()


def test_xor_shows_a_bar_on_a_terminal(tmp_path):
    pytest.importorskip("tqdm", reason="the bar is tqdm's")
    pty = pytest.importorskip("pty", reason="a terminal to show it on needs a Unix system")
    termios = pytest.importorskip("termios", reason="a terminal to show it on needs a Unix system")
    reading, writing = pty.openpty()
    termios.tcsetwinsize(writing, (24, 80))  # a new one is no columns wide
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TQDM_")} | {
        "PYTHONPATH": str(REPOSITORY)
    }
    command = [sys.executable, "-m", "autograd_lite", "xor", "--iterations", "40"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=writing, timeout=240)
    os.write(writing, b"end")  # so that reading cannot wait for what never comes
    shown = os.read(reading, 10_000).decode()
    os.close(writing)
    os.close(reading)
    assert done.returncode == 0
    assert "/40" in shown
    assert b"iteration      0" not in done.stdout


def test_ctrl_c_ends_cleanly_and_keeps_what_was_learned(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-u", "-m", "autograd_lite", "xor", "--iterations", "1000000"]
    running = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    running.stdout.readline()  # training has begun
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=240)
    assert running.returncode == 130
    assert complaint.strip() == "stopped"
    record = json.loads((tmp_path / "xor-run" / "history.json").read_text())
    model = xor.network()
    model.load(tmp_path / "xor-run" / "model.json")
    assert xor.predictions(model) == record["predictions"]
    assert len(record["costs"]) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["xor", "--lr", "-1"], "'-1' is not a finite number above 0"),
        (["xor", "--lr", "nan"], "'nan' is not a finite number above 0"),
        (["xor", "--lr", "fast"], "'fast' is not a number"),
        (["xor", "--iterations", "0"], "'0' is below 1"),
        (["xor", "--iterations", "1.5"], "'1.5' is not a whole number"),
        (["xor", "--seed", "-3"], "'-3' is below 0"),
        (["xor", "--init", "zeros"], "invalid choice: 'zeros'"),
        (["learn"], "invalid choice: 'learn'"),
        (["eval"], "the following arguments are required: expression"),
    ],
)
def test_bad_arguments_end_with_one_line_and_code_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = run_cli("xor", "--iterations", "1", "--out", str(tmp_path / "taken" / "run"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_no_command_gives_an_overview(capsys):
    assert main([]) == 0
    assert "autograd-lite xor" in capsys.readouterr().out


def test_every_example_of_help_works_when_pasted(tmp_path):
    lines = [line for line in run_cli("eval", "--help").stdout.splitlines() if line.startswith("  autograd-lite ")]
    assert len(lines) >= 3
    for line in lines:
        shell = line.strip().replace("autograd-lite", f'"{sys.executable}" -m autograd_lite', 1)
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(shell, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stderr)


@pytest.mark.parametrize("command", ["eval", "draw", "step", "check"])
def test_every_example_of_help_works(command, tmp_path):
    assert_examples_work(command, tmp_path)


def test_every_example_of_the_help_of_xor_works(tmp_path, monkeypatch):
    """Shorter: other tests train to the end, draw the charts, and count what 10,000 iterations learn."""
    monkeypatch.setattr("autograd_lite.commands.xor._MARKS", {"uniform": (1000,), "normal": (1000,)})
    monkeypatch.setattr("autograd_lite.commands.report.available", lambda: False)
    assert_examples_work("xor", tmp_path, "--iterations", "60")


# ---- the system itself -------------------------------------------------------------------------------------------------------


def test_three_ways_agree_at_every_stage_of_training():
    model = xor.network(seed=3)
    for number, _ in enumerate(xor.train(model, iterations=60)):
        if number % 20 == 0:
            ways = xor.three_ways(model)
            assert ways.name == "layer0.neuron0.w[0]"
            assert math.isclose(ways.analytic, ways.backward, rel_tol=1e-13, abs_tol=1e-18)
            assert math.isclose(ways.analytic, ways.numerical, rel_tol=1e-6, abs_tol=1e-10)


def test_the_difference_leaves_the_weight_as_it_was():
    model = xor.network()
    before = model.state_dict()
    xor.three_ways(model)
    assert model.state_dict() == before


def test_cost_is_half_the_sum_of_squares():
    model = xor.network()
    by_hand = sum((output - target) ** 2 for output, target in zip(xor.predictions(model), xor.TARGETS, strict=True)) / 2
    assert math.isclose(xor.cost(model).data, by_hand, rel_tol=1e-15)
    assert isinstance(xor.cost(model), Value)
