"""Forward and central differences of one step, as textbooks write them.

For a numerical derivative with an error bar, from the best step, use `autograd_lite.testing`.
"""

from collections.abc import Callable, Sequence
from typing import Final

Function = Callable[[Sequence[float]], float]
FORWARD_STEP: Final = 1.5e-8  # about sqrt(eps), where the two errors of a forward difference are equal
CENTRAL_STEP: Final = 6.1e-6  # about eps ** (1/3), the same for a central one


def forward_differences(function: Function, point: Sequence[float], step: float = FORWARD_STEP) -> list[float]:
    """(f(p + h e_i) - f(p)) / h for every parameter i: one evaluation each, and one for f(p).

    Args:
        function: from a list of numbers to a number.
        point: p.
        step: h.
    Example:
        >>> forward_differences(lambda p: p[0] * p[1], [3.0, 2.0], step=0.25)
        [2.0, 3.0]
    """
    base = function(point)
    return [(function(_moved(point, i, step)) - base) / ((point[i] + step) - point[i]) for i in range(len(point))]


def central_differences(function: Function, point: Sequence[float], step: float = CENTRAL_STEP) -> list[float]:
    """(f(p + h e_i) - f(p - h e_i)) / 2h for every parameter i: two evaluations each.

    >>> central_differences(lambda p: p[0] ** 2, [3.0], step=0.25)
    [6.0]
    """
    return [
        (function(_moved(point, i, step)) - function(_moved(point, i, -step)))
        / ((number + step) - (number - step))  # what the rounding of the two points leaves of 2h
        for i, number in enumerate(point)
    ]


def _moved(point: Sequence[float], i: int, step: float) -> list[float]:
    return [*point[:i], point[i] + step, *point[i + 1 :]]


def relative_error(found: Sequence[float], exact: Sequence[float]) -> float:
    """The largest difference, relative to the largest exact number.

    >>> relative_error([1.0, 2.5], [1.0, 2.0])
    0.25
    """
    return max(abs(a - b) for a, b in zip(found, exact, strict=True)) / max(map(abs, exact))
