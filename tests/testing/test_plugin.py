"""The pytest plugin, in processes of its own: marks, fixture, report, profiles; and that it leaves other runs alone."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import mpmath  # noqa: F401  # loaded here, as pytest in this process drops what it loaded, and NumPy is not loaded twice
import numpy  # noqa: F401
import pytest

from autograd_lite.engine.extras import is_here
from autograd_lite.testing.checker.checking import check
from autograd_lite.testing.error_table import ErrorTable
from tests.processes import REPOSITORY

pytest_plugins = ["pytester"]


def _pytest(folder: Path, text: str, *options: str, plugin: bool = True) -> tuple[int, str]:
    """The exit code and the output of pytest on one test file, with warnings as errors and no plugin but ours."""
    (folder / "test_it.py").write_text(textwrap.dedent(text))
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(REPOSITORY), "COLUMNS": "160"}
    ours = ["-p", "autograd_lite.testing.pytest_plugin"] if plugin else []
    command = [sys.executable, "-m", "pytest", *ours, "--strict-markers", "-W", "error", "-p", "no:cacheprovider", "-v", *options]
    done = subprocess.run([*command, "test_it.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


MARKS = """
    import pytest
    import autograd_lite as ag

    @pytest.fixture
    def k():
        return 3.0

    @pytest.mark.gradcheck
    def test_returned(k):
        return lambda x: k * x**3 / ag.sin(x), 2.0

    @pytest.mark.gradcheck(order=2)
    @pytest.mark.parametrize("power", [2, 3])
    def test_several(power):
        return [(lambda x: x**power, 0.5), (lambda x, y: x**power * y, (1.0, 2.0))]

    @pytest.mark.gradcheck(points=[(1.0, 2.0), (0.0, 3.0)])
    def swish_loss(x, y):
        return (ag.silu(x) - y) ** 2

    @pytest.mark.gradcheck(point=0.0)
    def kinky(x):
        return 2.0 * ag.relu(x)

    def test_fixture(gradcheck):
        gradcheck(ag.exp, 1.0)

    class TestMethods:
        @pytest.mark.gradcheck
        def test_method(self, k):
            return lambda x: k * x, 1.0

    @pytest.mark.skip(reason="later")
    @pytest.mark.gradcheck(point=1.0)
    def skipped(x):
        return x

    not_a_function = pytest.mark.gradcheck
"""


def test_marks_points_and_fixture(tmp_path: Path) -> None:
    code, output = _pytest(tmp_path, MARKS, "--grad-report", f"--grad-report-file={tmp_path / 'report.json'}")
    assert code == 0, output
    for name in (
        "test_returned PASSED", "test_several[2] PASSED", "test_several[3] PASSED", "swish_loss[(1.0, 2.0)] PASSED",
        "swish_loss[(0.0, 3.0)] PASSED", "kinky[0.0] PASSED", "test_fixture PASSED", "test_method PASSED", "skipped[1.0] SKIPPED",
    ):  # fmt: skip
        assert name in output
    assert "10 cases: 10 agree, 0 disagree, 0 inconclusive (0.0 %); 1 on a kink (10.0 %)" in output
    assert "operation  derivatives  worst error  at" in output
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"] == {"agrees": 10, "disagrees": 0, "inconclusive": 0, "kink": 1}
    assert all(operation["worst_ulp"] <= 4.0 for operation in report["operations"])
    assert {"sin", "relu", "sigmoid"} <= {operation["name"] for operation in report["operations"]}
    assert report["cases"][0] == {"test": "test_it.py::test_returned", "outcome": "agrees", "on_kink": False}


def test_without_options_nothing_is_reported(tmp_path: Path) -> None:
    code, output = _pytest(tmp_path, MARKS)
    assert code == 0, output
    assert "cases" not in output


WRONG = """
    import pytest
    import autograd_lite as ag

    @pytest.mark.gradcheck(point=2.0, gradient=lambda x: 4.002)
    def wrong(x):
        return x * x

    @pytest.mark.gradcheck
    def test_nothing():
        pass

    @pytest.mark.gradcheck(point=2.0)
    def raises(x):
        raise RuntimeError("oh")
"""


def test_failures_say_what_to_do(tmp_path: Path) -> None:
    code, output = _pytest(tmp_path, WRONG, "--grad-report")
    assert code == 1
    assert "3 failed" in output
    assert "disagrees: d/dx is claimed to be 4.002" in output
    assert "from test_it import wrong" in output
    assert "a test marked gradcheck returns a function and a point, as in `return f, (1.0, 2.0)`; got None" in output
    assert "RuntimeError: oh" in output
    assert "1 case: 0 agree, 1 disagrees, 0 inconclusive" in output


def test_a_misspelt_option_of_the_mark_is_refused(tmp_path: Path) -> None:
    code, output = _pytest(tmp_path, "import pytest\n@pytest.mark.gradcheck(point=1.0, ordre=2)\ndef f(x): return x\n")
    assert code != 0
    assert "gradcheck does not know ordre; it takes point=, points=, order=" in output


@pytest.mark.parametrize(("profile", "examples"), [("ci", 100), ("nightly", 10_000)])
def test_profiles(tmp_path: Path, profile: str, examples: int) -> None:
    text = f"""
        from hypothesis import settings
        def test_it():
            assert settings.default.max_examples == {examples}
            assert settings.default.derandomize is {profile == "ci"}
            assert settings.default.deadline is None
    """
    code, output = _pytest(tmp_path, text, f"--grad-profile={profile}")
    assert code == 0, output


def test_other_runs_are_left_alone(tmp_path: Path) -> None:
    """The plugin brings in neither NumPy nor hypothesis nor mpmath, takes no time worth mentioning, and changes no other test."""
    text = """
        import sys
        def test_it():
            assert not {"numpy", "hypothesis", "mpmath", "graphviz"} & set(sys.modules)
        def helper(x): return x
        def test_none(): return None
    """
    code, output = _pytest(tmp_path, text)
    assert code == 0, output
    assert "2 passed" in output
    assert _pytest(tmp_path, text, plugin=False)[0] == 0


@pytest.mark.parametrize(("text", "outcomes"), [(MARKS, {"passed": 8, "skipped": 1}), (WRONG, {"failed": 3})])
def test_the_same_in_this_process(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, text: str, outcomes: dict[str, int]
) -> None:
    """So that its lines count as covered."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(test_it=textwrap.dedent(text))
    options = ("--grad-report", "--grad-report-file=report.json", "-p", "no:cacheprovider", "-W", "ignore")
    done = pytester.runpytest_inprocess("-p", "autograd_lite.testing.pytest_plugin", *options)
    done.assert_outcomes(**outcomes)
    done.stdout.fnmatch_lines(["*derivatives: wrote report.json*"])


CLASSES = """
    import pytest
    import autograd_lite as ag

    @pytest.mark.gradcheck(order=2)
    class TestAll:
        def test_one(self):
            return ag.exp, 0.5

        @pytest.mark.parametrize("k", [2.0, 3.0])
        def test_each(self, k):
            return lambda x: k * x * x, 0.5

    class TestPoints:
        @pytest.mark.parametrize("k", [2, 3])
        @pytest.mark.parametrize("a,b", [(1, 2), pytest.param(3, 4)])
        @pytest.mark.gradcheck(points=[0.5, 1.5])
        def power(self, x, k, a, b):
            return x**k * a + b

        @staticmethod
        @pytest.mark.gradcheck(point=(1.0, 2.0))
        def product(x, y):
            return x * y

    class TestPlain:
        def test_nothing_of_it(self):
            pass

    @pytest.mark.parametrize("k", [1.0, 2.0])
    @pytest.mark.gradcheck(point=2.0, gradient=lambda x: 2.0 * x)
    def scaled(x, k):
        return k * x * x
"""


def test_marks_on_classes_and_parametrized_functions(tmp_path: Path) -> None:
    code, output = _pytest(tmp_path, CLASSES, "--grad-report", "--grad-report-file=report.md", "--junitxml=report.xml")
    assert code == 1
    assert "14 passed" in output and "1 failed" in output, output
    for name in ("TestAll::test_each[3.0] PASSED", "TestPoints::power[2-3-4-0.5] PASSED", "TestPoints::product[(1.0, 2.0)] PASSED"):
        assert name in output, output
    assert "scaled[2.0-2.0] FAILED" in output
    assert "expected 8.0" in output
    table = (tmp_path / "report.md").read_text().splitlines()
    assert table[0] == "**Derivatives.** 14 cases: 13 agree, 1 disagrees, 0 inconclusive (0.0 %); 0 on a kink (0.0 %)"
    assert table[2:4] == [
        "| test | outcome | derivative | claimed | expected | error bar | oracle |",
        "|---|---|---|---|---|---|---|",
    ]
    assert table[4].startswith(r"| test\_it.py::scaled\[2.0-2.0\] | **disagrees** | d/dx | 4 | 8 | ")
    assert all(line.count("|") - line.count(r"\|") == 8 for line in table[4:18])
    properties = (tmp_path / "report.xml").read_text()
    assert properties.count('<property name="gradient" value="agrees"') == 13
    assert properties.count('<property name="gradient" value="disagrees"') == 1
    assert '<property name="gradient oracle" value="complex step"' in properties


@pytest.mark.skipif(not is_here("torch"), reason="PyTorch is not installed")
def test_the_mark_takes_functions_of_pytorch(tmp_path: Path) -> None:
    text = """
        import pytest, torch

        class Doubled(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return 2 * x
            @staticmethod
            def backward(ctx, g): return 2.001 * g

        @pytest.mark.gradcheck
        def test_right():
            return torch.sin, torch.tensor([0.5])

        @pytest.mark.gradcheck(order=2)
        def test_wrong():
            return Doubled, (torch.tensor([0.5, 1.0]),)

        @pytest.mark.gradcheck(point=torch.tensor([1.0, 2.0]), precision="single")
        def options(x):
            return x * x
    """
    code, output = _pytest(tmp_path, text, "--grad-report", "-W", "ignore")
    assert code != 0
    assert "1 passed" in output
    assert "disagrees: d out[0]/d x[0] is claimed to be 2.00" in output
    assert "for a function of torch, gradcheck takes order= and resolution=, not precision=" in output
    assert "2 cases: 1 agrees, 1 disagrees" in output


# ---- the error table --------------------------------------------------------------------------------------------------------


def test_the_error_table_measures_wrong_operations() -> None:
    from autograd_lite import Value, sin
    from autograd_lite.testing.primitives.wrong_rules import with_mistake

    wrong = with_mistake(sin, lambda rule, operands, out: [partial * (1 + 2.0**-40) for partial in rule(operands, out)])

    def function(x: object) -> object:
        return x.record(wrong, [x]) if isinstance(x, Value) else sin(x)

    table = ErrorTable()
    table.add("it", function, 0.5, check(function, 0.5))
    assert table.operations["sin"].worst == pytest.approx(2.0**12, rel=0.8)
    assert table.operations["sin"].at == (0.5,)
    table.add("again", function, 0.5, check(function, 0.5))
    assert table.operations["sin"].derivatives == 1
    assert list(table.lines())[-1].startswith("sin ")


@pytest.mark.parametrize("marked", ["point=np.array([1.0, 2.0])", "points=[np.array([1.0, 2.0]), np.array([3.0])]"])
def test_the_mark_takes_arrays_and_a_precision(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, marked: str) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        test_it=f"""
import numpy as np, pytest

@pytest.mark.gradcheck({marked}, gradient=lambda x: (2 * x).astype(np.float32), precision="single")
def test_loss(x):
    return float(np.sum(x ** 2))

def test_return(gradcheck):
    gradcheck(lambda x: float(np.sum(x ** 2)), np.array([1.0, 2.0]), gradient=lambda x: 2 * x)
"""
    )
    done = pytester.runpytest_inprocess("-p", "autograd_lite.testing.pytest_plugin", "--grad-report", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1 + marked.count("array"))
