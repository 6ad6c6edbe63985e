"""Profiles of hypothesis: `ci` draws the same examples in every run, `full` more of them, `nightly` many new ones (HYPOTHESIS_PROFILE).

The tests that `slow.txt` lists, whole files and single functions, are marked slow: `pytest -m "not slow"` leaves them out.
"""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.browser import Browser, browser
from tests.samples import FULL, PROFILE, examples, left_out

for _name in ("ci", "full"):
    settings.register_profile(_name, derandomize=True, deadline=None, print_blob=True, max_examples=examples(100), database=None)
settings.register_profile("nightly", derandomize=False, deadline=None, print_blob=True, max_examples=10_000)
settings.load_profile(PROFILE)

if sys.dont_write_bytecode:  # what tests start in processes of their own would compile all that it loads, each for itself
    _bytecode = tempfile.TemporaryDirectory(prefix="autograd-lite-bytecode-", ignore_cleanup_errors=True)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", _bytecode.name)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What a shell starts in its background is deaf to Ctrl-C, and so is all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if "XDG_CACHE_HOME" not in os.environ:  # what tests compile is nobody's
    _cache = tempfile.TemporaryDirectory(prefix="autograd-lite-cache-", ignore_cleanup_errors=True)
    os.environ["XDG_CACHE_HOME"] = _cache.name

TESTS = Path(__file__).parent
SLOW = frozenset((TESTS / "slow.txt").read_text(encoding="utf-8").split())


def is_listed(item: pytest.Item) -> bool:
    """Whether the file of a test, or its function, stands in `slow.txt`."""
    file = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
    return not SLOW.isdisjoint((file, f"{file}::{getattr(item, 'originalname', None)}"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if is_listed(item):
            item.add_marker(pytest.mark.slow)
    if not FULL:
        config.hook.pytest_deselected(items=(out := left_out(items)))
        without = set(map(id, out))
        items[:] = [item for item in items if id(item) not in without]


@pytest.fixture(autouse=True, scope="module")
def _what_is_old_is_not_looked_through() -> None:
    """Tests of memory collect and count what they made themselves; with all that others left, each time takes most of a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of one module."""
    with browser() as driven:
        yield driven
