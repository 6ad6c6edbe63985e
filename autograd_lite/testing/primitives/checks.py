"""`check_primitive`: whether a primitive of your own is right in every way in which the library uses it.

A primitive is one class. It then works everywhere: on floats, Values, arrays, complex and mpmath numbers, in derivatives of any
order, in drawings and in the stepper, and it writes its own equations. Its rules call this library's functions, never `math`'s:

>>> import autograd_lite as ag
>>> from autograd_lite.engine.primitive import Unary
>>> class Versine(Unary):
...     '''1 - cos(x), with all digits near 0.'''
...     symbol = "versine({x})"
...     def forward(self, x): return 2.0 * ag.square(ag.sin(0.5 * x))
...     def dx(self, x, out): return ag.sin(x)
>>> versine = Versine()
>>> versine(1e-9), ag.derivative(versine, order=2)(0.0)
(5e-19, 1.0)
>>> print(check_primitive(versine))
versine is right at 6 points: 6 derivatives agree
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.engine.primitive import Primitive
from autograd_lite.testing.primitives.points import ordinary_points
from autograd_lite.testing.primitives.properties import PROPERTIES, Subject

_MOST_SHOWN = 3


@dataclass(frozen=True)
class PrimitiveReport:
    """What an examination found; true if nothing is wrong.

    Attributes:
        name: of the primitive.
        points: how many points its derivatives were examined at.
        complaints: for every property, what is wrong.
        counts: how many derivatives had each outcome: agrees, disagrees, inconclusive.
    """

    name: str
    points: int
    complaints: dict[str, tuple[str, ...]]
    counts: dict[str, int]

    @property
    def wrong(self) -> list[str]:
        """The properties with complaints."""
        return [name for name, found in self.complaints.items() if found]

    def __bool__(self) -> bool:
        return not self.wrong

    def __str__(self) -> str:
        agree, unclear = self.counts.get("agrees", 0), self.counts.get("inconclusive", 0)
        tally = f"{agree} derivatives agree" + (f", {unclear} inconclusive" if unclear else "")
        if self:
            return f"{self.name} is right at {self.points} points: {tally}"
        lines = [f"{self.name} is wrong in {', '.join(self.wrong)}"]
        for name in self.wrong:
            found = self.complaints[name]
            lines += [f"  {name}: {complaint}" for complaint in found[:_MOST_SHOWN]]
            lines += [f"  {name}: and {len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
        return "\n".join(lines)


def examine_primitive(
    primitive: Primitive,
    points: Iterable[Sequence[float]] | None = None,
    *,
    reference: Callable[..., Any] | None = None,
    properties: Iterable[str] | None = None,
    until_wrong: bool = False,
) -> PrimitiveReport:
    """What is right and what is wrong about a primitive, without raising.

    Args:
        primitive: of the table, or your own.
        points: where to examine its derivatives; by default six points well inside the domain for every number of operands.
        reference: the same function by other means, on floats.
        properties: which to examine, of `PROPERTIES`; all by default.
        until_wrong: stop at the first complaint.
    Raises:
        TypeError: if it is no Primitive.
        ValueError: if a property is not known.
    Example:
        >>> from autograd_lite import tanh
        >>> examine_primitive(tanh, properties=["partials", "special points"]).complaints
        {'partials': (), 'special points': ()}
    """
    if not isinstance(primitive, Primitive):
        raise TypeError(f"a primitive is an instance of Unary, Binary or Nary, got {primitive!r}")
    chosen = list(PROPERTIES) if properties is None else list(properties)
    unknown = [name for name in chosen if name not in PROPERTIES]
    if unknown:
        raise ValueError(f"no property is named {', '.join(map(repr, unknown))}; there are {', '.join(PROPERTIES)}")
    where = ordinary_points(primitive) if points is None else [tuple(map(float, point)) for point in points]
    subject = Subject(primitive, where, reference)
    complaints: dict[str, tuple[str, ...]] = {}
    for name in chosen:
        found = PROPERTIES[name](subject)
        complaints[name] = tuple([complaint] if (complaint := next(found, None)) else ()) if until_wrong else tuple(found)
        if until_wrong and complaints[name]:
            break
    return PrimitiveReport(primitive.name, len(where), complaints, subject.counts)


def check_primitive(
    primitive: Primitive, points: Iterable[Sequence[float]] | None = None, *, reference: Callable[..., Any] | None = None
) -> PrimitiveReport:
    """Passes if a primitive is right in every way; else raises with everything that is wrong.

    Examined are its value (on floats, on Values, on mpmath numbers), its partial derivatives and second derivatives against
    numerical ones, one node as all operands, constants, arrays of both precisions, its text and LaTeX and its printed rules, what
    it raises outside its domain, special floats, and the special points that it documents.

    Args:
        primitive: of the table, or your own.
        points: where to examine its derivatives; by default six points well inside the domain for every number of operands.
        reference: the same function by other means, on floats: without it, a wrong `forward` with a rule to match is not noticed.
    Returns:
        The report.
    Raises:
        AssertionError: if something is wrong; the message is the report.
    Example:
        >>> from autograd_lite.engine.primitive import Unary
        >>> class Cube(Unary):
        ...     symbol = "cube({x})"
        ...     def forward(self, x): return x * x * x
        ...     def dx(self, x, out): return 3.001 * x * x
        >>> check_primitive(Cube())
        Traceback (most recent call last):
        ...
        AssertionError: cube is wrong in partials, one node twice, second order ...
    """
    report = examine_primitive(primitive, points, reference=reference)
    if not report:
        raise AssertionError(str(report))
    return report
