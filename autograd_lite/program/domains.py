"""What a replay does outside a domain: what eager would do.

NumPy computes on with nan and inf. When it reports that it did, or a result is not finite, the statements are evaluated once more,
one by one; where a row of the table gave a number that is not finite, its own rule on floats decides: if it raises, the replay
raises that, with the row of the arrays; if it gives inf or nan (as 1e200 * 1e200 does), the number is carried, as in eager.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from autograd_lite.errors import OperationError, operation_error
from autograd_lite.kinds import forward
from autograd_lite.program.arrays import View
from autograd_lite.program.guards import holds
from autograd_lite.program.statements import Along, Choose, Elementwise, Linear, Lowered, Statement
from autograd_lite.program.terms import Compare, Number, Term

__all__ = ["raise_as_eager"]

Numbers = Any


def raise_as_eager(program: Lowered, parameters: Numbers, arguments: Sequence[Numbers], first_row: int = 0) -> None:
    """Raises what eager evaluation of some row would raise; returns if no row would.

    Raises:
        DomainError, PoleError, RangeError: as eager, naming the row.
    """
    known: dict[int, Numbers] = {id(program.all_parameters): parameters}
    for array in program.parameters:
        known[id(array)] = parameters[array.start : array.start + array.size].reshape(array.shape)
    known |= {id(array): numbers for array, numbers in zip(program.arguments, arguments, strict=True)}
    known |= {id(array): array.data for array in program.constants}
    with numpy.errstate(all="ignore"):
        for statement in program.statements:
            operands = [_numbers(operand, known) for operand in statement.operands]
            known[id(statement.target)] = _evaluated(statement, operands, known)
            if isinstance(statement, Along):
                operands = list(numpy.moveaxis(operands[0], -1, 0))
            if isinstance(statement, Elementwise | Along):
                asked = [_truth(condition, known) == first for condition, first in statement.path]
                _check(statement, operands, known[id(statement.target)], asked, first_row)


def _numbers(term: Term, known: Mapping[int, Numbers]) -> Numbers:
    if isinstance(term, Number):
        return numpy.float64(term.value)
    assert isinstance(term, View)
    numbers, array = known[id(term.array)], term.array
    if array.batched:
        return numbers.reshape(len(numbers), -1)[:, term.index.ravel()].reshape(len(numbers), *term.index.shape)
    return numpy.asarray(numbers).ravel()[term.index]


def _evaluated(statement: Statement, operands: Sequence[Numbers], known: Mapping[int, Numbers]) -> Numbers:
    if isinstance(statement, Elementwise):
        return statement.row.of(operands)
    if isinstance(statement, Along):
        return statement.row.of(list(numpy.moveaxis(operands[0], -1, 0)))
    if isinstance(statement, Choose):
        left, right, x, y = operands
        return numpy.where(_holds(statement.sign, left, right), x, y)
    assert isinstance(statement, Linear)
    whole: Numbers = 0.0
    for single in statement.singles:
        numbers = _numbers(single, known)
        whole = whole + (numbers.sum(axis=-1) if statement.is_summed(single) else numbers)
    for x, w in statement.products:
        whole = whole + _numbers(x, known) @ _numbers(w, known).T
    for first, second in statement.pairs:
        numbers = _numbers(first, known) * _numbers(second, known)
        whole = whole + (numbers.sum(axis=-1) if statement.is_summed(first) else numbers)
    return whole


def _truth(condition: Compare, known: Mapping[int, Numbers]) -> Numbers:
    return _holds(condition.sign, _numbers(condition.left, known), _numbers(condition.right, known))


def _holds(sign: str, left: Numbers, right: Numbers) -> Numbers:
    return numpy.vectorize(lambda x, y: holds(sign, x, y), otypes=[bool])(left, right)


def _check(
    statement: Elementwise | Along, operands: Sequence[Numbers], out: Numbers, asked: Sequence[Numbers], first_row: int
) -> None:
    suspicious = ~numpy.isfinite(out)
    if not suspicious.any():
        return
    spread = [numpy.broadcast_to(operand, numpy.shape(out)) for operand in operands]
    for condition in asked:
        suspicious &= condition
    for operand in spread:
        suspicious &= ~numpy.isnan(operand)
    for place in zip(*numpy.nonzero(suspicious), strict=True):
        floats = [float(operand[place]) for operand in spread]
        try:
            forward(statement.row, floats)
        except (ArithmeticError, ValueError) as error:
            raise _explained(error, statement, floats, place, first_row) from None


def _explained(
    error: Exception, statement: Elementwise | Along, floats: Sequence[float], place: Sequence[Any], first: int
) -> OperationError:
    explained = operation_error(error, statement.row, floats)
    row = f" in row {first + place[0]}" if statement.target.batched and place else ""
    kind = type(explained)
    told = kind(f"{explained.reason}{row} of a program, at {statement.target.note}")
    told.reason, told.primitive, told.operands = explained.reason, explained.primitive, explained.operands
    return told
