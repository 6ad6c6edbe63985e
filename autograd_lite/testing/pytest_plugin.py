"""The pytest plugin: tests of derivatives marked as such, a report on how exact they were, and hypothesis profiles.

A marked test returns a function and the point at which to check its derivatives, or a list of such pairs; fixtures and
`parametrize` work as in any test:

    @pytest.mark.gradcheck
    def test_loss():
        return loss, (1.0, 2.0)

    @pytest.mark.gradcheck(order=2)
    def test_many(model):
        return [(model.cost, (w, 0.5)) for w in (-1.0, 0.0, 1.0)]

With points in the mark, the marked function is itself the one to differentiate, whatever its name; no body of a test is needed:

    @pytest.mark.gradcheck(points=[(1.0, 2.0), (0.0, 3.0)])
    def swish_loss(x, y):
        return (ag.silu(x) - y) ** 2

The fixture `gradcheck` does the same in the middle of a test: `gradcheck(f, (1.0, 2.0), order=2)`. Marks and fixture take the
options of `assert_gradients`.

A mark on a class or in `pytestmark` is that of each of its tests. Functions of PyTorch or JAX, or points of their arrays, go to
`check_torch` and `check_jax`. What was found is a property of the test (`gradient`, `gradient oracle`, `gradient error bar`), which
`--junitxml` writes.

Options: `--grad-report` prints the worst error of every operation in ulp and the shares of inconclusive and of kink cases;
`--grad-report-file=FILE` writes them, as a Markdown table if FILE ends in .md, else as JSON (under pytest-xdist, each worker knows
its own cases only, so run the report without);
`--grad-profile=ci` lets hypothesis draw 100 examples, the same in every run, `nightly` 10,000 new ones for every property.
"""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.testing.checker.checking import check_with_report
from autograd_lite.testing.checker.failure import facts
from autograd_lite.testing.checker.verdict import Verdict
from autograd_lite.testing.libraries.dispatch import check_of, library_of

Gradcheck = Callable[..., None]

_ERROR_TABLE: pytest.StashKey[Any] = pytest.StashKey()
_PROFILES: dict[str, dict[str, Any]] = {
    "ci": {"max_examples": 100, "derandomize": True, "database": None},
    "nightly": {"max_examples": 10_000, "derandomize": False},
}
_OPTIONS = ("order", "gradient", "hessian", "engine", "resolution", "precision")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options."""
    group = parser.getgroup("autograd_lite", "derivatives (autograd_lite)")
    group.addoption("--grad-report", action="store_true", help="print the worst error per operation of all gradcheck cases")
    group.addoption("--grad-report-file", metavar="FILE", help="write that report, as Markdown (*.md) or JSON")
    group.addoption("--grad-profile", choices=sorted(_PROFILES), help="hypothesis: 100 fixed examples, or 10,000 new ones each")


@pytest.hookimpl(trylast=True)  # after conftest files, which may load a profile of their own
def pytest_configure(config: pytest.Config) -> None:
    """Declares the mark; prepares what the options ask for, and nothing else."""
    config.addinivalue_line(
        "markers", "gradcheck(point, points, order, ...): check the derivatives of what the test returns, or of itself"
    )
    if config.getoption("grad_report") or config.getoption("grad_report_file"):
        from autograd_lite.testing.error_table import ErrorTable

        config.stash[_ERROR_TABLE] = ErrorTable()
    profile = config.getoption("grad_profile")
    if profile:
        from hypothesis import settings

        settings.register_profile(f"grad-{profile}", deadline=None, print_blob=True, **_PROFILES[profile])
        settings.load_profile(f"grad-{profile}")


def _judge(item: pytest.Item, name: str, function: Callable[..., Any], point: Any, options: dict[str, Any]) -> None:
    """Checks one case, enters it in the report and among the properties of the test, and fails with what was found."""
    __tracebackhide__ = True  # pytest leaves these lines out
    library = library_of(function, point)
    if library is None:
        verdict, report = check_with_report(function, point, **options)
    else:
        verdict = _of_library(library, function, point, options)
        report = lambda: "\n".join(facts(verdict))  # noqa: E731
    table = item.config.stash.get(_ERROR_TABLE, None)
    if table is not None:
        table.enter(name, verdict)
        if library is None:
            table.measure(function, point)
    item.user_properties += _properties(verdict)
    if not verdict:
        raise AssertionError(report())


def _of_library(library: str, function: Callable[..., Any], point: Any, options: dict[str, Any]) -> Verdict:
    unknown = options.keys() - {"order", "resolution"}
    if unknown:
        raise pytest.UsageError(
            f"for a function of {library}, gradcheck takes order= and resolution=, not {', '.join(sorted(unknown))}="
        )
    return check_of(library)(function, point, **options)


def _properties(verdict: Verdict) -> list[tuple[str, object]]:
    """What `--junitxml` writes of a case."""
    worst = verdict.worst
    found = {"": verdict.outcome, " worst": worst.name, " error bar": f"{worst.bar:.3g}", " oracle": worst.expected.method}
    return [(f"gradient{name}", text) for name, text in found.items()]


def _mark_of(function: Any) -> pytest.Mark | None:
    marks = getattr(function, "pytestmark", ()) if inspect.isfunction(function) else ()  # not of a class
    return next((mark for mark in marks if mark.name == "gradcheck"), None)


def _options(mark: pytest.Mark) -> dict[str, Any]:
    unknown = set(mark.kwargs) - {*_OPTIONS, "point", "points"}
    if unknown or mark.args:
        given = ", ".join([*sorted(unknown), *map(repr, mark.args)])
        raise pytest.UsageError(f"gradcheck does not know {given}; it takes point=, points=, {'=, '.join(_OPTIONS)}=")
    return {name: value for name, value in mark.kwargs.items() if name in _OPTIONS}


# ---- marks without points: the test returns what to check -------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a marked test and checks what it returns."""
    __tracebackhide__ = True
    mark = pyfuncitem.get_closest_marker("gradcheck")
    if mark is None:
        return None
    options = _options(mark)
    names = inspect.signature(pyfuncitem.obj).parameters
    returned = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs})
    pairs = returned if isinstance(returned, list) else [returned]
    for number, pair in enumerate(pairs):
        if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[0])):
            shown = f"{pair!r:.80}"
            pytest.fail(
                f"a test marked gradcheck returns a function and a point, as in `return f, (1.0, 2.0)`; got {shown}", pytrace=False
            )
        name = pyfuncitem.nodeid if len(pairs) == 1 else f"{pyfuncitem.nodeid}[{number}]"
        _judge(pyfuncitem, name, *pair, options)
    return True


# ---- marks with points: the function is what to check -----------------------------------------------------------------------


class GradcheckItem(pytest.Item):
    """The derivatives of one function at one point, as a test."""

    def __init__(
        self, *, function: Callable[..., Any], point: Any, mark: pytest.Mark, called: Callable[..., Any], **others: Any
    ) -> None:
        super().__init__(**others)
        self.function, self.point, self.options, self.called = function, point, _options(mark), called
        self.own_markers.extend(getattr(function, "pytestmark", ()))
        self.keywords.update((mark.name, mark) for mark in self.own_markers)

    def runtest(self) -> None:
        """Checks the derivatives."""
        _judge(self, self.nodeid, self.called, self.point, self.options)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of a wrong derivative; a traceback only for other errors."""
        return str(excinfo.value) if excinfo.errisinstance(AssertionError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the function stands."""
        return self.path, inspect.unwrap(self.function).__code__.co_firstlineno - 1, self.name


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """One item for every point, and every set of parameters, of a function or a method marked with points."""
    obj = getattr(obj, "__func__", obj)  # of a static method
    mark = _mark_of(obj)
    if mark is None or not mark.kwargs.keys() & {"point", "points"} or not isinstance(collector, pytest.Module | pytest.Class):
        return None
    points = [mark.kwargs["point"]] if "point" in mark.kwargs else list(mark.kwargs["points"])
    found: list[pytest.Item] = []
    for text, parameters in _sets_of_parameters(obj):
        function = getattr(collector.obj(), name) if isinstance(collector, pytest.Class) else obj
        called = _with(function, parameters) if parameters else function
        for point in points:
            label = f"{name}[{f'{text}-' if text else ''}{point!r}]"
            found.append(GradcheckItem.from_parent(collector, name=label, function=obj, point=point, mark=mark, called=called))
    return found


def _sets_of_parameters(function: Any) -> list[tuple[str, dict[str, Any]]]:
    """What `parametrize` gives a function: every combination, and its name."""
    sets: list[tuple[str, dict[str, Any]]] = [("", {})]
    for mark in reversed(getattr(function, "pytestmark", ())):
        if mark.name == "parametrize":
            names, rows = mark.args[:2]
            names = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(names)
            values = [getattr(row, "values", row) if hasattr(row, "marks") else row if len(names) > 1 else (row,) for row in rows]
            sets = [
                ("-".join(filter(None, [text, *map(str, row)])), known | dict(zip(names, row, strict=True)))
                for text, known in sets
                for row in values
            ]
    return sets


def _with(function: Callable[..., Any], parameters: dict[str, Any]) -> Callable[..., Any]:
    """The function with its parameters, which tells the names of the others."""
    made = partial(function, **parameters)
    names = [each for name, each in inspect.signature(function).parameters.items() if name not in parameters]
    made.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    made.__qualname__ = function.__qualname__  # type: ignore[attr-defined]
    return made


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Gradcheck:
    """`assert_gradients`, whose cases enter the report."""

    def checked(function: Callable[..., Any], point: Any, order: int = 1, **options: Any) -> None:
        _judge(request.node, request.node.nodeid, function, point, {"order": order} | options)

    return checked


# ---- the report --------------------------------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Prints and writes the report, if it was asked for."""
    table = config.stash.get(_ERROR_TABLE, None)
    if table is None:
        return
    if config.getoption("grad_report"):
        terminalreporter.section("derivatives")
        for line in table.lines():
            terminalreporter.line(line)
    file = config.getoption("grad_report_file")
    if file:
        terminalreporter.line(f"derivatives: wrote {table.write(Path(file))}")
