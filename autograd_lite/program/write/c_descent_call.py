"""The call of a descent in C: arrays of NumPy in, and what it leaves behind."""

import ctypes
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy

from autograd_lite.compiled import CompilerError, library
from autograd_lite.optim.update_rules import Rule
from autograd_lite.program.ir.update import RecordedUpdate, recorded_update
from autograd_lite.program.write.c_descent import CDescent, constants_of
from autograd_lite.program.write.c_module import CModule

__all__ = ["LEVEL", "STUCK", "CDescentFunction", "Stretch", "descent_function", "in_order"]

STUCK, LEVEL = 1, 2  # why it ended before all steps
_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_double
_LAST: Final = (_COUNT, _COUNT, _POINTER, _COUNT, _COUNT, _NUMBER, *[_POINTER] * 4, _NUMBER, _COUNT, *[_POINTER] * 7)


class Stretch(NamedTuple):
    """Which steps to take.

    Attributes:
        arrays: contiguous, rows first. size: of a batch. order: of the rows, epoch after epoch; None for all rows in their order.
        first: where the first batch begins in the first epoch. most: how many steps. number: of the first one, from 1.
        sizes, places: of each group of parameters. rates: by group and step. tolerance: see `descent`; below 0 for none.
    """

    arrays: Sequence[Any]
    size: int
    order: Any
    first: int
    most: int
    number: int
    sizes: Any
    places: Any
    rates: Any
    tolerance: float


class CDescentFunction:
    """A descent that is compiled.

    Args:
        descent: its source. updates: the rule of each group.
    """

    def __init__(self, descent: CDescent, updates: Sequence[RecordedUpdate]) -> None:
        self.module = descent.module
        self.proved = False  # whether it was held against the rules themselves
        self._states = [len(update.state) for update in updates]
        self._constants = numpy.array([number for update in updates for number in constants_of(update)], float)
        self._function = getattr(library(descent.source), descent.name)
        self._function.argtypes = [*[_POINTER] * (1 + len(self.module.program.arguments)), *_LAST]
        self._function.restype = ctypes.c_ssize_t

    def __deepcopy__(self, memo: Any) -> "CDescentFunction":
        return self

    def __call__(self, steps: Stretch, parameters: Any, gradient: Any, memory: Any) -> tuple[int, int, list[float]]:
        """Takes steps: changes the parameters and the memory.

        Returns:
            How many were taken, why no more, and the loss before each of them; that of one more step if that was level.
        """
        module, rows, dtype = self.module, steps.size, parameters.dtype
        room = sum((1 + states) * size for states, size in zip(self._states, steps.sizes.tolist(), strict=True))
        room += rows * sum(array.size for array in module.program.arguments) if steps.order is not None else 0
        losses, why = numpy.empty(steps.most), numpy.zeros(1, numpy.int32)
        given = [parameters, *steps.arrays]
        work = [numpy.empty(room, dtype), numpy.empty(rows, numpy.int32), numpy.empty(module.workspace)]
        done = self._function(
            *map(_address, given),
            len(steps.arrays[0]) if steps.arrays else 1,
            rows,
            None if steps.order is None else _address(steps.order),
            steps.first,
            steps.most,
            steps.number,
            *map(_address, (steps.sizes, steps.places, self._constants, steps.rates)),
            steps.tolerance,
            len(steps.places),
            *map(_address, (memory, gradient, *work, losses, why)),
        )
        return done, int(why[0]), losses[: done + (why[0] == LEVEL)].tolist()


def descent_function(module: CModule, rules: Sequence[Rule]) -> CDescentFunction | None:
    """A whole descent by these rules; None where one of them has no terms, or the compiler makes nothing of it."""
    updates = [update for rule in rules if (update := recorded_update(rule)) is not None]
    if len(updates) < len(rules):
        return None
    try:
        return CDescentFunction(CDescent(module, updates), updates)
    except CompilerError:
        return None


def in_order(array: Any, dtype: Any) -> Any:
    """An array as C reads it: its numbers one after the other, each at a whole number of its size."""
    found = numpy.ascontiguousarray(array, dtype)
    return found if found.flags.aligned else found.copy()


def _address(array: Any) -> Any:
    """Where an array begins, as an argument of a function in C."""
    if not array.size:
        return None
    try:
        return ctypes.byref(ctypes.c_char.from_buffer(array))
    except (TypeError, ValueError):  # it must not be written to; this takes five times as long
        return array.ctypes.data
