"""Programs as modules of JAX and PyTorch beside the same networks written by hand there: `python -m benchmarks.libraries`.

On one core, in float64. By hand means the loss on whole arrays, and the library's own derivative of it. Steps are timed in turns,
and the shortest of each counts. A first call is the processor's time from the function on arrays, or from the statements, to the
first gradient; that of a module also with what is written, and held against eager.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

__all__ = ["Measured", "measured"]

NETWORKS = {
    "2-16-16-2, relu": ([2, 16, 16, 2], "relu", 100, 2000),
    "64-15-10, tanh": ([64, 15, 10], "tanh", 100, 1000),
    "784-500-400-10, relu": ([784, 500, 400, 10], "relu", 128, 200),
    "784-500-400-10, tanh": ([784, 500, 400, 10], "tanh", 128, 200),
}


@dataclass(frozen=True)
class Measured:
    """Seconds of a step and of the first call: of the module, and of the same by hand."""

    library: str
    name: str
    step: tuple[float, float]
    first: tuple[float, float]

    def __str__(self) -> str:
        ours, theirs = self.step
        first, compiled = self.first
        return (
            f"| {self.library} | {self.name} | {1e6 * ours:,.0f} us | {1e6 * theirs:,.0f} us | {ours / theirs:.2f} | "
            f"{first:.2f} s | {compiled:.2f} s | {first / compiled:.1f} |"
        )


def measured(library: str, name: str) -> Measured:
    """One network in one library."""
    import numpy

    from autograd_lite.losses import cross_entropy
    from autograd_lite.nn import MLP
    from autograd_lite.program import trace
    from autograd_lite.program.ir.tasks import LOSS
    from autograd_lite.program.write.array_backends import ARRAY_BACKENDS

    (inputs, *layers), activation, rows, times = NETWORKS[name]
    numbers = numpy.random.default_rng(0)
    x, y = numbers.normal(size=(rows, inputs)), numpy.eye(layers[-1])[numbers.integers(0, layers[-1], rows)]
    model = MLP(inputs, layers, activation, seed=0)
    program = trace(lambda model, x, y: cross_entropy(model(x), y), model, x[0].tolist(), y[0].tolist())
    program.loss_and_gradient(x, y)
    backend = ARRAY_BACKENDS[library](watches=False)
    start = time.process_time()
    module = program._replay.held(LOSS, backend, rows)  # written, compiled and proved
    module.function(program.parameters, x, y, numpy.empty_like(program.parameters))
    first = time.process_time() - start
    with backend.context(numpy.dtype("float64")):
        ours, hand, given = (_in_jax if library == "jax" else _in_torch)(module, program, x, y, (activation, len(layers)))
        start = time.process_time()
        right = hand(*given)
        compiled = time.process_time() - start
        found = ours(*given)
        for part, slope in found[1].items():
            assert abs(numpy.asarray(slope) - numpy.asarray(right[1][part])).max() < 1e-12
        step = _in_turns([lambda: ours(*given), lambda: hand(*given)], times, backend)
    return Measured(library, name, step, (first, compiled))


def _in_jax(module: Any, program: Any, x: Any, y: Any, network: tuple[str, int]) -> tuple[Any, Any, Any]:
    import jax
    import jax.numpy as jnp

    layers, activation = network[1], {"relu": jax.nn.relu, "tanh": jnp.tanh}[network[0]]

    def loss(tree: Any, x: Any, y: Any) -> Any:
        for layer in range(1, layers):
            x = activation(x @ tree[f"W{layer}"].T + tree[f"b{layer}"])
        return -(y * jax.nn.log_softmax(x @ tree[f"W{layers}"].T + tree[f"b{layers}"])).sum(1).mean()

    given = jax.tree.map(jnp.asarray, (module._split(program.parameters), x, y))
    return jax.jit(module._module), jax.jit(jax.value_and_grad(loss)), given


def _in_torch(module: Any, program: Any, x: Any, y: Any, network: tuple[str, int]) -> tuple[Any, Any, Any]:
    import torch

    layers, activation = network[1], getattr(torch, network[0])

    def hand(tree: Any, x: Any, y: Any) -> Any:
        with torch.enable_grad():
            leaves = {name: each.detach().requires_grad_() for name, each in tree.items()}
            for layer in range(1, layers):
                x = activation(x @ leaves[f"W{layer}"].T + leaves[f"b{layer}"])
            z = x @ leaves[f"W{layers}"].T + leaves[f"b{layers}"]
            value = -(y * torch.log_softmax(z, 1)).sum(1).mean()
            return value, dict(zip(leaves, torch.autograd.grad(value, list(leaves.values())), strict=True))

    tree = module._split(torch.from_numpy(program.parameters))
    return module._module, hand, (tree, torch.from_numpy(x), torch.from_numpy(y))


def _in_turns(calls: list[Callable[[], Any]], times: int, backend: Any) -> tuple[float, float]:
    """The shortest time of each of two calls."""
    best = [inf, inf]
    wait = getattr(backend.library, "block_until_ready", lambda found: found)
    for _ in range(times):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            wait(call())
            best[place] = min(best[place], time.perf_counter() - start)
    return best[0], best[1]


def main() -> None:
    """Prints the table."""
    print("| library | network | step | by hand | ratio | first call | by hand | ratio |\n|---|---|---|---|---|---|---|---|")
    for library in ("jax", "torch"):
        for name in NETWORKS:
            print(measured(library, name), flush=True)


if __name__ == "__main__":
    main()
