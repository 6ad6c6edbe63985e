"""Targets of a loss: class numbers and probabilities, checked; and which of their terms are there."""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from numbers import Real
from typing import Any, Final

from autograd_lite.engine import recording
from autograd_lite.engine.primitive import Interval
from autograd_lite.engine.reals import plain
from autograd_lite.engine.value import Value
from autograd_lite.functions import where

_SUM_TOLERANCE: Final = 1e-6  # float32 targets add up to 1 only so closely


def class_of(name: str, target: Any, classes: int) -> int | None:
    """The index of the right class; None for a list that spreads its probability over several classes."""
    if _is_list(target):
        return _hot_class(name, target, classes)
    try:
        index = operator.index(target)
    except TypeError:
        raise TypeError(
            f"{name} takes a class index (int) or a list of one probability per class as target, got {target!r}. "
            "A label read as a number is an index after int(); targets of a Dataset are after targets.astype(int)."
        ) from None
    if not 0 <= index < classes:
        raise ValueError(f"{name} got target {index} for {classes} classes: an index is one of 0 ... {classes - 1}")
    return index


def checked(name: str, target: Any, classes: int) -> tuple[Any, int | None]:
    """A target, and the index of its right class; None for a list that spreads its probability over several classes.

    A Value that is the index becomes one share per class: in a program it is another class in other samples.
    """
    target = in_floats(target)
    if not isinstance(target, Value):
        return target, class_of(name, target, classes)
    require(
        [target],
        _NoIndex(classes),
        lambda index: f"{name} got target {index:g} for {classes} classes: an index is one of 0 ... {classes - 1}",
    )
    shares = [where(target == index, 1.0, 0.0) for index in range(classes)]
    return shares, _whole_of(shares)


class _NoIndex:
    """Whether a number, or numbers of an array, are the index of no class; `classes` tells whoever records what is required.

    Of a Value it is one question, not one for each class, whose answers would be others in the next sample.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def __call__(self, number: Any) -> Any:
        if isinstance(number, Value):
            return sum(where(number == index, 1.0, 0.0) for index in range(self.classes)) != 1.0
        return reduce(operator.and_, [number != index for index in range(self.classes)])


def _is_list(target: Any) -> bool:
    """Whether a target is a list of probabilities, and neither a number nor the text of one."""
    return hasattr(target, "__len__") and getattr(target, "shape", None) != () and not isinstance(target, str)


def in_floats(target: Any) -> Any:
    """A target whose probabilities are floats where they are NumPy's numbers; a NumPy truth is class 0 or 1."""
    if _is_list(target):
        return [plain(share) for share in target]
    return int(target) if getattr(getattr(target, "dtype", None), "kind", "") == "b" else target


def _hot_class(name: str, target: Sequence[Any], classes: int) -> int | None:
    """Checks a list of probabilities; the index of its 1 where it is one-hot, in plain numbers, else None."""
    if len(target) != classes:
        raise ValueError(f"{name} got {len(target)} target probabilities for {classes} classes: give one for each")
    for share in target:
        check_share("target", share)
    require(
        target,
        _NoWhole(),
        lambda *shares: f"{name} got target probabilities that add up to {sum(shares):.10g}: they must add up to 1",
    )
    return _whole_of(target)


def _whole_of(target: Sequence[Any]) -> int | None:
    """The index of the class that has the whole probability, in plain numbers."""
    spread = [i for i, share in enumerate(target) if present(share)]
    return spread[0] if len(spread) == 1 and is_one(target[spread[0]]) else None


class _NoWhole:
    """Whether numbers, or arrays of them, do not add up to 1; `is_of_whole` tells whoever records what is required."""

    is_of_whole = True

    def __call__(self, *shares: Any) -> Any:
        return abs(sum(shares) - 1.0) > _SUM_TOLERANCE


class _Outside:
    """Whether a number, or numbers of an array, lie outside `allowed`; `spares` tells at once that none of an array does."""

    allowed = Interval(0.0, 1.0, closed_low=True, closed_high=True)

    def __call__(self, number: Any) -> Any:
        return (number < 0.0) | (number > 1.0)

    def spares(self, numbers: Any) -> bool:
        """Whether it is none of them; not if one is nan, of which the other way decides."""
        return bool(numbers.min() >= 0.0 and numbers.max() <= 1.0)


_OUTSIDE: Final = _Outside()


def check_share(what: str, share: Any, hint: str = "") -> None:
    """Refuses a number outside [0, 1]; what is no single number is not looked at."""
    require(
        [share],
        _OUTSIDE,
        lambda number: f"a {what} must lie in [0, 1], got {number!r}. {hint}".rstrip(),
    )


def require(operands: Sequence[Any], refused: Callable[..., Any], told: Callable[..., str]) -> None:
    """Refuses numbers; whoever records what is done with them is told, as other numbers may follow.

    Args:
        operands: the numbers or Values; what is no single number is not looked at.
        refused: of the numbers, or of arrays of them, whether they are refused.
        told: of the numbers, what is said then.
    Raises:
        ValueError: if they are refused.
    """
    numbers = [number_in(operand) for operand in operands]
    if None in numbers:
        return
    if refused(*numbers):
        raise ValueError(told(*numbers))
    observer = recording.observer()
    if observer is not None:
        observer.required(operands, refused, told)


def number_in(operand: Any) -> float | None:
    """The number to check: of a plain number or a Value; None for what has no single number, such as an array."""
    number = operand if isinstance(operand, Real) else getattr(operand, "data", None)
    return float(number) if isinstance(number, Real) else None


def smoothed(target: Any, right: int | None, classes: int, share: float) -> list[Any]:
    """The probabilities of the target, of which a share is spread evenly over all classes."""
    number = number_in(share)
    if number is None or not 0.0 <= number <= 1.0:
        raise ValueError(f"label_smoothing must lie in [0, 1], got {share!r}")
    require([share], _OUTSIDE, lambda number: f"label_smoothing must lie in [0, 1], got {number!r}")
    given = target if right is None else [float(i == right) for i in range(classes)]
    return [(1.0 - share) * t + share / classes for t in given]


def present(weight: Any) -> bool:
    """False for the plain number 0, whose term is left out of the graph; a Value's 0 may be another number in the next sample."""
    return not (isinstance(weight, Real) and weight == 0.0)


def is_one(weight: Any) -> bool:
    """Whether a weight is the plain number 1."""
    return isinstance(weight, Real) and weight == 1.0
