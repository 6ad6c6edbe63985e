"""A function at a point: its arguments as a flat row of named numbers, and its results as a flat row.

A point is written as the arguments of `calculus.grad` are: a tuple lists the arguments, each a number or a (nested) list of
numbers; anything else is the one argument. A list is taken for the arguments, too, if the function cannot be called with one.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd_lite.testing.engines import OURS, PLAIN, Engine

_REFUSED = object()
_NEARBY = 0.01


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
        sizes: how large each result is around the point, where it might happen to be zero.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], engine: Engine) -> None:
        self.function = function
        self.arguments = arguments
        self.engine = engine
        self.names = list(_names(function, arguments))
        self.numbers = [_as_number(number, name) for number, name in zip(flat(arguments), self.names, strict=True)]
        if not self.numbers:
            raise TypeError("a derivative needs at least one number to differentiate by; the point has none")
        self._known: dict[tuple[Any, ...], Any] = {}
        self.values = self._first_values()
        self.sizes = self._sizes()

    def filled(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """These numbers in the shape of the arguments."""
        remaining = iter(numbers)
        return tuple(_fill(argument, remaining) for argument in self.arguments)

    def recorded(self, numbers: Sequence[float]) -> tuple[list[Any], list[Any]]:
        """The results as the engine's nodes, and its leaves."""
        leaves = [self.engine.leaf(number) for number in numbers]
        return list(flat(self.function(*self.filled(leaves)))), leaves

    def floats(self, output: int, *moves: tuple[int, float]) -> float | None:
        """One result as a float, with some of the point's numbers replaced; None where the function has no value."""
        numbers = list(self.numbers)
        for index, number in moves:
            numbers[index] = number
        key = tuple(numbers)
        if key not in self._known:
            try:
                self._known[key] = self._on_engine(key)
            except (ArithmeticError, ValueError):
                self._known[key] = None
        values = self._known[key]
        return values[output] if values is not None and len(values) == len(self.values) else None

    def in_kind(self, output: int, *moves: tuple[int, Any]) -> Any:
        """One result, computed without the engine, with some of the point's numbers replaced by numbers of any kind."""
        numbers: list[Any] = list(self.numbers)
        for index, number in moves:
            numbers[index] = number
        key = (*((type(number), number) for _, number in moves), *numbers, _precision(moves))
        if key not in self._known:
            try:
                self._known[key] = list(flat(self.function(*self.filled(numbers))))
            except Exception:  # a function need not take this kind of number; it is asked once
                self._known[key] = _REFUSED
        values = self._known[key]
        if values is _REFUSED:
            raise TypeError("the function does not take numbers of this kind")
        return values[output]

    def _first_values(self) -> list[float]:
        try:
            return self._on_engine(tuple(self.numbers))
        except (TypeError, AttributeError):
            if self.engine is not PLAIN:
                raise
        self.engine = OURS  # a function of Values, which calls their methods
        return self._on_engine(tuple(self.numbers))

    def _sizes(self) -> list[float]:
        moves = [[(i, x + side * _NEARBY * max(1.0, abs(x))) for i, x in enumerate(self.numbers)] for side in (1.0, -1.0)]
        around = [[self.floats(output, *move) or 0.0 for move in moves] for output in range(len(self.values))]
        return [max(map(abs, (value, *near))) for value, near in zip(self.values, around, strict=True)]

    def forget(self) -> None:
        """Drops the values kept, which are many after one number has been moved to and fro."""
        self._known.clear()

    def _on_engine(self, numbers: tuple[float, ...]) -> list[float]:
        outputs, _ = self.recorded(numbers)
        return [self.engine.number(output) for output in outputs]


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
        shape = shape.tolist()
    return [_fill(element, numbers) for element in shape] if isinstance(shape, list | tuple) else next(numbers)


def _names(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Iterator[str]:
    for name, argument in zip(_parameter_names(function, len(arguments)), arguments, strict=True):
        yield from _element_names(name, argument)


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
