"""Kinks: where a recorded graph stands on, or right beside, a point at which one of its primitives is not smooth.

A primitive says whether it has kinks (`smooth`) and where its derivative is a convention (`special_points`). Whether a node stands
on one is read off its values: seen closely, a function is straight between kinks, so four slopes over a tiny interval around an
operand agree unless a kink lies inside.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_lite.engine.errors import expression
from autograd_lite.engine.primitive import Primitive, SpecialPoint
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing.graphs import as_function, operand_numbers
from autograd_lite.testing.numeric.samples import guarded

TIE = 2.0**-36  # relative: nearer than this, floats cannot tell a kink from a tie
_BEND = 1e-4  # relative difference of slopes that is no curvature at such distances


@dataclass(frozen=True, slots=True)
class Kink:
    """A node at whose operands its primitive has a kink, a step or a vertical tangent. Given by `kinks`.

    Attributes:
        node: the node.
        distance: how far the operands may be moved, relative to their size, before the kink is met; 0 for a tie.
        special: the special point that documents the derivative here, if there is one.
        is_jump: whether the primitive itself jumps here, not its slope.
    Example:
        >>> from autograd_lite import Value, relu
        >>> found = kinks(relu(Value(0.0, label="x")))[0]
        >>> found.is_tie, found.distance, found.special.partials, found.is_jump
        (True, 0.0, (0.0,), False)
    """

    node: Value
    distance: float
    special: SpecialPoint | None
    is_jump: bool = False

    @property
    def is_tie(self) -> bool:
        """Whether the operands stand on the kink."""
        return self.distance == 0.0

    def __str__(self) -> str:
        text = shorten(expression(self.node).text, 60)
        return f"`{text}` at {', '.join(map(repr, operand_numbers(self.node)))}"


def kinks(output: Value, reach: float = 1e-6) -> list[Kink]:
    """The nodes below `output` that stand within `reach` of a kink of their primitive.

    Args:
        output: the root of a recorded graph.
        reach: how far every leaf may be moved, relative to its size; operands move with it by their derivatives.
    Returns:
        The nodes, operands before users.
    Example:
        >>> from autograd_lite import Value, relu
        >>> x, y = Value(0.0, label="x"), Value(2.0, label="y")
        >>> [str(kink) for kink in kinks(relu(x) * relu(y))]
        ['`relu(x)` at 0.0']
    """
    return list(_found(output, reach))


def _found(output: Value, reach: float) -> Iterator[Kink]:
    moved: dict[int, float] = {}  # by how much a node moves, at most, when every leaf moves by `reach`
    for node in topological_order(output):
        if node.primitive is None:
            moved[id(node)] = reach * (abs(node.data) or 1.0) if node.requires_grad else 0.0
            continue
        slopes = [0.0 if local is None else abs(local) for local in node.local_derivatives]
        steps = [moved[id(operand)] for operand in node.operands]
        moved[id(node)] = sum(
            slope * step if math.isfinite(slope) else step for slope, step in zip(slopes, steps, strict=True) if step
        )
        special = documented_point(node.primitive, operand_numbers(node))
        if node.primitive.smooth and special is None:
            continue
        operands = operand_numbers(node)
        size = max(map(abs, operands)) or 1.0
        active = [index for index, step in enumerate(steps) if step]
        if any(bends(node.primitive, operands, index, TIE * size) for index in active):
            yield Kink(node, 0.0, special, any(jumps(node.primitive, operands, index) for index in active))
        elif any(bends(node.primitive, operands, index, steps[index]) for index in active):
            yield Kink(node, max(steps[index] for index in active) / size, None)


def bends(primitive: Primitive, operands: Sequence[float], index: int, reach: float) -> bool:
    """Whether a primitive has a kink or a step within `reach` of one operand; no function value there counts as one, too.

    >>> from autograd_lite import maximum
    >>> bends(maximum, [1.0, 1.0], 0, 1e-9), bends(maximum, [1.0, 2.0], 0, 1e-9)
    (True, False)
    """
    value = _along(primitive, operands, index)
    at = [operands[index] + step * reach for step in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    values = [number for number in map(value, at) if number is not None]
    if len(values) < len(at):
        return True
    runs = [right - left for left, right in pairwise(at)]
    if not all(runs):
        return False
    slopes = [(values[i + 1] - values[i]) / run for i, run in enumerate(runs)]
    steepest = max(map(abs, slopes))
    rounding = 2.0**-50 * (max(map(abs, values)) + steepest * abs(operands[index])) / min(runs)
    return max(slopes) - min(slopes) > _BEND * steepest + rounding


def jumps(primitive: Primitive, operands: Sequence[float], index: int) -> bool:
    """Whether a primitive itself jumps at one operand: its value stays away, down to the next floats.

    >>> from autograd_lite import abs, floor
    >>> jumps(floor, [2.0], 0), jumps(floor, [2.5], 0), jumps(abs, [0.0], 0)
    (True, False, False)
    """
    value = _along(primitive, operands, index)
    x, middle = operands[index], value(operands[index])
    for towards in (-math.inf, math.inf):
        near, far = value(math.nextafter(x, towards)), value(x + math.copysign(TIE * (abs(x) or 1.0), towards))
        if middle is None or near is None or far is None:
            continue
        if abs(near - middle) > 0.5 * abs(far - middle) > 2.0**-50 * abs(middle):
            return True
    return False


def _along(primitive: Primitive, operands: Sequence[float], index: int) -> guarded:
    function = as_function(primitive)
    return guarded(lambda t: function(*operands[:index], t, *operands[index + 1 :]))


def documents_jumps(primitive: Primitive) -> bool:
    """Whether the table documents a jump of a primitive: at its other jumps, too, the slope of a branch then is the convention.

    >>> from autograd_lite import abs, fmod
    >>> documents_jumps(fmod), documents_jumps(abs)
    (True, False)
    """
    return any(jumps(primitive, at.operands, index) for at in primitive.special_points for index in range(len(at.operands)))


def documented_point(primitive: Primitive, operands: Sequence[float]) -> SpecialPoint | None:
    """The special point of a primitive that holds at these operands, if any.

    Where a primitive has kinks, a tie stands for all ties of that order: what is documented at (1, 1) holds at (2.5, 2.5). A jump
    of a function of one number stands for all its jumps.

    Example:
        >>> from autograd_lite import maximum
        >>> documented_point(maximum, [2.5, 2.5]).partials, documented_point(maximum, [2.5, 3.0])
        ((0.5, 0.5), None)
    """
    for special in primitive.special_points:
        at = special.operands
        if tuple(operands) == at:
            return special
        if primitive.smooth or len(at) != len(operands):
            continue
        if len(set(at)) < len(at) and _order(operands) == _order(at):
            return special
        if len(at) == 1 and jumps(primitive, at, 0) and jumps(primitive, operands, 0):
            return special
    return None


def _order(operands: Sequence[float]) -> list[int]:
    ranked = sorted(set(operands))
    return [ranked.index(operand) for operand in operands]
