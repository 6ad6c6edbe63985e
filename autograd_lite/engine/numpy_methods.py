"""Methods by NumPy's names, which NumPy calls on objects: np.sin(v) is v.sin(). All methods for the other kinds of numbers.

>>> from autograd_lite import Value
>>> Value(0.0).arctan2(Value(1.0))
Value(data=0.0, grad=0.0)
"""

import math
from collections.abc import Callable
from typing import Any, Final

from autograd_lite.engine.methods import FUNCTIONS
from autograd_lite.engine.primitive import Binary, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.value import Value


def numpy_name(name: str) -> str:
    """What NumPy calls a primitive: it writes the inverse functions out.

    >>> numpy_name("atan2"), numpy_name("acosh"), numpy_name("tanh")
    ('arctan2', 'arccosh', 'tanh')
    """
    return f"arc{name[1:]}" if name[0] == "a" and name[1:].rstrip("2") in TABLE else name


def _method(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *others: Any) -> Any:
        return function(self, *others)

    method.__name__ = name
    method.__qualname__ = f"Value.{name}"
    method.__doc__ = function.__doc__
    return method


def _in_degrees(angle: Any) -> Any:
    """The angle, given in radians, in degrees."""
    return angle * (180.0 / math.pi)


def _in_radians(angle: Any) -> Any:
    """The angle, given in degrees, in radians."""
    return angle * (math.pi / 180.0)


# What NumPy calls on objects beyond the table; real numbers are their own conjugates.
_OTHERS: Final[dict[str, Callable[..., Any]]] = {
    "conjugate": lambda x: x,
    "deg2rad": _in_radians,
    "degrees": _in_degrees,
    "fabs": lambda x: abs(x),
    "rad2deg": _in_degrees,
    "radians": _in_radians,
}


def add_methods(kind: type) -> None:
    """Gives a class of numbers the methods of Values, and those that NumPy has names for, but for those that it has already."""
    called = {
        numpy_name(row.name): row
        for row in TABLE.values()
        if row.public and isinstance(row, Unary | Binary) and row.symbol.startswith(f"{row.name}(")
    }
    own = {name: function for name, function in FUNCTIONS.items() if hasattr(Value, name)}
    for name, function in (_OTHERS | called | own).items():
        if not hasattr(kind, name):
            setattr(kind, name, _method(name, function))


add_methods(Value)
