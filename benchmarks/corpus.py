"""The corpus of claims (`claims.py`): its kinds of functions, and how many pairs of each there are."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from benchmarks.claims import Pair
from benchmarks.rough_claims import ends, hidden, jumps, kinks, of_speed, single
from benchmarks.smooth_claims import second, second_of_several, several, smooth, vectors

__all__ = ["KINDS", "corpus"]

KINDS: dict[str, tuple[float, Callable[[Random], Iterator[Pair]]]] = {
    "smooth, any number": (0.15, partial(smooth, "any number")),
    "smooth, floats only": (0.1, partial(smooth, "floats")),
    "smooth, a part in math": (0.1, partial(smooth, "a part in math")),
    "smooth, numpy": (0.04, partial(smooth, "numpy")),
    "smooth, methods of Values": (0.06, partial(smooth, "methods")),
    "several numbers": (0.1, several),
    "arrays": (0.03, vectors),
    "second derivatives": (0.08, second),
    "Hessians": (0.04, second_of_several),
    "behind float(), int(), abs": (0.08, hidden),
    "fast and steep": (0.06, partial(of_speed, 1e6)),
    "very fast and steep": (0.04, partial(of_speed, 1e12)),
    "kinks": (0.05, kinks),
    "jumps": (0.03, jumps),
    "single precision": (0.06, single),
    "ends of domains": (0.01, ends),
}


def corpus(size: int = 3000, seed: int = 1) -> Iterator[Pair]:
    """Pairs of every kind: as many wrong ones as asked for, or more, and as many right ones."""
    for kind, (share, make) in KINDS.items():
        random = Random(f"{kind} {seed}")
        wanted = {True: math.ceil(size * share), False: math.ceil(size * share)}
        while any(wanted.values()):
            for pair in make(random):
                if wanted[pair.is_right]:
                    wanted[pair.is_right] -= 1
                    yield replace(pair, kind=kind)
