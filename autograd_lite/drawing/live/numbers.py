"""Numbers in the fewest characters that JSON has for them."""

from math import isfinite


def exact_number(x: float) -> float | int:
    """A finite float in the fewest characters."""
    return int(x) if x == int(x) and abs(x) < 1e15 and str(x) != "-0.0" else x


def exact(x: float) -> float | int | str:
    """A float in the fewest characters that JSON has for it; those it cannot say as text that JavaScript's `+` understands.

    >>> exact(2.0), exact(-0.0), exact(float("-inf"))
    (2, -0.0, '-Infinity')
    """
    if not isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0.0 else "-Infinity"
    return exact_number(x)
