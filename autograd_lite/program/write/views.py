"""How a view of an array is written: the shortest NumPy expression that takes exactly these elements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, is_whole

__all__ = ["Box", "box_of", "flat_text", "slices_of", "steps_of", "turned_text", "view_text"]

NewIndex = Callable[[Ids], str]
Shape = tuple[int, ...]


@dataclass
class Box:
    """Places that lie in a box of an array, whose axes are split and turned.

    Attributes:
        places: of the box, in as few axes as they take. split: its shape with all axes. order: which axis of the view each is.
    """

    places: Ids
    split: Shape
    order: list[int]


def view_text(array: Array, index: Ids, name: str, new_index: NewIndex, turned: str = ".transpose({axes})") -> str:
    """The text of a view.

    Args:
        array: what is viewed, under `name`.
        index: the elements' places, in the array's flat order, in the shape of the view.
        new_index: gives the name of an array of places, for views that no slices can express.
        turned: how axes are put in another order.
    """
    if is_whole(index, array):
        return name
    if not (array.shape or array.batched):  # one number, which arithmetic repeats by itself
        return name if index.size == 1 else f"np.full({index.shape}, {name})"
    slices = slices_of(array, index)
    if slices is not None:
        return f"{name}[{slices}]"
    rows = "-1, " if array.batched else ""
    start, size = int(index.flat[0]), index.size
    if (index.ravel() == numpy.arange(start, start + size)).all():
        part = name
        if size != array.size:
            part = flat_text(array, name) + f"[{_with_rows(array, f'{start}:{start + size}')}]"
        shape = f"{rows}{', '.join(map(str, index.shape))}"
        return f"{part}.reshape({shape})" if index.shape or array.batched else f"{part}[0]"
    return _box_text(array, index, name, turned) or f"{flat_text(array, name)}[{_with_rows(array, new_index(index))}]"


def _box_text(array: Array, index: Ids, name: str, turned: str) -> str:
    box = box_of(index)
    slices = None if box is None else slices_of(array, box.places)
    if box is None or slices is None:
        return ""
    split = f".reshape({'-1, ' * array.batched}{', '.join(map(str, box.split))})" if box.split != box.places.shape else ""
    return f"{name}[{slices}]{split}{turned_text(numpy.argsort(box.order).tolist(), array.batched, turned)}"


def turned_text(order: Sequence[int], batched: bool, turned: str) -> str:
    """What puts the axes of a sample in another order."""
    if list(order) == sorted(order):
        return ""
    axes = [0] * batched + [axis + batched for axis in order]
    return turned.format(axes=", ".join(map(str, axes)))


def box_of(index: Ids) -> Box | None:
    """The box that places lie in; None where they do not step evenly, or take the same place twice."""
    steps = steps_of(index)
    if steps is None or any(step <= 0 < length - 1 for step, length in zip(steps, index.shape, strict=True)):
        return None
    order = sorted(range(index.ndim), key=lambda axis: (index.shape[axis] > 1, -steps[axis]))
    shape: list[int] = []
    step = 0
    for axis in order:
        length = index.shape[axis]
        if shape and step == steps[axis] * length:
            shape[-1] *= length
        elif length > 1:
            shape.append(length)
        step = steps[axis]
    turned = index.transpose(order)
    return Box(turned.reshape(shape), turned.shape, order)


def flat_text(array: Array, name: str) -> str:
    """An array with one axis for all elements of a sample."""
    if len(array.shape) == 1:
        return name
    return f"{name}.reshape({'-1, ' if array.batched else ''}{array.size})"


def _with_rows(array: Array, inside: str) -> str:
    return f":, {inside}" if array.batched else inside


def slices_of(array: Array, index: Ids) -> str | None:
    """What stands between the brackets, where slices, single places and new axes are enough."""
    shape = array.shape
    steps = steps_of(index)
    if steps is None or any(step <= 0 < length - 1 for step, length in zip(steps, index.shape, strict=True)):
        return None
    start = int(index.flat[0])
    places = [int(place) for place in numpy.unravel_index(start, shape)] if shape else []
    strides = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    texts: list[str] = []
    axis = 0
    for place, (length, step) in enumerate(zip(index.shape, steps, strict=True)):
        if length == 1:
            own = len(shape) - axis == index.ndim - place  # as many axes left here as there
            texts.append(f"{places[axis]}:{places[axis] + 1}" if own else "None")
            axis += own
            continue
        while axis < len(shape) and (strides[axis] > step or step % strides[axis]):
            texts.append(str(places[axis]))
            axis += 1
        if axis == len(shape):
            return None
        stride = step // strides[axis]
        stop = places[axis] + (length - 1) * stride + 1
        if stop > shape[axis]:
            return None
        texts.append(_slice(places[axis], stop, stride, shape[axis]))
        axis += 1
    texts += [str(place) for place in places[axis:]]
    texts = [":"] * array.batched + texts
    while len(texts) > 1 and texts[-1] == ":":
        texts.pop()
    return ", ".join(texts) if texts else None


def steps_of(places: Ids) -> list[int] | None:
    """The step along each axis where they are the same everywhere; None for places that follow no rule."""
    rest, steps = places - places.flat[0], []
    for axis, length in enumerate(places.shape):
        steps.append(int(rest.take(1, axis).flat[0]) if length > 1 else 0)
        along = [1] * places.ndim
        along[axis] = length
        rest = rest - steps[-1] * numpy.arange(length).reshape(along)
    return None if rest.any() else steps


def _slice(start: int, stop: int, step: int, length: int) -> str:
    first = "" if start == 0 else str(start)
    last = "" if stop >= length - step + 1 else str(stop)
    return f"{first}:{last}" + (f":{step}" if step != 1 else "")
