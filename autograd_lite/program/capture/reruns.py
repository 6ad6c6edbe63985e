"""A recorded run evaluated again by the engine, at any numbers: what eager evaluation gives there, without the function.

The function itself is not called, as what it depends on may be different by now: its graph is all that a program was made from.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Final

import numpy

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.value import Value, constant, topological_order
from autograd_lite.program.capture.guards import Choice, Condition, Guard, holds, same_number
from autograd_lite.program.capture.points import Point, rows_of
from autograd_lite.program.capture.tracing import Traced, as_node

_SHAKEN: Final = 8.0  # units in the last place


class OtherBranch(Exception):
    """The numbers lead to another branch than the recorded one."""


FAILED: Final = OtherBranch, ArithmeticError, ValueError


@dataclass
class Evaluated:
    """A run at other numbers, as plain Values.

    Attributes:
        arguments, parameters: the leaves, in the order of the trace. outputs: the results.
        nodes: by the id of each recorded node, the Value that it is here. others: leaves from outside, which keep their gradient.
        shaken: how the numbers were moved, and those of a sweep are; None where they were not.
    """

    arguments: list[Value]
    parameters: list[Value]
    outputs: list[Value] = field(default_factory=list)
    nodes: dict[int, Value] = field(default_factory=dict)
    others: list[Value] = field(default_factory=list)
    shaken: "Shaken | None" = None

    def slopes(self, result: int, leaves: Sequence[Value]) -> list[float]:
        """The derivatives of a result by leaves, as `backward` finds them; the nodes keep theirs, the leaves what they had."""
        if self.shaken is not None:
            found = self.shaken.sweep(self.outputs[result])
            return [found.get(leaf, 0.0) for leaf in leaves]
        everything = [*self.arguments, *self.parameters, *self.others]
        before = [leaf._grad for leaf in everything]
        try:
            for leaf in everything:
                leaf._grad = 0.0
            output = self.outputs[result]
            if output.requires_grad:
                output.backward()
            return [leaf._grad for leaf in leaves]
        finally:
            for leaf, slope in zip(everything, before, strict=True):
                leaf._grad = slope


def as_recorded(run: Traced, captured: Sequence[tuple[Value, float]]) -> Evaluated | None:
    """A run at the numbers it was recorded with, where its graph is the one of eager, which has no choices."""
    if run.choices:
        return None
    return Evaluated(run.inputs, run.parameters, run.outputs, others=[value for value, _ in captured])


def stale(run: Traced) -> tuple[Value, Sequence[Value], float] | None:
    """The first recorded node whose operands give another number now, with them and that number; None where all agree."""
    asked: list[Any] = [each for guard in run.guards for each in (guard, *(condition for condition, _ in guard.path))]
    roots = [*run.outputs, *(side for each in asked for side in (each.left, each.right))]
    stack = [root for root in roots if run.made(root)[0] is not None]
    done: set[int] = set()
    while stack:
        node = stack[-1]
        primitive, operands = run.made(node)
        missing = [each for each in operands if id(each) not in done and (each.primitive is not None or id(each) in run.hidden)]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        with suppress(ArithmeticError, ValueError):  # it may fail in a branch that is not taken
            found = forward(primitive, [operand._data for operand in operands])
            if not same_number(found, node._data):
                return node, operands, found
    return None


class Rerun:
    """A run to be evaluated again.

    Args:
        run: the trace.
        captured: the numbers of leaves from outside when it was made.
        differentiated: whether the results are the derivatives of its one result by the arguments.
    """

    def __init__(self, run: Traced, captured: Sequence[tuple[Value, float]], differentiated: bool) -> None:
        self.run, self.captured = run, captured
        self.numbers = {id(value): number for value, number in captured}
        self.differentiated = differentiated

    @cached_property
    def widest(self) -> int:
        """The most operands of an operation in the recorded graph."""
        widest, stack, seen = 1, list(self.run.outputs), set(map(id, self.run.outputs))
        while stack:
            operands = stack.pop().operands
            widest = max(widest, len(operands))
            for operand in operands:
                if operand.primitive is not None and id(operand) not in seen:
                    seen.add(id(operand))
                    stack.append(operand)
        return widest

    def at(self, point: Point, used: "Shaken | None" = None) -> Evaluated:
        """The run at a point.

        Args:
            point: the numbers of arguments and parameters.
            used: what becomes of each number on its way into an operation; nothing by default.
        Raises:
            OtherBranch: if a branch that Python took is another one there.
            OperationError: if an operation has no result there.
        """
        with enable_grad(), observed(None):
            found = Evaluated(list(map(Value, point.arguments)), list(map(Value, point.parameters)), shaken=used)
            given, leaves = [*found.arguments, *found.parameters], [*self.run.inputs, *self.run.parameters]
            found.nodes = dict(zip(map(id, leaves), given, strict=True))
            evaluation = _Reevaluation(self, found.nodes, used)
            evaluation.check()
            found.outputs = [evaluation.value(output) for output in self.run.outputs]
            if self.differentiated:
                found.outputs = gradients(found.outputs[0], found.arguments, differentiable=True)
                if used is not None:
                    found.outputs = used.again(found.outputs, found.nodes)
            return found

    def mend(self, gradient: Any, parameters: Sequence[float], arguments: Sequence[Any], result: int, absent_too: bool) -> None:
        """Sets the rows of a gradient that are not finite to the engine's own numbers.

        Products of huge and tiny numbers depend on their order: where NumPy's was no good, eager's may be.

        Args:
            gradient: to change, a row for each row of the arguments. parameters, arguments: what it was computed from.
            result: the number of the result whose gradient it is.
            absent_too: whether rows with a nan count, of which what does not depend on it has a number.
        """
        given = rows_of(arguments)
        doubtful = ~numpy.isfinite(gradient).all(axis=1)
        if not absent_too:
            doubtful &= ~numpy.isnan(given).any(axis=1)
        for row in numpy.flatnonzero(doubtful):
            try:
                evaluated = self.at(Point(list(parameters), given[row].tolist()))
            except FAILED:
                continue
            gradient[row] = evaluated.slopes(result, evaluated.arguments)


class _Reevaluation:
    def __init__(self, rerun: Rerun, known: dict[int, Value], used: "Shaken | None") -> None:
        self.run, self.numbers = rerun.run, rerun.numbers
        self.known, self.used = known, used

    def check(self) -> None:
        """Follows the guards, in their order."""
        for guard in self.run.guards:
            if all(self._holds(condition) == first for condition, first in guard.path) and self._holds(guard) != guard.outcome:
                raise OtherBranch(guard.place)

    def _holds(self, comparison: Guard | Condition) -> bool:
        self.value(comparison.left), self.value(comparison.right)
        return self._compared(comparison.sign, comparison.left, comparison.right)

    def _compared(self, sign: str, left: Value, right: Value) -> bool:
        """Whether a comparison of two nodes holds, whose values are known."""
        numbers = [self.known[id(side)].data for side in (left, right)]
        if self.used is not None:
            sides = zip((left, right), numbers, strict=True)
            numbers = [self.used.compared(number, self.run.made(side)[0] is None) for side, number in sides]
        return holds(sign, *numbers)

    def value(self, root: Value) -> Value:
        """A node's value; what it needs is evaluated first, of a choice the branch that is taken."""
        known, stack = self.known, [root]
        while stack:
            node = stack[-1]
            missing = [] if id(node) in known else self._next(node)
            if missing:
                stack.extend(missing)
            else:
                stack.pop()
        return known[id(root)]

    def _next(self, node: Value) -> list[Value]:
        """What a node waits for; if for nothing, its value is set."""
        primitive, made_of = self.run.made(node)
        if primitive is None:
            self.known[id(node)] = constant(self.numbers.get(id(node), node.data))
            return []
        operands = made_of[:2] if isinstance(primitive, Choice) else made_of
        missing = [operand for operand in reversed(operands) if id(operand) not in self.known]
        if missing:
            return missing
        if isinstance(primitive, Choice):
            taken = made_of[2 if self._compared(primitive.sign, *operands) else 3]
            if id(taken) not in self.known:
                return [taken]
            result: Any = self.known[id(taken)]
        else:
            used, made = self.used, self.run.made
            result = primitive.of(
                [self.known[id(each)] if used is None else used(self.known[id(each)], made(each)[0] is None) for each in operands]
            )
        result = as_node(result)
        self.known[id(node)] = result if node.requires_grad else result.detach()
        return []


class Shaken:
    """Numbers moved by some units in the last place; what a program holds exactly stays."""

    def __init__(self, seed: int, dtype: Any) -> None:
        self.random = Random(seed)
        self.dtype = dtype
        self.by = _SHAKEN * float(numpy.finfo(dtype).eps)

    def __call__(self, value: Value, is_leaf: bool) -> Value:
        """A number on its way into an operation."""
        if is_leaf and not value.requires_grad and self._is_held(value.data):
            return value
        moved: Value = value * (1.0 + self.random.uniform(-self.by, self.by))
        return moved

    def compared(self, number: float, is_leaf: bool) -> float:
        """A number on its way into a comparison, which rounds nothing itself."""
        return number if is_leaf and self._is_held(number) else number * (1.0 + self.random.uniform(-self.by, self.by))

    def _is_held(self, number: float) -> bool:
        with numpy.errstate(over="ignore"):
            return same_number(float(numpy.array(number, self.dtype)), number)

    def again(self, outputs: Sequence[Value], nodes: dict[int, Value]) -> list[Value]:
        """The graph of results that are derivatives, evaluated with moved numbers; its nodes are added to those that are known."""
        made: dict[Value, Value] = {}
        for output in outputs:
            for node in topological_order(output):
                if node not in made:
                    primitive = node.primitive
                    made[node] = (
                        node
                        if primitive is None
                        else as_node(primitive.of([self(made[each], each.primitive is None) for each in node.operands]))
                    )
        nodes |= {id(node): again for node, again in made.items()}
        return [made[output] for output in outputs]

    def sweep(self, output: Value) -> dict[Value, float]:
        """A reverse sweep that moves every contribution.

        Moved operands alone do not show what rounding does: x / norm([x]) is 1 with any factors before each x, and what cancels in
        its derivative is rounded all the same.
        """
        adjoints = {output: 1.0}
        for node in reversed(topological_order(output)):
            node._grad = adjoint = adjoints.get(node, 0.0)
            if adjoint == 0.0:
                continue
            for operand, local in zip(node.operands, node.local_derivatives, strict=True):
                if local is not None:
                    part = local * adjoint * (1.0 + self.random.uniform(-self.by, self.by))
                    adjoints[operand] = adjoints.get(operand, 0.0) + part
        return adjoints
