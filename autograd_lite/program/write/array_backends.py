"""Procedures run by the arrays of another library: JAX, which compiles them for every shape, or PyTorch.

Numbers go in and come out as arrays of NumPy. Neither library is imported before it is asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import numpy

from autograd_lite.engine.extras import needed
from autograd_lite.program.capture.guards import another_branch
from autograd_lite.program.ir.arrays import View, whole
from autograd_lite.program.ir.one_point import keeps_infinity
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.received import within
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Term
from autograd_lite.program.write.array_dialects import JAX, TORCH, ArrayDialect
from autograd_lite.program.write.array_module import ArrayModule

__all__ = ["ARRAY_BACKENDS", "ArrayBackend", "JaxBackend", "TorchBackend"]


class ArrayBackend:
    """Procedures on arrays of a library.

    Args:
        watches: whether its modules also say if all numbers on the way were finite.
    Raises:
        ModuleNotFoundError: if it is not installed.
    """

    name: str
    dialect: ArrayDialect
    by_shape: bool  # whether what is compiled serves arrays of one shape

    def __init__(self, *, watches: bool = True) -> None:
        self.library = needed(self.name)
        self.watches = watches

    def compiled(self, procedure: Procedure) -> "ArrayCompiled":
        """The module, run."""
        return ArrayCompiled(self, procedure)

    def jitted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as the library runs it."""
        raise NotImplementedError

    def context(self, dtype: Any) -> AbstractContextManager[Any]:
        """In which it computes in numbers of the program's kind, and records nothing; what the user has set is left alone."""
        raise NotImplementedError

    def given(self, array: Any) -> Any:
        """An array of NumPy as one that the function takes."""
        raise NotImplementedError

    def joined(self, arrays: Sequence[Any], axis: int) -> Any:
        """Arrays side by side."""
        raise NotImplementedError


class JaxBackend(ArrayBackend):
    """Procedures as modules of JAX, compiled for each shape that they meet; on its default device."""

    name, dialect, by_shape = "jax", JAX, True

    def jitted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self.library.jit(function)  # type: ignore[no-any-return]

    @contextmanager
    def context(self, dtype: Any) -> Iterator[None]:
        precision = self.library.config.jax_default_matmul_precision or "highest"  # else a GPU rounds factors to ten bits
        with self.library.enable_x64(dtype == numpy.float64), self.library.default_matmul_precision(precision):
            yield

    def given(self, array: Any) -> Any:
        return array

    def joined(self, arrays: Sequence[Any], axis: int) -> Any:
        return self.library.numpy.concatenate(arrays, axis)


class TorchBackend(ArrayBackend):
    """Procedures as modules of PyTorch, operation by operation; on its default device."""

    name, dialect, by_shape = "torch", TORCH, False

    def jitted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def context(self, dtype: Any) -> AbstractContextManager[Any]:
        return self.library.no_grad()  # type: ignore[no-any-return]

    def given(self, array: Any) -> Any:
        lies = array.flags.writeable and min(array.strides, default=0) >= 0
        there = self.library.from_numpy(array if lies else numpy.array(array))  # over the same numbers where that can be
        return there.to(self.library.get_default_device())

    def joined(self, arrays: Sequence[Any], axis: int) -> Any:
        return self.library.concatenate(arrays, axis)


ARRAY_BACKENDS: Final[dict[str, type[ArrayBackend]]] = {"jax": JaxBackend, "torch": TorchBackend}


class ArrayCompiled:
    """A procedure as a function of arrays of NumPy, as the function of a NumPy module is.

    Attributes:
        source: of the module. function: from arrays, as the function of a NumPy module.
        twin: what is asked instead where a number is not finite.
    """

    in_blocks = False

    def __init__(self, backend: ArrayBackend, procedure: Procedure) -> None:
        self.backend, self.dialect = backend, backend.name
        self.twin: Any = None
        self.by_shape = backend.by_shape
        module = ArrayModule(procedure, backend.dialect, _watched(procedure) if backend.watches else ())
        self.source = module.source()
        self.program, self.is_loss = procedure.program, procedure.task == LOSS
        self.dtype = numpy.dtype(procedure.dtype)
        self.differentiates, self.checks, self.watches = module.differentiates, module.checks, bool(module.watched)
        name = self.program.identifier
        namespace: dict[str, Any] = {"__name__": f"autograd_lite.program[{name}]"}
        # The text is put together from the table's rules, numbers and sanitised names; nothing of it is a user's own text.
        with self.backend.context(self.dtype):
            exec(compile(self.source, f"<program {name} in {self.dialect}>", "exec"), namespace)
        self._parts = module.parts
        self._split = namespace.get(module.split)
        self._module = namespace[module.value_and_gradient if self.differentiates else module.value]
        self._jitted = backend.jitted(self._arrays)
        self.function: Callable[..., Any] = self._called

    def _arrays(self, *given: Any) -> tuple[Any, ...]:
        """The values, the derivatives in one array, the truths of guards, and whether all is finite."""
        arguments = list(given)
        if self._split is not None:
            arguments[0] = self._split(arguments[0])
        found = self._module(*arguments)
        answer, slopes = found if self.differentiates else (found, None)
        value, *others = answer if self.checks or self.watches else (answer,)
        changed = others.pop(0) if self.checks else None
        gradient = None
        if slopes is not None and self.is_loss:
            gradient = self.backend.joined([slopes[array.name].reshape(-1) for array in self._parts], 0)
        elif slopes is not None:
            gradient = self.backend.joined([slope.reshape(len(slope), -1) for slope in slopes], 1)
        return value, gradient, changed, *others

    def _called(self, *given: Any) -> Any:
        """The values; the derivatives are written to the last array, where one is given.

        Raises:
            ValueError: if a row takes another branch.
        """
        return self.watched(*given)[0]

    def watched(self, *given: Any) -> tuple[Any, bool]:
        """The same, and whether some number is not finite: of what comes in, on the way, or of what comes out."""
        count = bool(self.program.parameters) + len(self.program.arguments)
        arrays, out = given[:count], given[count] if len(given) > count else None
        with self.backend.context(self.dtype):
            value, gradient, changed, *finite = self._jitted(*map(self.backend.given, arrays))
            values = tuple(map(self._numbers, value)) if isinstance(value, tuple) else self._numbers(value)
        if changed is not None:
            self._check(_taken(changed))
        flagged = not (all(map(bool, finite)) and all(numpy.isfinite(array).all() for array in arrays))
        for numbers in values if isinstance(values, tuple) else [values]:
            flagged = flagged or not numpy.isfinite(numbers).all()
        if out is not None:
            out[...] = _taken(gradient)
            flagged = flagged or not numpy.isfinite(out).all()
        return values, flagged

    def _numbers(self, array: Any) -> Any:
        numbers = numpy.array(_taken(array), self.dtype)
        return numbers if numbers.ndim else numbers[()]

    def _check(self, changed: Any) -> None:
        """Raises what the function of a NumPy module raises."""
        for check, rows in zip(self.checks, changed.T, strict=True):
            if rows.any():
                raise another_branch(rows, check.place)


def _taken(array: Any) -> Any:
    """An array of a library, or a number, as one of NumPy."""
    return numpy.asarray(array.cpu() if hasattr(array, "cpu") else array)


def _watched(procedure: Procedure) -> list[Term]:
    """What infinite numbers may be in that no later number shows, as they are compared, chosen among, or fade."""
    statements = procedure.program.statements
    read = [operand for statement in statements if not keeps_infinity(statement) for operand in statement.operands]
    read += [condition for check in procedure.program.checks for condition in check.conditions]
    met = {part.array for term in read for part in term.walk() if isinstance(part, View)}
    return [within(each.path, whole(each.target)) for each in statements if each.target in met]
