"""Small sets: XOR, two moons, and the 8x8 digits that come with scikit-learn."""

import numpy

from autograd_lite.datasets.dataset import Dataset


def xor() -> Dataset:
    """The four rows of exclusive or: two inputs of 0 or 1, and 1.0 where they differ.

    >>> [(*row, target) for row, target in zip(xor().inputs.tolist(), xor().targets.tolist())]
    [(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)]
    """
    return Dataset(numpy.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), numpy.array([0.0, 1.0, 1.0, 0.0]))


def moons(count: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two interleaving half circles in the plane: targets -1.0 on the upper one, 1.0 on the lower one.

    (cos u, sin u) and (1 - cos u, 1/2 - sin u), u evenly from 0 to pi, each coordinate moved by normal noise, then shuffled.

    Args:
        count: how many points; the upper moon has half of them, rounded down.
        noise: standard deviation of the shift, in the plane's units.
        seed: of the random numbers; the same seed gives the same points.
    Raises:
        ValueError: if there are fewer than two points, or the noise is negative or no number.
    Source: `make_moons` of scikit-learn, as the demo of micrograd uses it (100 points, noise 0.1).
    Example:
        >>> moons(6, noise=0.0).inputs.shape, sorted(moons(6).targets.tolist())
        ((6, 2), [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
    """
    if count < 2:
        raise ValueError(f"two moons need at least two points, got count={count!r}")
    if not 0.0 <= noise < numpy.inf:
        raise ValueError(f"the noise of moons is a finite standard deviation of at least 0, got {noise!r}")
    upper, lower = numpy.linspace(0.0, numpy.pi, count // 2), numpy.linspace(0.0, numpy.pi, count - count // 2)
    x = numpy.concatenate([numpy.cos(upper), 1.0 - numpy.cos(lower)])
    y = numpy.concatenate([numpy.sin(upper), 0.5 - numpy.sin(lower)])
    targets = numpy.repeat([-1.0, 1.0], [len(upper), len(lower)])
    rng = numpy.random.default_rng(seed)
    points = numpy.stack([x, y], axis=1) + rng.normal(0.0, noise, (count, 2))
    return Dataset(points, targets).take(rng.permutation(count))


def digits() -> Dataset:
    """1,797 handwritten digits of 8 x 8 pixels, grey levels from 0 to 1; they come with scikit-learn and need no network.

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed; the message names the extra.
    Source: Alpaydin & Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning Repository (1998): its test part.
    Example:
        >>> data = digits()  # doctest: +SKIP
        >>> data, data.picture(0).shape, data.targets[:5].tolist()  # doctest: +SKIP
        (Dataset(1,797 samples of 64 numbers, 10 classes), (8, 8), [0, 1, 2, 3, 4])
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        message = 'the 8x8 digits come with scikit-learn: pip install "autograd_lite[data]"'
        raise ModuleNotFoundError(message, name=error.name) from None
    found = load_digits()
    return Dataset(found.data / 16.0, found.target, tuple(map(str, found.target_names)), found.images.shape[1:])
