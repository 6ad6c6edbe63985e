"""The quick suite on what is installed: `python .ci/quick_suite.py`, by a Python that has pytest, xdist and hypothesis, too.

The tests run in a folder of their own, so that the installed package is imported and not the sources beside them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGES = "README.md CHANGELOG.md CONTRIBUTING.md CITATION.cff".split()
NEEDED = [*"tests benchmarks docs notebooks .ci conftest.py pyproject.toml setup.py".split(), *PAGES]
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
        ran = [
            subprocess.run([sys.executable, *arguments], cwd=folder, check=False, env=os.environ | {"PYTHONPATH": ""}).returncode
            for arguments in ([".ci/wheel_test.py"], ["-m", "pytest", "-q", *tests])
        ]
    return max(map(abs, ran))


if __name__ == "__main__":
    sys.exit(main())
