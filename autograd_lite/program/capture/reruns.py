"""A recorded run evaluated again by the engine, at any numbers: what eager evaluation gives there, without the function.

The function itself is not called, as what it depends on may be different by now: its graph is all that a program was made from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Final

import numpy

from autograd_lite.calculus.reverse import gradients
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.value import Value, constant
from autograd_lite.program.capture.guards import Choice, Condition, Guard, holds, same_number
from autograd_lite.program.capture.points import Point
from autograd_lite.program.capture.tracing import Traced, as_node

__all__ = ["Evaluated", "OtherBranch", "Rerun", "Shaken", "as_recorded"]

_SHAKEN: Final = 8.0  # units in the last place


class OtherBranch(Exception):
    """The numbers lead to another branch than the recorded one."""


@dataclass
class Evaluated:
    """A run at other numbers, as plain Values.

    Attributes:
        arguments, parameters: the leaves, in the order of the trace. outputs: the results.
        nodes: by the id of each recorded node, the Value that it is here. others: leaves from outside, which keep their gradient.
    """

    arguments: list[Value]
    parameters: list[Value]
    outputs: list[Value] = field(default_factory=list)
    nodes: dict[int, Value] = field(default_factory=dict)
    others: list[Value] = field(default_factory=list)

    def slopes(self, result: int, leaves: Sequence[Value]) -> list[float]:
        """The derivatives of a result by leaves, as `backward` finds them; the nodes keep theirs, the leaves what they had."""
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
    if run.has_choices:
        return None
    arguments = [value for argument in run.arguments for value in argument.values]
    return Evaluated(arguments, run.parameters, run.outputs, others=[value for value, _ in captured])


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

    def at(self, point: Point, used: Callable[[Value], Value] | None = None) -> Evaluated:
        """The run at a point.

        Args:
            point: the numbers of arguments and parameters.
            used: what becomes of each number on its way into an operation; nothing by default.
        Raises:
            OtherBranch: if a branch that Python took is another one there.
            OperationError: if an operation has no result there.
        """
        with enable_grad(), observed(None):
            found = Evaluated(list(map(Value, point.arguments)), list(map(Value, point.parameters)))
            leaves = [value for argument in self.run.arguments for value in argument.values]
            found.nodes = dict(zip(map(id, leaves), found.arguments, strict=True))
            found.nodes |= zip(map(id, self.run.parameters), found.parameters, strict=True)
            evaluation = _Evaluation(self, found.nodes, used)
            evaluation.check()
            found.outputs = [evaluation.value(output) for output in self.run.outputs]
            if self.differentiated:
                found.outputs = gradients(found.outputs[0], found.arguments, differentiable=True)
            return found


class _Evaluation:
    def __init__(self, rerun: Rerun, known: dict[int, Value], used: Callable[[Value], Value] | None) -> None:
        self.run, self.numbers = rerun.run, rerun.numbers
        self.known, self.used = known, used

    def check(self) -> None:
        """Follows the guards, in their order."""
        for guard in self.run.guards:
            if all(self._holds(condition) == first for condition, first in guard.path) and self._holds(guard) != guard.outcome:
                raise OtherBranch(guard.place)

    def _holds(self, comparison: Guard | Condition) -> bool:
        left, right = self.value(comparison.left), self.value(comparison.right)
        return holds(comparison.sign, left.data, right.data)

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
        row, operands = self.run.made(node)
        if row is None:
            self.known[id(node)] = constant(self.numbers.get(id(node), node.data))
            return []
        if isinstance(row, Choice):
            operands = operands[:2]
        missing = [operand for operand in reversed(operands) if id(operand) not in self.known]
        if missing:
            return missing
        given = [self.known[id(operand)] for operand in operands]
        if isinstance(row, Choice):
            taken = self.run.made(node)[1][2 if holds(row.sign, given[0].data, given[1].data) else 3]
            if id(taken) not in self.known:
                return [taken]
            result: Any = self.known[id(taken)]
        else:
            result = row.of(given if self.used is None else list(map(self.used, given)))
        result = as_node(result)
        self.known[id(node)] = result if node.requires_grad else result.detach()
        return []


class Shaken:
    """Numbers moved by some units in the last place; what a program holds exactly stays."""

    def __init__(self, seed: int, dtype: Any) -> None:
        self.random = Random(seed)
        self.dtype = dtype
        self.by = _SHAKEN * float(numpy.finfo(dtype).eps)

    def __call__(self, value: Value) -> Value:
        with numpy.errstate(over="ignore"):
            held = float(numpy.array(value.data, self.dtype))
        if not value.requires_grad and same_number(held, value.data):
            return value
        moved: Value = value * (1.0 + self.random.uniform(-self.by, self.by))
        return moved
