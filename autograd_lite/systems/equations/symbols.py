"""The quantities of the four equations in writing: w^1_12 as text, w^{1}_{12} in LaTeX."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

EQUATIONS: Final = {
    "BP1": r"\delta^L_j = \frac{\partial C}{\partial a^L_j}\,\sigma'(z^L_j)",
    "BP2": r"\delta^l_j = \Bigl(\sum_k w^{l+1}_{kj}\,\delta^{l+1}_k\Bigr)\,\sigma'(z^l_j)",
    "BP3": r"\frac{\partial C}{\partial b^l_j} = \delta^l_j",
    "BP4": r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k\,\delta^l_j",
}
_LETTERS: Final = {"delta": r"\delta"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity.

    Attributes:
        kind: "w", "b", "z", "a" or "delta".
        layer: from 1 on.
        j: the unit, from 1 on.
        k: for a weight, the unit of the layer before, from 1 on; else 0.
        of_cost: whether the derivative of the cost by it is meant.
    """

    kind: str
    layer: int
    j: int
    k: int = 0
    of_cost: bool = False

    @property
    def text(self) -> str:
        """As plain text.

        >>> Quantity("w", 1, 1, 2).text, Quantity("b", 2, 1, of_cost=True).text
        ('w^1_12', 'dC/db^2_1')
        """
        name = f"{self.kind}^{self.layer}_{self._indices()}"
        return f"dC/d{name}" if self.of_cost else name

    @property
    def latex(self) -> str:
        r"""In LaTeX.

        >>> print(Quantity("delta", 2, 1).latex, Quantity("w", 1, 1, 2, of_cost=True).latex)
        \delta^{2}_{1} \frac{\partial C}{\partial w^{1}_{12}}
        """
        name = f"{_LETTERS.get(self.kind, self.kind)}^{{{self.layer}}}_{{{self._indices()}}}"
        return rf"\frac{{\partial C}}{{\partial {name}}}" if self.of_cost else name

    def _indices(self) -> str:
        between = "," if max(self.j, self.k) > 9 else ""
        return f"{self.j}{between}{self.k}" if self.k else str(self.j)


def latex(numbers: Iterable[tuple[str, Quantity, float]], digits: int = 6) -> str:
    r"""The four equations and the numbers that follow from them, as one `aligned` environment.

    Args:
        numbers: the equation's name, the symbol and its number, equations in order.
        digits: significant digits.
    Example:
        >>> from autograd_lite.systems.equations.symbols import Quantity
        >>> print(latex([("BP3", Quantity("b", 1, 1, of_cost=True), 0.25)]))
        \begin{aligned}
        &\text{BP3}\quad \frac{\partial C}{\partial b^l_j} = \delta^l_j\\
        &\qquad \frac{\partial C}{\partial b^{1}_{1}} = 0.25
        \end{aligned}
    """
    lines: list[str] = []
    last = ""
    for equation, symbol, number in numbers:
        if equation != last:
            lines.append(rf"&\text{{{equation}}}\quad {EQUATIONS[equation]}")
            last = equation
        lines.append(rf"&\qquad {symbol.latex} = {_number(number, digits)}")
    return "\\begin{aligned}\n" + "\\\\\n".join(lines) + "\n\\end{aligned}"


def _number(number: float, digits: int) -> str:
    mantissa, _, exponent = f"{number:.{digits}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
