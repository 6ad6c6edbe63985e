"""Lists: what is known of the elements along the last axis of an array, by the statement that computes it.

top = max(x)      s = sum(x)         a number for each list
t = x - top       p = x / s          the largest element of t is 0; the elements of p are parts of a whole
"""

from collections.abc import Mapping, Sequence

import numpy

from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.arrays import Array, Reduce, View, same_lists
from autograd_lite.program.ir.statements import Choose, Statement
from autograd_lite.program.ir.terms import Infix, Number, Term


class Lists:
    """What statements made of lists so far.

    Attributes:
        largest, sums: of arrays that are the largest elements, or the sums, along the last axis of views, the views.
    """

    def __init__(self) -> None:
        self.largest: dict[Array, View] = {}
        self.sums: dict[Array, View] = {}

    def note(self, statement: Statement) -> None:
        """A statement, in order: its target may be one of these, or made of one."""
        if isinstance(statement, Choose):
            _note_indicators(statement)
            return
        if not any(self._may_matter(operand) for operand in statement.operands):
            return
        target, term = statement.target, statement.term
        match term:
            case Reduce(View() as of, "max", -1):
                self.largest[target] = of
            case Reduce(View() as of, "sum", -1):
                self.sums[target] = of
            case Infix("-"):
                target.shifted = _joins(term, self.largest)
            case Infix("/") if _joins(term, self.sums):
                target.stem = "p"  # such as probabilities

    def _may_matter(self, operand: Term) -> bool:
        return isinstance(operand, View) and (bool(operand.shape) or operand.array in self.largest or operand.array in self.sums)


def _note_indicators(statement: Choose) -> None:
    """What is 1 at the index of a class, and 0 at all others, is a whole."""
    operands = statement.operands
    if isinstance(operands[0], View) and operands[0].array.role == "constant":
        operands = [operands[1], operands[0], *operands[2:]]
    match [statement.sign, *operands]:
        case ["==", View() as asked, View() as known, Number(1.0), Number(0.0)] if known.array.role == "constant":
            indices = sorted(known.array.data.ravel()[known.index].ravel().tolist())
            statement.target.stem = "hot"
            statement.target.whole = len(known.shape) == 1 and indices == list(range(asked.array.classes or -1))


def mark_wholes(run: Traced, arguments: Sequence[Array]) -> None:
    """Marks the arguments whose numbers a loss takes as the parts of a whole, or as the index of a class."""
    classes = {id(required.operands[0]): required.classes for required in run.requirements}
    wholes = [set(map(id, required.operands)) for required in run.requirements if required.is_of_whole]
    for argument, array in zip(run.arguments, arguments, strict=True):
        array.whole = len(array.shape) == 1 and set(map(id, argument.values)) in wholes
        array.classes = 0 if array.shape else classes.get(id(argument.values[0]), 0)


def _joins(term: Infix, known: Mapping[Array, View]) -> bool:
    """Whether a term joins elements of lists to what is known of their own list."""
    x, of = term.left, term.right
    if not (isinstance(x, View) and isinstance(of, View) and of.array in known and of.shape == (*x.shape[:-1], 1)):
        return False
    lists = known[of.array]
    in_order = of.index.size == of.array.size and bool((of.index.ravel() == numpy.arange(of.array.size)).all())
    return in_order and lists.array is x.array and same_lists(lists.index, x.index)
