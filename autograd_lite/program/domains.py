"""What a replay does outside a domain: what eager would do.

NumPy computes on with nan and inf. When it reports that it did, the statements are evaluated once more, one by one. Where a row of
the table gave a number that is not finite, its own rule on floats decides: if it raises, the replay raises that, with the row of
the arrays; if it gives inf or nan (as 1e200 * 1e200 does), the number is carried, as in eager. Where derivatives are asked for,
local derivatives are looked at in the same way: eager computes them together with the value.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy

from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine.errors import OperationError, operation_error
from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.program.evaluation import Evaluation
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.statements import Elementwise, Linear, Lowered, Reduction

__all__ = ["Flag", "raise_as_eager"]

Numbers = Any


def raise_as_eager(
    program: Lowered, parameters: Numbers, arguments: Sequence[Numbers], first_row: int = 0, *, differentiated: bool = False
) -> None:
    """Raises what eager evaluation of some row would raise; returns if no row would.

    Args:
        program: the statements. parameters, arguments: what they are computed from.
        first_row: the number of the first row.
        differentiated: whether derivatives are asked for, too.
    Raises:
        DomainError, PoleError, RangeError: as eager, naming the row.
    """
    again = Evaluation(program, parameters, arguments)
    recorded = _recorded(program) if differentiated else set()
    for statement in program.statements:
        with _flagged() as flag:
            out = again.assign(statement)
        if isinstance(statement, Elementwise | Reduction) or (isinstance(statement, Linear) and statement.primitive is not None):
            look = _Look(statement, again.operands(statement), out, again.asked(statement), first_row)
            look.at(out, look.value, flag.raised)
            if statement.target in recorded and not isinstance(statement, Linear):  # whose derivatives are its operands
                look.at_slopes(recorded)


class Flag:
    """Whether NumPy reported an overflow, a pole or an invalid operation."""

    raised = False

    def __call__(self, kind: str, flag: int) -> None:
        self.raised = True


@contextmanager
def _flagged() -> Iterator[Flag]:
    flag = Flag()
    with numpy.errstate(divide="call", over="call", invalid="call", under="ignore", call=flag):
        yield flag


def _recorded(program: Lowered) -> set[Array]:
    """The arrays whose operations compute local derivatives: what depends on arguments or parameters, and is not detached."""
    known = {*program.arguments, program.all_parameters, *program.parameters}
    program.spread(known)
    return known


_Looked = Elementwise | Reduction | Linear


class _Look:
    """A second look at the elements of one statement."""

    def __init__(
        self,
        statement: _Looked,
        operands: Sequence[Numbers],
        out: Numbers,
        asked: Sequence[Numbers],
        first_row: int,
    ) -> None:
        self.statement = statement
        self.primitive: Any = statement.primitive
        self.operands = operands
        self.out = out
        self.first_row = first_row
        self.given = [numpy.broadcast_to(numbers, out.shape) for numbers in (*operands, out)]
        self.trusted = numpy.zeros(out.shape, bool)  # what does not count, or is nan because something that came in was
        for condition in asked:
            self.trusted |= ~condition
        for numbers in self.given[:-1]:
            self.trusted |= numpy.isnan(numbers)

    def at(self, numbers: Numbers, again: Callable[[list[float]], Any], flagged: bool) -> None:
        """Computes anew, by the rule on floats, where the numbers are not finite.

        Args:
            numbers: in the shape of the statement's target.
            again: what to compute from the operands and the result, as floats.
            flagged: whether NumPy reported anything: then also finite numbers may hide what floats refuse, on the way to them.
        """
        doubtful = numpy.ones(numbers.shape, bool) if flagged else ~numpy.isfinite(numbers)
        for place in map(tuple, numpy.argwhere(doubtful & ~self.trusted)):
            floats = [float(each[place]) for each in self.given]
            try:
                again(floats)
            except (ArithmeticError, ValueError) as error:
                raise self._explained(error, floats[:-1], place) from None

    def value(self, floats: list[float]) -> None:
        """What eager computes first."""
        forward(self.primitive, floats[:-1])

    def slope(self, position: int, floats: list[float]) -> None:
        """What eager computes then, for an operand that needs a gradient."""
        wanted = [place == position for place in range(len(floats) - 1)]
        partials_of(self.primitive, floats[:-1], floats[-1], wanted)

    def at_slopes(self, recorded: set[Array]) -> None:
        """The same for the local derivatives by the operands that need a gradient."""
        needing = [isinstance(operand, View) and operand.array in recorded for operand in self.statement.operands]
        wanted = needing * len(self.operands) if isinstance(self.statement, Reduction) else needing
        with _flagged() as flag:
            slopes = partials_of(rule_on(ARRAYS, self.primitive), self.operands, self.out, wanted)
        for position, slope in enumerate(slopes):
            if slope is not None:
                self.at(numpy.broadcast_to(slope, self.out.shape), partial(self.slope, position), flag.raised)

    def _explained(self, error: Exception, floats: Sequence[float], place: tuple[int, ...]) -> OperationError:
        explained = operation_error(error, self.primitive, floats)
        row = f" in row {self.first_row + place[0]}" if self.statement.target.batched else ""
        told = type(explained)(f"{explained.reason}{row} of a program, at {self.statement.target.note}")
        told.reason, told.primitive, told.operands = explained.reason, explained.primitive, explained.operands
        return told
