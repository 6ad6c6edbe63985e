"""The rounding error of every value of a graph, and what each of them contributes to that of the root.

Notation: an operation computes `out` from operands that are off by d1, d2, ...; then `out` is off by

    d = partial1 * d1 + partial2 * d2 + ... + bend + own

where `own` is its own rounding and `bend` what the straight line leaves out. So d(root) is the sum over all nodes of adjoint *
(own + bend), whatever the sizes: with the bounds on |own| and |bend| from `operation.py` that is a bound, in which errors that
come in on several ways cancel as they do in arithmetic. The bend needs the sizes of the operands' errors. On the way up these are
bounded by the sum of sizes, which is right where nothing is used twice, and grows without end where an iteration contracts; so
samples of errors with signs at random go along, and the lesser of the two counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot, inf, isfinite, log10, nan
from random import Random
from typing import Any

from autograd_lite.calculus.reverse import check_current
from autograd_lite.calculus.rounding.operation import UNIT, bend, cancels, own_rounding
from autograd_lite.calculus.rounding.places import History
from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine.errors import expression
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, is_recalled

DIGITS = -log10(UNIT)  # 15.95: what a double holds
HELD = 16  # as everybody counts them
_SAMPLES = 8
_DEVIATIONS = 4.0  # of the samples: what errors with signs at random hardly exceed
_BENT = 0.5  # the share of an error beyond which we say that the line does not hold


@dataclass(slots=True, eq=False)
class NodeRounding:
    """What rounding did to one value of the graph. Given by `rounding`.

    Attributes:
        value: the Value.
        primitive: what made it; None for a leaf.
        operands: what it was made from.
        error: how far it is off by all that was computed before it: at most, or what samples do not exceed; of the root, the bound.
        own: how much of that its own operation added: its rounding, and how far it is from a straight line over the errors.
        bend: the latter alone.
        lost: how many digits fewer it has than the operand that brought most of the error.
        cause: "cancellation", "steep slope", or "kink or curvature"; empty where no digit was lost.
        adjoint: the slope of the root by it.
        ends: whether a domain ends within the errors of its operands, or the slope is infinite there.
        place: the line where it was made, as "line 3 of model.py: c = a - b"; empty where nobody looked.
        made: the rounding of its operation with its sign, where that is known.
        spread: the standard deviation of what is not known.
        samples: of its error; empty once the analysis is done.
    Example:
        >>> from autograd_lite.calculus.rounding import rounding
        >>> found = rounding(lambda x: (1.0 + x) - 1.0, 1e-12)
        >>> sum_, difference = found.made[0], found.lost[0]
        >>> sum_.text, sum_.loss, round(sum_.share / found.bound, 6)  # rounded, which moves the result by the whole bound
        ('1 + x', '', 1.0)
        >>> difference.text, difference.loss, round(difference.digits, 1)  # exact, and shows what the sum has lost
        ('1 + x - 1', 'cancellation, 12 of 16 digits lost', 4.0)
        >>> difference.share, difference.through == found.bound
        (0.0, True)
    """

    value: Value
    primitive: Any = None
    operands: Sequence[Value] = ()
    error: float = 0.0
    own: float = 0.0
    bend: float = 0.0
    lost: float = 0.0
    cause: str = ""
    adjoint: float = 0.0
    ends: bool = False
    place: str = ""
    samples: Sequence[float] = ()
    made: float = 0.0
    spread: float = 0.0

    @property
    def text(self) -> str:
        """The call that made it; of a leaf its name."""
        if self.primitive is None:
            return shorten(expression(self.value).text)
        return shorten(self.primitive.write([expression(operand, 2) for operand in self.operands]).text)

    @property
    def loss(self) -> str:
        """What was lost here, as "cancellation, 8 of 16 digits lost"; empty below half a digit."""
        return f"{self.cause}, {self.lost:.0f} of {HELD} digits lost" if self.cause else ""

    @property
    def digits(self) -> float:
        """How many decimal digits of it are certain."""
        return digits_of(self.value.data, self.error)

    @property
    def share(self) -> float:
        """How far the root is off by what this operation added, at most."""
        return abs(self.adjoint) * self.own if self.own else 0.0

    @property
    def through(self) -> float:
        """How far the root is off by this value's whole error, at most."""
        return abs(self.adjoint) * self.error if self.error else 0.0


def digits_of(number: float, error: float) -> float:
    """How many decimal digits of a number are certain.

    >>> digits_of(2.0, 0.02), digits_of(1.0, 0.0) == DIGITS, digits_of(0.0, 1e-20)
    (2.0, True, 0.0)
    """
    if not error:
        return DIGITS if isfinite(number) else 0.0
    if not number or not isfinite(number) or not isfinite(error):
        return 0.0
    return min(max(log10(abs(number)) - log10(error), 0.0), DIGITS)


def ordered(roots: Sequence[Value], history: Callable[[Value], History]) -> list[Value]:
    """Everything that values were computed from, constants that do not remember it included, operands before users."""
    order: list[Value] = []
    entered: set[int] = set()
    for root in roots:
        path = [(root, iter(history(root)[1]))] if id(root) not in entered else []
        entered.add(id(root))
        while path:
            value, operands = path[-1]
            for operand in operands:
                if id(operand) not in entered:
                    entered.add(id(operand))
                    path.append((operand, iter(history(operand)[1])))
                    break
            else:
                order.append(value)
                path.pop()
    return order


def analysed(
    order: Sequence[Value], root: Value, uncertainty: Callable[[Value], float], history: Callable[[Value], History]
) -> list[NodeRounding]:
    """The errors of values, and what they mean for the root.

    Args:
        order: operands before users; the root and all that it was computed from among them.
        uncertainty: how far a leaf may be off.
        history: how a value was computed.
    Raises:
        GraphError: if some `.data` changed since a value was computed from it.
    """
    found: dict[int, NodeRounding] = {}
    random = Random(0)
    lines: dict[int, list[tuple[NodeRounding, float]]] = {}
    for value in order:
        primitive, operands, local = history(value)
        node = found[id(value)] = NodeRounding(value, primitive, operands)
        if primitive is None:
            node.error = node.own = uncertainty(value)
            node.spread = node.error / 3.0**0.5
            node.samples = _signed(node.own, random)
            continue
        below = [found[id(operand)] for operand in operands]
        given = _partials(node, below, local)
        partials = [slope if operand.error and isfinite(slope) else 0.0 for slope, operand in zip(given, below, strict=True)]
        lines[id(value)] = list(zip(below, partials, strict=True))
        _up(node, below, given, partials)
        _sample(node, below, partials, random)
        _lose(node, below, given, partials)
    found[id(root)].adjoint = 1.0
    for value in reversed(order):
        node = found[id(value)]
        for operand, partial in lines.get(id(value), ()):
            if partial and node.adjoint:
                operand.adjoint += partial * node.adjoint
        node.samples = ()
    return list(found.values())


def _partials(node: NodeRounding, operands: Sequence[NodeRounding], local: Sequence[float | None]) -> list[float]:
    """The partials as recorded; those by constants that are off are computed now, others are 0."""
    wanted = [slope is None and operand.error > 0.0 for slope, operand in zip(local, operands, strict=True)]
    missing: Sequence[float | None] = local
    if any(wanted):
        try:
            missing = partials_of(node.primitive, [operand.value.data for operand in operands], node.value.data, wanted)
        except (ArithmeticError, ValueError):  # no slope, as by the exponent of a negative number: then it is all bend
            missing = [nan] * len(wanted)
    return [(there if asked else slope) or 0.0 for asked, there, slope in zip(wanted, missing, local, strict=True)]


def _signed(size: float, random: Random) -> list[float]:
    bits = random.getrandbits(_SAMPLES)
    return [size if bits >> place & 1 else -size for place in range(_SAMPLES)]


def _sample(node: NodeRounding, operands: Sequence[NodeRounding], partials: Sequence[float], random: Random) -> None:
    """The samples of a value's error, and its error where they say that it is less."""
    samples = _signed(node.own, random)
    for operand, partial in zip(operands, partials, strict=True):
        if partial:
            samples = [sample + partial * below for sample, below in zip(samples, operand.samples, strict=True)]
    node.samples = samples
    probable = _DEVIATIONS * hypot(*samples) / len(samples) ** 0.5
    node.error = max(min(node.error, probable), node.own) if isfinite(probable) else node.error


def _up(node: NodeRounding, operands: Sequence[NodeRounding], given: Sequence[float], partials: Sequence[float]) -> None:
    """The error of one value from those of its operands."""
    value, numbers = node.value, [operand.value.data for operand in operands]
    recalled = is_recalled(value)
    if value.primitive is not None and not recalled:
        check_current(value, numbers, "ask for its rounding")
    if recalled or not isfinite(value.data):
        node.error = node.own = inf
        node.ends = True
        return
    own = own_rounding(node.primitive, numbers, value.data, given)
    curved = bend(node.primitive, numbers, value.data, partials, [operand.error for operand in operands])
    node.made, node.spread = own.made, hypot(own.spread, curved.most / 2.0)
    node.bend, node.ends, node.own = curved.most, curved.ends, own.most + curved.most
    node.error = sum([*_parts(operands, partials), node.own]) if isfinite(node.own) else inf


def _parts(operands: Sequence[NodeRounding], partials: Sequence[float]) -> list[float]:
    return [abs(partial) * operand.error if partial else 0.0 for operand, partial in zip(operands, partials, strict=True)]


def _lose(node: NodeRounding, operands: Sequence[NodeRounding], given: Sequence[float], partials: Sequence[float]) -> None:
    """How many digits fewer a value has than what brought most of its error, and why; its own rounding takes none."""
    parts, out = _parts(operands, partials), node.value.data
    worst = max(range(len(parts)), key=parts.__getitem__, default=0)
    before = operands[worst].digits if parts and parts[worst] else DIGITS
    passed_on = min(sum([*parts, node.bend]), node.error)
    node.lost = max(0.0, before - digits_of(out, passed_on))
    if node.lost >= 0.5:
        bent = node.bend > _BENT * passed_on
        cancelled = not bent and cancels(node.primitive, [operand.value.data for operand in operands], out, given)
        node.cause = "kink or curvature" if bent else "cancellation" if cancelled else "steep slope"
