"""Generators of cases: each case comes from one seed, is run here or in a child of its own, and passes, or fails with three lines.

A new generator is a function in a file of this folder, and nothing anywhere else:

    @generator("sums of random numbers")
    def sums(case: Case) -> None:
        numbers = [case.random.random() for _ in range(5)]
        case.note(f"total({numbers})")                       # what is about to be tried: the second line of the report
        assert total(numbers) == sum(numbers)                # any exception is a failure; its text is in the first line

`apart=True` runs every case in a forked child: there a signal, an exit or a hang is a failure too, and what a case limits or breaks
in its process ends with it.
"""

import faulthandler
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

__all__ = ["GENERATORS", "Case", "Failure", "Generator", "Report", "generator", "load", "run", "run_case"]


class Case:
    """One case.

    Attributes:
        random: the only source of what it does.
        tried: how many things it tried, for the table.
        text: what it tried last.
    """

    def __init__(self, generator: str, seed: int, tell: Callable[["Case"], None] | None = None) -> None:
        self.random = random.Random(f"{generator} {seed}")
        self.tried = 0
        self.text = ""
        self._tell = tell

    def note(self, text: str) -> None:
        """Says, in one line, what is tried next; it counts as one thing tried."""
        self.tried += 1
        self.text = " ".join(text.split("\n"))
        if self._tell is not None:
            self._tell(self)


@dataclass(frozen=True)
class Failure:
    """A case that failed."""

    generator: str
    seed: int
    what: str
    text: str

    def __str__(self) -> str:
        first = f"FAILED {self.generator!r}, seed {self.seed}: {self.what}"
        return f"{first}\n    {self.text}\n    python -m tests.torture --only {self.generator!r} --seed {self.seed} --cases 1"


@dataclass
class Report:
    """What became of one generator's cases."""

    generator: str
    cases: int = 0
    tried: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Generator:
    """A function that runs one case, and how it is to be run.

    Attributes:
        apart: in a forked child of its own.
        limit: seconds after which a child hangs.
    """

    name: str
    function: Callable[[Case], None]
    apart: bool
    limit: float


GENERATORS: dict[str, Generator] = {}


def generator(name: str, *, apart: bool = False, limit: float = 60.0) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Registers the function as the generator of that name."""

    def registered(function: Callable[[Case], None]) -> Callable[[Case], None]:
        assert name not in GENERATORS, f"two generators are called {name!r}"
        GENERATORS[name] = Generator(name, function, apart, limit)
        return function

    return registered


def load() -> dict[str, Generator]:
    """All generators: those of every file of this folder."""
    import tests.torture

    for module in pkgutil.iter_modules(tests.torture.__path__):
        if module.name != "__main__":
            importlib.import_module(f"tests.torture.{module.name}")
    return GENERATORS


def run(
    generators: list[Generator], seconds: float, seed: int, cases: int | None, failed: Callable[[Failure], None]
) -> list[Report]:
    """Runs cases of all generators in turns, whoever used least time first.

    Args:
        seconds: when to stop, unless all have run `cases` cases before; a case that has begun is finished.
        seed: the first case's; the next has the next number.
        failed: is told of every failure at once.
    """
    reports = {each.name: Report(each.name) for each in generators}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        left = [each for each in generators if cases is None or reports[each.name].cases < cases]
        if not left:
            break
        chosen = min(left, key=lambda each: reports[each.name].seconds)
        report, begin = reports[chosen.name], time.monotonic()
        case, failure = run_case(chosen, seed + report.cases)
        report.seconds += time.monotonic() - begin
        report.cases += 1
        report.tried += case.tried
        if failure is not None:
            report.failures.append(failure)
            failed(failure)
    return list(reports.values())


def run_case(chosen: Generator, seed: int) -> tuple[Case, Failure | None]:
    """One case, and how it failed."""
    if chosen.apart:
        return _run_apart(chosen, seed)
    case = Case(chosen.name, seed)
    what = _what_goes_wrong(chosen, case)
    return case, Failure(chosen.name, seed, what, case.text) if what else None


def _what_goes_wrong(chosen: Generator, case: Case) -> str:
    try:
        chosen.function(case)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())
        return f"{type(error).__name__} at {os.path.basename(place.filename)}:{place.lineno}: {text:.300}"
    return ""


def _run_apart(chosen: Generator, seed: int) -> tuple[Case, Failure | None]:
    """In a child, which tells by a pipe what it tries, how often, and what went wrong."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(chosen, seed, writing)
    os.close(writing)
    told, ended = _listen(reading, time.monotonic() + chosen.limit)
    os.close(reading)
    if not ended:
        os.killpg(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    case = Case(chosen.name, seed)
    case.tried, case.text, what, finished = told.get("tried", 0), told.get("text", ""), told.get("what", ""), "what" in told
    if not ended:
        what = f"hangs, after {chosen.limit:g} s"
    elif status < 0:
        what = f"is ended by {signal.Signals(-status).name}"
    elif not finished:
        what = f"exits with code {status}"
    return case, Failure(chosen.name, seed, what, case.text) if what else None


def _be_the_child(chosen: Generator, seed: int, pipe: int) -> NoReturn:
    try:
        os.setpgid(0, 0)
        faulthandler.disable()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)

        def tell(case: Case, **more: str) -> None:
            os.write(pipe, json.dumps({"tried": case.tried, "text": case.text, **more}).encode() + b"\n")

        case = Case(chosen.name, seed, tell)
        tell(case, what=_what_goes_wrong(chosen, case))
    finally:
        os._exit(0)


def _listen(pipe: int, deadline: float) -> tuple[dict[str, object], bool]:
    """The last that was told, and whether the other side has ended."""
    received = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            continue
        chunk = os.read(pipe, 1 << 16)
        received = received[received.rfind(b"\n", 0, -1) + 1 :] + chunk if chunk else received
        if not chunk:
            break
    complete = [line for line in received.split(b"\n")[:-1] if line]
    return (json.loads(complete[-1]) if complete else {}), left > 0
