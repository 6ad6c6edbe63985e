"""The weights of a network as matrices in a NumPy archive: for networks whose parameters are too many for a JSON file."""

import os
from pathlib import Path

import numpy

from autograd_lite.datasets import Array
from autograd_lite.nn import MLP
from autograd_lite.training.archives import read_archive, write_archive


def matrices(model: MLP) -> dict[str, Array]:
    """The weights of each layer, (neurons, inputs), and its biases, (neurons,), by the names layer0.w, layer0.b, ...

    >>> {name: matrix.shape for name, matrix in matrices(MLP(2, [4, 1], seed=0)).items()}
    {'layer0.w': (4, 2), 'layer0.b': (4,), 'layer1.w': (1, 4), 'layer1.b': (1,)}
    """
    found = {}
    for i, layer in enumerate(model.layers):
        found[f"layer{i}.w"] = numpy.array([[weight.data for weight in neuron.w] for neuron in layer.neurons])
        biases = [neuron.b.data for neuron in layer.neurons if neuron.b is not None]
        if biases:
            found[f"layer{i}.b"] = numpy.array(biases)
    return found


def save_matrices(model: MLP, path: str | os.PathLike[str]) -> Path:
    """Writes the matrices as an .npz archive; an older file of that name stays whole until the new one is complete.

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


def load_matrices(model: MLP, path: str | os.PathLike[str]) -> None:
    """Sets the weights and biases from an archive that `save_matrices` wrote: all of them, or none if it does not fit.

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
    found = {name: matrix.astype(float) for name, matrix in found.items()}
    for i, layer in enumerate(model.layers):
        for j, neuron in enumerate(layer.neurons):
            for weight, number in zip(neuron.w, found[f"layer{i}.w"][j].tolist(), strict=True):
                weight.data = number
            if neuron.b is not None:
                neuron.b.data = float(found[f"layer{i}.b"][j])
