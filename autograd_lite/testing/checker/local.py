"""Local derivatives, each held against the documented one at a special point, else against a numerical one."""

from dataclasses import dataclass, replace

from autograd_lite.engine.errors import expression
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing.checker.kinks import TIE, bends, documented_point, documents_jumps
from autograd_lite.testing.checker.verdict import Component, judge
from autograd_lite.testing.graphs import as_function, operand_numbers
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import PLAIN
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.oracles import best_estimate, probe, scale_of

_ROUNDING = 1e-12  # relative: what a local derivative may be off by, as for whole gradients
_RESOLUTION = 1e-6


@dataclass(frozen=True, slots=True)
class WrongEdge:
    """An edge of a graph whose recorded local derivative is not that of its primitive's forward. Given by `first_wrong_edge`.

    Attributes:
        node: the node.
        position: its place among the nodes, operands before users, from 1.
        total: how many nodes there are.
        operand: which operand the derivative belongs to, from 0.
        component: the recorded number, the right one, and the bar.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.primitive import Unary
        >>> class Cube(Unary):
        ...     symbol = "cube({x})"
        ...     def forward(self, x): return x * x * x
        ...     def dx(self, x, out): return 2.0 * x * x
        >>> found = first_wrong_edge(Cube()(Value(2.0, label="x") * 1.0))
        >>> found.position, found.total, found.operand, found.component.claimed, found.component.expected.value
        (4, 4, 0, 8.0, 12.0)
    """

    node: Value
    position: int
    total: int
    operand: int
    component: Component

    def __str__(self) -> str:
        text = shorten(expression(self.node, 2).text, 60)
        found = self.component
        return (
            f"node {self.position} of {self.total}, `{text}`: its derivative by operand {self.operand + 1} is recorded as "
            f"{found.claimed!r}; expected {found.expected}"
        )


def first_wrong_edge(output: Value) -> WrongEdge | None:
    """The first edge below `output`, operands before users, whose local derivative is wrong; None if all are right.

    Every edge is held against a numerical derivative of its own primitive's forward at the recorded operands.

    Args:
        output: a Value.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(2.0, label="x")
        >>> y = x * x
        >>> first_wrong_edge(y) is None
        True
        >>> y._dx = 1.9  # what a wrong rule would have recorded
        >>> print(first_wrong_edge(y))
        node 2 of 2, `x * x`: its derivative by operand 1 is recorded as 1.9; expected 2.0 +- ... (complex step)
    """
    order = topological_order(output)
    judged = (
        WrongEdge(node, position, len(order), index, judge_local(node, index, local))
        for position, node in enumerate(order, start=1)
        for index, local in enumerate(node.local_derivatives)
        if local is not None
    )
    return next((edge for edge in judged if edge.component.outcome == "disagrees"), None)


def judge_local(node: Value, index: int, local: float) -> Component:
    """One recorded local derivative against the documented one at a special point, else against a numerical one."""
    primitive = node.primitive
    assert primitive is not None
    operands = operand_numbers(node)
    name = f"operand {index + 1}"
    special = documented_point(primitive, operands)
    if special is not None:
        return judge(name, local, Estimate(special.partials[index], 0.0, "documented convention"), 0.0, 0.0)
    target = Target(as_function(primitive), tuple(operands), PLAIN)
    numerical = probe(target, 0, (index,))
    allowance = _ROUNDING * abs(local) + 2.0**-50 * numerical.natural
    at_tie = bends(primitive, operands, index, TIE * (max(map(abs, operands)) or 1.0))
    found = best_estimate(numerical, at_tie=at_tie and not primitive.smooth)
    if found.is_jump and documents_jumps(primitive):
        branches = [side for side in (found.left, found.right) if side is not None and side.covers(local, allowance)]
        found = replace(branches[0], method="slope of a branch, as documented") if branches else found
    return judge(name, local, found, allowance, _RESOLUTION * scale_of(numerical.natural, found))
