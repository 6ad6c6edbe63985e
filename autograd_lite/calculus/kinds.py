"""What transforms give, for type checkers: floats for floats, Values for Values, and the argument's own shape."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from autograd_lite.engine.value import Value

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

T = TypeVar("T")
U = TypeVar("U")
# What is differentiated, so that the arguments of a lambda are Any to a strict checker, and not unknown.
FewArguments = Callable[[Any], Any] | Callable[[Any, Any], Any] | Callable[[Any, Any, Any], Any]


class Derivative(Protocol):
    """A function of one number."""

    @overload
    def __call__(self, x: float, /, **keywords: Any) -> float: ...
    @overload
    def __call__(self, x: Value, /, **keywords: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, /, **keywords: Any) -> Any: ...


class GradientByFirst(Protocol):
    """The gradient by the first of several arguments, in its shape."""

    @overload
    def __call__(self, x: float, /, *others: Any, **keywords: Any) -> float: ...
    @overload
    def __call__(self, x: Sequence[float], /, *others: Any, **keywords: Any) -> list[float]: ...
    @overload
    def __call__(self, x: T, /, *others: Any, **keywords: Any) -> T: ...


class Gradient(Protocol):
    """The gradient of a function: in the shape of its argument, or a tuple for several."""

    @overload
    def __call__(self, x: float, /, **keywords: Any) -> float: ...
    @overload
    def __call__(self, x: Sequence[float], /, **keywords: Any) -> list[float]: ...
    @overload
    def __call__(self, x: Sequence[Sequence[float]], /, **keywords: Any) -> list[list[float]]: ...
    @overload
    def __call__(self, x: T, /, **keywords: Any) -> T: ...
    @overload
    def __call__(self, x: float, y: float, /, **keywords: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: T, y: U, /, **keywords: Any) -> tuple[T, U]: ...
    @overload
    def __call__(self, x: Any, y: Any, z: Any, /, *others: Any, **keywords: Any) -> tuple[Any, ...]: ...


class Matrix(Protocol):
    """Rows and columns over all numbers of the arguments."""

    @overload
    def __call__(self, x: float | Sequence[float], /, *others: float, **keywords: Any) -> list[list[float]]: ...
    @overload
    def __call__(self, x: Value | Sequence[Value], /, *others: Value, **keywords: Any) -> list[list[Value]]: ...
    @overload
    def __call__(self, x: "NDArray[Any]", /, *others: Any, **keywords: Any) -> "NDArray[float64]": ...
    @overload
    def __call__(self, x: Any, /, *others: Any, **keywords: Any) -> Any: ...


class ValueAndGradient(Protocol):
    """The value of a function and its gradient."""

    @overload
    def __call__(self, x: float, /, **keywords: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Sequence[float], /, **keywords: Any) -> tuple[float, list[float]]: ...
    @overload
    def __call__(self, x: Value, /, **keywords: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, x: T, /, **keywords: Any) -> tuple[Any, T]: ...
    @overload
    def __call__(self, x: float, y: float, /, **keywords: Any) -> tuple[float, tuple[float, float]]: ...
    @overload
    def __call__(self, x: Any, y: Any, /, *others: Any, **keywords: Any) -> tuple[Any, tuple[Any, ...]]: ...
