"""A program's saved module: written, run apart from this library, and called as its docstring says."""

import re
import tempfile
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy

from autograd_lite.program import Program


def answered(program: Program, arrays: list[Any], single: bool) -> tuple[Any, Any]:
    """What the saved function gives: values and gradients by row, or the mean and its gradient by the parameters.

    Args:
        program: the program. arrays: one for each argument. single: whether the function gives one number; if not, there is no
            gradient.
    """
    with tempfile.TemporaryDirectory() as folder:
        scope = run_path(str(program.save(Path(folder) / "saved.py")))
    [function] = [thing for thing in scope.values() if callable(thing) and "Args:\n" in (thing.__doc__ or "")]
    rows, owned = len(arrays[0]), [program.parameters.copy()] if len(program.parameters) else []
    shaped = [array.reshape(rows, *shape) for array, shape in zip(arrays, _shapes(function.__doc__), strict=True)]
    if not single:
        columns = function(*owned, *shaped)
        columns = columns if isinstance(columns, tuple) else (columns,)
        return numpy.stack([numpy.broadcast_to(column, rows) for column in columns], axis=1), None
    inputs = sum(array[0].size for array in arrays)
    gradient = numpy.full(len(owned[0]) if owned else (rows, inputs), 7.0)  # whatever was there is written over
    value = function(*owned, *shaped, gradient)
    return value if owned else numpy.broadcast_to(value, rows), gradient


def _shapes(docstring: str) -> list[tuple[int, ...]]:
    """The shapes without the rows that a docstring asks for."""
    asked = re.findall(r"\(rows((?:, \d+)*),?\)", docstring.partition("Args:")[2].partition("gradient:")[0])
    return [tuple(map(int, re.findall(r"\d+", shape))) for shape in asked]
