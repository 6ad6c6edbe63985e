"""The functions of the table as methods of `Value` by NumPy's names, which NumPy calls on objects: np.sin(v) is v.sin().

>>> from autograd_lite import Value
>>> Value(0.0).arctan2(Value(1.0))
Value(data=0.0, grad=0.0)
"""

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
    def method(self: Value, *others: Any) -> Any:
        return primitive(self, *others)

    method.__name__ = numpy_name(primitive.name)
    method.__qualname__ = f"Value.{method.__name__}"
    method.__doc__ = primitive.__doc__
    return method


for _primitive in TABLE.values():
    # Primitives that are written as signs are operators already, and the common functions stand in the class.
    _is_called = (
        _primitive.public and isinstance(_primitive, Unary | Binary) and _primitive.symbol.startswith(f"{_primitive.name}(")
    )
    if _is_called and not hasattr(Value, numpy_name(_primitive.name)):
        setattr(Value, numpy_name(_primitive.name), _method(_primitive))
