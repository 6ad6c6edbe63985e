"""The functions of the table as methods of `Value` by NumPy's names, which NumPy calls on objects: np.sin(v) is v.sin().

>>> from autograd_lite import Value
>>> Value(0.0).arctan2(Value(1.0))
Value(data=0.0, grad=0.0)
"""

import math
from collections.abc import Callable
from typing import Any

from autograd_lite.engine.primitive import Binary, Primitive, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.value import Value


def numpy_name(name: str) -> str:
    """What NumPy calls a primitive: it writes the inverse functions out.

    >>> numpy_name("atan2"), numpy_name("acosh"), numpy_name("tanh")
    ('arctan2', 'arccosh', 'tanh')
    """
    return f"arc{name[1:]}" if name[0] == "a" and name[1:].rstrip("2") in TABLE else name


def _method(primitive: Primitive) -> Callable[..., Any]:
    def method(self: Any, *others: Any) -> Any:
        return primitive(self, *others)

    method.__name__ = numpy_name(primitive.name)
    method.__qualname__ = f"Value.{method.__name__}"
    method.__doc__ = primitive.__doc__
    return method


def _in_degrees(angle: Any) -> Any:
    """The angle, given in radians, in degrees."""
    return angle * (180.0 / math.pi)


def _in_radians(angle: Any) -> Any:
    """The angle, given in degrees, in radians."""
    return angle * (math.pi / 180.0)


# What NumPy calls on objects beyond the table; real numbers are their own conjugates.
_OTHERS: dict[str, Callable[[Any], Any]] = {
    "conjugate": lambda x: x,
    "deg2rad": _in_radians,
    "degrees": _in_degrees,
    "fabs": lambda x: abs(x),
    "rad2deg": _in_degrees,
    "radians": _in_radians,
}


def add_methods(kind: type) -> None:
    """Gives a class of numbers the functions that are written as calls, but for those that it has already."""
    for primitive in TABLE.values():
        is_called = primitive.public and isinstance(primitive, Unary | Binary) and primitive.symbol.startswith(f"{primitive.name}(")
        if is_called and not hasattr(kind, numpy_name(primitive.name)):
            setattr(kind, numpy_name(primitive.name), _method(primitive))
    for name, method in _OTHERS.items():
        setattr(kind, name, method)


add_methods(Value)
