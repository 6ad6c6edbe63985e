"""Digits drawn by a recipe, in MNIST's shape: for use without the real files.

Each digit is a few strokes. Every picture bends, turns, stretches and shifts them a little, draws them with a pen of its own
width, and adds noise. Whole blocks of pictures are drawn at once: 60,000 take a few seconds.
"""

import math

import numpy

from autograd_lite.datasets.dataset import Array, Dataset
from autograd_lite.datasets.mnist import pictures

SIDE = 28
_POINTS = 72  # of the pen's way, per picture
_BLOCK = 4096  # pictures drawn at once
_Point = tuple[float, float]
_Way = list[_Point]


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> _Way:
    """Part of an ellipse around (x, y); angles in degrees, 0 to the right, 90 down."""
    steps = 24
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


# In a square of side 1, x to the right and y down. Each digit is one way of the pen, or two.
_STROKES: tuple[tuple[_Way, ...], ...] = (
    (_arc(0.5, 0.5, 0.24, 0.36, 0.0, 360.0),),
    ([(0.36, 0.28), (0.54, 0.14), (0.54, 0.86)],),
    ([*_arc(0.5, 0.34, 0.22, 0.2, 190.0, 380.0), (0.66, 0.48), (0.28, 0.86), (0.76, 0.86)],),
    (_arc(0.47, 0.32, 0.22, 0.18, 200.0, 450.0) + _arc(0.47, 0.68, 0.25, 0.19, 270.0, 520.0),),
    ([(0.56, 0.14), (0.24, 0.62), (0.78, 0.62)], [(0.62, 0.40), (0.62, 0.86)]),
    ([(0.72, 0.14), (0.34, 0.14), (0.3, 0.46), *_arc(0.48, 0.64, 0.24, 0.22, 230.0, 500.0)],),
    ([(0.64, 0.14), (0.4, 0.36), *_arc(0.49, 0.65, 0.22, 0.21, 200.0, 560.0)],),
    ([(0.24, 0.15), (0.75, 0.15), (0.44, 0.86)],),
    (_arc(0.5, 0.31, 0.19, 0.17, 90.0, 450.0) + _arc(0.5, 0.67, 0.23, 0.19, 270.0, 630.0),),
    ([*_arc(0.5, 0.34, 0.22, 0.2, 360.0, 0.0), (0.72, 0.34), (0.66, 0.62), (0.56, 0.86)],),
)


def synthetic_mnist(count: int = 60_000, seed: int = 0) -> Dataset:
    """Pictures of the ten digits in MNIST's shape, 28 x 28 grey levels from 0 to 1, drawn by a recipe and not by hand.

    Args:
        count: how many; the digits are as even in number as can be.
        seed: of the random numbers; the same seed gives the same pictures.
    Raises:
        ValueError: if there is to be no picture.
    Example:
        >>> data = synthetic_mnist(20, seed=1)
        >>> data, data.counts().tolist()
        (Dataset(20 samples of 784 numbers, 10 classes), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    return pictures(*synthetic_images(count, seed))


def synthetic_images(count: int, seed: int = 0) -> tuple[Array, Array]:
    """The same pictures as bytes, (count, 28, 28), and their digits, (count,): what MNIST's files hold.

    >>> images, labels = synthetic_images(3)
    >>> images.shape, images.dtype, labels.dtype
    ((3, 28, 28), dtype('uint8'), dtype('uint8'))
    """
    if count < 1:
        raise ValueError(f"synthetic_mnist needs at least one picture to draw, got count={count!r}")
    rng = numpy.random.default_rng(seed)
    labels = rng.permutation(numpy.arange(count) % len(_STROKES)).astype(numpy.uint8)
    ways = numpy.array([_points_along(strokes) for strokes in _STROKES])
    blocks = (labels[start : start + _BLOCK] for start in range(0, count, _BLOCK))
    return numpy.concatenate([_inked(_handwritten(ways[block], rng), rng) for block in blocks]), labels


def _points_along(strokes: tuple[_Way, ...]) -> Array:
    """(points, 2) places evenly along the strokes, from -1/2 to 1/2 in both directions."""
    corners = [numpy.array(way) for way in strokes]
    steps = [numpy.hypot(*numpy.diff(way, axis=0).T) for way in corners]
    lengths = numpy.array([step.sum() for step in steps])
    ends = numpy.round(numpy.cumsum(lengths) / lengths.sum() * _POINTS).astype(int)
    parts = []
    for way, step, count in zip(corners, steps, numpy.diff(ends, prepend=0), strict=True):
        travelled = numpy.concatenate([[0.0], numpy.cumsum(step)])
        along = numpy.linspace(0.0, travelled[-1], count)
        parts.append(numpy.stack([numpy.interp(along, travelled, way[:, axis]) for axis in (0, 1)], axis=1))
    return numpy.concatenate(parts) - 0.5


def _handwritten(points: Array, rng: numpy.random.Generator) -> Array:
    """(pictures, points, 2) the ways as different hands would write them, in pixels."""
    count = len(points)

    def each(low: float, high: float, *rest: int) -> Array:
        return rng.uniform(low, high, (count, 1, *rest))

    phase, size = each(0.0, 2.0 * numpy.pi, 2), each(0.0, 0.045, 2)
    bent = points + size * numpy.sin(6.0 * points[:, :, ::-1] + phase)
    x, y = (bent * each(0.78, 1.12, 2)).transpose(2, 0, 1)
    x = x - y * each(-0.35, 0.35)  # a slant, then a turn
    angle = each(-0.22, 0.22)
    turned = numpy.stack([x * numpy.cos(angle) - y * numpy.sin(angle), x * numpy.sin(angle) + y * numpy.cos(angle)], axis=2)
    return numpy.asarray(SIDE * turned + (SIDE - 1) / 2.0 + each(-2.5, 2.5, 2))


def _inked(points: Array, rng: numpy.random.Generator) -> Array:
    """(pictures, 28, 28) bytes: ink along the ways, spread as by a pen, with noise."""
    ink = _dropped(points)
    fine = _spread(ink)
    broad = _spread(fine)
    width, strength = rng.random((2, len(points), 1, 1), dtype=numpy.float32)
    drawn = (1.0 - width) * fine + width * broad
    drawn *= (0.8 + 1.4 * strength) * (1.0 + width)
    drawn = numpy.minimum(drawn, 1.0) + numpy.float32(0.06) * rng.standard_normal(drawn.shape, dtype=numpy.float32)
    return numpy.asarray((255.0 * numpy.clip(drawn, 0.0, 1.0) + 0.5).astype(numpy.uint8))


def _dropped(points: Array) -> Array:
    """(pictures, 28, 28) one drop of ink for each point, shared by the four pixels around it in proportion to their nearness."""
    count = len(points)
    points = numpy.clip(points, 0.0, SIDE - 1.001)
    corner = points.astype(int)
    beyond = points - corner
    places = numpy.arange(count)[:, None] * SIDE * SIDE + corner[..., 1] * SIDE + corner[..., 0]
    ink = numpy.zeros(count * SIDE * SIDE)
    for down in (0, 1):
        for right in (0, 1):
            share = numpy.abs(1 - right - beyond[..., 0]) * numpy.abs(1 - down - beyond[..., 1])
            ink += numpy.bincount((places + down * SIDE + right).ravel(), share.ravel(), len(ink))
    return ink.reshape(count, SIDE, SIDE).astype(numpy.float32)


def _spread(ink: Array) -> Array:
    """The ink with a quarter of each pixel's moved to either side, across and then down; what leaves the picture is lost."""
    for axis in (1, 2):
        forward, back = numpy.roll(ink, 1, axis), numpy.roll(ink, -1, axis)
        numpy.moveaxis(forward, axis, 0)[0] = 0.0
        numpy.moveaxis(back, axis, 0)[-1] = 0.0
        ink = 0.5 * ink + 0.25 * (forward + back)
    return ink
