"""IDX files: what is written is read again, and every way in which a file can be wrong is said with its name and byte."""

import gzip
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd_lite.datasets import IdxError, mnist, mnist_sample, read_idx, write_idx
from autograd_lite.datasets.mnist import write_sample
from autograd_lite.datasets.synthetic import synthetic_images
from tests.counting import peak

TYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]


def written(folder: Path, content: bytes, name: str = "file.idx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def header(magic: int, *sizes: int) -> bytes:
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes)


# ---- what is written is read again -------------------------------------------------------------------------------------------


@given(st.data(), st.sampled_from(TYPES), st.sampled_from(["", ".gz"]))
def test_every_array_of_every_type_comes_back_packed_or_not(tmp_path_factory, data, kind, packed):
    elements = data.draw(arrays(kind, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)))
    path = write_idx(tmp_path_factory.mktemp("idx") / f"array.idx{packed}", elements)
    found = read_idx(path)
    assert (found.dtype, found.shape) == (elements.dtype, elements.shape)
    assert found.tobytes() == elements.tobytes()


@pytest.mark.parametrize(
    ("code", "kind", "content"),
    [
        (0x08, "u1", b"\x01\xff"),
        (0x09, "i1", b"\x01\xff"),
        (0x0B, "i2", b"\x00\x01\xff\xfe"),
        (0x0C, "i4", b"\x00\x00\x00\x01\xff\xff\xff\xfe"),
        (0x0D, "f4", b"\x3f\x80\x00\x00\xc0\x00\x00\x00"),
        (0x0E, "f8", b"\x3f\xf0" + bytes(6) + b"\xc0" + bytes(7)),
    ],
)
def test_the_bytes_are_those_of_the_format(tmp_path, code, kind, content):
    path = written(tmp_path, bytes([0, 0, code, 1, 0, 0, 0, 2]) + content)
    found = read_idx(path)
    assert found.dtype == numpy.dtype(kind)
    assert found.tolist() == {"u1": [1, 255], "i1": [1, -1]}.get(kind, [1, -2])
    assert write_idx(tmp_path / "again", found).read_bytes() == path.read_bytes()


def test_the_same_array_gives_the_same_bytes_also_packed(tmp_path):
    elements = numpy.arange(1000, dtype="i4")
    first, second = (write_idx(tmp_path / name, elements).read_bytes() for name in ("a.gz", "b.gz"))
    assert first == second


def test_packing_is_told_by_the_content_not_by_the_name(tmp_path):
    plain = write_idx(tmp_path / "plain", numpy.arange(5, dtype="u1")).read_bytes()
    assert read_idx(written(tmp_path, plain, "misnamed.gz")).tolist() == [0, 1, 2, 3, 4]
    assert read_idx(written(tmp_path, gzip.compress(plain), "misnamed")).tolist() == [0, 1, 2, 3, 4]


def test_packed_files_put_together_are_one(tmp_path):
    content = header(0x0801, 6) + b"abcdef"
    assert read_idx(written(tmp_path, gzip.compress(content[:9]) + gzip.compress(content[9:]))).tobytes() == b"abcdef"


@pytest.mark.parametrize(
    ("elements", "error", "message"),
    [
        (
            numpy.arange(3),
            TypeError,
            r"cannot hold int64; it holds uint8, int8, int16, int32, float32, float64. Write elements.astype",
        ),
        (numpy.array(1.0), ValueError, "1 to 255 dimensions, got 0"),
        (numpy.array(["a"]), TypeError, "cannot hold <U1"),
    ],
)
def test_what_the_format_cannot_hold_is_not_written(tmp_path, elements, error, message):
    with pytest.raises(error, match=message):
        write_idx(tmp_path / "never.idx", elements)
    assert list(tmp_path.iterdir()) == []


# ---- what is wrong is said with the file and the byte ------------------------------------------------------------------------

WRONG = {
    "an empty file": (b"", 0, "the file ends here, within the four bytes of the magic number"),
    "a magic number cut short": (b"\0\0\x08", 3, "the file ends here, within the four bytes of the magic number"),
    "no two zeros": (b"\x89PNG....", 0, "begins with two zero bytes, this one with 89 50"),
    "an unknown type": (b"\0\0\x0a\x01\0\0\0\0", 2, "no type of elements has the code 0a; there are 08, 09, 0b, 0c, 0d, 0e"),
    "no dimensions": (b"\0\0\x08\0", 3, "the file has no dimensions"),
    "no sizes": (b"\0\0\x08\x03", 4, "the file ends here, within size 1 of 3"),
    "sizes cut short": (header(0x0803, 2, 28) + b"\0\0", 14, "the file ends here, within size 3 of 3"),
    "no elements": (header(0x0801, 2), 8, "the file ends here, but 2 elements of 1 bytes end at byte 10"),
    "elements cut short": (header(0x0D02, 2, 3) + bytes(23), 35, "but 2 x 3 elements of 4 bytes end at byte 36"),
    "more elements than memory": (
        header(0x0E02, 2**32 - 1, 2**32 - 1),
        12,
        "4294967295 x 4294967295 elements of 8 bytes end at byte",
    ),
    "bytes left over": (header(0x0801, 2) + b"abc", 10, "the elements end here, but 1 more bytes follow"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("what", WRONG)
def test_a_malformed_file_is_refused_with_its_name_and_byte(tmp_path, what, packed):
    content, offset, problem = WRONG[what]
    path = written(tmp_path, gzip.compress(content) if packed else content)
    with pytest.raises(IdxError) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: byte {offset}: ")
    assert problem in str(caught.value)
    assert (caught.value.path, caught.value.offset) == (path, offset)


def test_another_magic_number_than_asked_for_is_refused(tmp_path):
    path = write_idx(tmp_path / "labels", numpy.zeros(3, "u1"))
    with pytest.raises(
        IdxError, match="byte 0: the magic number is 2049, expected 2051: uint8 in 1 dimension instead of uint8 in 3 dim"
    ):
        read_idx(path, 2051)


def test_a_packed_file_that_ends_early_is_refused(tmp_path):
    packed = gzip.compress(header(0x0801, 5000) + numpy.random.default_rng(0).bytes(5000))
    for length in (2, 9, 100, 3000, len(packed) - 1):
        path = written(tmp_path, packed[:length])
        with pytest.raises(IdxError, match=f"byte {length}: the packed file ends here, within its content"):
            read_idx(path)


def test_damage_to_a_packed_file_is_placed_where_it_is_found(tmp_path):
    packed = bytearray(gzip.compress(header(0x0801, 50_000) + numpy.random.default_rng(0).bytes(50_000)))
    packed[-6] ^= 0xFF  # in the checksum at the end
    with pytest.raises(IdxError, match="the gzip packing is damaged here or up to 1024 bytes on: incorrect data check") as caught:
        read_idx(written(tmp_path, bytes(packed)))
    assert 0 <= len(packed) - caught.value.offset <= 1024
    packed[3] = 0xE0  # reserved flags
    with pytest.raises(IdxError, match="byte 0: the gzip packing is damaged"):
        read_idx(written(tmp_path, bytes(packed)))


@given(st.binary(max_size=60))
def test_no_content_at_all_makes_the_reader_fail_otherwise(tmp_path_factory, content):
    path = written(tmp_path_factory.mktemp("idx"), content)
    with suppress(IdxError):
        assert 4 + 4 * read_idx(path).ndim + read_idx(path).nbytes == len(content)


# ---- MNIST -------------------------------------------------------------------------------------------------------------------


def make_mnist(folder: Path, mark: str = "-", packed: str = ".gz") -> None:
    for part, count, seed in (("train", 60, 0), ("t10k", 20, 1)):
        images, labels = synthetic_images(count, seed)
        write_idx(folder / f"{part}-images{mark}idx3-ubyte{packed}", images)
        write_idx(folder / f"{part}-labels{mark}idx1-ubyte{packed}", labels)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist_is_found_under_all_its_names(tmp_path, mark, packed):
    make_mnist(tmp_path, mark, packed)
    training, test = mnist(tmp_path)
    assert (len(training), len(test), training.shape, training.names[9]) == (60, 20, (28, 28), "9")
    images, labels = synthetic_images(60, 0)
    assert training.targets.tolist() == labels.tolist()
    assert numpy.array_equal(numpy.round(training.inputs * 255).astype("u1").reshape(60, 28, 28), images)
    assert (training.inputs.min(), training.inputs.max(), training.inputs.dtype) == (0.0, 1.0, numpy.float32)


def test_a_missing_file_is_named_with_where_to_get_it(tmp_path):
    make_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        mnist(tmp_path)
    message = str(caught.value)
    assert f"{tmp_path} has no t10k-labels-idx1-ubyte, nor t10k-labels-idx1-ubyte.gz" in message
    assert "t10k-labels.idx1-ubyte.gz" in message
    assert "https://ossci-datasets.s3.amazonaws.com/mnist/" in message


def test_pictures_and_labels_of_different_number_are_refused_at_the_count(tmp_path):
    make_mnist(tmp_path, packed="")
    write_idx(tmp_path / "train-labels-idx1-ubyte", numpy.zeros(59, "u1"))
    with pytest.raises(
        IdxError, match=r"train-labels-idx1-ubyte: byte 4: 59 labels for the 60 pictures of .*train-images-idx3-ubyte"
    ):
        mnist(tmp_path)


def test_a_label_that_is_no_digit_is_refused_at_its_byte(tmp_path):
    make_mnist(tmp_path, packed="")
    labels = numpy.zeros(60, "u1")
    labels[17] = 10
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    with pytest.raises(IdxError, match="byte 25: the label 10 is no digit"):
        mnist(tmp_path)


def test_images_in_the_place_of_labels_are_refused(tmp_path):
    make_mnist(tmp_path, packed="")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes((tmp_path / "train-images-idx3-ubyte").read_bytes())
    with pytest.raises(IdxError, match="train-labels-idx1-ubyte: byte 0: the magic number is 2051, expected 2049"):
        mnist(tmp_path)


# ---- files made to do harm ---------------------------------------------------------------------------------------------------


def bomb(first: bytes, size: int) -> bytes:
    """The first bytes and zeros up to that size, packed to a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(first)]
    parts += [packer.compress(bytes(2**20)) for _ in range(size // 2**20)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (header(0x0801, 10), "byte 18: the elements end here, but more than 1,048,576 bytes follow"),
        (
            header(0x0803, 2000, 2000, 2000),
            "byte 4: the sizes make 8,000,000,016 bytes of a packed file, and 1,073,741,824 are allowed",
        ),
        (header(0x0801, 0), "byte 8: the elements end here"),
        (b"\0\0\x77\x01", "byte 2: no type of elements has the code 77"),
        (b"", "byte 2: no type of elements has the code 00"),
    ],
)
def test_a_packed_file_is_not_unpacked_beyond_what_its_header_says(tmp_path, first, message):
    path = written(tmp_path, bomb(first, 100 * 2**20))

    def read() -> None:
        with pytest.raises(IdxError, match=message):
            read_idx(path)

    assert peak(read) < 16 * 2**20


def test_how_far_a_packed_file_is_unpacked_can_be_said(tmp_path):
    path = write_idx(tmp_path / "large.gz", numpy.zeros((3, 2**20), "u1"))
    assert read_idx(path, most=2**22).shape == (3, 2**20)
    with pytest.raises(IdxError, match="the sizes make 3,145,740 bytes of a packed file, and 3,000,000 are allowed; see `most`"):
        read_idx(path, most=3_000_000)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("sizes", [(1,) * 65, (1,) * 255, (0, *[2**32 - 1] * 3), (2**32 - 1, 2**32 - 1, 2**32 - 1, 0)])
def test_sizes_that_numpy_cannot_have_are_refused(tmp_path, sizes, packed):
    content = header(0x0800 + len(sizes), *sizes) + b"\7" * (0 not in sizes)
    path = written(tmp_path, gzip.compress(content) if packed else content)
    with pytest.raises(IdxError, match=rf"byte 4: NumPy has no array of the {len(sizes)} sizes \("):
        read_idx(path)


@pytest.mark.parametrize("zeros", [1, 511, 1024, 5000])
def test_zeros_after_and_between_packed_parts_are_padding(tmp_path, zeros):
    content = header(0x0801, 3000) + numpy.random.default_rng(0).bytes(3000)
    padded = gzip.compress(content[:2000]) + bytes(zeros) + gzip.compress(content[2000:]) + bytes(zeros)
    assert read_idx(written(tmp_path, padded)).tobytes() == gzip.decompress(padded)[8:]
    with pytest.raises(IdxError, match="the gzip packing is damaged"):
        read_idx(written(tmp_path, padded + b"junk"))


def test_the_sample_is_the_first_of_each_digit_and_writes_itself_anew(tmp_path):
    make_mnist(tmp_path)
    ten = {"train": 2, "t10k": 1}
    again = tmp_path / "again"
    again.mkdir()
    assert len(write_sample(tmp_path, again, ten)) == 4
    for whole, part, each in zip(mnist(tmp_path), mnist(again), ten.values(), strict=True):
        kept = sorted(place for digit in range(10) for place in numpy.flatnonzero(whole.labels == digit)[:each])
        assert part.labels.tolist() == whole.labels[kept].tolist()
        assert part.inputs.tolist() == whole.inputs[kept].tolist()


def test_the_sample_holds_as_many_of_each_digit():
    training, test = mnist_sample()
    assert (training.counts().tolist(), test.counts().tolist()) == ([200] * 10, [50] * 10)
    assert training.inputs.shape == (2000, 784)
    assert test.inputs.shape == (500, 784)
    assert len({row.tobytes() for row in numpy.concatenate([training.inputs, test.inputs])}) == 2500
