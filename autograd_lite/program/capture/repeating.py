"""The second run of a traced function, by which it shows that its graph is all there is to it.

A number that the function reads past the graph (the text of a Value, a copy, a gradient, the clock) stands in the graph as a
constant, and a program would keep it for every row. So the function runs again, at numbers that are moved a little and lead to the
same branches: the two graphs must be the same, constants included. Where they are not, the trace is refused.

What may be moved is tried in turn: first all arguments, so far that their whole parts change (a run more, for what it shows); all
numbers and parameters, by much and by little; all but the last argument; then one after the other. Where nothing can be (`x == 3`),
the function runs again at the example itself, which shows random numbers and counters at least. `Verified.text` says which it was.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from types import TracebackType
from typing import Any

import numpy

from autograd_lite.engine.errors import OperationError, expression, place_in_user_code, place_of, user_frame_of
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value
from autograd_lite.program.capture.guards import Condition
from autograd_lite.program.capture.points import FAR, Moves, Point, example_of, example_point
from autograd_lite.program.capture.reading import TraceError
from autograd_lite.program.capture.reruns import stale
from autograd_lite.program.capture.restoring import alone, moving, unchanged
from autograd_lite.program.capture.tracing import Traced, traced
from autograd_lite.program.capture.twins import Difference, Twins

_MUCH, _LITTLE = 0.25, 2.0**-10
_MANY = 10_000  # parameters: from here on, one more run costs too much


@dataclass(frozen=True)
class Verified:
    """How a trace was held against a second one.

    Attributes:
        points: where the function ran: the example, and the moved one, if there is one.
        text: the same in words.
        constants: Values from outside that need no gradient and that the function computes with.
        runs: the runs at the points, if their graphs share leaves only.
    """

    points: Sequence[Point]
    text: str
    constants: Sequence[Value] = ()
    runs: Sequence[Traced] = ()


def verified(function: Callable[..., Any], example: Sequence[Any], parameters: Sequence[Value] | None, run: Traced) -> Verified:
    """Runs a traced function again.

    Args:
        function, example, parameters: what it was traced with. run: the trace.
    Raises:
        TraceError: if it computes with a number that its graph does not tell, with the line where it does; or with a Value that
            has another number by now.
    """
    _check_numbers(run)
    with alone(), moving(run.parameters), unchanged(run.parameters):
        return _Repetition(function, example, parameters, run).verified()


def _check_numbers(run: Traced) -> None:
    """Refuses what was computed with numbers that were set to others before the run was over."""
    found = stale(run)
    if found is None:
        return
    node, operands, number = found
    text = shorten(expression(node).text)
    leaves = ", ".join(f"`{shorten(expression(operand).text)}`" for operand in operands if operand.primitive is None)
    source = f" ({leaves})" if leaves else ""
    raise TraceError(
        f"`{run.name}` computes with `{text}` = {node._data!r}, which is {number!r} by the numbers of now: it, or what it was "
        f"computed from{source}, was set to another number meanwhile, and a program has one for the whole "
        "run. Compute it afresh inside of the function, and give what is to be computed with other numbers as an argument."
    )


class _OtherWay(BaseException):
    """A second run takes another branch than the first; not an `Exception`, which the function itself might catch."""


class _Again(Traced):
    """A second run, which ends where it takes another branch than the first."""

    def __init__(self, first: Traced, slopes: Sequence[float], point: Point, apart: float = 1.0) -> None:
        super().__init__(first.name, parameters=first.parameters)
        self.first, self.slopes, self.point, self.apart = first, slopes, point, apart

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Moves the parameters, their gradients, which a function can read past the graph, and the random numbers.

        They are put back at the end of all runs.
        """
        for value, number, slope in zip(self.parameters, self.point.parameters, self.slopes, strict=True):
            value._data = number
            value._grad = slope + self.apart
        random.seed(f"another state than {random.random()}")
        numpy.random.seed(int(random.random() * 2**32))
        yield

    def asked(self, condition: Condition) -> None:
        super().asked(condition)
        if self.closed:  # the question comes from whoever looks at the graph, not from the function
            return
        number = len(self.guards) - 1
        if number < len(self.first.guards) and self.first.guards[number].outcome != condition.outcome:
            raise _OtherWay


class _Located(_Again):
    """A run inside of `no_grad`, where the engine tells of every operation: by the id of its node, the line of each."""

    def __init__(self, first: Traced, slopes: Sequence[float], point: Point) -> None:
        super().__init__(first, slopes, point)
        self.places: dict[int, str] = {}

    def unrecorded(self, node: Value, primitive: Primitive, operands: Sequence[Any]) -> None:
        super().unrecorded(node, primitive, operands)
        self.places[id(node)] = place_in_user_code()


class _Repetition:
    def __init__(
        self, function: Callable[..., Any], example: Sequence[Any], parameters: Sequence[Value] | None, run: Traced
    ) -> None:
        self.function, self.example, self.parameters, self.run = function, example, parameters, run
        self.point = example_point(run)
        self.slopes = [value._grad for value in run.parameters]
        self.refused = False  # whether the function itself raised an error when everything was moved
        self.moves = Moves(run)

    def verified(self) -> Verified:
        if len(self.run.parameters) <= _MANY:
            self._twins(range(len(self.point.arguments)), FAR)  # a large move shows more, where it keeps the branches
        for step, places in self._trials():
            moved, twins = self._twins(places, step)
            if moved is not None and twins is not None:
                runs = [] if twins.share_nodes else [twins.first, twins.second]
                text = f"run again with other numbers: {self.moves.named(places)}"
                return Verified([self.point, moved], text, twins.shared, runs)
        found = self._one_by_one()
        if found is not None:
            return found
        again = self._again(self.point, strict=True)
        if again is None:
            raise TraceError(f"`{self.run.name}` {_reason(Difference([]), True)}")
        constants = self._compare(again, self.point).shared
        text = "run again at the example alone: no other numbers tried keep its branches and domains"
        return Verified([self.point], text, constants)

    def _twins(self, places: Sequence[int], step: float) -> tuple[Point | None, Twins | None]:
        """The example with other numbers at some places, and both runs; None where there are none, or they part ways.

        Raises:
            TraceError: if the runs are not equal.
        """
        moved = self.moves.moved(places, step)
        again = None if moved is None else self._again(moved)
        return moved, None if moved is None or again is None else self._compare(again, moved)

    def _trials(self) -> Iterator[tuple[float, list[int]]]:
        everything = [place for group in self.moves.groups for place in group]
        yield _MUCH, everything
        if not self.refused:
            yield _LITTLE, everything
        if len(self.moves.groups) > 1:
            yield _LITTLE, [place for group in self.moves.groups[:-1] for place in group]
        yield -_LITTLE, everything

    def _one_by_one(self) -> Verified | None:
        """Moves one group after the other, and keeps what keeps the branches."""
        kept: list[int] = []
        constants: list[Value] = []
        best: Point | None = None
        for part in self.moves.parts():
            for step in (_LITTLE, -_LITTLE):
                moved, twins = self._twins([*kept, *part], step)
                if twins is not None:
                    kept, best, constants = [*kept, *part], moved, twins.shared
                    break
        if best is None:
            return None
        text = f"run again with other numbers: {self.moves.named(kept)}; the others as in the example"
        return Verified([self.point, best], text, constants)

    # ---- runs ----------------------------------------------------------------------------------------------------------------

    def _again(self, point: Point, strict: bool = False, apart: float = 1.0) -> _Again | None:
        """The function's run at another point; None where it leaves its branches or a domain there.

        Raises:
            TraceError: if it is `strict` and fails.
        """
        again = _Again(self.run, self.slopes, point, apart)
        try:
            self._run(again, self.function)
        except _OtherWay:
            return None
        except Exception as error:
            if strict:
                raise TraceError(
                    f"`{self.run.name}` ran once, and raised {type(error).__name__} when it ran again at the same example: it "
                    "changes something that it depends on. Pass that as an argument; verify=False runs it once."
                ) from error
            self.refused = not isinstance(error, OperationError)
            return None
        pairs = zip(self.run.guards, again.guards, strict=False)
        return None if any(guard.outcome != other.outcome for guard, other in pairs) else again

    def _run(self, run: _Again, function: Callable[..., Any]) -> None:
        traced(function, example_of(self.example, iter(run.point.arguments)), run=run)

    # ---- what was found ------------------------------------------------------------------------------------------------------

    def _compare(self, again: Traced, point: Point) -> Twins:
        """Both runs, if they are equal.

        Raises:
            TraceError: if they are not equal.
        """
        twins = Twins(self.run, again)
        found = twins.difference()
        if found is None:
            return twins
        same = self._again(self.point, apart=0.0)
        impure = same is not None and Twins(self.run, same).difference() is not None
        raise TraceError(f"{self._place(self.point if impure else point)} {_reason(found, impure)}")

    def _place(self, point: Point) -> str:
        """The line where a run computes with what the first run had otherwise."""
        located = _Located(self.run, self.slopes, point)

        @wraps(self.function)
        def paused(*arguments: Any) -> Any:
            with no_grad():
                return self.function(*arguments)

        place = ""
        try:
            self._run(located, paused)
        except _OtherWay:
            pass
        except Exception as error:
            place = _place_of(error.__traceback__)
        else:
            found = Twins(self.run, located).difference()
            if found is not None:
                place = next((located.places[id(node)] for node in found.nodes if id(node) in located.places), "")
        return place or f"`{self.run.name}`"


def _reason(found: Difference, impure: bool) -> str:
    if found.numbers is None:
        when = "run again at the same example" if impure else "run with other numbers that lead to the same branches"
        return (
            f"computes something else when it is {when}: what decides that is no comparison of Values, and the program could not "
            "follow it. Decide by comparing Values, use `where`, or pass what decides as an argument."
        )
    first, second = found.numbers
    if impure:
        return (
            f"computes with a number that is another one each time ({first!r}, then {second!r}): the program would keep the first. "
            "Pass it as an argument; verify=False keeps it."
        )
    return (
        f"computes with a number that was read past the graph ({first!r} at the example, {second!r} at other numbers): the program "
        "would keep that of its example. Compute it from the Values themselves, or pass it as an argument."
    )


def _place_of(traceback: TracebackType | None) -> str:
    """The innermost line of the user's own code in a traceback."""
    found = ""
    while traceback is not None:
        if user_frame_of(traceback.tb_frame) is traceback.tb_frame:
            found = place_of(traceback.tb_frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
