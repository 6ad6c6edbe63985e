"""The methods of Values: one for every function of one number, written from the table."""

import ast
import inspect
import subprocess
import sys
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, grad, jvp, taylor, trace
from autograd_lite.engine.methods import Functions
from autograd_lite.engine.number_types import source_of
from autograd_lite.engine.primitive import Recorder, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing import check
from tests import value_methods
from tests.processes import REPOSITORY

FUNCTIONS = value_methods.of_one_number()
# Where the functions are defined that are not defined at 0.3.
POINTS = {"acosh": 1.3}


def test_the_module_is_what_the_table_says() -> None:
    assert source_of("methods").read_text(encoding="utf-8") == value_methods.text(), f"run {value_methods.COMMAND}"


def test_the_command_says_that_the_module_is_as_it_should_be() -> None:
    subprocess.run([sys.executable, "-m", "tests.value_methods", "--check"], cwd=REPOSITORY, check=True)


def test_there_is_a_method_for_every_public_function_of_one_number() -> None:
    assert {name for name, row in TABLE.items() if row.public and isinstance(row, Unary)} <= FUNCTIONS.keys()
    assert {"gelu", "silu", "log_sigmoid", "square", "softplus"} <= FUNCTIONS.keys()
    assert not [name for name, row in TABLE.items() if not row.public and hasattr(Value, name)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_is_the_function(name: str) -> None:
    function = FUNCTIONS[name]
    v = Value(POINTS.get(name, 0.3))
    out = getattr(v, name)()
    assert type(out) is Value
    assert out.data == function(v.data)
    if name not in ("floor", "ceil", "sign"):
        assert ag.gradients(out, [v]) == ag.gradients(function(v), [v])
    assert inspect.getdoc(getattr(Value, name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_serves_every_kind_of_number_that_a_function_is_given(name: str) -> None:
    x = POINTS.get(name, 0.3)
    function = FUNCTIONS[name]

    def called(v: Any) -> Any:
        return getattr(v, name)()

    assert grad(called)(x) == grad(function)(x)
    assert jvp(called, x, 1.0) == jvp(function, x, 1.0)
    assert taylor(called, x, 3) == taylor(function, x, 3)
    assert trace(called, x)([x])[0] == trace(function, x)([x])[0]
    verdict, expected = check(called, x), check(function, x)
    assert (verdict.outcome, verdict.oracle) == (expected.outcome, expected.oracle)


def test_no_method_takes_the_place_of_something_else() -> None:
    """A primitive named `data` would."""
    generated = {name for name in vars(Functions) if not name.startswith("_")}
    assert generated == FUNCTIONS.keys()
    assert not generated & set(dir(Recorder))
    body = next(node for node in ast.parse(source_of("value").read_text()).body if getattr(node, "name", "") == "Value").body  # type: ignore[attr-defined]
    again = {node.name: ast.unparse(node.body[-1]) for node in body if isinstance(node, ast.FunctionDef) and node.name in generated}
    assert again == {name: f"return _unary(table.{name}, self)" for name in again}
    slots = next(node.value for node in body if isinstance(node, ast.Assign))
    assert not generated & set(ast.literal_eval(slots))


def test_item_is_the_number() -> None:
    v = Value(2.5)
    assert type(v.item()) is float
    assert v.item() == v.data == 2.5
    assert jvp(lambda x: x * x.item(), 3.0, 1.0) == (9.0, 3.0)
    with pytest.raises(ag.program.TraceError):
        trace(lambda x: x * x.item(), 3.0)
    with pytest.raises(TypeError, match="a Value holds one number"):
        Value(v)


def test_a_method_does_what_its_function_does_where_it_is_not_defined() -> None:
    with pytest.raises(ag.DomainError, match=r"`asin\(a\)` is not defined at a = 2\.0"):
        Value(2.0, label="a").asin()
    with ag.no_grad():
        assert not Value(2.0).sin().requires_grad
    assert not ag.constant(2.0).gelu().requires_grad
