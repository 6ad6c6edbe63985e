"""The proof of a program: each form that is emitted is held against eager numbers before it is first used.

Eager numbers are those of the engine on the recorded graph (`reruns`), at the example and at the other numbers with which the
function ran. Two numbers are equal if they differ by less than rounding explains. Where they differ by more than a trace of their
size, the engine says what rounding can do here: it evaluates the graph some more times, with every number moved by some units in
the last place on its way into an operation, and every part of a derivative on its way back. That covers sums that cancel, steep
functions and kinks near by, for values and for derivatives of any order, and costs nothing where all is well. Numbers too large or
too small for that are not judged.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, Final

import numpy

from autograd_lite.engine.errors import GraphError
from autograd_lite.program.answers import RowAnswer, flat, joined
from autograd_lite.program.capture.points import Point
from autograd_lite.program.capture.reruns import FAILED, Evaluated, Rerun, Shaken, as_recorded
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.ir.tasks import LOSS, SLOPES, Task

_SHAKES: Final = 5
_FEWER_SHAKES: Final = 2  # of programs with many parameters
_MOST_SHAKES: Final = 30  # before a program is called wrong
_FACTOR: Final = 32.0  # how much further than in those few evaluations rounding may go
_MANY: Final = 10_000  # parameters: from here on, the recorded runs serve, as another one costs too much
_MOST_REPEATED: Final = 10_000  # rows: from here on, another compilation costs less than to look at all of them
_SMALL: Final = 5_000  # nodes: up to here, rows of different numbers are tried together


class ProgramMismatch(GraphError):
    """A program would have given other numbers than eager evaluation: a fault of this library, found before the first answer.

    Attributes:
        form: what of the program it is.
        found, expected: its number, and eager's, as texts.
        statement: the first statement of the source whose array differs; empty where none could be told.
    Example:
        >>> from autograd_lite import exp
        >>> from autograd_lite.program import trace
        >>> from autograd_lite.program.write.backends import NumpyBackend
        >>> class Careless(NumpyBackend):
        ...     def compiled(self, procedure):
        ...         made = super().compiled(procedure)
        ...         right = made.function
        ...         made.function = lambda *arrays, **named: right(*arrays, **named) * 1.001
        ...         return made
        >>> try:
        ...     trace(exp, 0.5, backend=Careless())([0.0])
        ... except ProgramMismatch as error:
        ...     error.form, error.found, error.expected
        ('a value', '1.6503699919708281', '1.6487212707001282')
    """

    form: str = ""
    found: str = ""
    expected: str = ""
    statement: str = ""


class ProgramProof:
    """Eager numbers for the forms of one program.

    Args:
        name: of the function. rerun: its recorded run.
        points: where it ran. lowered: its statements, with the arrays of its arguments and the order of its parameters.
        dtype: what the program computes in. runs: the runs at the points, if they can be had.
    """

    def __init__(
        self, name: str, rerun: Rerun, points: Sequence[Point], lowered: Lowered, dtype: Any, runs: Sequence[Traced] = ()
    ) -> None:
        self.name, self.rerun, self.lowered, self.dtype = name, rerun, lowered, dtype
        self.points = [self._rounded(point) for point in points]
        # By thread: the leaves of a graph hold its slopes for a moment, and two threads may ask for a form at once.
        self._evaluated: list[tuple[int, Point, Evaluated | None]] = []
        self._recorded: list[tuple[int, Point, Evaluated | None]] = []
        self._rows: list[list[Point]] | None = None
        self._means: dict[int, RowAnswer] = {}  # the mean's, by the id of each of those rows
        # Where the trace has no leaves but its own, nobody sees their gradients; with many parameters, a rerun costs too much.
        self._is_large = len(points[0].parameters) > _MANY
        alone = self._is_large or not (points[0].parameters or rerun.captured)
        if alone and not rerun.differentiated and self.points == list(points):
            known = zip(self.points, [as_recorded(run, rerun.captured) for run in runs], strict=False)
            self._recorded += [(get_ident(), point, evaluated) for point, evaluated in known if evaluated is not None]

    def release(self, task: Task) -> None:
        """Forgets the numbers behind a form that has been held; another form computes them again, but for those of the mean."""
        self._evaluated.clear()
        if task == LOSS or not self._is_large:
            self._recorded.clear()

    # ---- forms ---------------------------------------------------------------------------------------------------------------

    def hold(self, task: Task, function: Callable[..., Any], blame: Callable[..., str], count: int = 0) -> None:
        """Holds a module against eager.

        Args:
            task: what it computes. function: the module's.
            blame: given what the module was called with and an evaluated run for each row, names the first statement that differs.
            count: how many rows to call it with, where it is compiled for so many; then the same ones come again and again.
        Raises:
            ProgramMismatch: if they differ.
        """
        with _silently():
            if self._rows is None:
                batches = list(self._batches())
                self._rows = self._rows or batches  # those of another thread, which may have been as quick
            for rows in self._rows:
                repeated = count if 0 < count <= _MOST_REPEATED else len(rows)
                self._hold_rows(task, function, blame, [rows[place % len(rows)] for place in range(repeated)])

    def _hold_rows(self, task: Task, function: Callable[..., Any], blame: Callable[..., str], rows: Sequence[Point]) -> None:
        given, gradient = self._given(rows, task)
        called = given if gradient is None else [*given, gradient]
        try:
            found = function(*called)
        except ValueError as error:
            if not hasattr(error, "changed"):
                raise
            if all(self._is_steady(row) for row in rows):
                raise self._mismatch(_form(task), "another branch", "the recorded one", "") from None
            return
        numbers = flat(found, gradient, len(rows), task)
        self._compare(_form(task), numbers, rows, task, lambda: blame(called, list(map(self.rerun.at, rows))))

    def hold_one_point(self, function: Callable[..., Any]) -> None:
        """Holds straight-line code of the value and the slopes of one result against eager.

        Raises:
            ProgramMismatch: if they differ.
        """
        with _silently():
            for point in self.points:
                if self._at(point) is not None:
                    self._hold_one(function, point)

    def _hold_one(self, function: Callable[..., Any], point: Point) -> None:
        try:
            value, slopes = function(*(array[0].tolist() for array in self._given([point], SLOPES)[0]))
        except (ArithmeticError, ValueError):
            return  # then a replay uses the arrays
        self._compare("the code for one point", numpy.array([value, *slopes], float), [point], SLOPES, lambda: "")

    def _batches(self) -> Iterator[list[Point]]:
        """Rows to be computed together: each point, beside the arguments of another one where they lead to the same branches."""
        for point in self.points:
            known = self._at(point)
            if known is None:
                continue
            other = next((Point(point.parameters, each.arguments) for each in self.points if each is not point), point)
            mixed = not self._is_large and self.lowered.nodes <= _SMALL and self._at(other) is not None
            yield [point, other if mixed else point]

    # ---- numbers -------------------------------------------------------------------------------------------------------------

    def _rounded(self, point: Point) -> Point:
        with numpy.errstate(all="ignore"):
            parameters, arguments = (numpy.array(each, self.dtype).tolist() for each in (point.parameters, point.arguments))
        return Point(parameters, arguments)

    def _at(self, point: Point) -> Evaluated | None:
        """The eager evaluation of a point; None where it fails or is not finite."""
        thread = get_ident()
        for owner, known, evaluated in (*self._recorded, *self._evaluated):
            if owner == thread and known == point:
                return evaluated
        evaluated = self._evaluation(point)
        self._evaluated.append((thread, point, evaluated))
        return evaluated

    def _evaluation(self, point: Point, used: Shaken | None = None) -> Evaluated | None:
        try:
            evaluated = self.rerun.at(point, used)
        except FAILED:
            return None
        return evaluated if numpy.isfinite([output.data for output in evaluated.outputs]).all() else None

    def _expected(self, task: Task, rows: Sequence[Point]) -> Any:
        """What eager gives for points at which it gives something."""
        known = self._means if task == LOSS else {}
        for row in rows:
            if id(row) not in known and (evaluated := self._at(row)) is not None:
                known[id(row)] = self._answer(task, evaluated)
        return joined(task, [known[id(row)] for row in rows if id(row) in known])

    def _numbers(self, task: Task, rows: Sequence[Evaluated]) -> Any:
        """What a form should give for evaluated rows."""
        apart = {id(row): self._answer(task, row) for row in {id(row): row for row in rows}.values()}
        return joined(task, [apart[id(row)] for row in rows])

    def _answer(self, task: Task, row: Evaluated) -> RowAnswer:
        values = numpy.array([output.data for output in row.outputs])
        if task.kind == "loss":
            return RowAnswer(values, numpy.array(row.slopes(0, row.parameters))[self.lowered.order])
        return RowAnswer(values, numpy.array(row.slopes(task.result, row.arguments)) if task.kind == "slopes" else None)

    def _given(self, rows: Sequence[Point], task: Task) -> tuple[list[Any], Any]:
        """What to call a module with, and the array for its derivatives."""
        numbers = numpy.array([row.arguments for row in rows], self.dtype)
        arguments = [each.part_of(numbers).copy() for each in self.lowered.arguments]
        parameters = numpy.array(rows[0].parameters, self.dtype)[self.lowered.order]
        given = [parameters, *arguments] if len(parameters) else arguments
        if task.kind == "values":
            return given, None
        shape = (len(parameters),) if task.kind == "loss" else (len(rows), len(rows[0].arguments))
        return given, numpy.empty(shape, self.dtype)

    # ---- what rounding explains ----------------------------------------------------------------------------------------------

    def _compare(self, form: str, found: Any, rows: Sequence[Point], task: Task, blame: Callable[[], str]) -> None:
        expected = self._expected(task, rows)
        epsilon = float(numpy.finfo(self.dtype).eps)
        with numpy.errstate(all="ignore"):
            off = numpy.abs(found - expected)
            largest = numpy.abs(expected[numpy.isfinite(expected)]).max(initial=0.0)
            bar = 8.0 * epsilon * (16.0 * numpy.abs(expected) + largest)
            near = (off <= bar) | (found == expected) | ~numpy.isfinite(expected)
            if not near.all():
                near |= off <= bar * self.rerun.widest**0.5  # a sum of n terms is rounded n times, up and down
        if near.all():
            return
        few = _SHAKES if len(rows[0].parameters) <= _MANY else _FEWER_SHAKES
        for seeds in (range(few), range(few, _MOST_SHAKES)):  # a last digit may decide about a branch, and not in the first few
            spread = self._spread(task, rows, expected, bool(numpy.isfinite(found[~near]).all()), seeds)
            if spread is None:
                return
            near |= off <= _FACTOR * spread
            if near.all():
                return
        place = int(numpy.flatnonzero(~near)[0])
        raise self._mismatch(form, repr(float(found[place])), repr(float(expected[place])), blame())

    def _spread(self, task: Task, rows: Sequence[Point], expected: Any, finite: bool, seeds: Sequence[int]) -> Any:
        """How far the eager numbers move when everything is rounded otherwise; `finite` are the numbers held against them.

        None where rounding may do anything: where they leave their branches or domains, or are beyond what the program's kind of
        number holds well.
        """
        spread = numpy.zeros_like(expected)
        for seed in seeds:
            shaken = {id(row): self._evaluation(row, Shaken(seed, self.dtype)) for row in {id(row): row for row in rows}.values()}
            evaluated = [known for row in rows if (known := shaken[id(row)]) is not None]
            if len(evaluated) < len(rows):
                return None
            numbers = self._numbers(task, evaluated)
            if not numpy.isfinite(numbers).all() or any(self._is_extreme(row, finite) for row in evaluated):
                return None
            spread = numpy.maximum(spread, numpy.abs(numbers - expected))
        return spread

    def _is_steady(self, point: Point) -> bool:
        """Whether rounding leaves the branches of a point as they are."""
        return all(self._evaluation(point, Shaken(seed, self.dtype)) is not None for seed in range(_SHAKES))

    def _is_extreme(self, evaluated: Evaluated, finite: bool) -> bool:
        """Whether numbers are so large or small that they overflow or vanish next; or would, if multiplied in another order."""
        limits = numpy.finfo(self.dtype)
        largest, smallest = float(limits.max), float(limits.tiny)
        largest, smallest = (largest / 1e4, smallest * 1e4) if finite else (largest**0.5, smallest**0.5)
        nodes = evaluated.nodes.values()
        sizes = numpy.abs([each for node in nodes for each in (node.data, node.grad)])
        return bool(((sizes > largest) | ((sizes < smallest) & (sizes > 0.0)) | numpy.isnan(sizes)).any())

    def of_descent(self, found: Any, expected: Any) -> ProgramMismatch:
        """What to raise for the first number of a step that differs between a whole descent and its rule."""
        place = int(numpy.abs(found - expected).argmax())
        return self._mismatch("a step of a whole descent", repr(float(found[place])), repr(float(expected[place])), "")

    def _mismatch(self, form: str, found: str, expected: str, statement: str) -> ProgramMismatch:
        first = f"; the first statement that differs is {statement}" if statement else ""
        error = ProgramMismatch(
            f"{form} of the program `{self.name}` gives {found} where eager evaluation gives {expected}{first}. This is a fault of "
            "autograd_lite, not of the function: evaluate it eagerly, and please report it. verify=False skips the comparison."
        )
        error.form, error.found, error.expected, error.statement = form, found, expected, statement
        return error


@contextmanager
def _silently() -> Iterator[None]:
    """A block without warnings: its numbers are nobody's but the proof's."""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _form(task: Task) -> str:
    return {"values": "a value", "slopes": f"a derivative of result {task.result}", "loss": "the gradient of the mean"}[task.kind]
