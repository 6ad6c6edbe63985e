"""The branches that Python takes while it goes through a function, and the operations that fail on the way."""

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.recording import observed
from autograd_lite.engine.value import Value, constant, topological_order
from autograd_lite.functions import where
from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.numeric.arguments import flat


class _Outcome:
    """The answer of a comparison, which tells whoever asked for its truth; `where` chooses by it without asking."""

    def __init__(self, asked: list[bool], outcome: bool) -> None:
        self.asked = asked
        self.outcome = outcome

    def __bool__(self) -> bool:
        self.asked.append(self.outcome)
        return self.outcome

    def record_branches(self, x: Any, y: Any) -> Any:
        """The branch taken, as a node: what Python asks of a number must not escape."""
        chosen = where(self.outcome, x, y)
        return chosen if isinstance(chosen, Value) else constant(chosen)


class _Log:
    """An observer that keeps the truths Python asked for; where `lenient`, operations without a result give nan."""

    def __init__(self, lenient: bool = False) -> None:
        self.asked: list[bool] = []
        self.lenient = lenient
        self.compares_equals = False

    def compared(self, sign: str, left: Any, right: Any, outcome: bool) -> _Outcome:
        """An answer that is written down when it is asked for."""
        first, second = (each.data if isinstance(each, Value) else float(each) for each in (left, right))
        computed = any(isinstance(each, Value) and each.primitive is not None for each in (left, right))
        if sign in ("==", "!=") and computed and abs(first - second) <= 1e-9 * max(1.0, abs(first), abs(second)):
            self.compares_equals = True
        return _Outcome(self.asked, outcome)

    def read(self, node: Value) -> float:
        """The number."""
        return node._data

    def slope(self, node: Value) -> float:
        """The gradient."""
        return node._grad

    def written(self, node: Value, number: float) -> None:
        """Nothing to do."""

    def used_elsewhere(self, values: Sequence[Any], by_reading: bool) -> None:
        """Nothing to do."""

    def unrecorded(self, node: Value, primitive: Any, operands: Any) -> None:
        """Nothing to do."""

    def required(self, operands: Any, refused: Any, told: Any) -> None:
        """Nothing to do."""

    def excuse(self, primitive: Any, operands: Any) -> tuple[float, list[float]] | None:
        """Nothing but nan, if an operation may fail."""
        return (math.nan, [math.nan] * len(operands)) if self.lenient else None

    def gradients(self, output: Value, inputs: Sequence[Value], differentiable: bool) -> list[Any]:
        """The derivatives as they are without an observer."""
        with observed(None):
            return gradients(output, inputs, differentiable=differentiable)


def branches(ready: Ready, row: Sequence[Any]) -> list[bool]:
    """The truths that Python asked for while it went through the function, in their order."""
    if not ready.case.guarded:
        return []
    log = _Log()
    with observed(log), suppress(Exception):  # as in `answer`
        ready.call(row)
    return log.asked


def compares_equals(ready: Ready, row: Sequence[Any]) -> bool:
    """Whether `==` or `!=` is asked of computed numbers that differ by no more than rounding may do."""
    log = _Log()
    with observed(log), suppress(Exception):
        ready.call(row)
    return log.compares_equals


def needed_failures(ready: Ready, row: Sequence[Any]) -> list[type[Exception]]:
    """How the operations fail that results are computed from; a program may leave out what no result needs."""
    with observed(_Log(lenient=True)):
        try:
            result, _ = ready.call(row)
        except Exception as error:  # what fails inside a derivative is not excused
            return [type(error)]
    outputs = [part for part in flat(result) if isinstance(part, Value)]
    nodes = [node for output in outputs for node in topological_order(output) if node.data != node.data]
    return [kind for node in nodes if (kind := _failure(node)) is not None]


def _failure(node: Value) -> type[Exception] | None:
    try:
        if node.primitive is not None:
            node.primitive.of([operand.data for operand in node.operands])
    except ArithmeticError as error:
        return type(error)
    return None
