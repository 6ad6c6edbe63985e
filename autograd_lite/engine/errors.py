"""What goes wrong, said so that the reader knows what to do: the exception classes, and how their messages are built.

Every class is also a builtin exception, so `except ValueError` goes on working. A message says what is wrong with the value,
why if that is not obvious, and what to write instead; it is built from the failing objects and never names a line inside the
package.
"""

import math
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from types import FrameType
from typing import Any

from autograd_lite.engine.text import ATOM, SIGN, Text, number_text, shorten

__all__ = ["DomainError", "GraphError", "NanGradientWarning", "OperationError", "PoleError", "RangeError"]

_ADVICE = "Write it so that the two do not meet, or keep away from the point"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class GraphError(ValueError):
    """A graph was asked for something it cannot give.

    >>> from autograd_lite import constant
    >>> constant(3.0).backward()
    Traceback (most recent call last):
    ...
    autograd_lite.engine.errors.GraphError: `constant(3.0)` needs no gradient: ... Start from a Value that requires one.
    """


class NanGradientWarning(RuntimeWarning):
    """A gradient is nan because an infinite slope met a slope of 0 on the way, as in sqrt(x * x) at 0.

    Shown once for each line of yours. `warnings.simplefilter("error", NanGradientWarning)` makes it an error.

    >>> import warnings
    >>> from autograd_lite import Value, sqrt
    >>> x = Value(0.0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     sqrt(x * x).backward()
    >>> caught[0].category.__name__, x.grad
    ('NanGradientWarning', nan)
    """


class OperationError(ArithmeticError):
    """An operation has no real result at its operands; the common base of the three kinds below.

    Attributes:
        reason: the message without the place in the user's code.
        primitive: the Primitive that failed.
        operands: the operands as they were given (floats or Values).
    Example:
        >>> from autograd_lite import exp, log
        >>> try:
        ...     log(1.0 - exp(0.0))
        ... except OperationError as error:
        ...     error.primitive, error.operands, isinstance(error, ValueError)
        (<primitive log>, (0.0,), True)
    """

    reason: str = ""
    primitive: Any = None
    operands: tuple[Any, ...] = ()


class DomainError(OperationError, ValueError):
    """An operand lies outside the domain, as in log(-1).

    >>> from autograd_lite import Value
    >>> Value(-1.0, label="x").log()
    Traceback (most recent call last):
    ...
    autograd_lite.engine.errors.DomainError: `log(x)` is not defined at x = -1.0: the operand must lie in (0, inf)...
    """


class PoleError(OperationError, ZeroDivisionError):
    """A division by zero, as in 1 / 0.

    >>> from autograd_lite import Value
    >>> 1.0 / Value(0.0, label="x")
    Traceback (most recent call last):
    ...
    autograd_lite.engine.errors.PoleError: ...
    """


class RangeError(OperationError, OverflowError):
    """A result larger than the largest float, as in exp(1000).

    >>> from autograd_lite import exp
    >>> exp(1000.0)
    Traceback (most recent call last):
    ...
    autograd_lite.engine.errors.RangeError: ...
    """


def operation_error(error: Exception, primitive: Any, operands: Sequence[Any]) -> OperationError:
    """The exception to raise when a primitive fails: of the same builtin kind as `error`, saying where and why.

    Args:
        error: what the arithmetic raised: ValueError, ZeroDivisionError or OverflowError.
        primitive: the Primitive at work.
        operands: its operands, floats or Values.
    """
    where = _values_of(operands)
    text = shorten(primitive.write([expression(operand) for operand in operands]).text)
    kind: type[OperationError]
    if isinstance(error, OverflowError):
        kind, reason = RangeError, f"`{text}` overflows{where}: the result is beyond the largest float, 1.8e308"
    elif isinstance(error, ZeroDivisionError):
        kind, reason = PoleError, f"`{text}` divides by zero{where}"
    else:
        kind, reason = DomainError, f"`{text}` is not defined{where}: {primitive.requirement}"
    explained = kind(reason + _at_user_line())
    explained.reason = reason
    explained.primitive = primitive
    explained.operands = tuple(operands)
    explained.__suppress_context__ = True  # as `raise ... from None` does, which mypyc leaves out
    return explained


def expression(value: Any, depth: int = 4) -> Text:
    """The expression that made a value, in the user's labels: labelled values and leaves are names, the rest is written out.

    Args:
        value: a float or a Value.
        depth: how many operations to write out below this one; deeper ones are shown as their number.
    """
    label = getattr(value, "label", None)
    if label:
        return Text(str(label), ATOM)
    primitive = getattr(value, "primitive", None)
    if primitive is None or depth == 0:
        number = value.data if hasattr(value, "data") else value
        text = number_text(number) if isinstance(number, float | int) else repr(number)
        return Text(text, SIGN if text.startswith("-") else ATOM)
    written: Text = primitive.write([expression(operand, depth - 1) for operand in value.operands])
    return written


def _values_of(operands: Sequence[Any]) -> str:
    """ " at x = -2.0, where a = -1.0, b = 2.0": the operands with their numbers, then the labelled values they came from."""
    if not operands:
        return " of no operands"
    shown: dict[str, float] = {}
    sources: dict[str, float] = {}
    for operand in operands[:4]:
        if hasattr(operand, "data"):
            shown[shorten(expression(operand).text, 40)] = operand.data
            for source in operand.operands[:4]:
                if source.label:
                    sources[source.label] = source.data
    if not shown:
        shown = {number_text(operand): operand for operand in operands[:4]}
    at = ", ".join(repr(number) if name == number_text(number) else f"{name} = {number!r}" for name, number in shown.items())
    listed = ", ".join(f"{name} = {number!r}" for name, number in sources.items() if name not in shown)
    return f" at {at}" + (f" (where {listed})" if listed else "")


def warn_of_nan(edges: Iterable[tuple[Any, Any, float, float]]) -> None:
    """Says which edge made a gradient nan, if it was one where inf met 0; nan that came in through data is left alone.

    Args:
        edges: of a reverse sweep, in its order: node, operand, local derivative, gradient of the node.
    """
    steep: Any = None  # the first node with an infinite slope: where an infinite gradient comes from
    infinite: dict[int, float] = {}  # by operand, the infinite part that it has received
    for node, operand, local, gradient in edges:
        if math.isnan(local) or math.isnan(gradient) or (math.isinf(gradient) and steep is None):
            return
        if math.isinf(local) and steep is None:
            if any(math.isinf(each._data) for each in node.operands):
                return  # as of x * inf: it came in through data
            steep = node
        part = local * gradient
        if math.isinf(part) and math.isfinite(operand._data) and infinite.setdefault(id(operand), part) != part:
            label = f" from `{operand.label}` on" if operand.label else ""
            _warn_at_user_line(
                f"the gradient is nan{label}: `{_in_general(steep or node)}` has an infinite slope, which is added to another one "
                f"of the opposite sign, and inf - inf is nan. {_ADVICE}."
            )
            return
        if not math.isnan(part):
            continue
        source = node if math.isinf(local) else steep
        beside = "what it is used for" if source is node else f"`{_in_general(node)}` below it"
        label = f" from `{operand.label}` on" if operand.label else ""
        message = (
            f"the gradient is nan{label}: `{_in_general(source)}` has an infinite slope, "
            f"{beside} has the slope 0, and inf * 0 is nan. {source.primitive.advice or _ADVICE}."
        )
        _warn_at_user_line(message)
        return


def warn_of_nan_slope(primitive: Any, count: int) -> None:
    """Says which operation on `count` operands made a slope nan in forward mode."""
    names = ["x", "y"] if count <= 2 else [f"x{i}" for i in range(count)]
    text = shorten(primitive.write([Text(name, ATOM) for name in names[:count]]).text)
    _warn_at_user_line(
        f"the slope is nan: an infinite slope meets a slope of 0, or another one of the opposite sign, at `{text}`. "
        f"{primitive.advice or _ADVICE}."
    )


def _in_general(node: Any) -> str:
    """How a node's primitive is written, of operands x, y, ...: the same text at every step of a training."""
    primitive, count = node.primitive, len(node.operands)
    names = ["x", "y"][:count] if count <= 2 else [f"x{i}" for i in range(count)]
    if not primitive.public and hasattr(primitive, "parameters"):  # a derivative, whose orders are numbers
        called = primitive.parameters.split(", ")
        names = [name if name in "xy" else number_text(operand._data) for name, operand in zip(called, node.operands, strict=True)]
    return shorten(primitive.write([Text(name, ATOM) for name in names]).text)


def _warn_at_user_line(message: str) -> None:
    frame = user_frame()
    if frame is None:
        warnings.warn(message, NanGradientWarning, stacklevel=2)
        return
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    module = frame.f_globals.get("__name__", "<unknown>")
    warnings.warn_explicit(message, NanGradientWarning, frame.f_code.co_filename, frame.f_lineno, module, registry)


def user_frame() -> FrameType | None:
    """The innermost frame of the caller's own code: the first one whose file is not inside this package."""
    return user_frame_of(sys._getframe(1))


def user_frame_of(frame: FrameType | None) -> FrameType | None:
    """The frame itself if it is not inside this package, else the innermost of its callers that is not."""
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def place_in_user_code() -> str:
    """The line of the caller's own code that is being executed, as "line 3 of model.py: if x > 0"; empty where there is none."""
    frame = user_frame()
    return "" if frame is None else place_of(frame, frame.f_lineno)


def place_of(frame: FrameType, number: int) -> str:
    """A line of a frame's code in the same words."""
    return place_in_file(frame.f_code.co_filename, number, frame.f_globals)


def place_in_file(name: str, number: int, names: dict[str, Any] | None = None) -> str:
    """A line of a file in the same words; `names` are the globals of its module, by which one in an archive is found."""
    import linecache  # loads a tokenizer, for errors alone

    line = linecache.getline(name, number, names).strip()
    return f"line {number} of {os.path.basename(name)}{': ' if line else ''}{line}"


def _at_user_line() -> str:
    place = place_in_user_code()
    return f" [{place}]" if place else ""


def call_text(fallback: str) -> str:
    """The source text of the call that the user's code is executing right now, such as `math.sin(v)`; else the fallback.

    Python 3.11 records the columns of every instruction (PEP 657).
    """
    frame = user_frame()
    if frame is None:
        return fallback
    positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    start_line, end_line, start, end = positions
    if start_line is None or start_line != end_line or start is None or end is None:
        return fallback
    import linecache

    line = linecache.getline(frame.f_code.co_filename, start_line, frame.f_globals)
    return line.encode()[start:end].decode(errors="replace") or fallback
