"""The limit: what the same mathematics costs when it is written by hand, in C (`limits.c`, through ctypes) or in NumPy."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.work import Phase

__all__ = ["LIBRARY", "SOURCE", "HandWritten", "c_function"]

SOURCE = Path(__file__).with_name("limits.c")
LIBRARY = SOURCE.with_name("limits_in_c.so")  # compiled there by `folders.py`, in the copy of this package that children import


def c_function(name: str, returns: Any = None) -> Callable[..., Any]:
    """A function of `limits.c`; its arguments are floats, ints and NumPy arrays of doubles.

    Raises:
        OSError: if there is no library, because no compiler was found.
    """
    function = getattr(ctypes.CDLL(str(LIBRARY)), name)
    function.restype = returns

    def call(*arguments: Any) -> Any:
        return function(*(_for_c(argument) for argument in arguments))

    return call


def _for_c(argument: Any) -> Any:
    if isinstance(argument, float):
        return ctypes.c_double(argument)
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    return argument.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


class HandWritten:
    """A step of functions written for it.

    Args:
        phases, operations, scale: as in Work.
        gradient: gives what the newest step computed.
    """

    def __init__(
        self, phases: dict[str, Phase], gradient: Callable[[], Sequence[float]], operations: int = 0, scale: float = 1.0
    ) -> None:
        self.phases = phases
        self.found = gradient
        self.operations = operations
        self.scale = scale

    @property
    def gradient(self) -> Sequence[float]:
        """Of the newest step."""
        return self.found()
