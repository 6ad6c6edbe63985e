"""Numbers that carry derivatives along as a function computes: what `Dual` (one derivative) and `Series` (all of them) share.

Each belongs to one call of a transform, by its `tag`. An operation is computed by the operand of the newest call, for which
everything else, numbers of older calls included, is a constant: so nested derivatives are never confused (perturbation confusion:
Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", HOSC 21, 2008). Values lie below them all.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, Final, Self

from autograd_lite.calculus.operators import BY_SYMBOL, COMPARISONS, SIGNS, Operators
from autograd_lite.calculus.rules import partials_of, partials_on_nodes
from autograd_lite.engine.errors import operation_error
from autograd_lite.engine.numpy_methods import add_methods
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.value import Value, constant, graph_would_be_lost
from autograd_lite.names_of_others import with_absent

_tags: Final = count(1)


def new_tag() -> int:
    """The tag of a call that begins now."""
    return next(_tags)


class Perturbed(Operators):
    """A number with derivatives. Comparisons are about the number, as those of a Value.

    Attributes:
        number: the value; a float, a Value, or a Perturbed of an older call.
        tag: the call that it belongs to.
    """

    __slots__ = ("label", "number", "tag")
    __array_priority__ = 1000.0  # NumPy's operators leave mixed expressions to ours
    requires_grad = True

    def __init__(self, number: Any, tag: int) -> None:
        self.number = number
        self.tag = tag
        self.label: Any = None

    @property
    def parts(self) -> list[Any]:
        """The numbers that it consists of, the value first."""
        raise NotImplementedError

    def rebuilt(self, parts: Iterable[Any]) -> Self:
        """The same with other numbers."""
        raise NotImplementedError

    def computed(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """primitive(*operands), of which this is one of the newest call."""
        raise NotImplementedError

    # ---- as a Value ----------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number alone."""
        number = bottom(self)
        return number.data if isinstance(number, Value) else number

    def item(self) -> float:
        """The number alone, as `data`."""
        return self.data

    def detach(self) -> Value:
        """The number alone, as a constant."""
        return constant(bottom(self), self.label)

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """primitive(*operands), computed by the newest call among them; the protocol by which a Primitive answers in kind."""
        newest = max((each for each in operands if isinstance(each, Perturbed)), key=lambda each: each.tag)
        known = [each if isinstance(each, Perturbed | Value) else as_float(each) for each in operands]
        return newest.computed(primitive, known)

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        """left + right, and so on."""
        other = right if left is self else left
        if not isinstance(other, Perturbed | Value):
            if not (isinstance(other, float | int) or hasattr(other, "__float__")) or isinstance(other, str):
                return NotImplemented
            other = as_float(other)
            left, right = (left, other) if left is self else (other, right)
        if sign in COMPARISONS:
            return COMPARISONS[sign](bottom(left), bottom(right))
        return self.record(SIGNS[sign], (left, right))

    def __le__(self, other: Any) -> Any:
        return self.operated("<=", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.operated(">=", self, other)

    def __ne__(self, other: object) -> Any:
        return self.operated("!=", self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self != 0.0)

    def __neg__(self) -> Any:
        return self.record(BY_SYMBOL["-{x}"], (self,))

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Any:
        return self.record(BY_SYMBOL["abs({x})"], (self,))

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __float__(self) -> float:
        raise graph_would_be_lost("float()")

    def __int__(self) -> int:
        raise graph_would_be_lost("int()")

    def __complex__(self) -> complex:
        raise graph_would_be_lost("complex()")


add_methods(Perturbed)
with_absent(Perturbed)


def bottom(number: Any) -> Any:
    """The float or Value below all derivatives."""
    while isinstance(number, Perturbed):
        number = number.number
    return number


def through(function: Callable[[Any], Any], number: Any) -> Any:
    """The number with the function applied to each float or Value that it consists of: what is linear commutes with derivatives."""
    if isinstance(number, Perturbed):
        return number.rebuilt([through(function, part) for part in number.parts])
    return function(number)


def partials_at(primitive: Primitive, operands: Sequence[Any], out: Any, wanted: Sequence[bool]) -> list[Any]:
    """The local derivatives that are wanted, in kind: the floats that a node would record, or what the rules give for Values.

    Raises:
        OperationError: where a rule fails, as the operation itself would.
    """
    if not all(type(operand) is float for operand in operands):
        return partials_on_nodes(primitive, operands, out, wanted)
    try:
        return partials_of(primitive, list(operands), out, wanted)
    except (ArithmeticError, ValueError) as error:
        raise operation_error(error, primitive, operands) from None
