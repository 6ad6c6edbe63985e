"""The reverse sweep apart from `.grad`: adjoints of chosen nodes, as floats or as Values that can be differentiated again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograd_lite.calculus.rules import partials_on_nodes
from autograd_lite.engine import recording
from autograd_lite.engine.errors import GraphError, expression, warn_of_nan
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value, Waiting, constant, is_recalled, topological_order


def gradients(output: Value, inputs: Sequence[Value], *, differentiable: bool = False) -> list[Any]:
    """The partial derivatives of `output` with respect to each of `inputs`.

    One reverse sweep: adjoint(p) = sum over users n of p of adjoint(n) * dn/dp, from adjoint(output) = 1.

    Args:
        output: the Value to differentiate.
        inputs: Values, leaves or interior nodes, in any order.
        differentiable: give Values that can be differentiated again, instead of floats.
    Returns:
        A list as long as `inputs`; 0.0 where `output` does not depend on that input. While a function is traced they are
        Values all the same, without a gradient where `differentiable` is not asked for: the program follows them.
    Raises:
        TypeError: if `output` or an input is not a Value.
        GraphError: if `differentiable` and some `.data` changed since `output` was computed from it.
    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.2: reverse mode, incremental form.
    Example:
        >>> from autograd_lite import Value
        >>> x, y = Value(3.0), Value(2.0)
        >>> gradients(x * x * y, [x, y])
        [12.0, 9.0]
    """
    for value in (output, *inputs):
        if not isinstance(value, Value):
            raise TypeError(f"gradients takes Values, got {type(value).__name__} {value!r:.60}")
    observer = recording.observer()
    if observer is not None:
        recorded: list[Any] = observer.gradients(output, inputs, differentiable)
        return recorded
    if recording.observing:
        recording.elsewhere([output])
    return swept(output, inputs, differentiable)


def swept(output: Value, inputs: Sequence[Value], differentiable: bool) -> list[Any]:
    """`gradients`, whoever observes."""
    adjoints: dict[int, Any] = {id(output): 1.0}
    order = dependents(output, inputs)
    add_up(order[::-1], adjoints, differentiable)
    found = [adjoints.get(id(value), 0.0) for value in inputs]
    if any(number != number for number in map(_number, found)):
        warn_of_nan(
            (node, operand, local, _number(adjoints.get(id(node), 0.0)))
            for node in reversed(order)
            if not is_recalled(node)  # which says so itself
            for operand, local in _recorded_partials(node)
        )
    return [adjoint if isinstance(adjoint, Value) else constant(adjoint) for adjoint in found] if differentiable else found


def add_up(order: Sequence[Value], adjoints: dict[int, Any], differentiable: bool) -> None:
    """Adds up the adjoints below nodes in their order, users before operands, from those that are known, by id."""
    partials = _differentiable_partials if differentiable else _recorded_partials
    waiting: Waiting | None = None
    for node in _told_of(order) if differentiable else order:
        adjoint = adjoints.get(id(node), 0.0)
        passed_on: Iterable[tuple[Value, Any]]
        if is_recalled(node):
            waiting = waiting or Waiting(order)
            passed_on = zip(*waiting.passed_on(node, adjoint, differentiable), strict=True)
        else:
            passed_on = [(operand, partial * adjoint) for operand, partial in partials(node)]
        for operand, contribution in passed_on:
            known = adjoints.get(id(operand))
            adjoints[id(operand)] = contribution if known is None else known + contribution


def _told_of(order: Sequence[Value]) -> Iterator[Value]:
    """The nodes; whoever looks where nodes are made is told what those of their adjoints come from."""
    told = recording.mode()
    if told is None or isinstance(told, bool):
        yield from order
        return
    try:
        for told.instead_of in order:
            yield told.instead_of
    finally:
        told.instead_of = None


def gradients_of_many(outputs: Sequence[Value], inputs: Sequence[Value], *, differentiable: bool = False) -> list[list[Any]]:
    """`gradients` of several outputs, in one forward sweep through what they have in common: for more outputs than inputs.

    slopes(n) = sum over operands p of dn/dp * slopes(p), from slopes(input) = 1.

    Source: Griewank & Walther, *Evaluating Derivatives*, 2nd ed. (2008), section 3.1: forward mode.
    """
    partials = _differentiable_partials if differentiable else _recorded_partials
    slopes: dict[int, dict[int, Any]] = {}
    for place, value in enumerate(inputs):
        slopes.setdefault(id(value), {})[place] = 1.0
    for node in _order_of_many(outputs, set(slopes)):
        found: dict[int, Any] = {}
        for operand, partial in partials(node):
            for place, slope in slopes.get(id(operand), {}).items():
                part = partial * slope
                found[place] = found[place] + part if place in found else part
        slopes[id(node)] = found
    rows = [[slopes.get(id(output), {}).get(place, 0.0) for place in range(len(inputs))] for output in outputs]
    return [[slope if isinstance(slope, Value) else constant(slope) for slope in row] for row in rows] if differentiable else rows


def _order_of_many(outputs: Sequence[Value], known: set[int]) -> list[Value]:
    """The interior nodes below the outputs and not below what is known, operands before users."""
    order: list[Value] = []
    entered = set(known)
    for output in outputs:
        path = [(output, iter(output.operands))] if id(output) not in entered else []
        entered.add(id(output))
        while path:
            node, operands = path[-1]
            for operand in operands:
                if id(operand) not in entered and operand.primitive is not None:
                    entered.add(id(operand))
                    path.append((operand, iter(operand.operands)))
                    break
            else:
                path.pop()
                if node.primitive is not None:
                    order.append(node)
    return order


def _number(adjoint: Any) -> float:
    return adjoint._data if isinstance(adjoint, Value) else adjoint


def dependents(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """The interior nodes on some path from an input to the output, operands before users."""
    reached = {id(value) for value in inputs}
    found = []
    for node in topological_order(output):
        if node.primitive is not None and any(id(operand) in reached for operand in node.operands):
            reached.add(id(node))
            found.append(node)
    return found


def _recorded_partials(node: Value) -> Iterator[tuple[Value, float]]:
    for operand, local in zip(node.operands, node.local_derivatives, strict=True):
        if local is not None:
            yield operand, local


def _differentiable_partials(node: Value) -> Iterator[tuple[Value, Any]]:
    """The partials as the rules give them on Values, each held against the number recorded in the forward pass.

    Both come from one rule text, so they are equal to the last bit unless some `.data` was changed in between.
    """
    assert node.primitive is not None
    if is_recalled(node):  # which holds the call against what it recorded
        yield from zip(
            node.operands, partials_on_nodes(node.primitive, node.operands, node, [True] * len(node.operands)), strict=True
        )
        return
    recorded = node.local_derivatives
    partials = partials_on_nodes(node.primitive, node.operands, node, [local is not None for local in recorded])
    for operand, partial, local in zip(node.operands, partials, recorded, strict=True):
        if local is None:
            continue
        number = partial.data if isinstance(partial, Value) else partial
        if number != local and not (number != number and local != local):
            raise GraphError(
                f"`.data` was changed after `{shorten(expression(node).text)}` was computed from it: its derivative was recorded "
                f"as {local!r} and is now {number!r}. Compute it again before differentiating it."
            )
        yield operand, partial


def check_current(node: Value, numbers: Sequence[float], then: str) -> None:
    """Refuses a node whose number no longer follows from its operands'.

    Args:
        numbers: those of its operands.
        then: what was asked for, as "record it".
    Raises:
        GraphError: if some `.data` changed since.
    """
    recorded = node.data
    try:
        now = forward(node.primitive, list(numbers))
    except (ArithmeticError, ValueError):
        now = None
    if now != recorded and not (now is not None and now != now and recorded != recorded):
        gives = "cannot be computed any more" if now is None else f"now gives {now!r} instead of {recorded!r}"
        text = shorten(call_text(node))
        raise GraphError(f"`.data` was changed after `{text}` was computed: it {gives}. Compute it again, then {then}.")


def call_text(node: Value) -> str:
    """The call that made a node, also where it has a label of its own."""
    assert node.primitive is not None
    return node.primitive.write([expression(operand, 2) for operand in node.operands]).text
