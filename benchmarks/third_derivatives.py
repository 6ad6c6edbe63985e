"""The tensor of third derivatives in three ways: `jacobian(hessian(f))`, nested gradients, and Taylor series along directions.

python -m benchmarks.third_derivatives          functions of 2 to 10 numbers

Along directions, every entry is a combination of third derivatives along sums of axes (polarisation: Griewank & Walther,
*Evaluating Derivatives*, 2nd ed. (2008), section 13.3); what is combined is larger than the entry, so that digits are lost.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite import exp, grad, hessian, jacobian, sin, taylor

Tensor = list[list[list[float]]]
Function = Callable[[Sequence[Any]], Any]


def chained(v: Sequence[Any]) -> Any:
    """A square of a sum in which every number meets the next."""
    whole = sum((sin(x * y) * exp(-x) for x, y in zip(v[1:], v[:-1], strict=True)), v[0] * v[-1])
    return whole * whole


def by_jacobian(function: Function, point: Sequence[float]) -> Tensor:
    """The rows of `jacobian(hessian(f))`, as many of each as there are numbers."""
    rows, n = jacobian(hessian(function))(point), len(point)
    return [rows[i * n : (i + 1) * n] for i in range(n)]


def by_gradients(function: Function, point: Sequence[float]) -> Tensor:
    """One gradient of a gradient of a gradient for every row."""

    def row(i: int, j: int) -> list[float]:
        return grad(lambda u: grad(lambda v: grad(function)(v)[i])(u)[j])(point)

    return [[row(i, j) for j in range(len(point))] for i in range(len(point))]


def by_directions(function: Function, point: Sequence[float]) -> Tensor:
    """From the third derivatives along e_i, e_i + e_j, e_i - e_j and e_i + e_j + e_k."""
    n = len(point)

    def along(*signed: tuple[int, float]) -> float:
        direction = [sum(sign for place, sign in signed if place == i) for i in range(n)]
        moved = [(x, d) for x, d in zip(point, direction, strict=True)]
        return 6.0 * taylor(lambda t: function([x + t * d if d else x for x, d in moved]), 0.0, 3)[3]

    cubes = [along((i, 1.0)) for i in range(n)]
    sums = {(i, j): along((i, 1.0), (j, 1.0)) for i in range(n) for j in range(i)}
    entries = {(i, i, i): cubes[i] for i in range(n)}
    for (i, j), both in sums.items():
        apart = along((i, 1.0), (j, -1.0))
        entries[i, j, j] = ((both + apart) / 2.0 - cubes[i]) / 3.0
        entries[i, i, j] = ((both - apart) / 2.0 - cubes[j]) / 3.0
        for k in range(j):
            all_three = along((i, 1.0), (j, 1.0), (k, 1.0))
            pairs = both + sums[i, k] + sums[j, k]
            entries[i, j, k] = (all_three - pairs + cubes[i] + cubes[j] + cubes[k]) / 6.0
    places = range(n)
    return [[[entries[tuple(sorted((i, j, k), reverse=True))] for k in places] for j in places] for i in places]  # type: ignore[index]


def difference(found: Tensor, known: Tensor) -> float:
    """The largest relative one."""
    pairs = zip(_flat(found), _flat(known), strict=True)
    return max(abs(x - y) / abs(y) if y else abs(x) for x, y in pairs)


def _flat(tensor: Tensor) -> list[float]:
    return [entry for matrix in tensor for row in matrix for entry in row]


def main() -> None:
    """Prints the table."""
    ways = (by_jacobian, by_gradients, by_directions)
    print("numbers" + "".join(f"{way.__name__:>26}" for way in ways))
    for n in (2, 3, 4, 6, 8, 10):
        numbers = random.Random(n)
        point = [numbers.uniform(0.3, 1.2) for _ in range(n)]
        found = {way: way(chained, point) for way in ways}
        seconds = dict.fromkeys(ways, math.inf)
        for _ in range(3):
            for way in ways:
                start = time.perf_counter()
                way(chained, point)
                seconds[way] = min(seconds[way], time.perf_counter() - start)
        columns = [f"{1e3 * seconds[way]:12.1f} ms, {difference(found[way], found[by_gradients]):8.0e}" for way in ways]
        print(f"{n:>7}" + "".join(f"{column:>26}" for column in columns))


if __name__ == "__main__":
    main()
