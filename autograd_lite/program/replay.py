"""Replay: a traced function run again for the rows of arrays, block by block, with its guards and its domain errors."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from math import isfinite
from typing import Any, NamedTuple

import numpy

from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.value import Value
from autograd_lite.nn.module import Module
from autograd_lite.program.blaming import first_difference
from autograd_lite.program.capture.guards import branch_changed, same_number
from autograd_lite.program.capture.points import example_point
from autograd_lite.program.capture.repeating import Verified, verified
from autograd_lite.program.capture.reruns import Rerun
from autograd_lite.program.capture.restoring import alone, at_numbers
from autograd_lite.program.capture.slopes import slopes_of
from autograd_lite.program.capture.tracing import Traced, traced
from autograd_lite.program.capture.twins import check_unobserved
from autograd_lite.program.domains import raise_as_eager, watched
from autograd_lite.program.ir.arrays import View
from autograd_lite.program.ir.one_point import one_point
from autograd_lite.program.ir.procedure import Procedure, procedure
from autograd_lite.program.ir.tasks import SLOPES, VALUES, Task
from autograd_lite.program.memory import Memory, owned, stacked
from autograd_lite.program.proof import ProgramProof
from autograd_lite.program.samples import Samples
from autograd_lite.program.wholes import lowered_with_wholes
from autograd_lite.program.write.backends import AutoBackend, Backend, Compiled, NumpyBackend, PointBackend

_MOST_SCALARS, _MOST_EDGES = 3_000, 20_000  # with more operations and operands, arrays are faster even for one point


class TraceArguments(NamedTuple):
    """What a replay is made from: the arguments of `trace`; and whether it is of the traced gradient instead of the function."""

    function: Callable[..., Any]
    example: Sequence[Any]
    parameters: Sequence[Value] | None
    dtype: str
    on_branch: str
    backend: Backend
    verify: bool
    slopes: bool = False
    exact: bool = True  # whether derivatives may count on arguments that add up to 1


class Replay:
    """The modules of a traced function, made when they are first asked for.

    Attributes:
        run: the trace. lowered: its statements. owners: the Values that `parameters` holds the numbers of.
        samples: what its arguments must look like. verified: how the trace was held against a second one.
    Args:
        asked: what `trace` was asked for. of: another replay of the same function, to take its trace.
    """

    def __init__(self, asked: TraceArguments, of: "Replay | None" = None) -> None:
        with quiet_gc(), alone():
            self.asked, self.dtype = asked, numpy.dtype(asked.dtype)
            self.function_run: Traced = of.function_run if of else traced(asked.function, asked.example, asked.parameters)
            self.verified: Verified = of.verified if of else self._verified()
            self.run = slopes_of(self.function_run, self.verified.points[0].parameters) if asked.slopes else self.function_run
            self.lowered, self.wholes = lowered_with_wholes(self.run, example_point(self.function_run), self.dtype, asked.exact)
            self.samples = Samples(self.run, self.lowered, self.dtype)
            self.captured = [*self.lowered.captured, *((value, value.data) for value in self.verified.constants)]
            self.owners = [self.run.parameters[place] for place in self.lowered.order]
            self.parameters = numpy.array([value._data for value in self.owners], self.dtype)  # which a trace may have moved
            self.proof = self._proof()
            widths = sum(array.size for array in (*self.lowered.arguments, *(each.target for each in self.lowered.statements)))
            self._memory = Memory(self.dtype.itemsize * widths)
            self._compiled: dict[Task, Compiled] = {}
            self._scalar: Compiled | bool | None = None
            self._next: Replay | None = None  # for rows that take another branch

    def _verified(self) -> Verified:
        if not self.asked.verify:
            return Verified([example_point(self.function_run)], "")
        check_unobserved(self.asked.function, self.asked.example, self.function_run)
        return verified(self.asked.function, self.asked.example, self.asked.parameters, self.function_run)

    def module(self, task: Task, rows: int = 0) -> Compiled:
        """What the backend makes of the statements for a task; `rows` are those that are to come, where that is known."""
        found = self._compiled.get(task)
        if found is None:
            found = self._compiled[task] = self.held(task, self.asked.backend, rows)
        return found

    @quiet_gc()  # a graph of thousands of nodes becomes a hundred thousand terms, and none refers to itself
    def held(self, task: Task, backend: Backend, rows: int = 0) -> Compiled:
        """What a backend makes of the statements for a task, held against eager before anybody sees it."""
        made = self.procedure(task)
        found = backend.compiled_for(made, rows) if isinstance(backend, AutoBackend) else backend.compiled(made)
        if self.asked.verify:
            count = rows if rows and getattr(found, "by_shape", False) else 3  # what is compiled for so many then serves again
            self.proof.hold(task, found.function, partial(first_difference, self.run, made, found), count)
            if task.kind != "slopes" or not self.run.shape:
                self.proof.release(task)
        return found

    def dialect(self, task: Task) -> str:
        """What the backend makes: "numpy", "c", ...; what it is where it does not say so."""
        known = getattr(self.asked.backend, "name", None) or getattr(self.module(task), "dialect", None)
        return known or type(self.asked.backend).__name__

    def procedure(self, task: Task) -> Procedure:
        """The statements of a task, with everything decided."""
        return procedure(self.lowered, task, self.dtype.name)

    def _proof(self) -> ProgramProof:
        rerun = Rerun(self.function_run, self.captured, self.asked.slopes)
        runs, self.verified = self.verified.runs, replace(self.verified, runs=())
        return ProgramProof(self.run.name, rerun, self.wholes.among(self.verified.points), self.lowered, self.dtype, runs)

    # ---- many rows -----------------------------------------------------------------------------------------------------------

    def slopes(self, arguments: list[Any], result: int = 0) -> tuple[Any, Any]:
        """The values and the gradient of one result by the arguments, for every row."""
        gradient = self.samples.new_gradient(len(arguments[0]) if arguments else 1)
        return self.values(arguments, Task("slopes", result), gradient), gradient

    def values(self, arguments: list[Any], task: Task = VALUES, gradient: Any = None) -> Any:
        """The results for every row, block by block: what one block computes fits the cache."""
        rows = len(arguments[0]) if arguments else 1
        if rows <= self._memory.block or not getattr(self.module(task, rows), "in_blocks", True):
            return owned(stacked(self.once(task, arguments, gradient), rows, self.run.shape, self.dtype), arguments)
        values = numpy.empty((rows, *self.run.shape), self.dtype)
        for start in range(0, rows, self._memory.block):
            block = slice(start, min(start + self._memory.block, rows))
            part = self.once(task, [array[block] for array in arguments], None if gradient is None else gradient[block], start)
            values[block] = stacked(part, block.stop - block.start, self.run.shape, self.dtype)
        return values

    def once(self, task: Task, arguments: list[Any], gradient: Any = None, first_row: int = 0) -> Any:
        """One call of the module; a BranchChanged if a row takes another branch, the OperationError that eager would raise."""
        if task.kind != "values" and (other := self.for_derivatives(arguments)) is not self:
            return other.once(task, arguments, gradient, first_row)
        found, changed = self._tried(task, arguments, gradient, first_row)
        if changed is None:
            return found
        if self.asked.on_branch == "raise":
            if self.run.refuses:
                self._check_refused(arguments, int(numpy.flatnonzero(changed.changed)[0]), first_row)
            raise branch_changed(changed, self.run.name, first_row) from None
        return self._by_branch(task, arguments, gradient, first_row)

    def _tried(self, task: Task, arguments: list[Any], gradient: Any, first_row: int) -> tuple[Any, Any]:
        """What the module gives, and None; or None and the error by which it says that some rows take another branch."""
        self.check_captured()
        given = [*[self.parameters] * bool(self.lowered.parameters), *arguments, *([] if gradient is None else [gradient])]
        rows = len(arguments[0]) if arguments else 0
        self._memory.keep(rows)
        try:
            found, flagged = watched(self.module(task, rows), given, lambda: self.held(task, NumpyBackend()))
        except ValueError as error:
            if not hasattr(error, "changed"):
                raise  # not a guard's
            return None, error
        if task.kind == "loss" and self.lowered.exact and found != found:
            return self.general._tried(task, arguments, gradient, first_row)
        if flagged:
            raise_as_eager(self.lowered, self.parameters, arguments, first_row, differentiated=gradient is not None)
        if task.kind == "slopes" and (flagged or self.run.shape) and not numpy.isfinite(gradient).all():
            self.proof.rerun.mend(gradient, self.traced_parameters(), arguments, task.result, bool(self.run.shape))
        return found, None

    def traced_parameters(self) -> list[float]:
        """The parameters in the order of the trace."""
        parameters = numpy.empty(len(self.parameters))
        parameters[self.lowered.order] = self.parameters
        return parameters.tolist()

    def check_captured(self) -> None:
        """Raises GraphError if a Value that was taken as a constant is another number now."""
        for value, number in self.captured:
            if value._data != number and not same_number(value._data, number):
                raise GraphError(
                    f"{value!r} was {number!r} when `{self.run.name}` was traced, which took it as a constant. "
                    "Trace again, or give it to `trace` as one of `parameters`, or its model as an argument."
                )

    # ---- one point -----------------------------------------------------------------------------------------------------------

    def at_one_point(self, arguments: list[Any]) -> tuple[Any, Any] | None:
        """The value and the gradient of a single row; None where straight-line scalar code is no help.

        That is where arrays are faster, and where scalar code fails: what eager would do there, the array code decides.
        """
        if self._scalar is None:
            self._scalar = self._one_point() if self._is_small() else False
        if isinstance(self._scalar, bool):
            return None
        self.check_captured()
        try:
            value, gradient = self._scalar.function(*(array[0].tolist() for array in arguments))
        except (ArithmeticError, ValueError):
            return None
        return (numpy.float64(value), numpy.array(gradient)) if isfinite(value + sum(gradient)) else None

    def _one_point(self) -> Compiled:
        module = PointBackend().compiled(one_point(self.run))
        if self.asked.verify:
            self.proof.hold_one_point(module.function)
            self.proof.release(VALUES)
        return module

    def _is_small(self) -> bool:
        statements = self.lowered.statements
        in_python = isinstance(self.asked.backend, NumpyBackend) or self.dialect(SLOPES) == "numpy"
        plain = in_python and not self.lowered.checks and not any(statement.path for statement in statements)
        edges = (each.index.size for statement in statements for each in statement.operands if isinstance(each, View))
        small = sum(each.target.size for each in statements) <= _MOST_SCALARS and sum(edges) <= _MOST_EDGES
        return plain and small and self.dtype == numpy.float64 and not self.lowered.parameters

    # ---- rows that go another way --------------------------------------------------------------------------------------------

    def _by_branch(self, task: Task, arguments: list[Any], gradient: Any, first_row: int) -> Any:
        """Each row by the first of the replays, one for each way that was met so far, that goes its way."""
        rows = len(arguments[0]) if arguments else 1
        values = numpy.empty((rows, *self.run.shape), self.dtype)
        mean, slopes = 0.0, numpy.zeros_like(self.parameters)
        replay, left = self, numpy.arange(rows)
        while True:
            taken, left, found, part = replay._of_its_way(task, arguments, gradient, left, first_row)
            if len(taken) and task.kind == "loss":
                mean += len(taken) / rows * found
                slopes[self.places_in(replay)] += len(taken) / rows * part
            elif len(taken):
                values[taken] = stacked(found, len(taken), self.run.shape, self.dtype)
                if gradient is not None:
                    gradient[taken] = part
            if not len(left):
                break
            replay = replay._other(arguments, int(left[0]))
        if task.kind != "loss":
            return tuple(values.T) if self.run.shape else values
        gradient[...] = slopes
        return mean

    def _of_its_way(self, task: Task, arguments: list[Any], gradient: Any, rows: Any, first_row: int) -> tuple[Any, Any, Any, Any]:
        """The rows that take the branches of this replay, the other rows, and what it gives for the former."""
        others = rows[:0]
        while len(rows):
            given = [array[rows] for array in arguments]
            part = None if gradient is None else numpy.empty_like(gradient if task.kind == "loss" else gradient[rows])
            found, changed = self._tried(task, given, part, first_row)
            if changed is None:
                return rows, numpy.sort(others), found, part
            elsewhere = numpy.broadcast_to(changed.changed, len(rows))  # by the first guard that some row fails
            others, rows = numpy.concatenate([others, rows[elsewhere]]), rows[~elsewhere]
        return rows, numpy.sort(others), None, None

    def _other(self, arguments: list[Any], row: int) -> "Replay":
        """The next replay, made from a row that takes another branch, with this one's parameters."""
        if self._next is None:
            shapes = (argument.shape for argument in self.run.arguments)
            samples = iter([array[row].reshape(shape).tolist() for array, shape in zip(arguments, shapes, strict=True)])
            example = [given if isinstance(given, Module) else next(samples) for given in self.asked.example]
            # Which branches the row takes depends on the parameters as they are now.
            with at_numbers(self.owners, self.parameters.tolist()):
                self._next = Replay(self.asked._replace(example=example))
        self._next.parameters[:] = self.parameters[self.places_in(self._next)]
        return self._next

    def _check_refused(self, arguments: list[Any], row: int, first_row: int) -> None:
        """Raises the ValueError that the function raises for a row of numbers that a loss refuses."""
        try:
            self._other(arguments, row)
        except Exception as error:
            if type(error) is ValueError:  # else the row takes another branch, where something else is wrong
                raise ValueError(f"{error} [row {first_row + row}]") from None

    @cached_property
    def general(self) -> "Replay":
        """The same function, its parameters too, where derivatives may count on nothing: sums of parts are not quite 1, or nan."""
        found = Replay(self.asked._replace(exact=False), self)
        found.parameters = self.parameters
        return found

    def for_derivatives(self, arguments: Sequence[Any]) -> "Replay":
        """The replay whose derivatives hold for these arguments: the general one, where parts of a whole do not add up."""
        known = not self.wholes or getattr(arguments, "add_up", False) or self.wholes.add_up(arguments)
        return self if known else self.general

    def places_in(self, other: "Replay") -> Any:
        """Where this replay keeps the parameters of another one, in the other's order."""
        if other is self:
            return slice(None)
        places = {id(value): place for place, value in enumerate(self.owners)}
        return [places[id(value)] for value in other.owners]

    def write_back(self) -> None:
        """Sets the Values that own the parameters to them."""
        for value, number in zip(self.owners, self.parameters.tolist(), strict=True):
            value.data = number
