"""Small grey pictures: one large with its pixels, or many on a contact sheet."""

from collections.abc import Sequence
from typing import Any, Final

from autograd_lite.plotting.style import Picture, picture

_CELL: Final = 0.62  # the height of a picture on a sheet, in inches
_WORDS: Final = 0.28  # of its caption, as a share of that
_LEAST: Final = 6  # pictures in a row that there is room for, so that a title fits above fewer


def one_picture(pixels: Any, title: str) -> Picture:
    """A picture with its rows and columns numbered, and the scale of its grey levels.

    Args:
        pixels: (rows, columns) levels from 0, shown white, to 1, shown black.
        title: what it is.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> one_picture([[0.0, 1.0], [1.0, 0.0]], "a cross")
        <Picture: a cross>
    """

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        shades = axes.imshow(pixels, cmap="gray_r", vmin=0.0, vmax=1.0, interpolation="nearest")
        axes.set(title=title, xlabel="column, pixels", ylabel="row, pixels")
        axes.grid(False)
        axes.locator_params(integer=True)
        figure.colorbar(shades, label="grey level", ticks=[0.0, 0.5, 1.0], shrink=0.85)

    return picture(title, draw, 4.6, 3.8)


def contact_sheet(pictures: Sequence[Any], captions: Sequence[str], title: str, columns: int = 10) -> Picture:
    """Pictures in rows, each with a few words above it.

    Args:
        pictures: (rows, columns) arrays of one size, levels from 0 to 1.
        captions: one for each; "" for none.
        title: what they are.
        columns: how many stand in a row.
    Raises:
        ValueError: if there are no pictures, or not as many captions.
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> contact_sheet([[[0.0, 1.0]], [[1.0, 0.0]]], ["right", "left"], "sides")
        <Picture: sides>
    """
    if not len(pictures) or len(pictures) != len(captions):
        raise ValueError(f"a contact sheet requires pictures and a caption for each, got {len(pictures)} and {len(captions)}")
    height, width = len(pictures[0]), len(pictures[0][0])
    across = min(columns, len(pictures))
    down = -(-len(pictures) // across)
    # A cell is a picture, space to the right of it, and above it space for its words: shares of its height.
    wide, tall = width + 0.18 * height, height * (1.12 + (_WORDS if any(captions) else 0.0))

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        axes.set_axis_off()
        for place, (pixels, caption) in enumerate(zip(pictures, captions, strict=True)):
            left, bottom = place % across * wide, place // across * tall
            reach = (left, left + width, bottom, bottom - height)
            axes.imshow(pixels, cmap="gray_r", vmin=0.0, vmax=1.0, interpolation="nearest", extent=reach)
            axes.text(left + width / 2.0, bottom - 1.04 * height, caption, ha="center", va="bottom", fontsize=9)
        axes.set(title=title, xlim=(0.0, max(across, _LEAST) * wide), ylim=((down - 1) * tall, -tall), aspect="equal")

    inches = _CELL / height
    return picture(title, draw, max(across, _LEAST) * wide * inches + 0.2, down * tall * inches + 0.45)
