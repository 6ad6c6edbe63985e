"""A program held against eager evaluation: every form that a program has, row by row.

A number agrees if it is eager's to 1e-12 of itself; or within 64 times a bound on its rounding (`Answer.rounding`); or if eager's
own number moves as far when the arguments move by 1e-13 of themselves: such numbers are counted as unclear. A nan agrees with a
nan, an infinity with the same one, and a domain error with an error of the same class.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import numpy

from autograd_lite.program import BranchChanged, Program, TraceError, trace
from autograd_lite.testing.fuzzing.agreement import DOUBLE, SINGLE, Precision, References
from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.eager import answer, branches, moved, needs_failure
from autograd_lite.testing.fuzzing.saved import answered

__all__ = ["STAGES", "Finding", "Verdict", "compared"]

_MOST_CURVED: Final = 12  # inputs of a Hessian that is compared
_CURVED_ROWS: Final = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong with a program.

    Attributes:
        stage: which of STAGES found it.
        kind: which form it is, and how it fails: "gradient: wrong", "hessian: crash", ...
        message: both numbers, or the error.
        reproduction: a script that shows it.
    """

    stage: str
    kind: str
    message: str
    reproduction: str = ""


@dataclass
class Verdict:
    """What a comparison found.

    Attributes:
        findings: what is wrong. refused: what was refused with a documented reason, by form and reason.
        counts: comparisons by form. unclear: numbers that rounding may move further than they differ.
    """

    findings: list[Finding] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    unclear: int = 0


class _Refused(Exception):
    """There is no program, for a reason that is documented."""


class _Comparison:
    """One case under comparison.

    Attributes:
        good: the rows that take the example's branches and that eager can evaluate, the example first.
        bad: rows where eager raises. other: rows that take other branches.
    """

    program: Any  # made in the stage that needs it first

    def __init__(self, case: Case) -> None:
        self.case = case
        self.verdict = Verdict()
        self.ready = case.ready()
        self.stage = ""
        self.options: dict[str, Any] = {}
        rows = [case.example, *case.rows]
        ways = [branches(self.ready, row) for row in rows]
        self.way = ways[0]
        same = [row for row, way in zip(rows, ways, strict=True) if way == self.way]
        self.good = self.references(same)
        self.bad = [row for row in same if row not in self.good.rows]
        self.other = [row for row, way in zip(rows, ways, strict=True) if way != self.way]

    def references(self, rows: list[Any], precision: Precision = DOUBLE) -> References:
        """The rows that eager can evaluate, with its answers."""
        found = [(row, answer(self.ready, row, self.ready.parameters)) for row in rows]
        kept = [(row, each) for row, each in found if each.error is None]
        return References(self.ready, [row for row, _ in kept], [each for _, each in kept], precision)

    def traced(self, **options: Any) -> Program:
        """The program."""
        self.options = options
        try:
            return trace(self.ready.function, *self.ready.given, parameters=self.ready.owned, **options)
        except TraceError as error:
            self.verdict.refused[f"trace: {error}"] += 1
            raise _Refused from None
        except Exception as error:
            self.found("trace: crash", _told(error), "")
            raise _Refused from None

    # ---- holding numbers against each other ----------------------------------------------------------------------------------

    def hold(self, kind: str, last: str, call: Callable[..., Any], references: References, order: int, point: bool = False) -> None:
        """Holds what a call gives for rows against eager's numbers of that order; for the first row alone where `point`."""
        if point:
            references = references.part([0])
        expected = _expected(references, order)
        arrays = [array[0] for array in references.arrays()] if point else references.arrays()
        text = last.format(rows=references.text(point))
        try:
            found = numpy.asarray(call(*arrays))
        except Exception as error:
            self.failed(kind, error, text, references)
            return
        self.same(kind, text, found[None] if point else found, expected, references, order)

    def same(self, kind: str, text: str, found: Any, expected: Any, references: References, order: int) -> None:
        """Holds an array with an entry for each row against eager's numbers."""
        self.verdict.counts[kind] += 1
        if numpy.shape(found) != numpy.shape(expected):
            self.found(f"{kind}: shape", f"{numpy.shape(found)}, expected {numpy.shape(expected)}", text)
            return
        wrong = references.disagreement(found, expected, order)
        self.verdict.unclear += references.unclear
        references.unclear = 0
        if wrong is not None:
            how = "wrong" if numpy.isfinite([wrong.found, wrong.expected]).all() else "nan or inf"
            row = references.rows[wrong.place[0]]
            self.found(f"{kind}: {how}", f"{wrong.found!r}, eager {wrong.expected!r} at {wrong.place} for {row}", text)

    def hold_means(self, kind: str, text: str, value: Any, gradient: Any, program: Program, references: References) -> None:
        """Holds a mean over rows and its gradient by the parameters against eager's."""
        self.verdict.counts[kind] += 1
        places = {id(parameter): place for place, parameter in enumerate(self.ready.parameters)}
        order = [places[id(parameter)] for parameter in program.parameter_values]
        wanted = [(float(value), 0, 0), *zip(numpy.asarray(gradient).tolist(), [-1] * len(order), order, strict=True)]
        for number, what, place in wanted:
            wrong = references.mean_disagreement(number, what, place)
            self.verdict.unclear += references.unclear
            references.unclear = 0
            if wrong is not None:
                how = "wrong value" if what == 0 else "wrong gradient"
                self.found(f"{kind}: {how}", f"{wrong.found!r}, eager {wrong.expected!r} at {wrong.place}", text)
                return

    def failed(self, kind: str, error: Exception, text: str, references: References) -> None:
        """Judges an error where eager gives numbers."""
        if isinstance(error, TraceError):
            self.verdict.refused[f"{kind}: {error}"] += 1
            return
        how = "crash"
        if isinstance(error, BranchChanged | ArithmeticError):
            how = "wrong BranchChanged" if isinstance(error, BranchChanged) else "wrong domain error"
            if self._is_near_edge(references):
                self.verdict.unclear += 1
                return
        self.found(f"{kind}: {how}", _told(error), text)

    def _is_near_edge(self, references: References) -> bool:
        """Whether rounding may decide if a row is inside its domain, or which way it goes."""
        by = references.precision.shake
        shaken = moved(self.ready, references.rows, self.ready.parameters, by)
        return any(each.error for answers in shaken for each in answers) or any(each.way != self.way for each in _flat(shaken))

    def found(self, kind: str, message: str, last: str) -> None:
        """Notes what is wrong."""
        further = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        script = self.case.reproduction(last or "program", further)
        self.verdict.findings.append(Finding(self.stage, kind, message, script))


def _flat(answers: list[list[Any]]) -> list[Any]:
    return [each for line in answers for each in line]


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _expected(references: References, order: int) -> Any:
    single = references.answers[0].single
    if order == 0:
        return [each.values[0] if single else each.values for each in references.answers]
    if order == 1:
        return [each.slopes[0] if single else each.slopes for each in references.answers]
    return [each.curvature() for each in references.answers]


# ---- the stages --------------------------------------------------------------------------------------------------------------


def _first_order(self: _Comparison, form: str = "", references: References | None = None, program: Program | None = None) -> None:
    references, program = references or self.good, program or self.program
    self.hold(f"{form}value", "program({rows})", program, references, 0)
    if not references.answers[0].single:
        self.hold(f"{form}jacobian", "program.jacobian({rows})", program.jacobian, references, 1)
        return
    self.hold(f"{form}gradient", "program.gradient({rows})", program.gradient, references, 1)


def _both(self: _Comparison) -> None:
    """Values and gradients from one call."""
    if not self.good.answers[0].single:
        _first_order(self)
        return
    found: list[Any] = []

    def gradient(*arrays: Any) -> Any:
        found[:] = self.program.value_and_grad(*arrays)
        return found[1]

    self.hold("gradient", "program.gradient({rows})", gradient, self.good, 1)
    if found:
        text = f"program.value_and_grad({self.good.text()})"
        self.same("value with its gradient", text, found[0], _expected(self.good, 0), self.good, 0)


def _one_point(self: _Comparison) -> None:
    last = self.good.part([len(self.good.rows) - 1])
    self.hold("value of one row", "program({rows})", self.program, last, 0)
    if self.good.answers[0].single:
        call = self.program.value_and_grad
        self.hold("value at one point", "program.value_and_grad({rows})", lambda *given: call(*given)[0], last, 0, True)
        self.hold("gradient at one point", "program.value_and_grad({rows})", lambda *given: call(*given)[1], last, 1, True)


def _domain_errors(self: _Comparison) -> None:
    for row in self.bad[:2]:
        expected = answer(self.ready, row, self.ready.parameters)
        if expected.error is None or not issubclass(expected.error, ArithmeticError | ValueError):
            continue
        if expected.stage == "value" and issubclass(expected.error, ArithmeticError) and not needs_failure(self.ready, row):
            continue
        self.verdict.counts["domain error"] += 1
        call, name = (self.program, "program") if expected.stage == "value" else (self.program.jacobian, "program.jacobian")
        given = References(self.ready, [row], [expected])
        text = f"{name}({given.text()})"
        try:
            found = numpy.asarray(call(*given.arrays()))
        except BranchChanged:
            continue
        except Exception as error:
            if not isinstance(error, expected.error) and not issubclass(expected.error, type(error)):
                self.found("domain error: another class", f"{_told(error)}; eager raises {expected.error.__name__}", text)
            continue
        how = "a number" if numpy.isfinite(found).all() else "nan or inf"
        if how == "a number" and self.case.differentiates:
            continue  # a derivative need not need the value that fails
        self.found(f"domain error: {how} instead", f"{found.tolist()}; eager raises {expected.error.__name__}", text)


def _hessian(self: _Comparison) -> None:
    if not self.good.answers[0].single or len(self.good.answers[0].inputs) > _MOST_CURVED:
        return
    chosen = []
    for place in range(min(_CURVED_ROWS, len(self.good.rows))):
        try:
            self.good.answers[place].curvature()
            chosen.append(place)
        except ArithmeticError:
            continue
    if chosen:
        self.hold("hessian", "program.hessian({rows})", self.program.hessian, self.good.part(chosen), 2)


def _loss(
    self: _Comparison, form: str = "loss", change: str = "", references: References | None = None, program: Any = None
) -> None:
    references, program = references or self.good, program or self.program
    if not references.answers[0].single or not self.ready.parameters:
        return
    text = f"{change}program.loss_and_gradient({references.text()})"
    try:
        value, gradient = program.loss_and_gradient(*references.arrays())
    except Exception as error:
        self.failed(form, error, text, references)
        return
    self.hold_means(form, text, value, gradient, program, references)


def _saved(self: _Comparison) -> None:
    single = self.good.answers[0].single
    try:
        value, gradient = answered(self.program, self.good.arrays(), single)
    except TraceError as error:
        self.verdict.refused[f"saved: {error}"] += 1
    except Exception as error:
        self.failed("saved", error, "program.source", self.good)
    else:
        if single and len(self.program.parameters):
            self.hold_means("saved loss", "program.source", value, gradient, self.program, self.good)
            return
        self.same("saved value", "program.source", value, _expected(self.good, 0), self.good, 0)
        if single:
            self.same("saved gradient", "program.source", gradient, _expected(self.good, 1), self.good, 1)


def _changed_parameters(self: _Comparison) -> None:
    if not self.ready.parameters or self.case.guarded:
        return
    before = [value.data for value in self.ready.parameters]
    self.program.parameters *= 1.25
    self.program.parameters += 0.0625
    for value in self.ready.parameters:
        value.data = value.data * 1.25 + 0.0625
    try:
        references = self.references(self.good.rows)
        if references.rows:
            change = "program.parameters.__imul__(1.25), program.parameters.__iadd__(0.0625), "
            self.hold("value, changed parameters", change + "program({rows})", self.program, references, 0)
            _loss(self, "loss, changed parameters", change, references)
    finally:
        for value, number in zip(self.ready.parameters, before, strict=True):
            value.data = number
        self.program.read()


def _other_branches(self: _Comparison) -> None:
    further = self.references(self.other[:4])
    count = len(self.good.answers[0].values)
    further = further.part([i for i, each in enumerate(further.answers) if len(each.values) == count])
    if not further.rows:
        return
    try:
        self.program(*further.part([0]).arrays())
    except (BranchChanged, TraceError):
        pass
    except Exception as error:
        self.failed("another branch", error, f"program({further.part([0]).text()})", further)
    program = self.traced(on_branch="retrace")
    mixed = References(self.ready, [*self.good.rows[:3], *further.rows], [*self.good.answers[:3], *further.answers])
    _first_order(self, "retrace ", mixed, program)
    _loss(self, "retrace loss", "", mixed, program)


def _single_precision(self: _Comparison) -> None:
    before = [value.data for value in self.ready.parameters]
    try:
        for value in self.ready.parameters:
            value.data = float(numpy.float32(value.data))
        rows = [row for row in map(_rounded, self.good.rows) if branches(self.ready, row) == self.way]
        references = self.references(rows, SINGLE)
        if references.rows and all(each.is_moderate() for each in references.answers):
            _first_order(self, "float32 ", references, self.traced(dtype="float32"))
    finally:
        for value, number in zip(self.ready.parameters, before, strict=True):
            value.data = number


def _rounded(numbers: Any) -> Any:
    return [_rounded(number) for number in numbers] if isinstance(numbers, list) else float(numpy.float32(numbers))


STAGES: Final[dict[str, Callable[[_Comparison], None]]] = {
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
}
_QUICK: Final = ("values and gradients", "domain errors")


def compared(case: Case, quick: bool = False, stages: Collection[str] = ()) -> Verdict:
    """The verdict on the program of a case.

    Args:
        case: from `generated`. quick: values and gradients only. stages: those of STAGES to go through; all by default.
    """
    stages = stages or (_QUICK if quick else STAGES.keys())
    comparison = _Comparison(case)
    with numpy.errstate(all="ignore"):
        try:
            comparison.program = comparison.traced()
        except _Refused:
            return comparison.verdict
        for name, stage in STAGES.items():
            comparison.stage, comparison.options = name, {}
            try:
                if name in stages and comparison.good.rows:
                    stage(comparison)
            except _Refused:
                continue
    return comparison.verdict
