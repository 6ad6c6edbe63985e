"""What eager evaluation says of a row: values, derivatives, the branches it takes, and how far rounding may move each number."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.recording import observed
from autograd_lite.engine.value import Value, constant, topological_order
from autograd_lite.functions import where
from autograd_lite.testing.fuzzing.case import Ready
from autograd_lite.testing.numeric.arguments import flat

EPSILON = 2.0**-53


@dataclass
class Answer:
    """Eager numbers for one row.

    Attributes:
        values: of the results.
        slopes: for each result, its derivatives by the arguments.
        weights: for each result, its derivatives by the parameters.
        error: the class of the error that was raised instead; None if none was.
        way: the branches that Python took; filled in by `moved` alone.
    """

    values: list[float] = field(default_factory=list)
    slopes: list[list[float]] = field(default_factory=list)
    weights: list[list[float]] = field(default_factory=list)
    single: bool = True
    error: type[Exception] | None = None
    way: list[bool] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)

    def curvature(self) -> list[list[float]]:
        """The Hessian of the first result by the arguments."""
        first = gradients(self.outputs[0], self.inputs, differentiable=True)
        return [gradients(slope, self.inputs) for slope in first]

    def is_moderate(self) -> bool:
        """Whether single precision can hold the numbers, and what they are made from."""
        nodes = [node.data for output in self.outputs for node in topological_order(output)]
        return all(number == 0.0 or 1e-15 < abs(number) < 1e15 for number in [*nodes, *(s for line in self.slopes for s in line)])

    def entry(self, order: int, place: int) -> float:
        """One number of the answer; `order` and `place` are as for `rounding`."""
        numbers = self.curvature() if order == 2 else {0: [self.values], 1: self.slopes, -1: self.weights}[order]
        return [number for line in numbers for number in line][place]

    def rounding(self, order: int, place: int) -> float:
        """A bound on the rounding error of one number, to first order.

        Every operation may be off by a rounding of its result and of its terms, and moves the number by its adjoint times that:
        the sum over all nodes of |adjoint| * (|result| + the sum of |operand * partial|), times epsilon. A derivative is such a
        number, of the graph of its adjoints; and what a sweep adds up to the adjoint of a node is off by a rounding of its
        largest part, which counts as much as the node depends on the input.

        Args:
            order: 0 for a value, 1 for a slope by an argument, -1 for one by a parameter, 2 for an entry of the Hessian.
            place: which one, counted through all results.
        """
        if order == 0:
            return EPSILON * _terms(self.outputs[place])
        node, by = self.outputs[0], self.inputs
        if order == 2:
            row, place = divmod(place, len(by))
            node = gradients(node, by, differentiable=True)[row]
        else:
            by = by if order == 1 else self.parameters
            node, place = self.outputs[place // len(by)], place % len(by)
        slope = gradients(node, by, differentiable=True)[place]
        return EPSILON * (_terms(slope) + _sweep(node, by[place]))


def _terms(out: Value) -> float:
    nodes = topological_order(out)
    adjoints = gradients(out, nodes)
    whole = 0.0
    for node, adjoint in zip(nodes, adjoints, strict=True):
        size = abs(node.data)
        for operand, partial in zip(node.operands, node.local_derivatives, strict=True):
            size += abs(operand.data * partial) if partial is not None else abs(operand.data)
        whole += abs(adjoint) * size if adjoint else 0.0
    return whole


def _sweep(out: Value, by: Value) -> float:
    """The sum over all nodes of what a sweep adds up there, in magnitude, times how the node depends on `by`."""
    nodes = topological_order(out)
    tangents, parts = {id(by): 1.0}, dict.fromkeys(map(id, nodes), 0.0)
    for node, adjoint in zip(nodes, gradients(out, nodes), strict=True):
        for operand, partial in zip(node.operands, node.local_derivatives, strict=True):
            if partial:
                parts[id(operand)] += abs(adjoint * partial)
                tangents[id(node)] = tangents.get(id(node), 0.0) + partial * tangents.get(id(operand), 0.0)
    return sum(part * abs(tangents.get(node, 0.0)) for node, part in parts.items() if part)


def answer(ready: Ready, row: Sequence[Any], parameters: Sequence[Value] = ()) -> Answer:
    """Eager numbers for one row, with derivatives by the arguments and by `parameters`."""
    found = Answer(parameters=list(parameters))
    try:
        result, found.inputs = ready.call(row)
        found.single = not isinstance(result, list | tuple)
        found.outputs = [part if isinstance(part, Value) else constant(part) for part in flat(result)]
        found.values = [output.data for output in found.outputs]
        for output in found.outputs:
            slopes = gradients(output, [*found.inputs, *found.parameters])
            found.slopes.append(slopes[: len(found.inputs)])
            found.weights.append(slopes[len(found.inputs) :])
    except Exception as error:  # not only of arithmetic: a text may make sense in some rows only
        found.error = type(error)
    return found


# ---- branches ----------------------------------------------------------------------------------------------------------------


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


# ---- conditioning ------------------------------------------------------------------------------------------------------------


@contextmanager
def changed(parameters: Sequence[Value], change: Callable[[float], float]) -> Iterator[None]:
    """A block in which parameters have other numbers."""
    numbers = [value.data for value in parameters]
    for value in parameters:
        value.data = change(value.data)
    try:
        yield
    finally:
        for value, number in zip(parameters, numbers, strict=True):
            value.data = number


def _shake(x: float, by: float, seed: int) -> float:
    """x changed by a relative amount that depends on x alone, so that equal numbers stay equal."""
    if not math.isfinite(x):
        return x
    way = -1.0 if seed % 2 else 1.0  # once more the other way, as a jump may be on either side
    return x * (1.0 + way * by * math.sin((seed + 1) // 2 * 12.9898 + x * 78.233))


def moved(ready: Ready, rows: Sequence[Any], parameters: Sequence[Value], by: float) -> list[list[Answer]]:
    """The answers where arguments and parameters are changed by a relative `by`, a few times: how the program is conditioned,
    and whether it has a kink or a branch so near that rounding decides."""

    def shaken(numbers: Any, seed: int) -> Any:
        return [shaken(number, seed) for number in numbers] if isinstance(numbers, list) else _shake(numbers, by, seed)

    answers = []
    for seed in range(1, 5):
        with changed(parameters, lambda x, seed=seed: _shake(x, by, seed)):  # type: ignore[misc]
            near = [shaken(list(row), seed) for row in rows]
            answers.append([answer(ready, row, parameters) for row in near])
            for row, found in zip(near, answers[-1], strict=True):
                found.way = branches(ready, row)
    return answers
