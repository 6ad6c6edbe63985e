"""What counts as a right answer: functions from (N, K) outputs and the targets to N truths, for `fit` and for tables."""

from collections.abc import Callable

import numpy

from autograd_lite.datasets import Array

Right = Callable[[Array, Array], Array]


def largest_output(outputs: Array, targets: Array) -> Array:
    """Whether the largest of a sample's outputs is the one of its class; of equal ones the first counts.

    Args:
        outputs: (N, classes), logits or probabilities.
        targets: (N,) class numbers, or (N, classes) one-hot rows.
    Returns:
        (N,) truths.
    Example:
        >>> import numpy
        >>> largest_output(numpy.array([[0.2, 0.8], [0.6, 0.4]]), numpy.array([1, 1])).tolist()
        [True, False]
    """
    labels = targets.argmax(axis=1) if targets.ndim == 2 else targets
    return numpy.asarray(outputs.argmax(axis=1) == labels)


def same_side(outputs: Array, targets: Array) -> Array:
    """Whether the one output has the sign of its target, -1 or 1; 0.0 counts as negative.

    Args:
        outputs: (N, 1), scores.
        targets: (N,) of -1.0 or 1.0.
    Returns:
        (N,) truths.
    Example:
        >>> import numpy
        >>> same_side(numpy.array([[0.2], [0.1]]), numpy.array([1.0, -1.0])).tolist()
        [True, False]
    """
    return numpy.asarray((outputs[:, 0] > 0.0) == (targets > 0.0))


def near_target(outputs: Array, targets: Array) -> Array:
    """Whether every output is less than 1/2 from its target: the right side of 1/2 for targets 0 and 1.

    Args:
        outputs: (N, K), one column for each output.
        targets: (N, K), or (N,) where there is one output.
    Returns:
        (N,) truths.
    Example:
        >>> import numpy
        >>> near_target(numpy.array([[0.2], [0.1]]), numpy.array([0.0, 1.0])).tolist()
        [True, False]
    """
    return numpy.asarray((numpy.abs(outputs - targets.reshape(outputs.shape)) < 0.5).all(axis=1))
