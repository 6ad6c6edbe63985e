"""Dialects: a program's source in other languages, each proved before it is shown."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy

from autograd_lite.program.capture.reruns import OtherBranch
from autograd_lite.program.ir.engine_pass import EnginePass, engine_pass
from autograd_lite.program.ir.tasks import LOSS, SLOPES, VALUES, Task
from autograd_lite.program.replay import Replay
from autograd_lite.program.write.array_backends import ARRAY_BACKENDS
from autograd_lite.program.write.backends import Backend, NumpyBackend
from autograd_lite.program.write.c_backend import CBackend
from autograd_lite.program.write.javascript_module import javascript_source


def source_in(replay: Replay, dialect: str, shown: Task) -> str:
    """The source of a program in a dialect.

    Args:
        replay: the program's. dialect: "numpy", "c", "jax", "torch" or "javascript".
        shown: the task that the texts of the program show.
    Raises:
        ValueError: if there is no such dialect, or it has no such numbers as the program's.
        ModuleNotFoundError: if the library is missing that a text is written for, and proved in.
        GraphError: if a user's own primitive has no text in it, or there is no compiler to prove a text in C.
    """
    if dialect not in _DIALECTS:
        raise ValueError(f"a program is written in {' or '.join(map(repr, _DIALECTS))}, got {dialect!r}")
    replay.check_captured()
    return _DIALECTS[dialect](replay, shown)


def numpy_source(replay: Replay, shown: Task) -> str:
    """The source of a program as a NumPy module, whatever runs it."""
    return _source(replay, shown, "numpy", NumpyBackend())


def _c_source(replay: Replay, shown: Task) -> str:
    return _source(replay, shown, "c", CBackend())


def _on_arrays(replay: Replay, shown: Task, dialect: str) -> str:
    return replay.held(shown, ARRAY_BACKENDS[dialect](watches=False)).source


def _source(replay: Replay, shown: Task, dialect: str, backend: Backend) -> str:
    known = replay.module(shown) if replay.dialect(shown) == dialect else replay.held(shown, backend)
    return known.source


def _javascript(replay: Replay, shown: Task) -> str:
    if replay.dtype != numpy.float64:
        raise ValueError(f'JavaScript computes in float64, and the program in {replay.dtype}: trace with dtype="float64"')
    made = engine_pass(replay.run, replay.lowered.order)
    text = javascript_source(made, replay.parameters.tolist())
    if replay.asked.verify:
        _hold(replay, made)
    return text


_DIALECTS: Final[dict[str, Callable[[Replay, Task], str]]] = {
    "numpy": numpy_source,
    "c": _c_source,
    **{name: partial(_on_arrays, dialect=name) for name in ARRAY_BACKENDS},
    "javascript": _javascript,
}


def _hold(replay: Replay, made: EnginePass) -> None:
    """Holds what a pass computes against eager: JavaScript itself does not run here, its order and its choices do.

    Raises:
        ProgramMismatch: if they differ.
    """
    tasks = [SLOPES] if made.single else [SLOPES._replace(result=place) for place in range(len(made.outputs))]
    for task in [*tasks, *[LOSS] * bool(made.parameters and made.single)]:
        replay.proof.hold(task, _as_module(made, task), lambda *_: "")
    replay.proof.release(VALUES)


def _as_module(made: EnginePass, task: Task) -> Callable[..., Any]:
    """The pass as what `Proof.hold` calls: rows in, values out, derivatives written to the last array."""

    def function(*given: Any) -> Any:
        *arrays, gradient = given
        parameters = arrays.pop(0).tolist() if made.parameters else []
        found = []
        for row in range(len(arrays[0]) if arrays else 1):
            leaves = [*parameters, *(number for array in arrays for number in array[row].ravel().tolist())]
            found.append(_run(made, leaves, task.result))
        slopes = numpy.array([each for _, each in found])
        columns = tuple(numpy.array(column) for column in zip(*(values for values, _ in found), strict=True))
        if task == LOSS:
            gradient[...] = slopes[:, : len(parameters)].mean(axis=0)
            return columns[0].mean()
        gradient[...] = slopes[:, len(parameters) :]
        return columns[0] if made.single else columns

    return function


def _run(made: EnginePass, leaves: Sequence[float], result: int) -> tuple[list[float], list[float]]:
    try:
        return made.run(leaves, result)
    except OtherBranch as error:
        changed: Any = ValueError(str(error))
        changed.changed = [True]
        raise changed from None
