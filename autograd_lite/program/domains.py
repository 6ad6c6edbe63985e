"""What a replay does outside a domain: what eager would do.

NumPy computes on with nan and inf. When it reports that it did, the statements are evaluated once more, one by one. Where a row of
the table gave a number that is not finite, its own rule on floats decides: if it raises, the replay raises that, with the row of
the arrays; if it gives inf or nan (as 1e200 * 1e200 does), the number is carried, as in eager. Where derivatives are asked for,
local derivatives are looked at in the same way: eager computes them together with the value.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from math import isfinite
from typing import Any

import numpy

from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine.errors import OperationError, operation_error
from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.engine.primitive import REAL
from autograd_lite.program.demand import Demand
from autograd_lite.program.evaluation import Evaluation
from autograd_lite.program.ir.statements import Choose, Elementwise, Joining, Linear, Lowered, Reduction, Statement
from autograd_lite.program.ir.terms import Infix, Number, Term

Numbers = Any


@numpy.errstate(all="ignore")  # whatever the user asked NumPy to do about numbers: the rules on floats decide
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
    flags = []
    for statement in program.statements:
        with _flagged() as flag:
            again.assign(statement)
        flags.append(flag.raised)
    recorded = _Recorded(program, parameters, arguments, again) if differentiated else None
    demand = Demand(program, again)
    for statement, flagged in zip(program.statements, flags, strict=True):
        if isinstance(statement, Elementwise | Reduction) or (isinstance(statement, Linear) and statement.primitive is not None):
            out = again.known[statement.target]
            look = _Look(statement, again.operands(statement), out, demand.of(statement.target), first_row)
            look.at(out, look.value, flagged)
            if recorded and not statement.detached and not isinstance(statement, Linear):  # a sum needs no slopes
                look.at_slopes(recorded.operands(statement))
        if recorded:
            recorded.assign(statement)


def watched(module: Any, given: Sequence[Any], in_numpy: Callable[[], Any]) -> tuple[Any, bool]:
    """What the function of a module gives, and whether it met an overflow, a pole or an invalid operation, or is not finite.

    NumPy and C report nothing of inf / 0, which eager refuses.

    Args:
        module: what a backend made, which may watch itself; else NumPy tells. given: what its function is called with.
        in_numpy: makes a module that is asked instead, where one of another library has a number that is not finite.
    """
    if hasattr(module, "watched"):
        found: tuple[Any, bool] = module.watched(*given)
        if not (found[1] and hasattr(module, "twin")):
            return found[0], found[1] or not _is_finite(found[0])
        module = module.twin = module.twin or in_numpy()
    flag = Flag()
    with numpy.errstate(divide="call", over="call", invalid="call", call=flag):
        values = module.function(*given)
    return values, flag.raised or not _is_finite(values)


def _is_finite(values: Any) -> bool:
    if isinstance(values, tuple):
        return all(map(_is_finite, values))
    return isfinite(values) if numpy.ndim(values) == 0 else bool(numpy.isfinite(values).all())


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


class _Recorded(Evaluation):
    """For which elements eager computes local derivatives: what depends on arguments or parameters, in a branch that is taken.

    The arrays hold truths here.

    Args:
        program: the statements. numbers: their evaluation, which decides about branches.
    """

    def __init__(self, program: Lowered, parameters: Numbers, arguments: Sequence[Numbers], numbers: Evaluation) -> None:
        super().__init__(program, _all(True, parameters), [_all(True, given) for given in arguments])
        self.known |= {array: _all(False, array.data) for array in program.constants}
        self._evaluated = numbers

    def numbers(self, term: Term) -> Numbers:
        """Whether the elements of an operand need a gradient."""
        if isinstance(term, Number):
            return numpy.False_
        return self.numbers(term.left) | self.numbers(term.right) if isinstance(term, Infix) else super().numbers(term)

    def _value(self, statement: Statement) -> Numbers:
        if statement.detached:
            return numpy.False_
        if isinstance(statement, Choose):
            return numpy.where(self._evaluated.holds(statement.condition), *map(self.numbers, statement.operands[2:]))
        if isinstance(statement, Reduction):
            return self.numbers(statement.operands[0]).any(axis=-1)
        if isinstance(statement, Elementwise):
            return reduce(numpy.logical_or, map(self.numbers, statement.operands))
        if isinstance(statement, Joining):
            return super()._value(statement)
        assert isinstance(statement, Linear)
        apart = [(term, self.numbers(term)) for term in statement.apart]
        terms = [needs.any(axis=-1) if statement.is_summed(term) else needs for term, needs in apart]
        terms += [self.numbers(x).any(axis=-1)[..., None] | self.numbers(w).any(axis=-1) for x, w in statement.products]
        return reduce(numpy.logical_or, terms)


def _all(truth: bool, like: Numbers) -> Numbers:
    return numpy.full(numpy.shape(like), truth)


_Looked = Elementwise | Reduction | Linear


class _Look:
    """A second look at the elements of one statement."""

    def __init__(self, statement: _Looked, operands: Sequence[Numbers], out: Numbers, asked: Numbers, first_row: int) -> None:
        self.statement = statement
        self.primitive: Any = statement.primitive
        self.operands = operands
        self.out = out
        self.first_row = first_row
        self.given = [numpy.broadcast_to(numbers, out.shape) for numbers in (*operands, out)]
        self.trusted = self._carried() | ~asked  # what no result needs, and what is nan because an operand is

    def _carried(self) -> Any:
        """Where an operand is nan, and no other one outside of its domain."""
        *operands, out = self.given
        carried = numpy.zeros(out.shape, bool)
        for numbers in operands:
            carried |= numpy.isnan(numbers)
        if len(operands) > 1 and carried.any():
            domain = self.primitive.domain
            for numbers, interval in zip(operands, [*domain, *[domain[-1]] * len(operands)], strict=False):
                if interval != REAL:
                    with numpy.errstate(invalid="ignore"):  # a nan that is compared
                        carried &= numpy.isnan(numbers) | numpy.vectorize(interval.__contains__, otypes=[bool])(numbers)
        return carried

    def at(self, numbers: Numbers, again: Callable[[list[float]], Any], flagged: bool, among: Numbers = True) -> None:
        """Computes anew, by the rule on floats, where the numbers are not finite.

        Args:
            numbers: in the shape of the statement's target.
            again: what to compute from the operands and the result, as floats.
            flagged: whether NumPy reported anything: then also finite numbers may hide what floats refuse, on the way to them.
            among: of which elements this is asked.
        """
        doubtful = numpy.ones(numbers.shape, bool) if flagged else ~numpy.isfinite(numbers)
        for place in map(tuple, numpy.argwhere(doubtful & ~self.trusted & among)):
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

    def at_slopes(self, needing: Sequence[Numbers]) -> None:
        """The same for the local derivatives by the operands that need a gradient, which `needing` tells of their elements."""
        wanted = [bool(numpy.any(each)) for each in needing]
        if not any(wanted):
            return
        with _flagged() as flag:
            slopes = partials_of(rule_on(ARRAYS, self.primitive), self.operands, self.out, wanted)
        for position, slope in enumerate(slopes):
            if slope is not None:
                again = partial(self.slope, position)
                self.at(numpy.broadcast_to(slope, self.out.shape), again, flag.raised, needing[position])

    def _explained(self, error: Exception, floats: Sequence[float], place: tuple[int, ...]) -> OperationError:
        explained = operation_error(error, self.primitive, floats)
        row = f" in row {self.first_row + place[0]}" if self.statement.target.batched else ""
        told = type(explained)(f"{explained.reason}{row} of a program, at {self.statement.target.note}")
        told.reason, told.primitive, told.operands = explained.reason, explained.primitive, explained.operands
        return told
