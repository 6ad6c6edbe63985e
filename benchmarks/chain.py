"""Forward plus backward of a 30,000-node chain of `*`, `+`, `tanh`: this engine, interpreted, beside micrograd.

Run it with `python -m benchmarks.chain`; micrograd comes with the `bench` extra. micrograd's recursive sort is replaced by an
iterative one, and it gets a `tanh` in its own idiom, so that it can run the chain at all. Rounds are interleaved after a warm-up,
with the cyclic collector off and on, and the two engines' gradients are compared before anything is timed.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from micrograd.engine import Value as MicrogradValue

from autograd_lite import Value

NODES = 30_000
ROUNDS = 15
WARM_UP = 4


def _tanh(self: Any) -> Any:
    t = math.tanh(self.data)
    out = MicrogradValue(t, (self,), "tanh")

    def _backward() -> None:
        self.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


def _iterative_backward(self: Any) -> None:
    order: list[Any] = []
    visited = set()
    stack = [(self, False)]
    while stack:
        node, left = stack.pop()
        if left:
            order.append(node)
        elif node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child in node._prev if child not in visited)
    self.grad = 1
    for node in reversed(order):
        node._backward()


MicrogradValue.tanh = _tanh
MicrogradValue.backward = _iterative_backward


def run(make: Callable[[float], Any]) -> tuple[float, float, float]:
    """Seconds forward, seconds backward, and the gradient of the first weight."""
    a, b, x = make(0.9), make(0.1), make(0.5)
    start = time.perf_counter()
    for _ in range(NODES // 3):
        x = (x * a + b).tanh()
    middle = time.perf_counter()
    x.backward()
    end = time.perf_counter()
    return middle - start, end - middle, a.grad


def compare(collector: bool) -> float:
    """Prints a row per engine and returns the ratio of the medians."""
    engines: dict[str, Callable[[float], Any]] = {"autograd_lite": Value, "micrograd": MicrogradValue}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    gradients = {name: run(make)[2] for name, make in engines.items()}
    assert math.isclose(*gradients.values(), rel_tol=1e-10), gradients
    for number in range(WARM_UP + ROUNDS):
        for name, make in engines.items():
            gc.collect()
            (gc.enable if collector else gc.disable)()
            forward, backward, _ = run(make)
            gc.enable()
            if number >= WARM_UP:
                times[name].append((forward, backward))
    medians = {name: statistics.median(sum(pair) for pair in pairs) for name, pairs in times.items()}
    for name, pairs in times.items():
        forward, backward = (statistics.median(column) / NODES * 1e9 for column in zip(*pairs, strict=True))
        print(f"| {name} | {'on' if collector else 'off'} | {forward:.0f} | {backward:.0f} | {medians[name] / NODES * 1e9:.0f} |")
    return medians["autograd_lite"] / medians["micrograd"]


def main() -> None:
    """Prints the table and the two ratios."""
    print("| engine | collector | forward, ns per node | backward | both |\n|---|---|---|---|---|")
    ratios = {state: compare(state == "on") for state in ("off", "on")}
    for state, ratio in ratios.items():
        print(f"\nautograd_lite / micrograd, collector {state}: {ratio:.2f}")


if __name__ == "__main__":
    main()
