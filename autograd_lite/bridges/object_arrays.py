"""Arrays that hold Values: what JAX's operations do with them, number by number."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy

from autograd_lite.bridges.jax_words import ALONG, SO_FAR
from autograd_lite.engine.errors import GraphError, expression
from autograd_lite.engine.primitives import dot, total
from autograd_lite.engine.recording import observer
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value

__all__ = [
    "Failed",
    "along",
    "as_objects",
    "combined",
    "each_place",
    "has_values",
    "in_order",
    "numbers_in",
    "of_objects",
    "part_of",
    "products",
    "so_far",
    "stacked",
    "truths",
]


class Failed:
    """What stands in the place of a number that an operation does not have: an error only where a result needs it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def of_objects(items: Sequence[Any], shape: Sequence[int]) -> Any:
    """An array that holds these things as they are."""
    array = numpy.empty(len(items), object)
    for place, item in enumerate(items):
        array[place] = item
    return array.reshape(tuple(shape))


def _tried(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, by which a failure is handed on."""

    def computed(*operands: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Failed):
                return operand
        try:
            return function(*operands)
        except (ArithmeticError, ValueError) as error:
            return Failed(error)

    return computed


def has_values(array: Any) -> bool:
    """Whether an array holds things that are no numbers of NumPy or JAX."""
    return getattr(getattr(array, "dtype", None), "kind", "") == "O"


def as_objects(array: Any) -> Any:
    """The same array with Python's floats in it."""
    return array if has_values(array) else of_objects(numpy.asarray(array, float).ravel().tolist(), numpy.shape(array))


def numbers_in(array: Any, dtype: Any = None) -> Any:
    """The same array with the numbers, or truths, of what is in it."""
    if not has_values(array):
        return array
    return numpy.array([_plain(each) for each in array.ravel()], dtype).reshape(array.shape)


def _plain(each: Any) -> Any:
    if isinstance(each, Failed):
        raise each.error
    if isinstance(each, Value) and getattr(observer(), "traces", observer() is not None):
        raise GraphError(
            f"which place or whole number JAX makes of `{shorten(expression(each).text)}` would be kept from the example of the "
            "trace: choose by jnp.where, which is followed, or trace the part that comes before"
        )
    return each.data if isinstance(each, Value) else each if isinstance(each, float) else bool(each)


def truths(array: Any) -> Any:
    """What comparisons answer; as JAX's own where they are plain truths, which a trace does not give."""
    items = array.ravel().tolist()
    for each in items:
        if isinstance(each, Failed):
            raise each.error
    return numpy.array(items, bool).reshape(array.shape) if all(isinstance(each, bool) for each in items) else array


def part_of(array: Any, place: int) -> Any:
    """What stands at a place of the first axis."""
    return of_objects(array.reshape(len(array), -1)[place], array.shape[1:])


def stacked(rows: Sequence[Any], aval: Any) -> Any:
    """Arrays below each other; `aval` is what JAX says of one."""
    if not any(map(has_values, rows)):
        return numpy.array([numpy.asarray(row) for row in rows], aval.dtype).reshape(len(rows), *aval.shape)
    return of_objects([each for row in rows for each in as_objects(row).ravel()], (len(rows), *aval.shape))


# ---- arrays ------------------------------------------------------------------------------------------------------------------


def each_place(function: Callable[..., Any], operands: Sequence[Any], shape: Sequence[int]) -> Any:
    """The function of the numbers at each place."""
    columns = [numpy.broadcast_to(as_objects(operand), tuple(shape)).ravel() for operand in operands]
    return of_objects(list(map(_tried(function), *columns)), shape)


def _lists(array: Any, axes: Sequence[int]) -> Iterator[list[Any]]:
    """The numbers along some axes, for each place of the others."""
    others = [axis for axis in range(array.ndim) if axis not in axes]
    moved = array.transpose([*others, *axes])
    count = prod(array.shape[axis] for axis in axes)
    flat = moved.ravel()
    places = prod(array.shape[axis] for axis in others)
    return (list(flat[start * count : (start + 1) * count]) for start in range(places))


def along(name: str) -> Callable[..., Any]:
    """The function of arrays that makes one number of those along some axes."""

    def computed(parameters: Any, operands: Sequence[Any], shape: Sequence[int]) -> Any:
        function = _tried(lambda *numbers: ALONG[name](list(numbers)))
        return of_objects([function(*numbers) for numbers in _lists(operands[0], parameters["axes"])], shape)

    return computed


def so_far(name: str) -> Callable[..., Any]:
    """The function of arrays that makes, along an axis, each number of the one before and the next."""

    def computed(parameters: Any, operands: Sequence[Any], shape: Sequence[int]) -> Any:
        axis, step = parameters["axis"], -1 if parameters["reverse"] else 1
        function = _tried(SO_FAR[name])
        rows = [list(accumulate(numbers[::step], function))[::step] for numbers in _lists(operands[0], [axis])]
        return numpy.moveaxis(_of_rows(rows, shape, axis), -1, axis)

    return computed


def _of_rows(rows: Sequence[Sequence[Any]], shape: Sequence[int], axis: int) -> Any:
    others = [size for place, size in enumerate(shape) if place != axis]
    return of_objects([each for row in rows for each in row], [*others, shape[axis]])


def products(parameters: Any, operands: Sequence[Any], shape: Sequence[int]) -> Any:
    """Sums of products, each one node."""
    contracted, batched = parameters["dimension_numbers"]
    sides = []
    for operand, axes, rows in zip(map(as_objects, operands), contracted, batched, strict=True):
        free = [axis for axis in range(operand.ndim) if axis not in axes and axis not in rows]
        lengths = [prod(operand.shape[axis] for axis in group) for group in (rows, free, axes)]
        sides.append(operand.transpose([*rows, *free, *axes]).reshape(lengths))
    function = _tried(lambda *numbers: dot(list(numbers[: len(numbers) // 2]), list(numbers[len(numbers) // 2 :])))
    left, right = sides
    found = [function(*one, *other) for ours, theirs in zip(left, right, strict=True) for one in ours for other in theirs]
    return of_objects(found, shape)


def combined(rest: float, row: Any, numbers: Sequence[Any]) -> Any:
    """A number and the sum of others, each times a weight."""
    places = numpy.flatnonzero(row).tolist()
    taken, weights = [numbers[place] for place in places], row[places].tolist()
    if all(weight == 1.0 for weight in weights):
        terms = [*taken, *[rest] * (rest != 0.0 or not taken)]
        return terms[0] if len(terms) == 1 else _tried(lambda *each: total(list(each)))(*terms)
    return _tried(lambda *each: dot(weights, list(each), rest or None))(*taken)


def in_order(axis: int, operands: Sequence[Any]) -> list[Any]:
    """Arrays in the order of the first one along an axis."""
    order = numpy.argsort(numbers_in(operands[0]), axis=axis, kind="stable")
    return [numpy.take_along_axis(operand, order, axis) for operand in map(numpy.asarray, operands)]
