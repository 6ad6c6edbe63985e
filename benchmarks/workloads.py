"""All workloads, in the order of the tables."""

from benchmarks import batch, chain, digits, formulas, gpt, libraries, moons, xor

__all__ = ["WORKLOADS"]

WORKLOADS = {
    workload.name: workload
    for module in (chain, moons, xor, gpt, digits, batch, formulas, libraries)
    for workload in module.WORKLOADS
}
