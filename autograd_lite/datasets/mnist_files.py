"""MNIST's four files: what they are called, where they are, and where they go."""

PARTS = ("train", "t10k")
KINDS = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}
WHERE = """\
MNIST's four files go into one folder, packed (.gz) or not, under the names they have:
  train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz  t10k-images-idx3-ubyte.gz  t10k-labels-idx1-ubyte.gz
They are at http://yann.lecun.com/exdb/mnist/ and, where that does not answer, at
  https://ossci-datasets.s3.amazonaws.com/mnist/  https://storage.googleapis.com/cvdf-datasets/mnist/
"""


def names(part: str, what: str) -> list[str]:
    """The names under which a file is found: with a hyphen or a dot before its kind, packed or not.

    >>> names("train", "labels")[:2]
    ['train-labels-idx1-ubyte', 'train-labels-idx1-ubyte.gz']
    """
    return [f"{part}-{what}{mark}{KINDS[what]}{packed}" for mark in "-." for packed in ("", ".gz")]
