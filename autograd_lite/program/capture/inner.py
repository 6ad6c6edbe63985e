"""Derivatives that a function takes while it is traced: one reverse sweep whose adjoints are nodes, which a program can follow.

The sweep is that of `calculus/reverse.py`, but for the branches of a `where`. Both branches are recorded, and only one counts in a
row. So what the sweep finds inside a branch stays inside it; where it leaves the branch, for a node that is used elsewhere too, it
leaves through a `where` of its own, which gives 0 in the rows that take the other branch.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from autograd_lite.calculus.reverse import dependents
from autograd_lite.calculus.rules import partials_on_nodes
from autograd_lite.engine.primitive import REAL
from autograd_lite.engine.value import Value, constant
from autograd_lite.program.capture.guards import Choice, Condition, Path, Turn, holds


class RecordedSweep:
    """The sweep of a trace that is open. In its turns nodes are named by their ids."""

    def __init__(self, trace: Any) -> None:
        self.trace = trace
        self.conditions: dict[Turn, tuple[Condition, bool]] = {}
        self.arrived: dict[int, list[tuple[Path, Any]]] = {}  # by node, what its users contribute, and in which branch

    def gradients(self, output: Value, inputs: Sequence[Value]) -> list[Value]:
        """The partial derivatives of `output` by each of `inputs`, as nodes: 0 where `output` does not depend on it."""
        self.arrived[id(output)] = [((), 1.0)]
        for node in reversed(dependents(output, inputs)):
            contributions = self.arrived.get(id(node))
            if contributions is None:
                continue  # a user that needed no gradient
            path = _common([path for path, _ in contributions])
            adjoint = self._left(contributions, path)
            before = len(self.trace.path)
            self.trace.path.extend(self.conditions[turn] for turn in path)
            try:
                passed_on = self._branches if isinstance(node.primitive, Choice) else self._edges
                for operand, way, contribution in passed_on(node, adjoint, path):
                    self.arrived.setdefault(id(operand), []).append((way, contribution))
            finally:
                del self.trace.path[before:]
        found = [self._left(self.arrived.get(id(value), []), ()) for value in inputs]
        return [adjoint if isinstance(adjoint, Value) else constant(adjoint) for adjoint in found]

    def _edges(self, node: Value, adjoint: Any, path: Path) -> Iterator[tuple[Value, Path, Any]]:
        assert node.primitive is not None
        domain = node.primitive.domain
        bounded = (interval != REAL and operand.requires_grad for operand, interval in zip(node.operands, domain, strict=False))
        if not self.trace.path and any(bounded):
            self.trace.differentiated.append(node)
        wanted = [local is not None for local in node.local_derivatives]
        for operand, partial in zip(node.operands, partials_on_nodes(node.primitive, node.operands, node, wanted), strict=True):
            if partial is not None:
                yield operand, path, partial * adjoint

    def _branches(self, node: Value, adjoint: Any, path: Path) -> Iterator[tuple[Value, Path, Any]]:
        """What a choice passes on: the whole adjoint, to either branch inside of itself."""
        assert isinstance(node.primitive, Choice)
        sign = node.primitive.sign
        left, right, *branches = node.operands
        outcome = holds(sign, left.data, right.data)
        for branch, local, first in zip(branches, node.local_derivatives[2:], (True, False), strict=True):
            if local is not None:
                turn = Turn(sign, id(left), id(right), first)
                self.conditions[turn] = Condition(self.trace, sign, left, right, outcome), first
                yield branch, (*path, turn), adjoint

    def _left(self, contributions: Sequence[tuple[Path, Any]], path: Path) -> Any:
        """The sum of contributions, each of them after it has left the branches that go on from a path."""
        whole: Any = None
        for way, contribution in contributions:
            for turn in reversed(way[len(path) :]):
                contribution = self._out_of(turn, contribution)
            whole = contribution if whole is None else whole + contribution
        return 0.0 if whole is None else whole

    def _out_of(self, turn: Turn, contribution: Any) -> Any:
        condition, first = self.conditions[turn]
        inside, outside = (lambda: contribution), 0.0
        return self.trace.chosen(condition, *((inside, outside) if first else (outside, inside)))


def _common(paths: Sequence[Path]) -> Path:
    """Longest common prefix of branch paths."""
    depth = 0
    while all(len(path) > depth and path[depth] == paths[0][depth] for path in paths):
        depth += 1
    return paths[0][:depth]
