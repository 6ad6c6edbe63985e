"""A procedure as a NumPy module: one function for all rows, forward and then backward, that needs nothing but NumPy."""

import textwrap
from collections.abc import Iterator

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, MatrixProduct, RowSum, is_whole
from autograd_lite.program.ir.names import comment_text
from autograd_lite.program.ir.procedure import Allocate, Assign, Procedure, Step, Update
from autograd_lite.program.ir.statements import Check
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Minus
from autograd_lite.program.write.expressions import atom
from autograd_lite.program.write.numpy_terms import NumpyTerms
from autograd_lite.program.write.views import flat_text

__all__ = ["gradient_part", "listing", "module_source", "noted", "parts_text", "reshaped", "shape_text", "span"]

_LONGEST = 88


def module_source(procedure: Procedure) -> str:
    """The complete source of a module."""
    return _NumpyModule(procedure).source()


def listing(procedure: Procedure) -> list[tuple[str, str]]:
    """The forward statements, each with the shape of its array before it, for a reader in a hurry."""
    module = _NumpyModule(procedure)
    lines = [
        (shape_text(step.target), line.partition("  # ")[0])
        for step in module.procedure.forward
        for line in module.step(step)
        if not line.startswith("# ")
    ]
    return [*lines, ("result", module.result())]


def gradient_part(argument: Array, alone: bool) -> str:
    """The part of the gradient that belongs to an argument, which may be the only one."""
    if not argument.shape:
        return f"gradient[:, {argument.start}]"
    return "gradient" if alone else f"gradient[:, {argument.start}:{argument.start + argument.size}]"


class _NumpyModule(NumpyTerms):
    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
        self.program = procedure.program
        self.differentiates = bool(procedure.task.wanted(self.program))
        self.places = {each.target: self._part_of_gradient(each.of) for each in procedure.adjoints if each.of.role == "argument"}
        self.places |= {each.target: "gradient" for each in procedure.adjoints if each.of is self.program.all_parameters}

    def source(self) -> str:
        """The whole module."""
        forward = [line for step in self.procedure.forward for line in self.step(step)]
        forward += [self._check(check) for check in self.program.checks]
        backward = [line for step in self.procedure.backward for line in self.step(step)]
        result = self.result()
        lines = [*self._rows([*forward, *backward, result]), *self._parts(), *forward]
        if self.differentiates:
            lines += [f"value = {result}", "if gradient is None:", "    return value"]
            lines += [*self._gradient_parts(), *backward, "return value"]
        else:
            lines.append(f"return {result}")
        signature = f"def {self.program.identifier}({', '.join(self._signature())}):"
        function = "\n".join([signature, textwrap.indent("\n".join([*self._docstring(), *lines]), "    ")])
        head = self._head()
        if not any("np." in line for line in (*head, function)):
            head.remove("import numpy as np")
        return "\n".join(head).rstrip() + f"\n\n\n{function}\n"

    # ---- statements ----------------------------------------------------------------------------------------------------------

    def step(self, step: Step) -> Iterator[str]:
        """The lines of a step."""
        target = step.target
        match step:
            case Assign():
                yield from noted(f"{self.name(target)} = {self.text(step.term).text}", step.note)
            case Allocate():
                shape = [*["rows"] * target.batched, *map(str, target.shape)]
                listed = shape[0] if len(shape) == 1 else f"({', '.join(shape)})"
                yield f"{self.name(target)} = np.empty({listed}, np.{self.procedure.dtype})"
            case Update():
                yield from self._update(step)

    def _update(self, step: Update) -> Iterator[str]:
        target, term = step.target, step.term
        if step.repeated:
            where = self.new_index(step.index)
            where = f"(slice(None), {where})" if target.batched else where
            yield f"np.add.at({flat_text(target, self.name(target))}, {where}, {self.text(term).text})"
        elif step.adds:
            sign, added = ("-", term.term) if isinstance(term, Minus) else ("+", term)
            place = self._place(target, step.index)
            place = place if place.endswith(")[...]") else place.removesuffix("[...]")
            yield f"{place} {sign}= {self.text(added).text}"
        else:
            yield from noted(self._first(target, step), step.note)

    def _first(self, target: Array, step: Update) -> str:
        """The first number that a place gets; products and sums are computed where they belong."""
        name, term = self.name(target), step.term
        if is_whole(step.index, target) and target.role == "adjoint" and not target.batched and target.shape:
            if isinstance(term, MatrixProduct):
                return f"np.matmul({', '.join(self.matrices(term))}, out={name})"
            if isinstance(term, RowSum) and term.shape == target.shape:
                return f"{atom(self.text(term.term))}.sum(axis=0, out={name})"
        return f"{self._place(target, step.index)} = {self.text(term).text}"

    def _place(self, target: Array, index: Ids) -> str:
        """A part of an array to write to."""
        name = self.name(target)
        if is_whole(index, target) and "[" in name:
            return name
        text = self.part(target, index)
        return text if text.endswith("]") else f"{text}[...]"

    def name(self, array: Array) -> str:
        return self.places.get(array) or super().name(array)

    def _part_of_gradient(self, argument: Array) -> str:
        return gradient_part(argument, len(self.program.arguments) == 1)

    def _check(self, check: Check) -> str:
        place = comment_text(check.place).replace('"', "'")
        path = " & ".join(f"{'' if first else '~'}({self.text(asked).text})" for asked, first in check.path)
        return f'expect({self.text(check.condition).text}, {check.outcome}, "{place}"{f", {path}" if path else ""})'

    # ---- the head ------------------------------------------------------------------------------------------------------------

    def _head(self) -> list[str]:
        name = comment_text(self.program.name)
        lines = [f'"""The function {name}, traced and re-rolled by autograd_lite: NumPy is all it needs."""', ""]
        modules = sorted(self.vocabulary.modules - {"numpy"})
        lines += [*(f"import {module}" for module in modules), *[""] * bool(modules), "import numpy as np"]
        for array in self.program.constants:
            numbers = [self.vocabulary.number(float(number)) for number in array.data.ravel()]
            lines += ["", *_array_source(array.name, numbers, array.shape, f"np.{self.procedure.dtype}")]
        for name, index in self.indices.items():
            lines += ["", *_array_source(name, list(map(str, index.ravel())), index.shape, "np.intp")]
        for helper in [_EXPECT] * bool(self.program.checks) + list(self.vocabulary.helpers.values()):
            lines += ["", "", *helper.split("\n")]
        return lines

    def _signature(self) -> list[str]:
        everything = [self.program.all_parameters.name] if self.program.parameters else []
        return [*everything, *(array.name for array in self.program.arguments), *["gradient=None"] * self.differentiates]

    def _docstring(self) -> list[str]:
        everything, arguments = self.program.all_parameters, self.program.arguments
        is_loss = self.procedure.task == LOSS
        value = f"The mean of {comment_text(self.program.name)} over the rows" if is_loss else "One value for each row"
        also = "; its derivative is written to `gradient`, where one is given" if self.differentiates else ""
        lines = [f'"""{value}{also}.', "", "Args:"]
        if self.program.parameters:
            lines.append(f"    {everything.name}: ({everything.size},), all parameters.")
        lines += [f"    {array.name}: {shape_text(array)}{parts_text(array) * self.differentiates}." for array in arguments]
        if self.differentiates:
            shape = f"({everything.size},)" if is_loss else f"(rows, {sum(array.size for array in arguments)})"
            lines.append(f"    gradient: {shape}, to write to; None for the value alone.")
        return [*lines, '"""']

    def _rows(self, lines: list[str]) -> list[str]:
        first = self.program.arguments[0].name if self.program.arguments else ""
        return [f"rows = len({first})"] if first and any("rows" in line for line in lines) else []

    def _parts(self) -> Iterator[str]:
        """The named parts of the array of parameters."""
        for array in self.procedure.used:
            place = span(array) if array.shape else str(array.start)
            yield from noted(f"{array.name} = {self.program.all_parameters.name}[{place}]{reshaped(array.shape)}", array.note)

    def _gradient_parts(self) -> Iterator[str]:
        """The named parts of the gradient; zeros for those of what the result does not depend on."""
        for array in self.procedure.untouched:
            place = f"gradient[{span(array)}]" if array.role == "parameter" else self._part_of_gradient(array)
            yield f"{place}{'' if '[' in place else '[...]'} = 0"
        for adjoint in self.procedure.adjoints:
            if adjoint.of in self.program.parameters:
                yield f"d_{adjoint.of.name} = gradient[{span(adjoint.of)}]{reshaped(adjoint.of.shape)}"


_EXPECT = '''class BranchChanged(ValueError):
    """A row for which the traced function would have gone another way."""


def expect(condition, outcome, place, asked=True):
    """Raises where a comparison does not come out as it did when the function was traced."""
    changed = np.atleast_1d((np.asarray(condition) != outcome) & asked)
    if changed.any():
        error = BranchChanged(f"row {np.argmax(changed)} takes another branch at {place}")
        error.changed, error.place = changed, place
        raise error'''


def shape_text(array: Array) -> str:
    """The shape of an array with its rows: "(rows, 3)", "(rows,)", "(3,)"."""
    lengths = [*["rows"] * array.batched, *map(str, array.shape)]
    return f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"


def parts_text(array: Array) -> str:
    """What a module cannot look at, and its derivatives count on."""
    if array.classes:
        return f"; each is the index of one of {array.classes} classes, on which the derivatives count"
    return "; each row adds up to 1, on which the derivatives count" if array.whole else ""


def span(array: Array) -> str:
    """Where a parameter array stands in the array of all parameters."""
    return f"{array.start}:{array.start + array.size}"


def reshaped(shape: tuple[int, ...]) -> str:
    """What gives a flat array its shape."""
    return f".reshape({', '.join(map(str, shape))})" if len(shape) > 1 else ""


def noted(line: str, note: str) -> Iterator[str]:
    """A statement with its comment: behind it, or above it where the line would get too long."""
    if note and len(line) + len(comment_text(note)) + 7 > _LONGEST:
        yield f"# {comment_text(note)}"
        note = ""
    yield f"{line}  # {comment_text(note)}" if note else line


def _array_source(name: str, numbers: list[str], shape: tuple[int, ...], dtype: str) -> list[str]:
    """An array of numbers as source, in lines of bearable length."""
    listed = ", ".join(numbers)
    line = f"{name} = np.array([{listed}], {dtype}){reshaped(shape)}"
    if len(line) <= 100:
        return [line]
    inside = textwrap.wrap(f"{listed},", 92, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return [f"{name} = np.array(", "    [", *inside, "    ],", f"    {dtype},", f"){reshaped(shape)}"]
