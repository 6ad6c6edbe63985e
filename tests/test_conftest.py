"""How tests are run: in several processes where that pays, and as able to hear Ctrl-C as in a terminal."""

import os
import signal
import subprocess
import sys
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.processes import REPOSITORY

ALONE = {"usepdb": False, "trace": False, "capture": "fd", "numprocesses": None, "dist": "no"}


@pytest.fixture
def hooks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file `conftest.py` beside the sources, on a machine of eight processors."""
    [found] = [each for each in request.config.pluginmanager.get_plugins() if getattr(each, "MOST_PROCESSES", None)]
    monkeypatch.setattr(found, "processors", lambda: 8)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return found


def decided(hooks: ModuleType, source: str = "TESTPATHS", **options: Any) -> tuple[Any, str]:
    config = SimpleNamespace(option=SimpleNamespace(**ALONE | options), args_source=pytest.Config.ArgsSource[source])
    hooks.pytest_cmdline_main(config)
    return config.option.numprocesses, config.option.dist


def test_the_whole_suite_runs_in_several_processes(hooks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # undone at the end
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    assert decided(hooks) == (4, "loadfile")
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_one_of_several_processes_starts_no_others(hooks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert decided(hooks) == (None, "no")


@pytest.mark.parametrize(
    "options",
    [
        {"usepdb": True},
        {"trace": True},
        {"capture": "no"},
        {"numprocesses": 0},
        {"numprocesses": 2, "dist": "load"},
        {"source": "ARGS"},
    ],
)
def test_tests_that_are_named_or_looked_into_run_as_asked(hooks: ModuleType, options: dict[str, Any]) -> None:
    assert decided(hooks, **options) == (options.get("numprocesses"), options.get("dist", "no"))


def test_without_xdist_or_a_second_processor_there_is_one_process(hooks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    config = SimpleNamespace(option=SimpleNamespace(usepdb=False, trace=False, capture="fd"))
    hooks.pytest_cmdline_main(config)
    assert not hasattr(config.option, "numprocesses")
    monkeypatch.setattr(hooks, "processors", lambda: 1)
    assert decided(hooks) == (None, "no")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell there starts nothing that is deaf to Ctrl-C")
def test_ctrl_c_is_heard_where_a_shell_started_the_tests_in_its_background() -> None:
    program = "import signal, tests.conftest; signal.raise_signal(signal.SIGINT)"
    deaf = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, preexec_fn=deaf, capture_output=True, text=True)
    assert done.stderr.endswith("KeyboardInterrupt\n")
