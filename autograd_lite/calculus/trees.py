"""Arguments and results as users have them: numbers, lists, dictionaries and arrays of numbers, nested in any way."""

from collections.abc import Callable, Iterator
from typing import Any


def is_array(tree: Any) -> bool:
    """Whether this is an array with axes."""
    return bool(getattr(tree, "shape", ())) and hasattr(tree, "dtype")


def mapped(function: Callable[[Any], Any], tree: Any, *, opens_numeric: bool = True) -> Any:
    """The tree with the function applied to every number: tuples become lists, arrays hold what the function gives.

    Args:
        opens_numeric: whether an array of plain numbers is a tree; else only one of objects is.

    >>> mapped(lambda x: 2.0 * x, {"w": (1.0, 2.0), "b": 0.5})
    {'w': [2.0, 4.0], 'b': 1.0}
    """
    if isinstance(tree, dict):
        return {key: mapped(function, branch, opens_numeric=opens_numeric) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        branches = [mapped(function, branch, opens_numeric=opens_numeric) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else branches
    if is_array(tree) and (opens_numeric or tree.dtype.kind == "O"):
        return _array([function(number) for number in _elements(tree)], tree.shape)
    return function(tree)


def branches(tree: Any) -> Iterator[Any]:
    """The arrays, and what is neither list nor dictionary, of a tree in their order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        for branch in tree:
            yield from branches(branch)
    else:
        yield tree


def leaves(tree: Any) -> Iterator[Any]:
    """The numbers of a tree in their order."""
    for branch in branches(tree):
        yield from _elements(branch) if is_array(branch) else (branch,)


def shaped_as(tree: Any, numbers: Iterator[Any]) -> Any:
    """The next numbers in the shape of a tree."""
    return mapped(lambda _: next(numbers), tree)


def _elements(array: Any) -> list[Any]:
    if hasattr(array, "mask"):
        raise TypeError("a derivative is not taken by masked numbers: give what is there, array.compressed()")
    found: list[Any] = array.ravel().tolist()
    return found


def _array(numbers: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats where all numbers are, else of objects."""
    import numpy

    if all(type(number) is float for number in numbers):
        return numpy.array(numbers).reshape(shape)
    array = numpy.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)
