"""What checkpoints cost and save: a recurrence in checkpointed calls of sqrt(n) steps each, beside the same without.

python -m benchmarks.checkpoints                    10,000, 100,000 and 1,000,000 steps
python -m benchmarks.checkpoints 250000             another number of steps
"""

import math
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence

from autograd_lite import Value, checkpoint, engine_info

STEPS = (10_000, 100_000, 1_000_000)
Block = Callable[[Value, Value, int], Value]
Result = tuple[float, float, float]


def logistic(x: Value, a: Value, steps: int) -> Value:
    """Steps of the logistic map, three operations each."""
    for _ in range(steps):
        x = a * x * (1.0 - x)
    return x


def gradient(block: Block, steps: int, size: int) -> Result:
    """The last state of a recurrence in blocks, and its derivatives by the first and by the parameter."""
    first, a = Value(0.3), Value(1.9)
    x = first
    for done in range(0, steps, size):
        x = block(x, a, min(size, steps - done))
    x.backward()
    return x.data, first.grad, a.grad


def measured(block: Block, steps: int, size: int, repeats: int) -> tuple[Result, float, int]:
    """The result, the least seconds of the processor, and the most bytes in use."""
    tracemalloc.start()  # first of all: freed nodes leave memory behind for the next ones
    result = gradient(block, steps, size)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    seconds = math.inf
    for _ in range(repeats):
        start = time.process_time()
        gradient(block, steps, size)
        seconds = min(seconds, time.process_time() - start)
    return result, seconds, peak


def main(counts: Sequence[int]) -> int:
    """Prints the table; 1 if a gradient differs."""
    print(f"logistic map, three operations a step, {engine_info()}")
    print(f"{'steps':>10} {'a call':>7} {'without':>20} {'with checkpoints':>20} {'bytes':>9} {'time':>7}")
    for steps in counts:
        size, repeats = math.isqrt(steps), max(1, min(5, 2_000_000 // steps))
        plain, plain_seconds, plain_bytes = measured(logistic, steps, steps, repeats)
        block, block_seconds, block_bytes = measured(checkpoint(logistic), steps, size, repeats)
        if not all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-300) for x, y in zip(plain, block, strict=True)):
            print(f"gradients differ: {plain} and {block}", file=sys.stderr)
            return 1
        columns = [
            f"{count / 1e6:8.2f} MB {seconds:7.3f} s"
            for count, seconds in ((plain_bytes, plain_seconds), (block_bytes, block_seconds))
        ]
        saved, longer = f"1/{plain_bytes / block_bytes:.0f}", block_seconds / plain_seconds
        print(f"{steps:>10,} {size:>7,} {columns[0]:>20} {columns[1]:>20} {saved:>9} {longer:>6.1f}x")
    return 0


if __name__ == "__main__":
    sys.exit(main([int(text) for text in sys.argv[1:]] or STEPS))
