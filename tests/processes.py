"""Python in a process of its own: for what would end this one if it went wrong."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

REPOSITORY = Path(__file__).parent.parent


def run_python(source: str, directory: Path = REPOSITORY) -> str:
    """What the source prints, run with `directory` first on the path.

    Raises:
        AssertionError: if the process fails, with all it said.
    """
    program = f"import sys\nsys.path.insert(0, {str(directory)!r})\n{dedent(source)}"
    command, environment = [sys.executable, "-W", "error", "-c", program], os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=240, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
