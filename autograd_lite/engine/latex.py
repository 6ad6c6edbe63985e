"""Names and numbers in LaTeX; how a primitive is written stands in the table."""

import re
from typing import Final

from autograd_lite.engine.text import ATOM, PRODUCT, SIGN, Latex, number_text, visible

_GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
_INDEX: Final = r"([^\W_]+|[-+]?\d+|\{[\w,+\- ]+\}|\([\w,+\- ]+\)|[*+-])"
_BASE: Final = r"([^\^~\\]+?)"
_BRACKETS: Final = re.compile(r"(.+?)((?:\[[\w, -]+\])+)")
_DOWN_UP: Final = re.compile(rf"{_BASE}_{_INDEX}\^{_INDEX}")
_UP_DOWN: Final = re.compile(rf"{_BASE}\^{_INDEX}(?:_{_INDEX})?")
_DOWN: Final = re.compile(r"([^\W_]+?)_?(\d+|(?<=_)\{[\w,+\- ]+\})")
# MathJax shows `\%` within \text{} with its backslash and stops at `\textasciitilde`: signs stand between texts, as mathematics.
_SIGNS: Final = {"\\": r"{\backslash}", "~": r"{\sim}", "^": r"{\wedge}", **{c: f"\\{c}" for c in "{}$&#%_"}}


def latex_name(label: object) -> str:
    r"""A label as a symbol: a letter in italics, Greek by its name, indices as such, anything else as text.

    >>> [latex_name(label) for label in ("x", "x1", "w[2]", "z^1_1", "delta", "layer0.b", "50 %")]
    ['x', 'x_{1}', 'w_{2}', 'z^{1}_{1}', '\\delta', '\\text{layer0.b}', '\\text{50 }\\%']
    """
    up = ""
    base, down = _without_brackets(visible(label))
    if found := _DOWN_UP.fullmatch(base):
        base, up, down = found[1], found[3], [found[2], *down]
    elif found := _UP_DOWN.fullmatch(base):
        base, up, down = found[1], found[2], [*filter(None, [found[3]]), *down]
    base, inner = _without_brackets(base)
    down = inner + down
    if (found := _DOWN.fullmatch(base)) and _is_letter(found[1]):
        base, down = found[1], [found[2], *down]
    name = f"\\{base}" if base in _GREEK else base if _is_letter(base) else _as_text(base)
    above = f"^{{{_inner(up)}}}" if up else ""
    return name + above + (f"_{{{','.join(map(_inner, down))}}}" if down else "")


def _without_brackets(name: str) -> tuple[str, list[str]]:
    """`w` and `["1,2"]` of `w[1][2]`."""
    found = _BRACKETS.fullmatch(name)
    return (found[1], [found[2][1:-1].replace("][", ",")]) if found else (name, [])


def _is_letter(name: str) -> bool:
    return name in _GREEK or (len(name) == 1 and name.isalpha())


def _inner(index: str) -> str:
    """What stands in an index, without braces of its own."""
    return index.strip("{}").replace("_", r"\_")


def _as_text(name: str) -> str:
    """Upright text, with signs between its pieces."""
    pieces = re.findall(r"[\^~\\{}$&#%_]|[^\^~\\{}$&#%_]+", name)
    return "".join(_SIGNS.get(piece) or rf"\text{{{piece}}}" for piece in pieces)


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
