"""The engine answers whatever is asked of it with an exception, never by a crash: thousands of calls in forked children, and those that did."""

import os
import weakref
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value
from tests.samples import examples
from tests.torture.cases import Failure, load, run
from tests.torture.misuse import CALLS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="calls that may crash are made in forked children")


def test_thousands_of_calls() -> None:
    failures: list[Failure] = []
    [report] = run([load()["misuse of the engine"]], 300, 0, examples(5_000) // CALLS, failures.append)
    assert not failures, "\n".join(map(str, failures))
    assert report.tried > examples(4_000)


@pytest.mark.parametrize(
    "name", ["data", "grad", "label", "primitive", "requires_grad", "operands", "local_derivatives", "_grad", "_x"]
)
def test_what_a_value_has_cannot_be_deleted(name: str) -> None:
    x = Value(2.0, "x")
    y = x * x
    if name in ("data", "grad", "operands", "local_derivatives"):
        with pytest.raises(AttributeError):
            delattr(y, name)
    else:
        _try_to_delete(y, name)
    if hasattr(y, name):
        y.backward()
        assert x.grad == 4.0


def _try_to_delete(thing: Any, name: str) -> None:
    """Interpreted, slots can be deleted, as those of any class."""
    try:
        delattr(thing, name)
    except AttributeError:
        return


def test_a_value_that_was_not_initialized_raises() -> None:
    for attempt in (repr, lambda x: x.data, lambda x: x * 2.0, lambda x: x.backward(), ag.tanh, weakref.ref):
        with pytest.raises((AttributeError, TypeError)):
            attempt(Value.__new__(Value))
