"""Real numbers of any type, as the floats that the engine computes with."""

from numbers import Real
from typing import Any

__all__ = ["as_float"]


def as_float(number: Any) -> float:
    """A real number of any type as a float.

    Raises:
        TypeError: if it is not one real number; the message says what to write instead.
    """
    if isinstance(number, float) or isinstance(number, Real):  # noqa: SIM101 - the abstract class is slow to ask
        return float(number)
    kind = type(number).__name__
    if kind in ("bool", "bool_") and hasattr(number, "item"):
        return float(number.item())
    if kind == "Value":
        raise TypeError("a Value holds one number, got a Value. Use it as it is, or .detach() for its number as a constant.")
    if hasattr(number, "shape"):
        raise TypeError(
            f"a Value holds one number, got an array of shape {tuple(number.shape)}. "
            "Make one Value per element; for many samples at once, trace the function and call the Program."
        )
    if isinstance(number, str):
        raise TypeError(f"a Value holds one real number, got the str {number!r}. Write float({number!r}) if that is meant.")
    if isinstance(number, complex):
        raise TypeError(f"a Value holds one real number, got the complex {number!r}. Use its .real, .imag or abs().")
    raise TypeError(f"a Value holds one real number, got {kind} {number!r:.60}. Convert it with float() if that is what you mean.")
