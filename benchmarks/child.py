"""One measurement in a process of its own: one workload on one engine, its figures as JSON on the last line of the output.

python -P -m benchmarks.child '{"workload": "chain", "engine": "XAD", ...}' [file for the gradient]
python -P -m benchmarks.child --probe XAD
"""

import gc
import json
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.engines import BUILDS, ENGINES, Engine
from benchmarks.work import Work, bytes_in_use, doubles, timed
from benchmarks.workloads import WORKLOADS

__all__ = ["ON", "QUIET", "Job", "check_build", "measure"]

ON, QUIET = "on", "quiet"  # the cyclic garbage collector
_FEWEST, _SLOW = 3, 2.0  # steps; and seconds, for a first step that is warm-up enough


@dataclass(frozen=True)
class Job:
    """What to measure.

    Attributes:
        workload, engine, form, size: which step.
        collector: ON, or QUIET for steps during which the collector rests; it then collects between them, untimed.
        seconds: how long to repeat the step; 0 for the first one alone.
    """

    workload: str
    engine: str
    form: str
    size: int
    collector: str = ON
    seconds: float = 0.0

    def to_json(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))


def check_build(engine: Engine) -> None:
    """Raises a RuntimeError unless this process runs the build that the engine's name says, from the folder made for it."""
    import autograd_lite

    running = autograd_lite.engine_info()
    folder = BUILDS.get(engine.name, "interpreted")
    expected = "interpreted" if folder == "interpreted" else "compiled"
    if running.name != expected or running.location.parent.name != folder:
        raise RuntimeError(f"asked for {engine.name}, but the {running} runs, from {running.location}")


def measure(job: Job, gradient_file: str | None = None) -> dict[str, Any]:
    """The figures of a job."""
    engine = ENGINES[job.engine]
    if engine.is_ours:
        check_build(engine)
    start = time.perf_counter()
    work = WORKLOADS[job.workload].make(engine, job.form, job.size)
    made = time.perf_counter()
    memory = _first_step(work)
    first = time.perf_counter() - start
    call = time.perf_counter() - made
    if gradient_file is not None:
        found = list(work.gradient)
        timed(work)  # the second step too: by then the first one must have left no trace
        Path(gradient_file).write_bytes(doubles(found + list(work.gradient)))
    steps = _steps(work, engine, job, first) if job.seconds else []
    return {
        "steps": steps,
        "first": first,
        "call": call,
        "operations": work.operations,
        "scale": work.scale,
        "bytes": memory / work.operations if work.operations else 0.0,
    }


def _first_step(work: Work) -> int:
    """Runs a step; gives the bytes that the process grew by in its forward phase."""
    gc.collect()
    before, growth = bytes_in_use(), 0
    for name, phase in work.phases.items():
        phase()
        if name == "forward":
            growth = bytes_in_use() - before
    return growth


def _steps(work: Work, engine: Engine, job: Job, first: float) -> list[dict[str, float]]:
    """The seconds of the phases, step after step, for as long as the job says and at least three times; once if a step is slow."""
    if first < _SLOW:
        timed(work)
    if job.collector == QUIET:
        gc.collect()
        gc.freeze()  # so that collecting between steps does not walk over the parameters, which would chill the caches
    steps: list[dict[str, float]] = []
    end = time.perf_counter() + job.seconds
    while time.perf_counter() < end or len(steps) < (_FEWEST if first < _SLOW else 1):
        if job.collector == QUIET:
            gc.collect()
        with engine.quiet() if job.collector == QUIET else nullcontext():
            steps.append(timed(work))
    return steps


def main(arguments: list[str]) -> None:
    """Prints the figures, or for `--probe` the version of an engine."""
    if arguments[0] == "--probe":
        engine = ENGINES[arguments[1]]
        answer: dict[str, Any] = {"version": engine.version()}
        if engine.is_ours:
            check_build(engine)
    else:
        answer = measure(Job(**json.loads(arguments[0])), *arguments[1:])
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
