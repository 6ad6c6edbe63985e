"""A function of arrays as a function of one row of numbers, with the derivatives that its library claims for it."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy

Row = numpy.ndarray[Any, numpy.dtype[numpy.float64]]

GROSS = (
    1e-4  # relative: where a rule of the library's is broken, it is so by far; and a function may compute in a coarser precision
)
_AGREEMENT = 64.0  # units: how near the values in double precision must be to those of the function's own
_AROUND = (0.0, 0.0625, -0.09375)  # how far from the point, relative, both are compared


@dataclass(frozen=True)
class ArrayPlace:
    """An array among the arguments or the results.

    Attributes:
        name: `w`, `params['w']`, `out[1]`.
        shape: its shape.
    Example:
        >>> ArrayPlace("w", (2, 3)).entry(5), ArrayPlace("loss", ()).entry(0)
        ('w[1, 2]', 'loss')
    """

    name: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    def entry(self, number: int) -> str:
        """What to call one of its numbers."""
        if not self.shape:
            return self.name
        return f"{self.name}[{', '.join(str(index) for index in numpy.unravel_index(number, self.shape))}]"


class ArrayFunction(ABC):
    """A function of arrays at a point, for the checker.

    Attributes:
        name: in words.
        inputs: the arrays to differentiate by.
        outputs: the results.
        numbers: all numbers in the inputs.
        precision: the name of the coarsest dtype at work, by which the claims are judged.
        unit: the distance from 1 to the next number in it.
        is_wide: whether values are computed in double precision, of a function that is claimed about in a coarser one.
    """

    name: str
    inputs: Sequence[ArrayPlace]
    outputs: Sequence[ArrayPlace]
    numbers: Row
    precision: str
    unit: float
    is_wide: bool

    @property
    def names(self) -> list[str]:
        """What the inputs are called."""
        return [place.name for place in self.inputs]

    @abstractmethod
    def evaluate(self, numbers: Row, wide: bool) -> Row:
        """All results, in double precision or in that of the function."""

    @abstractmethod
    def pullback(self, numbers: Row, seeds: Row) -> Row:
        """The claims: a row of derivatives by all inputs for each row of weights of the results."""

    @abstractmethod
    def differentiated(self) -> "ArrayFunction":
        """The gradient of a weighted sum of the results, by the same arrays."""

    @abstractmethod
    def random_states(self) -> Any:
        """What the random number generators that a function may use are at."""

    @abstractmethod
    def forward_mode(self, numbers: Row, direction: Row) -> Row | None:
        """The derivative of all results along a direction, where the library has such a mode for this function."""

    def complaints(self) -> Iterator[tuple[str, float, float, str]]:
        """What the library's own rules forbid: where, the number that there is, the one that should be, and why."""
        return iter(())

    def values(self, numbers: Row) -> Row:
        """All results as doubles; nan where there are none."""
        try:
            return self.evaluate(numbers, self.is_wide)
        except RuntimeError:  # what a library raises outside of a domain
            return numpy.full(sum(place.size for place in self.outputs), numpy.nan)

    def find_wide(self) -> bool:
        """Whether the function takes double precision, too, and is the same function there."""
        for share in _AROUND:
            numbers = self.numbers + share * numpy.maximum(1.0, abs(self.numbers)) * (share != 0.0)
            try:
                narrow, wide = self.evaluate(self.rounded(numbers), False), self.evaluate(self.rounded(numbers), True)
            except Exception:  # whatever a stranger's function raises: it has one precision
                return False
            if narrow.shape != wide.shape or not _are_near(narrow, wide, _AGREEMENT * self.unit):
                return False
        return True

    @abstractmethod
    def rounded(self, numbers: Row) -> Row:
        """Numbers that the inputs hold exactly."""


def _are_near(narrow: Row, wide: Row, tolerance: float) -> bool:
    finite = numpy.isfinite(wide) & numpy.isfinite(narrow)
    if not (numpy.isfinite(wide) == numpy.isfinite(narrow)).all():
        return False
    size = max(1e-30, float(abs(wide[finite]).max(initial=0.0)))
    return bool((abs(narrow - wide)[finite] <= tolerance * size).all())


def tree_leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested lists, tuples and dictionaries, with the way to each.

    >>> list(tree_leaves({"w": [1, 2]}, "p"))
    [("p['w'][0]", 1), ("p['w'][1]", 2)]
    """
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from tree_leaves(branch, f"{name}[{key!r}]")
    elif isinstance(tree, list | tuple):
        for index, branch in enumerate(tree):
            yield from tree_leaves(branch, f"{name}[{index}]")
    else:
        yield name, tree


def tree_filled(tree: Any, leaves: Iterator[Any]) -> Any:
    """The same tree with other leaves.

    >>> tree_filled({"w": [1, 2], "b": (3,)}, iter("abc"))
    {'w': ['a', 'b'], 'b': ('c',)}
    """
    if isinstance(tree, dict):
        return type(tree)((key, tree_filled(branch, leaves)) for key, branch in tree.items())
    if isinstance(tree, list | tuple):
        branches = [tree_filled(branch, leaves) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(leaves)


def argument_names(function: Callable[..., Any], count: int, skipped: int = 0) -> list[str]:
    """What the parameters of a function are called; `x[0]`, `x[1]` where it does not say."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
    except (TypeError, ValueError):
        parameters = []
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)][:count]
    star = next((each.name for each in parameters if each.kind == each.VAR_POSITIONAL), "x")
    rest = count - len(names)
    return [*names, *([star] if rest == count == 1 else [f"{star}[{index}]" for index in range(rest)])]


def split_row(row: Row, places: Sequence[ArrayPlace]) -> list[Row]:
    """The part of a row that belongs to each place."""
    ends = numpy.cumsum([place.size for place in places])
    return numpy.split(row, ends[:-1])
