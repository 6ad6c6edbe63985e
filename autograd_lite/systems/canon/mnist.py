"""Figures about MNIST: those of the files themselves, where the files are at hand, and two published results."""

import gzip
import struct
from pathlib import Path

from autograd_lite.systems.canon.figures import Example, Figure, figures

_COUNTS = {
    "train": "5923 6742 5958 6131 5842 5421 5918 6265 5851 5949",
    "t10k": "980 1135 1032 1010 982 892 958 1028 974 1009",
}
_FIRST = {"train": "5 0 4 1 9", "t10k": "7 2 1 0 4"}
_NIELSEN = {0: 9129, 1: 9295, 2: 9348, 27: 9528, 28: 9542, 29: 9534}


def _labels(folder: Path, part: str) -> bytes:
    """The labels of one part, from an IDX file, packed or not.

    Raises:
        FileNotFoundError: if the folder has no such file.
        ValueError: if the file is no IDX file of labels.
    """
    plain = folder / f"{part}-labels-idx1-ubyte"
    packed = plain.with_name(f"{plain.name}.gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
    magic, count = struct.unpack(">ii", content[:8]) if len(content) >= 8 else (0, 0)
    if magic != 2049 or len(content) != 8 + count:
        raise ValueError(f"{packed if packed.exists() else plain} is no IDX file of labels")
    return content[8:]


def mnist_files(folder: Path) -> Example:
    """How often every digit occurs, and the first labels."""
    found: tuple[Figure, ...] = ()
    for part in ("train", "t10k"):
        labels = _labels(folder, part)
        counts = [float(labels.count(digit)) for digit in range(10)]
        found += figures(
            " ".join(f"{part}_{digit}s" for digit in range(10)), counts, list(map(float, _COUNTS[part].split())), _COUNTS[part]
        )
        first = [float(label) for label in labels[:5]]
        found += figures(" ".join(f"{part}_label_{place}" for place in range(5)), first, published=_FIRST[part])
    return Example("mnist files", "LeCun, Cortes & Burges, The MNIST database", found)


def mnist_results() -> Example:
    """What networks got right: not recomputed here (the first author's random numbers are not known)."""
    found = tuple(Figure(f"right of 10,000 after epoch {epoch}", str(count), None) for epoch, count in _NIELSEN.items())
    found += (Figure("LeCun's table: 500 + 300 hidden, softmax, decay: error in %", "1.53", None),)
    return Example("mnist results", "Nielsen, network.py (784-30-10, batch 10, rate 3.0); LeCun et al., table of results", found)
