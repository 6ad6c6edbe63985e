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

Options: `--grad-report` prints the worst error of every operation in ulp and the shares of inconclusive and of kink cases;
`--grad-report-file=FILE` writes them as JSON (under pytest-xdist, each worker knows its own cases only, so run the report without);
`--grad-profile=ci` lets hypothesis draw 100 examples, the same in every run, `nightly` 10,000 new ones for every property.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.testing.checker.checking import assert_gradients, check

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
    group.addoption("--grad-report-file", metavar="FILE", help="write that report as JSON")
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


def _judge(config: pytest.Config, name: str, function: Callable[..., Any], point: Any, options: dict[str, Any]) -> None:
    table = config.stash.get(_ERROR_TABLE, None)
    if table is not None:
        table.add(name, function, point, check(function, point, **options))
    assert_gradients(function, point, **options)


def _mark_of(function: Any) -> pytest.Mark | None:
    marks = getattr(function, "pytestmark", ()) if inspect.isfunction(function) else ()
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
        _judge(pyfuncitem.config, name, *pair, options)
    return True


# ---- marks with points: the function is what to check -----------------------------------------------------------------------


class GradcheckItem(pytest.Item):
    """The derivatives of one function at one point, as a test."""

    def __init__(self, *, function: Callable[..., Any], point: Any, options: dict[str, Any], **others: Any) -> None:
        super().__init__(**others)
        self.function, self.point, self.options = function, point, options
        self.own_markers.extend(getattr(function, "pytestmark", ()))
        self.keywords.update((mark.name, mark) for mark in self.own_markers)

    def runtest(self) -> None:
        """Checks the derivatives."""
        _judge(self.config, self.nodeid, self.function, self.point, self.options)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of a wrong derivative; a traceback only for other errors."""
        return str(excinfo.value) if excinfo.errisinstance(AssertionError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the function stands."""
        return self.path, inspect.unwrap(self.function).__code__.co_firstlineno - 1, self.name


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """One item for every point of a function marked with points."""
    mark = _mark_of(obj)
    if mark is None or not mark.kwargs.keys() & {"point", "points"} or not isinstance(collector, pytest.Module):
        return None
    points = [mark.kwargs["point"]] if "point" in mark.kwargs else list(mark.kwargs["points"])
    options = _options(mark)
    return [
        GradcheckItem.from_parent(collector, name=f"{name}[{point!r}]", function=obj, point=point, options=options)
        for point in points
    ]


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Gradcheck:
    """`assert_gradients`, whose cases enter the report."""

    def checked(function: Callable[..., Any], point: Any, order: int = 1, **options: Any) -> None:
        _judge(request.config, request.node.nodeid, function, point, {"order": order} | options)

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
