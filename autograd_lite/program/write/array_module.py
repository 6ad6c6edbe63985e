"""A procedure as a module for functional arrays: the value, and a tree of gradients, for a library that jits and differentiates it.

Nothing is written to: an array that is filled in parts is added up of them. What backward needs, `forward` hands on. Guards give
truths, for each row and guard whether the row would have gone another way, which `check` looks at where numbers are known.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import numpy

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.program.capture.graph import are_side_by_side
from autograd_lite.program.ir.arrays import Array, View, is_whole
from autograd_lite.program.ir.names import comment_text
from autograd_lite.program.ir.procedure import Allocate, Assign, Procedure, Step, Update
from autograd_lite.program.ir.statements import Check
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Compare, Minus, Number, Term
from autograd_lite.program.write.array_dialects import ArrayDialect
from autograd_lite.program.write.array_trees import ArrayTrees
from autograd_lite.program.write.expressions import atom
from autograd_lite.program.write.numpy_module import noted, parts_text, shape_text

__all__ = ["ArrayModule"]

_WIDTH = 100
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class ArrayModule(ArrayTrees):
    """The source of a procedure in a dialect.

    Args:
        procedure, dialect: what is written, and how.
        watched: terms of which `forward` also gives whether all of their numbers are finite.
    Attributes:
        value, value_and_gradient: what its functions are called.
    """

    def __init__(self, procedure: Procedure, dialect: ArrayDialect, watched: Sequence[Term] = ()) -> None:
        super().__init__(procedure, dialect)
        self.watched = watched
        self.named = {part.array for term in watched for part in term.walk() if isinstance(part, View)}
        self.pending: list[str] = []  # statements of those that would stand in the place of their names
        self.differentiates = bool(procedure.task.wanted(self.program))
        self.value = self.program.identifier
        self.value_and_gradient = self.names.unique(f"{self.value.rstrip('_')}_and_gradient")
        self.forward = self.names.unique("forward")
        self.checks = [check for check in self.program.checks if not self._is_known(check)]
        self.filled: set[Array] = set()
        self.pieces = _pieces(procedure.backward)
        self.listed = {array: self.names.unique(f"{array.name}_NUMBERS") for array in self.program.constants}

    def source(self) -> str:
        """The whole module."""
        forward = [line for step in self.procedure.forward for line in self._named_first(self.step(step))]
        forward += [
            *self._named_first([f"value = {self.result()}"]),
            *self._named_first(self._changed()),
            *self._named_first(self._finite()),
        ]
        backward = [line for step in self.procedure.backward for line in self.step(step)]
        functions = [self.split_function()] if self.program.parameters else []
        functions += self._both(forward, backward) if self.differentiates else [self._alone([*forward, f"return {self._answer}"])]
        return "\n\n\n".join(["\n".join(self._head(functions)).rstrip(), *self.vocabulary.helpers.values(), *functions]) + "\n"

    @property
    def _answer(self) -> str:
        """The value, with what else is told of it."""
        found = ["value", *["changed"] * bool(self.checks), *["finite"] * bool(self.watched)]
        return found[0] if len(found) == 1 else f"({', '.join(found)})"

    def _alone(self, lines: Sequence[str]) -> str:
        return self._function(self.value, self._docstring(False), lines)

    def _both(self, forward: Sequence[str], backward: Sequence[str]) -> Iterator[str]:
        """The function of the value, and that of the value and its derivatives, which have the forward statements in common."""
        backward = [*backward, f"gradient = {self.gradient()}", f"return {self._answer}, gradient"]
        kept = self._kept(forward, backward)
        names, given = f"({', '.join(kept)}{',' * (len(kept) == 1)})", ", ".join(self._signature())
        told = ["The value, and what its derivative is made of."]
        yield self._function(self.forward, told, [*forward, f"return {self._answer}, {names}"])
        yield self._alone([f"return {self.forward}({given})[0]"])
        both = [f"{self._answer}, {names} = {self.forward}({given})", *backward]
        yield self._function(self.value_and_gradient, self._docstring(True), both)

    def _function(self, name: str, told: Sequence[str], lines: Sequence[str]) -> str:
        """A function of the arguments: what its lines take of parameters and constants comes first."""
        head = [*self._rows(lines), *self._parts(lines)]
        docstring = [f'"""{told[0]}', *told[1:], '"""'] if len(told) > 1 else [f'"""{told[0]}"""']
        body = "\n".join([*docstring, *head, *lines])
        return f"def {name}({', '.join(self._signature())}):\n{textwrap.indent(body, '    ')}"

    def _signature(self) -> list[str]:
        return [*[self.tree] * bool(self.program.parameters), *(array.name for array in self.program.arguments)]

    # ---- statements ----------------------------------------------------------------------------------------------------------

    def text(self, term: Term) -> Symbol:
        if isinstance(term, View) and term.array in self.named and term.is_whole and term.array in self.procedure.inlined:
            name = self.procedure.names[term.array] = self.names.unique("w")
            inlined = self.procedure.inlined.pop(term.array)
            self.pending.append(f"{name} = {self.text(inlined).text}")
        return super().text(term)

    def _named_first(self, lines: Iterable[str]) -> list[str]:
        """Lines, and before them those of the watched arrays that they name."""
        written = list(lines)
        pending, self.pending = self.pending, []
        return [*pending, *written]

    def _finite(self) -> Iterator[str]:
        """Whether all numbers of the watched arrays are finite."""
        if self.watched:
            truths = [f"{self.prefix}isfinite({self.text(term).text}).all()" for term in self.watched if not self.is_plain(term)]
            yield f"finite = {' & '.join(truths) or True}"

    def step(self, step: Step) -> Iterator[str]:
        """The lines of a step."""
        name = self.name(step.target)
        match step:
            case Assign():
                plain = self.is_plain(step.term)
                text = self.text(step.term).text
                yield from noted(f"{name} = {self.vocabulary.number_like(text) if plain else text}", step.note)
            case Update():
                yield from self._update(step, name)
            case Allocate():
                pass  # the first part begins it

    def _update(self, step: Update, name: str) -> Iterator[str]:
        target, term = step.target, step.term
        zero = isinstance(term, Number) and term.value == 0.0
        if not step.adds and target in self.pieces:
            if target not in self.filled:
                self.filled.add(target)
                text = self.put_together(target, [(piece.index, piece.term) for piece in self.pieces[target]])
                yield from noted(f"{name} = {text}", step.note)
            return
        if target not in self.filled:
            self.filled.add(target)
            if name != self.gradients.get(self.program.all_parameters):
                text = self.zeros(target) if zero else self.added(target, "", step.index, term)
                yield from noted(f"{name} = {text}", step.note)
                return
            yield f"{name} = {self.joined()}"
        if zero:
            return  # where nothing was added there are zeros
        if is_whole(step.index, target) and isinstance(term, Minus):
            yield f"{name} = {name} - {atom(self.text(term.term))}"
        else:
            yield f"{name} = {self.added(target, name, step.index, term)}"

    # ---- guards --------------------------------------------------------------------------------------------------------------

    def _is_known(self, check: Check) -> bool:
        """Whether a guard compares known numbers, which are as they were when it was traced, or is asked in no row."""
        asked = [(self.outcome(condition), first) for condition, first in check.path]
        return self.outcome(check.condition) is not None or any(outcome not in (None, first) for outcome, first in asked)

    def _changed(self) -> Iterator[str]:
        if not self.checks:
            return
        yield f"changed = {self.prefix}stack("
        yield "    ["
        for check in self.checks:
            yield f"        {self._truths(check)},"
        yield "    ],"
        yield "    axis=-1,"
        yield ")"

    def _truths(self, check: Check) -> str:
        """For each row whether a guard does not come out as it did."""
        asked = [(check.condition, not check.outcome), *(turn for turn in check.path if self.outcome(turn[0]) is None)]
        text = " & ".join(self._truth(condition, outcome) for condition, outcome in asked)
        several = len(asked) > 1
        batched = any(condition.batched for condition, _ in asked)
        if any(condition.shape for condition, _ in asked):
            text, several = f"({text}).reshape(-1)", False
        text = text[1:-1] if text.startswith("(") and not several and text.endswith(")") else text
        return text if batched else f"{self.prefix}broadcast_to({text}, ({'rows' if self.program.arguments else '1'},))"

    def _truth(self, condition: Compare, outcome: bool) -> str:
        return f"{'' if outcome else '~'}({self.text(condition).text})"

    # ---- what a function begins with -----------------------------------------------------------------------------------------

    def _kept(self, forward: Sequence[str], backward: Iterable[str]) -> list[str]:
        """The names that forward gives and backward takes, in order."""
        used = _words(backward)
        given = (line.partition(" = ")[0] for line in forward if " = " in line and not line.startswith(("#", " ")))
        return [name for name in dict.fromkeys(given) if name in used and name not in ("value", "changed", "finite")]

    def _rows(self, lines: Iterable[str]) -> list[str]:
        arguments = self.program.arguments
        return [f"rows = len({arguments[0].name})"] if arguments and "rows" in _words(lines) else []

    def _parts(self, lines: Sequence[str]) -> Iterator[str]:
        """The parameters, constants and arrays of places that are used."""
        used = _words(lines)
        for array in self.parts:
            if array.name in used:
                yield f'{array.name} = {self.tree}["{array.name}"]'
        everything = self.program.all_parameters.name
        if everything in used:
            parts = (f'{self.tree}["{array.name}"].reshape(-1)' for array in self.parts)
            yield f"{everything} = {self.prefix}concat([{', '.join(parts)}])"
        for array in self.program.constants:
            if array.name in used:
                yield f"{array.name} = {self.dialect.constant.format(x=self.listed[array], like=self.vocabulary.like)}"

    # ---- the head ------------------------------------------------------------------------------------------------------------

    def _head(self, functions: Sequence[str]) -> Iterator[str]:
        name, library = comment_text(self.program.name), self.dialect.library
        yield f'"""The function {name}, traced and re-rolled by autograd_lite: {library} is all it needs.'
        yield ""
        yield from [self.dialect.note, '"""', ""]
        texts = "\n".join([*functions, *self.vocabulary.helpers.values(), self.dialect.places * bool(self.indices)])
        yield from (statement for word, statement in self.dialect.modules.items() if word in texts)
        for array, name in self.listed.items():
            numbers = numpy.array([self.vocabulary.number(float(each)) for each in array.data.ravel()], object)
            yield from ["", f"{name} = {_nested(numbers.reshape(array.shape))}"]
        for name, index in self.indices.items():
            yield from ["", f"{name} = {self.dialect.places.format(x=_nested(index.astype(object)))}"]
        if self.checks:
            places = ", ".join(repr(comment_text(check.place)) for check in self.checks)
            yield from ["", f"PLACES = [{places}]", "", "", *_CHECK.split("\n")]

    def _docstring(self, gradient: bool) -> list[str]:
        is_loss, everything = self.procedure.task == LOSS, self.program.all_parameters
        value = f"The mean of {comment_text(self.program.name)} over the rows" if is_loss else "One value for each row"
        also = f", and its derivative by {'each parameter' if is_loss else 'each argument'}" if gradient else ""
        lines = [f"{value}{also}.", "", "Args:"]
        if self.program.parameters:
            lines.append(f"    {self.tree}: the {everything.size:,} parameters by their names, as `{self.split}` gives them.")
        lines += [f"    {array.name}: {shape_text(array)}{parts_text(array) * gradient}." for array in self.program.arguments]
        if self.checks:
            lines += [
                "Returns:",
                f"    The value in a pair with (rows, {len(self.checks)}) truths, for `check`{'; the derivatives' * gradient}.",
            ]
        return lines


_CHECK = '''class BranchChanged(ValueError):
    """A row for which the traced function would have gone another way."""


def check(changed):
    """Raises where a comparison did not come out as it did when the function was traced."""
    for place, rows in zip(PLACES, changed.T):
        if rows.any():
            error = BranchChanged(f"row {rows.tolist().index(True)} takes another branch at {place}")
            error.changed, error.place = rows, place
            raise error'''


def _pieces(steps: Iterable[Step]) -> dict[Array, list[Update]]:
    """The first updates of arrays that they fill piece by piece, in the order of their places."""
    found: dict[Array, list[Update]] = {}
    for step in steps:
        if isinstance(step, Update) and not step.adds:
            found.setdefault(step.target, []).append(step)
    for updates in found.values():
        updates.sort(key=lambda update: int(update.index.flat[0]))
    return {
        target: updates
        for target, updates in found.items()
        if len(updates) > 1
        and not any(isinstance(update.term, Number) for update in updates)  # which need nothing but space
        and sum(update.index.size for update in updates) == target.size
        and are_side_by_side(numpy.concatenate([update.index.ravel() for update in updates]))
    }


def _words(lines: Iterable[str]) -> set[str]:
    """The names in lines, without their comments."""
    statements = (line.partition("  #")[0] for line in lines if not line.startswith("# "))
    return {word for statement in statements for word in _IDENTIFIER.findall(statement)}


def _nested(numbers: "numpy.ndarray") -> str:
    """An array as lists of lists, in lines of bearable length."""
    text = _lists(numbers)
    return text if len(text) < _WIDTH else "\n".join(textwrap.wrap(text, _WIDTH, subsequent_indent="    "))


def _lists(numbers: "numpy.ndarray") -> str:
    if not numbers.ndim:
        return str(numbers)
    return f"[{', '.join(map(_lists, numbers))}]" if numbers.ndim > 1 else f"[{', '.join(map(str, numbers))}]"
