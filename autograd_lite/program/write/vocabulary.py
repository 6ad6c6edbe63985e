"""The words of an emitted source: how each function of a rule is called in NumPy, and the helper functions that stand at its head.

A row's text is its own `forward`, given symbols and a mathematics whose functions write themselves. What NumPy has is called by
NumPy's name; the formulas of `mathematics.py` are copied from there, with their names replaced; nothing is written twice.
"""

import ast
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine import array_mathematics, mathematics
from autograd_lite.engine.number_types import forward, load_again, source_of
from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.ir.width import shortest

__all__ = ["MathVocabulary", "NumpyVocabulary", "Vocabulary", "compared", "in_math"]

_COMPARISON = 0.5
_SIGNS = {"less": "<", "equal": "=="}
_INVERSE = "arc"


# The one for which a rule writes itself just now: the table that writes is loaded once, for all sources and threads.
_writing: ContextVar["Vocabulary"] = ContextVar("_writing")


@cache
def _rows() -> Mapping[str, Primitive]:
    names = {name: getattr(mathematics, name) for name in mathematics.__all__}
    words = {name: partial(_written, name) if callable(thing) else Symbol(repr(thing)) for name, thing in names.items()}
    rows: Mapping[str, Primitive] = load_again("primitives", "text", {"m": SimpleNamespace(**words)}).TABLE
    return rows


def _written(name: str, *operands: Any) -> Symbol:
    if name in _SIGNS:
        return compared(_SIGNS[name], *map(_symbol, operands))
    return Symbol(f"{_writing.get().function(name)}({', '.join(_symbol(operand).text for operand in operands)})")


def _symbol(operand: Any) -> Symbol:
    if isinstance(operand, list):
        return Symbol(_writing.get().listed(", ".join(_symbol(each).text for each in operand)))
    return operand if isinstance(operand, Symbol) else Symbol(repr(operand))


def compared(sign: str, left: Symbol, right: Symbol) -> Symbol:
    """left < right, and so on, where either may be a comparison itself."""
    sides = (f"({side.text})" if side.precedence <= _COMPARISON else side.text for side in (left, right))
    return Symbol(f" {sign} ".join(sides), _COMPARISON)


class Vocabulary(ABC):
    """How a dialect calls the functions of `mathematics`, by which the rules of the table write themselves."""

    def call(self, row: Primitive, operands: Sequence[Symbol]) -> Symbol:
        """The text of a row's value."""
        token = _writing.set(self)
        try:
            written: Symbol = forward(_rows()[row.name], list(operands))
        finally:
            _writing.reset(token)
        return written

    @abstractmethod
    def function(self, name: str) -> str:
        """How a function is called."""

    @abstractmethod
    def listed(self, texts: str) -> str:
        """The list that a function takes, of the texts of its elements."""

    @abstractmethod
    def number(self, number: float) -> str:
        """A number that is read back to the same bits."""


class MathVocabulary(Vocabulary):
    """Numbers of Python: the math module's functions, and those of `mathematics` under their own names."""

    def function(self, name: str) -> str:
        return f"math.{name}" if in_math(name) else name

    def listed(self, texts: str) -> str:
        return f"[{texts}]"

    def number(self, number: float) -> str:
        return repr(number) if math.isfinite(number) else f"-math.{-number}" if number < 0 else f"math.{number}"


def in_math(name: str) -> bool:
    """Whether a function of `mathematics` is the math module's own."""
    return getattr(math, name, None) is getattr(mathematics, name)


class NumpyVocabulary(Vocabulary):
    """Arrays of NumPy.

    Attributes:
        helpers: the sources of the functions that NumPy lacks, as far as they were asked for, in order. modules: what they import.
    """

    def __init__(self) -> None:
        self.helpers: dict[str, str] = {}
        self.modules = {"numpy"}

    def listed(self, texts: str) -> str:
        return f"np.stack(np.broadcast_arrays({texts}), axis=-1)"

    def number(self, number: float) -> str:
        """Whole numbers without a point."""
        if math.isfinite(number):
            return shortest(number)
        return f"-np.{-number}" if number < 0 else f"np.{number}"

    def function(self, name: str) -> str:
        known = _numpy_name(name)
        if known is not None and not hasattr(array_mathematics, name):
            return known
        if name not in self.helpers:
            text = self._helper(name)
            self.helpers[name] = text  # behind those that it calls
        return name

    def _helper(self, name: str) -> str:
        own = getattr(array_mathematics, name, None)
        if own is not None:
            return _plain(ast.parse(inspect.getsource(own)).body[0])
        if hasattr(math, name):
            self.modules.add("math")
            return f"{name} = np.vectorize(math.{name}, otypes=[float])"
        tree = _formulas()[name]
        translated = _Translation(self).visit(ast.parse(ast.unparse(tree)).body[0])
        return _plain(ast.fix_missing_locations(translated))


@cache
def _formulas() -> dict[str, ast.FunctionDef]:
    tree = ast.parse(source_of("mathematics").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _numpy_name(name: str) -> str | None:
    """NumPy's own function of that name, or of the name it gives an inverse function; None where it has none."""
    spellings = (name, f"{_INVERSE}{name[1:]}" if name[0] == "a" else name, name.removeprefix("extended_"))
    for spelling in spellings:
        if isinstance(getattr(numpy, spelling, None), numpy.ufunc) or getattr(numpy, spelling, None) is numpy.where:
            return f"np.{spelling}"
    return None


def _plain(node: ast.stmt) -> str:
    """A function's source without its annotations."""
    assert isinstance(node, ast.FunctionDef)
    node.returns = None
    for argument in node.args.args:
        argument.annotation = None
    return ast.unparse(node)


class _Translation(ast.NodeTransformer):
    """A formula of `mathematics.py` in NumPy's words."""

    def __init__(self, vocabulary: NumpyVocabulary) -> None:
        self.vocabulary = vocabulary

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        if node.func.id in _SIGNS:
            sign = ast.Lt() if node.func.id == "less" else ast.Eq()
            return ast.Compare(node.args[0], [sign], [node.args[1]])
        if hasattr(mathematics, node.func.id):
            node.func = ast.parse(self.vocabulary.function(node.func.id), mode="eval").body
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        thing = getattr(mathematics, node.id, None)
        if isinstance(thing, float):
            return ast.parse(repr(thing) if math.isfinite(thing) else f"np.{node.id}", mode="eval").body
        return node
