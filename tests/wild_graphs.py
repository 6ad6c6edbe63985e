"""Random graphs of every sort of node, from a seed: shared operands, constants on either side, lists, frozen leaves."""

import random
from collections.abc import Callable

import autograd_lite as ag
from autograd_lite import Value, constant

__all__ = ["wild_graph"]


_NODES: list[Callable[[Value, Value, Value, float], Value]] = [
    lambda a, b, c, n: a + b,
    lambda a, b, c, n: a * b,
    lambda a, b, c, n: a - n,
    lambda a, b, c, n: n * a,
    lambda a, b, c, n: constant(n) / (1.5 + b * b),
    lambda a, b, c, n: ag.tanh(a),
    lambda a, b, c, n: ag.sin(a) * b,
    lambda a, b, c, n: ag.dot([a, n, b], [c, b, n], a),
    lambda a, b, c, n: ag.tanh(ag.total([a, b, n, a])),
    lambda a, b, c, n: ag.maximum(a, b),
]


def wild_graph(seed: int | random.Random, steps: int = 25) -> tuple[list[Value], Value]:
    """The leaves, and a root that depends on the first."""
    numbers = random.Random(seed) if isinstance(seed, int) else seed
    leaves = [Value(numbers.uniform(-1.5, 1.5), requires_grad=i != 3) for i in range(5)]
    pool = list(leaves)
    for _ in range(steps):
        a, b, c = (numbers.choice(pool[-8:] + leaves[:1]) for _ in range(3))
        n = numbers.uniform(-2, 2)
        pool.append(numbers.choice(_NODES)(a, b, c, n))
    return leaves, ag.tanh(ag.total([leaves[0] * pool[-1], *pool[5:]]))
