"""Python's operators for what writes or records arithmetic: all of them are one method."""

import operator
from collections.abc import Callable
from typing import Any, Final

COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _both(sign: str) -> Any:
    """The operator of a sign, and the reflected one."""

    def straight(self: "Operators", other: Any) -> Any:
        return self.operated(sign, self, other)

    def reflected(self: "Operators", other: Any) -> Any:
        return self.operated(sign, other, self)

    return straight, reflected


class Operators:
    """Arithmetic and comparisons by `operated`, which is given the sign and both sides."""

    __slots__ = ()

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        """left + right, and so on: the signs are + - * / ** < > ==."""
        raise NotImplementedError

    __add__, __radd__ = _both("+")
    __sub__, __rsub__ = _both("-")
    __mul__, __rmul__ = _both("*")
    __truediv__, __rtruediv__ = _both("/")
    __pow__, __rpow__ = _both("**")
    __lt__, __gt__ = _both("<")[0], _both(">")[0]
    __eq__ = _both("==")[0]
