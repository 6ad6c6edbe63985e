"""Where the gradient of a mean is nan: the row that made it so, and the engine's warning about that row."""

from collections.abc import Sequence
from typing import Any

import numpy

from autograd_lite.program.capture.points import Point, rows_of
from autograd_lite.program.capture.reruns import FAILED
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.replay import Replay


def warn_of_nan_rows(replay: Replay, arguments: Sequence[Any]) -> None:
    """Lets the engine warn, as `backward` does, of an infinite slope that met 0 in some row; nan in the data is not looked at."""
    given = rows_of(arguments)
    row = _first_nan(replay, arguments, numpy.flatnonzero(~numpy.isnan(given).any(axis=1)))
    if row is None:
        return
    try:
        evaluated = replay.proof.rerun.at(Point(replay.traced_parameters(), given[row].tolist()))
    except FAILED:  # the engine has no such number
        return
    evaluated.slopes(0, evaluated.parameters)


def _first_nan(replay: Replay, arguments: Sequence[Any], rows: Any) -> int | None:
    """The first of the rows whose own gradient is nan, found by bisection."""
    if not len(rows) or not _is_nan(replay, arguments, rows):
        return None
    while len(rows) > 1:
        first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        rows = first if _is_nan(replay, arguments, first) else second
    return int(rows[0]) if _is_nan(replay, arguments, rows) else None


def _is_nan(replay: Replay, arguments: Sequence[Any], rows: Any) -> bool:
    gradient = numpy.empty_like(replay.parameters)
    replay.once(LOSS, [array[rows] for array in arguments], gradient)
    return bool(numpy.isnan(gradient).any())
