"""A model as a table: every number of a small one, and of a large one what each of its parts holds."""

from collections.abc import Mapping
from typing import Final

from autograd_lite.engine.text import number_text, visible
from autograd_lite.engine.value import Value
from autograd_lite.pages import table_html

MOST: Final = 24  # rows


def model_table(caption: str, leaves: Mapping[str, Value]) -> str:
    """The table in HTML.

    Args:
        caption: what stands above it.
        leaves: parameters and constants by their names.
    """
    if len(leaves) <= MOST:
        rows = [[visible(name), number_text(leaf.data), _gradient(leaf)] for name, leaf in leaves.items()]
        return table_html(["name", "data", "grad"], rows, caption)
    parts: dict[str, list[Value]] = {}
    for name, leaf in leaves.items():
        parts.setdefault(name.partition(".")[0].partition("[")[0], []).append(leaf)
    rows = [_part(name, found) for name, found in list(parts.items())[:MOST]]
    left = sum(len(found) for found in list(parts.values())[MOST:])
    rows += [[f"{len(parts) - MOST:,} other parts", f"{left:,}", "", "", ""]] * bool(left)
    return table_html(["part", "numbers", "from", "to", "largest |grad|"], rows, caption)


def _gradient(leaf: Value) -> str:
    return number_text(leaf.grad) if leaf.requires_grad else "constant"


def _part(name: str, found: list[Value]) -> list[str]:
    numbers, slopes = [leaf.data for leaf in found], [abs(leaf.grad) for leaf in found if leaf.requires_grad]
    low, high = min(numbers, key=_order), max(numbers, key=_order)
    largest = number_text(max(slopes, key=_order)) if slopes else "constant"
    return [visible(name), f"{len(found):,}", number_text(low), number_text(high), largest]


def _order(x: float) -> tuple[bool, float]:
    """Numbers in their order, and nan after them, so that it is seen."""
    return x != x, 0.0 if x != x else x
