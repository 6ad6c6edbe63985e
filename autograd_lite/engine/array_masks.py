"""Masked arrays: NumPy's way to say that some numbers are not there."""

import sys
from typing import Any

import numpy

__all__ = ["check_unmasked"]


def check_unmasked(given: Any, what: str) -> None:
    """Refuses an array some of whose numbers are masked: what lies under the mask would count.

    Args:
        given: anything. what: the beginning of the message: who takes it, as what.
    Raises:
        ValueError: with the first masked place.
    """
    masked = sys.modules.get("numpy.ma")  # which whoever makes a masked array has loaded; it takes longer than a trace
    if masked and isinstance(given, masked.MaskedArray) and masked.is_masked(given):
        place = tuple(int(index) for index in numpy.argwhere(masked.getmaskarray(given))[0])
        raise ValueError(f"{what} an array of numbers, and the one at {place} is masked. Fill them, or leave such samples out.")
