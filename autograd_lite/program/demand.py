"""Which elements of a program's arrays its results are computed from, row by row: where eager evaluation would compute, too.

A branch of `where` that was given as a function is asked for in the rows that take it. One operation may stand in several branches.
"""

from typing import Any

import numpy

from autograd_lite.program.evaluation import Evaluation
from autograd_lite.program.ir.arrays import Array, View
from autograd_lite.program.ir.statements import Choose, Joining, Linear, Lowered, Reduction, Statement
from autograd_lite.program.ir.terms import Infix, Term

Truths = Any


class Demand:
    """The elements that are asked for, as truths by array.

    Args:
        program: the statements. evaluated: all of their numbers.
    """

    def __init__(self, program: Lowered, evaluated: Evaluation) -> None:
        self._evaluated = evaluated
        targets = [statement.target for statement in program.statements]
        self._asked = {target: numpy.zeros(numpy.shape(evaluated.known[target]), bool) for target in targets}
        for term in (*program.outputs, *program.differentiated):
            self._ask(term, numpy.True_)
        for check in program.checks:
            for term in (check.condition.left, check.condition.right):
                self._ask(term, evaluated.follows(check.path))
            for condition, _ in check.path:
                self._ask(condition.left, numpy.True_)
                self._ask(condition.right, numpy.True_)
        for statement in reversed(program.statements):
            if self._asked[statement.target].any():
                self._pass_on(statement, self._asked[statement.target])

    def of(self, array: Array) -> Truths:
        """Which elements of the target of a statement are asked for."""
        return self._asked[array]

    def _pass_on(self, statement: Statement, asked: Truths) -> None:
        if isinstance(statement, Choose):
            left, right, *branches = statement.operands
            self._ask(left, asked)
            self._ask(right, asked)
            taken = self._evaluated.holds(statement.condition)
            for branch, deferred, mine in zip(branches, statement.deferred, (taken, ~taken), strict=True):
                self._ask(branch, asked & mine if deferred else asked)
        elif isinstance(statement, Linear):
            self._pass_on_sum(statement, asked)
        elif isinstance(statement, Joining):
            ends = numpy.cumsum([part.index.size for part in statement.parts])
            for part, mine in zip(statement.parts, numpy.split(asked, ends[:-1], axis=-1), strict=True):
                self._ask(part, mine)
        else:
            for operand in statement.operands:
                self._ask(operand, asked[..., None] if isinstance(statement, Reduction) else asked)

    def _pass_on_sum(self, statement: Linear, asked: Truths) -> None:
        for x, w in statement.products:
            self._ask(x, asked.any(axis=-1)[..., None])
            self._ask(w, asked.reshape(-1, asked.shape[-1]).any(axis=0)[:, None])
        for term in statement.apart:
            self._ask(term, asked[..., None] if statement.is_summed(term) else asked)

    def _ask(self, term: Term, truths: Truths) -> None:
        if isinstance(term, Infix):
            self._ask(term.left, truths)
            self._ask(term.right, truths)
        if not isinstance(term, View) or term.array not in self._asked:
            return
        asked, places = self._asked[term.array], (..., term.index.ravel())
        rows = asked.shape[:1] if term.array.batched else ()
        truths = numpy.broadcast_to(_gathered(truths, (*rows, *term.index.shape)), (*rows, *term.index.shape))
        at: Any = numpy.logical_or.at
        at(asked.reshape(*rows, -1), places, truths.reshape(*rows, -1))


def _gathered(truths: Truths, shape: tuple[int, ...]) -> Truths:
    """What an operand of a shape is asked for, where operations repeat it along axes."""
    while numpy.ndim(truths) > len(shape):
        truths = truths.any(axis=0)
    repeated = [axis for axis, size in enumerate(shape[len(shape) - numpy.ndim(truths) :]) if size == 1]
    return truths.any(axis=tuple(repeated), keepdims=True) if repeated else truths
