"""The memory of a replay's arrays: as many rows at once as fit the cache, and nothing given back that the next call needs again.

What is freed at the end of the heap, glibc gives back to the system, and every page of it costs a fault when it is asked for once
more: a network of 2,410 parameters on 1,437 rows took up to 1.7 times as long. glibc keeps twice the size of the largest array that
was ever freed. So one is, which nobody writes to and which therefore costs nothing.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy

__all__ = ["Memory", "owned", "stacked"]

_CACHE: Final = 1 << 21  # bytes: about what one core has for itself
_FEWEST_ROWS: Final = 64  # fewer would spend their time between the calls of NumPy
_MOST_KEPT: Final = 1 << 24  # bytes: what is larger costs more to compute than its pages


class Memory:
    """What arrays with so many bytes for a row need.

    Attributes:
        block: how many rows are computed together.
    """

    def __init__(self, row: int) -> None:
        self.block = max(_CACHE // max(row, 1), _FEWEST_ROWS)
        self._row, self._rows = row, 0

    def keep(self, rows: int) -> None:
        """Has the C library keep what so many rows take when it is freed."""
        if rows > self._rows:
            self._rows = rows
            numpy.empty(min(rows * self._row, _MOST_KEPT), numpy.uint8)


def stacked(values: Any, rows: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """What a module gave for so many rows, as one array: (rows,), or (rows, results) where the shape is that of a list."""
    if not shape:
        return numpy.full(rows, values, dtype) if numpy.ndim(values) == 0 else values
    columns = values if isinstance(values, tuple) else (values,)
    found = numpy.empty((rows, len(columns)), dtype)
    for place, column in enumerate(columns):
        found[:, place] = column
    return found


def owned(values: Any, arguments: Sequence[Any]) -> Any:
    """Results that share no memory with the arguments."""
    return values.copy() if any(numpy.may_share_memory(values, array) for array in arguments) else values
