"""One name for every value of a graph, for equations, sliders and lists."""

from collections.abc import Mapping, Sequence
from typing import Final

from autograd_lite.engine.text import number_text, visible
from autograd_lite.engine.value import Value

LONGEST_NAME: Final = 40


ROOT: Final = "L"  # what a root without a label is called


def names(values: Sequence[Value], variables: Mapping[int, str] | None = None) -> list[str]:
    """One name per value; values that share a label are told apart as x, x#2, x#3 ...

    Args:
        values: a whole graph, operands before users and the root last.
        variables: what the caller calls some of them, by place; those of them that have no label are called so here.
    """
    labels = [visible(value.label, LONGEST_NAME) if value.label else "" for value in values]
    taken = {*labels, ROOT}
    for i, name in (variables or {}).items():
        if not labels[i] and values[i].requires_grad and i < len(values) - 1 and name not in taken:
            labels[i] = visible(name, LONGEST_NAME)
    taken = set(labels)
    counts: dict[str, int] = {}
    found: list[str] = []
    fresh = 0
    for value, label in zip(values, labels, strict=True):
        name = label
        if not label:
            if not value.requires_grad:
                found.append(number_text(value.data))
                continue
            name = ROOT if value is values[-1] else ""
            while not name or name in taken:
                fresh += 1
                name = f"v{fresh}"
        counts[name] = count = counts.get(name, 0) + 1
        while count > 1 and f"{name}#{count}" in taken:  # somebody's label
            counts[name] = count = count + 1
        found.append(name if count == 1 else f"{name}#{count}")
    return found
