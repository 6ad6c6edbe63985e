"""A program held against eager evaluation: every form that a program has, row by row.

A number agrees if it is eager's to 1e-12 of itself; or within 64 times the bound on rounding of `Answer.rounding`; or if eager's own
number moves as far when the arguments move by 1e-13 of themselves (the last is counted as unclear). A nan agrees with a nan, an
infinity with the same one, and a domain error with an error of the same class.
"""

import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from runpy import run_path
from typing import Any, Final

import numpy

from autograd_lite.errors import GraphError
from autograd_lite.program import BranchChanged, Program, TraceError, trace
from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.eager import EPSILON, Answer, answer, branches, moved

__all__ = ["Finding", "Verdict", "compared"]

_SURE: Final = 1e-12
_FACTOR: Final = 64.0
_TINY: Final = 1e-290
_MOST_CURVED: Final = 12  # inputs and rows of a Hessian that is compared
_CURVED_ROWS: Final = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong with a program.

    Attributes:
        kind: which form it is, and how it fails: "gradient: wrong", "hessian: crash", ...
        message: both numbers, or the error.
        reproduction: a script that shows it.
    """

    kind: str
    message: str
    reproduction: str = ""


@dataclass
class Verdict:
    """What a comparison found.

    Attributes:
        findings: what is wrong. refused: why the program was refused with a documented reason; "" if it was not.
        counts: comparisons by form. unclear: numbers that rounding may move further than they differ.
    """

    findings: list[Finding] = field(default_factory=list)
    refused: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    unclear: int = 0


def compared(case: Case, quick: bool = False) -> Verdict:
    """The verdict on the program of a case.

    Args:
        case: from `generated`. quick: values and gradients only.
    """
    return _Comparison(case, quick).verdict


class _Refused(Exception):
    """The program does not exist, for a reason that is documented."""


class _Comparison:
    def __init__(self, case: Case, quick: bool) -> None:
        self.case = case
        self.verdict = Verdict()
        self.ready = case.ready()
        self.dtype = numpy.dtype("float64")
        self.options: dict[str, Any] = {}
        try:
            with numpy.errstate(all="ignore"):
                self._run(quick)
        except _Refused as refusal:
            self.verdict.refused = str(refusal)

    def _run(self, quick: bool) -> None:
        rows = [self.case.example, *self.case.rows]
        taken = [branches(self.ready, row) for row in rows]
        same = [row for row, way in zip(rows, taken, strict=True) if way == taken[0]]
        other = [row for row, way in zip(rows, taken, strict=True) if way != taken[0]]
        answers = [answer(self.ready, row, self.ready.parameters) for row in same]
        good = [(row, found) for row, found in zip(same, answers, strict=True) if found.error is None]
        bad = [(row, found) for row, found in zip(same, answers, strict=True) if found.error is not None]
        self.program = self._traced()
        self._first_order(good)
        for row, found in bad[:2]:
            self._fails_alike(row, found)
        if quick or self.verdict.findings:
            return
        self._hessians(good)
        self._losses(good)
        self._saved(good)
        self._changed_parameters(good)
        if other:
            self._other_branches(good, other)
        self._single_precision(good)

    def _traced(self) -> Program:
        try:
            return trace(self.ready.function, *self.ready.given, parameters=self.ready.owned, **self.options)
        except TraceError as error:
            raise _Refused(str(error)) from None
        except Exception as error:
            self._found("trace: crash", _told(error), "")
            raise _Refused("") from None

    # ---- the forms -----------------------------------------------------------------------------------------------------------

    def _first_order(self, good: list[tuple[Any, Answer]], form: str = "") -> None:
        rows, answers = [row for row, _ in good], [found for _, found in good]
        program, single = self.program, answers[0].single
        values = [found.values[0] if single else found.values for found in answers]
        self._hold(f"{form}value", "program({rows})", lambda *given: program(*given), good, values, 0)
        if single:
            slopes = [found.slopes[0] for found in answers]
            self._hold(f"{form}gradient", "program.gradient({rows})", lambda *given: program.value_and_grad(*given)[1], good, slopes, 1)
            if not form:
                point = lambda *given: program.value_and_grad(*given)  # noqa: E731
                self._hold("value at one point", "program.value_and_grad({rows})", lambda *given: point(*given)[0], good[:1], values, 0, True)
                self._hold("gradient at one point", "program.value_and_grad({rows})", lambda *given: point(*given)[1], good[:1], slopes, 1, True)
        else:
            slopes = [found.slopes for found in answers]
            self._hold(f"{form}jacobian", "program.jacobian({rows})", lambda *given: program.jacobian(*given), good, slopes, 1)
        assert rows

    def _hessians(self, good: list[tuple[Any, Answer]]) -> None:
        good = good[:_CURVED_ROWS]
        if not good[0][1].single or len(good[0][1].inputs) > _MOST_CURVED:
            return
        curved, expected = [], []
        for row, found in good:
            try:
                expected.append(found.curvature())
                curved.append((row, found))
            except ArithmeticError:
                continue
        if curved:
            self._hold("hessian", "program.hessian({rows})", self.program.hessian, curved, expected, 2)

    def _losses(self, good: list[tuple[Any, Answer]], form: str = "loss", change: str = "") -> None:
        answers = [found for _, found in good]
        if not answers[0].single or not self.ready.parameters:
            return
        try:
            value, gradient = self.program.loss_and_gradient(*self._arrays([row for row, _ in good]))
        except Exception as error:
            self._found(f"{form}: crash", _told(error), f"{change}program.loss_and_gradient({self._text(good)})")
            return
        places = {id(parameter): place for place, parameter in enumerate(self.ready.parameters)}
        order = [places[id(parameter)] for parameter in self.program.parameter_values]
        self._mean(form, good, change, value, gradient, order)

    def _mean(self, form: str, good: list[tuple[Any, Answer]], change: str, value: Any, gradient: Any, order: list[int]) -> None:
        answers, count = [found for _, found in good], len(good)
        last = f"{change}program.loss_and_gradient({self._text(good)})"
        mean = math.fsum(found.values[0] for found in answers) / count if _finite(answers) else math.nan
        if _finite(answers) and not self._agree(float(value), mean, lambda: sum(found.rounding(0, 0) for found in answers) / count):
            if not self._is_unclear(float(value), good, lambda each: each.values[0], mean):
                self._found(f"{form}: wrong value", f"{value!r}, eager {mean!r}", last)
        for slope, place in zip(numpy.asarray(gradient).tolist(), order, strict=True):
            terms = [found.weights[0][place] for found in answers]
            if not all(map(math.isfinite, terms)):
                continue
            expected = math.fsum(terms) / count
            bound = lambda place=place: sum(found.rounding(-1, place) for found in answers) / count  # noqa: E731
            if not self._agree(slope, expected, bound, max(map(abs, terms))):
                if not self._is_unclear(slope, good, lambda each, place=place: each.weights[0][place], expected):
                    self._found(f"{form}: wrong gradient", f"{slope!r}, eager {expected!r} by parameter {place}", last)
                return

    def _saved(self, good: list[tuple[Any, Answer]]) -> None:
        answers, arrays = [found for _, found in good], self._arrays([row for row, _ in good])
        last = "program.source"
        try:
            with tempfile.TemporaryDirectory() as folder:
                scope = run_path(str(self.program.save(Path(folder) / "saved.py")))
            [function] = [
                thing for name, thing in scope.items() if getattr(thing, "__doc__", None) and "Args:" in thing.__doc__ and callable(thing)
            ]
            owned = len(self.program.parameters)
            arrays = _as_documented(function, arrays)
            if not answers[0].single:
                found = function(*([self.program.parameters] if owned else []), *arrays)
                found = found if isinstance(found, tuple) else (found,)
                stacked = numpy.stack([numpy.broadcast_to(column, len(good)) for column in found], axis=1)
                self._same("saved value", last, stacked, good, [each.values for each in answers], 0)
            elif owned:
                gradient = numpy.full(owned, 7.0)
                value = function(self.program.parameters, *arrays, gradient)
                places = {id(parameter): place for place, parameter in enumerate(self.ready.parameters)}
                order = [places[id(parameter)] for parameter in self.program.parameter_values]
                self._mean("saved loss", good, "", value, gradient, order)
            else:
                gradient = numpy.full((len(good), len(answers[0].inputs)), 7.0)
                value = numpy.broadcast_to(function(*arrays, gradient), len(good))
                self._same("saved value", last, value, good, [each.values[0] for each in answers], 0)
                self._same("saved gradient", last, gradient, good, [each.slopes[0] for each in answers], 1)
        except Exception as error:
            self._found("saved: crash", _told(error), last)

    def _changed_parameters(self, good: list[tuple[Any, Answer]]) -> None:
        if not self.ready.parameters or self.case.guarded:
            return
        before = [value.data for value in self.ready.parameters]
        self.program.parameters *= 1.25
        self.program.parameters += 0.0625
        for value in self.ready.parameters:
            value.data = value.data * 1.25 + 0.0625
        try:
            answers = [(row, answer(self.ready, row, self.ready.parameters)) for row, _ in good]
            still = [(row, found) for row, found in answers if found.error is None]
            change = "program.parameters.__imul__(1.25), program.parameters.__iadd__(0.0625), "
            if still:
                single = still[0][1].single
                values = [found.values[0] if single else found.values for _, found in still]
                self._hold("value, changed parameters", change + "program({rows})", self.program, still, values, 0)
                self._losses(still, "loss, changed parameters", change)
        finally:
            for value, number in zip(self.ready.parameters, before, strict=True):
                value.data = number
            self.program.read()

    def _other_branches(self, good: list[tuple[Any, Answer]], other: list[Any]) -> None:
        answered = [(row, answer(self.ready, row, self.ready.parameters)) for row in other]
        further = [(row, found) for row, found in answered if found.error is None and len(found.values) == len(good[0][1].values)]
        if not further:
            return
        try:
            self.program(*self._arrays([further[0][0]]))
        except BranchChanged:
            pass
        except Exception as error:
            self._found("other branch: crash", _told(error), f"program({self._text(further[:1])})")
        self.options = {"on_branch": "retrace"}
        self.program = self._traced()
        mixed = [*good[:3], *further[:4]]
        self._first_order(mixed, "retrace ")
        self._losses(mixed, "retrace loss")
        self.options = {}

    def _single_precision(self, good: list[tuple[Any, Answer]]) -> None:
        before = [value.data for value in self.ready.parameters]
        self.dtype = numpy.dtype("float32")
        self.options = {"dtype": "float32"}
        try:
            for value in self.ready.parameters:
                value.data = float(numpy.float32(value.data))
            rows = [_rounded(row) for row, _ in good]
            answers = [(row, answer(self.ready, row, self.ready.parameters)) for row in rows]
            way = branches(self.ready, self.case.example)
            still = [(row, found) for row, found in answers if found.error is None and branches(self.ready, row) == way]
            if still and all(_moderate(found) for _, found in still):
                self.program = self._traced()
                self._first_order(still, "float32 ")
        finally:
            for value, number in zip(self.ready.parameters, before, strict=True):
                value.data = number

    # ---- rows where eager raises ---------------------------------------------------------------------------------------------

    def _fails_alike(self, row: Any, found: Answer) -> None:
        call, text = (self.program, "program({rows})") if found.stage == "value" else (self._slopes, "program.gradient({rows})")
        last = text.format(rows=self._text([(row, found)]))
        assert found.error is not None
        try:
            answered = numpy.asarray(call(*self._arrays([row])))
        except BranchChanged:
            return
        except Exception as error:
            if not isinstance(error, found.error) and not issubclass(found.error, type(error)):
                self._found("domain error: another class", f"{_told(error)}; eager raises {found.error.__name__}", last)
            return
        how = "a number" if numpy.isfinite(answered).all() else "nan or inf"
        self._found(f"domain error: {how} instead", f"{answered.tolist()}; eager raises {found.error.__name__}", last)

    def _slopes(self, *arrays: Any) -> Any:
        return self.program.jacobian(*arrays)

    # ---- holding numbers against each other ----------------------------------------------------------------------------------

    def _hold(
        self,
        kind: str,
        last: str,
        call: Callable[..., Any],
        good: list[tuple[Any, Answer]],
        expected: list[Any],
        order: int,
        point: bool = False,
    ) -> None:
        arrays = self._arrays([row for row, _ in good])
        text = last.format(rows=self._text(good, point))
        try:
            found = numpy.asarray(call(*(array[0] for array in arrays) if point else arrays))
        except Exception as error:
            self._refusal(kind, error, text, good)
            return
        if point:
            found = found[None]
        self._same(kind, last, found, good, expected[: len(good)], order)

    def _refusal(self, kind: str, error: Exception, text: str, good: list[tuple[Any, Answer]]) -> None:
        if isinstance(error, BranchChanged | ArithmeticError) and any(self._near_edge(row) for row, _ in good):
            self.verdict.unclear += 1
        elif isinstance(error, TraceError):
            raise _Refused(str(error))
        else:
            how = "wrong BranchChanged" if isinstance(error, BranchChanged) else "wrong error" if isinstance(error, ArithmeticError) else "crash"
            self._found(f"{kind}: {how}", _told(error), text)

    def _near_edge(self, row: Any) -> bool:
        by = 1e-13 if self.dtype.itemsize == 8 else 1e-5
        return any(each.error for each in moved(self.ready, row, self.ready.parameters, by))

    def _same(self, kind: str, last: str, found: Any, good: list[tuple[Any, Answer]], expected: list[Any], order: int) -> None:
        self.verdict.counts[kind] += 1
        wanted = numpy.asarray(expected, float)
        if found.shape != wanted.shape:
            self._found(f"{kind}: shape", f"{found.shape}, expected {wanted.shape}", last.format(rows=self._text(good)))
            return
        found = found.astype(float)
        sure = _SURE if self.dtype.itemsize == 8 else 1e-5
        with numpy.errstate(all="ignore"):
            fine = (found == wanted) | (numpy.isnan(found) & numpy.isnan(wanted)) | (numpy.abs(found - wanted) <= sure * numpy.abs(wanted))
        for place in numpy.argwhere(~fine)[:6].tolist():
            row, rest = place[0], place[1:]
            flat = int(numpy.ravel_multi_index(rest, wanted.shape[1:])) if rest else 0
            one, other = float(found[tuple(place)]), float(wanted[tuple(place)])
            given, reference = good[row]
            if self._agree(one, other, lambda: reference.rounding(order, flat, self._epsilon)):
                continue
            if self._is_unclear(one, good[row : row + 1], lambda each: _entry(each, order, flat), other):
                continue
            how = "wrong" if math.isfinite(one) and math.isfinite(other) else "nan or inf"
            text = last.format(rows=self._text(good if len(good) < 4 else [(given, reference)], "one point" in kind))
            self._found(f"{kind}: {how}", f"{one!r}, eager {other!r} at {place} for {given}", text)
            return

    @property
    def _epsilon(self) -> float:
        return EPSILON if self.dtype.itemsize == 8 else 2.0**-24

    def _agree(self, one: float, other: float, bound: Callable[[], float], scale: float = 0.0) -> bool:
        if one == other or (one != one and other != other):
            return True
        if not (math.isfinite(one) and math.isfinite(other)):
            return False
        apart = abs(one - other)
        sure = _SURE if self.dtype.itemsize == 8 else 1e-5
        return apart <= sure * max(abs(other), scale) or apart < _TINY or apart <= _FACTOR * bound()

    def _is_unclear(self, one: float, good: list[tuple[Any, Answer]], entry: Callable[[Answer], float], other: float) -> bool:
        by, apart = 1e-13 if self.dtype.itemsize == 8 else 1e-5, abs(one - other)
        for row, _ in good:
            for each in moved(self.ready, row, self.ready.parameters, by):
                shift = math.inf if each.error else abs(entry(each) - other) if len(good) == 1 else math.nan
                if shift >= apart:
                    self.verdict.unclear += 1
                    return True
        return False

    # ---- texts and arrays ----------------------------------------------------------------------------------------------------

    def _arrays(self, rows: Sequence[Any]) -> list[Any]:
        return [numpy.array([row[place] for row in rows], self.dtype) for place in range(len(self.case.example))]

    def _text(self, good: Sequence[tuple[Any, Any]], point: bool = False) -> str:
        rows = [row for row, _ in good]
        return ", ".join(repr(rows[0][place] if point else [row[place] for row in rows]) for place in range(len(self.case.example)))

    def _found(self, kind: str, message: str, last: str) -> None:
        further = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        self.verdict.findings.append(Finding(kind, message, self.case.reproduction(last or "program", further)))


def _as_documented(function: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    """The arrays in the shapes that a saved function's docstring asks for."""
    shapes = re.findall(r"\(rows((?:, \d+)*),?\)", (function.__doc__ or "").partition("gradient:")[0].partition("Args:")[2])
    return [array.reshape(len(array), *map(int, re.findall(r"\d+", shape))) for array, shape in zip(arrays, shapes, strict=True)]


def _entry(each: Answer, order: int, place: int) -> float:
    if order == 2:
        try:
            curvature = each.curvature()
        except ArithmeticError:
            return math.inf
        return [entry for line in curvature for entry in line][place]
    return [entry for line in ([each.values] if order == 0 else each.slopes) for entry in line][place]


def _finite(answers: list[Answer]) -> bool:
    return all(math.isfinite(found.values[0]) for found in answers)


def _rounded(numbers: Any) -> Any:
    return [_rounded(number) for number in numbers] if isinstance(numbers, list) else float(numpy.float32(numbers))


def _moderate(found: Answer) -> bool:
    return all(number == 0.0 or 1e-20 < abs(number) < 1e20 for number in [*found.values, *(s for line in found.slopes for s in line)])


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


_ = (contextmanager, Iterator, GraphError)
