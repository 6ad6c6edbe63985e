"""The benchmark suite: its arithmetic, its tables, and that no engine is timed whose gradient or whose build is wrong."""

import doctest
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd_lite import topological_order
from benchmarks import __main__ as command
from benchmarks import gpt, report, targets
from benchmarks.child import ON, QUIET, Job
from benchmarks.engines import BEFORE, BEFORE_COMMIT, COMPILED, DESCENT, ENGINES, INTERPRETED, MICROGPT, PROGRAM
from benchmarks.folders import PACKAGE, ROOT, Folders
from benchmarks.picture import picture
from benchmarks.scalars import DOT, PRODUCTS_AND_SUMS, AutogradLite
from benchmarks.suite import ChildError, GradientError, Suite, compare, compare_all, jobs_of, summary
from benchmarks.work import FLOAT32, FLOAT64, timed
from benchmarks.workloads import WORKLOADS

HERE = [
    INTERPRETED,
    PROGRAM,
    DESCENT,
    MICROGPT,
    "micrograd",
    "HIPS autograd",
    "NumPy by hand",
]  # engines that the tests' packages bring


@pytest.fixture(autouse=True)
def _recursion_limit() -> Iterator[None]:
    """Peers that sort recursively raise it."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Folders as a run makes them, but with a wheel of nothing but sources."""
    root = tmp_path_factory.mktemp("folders")
    wheel = root / "autograd_lite.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in PACKAGE.rglob("*.py"):
            archive.write(file, file.relative_to(PACKAGE.parent))
    made = Folders(root)
    made.fill(wheel)
    return made


# ---- gradients are compared before anything is timed -------------------------------------------------------------------------


def test_gradients_that_agree_pass() -> None:
    compare({"a": [1.0, 0.0, -2e5], "b": [1.0 + 1e-11, 1e-9, -2e5]})


@pytest.mark.parametrize("wrong", [[1.0, 2.0 + 1e-8], [1.001, 2.0], [1.0, math.nan], [-1.0, 2.0]])
def test_a_gradient_that_differs_is_named_with_its_entry(wrong: list[float]) -> None:
    entry = 0 if wrong[0] != 1.0 else 1
    with pytest.raises(GradientError, match=re.escape(f"b gives {wrong[entry]!r} as entry {entry} of the gradient, a gives")):
        compare({"a": [1.0, 2.0], "b": wrong})


def test_a_small_entry_that_is_wrong_is_noticed_beside_a_large_one() -> None:
    with pytest.raises(GradientError):
        compare({"a": [1.0, 1e-6], "b": [1.0, 1.001e-6]})


def test_a_gradient_of_another_length_is_noticed() -> None:
    with pytest.raises(GradientError, match="b gives a gradient of 1 entries, a one of 2"):
        compare({"a": [1.0, 2.0], "b": [1.0]})


def _batch(engine: str, form: str) -> Job:
    return Job("batch", engine, form, 64)


def test_single_precision_is_held_against_double_precision_and_more_loosely() -> None:
    double = {_batch("JAX", FLOAT32): [1.0, 2.00002], _batch("JAX", FLOAT64): [1.0, 2.0], _batch("torch", FLOAT64): [1.0, 2.0]}
    compare_all(double | {_batch("torch", FLOAT32): [1.0 + 1e-5, 2.0]})
    with pytest.raises(GradientError, match=r"torch, float32 gives 1\.001 as entry 0 of the gradient, JAX, float64 gives 1\.0"):
        compare_all(double | {_batch("torch", FLOAT32): [1.001, 2.0]})
    with pytest.raises(GradientError, match=r"torch, float64 gives 1\.00001 as entry 0 of the gradient, JAX, float64"):
        compare_all(double | {_batch("torch", FLOAT64): [1.00001, 2.0]})


def test_single_precision_that_is_measured_alone_is_still_compared() -> None:
    with pytest.raises(GradientError, match=r"torch, float32 gives 3\.0 as entry 0"):
        compare_all({_batch("JAX", FLOAT32): [1.0], _batch("torch", FLOAT32): [3.0]})


@pytest.mark.parametrize("engine", ["NumPy by hand", PROGRAM])
def test_a_batch_is_computed_in_the_precision_that_its_form_says(engine: str) -> None:
    workload, gradients = WORKLOADS["batch"], {}
    assert workload.forms_of(ENGINES[engine]) == (FLOAT64, FLOAT32)
    for form in (FLOAT64, FLOAT32):
        work = workload.make(ENGINES[engine], form, 8)
        timed(work)
        gradients[form] = list(work.gradient)
    roundings = [abs(single - double) for single, double in zip(gradients[FLOAT32], gradients[FLOAT64], strict=True)]
    assert 0.0 < max(roundings) < 1e-6


ALONE = (
    "curve",
    "large",
    "memory",
    *(name for name, workload in WORKLOADS.items() if "module" in workload.makers),
)  # no peers here


@pytest.mark.parametrize("name", [name for name in WORKLOADS if name not in ALONE])
def test_all_engines_that_are_here_agree_on_every_workload(name: str) -> None:
    workload = WORKLOADS[name]
    found: dict[Job, Any] = {}
    for engine in (ENGINES[other] for other in workload.engines if other in HERE):
        for form in workload.forms_of(engine):
            work = workload.make(engine, form, workload.quick[0])
            timed(work)
            first = list(work.gradient)
            timed(work)
            found[Job(name, engine.name, form, workload.quick[0])] = first + list(work.gradient)
    compare_all(found)
    assert len(found) > 2
    assert any(next(iter(found.values())))


@contextmanager
def _changed(folders: Folders, old: str, new: str) -> Iterator[None]:
    """A block in which children get another text of the baseline."""
    source = folders.root / "suite" / "benchmarks" / "microgpt.py"
    right = source.read_text()
    assert old in right
    source.write_text(right.replace(old, new))
    try:
        yield
    finally:
        source.write_text(right)


def test_a_wrong_gradient_stops_the_run(folders: Folders) -> None:
    suite = Suite(folders)
    jobs = jobs_of([WORKLOADS["chain"]], suite.find([INTERPRETED, MICROGPT]), quick=True, seconds=0.001)
    assert suite.check(jobs) == jobs
    with (
        _changed(folders, "1.0 - out * out", "1.0 - out"),
        pytest.raises(GradientError, match=rf"chain, size 3000: {MICROGPT}, products and sums gives .* as entry 0"),
    ):
        suite.check(jobs)


def test_a_wrong_gradient_ends_the_command_without_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def disagree(*_: Any) -> Any:
        raise GradientError("chain, size 3: b gives 1.0")

    monkeypatch.setattr(command, "_measured", disagree)
    assert command.main(["--quick"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "nothing was timed, as gradients differ: chain, size 3: b gives 1.0\n"


# ---- each measurement is a process with the right engine -----------------------------------------------------------------------


def test_a_run_measures_in_processes_of_their_own(folders: Folders) -> None:
    suite = Suite(folders)
    present = suite.find([INTERPRETED, MICROGPT, "micrograd", "C by hand"])
    jobs = suite.check(jobs_of([WORKLOADS["chain"]], present, quick=True, seconds=0.001))
    rows = suite.time(jobs, rounds=2)
    assert [row["engine"] for row in rows if row["form"]] == [INTERPRETED, MICROGPT, "micrograd"]
    for row in rows:
        assert 0.0 < row["minimum"] <= row["median"]
        assert row["operations"] == 3000
        assert row["median"] >= row["phases"]["forward"] > 0.0
    assert all("compiler" in reason or "compile" in reason for reason in suite.missing.values())
    assert ("C by hand" in suite.missing) != ("C by hand" in present)


def test_an_engine_that_is_not_the_one_asked_for_is_not_measured(folders: Folders) -> None:
    assert "no compiled module" in folders.problems[COMPILED]
    suite = Suite(folders)
    suite.find([COMPILED])
    assert suite.missing == {COMPILED: folders.problems[COMPILED]}

    del folders.problems[COMPILED]  # even so, the child itself refuses the sources in place of the compiled engine
    try:
        careless = Suite(folders)
        assert careless.find([COMPILED]) == []
        assert f"asked for {COMPILED}, but the interpreted engine" in careless.missing[COMPILED]
        with pytest.raises(
            ChildError, match=re.escape(f"chain, size 3000, {COMPILED}, products and sums: RuntimeError: asked for")
        ):
            careless.check([Job("chain", COMPILED, PRODUCTS_AND_SUMS, 3000)])
    finally:
        folders.problems[COMPILED] = suite.missing[COMPILED]


def test_children_do_not_find_the_clone(folders: Folders) -> None:
    environment = folders.environment(ENGINES[INTERPRETED])
    assert str(folders.root / "interpreted") == environment["PYTHONPATH"].split(os.pathsep)[0]
    assert str(ROOT) not in environment["PYTHONPATH"].split(os.pathsep)
    assert list(folders.elsewhere.iterdir()) == []


def test_a_missing_peer_is_reported_with_its_reason(folders: Folders) -> None:
    broken = folders.root / "suite" / "xad.py"
    broken.write_text("raise ImportError('not for this machine')")
    said: list[str] = []
    suite = Suite(folders, said.append)
    try:
        assert suite.find(["XAD", MICROGPT]) == [MICROGPT]
    finally:
        broken.unlink()
    assert suite.missing == {"XAD": "ImportError: not for this machine"}
    assert said == ["missing: XAD: ImportError: not for this machine"]


def test_a_peer_that_fails_is_reported_and_left_out(folders: Folders) -> None:
    suite = Suite(folders)
    good, bad = (Job("chain", name, PRODUCTS_AND_SUMS, 30) for name in (INTERPRETED, MICROGPT))
    with _changed(folders, "def __mul__", "def multiply"):
        assert suite.check([good, bad]) == [good]
    assert list(suite.failed) == [f"chain, size 30, {MICROGPT}, products and sums"]
    assert "TypeError: unsupported operand" in suite.failed[f"chain, size 30, {MICROGPT}, products and sums"]


# ---- figures -----------------------------------------------------------------------------------------------------------------


def test_a_figure_is_the_median_of_the_rounds_medians_over_the_phases_that_count() -> None:
    def answer(*forward: float) -> dict[str, Any]:
        steps = [{"forward": time, "backward": 1.0, "release": 50.0, "update": 100.0} for time in forward]
        return {"steps": steps, "operations": 10, "scale": 2.0, "first": 9.0, "call": 9.0, "bytes": 64.0}

    row = summary(Job("chain", MICROGPT, PRODUCTS_AND_SUMS, 10), [answer(1.0, 2.0, 30.0), answer(4.0, 5.0, 60.0), answer(3.0)])
    assert row["median"] == 2.0 * (3.0 + 1.0)
    assert row["minimum"] == 2.0 * (1.0 + 1.0)
    assert row["phases"]["forward"] == 2.0 * 3.0


def test_a_training_step_counts_all_its_phases() -> None:
    steps = [{"forward": 1.0, "backward": 2.0, "release": 3.0, "update": 4.0}]
    answers = [{"steps": steps, "operations": 10, "scale": 1.0, "first": 9.0, "call": 9.0, "bytes": 64.0}]
    assert summary(Job("moons", MICROGPT, PRODUCTS_AND_SUMS, 10), answers)["median"] == 10.0


def test_numbers_are_written_with_their_units() -> None:
    for module in (report, sys.modules[picture.__module__]):
        found = doctest.testmod(module)
        assert found.attempted > 0
        assert found.failed == 0
    assert [report.duration(seconds) for seconds in (9.999e-7, 0.9999, 61.0)] == ["1000 ns", "1000 ms", "61.0 s"]


@pytest.mark.parametrize("name", ["chain", "moons", "gpt", "dot", "total", "digits"])
def test_the_operations_of_a_workload_are_the_nodes_that_it_makes(name: str) -> None:
    workload = WORKLOADS[name]
    work = workload.make(ENGINES[INTERPRETED], PRODUCTS_AND_SUMS, workload.quick[0])
    work.phases["forward"]()
    nodes = [value for value in topological_order(work.root) if value.primitive is not None]  # type: ignore[attr-defined]
    assert len(nodes) == work.operations


def test_the_gpt_has_4192_parameters_and_about_60_000_operations() -> None:
    assert gpt.COUNT == len(gpt.numbers()) == 4192
    assert gpt.operations(WORKLOADS["gpt"].sizes[0]) == pytest.approx(60_000, rel=0.02)


def test_adam_is_the_optimizer_of_the_library() -> None:
    from autograd_lite import Value
    from autograd_lite.optim import Adam

    parameters = [Value(0.5), Value(-1.0)]
    library = Adam(parameters, learning_rate=0.01, beta1=0.85, beta2=0.99)
    ours, numbers = gpt.Adam(2), [0.5, -1.0]
    for gradient in ([0.1, -3.0], [2.0, 0.0], [-1.0, 1e-9]):
        for parameter, slope in zip(parameters, gradient, strict=True):
            parameter.grad = slope
        library.step()
        numbers = ours(numbers, gradient)
    assert numbers == pytest.approx([parameter.data for parameter in parameters], rel=1e-12)


def test_with_dot_a_weighted_sum_is_one_node() -> None:
    workload = WORKLOADS["dot"]
    work = workload.make(ENGINES[INTERPRETED], DOT, 10)
    work.phases["forward"]()
    assert len(topological_order(work.root)) == 21  # type: ignore[attr-defined]
    assert AutogradLite(DOT).sum_of is not AutogradLite().sum_of


# ---- tables ------------------------------------------------------------------------------------------------------------------


def _row(engine: str, form: str, median: float, workload: str = "chain", collector: str = ON, **more: Any) -> dict[str, Any]:
    row = {"workload": workload, "engine": engine, "form": form, "size": 30, "collector": collector, "seconds": 0.5}
    phases = {"forward": 0.75 * median, "backward": 0.25 * median}
    figures = {"median": median, "minimum": 0.9 * median, "phases": phases, "operations": 30, "scale": 1.0}
    return row | figures | {"bytes": 129.4, "first": 0.25} | more


RESULTS: dict[str, Any] = {
    "machine": {"date": "2026-01-31", "processor": "Some CPU", "cores": 2, "system": "Linux x86_64", "python": "3.11.7"},
    "versions": {COMPILED: "0.1.0", INTERPRETED: "0.1.0", "micrograd": "0.1.0", MICROGPT: "", "NumPy by hand": "2.4.6"},
    "missing": {"XAD": "No module named 'xad'"},
    "failed": {},
    "rounds": 5,
    "quick": False,
    "measurements": [
        _row(COMPILED, PRODUCTS_AND_SUMS, 3e-6),
        _row(COMPILED, PRODUCTS_AND_SUMS, 2e-6, collector=QUIET),
        _row(INTERPRETED, PRODUCTS_AND_SUMS, 15e-6),
        _row("micrograd", PRODUCTS_AND_SUMS, 120e-6),
        _row(COMPILED, PRODUCTS_AND_SUMS, 20e-3, "moons"),
        _row(COMPILED, DOT, 4e-3, "moons"),
        _row("micrograd", PRODUCTS_AND_SUMS, 1.0, "moons"),
        _row("NumPy by hand", "", 50e-6, "moons"),
        _row(PROGRAM, "", 40e-6, "moons"),
        _row(PROGRAM, FLOAT64, 4e-3, "batch"),
        _row(PROGRAM, FLOAT32, 2e-3, "batch"),
        _row("torch", FLOAT64, 6e-3, "batch"),
        _row("torch", FLOAT32, 2.2e-3, "batch"),
        _row(COMPILED, DOT, 3.5e-3, "moons", QUIET),
        _row(COMPILED, PRODUCTS_AND_SUMS, 1.0, "memory"),
        _row(COMPILED, PRODUCTS_AND_SUMS, 3e-6, "curve", QUIET),
        _row(COMPILED, PRODUCTS_AND_SUMS, 360e-6, "curve", QUIET, size=3000, operations=3000),
    ],
}


def test_the_overview_gives_the_times_of_nodes_and_of_programs_and_the_others_ratios() -> None:
    nodes, programs, caption = report.overview(RESULTS).split("\n\n")
    assert nodes == (
        f"| number by number | {COMPILED} | interpreted | micrograd |\n"
        "| --- | --- | --- | --- |\n"
        "| chain of `* + tanh` | 100 ns per operation | 5.0 | 40 |\n"
        "| two moons, 30 samples | 20.0 ms |  | 50 |\n"
        "| two moons, 30 samples, `dot` | 4.00 ms |  | 250 |"
    )
    assert programs == (  # beside the faster form of nodes
        f"| array by array | {PROGRAM} | NumPy by hand | torch | compiled |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| two moons, 30 samples | 40.0 µs | 1.2 |  | 100 |\n"
        "| digits, batch of 30, float64 | 4.00 ms |  | 1.5 |  |\n"
        "| digits, batch of 30, float32 | 2.00 ms |  | 1.1 |  |"
    )
    assert "in double precision (gradients compared to 1e-10) unless the line says float32 (compared to 0.0001)" in caption
    for fact in ("2026-01-31", "Some CPU, 2 cores", "Python 3.11.7", "micrograd 0.1.0", "numpy 2.4.6", "5 rounds"):
        assert fact in caption
    assert "scaled" not in caption
    assert "Missing: XAD (No module named 'xad')." in caption


def test_times_from_fewer_points_are_marked() -> None:
    rows = [_row(COMPILED, PRODUCTS_AND_SUMS, 2.0, "beale", scale=10.0), _row("micrograd", PRODUCTS_AND_SUMS, 9.0, "beale")]
    text = report.overview(RESULTS | {"measurements": rows})
    assert r"| 2.00 s \* | 4.5 |" in text
    assert r"\*: measured on fewer points, and scaled." in text
    assert rf"| {COMPILED} \* | products and sums | on |" in report.details(RESULTS | {"measurements": rows})


def test_without_a_compiled_engine_the_interpreted_one_is_the_baseline() -> None:
    versions = {name: version for name, version in RESULTS["versions"].items() if name != COMPILED}
    assert report.baseline(RESULTS | {"versions": versions}) == INTERPRETED


def test_the_details_give_every_measurement() -> None:
    text = report.details(RESULTS)
    assert "| micrograd | products and sums | on | 4.00 µs | 3.60 µs | 40 | 3.00 µs | 1.00 µs | 250 ms |" in text
    assert f"| {COMPILED} | products and sums | quiet | 66.7 ns | 60.0 ns | 0.67 | 50.0 ns | 16.7 ns | 250 ms |" in text
    assert f"| {COMPILED} | quiet | 100 ns | 120 ns |" in text.split("**Chains of 1,000")[1]
    assert "| bytes per operation |" in text
    assert "| 129 |" in text


def test_targets_are_ratios_within_the_run() -> None:
    found = {str(outcome.target): outcome for outcome in targets.outcomes(RESULTS["measurements"])}
    chain = found[f"chain (products and sums, collector on): {COMPILED} / micrograd"]
    assert chain.ratio == pytest.approx(3 / 120)
    assert chain.holds
    moons = found[f"moons (dot, collector on): {COMPILED} / micrograd"]
    assert moons.ratio == pytest.approx(0.004)
    assert not moons.holds  # 4 ms beside 1.01 s are wanted
    assert found[f"moons (dot, collector on): {COMPILED} / XAD"].holds is None
    quiet = found[f"moons (dot, collector quiet for ours, on for the peer): {COMPILED} / micrograd"]
    assert quiet.ratio == pytest.approx(0.0035)
    assert quiet.holds
    assert found[f"moons (collector on): {PROGRAM} / NumPy by hand"].ratio == pytest.approx(0.8)
    assert found[f"batch (float32, collector on): {PROGRAM} / torch"].ratio == pytest.approx(2 / 2.2)
    assert found[f"memory (bytes, collector on): {COMPILED}"].ratio == 129.4


def test_targets_compare_with_an_earlier_commit_and_say_the_processor() -> None:
    rows = [
        _row(COMPILED, DOT, 4e-3, "moons"),
        _row(BEFORE, DOT, 16e-3, "moons"),
        _row(COMPILED, PRODUCTS_AND_SUMS, 1.5, "large", operations=10_000_000),
    ]
    found = {str(outcome.target): outcome for outcome in targets.outcomes(rows)}
    since = found[f"moons (dot, collector on): {COMPILED} / {BEFORE}"]
    assert (since.ratio, since.holds) == (0.25, True)
    assert found[f"large (ns, collector on): {COMPILED}"].ratio == pytest.approx(150.0)
    assert "5 rounds: Some CPU, Python 3.11.7." in targets.report(RESULTS | {"measurements": rows})


def test_the_earlier_commit_is_built_from_git(tmp_path: Path) -> None:
    if subprocess.run(["git", "-C", str(ROOT), "cat-file", "-e", BEFORE_COMMIT], capture_output=True, check=False).returncode:
        pytest.skip("the history is not here")
    sources = Folders(tmp_path)._earlier_sources()
    assert (sources / "autograd_lite" / "value.py").exists()  # where it stood then
    assert (sources / "setup.py").exists()


def test_without_being_asked_for_the_earlier_commit_is_not_measured(folders: Folders) -> None:
    suite = Suite(folders)
    assert suite.find([BEFORE]) == []
    assert suite.missing == {BEFORE: "it is measured with --targets"}


def test_a_workload_that_engines_run_in_different_ways_says_so() -> None:
    row = _row("CasADi", "", 1.0, "xor")
    shown = RESULTS | {"measurements": [_row(COMPILED, DOT, 2.0, "xor"), row]}
    remark = "CasADi and C run all iterations in one call"
    assert remark in report.overview(shown)
    assert remark in report.details(shown).split("**XOR")[1]
    assert remark not in report.details(RESULTS)


def test_the_curve_is_as_flat_as_its_dearest_size() -> None:
    assert targets.flatness(RESULTS["measurements"]) == {COMPILED: pytest.approx(1.2)}
    shown = targets.report(RESULTS)
    assert f"| curve: {COMPILED}, dearest size / cheapest | 1.5 | 1.2 | holds |" in shown
    assert "small sizes" not in shown
    assert "small sizes" in targets.report(RESULTS | {"quick": True})


def test_every_target_names_a_measurement_of_the_whole_run() -> None:
    measured = {(job.workload, job.form, job.engine, job.collector) for job in jobs_of(WORKLOADS.values(), ENGINES, False, 1.0)}
    for target in targets.TARGETS:
        assert (target.workload, target.form, target.engine, target.collector) in measured, str(target)
        assert (
            not target.peer
            or (target.workload, target.peer_form, target.peer, target.peer_collector or target.collector) in measured
        ), target


def test_every_engine_runs_each_workload_that_lists_it() -> None:
    for workload in WORKLOADS.values():
        assert {ENGINES[name].style for name in workload.engines} == set(workload.makers), workload.name
        assert all(workload.forms_of(ENGINES[name]) for name in workload.engines), workload.name


def test_a_table_is_put_between_its_marks_and_nowhere_else() -> None:
    text = f"before\n{report.START}\nold\n{report.END}\nafter"
    assert report.with_table(text, r"new \1") == f"before\n{report.START}\nnew \\1\n{report.END}\nafter"
    with pytest.raises(ValueError, match="each once"):
        report.with_table("no marks", "new")


def test_the_figures_in_the_documents_are_those_of_the_results() -> None:
    results = json.loads(command.RESULTS.read_text())
    readme, page = (ROOT / "README.md").read_text(), (ROOT / "docs" / "speed.md").read_text()
    assert report.with_table(readme, report.in_short(results)) == readme
    assert report.with_table(page, report.details(results)) == page
    assert report.drawn(results) == (ROOT / "docs" / "speed.svg").read_text()
    assert not results["quick"]
    assert COMPILED in results["versions"]


def test_what_the_page_says_of_the_picture_is_so() -> None:
    eager, programs = report.ratios(json.loads(command.RESULTS.read_text())).values()
    assert all(times > 1.0 for lines in eager.values() for _, times in lines)
    middles = {name: median(times for _, times in lines) for name, lines in programs.items()}
    assert all(0.5 < middles[name] < 2.0 for name in ("NumPy by hand", "torch"))
    assert max(middles["C by hand"], middles["program in C"]) < 0.2 < middles["JAX"] < 1.0
    interpreted, micrograd = (dict(eager[name]) for name in ("interpreted", "micrograd"))
    assert all(interpreted[line] < micrograd[line] for line in interpreted.keys() & micrograd.keys())


def test_the_picture_has_a_row_for_each_engine_and_a_dot_for_each_line() -> None:
    text = report.drawn(RESULTS)
    root = ElementTree.fromstring(text)
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "chain of * + tanh: 40" in titles
    assert "two moons, 30 samples, dot: 250" in titles
    assert "two moons, 30 samples: 1.2" in titles  # NumPy by hand, beside a program
    assert len(titles) == sum(len(lines) for ratios in report.ratios(RESULTS).values() for lines in ratios.values())
    names = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"micrograd", "interpreted", "NumPy by hand", "torch", "times slower (log) \u2192"} <= names
    across = [float(dot.get("cx", "nan")) for dot in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert all(116 <= x <= 352 for x in across)
    assert picture("<&>", {"<&>": {"<&>": [("<&>", 1.0)]}}).count("&lt;&amp;&gt;") == 5  # of anyone's names


# ---- the command -------------------------------------------------------------------------------------------------------------


def test_earlier_results_are_shown_without_measuring(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(RESULTS))
    assert command.main(["--from", str(file), "--targets"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(report.overview(RESULTS))
    assert "| target | at most | measured | |" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "chain,knots"], "there is no knots; there are chain, mixed"),
        (["--engines", "abacus"], "there is no abacus; there are autograd_lite (compiled)"),
        (["--publish", "--quick"], "--publish needs the whole suite"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert message in capsys.readouterr().err
