"""What the comments of a source say: which scalars of the traced function an array stands for."""

from autograd_lite.engine.errors import expression
from autograd_lite.engine.value import Value
from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.ir.rolling import NodeGroup, Rolled

_LONGEST_NOTE = 40


def meaning(rolled: Rolled, group: NodeGroup) -> str:
    """Which scalars of the traced function a group computes: their expressions where these are short, else how many of what."""
    nodes = rolled.graph.nodes
    first, last = nodes[group.nodes[0]], nodes[group.nodes[-1]]
    count = len(group.nodes)
    if _is_told_by_labels(first, 2, rolled.graph):
        texts = [expression(value, 2).text for value in (first, last)]
        if len(texts[0]) <= _LONGEST_NOTE:
            return texts[0] if count == 1 else {2: ", "}.get(count, ", ..., ").join(texts)
    whole = rolled.sums.get(group.nodes[0])
    many = f"{count} x " if count > 1 else ""
    if whole is None:
        primitive = rolled.primitive(group.nodes[0])
        return f"{many}{primitive.name}" if primitive else many
    owners = [
        nodes[rolled.sums[node].weights[0]].label if len(whole.weights) else None for node in (group.nodes[0], group.nodes[-1])
    ]
    names = [owner.rpartition(".")[0] for owner in owners if owner and "." in owner]
    owner = f"{' ... '.join(dict.fromkeys(names))}: " if names else ""
    sums = [rolled.sums[node] for node in group.nodes]
    counts = sorted({len(each.weights) or len(each.singles) for each in sums})
    terms = f"{' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} {'products' if len(whole.weights) else 'terms'}"
    return f"{owner}{many}sum of {terms}"


def _is_told_by_labels(value: Value, depth: int, graph: NumberedGraph) -> bool:
    """Whether an expression of so many operations shows names and constants only, and no number of the example."""
    if value.label or value.primitive is None:
        return bool(value.label) or graph.is_constant(value)
    return (
        depth > 0 and len(value.operands) <= 4 and all(_is_told_by_labels(operand, depth - 1, graph) for operand in value.operands)
    )
