"""The loops of a C source: what is computed for each element of an array, and which of it goes into one loop."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from autograd_lite.program.ir.arrays import Array

__all__ = ["Loop", "LoopBody", "in_loops", "together"]

Loop = tuple[str, int]  # a variable, and how far it goes


@dataclass
class LoopBody:
    """Lines that are repeated by loops.

    Attributes:
        loops: around the lines, the outer one first. lines: makes them.
        target: the array that they write to, and `place` where; "" for places that may repeat.
        assigns: whether the whole array is assigned. leaves: whether they may leave the row.
        reads: what the lines read: the texts of the places, by array.
    """

    loops: Sequence[Loop]
    lines: Callable[[], list[str]]
    target: Array | None = None
    place: str = ""
    assigns: bool = False
    leaves: bool = False
    reads: dict[Array, set[str]] = field(default_factory=dict)

    def touches(self, array: Array) -> set[str]:
        """The places of an array that the lines read or write."""
        return self.reads.get(array, set()) | ({self.place} if array is self.target else set())


def together(pieces: Sequence[LoopBody]) -> list[list[LoopBody]]:
    """The pieces in groups that run in the same loops: whatever one of a group writes, the others touch in the same round only."""
    groups: list[list[LoopBody]] = []
    for piece in pieces:
        for group in reversed(groups):
            if group[0].loops == piece.loops and all(_agree(each, piece) for each in group):
                group.append(piece)
                break
            if any(each.leaves or _written(each, piece) for each in group):
                groups.append([piece])
                break
        else:
            groups.append([piece])
    return groups


def _written(one: LoopBody, other: LoopBody) -> list[set[str]]:
    """The places that two pieces touch of arrays that one of them writes."""
    written = {array for array in (one.target, other.target) if array is not None}
    return [one.touches(array) | other.touches(array) for array in written if one.touches(array) and other.touches(array)]


def _agree(one: LoopBody, other: LoopBody) -> bool:
    return not one.loops or all(len(places) == 1 and "" not in places for places in _written(one, other))


def in_loops(loops: Sequence[Loop], lines: Sequence[str]) -> Iterator[str]:
    """Lines in their loops."""
    if not loops:
        yield from lines
        return
    for depth, (variable, length) in enumerate(loops):
        start = f"{'  ' * depth}for (ptrdiff_t {variable} = 0; {variable} < {length}; {variable}++)"
        yield f"{start} {{"
    yield from (f"{'  ' * len(loops)}{line}" for line in lines)
    yield from (f"{'  ' * depth}}}" for depth in reversed(range(len(loops))))
