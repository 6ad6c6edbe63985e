"""Names and numbers in LaTeX; how a primitive is written stands in the table."""

import re
from typing import Final

from autograd_lite.engine.text import ATOM, PRODUCT, SIGN, Latex, number_text, visible

_INDEXED: Final = re.compile(r"(.+?)((?:\[[\w, -]+\])+)")
_NUMBERED: Final = re.compile(r"([A-Za-z])_?(\d+)")
_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: f"\\{c}" for c in "{}$&#%_"},
}


def latex_name(label: object) -> str:
    r"""A label as a symbol: one letter in italics, an index as an index, anything else as text.

    >>> [latex_name(label) for label in ("x", "x1", "w[2]", "layer0.b", "50 %")]
    ['x', 'x_{1}', 'w_{2}', '\\text{layer0.b}', '\\text{50 \\%}']
    """
    text = visible(label)
    indexed = _INDEXED.fullmatch(text)
    if indexed:
        name, index = latex_name(indexed[1]), indexed[2][1:-1].replace("][", ",").replace("_", r"\_")
        return f"{name[:-1]},{index}}}" if _NUMBERED.fullmatch(indexed[1]) else f"{name}_{{{index}}}"
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        return f"{numbered[1]}_{{{numbered[2]}}}"
    if len(text) == 1 and text.isalpha():
        return text
    return rf"\text{{{''.join(_SPECIAL.get(c, c) for c in text)}}}"


def latex_number(number: float) -> Latex:
    r"""A number as it is set, powers of ten as powers.

    >>> latex_number(-0.5).text, latex_number(1e-9).text, latex_number(float("inf")).text
    ('-0.5', '1 \\cdot 10^{-9}', '\\infty')
    """
    text = number_text(number)
    if "e" in text:
        digits, exponent = text.split("e")
        return Latex(rf"{digits} \cdot 10^{{{int(exponent)}}}", SIGN - 1 if text.startswith("-") else PRODUCT)
    text = text.replace("inf", r"\infty").replace("nan", r"\text{nan}")
    return Latex(text, SIGN if text.startswith("-") else ATOM)
