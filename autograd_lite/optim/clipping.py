"""Gradient clipping: keeps one bad sample from throwing the parameters far away; call it between `backward` and `step`."""

import math
from collections.abc import Iterable

from autograd_lite.engine.many import set_slopes, slopes_of
from autograd_lite.engine.value import Value
from autograd_lite.optim.update_rules import check_constant


def clip_gradient_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """The Euclidean length of all gradients together; where it exceeds `max_norm`, they are shrunk to that length first.

    A `max_norm` of inf only measures.

    g / length * max_norm, computed so that nothing overflows or underflows, even where the length itself is beyond all floats.

    Args:
        parameters: Values, as `model.parameters()` gives.
        max_norm: the length that is left, at least 0.
    Returns:
        The length before shrinking (inf if it is larger than the largest float).
    Raises:
        ValueError: if a gradient is nan or infinite, which no factor mends, and `max_norm` is not inf; or if `max_norm` is negative
            or nan. Nothing is changed then.
    Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.
    Example:
        >>> from autograd_lite import Value
        >>> x, y = Value(0.0), Value(0.0)
        >>> (3.0 * x + 4.0 * y).backward()
        >>> clip_gradient_norm([x, y], max_norm=1.0), x.grad, y.grad
        (5.0, 0.6, 0.8)
    """
    clipped = list(parameters)
    check_limit("max_norm", max_norm)
    slopes = slopes_of(clipped)
    length = math.hypot(*slopes)
    if max_norm < math.inf and not math.isfinite(length):
        for parameter, slope in zip(clipped, slopes, strict=True):
            if not math.isfinite(slope):
                raise unbounded(parameter, slope)
    if length > max_norm:
        shrunk, scaled = slopes, length
        if length == math.inf:
            shrunk = [slope * 2.0**-64 for slope in slopes]
            scaled = math.hypot(*shrunk)
        set_slopes(clipped, [slope / scaled * max_norm for slope in shrunk])
    return length


def clip_gradient_value(parameters: Iterable[Value], limit: float) -> None:
    """Brings every gradient above `limit` down to it, and every one below -limit up to that; nan stays.

    Args:
        parameters: Values, as `model.parameters()` gives.
        limit: the largest size that is left, at least 0.
    Raises:
        ValueError: if `limit` is negative or nan.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(0.0)
        >>> (-3.0 * x).backward()
        >>> clip_gradient_value([x], limit=1.0)
        >>> x.grad
        -1.0
    """
    check_limit("limit", limit)
    clipped = list(parameters)
    slopes = [math.copysign(limit, slope) if abs(slope) > limit else slope for slope in slopes_of(clipped)]
    set_slopes(clipped, slopes)


def check_limit(name: str, limit: float) -> None:
    """Raises a ValueError unless the limit is at least 0; inf limits nothing."""
    if limit != math.inf:
        check_constant(name, limit)


def unbounded(parameter: Value, gradient: float) -> ValueError:
    """What to raise for a gradient that cannot be shrunk."""
    return ValueError(f"the gradient of {described(parameter)} is {gradient!r}: no factor brings it to a finite norm")


def described(parameter: Value) -> str:
    """A parameter as messages name it: by its label, if it has one."""
    return f"`{parameter.label}`" if parameter.label else repr(parameter)
