"""Straight-line programs: lists of operations on numbers so far, each of which may be used any number of times.

Numbers are counted: the inputs come first (`x0`, `x1`, ...), then the result of each step (`v2`, `v3`, ...). A program is a
function of its inputs, on every kind of number; its `repr` builds it again, and `source` is Python that needs nothing but the library.

A program is *inside the domain by construction*: the range of every number is found by trying each primitive on the ranges of its
operands. An input is kept to the domains of the primitives that use it; a result that may leave a domain, or grow large, is first
brought inside by a step of plain arithmetic, `Inside`.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import isfinite, prod
from random import Random
from typing import Any

from autograd_lite.primitive import Interval, Nary, Primitive, Unary
from autograd_lite.testing.graphs import as_function

__all__ = ["Inside", "Program", "Step"]

Range = tuple[float, float]
Step = tuple[Any, ...]  # a primitive and the places of its operands: (multiply, 0, 1)

_INPUTS: Range = (-3.0, 3.0)
_LARGEST = 25.0  # a number that may be larger is brought back before it is used: exponentials of exponentials overflow
_BROUGHT_BACK = 4.0
_MARGIN = 0.05  # of the width of a domain: its ends may have infinite slopes
_NARROWEST = 0.2
_SAMPLES = 65  # of each range, in all at most about so many squared
_WIDENED = 0.02


class Inside(Unary):
    """A number brought between low and high, smoothly: middle + half * 2x / (1 + x * x).

    >>> Inside(0.0, 2.0)(1.0), Inside(0.0, 2.0)(0.0)
    (2.0, 1.0)
    """

    symbol = "inside({x})"

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.middle, self.half = (low + high) / 2.0, (high - low) / 2.0

    def __repr__(self) -> str:
        return f"Inside({self.low!r}, {self.high!r})"

    def __reduce__(self) -> Any:
        return Inside, (self.low, self.high)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inside) and (self.low, self.high) == (other.low, other.high)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def forward(self, x: float) -> float:
        return self.middle + self.half * (2.0 * x / (1.0 + x * x))

    def dx(self, x: float, out: float) -> float:
        square = 1.0 + x * x
        return self.half * (2.0 * (1.0 - x) * (1.0 + x) / (square * square))


@dataclass(frozen=True)
class Program:
    """A straight-line program.

    Attributes:
        inputs: how many numbers it takes.
        steps: the operations: a primitive and the places of its operands among the numbers so far.
    Example:
        >>> import autograd_lite as ag
        >>> program = Program(2, [(ag.multiply, 0, 1), (ag.sin, 2)])
        >>> program
        Program(2, [(ag.multiply, 0, 1), (ag.sin, 2)])
        >>> program(0.5, 2.0) == ag.sin(1.0)
        True
        >>> print(program.source)
        def f(x0, x1):
            v2 = ag.multiply(x0, x1)
            v3 = ag.sin(v2)
            return v3
    """

    inputs: int
    steps: Sequence[Step]

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(map(tuple, self.steps)))
        for place, (primitive, *operands) in enumerate(self.steps, start=self.inputs):
            if not isinstance(primitive, Primitive):
                raise TypeError(f"a step starts with a primitive, got {primitive!r}")
            if not all(0 <= operand < place for operand in operands):
                raise ValueError(f"step {place} may use the numbers 0 to {place - 1}, got {operands}")

    def __call__(self, *numbers: Any) -> Any:
        """The last number, on inputs of any kind."""
        return self.run(numbers)[-1]

    def run(self, numbers: Sequence[Any]) -> list[Any]:
        """All numbers, on inputs of any kind.

        Raises:
            TypeError: if there are not as many as the program has inputs.
        """
        if len(numbers) != self.inputs:
            raise TypeError(f"the program takes {self.inputs} numbers, got {len(numbers)}")
        found = list(numbers)
        for primitive, *operands in self.steps:
            found.append(as_function(primitive)(*(found[place] for place in operands)))
        return found

    @property
    def ranges(self) -> tuple[Range, ...]:
        """For each input, the numbers for which every step is inside its domain.

        >>> import autograd_lite as ag
        >>> Program(2, [(ag.log, 0), (ag.sin, 1)]).ranges
        ((0.2, 3.0), (-3.0, 3.0))
        """
        return _analysed(self.inputs, self.steps)[0]

    def guarded(self) -> "Program":
        """The program with a step `Inside` before every use that might leave a domain.

        >>> import autograd_lite as ag
        >>> Program(1, [(ag.sin, 0), (ag.log, 1)]).guarded()
        Program(1, [(ag.sin, 0), (Inside(0.2, 4.0), 1), (ag.log, 2)])
        """
        return Program(self.inputs, _analysed(self.inputs, self.steps)[1])

    def pruned(self) -> "Program":
        """The program without the steps and inputs that its last number does not need.

        >>> import autograd_lite as ag
        >>> Program(2, [(ag.exp, 0), (ag.sin, 1)]).pruned()
        Program(1, [(ag.sin, 0)])
        """
        needed = {self.inputs + len(self.steps) - 1}
        for place in range(self.inputs + len(self.steps) - 1, self.inputs - 1, -1):
            if place in needed:
                needed.update(self.steps[place - self.inputs][1:])
        new = {old: place for place, old in enumerate(sorted(needed))}
        kept = [step for place, step in enumerate(self.steps, start=self.inputs) if place in needed]
        return Program(
            sum(place < self.inputs for place in needed), [(p, *(new[place] for place in places)) for p, *places in kept]
        )

    @property
    def source(self) -> str:
        """The program as a Python function, with the library as `ag`."""
        names = [f"x{place}" for place in range(self.inputs)]
        lines = [f"def f({', '.join(names)}):"]
        for place, (primitive, *operands) in enumerate(self.steps, start=self.inputs):
            lines.append(f"    v{place} = {_call(primitive, [names[operand] for operand in operands])}")
            names.append(f"v{place}")
        return "\n".join([*lines, f"    return {names[-1]}"])

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        steps = ", ".join(f"({', '.join([_name(primitive), *map(str, places)])})" for primitive, *places in self.steps)
        return f"Program({self.inputs}, [{steps}])"


# ---- as text -----------------------------------------------------------------------------------------------------------------


def _name(primitive: Primitive) -> str:
    """What to call a primitive in Python: `ag.NAME` for the library's, else the name its module gives it."""
    if primitive.is_builtin:
        return f"ag.{primitive.name}" if primitive.public else f"ag.primitives.{primitive.name}"
    if isinstance(primitive, Inside):
        return repr(primitive)
    known = vars(sys.modules.get(type(primitive).__module__, sys))
    return next((name for name, thing in known.items() if thing is primitive), f"{type(primitive).__name__}()")


def _call(primitive: Primitive, operands: list[str]) -> str:
    if isinstance(primitive, Inside):
        return f"{primitive.middle!r} + {primitive.half!r} * (2 * {operands[0]} / (1 + {operands[0]} * {operands[0]}))"
    if not isinstance(primitive, Nary) or primitive.arity is not None:
        return f"{_name(primitive)}({', '.join(operands)})"
    if type(primitive).__call__ is Nary.__call__:
        return f"{_name(primitive)}([{', '.join(operands)}])"
    return f"ag.testing.as_function({_name(primitive)})({', '.join(operands)})"


# ---- ranges ------------------------------------------------------------------------------------------------------------------


def domains(primitive: Primitive, count: int) -> list[Interval]:
    """The domain of each of `count` operands.

    >>> from autograd_lite import divide
    >>> [str(domain) for domain in domains(divide, 2)]
    ['(-inf, inf)', '(-inf, inf) without 0']
    """
    return [primitive.domain[min(index, len(primitive.domain) - 1)] for index in range(count)]


def operand_counts(primitive: Any) -> tuple[int, ...]:
    """The numbers of operands with which a primitive is tried.

    >>> from autograd_lite import sin, total
    >>> operand_counts(sin), operand_counts(total)
    ((1,), (1, 2, 5))
    """
    return primitive.counts if primitive.arity is None else (primitive.arity,)


def well_inside(domain: Interval, largest: float = _BROUGHT_BACK) -> Range:
    """The part of a domain that keeps off its ends and its hole, and below a size.

    >>> well_inside(Interval(0.0)), well_inside(Interval(-1.0, 1.0))
    ((0.2, 4.0), (-0.9, 0.9))
    """
    low, high = max(domain.low, -largest), min(domain.high, largest)
    if low >= high:  # a domain beyond that size: its nearest part
        low, high = (domain.low, domain.low + largest) if domain.low > 0.0 else (domain.high - largest, domain.high)
    if domain.hole is not None and low < domain.hole < high:
        low = domain.hole
    margin = _MARGIN * (high - low)
    is_open = (isfinite(domain.low) or domain.hole is not None, isfinite(domain.high))
    return low + margin * is_open[0], high - margin * is_open[1]


def _analysed(inputs: int, steps: Sequence[Step]) -> tuple[tuple[Range, ...], list[Step]]:
    """The ranges of the inputs, and the steps with guards put in."""
    ranges = [_INPUTS] * inputs
    guarded: list[Step] = []
    moved = list(range(inputs))  # where the numbers of the unguarded program are in the guarded one

    def append(step: Step) -> int:
        guarded.append(step)
        ranges.append(_range_of(step[0], tuple(ranges[place] for place in step[1:])))
        return len(ranges) - 1

    for primitive, *operands in steps:
        places = []
        for operand, domain in zip(operands, domains(primitive, len(operands)), strict=True):
            place = moved[operand]
            fitted = _fitted(ranges[place], domain)
            if fitted is None or (fitted != ranges[place] and place >= inputs):
                place = append((Inside(*map(_rounded, well_inside(domain))), place))
            elif fitted != ranges[place]:
                ranges[place] = fitted
            places.append(place)
        moved.append(append((primitive, *places)))
    return tuple(ranges[:inputs]), guarded


def _rounded(number: float) -> float:
    return round(number, 6)


def _fitted(known: Range, domain: Interval) -> Range | None:
    """The part of a range that is inside a domain; None if there is next to none, or the numbers are large."""
    if max(-known[0], known[1]) > _LARGEST:
        return None
    low, high = known
    margin = _MARGIN * min(max(high - low, 1.0), _BROUGHT_BACK)
    if isfinite(domain.low):
        low = max(low, domain.low + margin) if low < domain.low + margin / 2.0 else low
    if isfinite(domain.high):
        high = min(high, domain.high - margin) if high > domain.high - margin / 2.0 else high
    if domain.hole is not None and low - margin / 2.0 < domain.hole < high + margin / 2.0:
        low = domain.hole + margin
    return (_rounded(low), _rounded(high)) if high - low >= _NARROWEST or (low, high) == known else None


@lru_cache(maxsize=10_000)
def _range_of(primitive: Primitive, operands: tuple[Range, ...]) -> Range:
    """The values of a primitive over ranges of its operands, as found by trying; all numbers if it fails somewhere."""
    function = as_function(primitive)
    try:
        values = [function(*numbers) for numbers in _grid(operands)]
    except (ArithmeticError, ValueError):
        return (-float("inf"), float("inf"))
    low, high = min(values), max(values)
    if not (isfinite(low) and isfinite(high)):
        return (-float("inf"), float("inf"))
    wider = _WIDENED * (high - low)
    return (low if low == high else low - wider), (high if low == high else high + wider)


def _grid(operands: tuple[Range, ...]) -> Iterator[tuple[float, ...]]:
    """The corners of a box and points all over it."""
    if not operands:
        yield ()
        return
    each = _SAMPLES if len(operands) == 1 else 13 if len(operands) == 2 else 2
    axes = [[low + (high - low) * index / (each - 1) for index in range(each)] for low, high in operands]
    if prod(map(len, axes)) <= 1024:
        yield from product(*axes)
    random = Random(len(operands))
    for _ in range(0 if len(operands) <= 2 else 100):
        yield tuple(random.uniform(low, high) for low, high in operands)
