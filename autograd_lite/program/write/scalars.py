"""Straight-line scalar code: one point at a time, every number a local variable, every operation one of Python or `math`.

For one point, and for graphs with nothing to roll, this is faster than any array: no call of NumPy, no list, no node.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine import mathematics
from autograd_lite.program.ir.arrays import Array, Expand, Fill, Reduce, View
from autograd_lite.program.ir.names import Names, comment_text
from autograd_lite.program.ir.procedure import Assign, Procedure, Step, Update
from autograd_lite.program.ir.terms import Select, Term
from autograd_lite.program.write.expressions import Expressions
from autograd_lite.program.write.vocabulary import MathVocabulary, in_math

__all__ = ["scalar_source", "scalar_words"]


def scalar_source(procedure: Procedure) -> str:
    """The complete source of a module, which calls `scalar_words()` and the math module.

    Args:
        procedure: of a program that is not rolled and has no parameters, with the derivatives by its arguments.
    Returns:
        A module whose function takes each argument as a float or a list of floats, and gives the value and the list of derivatives.
    """
    return _ScalarModule(procedure).source()


@cache
def scalar_words() -> dict[str, Any]:
    """The functions of `mathematics` that the math module lacks, by the names under which the code calls them."""
    return {name: getattr(mathematics, name) for name in mathematics.__all__ if not in_math(name)}


class _ScalarModule(Expressions):
    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure, MathVocabulary())
        self.program = procedure.program
        names = Names([*self.program.taken, *procedure.names.values()])
        self.elements: dict[Array, list[str]] = {}
        for argument in self.program.arguments:
            apart = [names.unique(f"{argument.name}_{place}") for place in range(argument.size)]
            self.elements[argument] = apart if argument.shape else [argument.name]
        self.slopes = {each.target: [f"d_{name}" for name in self.elements[each.of]] for each in self._wanted()}

    def _wanted(self) -> Iterator[Any]:
        return (adjoint for adjoint in self.procedure.adjoints if adjoint.of in self.elements)

    def source(self) -> str:
        """The whole module."""
        found = {adjoint.of: self.slopes[adjoint.target] for adjoint in self._wanted()}
        slopes = [name for array in self.program.arguments for name in found.get(array, ["0.0"] * array.size)]
        lines = [
            *self._unpacked(),
            *(line for step in (*self.procedure.forward, *self.procedure.backward) for line in self._lines(step)),
            f"return {self.text(self.procedure.outputs[0]).text}, [{', '.join(slopes)}]",
        ]
        signature = ", ".join(array.name for array in self.program.arguments)
        head = f'"""The function {comment_text(self.program.name)} at one point."""\n\n\n'
        return "\n    ".join([f"{head}def {self.program.identifier}({signature}):", *lines]) + "\n"

    def _unpacked(self) -> Iterator[str]:
        """The numbers of every list under names of their own."""
        for array, names in self.elements.items():
            if array.shape:
                yield f"{', '.join(names)}{',' * (len(names) == 1)} = {array.name}"

    def _lines(self, step: Step) -> Iterator[str]:
        """A number gets its name, or the numbers of a list theirs."""
        if isinstance(step, Assign | Update):
            text = self.text(step.term).text
            names = self.slopes.get(step.target) or [self.procedure.name(step.target)]
            places = step.index.ravel().tolist() if isinstance(step, Update) else [0]
            sign = "+=" if isinstance(step, Update) and step.adds else "="
            for place in places:
                yield f"{names[place]} {sign} {text}"

    def view(self, term: View) -> Symbol:
        names = self.elements.get(term.array) or [self.procedure.name(term.array)]
        return Symbol(names[int(term.index.flat[0])])

    def shaped(self, term: Term) -> Symbol:
        if isinstance(term, Select):
            # A call, so that both are computed, as the rules do it: what one of them refuses is refused.
            return Symbol(f"where({', '.join(self.text(part).text for part in term.parts)})")
        assert isinstance(term, Expand | Fill | Reduce)  # here every array is one number, whatever its axes
        return self.text(term.term)
