"""The words of functional arrays: how a rule of the table is called there, and the functions that stand at the head of a source.

A rule, and a formula of `mathematics`, is run once on pieces of an expression, which write themselves. What is known when a source
is written, such as the order of a derivative, is a plain number in it: comparisons of such numbers choose then and there, and
what is left works on arrays alone. Libraries ask for that whose functions take no numbers, or whose conditions no truths.
"""

import inspect
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial, reduce
from math import inf, isfinite, nan
from typing import Any, Final, final

from autograd_lite.calculus.operators import COMPARISONS, Operators
from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine import mathematics
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, SIGN
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.width import shortest
from autograd_lite.program.write.array_dialects import ALONG, OF_ARRAYS, STANDARD, ArrayDialect
from autograd_lite.program.write.self_writing import self_writing
from autograd_lite.program.write.vocabulary import compared

__all__ = ["ArrayVocabulary"]

_JOINED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


@final
class ArrayPiece(Operators):
    """A piece of an expression that grows by arithmetic: a name, or an operation on pieces and numbers.

    Attributes:
        words: the vocabulary that it is written in. sign: of the operation, or the name of a function; empty for a name.
        parts: what it is computed from. symbol: the text of a name.
    """

    __slots__ = ("parts", "sign", "symbol", "words")

    def __init__(self, words: "ArrayVocabulary", sign: str, parts: Sequence[Any] = (), symbol: Symbol | None = None) -> None:
        self.words, self.sign, self.parts, self.symbol = words, sign, parts, symbol

    def operated(self, sign: str, left: Any, right: Any) -> "ArrayPiece":
        """left + right, and so on."""
        return ArrayPiece(self.words, sign, (left, right))

    def __neg__(self) -> "ArrayPiece":
        return ArrayPiece(self.words, "negative", (self,))

    def __abs__(self) -> "ArrayPiece":
        return ArrayPiece(self.words, "abs", (self,))

    __hash__ = object.__hash__


class ArrayVocabulary:
    """How the rules of the table are called on the arrays of a library.

    Attributes:
        helpers: the sources of functions that the library lacks, in order.
    Args:
        dialect: the library's. names: the names of the source. like: the name of an array of the program's numbers.
        largest: the largest of those numbers; beyond it they are infinite.
    """

    def __init__(self, dialect: ArrayDialect, names: Names, like: str, largest: float) -> None:
        self.dialect, self.names, self.like, self.largest = dialect, names, like, largest
        self.helpers: dict[str, str] = {}
        self._known: dict[Any, str] = {}

    # ---- texts ---------------------------------------------------------------------------------------------------------------

    def call(self, row: Primitive, operands: Sequence[Symbol | float]) -> Symbol:
        """The text of a row's value; operands that are known are given as numbers."""
        given = [each if isinstance(each, float) else ArrayPiece(self, "", symbol=each) for each in operands]
        return self._text(forward(_formulas()[1][row.name], given), {})

    def number(self, number: float) -> str:
        """A number that is read back to the same bits; whole ones without a point."""
        if abs(number) > self.largest:
            number = inf if number > 0 else -inf
        if not isfinite(number):
            return f"{'-' * (number < 0)}{self.dialect.prefix}{abs(number)}"
        return shortest(number)

    def symbol(self, number: float) -> Symbol:
        """A number as a text."""
        text = self.number(number)
        return Symbol(text, SIGN if text.startswith("-") else ATOM)

    def function(self, name: str) -> str:
        """How a function of the standard is called."""
        return self.dialect.functions.get(name) or f"{self.dialect.prefix}{STANDARD[name]}"

    def form(self, name: str) -> str:
        """A function of lists, which the source then has."""
        self.helpers.setdefault(name, ALONG[name].replace("xp.", self.dialect.prefix))
        return name

    def number_like(self, number: str) -> str:
        """A plain number as an array."""
        return self.dialect.number.format(x=number, like=self.like)

    # ---- what rules and formulas ask for -------------------------------------------------------------------------------------

    def called(self, name: str, *operands: Any) -> Any:
        """A function of `mathematics`, of pieces, numbers, and lists of them."""
        if name == "where" and not isinstance(operands[0], ArrayPiece):
            return operands[1] if operands[0] else operands[2]
        if name in _BASIC:
            return _BASIC[name](self, *operands)
        if name in STANDARD:
            if name in self.dialect.helpers:
                self.helpers.setdefault(name, self.dialect.helpers[name])
            return ArrayPiece(self, name, operands)
        if name == "fading" and any(isinstance(each, float) and isfinite(each) and each for each in operands):
            return operands[0] * operands[1]  # a number that is neither 0 nor infinite has nothing to win over
        formula = _formulas()[0][name]
        if any(isinstance(operand, list) for operand in operands):
            return formula(*operands)
        return ArrayPiece(
            self, f"own {self._own(name, formula, operands)}", [each for each in operands if isinstance(each, ArrayPiece)]
        )

    def _own(self, name: str, formula: Callable[..., Any], operands: Sequence[Any]) -> str:
        """The name of a function of the source that computes a formula, with the numbers in it that are known."""
        bound = [None if isinstance(operand, ArrayPiece) else float(operand) for operand in operands]
        key = (name, *bound)
        if key not in self._known:
            title = self._known[key] = name if all(each is None for each in bound) else self.names.numbered(name, 1)
            given = list(inspect.signature(formula).parameters)
            free = [each for each, number in zip(given, bound, strict=True) if number is None]
            outer, self.like = self.like, free[0]
            leaves = [
                ArrayPiece(self, "", symbol=Symbol(each)) if number is None else number
                for each, number in zip(given, bound, strict=True)
            ]
            lines = list(self._body(formula(*leaves), set(free)))
            self.like = outer
            told = inspect.getdoc(formula) or name
            known = ", ".join(f"{each} = {number:g}" for each, number in zip(given, bound, strict=True) if number is not None)
            head = f'def {title}({", ".join(free)}):\n    """{told.partition(chr(10))[0]}{f" Here {known}." if known else ""}"""'
            self.helpers[title] = "\n    ".join([head, *lines])  # behind those that it calls
        return self._known[key]

    def _body(self, result: Any, taken: set[str]) -> Iterator[str]:
        """The lines of a formula: what is used more than once has a name."""
        users: Counter[ArrayPiece] = Counter()
        order: list[ArrayPiece] = []
        waiting = [(result, False)]
        while waiting:
            piece, done = waiting.pop()
            if not isinstance(piece, ArrayPiece) or not piece.sign:
                continue
            if done:
                order.append(piece)
                continue
            users[piece] += 1
            if users[piece] == 1:
                waiting += [(piece, True), *((part, False) for part in piece.parts)]
        named: dict[ArrayPiece, str] = {}
        for piece in order:
            if users[piece] > 1:
                text = self._text(piece, named).text
                named[piece] = f"v{len(named) + 1}"
                yield f"{named[piece]} = {text}"
        yield f"return {self._text(result, named).text}"

    # ---- writing -------------------------------------------------------------------------------------------------------------

    def _text(self, piece: Any, named: dict[ArrayPiece, str]) -> Symbol:
        if not isinstance(piece, ArrayPiece):
            return self.symbol(float(piece))
        if piece in named:
            return Symbol(named[piece])
        if piece.symbol is not None:
            return piece.symbol
        parts = [self._text(part, named) for part in piece.parts]
        if piece.sign == "negative":
            return -parts[0]  # type: ignore[no-any-return]
        if piece.sign in _JOINED:
            return _JOINED[piece.sign](*parts)  # type: ignore[no-any-return]
        if piece.sign in COMPARISONS:
            return compared(piece.sign, *parts)
        if piece.sign.startswith("own "):
            return Symbol(f"{piece.sign[4:]}({', '.join(part.text for part in parts)})")
        return self.applied(piece.sign, parts, [isinstance(part, ArrayPiece) for part in piece.parts])

    def applied(self, name: str, parts: Sequence[Symbol], arrays: Sequence[bool]) -> Symbol:
        """The call of a function; `arrays` tells which of the operands are no plain numbers."""
        texts = [part.text for part in parts]
        rows = self.dialect.only_arrays
        if name == "where" and not any(arrays[1:]):
            texts[1:] = map(self.number_like, texts[1:])
        elif rows and not all(arrays) and name in OF_ARRAYS:
            array, number = (texts[place] for place in ((0, 1) if arrays[0] else (1, 0)))
            if name in rows:
                return Symbol(rows[name].format(x=array, number=number))
            texts = [text if own else rows[""].format(x=array, number=text) for text, own in zip(texts, arrays, strict=True)]
        called = name if name in self.dialect.helpers else self.function(name)
        return Symbol(f"{called}({', '.join(texts)})")


def _whole(name: str) -> Callable[..., Any]:
    return lambda words, x: ArrayPiece(words, name, (x,)) + 0.0  # 0.0, never -0.0


def _compared(sign: str) -> Callable[..., Any]:
    def form(words: ArrayVocabulary, x: Any, y: Any) -> Any:
        return (
            ArrayPiece(words, sign, (x, y)) if isinstance(x, ArrayPiece) or isinstance(y, ArrayPiece) else COMPARISONS[sign](x, y)
        )

    return form


def _rounded(words: ArrayVocabulary, x: ArrayPiece, n: float) -> Any:
    """To tens, hundreds, ...: what is nearest, by the exact remainder; decimals would need more digits than floats have."""
    if not -_EXACT_POWERS <= n <= 0.0:
        raise GraphError(f'`round(x, {n:g})` has no form in {words.dialect.library}: write it in "numpy" or "c"')
    size = words.called("abs", x)
    return words.called("copysign", size - words.called("remainder", size, 10.0**-n), x)


_EXACT_POWERS: Final = 22  # of ten, which floats hold
_BASIC: Final[dict[str, Callable[..., Any]]] = {
    "less": _compared("<"),
    "equal": _compared("=="),
    **{name: _whole(name) for name in ("ceil", "floor", "rint", "trunc")},
    "rounded": _rounded,
    "total": lambda words, values: ArrayPiece(words, f"own {words.form('total')}", values),
    "largest": lambda words, values: reduce(partial(words.called, "maximum"), values),
}


def _computed(name: str, *operands: Any) -> Any:
    try:
        return getattr(mathematics, name)(*operands)
    except (ArithmeticError, ValueError):
        return nan


@cache
def _formulas() -> tuple[dict[str, Any], dict[str, Primitive]]:
    """The formulas of `mathematics` and the rows of the table, of pieces; numbers alone without a value are nan."""
    return self_writing("pieces", ArrayPiece, _computed)
