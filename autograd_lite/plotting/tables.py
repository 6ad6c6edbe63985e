"""Tables as text: columns that stand under their headings."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], indent: str = "") -> str:
    """The rows below their headings, every column as wide as its widest cell; columns of numbers stand to the right.

    Args:
        headings: one for each column; "" for none.
        rows: cells, as many in each row as there are headings; floats are written with six significant digits, other things by
            `str`, None as nothing. Write a float as `repr(x)` to show all its digits.
        indent: what stands before every line.
    Raises:
        ValueError: if a row has another number of cells.
    Example:
        >>> print(table(["step", "error"], [[1, 0.5], [10, 1e-12]]))
        step  error
           1    0.5
          10  1e-12
    """
    kept = [list(row) for row in rows]
    for row in kept:
        if len(row) != len(headings):
            raise ValueError(f"a row of {len(row)} cells under {len(headings)} headings: {row!r:.80}")
    texts = [list(headings), *[[_text(cell) for cell in row] for row in kept]]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    sides = [">" if kept and all(_is_number(row[i]) for row in kept) else "<" for i in range(len(headings))]
    return "\n".join(
        (indent + "  ".join(f"{text:{side}{width}}" for text, side, width in zip(line, sides, widths, strict=True))).rstrip()
        for line in texts
    )


def _is_number(cell: object) -> bool:
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else f"{cell:,}" if type(cell) is int else str(cell)
