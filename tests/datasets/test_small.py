"""Data sets: what they hold, how they are dealt out, and that a seed fixes them."""

import sys

import numpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd_lite import cross_entropy
from autograd_lite.datasets import Dataset, digits, moons, one_hot, split, standardise, synthetic_mnist, xor
from autograd_lite.datasets.synthetic import synthetic_images
from tests.skipped_examples import run_example


def numbered(count: int, classes: int = 3) -> Dataset:
    """Samples that can be told apart: each holds its own number."""
    places = numpy.arange(count)
    return Dataset(places[:, None].astype(float), places % classes, tuple("abc"[:classes]))


# ---- Dataset -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "targets", "options", "message"),
    [
        (numpy.zeros((2, 2, 2)), [0, 1], {}, r"matrix.*shape \(2, 2, 2\).*reshape"),
        (numpy.zeros((2, 2)), [0, 1, 1], {}, r"2 samples and targets of shape \(3,\)"),
        (numpy.zeros((2, 4)), [0, 1], {"shape": (3, 2)}, r"4 numbers is no picture of shape \(3, 2\)"),
        (numpy.zeros((2, 4)), [0, 2], {"names": ("a", "b")}, r"target 2 of sample 1 is no class: their numbers are 0 \.\.\. 1"),
        (numpy.zeros((2, 4)), [-1, 0], {"names": ("a", "b")}, r"target -1 of sample 0"),
        (numpy.zeros((2, 4)), [0.5, 0], {"names": ("a", "b")}, r"target 0.5 of sample 0"),
        (numpy.zeros((2, 4)), numpy.eye(3)[:2], {"names": ("a", "b")}, r"one-hot rows of 3 numbers do not fit 2 names"),
    ],
)
def test_a_dataset_that_does_not_fit_together_is_refused(inputs, targets, options, message):
    with pytest.raises(ValueError, match=message):
        Dataset(inputs, numpy.asarray(targets), **options)


def test_a_dataset_of_targets_without_names_may_hold_any_numbers():
    assert Dataset([[1.0], [2.0]], [-1.5, 7.0]).targets.tolist() == [-1.5, 7.0]


def test_samples_are_taken_with_their_targets():
    taken = numbered(9).take([7, 2])
    assert (taken.inputs.tolist(), taken.targets.tolist(), taken.names) == ([[7.0], [2.0]], [1, 2], ("a", "b", "c"))


def test_a_picture_has_rows_and_columns():
    data = Dataset(numpy.arange(6.0).reshape(1, 6), numpy.array([0]), shape=(2, 3))
    assert data.picture(0).tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    with pytest.raises(ValueError, match="has no pictures: it was made without a shape"):
        numbered(3).picture(0)


def test_classes_are_counted_also_where_one_has_no_sample():
    assert Dataset(numpy.zeros((3, 1)), numpy.array([0, 0, 2]), ("a", "b", "c")).counts().tolist() == [2, 0, 1]


def test_one_hot_rows_keep_their_labels():
    data = numbered(7)
    rows = data.one_hot()
    assert rows.targets.tolist() == one_hot([0, 1, 2, 0, 1, 2, 0], 3).tolist()
    assert rows.labels.tolist() == data.labels.tolist()
    assert rows.counts().tolist() == [3, 2, 2]


@pytest.mark.parametrize(("label", "text"), [(3, "3"), (-1, "-1"), (0.5, "0.5")])
def test_one_hot_refuses_what_is_no_class(label, text):
    with pytest.raises(ValueError, match=f"label {text}.* of sample 1 is none of the 3 classes"):
        one_hot([0, label], 3)


def test_standardised_inputs_have_mean_zero_and_deviation_one_and_test_data_uses_the_training_datas():
    data = Dataset(numpy.array([[1.0, 2.0], [3.0, 6.0]]), numpy.zeros(2))
    inputs = standardise(data).inputs
    assert numpy.isclose(inputs.mean(), 0.0, atol=1e-15)
    assert numpy.isclose(inputs.std(), 1.0)
    assert standardise(data, 1.0, 2.0).inputs.tolist() == [[0.0, 0.5], [1.0, 2.5]]


def test_constant_inputs_cannot_be_standardised():
    with pytest.raises(ValueError, match=r"deviation above 0, got .*constant inputs have none"):
        standardise(Dataset(numpy.ones((3, 2)), numpy.zeros(3)))


# ---- split -------------------------------------------------------------------------------------------------------------------


@given(st.integers(10, 200), st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 99))
def test_a_split_deals_out_every_sample_once(count, weights, seed):
    shares = [weight / sum(weights) for weight in weights]
    assume(min(shares) * count >= 2.0)
    parts = split(numbered(count), shares, seed)
    dealt = [int(number) for part in parts for number in part.inputs[:, 0]]
    assert sorted(dealt) == list(range(count))
    assert all(abs(len(part) - share * count) <= 1.0 for part, share in zip(parts, shares, strict=True))


def test_a_seed_fixes_the_split_and_another_gives_another():
    dealt = [split(numbered(50), (0.6, 0.4), seed)[0].inputs[:, 0].tolist() for seed in (1, 1, 2)]
    assert dealt[0] == dealt[1] != dealt[2]


@pytest.mark.parametrize("shares", [(), (0.5, 0.6), (1.2, -0.2), (0.9,)])
def test_shares_that_do_not_make_a_whole_are_refused(shares):
    with pytest.raises(ValueError, match="add up to 1, got"):
        split(numbered(10), shares)


def test_a_part_without_samples_is_refused():
    with pytest.raises(ValueError, match="5 samples are too few for the shares"):
        split(numbered(5), (0.95, 0.05))


# ---- the sets ----------------------------------------------------------------------------------------------------------------


def test_xor_is_one_where_its_inputs_differ():
    assert all(target == (x != y) for (x, y), target in zip(xor().inputs.tolist(), xor().targets.tolist(), strict=True))


def test_moons_without_noise_lie_on_their_half_circles():
    data = moons(101, noise=0.0, seed=3)
    upper, lower = data.inputs[data.targets < 0], data.inputs[data.targets > 0]
    assert (len(upper), len(lower)) == (50, 51)
    assert numpy.allclose(numpy.hypot(*upper.T), 1.0)
    assert numpy.allclose(numpy.hypot(1.0 - lower[:, 0], 0.5 - lower[:, 1]), 1.0)
    assert upper[:, 1].min() >= 0.0
    assert lower[:, 1].max() <= 0.5


def test_moons_are_those_of_scikit_learn_up_to_order():
    from sklearn.datasets import make_moons

    points, labels = make_moons(20, noise=None, shuffle=False)
    data = moons(20, noise=0.0)
    ours = sorted((*numpy.round(x, 9), t) for x, t in zip(data.inputs.tolist(), data.targets.tolist(), strict=True))
    assert ours == sorted((*numpy.round(x, 9), 2.0 * t - 1.0) for x, t in zip(points.tolist(), labels.tolist(), strict=True))


def test_the_noise_of_moons_has_the_deviation_asked_for():
    clean, noisy = moons(4000, 0.0, seed=5), moons(4000, 0.3, seed=5)
    assert abs((noisy.inputs - clean.inputs).std() - 0.3) < 0.01


def test_a_seed_fixes_the_moons_and_another_gives_others():
    points = [moons(30, seed=seed).inputs.tolist() for seed in (4, 4, 5)]
    assert points[0] == points[1] != points[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((1,), "at least two points, got count=1"), ((10, -0.1), "got -0.1"), ((10, float("nan")), "got nan")],
)
def test_moons_refuse_too_few_points_and_noise_that_is_no_deviation(arguments, message):
    with pytest.raises(ValueError, match=message):
        moons(*arguments)


def test_the_small_digits_have_levels_from_zero_to_one():
    data = digits()
    assert (len(data), data.inputs.shape[1], data.shape) == (1797, 64, (8, 8))
    assert (data.inputs.min(), data.inputs.max()) == (0.0, 1.0)
    assert data.counts().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_where_scikit_learn_is_missing_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=r'come with scikit-learn: pip install "autograd_lite\[data\]"'):
        digits()


# ---- the synthetic set -------------------------------------------------------------------------------------------------------


def test_synthetic_pictures_have_mnists_shape_and_even_classes():
    data = synthetic_mnist(1003, seed=2)
    assert (data.inputs.shape, data.inputs.dtype, data.shape) == ((1003, 784), numpy.float32, (28, 28))
    assert set(data.counts().tolist()) == {100, 101}
    assert data.inputs.min() >= 0.0
    assert data.inputs.max() == 1.0


def test_a_seed_fixes_the_synthetic_pictures_and_no_two_are_alike():
    first, again, other = (synthetic_images(40, seed) for seed in (1, 1, 2))
    assert first[0].tobytes() == again[0].tobytes()
    assert first[0].tobytes() != other[0].tobytes()
    assert len({picture.tobytes() for picture in first[0]}) == 40


def test_pictures_are_drawn_in_blocks_without_a_seam(monkeypatch):
    import autograd_lite.datasets.synthetic as module

    monkeypatch.setattr(module, "_BLOCK", 7)
    images, labels = synthetic_images(20, seed=0)
    assert (len(images), len(labels)) == (20, 20)
    assert all(picture.max() > 200 for picture in images)


def test_the_digits_of_the_synthetic_set_can_be_told_apart_by_their_mean_pictures():
    training, test = synthetic_mnist(2000, seed=0), synthetic_mnist(500, seed=1)
    means = numpy.stack([training.inputs[training.labels == digit].mean(axis=0) for digit in range(10)])
    nearest = ((test.inputs[:, None, :] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == test.labels).mean() > 0.75


def test_a_synthetic_set_without_pictures_is_refused():
    with pytest.raises(ValueError, match="at least one picture to draw, got count=0"):
        synthetic_mnist(0)


def test_targets_that_no_loss_takes_are_explained_where_they_are_given():
    inputs = numpy.zeros((3, 2))
    with pytest.raises(ValueError, match=r"the targets have the shape \(3, 1\), a column; .* Write targets\[:, 0\]"):
        Dataset(inputs, numpy.zeros((3, 1)))
    with pytest.raises(
        ValueError, match=r"their type is float64: a class is a whole number, an index\. Write targets\.astype\(int\)"
    ):
        Dataset(inputs, numpy.array([0.0, 1.0, 1.0]), ("no", "yes"))
    with pytest.raises(ValueError, match=r"their type is bool: .* Write targets\.astype\(int\)"):
        Dataset(inputs, numpy.array([True, False, True]), ("no", "yes"))
    with pytest.raises(TypeError, match=r"got 1\.0.*targets of a Dataset are after targets\.astype\(int\)"):
        cross_entropy([0.0, 1.0], 1.0)


def test_the_example_of_the_digits_runs():
    run_example(digits)
