"""Signs of the numbers of a term: the table says where the values of a primitive lie, and a square is no less than 0."""

from autograd_lite.program.ir.arrays import Expand, Fill, Reduce, RowSum
from autograd_lite.program.ir.terms import Call, Infix, MeanWeight, Number, Select, Term


def is_nonnegative(term: Term) -> bool:
    """Whether no number of a term can be below 0, so that nothing cancels where they are added up."""
    match term:
        case Number(value):
            return value >= 0.0
        case MeanWeight():
            return True
        case Call(primitive):
            return primitive.image.low >= 0.0
        case Infix("*", left, right) if left.key == right.key:
            return True
        case Infix("+" | "*" | "/") | Expand() | Fill() | Reduce() | RowSum():
            return all(map(is_nonnegative, term.parts))
        case Select(_, x, y):
            return is_nonnegative(x) and is_nonnegative(y)
    return False
