"""The collapsed view: a box for each module, and as few boxes as it takes for everything that no module holds."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from autograd_lite.drawing.scene import by_key
from autograd_lite.drawing.view.composites import Composite
from autograd_lite.drawing.view.homes import ModulePath, numberless
from autograd_lite.drawing.view.partition import Partition, levels, partition_by, summary, without_cycles
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.primitive import Primitive

FOLD_ABOVE: Final = 60  # boxes; from there on neighbours that are alike become one
COMFORTABLE: Final = 40  # boxes; the deepest modules that need no more are shown
CHUNKS: Final = 40  # the last resort: so many boxes for whatever is left

PartKeys = list[Hashable]
Titles = dict[Hashable, str]


def functions_folded(survey: Survey, functions: Sequence[Composite]) -> Partition:
    """The partition in which every function is one part, and every other value another."""
    home: list[ModulePath] = [()] * len(survey)
    partition = _by_module(survey, home, functions, 0, len(survey))
    last = {part: i for i, part in enumerate(partition.part)}  # in this order a function of one result follows what it uses
    turn = {part: k for k, part in enumerate(sorted(last, key=last.__getitem__))}
    partition.part = [turn[part] for part in partition.part]
    partition.names = [partition.names[part] for part in turn]
    partition.pairs = {(turn[operand], turn[user]) for operand, user in partition.pairs}
    partition.results = {partition.part[one.output]: one.output for one in functions if one.output is not None}
    return partition


def collapsed(
    survey: Survey, home: Sequence[ModulePath], functions: Sequence[Composite], depth: int | None, most: int
) -> Partition:
    """The partition by modules.

    Args:
        survey: of the graph.
        home: per value.
        functions: of what no module holds.
        depth: how many names of a module's path are told apart; None for what fits comfortably.
        most: boxes there may be.
    """
    if depth is None:
        paths = set(home)
        depths = range(1, max(map(len, paths)))
        depth = 1 + sum(1 for _ in takewhile(lambda d: len({path[: d + 1] for path in paths if path}) <= COMFORTABLE, depths))
    limit = min(most, FOLD_ABOVE)
    partition = _by_module(survey, home, functions, depth, limit)
    for enough, coarser in ((limit, _outside_gathered), (limit, _neighbours_folded), (most, _in_chunks)):
        if partition.count > enough:
            partition = coarser(survey, partition)
    return partition


def _by_module(survey: Survey, home: Sequence[ModulePath], functions: Sequence[Composite], depth: int, limit: int) -> Partition:
    """A part for each module and function; where that is too many, leaves outside gathered by their names' beginnings."""
    short = {path: path[:depth] for path in set(home)}
    keys: PartKeys = [short[path] or i for i, path in enumerate(home)]
    sizes = Counter(short[path] for path in home)
    names: Titles = {path: ".".join(path) for path, size in sizes.items() if path and size > 1}
    for number, function in enumerate(functions):
        if not any(home[i] for i in function.members):
            names["function", number] = function.name
            for i in function.members:
                keys[i] = ("function", number)
    if len(set(keys)) > limit:
        outside = [i for i, value in enumerate(survey.values) if not home[i] and value.primitive is None and i not in survey.roots]
        for key, found in by_key(((_stem(survey.values[i].label), survey.values[i].requires_grad), i) for i in outside).items():
            if len(found) > 1:
                names[key] = f"{key[0]}[…]" if key[0] else summary(survey, found)
                for i in found:
                    keys[i] = key
    return without_cycles(partition_by(survey, keys, names))


def _outside_gathered(survey: Survey, partition: Partition) -> Partition:
    """What else no module holds, gathered by level; roots stay alone. Acyclic, as levels never fall along an edge."""
    level = levels(partition)
    alone = {partition.part[root] for root in survey.roots}
    keys: PartKeys = [part if name or part in alone else ("values", level[part]) for part, name in enumerate(partition.names)]
    gathered = by_key((keys[part], i) for i, part in enumerate(partition.part) if isinstance(keys[part], tuple))
    names: Titles = {part: name for part, name in enumerate(partition.names) if name}
    names |= {key: summary(survey, found) for key, found in gathered.items() if len(found) > 1}
    return partition.coarser(keys, names)


def _neighbours_folded(survey: Survey, partition: Partition) -> Partition:
    """Parts that are alike (same name but for its number, same level, same operations) as one; no edge joins parts of a level."""
    level = levels(partition)
    kinds: list[Counter[Primitive | None]] = [Counter() for _ in partition.names]
    for value, part in zip(survey.values, partition.part, strict=True):
        kinds[part][value.primitive] += 1
    shapes = [tuple(sorted((primitive.name if primitive else "", n) for primitive, n in kind.items())) for kind in kinds]
    keys: PartKeys = [(numberless(name), level[part], shapes[part]) if name else part for part, name in enumerate(partition.names)]
    alike = by_key(zip(keys, partition.names, strict=True)).items()
    return partition.coarser(
        keys, {key: found[0] if len(found) == 1 else f"{numberless(found[0])} x {len(found)}" for key, found in alike}
    )


def _in_chunks(survey: Survey, partition: Partition) -> Partition:
    """Neighbouring levels as one part each, CHUNKS of them: acyclic, as levels never fall along an edge."""
    level = levels(replace(partition, names=[name or "one" for name in partition.names]))
    top = max(level) + 1
    chunks: PartKeys = [at * CHUNKS // top for at in level]
    chunks[partition.part[survey.root]] = CHUNKS
    found = by_key(zip(chunks, partition.names, strict=True))
    names: Titles = {}
    for chunk, inside in found.items():
        known = [name for name in inside if name]
        if chunk != CHUNKS or known:
            names[chunk] = known[0] + (f" … {known[-1]}" if len(known) > 1 else "") if known else "values"
    result = partition.coarser(chunks, names)
    result.notes = (*partition.notes, f"modules are joined by their distance from the inputs, {len(found)} boxes")
    return result


def _stem(label: object) -> str:
    """A label without its index: `x` of `x[3]`.

    >>> _stem("x[3]"), _stem(None)
    ('x', '')
    """
    return str(label).split("[")[0] if label else ""
