"""One name for every value of a graph, for equations, sliders and lists."""

from collections.abc import Sequence
from typing import Final

from autograd_lite.engine.text import number_text, visible
from autograd_lite.engine.value import Value

LONGEST_NAME: Final = 40


def names(values: Sequence[Value]) -> list[str]:
    """One name per value; values that share a label are told apart as x, x#2, x#3 ...

    Args:
        values: a whole graph, operands before users and the root last.
    """
    labels = [visible(value.label, LONGEST_NAME) if value.label else "" for value in values]
    taken = set(labels)
    counts: dict[str, int] = {}
    found = []
    fresh = 0
    for value, label in zip(values, labels, strict=True):
        name = label
        if not label:
            if not value.requires_grad:
                found.append(number_text(value.data))
                continue
            name = "L" if value is values[-1] else ""
            while not name or name in taken:
                fresh += 1
                name = f"v{fresh}"
        counts[name] = count = counts.get(name, 0) + 1
        found.append(name if count == 1 else f"{name}#{count}")
    return found
