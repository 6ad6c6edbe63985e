"""What the default run leaves out: combinations of parameters, and no value of any of them."""

from collections import Counter

import pytest

from tests.samples import FULL, examples, left_out

pytest_plugins = ["pytester"]

SOURCE = """
import pytest

@pytest.mark.thinned
@pytest.mark.parametrize(("a", "b"), [(1, 2), (3, 4), (5, 6), (7, 8)])
@pytest.mark.parametrize("c", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("d", [1, 2])
def test_of_many(a, b, c, d): pass

@pytest.mark.thinned
@pytest.mark.parametrize("c", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("d", [1, 2])
def test_of_pairs(c, d): pass

@pytest.mark.thinned
@pytest.mark.parametrize("c", range(30))
def test_of_a_list(c): pass

@pytest.mark.parametrize("c", range(9))
@pytest.mark.parametrize("d", range(9))
def test_without_the_mark(c, d): pass
"""


def test_every_value_of_every_parameter_stays(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = thinned: some")
    items = pytester.getitems(SOURCE)
    out = left_out(items)
    assert Counter(item.originalname for item in out) == {"test_of_many": 30, "test_of_pairs": 5}
    for test, sizes in (("test_of_many", {"a": 4, "b": 4, "c": 5, "d": 2}), ("test_of_pairs", {"c": 5, "d": 2})):
        kept = [item.callspec.params for item in items if item not in out and item.originalname == test]
        assert {name: len({params[name] for params in kept}) for name in sizes} == sizes


def test_a_full_run_has_all_examples() -> None:
    assert examples(100) == (100 if FULL else 40)
