"""What a number of eager evaluation becomes when every operation rounds otherwise: how far apart two right numbers may be.

The bound on rounding in `rounding.py` is of first order. Where terms cancel in a second derivative, or a rounding decides between two
branches of a `clamp`, only trying shows it.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from autograd_lite.program.capture.points import Point
from autograd_lite.program.capture.reruns import OtherBranch, Rerun, Shaken
from autograd_lite.program.capture.tracing import traced
from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.numeric.arguments import flat

_TIMES = 6


def rerounded(ready: Ready, rows: Sequence[Any], dtype: str, order: int, place: int) -> Iterator[float | None]:
    """The mean of one number over rows, some times, with every operand moved in its last digits.

    None where a branch changes, and infinity where an operation has no result any more.

    Args:
        ready: the case. rows: the arguments. dtype: whose last digits. order, place: which number, as for `rounding.rounding`.
    """
    run = traced(ready.function, ready.given, ready.owned)
    rerun = Rerun(run, [], order == 2)
    parameters = [value.data for value in run.parameters]
    for seed in range(_TIMES):
        try:
            evaluated = [rerun.at(Point(parameters, list(flat(list(row)))), Shaken(seed, dtype)) for row in rows]
            yield sum(_entry(each, order, place, run.parameters, ready) for each in evaluated) / len(rows)
        except OtherBranch:
            yield None
        except (ArithmeticError, ValueError):
            yield inf


def _entry(evaluated: Any, order: int, place: int, parameters: Sequence[Any], ready: Ready) -> float:
    if order == 0:
        return float(evaluated.outputs[place].data)
    leaves = evaluated.arguments
    if order < 0:
        by = {id(value): leaf for value, leaf in zip(parameters, evaluated.parameters, strict=True)}
        leaves = [by[id(value)] for value in ready.parameters]
    result, which = divmod(place, len(leaves))
    return float(evaluated.slopes(result, leaves)[which])
