"""The code that makes programs of graphs, broken in every small way: what the fuzzer, or a changed text, notices.

python -m tests.program_mutants            every mutant, half an hour or so
python -m tests.program_mutants 60         so many, spread over all
"""

import signal
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import autograd_lite as ag
from autograd_lite.losses import cross_entropy, squared_error
from autograd_lite.nn import MLP, Neuron
from autograd_lite.program import trace
from autograd_lite.program.capture import sums as chains
from autograd_lite.program.ir import derivation, lowering, procedure, rolling
from autograd_lite.testing.fuzzing import generated
from tests.code_mutation import CodeMutant, code_mutants
from tests.fuzzing.stages import compared

FULL_SEEDS, QUICK_SEEDS = range(60), range(1000, 1150)
SECONDS = 3.0  # for one program; a mutant may loop for ever

Case = tuple[Any, bool]  # a program, and whether its values and gradients are enough


def every_mutant() -> list[CodeMutant]:
    """All mutants of the five modules."""
    return code_mutants(derivation, rolling, lowering, chains, procedure)


def texts() -> list[str]:
    """The sources of programs of many forms: how statements are grouped changes no number, but how they read."""
    columns = [1.0 + 0.1 * i for i in range(9)]
    network, wide = MLP(2, [3, 2], "sigmoid", seed=0), MLP(3, [9, 4], "relu", seed=1)
    neuron = Neuron(3, "tanh", seed=2, expanded=True)
    programs = [
        trace(lambda m, x, y: squared_error(m(x), y), network, [0.1, 0.2], [0.3, 0.4], verify=False),
        trace(lambda m, x: cross_entropy(m(x), 1), wide, [0.1, 0.2, 0.3], verify=False),
        trace(lambda m, x, y: (m(x) - y) ** 2, neuron, [0.1, 0.2, 0.3], 1.0, verify=False),
        trace(lambda m, xs: ag.total([ag.total(m(x)) for x in xs]), network, [[0.1, 0.2], [0.3, 0.4]], verify=False),
        trace(lambda v: sum((v[i + 1] - v[i] ** 2) ** 2 for i in range(8)), columns, verify=False),
        trace(lambda v, s: sum(ag.where(a > s, lambda: ag.log(a), a * s) for a in v), columns, 1.2, verify=False),  # noqa: B023
        trace(lambda v: ag.softmax(v)[0] * ag.logsumexp(v) + ag.total(v), columns, verify=False),
        trace(lambda v, w: sum(a * b for a, b in zip(v, w, strict=True)) + sum(v) * 2.0 + v[0], columns, columns, verify=False),
        trace(lambda a, b: sum((a + b * c) ** 2 for c in columns) + a * 3.0, 1.0, 2.0, verify=False),
        trace(lambda v: [x * 2.0 for x in v] + [sum(v), v[-1]], columns[:3], verify=False),
        trace(lambda x: x * x if x > 0 else -x, 1.0, verify=False),
    ]
    return [text for program in programs for text in (program.source, str(program))]


def cases() -> list[Case]:
    """Programs that agree with eager as things are, those that are compared in every form first."""
    drawn: list[Case] = [(generated(seed), False) for seed in FULL_SEEDS]
    drawn += [(generated(seed, 3), True) for seed in QUICK_SEEDS]
    return [(case, quick) for case, quick in drawn if not compared(case, quick).findings]


def killed(mutant: CodeMutant, sources: Sequence[str], programs: Sequence[Case]) -> bool:
    """Whether some text is another one, some number is wrong, or something fails, with the broken function."""
    with mutant.applied():
        try:
            with _limited(SECONDS):
                if texts() != sources:
                    return True
            for case, quick in programs:
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
    sources, programs, start, survivors = texts(), cases(), time.perf_counter(), 0
    for mutant in mutants:
        if not killed(mutant, sources, programs):
            survivors += 1
            print(f"survived: {mutant.name}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - survivors} killed, in {time.perf_counter() - start:.0f} s")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
