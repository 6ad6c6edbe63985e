"""Composites: a softmax or a cross-entropy leaves a dozen values, and is one thing to a reader.

Nothing marks such values, and no primitive is known by name here. Each function is run on values of its own, and the graph that it
leaves is a pattern. Values that the same primitives made in the same way, with the same numbers, compute the same function of what
went in. A number of the pattern that depends on what goes in, such as the largest logit, which is taken off, may be any.

A place in a pattern is that of a survey: operands before users.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from autograd_lite.drawing.scene import by_key
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.value import Value
from autograd_lite.losses import cross_entropy
from autograd_lite.vectors import log_softmax, softmax

MOST_INPUTS: Final = 32  # of a function that is looked for
MOST_VALUES: Final = 20_000  # of a graph that is looked through
FAR: Final = 30.0  # between logits, so that one is certain

Shape = tuple[Primitive | None, ...]
Function = Callable[[list[Value], Any], Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Composite:
    """Values that one function computed together.

    Attributes:
        name: of the function.
        members: their places, in order.
        output: the place of its only result; None where it has several.
    """

    name: str
    members: tuple[int, ...]
    output: int | None


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The graph that a function leaves.

    `made` has the primitive of each place, or None; `numbers` the number of a constant that is the same whatever goes in;
    `free` the places of the other constants.
    """

    name: str
    made: list[Primitive | None]
    operands: list[list[int]]
    numbers: dict[int, float]
    free: set[int]
    outputs: list[int]

    def shape(self, place: int) -> Shape:
        """What made a place, and its operands; None for anything at all."""
        return (self.made[place], *(self.made[p] for p in self.operands[place]))


def composites(survey: Survey) -> list[Composite]:
    """The softmaxes and cross-entropies of a graph, in order.

    >>> values = [Value(float(k)) for k in range(3)]
    >>> [(found.name, len(found.members)) for found in composites(Survey(cross_entropy(values, 1)))]
    [('cross_entropy', 7)]
    """
    if len(survey) > MOST_VALUES:
        return []
    made = [value.primitive for value in survey.values]
    kinds = set(made)
    start = survey.start
    known = {primitive for pattern in _patterns(2) if kinds.issuperset(pattern.made) for primitive in pattern.made if primitive}
    counts = {start[i + 1] - start[i] for i, primitive in enumerate(made) if primitive in known}
    widths = {count + extra for count in counts for extra in (0, 1)}
    found: list[Composite] = []
    taken: set[int] = set()
    by_shape = by_key(((made[i], *(made[p] for p in survey.operands_of(i))), i) for i in range(len(survey)) if made[i])
    for width in sorted(width for width in widths if 2 <= width <= MOST_INPUTS):
        for pattern in _patterns(width):
            if kinds.issuperset(pattern.made):
                for composite in _found(pattern, survey, by_shape, taken):
                    taken.update(composite.members)
                    found.append(composite)
    return sorted(found, key=lambda composite: composite.members)


def _found(pattern: _Pattern, survey: Survey, by_shape: dict[Shape, list[int]], taken: set[int]) -> Iterator[Composite]:
    """Where a pattern occurs among values that no other one has taken."""
    wanted = [(place, _fitting(pattern.shape(place), by_shape)) for place in pattern.outputs]
    for place, candidates in wanted:
        for i in candidates:
            if i in taken or (bound := _bound(pattern, place, survey, i, {})) is None:
                continue
            outputs = {i}
            for other, others in wanted:  # the same inputs, and what else came of them
                for j in others:
                    more = None if j in outputs or j in taken else _bound(pattern, other, survey, j, bound)
                    if more is not None:
                        bound, outputs = more, {*outputs, j}
            inside = {g for p, g in bound.items() if pattern.made[p] is not None}
            if not inside & taken:
                yield Composite(pattern.name, _with_numbers(survey, inside), i if len(pattern.outputs) == 1 else None)


def _fitting(shape: Shape, by_shape: dict[Shape, list[int]]) -> list[int]:
    """The values of a shape; an input of the pattern may have been made by anything."""
    if None not in shape:
        return by_shape.get(shape, [])
    return [
        i
        for other, values in by_shape.items()
        if len(other) == len(shape) and all(mine is None or mine is theirs for mine, theirs in zip(shape, other, strict=True))
        for i in values
    ]


def _bound(pattern: _Pattern, place: int, survey: Survey, i: int, known: dict[int, int]) -> dict[int, int] | None:
    """The values that stand for the places of a pattern if value i stands for `place`; None if it cannot."""
    bound = dict(known)
    todo = [(place, i)]
    while todo:
        p, g = todo.pop()
        value = survey.values[g]
        if p in bound:
            if bound[p] != g and (p not in pattern.free or repr(survey.values[bound[p]].data) != repr(value.data)):
                return None
            continue
        if p in pattern.numbers or p in pattern.free:
            if value.requires_grad or value.primitive or (p in pattern.numbers and repr(pattern.numbers[p]) != repr(value.data)):
                return None
        elif pattern.made[p] is not None:
            operands = survey.operands_of(g) if value.primitive is pattern.made[p] else []
            if len(operands) != len(pattern.operands[p]):
                return None
            todo += zip(pattern.operands[p], operands, strict=True)
        bound[p] = g
    return bound


def _with_numbers(survey: Survey, inside: set[int]) -> tuple[int, ...]:
    """The values and the plain numbers that only they use."""
    uses, within = Counter(survey.flat), Counter(p for i in inside for p in survey.operands_of(i))
    plain = {
        p
        for p, count in within.items()
        if count == uses[p] and not (value := survey.values[p]).requires_grad and value.primitive is None and not value.label
    }
    return tuple(sorted(inside | plain))


# ---- patterns ----------------------------------------------------------------------------------------------------------------


@cache
def _patterns(width: int) -> list[_Pattern]:
    """The patterns of so many inputs; those that hold others come first."""
    even = [1.0 / width] * width
    uneven = [2.0**-k / (2.0 - 2.0 ** (1 - width)) for k in range(width)]
    found = [_pattern("cross_entropy", lambda x, t: [cross_entropy(x, t)], width, 0.0, 0, (even, uneven))]
    for right in range(width):
        sure = [float(k == right) for k in range(width)]
        for logit in (FAR, -FAR):  # the loss has one form where the right class is likely, and another where not
            found.append(_pattern("cross_entropy", lambda x, t: [cross_entropy(x, t)], width, logit, right, (right, right)))
        found.append(_pattern("cross_entropy", lambda x, t: [cross_entropy(x, t)], width, 0.0, right, (sure, sure)))
    found.append(_pattern("softmax", lambda x, _: softmax(x), width, 0.0, 0, (None, None)))
    found.append(_pattern("log_softmax", lambda x, _: log_softmax(x), width, 0.0, 0, (None, None)))
    return found


def _pattern(name: str, function: Function, width: int, logit: float, right: int, targets: tuple[Any, Any]) -> _Pattern:
    """The graph of a function, run twice: numbers that differ depend on what goes in."""
    surveys: list[Survey] = []
    outputs: list[int] = []
    inputs: list[set[int]] = []
    with observed(None), enable_grad():
        for turn, target in enumerate(targets):
            x = [Value(turn + 0.1 * k + logit * (k == right)) for k in range(width)]
            results = function(x, target)
            survey = Survey(*results)
            place = {id(value): i for i, value in enumerate(survey.values)}
            outputs = [place[id(result)] for result in results]
            surveys.append(survey)
            inputs.append({place[id(value)] for value in x})
    first, second = surveys
    count = max(outputs) + 1
    made = [value.primitive for value in first.values[:count]]
    plain = [i for i in range(count) if made[i] is None and i not in inputs[0]]
    numbers = {i: first.values[i].data for i in plain if repr(first.values[i].data) == repr(second.values[i].data)}
    operands = [first.operands_of(i) for i in range(count)]
    return _Pattern(name, made, operands, numbers, set(plain) - numbers.keys(), outputs)
