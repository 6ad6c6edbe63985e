"""What holds for every checkpoint: arrays of the right types and lengths, finite numbers, whole counts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from autograd_lite.datasets import Array
from autograd_lite.training.history import History


def check_arrays(numbers: Array, learning: Array, best: Array, memories: Sequence[Array]) -> None:
    """Refuses arrays of another kind or shape, and nan or inf where something is learned.

    Args:
        numbers: (leaves,) floats. learning: (leaves,) booleans. best: (leaves,) floats, or none.
        memories: (state vectors, parameters) floats for each group.
    Raises:
        ValueError: the message names the array and the place.
    """
    named = {"numbers": (numbers, "f", 1), "learning": (learning, "b", 1), "best": (best, "f", 1)}
    named |= {f"memory{i}": (memory, "f", 2) for i, memory in enumerate(memories)}
    for name, (array, kind, dimensions) in named.items():
        if array.dtype.kind != kind or array.ndim != dimensions:
            raise ValueError(f"{name} is an array of {array.dtype} of shape {array.shape}")
    if len(learning) != len(numbers) or len(best) not in (0, len(numbers)):
        raise ValueError(f"{len(numbers)} numbers, {len(learning)} that learn or do not, {len(best)} best ones")
    learned = {"numbers": numbers[learning], "best": best[learning] if len(best) else best}
    for name, array in (learned | {name: memory for name, (memory, _, dimensions) in named.items() if dimensions == 2}).items():
        if not numpy.isfinite(array).all():
            raise ValueError(f"{name} holds {float(array[~numpy.isfinite(array)][0])!r}, from which nothing can be learned")


def check_record(settings: Any, record: Mapping[str, Any]) -> None:
    """Refuses settings that are no dictionary, and steps, callbacks, answers or a best epoch of the wrong type.

    Raises:
        ValueError, KeyError, TypeError: if something is wrong or missing.
    """
    whole_number("steps", record["steps"])
    answers, best = record["answers"], record["best"]
    if not isinstance(settings, dict) or not isinstance(record["callbacks"], dict):
        raise ValueError("its settings, or what its callbacks remember, are no object")
    if answers is not None and not (isinstance(answers, list) and all(isinstance(each, float) for each in answers)):
        raise ValueError("its answers are no list of numbers")
    if best is not None:
        cost, epoch = best
        if not isinstance(cost, float):
            raise ValueError(f"the best cost is {cost!r:.60}")
        if epoch is not None:
            whole_number("the best epoch", epoch)


def check_history(history: History) -> None:
    """Refuses counts of batches that do not make the counted epochs.

    Raises:
        ValueError: with the counts.
    """
    batches, epochs, each = len(history.costs), len(history.epochs), history.batches_per_epoch
    if each < 1 or not 0 <= batches - epochs * each <= each:
        raise ValueError(f"{batches} batches are not the {epochs} epochs, of {each} batches each, that it has")


def whole_number(name: str, found: Any) -> int:
    """A whole number from 0 that fits 64 bits.

    Raises:
        ValueError: if it is none.
    """
    if type(found) is not int or not 0 <= found < 2**63:
        raise ValueError(f"{name} must be a whole number of at least 0, found {found!r:.60}")
    return found
