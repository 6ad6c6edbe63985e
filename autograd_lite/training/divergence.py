"""Why a cost is not finite: the data, the parameters, or a training that diverges."""

import math

import numpy

from autograd_lite.datasets import Array, Dataset
from autograd_lite.optim import Optimizer
from autograd_lite.optim.clipping import described

_AS_BEFORE = "the model is as it was before this batch."


def why_not_finite(batch: Dataset, data: Dataset, optimizer: Optimizer) -> str:
    """Why the cost of a batch is nan or infinite, and what to do about it."""
    for name, part, whole in (("inputs", batch.inputs, data.inputs), ("targets", batch.targets, data.targets)):
        if _strange(part) is not None:
            place = _strange(whole) or ()
            rows = ".all(axis=1)" if whole.ndim == 2 else ""
            return (
                f"{name}[{', '.join(map(str, place))}] of the data is {float(whole[place])!r}. Mend the data or leave such samples "
                f"out: data.take(numpy.isfinite(data.{name}){rows}); {_AS_BEFORE}"
            )
    for parameter in (parameter for group in optimizer.groups for parameter in group.parameters):
        if not math.isfinite(parameter.data):
            return f"the parameter {described(parameter)} is {parameter.data!r}. Start from finite numbers; {_AS_BEFORE}"
    rate = optimizer.groups[0].rate(optimizer.steps)
    return f"the training has diverged. Use a smaller learning rate than {rate:g}; {_AS_BEFORE}"


def _strange(array: Array) -> tuple[int, ...] | None:
    """The first place that is nan or infinite."""
    if array.dtype.kind != "f" or numpy.isfinite(array).all():
        return None
    return tuple(int(place) for place in numpy.argwhere(~numpy.isfinite(array))[0])
