"""The list of slow tests: what stands in it is there, so that a new name does not make a slow test quick."""

import ast
from pathlib import Path

import pytest

from tests.conftest import SLOW

TESTS = Path(__file__).parent


def test_the_slow_tests_that_are_listed_are_there() -> None:
    known = {path.name for path in TESTS.rglob("test_*.py")}
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known |= {f"{path.name}::{node.name}" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert sorted(SLOW - known) == []


def test_a_listed_test_is_marked_and_another_is_not(request: pytest.FixtureRequest) -> None:
    assert "test_leaks.py" in SLOW
    assert request.node.get_closest_marker("slow") is None
    for item in request.session.items:
        named = not SLOW.isdisjoint((item.path.name, f"{item.path.name}::{getattr(item, 'originalname', None)}"))
        assert (item.get_closest_marker("slow") is not None) == named
