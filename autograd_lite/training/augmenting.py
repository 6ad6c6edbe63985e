"""Augmentation: what is done to the inputs of a batch before it is learned from."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy

from autograd_lite.datasets import Array, Dataset

Augment = Callable[[Array, numpy.random.Generator], Array]


def augmented(batch: Dataset, augment: Augment | None, seed: Sequence[int]) -> Dataset:
    """The batch with other inputs and the same targets.

    Args:
        batch: whose arrays are its own.
        augment: what changes them, or nothing.
        seed: of the generator that it gets: another one for every batch, so that a resumed training sees the same inputs.
    Raises:
        ValueError: if there are not as many inputs as before.
    """
    if augment is None:
        return batch
    found = numpy.asarray(augment(batch.inputs, numpy.random.default_rng(seed)))
    if found.shape != batch.inputs.shape:
        raise ValueError(
            f"`augment` makes as many inputs as it is given, of shape {batch.inputs.shape}; {augment!r:.60} gave {found.shape}"
        )
    return replace(batch, inputs=found)
