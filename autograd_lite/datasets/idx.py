"""IDX files, the format of MNIST: a magic number, the sizes, the elements; all big-endian, packed by gzip or not.

    byte 0   0 0         always
    byte 2   type        08 unsigned byte, 09 signed byte, 0B short, 0C int, 0D float, 0E double
    byte 3   dimensions  how many sizes follow
    byte 4   sizes       four bytes each
    then     elements    row by row, and nothing after them

Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section "File formats".
"""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy

from autograd_lite.datasets.dataset import Array
from autograd_lite.engine.text import shorten
from autograd_lite.files import write_whole

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"
_WINDOW = 16 + zlib.MAX_WBITS  # zlib's way of saying that a gzip header comes first
_PIECE = 1024  # bytes, as many as the longest header, of 255 dimensions
_SLACK = 2**20  # unpacked bytes beyond the last element up to which their number is told; a piece makes at most that many


class IdxError(ValueError):
    """A file is no IDX file, or not the one that was asked for.

    Attributes:
        path: the file.
        offset: the byte at which it goes wrong; of the unpacked content, except for damage to the packing itself.
    Example:
        >>> from pathlib import Path
        >>> Path("labels.idx").write_bytes(b"PK12")
        4
        >>> try:
        ...     read_idx("labels.idx")
        ... except IdxError as error:
        ...     error.path.name, error.offset, isinstance(error, ValueError)
        ('labels.idx', 0, True)
    """

    def __init__(self, path: str | os.PathLike[str], offset: int, problem: str) -> None:
        super().__init__(f"{os.fspath(path)}: byte {offset}: {problem}")
        self.path = Path(path)
        self.offset = offset


def read_idx(path: str | os.PathLike[str], magic: int | None = None, most: int = 2**30) -> Array:
    """The array in an IDX file, in this machine's byte order.

    Args:
        path: the file, packed by gzip or plain; its content tells, not its name.
        magic: the magic number it must have: 2049 for a list of bytes, as labels are; 2051 for a stack of pictures.
        most: how many bytes a packed file may be unpacked to, as a few of them can stand for gigabytes; MNIST has 47,040,016.
    Raises:
        IdxError: if the file is damaged, too short, too long, too large, or has another magic number; the message names the byte.
        OSError: if it cannot be read.
    Example:
        >>> import numpy
        >>> write_idx("numbers.idx", numpy.array([[1, 2], [3, 4]], dtype="i2")).name
        'numbers.idx'
        >>> read_idx("numbers.idx").tolist()
        [[1, 2], [3, 4]]
    """
    content = Path(path).read_bytes()
    if content[:2] == _GZIP:
        content = _unpacked(path, content, magic, most)
    kind, sizes = _header(path, content, magic)
    start = 4 + 4 * len(sizes)
    end = _end(kind, sizes)
    if len(content) < end:
        shape = " x ".join(map(str, sizes))
        raise IdxError(path, len(content), f"the file ends here, but {shape} elements of {kind.itemsize} bytes end at byte {end}")
    if len(content) > end:
        raise IdxError(path, end, f"the elements end here, but {len(content) - end} more bytes follow")
    try:
        return numpy.frombuffer(content, kind, offset=start).reshape(sizes).astype(kind.newbyteorder("="))
    except ValueError as error:  # more dimensions than NumPy has; sizes that only a zero among them makes harmless
        raise IdxError(path, 4, f"NumPy has no array of the {len(sizes)} sizes {shorten(str(sizes))}: {error}") from None


def _end(kind: numpy.dtype[numpy.generic], sizes: tuple[int, ...]) -> int:
    """The byte after the last element."""
    return 4 + 4 * len(sizes) + math.prod(sizes) * kind.itemsize


def _header(path: str | os.PathLike[str], content: bytes, magic: int | None) -> tuple[numpy.dtype[numpy.generic], tuple[int, ...]]:
    """The type of the elements and the sizes, checked byte by byte."""
    if len(content) < 4:
        raise IdxError(path, len(content), "the file ends here, within the four bytes of the magic number")
    found = int.from_bytes(content[:4], "big")
    if content[:2] != b"\0\0":
        raise IdxError(path, 0, f"an IDX file begins with two zero bytes, this one with {content[:2].hex(' ')}")
    if content[2] not in _TYPES:
        known = ", ".join(f"{code:02x}" for code in _TYPES)
        raise IdxError(path, 2, f"no type of elements has the code {content[2]:02x}; there are {known}")
    if content[3] == 0:
        raise IdxError(path, 3, "the file has no dimensions; a list has one")
    if magic is not None and found != magic:
        raise IdxError(path, 0, f"the magic number is {found}, expected {magic}: {_meaning(found)} instead of {_meaning(magic)}")
    whole = len(content) // 4 - 1
    if whole < content[3]:
        raise IdxError(path, len(content), f"the file ends here, within size {whole + 1} of {content[3]}")
    return numpy.dtype(_TYPES[content[2]]), struct.unpack_from(f">{content[3]}I", content, 4)


def _meaning(magic: int) -> str:
    kind = numpy.dtype(_TYPES[magic >> 8]).newbyteorder("=")
    dimensions = magic & 0xFF
    return f"{kind} in {dimensions} dimension{'' if dimensions == 1 else 's'}"


def _unpacked(path: str | os.PathLike[str], packed: bytes, magic: int | None, most: int) -> bytes:
    """What gzip packed, fed in small pieces so that damage has a place, and never much more than its header says."""
    unpacked = bytearray()
    stream = zlib.decompressobj(_WINDOW)
    for place in range(0, len(packed), _PIECE):
        piece = packed[place : place + _PIECE]
        # Several packed files one after the other are one, says RFC 1952; and zeros may follow, as on tapes, says gzip's manual.
        while piece := piece.lstrip(b"\0") if stream.eof else piece:
            if stream.eof:
                stream = zlib.decompressobj(_WINDOW)
            try:
                unpacked += stream.decompress(piece)
            except zlib.error as error:
                reason = str(error).rpartition(": ")[2]
                raise IdxError(path, place, f"the gzip packing is damaged here or up to {_PIECE} bytes on: {reason}") from None
            piece = stream.unused_data
        if len(unpacked) > _SLACK:
            _check_size(path, unpacked, magic, most)
    if not stream.eof:
        raise IdxError(path, len(packed), f"the packed file ends here, within its content ({len(unpacked)} bytes of it unpacked)")
    return bytes(unpacked)


def _check_size(path: str | os.PathLike[str], unpacked: bytearray, magic: int | None, most: int) -> None:
    """Refuses what would become larger than is allowed, or has become larger than its own header says."""
    end = _end(*_header(path, bytes(unpacked[:_PIECE]), magic))
    if end > most:
        raise IdxError(path, 4, f"the sizes make {end:,} bytes of a packed file, and {most:,} are allowed; see `most`")
    if len(unpacked) > end + _SLACK:
        raise IdxError(path, end, f"the elements end here, but more than {_SLACK:,} bytes follow")


def write_idx(path: str | os.PathLike[str], elements: Array) -> Path:
    """Writes an array as an IDX file, packed where the name ends in .gz.

    Args:
        path: the file to write.
        elements: of one of the six types of the format, with at least one dimension.
    Returns:
        The path written.
    Raises:
        TypeError: if the format has no such type of elements.
        ValueError: if the array has no dimensions, or more than 255.
    Example:
        >>> import numpy
        >>> write_idx("labels.idx.gz", numpy.array([7, 2, 1], dtype="u1")).name
        'labels.idx.gz'
    """
    array = numpy.asarray(elements)
    wanted = array.dtype.newbyteorder(">")
    codes = [code for code, kind in _TYPES.items() if numpy.dtype(kind) == wanted]
    if not codes:
        known = ", ".join(str(numpy.dtype(kind).newbyteorder("=")) for kind in _TYPES.values())
        raise TypeError(f"an IDX file cannot hold {array.dtype}; it holds {known}. Write elements.astype(...) first.")
    if not 1 <= array.ndim <= 255:
        raise ValueError(f"an IDX file has 1 to 255 dimensions, got {array.ndim}")
    header = struct.pack(f">HBB{array.ndim}I", 0, codes[0], array.ndim, *array.shape)
    content = header + array.astype(wanted).tobytes()
    # mtime=0: gzip would write the time of day, and the same array should give the same bytes.
    return write_whole(path, gzip.compress(content, mtime=0) if Path(path).suffix == ".gz" else content)
