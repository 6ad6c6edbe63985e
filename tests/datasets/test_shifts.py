"""Shifts: every picture is moved as a whole, by no more pixels than asked for, and a seed fixes how far."""

import numpy
import pytest

from autograd_lite.datasets import Shifts, mnist_sample


def moved(picture: numpy.ndarray, down: int, right: int) -> numpy.ndarray:
    """The picture pixel by pixel at its new place, 0 where nothing comes from."""
    rows, columns = picture.shape
    found = numpy.zeros_like(picture)
    for row in range(rows):
        for column in range(columns):
            if 0 <= row - down < rows and 0 <= column - right < columns:
                found[row, column] = picture[row - down, column - right]
    return found


@pytest.mark.parametrize("most", [0, 1, 2, 7])
def test_a_picture_comes_out_at_one_of_the_places_that_were_asked_for_and_at_each_of_them(most):
    picture = numpy.arange(1.0, 13.0, dtype=numpy.float32).reshape(3, 4)
    reach = range(-most, most + 1)
    expected = {moved(picture, down, right).tobytes() for down in reach for right in reach}
    found = Shifts((3, 4), most)(numpy.tile(picture.reshape(1, 12), (3000, 1)), numpy.random.default_rng(0))
    assert found.dtype == numpy.float32
    assert {row.tobytes() for row in found} == expected


def test_each_row_is_moved_by_itself_the_pictures_given_stay_and_the_seed_decides():
    training, _ = mnist_sample()
    given = training.inputs[:50].copy()
    one, same, other = (Shifts(training.shape)(given, numpy.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one.tobytes() == same.tobytes() != other.tobytes()
    assert given.tobytes() == training.inputs[:50].tobytes()
    ways = {}
    for place, (before, after) in enumerate(zip(given.reshape(-1, 28, 28), one.reshape(-1, 28, 28), strict=True)):
        ways[place] = [(d, r) for d in (-1, 0, 1) for r in (-1, 0, 1) if numpy.array_equal(moved(before, d, r), after)]
    assert all(map(len, ways.values()))
    assert len({way for found in ways.values() for way in found}) == 9
    assert Shifts(training.shape)(given[:0], numpy.random.default_rng(0)).shape == (0, 784)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (((28, 28), -1), ValueError, "most must be at least 0, got -1"),
        (((28, 28), 1.5), TypeError, "most must be a whole number, got 1.5"),
        (((784,),), ValueError, r"rows and columns.*got the shape \(784,\)"),
        (((),), ValueError, r"got the shape \(\)"),
        (((0, 4),), ValueError, "a side of the shape must be at least 1, got 0"),
    ],
)
def test_what_is_no_shift_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Shifts(*arguments)


def test_pictures_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"pictures of shape \(28, 27\) as rows of 756 numbers, got \(3, 784\)"):
        Shifts((28, 27))(numpy.zeros((3, 784)), numpy.random.default_rng(0))
