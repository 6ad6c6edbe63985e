"""Straight-line programs: lists of operations on numbers so far, each of which may be used any number of times.

Numbers are counted: the inputs come first (`x0`, `x1`, ...), then the result of each step (`v2`, `v3`, ...). A program is
a function of its inputs, on every kind of number; its `repr` builds it again, and `source` is Python that needs only the library.

Its points are inside the domain by construction (`ranges.py`): where a result may leave one, a step `Inside` stands before its use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.primitive import Nary, Primitive
from autograd_lite.testing.generate.ranges import Inside, Range, Step, analysed
from autograd_lite.testing.graphs import as_function, importable


@dataclass(frozen=True)
class StraightLine:
    """A straight-line program.

    Attributes:
        inputs: how many numbers it takes.
        steps: the operations: a primitive and the places of its operands among the numbers so far.
    Example:
        >>> import autograd_lite as ag
        >>> program = StraightLine(2, [(ag.multiply, 0, 1), (ag.sin, 2)])
        >>> program
        StraightLine(2, [(ag.multiply, 0, 1), (ag.sin, 2)])
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
        >>> StraightLine(2, [(ag.log, 0), (ag.sin, 1)]).ranges
        ((0.2, 3.0), (-3.0, 3.0))
        """
        return analysed(self.inputs, self.steps)[0]

    def guarded(self) -> "StraightLine":
        """The program with a step `Inside` before every use that might leave a domain.

        >>> import autograd_lite as ag
        >>> StraightLine(1, [(ag.sin, 0), (ag.log, 1)]).guarded()
        StraightLine(1, [(ag.sin, 0), (Inside(0.2, 4.0), 1), (ag.log, 2)])
        """
        return StraightLine(self.inputs, analysed(self.inputs, self.steps)[1])

    def pruned(self) -> "StraightLine":
        """The program without the steps and inputs that its last number does not need.

        >>> import autograd_lite as ag
        >>> StraightLine(2, [(ag.exp, 0), (ag.sin, 1)]).pruned()
        StraightLine(1, [(ag.sin, 0)])
        """
        needed = {self.inputs + len(self.steps) - 1}
        for place in range(self.inputs + len(self.steps) - 1, self.inputs - 1, -1):
            if place in needed:
                needed.update(self.steps[place - self.inputs][1:])
        new = {old: place for place, old in enumerate(sorted(needed))}
        kept = [step for place, step in enumerate(self.steps, start=self.inputs) if place in needed]
        return StraightLine(
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
        return f"StraightLine({self.inputs}, [{steps}])"


# ---- as text -----------------------------------------------------------------------------------------------------------------


def _name(primitive: Primitive) -> str:
    """What to call a primitive in Python: `ag.NAME` for the library's, else the name its module gives it."""
    if primitive.is_builtin:
        return f"ag.{primitive.name}" if primitive.public else f"ag.primitives.{primitive.name}"
    if isinstance(primitive, Inside):
        return repr(primitive)
    return importable(primitive)[1]


def _call(primitive: Primitive, operands: list[str]) -> str:
    if isinstance(primitive, Inside):
        return f"{primitive.middle!r} + {primitive.half!r} * (2 * {operands[0]} / (1 + {operands[0]} * {operands[0]}))"
    if not isinstance(primitive, Nary) or primitive.arity is not None:
        return f"{_name(primitive)}({', '.join(operands)})"
    if primitive.parameters == Nary.parameters:
        return f"{_name(primitive)}([{', '.join(operands)}])"
    return f"ag.testing.as_function({_name(primitive)})({', '.join(operands)})"
