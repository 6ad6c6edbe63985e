"""The list of slow tests: what stands in it is there, so that a new name does not make a slow test quick."""

import ast

import pytest

from tests.conftest import SLOW, TESTS, is_listed


def test_the_slow_tests_that_are_listed_are_there() -> None:
    known = set()
    for path in TESTS.rglob("test_*.py"):
        name = path.relative_to(TESTS).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known |= {name} | {f"{name}::{node.name}" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert sorted(SLOW - known) == []


def test_a_listed_test_is_marked_and_another_is_not(request: pytest.FixtureRequest) -> None:
    assert "test_leaks.py" in SLOW
    assert request.node.get_closest_marker("slow") is None
    for item in request.session.items:
        assert (item.get_closest_marker("slow") is not None) == is_listed(item)
