"""Real numbers of any type, as the floats that the engine computes with."""

import operator
from numbers import Real
from typing import Any

__all__ = ["as_float", "is_scalar_array", "plain", "whole_number"]


def as_float(number: Any) -> float:
    """A real number of any type as a float.

    Raises:
        TypeError: if it is not one real number; the message says what to write instead.
    """
    if isinstance(number, float) or isinstance(number, Real):  # noqa: SIM101 - the abstract class is slow to ask
        return float(number)
    if is_scalar_array(number):
        return float(number.item())
    kind = type(number).__name__
    if hasattr(number, "detach") and hasattr(number, "record"):
        raise TypeError(f"a Value holds one number, got a {kind}. Use it as it is, or .detach() for its number as a constant.")
    if hasattr(number, "shape"):
        raise TypeError(
            f"a Value holds one number, got an array of shape {tuple(number.shape)}. "
            "Make one Value per element; for many samples at once, trace the function and call the Program."
        )
    if isinstance(number, str):
        advice = f" Write float({number!r}) if that is meant." if _is_text_of_a_number(number) else ""
        raise TypeError(f"a Value holds one real number, got the str {number!r:.60}.{advice}")
    if isinstance(number, complex):
        raise TypeError(f"a Value holds one real number, got the complex {number!r}. Use its .real, .imag or abs().")
    raise TypeError(f"a Value holds one real number, got {kind} {number!r:.60}.{_advice(number)}")


def _advice(number: Any) -> str:
    if hasattr(number, "__len__") or hasattr(number, "__iter__"):
        return " Make one Value per element: [Value(x) for x in numbers]."
    if hasattr(number, "__float__"):
        return " Convert it with float() if that is what you mean."
    return ""


def _is_text_of_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_scalar_array(number: Any) -> bool:
    """Whether this is one real number of NumPy's that Python does not count as Real: a bool_, or an array without axes."""
    dtype = getattr(number, "dtype", None)
    return getattr(dtype, "kind", "") in ("b", "i", "u", "f") and getattr(number, "shape", None) == () and hasattr(number, "item")


def plain(number: Any) -> Any:
    """A number of NumPy's as a Python float, an array of whole numbers as one of floats, anything else as it is.

    NumPy's whole numbers are as long as their type: -np.uint8(1) is 255.
    """
    if type(number) is float:
        return number
    kind = getattr(getattr(number, "dtype", None), "kind", "")
    if kind not in ("b", "i", "u", "f"):
        return number
    if getattr(number, "shape", None) == ():
        return float(number.item())
    return number if kind == "f" else number.astype(float)


def whole_number(name: str, number: Any, least: int = 1) -> int:
    """A count of any whole type (int, NumPy's) as an int.

    Raises:
        TypeError: if it is no whole number; True is none.
        ValueError: if it is less than `least`.
    """
    try:
        if isinstance(number, bool) or getattr(getattr(number, "dtype", None), "kind", "") == "b":  # NumPy 2.0 takes its own for 1
            raise TypeError
        count = operator.index(number)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {number!r}") from None
    if count < least:
        raise ValueError(f"{name} must be at least {least}, got {count}")
    return count
