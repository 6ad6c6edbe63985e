"""The derivatives of a function of arrays, judged: one by one where they are few, else in blocks along random directions.

A block of inputs is moved along a random direction, a block of results is weighed at random; what is judged is one number of each
pair of blocks. No weight is below 1, and a direction follows the signs of the claims, so that no terms cancel: an entry that is
wrong by more than the bar is seen. Where a pair of blocks is wrong, or stands on a kink, which a mixture must not be judged by,
halves are looked at until the entry is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy

from autograd_lite.testing.checker.checking import check
from autograd_lite.testing.checker.verdict import Component, Verdict
from autograd_lite.testing.libraries.array_function import ArrayFunction, ArrayPlace, Row
from autograd_lite.testing.libraries.protocol import complaints, randomness

_MOST = 64  # derivatives, or numbers, that are judged one by one
_DIRECTIONS = 16  # for more
_MOST_SEARCHES = 40
_START = 1.0  # where a direction begins; beside 0 floats are so small that nothing would move
_SEED = -2.0  # a backward pass that forgets what it is given, or takes its size, differs
_MOST_SHOWN = 64


@dataclass(frozen=True)
class Entries:
    """Some numbers of a place.

    Attributes:
        place: the array.
        start: where the array begins in the row of all numbers.
        first: the first of them, within the array.
        count: how many.
    """

    place: ArrayPlace
    start: int
    first: int
    count: int

    @property
    def where(self) -> slice:
        """Where they stand in the row of all numbers."""
        return slice(self.start + self.first, self.start + self.first + self.count)

    def __str__(self) -> str:
        first, last = self.place.entry(self.first), self.place.entry(self.first + self.count - 1)
        return first if self.count == 1 else f"({first} to {last})"

    def halves(self) -> "list[Entries]":
        """Two blocks of about the same size."""
        half = self.count // 2
        return [replace(self, count=half), replace(self, first=self.first + half, count=self.count - half)]

    def weights(self, signs: Row | None = None) -> Row:
        """Weights of a size between 1 and 1.5; 1 for a single number. Those of a direction, which has signs, are no results'."""
        if self.count == 1:
            return numpy.ones(1)
        random = numpy.random.default_rng((self.start, int(signs is not None)))  # w @ turned @ w is 0 for every turn the wrong way
        sizes, chosen = random.uniform(1.0, 1.5, self.place.size), random.choice((-1.0, 1.0), self.place.size)
        here = slice(self.first, self.first + self.count)
        found: Row = sizes[here] * (chosen[here] if signs is None else numpy.where(signs == 0.0, chosen[here], numpy.sign(signs)))
        return found


def judge_function(function: ArrayFunction, order: int, resolution: float | None) -> Verdict:
    """The verdict on all derivatives that the library claims for a function at a point.

    Args:
        function: with its point.
        order: 1, or 2 for those of its gradient, too.
        resolution: as for `check`.
    """
    if order not in (1, 2):
        raise ValueError(f"derivatives are checked to order 1 or 2, got {order!r}")
    found = randomness(function)
    if not found:
        found = [*complaints(function), *_EntrySearch(function, resolution).components()]
    if order == 2:
        found += judge_function(function.differentiated(), 1, resolution).components
    entries = (place.entry(number) for place in function.inputs for number in range(place.size))
    point = dict(zip(entries, map(float, function.numbers[:_MOST_SHOWN]), strict=False))
    return Verdict(function.name, point, tuple(found))


def _blocks(places: Sequence[ArrayPlace], most: int) -> list[Entries]:
    """At least one for each place, and about `most` in all, in proportion to the sizes."""
    total = sum(place.size for place in places)
    found, start = [], 0
    for place in places:
        pieces = min(place.size, max(1, most * place.size // total))
        edges = [place.size * piece // pieces for piece in range(pieces + 1)] if pieces else [0]
        found += [Entries(place, start, low, high - low) for low, high in pairwise(edges)]
        start += place.size
    return found


class _EntrySearch:
    """The blocks of a function, and those that were split."""

    def __init__(self, function: ArrayFunction, resolution: float | None) -> None:
        self.function = function
        self.resolution = resolution
        self.left = _MOST_SEARCHES

    def components(self) -> list[Component]:
        """The components of all blocks; of a wrong one, those of the entry that is wrong."""
        inputs, outputs = self.function.inputs, self.function.outputs
        rows, columns = sum(place.size for place in outputs), sum(place.size for place in inputs)
        above = _blocks(outputs, rows if rows * columns <= _MOST else 0)
        below = _blocks(inputs, columns if columns * len(above) <= _MOST else _DIRECTIONS)
        are_single = all(block.count == 1 for block in below)
        found: list[Component] = []
        for group in [above] if are_single else [[block] for block in above]:
            judged = list(self.judged(group, below).items())
            if not all(block.count == 1 for block in (*group, *below)):
                judged.sort(key=lambda part: part[1].severity, reverse=True)
            for (output, block), component in judged:
                settled = self.settled(output, block, component)
                if output.count * block.count > 1 and settled[0].outcome == "disagrees":
                    return settled
                found += settled
        return [*found, *self.forward_mode()]

    def forward_mode(self) -> list[Component]:
        """One component for each array of the inputs, where there is such a mode."""
        f = self.function
        if f.forward_mode(f.numbers, numpy.zeros_like(f.numbers)) is None:
            return []
        pairs = [(output, block) for output in _blocks(f.outputs, 0) for block in _blocks(f.inputs, 0)]
        found = [self.judged([output], [block], forward=True)[output, block] for output, block in pairs]
        return [replace(component, name=f"{component.name}, in forward mode") for component in found]

    def judged(
        self, above: Sequence[Entries], below: Sequence[Entries], forward: bool = False
    ) -> dict[tuple[Entries, Entries], Component]:
        """One check of blocks of results and blocks of inputs, by reverse or by forward mode."""
        f = self.function
        seeds = numpy.zeros((len(above), sum(place.size for place in f.outputs)))
        for row, block in zip(seeds, above, strict=True):
            row[block.where] = block.weights()
        claimed = f.pullback(f.numbers, _SEED * seeds)[0] / _SEED
        steps = [block.weights(claimed[block.where]) * _size(block, f.numbers) for block in below]
        start = [float(f.numbers[block.where][0]) if block.count == 1 else _START for block in below]

        def moved(point: Any) -> Row:
            numbers = f.numbers.copy()
            for block, step, t in zip(below, steps, numpy.array(point, dtype=float), strict=True):
                numbers[block.where] = t if block.count == 1 else numbers[block.where] + (t - _START) * step
            return numbers

        # A mixture may cancel, and be small beside its rounding; with this much more it is as large as what it is made of.
        more = abs(seeds) @ abs(numpy.nan_to_num(f.values(f.numbers))) * [block.count > 1 for block in above]

        def values(point: Any) -> Any:
            return (seeds @ f.values(moved(point)) + more).tolist()

        def claims(point: Any) -> Any:
            if forward:
                columns = [
                    f.forward_mode(moved(point), _along(block, step, f.numbers)) for block, step in zip(below, steps, strict=True)
                ]
                return (seeds @ numpy.array(columns).T).tolist()
            rows = f.pullback(moved(point), _SEED * seeds) / _SEED
            return [[float(row[block.where] @ step) for block, step in zip(below, steps, strict=True)] for row in rows]

        verdict = check(values, (start,), gradient=claims, resolution=self.resolution, precision=f.precision)
        pairs = [(output, block) for block in below for output in above]
        return {pair: _named(pair, component, f.is_wide) for pair, component in zip(pairs, verdict.components, strict=True)}

    def settled(self, output: Entries, block: Entries, component: Component) -> list[Component]:
        """The component, or those of the halves: a mixture is not the last word where it is wrong, or stands on a kink."""
        is_off = component.gap > component.bar or component.expected.is_kink
        if output.count == block.count == 1 or component.outcome == "agrees" or not is_off:
            return [component]
        if self.left <= 0:
            return [_unclear(component, "which of its entries is at fault was not found")]
        self.left -= 1
        above, below = ([output], block.halves()) if block.count >= output.count else (output.halves(), [block])
        groups = [self.judged([one], [other]) for one in above for other in below]  # a direction follows the claims of its results
        parts = sorted((part for group in groups for part in group.items()), key=lambda part: part[1].severity, reverse=True)
        found: list[Component] = []
        for (half_output, half), part in parts:
            settled = self.settled(half_output, half, part)
            if settled[0].outcome == "disagrees":
                return settled
            found += settled
        return found


def _along(block: Entries, step: Row, numbers: Row) -> Row:
    direction = numpy.zeros_like(numbers)
    direction[block.where] = step
    return direction


def _size(block: Entries, numbers: Row) -> float:
    """How far a direction goes: as far as the largest number of its block."""
    return 1.0 if block.count == 1 else max(1.0, float(abs(numbers[block.where]).max()))


def _named(pair: tuple[Entries, Entries], component: Component, is_wide: bool) -> Component:
    output, block = pair
    above = f" {output}" if output.place.name != "out" or output.place.shape else ""
    method = component.expected.method + (" in double precision" if is_wide else "")
    if output.count > 1 or block.count > 1:
        method += f", along random directions of {output.count} x {block.count} entries"
    return replace(component, name=f"d{above}/d {block}", expected=replace(component.expected, method=method))


def _unclear(component: Component, reason: str) -> Component:
    expected = replace(component.expected, method=f"{component.expected.method}; {reason}")
    return replace(component, expected=expected, outcome="inconclusive")
