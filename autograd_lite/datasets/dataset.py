"""Dataset: samples in rows, with their targets; and how to split it, standardise it, and write classes as one-hot rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy

from autograd_lite.engine.array_masks import check_unmasked

Array = numpy.ndarray[Any, numpy.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and what a model should answer to each.

    Attributes:
        inputs: (N, features) floats, one row per sample.
        targets: (N,) numbers, where classes are the whole numbers from 0; or (N, K), one row per sample.
        names: of the classes, in their order; empty where the targets are no classes.
        shape: of a sample as a picture, rows and columns; empty where it is none.
    Raises:
        ValueError: if the inputs are no matrix, inputs and targets differ in length, the targets are a column, a target is no
            class, or the shape does not fit.
    Example:
        >>> import numpy
        >>> data = Dataset(numpy.zeros((3, 4)), numpy.array([0, 1, 1]), names=("no", "yes"), shape=(2, 2))
        >>> data, data.counts().tolist(), data.picture(0).shape
        (Dataset(3 samples of 4 numbers, 2 classes), [1, 2], (2, 2))
        >>> data.take([2, 0]).targets.tolist(), data.one_hot().targets.tolist(), data.one_hot().labels.tolist()
        ([1, 0], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [0, 1, 1])
    """

    inputs: Array
    targets: Array
    names: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", _numbers(self.inputs, "the inputs of a Dataset are"))
        object.__setattr__(self, "targets", _numbers(self.targets, "the targets of a Dataset are"))
        if self.inputs.ndim != 2:
            raise ValueError(
                f"the inputs of a Dataset are a matrix, one row per sample; got an array of shape {self.inputs.shape}. "
                "For pictures write pictures.reshape(len(pictures), -1)."
            )
        if self.targets.ndim not in (1, 2) or len(self.targets) != len(self.inputs):
            raise ValueError(
                f"a Dataset has a target for each sample: got {len(self.inputs)} samples and targets of shape {self.targets.shape}"
            )
        if self.targets.ndim == 2 and self.targets.shape[1] == 1:
            raise ValueError(
                f"the targets have the shape {self.targets.shape}, a column; a model with one output takes one number per sample. "
                "Write targets[:, 0]."
            )
        if self.shape and math.prod(self.shape) != self.inputs.shape[1]:
            raise ValueError(f"a sample of {self.inputs.shape[1]} numbers is no picture of shape {self.shape}")
        if self.names:
            self._check_classes()

    def _check_classes(self) -> None:
        if self.targets.ndim == 2:
            if self.targets.shape[1] != len(self.names):
                raise ValueError(f"one-hot rows of {self.targets.shape[1]} numbers do not fit {len(self.names)} names of classes")
            return
        if (i := _stranger(self.targets, len(self.names))) is not None:
            last = len(self.names) - 1
            raise ValueError(f"the target {self.targets[i]} of sample {i} is no class: their numbers are 0 ... {last}")
        if self.targets.dtype.kind not in "iu":
            raise ValueError(
                f"the targets are classes, as there are names for them, but their type is {self.targets.dtype}: a class is a whole "
                "number, an index. Write targets.astype(int); for numbers to be approximated leave out the names."
            )

    @property
    def labels(self) -> Array:
        """(N,) the class of each sample; of one-hot rows, the place of the largest number."""
        return self.targets.argmax(axis=1) if self.targets.ndim == 2 else self.targets

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        classes = f", {len(self.names)} classes" if self.names else ""
        return f"Dataset({len(self):,} samples of {self.inputs.shape[1]:,} numbers{classes})"

    def take(self, which: Any) -> "Dataset":
        """The samples `which` stand at the given places, in their order: a slice, or a list or array of places."""
        return replace(self, inputs=self.inputs[which], targets=self.targets[which])

    def picture(self, place: int) -> Array:
        """The sample at a `place` as the picture it is, rows and columns.

        Raises:
            ValueError: if the samples are no pictures.
            IndexError: if there is no such place.
        """
        if not self.shape:
            raise ValueError(f"{self!r} has no pictures: it was made without a shape")
        return numpy.asarray(self.inputs[place].reshape(self.shape))

    def counts(self) -> Array:
        """(classes,) how many samples each class has."""
        return numpy.bincount(self.labels, minlength=len(self.names))

    def one_hot(self) -> "Dataset":
        """The same samples with one-hot rows as targets."""
        return replace(self, targets=one_hot(self.labels, len(self.names)))


def _numbers(given: Any, what: str) -> Array:
    """The array; of Python's numbers kept as objects an array of numbers, where they are all of one type."""
    check_unmasked(given, what)
    array = numpy.asarray(given)
    if array.dtype.kind == "O" and {type(each) for each in array.flat} in ({float}, {int}, {bool}):
        array = numpy.asarray(array.tolist())
    return array


def one_hot(labels: Any, classes: int) -> Array:
    """(N, classes) a row for each label: 1.0 in its place, 0.0 elsewhere.

    Args:
        labels: (N,) whole numbers from 0 up.
        classes: how many there are.
    Raises:
        ValueError: if a label is no whole number from 0 to classes - 1.
    Example:
        >>> one_hot([2, 0], 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    places = numpy.asarray(labels)
    if (i := _stranger(places, classes)) is not None:
        raise ValueError(f"label {places[i]} of sample {i} is none of the {classes} classes 0 ... {classes - 1}")
    return numpy.eye(classes)[places.astype(numpy.intp)]


def _stranger(labels: Array, classes: int) -> int | None:
    """The place of the first label that is no class."""
    wrong = (labels < 0) | (labels >= classes) | (labels != numpy.floor(labels))
    return int(wrong.argmax()) if wrong.any() else None


def standardise(data: Dataset, mean: float | Array | None = None, deviation: float | Array | None = None) -> Dataset:
    """The data with (x - mean) / deviation for every input x.

    Args:
        data: the samples.
        mean: what to take off; the mean of all inputs of `data` by default. Give test data the training data's.
        deviation: what to divide by; the standard deviation of all inputs by default.
    Raises:
        ValueError: if a deviation is not above 0.
    Source: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.3.
    Example:
        >>> import numpy
        >>> standardise(Dataset(numpy.array([[1.0], [3.0]]), numpy.zeros(2))).inputs.tolist()
        [[-1.0], [1.0]]
    """
    taken = data.inputs.mean() if mean is None else mean
    divisor = data.inputs.std() if deviation is None else deviation
    if not numpy.all(numpy.asarray(divisor) > 0.0):
        raise ValueError(f"the inputs can only be divided by a deviation above 0, got {divisor!r}; constant inputs have none")
    return replace(data, inputs=(data.inputs - taken) / divisor)


def order_of_epoch(samples: int, seed: int, epoch: int) -> Array:
    """(samples,) the places of the samples in the order in which an epoch of a training takes them.

    Args:
        samples: how many there are.
        seed: of the training.
        epoch: its number, from 0.
    Example:
        >>> order_of_epoch(4, seed=0, epoch=0).tolist(), order_of_epoch(4, seed=0, epoch=1).tolist()
        ([2, 0, 1, 3], [3, 0, 2, 1])
    """
    return numpy.random.default_rng([seed, epoch]).permutation(samples)


def split(data: Dataset, shares: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> tuple[Dataset, ...]:
    """The data split at random, every sample once: by default for training, validation and test.

    Args:
        data: the samples.
        shares: of the whole, positive, adding up to 1.
        seed: of the random order; the same seed gives the same parts.
    Raises:
        ValueError: if the shares do not add up to 1, or one of them would get no sample.
    Example:
        >>> import numpy
        >>> split(Dataset(numpy.zeros((10, 1)), numpy.zeros(10)), (0.7, 0.3))
        (Dataset(7 samples of 1 numbers), Dataset(3 samples of 1 numbers))
    """
    if not shares or min(shares) <= 0.0 or abs(math.fsum(shares) - 1.0) > 1e-9:
        raise ValueError(f"the shares of a split are above 0 and add up to 1, got {list(shares)}")
    ends = [round(math.fsum(shares[: i + 1]) * len(data)) for i in range(len(shares))]
    order = numpy.random.default_rng(seed).permutation(len(data))
    parts = tuple(data.take(order[start:end]) for start, end in zip([0, *ends], ends, strict=False))
    if not all(map(len, parts)):
        raise ValueError(f"{len(data)} samples are too few for the shares {list(shares)}: one of them would be empty")
    return parts
