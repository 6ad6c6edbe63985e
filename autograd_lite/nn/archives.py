"""NumPy archives (.npz) of numbers, read with care: every size is checked before it is used, and no object is ever made.

A model of too many parameters for a JSON file is kept in one, as matrices.
`numpy.load` unpacks an array before anybody can see how large it is: 2 MB of file can become 4 GB. Here the headers are read first.
"""

import io
import os
import re
import warnings
import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, Any, Final

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install  # isort: skip
import numpy
from numpy.lib import format as npy
from numpy.typing import NDArray

from autograd_lite.engine.value import Value
from autograd_lite.files import write_whole

_KINDS: Final = "biuf"  # booleans, whole numbers, floats
_HEADER: Final = 10_000  # bytes of a header at most; ours have 128
_MEMBERS: Final = 10_000
_PLACES: Final = re.compile(r"\bneuron\d+\.|\[\d+\]")  # what tells apart the leaves of one matrix


def write_archive(path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Writes arrays by name, unpacked; the same arrays give the same bytes.

    Returns:
        The path written.
    """
    archive = io.BytesIO()
    try:
        numpy.savez(archive, allow_pickle=False, **arrays)
    except ValueError as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # zipfile cannot close what Ctrl-C left open, and would hide it
            raise error.__context__ from None
        raise
    return write_whole(path, archive.getvalue())


def read_archive(path: str | os.PathLike[str], room: int = 0) -> dict[str, NDArray[Any]]:
    """The arrays in an archive, by name.

    Args:
        path: the file.
        room: how many bytes the arrays may take together where the file has fewer; whatever `write_archive` wrote needs no more.
    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no archive of numbers, is damaged, or would take more memory than that.
    Example:
        >>> read_archive(write_archive("numbers.npz", {"a": numpy.array([1.0, 2.0])}))["a"].tolist()
        [1.0, 2.0]
    """
    content = Path(path).read_bytes()
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            warnings.simplefilter("ignore")  # NumPy's, of headers that are refused anyway
            return _arrays(archive, max(room, len(content)))
    except Exception as error:  # whatever damage makes zipfile, zlib and NumPy raise: ten classes of errors were counted
        raise ValueError(str(error) or type(error).__name__) from None


def _arrays(archive: zipfile.ZipFile, most: int) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    members = archive.infolist()
    if len(members) > _MEMBERS:
        raise ValueError(f"it has {len(members):,} members, more than {_MEMBERS:,}")
    for member in members:
        name = member.filename.removesuffix(".npy")
        if name in found:
            raise ValueError(f"the array {name!r} stands there twice")
        with archive.open(member) as stream:
            found[name] = _array(name, stream, member.file_size, most)
        most -= found[name].nbytes
    return found


def _array(name: str, stream: IO[bytes], size: int, most: int) -> NDArray[Any]:
    """One array, of which no more is unpacked than its header says, and that only if there is room."""
    version = npy.read_magic(stream)
    read_header: Any = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read_header is None:
        raise ValueError(f"the array {name!r} is written in version {version} of the format")
    shape, columns_first, kind = read_header(stream, max_header_size=_HEADER)
    if kind.kind not in _KINDS:
        raise ValueError(f"the array {name!r} holds {kind} and not numbers")
    if any(length < 0 for length in shape):
        raise ValueError(f"the array {name!r} has the shape {shape}")
    needed = prod(shape) * kind.itemsize
    if needed > most:
        raise ValueError(f"the array {name!r} of shape {shape} takes {needed:,} bytes, and there is room for {most:,}")
    if needed > size:
        raise ValueError(f"the array {name!r} of shape {shape} takes {needed:,} bytes, and the archive has {size:,} of it")
    content = stream.read(needed)
    if len(content) < needed or stream.read(1):  # at its end the archive's checksum is compared
        raise ValueError(f"the array {name!r} of shape {shape} takes {needed:,} bytes, and the archive has others")
    array: NDArray[Any] = numpy.frombuffer(content, kind).reshape(shape, order="F" if columns_first else "C")
    return array.astype(kind.newbyteorder("="))


# ---- a model as matrices -----------------------------------------------------------------------------------------------------


def matrices(model: Any) -> dict[str, NDArray[Any]]:
    """The numbers of a Module as arrays: of a layer, its weights (neurons, inputs) and its biases (neurons,).

    Args:
        model: a Module.
    Returns:
        The arrays by name; what is in no list of lists is one row.
    Example:
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

    Args:
        model: a Module.
        path: the file to write.
    Returns:
        The path written.
    Raises:
        ValueError: if a parameter is nan or infinite; the message names its matrix.
    Example:
        >>> import numpy
        >>> from autograd_lite.nn import MLP
        >>> path = save_matrices(MLP(2, [1], seed=0), "model.npz")
        >>> numpy.load(path)["layer0.w"].shape
        (1, 2)
    """
    found = matrices(model)
    for name, matrix in found.items():
        if not numpy.isfinite(matrix).all():
            raise ValueError(f"cannot save {model!r}: `{name}` holds nan or inf. No file was written; see state_dict().")
    return write_archive(path, found)


def load_matrices(model: Any, path: str | os.PathLike[str]) -> None:
    """Sets the parameters of a Module from an archive that `save_matrices` wrote: all of them, or none if it does not fit.

    Args:
        model: a Module of the same shape.
        path: the file.
    Raises:
        ValueError: if it is no such archive, or of another network; the message says what was expected and found.
    Example:
        >>> from autograd_lite.nn import MLP
        >>> path = save_matrices(MLP(2, [1], seed=0), "model.npz")
        >>> load_matrices(model := MLP(2, [1], seed=1), path)
        >>> model.state_dict() == MLP(2, [1], seed=0).state_dict()
        True
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
