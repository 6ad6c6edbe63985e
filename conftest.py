"""For all tests: those asked for by no more than `pytest` run in several processes; files that examples write go elsewhere."""

import os

import pytest

# Second names of modules whose examples run under their first.
collect_ignore = [f"autograd_lite/{name}.py" for name in ("errors", "primitive", "primitives", "symbols", "value")]
MOST_PROCESSES = 4  # with more, all wait for the longest file


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole suite takes all processors, up to a few; `-n 0` is one process, and so are tests named on the command line."""
    option = config.option
    if "PYTEST_XDIST_WORKER" in os.environ:  # one of the several, which is asked the same, and would have several of its own
        return
    asked = option.usepdb or option.trace or option.capture == "no" or getattr(option, "numprocesses", 0) is not None
    if not asked and option.dist == "no" and config.args_source is pytest.Config.ArgsSource.TESTPATHS and processors() > 1:
        option.numprocesses, option.dist = min(processors(), MOST_PROCESSES), "loadfile"
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # threads of NumPy in every process would wait for each other


def processors() -> int:
    """How many there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.fixture(autouse=True)
def _examples_write_elsewhere(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
