"""Straight-line scalar code: one point at a time, every number a local variable, every operation one of Python or `math`.

For one point, and for graphs with nothing to roll, this is faster than any array: no call of NumPy, no list, no node.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine import mathematics
from autograd_lite.engine.number_types import ARRAYS, forward, load_again, rule_on
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, SIGN
from autograd_lite.program.ir.arrays import Array, Expand, Fill, Reduce, View, whole
from autograd_lite.program.ir.common_subexpressions import Common
from autograd_lite.program.ir.derivation import derived
from autograd_lite.program.ir.names import Names, comment_text
from autograd_lite.program.ir.statements import Elementwise, Linear, Lowered, Statement
from autograd_lite.program.ir.terms import Call, Compare, Infix, Minus, Number, Select, Term
from autograd_lite.program.write.vocabulary import COMPARISON
from autograd_lite.program.write.writing import joined

__all__ = ["ScalarModule", "scalar_source"]

_INLINED = 60
_SIGNS = {"less": "<", "equal": "=="}


def scalar_source(program: Lowered, differentiated: bool) -> str:
    """A module whose function takes the parameters (if any) and each argument as a list of floats.

    It returns the value; with `differentiated`, the value and the list of its derivatives by the arguments, then the parameters.
    """
    return _Source(program, differentiated).text()


class ScalarModule:
    """The source, run."""

    def __init__(self, program: Lowered, differentiated: bool) -> None:
        self.source = scalar_source(program, differentiated)
        name = program.identifier
        namespace: dict[str, Any] = {"__name__": f"autograd_lite.program[{name} at one point]", "math": math} | _words()
        exec(compile(self.source, f"<program {name} at one point>", "exec"), namespace)
        self.function: Callable[..., Any] = namespace[name]


@cache
def _words() -> dict[str, Any]:
    """The functions of `mathematics` that the math module lacks, by the names under which the code calls them."""
    return {name: getattr(mathematics, name) for name in mathematics.__all__ if not _in_math(name)}


@cache
def _rules() -> dict[str, Any]:
    names = {name: getattr(mathematics, name) for name in mathematics.__all__}
    words = {name: _word(name) if callable(thing) else Symbol(repr(thing)) for name, thing in names.items()}
    rules: dict[str, Any] = load_again("primitives", "scalar text", {"m": SimpleNamespace(**words)}).TABLE
    return rules


def _word(name: str) -> Callable[..., Symbol]:
    def written(*operands: Any) -> Symbol:
        texts = [_text(operand) for operand in operands]
        if name in _SIGNS:
            return Symbol(f"{texts[0]} {_SIGNS[name]} {texts[1]}", COMPARISON)
        return Symbol(f"{'math.' if _in_math(name) else ''}{name}({', '.join(texts)})", ATOM)

    return written


def _in_math(name: str) -> bool:
    return getattr(math, name, None) is getattr(mathematics, name)


def _text(operand: Any) -> str:
    if isinstance(operand, list):
        return f"[{', '.join(map(_text, operand))}]"
    return operand.text if isinstance(operand, Symbol) else repr(operand)


class _Source:
    def __init__(self, program: Lowered, differentiated: bool) -> None:
        self.program = program
        self.differentiated = differentiated
        self.names = Names(program.taken)
        self.elements = {array: self._named_apart(array) for array in (*program.arguments, program.all_parameters)}
        self.inlined: dict[int, Symbol] = {}
        self.count = 0
        leaves = [*program.arguments, *program.parameters]
        self.adjoints = derived(program, [(program.outputs[0], Number(1.0))], leaves) if differentiated else []
        common = Common()
        terms = self._values()
        contributions = [each for adjoint in self.adjoints for each in adjoint.contributions]
        for term in (*terms, *program.outputs, *(each.term for each in contributions)):
            common.count(term)
        self.lines: list[tuple[Array, Term]] = []
        for statement, term in zip(program.statements, terms, strict=True):
            self.lines.append((statement.target, common.named(term, self.lines)))
            common.remember(term, statement.target)
        self.slopes: dict[tuple[int, int], Term] = {}
        for adjoint in self.adjoints:
            for each in adjoint.contributions:
                each.term = common.named(each.term, self.lines, top=False)
            if adjoint.of.role == "value":
                self._add_up(adjoint.target, [each.term for each in adjoint.contributions])
            else:
                for each in adjoint.contributions:
                    self._add_slope(adjoint.of, int(each.index.flat[0]), each.term)
        self.uses = Counter(id(view.array) for view in self._views())

    def _values(self) -> list[Term]:
        """The values of the statements. A shorter way may give inf where the rule raises, and a later operation may hide that."""
        statements = self.program.statements
        if all(map(_keeps_infinity, statements)):
            return [statement.term for statement in statements]  # it would reach the result, which is looked at
        return [
            Call(statement.row, statement.given)
            if isinstance(statement, Elementwise) and statement.row.is_builtin
            else statement.term
            for statement in statements
        ]

    def _named_apart(self, array: Array) -> list[str]:
        """A name for each number of a list."""
        return [self.names.unique(f"{array.name}_{place}") for place in range(array.size)] if array.shape else [array.name]

    def _add_up(self, target: Array, terms: list[Term]) -> None:
        """A local variable that is the sum of terms, one statement for each."""
        total = terms[0]
        for term in terms[1:]:
            part = Array("", (), False)
            self.lines.append((part, total))
            total = whole(part) + term
        self.lines.append((target, total))

    def _add_slope(self, of: Array, place: int, term: Term) -> None:
        array, place = (self.program.all_parameters, of.start + place) if of.role == "parameter" else (of, place)
        known = self.slopes.get((id(array), place))
        if known is not None:
            part = Array("", (), False)
            self.lines.append((part, known))
            term = whole(part) + term
        self.slopes[id(array), place] = term

    def _views(self) -> Iterator[View]:
        terms = [*self.program.outputs, *(term for _, term in self.lines), *self.slopes.values()]
        while terms:
            term = terms.pop()
            if isinstance(term, View):
                yield term
            else:
                terms.extend(getattr(term, "parts", ()))

    def text(self) -> str:
        """The whole module."""
        name = self.program.identifier
        body = [line for array, term in self.lines for line in self._assigned(array, term)]
        value = ", ".join(self._written(output).text for output in self.program.outputs)
        value = value if len(self.program.outputs) == 1 else f"[{value}]"
        slopes = [
            self._slope(array, place)
            for array in (*self.program.arguments, self.program.all_parameters)
            for place in range(array.size)
        ]
        result = f"{value}, [{', '.join(slopes)}]" if self.differentiated else value
        signature = [array.name for array in self.program.arguments]
        if self.program.parameters:
            signature.insert(0, self.program.all_parameters.name)
        head = [
            f'"""The function {comment_text(self.program.name)} at one point."""',
            "",
            "",
            f"def {name}({', '.join(signature)}):",
        ]
        return "\n".join([*head, *(f"    {line}" for line in (*self._unpacked(), *body, f"return {result}")), ""])

    def _unpacked(self) -> Iterator[str]:
        """The numbers of every list under names of their own."""
        for array in (*self.program.arguments, *([self.program.all_parameters] if self.program.parameters else [])):
            if array.shape:
                names = self.elements[array]
                yield f"{', '.join(names)}, = {array.name}" if len(names) == 1 else f"{', '.join(names)} = {array.name}"

    def _slope(self, array: Array, place: int) -> str:
        term = self.slopes.get((id(array), place))
        return "0.0" if term is None else self._written(term).text

    def _assigned(self, array: Array, term: Term) -> Iterator[str]:
        text = self._written(term)
        if (self.uses[id(array)] == 1 and len(text.text) <= _INLINED) or (text.precedence == ATOM and "(" not in text.text):
            self.inlined[id(array)] = text
            return
        name = self.names.numbered("v", self.count + 1)
        self.count += 1
        self.inlined[id(array)] = Symbol(name)
        yield f"{name} = {text.text}"

    def _written(self, term: Term) -> Symbol:
        if isinstance(term, Number):
            text = (
                repr(term.value)
                if math.isfinite(term.value)
                else f"math.{term.value}"
                if term.value > 0 or term.value != term.value
                else "-math.inf"
            )
            return Symbol(text, SIGN if text.startswith("-") else ATOM)
        if isinstance(term, View):
            return self._named(term)
        if isinstance(term, Compare):
            return Symbol(f"{_part(self._written(term.left))} {term.sign} {_part(self._written(term.right))}", COMPARISON)
        if isinstance(term, Infix):
            return joined(self._written(term.left), term.sign, self._written(term.right))
        if isinstance(term, Minus):
            negative: Symbol = -self._written(term.term)
            return negative
        if isinstance(term, Expand | Fill | Reduce):  # here every array is one number, whatever its axes
            return self._written(term.term)
        if isinstance(term, Select):
            # A call, so that both are computed, as the rules do it: what one of them refuses is refused.
            chosen = ", ".join(self._written(part).text for part in term.parts)
            return Symbol(f"where({chosen})")
        assert isinstance(term, Call)
        return self._called(term.row, [self._written(operand) for operand in term.operands])

    def _called(self, row: Primitive, operands: Sequence[Symbol]) -> Symbol:
        rule: Any = _rules()[row.name]
        written: Symbol = rule.forward(list(operands)) if rule.takes_list else rule.forward(*operands)
        return written

    def _named(self, view: View) -> Symbol:
        array, place = view.array, int(view.index.flat[0])
        if array.role == "parameter":
            return Symbol(self.elements[self.program.all_parameters][array.start + place])
        return Symbol(self.elements[array][place]) if array.role == "argument" else self.inlined[id(array)]


def _keeps_infinity(statement: Statement) -> bool:
    """Whether an infinite operand always shows in the value, as inf or nan."""
    if isinstance(statement, Elementwise) and statement.row.is_builtin and not statement.row.takes_list:
        return _shows_infinity(statement.row, tuple(map(_constant_of, statement.given)))
    return isinstance(statement, Linear)


def _constant_of(operand: Term) -> float | None:
    return operand.value if isinstance(operand, Number) else None


@lru_cache(1024)
def _shows_infinity(row: Primitive, constants: tuple[float | None, ...]) -> bool:
    rule = rule_on(ARRAYS, row)
    tried = [(constant,) if constant is not None else (math.inf, -math.inf, 1.0, -1.0) for constant in constants]
    with numpy.errstate(all="ignore"):
        return not any(
            numpy.isfinite(forward(rule, list(map(numpy.float64, operands))))
            for operands in product(*tried)
            if not all(map(math.isfinite, operands))
        )


def _part(symbol: Symbol) -> str:
    return f"({symbol.text})" if symbol.precedence <= COMPARISON else symbol.text
