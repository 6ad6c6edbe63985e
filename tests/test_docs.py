"""The pages of docs/ and the README: their examples run, their links lead somewhere, and what they say of others is so."""

import ast
import doctest
import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import autograd.numpy
import micrograd.engine
import mpmath
import numpy
import pytest
from autograd import grad as autograd_grad

import autograd_lite
from autograd_lite import Value, engine, engine_info, grad, hessian, log, sqrt, tanh, where
from autograd_lite.engine import number_types
from autograd_lite.engine.errors import DomainError
from autograd_lite.engine.number_types import load_again
from autograd_lite.engine.primitives import TABLE
from autograd_lite.program import BranchChanged, trace
from autograd_lite.systems import digits
from autograd_lite.training import History
from tests.processes import REPOSITORY, run_python

README = REPOSITORY / "README.md"
PAGES = [README, REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
RUN = [
    "accuracy",
    "c",
    "commands",
    "compat",
    "course",
    "debug-a-nan",
    "derivatives",
    "error-bar",
    "errors",
    "fit-a-curve",
    "javascript",
    "live",
    "pictures",
    "programs",
    "rounding",
    "speed",
    "training",
]  # the README is run by pytest itself, docs/custom-primitives.md where primitives are checked,
# docs/bridges.md where JAX is, docs/torch-function.md where PyTorch is

# ---- examples ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUN)
def test_the_examples_of_a_page_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS | (doctest.IGNORE_EXCEPTION_DETAIL if name != "errors" else 0)  # whose messages are what it is about
    found = doctest.testfile(str(REPOSITORY / "docs" / f"{name}.md"), module_relative=False, optionflags=flags)
    assert found.attempted >= 5
    assert found.failed == 0


def test_every_page_with_examples_is_run_somewhere() -> None:
    with_examples = {page.stem for page in (REPOSITORY / "docs").glob("*.md") if ">>> " in page.read_text()}
    assert with_examples == {*RUN, "bridges", "custom-primitives", "torch-function"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_on_a_page_that_is_no_example_is_python(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
        if ">>> " not in block:
            ast.parse(block)


def _blocks(name: str, language: str) -> list[str]:
    page = (REPOSITORY / "docs" / f"{name}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def _tested(text: str, folder: Path) -> str:
    """What pytest prints about a file of tests."""
    (folder / "test_gradients.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--grad-report", "test_gradients.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300).stdout


def test_the_tests_of_the_page_on_ci_do_what_it_says(tmp_path: Path) -> None:
    tests = _blocks("gradients-in-ci", "python")[0]
    report, failure = _blocks("gradients-in-ci", "text")
    assert report in _tested(tests, tmp_path)
    broken = tests.replace("sigmoid(-x)", "sigmoid(x)")
    assert broken != tests
    found = _tested(broken, tmp_path)
    assert failure in found
    assert "2 failed, 3 passed" in found
    assert "def _judge" not in found  # the plugin's own lines, which say nothing about the test


# ---- the recipes for a primitive ---------------------------------------------------------------------------------------------


def _recipes() -> list[str]:
    """The pieces of code that the page tells contributors to write: a class, a helper, a form, two classes, two definitions."""
    section = (
        (REPOSITORY / "CONTRIBUTING.md").read_text().partition("## How do I add a primitive?")[2].partition("## Rules for rules")[0]
    )
    return re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


def test_the_recipes_for_a_primitive_do_what_the_page_says() -> None:
    simple, helper, form, family, definitions = _recipes()
    mathematics = load_again("mathematics", "recipe", {})
    exec(helper, vars(mathematics))
    table = load_again("primitives", "recipe", {"m": mathematics})
    known = {*TABLE, *(type(row).__name__ for row in TABLE.values()), *vars(engine.mathematics)}
    added = {node.name for node in ast.parse(simple + helper + family).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert added == {"Gudermann", "cardinalslope", "Cardinal", "CardinalSlope"}
    assert not added & known  # an example that there is already teaches nothing
    exec(simple + family, vars(table))
    gudermann, cardinal, cardinalslope = table.Gudermann(), table.Cardinal(), table.CardinalSlope()
    for x in (-30.0, -2.0, -1e-9, 0.0, 0.5, 1.0, 4.0):
        assert gudermann.forward(x) == pytest.approx(float(mpmath.atan(mpmath.sinh(x))), rel=1e-15, abs=0.0)
        assert gudermann.dx(x, 0.0) == pytest.approx(float(mpmath.sech(x)), rel=1e-15)
        assert cardinal.forward(x) == pytest.approx(float(mpmath.sinc(x)), rel=1e-15)
        for n in range(4):
            expected = float(mpmath.diff(mpmath.sinc, x, n + 1))
            slope = cardinal.dx(x, 0.0) if n == 0 else cardinalslope.dx(x, float(n), 0.0)
            assert slope == pytest.approx(expected, rel=1e-13, abs=1e-15)
    independent = eval(definitions, {"mp": mpmath})
    assert independent.keys() == {"cardinal", "cardinalslope"}
    for x, n in ((0.5, 0.0), (-3.0, 1.0), (1e-9, 1.0), (7.0, 2.0), (0.25, 3.0), (-2.0, 4.0)):
        assert table.CardinalSlope().forward(x, n) == pytest.approx(
            float(independent["cardinalslope"](mpmath.mpf(x), n)), rel=1e-13
        )
    [(constant, longer)] = eval(form).items()
    with mpmath.workdps(50):
        vars(mathematics).update(number_types._basics("mpmath"), **{constant: longer(mpmath)})
        assert abs(mathematics.cardinalslope(mpmath.mpf(1) / 3, 2) - mpmath.diff(mpmath.sinc, mpmath.mpf(1) / 3, 2)) < 1e-45


# ---- links, pictures, commands -----------------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith(("https://", "http://")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path) if path else page
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link


def test_pictures_are_light_and_all_of_them_shown() -> None:
    pictures = {path.name for ending in ("svg", "png") for path in (REPOSITORY / "docs").glob(f"*.{ending}")}
    shown = set(re.findall(r"!\[[^\]]+\]\(docs/([^)]+)\)", README.read_text()))
    assert pictures == shown
    assert all((REPOSITORY / "docs" / name).stat().st_size < 150_000 for name in pictures)


def test_the_readme_lists_every_notebook_and_every_command() -> None:
    from autograd_lite.commands.cli import parser

    text = README.read_text()
    assert re.findall(r"\(notebooks/([^)]+)\)", text) == [path.name for path in sorted((REPOSITORY / "notebooks").glob("*.ipynb"))]
    [commands] = [action.choices for action in parser()._subparsers._group_actions]  # type: ignore[union-attr]
    assert commands is not None
    listed = set(re.findall(r"^autograd-lite (\w+)", text, re.MULTILINE))
    assert listed == set(commands)


def test_the_readme_s_first_command_writes_a_live_page(tmp_path: Path) -> None:
    command = re.findall(r"^```sh\n(.*?)\n```", README.read_text(), re.DOTALL | re.MULTILINE)[0]
    python, *arguments = shlex.split(command)
    assert python == "python3"
    made = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert "wrote graph.html" in made.stdout
    assert 'class="autograd-lite-player"' in (tmp_path / "graph.html").read_text()


def test_the_readme_names_the_files_there_are() -> None:
    table = README.read_text().partition("## Reading the code")[2]
    names = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    package = Path(autograd_lite.__file__).parent
    assert len(names) > 20
    assert all((package / name).exists() for name in names)


def test_the_changelog_has_one_line_for_each_change() -> None:
    lines = (REPOSITORY / "CHANGELOG.md").read_text().partition("### What moved")[0].splitlines()
    changes = [line for line in lines[3:] if line and not line.startswith("## ")]
    assert all(line.startswith("* ") and line.endswith(".") for line in changes)


def test_what_moved_went_where_the_changelog_says() -> None:
    package = Path(autograd_lite.__file__).parent
    table = (REPOSITORY / "CHANGELOG.md").read_text().partition("### What moved")[2]
    moved = re.findall(r"^\| `([\w.]+)` \| `([\w./]+)` \|$", table, re.MULTILINE)
    assert len(moved) == table.count("\n| `") > 110
    assert len(dict(moved)) == len(moved)
    old, new = zip(*moved, strict=True)
    files = [REPOSITORY / name if "/" in name else package.joinpath(*name.split(".")).with_suffix(".py") for name in new]
    assert [file for file in files if not file.exists()] == []
    assert [name for name in old if package.joinpath(*name.split(".")).with_suffix(".py").exists()] == []


# ---- what a node weighs ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="sizes are CPython's")
def test_a_term_of_dot_weighs_less_than_a_third_of_the_two_nodes_it_replaces() -> None:
    program = """
        import gc, os, tracemalloc
        os.environ["AUTOGRAD_LITE_POOL"] = "0"  # so that nodes are pieces of memory that are counted
        from autograd_lite import Value, dot

        weights, inputs = ([Value(number / 1000.0) for number in range(1, 1001)] for _ in range(2))

        def weight(make):
            make()
            gc.collect()
            tracemalloc.start()
            kept = make()
            size = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            assert kept.primitive is not None
            return size

        print(weight(lambda: dot(weights, inputs)), weight(lambda: sum(w * x for w, x in zip(weights, inputs))))
    """
    of_dot, of_nodes = map(int, run_python(program).split())
    assert 8_000 < of_dot < of_nodes / 3


@pytest.mark.skipif(not engine_info().compiled, reason="of the compiled engine")
def test_the_compiled_engine_is_closed_as_the_page_says() -> None:
    with pytest.raises(AttributeError):
        tanh.colour = "red"
    with pytest.raises(AttributeError):
        tanh.forward = lambda x: x


# ---- the table beside other libraries ----------------------------------------------------------------------------------------


def _beside(row: str) -> list[str]:
    """The cells of a row: of this library, micrograd, HIPS autograd, PyTorch, JAX, CasADi and XAD."""
    table = README.read_text().partition("## Beside other libraries")[2].partition("\n## ")[0]
    [line] = [line for line in table.splitlines() if line.startswith(f"| {row}")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_table_is_of_the_versions_that_tests_have() -> None:
    heads = _beside(" |")
    for place, name in ((1, "micrograd"), (2, "autograd")):
        assert heads[place].split()[-1] == ".".join(importlib.metadata.version(name).split(".")[:2])


def test_what_a_node_holds() -> None:
    assert _beside("a node holds")[:3] == ["a float", "a float", "an array"]
    with pytest.raises(TypeError):
        Value(numpy.zeros(3))
    assert autograd_grad(lambda x: autograd.numpy.sum(x * x))(numpy.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_second_derivatives() -> None:
    assert _beside("second derivatives")[:3] == ["yes, any order", "no", "yes"]
    assert hessian(lambda x: x * x * x)(2.0) == [[12.0]]
    assert autograd_grad(autograd_grad(lambda x: x * x * x))(2.0) == 12.0
    x = micrograd.engine.Value(2.0)
    (x * x * x).backward()
    assert isinstance(x.grad, float)  # a number without a history


def test_forward_mode() -> None:
    assert _beside("forward mode")[:3] == ["yes", "no", "yes"]
    assert autograd.make_jvp(lambda x: x * x)(3.0)(1.0)[1] == autograd_lite.jvp(lambda x: x * x, 3.0, 1.0)[1] == 6.0
    assert not any("jvp" in name for name in dir(micrograd.engine))


def test_a_branch_in_what_is_replayed() -> None:
    assert _beside("`if x > 0`")[0] == "guarded: an error that names the line, or a new trace"

    def bent(x: Any) -> Any:
        return x * x if x > 0 else -x

    with pytest.raises(BranchChanged, match=r"line \d+ of test_docs.py"):
        trace(bent, 2.0)([-3.0])
    assert trace(bent, 2.0, on_branch="retrace")([-3.0]).tolist() == [3.0]


def test_the_slope_of_tanh_far_out() -> None:
    assert _beside("slope of `tanh`")[:3] == ["1.7e-17", "no `tanh`", "1.7e-17"]
    assert f"{grad(tanh)(20.0):.1e}" == f"{autograd_grad(autograd.numpy.tanh)(20.0):.1e}" == "1.7e-17"
    assert not hasattr(micrograd.engine.Value, "tanh")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_slope_of_the_branch_not_taken() -> None:
    assert _beside("slope of `where(")[:3] == ["0", "no `where`", "nan"]
    assert grad(lambda x: where(x > 0, sqrt(x), 0.0))(0.0) == 0.0
    theirs = autograd_grad(lambda x: autograd.numpy.where(x > 0, autograd.numpy.sqrt(x), 0.0))
    assert numpy.isnan(theirs(numpy.float64(0.0)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_logarithm_of_a_negative_number() -> None:
    assert _beside("`log(-1)`")[:3] == ["an error that names the expression", "no `log`", "nan"]
    with pytest.raises(DomainError, match=r"`log\(a\)` is not defined at a = -1.0"):
        log(Value(-1.0, label="a"))
    assert numpy.isnan(autograd.numpy.log(numpy.float64(-1.0)))
    assert not hasattr(micrograd.engine.Value, "log")


def test_a_hundred_thousand_operations_in_a_row() -> None:
    assert _beside("backward through 100,000")[:2] == ["yes", "RecursionError"]

    def chained(x: Any) -> Any:
        y = x
        for _ in range(100_000):
            y = y * 1.0
        return y

    x = Value(1.0)
    chained(x).backward()
    assert x.grad == 1.0
    with pytest.raises(RecursionError):
        chained(micrograd.engine.Value(1.0)).backward()


# ---- the stored run of MNIST -------------------------------------------------------------------------------------------------


def test_the_run_of_mnist_that_the_pages_show_is_of_the_recipe_and_has_what_they_say() -> None:
    folder, page = REPOSITORY / "docs" / "mnist", (REPOSITORY / "docs" / "mnist.md").read_text()
    stored, recipe = json.loads((folder / "history.json").read_text()), digits.recipe("mnist")
    assert stored["settings"] == {
        "set": "mnist", "hidden": list(recipe.hidden), "optimizer": "momentum", "lr": None, "seed": 0, "epochs": recipe.epochs,
        "batch_size": recipe.batch_size, "dtype": recipe.dtype, "shift": recipe.shift, "held_back": 0,
    }  # fmt: skip
    history, right = History.load(folder / "history.json"), stored["test"]["right"]
    assert (len(history.epochs), len(history.costs)) == (recipe.epochs, recipe.epochs * 469)
    confusion = numpy.array(stored["test"]["confusion"])
    assert (confusion.sum(), confusion.trace()) == (stored["test"]["pictures"], right) == (10_000, right)
    assert confusion.sum(axis=1).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # as many as the file has
    notebook = (REPOSITORY / "notebooks" / "05-digits-and-mnist.ipynb").read_text()
    for text in (page, notebook):
        assert f"{right / 100:.2f} %" in text
        assert f"of {10_000 - right} mistakes" in text
        assert all(f"mnist/{name}.svg" in text for name in ("cost", "confusion", "mistakes"))
    assert f"{right / 100:.2f} % right" in (folder / "confusion.svg").read_text()
    assert f"of {10_000 - right} mistakes" in (folder / "mistakes.svg").read_text()
