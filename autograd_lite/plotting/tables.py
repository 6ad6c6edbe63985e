"""Tables as text: columns that stand under their headings, and within the width of a terminal where one is given."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from autograd_lite.engine.text import text_width, wrapped

_NARROWEST: Final = 14  # columns of a text that is broken into lines
_LONGEST: Final = 26  # of a word that is not broken; a float needs 24


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    indent: str = "",
    width: int | None = None,
    full: Literal["left", "right", False] = False,
) -> str:
    """The rows below their headings, every column as wide as its widest cell; columns of numbers stand to the right.

    Args:
        headings: one for each column; "" for none.
        rows: cells, as many in each row as there are headings; floats are written with six significant digits, other things by
            `str`, None as nothing.
        indent: what stands before every line.
        width: of a line at most, if that can be had: texts are broken into lines, then the columns are written below each other,
            in parts that begin with the first column.
        full: write floats with all their digits: at the left, where their points stand in a line, or at the right.
    Raises:
        ValueError: if a row has another number of cells.
    Example:
        >>> print(table(["step", "error"], [[1, 0.5], [10, 1e-12]]))
        step  error
           1    0.5
          10  1e-12
        >>> print(table(["step", "error", "why"], [[1, 1 / 3, "a first guess"], [2, 1e-12, "good"]], width=32, full="left"))
        step  error
           1  0.3333333333333333
           2  1e-12
        <BLANKLINE>
        step  why
           1  a first guess
           2  good
    """
    kept = [list(row) for row in rows]
    for row in kept:
        if len(row) != len(headings):
            raise ValueError(f"a row of {len(row)} cells under {len(headings)} headings: {row!r:.80}")
    columns = [[heading, *(_text(row[i], full) for row in kept)] for i, heading in enumerate(headings)]
    numeric = int if full == "left" else int | float
    right = [bool(kept) and all(_is_number(row[i], numeric) for row in kept) for i in range(len(headings))]
    room = None if width is None else width - text_width(indent)
    parts = [list(range(len(headings)))] if room is None else _parts(columns, room)
    return "\n\n".join(_lines([columns[i] for i in part], [right[i] for i in part], indent, room) for part in parts)


def _widest(column: Sequence[str]) -> int:
    return max(map(text_width, column))


def _least(column: Sequence[str]) -> int:
    """How narrow a column can be: to its longest word, if that is of a number's size, and not below what is pleasant to read."""
    words = (min(_LONGEST, text_width(word)) for cell in column for word in cell.split())
    return max([min(_NARROWEST, _widest(column)), *words])


def _parts(columns: Sequence[Sequence[str]], room: int) -> list[list[int]]:
    """The columns of each part of a table: as many as fit beside the first one."""
    parts: list[list[int]] = []
    for i, column in enumerate(columns):
        if i == 0 or sum(_least(columns[k]) + 2 for k in parts[-1]) + _least(column) > room:
            parts.append([0, i] if i else [0])
        else:
            parts[-1].append(i)
    return parts[1:] if parts[1:] and parts[0] == [0] else parts


def _lines(columns: list[list[str]], right: list[bool], indent: str, room: int | None) -> str:
    widths = [_widest(column) for column in columns]
    if room is not None:
        for i in sorted(range(len(columns)), key=lambda i: -widths[i]):  # the widest text gives way first
            excess = sum(widths) + 2 * (len(widths) - 1) - room
            widths[i] = max(_least(columns[i]), widths[i] - max(0, excess))
    lines = []
    for row in zip(*columns, strict=True):
        cells = [[cell] if text_width(cell) <= size else wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
        for k in range(max(map(len, cells))):
            texts = [cell[k] if k < len(cell) else "" for cell in cells]
            line = "  ".join(_padded(*each) for each in zip(texts, widths, right, strict=True))
            lines.append((indent + line).rstrip())
    return "\n".join(lines)


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - text_width(text))
    return blanks + text if right else text + blanks


def _is_number(cell: object, numeric: Any) -> bool:
    return cell is None or (isinstance(cell, numeric) and not isinstance(cell, bool))


def _text(cell: object, full: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell) if full else f"{cell:.6g}"
    return f"{cell:,}" if type(cell) is int else str(cell)
