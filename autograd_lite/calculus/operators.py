"""Python's operators for what writes or records arithmetic: all of them are one method."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE

BY_SYMBOL: Final = {row.symbol: row for row in reversed(TABLE.values()) if row.public}
# The primitives that Python has a sign for, by that sign.
SIGNS: Final = {sign: BY_SYMBOL[f"{{x}} {sign} {{y}}"] for sign in ("+", "-", "*", "/", "**", "%", "//")}
COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ROUNDED: Final = next(row for row in TABLE.values() if row.symbol == "round({x}, {y})")


def _both(sign: str) -> Any:
    """The operator of a sign, and the reflected one."""

    def straight(self: "Operators", other: Any) -> Any:
        return self.operated(sign, self, other)

    def reflected(self: "Operators", other: Any) -> Any:
        return self.operated(sign, other, self)

    return straight, reflected


def _called(name: str) -> Any:
    """The method by which Python calls a function of one number."""
    row = BY_SYMBOL[f"{name}({{x}})"]
    return lambda self: self.record(row, (self,))


class Operators:
    """Arithmetic and comparisons by `operated`, which is given the sign and both sides; steps by `record`."""

    __slots__ = ()

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        """left + right, and so on: the signs are + - * / ** % // < > ==."""
        raise NotImplementedError

    def record(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """primitive(*operands)."""
        raise NotImplementedError

    __add__, __radd__ = _both("+")
    __sub__, __rsub__ = _both("-")
    __mul__, __rmul__ = _both("*")
    __truediv__, __rtruediv__ = _both("/")
    __pow__, __rpow__ = _both("**")
    __mod__, __rmod__ = _both("%")
    __floordiv__, __rfloordiv__ = _both("//")
    __floor__, __ceil__, __trunc__ = map(_called, ("floor", "ceil", "trunc"))
    __lt__, __gt__ = _both("<")[0], _both(">")[0]
    __eq__ = _both("==")[0]

    def __int__(self) -> int:  # or Python would take `__trunc__` for it
        raise TypeError(f"int() argument must be a string, a bytes-like object or a real number, not {type(self).__name__!r}")

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __round__(self, digits: Any = None) -> Any:
        if digits is None:
            return self.record(BY_SYMBOL["rint({x})"], (self,))
        return self.record(_ROUNDED, (self, float(operator.index(digits))))
