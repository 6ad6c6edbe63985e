"""Pieces of text from which expressions are put together: how tightly each binds, and what numbers look like."""

from collections.abc import Sequence
from typing import Final

__all__ = ["ATOM", "CALL", "CONDITION", "POWER", "PRODUCT", "SIGN", "SUM", "Latex", "Text"]
__all__ += ["enclosed", "in_latex", "listed", "number_text", "shorten", "text_width", "visible", "wrapped"]

# How tightly an expression binds; the looser one inside the tighter needs parentheses.
CONDITION: Final = 0
SUM: Final = 1
PRODUCT: Final = 2
SIGN: Final = 3
POWER: Final = 4
ATOM: Final = 9
CALL: Final = ATOM

_LONGEST: Final = 120
_JOINERS: Final = "\u00a0\u200c\u200d\u3000"  # blanks and joiners that are not "printable" and yet harmless


class Text:
    """A piece of an expression and how tightly it binds; what `Primitive.write` puts together."""

    __slots__ = ("precedence", "text")

    def __init__(self, text: str, precedence: float) -> None:
        self.text = text
        self.precedence = precedence


class Latex(Text):
    """A piece of an expression in LaTeX: `Primitive.write` answers in the language of its operands."""

    __slots__ = ()


def enclosed(operand: Text, precedence: float) -> Text:
    """The operand, in parentheses if it binds less tightly."""
    if operand.precedence >= precedence:
        return operand
    if isinstance(operand, Latex):
        return Latex(rf"\left({operand.text}\right)", ATOM)
    return Text(f"({operand.text})", ATOM)


def in_latex(symbol: str, name: str) -> str:
    """The LaTeX of a primitive that has only a symbol: a sign stays as it is, a name is set upright."""
    if not symbol.startswith(f"{name}("):
        return symbol
    upright = name.replace("_", r"\_")
    return rf"\operatorname{{{{{upright}}}}}\left({symbol[len(name) + 1 : -1]}\right)"


def listed(operands: Sequence[Text], longest: int = 8) -> str:
    """The operands with commas between them; of many, those at both ends."""
    texts = [operand.text for operand in operands]
    if len(texts) > longest:
        texts = [*texts[: longest // 2], f"... {len(texts) - longest} more ...", *texts[-longest // 2 :]]
    return ", ".join(texts)


def number_text(number: float) -> str:
    """A number as short as it can be told apart by a reader: six digits, whole numbers without a point.

    >>> number_text(2.0), number_text(-0.25), number_text(1 / 3)
    ('2', '-0.25', '0.333333')
    """
    return f"{number:.6g}"


def shorten(text: str, longest: int = _LONGEST) -> str:
    """The text, with its middle left out where it is longer than a line.

    >>> shorten("abcdefghij", 7)
    'ab...ij'
    """
    if len(text) <= longest:
        return text
    kept = (longest - 3) // 2
    return f"{text[:kept]}...{text[-kept:]}"


def visible(text: object, longest: int = 40) -> str:
    r"""A user's text with everything unprintable written as an escape, so that it can stand in XML, and not too long.

    >>> visible("a\x07b\udc80"), visible("abcdefgh", 5)
    ('a\\x07b\\udc80', 'abcd…')
    """
    shown = str(text)
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() or c in _JOINERS else c.encode("unicode_escape").decode() for c in shown)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def text_width(text: str) -> int:
    r"""Columns of a terminal that `text` fills: two for wide letters, none for accents on others.

    >>> text_width("e\u0301x"), text_width("\u6f22")
    (2, 2)
    """
    from unicodedata import combining, east_asian_width  # not needed to compute

    return sum(2 if east_asian_width(c) in "WF" else not combining(c) for c in text)


def wrapped(text: str, width: int) -> list[str]:
    """The words of a text in lines of so many columns of a terminal; a word is broken only where it is longer than a line.

    >>> wrapped("one two three", 7), wrapped("abcdefgh", 5), wrapped("", 5)
    (['one two', 'three'], ['abcde', 'fgh'], [''])
    """
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(joined) <= width:
            lines[-1] = joined
            continue
        lines += [""] if lines[-1] else []
        for letter in word:
            if lines[-1] and text_width(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines
