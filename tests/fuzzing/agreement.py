"""When two numbers count as the same: within what rounding may do, by a bound and by experiment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy

from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.fuzzing.eager import Answer
from autograd_lite.testing.numeric.arguments import flat
from tests.fuzzing.branches import compares_equals
from tests.fuzzing.rerounding import rerounded
from tests.fuzzing.rounding import EPSILON, entry, moved, rounding

_FACTOR: Final = 64.0  # how many times the first-order bound on rounding two numbers may be apart
_SPREAD: Final = 8.0  # and how much further than a few evaluations that round otherwise
_TINY: Final = 1e-290
_LARGE: Final = 1e300
_MOST: Final = 6  # numbers of an array that are looked at closely


class Precision(NamedTuple):
    """How closely numbers must agree.

    Attributes:
        dtype: what the program computes in.
        sure: the relative difference that needs no further thought.
        epsilon: of one rounding, relative.
        shake: by how much arguments are moved to see what the number answers.
    """

    dtype: str
    sure: float
    epsilon: float
    shake: float


DOUBLE: Final = Precision("float64", 1e-12, EPSILON, 1e-13)
SINGLE: Final = Precision("float32", 1e-4, 2.0**-24, 1e-5)


class Disagreement(NamedTuple):
    """Two numbers that differ, and where in the array."""

    place: list[int]
    found: float
    expected: float


@dataclass
class References:
    """Rows with eager's answers.

    Attributes:
        ready: the case. rows: the arguments. answers: eager's, one for each row. precision: how closely programs must agree.
        unclear: how many numbers differed by less than eager's own move when the arguments move in their last digits.
    """

    ready: Ready
    rows: list[Any]
    answers: list[Answer]
    precision: Precision = DOUBLE
    unclear: int = 0

    def part(self, chosen: Sequence[int]) -> "References":
        """Some of the rows."""
        return References(self.ready, [self.rows[i] for i in chosen], [self.answers[i] for i in chosen], self.precision)

    def arrays(self) -> list[Any]:
        """The rows as arguments of a program."""
        count = len(self.ready.case.example)
        return [numpy.array([row[place] for row in self.rows], self.precision.dtype) for place in range(count)]

    def text(self, point: bool = False) -> str:
        """The rows, or the first of them alone, as a program is called with them."""
        count = len(self.ready.case.example)
        return ", ".join(repr(self.rows[0][place] if point else [row[place] for row in self.rows]) for place in range(count))

    def disagreement(self, found: Any, expected: Any, order: int) -> Disagreement | None:
        """The first number that is not eager's, of an array with one entry per row."""
        wanted = numpy.asarray(expected, float)
        found = numpy.asarray(found, float)
        with numpy.errstate(all="ignore"):
            near = numpy.abs(found - wanted) <= self.precision.sure * numpy.abs(wanted)
        fine = (found == wanted) | (numpy.isnan(found) & numpy.isnan(wanted)) | (near & numpy.isfinite(wanted))
        if order:
            fine |= self._undetermined(found, wanted, order)
        for place in numpy.argwhere(~fine)[:_MOST].tolist():
            rest = tuple(place[1:])
            flat = int(numpy.ravel_multi_index(rest, wanted.shape[1:])) if rest else 0
            one, other = float(found[tuple(place)]), float(wanted[tuple(place)])
            if not self._agree([place[0]], one, other, order, flat):
                return Disagreement(place, one, other)
        return None

    def mean(self, order: int, place: int) -> float:
        """The mean over the rows of one number of the answers."""
        return math.fsum(entry(answer, order, place) for answer in self.answers) / len(self.answers)

    def mean_disagreement(self, found: float, order: int, place: int) -> Disagreement | None:
        """The same for a mean over the rows."""
        terms = [entry(answer, order, place) for answer in self.answers]
        if not all(abs(term) < _LARGE for term in terms):
            return None
        expected = self.mean(order, place)
        near = abs(found - expected) <= self.precision.sure * max(map(abs, terms))
        if near or self._agree(range(len(self.rows)), found, expected, order, place):
            return None
        return Disagreement([place], found, expected)

    def _undetermined(self, found: Any, wanted: Any, order: int) -> Any:
        """Derivatives of which docs/programs.md promises nothing: where eager's is nan; where an argument is nan, the first's."""
        absent = [any(number != number for number in flat(row)) for row in self.rows]
        poisoned = order == 1 and self.answers[0].single
        rows = numpy.reshape(numpy.array(absent) & poisoned, (-1, *[1] * (wanted.ndim - 1)))
        return numpy.isnan(wanted) | (numpy.isnan(found) & rows)

    # ---- rounding ------------------------------------------------------------------------------------------------------------

    def _agree(self, rows: Sequence[int], one: float, other: float, order: int, place: int) -> bool:
        apart = abs(one - other)
        if math.isfinite(apart) and apart < (_TINY if self.precision is DOUBLE else 1e-30):
            return True
        if math.isfinite(apart) and apart <= _FACTOR * self._bound(rows, order, place):
            return True
        if self._is_decided_by_rounding(rows, one, other):
            self.unclear += 1
            return True
        if self._moves(rows, apart, other, order, place) or self._is_rounded_otherwise(rows, apart, other, order, place):
            self.unclear += 1
            return True
        return False

    def _is_rounded_otherwise(self, rows: Sequence[int], apart: float, other: float, order: int, place: int) -> bool:
        """Whether eager's number comes as far when each of its operations rounds in another way."""
        chosen = [self.rows[row] for row in rows]
        try:
            found = rerounded(self.ready, chosen, self.precision.dtype, order, place)
            return any(number is not None and _SPREAD * abs(number - other) >= apart for number in found)
        except Exception:  # what cannot be recorded is not excused
            return False

    def _is_decided_by_rounding(self, rows: Sequence[int], one: float, other: float) -> bool:
        """Whether signs of zeros may explain it, which sums of programs do not keep, or numbers that are all but equal and compared."""
        zeros = any(number == 0.0 for row in rows for number in flat(list(self.rows[row])))
        signs = "atan2" in self.ready.case.source and (abs(one) == abs(other) or zeros)
        return signs or any(compares_equals(self.ready, self.rows[row]) for row in rows)

    def _bound(self, rows: Sequence[int], order: int, place: int) -> float:
        try:
            bounds = [rounding(self.answers[row], order, place) for row in rows]
        except ArithmeticError:
            return 0.0
        whole = sum(bounds) / len(bounds) * self.precision.epsilon / EPSILON
        return whole if math.isfinite(whole) else self.precision.epsilon * self._largest(rows, order)

    def _largest(self, rows: Sequence[int], order: int) -> float:
        """The largest finite number beside: what rounding of infinite arguments' neighbours is measured by."""
        beside = [numpy.ravel(self.answers[row].slopes if order else self.answers[row].values) for row in rows]
        numbers = numpy.abs(numpy.concatenate(beside))
        return float(numbers[numpy.isfinite(numbers)].max(initial=0.0))

    def _moves(self, rows: Sequence[int], apart: float, other: float, order: int, place: int) -> bool:
        """Whether eager's number moves as far when the arguments move in their last digits, or fails then."""
        chosen = [self.rows[row] for row in rows]
        for pairs in moved(self.ready, chosen, self.ready.parameters, self.precision.shake):
            answers = [answer for answer, _ in pairs]
            if any(answer.error for answer in answers):
                return True
            try:
                number = math.fsum(entry(answer, order, place) for answer in answers) / len(answers)
            except (ArithmeticError, IndexError, ValueError):
                return True
            if math.isfinite(apart) and abs(number - other) >= apart:
                return True
            if not math.isfinite(apart) and math.isfinite(number) != math.isfinite(other):
                return True
        return False
