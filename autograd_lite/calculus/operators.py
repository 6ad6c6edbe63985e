"""Python's operators for what writes or records arithmetic: all of them are one method."""

from typing import Any

__all__ = ["Operators"]


class Operators:
    """Arithmetic by `operated`, which is given the sign and both sides."""

    __slots__ = ()

    def operated(self, sign: str, left: Any, right: Any) -> Any:
        """left + right, and so on: the signs are + - * / ** < > ==."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.operated("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.operated("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.operated("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.operated("-", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.operated("*", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.operated("*", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.operated("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.operated("/", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.operated("**", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.operated("**", other, self)

    def __lt__(self, other: Any) -> Any:
        return self.operated("<", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.operated(">", self, other)

    def __eq__(self, other: object) -> Any:
        return self.operated("==", self, other)
