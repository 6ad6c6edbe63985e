"""Which statement of a source is the first to differ from eager: asked when a program has been found wrong, and only then."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import numpy

from autograd_lite.engine.value import Value
from autograd_lite.program.capture.reruns import Evaluated
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.lowering import standing
from autograd_lite.program.ir.plans import Plan, Task
from autograd_lite.program.write.backends import Compiled
from autograd_lite.program.write.emitting import named_arrays

__all__ = ["first_difference"]

_CLOSE = 1e-3  # of the square root of what the kind of number resolves: a fault, and no rounding


def first_difference(run: Traced, plan: Plan, task: Task, module: Compiled, given: Sequence[Any], rows: Sequence[Evaluated]) -> str:
    """The first line of a module whose array is not eager's, with both numbers; empty where there is none to tell.

    Args:
        run: the trace. plan, task: what the module was made for. module: the module.
        given: what it was called with. rows: the eager evaluation of each row.
    """
    found = _locals(module.function, given)
    lowered, stands = standing(run)
    wanted = {"values": [], "slopes": lowered.arguments, "loss": lowered.parameters}[task.kind]
    lines = [line.strip().partition("  #")[0] for line in module.source.split("\n")]
    for row in rows:
        if task.kind != "values":
            row.slopes(task.result, row.arguments)
    share = 1.0 / len(rows) if task.kind == "loss" else 1.0
    for array, name, of in named_arrays(lowered, replace(plan, wanted=tuple(wanted))):
        nodes, is_adjoint = stands.get(of), of is not array
        array_found = _part_of_gradient(name, found) if of.role == "argument" else found.get(name)
        if nodes is None or array_found is None:
            continue
        numbers = [[_number(row, ids, is_adjoint) for ids in nodes] for row in rows]
        right = numpy.array(numbers).reshape(len(rows), *of.shape) * (share if is_adjoint else 1.0)
        told = _told(_line(lines, name), numpy.asarray(array_found, float), right, array, is_adjoint)
        if told:
            return told
    return ""


def _line(lines: Sequence[str], name: str) -> str:
    """The statement that gives a name its array, or writes to it."""
    stem = name.partition("[")[0]
    starts = (f"{name} = ", f"{name}[...] = ", f"{stem}[")
    return next((line for start in starts for line in lines if line.startswith(start)), name)


def _part_of_gradient(name: str, found: dict[str, Any]) -> Any:
    """The columns that a text such as `gradient[:, 2]` names."""
    gradient, columns = found.get("gradient"), name.removeprefix("gradient").strip("[]:, ")
    if gradient is None or not columns:
        return gradient
    first, colon, last = name.removeprefix("gradient[:, ").removesuffix("]").partition(":")
    return gradient[:, int(first) : int(last)] if colon else gradient[:, int(first)]


def _told(line: str, numbers: Any, wanted: Any, array: Array, is_adjoint: bool) -> str:
    if not array.batched:
        wanted = wanted.sum(axis=0) if is_adjoint else wanted[0]
    if numbers.shape != wanted.shape:
        numbers = numpy.broadcast_to(numbers, wanted.shape) if numbers.ndim <= wanted.ndim else numbers.reshape(wanted.shape)
    bar = _CLOSE * float(numpy.sqrt(numpy.finfo(float).eps)) if numbers.dtype == float else _CLOSE
    with numpy.errstate(all="ignore"):
        off = numpy.abs(numbers - wanted) > bar * numpy.abs(wanted[numpy.isfinite(wanted)]).max(initial=1e-300)
    places = numpy.argwhere(off & numpy.isfinite(wanted))
    if not len(places):
        return ""
    place = tuple(places[0])
    return f"`{line}` ({float(numbers[place])!r} instead of {float(wanted[place])!r})"


def _number(row: Evaluated, ids: Sequence[int], is_adjoint: bool) -> float:
    """The number of a node that may have been written several times over, or what the result depends on all of them."""
    values: list[Value] = [row.nodes[each] for each in ids if each in row.nodes]
    if not values:
        return float("nan")
    return sum(value.grad for value in {id(value): value for value in values}.values()) if is_adjoint else values[0].data


def _locals(function: Callable[..., Any], given: Sequence[Any]) -> dict[str, Any]:
    """The local names of a function at its end."""
    found: dict[str, Any] = {}
    code = getattr(function, "__code__", None)

    def look(frame: FrameType, event: str, argument: Any) -> None:
        if event == "return" and frame.f_code is code:
            found.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        with numpy.errstate(all="ignore"):
            function(*given)
    finally:
        sys.setprofile(before)
    return found
