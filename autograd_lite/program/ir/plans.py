"""What a backend is asked to compute from statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from autograd_lite.program.ir.arrays import Array

__all__ = ["LOSS", "VALUES", "Plan", "Task"]


class Task(NamedTuple):
    """What is asked for: "values"; "slopes" of one result by the arguments; "loss", the mean, with its gradient by parameters."""

    kind: str
    result: int = 0


VALUES: Final = Task("values")
LOSS: Final = Task("loss")


@dataclass(frozen=True)
class Plan:
    """What a source is to compute.

    Attributes:
        mean: the mean of the only result over the rows, instead of the results row by row.
        wanted: the arrays to differentiate by; none for the values alone.
        result: which of the results to differentiate.
        dtype: "float64" or "float32".
    """

    mean: bool = False
    wanted: Sequence[Array] = ()
    result: int = 0
    dtype: str = "float64"
