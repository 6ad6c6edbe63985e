"""The statements of a program, evaluated one by one on arrays: a second look at what its source computed."""

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy

from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.program.capture.guards import holds
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.statements import Choose, Conditions, Elementwise, Joining, Linear, Lowered, Reduction, Statement
from autograd_lite.program.ir.terms import Compare, Infix, Number, Term

Numbers = Any


class Evaluation:
    """A program's arrays, as its statements give them.

    Args:
        program: the statements.
        parameters: the array of all parameters.
        arguments: an array with rows for each argument.
    """

    def __init__(self, program: Lowered, parameters: Numbers, arguments: Sequence[Numbers]) -> None:
        self.rows = len(arguments[0]) if arguments else 1
        self.known: dict[Array, Numbers] = {program.all_parameters: parameters}
        for array in program.parameters:
            self.known[array] = array.part_of(parameters)
        self.known |= dict(zip(program.arguments, arguments, strict=True))
        self.known |= {array: array.data for array in program.constants}

    def assign(self, statement: Statement) -> Numbers:
        """Computes a statement, and gives the numbers of its target, in every row where that has one for each."""
        target = statement.target
        shape = (self.rows, *target.shape) if target.batched else target.shape
        self.known[target] = out = numpy.broadcast_to(self._value(statement), shape)
        return out

    def operands(self, statement: Statement) -> list[Numbers]:
        """What a statement's primitive is applied to: an array for each of its operands."""
        if isinstance(statement, Linear):
            terms = [(single, self.numbers(single)) for single in statement.singles]
            terms += [(x, self.numbers(x) * self.numbers(w)) for x, w in statement.pairs]
            found = [each for term, part in terms for each in (_elements(part) if statement.is_summed(term) else [part])]
            products = [_elements(self.numbers(x)[..., None, :] * self.numbers(w)) for x, w in statement.products]
            return found + [each for elements in products for each in elements]
        operands = [self.numbers(operand) for operand in statement.operands]
        return _elements(operands[0]) if isinstance(statement, Reduction) else operands

    def follows(self, path: Conditions) -> Numbers:
        """Where conditions come out as a path says."""
        return reduce(numpy.logical_and, (self.holds(condition) == first for condition, first in path), numpy.True_)

    def numbers(self, term: Term) -> Numbers:
        """The numbers of an operand, rows first."""
        if isinstance(term, Number):
            return numpy.float64(term.value)
        if isinstance(term, Infix):  # the same term, so many times
            return self.numbers(term.left) * self.numbers(term.right)
        assert isinstance(term, View)
        numbers, array = self.known[term.array], term.array
        if array.batched:
            return numbers.reshape(len(numbers), -1)[:, term.index.ravel()].reshape(len(numbers), *term.index.shape)
        return numpy.asarray(numbers).ravel()[term.index]

    def _value(self, statement: Statement) -> Numbers:
        if isinstance(statement, Elementwise | Reduction):
            return forward(rule_on(ARRAYS, statement.primitive), self.operands(statement))
        if isinstance(statement, Choose):
            return numpy.where(self.holds(statement.condition), *map(self.numbers, statement.operands[2:]))
        if isinstance(statement, Joining):
            return numpy.concatenate(self.operands(statement), axis=-1)
        assert isinstance(statement, Linear)
        terms = [_added_up(statement, single, self.numbers(single)) for single in statement.singles]
        terms += [self.numbers(x) @ self.numbers(w).T for x, w in statement.products]
        terms += [_added_up(statement, x, self.numbers(x) * self.numbers(y)) for x, y in statement.pairs]
        return reduce(operator.add, terms, 0.0)

    def holds(self, condition: Compare) -> Numbers:
        """Where a comparison is true."""
        left, right = self.numbers(condition.left), self.numbers(condition.right)
        with numpy.errstate(invalid="ignore"):  # nan compares as in Python
            return numpy.vectorize(lambda x, y: holds(condition.sign, x, y), otypes=[bool])(left, right)


def _elements(numbers: Numbers) -> list[Numbers]:
    return list(numpy.moveaxis(numbers, -1, 0))


def _added_up(statement: Linear, single: Term, numbers: Numbers) -> Numbers:
    return numbers.sum(axis=-1) if statement.is_summed(single) else numbers
