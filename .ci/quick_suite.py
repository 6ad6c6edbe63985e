"""The quick suite on what is installed: `python .ci/quick_suite.py`, by a Python that has what cibuildwheel installs for it, too.

The tests run in a folder of their own, so that the installed package is imported and not the sources beside them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = [
    *"tests benchmarks docs notebooks .ci conftest.py pyproject.toml setup.py".split(),
    *"README.md CHANGELOG.md CITATION.cff CONTRIBUTING.md".split(),
]
ENGINE = (
    "contexts sweeps interruption threads memory misuse semantics copies build graph_shapes errors numbers table protocol".split()
)
QUICK = [
    "test_growth",
    "test_release",
    "calculus/test_nesting",
    "calculus/test_transforms",
    *(f"engine/test_{name}" for name in ENGINE),
]


def main() -> int:
    """Runs what wheels are tried with, then the quick suite; gives the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NEEDED:
            source = HERE.parent / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, Path(folder, name))
        tests = [f"tests/{name}.py" for name in QUICK]
        # What does not say in which encoding it reads or writes is an error here: not everywhere it is UTF-8.
        around = os.environ | {"PYTHONPATH": "", "PYTHONWARNDEFAULTENCODING": "1"}
        ran = [
            subprocess.run([sys.executable, *arguments], cwd=folder, check=False, env=around).returncode
            for arguments in ([".ci/wheel_test.py"], ["-m", "pytest", "-q", *tests])
        ]
    return max(map(abs, ran))


if __name__ == "__main__":
    sys.exit(main())
