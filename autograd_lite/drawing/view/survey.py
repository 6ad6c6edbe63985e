"""Survey: one walk over a graph, kept as flat arrays, so that every view of it costs no second walk.

i           the place of a value in `topological_order(root)`: operands before users, the root last
operands    of value i: flat[start[i] : start[i + 1]], each a place below i
"""

from array import array
from collections.abc import Sequence
from functools import cached_property

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import CALL
from autograd_lite.engine.value import Value, as_wide


class Survey:
    """The values of a graph in order, and who uses whom.

    Args:
        roots: of the graph.
        recorded_only: leave out all operands that needed no gradient, and what only they were computed from.
    Attributes:
        values: operands before users, as in `topological_order`; of several roots the first one's first.
        roots: their places.
        start, flat: the operands, see above.

    >>> x = Value(3.0)
    >>> survey = Survey(x * x + 1.0)
    >>> survey.operands_of(1), len(survey)
    ([0, 0], 4)
    """

    def __init__(self, *roots: Value, recorded_only: bool = False) -> None:
        self._recorded_only = recorded_only
        self.values: list[Value] = []
        self.start = array("l", [0])
        self.flat = array("l")
        self.roots = self._walk(roots)

    def _walk(self, roots: Sequence[Value]) -> tuple[int, ...]:
        """Visits every value once, in the order of `topological_order`, and asks each once for its operands.

        Most values of a network are its parameters, operands without operands: those before the first operand that has some are
        placed at once, and never wait.
        """
        values, start, flat, place = self.values, self.start, self.flat, dict[int, int]()
        entered: set[int] = set()
        # With its operands, once they are on their way.
        stack: list[tuple[Value, tuple[Value, ...] | None]] = [(root, None) for root in reversed(roots)]
        while stack:
            value, operands = stack.pop()
            key = id(value)
            if operands is None:
                if key in entered:
                    continue
                entered.add(key)
                operands = _recorded(value)[0] if self._recorded_only else value.operands
                stack.append((value, operands))
                waiting: list[tuple[Value, None]] = []
                for operand in operands:
                    other = id(operand)
                    if other in entered:
                        continue
                    if waiting or operand.primitive is not None:
                        waiting.append((operand, None))
                        continue
                    entered.add(other)
                    place[other] = len(values)
                    values.append(operand)
                    start.append(len(flat))
                stack.extend(reversed(waiting))
            else:
                place[key] = len(values)
                values.append(value)
                flat.extend([place[id(operand)] for operand in operands])
                start.append(len(flat))
        return tuple(sorted({place[id(root)] for root in roots}))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def root(self) -> int:
        """The place of the last root, which nothing uses."""
        return len(self.values) - 1

    @cached_property
    def gradients(self) -> "array[float]":
        """The gradient of every value, as it is when first asked for."""
        return array("d", [value.grad for value in self.values])

    def operands_of(self, i: int) -> list[int]:
        """The places of value i's operands, in order and with repeats."""
        return list(self.flat[self.start[i] : self.start[i + 1]])

    def place_of(self, value: Value) -> int | None:
        """Where a value stands; None if it is not in the graph."""
        return next((i for i, known in enumerate(self.values) if known is value), None)

    def locals_of(self, i: int) -> Sequence[float | None]:
        """The local derivatives of value i, one per operand; None for constants."""
        return _recorded(self.values[i])[1] if self._recorded_only else self.values[i].local_derivatives


def _recorded(value: Value) -> tuple[tuple[Value, ...], Sequence[float]]:
    """The operands that needed a gradient when the value was computed, with the local derivatives by them."""
    x, y = value._x, value._y
    if x is None:
        wide = as_wide(value._rest)
        return ((), ()) if wide is None else (tuple(wide.active), wide.listed())
    if y is None:
        return (x,), (value._dx,)
    return ((x, y), (value._dx, value._dy))  # of one operand it is x, whichever it was


def short(primitive: Primitive | None) -> str:
    """A primitive as it is written on a box: its sign where it has one, else its name.

    >>> from autograd_lite import primitives
    >>> short(primitives.multiply), short(primitives.tanh), short(primitives.power)
    ('*', 'tanh', '**')
    """
    if primitive is None:
        return ""
    sign = primitive.symbol.replace("{x}", "").replace("{y}", "").strip()
    return sign if primitive.precedence < CALL and sign and not any(c.isalnum() or c in "(){}" for c in sign) else primitive.name
