"""Which statement of a source is the first to differ from eager: asked when a program has been found wrong, and only then."""

import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import numpy

from autograd_lite.engine.value import Value
from autograd_lite.program.capture.reruns import Evaluated
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.lowering import standing
from autograd_lite.program.ir.procedure import Procedure, procedure
from autograd_lite.program.ir.tasks import LOSS, VALUES
from autograd_lite.program.write.backends import Compiled
from autograd_lite.program.write.numpy_module import gradient_part

_CLOSE = 1e-3  # of the square root of the resolution of the number type: what differs by more is a fault, not rounding


def first_difference(run: Traced, made: Procedure, module: Compiled, given: Sequence[Any], rows: Sequence[Evaluated]) -> str:
    """The first line of a module whose array is not eager's, with both numbers; empty where there is none to tell.

    Args:
        run: the trace. made: what the module was made from. module: the module.
        given: what it was called with. rows: the eager evaluation of each row.
    """
    found = _locals(module.function, given)
    lowered, stands = standing(run)
    lines = [line.strip().partition("  #")[0] for line in module.source.split("\n")]
    for row in rows:
        if made.task != VALUES:
            row.slopes(made.task.result, row.arguments)
    share = 1.0 / len(rows) if made.task == LOSS else 1.0
    for array, name, of in _named(procedure(lowered, made.task)):
        nodes, is_adjoint = stands.get(of), of is not array
        whole = found.get("gradient" if of.role == "argument" else name)
        array_found = of.part_of(whole) if whole is not None and of.role == "argument" else whole
        if nodes is None or array_found is None:
            continue
        numbers = [[_number(row, ids, is_adjoint) for ids in nodes] for row in rows]
        right = numpy.array(numbers).reshape(len(rows), *of.shape) * (share if is_adjoint else 1.0)
        told = _told(_line(lines, name), numpy.asarray(array_found, float), right, array, is_adjoint)
        if told:
            return told
    return ""


def _named(made: Procedure) -> Iterator[tuple[Array, str, Array]]:
    """The arrays that have a name, in order: each with its name and, for an adjoint, what it is of."""
    arguments = made.program.arguments
    forward = [(statement.target, statement.target) for statement in made.program.statements]
    for array, of in (*forward, *((adjoint.target, adjoint.of) for adjoint in made.adjoints)):
        if array not in made.inlined:
            yield array, gradient_part(of, len(arguments) == 1) if of in arguments else made.name(array), of


def _line(lines: Sequence[str], name: str) -> str:
    """The statement that gives a name its array, or writes to it."""
    stem = name.partition("[")[0]
    starts = (f"{name} = ", f"{name}[...] = ", f"{stem}[")
    return next((line for start in starts for line in lines if line.startswith(start)), name)


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
