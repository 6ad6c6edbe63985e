"""Shifts: pictures moved by a few pixels, which are as good examples as those they were made of."""

from dataclasses import dataclass

import numpy

from autograd_lite.datasets.dataset import Array
from autograd_lite.engine.reals import whole_number


@dataclass(frozen=True)
class Shifts:
    """Moves every picture by 0 to `most` pixels up or down, and as many left or right, at random; 0 comes in where nothing was.

    Attributes:
        shape: of a picture, rows and columns.
        most: pixels.
    Raises:
        ValueError: if the shape is not two numbers above 0, `most` is below 0, or the pictures do not have that shape.
    Source: Simard, Steinkraus & Platt, "Best practices for convolutional neural networks", ICDAR 2003, section 2.
    Example:
        >>> import numpy
        >>> dot = numpy.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
        >>> Shifts((3, 3))(dot.reshape(1, 9), numpy.random.default_rng(0)).reshape(3, 3).tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """

    shape: tuple[int, ...]
    most: int = 1

    def __post_init__(self) -> None:
        whole_number("most", self.most, 0)
        if len(self.shape) != 2:
            raise ValueError(f"a picture has rows and columns, as in Shifts((28, 28)); got the shape {self.shape}")
        for each in self.shape:
            whole_number("a side of the shape", each, 1)

    def __call__(self, inputs: Array, generator: numpy.random.Generator) -> Array:
        """(N, pixels) the pictures moved.

        Args:
            inputs: (N, pixels), one picture a row. generator: says how far each is moved.
        """
        rows, columns = self.shape
        if inputs.shape[1:] != (rows * columns,):
            raise ValueError(f"Shifts takes pictures of shape {self.shape} as rows of {rows * columns} numbers, got {inputs.shape}")
        padded = numpy.pad(inputs.reshape(-1, rows, columns), ((0, 0), (self.most, self.most), (self.most, self.most)))
        windows = numpy.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(1, 2))
        down, right = generator.integers(0, 2 * self.most + 1, (2, len(inputs)))
        moved: Array = windows[numpy.arange(len(inputs)), down, right]
        return moved.reshape(inputs.shape)
