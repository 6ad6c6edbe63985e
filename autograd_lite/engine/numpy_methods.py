"""Methods by NumPy's names, which NumPy calls on objects: np.sin(v) is v.sin(). Also what `v ^ 2`, `v @ w` and `v.numpy()` say,
and all of it for the other kinds of numbers that functions are given.

>>> from autograd_lite import Value
>>> Value(0.0).arctan2(Value(1.0))
Value(data=0.0, grad=0.0)
"""

import math
from collections.abc import Callable
from typing import Any, Final, NoReturn

from autograd_lite.engine.errors import expression
from autograd_lite.engine.methods import FUNCTIONS
from autograd_lite.engine.primitive import Binary, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, is_number
from autograd_lite.names_of_others import with_absent


def numpy_name(name: str) -> str:
    """What NumPy calls a primitive: it writes the inverse functions out.

    >>> numpy_name("atan2"), numpy_name("acosh"), numpy_name("tanh")
    ('arctan2', 'arccosh', 'tanh')
    """
    return f"arc{name[1:]}" if name[0] == "a" and name[1:].rstrip("2") in TABLE else name


_SIGNS: Final = {sign: next(row for row in TABLE.values() if row.symbol == f"{{x}} {sign} {{y}}") for sign in ("*", "**")}


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


def _refused(sign: str) -> Any:
    """An operator that means something else elsewhere, and the reflected one: between numbers they say what to write."""

    def straight(self: Any, other: Any) -> Any:
        return _refusal(sign, self, other) if hasattr(other, "record") or is_number(other) else NotImplemented

    def reflected(self: Any, other: Any) -> Any:
        return _refusal(sign, other, self) if is_number(other) else NotImplemented

    return straight, reflected


def _refusal(sign: str, left: Any, right: Any) -> NoReturn:
    texts = [expression(operand if hasattr(operand, "record") else as_float(operand)) for operand in (left, right)]
    given = shorten(f"{texts[0].text} {sign} {texts[1].text}")
    if sign == "^":
        instead = f"the exclusive or of whole numbers in Python. Write `{shorten(_SIGNS['**'].write(texts).text)}` for the power."
    else:
        product = shorten(_SIGNS["*"].write(texts).text)
        instead = f"a product of matrices in Python, and a Value is one number. Write `{product}`, or `dot(v, w)` for lists."
    raise TypeError(f"`{given}` is {instead}")


_METHODS: Final[dict[str, Callable[..., Any]]] = {
    **{name: _method(name, function) for name, function in _OTHERS.items()},
    **{
        numpy_name(row.name): _method(numpy_name(row.name), row)
        for row in TABLE.values()
        if row.public and isinstance(row, Unary | Binary) and row.symbol.startswith(f"{row.name}(")
    },
    **dict(zip(("__xor__", "__rxor__"), _refused("^"), strict=True)),
    **dict(zip(("__matmul__", "__rmatmul__"), _refused("@"), strict=True)),
}


def add_methods(kind: type) -> None:
    """Gives a class of numbers the methods of Values, and those that NumPy has names for, but for those that it has already."""
    own = {name: _method(name, function) for name, function in FUNCTIONS.items() if hasattr(Value, name) and name not in _METHODS}
    for name, method in (_METHODS | own).items():
        if not hasattr(kind, name):
            setattr(kind, name, method)


add_methods(Value)
with_absent(Value)
