"""Wrong reverse sweeps, made on purpose: the mistakes that engines of this kind have had, each as an engine of its own.

Every sweep works on a recorded graph and its local derivatives, which are right; only how they are added up is wrong.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd_lite.engine.value import Value, topological_order
from autograd_lite.testing import Engine, check
from autograd_lite.testing.primitives.mutation import Mutant, MutationReport

__all__ = ["RIGHT_SWEEP", "WRONG_SWEEPS", "shared_programs", "sweep_mutants"]

Sweep = Callable[[Value], dict[int, float]]  # from a root to the gradient of every node, by identity


def _edges(node: Value) -> list[tuple[Value, float]]:
    pairs = zip(node.operands, node.local_derivatives, strict=True)
    return [(operand, local) for operand, local in pairs if local is not None]


def _accumulated(root: Value, order: Iterable[Value]) -> dict[int, float]:
    gradients = {id(root): 1.0}
    for node in order:
        for operand, local in _edges(node):
            gradients[id(operand)] = gradients.get(id(operand), 0.0) + local * gradients.get(id(node), 0.0)
    return gradients


def _right(root: Value) -> dict[int, float]:
    return _accumulated(root, reversed(topological_order(root)))


def _overwriting(root: Value) -> dict[int, float]:
    gradients = {id(root): 1.0}
    for node in reversed(topological_order(root)):
        gradients.update((id(operand), local * gradients.get(id(node), 0.0)) for operand, local in _edges(node))
    return gradients


def _forgetting_one_of_two_uses(root: Value) -> dict[int, float]:
    gradients = {id(root): 1.0}
    for node in reversed(topological_order(root)):
        by_operand = {id(operand): local for operand, local in _edges(node)}  # the last of equal operands wins
        for key, local in by_operand.items():
            gradients[key] = gradients.get(key, 0.0) + local * gradients.get(id(node), 0.0)
    return gradients


def _forgetting_one_of_two_users(root: Value) -> dict[int, float]:
    gradients = {id(root): 1.0}
    for node in reversed(topological_order(root)):
        first = [(operand, local) for operand, local in _edges(node) if id(operand) not in gradients]
        for operand, local in first:
            gradients[id(operand)] = gradients.get(id(operand), 0.0) + local * gradients.get(id(node), 0.0)
    return gradients


def _operands_first(root: Value) -> dict[int, float]:
    return _accumulated(root, topological_order(root))


def _breadth_first(root: Value) -> dict[int, float]:
    order, seen = [root], {id(root)}
    for node in order:
        for operand, _ in _edges(node):
            if id(operand) not in seen:
                seen.add(id(operand))
                order.append(operand)
    return _accumulated(root, order)


def _once_per_use(root: Value) -> dict[int, float]:
    order = [root]
    for node in order:
        order.extend(operand for operand, _ in _edges(node))
    return _accumulated(root, order)


def _engine(sweep: Sweep) -> Engine:
    def gradients(output: Any, leaves: Sequence[Any]) -> list[float]:
        found = sweep(output)
        return [found.get(id(leaf), 0.0) for leaf in leaves]

    return Engine(Value, gradients, repeatable=True)


RIGHT_SWEEP = _engine(_right)
WRONG_SWEEPS = {
    "overwrites instead of accumulating": _engine(_overwriting),
    "forgets one of two uses in one operation": _engine(_forgetting_one_of_two_uses),
    "forgets one of two users": _engine(_forgetting_one_of_two_users),
    "takes operands before users": _engine(_operands_first),
    "goes breadth first": _engine(_breadth_first),
    "passes on a node's gradient once per use": _engine(_once_per_use),
}


def shared_programs() -> dict[str, tuple[Callable[..., Any], tuple[float, ...]]]:
    """Functions that share nodes in the ways that matter, each with a point.

    >>> sorted(shared_programs())
    ['a diamond', 'one node twice', 'paths of unequal length']
    """

    def unequal(x: Any, y: Any) -> Any:
        short = x * y
        long = (short + x) * y + 1.0
        return short * long * long + short

    def diamond(x: Any, y: Any) -> Any:
        top = x * y + y
        return top * x + top * y

    return {
        "one node twice": (lambda x: x * x, (1.7,)),
        "a diamond": (diamond, (1.7, -0.6)),
        "paths of unequal length": (unequal, (1.3, 0.7)),
    }


def sweep_mutants() -> MutationReport:
    """Breaks the reverse sweep in the ways that engines have been wrong, and reports what `check` noticed.

    >>> report = sweep_mutants()
    >>> len(report.mutants), report.score
    (6, 1.0)
    """
    programs = shared_programs()
    for name, (function, point) in programs.items():
        if not check(function, point, engine=RIGHT_SWEEP):
            raise AssertionError(f"the right sweep fails on {name!r}: the check, not the mutants, is at fault")
    found = []
    for mistake, engine in WRONG_SWEEPS.items():
        by = [name for name, (f, point) in programs.items() if check(f, point, engine=engine).outcome == "disagrees"]
        outcome = "killed" if by else "survived"
        found.append(Mutant("the sweep", mistake, outcome, ", ".join(by) or "nothing noticed it"))
    return MutationReport(tuple(found))
