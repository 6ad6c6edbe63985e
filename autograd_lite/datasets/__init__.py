"""Data to learn from: XOR, two moons, 8x8 digits, MNIST's files and a sample of them, and a synthetic set of MNIST's shape.

Every set is a `Dataset`: an array with one row per sample, the targets beside it, and the names of the classes.
"""

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install
from autograd_lite.datasets.dataset import Array, Dataset, one_hot, order_of_epoch, split, standardise
from autograd_lite.datasets.idx import IdxError, read_idx, write_idx
from autograd_lite.datasets.mnist import mnist, mnist_sample
from autograd_lite.datasets.shifts import Shifts
from autograd_lite.datasets.small import digits, moons, xor
from autograd_lite.datasets.synthetic import synthetic_mnist

__all__ = [
    "Array",
    "Dataset",
    "IdxError",
    "Shifts",
    "digits",
    "mnist",
    "mnist_sample",
    "moons",
    "one_hot",
    "order_of_epoch",
    "read_idx",
    "split",
    "standardise",
    "synthetic_mnist",
    "write_idx",
    "xor",
]
