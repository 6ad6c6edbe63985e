"""Partitions: which values are drawn as one box, and the two properties every one of them must have, no cycle and few parts.

A `part` is a number per value; parts without a name hold one value. Levels make a partition acyclic by construction: the level
of a value counts the named parts on the way to it, so it never falls along an edge.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from autograd_lite.drawing.scene import by_key
from autograd_lite.drawing.view.survey import Survey, short

Pairs = set[tuple[int, int]]


@dataclass(slots=True)
class Partition:
    """`part[i]` is the part of value i; `names[part]` is empty for a part that is one value drawn as itself.

    `pairs` are the pairs (operand's part, user's part) of different parts that an edge joins, where a caller computes them;
    `results` the only result of a part that is a function, by part.
    """

    part: list[int]
    names: list[str]
    notes: tuple[str, ...] = ()
    pairs: Pairs = field(default_factory=set)
    results: dict[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.names)

    def members(self) -> list[list[int]]:
        """The values of each part."""
        return list(by_key(((part, i) for i, part in enumerate(self.part)), range(self.count)).values())

    def coarser(self, keys: Sequence[Hashable], names: dict[Hashable, str]) -> "Partition":
        """The partition whose parts are the parts of equal key; a key without a name must stand for one part without one."""
        number: dict[Hashable, int] = {}
        place = [number.setdefault(key, len(number)) for key in keys]
        pairs = {(place[operand], place[user]) for operand, user in self.pairs if place[operand] != place[user]}
        return Partition([place[part] for part in self.part], [names.get(key, "") for key in number], self.notes, pairs)


def partition_by(survey: Survey, keys: Sequence[Hashable], names: dict[Hashable, str]) -> "Partition":
    """The partition into values of equal key, numbered by first appearance; a key without a name is a part without one.

    >>> from autograd_lite import Value
    >>> partition_by(Survey(Value(1.0, label="x") + 1.0), ["a", 1, "a"], {"a": "A"}).names
    ['A', '']
    """
    number: dict[Hashable, int] = {}
    part = [number.setdefault(key, len(number)) for key in keys]
    start, flat = survey.start, survey.flat
    pairs = {(part[p], user) for i, user in enumerate(part) for p in flat[start[i] : start[i + 1]] if part[p] != user}
    return Partition(part, [names.get(key, "") for key in number], (), pairs)


def without_cycles(partition: Partition) -> Partition:
    """The same partition with parts on a common cycle merged, as of a cell that is used again and again."""
    component = components(partition.count, partition.pairs)
    merged = by_key(zip(component, partition.names, strict=True))
    if len(merged) == partition.count:
        return partition
    result = partition.coarser(component, {c: _joined(found) for c, found in merged.items()})
    knots = sum(1 for found in merged.values() if len(found) > 1)
    subject = "1 module lies on a cycle and is" if knots == 1 else f"{knots} modules lie on cycles and are"
    result.notes = (*partition.notes, f"{subject} drawn merged with what lies between")
    return result


def _joined(names: list[str]) -> str:
    known = [name for name in names if name]
    shown = " + ".join(known[:3]) + (f" + {len(known) - 3} more" if len(known) > 3 else "")
    return names[0] if len(names) == 1 else shown or "values"


def components(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The strongly connected component of each of `count` nodes, operands before users.

    >>> components(4, [(0, 1), (1, 2), (2, 1), (2, 3)])
    [0, 1, 1, 2]

    Source: Tarjan, "Depth-first search and linear graph algorithms" (1972), with the recursion written as a stack.
    """
    operands = by_key(((user, operand) for operand, user in sorted(pairs)), range(count))
    component, index, low = [-1] * count, [-1] * count, [0] * count
    path: list[int] = []
    entered = found = 0
    for first in range(count):
        work = [(first, 0)] if index[first] < 0 else []
        while work:
            node, k = work.pop()
            if k == 0:
                index[node] = low[node] = entered
                entered += 1
                path.append(node)
            elif component[operands[node][k - 1]] < 0:
                low[node] = min(low[node], low[operands[node][k - 1]])
            while k < len(operands[node]) and index[operands[node][k]] >= 0:
                if component[operands[node][k]] < 0:
                    low[node] = min(low[node], index[operands[node][k]])
                k += 1
            if k < len(operands[node]):
                work += [(node, k + 1), (operands[node][k], 0)]
            elif low[node] == index[node]:
                while component[node] < 0:
                    component[path.pop()] = found
                found += 1
    return component


def levels(partition: Partition) -> list[int]:
    """Per part, how many named parts stand on the longest way to it, itself included; the partition has no cycle."""
    operands = by_key(((user, operand) for operand, user in partition.pairs), range(partition.count))
    level = [0] * partition.count
    for part in TopologicalSorter(operands).static_order():
        level[part] = max([level[operand] for operand in operands[part]], default=0) + bool(partition.names[part])
    return level


def summary(survey: Survey, members: Sequence[int], most: int = 3) -> str:
    """What a group without a module consists of: its commonest operations.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> summary(Survey(x * x * x + x), [1, 2, 3])
    '*, +'
    """
    counts = Counter(short(survey.values[i].primitive) for i in members if survey.values[i].primitive is not None)
    if counts:
        common = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        return ", ".join(common[:most]) + (", …" if len(common) > most else "")
    return "leaves" if any(survey.values[i].requires_grad for i in members) else "constants"
