"""MNIST from its four official files, and a sample of it that comes with this package."""

from collections.abc import Mapping
from pathlib import Path

import numpy

from autograd_lite.datasets.dataset import Array, Dataset
from autograd_lite.datasets.idx import IdxError, read_idx, write_idx
from autograd_lite.files import WHERE_MNIST_IS

_IMAGES, _LABELS = 2051, 2049  # magic numbers
_NAMES = tuple(map(str, range(10)))
_KINDS = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}
_SAMPLE = Path(__file__).with_name("mnist_files")
_OF_EACH = {"train": 200, "t10k": 50}  # pictures of each digit in the sample


def mnist(folder: str | Path) -> tuple[Dataset, Dataset]:
    """The training and the test pictures of handwritten digits, 28 x 28, grey levels from 0 to 1.

    Args:
        folder: where the four files are: train-images-idx3-ubyte and so on, packed (.gz) or not, also as train-images.idx3-ubyte.
    Returns:
        60,000 pictures for training and 10,000 to test with; inputs are float32, targets the digits.
    Raises:
        FileNotFoundError: if a file is missing; the message says where to get it.
        IdxError: if one is damaged, no MNIST file, or has not one label for each picture; the message names file and byte.
    Source: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998).
    Example:
        >>> import numpy
        >>> for part, count in ("train", 3), ("t10k", 2):  # a set of the same form, black and small
        ...     _ = write_idx(f"{part}-images-idx3-ubyte", numpy.zeros((count, 28, 28), "u1"))
        ...     _ = write_idx(f"{part}-labels-idx1-ubyte", numpy.arange(count, dtype="u1"))
        >>> mnist(".")
        (Dataset(3 samples of 784 numbers, 10 classes), Dataset(2 samples of 784 numbers, 10 classes))
    """
    return _part(Path(folder), "train"), _part(Path(folder), "t10k")


def mnist_sample() -> tuple[Dataset, Dataset]:
    """2,000 of MNIST's training pictures and 500 of its test pictures, which come with this package: as many of each digit.

    They are the first 200 and the first 50 of each digit, in the order of the files; everything else is as with `mnist`.

    Raises:
        FileNotFoundError: where the package was installed without them, as in a browser.
    Source: Yann LeCun, Corinna Cortes, Christopher J. C. Burges, "The MNIST database of handwritten digits"; CC BY-SA 3.0.
    Example:
        >>> training, test = mnist_sample()
        >>> len(training), len(test), training.counts().tolist() == [200] * 10
        (2000, 500, True)
    """
    return mnist(_SAMPLE)


def write_sample(folder: str | Path, to: str | Path = _SAMPLE, of_each: Mapping[str, int] = _OF_EACH) -> list[Path]:
    """Writes the sample anew from the four files in a folder, so many of each digit; the paths written."""
    written = []
    for part, each in of_each.items():
        labels = mnist_labels(folder, part)
        chosen = numpy.sort(numpy.concatenate([numpy.flatnonzero(labels == digit)[:each] for digit in range(10)]))
        images = read_idx(_find(Path(folder), part, "images"), _IMAGES)
        for what, rows in (("images", images), ("labels", labels)):
            written.append(write_idx(Path(to) / f"{part}-{what}-{_KINDS[what]}.gz", rows[chosen]))
    return written


def mnist_labels(folder: str | Path, part: str) -> Array:
    """The digits that the pictures of one part show: "train" or "t10k"."""
    file = _find(Path(folder), part, "labels")
    labels = read_idx(file, _LABELS)
    if (labels > 9).any():
        place = int((labels > 9).argmax())
        raise IdxError(file, 8 + place, f"the label {labels[place]} is no digit")
    return labels


def _part(folder: Path, part: str) -> Dataset:
    image_file, label_file = _find(folder, part, "images"), _find(folder, part, "labels")
    images, labels = read_idx(image_file, _IMAGES), mnist_labels(folder, part)
    if len(images) != len(labels):
        raise IdxError(label_file, 4, f"{len(labels)} labels for the {len(images)} pictures of {image_file}")
    return pictures(images, labels)


def pictures(images: Array, labels: Array) -> Dataset:
    """Pictures of digits as a Dataset: grey levels of 0 ... 255 become numbers from 0 to 1.

    float32 tells the 256 levels apart as well as float64 does, in half the memory.
    """
    inputs = images.reshape(len(images), images.shape[1] * images.shape[2]).astype(numpy.float32)
    inputs /= numpy.float32(255.0)
    return Dataset(inputs, labels.astype(numpy.int64), _NAMES, images.shape[1:])


def _find(folder: Path, part: str, what: str) -> Path:
    known = [f"{part}-{what}{mark}{_KINDS[what]}{packed}" for mark in "-." for packed in ("", ".gz")]
    for path in map(folder.joinpath, known):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder} has no {known[0]}, nor {', '.join(known[1:])}.\n{WHERE_MNIST_IS.rstrip()}")
