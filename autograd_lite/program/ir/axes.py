"""The axes of an array: how its elements are counted, so that the places of every operand step evenly along each axis.

places 0 1 2 3 4 5 and 0 0 0 1 1 1 are counted in two rows of three: steps of 3 and 1, and of 1 and 0
"""

from collections.abc import Sequence

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.rolling import NodeGroup, Rolled
from autograd_lite.program.ir.terms import Shape


def axes_of(columns: Sequence[Ids]) -> Shape:
    """The lengths of the fewest axes along which the places in each column step evenly, and not back, except along the first."""
    count = len(columns[0])
    lengths: list[int] = []
    while count > 1:
        inner = min(map(_run, columns))
        if count % inner or not all(_is_even(column, inner) for column in columns):
            break
        lengths.append(inner)
        columns = [column[::inner] for column in columns]
        count //= inner
    return (*[count] * (count > 1 or not lengths), *reversed(lengths))


def _run(column: Ids) -> int:
    """How many places from the first on are equal steps apart."""
    steps = numpy.diff(column)
    other = numpy.flatnonzero(steps != steps[0])
    return int(other[0]) + 1 if len(other) else len(column)


def _is_even(column: Ids, inner: int) -> bool:
    """Whether every so many places step as the first ones do, and not back."""
    parts = column.reshape(-1, inner)
    return bool((parts - parts[:, :1] == parts[0] - parts[0, 0]).all()) and bool(column[1] >= column[0])


def rows_of(rolled: Rolled) -> dict[int, Shape]:
    """Of groups whose elements sums take row by row, and leave none out: how many rows of how many, by the group's first node."""
    found: dict[int, Shape] = {}
    for group in rolled.groups:
        for lists in _lists_of(rolled, group):
            source = int(rolled.source[lists.flat[0]]) if min(lists.shape) > 1 else 0
            if source >= rolled.first_group and (rolled.source[lists] == source).all():
                taken = rolled.groups[source - rolled.first_group].nodes
                if lists.size == len(taken) and (rolled.index[lists].ravel() == numpy.arange(lists.size)).all():
                    found.setdefault(taken[0], lists.shape)
    return found


def _lists_of(rolled: Rolled, group: NodeGroup) -> list[Ids]:
    """What each sum of a group takes; of a product of matrices each list of inputs once."""
    if group.primitive is not None or group.single:
        return []
    outputs = len(group.nodes) // group.samples if group.samples else 1
    sums = [rolled.sums[node] for node in group.nodes[::outputs]]
    kinds = [each.weights for each in sums], [each.inputs for each in sums], [each.singles for each in sums]
    return [numpy.array(lists, numpy.int64) for lists in kinds if len(set(map(len, lists))) == 1]
