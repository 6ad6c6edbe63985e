"""The lists of slow tests, and of those that need one engine: what stands in them is there, so that a new name changes nothing unseen."""

import ast

import pytest

from tests.conftest import SLOW, TESTS, is_listed
from tests.processes import REPOSITORY


def test_the_slow_tests_that_are_listed_are_there() -> None:
    known = set()
    for path in TESTS.rglob("test_*.py"):
        name = path.relative_to(TESTS).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known |= {name} | {f"{name}::{node.name}" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert sorted(SLOW - known) == []


def test_what_needs_one_engine_only_is_there_and_left_out_of_the_compiled_run() -> None:
    listed = (TESTS / "one_engine.txt").read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    assert [name for name in listed if not (TESTS / name).exists()] == []
    assert not {name.partition("/")[0] for name in listed} & {"engine", "calculus", "nn", "optim", "losses", "training"}
    assert "tests/one_engine.txt" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")


def test_a_listed_test_is_marked_and_another_is_not(request: pytest.FixtureRequest) -> None:
    assert "test_leaks.py" in SLOW
    assert request.node.get_closest_marker("slow") is None
    for item in request.session.items:
        assert (item.get_closest_marker("slow") is not None) == is_listed(item)
