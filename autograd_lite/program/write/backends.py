"""Backends: statements in, a callable out. NumPy is here; another one derives from `Backend`."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy

from autograd_lite.program.ir.plans import Plan
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.write.emitting import module_source

__all__ = ["Backend", "Compiled", "NumpyBackend"]


class Compiled(Protocol):
    """What a backend makes of statements.

    Attributes:
        source: the text, complete.
        function: takes the array of parameters (where there are any), one array per argument, and `gradient` (where one is wanted).
    """

    source: str
    function: Callable[..., Any]


class Backend(Protocol):
    """One way to run statements."""

    def compiled(self, program: Lowered, plan: Plan) -> Compiled:
        """The statements as a callable."""


class _Module:
    def __init__(self, source: str, name: str) -> None:
        self.source = source
        namespace: dict[str, Any] = {"__name__": f"autograd_lite.program[{name}]"}
        # The text is put together from the table's rules, numbers and sanitised names; nothing of it is a user's own text.
        exec(compile(source, f"<program {name}>", "exec"), namespace)
        self.function: Callable[..., Any] = namespace[name]


class NumpyBackend:
    """Array statements as a NumPy module."""

    def compiled(self, program: Lowered, plan: Plan) -> Compiled:
        """The module, run."""
        with numpy.errstate(all="ignore"):
            return _Module(module_source(program, plan), program.identifier)
