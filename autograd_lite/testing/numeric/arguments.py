"""A function at a point: its arguments as a flat row of named numbers, and its results as a flat row.

A point is written as the arguments of `calculus.grad` are: a tuple lists the arguments, each a number, an array or a (nested) list
of numbers; anything else is the one argument. A list is taken for the arguments, too, if the function cannot be called with one.
An array stays an array of its shape: of floats, or of an engine's numbers.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from typing import Any

from autograd_lite.engine.text import shorten
from autograd_lite.testing.numeric.engines import OURS, PLAIN, Engine
from autograd_lite.testing.numeric.opaque import Opaque

_SAME = 1e-12  # relative: what a function gives on floats and on an engine's numbers may differ by rounding


def arguments_of(function: Callable[..., Any], point: Any) -> tuple[Any, ...]:
    """The arguments that a point stands for.

    >>> arguments_of(lambda x, y: x * y, [1.0, 2.0]), arguments_of(lambda v: v[0] * v[1], [1.0, 2.0]), arguments_of(abs, 3.0)
    ((1.0, 2.0), ([1.0, 2.0],), (3.0,))
    """
    if isinstance(point, tuple):
        return point
    if isinstance(point, list):
        try:
            inspect.signature(function).bind(point)
        except TypeError:
            return tuple(point)
        except ValueError:  # a function written in C need not tell
            pass
    return (point,)


def flat(shape: Any) -> Iterator[Any]:
    """The numbers in nested lists, tuples or arrays, in order.

    >>> list(flat([1.0, (2.0, [3.0])]))
    [1.0, 2.0, 3.0]
    """
    if _is_array(shape):
        shape = shape.tolist()
    if isinstance(shape, list | tuple):
        for element in shape:
            yield from flat(element)
    else:
        yield shape


def _is_array(shape: Any) -> bool:
    return hasattr(shape, "tolist") and bool(getattr(shape, "shape", None))


class Target:
    """What is differentiated: a function of numbers, evaluated on an engine's own numbers or on any other kind.

    Attributes:
        arguments: the arguments at the point.
        numbers: all numbers among them, as floats.
        names: a name for each number, from the function's signature: `x`, `w[0]`.
        values: the results at the point, as floats.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], engine: Engine) -> None:
        self.function = function
        self.arguments = arguments
        self.engine = engine
        names = zip(_parameter_names(function, len(arguments)), arguments, strict=True)
        self.names = [each for name, argument in names for each in _element_names(name, argument)]
        self.numbers = [_as_number(number, name) for number, name in zip(flat(arguments), self.names, strict=True)]
        if not self.numbers:
            raise TypeError("a derivative needs at least one number to differentiate by; the point has none")
        self._known: dict[tuple[float, ...], list[float] | None] = {}
        self._known_opaque: dict[tuple[Any, ...], list[Any] | None] = {}
        self.values = self._first_values()
        self._engine_of_values = PLAIN if self._takes_floats() else self.engine

    def filled(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """These numbers in the shape of the arguments."""
        remaining = iter(numbers)
        return tuple(_fill(argument, remaining) for argument in self.arguments)

    def recorded(self, numbers: Sequence[float], engine: Engine | None = None) -> tuple[list[Any], list[Any]]:
        """The results as nodes of the engine, or of another, and its leaves."""
        leaves = [(engine or self.engine).leaf(number) for number in numbers]
        return list(flat(self.function(*self.filled(leaves)))), leaves

    def floats(self, output: int, *moves: tuple[int, float]) -> float | None:
        """One result as a float, with some of the point's numbers replaced; None where the function has no value."""
        numbers = list(self.numbers)
        for index, number in moves:
            numbers[index] = number
        key = tuple(numbers)
        if key not in self._known:
            try:
                self._known[key] = self._values(key, self._engine_of_values)
            except (ArithmeticError, ValueError, TypeError):  # TypeError: of a power that has become complex
                self._known[key] = None
        values = self._known[key]
        return values[output] if values is not None and len(values) == len(self.values) else None

    def opaque(self, output: int, *moves: tuple[int, Any]) -> Any:
        """One result, computed on Opaque numbers, with some of the point's numbers replaced by complex or mpmath numbers.

        Raises:
            TypeError: if the function does not take such numbers.
        """
        moved = [(index, number) for index, number in moves if number != self.numbers[index]]
        kind = type(moves[0][1])
        key = (kind, *moved, _precision(moves))
        if key not in self._known_opaque:
            numbers = [Opaque(kind(number)) for number in self.numbers]  # all, or parts of f would have a float's digits only
            for index, number in moved:
                numbers[index] = Opaque(number)
            try:
                with self._quietly():
                    self._known_opaque[key] = list(flat(self.function(*self.filled(numbers))))
            except Exception:  # whatever a stranger's function raises: it does not take this kind of number, and is asked once
                self._known_opaque[key] = None
        values = self._known_opaque[key]
        if values is None or len(values) != len(self.values):
            raise TypeError("the function does not take numbers of this kind")
        found = values[output].inside if isinstance(values[output], Opaque) else values[output]
        return kind(found)  # what does not depend on the number is a float: nothing can have been lost on the way

    def forget(self) -> None:
        """Drops the values on floats, which are many after one number has been moved to and fro."""
        self._known.clear()

    def _first_values(self) -> list[float]:
        numbers = tuple(self.numbers)
        if self.engine is PLAIN:
            try:
                return self._values(numbers, PLAIN)
            except (TypeError, AttributeError) as refusal:
                try:
                    found = self._values(numbers, OURS)  # a function of Values, which calls their methods
                except (TypeError, AttributeError):
                    with blamed(self.function, "the function", self.filled(numbers)):
                        raise refusal from None
            self.engine = OURS
            return found
        leaves = self.filled([self.engine.leaf(number) for number in numbers])
        with blamed(self.function, "the function", leaves):
            return self._values(numbers, self.engine)

    def _takes_floats(self) -> bool:
        """Whether plain floats give the same values, so that nothing need be recorded to have them."""
        if self.engine is PLAIN:
            return True
        try:
            plain = self._values(tuple(self.numbers), PLAIN)
        except Exception:  # a function of an engine's numbers need not take floats
            return False
        return len(plain) == len(self.values) and all(
            x == y or abs(x - y) <= _SAME * abs(y) for x, y in zip(plain, self.values, strict=True)
        )

    def _values(self, numbers: Sequence[float], engine: Engine) -> list[float]:
        with self._quietly():
            return [engine.number(output) for output in self.recorded(numbers, engine)[0]]

    def _quietly(self) -> AbstractContextManager[Any]:
        """A block in which NumPy says nan or inf without a warning: outside its domain a function has no value, that is all."""
        if not any(map(_is_array, self.arguments)):
            return nullcontext()
        import numpy

        return numpy.errstate(all="ignore")


@contextmanager
def blamed(function: Callable[..., Any], what: str, arguments: Sequence[Any]) -> Iterator[None]:
    """A block that runs a stranger's function: its errors say so, and what it was given.

    >>> with blamed(len, "the function", (1.0,)):
    ...     len(1.0)
    Traceback (most recent call last):
    ...
    TypeError: object of type 'float' has no len()
    the function len raised this when it was called with 1.0
    """
    try:
        yield
    except Exception as error:
        name = getattr(function, "__qualname__", repr(function))
        given = ", ".join(shorten(repr(argument), 100) for argument in arguments)
        error.add_note(f"{what} {name} raised this when it was called with {given}")
        raise


def _precision(moves: Sequence[tuple[int, Any]]) -> int:
    """The digits at work, for mpmath numbers: they decide about the result as much as the numbers do."""
    contexts = [getattr(number, "context", None) for _, number in moves]
    return max((context.prec for context in contexts if context is not None), default=53)


def _as_number(number: Any, name: str) -> float:
    found = float(getattr(number, "data", number) if not hasattr(number, "dtype") else number)
    if not math.isfinite(found):
        raise ValueError(f"a derivative is checked at finite numbers; `{name}` is {found!r}")
    return found


def _fill(shape: Any, numbers: Iterator[Any]) -> Any:
    if _is_array(shape):
        return _filled_array(shape, numbers)
    return [_fill(element, numbers) for element in shape] if isinstance(shape, list | tuple) else next(numbers)


def _filled_array(shape: Any, numbers: Iterator[Any]) -> Any:
    import numpy

    elements = list(islice(numbers, math.prod(shape.shape)))
    array = numpy.empty(len(elements), dtype=float if all(type(element) is float for element in elements) else object)
    array[:] = elements
    return array.reshape(shape.shape)


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    star = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), "x")
    return [*named, *(f"{star}[{index}]" for index in range(count - len(named)))][:count]


def _element_names(name: str, argument: Any) -> Iterator[str]:
    if _is_array(argument):
        argument = argument.tolist()
    if isinstance(argument, list | tuple):
        for index, element in enumerate(argument):
            yield from _element_names(f"{name}[{index}]", element)
    else:
        yield name
