"""What a primitive is: one function of numbers with its local derivatives, its text, its domain and its special points.

The primitives of the table (`primitives.py`) and a user's own derive from `Unary`, `Binary` or `Nary`. A primitive is also the
function that users call: it answers in kind, a float for floats, a Value for Values, an array for arrays.
"""

from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar, Final, TypeVar, overload

from autograd_lite.engine.compiling import mypyc_attr
from autograd_lite.engine.errors import operation_error
from autograd_lite.engine.number_types import evaluate
from autograd_lite.engine.old_names import OldName, renamed
from autograd_lite.engine.text import ATOM, CALL, POWER, Latex, Text, enclosed, in_latex, listed

T = TypeVar("T")

__all__ = ["NONNEGATIVE", "NONZERO", "POSITIVE", "REAL", "Binary", "Edge", "Interval", "Nary", "Primitive", "SpecialPoint", "Unary"]


class Interval:
    """The numbers from `low` to `high`, for the domain of one operand.

    Args:
        low: where they begin.
        high: where they end.
        closed_low: whether `low` is one of them.
        closed_high: whether `high` is.
        hole: a number between that is not, or None.
    Example:
        >>> from math import inf
        >>> upward, pierced = Interval(0.0, inf, closed_low=True), Interval(-1.0, 1.0, hole=0.0)
        >>> str(upward), 0.0 in upward, 0.0 in pierced
        ('[0, inf)', True, False)
    """

    __slots__ = ("closed_high", "closed_low", "high", "hole", "low")

    def __init__(
        self,
        low: float = -inf,
        high: float = inf,
        *,
        closed_low: bool = False,
        closed_high: bool = False,
        hole: float | None = None,
    ) -> None:
        self.low, self.high = low, high
        self.closed_low, self.closed_high = closed_low, closed_high
        self.hole = hole

    def __contains__(self, x: float) -> bool:
        above = x >= self.low if self.closed_low else x > self.low
        below = x <= self.high if self.closed_high else x < self.high
        return above and below and x != self.hole

    def __str__(self) -> str:
        text = f"{'[' if self.closed_low else '('}{self.low:g}, {self.high:g}{']' if self.closed_high else ')'}"
        return text if self.hole is None else f"{text} without {self.hole:g}"


class SpecialPoint:
    """A point where the derivative is a convention or a limit.

    Args:
        operands: the point.
        partials: the partial for each operand.
        higher: of second order, then of third: (xx,), (xxx,), or (xx, xy, yy), (xxx, xxy, xyy, yyy); empty where all are 0.
    Example:
        >>> from autograd_lite.engine.primitives import sqrt
        >>> at_zero = sqrt.special_points[0]
        >>> at_zero.operands, at_zero.partials, at_zero.higher
        ((0.0,), (inf,), ((-inf,), (inf,)))
    """

    __slots__ = ("higher", "operands", "partials")

    def __init__(self, operands: tuple[float, ...], partials: tuple[float, ...], *higher: tuple[float, ...]) -> None:
        self.operands, self.partials, self.higher = operands, partials, higher


REAL: Final = Interval()
POSITIVE: Final = Interval(0.0, inf)
NONNEGATIVE: Final = Interval(0.0, inf, closed_low=True)
NONZERO: Final = Interval(hole=0.0)
Edge = SpecialPoint  # its old name


class Recorder:
    """What records operations. A Value derives from it, so that a primitive reaches `record` without a search by name."""

    __slots__ = ()

    def record(self, primitive: "Primitive", operands: Sequence[Any]) -> Any:
        """primitive(*operands), recorded; the protocol by which a Primitive answers in kind."""
        raise NotImplementedError(f"{type(self).__name__} must define record(self, primitive, operands)")

    def record_products(self, primitive: "Primitive", bias: Any, weights: Any, inputs: Any) -> Any:
        """The same for the sum of a bias, unless that is None, and of the products of weights and inputs."""
        return self.record(primitive, [*weights, *inputs] if bias is None else [bias, *weights, *inputs])


R = TypeVar("R", bound=Recorder)


@mypyc_attr(allow_interpreted_subclasses=True)
class Primitive:
    """One differentiable function of numbers; derive from `Unary`, `Binary` or `Nary`.

    Class attributes:
        symbol: how a call is written, with a place for every operand: "{x} / {y}".
        latex: the same in LaTeX, where that is more than the symbol or the name; places in braces need no parentheses.
        precedence: how tightly `symbol` binds; CALL needs no parentheses around operands.
        domain: one Interval per operand (the last one repeats).
        image: where the values lie, as far as others make use of it.
        special_points: where the derivative is a convention or a one-sided limit; `edges` is the old name.
        advice: what to write instead where an infinite slope of this function meets a slope of 0, for messages.
        smooth: False where the function has kinks or steps inside its domain.
        roundings: by how many roundings (2**-53 of its size each) a value is off at most; 0 where it is exact. 1 is what IEEE 754
            asks of an operation.
        cancels: True for a rounded sum whose terms may cancel: its error is measured against the largest operand times its partial.
        arity: how many numbers a call takes; None where it takes lists.
        orders: for a family of functions, of which the last operands choose a member: the members that tests show it with. By
            these operands nobody differentiates, their partials are nan.
        takes_list: whether `forward` takes its operands as one list.
        parameters: the names that a call gives its operands, "=" after those that may be left out.
        public: False for helpers that only rules call.
        textbook: the local derivatives as books write them, where the rules are written otherwise to keep their digits: one text
            per operand, or one for all of a list, with the places {x}, {y} and {out}; "" where the rule itself is to be read.
        structure: what others may know beyond its rules: "sum" adds its operands, "product" multiplies the two, "quotient" divides
            them, "inner product" adds products, listed as a bias (if odd), weights, inputs; the name of a row of a list is what a
            chain of it gives.
    Example:
        >>> from autograd_lite.engine.text import ATOM, Text
        >>> from autograd_lite.engine.primitives import divide
        >>> divide.name, divide.arity, divide.symbol, [str(interval) for interval in divide.domain]
        ('divide', 2, '{x} / {y}', ['(-inf, inf)', '(-inf, inf) without 0'])
        >>> divide.of((3.0, 2.0)), divide.write([Text("a + b", 0), Text("c", ATOM)]).text
        (1.5, '(a + b) / c')
        >>> divide.requirement, divide.simplify((3.0, 2.0))
        ('the operands must lie in (-inf, inf) and (-inf, inf) without 0', None)
    """

    symbol: ClassVar[str] = ""
    latex: ClassVar[str] = ""
    precedence: ClassVar[int] = CALL
    domain: ClassVar[tuple[Interval, ...]] = (REAL,)
    image: ClassVar[Interval] = REAL
    special_points: ClassVar[tuple[SpecialPoint, ...]] = ()
    edges: ClassVar[Any] = OldName("special_points")
    advice: ClassVar[str] = ""
    smooth: ClassVar[bool] = True
    roundings: ClassVar[float] = 4.0
    cancels: ClassVar[bool] = False
    arity: ClassVar[int | None] = None
    orders: ClassVar[tuple[tuple[float, ...], ...]] = ()
    takes_list: ClassVar[bool] = False
    parameters: ClassVar[str] = "x"
    public: ClassVar[bool] = True
    textbook: ClassVar[tuple[str, ...]] = ()
    structure: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        renamed(cls, "edges", "special_points")

    def __init__(self) -> None:
        self.name: str = type(self).__name__.lower()
        self.is_builtin: bool = type(self).__module__.startswith("autograd_lite.engine.primitives")
        self.is_inner_product: bool = self.is_builtin and self.structure == "inner product"

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> Any:
        # By name, as functions are pickled; a primitive that is not reachable as `module.name` travels as its class.
        return self.name if self.is_builtin else (type(self), ())

    def __deepcopy__(self, memo: Any) -> "Primitive":
        return self  # it has no state, and nodes are recognised by it

    def __call__(self, *operands: Any) -> Any:
        return self.of(operands)

    @property
    def __signature__(self) -> Any:
        import inspect  # which asks for this, as it cannot look into a compiled class

        call = type(self).__call__
        if inspect.isfunction(call):
            return inspect.signature(call.__get__(self))
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parts = [part.partition("=") for part in self.parameters.split(", ")]
        defaults = [None if sign else inspect.Parameter.empty for _, sign, _ in parts]
        return inspect.Signature([inspect.Parameter(part[0], kind, default=default) for part, default in zip(parts, defaults)])  # noqa: B905

    @property
    def requirement(self) -> str:
        """What the operands must satisfy, as a clause for messages."""
        operands = "operand" if len(self.domain) == 1 else "operands"
        return f"the {operands} must lie in {' and '.join(str(interval) for interval in self.domain)}"

    def write(self, operands: Sequence[Text]) -> Text:
        """The text of a call with these operands, in parentheses where they need them; in LaTeX where the first operand is."""
        x, y = (operands[0], operands[-1]) if operands else (Text("", ATOM), Text("", ATOM))
        kind = Latex if isinstance(x, Latex) else Text
        template = (self.latex or in_latex(self.symbol, self.name)) if kind is Latex else self.symbol
        if self.precedence < CALL:
            right_associative, unary = self.precedence == POWER, len(operands) == 1
            if "{{{x}}}" not in template:
                x = enclosed(x, self.precedence + (right_associative or unary))
            if "{{{y}}}" not in template:
                y = enclosed(y, self.precedence + (not right_associative))
        precedence = min(self.precedence, POWER) if kind is Latex and "^" in template else self.precedence
        return kind(template.format(x=x.text, y=y.text, operands=listed(operands)), precedence)

    def simplify(self, operands: Sequence[Any]) -> Any:
        """The same number by less work, where some operands are known numbers; None where there is no such way.

        Programs ask. Operands that are not plain floats are terms, which grow by arithmetic and by calls of other primitives.
        """
        return None

    def of(self, operands: Sequence[Any]) -> Any:
        """This function of a list of operands: recorded by the first that records (Value, Symbol), else in their number type."""
        for operand in operands:
            if isinstance(operand, Recorder):
                return operand.record(self, operands)
            record = getattr(operand, "record", None)
            if record is not None:
                return record(self, operands)
        try:
            return evaluate(self, operands)
        except (ArithmeticError, ValueError) as error:
            raise operation_error(error, self, operands) from None


@mypyc_attr(allow_interpreted_subclasses=True)
class Unary(Primitive):
    """A function of one number; `forward` and `dx` are what a primitive of your own defines.

    >>> class Cube(Unary):
    ...     def forward(self, x):
    ...         return x**3
    ...     def dx(self, x, out):
    ...         return 3.0 * x**2
    >>> cube = Cube()
    >>> cube(2.0), cube.dx(2.0, cube.forward(2.0))
    (8.0, 12.0)
    """

    arity: ClassVar[int | None] = 1

    def forward(self, x: float) -> float:
        """The value at x."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, x)")

    def dx(self, x: float, out: float) -> float:
        """The local derivative at x, where `out` is the value there."""
        raise NotImplementedError(f"{type(self).__name__} must define dx(self, x, out)")

    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: T) -> T: ...
    def __call__(self, x: Any) -> Any:
        return self.of((x,))


@mypyc_attr(allow_interpreted_subclasses=True)
class Binary(Primitive):
    """A function of two numbers; `forward`, `dx` and `dy` are what a primitive of your own defines.

    >>> from autograd_lite.engine.primitives import multiply
    >>> multiply.forward(2.0, 3.0), multiply.dx(2.0, 3.0, 6.0), multiply.dy(2.0, 3.0, 6.0)
    (6.0, 3.0, 2.0)
    """

    arity: ClassVar[int | None] = 2
    parameters: ClassVar[str] = "x, y"
    domain: ClassVar[tuple[Interval, ...]] = (REAL, REAL)

    def forward(self, x: float, y: float) -> float:
        """The value at (x, y)."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, x, y)")

    def dx(self, x: float, y: float, out: float) -> float:
        """The local derivative in x, where `out` is the value at (x, y)."""
        raise NotImplementedError(f"{type(self).__name__} must define dx(self, x, y, out)")

    def dy(self, x: float, y: float, out: float) -> float:
        """The local derivative in y, where `out` is the value at (x, y)."""
        raise NotImplementedError(f"{type(self).__name__} must define dy(self, x, y, out)")

    @overload
    def __call__(self, x: R, y: R | float) -> R: ...
    @overload
    def __call__(self, x: float, y: R) -> R: ...
    @overload
    def __call__(self, x: float, y: float) -> float: ...
    @overload
    def __call__(self, x: Any, y: Any) -> Any: ...
    def __call__(self, x: Any, y: Any) -> Any:
        return self.of((x, y))


@mypyc_attr(allow_interpreted_subclasses=True)
class Nary(Primitive):
    """A function of any number of numbers, given as one list.

    Class attributes:
        parameters: "values" where a call, too, takes its operands as one list.
        counts: numbers of operands with which tests and pages show it, where `arity` leaves them open.
    Example:
        >>> from autograd_lite.engine.primitives import norm
        >>> norm.forward([3.0, 4.0]), norm.partials([3.0, 4.0], 5.0), norm.counts
        (5.0, [0.6, 0.8], (1, 2, 5))
    """

    takes_list: ClassVar[bool] = True
    parameters: ClassVar[str] = "values"
    counts: ClassVar[tuple[int, ...]] = (1, 2, 5)

    def forward(self, values: list[float]) -> float:
        """The value at a list of `values`."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, values)")

    def partials(self, values: list[float], out: float) -> list[float]:
        """The local derivatives, one for each of the `values`, where `out` is the value."""
        raise NotImplementedError(f"{type(self).__name__} must define partials(self, values, out)")

    @overload
    def __call__(self, values: Sequence[R]) -> R: ...
    @overload
    def __call__(self, values: Sequence[float]) -> float: ...
    @overload
    def __call__(self, values: Sequence[Any]) -> Any: ...
    def __call__(self, values: Sequence[Any]) -> Any:
        return self.of(list(values))
