"""equation: a graph as the expression that a person would write, in text and in LaTeX.

Both are written by the primitives themselves (`Primitive.write`). Labels are names. A value that is labelled, or used more than
once and not short, gets a line of its own; so nothing is written twice, and the length stays in bounds.
"""

from collections import Counter, deque
from dataclasses import dataclass
from itertools import count
from typing import Final

from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.latex import latex_name, latex_number
from autograd_lite.engine.text import ATOM, POWER, SIGN, Latex, Text, number_text, shorten, visible
from autograd_lite.engine.value import Value

MOST_OPERATIONS: Final = 200  # written out, those nearest to the root
LONGEST: Final = 2000  # characters of a line
WORTH_A_NAME: Final = 20  # characters of an expression that is used again


@dataclass(frozen=True, slots=True, repr=False)
class Formula:
    """A graph written as a formula: a line `name = expression` for each value that has a name, operands before users.

    Given by `equation`.

    Attributes:
        text: plain, one line for each definition.
        latex: the same for LaTeX, without dollar signs.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0, label="x")
        >>> slope = x * x
        >>> slope.label = "s"
        >>> formula = equation(slope / (slope + 1.0))
        >>> formula.text.splitlines(), formula.latex.count("frac")
        (['s = x * x', 's / (s + 1)'], 1)
    """

    text: str
    latex: str

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def equation(value: Value, *, shared: bool = True, most: int = MOST_OPERATIONS) -> Formula:
    r"""The expression that a value was computed by.

    Args:
        value: the root.
        shared: give names t1, t2, ... to unlabelled subexpressions that are used more than once and are not short. Without, they
            are written out each time.
        most: how many operations to write out, those nearest to the root; "..." stands for what is further away.
    Raises:
        TypeError: if `value` is not a Value.
        ValueError: if `most` is not positive.
    Example:
        >>> from autograd_lite import Value
        >>> x, w = Value(3.0, label="x"), Value(2.0, label="w")
        >>> print(equation((w * x - 1.0) / (w + x)))
        (w * x - 1) / (w + x)
        >>> equation((w * x - 1.0) / (w + x)).latex
        '\\frac{w \\cdot x - 1}{w + x}'
    """
    if not isinstance(value, Value):
        raise TypeError(f"equation takes a Value, got {type(value).__name__} {value!r:.60}")
    if not isinstance(most, int) or most < 1:
        raise ValueError(f"`most` is {most!r}: give a whole number from 1 on")
    survey = Survey(value)
    written = _near_root(survey, most)
    plain = _Writer(survey, written, shared, Text).lines()
    latex = _Writer(survey, written, shared, Latex).lines()
    text = "\n".join(f"{name} = {line}" if name else line for name, line in plain)
    if len(latex) == 1:
        name, line = latex[0]
        return Formula(text, f"{name} = {line}" if name else line)
    rows = " \\\\\n".join(f"{name} &= {line}" if name else f"& {line}" for name, line in latex)
    return Formula(text, f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}")


def _near_root(survey: Survey, most: int) -> list[int]:
    """The places of the operations to write out, in order: those that the fewest steps lead to."""
    seen = {survey.root}
    queue = deque([survey.root])
    found: list[int] = []
    while queue and len(found) < most:
        i = queue.popleft()
        if survey.start[i] == survey.start[i + 1]:
            continue
        found.append(i)
        for p in survey.operands_of(i):
            if p not in seen:
                seen.add(p)
                queue.append(p)
    return sorted(found)


class _Writer:
    """The lines of an equation in one language: `kind` is Text or a kind of Text that knows another way to write."""

    def __init__(self, survey: Survey, written: list[int], shared: bool, kind: type[Text]) -> None:
        self.survey, self.written, self.shared, self.kind = survey, written, shared, kind
        self.uses = Counter(p for i in written for p in survey.operands_of(i))
        self.taken = {str(survey.values[i].label) for i in (*written, *self.uses)}

    def lines(self) -> list[tuple[str, str]]:
        known: dict[int, Text] = {}
        lines: list[tuple[str, str]] = []
        for i in self.written:
            value = self.survey.values[i]
            assert value.primitive is not None
            operands = [known[p] if p in known else self._atom(p) for p in self.survey.operands_of(i)]
            made = value.primitive.write(operands)
            text = self.kind(made.text, made.precedence) if len(made.text) <= LONGEST else self._left_out()
            known[i] = text
            if i == self.survey.root:
                text = text if len(made.text) <= LONGEST else self._cut(made)
                lines.append((self._name(value.label).text if value.label else "", text.text))
            elif value.label or (self.shared and self.uses[i] > 1 and len(text.text) > WORTH_A_NAME):
                known[i] = name = self._name(value.label or self._fresh())
                lines.append((name.text, text.text))
        if not self.written:
            lines.append(("", self._atom(self.survey.root).text))
        return lines

    def _fresh(self) -> str:
        name = next(name for k in count(1) if (name := f"t{k}") not in self.taken)
        self.taken.add(name)
        return name

    def _atom(self, i: int) -> Text:
        """A leaf by its label or number; "..." for an operation that is too far away to write out, unless it has a label."""
        value = self.survey.values[i]
        if value.label:
            return self._name(value.label)
        if value.primitive is not None:
            return self._left_out()
        if self.kind is Latex:
            return latex_number(value.data)
        text = number_text(value.data)
        return Text(text, SIGN if text.startswith("-") else ATOM)

    def _left_out(self) -> Text:
        return self.kind(r"\ldots" if self.kind is Latex else "...", ATOM)

    def _cut(self, made: Text) -> Text:
        """A line that is too long: its middle goes; LaTeX, which cannot be cut anywhere, goes whole."""
        return self._left_out() if self.kind is Latex else Text(shorten(made.text, LONGEST), made.precedence)

    def _name(self, label: object) -> Text:
        if self.kind is not Latex:
            return Text(visible(label), ATOM)
        name = latex_name(label)
        return Latex(name, POWER if "^{" in name else ATOM)  # raised to a power, it must not have two exponents
