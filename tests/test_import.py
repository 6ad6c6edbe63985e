"""What importing the package costs: nothing that is not used."""

import ast
import builtins
import importlib
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_lite as al
from autograd_lite import calculus, engine, functions
from autograd_lite.calculus import transforms
from autograd_lite.engine import primitives
from autograd_lite.losses import formulas
from tests.processes import REPOSITORY, run_python

HEAVY = ("numpy", "graphviz", "pygraphviz", "matplotlib", "hypothesis", "mpmath", "tqdm", "pytest", "argparse")


def loaded_after(program: str) -> set[str]:
    program += f"\nimport sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    return set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())


def test_the_package_imports_nothing_heavy():
    assert loaded_after("import autograd_lite") == set()


def test_the_engine_networks_pictures_and_steps_run_without_numpy_and_graphviz():
    program = """
from autograd_lite import Value, grad, hessian, tanh
from autograd_lite.drawing import draw, equation, why
from autograd_lite.nn import MLP
from autograd_lite.optim import Adam
from autograd_lite.stepping import record
model = MLP(2, [3, 1], seed=0)
loss = model([1.0, 2.0]) ** 2
loss.backward()
draw(loss).svg(renderer="builtin"), why(loss, model.parameters()[0]), equation(loss).latex, record(loss).html()
Adam(model.parameters()).step()
hessian(lambda x: tanh(x))(0.5)
"""
    assert loaded_after(program) <= {"argparse"}


# Modules of Python that take long to load; some rare calls need them.
SLOW = "ast dataclasses decimal difflib fractions inspect linecache pathlib platform tokenize".split()


def without_site(program: str) -> str:
    """What a program prints in a Python that has loaded nothing for an installation's sake."""
    program = f"import sys; sys.path.insert(0, {str(Path(al.__file__).parents[1])!r}); {program}"
    return subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True).stdout


def test_the_package_loads_no_module_of_pythons_that_takes_long():
    assert without_site(f"import autograd_lite; print(*({set(SLOW)!r} & sys.modules.keys()))").split() == []


@pytest.mark.parametrize(
    ("words", "loaded"),
    {
        "--version": "arguments cli printing",
        "": "arguments cli printing",
        "eval x x=1": "arguments cli evaluate expression_arguments printing",
        "check x x=1": "arguments check cli expression_arguments printing",
    }.items(),
)
def test_a_command_loads_no_other(words: str, loaded: str):
    program = (
        "from contextlib import suppress; from autograd_lite.commands.cli import main\n"
        f"with suppress(SystemExit): main({words.split()!r})\n"
        "print('|', *sorted(name[23:] for name in sys.modules if name.startswith('autograd_lite.commands.')))"
    )
    assert without_site(program).rpartition("|")[2].split() == loaded.split()


def test_numpy_is_loaded_by_the_first_array():
    assert "numpy" in loaded_after("import numpy, autograd_lite; autograd_lite.sin(numpy.zeros(2))")


# ---- with nothing but Python -------------------------------------------------------------------------------------------------


def test_the_core_runs_with_python_alone_and_the_rest_says_what_to_install():
    """In an environment without packages the check runs this file as it is; here, the packages are hidden from it."""
    bare = REPOSITORY / ".ci" / "bare_test.py"
    printed = run_python(
        f"""
        import runpy
        sys.modules |= dict.fromkeys({_listed(bare)!r}, None)
        runpy.run_path({str(bare)!r}, run_name="__main__")
        """,
        Path(al.__file__).parents[1],
    )
    assert printed.startswith("6 commands run with Python alone")


def _listed(bare: Path) -> list[str]:
    """The packages that the file does without."""
    [others] = [node for node in ast.parse(bare.read_text()).body if isinstance(node, ast.Assign) and "OTHERS" in ast.unparse(node)]
    return [word for text in ast.walk(others) if isinstance(text, ast.Constant) for word in text.value.split()]


# ---- the public names --------------------------------------------------------------------------------------------------------

ROOMS = (
    "bridges calculus compat datasets drawing errors functions losses nn optim plotting primitive primitives program stepping symbols systems "
    "testing training value"
).split()
VERBS = {
    "draw": "drawing",
    "why": "drawing",
    "record": "stepping",
    "trace": "program",
    "check": "testing",
    "rounding": "calculus.rounding",
}
# Beside the functions of the table, of `functions`, of `losses` and of `calculus`, which their own modules list.
OTHERS = (
    "DomainError GraphError NanGradientWarning OperationError PoleError RangeError Value constant engine_info no_grad quiet_gc "
    "topological_order"
).split()


def test_the_public_names_are_those_decided():
    listed = [primitives, functions, formulas, transforms]
    decided = {*VERBS, *OTHERS, *(name for module in listed for name in module.__all__)}
    assert sorted(al.__all__) == sorted(decided - {"abs"})
    assert {name for name in dir(al) if not name.startswith("__")} == {*decided, *ROOMS}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_there_without_being_imported(room: str):
    program = f"""
        import autograd_lite as al
        first = al.{room}
        import autograd_lite.{room}
        print(first is al.{room} is sys.modules["autograd_lite.{room}"])
    """
    assert run_python(program, Path(al.__file__).parents[1]) == "True\n"


@pytest.mark.parametrize("path", ["value", "primitive", "primitives", "errors", "symbols"])
def test_a_path_that_users_and_pickles_name_is_the_module_itself(path: str):
    [real] = [room for room in (engine, calculus) if hasattr(room, path)]
    assert getattr(al, path) is getattr(real, path)
    assert pickle.loads(b"cautograd_lite.primitives\ntanh\n.") is al.tanh


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_its_rooms_function_at_every_access(verb: str):
    assert getattr(al, verb) is getattr(al, verb) is getattr(importlib.import_module(f"autograd_lite.{VERBS[verb]}"), verb)
    assert inspect.isfunction(getattr(al, verb))
    assert not Path(al.__file__).with_name(verb).exists()
    assert not Path(al.__file__).with_name(f"{verb}.py").exists()  # a submodule would take the name at its first import


def test_a_star_import_brings_no_modules_and_replaces_nothing_of_pythons():
    brought: dict[str, object] = {}
    exec("from autograd_lite import *", brought)
    del brought["__builtins__"]
    assert sorted(brought) == sorted(al.__all__)
    assert not [name for name, thing in brought.items() if inspect.ismodule(thing)]
    assert not set(brought) & set(dir(builtins))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'autograd_lite' has no attribute 'tanhh'"):
        _ = al.tanhh
    assert not hasattr(al, "copying")


def test_type_checkers_see_what_is_loaded_late():
    tree = ast.parse(Path(al.__file__).read_text())
    [late] = [
        node for node in tree.body if isinstance(node, ast.If) and any(isinstance(part, ast.ImportFrom) for part in node.body)
    ]
    assert ast.unparse(late.test) == "TYPE_CHECKING"
    assert {name.asname or name.name for part in late.body if isinstance(part, ast.ImportFrom) for name in part.names} == {
        *ROOMS,
        *VERBS,
    }
