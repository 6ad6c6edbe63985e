"""What a form of a program gives, and what eager gives for the same rows, each as one array."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from autograd_lite.program.ir.tasks import Task


class RowAnswer(NamedTuple):
    """What eager gives for one row: its values and, where they are wanted, its derivatives."""

    values: Any
    slopes: Any


def joined(task: Task, rows: Sequence[RowAnswer]) -> Any:
    """All numbers that a form should give for rows, in one array: values first, then derivatives."""
    values = numpy.array([row.values for row in rows])
    if task.kind == "values":
        return values.ravel()
    if task.kind == "slopes":
        return numpy.concatenate([values.ravel(), numpy.array([row.slopes for row in rows]).ravel()])
    apart = {id(row): row for row in rows}
    counts = Counter(map(id, rows))
    slopes = sum(counts[place] / len(rows) * row.slopes for place, row in apart.items())
    return numpy.concatenate([[numpy.mean(values)], slopes])


def flat(found: Any, gradient: Any, rows: int, task: Task) -> Any:
    """All numbers of a module's answer, in the order of `joined`."""
    if task.kind == "loss":
        return numpy.concatenate([[float(found)], gradient.ravel().astype(float)])
    columns = found if isinstance(found, tuple) else (found,)
    values = numpy.stack([numpy.broadcast_to(numpy.asarray(column, float), (rows,)) for column in columns], axis=1)
    parts = [values.ravel()] if gradient is None else [values.ravel(), gradient.ravel().astype(float)]
    return numpy.concatenate(parts)
