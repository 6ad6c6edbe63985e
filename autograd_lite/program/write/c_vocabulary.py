"""The words of C: how a rule of the table is called there, and the functions that stand at the head of a source.

What the C library has is called by its name. Any other function of `mathematics` writes itself: its formula is run once on texts,
and each of its operations becomes a line. So formulas, which never branch, need no translator, and loops over counts are run out.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, final

import numpy

from autograd_lite.calculus.operators import Operators
from autograd_lite.engine import mathematics
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, CALL, PRODUCT, SIGN, SUM, Text
from autograd_lite.program.write.c_basics import BASIC
from autograd_lite.program.write.c_names import CNames
from autograd_lite.program.write.self_writing import elements, self_writing

__all__ = ["CText", "CVocabulary", "NoCForm", "enclosed"]

# Functions of the C library with the names, and the values, that they have in `mathematics`.
_SAME: Final = (
    "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh erf erfc exp exp2 expm1 fmod hypot "
    "log log10 log1p log2 remainder sin sinh sqrt tan tanh"
)
_LIBRARY: Final[dict[str, str]] = {name: name for name in _SAME.split()} | {"abs": "fabs", "power": "pow", "extended_power": "pow"}
_SLOW: Final = {f"{name}{kind}" for name in {*_LIBRARY.values()} - {"fabs", "sqrt", "copysign"} for kind in ("", "f")}
_CALLED: Final = re.compile(r"(\w+)\(")
_INFIX: Final[dict[str, tuple[float, float]]] = {"+": (SUM, SUM), "-": (SUM, PRODUCT), "*": (PRODUCT, SIGN), "/": (PRODUCT, SIGN)}
# Comparisons that raise no flag for nan, as NumPy's.
_COMPARED: Final[dict[str, str]] = {"<": "isless", ">": "isgreater", "<=": "islessequal", ">=": "isgreaterequal"}


@final
class CText(Operators, Text):
    """A piece of C that grows by arithmetic, as a Value does.

    Attributes:
        words: the vocabulary that it is written in. number: what it is known to be. is_truth: whether it is a comparison.
    """

    __slots__ = ("is_truth", "number", "words")

    def __init__(
        self, words: "CVocabulary", text: str, precedence: float = ATOM, number: float | None = None, is_truth: bool = False
    ) -> None:
        super().__init__(text, precedence)
        self.words, self.number, self.is_truth = words, number, is_truth

    def operated(self, sign: str, left: Any, right: Any) -> "CText":
        """The text of left + right, and so on."""
        x, y = self.words.text(left), self.words.text(right)
        if sign in _INFIX:
            own, other = _INFIX[sign]
            return self.words.found(f"{enclosed(x, own)} {sign} {enclosed(y, other)}", own)
        if sign == "**":
            power: CText = self.words.called("power", x, y)
            return power
        return self.words.compared(sign, x, y)

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "CText":
        """The text of primitive(*operands)."""
        return self.words.call(primitive, list(map(self.words.text, operands)))

    def select(self, x: Any, y: Any) -> "CText":
        """The text of a choice between x and y by this condition."""
        chosen: CText = self.words.called("where", self, x, y)
        return chosen

    def __neg__(self) -> "CText":
        return self.words.found(f"-{enclosed(self, ATOM)}", SIGN)

    def __abs__(self) -> "CText":
        size: CText = self.words.called("abs", self)
        return size

    def __bool__(self) -> bool:
        raise TypeError("a text has no truth")

    def __float__(self) -> float:
        if self.number is None:
            raise TypeError("a text has no number")
        return self.number

    def __int__(self) -> int:
        return int(float(self))

    __hash__ = None  # type: ignore[assignment]


def enclosed(part: Text, least: float) -> str:
    """The text of a part, in parentheses where it binds less tightly than it must."""
    return part.text if part.precedence >= least else f"({part.text})"


class NoCForm(GraphError):
    """A program that cannot be written, compiled or run in C."""


class CVocabulary:
    """How the rules of the table are called in C.

    Attributes:
        helpers: the functions that a source needs, in order.
    Args:
        dtype: "float64" or "float32". names: the names of the source, from which those of functions are taken.
    """

    def __init__(self, dtype: str, names: CNames) -> None:
        self.dtype, self.names = dtype, names
        self.helpers: dict[str, str] = {}
        self._known: dict[Any, str] = {}
        self._lines: list[str] | None = None  # of the function whose formula is run just now

    # ---- texts ---------------------------------------------------------------------------------------------------------------

    def text(self, operand: Any) -> CText:
        """An operand as a text."""
        if isinstance(operand, CText):
            return operand
        text = self.number(float(operand))
        return CText(self, text, SIGN if text.startswith("-") else ATOM, float(operand))

    def number(self, number: float) -> str:
        """A number that is read back to the same bits of the kind that the program computes with."""
        with numpy.errstate(over="ignore"):
            rounded = float(numpy.dtype(self.dtype).type(number))
        if rounded != rounded:
            return "NAN"
        suffix = "f" * (self.dtype == "float32")
        return f"{rounded!r}{suffix}" if abs(rounded) != numpy.inf else "INFINITY" if rounded > 0.0 else "-INFINITY"

    def found(self, text: str, precedence: float = CALL, is_truth: bool = False) -> CText:
        """The text of an operation; inside of a function its result gets a line and a name."""
        if self._lines is None:
            return CText(self, text, precedence, is_truth=is_truth)
        name = f"v{len(self._lines) + 1}"
        self._lines.append(f"const {'int' if is_truth else 'real'} {name} = {text};")
        return CText(self, name, is_truth=is_truth)

    def compared(self, sign: str, x: CText, y: CText) -> CText:
        """left < right, and so on."""
        if sign in _COMPARED:
            return self.found(f"{_COMPARED[sign]}({x.text}, {y.text})", is_truth=True)
        return self.found(f"({enclosed(x, SUM)} {sign} {enclosed(y, SUM)})", is_truth=True)

    # ---- functions -----------------------------------------------------------------------------------------------------------

    def call(self, row: Primitive, operands: Sequence[CText]) -> CText:
        """The text of a row's value.

        Raises:
            NoCForm: if its rule does something that is not written in C.
        """
        try:
            return self._applied(("row", row.name), lambda *given: forward(_formulas()[1][row.name], list(given)), operands)
        except TypeError as error:
            raise NoCForm(str(error)) from None

    def called(self, name: str, *operands: Any) -> Any:
        """A function of `mathematics`, of texts, numbers, and lists of them."""
        if not any(isinstance(each, CText) for operand in operands for each in elements(operand)):
            try:
                return getattr(mathematics, name)(*operands)
            except (ArithmeticError, ValueError):
                pass
        if name == "where" and isinstance(operands[0], bool):
            return operands[1] if operands[0] else operands[2]
        if name in BASIC:
            return BASIC[name](self, *operands)
        if name in _LIBRARY:
            texts = ", ".join(self.text(operand).text for operand in operands)
            return self.found(f"{self.library(name)}({texts})")
        formula = _formulas()[0][name]
        if any(isinstance(operand, list) for operand in operands):
            return formula(*operands)
        return self._applied(("formula", name), formula, list(map(self.text, operands)))

    def library(self, name: str) -> str:
        """What the C library calls a function, for the numbers of the program."""
        return _LIBRARY[name] + "f" * (self.dtype == "float32")

    def calls(self, text: str, inside: frozenset[str] = frozenset()) -> int:
        """How many times a text calls functions that take the C library long, also through functions of the source.

        Args:
            text: of which. inside: of which functions it is a part; they may call themselves.
        """
        found = 0
        for name in _CALLED.findall(text):
            found += name in _SLOW
            if name in self.helpers and name not in inside:
                found += self.calls(self.helpers[name].partition("{")[2], inside | {name})
        return found

    def form(self, name: str) -> str:
        """The name of a hand-written function, which the source then has, with those that it calls."""
        for other in [each for each in _forms() if f" {each}(" in _forms()[name].partition("{")[2] and each != name]:
            self.form(other)
        self.helpers.setdefault(name, _forms()[name])
        return name

    @staticmethod
    def has_form(name: str) -> bool:
        """Whether there is a hand-written function of that name."""
        return name in _forms()

    def _applied(self, key: tuple[str, str], rule: Callable[..., Any], operands: Sequence[CText]) -> CText:
        """The call of a function whose rule writes itself: of names, or where it counts by an operand, of that number."""
        for bound in ([None] * len(operands), [operand.number for operand in operands]):
            known = (*key, *bound)
            if known not in self._known:
                try:
                    self._known[known] = self._function(key[1], rule, bound)
                except TypeError:
                    continue
            given = [operand.text for operand, number in zip(operands, bound, strict=True) if number is None]
            return self.found(f"{self._known[known]}({', '.join(given)})")
        raise TypeError(f"`{key[1]}` has no form in C")

    def _function(self, name: str, rule: Callable[..., Any], bound: Sequence[float | None]) -> str:
        """The name of a new function; that of another one where it does nothing but call it."""
        given = [f"x{place + 1}" for place in range(len(bound))]
        outer, self._lines = self._lines, []
        try:
            operands = [CText(self, x) if number is None else number for x, number in zip(given, bound, strict=True)]
            found = self.text(rule(*operands))
            lines = self._lines
        finally:
            self._lines = outer
        free = [x for x, number in zip(given, bound, strict=True) if number is None]
        arguments = f"({', '.join(free)})"
        if found.text == "v1" and len(lines) == 1 and lines[0].endswith(arguments + ";") and lines[0].count("(") == 1:
            return lines[0].partition(" = ")[2].removesuffix(arguments + ";")
        title = self.names.unique(name, of_function=True)
        signature = ", ".join(f"real {x}" for x in free)
        body = "\n".join(f"  {line}" for line in [*lines, f"return {found.text};"])
        self.helpers[title] = f"static inline real {title}({signature}) {{\n{body}\n}}"
        return title


@cache
def _forms() -> dict[str, str]:
    """The hand-written functions, by their names."""
    blocks = Path(__file__).with_name("forms.c").read_text(encoding="utf-8").strip().split("\n\n")[1:]
    return {block.partition("(")[0].rpartition(" ")[2]: block for block in blocks}


@cache
def _formulas() -> tuple[dict[str, Any], dict[str, Primitive]]:
    """The formulas of `mathematics` and the rows of the table, of texts; what fails of numbers alone is no constant of a text."""
    return self_writing("c", CText, lambda name, *operands: getattr(mathematics, name)(*operands))
