"""Custom gradients of PyTorch and JAX by kinds of mistakes: every wrong one is convicted, no right one is accused."""

from collections.abc import Iterator
from itertools import islice

import pytest

from autograd_lite.engine.extras import advice, is_here
from benchmarks.custom_gradients import KINDS, CustomGradient, by_check, corpus
from benchmarks.custom_rules import RULES

LIBRARIES = [pytest.param(name, marks=pytest.mark.skipif(not is_here(name), reason=advice(name))) for name in ("torch", "jax")]


def chosen(library: str) -> Iterator[CustomGradient]:
    """Of every rule one right gradient and two wrong ones, so that both precisions and all kinds come in turn."""
    for number, rule in enumerate(RULES):
        dtype = ("float64", "float32")[number % 2]
        cases = [case for case in corpus(library, (rule,)) if case.dtype == dtype]
        wrong = [case for case in cases if not case.is_right]
        wrong = wrong[number % len(wrong) :] + wrong
        yield from islice((case for case in cases if case.is_right), 1)
        yield from (wrong[0], wrong[len(wrong) // 3])


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_wrong_gradient_is_convicted_and_every_right_one_acquitted(library: str) -> None:
    cases = list(chosen(library))
    assert sum(case.is_right for case in cases) >= 30
    assert sum(not case.is_right for case in cases) >= 60
    assert {case.kind for case in cases} > KINDS.keys() - {"wrong branch", "missing reduction"}
    found = {case.note: by_check(case) for case in cases}
    assert {case.note: found[case.note] for case in cases if found[case.note] != ("agrees" if case.is_right else "disagrees")} == {}
