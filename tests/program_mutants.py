"""The code that makes programs of graphs, broken in every small way: what the fuzzer notices.

python -m tests.program_mutants            every mutant, 10 to 20 minutes
python -m tests.program_mutants 60         so many, spread over all
"""

import signal
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_lite.program import chains, derivation, lowering, rolling
from autograd_lite.testing.code_mutation import CodeMutant, code_mutants
from autograd_lite.testing.fuzzing import generated
from autograd_lite.testing.fuzzing.comparing import compared

FULL, QUICK = range(60), range(1000, 1150)
SECONDS = 2.0  # for one program; a mutant may loop for ever


def every_mutant() -> list[CodeMutant]:
    """All mutants of the four modules."""
    return code_mutants(derivation, rolling, lowering, chains)


def cases() -> list[tuple[Any, bool]]:
    """Programs that agree with eager as things are, those that are compared in every form first."""
    drawn = [(generated(seed), False) for seed in FULL] + [(generated(seed, 3), True) for seed in QUICK]
    return [(case, quick) for case, quick in drawn if not compared(case, quick).findings]


def killed(mutant: CodeMutant, programs: Sequence[tuple[Any, bool]]) -> bool:
    """Whether some program is wrong, or fails, with the broken function."""
    with mutant.applied():
        for case, quick in programs:
            try:
                with _limited(SECONDS):
                    if compared(case, quick).findings:
                        return True
            except Exception:  # whatever a broken function may raise, it is noticed
                return True
    return False


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def main() -> int:
    """Prints the survivors and the score."""
    warnings.simplefilter("ignore", SyntaxWarning)
    mutants = every_mutant()
    if len(sys.argv) > 1:
        mutants = mutants[:: max(1, len(mutants) // int(sys.argv[1]))]
    programs, start, survivors = cases(), time.perf_counter(), 0
    for mutant in mutants:
        if not killed(mutant, programs):
            survivors += 1
            print(f"survived: {mutant.name}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - survivors} killed, in {time.perf_counter() - start:.0f} s")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
