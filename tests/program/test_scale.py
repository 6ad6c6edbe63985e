"""The files of docs/scale.md, run as they stand: many devices, many processes, and the parameters of the single machine."""

import os
import re
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import numpy
import pytest

from autograd_lite.engine.extras import is_here
from tests.processes import REPOSITORY

FILES = {
    match[2]: match[1]
    for match in re.finditer(r"```python\n(# (\w+\.py):.*?)```", (REPOSITORY / "docs" / "scale.md").read_text(), re.DOTALL)
}
# After a death, attempts may still meet the addresses of the dead, and end.
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--max-restarts", "9"]

both = pytest.mark.skipif(
    not (is_here("jax") and is_here("torch")), reason='JAX or PyTorch is not installed: pip install "autograd_lite[jax,torch]"'
)
pytestmark = both


def _run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(REPOSITORY)]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, the first of them run."""
    place = tmp_path_factory.mktemp("scale")
    for name, text in FILES.items():
        (place / name).write_text(text)
    _run(place, "whole.py")
    return place


def _same_as_the_single_machine(folder: Path, name: str) -> bool:
    import torch

    parts = run_path(str(folder / "step_torch.py"))["split"](torch.from_numpy(numpy.load(folder / "whole.npy")))
    found = numpy.load(folder / f"{name}.npz")
    before = numpy.load(folder / "data.npz")["parameters"]
    assert numpy.abs(before - numpy.load(folder / "whole.npy")).max() > 0.1  # it has learned
    assert set(found) == set(parts)
    return all(numpy.abs(found[part] - right.numpy()).max() <= 1e-12 for part, right in parts.items())


def test_rows_divided_among_eight_devices_are_summed_once_a_step(folder: Path) -> None:
    assert _run(folder, "data_parallel.py") == "1 all-reduce a step on 8 devices\n"
    assert _same_as_the_single_machine(folder, "data_parallel")


def test_a_wide_layer_divided_among_eight_devices(folder: Path) -> None:
    assert _run(folder, "model_parallel.py") == "W1 on a device: (8, 8) of (64, 8)\n"
    assert _same_as_the_single_machine(folder, "model_parallel")


def test_two_processes_of_which_one_is_killed(folder: Path) -> None:
    loop = "for step in range(first, 20):\n"
    text = FILES["many.py"]
    assert text.count(loop) == 1
    kill = "    if (step, rank) == (9, 1) and not first:\n        os.kill(os.getpid(), 9)\n    print('step', step, 'of', rank, flush=True)\n"
    (folder / "many.py").write_text(text.replace(loop, loop + kill))
    told = _run(folder, *TORCHRUN, "many.py").splitlines()
    assert told.count("step 8 of 1") == 1  # before it died
    assert told.count("step 19 of 0") == told.count("step 19 of 1") == 1
    assert _same_as_the_single_machine(folder, "many")
