"""The type-checker of the intermediate representation, run on everything that is to become a source.

The type of a term is the shape of one sample, and whether there is a number per row. Arithmetic repeats what is smaller, as NumPy
does. Sums do not: an adjoint that is smaller than what it belongs to would be added up too few times, and nobody would notice. So
three things hold, and are found anew from the parts of every term, whatever the term itself says:

1. A statement gives no more numbers than its target has, and a view takes elements that are there and were computed before.
2. What an array receives has exactly the type of the places that receive it; what repeats says so, and how often (`Fill`).
3. A `Fill` stands alone or in a matrix product, which counts its repetitions; arithmetic would lose them.
"""

from collections.abc import Iterable, Sequence

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, Joined, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.derivation import Adjoint
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.ir.terms import MeanWeight, Number, Shape, Term, Type, joined_shape


class IllTyped(AssertionError):
    """A mistake of this library: statements that would add up, or write, another number of things than there are."""


class TypeChecker:
    """Follows a program in the order in which it computes.

    Args:
        program: whose arguments, parameters and constants are there from the beginning.
    """

    def __init__(self, program: Lowered) -> None:
        self._known = {*program.arguments, program.all_parameters, *program.parameters, *program.constants}

    def assigned(self, target: Array, term: Term) -> None:
        """A statement, whose term may be smaller than its target, which it then fills.

        Raises:
            IllTyped: naming the array and both types.
        """
        found = self.type_of(term)
        if not _fits(found, (target.shape, target.batched)):
            raise IllTyped(f"{_told(target)} is assigned {_written(found)}")
        self._known.add(target)

    def asked(self, conditions: Iterable[Term]) -> None:
        """The comparisons of a guard: each has one outcome for a row."""
        for condition in conditions:
            shape, _ = self.type_of(condition)
            if shape not in ((), (1,)):
                raise IllTyped(f"a guard compares {shape} numbers in each row")

    def received(self, adjoint: Adjoint) -> None:
        """What an array receives: exactly one number for each place. The adjoint itself may be smaller, and repeat."""
        target, of = adjoint.target, adjoint.of
        smaller = (target.shape, target.batched) != (of.shape, of.batched)
        repeats = of.role == "value" and len(adjoint.contributions) == 1
        if smaller and not (repeats and _fits((target.shape, target.batched), (of.shape, of.batched))):
            raise IllTyped(f"the adjoint of {_told(of)} is {_written((target.shape, target.batched))}")
        for each in adjoint.contributions:
            _check_places(each.index, target)
            found = self.type_of(each.term)
            if found != (each.index.shape, target.batched):
                raise IllTyped(f"places of shape {each.index.shape} in the adjoint of {_told(of)} receive {_written(found)}")
        self._known.add(target)

    def type_of(self, term: Term) -> Type:
        """The type of a term, found from its parts.

        Raises:
            IllTyped: if the parts do not go together, or the term says another type.
        """
        if isinstance(term, View):
            if term.array not in self._known:
                raise IllTyped(f"{_told(term.array)} is used before it is computed")
            _check_places(term.index, term.array)
            found: Type = term.index.shape, term.array.batched
        else:
            if Fill in map(type, term.parts) and not isinstance(term, MatrixProduct):
                raise IllTyped(f"{type(term).__name__} of a Fill: its repetitions would be lost")
            found = _of_parts(term, [self.type_of(part) for part in term.parts])
        if found != (term.shape, term.batched):
            raise IllTyped(f"{type(term).__name__} is {_written(found)}, and says {_written((term.shape, term.batched))}")
        return found


def _of_parts(term: Term, parts: Sequence[Type]) -> Type:
    if isinstance(term, Number | MeanWeight):
        return (), False
    (shape, batched), *others = parts
    match term:
        case Expand():
            return (*shape, 1), batched
        case Fill():
            return _filled(term, parts[0])
        case RowSum():
            if not batched:
                raise IllTyped("a sum over rows of what is the same in each: it would be added up once")
            return shape, False
        case Reduce():
            return _reduced(term, shape), batched
        case Joined():
            if len({(part[:-1], rows, bool(part)) for part, rows in parts}) > 1 or not shape:
                raise IllTyped(f"{', '.join(map(_written, parts))} put one after the other")
            return (*shape[:-1], sum(part[-1] for part, _ in parts)), batched
        case Along():
            if not shape:
                raise IllTyped(f"{term.how} along an axis of one number")
            return shape, batched
        case MatrixProduct():
            return _multiplied(term.form, shape, *others[0]), batched and term.form != "weights"
    return _joined(type(term).__name__, parts)


def _joined(name: str, parts: Sequence[Type]) -> Type:
    """The type of arithmetic. The axis of rows comes first: what has it must have all axes, or its rows would meet elements."""
    try:
        shape = joined_shape([part for part, _ in parts])
    except ValueError as error:
        raise IllTyped(f"{name}: {error}") from None
    for part, batched in parts:
        if batched and len(part) != len(shape):
            raise IllTyped(f"{name}: the rows of what is {_written((part, batched))} would meet the elements of shape {shape}")
    return shape, True in [batched for _, batched in parts]


def _filled(term: Fill, inner: Type) -> Type:
    filled = term.filled, term.in_rows
    if inner == filled or not _fits(inner, filled):
        raise IllTyped(f"what is {_written(inner)} cannot be repeated to what is {_written(filled)}")
    return filled


def _reduced(term: Reduce, shape: Shape) -> Shape:
    if not -len(shape) <= term.axis < len(shape):
        raise IllTyped(f"shape {shape} has no axis {term.axis} to add up along")
    place = term.axis % len(shape)
    return (*shape[:place], *[1] * term.kept, *shape[place + 1 :])


def _multiplied(form: str, left: Shape, right: Shape, right_batched: bool) -> Shape:
    """The shape of left @ right.T, left @ right or left.T @ right; the last adds up over the samples, which both must have."""
    shared = {"forward": (left[-1:], right[1:]), "inputs": (left[-1:], right[:1]), "weights": (left[:-1], right[:-1])}[form]
    if not left or len(right) < 1 + (form != "weights") or shared[0] != shared[1] or (right_batched and form != "weights"):
        raise IllTyped(f"a matrix product ({form}) of shapes {left} and {right}")
    return (left[-1], right[-1]) if form == "weights" else (*left[:-1], right[0] if form == "forward" else right[1])


def _fits(found: Type, into: Type) -> bool:
    """Whether numbers of one type fill another by repetition, axis by axis, and row by row."""
    shape, batched = found
    axes = len(shape) == len(into[0]) if batched else len(shape) <= len(into[0])
    return axes and batched <= into[1] and all(a in (1, b) for a, b in zip(shape[::-1], into[0][::-1], strict=False))


def _check_places(index: Ids, array: Array) -> None:
    first, last = (index.item(),) * 2 if index.size == 1 else (index.min(initial=array.size), index.max(initial=-1))
    if index.size and not (first >= 0 and last < array.size):
        raise IllTyped(f"{_told(array)} has {array.size} elements; places {first} to {last} were asked for")


def _told(array: Array) -> str:
    return f"{array.role} `{array.name or array.stem}` {_written((array.shape, array.batched))}"


def _written(found: Type) -> str:
    shape, batched = found
    return f"of shape {shape}, {'a number per row' if batched else 'the same in every row'}"
