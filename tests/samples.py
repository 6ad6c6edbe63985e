"""How long samples are: what runs by default, and what `.ci/run --full` adds, by HYPOTHESIS_PROFILE=full (or nightly)."""

import os
from collections import defaultdict
from collections.abc import Sequence

import pytest

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
FULL = PROFILE != "ci"


def examples(full: int) -> int:
    """So many examples of hypothesis in a full run, and two fifths of them by default."""
    return full if FULL else full * 2 // 5


def left_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The cases that the default run does without: of tests marked `thinned`, combinations of parameters.

    Every value of every parameter stays, with others from case to case. A test of a single list keeps all its cases.
    """
    cases = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("thinned") and hasattr(item, "callspec"):
            cases[item.path, item.originalname].append(item)
    return [item for group in cases.values() for item in _beside_a_diagonal(group)]


def _beside_a_diagonal(cases: Sequence[pytest.Function]) -> list[pytest.Item]:
    """All but the cases whose places add up to a multiple of the second longest list: that list, or a longer one, completes any value."""
    named = [case.callspec._idlist for case in cases]  # a name for each `parametrize`
    known = [list(dict.fromkeys(names)) for names in zip(*named, strict=True)]
    every = sorted(map(len, known))[-2] if len(known) > 1 else 1
    places = [sum(names.index(name) for names, name in zip(known, each, strict=True)) for each in named]
    return [case for case, place in zip(cases, places, strict=True) if place % every]
