"""The properties of a right primitive: each is a function of a subject that yields a complaint for everything that is wrong.

All they know of a primitive is what it says itself: domain, special points, smoothness, arity. A complaint names the operands and
both numbers.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.calculus.symbols import partial_texts
from autograd_lite.engine.errors import OperationError, expression
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.text import Latex, Text
from autograd_lite.engine.value import Value
from autograd_lite.expressions import parse
from autograd_lite.testing.checker.checking import check
from autograd_lite.testing.generate.ranges import domains, operand_counts
from autograd_lite.testing.graphs import as_function
from autograd_lite.testing.primitives.points import Point, common_numbers, outside_points, same, with_special_floats

_UNITS = 1e-12  # relative: how far two ways to the same value may be apart
_SECOND_ORDER_POINTS = 2  # of each number of operands; second derivatives are expensive


@dataclass
class Subject:
    """A primitive under examination.

    Attributes:
        primitive: the primitive.
        points: where its derivatives are examined.
        reference: the same function by other means, on floats, if there is one.
        counts: how often each outcome of a derivative check was met.
    """

    primitive: Primitive
    points: Sequence[Point]
    reference: Callable[..., Any] | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def function(self) -> Callable[..., Any]:
        """The primitive as a function of its operands one by one."""
        return as_function(self.primitive)

    def at(self, point: Point) -> str:
        """The call at a point, in words."""
        return f"{self.primitive.name}({', '.join(map(repr, point))})"

    def size(self, point: Point, value: float) -> float:
        """The size against which the rounding of a value is measured: its own, and that of terms that may cancel in it."""
        node = self.function(*map(Value, point))
        terms = [abs(x * slope) for x, slope in zip(point, node.local_derivatives, strict=True)]
        return float(max([abs(value), *(term for term in terms if math.isfinite(term))]))


def outcome_of(primitive: Primitive, operands: Sequence[Any]) -> Any:
    """What a user's call gives: its number, or the exception."""
    try:
        answer = primitive.of(list(operands))
    except (ArithmeticError, ValueError) as error:
        return error
    return answer.data if isinstance(answer, Value) else answer


def with_one_leaf(point: Point, index: int) -> list[Any]:
    """The point with one operand as a leaf and the others as numbers."""
    return [Value(x) if place == index else x for place, x in enumerate(point)]


# ---- the properties ----------------------------------------------------------------------------------------------------------


def value(subject: Subject) -> Iterator[str]:
    """A float for floats, the same number on Values and at every call, and what the reference and mpmath say."""
    for point in subject.points:
        plain = subject.function(*point)
        if type(plain) is not float:
            yield f"{subject.at(point)} is {plain!r}, a {type(plain).__name__}; forward must give a float for floats"
            continue
        for way, other in (("called again", subject.function(*point)), ("on Values", subject.function(*map(Value, point)).data)):
            if not same(plain, other):
                yield f"{subject.at(point)} is {plain!r}, and {way} {other!r}"
        for way, other in _other_values(subject, point):
            if abs(other - plain) > _UNITS * subject.size(point, plain):
                yield f"{subject.at(point)} is {plain!r}, {way} says {other!r}"


def _other_values(subject: Subject, point: Point) -> Iterator[tuple[str, float]]:
    if subject.reference is not None:
        yield "the reference", float(subject.reference(*point))
    try:
        from mpmath import mp, mpf

        with mp.workdps(40):
            yield "mpmath", float(subject.function(*map(mpf, point)))
    except (ImportError, TypeError, AttributeError):  # not installed, or forward does not take its numbers: no mistake
        return


def partials(subject: Subject) -> Iterator[str]:
    """Every local derivative, against the numerical derivative of forward."""
    told = False
    for point in subject.points:
        node = subject.function(*map(Value, point))
        recorded = getattr(subject.primitive, "partials", None)
        if recorded is not None and len(recorded(list(point), node.data)) != len(point):
            yield f"partials of {subject.at(point)} gives {len(recorded(list(point), node.data))} numbers for {len(point)} operands"
            continue
        verdict = check(subject.function, tuple(point))
        subject.counts.update(component.outcome for component in verdict.components)
        told |= any(component.outcome != "inconclusive" for component in verdict.components)
        for index, component in enumerate(verdict.components):
            if component.outcome == "disagrees":
                yield f"the derivative of {subject.at(point)} by operand {index % len(point) + 1}: {component}"
    if not told:
        yield "no derivative could be told at any point; give `points` inside the domain"


def second_order(subject: Subject) -> Iterator[str]:
    """The rules on Values: second derivatives, against numerical ones."""
    for count in sorted({len(point) for point in subject.points}):
        for point in [point for point in subject.points if len(point) == count][:_SECOND_ORDER_POINTS]:
            try:
                verdict = check(subject.function, tuple(point), 2)
            except (ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
                yield f"the rules of {subject.at(point)} do not take Values: {error}"
                return
            for component in verdict.components:
                if component.outcome == "disagrees" and component.name.startswith("d2"):
                    yield f"a second derivative of {subject.at(point)}: {component}"


def one_node_twice(subject: Subject) -> Iterator[str]:
    """One node as all operands, and one result used twice: every use must count."""
    for count in {len(point) for point in subject.points}:
        for number in common_numbers(subject.primitive, count):
            x = Value(number)
            try:
                node = subject.function(*[x] * count)
            except (ArithmeticError, ValueError):
                continue
            (node + node).backward()
            expected = 2.0 * math.fsum(slope for slope in node.local_derivatives if slope is not None)
            if math.isfinite(expected) and abs(x.grad - expected) > _UNITS * max(1.0, abs(expected)):
                yield f"{subject.at((number,) * count)} used twice has the gradient {x.grad!r}, expected {expected!r}"
            verdict = check(lambda t, count=count: subject.function(*[t] * count), number)
            if verdict.outcome == "disagrees":
                yield f"{subject.at((number,) * count)} of one node: {verdict.worst}"


def constants(subject: Subject) -> Iterator[str]:
    """Among constants every operand keeps its derivative; under `no_grad` nothing is recorded."""
    for point in subject.points:
        whole = subject.function(*map(Value, point)).local_derivatives
        for index in range(len(point)):
            alone = subject.function(*with_one_leaf(point, index)).local_derivatives
            expected = tuple(slope if place == index else None for place, slope in enumerate(whole))
            if not all(map(same, alone, expected)):
                yield f"{subject.at(point)} with operand {index + 1} alone records {alone}, expected {expected}"
        with no_grad():
            if subject.function(*map(Value, point)).requires_grad:
                yield f"{subject.at(point)} is recorded under no_grad()"


def arrays(subject: Subject) -> Iterator[str]:
    """Elementwise on arrays, in their shape and precision."""
    import numpy

    for count in {len(point) for point in subject.points}:
        chosen = [point for point in subject.points if len(point) == count]
        expected = [subject.function(*point) for point in chosen]
        for dtype, unit in ((numpy.float64, 2.0**-50), (numpy.float32, 2.0**-19)):
            columns = [numpy.array([column], dtype=dtype) for column in zip(*chosen, strict=True)]
            try:
                answer = subject.function(*columns)
            except (TypeError, AttributeError, ValueError, ArithmeticError) as error:
                yield f"{subject.primitive.name} of arrays raises {type(error).__name__}: {error}"
                return
            if getattr(answer, "shape", None) != (1, len(chosen)) or answer.dtype != dtype:
                shape, kind = getattr(answer, "shape", None), getattr(answer, "dtype", type(answer).__name__)
                given = f"{dtype.__name__} arrays of shape (1, {len(chosen)})"
                yield f"{subject.primitive.name} of {given} has shape {shape} and type {kind}"
                continue
            for point, plain, element in zip(chosen, expected, answer[0].tolist(), strict=True):
                if abs(element - plain) > 8.0 * unit * subject.size(point, plain):
                    yield f"{subject.at(point)} is {plain!r}, and {element!r} in a {dtype.__name__} array"


def text(subject: Subject) -> Iterator[str]:
    """The call and its rules as text, with every operand in its place, and the call in LaTeX."""
    for count in operand_counts(subject.primitive):
        point = next((point for point in subject.points if len(point) == count), None)
        if point is None or count > 8:
            continue
        names = [f"operand{index}" for index in range(count)]
        node = subject.function(*(Value(x, label=name) for x, name in zip(point, names, strict=True)))
        latex = subject.primitive.write([Latex(name, 9) for name in names])
        for kind, written in (("text", expression(node).text), ("LaTeX", latex.text)):
            missing = [name for name in names if name not in written]
            if missing or " at 0x" in written:
                yield f"the {kind} of a call is {written!r}, without {', '.join(missing) or 'sense'}; set `symbol`"
        if latex.text.count("{") != latex.text.count("}"):
            yield f"the LaTeX of a call, {latex.text!r}, has unbalanced braces"
        try:
            rules = partial_texts(subject.primitive, [Text(name, 9) for name in names], "out")
        except (TypeError, AttributeError) as error:
            yield f"the rules do not write themselves: {error}. Call this library's functions in them, not math's."
            return
        if len(rules) != count or not all(rules) or any(" at 0x" in rule for rule in rules):
            yield f"the rules write themselves as {rules}"


def textbook(subject: Subject) -> Iterator[str]:
    """A form of books for every operand, equal to the rule; one with a condition in it is no arithmetic, and is not computed."""
    primitive, forms = subject.primitive, subject.primitive.textbook
    if forms and len(forms) != (1 if primitive.takes_list else primitive.arity):
        yield f"`textbook` has {len(forms)} forms: write one for each operand, or one for all of a list"
        return
    for point in subject.points if forms else ():
        node = subject.function(*map(Value, point))
        for place, slope in enumerate(node.local_derivatives):
            form = forms[0 if primitive.takes_list else place]
            known = {"x": point[place if primitive.takes_list else 0], "y": point[-1], "out": node.data}
            try:
                read = parse(form.format(x="x", y="y", out="out"), TABLE)
                found = read({name: known[name] for name in read.names})
            except (ArithmeticError, LookupError, ValueError):
                continue
            if abs(found - slope) > 1e-6 * abs(slope) + 1e-9:
                yield f"`{form}` of `textbook` gives {found!r} at {subject.at(point)}, and the rule {slope!r}"


def exceptions(subject: Subject) -> Iterator[str]:
    """Outside the domain: no silent nan, and on Values the exception that floats raise."""
    if not subject.primitive.public:
        return  # helpers that only rules call follow IEEE 754
    for point, index in outside_points(subject.primitive):
        plain = outcome_of(subject.primitive, point)
        recorded = outcome_of(subject.primitive, with_one_leaf(point, index))
        if isinstance(plain, float) and math.isnan(plain):
            yield f"{subject.at(point)} is nan silently; forward must raise ValueError outside the domain"
        elif isinstance(plain, Exception) and not isinstance(plain, OperationError):
            yield f"{subject.at(point)} raises {type(plain).__name__}: {plain}"
        elif isinstance(plain, Exception) and type(recorded) is not type(plain):
            yield f"{subject.at(point)} raises {type(plain).__name__} on floats, and on Values gives {recorded!r}"
        elif isinstance(plain, float) and not isinstance(recorded, Exception) and not same(plain, recorded):
            yield f"{subject.at(point)} is {plain!r} on floats and {recorded!r} on Values"


def special_values(subject: Subject) -> Iterator[str]:
    """Zeros of both signs, inf, nan, huge and tiny numbers: floats and Values give the same, or raise the same."""
    for point, index in with_special_floats(subject.primitive):
        plain = outcome_of(subject.primitive, point)
        recorded = outcome_of(subject.primitive, with_one_leaf(point, index))
        if isinstance(plain, Exception):
            agrees = type(recorded) is type(plain)
        elif isinstance(recorded, Exception):
            # A value may exist where the slope does not: outside the domain, or beyond the largest float.
            outside = point[index] not in domains(subject.primitive, len(point))[index]
            agrees = isinstance(recorded, OverflowError) or outside
        else:
            agrees = same(plain, recorded)
        if not agrees:
            yield f"{subject.at(point)} gives {plain!r} on floats and {recorded!r} on Values"


def special_points(subject: Subject) -> Iterator[str]:
    """At its special points, exactly the documented derivatives."""
    for special in subject.primitive.special_points:
        try:
            recorded = subject.function(*map(Value, special.operands)).local_derivatives
        except (ArithmeticError, ValueError) as error:
            yield f"{subject.at(special.operands)} is documented as a special point and raises {error}"
            continue
        if not all(map(same, recorded, special.partials)):
            documented = f"the derivatives of {subject.at(special.operands)} are documented as {special.partials}"
            yield f"{documented} and recorded as {recorded}"


PROPERTIES: dict[str, Callable[[Subject], Iterator[str]]] = {
    "partials": partials,
    "special points": special_points,
    "value": value,
    "one node twice": one_node_twice,
    "constants": constants,
    "exceptions": exceptions,
    "special values": special_values,
    "text": text,
    "textbook": textbook,
    "arrays": arrays,
    "second order": second_order,
}
