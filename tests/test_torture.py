"""The torture itself: it finds what is broken, and says so in three lines."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import Value

from .torture.__main__ import main, table
from .torture.cases import Case, Failure, Generator, load, run, run_case

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="cases are run in forked children")


def _broken(function: Callable[[], Any], apart: bool = True, limit: float = 20.0) -> Generator:
    def noted(case: Case) -> None:
        case.note(f"Value({case.random.random()})")
        function()

    return Generator("broken", noted, apart, limit)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "is ended by SIGSEGV"),
        (lambda: os._exit(3), "exits with code 3"),
        (lambda: 1 / 0, "ZeroDivisionError at test_torture.py:"),
    ],
)
def test_a_failure_is_three_lines_of_which_the_last_repeats_it(function: Callable[[], Any], what: str) -> None:
    case, failure = run_case(_broken(function), 5)
    assert failure is not None and case.tried == 1
    lines = str(failure).splitlines()
    assert lines[0].startswith(f"FAILED 'broken', seed 5: {what}")
    assert lines[1].strip() == f"Value({Case('broken', 5).random.random()})"
    assert lines[2].strip() == "python -m tests.torture --only 'broken' --seed 5 --cases 1"


def test_a_hang_is_a_failure() -> None:
    begin = time.monotonic()
    _, failure = run_case(_broken(lambda: time.sleep(30), limit=0.5), 0)
    assert failure is not None and failure.what == "hangs, after 0.5 s"
    assert time.monotonic() - begin < 15


@pytest.mark.parametrize("apart", [True, False])
def test_what_passes_passes_and_is_counted(apart: bool) -> None:
    failures: list[Failure] = []
    [report] = run([_broken(lambda: Value(1.0) * 2, apart)], 60, 0, 7, failures.append)
    assert (report.cases, report.tried, failures) == (7, 7, [])
    [report] = run([_broken(lambda: 1 / 0, apart)], 60, 3, 2, failures.append)
    assert [failure.seed for failure in failures] == [failure.seed for failure in report.failures] == [3, 4]
    assert table([report]).splitlines()[1].split()[:4] == ["broken", "2", "2", "2"]


@pytest.mark.parametrize("name", sorted(load()))
def test_the_first_cases_of_every_generator_pass(name: str) -> None:
    failures: list[Failure] = []
    run([load()[name]], 10, 0, 3, failures.append)
    assert not failures, "\n".join(map(str, failures))


def test_the_command_names_its_generators(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == sorted(load())
