"""Safe arithmetic from text: the parser behind `autograd-lite eval "tanh(w*x + b)" w=2 x=0.5 b=1`.

Python's own `ast` reads the text, so precedence, numbers and names are Python's; a whitelist then lets through numbers (as floats),
names, + - * / ** % // and calls of given functions. Nothing is ever compiled or executed.
"""

import ast
import difflib
import inspect
import keyword
import math
import operator
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar, cast
from unicodedata import category, east_asian_width, normalize

from autograd_lite.names_of_others import call_advice, lacking, near_names, power_advice

T = TypeVar("T")
Functions = Mapping[str, Callable[..., Any]]
MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 100  # brackets in each other, signs or powers in a row; the parser of `ast` is recursive
MAX_OPERATORS = 2_000  # the tree of x+x+...+x is as deep as it is long, and `ast` builds it recursively
CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}

_Step = float | str | tuple[Callable[..., Any], int, int, int]  # push, look up, or apply
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Mod: operator.mod, ast.FloorDiv: operator.floordiv, ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip
_MISSING = "a value is missing here - write a number, a name or ( )"
_TOO_LARGE = "is too large for a float, which ends near 1.8e308 - write a smaller number"
_NO_NAME = "cannot be a name in Python - write another one, in plain letters"
_REFUSED: Mapping[str, str] = {  # clearer messages than those of Python's parser; safety rests on the whitelist in `step`
    "^": "",  # `power_advice` says more
    "=": "gives a value, which belongs beside the expression - write x=2 after it",
    **dict.fromkeys(("@", "&", "|", "~", "<<", ">>"), "is not an operator here - use + - * / ** % //"),
    **dict.fromkeys(("==", "!=", "<=", ">=", "<", ">"), "compares, giving no number - write a - b"),
    **dict.fromkeys("\"'", "starts a text, and here are only numbers - leave it out"),
    **dict.fromkeys(keyword.kwlist, "is a keyword, and here is only arithmetic - leave it out"),
    **dict.fromkeys((":=", *":;#?!$`\\\0", *map(chr, range(0xD800, 0xE000))), "has no meaning here - write names and + - * / **"),
}
_TOKEN = re.compile(  # a number, a name (`re` takes accents in their own right for no letters), a sign
    r"(?P<number>0[xXoObB]\w+|(?:[0-9][0-9_]*\.?|\.[0-9])[0-9_]*(?:[eE][+-]?[0-9][0-9_]*)?)"
    r"|(?P<name>[^\W\d][\w\x80-\ud7ff\ue000-\U0010ffff]*)|\*\*|//|<<|>>|:=|[=!<>]=|[^ ]"
)


class ExpressionError(ValueError):
    """A text that is not an expression (or an assignment): `text[start:end]` is at fault.

    Example:
        >>> parse("2x + 1", {})
        Traceback (most recent call last):
        autograd_lite.expressions.ExpressionError: `2x` lacks an operator - write `2*x`
          2x + 1
          ^~
    """

    def __init__(self, message: str, text: str, start: int, end: int) -> None:
        super().__init__(message, text, start, end)  # all of them, so that pickling rebuilds it
        self.message, self.text, self.start, self.end = message, text, start, end

    def __str__(self) -> str:
        left = re.split("[\r\n]", self.text[: self.start])[-1]
        right = re.split("[\r\n]", self.text[self.start :], maxsplit=1)[0]
        before = "..." * (len(left) > 40) + _shown(left[-40:])  # a window on a long line
        after = _shown(right[:40]) + "..." * (len(right) > 40)
        caret = "^" + "~" * (_width(_shown(right[: min(40, self.end - self.start)])) - 1)
        return f"{self.message}\n  {before}{after}\n  {' ' * _width(before)}{caret}"


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression, made by `parse`: call it with a value for each of its `names`."""

    text: str
    names: tuple[str, ...]  # free variables in order of first appearance
    _steps: tuple[_Step, ...] = field(repr=False)
    _places: Mapping[str, tuple[int, int]] = field(repr=False, compare=False)  # of the first uses

    def __call__(self, values: Mapping[str, T]) -> T:
        """Value of the expression by the operators of `values`; a float if there are no names.

        Args:
            values: name -> float, Value, array or whatever the operators and functions accept.
        Raises:
            ExpressionError: for a missing or superfluous value, or a power that is not real. Errors of functions have notes.
        Example:
            >>> parse("w*x + 1", {})({"w": 2.0, "x": 0.5})
            2.0
        """
        for name in (*self.names, *values):
            if name not in values:
                strangers = (given for given in values if given not in self._places)
                meant = "".join(f", not {_quoted(near)}" for near in near_names(name, strangers, 1))
                raise ExpressionError(f"{_quoted(name)} has no value - write {name}=NUMBER{meant}", self.text, *self._places[name])
            if name not in self._places:
                meant = "".join(f", or did you mean {_quoted(near)}?" for near in near_names(name, self.names, 1))
                message = f"{_quoted(name)} is not a variable of the expression - leave it out{meant}"
                raise ExpressionError(message, self.text, 0, len(self.text))
        stack: list[Any] = []
        for step in self._steps:
            if not isinstance(step, tuple):
                stack.append(values[step] if isinstance(step, str) else step)
                continue
            function, count, start, end = step
            first = len(stack) - count
            try:
                operands, stack[first:] = stack[first:], [function(*stack[first:])]
            except (ArithmeticError, TypeError) as error:
                error.add_note(_quoted(self.text[start:end]))
                raise
            # Python's (-8.0) ** (1/3) is complex; real arithmetic must not change in silence.
            if isinstance(stack[-1], complex) and not any(isinstance(x, complex) for x in operands):
                message = f"{_quoted(self.text[start:end])} is not real - write a base >= 0"
                raise ExpressionError(message, self.text, start, end)
        return cast(T, stack.pop())

    def __str__(self) -> str:
        return self.text


def parse(text: str, functions: Functions, constants: Mapping[str, float] = CONSTANTS) -> Expression:
    """The expression that `text` spells; nothing of it is computed yet.

    Args:
        text: arithmetic as in Python, at most 10,000 characters; blanks and line breaks are free.
        functions: all that may be called, by name; calls must fit their signature, if known.
        constants: names that are numbers and not variables.
    Raises:
        ExpressionError: for everything else, be it Python or not.
    Example:
        >>> parse("tanh(w*x + b)", {"tanh": math.tanh}).names
        ('w', 'x', 'b')
    """
    reader = _Reader(text, functions, constants)
    steps: list[_Step] = []
    todo: list[ast.AST | _Step] = [reader.tree()]
    while todo:  # a loop, for deep trees: the operands from left to right, then their operator
        item = todo.pop()
        if isinstance(item, ast.AST):
            step, operands = reader.step(item)
            todo += [step, *reversed(operands)]
        else:
            steps.append(item)
    return Expression(text, tuple(reader.places), tuple(steps), reader.places)


def parse_assignments(items: Sequence[str]) -> dict[str, float]:
    """Number by name (NFKC-normalised), in the order given, from texts such as `w=2`.

    Args:
        items: NAME=NUMBER each, of any NUMBER that `float` reads; only 1e999, which would turn into inf unasked, is refused.
    Raises:
        ExpressionError: for a missing `=`, a bad or repeated name, or a text that is no number.
    Example:
        >>> parse_assignments(["w=2", "x=0.5"])
        {'w': 2.0, 'x': 0.5}
    """
    values: dict[str, float] = {}
    for item in items:
        left, equals, right = item.partition("=")
        name, start, end, message = normalize("NFKC", left.strip()), 0, len(left), ""
        if not equals:
            message = f"{_quoted(item)} has no `=` - write NAME=NUMBER"
        elif keyword.iskeyword(name) or not name.isidentifier():
            message = f"{_quoted(left)} {_NO_NAME}"
        elif name in values:
            message = f"{_quoted(name)} is given twice - write it once"
        else:
            start, end = end + 1, len(item)
            try:
                values[name] = float(right)
                if math.isinf(values[name]) and "inf" not in right.lower():
                    message = f"{_quoted(right)} {_TOO_LARGE}"
            except ValueError:
                message = f"{_quoted(right)} is not a number - write {name}=NUMBER"
        if message:
            raise ExpressionError(message, item, start, end)
    return values


class _Reader:
    """What `parse` knows about its text."""

    def __init__(self, text: str, functions: Functions, constants: Mapping[str, float]) -> None:
        self.text, self.functions, self.constants = text, functions, constants
        self.line = re.sub(r"[\t\n\r\f]", " ", text)  # one line, so that a column is a place
        self.source, self.lead = self.line.strip(" "), len(text) - len(self.line.lstrip(" "))
        self.places: dict[str, tuple[int, int]] = {}  # variable -> where it is first used

    def fail(self, message: str, start: int, end: int) -> NoReturn:
        raise ExpressionError(message, self.text, start, end)

    def check(self) -> None:
        """Refuses what Python's parser would not explain well, and what could be too much for it: one look at each token."""
        if (size := len(self.text)) > MAX_LENGTH:
            self.fail(f"{size} characters, of which {MAX_LENGTH} are read - write it in parts", MAX_LENGTH, size)
        depth, signs, powers, tokens = 0, 0, 0, list(_TOKEN.finditer(self.line))  # brackets open, signs and powers in a row
        for before, token in zip([None, *tokens], tokens, strict=False):
            text, last = token[0], before[0] if before else ""
            if text in _REFUSED:
                why = power_advice(last, self.line[token.end() :], self.functions) if text == "^" else _REFUSED[text]
                self.fail(f"{_quoted(text)} {why}", *token.span())
            digits = text.replace("_", "")
            if len(digits) > 309 and digits[0] != "0" and digits.isdecimal():  # Python may refuse to read so many
                self.fail(f"{_quoted(text)} {_TOO_LARGE}", *token.span())
            if before and _lacks_operator(before, token):
                part, lacks = self.line[before.start() : token.end()], lacking(last, text, self.functions)
                self.fail(f"{_quoted(part)} lacks {lacks}", before.start(), token.end())
            depth += (text in "([{") - (text in ")]}")
            signs = signs + 1 if text in "+-" else 0
            goes_on = token.lastgroup or text in ("**", ".") or (text in "+-" and last in ("**", "+", "-"))
            powers = powers + (text == "**") if goes_on else 0
            if max(depth, signs, powers) > MAX_DEPTH:
                self.fail(f"more than {MAX_DEPTH} levels deep - write it in parts", *token.span())
        if sum(map(self.line.count, "+-*/%")) > MAX_OPERATORS:
            self.fail(f"more than {MAX_OPERATORS} of + - * / % - write it in parts", 0, size)

    def tree(self) -> ast.expr:
        """The text as Python reads it."""
        self.check()
        try:
            with warnings.catch_warnings(action="ignore"):  # such as for `0x1for-x`, which is refused anyway
                return ast.parse(self.source, mode="eval").body
        except SyntaxError as error:
            start = self.lead + (error.offset - 1 if error.offset else len(self.source))
            part = cast(re.Match[str], re.compile(r"\w+|\*\*|[^ ]?").match(self.line, start))
            self.fail(_MISSING if error.msg.startswith("invalid syntax") else error.msg, *part.span())
        except (ValueError, MemoryError, RecursionError):
            self.fail("too much for Python's parser - write it in parts", 0, len(self.text))

    def step(self, node: Any) -> tuple[_Step, list[ast.AST]]:
        """What a node does to the stack, and the nodes that come before it; what is not listed here is refused."""
        data = self.source.encode()  # `ast` counts bytes
        start, end = (self.lead + len(data[:n].decode()) for n in (node.col_offset, node.end_col_offset))
        part = _quoted(self.text[start:end])
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number > sys.float_info.max:
                    self.fail(f"{part} {_TOO_LARGE}", start, end)
                return float(number), []
            case ast.Name(id=name) if name in self.constants:
                return float(self.constants[name]), []
            case ast.Name(id=name):
                if name in self.functions:
                    self.fail(f"{_quoted(name)} is a function - write {name}(...)", start, end)
                if keyword.iskeyword(name):  # in letters that Python normalises to plain ones
                    self.fail(f"{part} {_NO_NAME}", start, end)
                self.places.setdefault(name, (start, end))
                return name, []
            case ast.UnaryOp(op=sign, operand=x) if type(sign) in _OPERATORS:
                return (_OPERATORS[type(sign)], 1, start, end), [x]
            case ast.BinOp(left=x, op=sign, right=y) if type(sign) in _OPERATORS:
                return (_OPERATORS[type(sign)], 2, start, end), [x, y]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                operands = [*args, *keywords]  # of which keywords and * do not pass
                return (self.function(name, len(operands), start, end), len(operands), start, end), operands
        said = {"Attribute": "attribute access", "Starred": "unpacking", "keyword": "unpacking"}
        kind = said.get(name := type(node).__name__, name.lower())  # Subscript, Tuple, List and so on
        self.fail(f"{kind} {part} is not allowed - write numbers, names, functions and + - * / **", start, end)

    def function(self, name: str, count: int, start: int, end: int) -> Callable[..., Any]:
        """The function of that name, if a call with `count` arguments fits it."""
        if name not in self.functions:
            near, inside = difflib.get_close_matches(name.lower(), self.functions), self.text[start:end].partition("(")[2][:-1]
            advice = call_advice(name, inside, self.functions, near)
            self.fail(f"{_quoted(name)} is not a function here - write {_shown(advice)}", start, self.text.index("(", start))
        try:
            inspect.signature(self.functions[name]).bind(*range(count))
        except ValueError:  # a function written in C need not tell, and then checks for itself
            pass
        except TypeError:
            advice = f"{name}({', '.join(inspect.signature(self.functions[name]).parameters)})"
            self.fail(f"{_quoted(name)} does not take {count} argument(s) - write {advice}", start, end)
        return self.functions[name]


def _lacks_operator(before: re.Match[str], token: re.Match[str]) -> bool:
    """Whether two tokens are two operands side by side, as in `2x` and `)(`; a name and a bracket are a call."""
    return bool((before[0] in ")]}" or before.lastgroup) and (token.lastgroup or (token[0] == "(" and before.lastgroup != "name")))


def _shown(text: str) -> str:
    """`text` with a visible sign for all that is invisible or would move the cursor."""
    return "".join(c if c.isprintable() else " " if c in "\t\r\n" else "\ufffd" for c in text)


def _quoted(text: str) -> str:
    return f"`{_shown(text if len(text) <= 40 else text[:37] + '...')}`"


def _width(text: str) -> int:
    """Columns of a terminal that `text` fills: two for wide letters, none for accents on others."""
    return sum(2 if east_asian_width(c) in "WF" else category(c) not in ("Mn", "Me") for c in text)
