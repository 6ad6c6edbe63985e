"""Backends: a procedure in, a callable out. NumPy is here, and which one a name stands for; another one derives from `Backend`."""

import math
from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy

from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.write.array_backends import ARRAY_BACKENDS
from autograd_lite.program.write.c_backend import CBackend
from autograd_lite.program.write.c_products import NoCForm
from autograd_lite.program.write.numpy_module import module_source
from autograd_lite.program.write.scalars import scalar_source, scalar_words

__all__ = ["NAMED", "AutoBackend", "Backend", "Compiled", "NumpyBackend", "PointBackend", "backend_of"]


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
    dialect = "numpy"

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


class AutoBackend:
    """Procedures as C, where that is written, compiled, and faster; else as NumPy modules."""

    def compiled(self, procedure: Procedure) -> Compiled:
        """The library, loaded; or the module, run."""
        return self.compiled_for(procedure, 0)

    def compiled_for(self, procedure: Procedure, rows: int) -> Compiled:
        """The same, where it is known how many rows are to come first; 0 where it is not."""
        try:
            return CBackend(_LARGEST_PRODUCT, _LONGEST, _MOST_CALLS).compiled(procedure, rows)
        except NoCForm:
            return NumpyBackend().compiled(procedure)


_LONGEST: Final = 50_000  # characters, which are compiled in a second
_LARGEST_PRODUCT: Final = 2_048  # numbers in a matrix: the products of larger ones are faster in NumPy
_MOST_CALLS: Final = 4_096  # of exp, tanh and so on, in all rows: from here on NumPy's loops over many numbers are as fast
NAMED: Final[dict[str, type[Backend]]] = {"numpy": NumpyBackend, "c": CBackend, "auto": AutoBackend, **ARRAY_BACKENDS}


def backend_of(asked: "str | Backend | None") -> Backend:
    """The backend that a name stands for, or the object itself; NumPy for None.

    Raises:
        ValueError: if there is none of that name. TypeError: if it is no backend. ModuleNotFoundError: if its library is missing.
    """
    asked = "numpy" if asked is None else asked
    if isinstance(asked, str):
        if asked not in NAMED:
            raise ValueError(f"a program runs in {', '.join(map(repr, NAMED))}, or in a Backend of your own, got {asked!r}")
        return NAMED[asked]()
    if not callable(getattr(asked, "compiled", None)):
        raise TypeError(f"a backend has a method `compiled`, got {type(asked).__name__}")
    return asked
