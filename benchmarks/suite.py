"""The run: who is here, whether all gradients agree, and then the times, round after round.

Every measurement is a process of its own. A round runs each of them once, in turn, so that whatever else the machine does falls on
all engines alike; the figures are medians over the rounds.
"""

import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.child import ON, QUIET, Job
from benchmarks.engines import COMPILED, ENGINES, INTERPRETED, Engine
from benchmarks.folders import Folders
from benchmarks.work import FLOAT32
from benchmarks.workload import Workload

__all__ = ["GradientError", "Suite", "compare", "compare_all", "jobs_of", "machine", "summary"]

TOLERANCE, SINGLE_TOLERANCE = 1e-10, 1e-4  # relative, in double and in single precision
_NOISE, _SINGLE_NOISE = 1e-13, 1e-6  # of the largest entry: what rounding may leave where terms cancel
_PATIENCE = 600.0  # seconds, for one child

Say = Callable[[str], None]


class GradientError(Exception):
    """Two engines gave different gradients; nothing is timed then."""


def compare(found: dict[str, Sequence[float]], tolerance: float = TOLERANCE, noise: float = _NOISE) -> None:
    """Holds the gradients of all engines against the first one's, entry by entry.

    Raises:
        GradientError: if one differs by more than the tolerance times the entry, beyond the rounding noise of the largest entry.
    """
    (reference, expected), *others = found.items()
    largest = max(map(abs, expected), default=0.0)
    for name, gradient in others:
        if len(gradient) != len(expected):
            raise GradientError(f"{name} gives a gradient of {len(gradient)} entries, {reference} one of {len(expected)}")
        for i, (given, right) in enumerate(zip(gradient, expected, strict=True)):
            if not abs(given - right) <= tolerance * abs(right) + noise * largest:
                raise GradientError(f"{name} gives {given!r} as entry {i} of the gradient, {reference} gives {right!r}")


def compare_all(found: dict[Job, Sequence[float]]) -> None:
    """Holds the gradients of a workload against one of double precision: to 1e-10, and those of single precision to 1e-4.

    Raises:
        GradientError: if one differs.
    """
    reference = min(found, key=_is_single)
    single = [job for job in found if _is_single(job)]
    double = [job for job in found if job not in single]
    compare({_name(job): found[job] for job in (reference, *double)})
    compare({_name(job): found[job] for job in (reference, *single)}, SINGLE_TOLERANCE, _SINGLE_NOISE)


def _is_single(job: Job) -> bool:
    return job.form == FLOAT32


def jobs_of(workloads: Iterable[Workload], present: Iterable[str], quick: bool, seconds: float) -> list[Job]:
    """Everything to measure: each workload on each engine that is here, in all its forms and sizes, the collector on and quiet.

    The collector only matters to engines that make objects: those on scalars. A quick run leaves it on.
    """
    here = set(present)
    jobs = []
    for workload in workloads:
        for engine in (ENGINES[name] for name in workload.engines if name in here):
            for form in workload.forms_of(engine):
                for size in workload.quick if quick else workload.sizes:
                    for collector in (ON, QUIET) if engine.style == "scalars" and not quick else (ON,):
                        jobs.append(Job(workload.name, engine.name, form, size, collector, seconds))
    return jobs


class Suite:
    """A run.

    Args:
        folders: where children find the engines.
        say: is told what happens.
    Attributes:
        versions: of the engines that are here. missing: why others are not. failed: which measurements ended in an error, and why.
    """

    def __init__(self, folders: Folders, say: Say = lambda text: None) -> None:
        self.folders = folders
        self.say = say
        self.versions: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def find(self, names: Iterable[str]) -> list[str]:
        """Which of the engines are here."""
        for name in names:
            if name in self.folders.problems:
                self.missing[name] = self.folders.problems[name]
                continue
            try:
                self.versions[name] = self._child(ENGINES[name], "--probe", name)["version"]
            except ChildError as error:
                self.missing[name] = str(error)
        for name, reason in self.missing.items():
            self.say(f"missing: {name}: {reason}")
        return list(self.versions)

    def check(self, jobs: list[Job]) -> list[Job]:
        """Compares all gradients; gives the jobs of engines that got so far.

        Raises:
            GradientError: if two engines disagree.
        """
        found: dict[tuple[str, int], dict[Job, Sequence[float]]] = {}
        for job in jobs:
            if job.collector == ON:
                gradient = self._gradient(job)
                if gradient is not None:
                    found.setdefault((job.workload, job.size), {})[job] = gradient
        for (workload, size), gradients in found.items():
            try:
                compare_all(gradients)
            except GradientError as error:
                raise GradientError(f"{workload}, size {size}: {error}") from None
            single = f", in single precision to {SINGLE_TOLERANCE:g}" * any(map(_is_single, gradients))
            self.say(f"{workload}, size {size}: the gradients of {len(gradients)} engines and forms agree to {TOLERANCE:g}{single}")
        return [job for job in jobs if _title(job) not in self.failed]

    def _gradient(self, job: Job) -> Sequence[float] | None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "gradient"
            try:
                self._child(ENGINES[job.engine], replace(job, seconds=0.0).to_json(), str(file))
            except ChildError as error:
                self._fail(job, error)
                return None
            return array("d", file.read_bytes())

    def time(self, jobs: list[Job], rounds: int) -> list[dict[str, Any]]:
        """The figures of all jobs, medians over the rounds."""
        answers: dict[Job, list[dict[str, Any]]] = {job: [] for job in jobs}
        for number in range(rounds):
            self.say(f"round {number + 1} of {rounds}, {len(jobs)} processes")
            turn = number % max(len(jobs), 1)
            for job in jobs[turn:] + jobs[:turn]:
                if _title(job) in self.failed:
                    continue
                try:
                    answers[job].append(self._child(ENGINES[job.engine], job.to_json()))
                except ChildError as error:
                    self._fail(job, error)
        return [summary(job, given) for job, given in answers.items() if len(given) == rounds]

    def _fail(self, job: Job, error: Exception) -> None:
        if job.engine in (COMPILED, INTERPRETED):
            raise ChildError(f"{_title(job)}: {error}")
        self.failed[_title(job)] = str(error)
        self.say(f"failed: {_title(job)}: {error}")

    def _child(self, engine: Engine, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-P", "-m", "benchmarks.child", *arguments]
        environment = self.folders.environment(engine)
        try:
            done = subprocess.run(
                command, cwd=self.folders.elsewhere, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise ChildError(f"no answer within {_PATIENCE:g} s") from None
        if done.returncode:
            raise ChildError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


class ChildError(Exception):
    """A measurement ended in an error; the message is the last line that it wrote."""


def _name(job: Job) -> str:
    return f"{job.engine}, {job.form}" if job.form else job.engine


def _title(job: Job) -> str:
    return f"{job.workload}, size {job.size}, {_name(job)}"


def summary(job: Job, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of one job over all rounds: seconds for the whole task, medians of the rounds' medians, and the least step."""
    from benchmarks.workloads import WORKLOADS

    counted = WORKLOADS[job.workload].counted
    rounds = [answer["steps"] for answer in answers]
    scale = answers[0]["scale"]

    def seconds(step: dict[str, float]) -> float:
        return scale * math.fsum(time for phase, time in step.items() if not counted or phase in counted)

    def median(of: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(statistics.median(map(of, steps)) for steps in rounds)

    return asdict(job) | {
        "median": median(seconds),
        "minimum": min(seconds(step) for steps in rounds for step in steps),
        "phases": {phase: median(lambda step, phase=phase: scale * step[phase]) for phase in rounds[0][0]},
        "operations": answers[0]["operations"],
        "scale": scale,
        "bytes": statistics.median(answer["bytes"] for answer in answers),
        "first": statistics.median(answer["first"] for answer in answers),
        "call": statistics.median(answer["call"] for answer in answers),
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on, and when."""
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
