"""The arrays that users hand to a program: checked, and brought into the shape that its module takes."""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy

from autograd_lite.engine.array_masks import check_unmasked
from autograd_lite.program.capture.requirements import Requirement
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.wholes import add_up


class Arguments(list[Any]):
    """One array with rows for each argument.

    Attributes:
        add_up: whether all that a loss takes as parts of a whole was seen to add up to it.
    """

    add_up = False


class _Asked(NamedTuple):
    """Requirements of which `refused` does the same, with as many operands each.

    Attributes:
        operands: for each place among the operands, what reads those of all requirements from the arguments: (rows, requirements).
        whole: reads the operands of the first one, where it is of a whole; else None.
    """

    alike: Sequence[Requirement]
    operands: Sequence[Callable[[Sequence[Any]], Any]]
    whole: Callable[[Sequence[Any]], Any] | None


class Samples:
    """What the arguments of a program must look like.

    Args:
        run: the trace. lowered: its statements. dtype: what the program computes in.
    """

    def __init__(self, run: Traced, lowered: Lowered, dtype: Any) -> None:
        self._name = run.name
        self._shapes = [argument.shape for argument in run.arguments]
        self._arrays = lowered.arguments
        self._dtype = dtype
        self._inputs = sum(array.size for array in self._arrays)
        self._by_column = all(not array.shape for array in self._arrays)  # each is written by itself: contiguous
        places = {id(value): (k, j) for k, argument in enumerate(run.arguments) for j, value in enumerate(argument.values)}
        placed = [each._replace(operands=[places[id(operand)] for operand in each.operands]) for each in run.requirements]
        self._requirements = [
            _Asked(
                alike,
                [self._reader(operands) for operands in zip(*(each.operands for each in alike), strict=True)],
                self._reader(alike[0].operands) if alike[0].is_of_whole else None,
            )
            for alike in _together(placed)  # the operands are places now
        ]

    def arguments(self, given: Sequence[Any]) -> tuple[Arguments, bool]:
        """One array with rows for each argument; and whether a single point was given, without rows.

        Raises:
            TypeError, ValueError: if they are not what the program takes; the message says what it takes.
        """
        fitting, single = self._fitting(given), False
        if not fitting:
            fitting, single = self._fitted(given)
        arguments = Arguments(fitting)
        arguments.add_up = all([_is_clear(asked, arguments) for asked in self._requirements])  # noqa: C419 - each is asked
        return arguments, single

    def new_gradient(self, rows: int) -> Any:
        """An array for the derivatives of each row by the arguments."""
        shape = self._inputs, rows
        return numpy.empty(shape, self._dtype).T if self._by_column else numpy.empty(shape[::-1], self._dtype)

    def takes(self, given: Sequence[Any]) -> bool:
        """Whether arrays are taken as they are, whatever their numbers."""
        return not self._requirements and bool(self._fitting(given))

    def _fitted(self, given: Sequence[Any]) -> tuple[list[Any], bool]:
        if len(given) == 1 and len(self._arrays) > 1:
            given = self._columns(given[0])
        if len(given) != len(self._arrays):
            names = ", ".join(array.name for array in self._arrays)
            raise TypeError(f"program `{self._name}` takes {len(self._arrays)} arrays ({names}), got {len(given)}")
        checked = [self._with_rows(place, each) for place, each in enumerate(given)]
        arguments = [numbers for numbers, _ in checked]
        self._check_rows(arguments)
        return arguments, bool(checked) and all(single for _, single in checked)

    def _fitting(self, given: Sequence[Any]) -> list[Any]:
        """The arrays themselves where all are just as the module takes them; else none."""
        if len(given) != len(self._arrays) or not given or (len(given) == 1 and self._arrays[0].size == 1):
            return []
        first = given[0]
        rows = len(first) if isinstance(first, numpy.ndarray) and first.ndim else 0
        for array, shape, each in zip(self._arrays, self._shapes, given, strict=True):
            if type(each) is not numpy.ndarray or each.dtype != self._dtype or each.shape != (rows, *array.shape):
                return []
            if each.shape == shape:  # a single list of lists
                return []
        return list(given) if rows else []

    def _with_rows(self, place: int, given: Any) -> tuple[Any, bool]:
        array, shape = self._arrays[place], self._shapes[place]
        numbers = self._numbers(given, array.name)
        single = numbers.shape == shape
        if single:
            numbers = numbers[None]
        if numbers.shape[1:] not in (shape, array.shape) and (array.shape or numbers.shape[1:] != (1,)):
            raise ValueError(
                f"program `{self._name}` takes `{array.name}` as an array of shape (rows{''.join(f', {n}' for n in shape)}), "
                f"one row per sample, got {numpy.shape(given)}"
            )
        return numbers.reshape(len(numbers), *array.shape), single

    def _columns(self, matrix: Any) -> list[Any]:
        """The columns of one matrix as the arguments, for functions of several numbers."""
        numbers = self._numbers(matrix, "X")
        width = sum(array.size for array in self._arrays)
        if numbers.ndim == 0 or numbers.shape[-1] != width:
            names = ", ".join(array.name for array in self._arrays)
            raise ValueError(
                f"program `{self._name}` takes {width} numbers per row ({names}), got an array of shape {numbers.shape}"
            )
        return [array.part_of(numbers).copy() for array in self._arrays]  # what is computed with often should lie in one piece

    def _numbers(self, given: Any, name: str) -> Any:
        return real_numbers(given, f"program `{self._name}` takes `{name}` as").astype(self._dtype, copy=False)

    def _reader(self, places: Sequence[tuple[int, int]]) -> Callable[[Sequence[Any]], Any]:
        """What gives the numbers at some places of the arguments, side by side: (rows, places)."""
        [first, *others] = dict.fromkeys(k for k, _ in places)
        if not others and [j for _, j in places] == list(range(self._arrays[first].size)):
            return lambda arguments: arguments[first].reshape(len(arguments[first]), -1)
        return lambda arguments: numpy.stack([arguments[k].reshape(len(arguments[k]), -1)[:, j] for k, j in places], axis=1)

    def _check_rows(self, arguments: Sequence[Any]) -> None:
        lengths = {len(numbers) for numbers in arguments}
        if len(lengths) > 1:
            listed = ", ".join(f"{array.name} has {len(n)}" for array, n in zip(self._arrays, arguments, strict=True))
            raise ValueError(f"all arrays of program `{self._name}` need the same number of rows: {listed}")
        if lengths == {0}:
            raise ValueError(f"program `{self._name}` got no rows: give at least one sample")


def checked_out(out: Any, parameters: Any) -> Any:
    """An array that the gradient by the parameters goes to.

    Raises:
        TypeError: if it is no array of such numbers. ValueError: if it has another shape, or is not to be written to.
    """
    dtype = parameters.dtype
    if not isinstance(out, numpy.ndarray) or out.dtype.kind != "f" or out.dtype.itemsize < dtype.itemsize:
        found = f"one of {out.dtype}" if isinstance(out, numpy.ndarray) else type(out).__name__
        raise TypeError(f"`out` is an array of {dtype}, for the gradient, got {found}")
    if out.shape != parameters.shape or not out.flags.writeable:
        state = "" if out.flags.writeable else " that cannot be written to"
        raise ValueError(
            f"`out` has a place for each of the {len(parameters):,} parameters, got an array of shape {out.shape}{state}"
        )
    return out


def _is_clear(asked: _Asked, arguments: Sequence[Any]) -> bool:
    """Whether nothing is refused; for parts of a whole, whether they add up, of which the loss allows a little more.

    Raises:
        ValueError: if something is.
    """
    if asked.whole and add_up(asked.whole(arguments)):
        return True
    alike, columns = asked.alike, [read(arguments) for read in asked.operands]
    if asked.whole is None and getattr(alike[0].refused, "spares", _never)(*columns):
        return True
    refused = alike[0].refused(*columns)
    if refused.any():
        row, which = (int(place[0]) for place in refused.nonzero())
        raise ValueError(f"{alike[which].told(*(float(column[row, which]) for column in columns))} [row {row}]")
    return asked.whole is None


def _never(*columns: Any) -> bool:
    return False


def _together(requirements: Sequence[Requirement]) -> list[list[Requirement]]:
    """Those that refuse by the same function of as many operands, which can be asked at once."""
    found: dict[Any, list[Requirement]] = {}
    for each in requirements:
        key = each.refused if getattr(each.refused, "__closure__", True) else getattr(each.refused, "__code__", each.refused)
        found.setdefault((key, len(each.operands)), []).append(each)
    return list(found.values())


def real_numbers(given: Any, what: str) -> Any:
    """What was given as an array of real numbers.

    Args:
        given: from the user. what: the beginning of a message: who takes it, as what.
    Raises:
        TypeError: if it is something else, such as objects. ValueError: if some of the numbers are masked.
    """
    check_unmasked(given, what)
    numbers = numpy.asarray(given)
    if numbers.dtype.kind == "O":
        numbers = _from_objects(numbers, what)
    if numbers.dtype.kind not in "fiub":
        raise TypeError(f"{what} an array of real numbers, got {numbers.dtype} of {given!r:.60}")
    return numbers


def _from_objects(numbers: Any, what: str) -> Any:
    """The array as floats, where it holds real numbers: whole ones beyond 64 bits, or fractions."""
    if not all(isinstance(number, Real) and not hasattr(number, "primitive") for number in numbers.flat):
        return numbers
    try:
        return numbers.astype(float)
    except OverflowError:
        raise ValueError(f"{what} an array of floats, and one number is beyond the largest, 1.8e308") from None
