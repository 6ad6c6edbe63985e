"""Figures about MNIST: those of the files themselves, if a folder has them, and two published results."""

from pathlib import Path

from autograd_lite.systems.canon.figures import Example, Figure, figures

_COUNTS = {
    "train": "5923 6742 5958 6131 5842 5421 5918 6265 5851 5949",
    "t10k": "980 1135 1032 1010 982 892 958 1028 974 1009",
}
_FIRST = {"train": "5 0 4 1 9", "t10k": "7 2 1 0 4"}
_NIELSEN = {0: 9129, 1: 9295, 2: 9348, 27: 9528, 28: 9542, 29: 9534}


def mnist_files(folder: Path) -> Example:
    """How often every digit occurs, and the first labels.

    Args:
        folder: where the four files are, as for `datasets.mnist`.
    Raises:
        FileNotFoundError: if one is missing.
    Example:
        >>> from pathlib import Path
        >>> mnist_files(Path("nowhere"))
        Traceback (most recent call last):
        ...
        FileNotFoundError: ...
    """
    from autograd_lite.datasets.mnist import mnist_labels  # loads NumPy

    found: list[Figure] = []
    for part in ("train", "t10k"):
        labels = list(map(float, mnist_labels(folder, part)))
        counts, names = [float(labels.count(digit)) for digit in range(10)], " ".join(f"{part}_{digit}s" for digit in range(10))
        found += figures(names, counts, list(map(float, _COUNTS[part].split())), _COUNTS[part])
        found += figures(" ".join(f"{part}_label_{place}" for place in range(5)), labels[:5], published=_FIRST[part])
    return Example("mnist files", "LeCun, Cortes & Burges, The MNIST database", tuple(found))


def mnist_results() -> Example:
    """What networks got right: not recomputed here (the first author's random numbers are not known).

    >>> [figure.name for figure in mnist_results().figures][:2]
    ['right of 10,000 after epoch 0', 'right of 10,000 after epoch 1']
    """
    found = tuple(Figure(f"right of 10,000 after epoch {epoch}", str(count), None) for epoch, count in _NIELSEN.items())
    found += (Figure("LeCun's table: 500 + 300 hidden, softmax, decay: error in %", "1.53", None),)
    return Example("mnist results", "Nielsen, network.py (784-30-10, batch 10, rate 3.0); LeCun et al., table of results", found)
