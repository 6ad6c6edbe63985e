"""A call of C with the very arrays of the call before: what was found out about them then still holds, and is not asked again.

A step of a small network takes less than the questions about its arrays. So the call itself compares what NumPy keeps about each
(where its numbers stand, its shape, whether it may be written to), byte by byte, with what it was, as `resize(..., refcheck=False)`
changes an array; and the call is made again, with all that belongs to it, where something is another, a number overflowed, had no
value, or is nan.
"""

import ctypes
import sys
from collections.abc import Sequence
from operator import is_
from threading import get_ident
from typing import Any, Final

import numpy

from autograd_lite.program.ir.tasks import Task
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.c_backend import CCompiled

__all__ = ["Repeated", "repeated"]

_MOST_BYTES: Final = 1 << 22  # of arrays that are kept; beside larger ones the questions do not count
_WORD: Final = ctypes.sizeof(ctypes.c_void_p)


class _Kept(ctypes.Structure):
    """What an array keeps behind the head of an object, since the first NumPy."""

    _fields_ = (
        ("data", ctypes.c_size_t),
        ("dimensions", ctypes.c_int),
        ("shape", ctypes.c_size_t),
        ("strides", ctypes.c_size_t),
        ("base", ctypes.c_size_t),
        ("kind", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


_KEPT: Final = _Kept.flags.offset + _Kept.flags.size  # bytes


def repeated(replay: Replay, task: Task, arrays: Sequence[Any], *out: Any) -> "Repeated | None":
    """What answers the next call with the same arrays; None where there is something to ask each time.

    Args:
        replay, task: what is called. arrays: the arguments. out: for a loss, the array for its gradient.
    """
    module = replay.module(task)
    if not isinstance(module, CCompiled) or replay.lowered.checks or replay.captured or replay.wholes:
        return None
    if not replay.samples.takes(arrays):
        return None
    known = [*arrays, *out]
    fits = all(_is_in_order(array) and array.dtype == replay.dtype and _tells(array) for array in (*known, replay.parameters))
    return Repeated(replay, module, known) if fits and sum(array.nbytes for array in known) <= _MOST_BYTES else None


def _is_in_order(array: Any) -> bool:
    return bool(array.flags.c_contiguous and array.flags.aligned)


def _tells(array: Any) -> bool:
    """Whether what is kept about an array stands where it is looked for."""
    if sys.implementation.name != "cpython":
        return False
    kept = _Kept.from_address(_start(array))
    lengths = array.ndim * ctypes.c_ssize_t
    return (
        (kept.data, kept.dimensions, kept.kind) == (array.ctypes.data, array.ndim, id(array.dtype))
        and tuple(lengths.from_address(kept.shape)) == array.shape
        and tuple(lengths.from_address(kept.strides)) == array.strides
    )


def _start(array: Any) -> int:
    return id(array) + object.__basicsize__


def _pieces(array: Any) -> list[tuple[int, int]]:
    """Where what is kept about an array stands, and how many bytes; the first piece says where the others are."""
    kept, lengths = _Kept.from_address(_start(array)), array.ndim * ctypes.sizeof(ctypes.c_ssize_t)
    return [(_start(array), _KEPT), (kept.shape, lengths), (kept.strides, lengths)]


class Repeated:
    """Calls with arrays that are known, in one thread.

    Args:
        replay: of the program. module: what it calls. arrays: the arguments, and for a loss the array for its gradient.
    """

    def __init__(self, replay: Replay, module: CCompiled, arrays: Sequence[Any]) -> None:
        self._packed, self._thread, self._new, self._dtype = module.packed, get_ident(), replay.samples.new_gradient, replay.dtype
        count = len(replay.lowered.arguments)
        self._arrays, self._out = tuple(arrays[:count]), arrays[count] if len(arrays) > count else None
        self._rows, self._mean = len(arrays[0]), numpy.empty(1, replay.dtype)
        given = [*[replay.parameters] * bool(replay.lowered.parameters), *self._arrays]
        places = [*(array.ctypes.data for array in given), self._rows, self._mean.ctypes.data]
        places.append(0 if self._out is None else self._out.ctypes.data)
        self._last = len(places) - 1
        seen = [piece for array in (*arrays, replay.parameters) for piece in _pieces(array)]
        self._copies = [ctypes.create_string_buffer(ctypes.string_at(place, size), size) for place, size in seen]
        for (place, size), copy in zip(seen, self._copies, strict=True):
            places += [place, ctypes.addressof(copy), size]
        self._given = (ctypes.c_void_p * (len(places) + 1))(*places, 0)
        self._is_busy = False
        self._address = ctypes.addressof(self._given)

    def __deepcopy__(self, memo: Any) -> None:
        """A copy of a program has other arrays."""

    def loss(self, arrays: Sequence[Any], out: Any) -> Any:
        """The mean, after its gradient went to `out`; None where the call must be made with all that belongs to it.

        Whether these are the arrays is asked here; whether they are as they were, the call finds out.
        """
        if out is not self._out or len(arrays) != len(self._arrays) or get_ident() != self._thread:
            return None
        for array, known in zip(arrays, self._arrays):  # noqa: B905 - of one length
            if array is not known:
                return None
        return None if self._packed(self._address) else self._mean[0]

    def slopes(self, arrays: Sequence[Any]) -> tuple[Any, Any] | None:
        """The values and the gradient; None as for `loss`."""
        is_of = len(arrays) == len(self._arrays) and all(map(is_, arrays, self._arrays)) and get_ident() == self._thread
        if self._is_busy or not is_of:
            return None
        self._is_busy = True  # a signal's handler may call the program, too
        try:
            values, gradient = numpy.empty(self._rows, self._dtype), self._new(self._rows)
            self._given[self._last - 1], self._given[self._last] = values.ctypes.data, gradient.ctypes.data
            return None if self._packed(self._address) else (values, gradient)
        finally:
            self._is_busy = False
