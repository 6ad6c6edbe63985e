"""A program under comparison: its rows, what it gives held against eager evaluation, and what was found."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy

from autograd_lite.program import BranchChanged, Program, TraceError, trace
from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.eager import answer
from tests.fuzzing.agreement import DOUBLE, SINGLE, Precision, References
from tests.fuzzing.branches import branches
from tests.fuzzing.rerounding import rerounded
from tests.fuzzing.rounding import moved


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
class Tally:
    """What a comparison found.

    Attributes:
        findings: what is wrong. refused: what was refused with a documented reason, by form and reason.
        counts: comparisons by form. unclear: numbers that rounding may move further than they differ.
    """

    findings: list[Finding] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    unclear: int = 0


class Refused(Exception):
    """There is no program, for a reason that is documented."""


class Comparison:
    """One case under comparison.

    Attributes:
        good: the rows that take the example's branches and that eager can evaluate, the example first.
        bad: rows where eager raises. other: rows that take other branches.
        program: of the case, traced before anything is compared. backend: what runs it.
    """

    program: Program

    def __init__(self, case: Case, backend: str = "numpy") -> None:
        self.case, self.backend = case, backend
        self.tally = Tally()
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
        if self.backend != "numpy":
            options["backend"] = self.backend
        self.options = options
        try:
            return trace(self.ready.function, *self.ready.given, parameters=self.ready.owned, **options)
        except TraceError as error:
            self.tally.refused[f"trace: {error}"] += 1
            raise Refused from None
        except Exception as error:
            self.found("trace: crash", told(error), "")
            raise Refused from None

    # ---- holding numbers against each other ----------------------------------------------------------------------------------

    def hold(self, kind: str, last: str, call: Callable[..., Any], references: References, order: int, point: bool = False) -> None:
        """Holds what a call gives for rows against eager's numbers of that order; for the first row alone where `point`."""
        if point:
            references = references.part([0])
        expected = expected_of(references, order)
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
        self.tally.counts[kind] += 1
        if numpy.shape(found) != numpy.shape(expected):
            self.found(f"{kind}: shape", f"{numpy.shape(found)}, expected {numpy.shape(expected)}", text)
            return
        wrong = references.disagreement(found, expected, order)
        self.tally.unclear += references.unclear
        references.unclear = 0
        if wrong is not None:
            how = "wrong" if numpy.isfinite([wrong.found, wrong.expected]).all() else "nan or inf"
            row = references.rows[wrong.place[0]]
            self.found(f"{kind}: {how}", f"{wrong.found!r}, eager {wrong.expected!r} at {wrong.place} for {row}", text)

    def hold_means(self, kind: str, text: str, value: Any, gradient: Any, program: Program, references: References) -> None:
        """Holds a mean over rows and its gradient by the parameters against eager's."""
        self.tally.counts[kind] += 1
        places = {id(parameter): place for place, parameter in enumerate(self.ready.parameters)}
        order = [places[id(parameter)] for parameter in program.parameter_values]
        wanted = [(float(value), 0, 0), *zip(numpy.asarray(gradient).tolist(), [-1] * len(order), order, strict=True)]
        for number, what, place in wanted:
            wrong = references.mean_disagreement(number, what, place)
            self.tally.unclear += references.unclear
            references.unclear = 0
            if wrong is not None:
                how = "wrong value" if what == 0 else "wrong gradient"
                self.found(f"{kind}: {how}", f"{wrong.found!r}, eager {wrong.expected!r} at {wrong.place}", text)
                return

    def failed(self, kind: str, error: Exception, text: str, references: References) -> None:
        """Judges an error where eager gives numbers."""
        if isinstance(error, TraceError):
            self.tally.refused[f"{kind}: {error}"] += 1
            return
        how = "crash"
        if isinstance(error, BranchChanged | ArithmeticError):
            # Comparisons in single precision may come out otherwise, also where no result shows it.
            guess = isinstance(error, BranchChanged) and references.precision is SINGLE
            how = "wrong BranchChanged" if isinstance(error, BranchChanged) else "wrong domain error"
            if guess or self._is_near_edge(references):
                self.tally.unclear += 1
                return
        self.found(f"{kind}: {how}", told(error), text)

    def _is_near_edge(self, references: References) -> bool:
        """Whether rounding may decide if a row is inside its domain, or which way it goes."""
        by = references.precision.shake
        shaken = moved(self.ready, references.rows, self.ready.parameters, by)
        if any(each.error or way != self.way for pairs in shaken for each, way in pairs):
            return True
        others = rerounded(self.ready, references.rows, references.precision.dtype, 0, 0)
        return any(each is None or each == inf for each in others)

    def found(self, kind: str, message: str, last: str) -> None:
        """Notes what is wrong."""
        further = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        script = self.case.reproduction(last or "program", further)
        self.tally.findings.append(Finding(self.stage, kind, message, script))


def told(error: Exception) -> str:
    """An error, with its class."""
    return f"{type(error).__name__}: {error}"


def expected_of(references: References, order: int) -> Any:
    """Eager's values, slopes or second derivatives, as a program gives them: an entry for each row."""
    single = references.answers[0].single
    if order == 0:
        return [each.values[0] if single else each.values for each in references.answers]
    if order == 1:
        return [each.slopes[0] if single else each.slopes for each in references.answers]
    return [each.curvature() for each in references.answers]
