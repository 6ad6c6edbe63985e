"""Benchmarks: ratios measured side by side in one run, never absolute claims.

`python -m benchmarks` measures this engine, compiled and interpreted, beside its peers; `--help` says how to choose. A workload
(`chain`, `moons`, `xor`, `gpt`, `digits`, `batch`, `formulas`, `libraries`) writes its mathematics once for each style of engine:

    scalars     numbers that remember: this engine, micrograd, the microgpt-style baseline, XAD, torch's scalars   `scalars.py`
    symbols     a formula of scalars, compiled once and evaluated often: CasADi                                    `symbols.py`
    arrays      whole arrays, differentiated by a library: torch, JAX, HIPS autograd                               `arrays.py`
    by hand     the limit: a gradient derived on paper, in NumPy and in C                                          `limits.py`

`suite.py` runs every measurement in a process of its own (`child.py`), compares all gradients before it times anything, and
`report.py` writes the tables.
"""
