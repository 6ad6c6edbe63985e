"""Published figures, each with the exact number and what the engine computes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograd_lite.engine.text import wrapped
from autograd_lite.engine.value import Value
from autograd_lite.plotting.tables import table

_UNBOUNDED = 10_000  # characters of a line
_ROUNDED = 0.6  # units in the last published place: half of one for rounding, and some for a tie


def values_of(*numbers: float) -> list[Value]:
    """Numbers as Values."""
    return [Value(number) for number in numbers]


def grads_of(values: Sequence[Value]) -> list[float]:
    """What a backward pass left on Values."""
    return [value.grad for value in values]


@dataclass(frozen=True)
class Figure:
    """One published number.

    Attributes:
        name: what it is the value of.
        published: as it was printed; "" if only the exact number is known.
        computed: what the engine gives; None if it is not recomputed here.
        exact: recomputed in float64 by an independent program; None if only the published number is known.
        by_author: what comes out when one does what the author did; None if that is what the engine does.
        within: how far the published number may be off, where it is off by more than its own rounding.
        relative: how near to the exact number the computed one must be.
        absolute: the same, in units of the figure, for numbers near 0.
    Example:
        >>> right, wrong = Figure("f", "0.73", 0.7311, 0.7311), Figure("g", "0.75", 0.7311, 0.7311)
        >>> right.label
        'f'
        >>> [(each.published_agrees, each.exact_agrees, each.is_erratum, bool(each)) for each in (right, wrong)]
        [(True, True, False, True), (False, True, False, False)]
    """

    name: str
    published: str
    computed: float | None
    exact: float | None = None
    by_author: float | None = None
    within: float | None = None
    relative: float = 1e-14
    absolute: float = 1e-16

    @property
    def tolerance(self) -> float:
        """How far the published number may be from what it rounds.

        >>> Figure("f", "0.73", 0.731).tolerance
        0.006
        """
        if self.within is not None:
            return self.within
        mantissa, _, exponent = self.published.lower().partition("e")
        return _ROUNDED * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))

    @property
    def published_agrees(self) -> bool:
        """Whether the published number is what its author must have found; true where there is none, or nothing to compare."""
        found = self.computed if self.by_author is None else self.by_author
        return not self.published or found is None or abs(found - float(self.published)) <= self.tolerance

    @property
    def exact_agrees(self) -> bool:
        """Whether the engine gives the exact number; true where there is none, or nothing to compare."""
        if self.exact is None or self.computed is None:
            return True
        return abs(self.computed - self.exact) <= max(self.relative * abs(self.exact), self.absolute)

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    @property
    def is_erratum(self) -> bool:
        """Whether the published number is not the right one."""
        return self.by_author is not None

    def __bool__(self) -> bool:
        return self.published_agrees and self.exact_agrees


@dataclass(frozen=True)
class Example:
    """One published worked example.

    Attributes:
        title: what it is.
        source: who published it, and where.
        figures: its numbers.
        erratum: what is wrong with some of the published numbers, and how they came about; "" if nothing is.
    Example:
        >>> from autograd_lite.systems.canon import EXAMPLES
        >>> example = EXAMPLES["neuron"]()
        >>> example.title, [figure.name for figure in example.figures][:3], bool(example)
        ('neuron', ['dot', 'f', 'df/ddot'], True)
        >>> example.text(60).splitlines()[:2]
        ['neuron: Stanford cs231n, notes optimization-2, sigmoid', 'example']
        >>> example.record()["figures"][0]["published"]
        '1.00'
    """

    title: str
    source: str
    figures: tuple[Figure, ...]
    erratum: str = ""

    def __bool__(self) -> bool:
        return all(self.figures)

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """The numbers as a table, and below it what is wrong with published ones; in lines of that width."""
        rows = [
            (each.label, each.published, _number(each.exact, ""), _number(each.computed, "not recomputed")) for each in self.figures
        ]
        notes = [f"{each.label}  * as the author did: {each.by_author:.10g}" for each in self.figures if each.is_erratum]
        notes += [f"* erratum: {self.erratum}"] if self.erratum else []
        notes += [f"NOT AS EXPECTED: {each.label}" for each in self.figures if not each]
        below = [f"\n  {line}" for note in notes for line in wrapped(note, (width or _UNBOUNDED) - 2)]
        title = "\n".join(wrapped(f"{self.title}: {self.source}", width or _UNBOUNDED))
        return f"{title}\n{table(('', 'published', 'exact', 'computed'), rows, '  ', width)}{''.join(below)}"

    def record(self) -> dict[str, Any]:
        """The same as data."""
        figures = [asdict(figure) | {"as_expected": bool(figure)} for figure in self.figures]
        return {"title": self.title, "source": self.source, "figures": figures, "erratum": self.erratum}


def _number(number: float | None, none: str) -> str:
    if number is None:
        return none
    return repr(number) if number != int(number) or abs(number) > 1e6 else str(int(number))


def figures(
    names: str, computed: Sequence[float], exact: Sequence[float] | None = None, published: str = "", relative: float = 1e-14
) -> tuple[Figure, ...]:
    """Several figures at once.

    Args:
        names: their names, separated by spaces.
        computed: what the engine gives.
        exact: what it should give.
        published: as printed, separated by spaces.
        relative: as for `Figure`.
    Example:
        >>> [str(bool(figure)) for figure in figures("a b", [0.5, 0.25], [0.5, 0.25], "0.5 0.3")]
        ['True', 'True']
    """
    printed = published.split() or [""] * len(computed)
    wanted: Sequence[float | None] = exact or [None] * len(computed)
    rows = zip(names.split(), printed, computed, wanted, strict=True)
    return tuple(Figure(name, text, number, right, relative=relative) for name, text, number, right in rows)
