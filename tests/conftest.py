"""Profiles of hypothesis: `ci` draws the same examples in every run, `nightly` many new ones (HYPOTHESIS_PROFILE=nightly).

The tests that `slow.txt` lists, whole files and single functions, are marked slow: `pytest -m "not slow"` leaves them out.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, max_examples=100, database=None)
settings.register_profile("nightly", derandomize=False, deadline=None, print_blob=True, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

SLOW = frozenset(Path(__file__).with_name("slow.txt").read_text(encoding="utf-8").split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by the names of files and functions, wherever in the folders they stand."""
    for item in items:
        if not SLOW.isdisjoint((item.path.name, f"{item.path.name}::{getattr(item, 'originalname', None)}")):
            item.add_marker(pytest.mark.slow)
