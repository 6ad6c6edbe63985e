"""Parameters and derivatives as trees: a dictionary of arrays for the parameters, a tuple for the arguments."""

import textwrap
from collections.abc import Iterable, Iterator

from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.write.array_dialects import ArrayDialect
from autograd_lite.program.write.array_terms import ArrayTerms
from autograd_lite.program.write.numpy_module import noted, reshaped, span

__all__ = ["ArrayTrees"]

_WIDTH = 100


class ArrayTrees(ArrayTerms):
    """Writes how the array of all parameters becomes a tree, and what is the tree of derivatives.

    Attributes:
        program: whose arrays they are. split, tree: what the function is called that makes a tree, and what a tree is called.
        parts: the parameter arrays in a tree. gradients: the names of derivatives, by what they are by.
    """

    def __init__(self, procedure: Procedure, dialect: ArrayDialect) -> None:
        super().__init__(procedure, dialect)
        self.program = procedure.program
        self.split, self.tree = map(self.names.unique, ("split", "tree"))
        self.parts = list(self._named_parts())
        self.gradients = {adjoint.of: self.name(adjoint.target) for adjoint in procedure.adjoints}

    def name(self, array: Array) -> str:
        return array.name if array.role in ("argument", "constant") else super().name(array)

    def _named_parts(self) -> Iterator[Array]:
        """The parameter arrays that are used by their names; those between them, by which nothing is called, as one."""
        rest: list[Array] = []
        for array in [*self.program.parameters, None]:
            if array is not None and array not in self.procedure.used:
                rest.append(array)
                continue
            if rest:
                size = sum(each.size for each in rest)
                yield Array(self.names.unique("rest"), (size,), False, "parameter", start=rest[0].start)
            rest = []
            if array is not None:
                yield array

    def split_function(self) -> str:
        """The function that makes a tree."""
        everything = self.program.all_parameters.name
        lines = [f'"""The array of all {self.program.all_parameters.size:,} parameters by their names."""', "return {"]
        for array in self.parts:
            place = span(array) if array.shape else str(array.start)
            lines += (f"    {line}" for line in noted(f'"{array.name}": {everything}[{place}]{reshaped(array.shape)},', array.note))
        return f"def {self.split}({everything}):\n" + textwrap.indent("\n".join([*lines, "}"]), "    ")

    def joined(self) -> str:
        """The gradient by the array of all parameters, of what its parts have received."""
        parts = [f"{self.slope(array)}.reshape(-1)" for array in self.parts]
        return f"{self.prefix}concat([{', '.join(parts)}])"

    def slope(self, array: Array) -> str:
        """The derivative by a wanted array; zeros where the result does not depend on it."""
        return self.gradients.get(array) or self.zeros(array)

    def gradient(self) -> str:
        """The tree of derivatives."""
        everything = self.gradients.get(self.program.all_parameters)
        if everything is not None and self.procedure.task == LOSS:
            return f"{self.split}({everything})"
        if self.procedure.task == LOSS:
            return listed("{", (f'"{array.name}": {self.slope(array)}' for array in self.parts), "}")
        slopes = [self.slope(array) for array in self.program.arguments]
        return listed("(", slopes, "," * (len(slopes) == 1) + ")")

    def zeros(self, array: Array) -> str:
        """An array like this one, of zeros."""
        return self.dialect.zeros.format(shape=self.lengths(array.shape, array.batched), like=self.vocabulary.like)


def listed(opening: str, parts: Iterable[str], closing: str) -> str:
    """A list on one line, or on as many as it has parts."""
    texts = list(parts)
    line = f"{opening}{', '.join(texts)}{closing}"
    return line if len(line) < _WIDTH else "\n".join([opening, *(f"    {text}," for text in texts), closing.lstrip(",")])
