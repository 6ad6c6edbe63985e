"""Which engine runs, that it is one engine and not a mixture, and that the collector can be kept quiet."""

import ast
import gc
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autograd_lite
from autograd_lite import Value, dot, engine_info, quiet_gc, tanh
from autograd_lite.engine import packs
from autograd_lite.engine.build import ENGINE, EngineInfo
from autograd_lite.engine.number_types import source_of
from tests.processes import REPOSITORY, run_python

PACKAGE = Path(autograd_lite.__file__).parent
SOURCES = PACKAGE / "engine"
BINARIES = {path.name.partition(".")[0] for suffix in ("so", "pyd") for path in SOURCES.glob(f"*.{suffix}")}


def test_the_engine_is_the_one_that_was_asked_for() -> None:
    """Whoever runs the tests on a compiled installation says so, because from a clone's root Python imports the sources."""
    expected = os.environ.get("AUTOGRAD_LITE_EXPECTED_ENGINE", "compiled" if BINARIES else "interpreted")
    assert engine_info().name == expected
    assert engine_info().compiled == bool(BINARIES)


def test_the_engine_is_compiled_whole_or_not_at_all() -> None:
    assert BINARIES in (set(), {module.__name__.rpartition(".")[2] for module in ENGINE} | {"allocator"})
    assert {Path(str(module.__file__)).suffix == ".py" for module in ENGINE} == {not BINARIES}


def test_the_sources_stand_beside_what_was_compiled_from_them() -> None:
    for module in ENGINE:
        assert SOURCES.joinpath(f"{module.__name__.rpartition('.')[2]}.py").exists()


def test_what_is_compiled_is_what_engine_info_asks_about() -> None:
    tree = ast.parse((REPOSITORY / "setup.py").read_text("utf-8"))
    listed = next(node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ENGINE")
    names = [
        text.value for text in ast.walk(listed) if isinstance(text, ast.Constant) and "/" not in text.value and text.value != ".py"
    ]
    assert sorted(names) == sorted(module.__name__.rpartition(".")[2] for module in ENGINE)


def test_engine_info_says_where_and_on_what() -> None:
    info = engine_info()
    assert info.location == PACKAGE
    assert str(info) == f"{info.name} engine on {info.python}"
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in info.python
    assert str(EngineInfo(False, PACKAGE, "CPython 3.11.7")) == "interpreted engine on CPython 3.11.7"
    assert info.pool == (bool(BINARIES) and os.environ.get("AUTOGRAD_LITE_POOL") != "0" and sys.maxsize > 2**32)


@pytest.mark.parametrize("module", ENGINE, ids=lambda module: module.__name__.rpartition(".")[2])
def test_everything_has_the_docstring_of_its_source_in_both_engines(module: Any) -> None:
    tree = ast.parse(source_of(module.__name__.rpartition(".")[2]).read_text(encoding="utf-8"))
    assert inspect.getdoc(module) == ast.get_docstring(tree)
    asked = 0
    for node, owner in _documented(tree, module):
        asked += 1
        assert inspect.getdoc(getattr(owner, node.name)) == ast.get_docstring(node), f"{owner.__name__}.{node.name}"
    assert asked >= 3


def _documented(tree: ast.Module, module: Any) -> Iterator[tuple[Any, Any]]:
    """What has a docstring in a module, and what it is an attribute of."""
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    methods = [
        (node, getattr(module, cls.name))
        for cls in definitions
        if isinstance(cls, ast.ClassDef)
        for node in cls.body
        if isinstance(node, ast.FunctionDef)
    ]
    yield from (pair for pair in [*((node, module) for node in definitions), *methods] if ast.get_docstring(pair[0]) is not None)


def test_what_a_notebook_asks_for_is_there() -> None:
    assert (Value.backward.__doc__ or "").startswith("Adds d self / d leaf")
    assert (Value.operands.__doc__ or "").startswith("What the value was computed from")
    assert (tanh.__doc__ or "").startswith("Hyperbolic tangent of x.")


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="sizes are CPython's")
def test_a_node_takes_no_more_than_140_bytes() -> None:
    x = Value(1.0)
    assert sys.getsizeof(x * x) <= 140


@pytest.mark.parametrize("name", packs.__all__)
def test_what_reads_and_writes_memory_is_not_to_be_called_from_python(name: str) -> None:
    if engine_info().compiled:
        with pytest.raises(TypeError, match="only the compiled engine itself calls this"):
            getattr(packs, name)(None, [])


# ---- the collector -----------------------------------------------------------------------------------------------------------


def test_the_collector_is_quiet_inside_and_as_it_was_afterwards() -> None:
    assert gc.isenabled()
    with quiet_gc():
        assert not gc.isenabled()
        with quiet_gc():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_is_as_it_was_also_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), quiet_gc():
        _ = Value(1.0) / 0.0
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with quiet_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_graphs_of_a_quiet_block_leave_the_collector_nothing() -> None:
    gc.collect()
    with quiet_gc():
        weights = [Value(0.1 * i) for i in range(50)]
        for _ in range(20):
            dot(weights, [tanh(weight * 2.0) for weight in weights]).backward()
    assert gc.collect() == 0


def test_a_python_without_its_lock_is_refused_in_one_line() -> None:
    printed = run_python(
        """
        sys._is_gil_enabled = lambda: False
        try:
            import autograd_lite
        except ImportError as error:
            print(error)
        """,
        PACKAGE.parent,
    )
    assert printed == (
        "autograd_lite needs the global interpreter lock, which this free-threaded Python runs without: start it with "
        "PYTHON_GIL=1 or -X gil=1, or use the ordinary build\n"
    )


# ---- from a clone, uninstalled -----------------------------------------------------------------------------------------------


def test_the_package_runs_without_what_only_its_compilation_needs(tmp_path: Path) -> None:
    printed = run_python(
        """
        sys.modules["mypy_extensions"] = None  # as where it is not installed
        from autograd_lite import grad, tanh
        print(grad(tanh)(0.0))
        """,
        PACKAGE.parent,
    )
    assert printed == "1.0\n"
