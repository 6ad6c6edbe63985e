"""Terms as Python expressions: what is the same for rows of arrays and for numbers of one point."""

import operator
from abc import ABC, abstractmethod
from typing import Any, Final

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine.text import ATOM, SIGN
from autograd_lite.program.ir.arrays import View
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.terms import Call, Compare, Infix, Minus, Number, Term
from autograd_lite.program.write.vocabulary import Vocabulary, compared

__all__ = ["Expressions", "atom"]

_JOINED: Final[dict[str, Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


class Expressions(ABC):
    """Writes the terms of a procedure in the words of a vocabulary."""

    def __init__(self, procedure: Procedure, vocabulary: Vocabulary) -> None:
        self.procedure = procedure
        self.vocabulary = vocabulary

    def text(self, term: Term) -> Symbol:
        """The expression of a term, with the parentheses that are needed inside."""
        match term:
            case View():
                inlined = self.written_out(term)
                return self.view(term) if inlined is term else self.text(inlined)
            case Number(value):
                text = self.vocabulary.number(value)
                return Symbol(text, SIGN if text.startswith("-") else ATOM)
            case Infix(sign, left, right):
                joined: Symbol = _JOINED[sign](self.text(left), self.text(right))
                return joined
            case Compare(sign, left, right):
                return compared(sign, self.text(left), self.text(right))
            case Minus(inside):
                negative: Symbol = -self.text(inside)
                return negative
            case Call(row, operands):
                return self.vocabulary.call(row, [self.text(operand) for operand in operands])
        return self.shaped(term)

    def written_out(self, term: Term) -> Term:
        """What is written in the place of a term: another one, where that is the whole of an array that has no name."""
        while isinstance(term, View) and term.array in self.procedure.inlined and term.is_whole:
            term = self.procedure.inlined[term.array]
        return term

    @abstractmethod
    def view(self, term: View) -> Symbol:
        """Elements of an array by its name."""

    @abstractmethod
    def shaped(self, term: Term) -> Symbol:
        """What is written otherwise for arrays and for numbers: choices, sums along axes, what repeats."""


def atom(symbol: Symbol) -> str:
    """The text as something that a method is called of."""
    return symbol.text if symbol.precedence == ATOM else f"({symbol.text})"
