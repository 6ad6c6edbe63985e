"""Charts about classes: how many samples each has, and which is taken for which."""

from collections.abc import Sequence
from typing import Any, Final

from autograd_lite.plotting.style import COLORS, Picture, picture

_SHADES: Final = "Blues"


def class_frequencies(counts: Sequence[int], names: Sequence[str], title: str) -> Picture:
    """A bar for each class, as high as it has samples, with their number.

    Args:
        counts: one for each class.
        names: of the classes.
        title: of what.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> class_frequencies([3, 4], ["no", "yes"], "answers")
        <Picture: answers>
    """

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        bars = axes.bar(list(names), list(counts), color=COLORS[0])
        axes.bar_label(bars, [f"{count:,}" for count in counts], fontsize=9, padding=1.5)
        axes.set(title=title, xlabel="class", ylabel="samples")
        axes.grid(False, axis="x")
        axes.margins(y=0.1)

    return picture(title, draw)


def confusion_matrix(matrix: Any, names: Sequence[str], title: str) -> Picture:
    """The matrix as shades and numbers: a row for each true class, a column for each answer; zeros are left blank.

    The shade is the share of the row: how often a class is answered so.

    Args:
        matrix: (classes, classes) counts.
        names: of the classes.
        title: of what.
    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
    Example:
        >>> confusion_matrix([[5, 0], [1, 4]], ["no", "yes"], "answers")
        <Picture: answers>
    """
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        # The square root brings out the few mistakes beside the many right answers.
        shades = axes.imshow([[share**0.5 for share in row] for row in shares], cmap=_SHADES, vmin=0.0, vmax=1.0)
        for truth, row in enumerate(matrix):
            for answer, count in enumerate(row):
                if count:
                    color = "white" if shares[truth][answer] > 0.4 else "black"
                    axes.text(answer, truth, f"{count}", ha="center", va="center", fontsize=9, color=color)
        axes.set(title=title, xlabel="answer", ylabel="truth")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.grid(False)
        bar = figure.colorbar(shades, label="share of the row, %", ticks=[0.0, 0.1, 0.3162, 0.7071, 1.0], shrink=0.85)
        bar.set_ticklabels(["0", "1", "10", "50", "100"])

    return picture(title, draw, 6.0, 5.0)
