"""A program held against eager evaluation: every form that a program has, row by row.

A number agrees if it is eager's to 1e-12 of itself; or within 64 times a bound on its rounding (`rounding.py`); or if eager's
own number moves as far when the arguments move by 1e-13 of themselves: such numbers are counted as unclear. A nan agrees with a
nan, an infinity with the same one, and a domain error with an error of the same class.
"""

import warnings
from collections.abc import Callable, Collection
from contextlib import suppress
from random import Random
from typing import Any, Final

import numpy

from autograd_lite.engine.value import Value
from autograd_lite.program import BranchChanged, Program, TraceError
from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.eager import answer
from autograd_lite.testing.numeric.arguments import flat
from autograd_lite.testing.numeric.numerical import numerical_jacobian
from tests.fuzzing.agreement import SINGLE, References
from tests.fuzzing.branches import branches, needed_failures
from tests.fuzzing.comparison import Comparison, Refused, Tally, expected_of, told
from tests.fuzzing.rounding import changed, is_moderate, rounding
from tests.fuzzing.saved import answered

_MOST_CURVED: Final = 12  # inputs of a Hessian that is compared
_CURVED_ROWS: Final = 3
_HUGE: Final = 1e100  # products of such numbers may overflow
_SHARE: Final = 0.05  # of the programs for which eager itself is judged

Stage = Callable[[Comparison], None]


# ---- the stages --------------------------------------------------------------------------------------------------------------


def _first_order(judge: Comparison, form: str = "", references: References | None = None, program: Program | None = None) -> None:
    references, program = references or judge.good, program or judge.program
    judge.hold(f"{form}value", "program({rows})", program, references, 0)
    if not references.answers[0].single:
        judge.hold(f"{form}jacobian", "program.jacobian({rows})", program.jacobian, references, 1)
        return
    judge.hold(f"{form}gradient", "program.gradient({rows})", program.gradient, references, 1)


def _both(judge: Comparison) -> None:
    """Values and gradients from one call."""
    if not judge.good.answers[0].single:
        _first_order(judge)
        return
    found: list[Any] = []

    def gradient(*arrays: Any) -> Any:
        found[:] = judge.program.value_and_grad(*arrays)
        return found[1]

    judge.hold("gradient", "program.gradient({rows})", gradient, judge.good, 1)
    if found:
        text = f"program.value_and_grad({judge.good.text()})"
        judge.same("value with its gradient", text, found[0], expected_of(judge.good, 0), judge.good, 0)


def _one_point(judge: Comparison) -> None:
    last = judge.good.part([len(judge.good.rows) - 1])
    judge.hold("value of one row", "program({rows})", judge.program, last, 0)
    if judge.good.answers[0].single:
        call = judge.program.value_and_grad
        judge.hold("value at one point", "program.value_and_grad({rows})", lambda *given: call(*given)[0], last, 0, True)
        judge.hold("gradient at one point", "program.value_and_grad({rows})", lambda *given: call(*given)[1], last, 1, True)


def _domain_errors(judge: Comparison) -> None:
    for row in judge.bad[:2]:
        expected = answer(judge.ready, row, judge.ready.parameters)
        if expected.error is None or not issubclass(expected.error, ArithmeticError | ValueError):
            continue
        kinds = needed_failures(judge.ready, row) if issubclass(expected.error, ArithmeticError) else [expected.error]
        if not kinds:
            continue
        judge.tally.counts["domain error"] += 1
        given = References(judge.ready, [row], [expected])
        for call, name in ((judge.program, "program"), (judge.program.jacobian, "program.jacobian")):
            _fails_alike(judge, call, given, f"{name}({given.text()})", expected.error, tuple(kinds))


def _fails_alike(
    judge: Comparison,
    call: Callable[..., Any],
    given: References,
    text: str,
    expected: type[Exception],
    also: tuple[type[Exception], ...],
) -> None:
    try:
        found = numpy.asarray(call(*given.arrays()))
    except BranchChanged:
        return
    except Exception as error:
        if not isinstance(error, (expected, *also)) and not issubclass(expected, type(error)):
            judge.found("domain error: another class", f"{told(error)}; eager raises {expected.__name__}", text)
        return
    how = "a number" if numpy.isfinite(found).all() else "nan or inf"
    if how == "nan or inf" or not judge.case.differentiates:  # a derivative need not need the value that fails
        judge.found(f"domain error: {how} instead", f"{found.tolist()}; eager raises {expected.__name__}", text)


def _hessian(judge: Comparison) -> None:
    if not judge.good.answers[0].single or len(judge.good.answers[0].inputs) > _MOST_CURVED:
        return
    chosen = []
    for place in range(min(_CURVED_ROWS, len(judge.good.rows))):
        try:
            judge.good.answers[place].curvature()
            chosen.append(place)
        except ArithmeticError:
            continue
    if chosen:
        judge.hold("hessian", "program.hessian({rows})", judge.program.hessian, judge.good.part(chosen), 2)


def _loss(
    judge: Comparison, form: str = "loss", change: str = "", references: References | None = None, program: Any = None
) -> None:
    references, program = references or judge.good, program or judge.program
    if not references.answers[0].single or not judge.ready.parameters:
        return
    text = f"{change}program.loss_and_gradient({references.text()})"
    try:
        value, gradient = program.loss_and_gradient(*references.arrays())
    except Exception as error:
        judge.failed(form, error, text, references)
        return
    judge.hold_means(form, text, value, gradient, program, references)


def _saved(judge: Comparison) -> None:
    single = judge.good.answers[0].single
    try:
        value, gradient = answered(judge.program, judge.good.arrays(), single)
    except TraceError as error:
        judge.tally.refused[f"saved: {error}"] += 1
    except Exception as error:
        judge.failed("saved", error, "program.source", judge.good)
    else:
        if single and len(judge.program.parameters):
            judge.hold_means("saved loss", "program.source", value, gradient, judge.program, judge.good)
            return
        judge.same("saved value", "program.source", value, expected_of(judge.good, 0), judge.good, 0)
        if single:
            expected = expected_of(judge.good, 1)
            huge = [[max(map(abs, flat(list(row))), default=0.0) > _HUGE] for row in judge.good.rows]
            overflowed = numpy.array(huge) & ~numpy.isfinite(gradient)  # the module has no engine to ask once more
            judge.same("saved gradient", "program.source", numpy.where(overflowed, expected, gradient), expected, judge.good, 1)


def _changed_parameters(judge: Comparison) -> None:
    if not judge.ready.parameters or judge.case.guarded:
        return
    judge.program.parameters *= 1.25
    judge.program.parameters += 0.0625
    with changed(judge.ready.parameters, lambda x: x * 1.25 + 0.0625):
        references = judge.references(judge.good.rows)
        if references.rows:
            change = "program.parameters.__imul__(1.25), program.parameters.__iadd__(0.0625), "
            judge.hold("value, changed parameters", change + "program({rows})", judge.program, references, 0)
            _loss(judge, "loss, changed parameters", change, references)
    judge.program.read()


def _other_branches(judge: Comparison) -> None:
    further = judge.references(judge.other[:4])
    count = len(judge.good.answers[0].values)
    further = further.part([i for i, each in enumerate(further.answers) if len(each.values) == count])
    if not further.rows:
        return
    try:
        judge.program(*further.part([0]).arrays())
    except (BranchChanged, TraceError):
        pass
    except Exception as error:
        judge.failed("another branch", error, f"program({further.part([0]).text()})", further)
    program = judge.traced(on_branch="retrace")
    mixed = References(judge.ready, [*judge.good.rows[:3], *further.rows], [*judge.good.answers[:3], *further.answers])
    _first_order(judge, "retrace ", mixed, program)
    _loss(judge, "retrace loss", "", mixed, program)


def _single_precision(judge: Comparison) -> None:
    with changed(judge.ready.parameters, _rounded):
        rows = [row for row in map(_rounded, judge.good.rows) if branches(judge.ready, row) == judge.way]
        references = judge.references(rows, SINGLE)
        if references.rows and all(is_moderate(each) for each in references.answers):
            _first_order(judge, "float32 ", references, judge.traced(dtype="float32"))


def _second_way(judge: Comparison) -> None:
    """Holds eager itself against numerical derivatives, which use none of its rules, for some of the programs."""
    if judge.case.detached or Random(f"{judge.case.seed}, a second way").random() > _SHARE:
        return
    last = judge.good.part([len(judge.good.rows) - 1])

    def plain(*arguments: Any) -> list[Any]:
        return [number.data if isinstance(number, Value) else number for number in flat(judge.ready.apply(arguments))]

    try:
        estimates = [each for line in numerical_jacobian(plain)(*last.rows[0]) for each in line]
    except Exception:
        return  # no number of another kind goes through
    for place, (slope, estimate) in enumerate(zip(flat(last.answers[0].slopes), estimates, strict=True)):
        if estimate.is_kink or not estimate.error < 1e-5 * max(1.0, abs(estimate.value)):
            continue
        judge.tally.counts["eager's slopes, by numerical derivatives"] += 1
        if not estimate.covers(slope, 1e-9 * max(1.0, abs(slope)) + 64.0 * rounding(last.answers[0], 1, place)):
            judge.found("eager: wrong", f"{slope!r}, numerically {estimate} at {place} for {last.rows[0]}", "program")
            return


def _rounded(numbers: Any) -> Any:
    return [_rounded(number) for number in numbers] if isinstance(numbers, list) else float(numpy.float32(numbers))


STAGES: Final[dict[str, Stage]] = {
    "values and gradients": _both,
    "first order": _first_order,
    "one point": _one_point,
    "domain errors": _domain_errors,
    "hessian": _hessian,
    "loss": _loss,
    "saved": _saved,
    "changed parameters": _changed_parameters,
    "other branches": _other_branches,
    "single precision": _single_precision,
    "second way": _second_way,
}
_QUICK: Final = ("values and gradients", "domain errors")


def compared(case: Case, quick: bool = False, stages: Collection[str] = (), backend: str = "numpy") -> Tally:
    """What comparing the program of a case found.

    Args:
        case: from `generated`. quick: values and gradients only. stages: those of STAGES to go through; all by default.
        backend: what runs the programs.
    """
    stages = stages or (_QUICK if quick else STAGES.keys())
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of edges, and of texts that index a constant: they are met on purpose
        judge = Comparison(case, backend)
        if judge.good.rows:
            _judge(judge, stages)
    return judge.tally


def _judge(judge: Comparison, stages: Collection[str]) -> None:
    try:
        judge.program = judge.traced()
    except Refused:
        return
    for name, stage in STAGES.items():
        judge.stage, judge.options = name, {}
        if name in stages:
            with suppress(Refused):
                stage(judge)
