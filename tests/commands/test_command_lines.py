"""Command lines: whatever is typed ends with an exit code and at most a few lines, never with a traceback."""

import os
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.commands.cli import main
from tests.processes import REPOSITORY
from tests.torture.command_lines import check, command_line, ended, is_quick


@pytest.mark.parametrize("block", range(8))
def test_generated_command_lines_end_as_promised(block):
    for seed in range(100 * block, 100 * block + 100):
        words = command_line(random.Random(seed))
        if is_quick(words):
            check(words)


NOWHERE = {
    'eval "x + 9**9**9" x=1': "`9**9**9` overflows: the result is beyond the largest float, 1.8e308 - the expression has no value anywhere",
    'eval "9**9**9**9"': "`9**9**9` overflows: the result is beyond the largest float, 1.8e308 - the expression has no value anywhere",
    'eval "1/(2-2)"': "`1/(2-2)` divides by zero - the expression has no value anywhere",
    'eval "0**-1 * x" x=2': "`0**-1` divides by zero - the expression has no value anywhere",
    'eval "log(-1) + x" x=1': "`log(-1)` is not defined at -1.0: the operand must lie in (0, inf) - the expression has no value anywhere",
    'eval "exp(1000)"': "`exp(1000)` overflows at 1000.0: the result is beyond the largest float, 1.8e308 - the expression has no value anywhere",
    'eval "x/(1-1)" x=1': "`x / 0` divides by zero at x = 1.0 - the expression has no value anywhere",
    'draw "1/0"': "`1/0` divides by zero - the expression has no value anywhere",
    'step "x + 1/0" x=1': "`1/0` divides by zero - the expression has no value anywhere",
    'check "x/0" x=1': "`x / 0` divides by zero at x = 1.0 - the expression has no value anywhere",
    'check "x + 1/(2-2)" x=1': "`1/(2-2)` divides by zero - the expression has no value anywhere",
    'check "1/x" x=0': "`1 / x` divides by zero at x = 0.0: there is no derivative to check",
    'check "log(x)" x=-1': "`log(x)` is not defined at x = -1.0: the operand must lie in (0, inf): there is no derivative to check",
    'check "exp(x)" x=1000': "`exp(x)` overflows at x = 1000.0: the result is beyond the largest float, 1.8e308: there is no derivative to check",
    "eval x\udc80 x\udc80=1": r"'x\udc80' is no text in this terminal's encoding - write names and paths in UTF-8",
    "draw x x=1 -o \udc80.svg": r"'\udc80.svg' is no text in this terminal's encoding - write names and paths in UTF-8",
    "canon \udc80": r"'\udc80' is no text in this terminal's encoding - write names and paths in UTF-8",
    "neuron --out \udcff": r"'\udcff' is no text in this terminal's encoding - write names and paths in UTF-8",
}


@pytest.mark.parametrize("line", NOWHERE, ids=ascii)
def test_what_has_no_value_anywhere_is_one_line_and_code_2(line):
    words = [word.strip('"') for word in shlex.split(line)]
    assert ended(words) == (2, "", f"autograd-lite: {NOWHERE[line]}\n")


def test_a_point_without_a_value_is_a_failed_computation():
    assert ended(["eval", "1/x", "x=0"]) == (1, "", "autograd-lite: `1 / x` divides by zero at x = 0.0\n")


def closed(shell: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command whose streams the shell closes."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    program = f'"{sys.executable}" -m autograd_lite {shell}'
    return subprocess.run(program, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize(
    "command", ["neuron", "eval x x=1", "--version", "--help", "xor --iterations 1 --quiet", "check x x=1", "learn"]
)
def test_a_closed_output_is_one_line_and_code_2(command, tmp_path):
    done = closed(f"{command} >&-", tmp_path)
    message = "standard output is closed, and there is nowhere to print - leave out `>&-`, or write > /dev/null"
    assert (done.returncode, done.stderr) == (2, f"autograd-lite: {message}\n")
    assert list(tmp_path.iterdir()) == []


def test_a_closed_input_is_one_line_and_code_2_where_keys_are_read(tmp_path):
    done = closed('step "x*x" x=1 <&-', tmp_path)
    message = "standard input is closed, and keys come from there - write --save FILE.html, or < /dev/null for all steps"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"autograd-lite: {message}\n")
    assert closed('step "x*x" x=1 --save steps.html <&-', tmp_path).returncode == 0
    assert closed('eval "x*x" x=1 <&-', tmp_path).returncode == 0


@pytest.mark.parametrize(("command", "code"), [("eval x", 2), ("eval 1/x x=0", 1), ("eval x x=1", 0), ("xor --lr 0", 2)])
def test_closed_and_full_error_streams_change_no_exit_code(command, code, tmp_path):
    quiet = closed(f"{command} 2>&-", tmp_path)
    assert quiet.returncode == code
    assert "autograd-lite" not in quiet.stdout
    if Path("/dev/full").exists():
        assert closed(f"{command} 2>/dev/full", tmp_path).returncode == code


def test_a_full_output_is_one_line(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    done = closed("eval x x=1 > /dev/full", tmp_path)
    assert (done.returncode, done.stderr.count("\n"), "No space left on device" in done.stderr) == (1, 1, True)


def test_names_that_the_terminal_has_no_letters_for_are_escaped(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "autograd_lite", "eval", "é * 2", "é=1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout, done.stderr) == (0, "value  2.0\nd/d\\xe9   2.0\n", "")


def test_words_with_line_breaks_stay_on_the_line(capsys):
    with pytest.raises(SystemExit):
        main(["eval", "x", "--no\nsuch"])
    assert capsys.readouterr().err.count("\n") == 1


def test_too_little_memory_is_one_line(monkeypatch, capsys):
    def grasps(*_):
        raise MemoryError

    monkeypatch.setattr("autograd_lite.commands.evaluate.gradients", grasps)
    assert main(["eval", "x", "x=1"]) == 1
    assert capsys.readouterr().err == "autograd-lite: there is not enough memory for that - write smaller numbers\n"
