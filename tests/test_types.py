"""What type checkers know of the library: a user's script is read by strict ones, and run."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import REPOSITORY

SCRIPT = REPOSITORY / "tests" / "user_script.py"
NOT_RIGHT = """
import autograd_lite as al
from autograd_lite import Value, grad
from autograd_lite.nn import MLP
v = Value(1.0)
v.sinn()
v ^ 2
grad(lambda x: x * x)(3.0).backward()
MLP(2, [1], nonlin=False)
MLP(2, [1])([1.0, 2.0]).sinn()
al.tanhh
al.optim.Adamm
"""


def test_the_script_runs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", str(SCRIPT)], cwd=tmp_path, check=True)


def mypy(script: Path, cache: Path) -> str:
    api = pytest.importorskip("mypy.api")
    printed: str = api.run(["--strict", "--no-incremental", f"--cache-dir={cache}", str(script)])[0]
    return printed


def pyright(script: Path, folder: Path) -> str:
    """What pyright says, which is in the extra `dev`."""
    if importlib.util.find_spec("pyright") is None:
        pytest.skip("pyright is not installed")
    words = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(script)]
    return subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout


def test_strict_mypy_agrees(tmp_path: Path) -> None:
    assert "Success: no issues found" in mypy(SCRIPT, tmp_path)


def test_strict_pyright_agrees(tmp_path: Path) -> None:
    assert "0 errors, 0 warnings" in pyright(SCRIPT, tmp_path)


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_mistakes_are_noticed(checker: object, tmp_path: Path) -> None:
    script = tmp_path / "not_right.py"
    script.write_text(NOT_RIGHT)
    printed = checker(script, tmp_path)  # type: ignore[operator]
    lines = {int(line) for line in re.findall(r"not_right\.py:(\d+)\S* (?:- )?error", printed)}
    assert lines == set(range(6, 13)), printed
