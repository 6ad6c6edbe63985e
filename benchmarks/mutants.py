"""How many wrong rules the checks notice: every rule of the table and the reverse sweep, broken in every way.

python -m benchmarks.mutants            the whole table and the sweep
python -m benchmarks.mutants tanh dot   some primitives
"""

import sys
import time

from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing.primitives.mutation import MutationReport, mutants
from tests.wrong_sweeps import sweep_mutants


def main(names: list[str]) -> int:
    """Prints the report; 1 if a mutant survived."""
    unknown = [name for name in names if name not in TABLE]
    if unknown:
        print(f"no primitive is named {', '.join(unknown)}; there are {', '.join(TABLE)}", file=sys.stderr)
        return 2
    start = time.perf_counter()
    report = mutants(*(TABLE[name] for name in names))
    if not names:
        report = MutationReport(report.mutants + sweep_mutants().mutants)
    print(report)
    print(f"score {report.score:.1%} in {time.perf_counter() - start:.1f} s")
    return 0 if report else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
