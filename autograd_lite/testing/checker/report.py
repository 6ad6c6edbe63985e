"""What a failed check tells: the numbers, the first node of the graph that is wrong, and three lines that show it again."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from autograd_lite.engine.errors import expression
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing.checker.kinks import TIE, bends, documented_point, documents_jumps
from autograd_lite.testing.checker.verdict import Component, Verdict, judge
from autograd_lite.testing.graphs import as_function, operand_numbers
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import OURS, PLAIN
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.numerical import natural_size
from autograd_lite.testing.numeric.oracles import best_estimate, first_order, scale_of

_ROUNDING = 1e-12  # relative: what a local derivative may be off by, as for whole gradients
_RESOLUTION = 1e-6


@dataclass(frozen=True, slots=True)
class WrongEdge:
    """An edge of a graph whose recorded local derivative is not that of its primitive's forward.

    Attributes:
        node: the node.
        position: its place among the nodes, operands before users, from 1.
        total: how many nodes there are.
        operand: which operand the derivative belongs to, from 0.
        component: the recorded number, the right one, and the bar.
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

    Example:
        >>> x = Value(2.0, label="x")
        >>> y = x * x
        >>> first_wrong_edge(y) is None
        True
        >>> y._dx = 1.9  # what a wrong rule would have recorded
        >>> print(first_wrong_edge(y))
        node 2 of 2, `x * x`: its derivative by operand 1 is recorded as 1.9; expected 2.0 +- ... (complex step)
    """
    order = topological_order(output)
    for position, node in enumerate(order, start=1):
        if node.primitive is None:
            continue
        for index, local in enumerate(node.local_derivatives):
            if local is not None:
                component = judge_edge(node, index, local)
                if component.outcome == "disagrees":
                    return WrongEdge(node, position, len(order), index, component)
    return None


def judge_edge(node: Value, index: int, local: float) -> Component:
    """One recorded local derivative against the documented one at a special point, else against a numerical one."""
    primitive = node.primitive
    assert primitive is not None
    operands = operand_numbers(node)
    name = f"operand {index + 1}"
    special = documented_point(primitive, operands)
    if special is not None:
        return judge(name, local, Estimate(special.partials[index], 0.0, "documented convention"), 0.0, 0.0)
    target = Target(as_function(primitive), tuple(operands), PLAIN)
    natural = natural_size(target, 0, (index,))
    probe = first_order(target, 0, index, natural)
    allowance = _ROUNDING * abs(local) + 2.0**-50 * natural
    at_tie = bends(primitive, operands, index, TIE * (max(map(abs, operands)) or 1.0))
    found = best_estimate(probe, at_tie=at_tie and not primitive.smooth)
    if found.is_jump and documents_jumps(primitive):
        branches = [side for side in (found.left, found.right) if side is not None and side.covers(local, allowance)]
        found = replace(branches[0], method="slope of a branch, as documented") if branches else found
    return judge(name, local, found, allowance, _RESOLUTION * scale_of(natural, found))


def failure_report(verdict: Verdict, target: Target, own_graph: bool) -> str:
    """The text of the AssertionError.

    Args:
        verdict: what the check found.
        target: the function at the point.
        own_graph: whether the derivatives under test come from a graph of this engine, which can be searched.
    """
    worst = verdict.worst
    lines = [str(verdict), "", f"  function    {verdict.expression}"]
    lines += [f"  point       {', '.join(f'{name} = {number!r}' for name, number in list(verdict.point.items())[:12])}"]
    lines += [f"  claimed     {worst.claimed!r}", f"  expected    {worst.expected.value!r} by {worst.expected.method}"]
    lines += [f"  error bar   {worst.bar:.3g}, and the two are {worst.gap:.3g} apart"]
    if worst.outcome == "inconclusive":
        lines += [f"  advice      {_advice(worst)}"]
        return "\n".join([*lines, *_snippet(_function_lines(target))])
    wrong = _search(target) if own_graph else None
    if wrong is not None:
        lines += [f"  first wrong {wrong}"]
        return "\n".join([*lines, *_snippet(_primitive_lines(wrong))])
    if own_graph and target.engine is OURS:
        lines += ["  first wrong none: every local derivative is right, so the graph or the sweep is at fault (is `.data` used?)"]
    return "\n".join([*lines, *_snippet(_function_lines(target))])


def _advice(worst: Component) -> str:
    if worst.expected.is_jump:
        return "the function jumps here, so no derivative is right; move off the jump"
    if worst.gap > worst.bar:
        return "the claim is off by what rounding may explain; compute it with fewer cancelling terms, or say precision="
    return "the bar is too wide to tell; let f take Values (its own `exp` for math.exp), install mpmath, or move off the kink"


def labelled_graph(target: Target) -> tuple[list[Any], list[Any]]:
    """The function's results as nodes and its leaves, which bear the names of the arguments."""
    outputs, leaves = target.recorded(target.numbers)
    for leaf, name in zip(leaves, target.names, strict=True):
        if isinstance(leaf, Value):
            leaf.label = name
    return outputs, leaves


def graph_if_any(target: Target) -> tuple[list[Any], list[Any]]:
    """A function of floats, recorded on Values; its numbers and no leaves where it does not take those."""
    try:
        return labelled_graph(Target(target.function, target.arguments, OURS))
    except Exception:  # whatever it raises: it is not a function of Values
        return list(target.values), []


def _search(target: Target) -> WrongEdge | None:
    for output in labelled_graph(target)[0]:
        wrong = first_wrong_edge(output) if isinstance(output, Value) else None
        if wrong is not None:
            return wrong
    return None


# ---- three lines that run ----------------------------------------------------------------------------------------------------


def _snippet(lines: list[str]) -> list[str]:
    return ["", "To see it again:", "", *(f"    {line}" for line in lines)]


def _primitive_lines(wrong: WrongEdge) -> list[str]:
    primitive = wrong.node.primitive
    assert primitive is not None
    numbers = tuple(operand_numbers(wrong.node))
    module, name = _importable(primitive)
    return [
        f"from {module} import {name.partition('(')[0]}",
        "from autograd_lite.testing import as_function, check",
        f"print(check(as_function({name}), {numbers!r}))",
    ]


def _importable(primitive: Primitive) -> tuple[str, str]:
    """The module and the name under which a primitive can be had: its own, or its class's."""
    module = type(primitive).__module__
    for name, thing in vars(sys.modules.get(module, sys)).items():
        if thing is primitive:
            return module, name
    return module, f"{type(primitive).__qualname__}()"


def _function_lines(target: Target) -> list[str]:
    function: Callable[..., Any] = target.function
    name = getattr(function, "__qualname__", "f")
    module = getattr(function, "__module__", None)
    if module and name.isidentifier() and getattr(sys.modules.get(module), name, None) is function:
        imported = f"from {module} import {name}"
    else:
        imported, name = f"f = ...  # the function under test, {shorten(repr(name), 60)}", "f"
    return [imported, "from autograd_lite.testing import check", f"print(check({name}, {target.arguments!r}))"]
