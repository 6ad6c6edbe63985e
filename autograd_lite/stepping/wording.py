"""The text of steps: names of values, numbers of four digits, and equations as templates for either.

    name       the label of a value; without one, L for the root, v1, v2 ... in order of computation, and the number of a constant
    template   an equation as a tuple: pieces of text, and the places of operands as whole numbers (OUT for the result)

The page prints the same equations from the same templates: `player.js` repeats these rules, and tests compare the two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import isfinite

from autograd_lite.calculus.symbols import partial_texts
from autograd_lite.drawing.live.names import names as names
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import ATOM, SIGN, Text

Template = tuple[str | int, ...]
OUT = -1
LONGEST_RULE = 120
MANY_OPERANDS = 8
_ONE_LESS = re.compile(r" \*\* \(([2-9]) - 1\)")
_PLACE = re.compile("\x02(-?[0-9]+)\x03")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def number(x: float) -> str:
    """A number with four decimals, or four digits where it is very small or large; halves are rounded up, as a browser does.

    >>> number(2.0), number(0.03125), number(-1.5e-7), number(0.0)
    ('2.0000', '0.0313', '-1.500e-7', '0')
    """
    if x == 0.0:
        return "0"
    if not isfinite(x):
        return "nan" if x != x else "inf" if x > 0.0 else "-inf"
    with localcontext(rounding=ROUND_HALF_UP):
        return f"{Decimal(x):.4f}" if 1e-4 <= abs(x) < 1e6 else f"{Decimal(x):.3e}".replace("+", "")


def quotient(above: str, below: str) -> str:
    """The derivative of one name by another: dL/dw, with parentheses around what is no plain identifier.

    >>> quotient("L", "w[0]")
    'dL/d(w[0])'
    """
    return f"{_differential(above)}/{_differential(below)}"


def _differential(name: str) -> str:
    return f"d{name}" if _IDENTIFIER.fullmatch(name) else f"d({name})"


@dataclass(frozen=True, slots=True)
class Wording:
    """How one primitive of a given number of operands is written.

    Attributes:
        symbol: the template of a call.
        guarded: the places where a negative number needs parentheses, as the base of a power does.
        rules: per operand the template of the local derivative; None where the rule has no short text.
        textbook: the same as books write it, where that is another form; None where it is not.
    """

    symbol: Template
    guarded: frozenset[int]
    rules: tuple[Template | None, ...]
    textbook: tuple[Template | None, ...]

    def call(self, operands: Sequence[str]) -> str:
        """The call of these operands, names or numbers."""
        return render(self.symbol, operands, "", self.guarded)

    def rule(self, position: int, operands: Sequence[str], out: str) -> str | None:
        """The local derivative with respect to the operand at `position`."""
        return _rendered(self.rules[position], operands, out)

    def read(self, position: int, operands: Sequence[str], out: str) -> str | None:
        """The same in the form to be read first: that of books, where there is one."""
        return _rendered(self.textbook[position] or self.rules[position], operands, out)


def _rendered(template: Template | None, operands: Sequence[str], out: str) -> str | None:
    return None if template is None else _shortened(render(template, operands, out, _everywhere(template)))


def _shortened(text: str) -> str:
    """A rule without the sums that a number as exponent leaves in it.

    >>> _shortened("2 * a ** (2 - 1)"), _shortened("3 * a ** (3 - 1)")
    ('2 * a', '3 * a ** 2')
    """
    return _ONE_LESS.sub(lambda found: "" if found[1] == "2" else f" ** {int(found[1]) - 1}", text)


def _everywhere(template: Template) -> frozenset[int]:
    return frozenset(part for part in template if isinstance(part, int)) if len(template) > 1 else frozenset()


def render(template: Template, operands: Sequence[str], out: str, guarded: frozenset[int]) -> str:
    """The template with operands and result in their places."""
    texts = []
    for part in template:
        text = part if isinstance(part, str) else out if part == OUT else operands[part]
        texts.append(f"({text})" if part in guarded and text.startswith("-") else text)
    return "".join(texts)


def wording(primitive: Primitive, count: int) -> Wording:
    """The wording of a primitive of `count` operands, written by the primitive and by its rules.

    >>> from autograd_lite.engine.primitives import divide
    >>> wording(divide, 2).rules
    (('1 / ', 1), ('-', -1, ' / ', 1))
    >>> wording(divide, 2).read(1, ["a", "b"], "q")
    '-a / b ** 2'
    """
    tokens = [_token(place) for place in range(count)]
    written = primitive.write([Text(token, ATOM) for token in tokens]).text
    signed = primitive.write([Text(token, SIGN) for token in tokens]).text
    guarded = frozenset(place for place, token in enumerate(tokens) if f"({token})" in signed and f"({token})" not in written)
    return Wording(_template(written), guarded, tuple(_rules(primitive, tokens)), _textbook(primitive, tokens))


def _textbook(primitive: Primitive, tokens: list[str]) -> tuple[Template | None, ...]:
    """The forms of books; one is for every operand of a list. `check_primitive` says what is wrong with a user's own."""
    forms = primitive.textbook * len(tokens) if primitive.takes_list else primitive.textbook
    operands = tokens if primitive.takes_list else tokens[:1] * len(tokens)
    try:
        texts = [form.format(x=x, y=tokens[-1], out=_token(OUT)) for form, x in zip(forms, operands, strict=True)]
    except (LookupError, ValueError):
        return (None,) * len(tokens)
    return tuple(_template(text) if text else None for text in texts)


def _rules(primitive: Primitive, tokens: list[str]) -> list[Template | None]:
    nothing: list[Template | None] = [None] * len(tokens)
    try:
        if len(tokens) > MANY_OPERANDS:
            # Some rules grow with the cube of their operands. Probe with 6 and 7 operands.
            few = tokens[: 6 + len(tokens) % 2]
            if any(_is_long(text) for text in partial_texts(primitive, few, _token(OUT))):
                return nothing
        texts = partial_texts(primitive, tokens, _token(OUT))
    except Exception:  # a user's own rule may fail on symbols in any way; the numbers are shown without it
        return nothing
    return [None if _is_long(text) else _template(text) for text in texts]


def _is_long(text: str) -> bool:
    return len(_PLACE.sub("xx", text)) > LONGEST_RULE


def _token(place: int) -> str:
    return f"\x02{place}\x03"


def _template(text: str) -> Template:
    parts = _PLACE.split(text)  # text, place, text, place ... text
    return tuple(int(part) if i % 2 else part for i, part in enumerate(parts) if part)
