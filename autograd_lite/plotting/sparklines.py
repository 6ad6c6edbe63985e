"""Sparklines: a curve as one line of text, for where no picture can be drawn."""

import math
from collections.abc import Sequence
from typing import TextIO

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-=+*#%"
_GAP = " "


def sparkline(numbers: Sequence[float], width: int = 60, *, logarithmic: bool = False, marks: str = BLOCKS) -> str:
    """The numbers as a line of bars, each as high as the mean of the numbers it stands for.

    The lowest number has the lowest bar, the highest the highest. What is no finite number leaves a blank; on a logarithmic scale,
    so does what is not above 0.

    Args:
        numbers: the curve; any length.
        width: the most characters; there are fewer for fewer numbers.
        logarithmic: bars go by the logarithm.
        marks: the bars from low to high: BLOCKS, or ASCII for terminals that cannot show them (see `marks_for`).
    Raises:
        ValueError: if `width` is below 1, or there are no marks.
    Example:
        >>> sparkline([1, 2, 3, 4, 3, 2, 1])
        '▁▃▆█▆▃▁'
        >>> sparkline([1.0, 0.1, 0.01, 0.0], logarithmic=True)
        '█▅▁ '
    """
    if width < 1 or not marks:
        raise ValueError(f"a sparkline requires a width of at least 1 and at least one mark, got {width} and {marks!r}")
    heights = [_height(number, logarithmic) for number in numbers]
    bars = min(len(heights), width)
    means = [_mean(heights[i * len(heights) // bars : (i + 1) * len(heights) // bars]) for i in range(bars)]
    finite = [mean for mean in means if mean is not None]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return "".join(_GAP if mean is None else marks[_step(mean, low, high, len(marks))] for mean in means)


def marks_for(stream: TextIO) -> str:
    """The marks that a stream can show: BLOCKS if its encoding has them, else ASCII.

    >>> import io
    >>> marks_for(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    '_.-=+*#%'
    """
    try:
        BLOCKS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


def _height(number: float, logarithmic: bool) -> float | None:
    if not math.isfinite(number) or (logarithmic and number <= 0.0):
        return None
    return math.log(number) if logarithmic else float(number)


def _mean(heights: Sequence[float | None]) -> float | None:
    known = [height for height in heights if height is not None]
    return math.fsum(height / len(known) for height in known) if known else None


def _step(mean: float, low: float, high: float, steps: int) -> int:
    """Which mark; the middle one where all numbers are the same."""
    # Halved first: the range of two numbers that a float can hold need not be one.
    share = (mean / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) if high > low else 0.5
    return min(steps - 1, int(share * (steps - 1) + 0.5))
