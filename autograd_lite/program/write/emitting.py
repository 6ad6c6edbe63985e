"""The source of a program: a module with one function, forward and then backward, that needs nothing but NumPy."""

import textwrap
from collections.abc import Iterable, Iterator

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.names import Names, comment_text
from autograd_lite.program.ir.plans import Plan
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.write.body import Body, noted, shape_text
from autograd_lite.program.write.vocabulary import Vocabulary
from autograd_lite.program.write.writing import Writer, number_source

__all__ = ["listing", "module_source", "named_arrays"]


def module_source(program: Lowered, plan: Plan) -> str:
    """The complete source of a module."""
    return _Module(program, plan).source()


def listing(program: Lowered) -> list[str]:
    """The forward statements with the shapes of their arrays, for a reader in a hurry."""
    body = Body(program, Plan(), Writer(Vocabulary(), Plan().dtype), Names(program.taken))
    return [*body.listing(), f"{'result':<14} {body.result()}"]


def named_arrays(program: Lowered, plan: Plan) -> Iterator[tuple[Array, str, Array]]:
    """The arrays that have a name in a source, in its order: each with its name and, for an adjoint, what it is of."""
    module = _Module(program, plan)
    module.source()
    body = module.body
    forward = [(statement.target, statement.target) for statement in program.statements]
    for array, of in (*forward, *((adjoint.target, adjoint.of) for adjoint in body.adjoints)):
        name = body.writer.names.get(id(array))
        if of.role == "argument":
            yield body.argument_gradient(of), body.argument_gradient(of).name, of
        elif name is not None and id(array) not in body.writer.inlined:
            yield array, name, of


class _Module:
    def __init__(self, program: Lowered, plan: Plan) -> None:
        self.program = program
        self.plan = plan
        self.vocabulary = Vocabulary()
        self.writer = Writer(self.vocabulary, plan.dtype)
        self.name = program.identifier
        self.body = Body(program, plan, self.writer, Names(program.taken))

    def source(self) -> str:
        forward, backward = list(self.body.forward()), list(self.body.backward())
        result = self.body.result()
        lines = [*self._rows([*forward, *backward, result]), *self._parts(), *forward]
        if self.plan.wanted:
            lines += [f"value = {result}", "if gradient is None:", "    return value"]
            lines += [*self._gradient_parts(), *backward, "return value"]
        else:
            lines.append(f"return {result}")
        signature = f"def {self.name}({', '.join(self._signature())}):"
        function = "\n".join(
            [signature, *textwrap.indent(self._docstring(), "    ").split("\n"), *(f"    {line}" for line in lines)]
        )
        head = self._head()
        if not any("np." in line for line in (*head, function)):
            head.remove("import numpy as np")
        return "\n".join(head).rstrip() + f"\n\n\n{function}\n"

    # ---- the head ------------------------------------------------------------------------------------------------------------

    def _head(self) -> list[str]:
        name = comment_text(self.program.name)
        lines = [f'"""The function {name}, traced and re-rolled by autograd_lite: NumPy is all it needs."""', ""]
        standard = sorted(self.vocabulary.modules - {"numpy"})
        lines += [f"import {module}" for module in standard]
        lines += [""] * (len(self.vocabulary.modules) > 1) + ["import numpy as np"]
        constants = [(array.name, array.data, f"np.{self.plan.dtype}") for array in self.program.constants]
        constants += [(name, index, "np.intp") for name, index in self.writer.indices.items()]
        for name, data, dtype in constants:
            lines += ["", *_array_source(name, data, dtype)]
        if self.program.checks:
            lines += ["", "", *_EXPECT.split("\n")]
        for helper in self.vocabulary.helpers.values():
            lines += ["", "", *helper.split("\n")]
        return lines

    def _signature(self) -> list[str]:
        names = [array.name for array in self.program.arguments]
        if self.program.parameters:
            names.insert(0, self.program.all_parameters.name)
        return [*names, "gradient=None"] if self.plan.wanted else names

    def _docstring(self) -> str:
        value = f"The mean of {comment_text(self.program.name)} over the rows" if self.plan.mean else "One value for each row"
        also = "; its derivative is written to `gradient`, where one is given" if self.plan.wanted else ""
        lines = [f'"""{value}{also}.', "", "Args:"]
        if self.program.parameters:
            lines.append(f"    {self.program.all_parameters.name}: ({self.program.all_parameters.size},), all parameters.")
        lines += [f"    {array.name}: {shape_text(array)}." for array in self.program.arguments]
        if self.plan.wanted:
            by_parameters = self.plan.wanted[0].role == "parameter"
            inputs = sum(array.size for array in self.program.arguments)
            shape = f"({self.program.all_parameters.size},)" if by_parameters else f"(rows, {inputs})"
            lines.append(f"    gradient: {shape}, to write to; None for the value alone.")
        return "\n".join([*lines, '"""'])

    def _rows(self, lines: Iterable[str]) -> list[str]:
        first = self.program.arguments[0].name if self.program.arguments else ""
        return [f"rows = len({first})"] if first and any("rows" in line for line in lines) else []

    def _parts(self) -> list[str]:
        """The named parts of the array of parameters."""
        used = [array for array in self.program.parameters if self.body.uses[id(array)]]
        return [line for array in used for line in self._part(array, array.name, self.program.all_parameters.name)]

    def _gradient_parts(self) -> list[str]:
        """The named parts of the gradient."""
        parts = [adjoint.of for adjoint in self.body.adjoints if adjoint.of in self.program.parameters]
        return [*self._untouched(), *(line for array in parts for line in self._part(array, f"d_{array.name}", "gradient"))]

    def _untouched(self) -> list[str]:
        """Zeros for what the result does not depend on, or depends on through the array of all parameters only."""
        lines = []
        for array in self.plan.wanted:
            if not any(adjoint.of is array for adjoint in self.body.adjoints):
                if array.role == "parameter":
                    lines.append(f"gradient[{array.start}:{array.start + array.size}] = 0")
                else:
                    lines.append(
                        f"{self.body.place(self.body.argument_gradient(array), numpy.arange(array.size).reshape(array.shape))} = 0"
                    )
        return lines

    def _part(self, array: Array, name: str, everything: str) -> Iterator[str]:
        stop = array.start + array.size
        span = f"{array.start}:{stop}" if array.shape or everything == "gradient" else f"{array.start}"
        shape = f".reshape({', '.join(map(str, array.shape))})" if len(array.shape) > 1 else ""
        yield from noted(f"{name} = {everything}[{span}]{shape}", array.note if everything != "gradient" else "")


_EXPECT = '''class BranchChanged(ValueError):
    """A row for which the traced function would have gone another way."""


def expect(condition, outcome, place, asked=True):
    """Raises where a comparison does not come out as it did when the function was traced."""
    changed = np.atleast_1d((np.asarray(condition) != outcome) & asked)
    if changed.any():
        error = BranchChanged(f"row {np.argmax(changed)} takes another branch at {place}")
        error.changed, error.place = changed, place
        raise error'''


def _array_source(name: str, data: Ids, dtype: str) -> list[str]:
    """An array of numbers as source, in lines of bearable length."""
    numbers = ", ".join(number_source(float(number)) if dtype != "np.intp" else str(number) for number in data.ravel())
    shape = f".reshape({', '.join(map(str, data.shape))})" if data.ndim > 1 else ""
    whole = f"{name} = np.array([{numbers}], {dtype}){shape}"
    if len(whole) <= 100:
        return [whole]
    return [
        f"{name} = np.array(",
        "    [",
        *textwrap.wrap(f"{numbers},", 92, initial_indent=" " * 8, subsequent_indent=" " * 8),
        "    ],",
        f"    {dtype},",
        f"){shape}",
    ]
