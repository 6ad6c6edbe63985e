"""Scalar operations one by one: a chain, a graph of mixed operations, the curve from 1,000 nodes up, and sums of many terms.

These show what a node costs, in time and in bytes, forward and backward.
"""

import random
from typing import Any

from benchmarks.engines import BEFORE, COMPILED, INTERPRETED, MICROGPT, Engine
from benchmarks.limits import HandWritten, c_function
from benchmarks.scalars import PRODUCTS_AND_SUMS, Scalars, ScalarStep
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

EAGER = (COMPILED, BEFORE, INTERPRETED, MICROGPT, "micrograd", "XAD", "torch scalars")
START = [1.0, 0.0, 0.5]  # a, b, x: with a < 1 the gradient soon is denormal, which some processors are slow with
RECENT = 100  # how far back a mixed operation reaches


def chain(engine: Scalars, variables: list[Any], operations: int) -> Any:
    """x = tanh(x * a + b), again and again."""
    a, b, x = variables
    tanh = engine.tanh
    for _ in range(operations // 3):
        x = tanh(x * a + b)
    return x


def mixed(engine: Scalars, variables: list[Any], operands: list[tuple[int, int, int]]) -> Any:
    """A graph in which every result is used several times: ten operations on three recent results give the next."""
    exp, log, relu, tanh = engine.exp, engine.log, engine.relu, engine.tanh
    results = list(variables)
    for i, j, k in operands:
        x, y, z = results[i], results[j], results[k]
        u = exp(tanh(x * y - z))
        results.append(log(u / (relu(z) + 1.0) + 1.5) - x)
    return results[-1] + engine.sum_of(results[-RECENT:-1])


def _chain(engine: Engine, form: str, size: int) -> ScalarStep:
    adapter = engine.adapter(form)
    return ScalarStep(adapter, START, lambda leaves: chain(adapter, leaves, size), operations=size // 3 * 3)


def _chain_in_c(engine: Engine, form: str, size: int) -> HandWritten:
    import ctypes

    import numpy

    (a, b, x), steps = START, size // 3
    tape, gradient = numpy.empty(steps + 1), numpy.empty(3)
    forward, backward = c_function("chain_forward", ctypes.c_double), c_function("chain_backward")
    phases = {"forward": lambda: forward(a, b, x, steps, tape), "backward": lambda: backward(a, steps, tape, gradient)}
    return HandWritten(phases, lambda: gradient.tolist(), operations=3 * steps)


def _mixed(engine: Engine, form: str, size: int) -> ScalarStep:
    rng = random.Random(0)
    numbers = [rng.uniform(-1.0, 1.0) for _ in range(RECENT)]
    operands = [tuple(RECENT + n - 1 - rng.randrange(RECENT) for _ in range(3)) for n in range(size // 10)]
    adapter = engine.adapter(form)
    return ScalarStep(adapter, numbers, lambda leaves: mixed(adapter, leaves, operands), operations=10 * len(operands) + RECENT - 1)


def _sum_of_products(engine: Engine, form: str, size: int) -> ScalarStep:
    rng = random.Random(0)
    adapter = engine.adapter(form)
    numbers = [rng.uniform(-1.0, 1.0) for _ in range(2 * size)]
    return ScalarStep(
        adapter, numbers, lambda leaves: adapter.sum_of_products(leaves[:size], leaves[size:]), operations=2 * size - 1
    )


def _sum(engine: Engine, form: str, size: int) -> ScalarStep:
    rng = random.Random(0)
    adapter = engine.adapter(form)
    numbers = [rng.uniform(-1.0, 1.0) for _ in range(size)]
    return ScalarStep(adapter, numbers, adapter.sum_of, operations=size - 1)


_PASSES = ("forward", "backward")
WORKLOADS = (
    Workload(
        "chain",
        "chain of `* + tanh`",
        "chain of `* + tanh`, {size} operations",
        {"scalars": _chain, "c": _chain_in_c},
        (*EAGER, "C by hand"),
        (30_000,),
        (3_000,),
        _PASSES,
        True,
        (PRODUCTS_AND_SUMS, ""),
    ),
    Workload(
        "mixed",
        "mixed graph",
        "graph of `* / + - exp log relu tanh`, {size} operations",
        {"scalars": _mixed},
        EAGER,
        (30_000,),
        (3_000,),
        _PASSES,
        True,
        (PRODUCTS_AND_SUMS,),
    ),
    Workload(
        "curve",
        "chain",
        "chain of {size} operations",
        {"scalars": _chain, "c": _chain_in_c},
        (COMPILED, INTERPRETED, "C by hand"),
        (1_000, 10_000, 100_000, 1_000_000, 3_000_000),
        (1_000, 3_000, 10_000),
        _PASSES,
        True,
        (PRODUCTS_AND_SUMS, ""),
    ),
    Workload(
        "large",
        "large chain",
        "chain of {size} operations, at once",
        {"scalars": _chain, "c": _chain_in_c},
        (COMPILED, BEFORE, "C by hand"),
        (10_000_000,),
        (30_000,),
        _PASSES,
        True,
        (PRODUCTS_AND_SUMS, ""),
    ),
    Workload(
        "memory",
        "memory",
        "chain of {size} operations, memory",
        {"scalars": _chain},
        EAGER,
        (300_000,),
        (30_000,),
        _PASSES,
        True,
        (PRODUCTS_AND_SUMS,),
    ),
    Workload(
        "dot",
        "sum of products",
        "sum of {size} products",
        {"scalars": _sum_of_products},
        EAGER[:5],
        (1_000,),
        (100,),
        _PASSES,
        True,
    ),
    Workload("total", "sum of numbers", "sum of {size} numbers", {"scalars": _sum}, EAGER[:5], (1_000,), (100,), _PASSES, True),
)
