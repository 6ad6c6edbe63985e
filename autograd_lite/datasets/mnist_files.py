"""MNIST's four files: what they are called, where they are, and where they go."""

from pathlib import Path

PARTS = ("train", "t10k")
KINDS = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}
WHERE = Path(__file__).with_name("mnist.txt").read_text(encoding="utf-8")  # a file, so that help need not load NumPy


def names(part: str, what: str) -> list[str]:
    """The names under which a file is found: with a hyphen or a dot before its kind, packed or not.

    >>> names("train", "labels")[:2]
    ['train-labels-idx1-ubyte', 'train-labels-idx1-ubyte.gz']
    """
    return [f"{part}-{what}{mark}{KINDS[what]}{packed}" for mark in "-." for packed in ("", ".gz")]
