"""Backends: a procedure in, a callable out. NumPy is here; another one derives from `Backend`."""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy

from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.write.numpy_module import module_source
from autograd_lite.program.write.scalars import scalar_source, scalar_words

__all__ = ["Backend", "Compiled", "NumpyBackend", "PointBackend"]


class Compiled(Protocol):
    """What a backend makes of a procedure.

    Attributes:
        source: the text, complete.
        function: takes the array of parameters (where there are any), one array per argument, and `gradient` (where one is wanted).
    """

    source: str
    function: Callable[..., Any]


class Backend(Protocol):
    """One way to run procedures."""

    def compiled(self, procedure: Procedure) -> Compiled:
        """The procedure as a callable."""


class _Executed:
    def __init__(self, source: str, procedure: Procedure, form: str = "", **words: Any) -> None:
        self.source = source
        name = procedure.program.identifier
        namespace: dict[str, Any] = {"__name__": f"autograd_lite.program[{name}{form}]"} | words
        # The text is put together from the table's rules, numbers and sanitised names; nothing of it is a user's own text.
        exec(compile(source, f"<program {name}{form}>", "exec"), namespace)
        self.function: Callable[..., Any] = namespace[name]


class NumpyBackend:
    """Procedures as NumPy modules."""

    def compiled(self, procedure: Procedure) -> Compiled:
        """The module, run."""
        with numpy.errstate(all="ignore"):
            return _Executed(module_source(procedure), procedure)


class PointBackend:
    """Procedures of one point as straight-line Python."""

    def compiled(self, procedure: Procedure) -> Compiled:
        """The module, run."""
        return _Executed(scalar_source(procedure), procedure, " at one point", math=math, **scalar_words())
