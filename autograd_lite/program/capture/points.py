"""Points: the numbers that a function is run with, and other numbers near by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import frexp, isfinite, ldexp
from typing import Any, Final

import numpy

from autograd_lite.nn.module import Module
from autograd_lite.program.capture.tracing import Traced

FAR: Final = 2.0  # so large a step is taken from numbers below 1, too
_SPELLED = 1_000  # numbers whose texts are looked at
_FEW = 8  # numbers of one argument that are moved one by one
_GOLDEN: Final = 0.6180339887498949


@dataclass(frozen=True)
class Point:
    """Numbers that a function was run with: its parameters in the order of the trace, and its arguments, flat."""

    parameters: Sequence[float]
    arguments: Sequence[float]


def rows_of(arguments: Sequence[Any]) -> Any:
    """The arrays that a program is given, as one array with all numbers of a sample in each row."""
    flat = [array.reshape(len(array), -1) for array in arguments]
    return numpy.concatenate(flat, axis=1) if flat else numpy.empty((1, 0))


def example_of(example: Sequence[Any], numbers: Iterator[Any]) -> list[Any]:
    """An example of the same shape, of other numbers; models stay as they are."""
    return [each if isinstance(each, Module) else _filled(each, numbers) for each in example]


def _filled(shape: Any, numbers: Iterator[Any]) -> Any:
    if hasattr(shape, "tolist"):
        shape = shape.tolist()
    return [_filled(part, numbers) for part in shape] if isinstance(shape, list | tuple) else next(numbers)


def example_point(run: Traced) -> Point:
    """Where a function was traced."""
    return Point([value._data for value in run.parameters], [value._data for value in run.inputs])


class Moves:
    """Other numbers for a function: places count its arguments' numbers, and behind them its parameters.

    Attributes:
        arguments: the places of each argument. groups: those of the parameters, if there are any, and then the same.
    """

    def __init__(self, run: Traced) -> None:
        self.run, self.point = run, example_point(run)
        ends = list(accumulate((len(argument.values) for argument in run.arguments), initial=0))
        self.arguments = [range(*pair) for pair in pairwise(ends)]
        parameters = range(ends[-1], ends[-1] + len(run.parameters))
        self.groups = [parameters, *self.arguments] if run.parameters else self.arguments

    def parts(self) -> Iterator[Sequence[int]]:
        """The groups, small ones number by number."""
        for group in self.groups:
            yield from [[place] for place in group] if len(group) <= _FEW else [group]

    def moved(self, places: Sequence[int], step: float) -> Point | None:
        """The example with other numbers at some places; None where no number there can be another."""
        before = numpy.array([*self.point.arguments, *self.point.parameters])
        steps = numpy.zeros_like(before)
        steps[places] = step * (0.5 + 0.5 * ((numpy.array(places, float) + 1.0) * _GOLDEN % 1.0))
        with numpy.errstate(all="ignore"):
            sizes = numpy.maximum(numpy.abs(before), 1.0) if abs(step) >= FAR else numpy.where(before == 0.0, 1.0, before)
            moved = before + sizes * steps
        numbers: list[float] = numpy.where(numpy.isfinite(moved), moved, before).tolist()
        for place in places[:_SPELLED]:
            if numbers[place] != before[place]:
                numbers[place] = _spelled_otherwise(numbers[place], float(before[place]))
        count = len(self.point.arguments)
        return None if numbers == before.tolist() else Point(numbers[count:], numbers[:count])

    def named(self, places: Sequence[int]) -> str:
        """What the places stand for, in words."""
        chosen = set(places)
        counts = [
            (argument.name, len(chosen.intersection(group)), len(group))
            for argument, group in zip(self.run.arguments, self.arguments, strict=True)
        ]
        names = [name if here == size else f"{here} of {name}" for name, here, size in counts if here]
        return ", ".join([*names, "the parameters"] if chosen.difference(*self.arguments) else names)


def _spelled_otherwise(number: float, other: float) -> float:
    """The number to a few bits, so that its texts differ in length from those of another one: what counts digits notices, too."""
    if not isfinite(number):
        return number  # nothing to spell otherwise
    fraction, exponent = frexp(number)
    lengths = len(repr(other)), len(f"{other:.17g}")
    for bits in (14, 12, 17, 20):
        near = ldexp(round(ldexp(fraction, bits)), exponent - bits)
        if near != other and len(repr(near)) != lengths[0] and len(f"{near:.17g}") != lengths[1]:
            return near
    return number
