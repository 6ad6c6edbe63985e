"""What a wheel is tried with before it is published: 10,000 mixed operations of the compiled engine, and its reference counts.

A wheel of which one module was built from another build's C imports, computes, and loses or keeps references: to None most of all.
"""

import gc
import random
import sys
from collections.abc import Callable

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.calculus.javascript import rules

COUNT = 10_000
# As many references to each of these may come and go with caches; a leak of one per operation is a thousand times that.
SLACK = 100
OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a + b,
    lambda a, b: a * 0.5 - b,
    lambda a, b: ag.tanh(a),
    lambda a, b: ag.dot([a, b, 1.0], [b, 2.0, a], 0.25),
    lambda a, b: ag.total([a, b, a]) / 3,
    lambda a, b: ag.maximum(a, b),
    lambda a, b: ag.sin(a).detach() + a,
]
REFUSED: list[Callable[[Value], object]] = [
    lambda out: ag.log(out * 0.0 - 1.0),
    lambda out: out * "a",
    lambda out: float(out),
    lambda out: delattr(out, "grad"),
]


def operate(numbers: random.Random, operations: int) -> None:
    """Operations of every sort, swept, asked about and freed."""
    leaves = [Value(0.3), Value(-0.7, "b"), ag.constant(1.5)]
    pool: list[Value] = list(leaves)
    for _ in range(operations):
        a, b = numbers.choice(pool[-20:]), numbers.choice(pool[-20:])
        out = numbers.choice(OPERATIONS)(a, b)
        assert (out > 2.0) in (True, False)
        pool.append(ag.tanh(out))
        if numbers.random() < 0.01:
            with ag.no_grad():
                assert not (a * b).requires_grad
            for attempt in REFUSED:
                try:
                    attempt(out)
                except (ValueError, TypeError, AttributeError):
                    continue
                raise AssertionError("nothing was raised")
    root = ag.total(pool)
    root.backward()
    assert len(ag.topological_order(root)) > operations
    assert [repr(leaf.grad) for leaf in leaves[:2]] != ["0.0", "0.0"]


def counts() -> dict[str, int]:
    """References to objects that everything uses. (Not to the class: mypyc never gives back a node's reference to it.)"""
    gc.collect()
    watched = {"None": None, "True": True, "False": False, "()": (), "float": float, "tanh": ag.tanh, "0": 0}
    return {name: sys.getrefcount(thing) for name, thing in watched.items()}


def main() -> None:
    assert ag.engine_info().compiled, f"not compiled: {ag.engine_info()}"
    assert ag.grad(ag.tanh)(0.0) == 1.0
    assert "Math.tanh" in rules([(ag.tanh, 1)]).helpers, "what stands beside the modules is not in the wheel"
    numbers = random.Random(0)
    operate(numbers, COUNT // 10)
    before = counts()
    for _ in range(10):
        operate(numbers, COUNT // 10)
    after = counts()
    changed = {name: after[name] - before[name] for name in before if abs(after[name] - before[name]) > SLACK}
    assert not changed, f"references lost or kept by {COUNT} operations: {changed}"
    print(f"{ag.engine_info()}: {COUNT:,} operations, references balanced")


if __name__ == "__main__":
    main()
