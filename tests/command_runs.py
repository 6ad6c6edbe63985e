"""What tests of several commands share: running one in a folder of its own, and without matplotlib."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path

from autograd_lite.commands.cli import main
from tests.processes import REPOSITORY


def run_command(*words: str, folder: Path, without_matplotlib: bool = False) -> "subprocess.CompletedProcess[str]":
    """The command run by a Python of its own in `folder`; its output is UTF-8 whatever the machine's locale."""
    paths = [str(REPOSITORY)]
    if without_matplotlib:
        blocked = folder / "blocked" / "matplotlib"
        blocked.mkdir(parents=True, exist_ok=True)
        (blocked / "__init__.py").write_text("raise ModuleNotFoundError('No module named matplotlib', name='matplotlib')")
        paths.insert(0, str(blocked.parent))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "autograd_lite", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=240)


def examples_of(command: str) -> list[list[str]]:
    """The words of every example in the command's help, as a shell gives them."""
    with suppress(SystemExit), redirect_stdout(StringIO()) as shown:
        main([command, "--help"])
    lines = [line.strip() for line in shown.getvalue().splitlines() if line.startswith("  autograd-lite ")]
    return [shlex.split(re.split(r" {2,}", line)[0])[1:] for line in lines]


def assert_examples_work(command: str, folder: Path, *more: str) -> None:
    """Every example of the help ends well and without a warning, in this process, with so many words more."""
    examples = examples_of(command)
    assert len(examples) >= 3
    with chdir(folder), redirect_stdout(StringIO()), redirect_stderr(StringIO()) as complaints:
        for words in examples:
            assert main([*words, *more]) == 0, words
            assert complaints.getvalue() == "", words


def written_by(output: str) -> list[str]:
    """The paths that a command says it wrote."""
    return [line.strip() for line in output.partition("\nwrote\n")[2].splitlines()]


def files_in(folder: Path, without: Sequence[str] = ()) -> set[str]:
    """The names of the files in a folder."""
    return {path.name for path in folder.iterdir() if path.name not in without}
