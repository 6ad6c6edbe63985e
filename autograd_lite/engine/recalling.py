"""The inside of a call that is recalled: the nodes it made, and the sweep through them that touches nothing outside.

While a call is noted, every new node gets the mark of its birth (`begin_noting`), a number that no node had before. So what the
results were computed from falls apart into what the call made and what was there before, however the call got at it: as an
argument, by a closure, or as an attribute.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd_lite.engine import primitives as table
from autograd_lite.engine.value import Value, Waiting, Wide, as_wide, link_interior, unlinked

if TYPE_CHECKING:
    from mypy_extensions import i64


def inside(results: list[Value], birth: int) -> list[Value]:
    """The nodes that a call made, of those that its results were computed from: users before operands.

    Args:
        results: nodes that the call made.
        birth: the mark from which on (downwards) nodes were born in the call. They are marked with the next number above.
    """
    root = Value(0.0)
    root.primitive = table.total
    root._rest = Wide(results, results, [])
    link_interior(root, birth + 1, birth)
    return unlinked(root)[1:]


class Outside:
    """What the nodes inside of a call pass on to the others, in the order in which a sweep comes to these.

    Attributes:
        operands: the Values outside.
        sums: their adjoints.
    """

    __slots__ = ("operands", "places", "sums")

    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.operands: list[Value] = []
        self.sums: list[float] = []

    def add(self, operand: Value, contribution: float) -> None:
        """Adds to the adjoint of a Value outside."""
        key = id(operand)
        place = self.places.get(key)
        if place is None:
            self.places[key] = len(self.operands)
            self.operands.append(operand)
            self.sums.append(contribution)
        else:
            self.sums[place] = self.sums[place] + contribution


def swept(order: list[Value], results: list[Value], seeds: list[float], birth: int, recalls: bool = True) -> Outside:
    """A sweep through the inside of a call, from the adjoints of its results.

    Args:
        order: what `inside` gave.
        recalls: whether calls within the call are recalled; else 1.0 stands for their local derivatives.
    """
    mark: i64 = birth + 1
    outside = Outside()
    waiting: Waiting | None = None
    for node in order:
        node._grad = 0.0
    for result, seed in zip(results, seeds):  # noqa: B905 - mypyc's own loop for zip has no `strict`
        result._grad += seed
    for node in order:
        gradient = node._grad
        x = node._x
        if x is not None:
            if x._mark == mark:
                x._grad += node._dx * gradient
            else:
                outside.add(x, node._dx * gradient)
            y = node._y
            if y is not None:
                if y._mark == mark:
                    y._grad += node._dy * gradient
                else:
                    outside.add(y, node._dy * gradient)
            continue
        wide: Wide = as_wide(node._rest)
        operands: Sequence[Value] = wide.active
        contributions: Sequence[float]
        if not wide.recalled:
            contributions = [local * gradient for local in wide.listed()]
        elif recalls:
            waiting = waiting or Waiting(order)
            operands, contributions = waiting.passed_on(node, gradient)
        else:
            contributions = [gradient] * len(operands)
        for operand, contribution in zip(operands, contributions):  # noqa: B905 - as above
            if operand._mark == mark:
                operand._grad += contribution
            else:
                outside.add(operand, contribution)
    return outside
