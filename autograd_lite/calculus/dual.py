"""Dual numbers: forward mode, by the table's own rules."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from autograd_lite.calculus.perturbed import Perturbed, partials_at
from autograd_lite.engine.errors import warn_of_nan_slope
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.recording import is_paused


class Dual(Perturbed):
    """A number and its derivatives along directions.

    slope(out) = sum over operands x of d out / d x * slope(x), for each direction along which x changes.

    Attributes:
        slopes: the derivative along every direction that counts, by the direction's number; empty for constants.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.1: forward mode.
    Example:
        >>> x = Dual(3.0, {0: 1.0})
        >>> (x * x + 1.0).slopes
        {0: 6.0}
    """

    __slots__ = ("slopes",)

    def __init__(self, number: Any, slopes: Mapping[int, Any] | None = None, tag: int = 0) -> None:
        super().__init__(number, tag)
        self.slopes = dict(slopes or {})

    def __repr__(self) -> str:
        return f"Dual({self.number!r}, {self.slopes!r})"

    @property
    def parts(self) -> list[Any]:
        return [self.number, *self.slopes.values()]

    def rebuilt(self, parts: Iterable[Any]) -> Self:
        number, *slopes = parts
        return type(self)(number, dict(zip(self.slopes, slopes, strict=True)), self.tag)

    def computed(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        own = [each.slopes if isinstance(each, Dual) and each.tag == self.tag else None for each in operands]
        numbers = [each if slopes is None else each.number for each, slopes in zip(operands, own, strict=True)]
        out = primitive.of(numbers)
        if is_paused():
            return out
        partials = partials_at(primitive, numbers, out, [bool(slopes) for slopes in own])
        found: dict[int, Any] = {}
        for partial, slopes in zip(partials, own, strict=True):
            for direction, slope in (slopes or {}).items():
                part = partial * slope
                found[direction] = found[direction] + part if direction in found else part
        if any(slope != slope for slope in found.values()) and not _came_in(numbers, partials, own):
            warn_of_nan_slope(primitive, len(operands))
        return Dual(out, found, self.tag)


def _came_in(numbers: Sequence[Any], partials: Sequence[Any], own: Sequence[Any]) -> bool:
    """Whether a nan among the slopes comes of a nan or of infinite data."""
    known = [*(slope for slopes in own for slope in (slopes or {}).values()), *(each for each in partials if each is not None)]
    return any(each != each for each in known) or not all(each - each == 0.0 for each in numbers)
