"""A model as matrices in a NumPy archive: for networks whose parameters are too many for a JSON file."""

import os
import re
from pathlib import Path
from typing import Any, Final

import numpy
from numpy.typing import NDArray

from autograd_lite.engine.value import Value
from autograd_lite.nn.archives import read_archive, write_archive

_PLACES: Final = re.compile(r"\bneuron\d+\.|\[\d+\]")


def matrices(model: Any) -> dict[str, NDArray[Any]]:
    """The numbers of a Module as arrays: of a layer, its weights (neurons, inputs) and its biases (neurons,).

    >>> from autograd_lite.nn import MLP
    >>> {name: matrix.shape for name, matrix in matrices(MLP(2, [4, 1], seed=0)).items()}
    {'layer0.w': (4, 2), 'layer0.b': (4,), 'layer1.w': (1, 4), 'layer1.b': (1,)}
    """
    return {name: numpy.array([leaf.data for leaf in leaves]).reshape(shape) for name, (leaves, shape) in _parts(model).items()}


def _parts(model: Any) -> dict[str, tuple[list[Value], tuple[int, ...]]]:
    """The leaves of each array, row by row, and its shape: names alike but for their indices and their neuron belong together."""
    leaves: dict[str, list[Value]] = {}
    rows: dict[str, set[str]] = {}  # of an array whose leaves have an index: what stands before the last one
    for name, leaf in model.named_leaves().items():
        key = _PLACES.sub("", name)
        leaves.setdefault(key, []).append(leaf)
        rows.setdefault(key, set()).update([name.rpartition("[")[0]] if name.endswith("]") else [])
    shapes = {
        key: (len(rows[key]), -1) if rows[key] and not len(found) % len(rows[key]) else (-1,) for key, found in leaves.items()
    }
    return {key: (found, shapes[key]) for key, found in leaves.items()}


def save_matrices(model: Any, path: str | os.PathLike[str]) -> Path:
    """Writes the matrices of a Module as an .npz archive; an older file of that name stays whole until the new one is complete.

    Returns:
        The path written.
    Raises:
        ValueError: if a parameter is nan or infinite; the message names its matrix.
    """
    found = matrices(model)
    for name, matrix in found.items():
        if not numpy.isfinite(matrix).all():
            raise ValueError(f"cannot save {model!r}: `{name}` holds nan or inf. No file was written; see state_dict().")
    return write_archive(path, found)


def load_matrices(model: Any, path: str | os.PathLike[str]) -> None:
    """Sets the parameters of a Module from an archive that `save_matrices` wrote: all of them, or none if it does not fit.

    Raises:
        ValueError: if it is no such archive, or of another network; the message says what was expected and found.
    """
    now = matrices(model)
    expected = {name: matrix.shape for name, matrix in now.items()}
    try:
        found = read_archive(path, sum(matrix.nbytes for matrix in now.values()))
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)} is no archive of matrices for {model!r}: {error}. The model is unchanged.") from None
    shapes = {name: matrix.shape for name, matrix in found.items()}
    if shapes != expected:
        raise ValueError(f"{os.fspath(path)} does not fit {model!r}: expected {expected}, found {shapes}. The model is unchanged.")
    for name, matrix in found.items():
        if not numpy.isfinite(matrix).all():
            raise ValueError(f"{os.fspath(path)}: {name} holds nan or inf. The model is unchanged.")
    for name, (leaves, _) in _parts(model).items():
        for leaf, number in zip(leaves, found[name].ravel().tolist(), strict=True):
            leaf.data = number
