"""Procedures as compiled C: the source, the library that a compiler made of it, and the call from arrays."""

import ctypes
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Final

import numpy

from autograd_lite.compiled import CompilerError, library
from autograd_lite.optim.update_rules import Rule
from autograd_lite.program.capture.guards import another_branch
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.write.c_descent_call import CDescentFunction, descent_function, in_order
from autograd_lite.program.write.c_module import CModule
from autograd_lite.program.write.c_products import NoCForm

__all__ = ["LONGEST", "CBackend"]

_ROWS: Final = 64  # where nothing is known
LONGEST: Final = 400_000  # characters, for which a compiler takes most of a minute


class CBackend:
    """Procedures as C.

    Args:
        largest_product: how many numbers a matrix may have that something is multiplied by; any number where nothing is said.
        longest: how many characters a source may have.
        most_calls: of functions that NumPy computes for many numbers at once, and the C library for each alone, in all rows.
    """

    def __init__(self, largest_product: float = inf, longest: int = LONGEST, most_calls: float = inf) -> None:
        self.largest_product, self.longest, self.most_calls = largest_product, longest, most_calls

    def compiled(self, procedure: Procedure, rows: int = 0) -> "CCompiled":
        """The library, loaded.

        Args:
            procedure: what is computed. rows: for how many, where that is known.
        Raises:
            NoCForm: if the procedure cannot be written in C, is too long, or there is no compiler.
        """
        module = CModule(procedure)
        if module.largest_product > self.largest_product:
            raise NoCForm("a program with large matrices is faster in NumPy")
        if module.calls * (rows or _ROWS) > self.most_calls:
            raise NoCForm("a program with so many functions is faster in NumPy")
        if len(module.source) > self.longest:
            raise NoCForm(
                f"the program has {len(module.source):,} characters of C, and more than {self.longest:,} take a compiler too long"
            )
        try:
            return CCompiled(module)
        except CompilerError as error:
            raise NoCForm(f'{error}. backend="auto" takes NumPy then.') from None


class CCompiled:
    """A compiled procedure.

    Attributes:
        source: the text. function: from arrays, as the function of a NumPy module. packed: the same, of one array of addresses.
    """

    dialect = "c"
    function: Callable[..., Any]
    in_blocks = False  # what a row needs fits the cache by itself

    def __init__(self, module: CModule) -> None:
        self.source, self.module = module.source, module
        self._descents: dict[tuple[Rule, ...], CDescentFunction | None] = {}
        loaded = library(module.source)
        self._called = CFunction(module, getattr(loaded, module.name_of_function))
        self.function = self._called
        self.packed = getattr(loaded, module.packed)
        self.packed.argtypes, self.packed.restype = [ctypes.c_void_p], ctypes.c_ssize_t

    def __deepcopy__(self, memo: Any) -> "CCompiled":
        return self  # it holds nothing that changes

    def watched(self, *given: Any) -> tuple[Any, bool]:
        """What the function gives, and whether a number overflowed, or had no value."""
        return self._called.called(given)

    def descent(self, rules: Sequence[Rule]) -> CDescentFunction | None:
        """A whole descent by these rules, one for each group of parameters; None where they or the compiler give none."""
        key = tuple(rules)
        if key not in self._descents:
            self._descents[key] = descent_function(self.module, rules)
        return self._descents[key]


class CFunction:
    """A function of a library, called as the function of a NumPy module is.

    Args:
        module: what it was made from. function: as `ctypes` found it.
    """

    def __init__(self, module: CModule, function: Any) -> None:
        self.dtype = numpy.dtype(module.procedure.dtype)
        self.places = [check.place for check in module.checks]
        self.count = len(module.given)
        self.arguments = len(module.program.arguments)
        self.is_loss, self.by_column = module.procedure.task == LOSS, module.by_column
        self.results = len(module.procedure.outputs)
        self.differentiates, self.inputs = module.differentiates, module.inputs
        pointers = 1 + self.differentiates + bool(self.places)
        function.argtypes = [*[ctypes.c_void_p] * self.count, ctypes.c_ssize_t, *[ctypes.c_void_p] * pointers]
        function.restype = ctypes.c_ssize_t
        self.function = function

    def __call__(self, *given: Any) -> Any:
        """The values; the derivatives are written to the last array, where one is given."""
        found, flagged = self.called(given)
        if flagged:
            numpy.divide(1.0, 0.0)  # which NumPy reports in the way that it was told to
        return found

    def called(self, given: Sequence[Any]) -> tuple[Any, bool]:
        """The values, and whether a number overflowed, or had no value."""
        arrays = [in_order(each, self.dtype) for each in given[: self.count]]
        rows = len(arrays[-1]) if self.arguments else 1
        values = numpy.empty(1 if self.is_loss else rows if self.results == 1 else (rows, self.results), self.dtype)
        out, wanted = [address(values)], None
        if self.differentiates:
            wanted = given[self.count] if len(given) > self.count else None
            gradient = self._gradient(wanted, rows, given)
            out.append(address(gradient))
        branches = numpy.empty(rows, numpy.int32) if self.places else None
        if self.places:
            out.append(address(branches))
        status = self.function(*map(address, arrays), rows, *out)
        if status not in (0, 1):
            self._check(status, branches)
        if wanted is not None and gradient is not wanted:
            wanted[...] = gradient
        return values[0] if self.is_loss else values if self.results == 1 else tuple(values.T), status == 1

    def _gradient(self, wanted: Any, rows: int, given: Sequence[Any]) -> Any:
        """The array itself where the function can write to it; else a new one."""
        if wanted is not None and wanted.dtype == self.dtype and wanted.flags.aligned:
            flags = wanted.flags
            if flags.c_contiguous if self.is_loss or not self.by_column else flags.f_contiguous:
                return wanted
        if self.is_loss:
            return numpy.empty(len(given[0]), self.dtype)
        return numpy.empty((self.inputs, rows), self.dtype).T if self.by_column else numpy.empty((rows, self.inputs), self.dtype)

    def _check(self, status: int, branches: Any) -> None:
        """Raises what the function of a NumPy module raises.

        Raises:
            ValueError: if a row does not pass a guard. MemoryError: if there was no room for what is computed on the way.
        """
        if status < 0:
            raise MemoryError("a program in C has no room for its arrays")
        number = status // 2 - 1
        if number >= 0:
            raise another_branch(branches == number, self.places[number])


def address(array: Any) -> Any:
    """Where the numbers of an array stand, as `ctypes` takes it."""
    try:
        return _NOTHING.from_buffer(array)  # several times as fast as asking the array
    except (TypeError, ValueError, BufferError):  # it is not to be written to, or not in the order of C
        return array.ctypes.data


_NOTHING: Final = ctypes.c_char * 0
