"""Scripts: what a rule writes itself on in JavaScript, as it does for readers on symbols; with all digits, and all refusals."""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, Final, final

from autograd_lite.calculus.javascript.library import rule_name
from autograd_lite.calculus.javascript.translation import INFIX, number_text
from autograd_lite.calculus.operators import SIGNS, Operators
from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine import mathematics
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward, load_again
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, CONDITION, PRODUCT, SIGN, SUM, Text

_COMPARISON: Final = 0.5  # binds tighter than a choice, looser than a sum
_SIGNS: Final = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}
_COMPARED: Final = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "==": "===", "!=": "!=="}
_NAMED: Final = {"/": "divide", "**": "power"}
_WIDEST, _ROOM, _EACH = 40, 40, 24  # operands of a list, and characters, that stand in the place of a call


@final
class Script(Operators, Text):
    """A piece of JavaScript that grows by arithmetic, as a Value does.

    >>> x = Script("x")
    >>> ((x + 0.1) / x).text, (-(x - -1.0)).text, (x / 3.0).text
    ('divide(x + 0.1, x)', '-(x - (-1))', 'x / 3')
    """

    __slots__ = ()

    def __init__(self, text: str, precedence: float = ATOM) -> None:
        super().__init__(text, precedence)

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> "Script":
        """The text of primitive(*operands)."""
        return value_text(primitive, list(map(script, operands)))

    def record_branches(self, x: Any, y: Any) -> "Script":
        """The text of a choice between x and y by this condition; a branch given as a function is computed where it is taken."""
        branches = [script(each() if callable(each) else each) for each in (x, y)]
        if callable(x) or callable(y) or not any("(" in each.text for each in branches):
            return Script(f"{self.text} ? {' : '.join(_enclosed(each, _COMPARISON) for each in branches)}", CONDITION)
        return _called("where", self, *branches)

    def operated(self, sign: str, left: Any, right: Any) -> "Script":
        """The text of left + right, and so on."""
        x, y = script(left), script(right)
        if sign in _COMPARED:
            return _compared(_COMPARED[sign], x, y)
        if sign in _NAMED and not (sign == "/" and _is_nonzero(y)):
            return _called(_NAMED[sign], x, y)
        if sign not in _SIGNS and sign not in _NAMED:
            return self.record(SIGNS[sign], (x, y))
        precedence = _SIGNS[sign]
        second = _enclosed(y, precedence + 1)
        return Script(f"{_enclosed(x, precedence)} {sign} {f'({second})' if second.startswith('-') else second}", precedence)

    def __neg__(self) -> "Script":
        text = _enclosed(self, SIGN)
        return Script(f"-({text})" if text.startswith("-") else f"-{text}", SIGN)

    def __le__(self, other: Any) -> "Script":
        return self.operated("<=", self, other)

    def __ge__(self, other: Any) -> "Script":
        return self.operated(">=", self, other)

    def __ne__(self, other: object) -> Any:
        return self.operated("!=", self, other)

    def __abs__(self) -> "Script":
        return _called("abs", self)

    def __bool__(self) -> bool:
        raise TypeError("a rule that branches with `if` has no text: write where(condition, x, y)")

    __hash__ = None  # type: ignore[assignment]


def script(operand: Any) -> Script:
    """A number, or what is a script already, as a script; a list of them as a list."""
    if isinstance(operand, Script):
        return operand
    if isinstance(operand, list | tuple):
        return Script(f"[{', '.join(script(each).text for each in operand)}]")
    text = number_text(float(operand))
    return Script(text, SIGN if text.startswith("-") else ATOM)


def _number(operand: Any) -> Script:
    """What a rule gives as a number; the truth of a comparison counts as 1 or 0."""
    found = script(operand)
    return Script(f"{found.text} ? 1 : 0", CONDITION) if found.precedence == _COMPARISON else found


def value_text(primitive: Primitive, operands: Sequence[Script]) -> Script:
    """The value of a primitive as an expression of its operands.

    Raises:
        GraphError: if its rule computes with anything but arithmetic and this library's functions.
    """
    if len(operands) <= _WIDEST or not primitive.is_builtin:
        written = _number(_tried(primitive, "forward", lambda: forward(_rule(primitive), list(operands))))
        if not primitive.is_builtin or _is_plain([written.text], len(operands)):
            return written
    return _called(rule_name(primitive, "forward"), *([list(operands)] if primitive.takes_list else operands))


def partial_texts(
    primitive: Primitive, operands: Sequence[Script], out: Script, wanted: Sequence[bool]
) -> list[Script | None] | Script:
    """The local derivatives by the operands that are wanted.

    Returns:
        An expression for each, None for the others; or one expression for a list of all.
    """
    written: list[Script | None] | None = _written_partials(primitive, list(operands), out, wanted)
    if written is not None:
        return written
    if primitive.takes_list:
        return _called(rule_name(primitive, "partials"), list(operands), out)
    methods = zip(("dx", "dy"), wanted, strict=False)
    return [_called(rule_name(primitive, method), *operands, out) if asked else None for method, asked in methods]


def _written_partials(primitive: Primitive, operands: list[Script], out: Script, wanted: Sequence[bool]) -> Any:
    """The partials as their rules write them; None where a call is shorter, or they are one list."""
    if primitive.is_builtin and len(operands) > _WIDEST:
        return None
    rule = _rule(primitive)
    if primitive.takes_list:
        found = _tried(primitive, "partials", lambda: rule.partials(operands, out))
        if isinstance(found, Script):
            return None
        found = [each if asked else None for each, asked in zip(found, wanted, strict=True)]
    else:
        found = _tried(primitive, "dx", lambda: partials_of(rule, operands, out, wanted))
    written = [None if each is None else _number(each) for each in found]
    texts = [each.text for each in written if each is not None]
    return written if not primitive.is_builtin or _is_plain(texts, len(operands)) else None


def _rule(primitive: Primitive) -> Any:
    return _table()[primitive.name] if primitive.is_builtin else primitive


@cache
def _table() -> Any:
    """The table, whose rules write down what they call."""
    names = {name: getattr(mathematics, name) for name in mathematics.__all__}
    words = {name: partial(_called, name) if callable(thing) else thing for name, thing in names.items()}
    words |= {name: partial(_compared, sign) for name, sign in INFIX.items()}
    return load_again("primitives", "javascript", {"m": SimpleNamespace(**words)}).TABLE


def _compared(sign: str, left: Any, right: Any) -> Script:
    x, y = script(left), script(right)
    return Script(f"{_enclosed(x, SUM)} {sign} {_enclosed(y, SUM)}", _COMPARISON)


def _called(name: str, *operands: Any) -> Script:
    return Script(f"{name}({', '.join(script(operand).text for operand in operands)})")


def _enclosed(part: Script, least: float) -> str:
    return part.text if part.precedence >= least else f"({part.text})"


def _is_nonzero(part: Script) -> bool:
    return re.fullmatch(r"-?(\d[\d.e+-]*)", part.text) is not None and float(part.text) != 0.0


def _is_plain(texts: Sequence[str], operands: int) -> bool:
    """Whether texts are short, and none of them computes the same function twice."""
    calls = [re.findall(r"\w+(?=\()", text) for text in texts]
    return sum(map(len, texts)) <= _ROOM + _EACH * operands and all(len(set(each)) == len(each) for each in calls)


def _tried(primitive: Primitive, method: str, write: Callable[[], Any]) -> Any:
    try:
        return write()
    except GraphError:
        raise
    except Exception as error:
        raise GraphError(
            f"the rule `{method}` of the primitive `{primitive.name}` has no text in JavaScript: {error}. Let it compute by "
            "arithmetic and by functions of autograd_lite, and choose by `where`."
        ) from error
