"""why: a gradient taken apart into the paths it came by.

d root / d value is the sum, over all paths from the value to the root, of the product of the local derivatives along the path.
While the paths are few they are all listed and their products add up to the gradient; a graph can have more paths than atoms, and
then the largest are found first (by what is still attainable from each value on) and the remainder is stated.
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import fsum, inf, isfinite, log
from typing import Final, NamedTuple

from autograd_lite.drawing.scene import by_key, number
from autograd_lite.drawing.view.highlight import GradientFlow, percent, place_of
from autograd_lite.drawing.view.survey import Survey, short
from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.text import visible
from autograd_lite.engine.value import Value

FEW: Final = 10_000  # paths that are all listed
FEW_STEPS: Final = 1_000_000  # values on all of them together
MANY: Final = 10**18  # the count of paths stops here
SEARCH: Final = 200_000  # steps of the search for the largest paths
_Uses = dict[int, list[tuple[int, float]]]  # per value its users on the ways, with the local derivative


@dataclass(frozen=True, slots=True)
class GradientPath:
    """One way from the value to the root. Given by `why`.

    Attributes:
        values: the names along it, the value first and the root last: labels, or operations where there is none.
        local_derivatives: one per edge.
        product: of the local derivatives: what the path adds to the gradient.
        killed_by: on a dead path, the operation whose local derivative is exactly 0; else empty.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(-3.0, label="x")
        >>> path = why((2.0 * x).relu(), x).paths[0]
        >>> path.values, path.local_derivatives, path.product, path.killed_by
        (('x', '*', 'relu'), (2.0, 0.0), 0.0, 'relu')
    """

    values: tuple[str, ...]
    local_derivatives: tuple[float, ...]
    product: float
    killed_by: str = ""

    def __str__(self) -> str:
        steps = [self.values[0]]
        steps += [f"-({number(local)})-> {name}" for local, name in zip(self.local_derivatives, self.values[1:], strict=True)]
        if len(steps) > 14:
            steps = [*steps[:7], f"... {len(steps) - 13} steps ...", *steps[-6:]]
        return " ".join(steps) + (f"   dead: killed by {self.killed_by}" if self.killed_by else "")


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Where a gradient comes from; prints itself. Given by `why`.

    Attributes:
        value, root: their names.
        gradient: d root / d value.
        paths: the largest products first; all paths if `complete`.
        count: how many paths there are (not counted beyond 10 ** 18).
        complete: whether `paths` holds all of them.
        remainder: the gradient without the paths listed.
        shown: how many of the paths are printed.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0, label="x")
        >>> found = why(x * x + 2.0 * x, x)
        >>> found.gradient, found.count, found.complete, [path.product for path in found.paths], found.remainder
        (8.0, 3, True, [3.0, 3.0, 2.0], 0.0)
    """

    value: str
    root: str
    gradient: float
    paths: tuple[GradientPath, ...]
    count: int
    complete: bool
    remainder: float
    shown: int = 10

    def __repr__(self) -> str:
        ways = f"{self.count:,} path{'s' if self.count != 1 else ''}" if self.count < MANY else "more than 10 ** 18 paths"
        lines = [f"d {self.root} / d {self.value} = {number(self.gradient, 6)}, by {ways}"]
        for path in self.paths[: self.shown]:
            share = percent(path.product, self.gradient)
            lines.append(f"  {number(path.product, 6):>12} {f'({share})' if share else '':>10}   {path}")
        if len(self.paths) > self.shown:
            rest = fsum(path.product for path in self.paths[self.shown :])
            lines.append(f"  {number(rest, 6):>12} {'':>10}   by the other {len(self.paths) - self.shown:,} paths")
        if not self.complete:
            lines.append(f"  {number(self.remainder, 6):>12} {'':>10}   by all the paths that are not listed")
        return "\n".join(lines)


def why(root: Value, value: Value, *, top: int = 10) -> Explanation:
    """The gradient d root / d value as a sum over paths, each with the product of its local derivatives.

    Needs no backward pass: it uses the local derivatives recorded with the graph.

    Args:
        root: what is differentiated, usually the loss.
        value: with respect to what; any value of root's graph.
        top: how many paths to print, and to look for where there are more than 10,000.
    Raises:
        TypeError: if `root` or `value` is not a Value.
        GraphError: if root was not computed from `value`.
        ValueError: if `top` is not positive.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0, label="x")
        >>> print(why(x * x + 2.0 * x, x))
        d + / d x = 8, by 3 paths
                     3   (37.5 %)   x -(3)-> * -(1)-> +
                     3   (37.5 %)   x -(3)-> * -(1)-> +
                     2     (25 %)   x -(2)-> * -(1)-> +
    """
    if not isinstance(root, Value):
        raise TypeError(f"why takes a Value, got {type(root).__name__} {root!r:.60}")
    if not isinstance(top, int) or top < 1:
        raise ValueError(f"`top` is {top!r}: give a whole number from 1 on")
    with quiet_gc():
        return _explained(root, value, top)


def _explained(root: Value, value: Value, top: int) -> Explanation:
    survey = Survey(root, recorded_only=True)
    if survey.place_of(value) is None:
        survey = Survey(root)  # a constant, of which the gradient is 0; or a stranger, who is named
    ways = GradientFlow(survey, place_of(survey, value, "value"))
    uses = by_key(((p, (i, local)) for p, i, _, local in ways.edges), ways.forward)
    count, steps = _counts(ways, uses)
    complete = count <= FEW and steps <= FEW_STEPS
    found = _all_paths(ways, uses) if complete else _largest_paths(ways, uses, top)
    paths = tuple(_described(survey, path) for path in found)
    products = [path.product for path in paths]
    gradient = fsum(products) if complete and all(map(isfinite, products)) else ways.total
    remainder = 0.0 if complete else ways.total - fsum(products)
    names = _name(survey, ways.source), _name(survey, survey.root)
    return Explanation(*names, gradient, paths, count, complete, remainder, top)


def _counts(ways: GradientFlow, uses: _Uses) -> tuple[int, int]:
    """How many paths there are and how many edges they have together, both counted up to MANY."""
    count = dict.fromkeys(uses, 0)
    steps = dict.fromkeys(uses, 0)
    count[ways.source] = 1
    for i in sorted(uses):
        for user, _ in uses[i]:
            count[user] = min(MANY, count[user] + count[i])
            steps[user] = min(MANY, steps[user] + steps[i] + count[i])
    return count[ways.survey.root], steps[ways.survey.root]


class _Walk(NamedTuple):
    """A path so far: its last value, the edge to it, its product, and the walk before it."""

    last: int
    local: float
    product: float
    before: "_Walk | None"


def _all_paths(ways: GradientFlow, uses: _Uses) -> list[_Walk]:
    """Every path, the largest product first; equal ones in the order of the graph."""
    found: list[_Walk] = []
    stack = [_Walk(ways.source, 1.0, 1.0, None)]
    while stack:
        walk = stack.pop()
        if walk.last == ways.survey.root:
            found.append(walk)
        stack += [_Walk(user, local, walk.product * local, walk) for user, local in reversed(uses[walk.last])]
    return sorted(found, key=lambda walk: -abs(walk.product))


def _largest_paths(ways: GradientFlow, uses: _Uses, top: int) -> list[_Walk]:
    """The paths of the largest |product|, found best first: a walk's rank is its product times the best that can follow."""
    follow: dict[int, float] = {}
    for i in sorted(uses, reverse=True):
        after = [follow[user] + (_log(local) if local != 1.0 else 0.0) for user, local in uses[i]]  # 1 as in every sum
        follow[i] = max(after, default=0.0 if i == ways.survey.root else -inf)
    found: list[_Walk] = []
    ranked: list[tuple[float, int, float, _Walk]] = [(-follow[ways.source], 0, 0.0, _Walk(ways.source, 1.0, 1.0, None))]
    entered = 0
    while ranked and len(found) < top and entered < SEARCH:
        _, _, size, walk = heappop(ranked)
        if walk.last == ways.survey.root:
            found.append(walk)
        for user, local in uses[walk.last]:
            rank = size + _log(local) + follow[user]
            if rank > -inf:
                entered += 1
                longer = _Walk(user, local, walk.product * local, walk)
                heappush(ranked, (-rank, -entered, size + _log(local), longer))
    return found


def _log(local: float) -> float:
    return -inf if local == 0.0 or local != local else log(min(abs(local), 1e300))


def _described(survey: Survey, walk: _Walk) -> GradientPath:
    steps = [walk]
    while (before := steps[-1].before) is not None:
        steps.append(before)
    source, *taken = reversed(steps)
    killer = next((short(survey.values[step.last].primitive) for step in taken if step.local == 0.0), "")
    names = [_name(survey, step.last) for step in (source, *taken)]
    return GradientPath(tuple(names), tuple(step.local for step in taken), walk.product, killer)


def _name(survey: Survey, i: int) -> str:
    """A value's label, else its operation, else its number."""
    value = survey.values[i]
    return visible(value.label) if value.label else short(value.primitive) or number(value.data)
