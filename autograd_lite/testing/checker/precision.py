"""The precision of a derivative under test: one in single precision is judged by the rounding of single precision.

It is read off its dtype (NumPy's, PyTorch's, anyone's), or said as `precision=`.
"""

from typing import Any

DOUBLE = 2.0**-52
_UNITS = {"double": DOUBLE, "single": 2.0**-23, "half": 2.0**-10}  # the distance from 1 to the next number
_BY_DTYPE = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": DOUBLE, "longdouble": DOUBLE}


def unit_of(precision: Any) -> float:
    """The unit of a precision: "double", "single", "half", or a dtype or its name.

    Raises:
        ValueError: if it is none of those.
    Example:
        >>> unit_of("single") == unit_of("float32") == 2.0**-23
        True
    """
    unit = _UNITS.get(str(precision)) or _unit_of_dtype(precision)
    if unit is None:
        raise ValueError(f"precision= is {', '.join(map(repr, _UNITS))} or a dtype such as float32; got {precision!r}")
    return unit


def _unit_of_dtype(dtype: Any) -> float | None:
    return next((unit for name, unit in _BY_DTYPE.items() if name in str(dtype)), None)


def unit_in(shape: Any) -> float:
    """The coarsest unit among the numbers of a (nested) shape; that of doubles for Python's own numbers.

    >>> import numpy
    >>> unit_in([1.0, (numpy.float32(2.0), 3)]) == 2.0**-23
    True
    """
    dtype = getattr(shape, "dtype", None)
    if dtype is not None:
        return _unit_of_dtype(dtype) or DOUBLE
    if isinstance(shape, list | tuple):
        return max(map(unit_in, shape), default=DOUBLE)
    return DOUBLE
