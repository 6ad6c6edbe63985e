"""An optimizer's rules applied to one array of the parameters that learn."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy

from autograd_lite.engine.value import Value
from autograd_lite.optim.clipping import described, unbounded
from autograd_lite.optim.divergence import StepError
from autograd_lite.optim.groups import Group
from autograd_lite.optim.optimizers import Optimizer
from autograd_lite.optim.update_rules import AdamRule, SGDRule

Array = numpy.ndarray[Any, numpy.dtype[Any]]


class FlatOptimizer:
    """An `Optimizer` whose parameters lie in a flat array: the same rules, rates and constants, one call for each group.

    Frozen parameters (`requires_grad` is False) stay, where they have a place in the array; their state stays with the optimizer.

    Args:
        optimizer: whose groups, steps and state are used; `write_back` returns the state to it.
        parameters: the Values at the places of the array.
        dtype: of the array, and of what the rules remember.
    Raises:
        ValueError: if one of the optimizer's parameters that learn is not among them.
    Example:
        >>> from autograd_lite.optim import SGD
        >>> w = [Value(1.0), Value(2.0)]
        >>> numbers = numpy.array([1.0, 2.0])
        >>> FlatOptimizer(SGD(w, 0.5), w).step(numbers, numpy.array([2.0, 0.0]))
        >>> numbers.tolist()
        [0.0, 2.0]
    """

    def __init__(self, optimizer: Optimizer, parameters: Sequence[Value], dtype: Any = numpy.float64) -> None:
        place_of = {id(parameter): place for place, parameter in enumerate(parameters)}
        self.optimizer, self.parameters = optimizer, parameters
        self.parts = [Part(group, place_of, dtype) for group in optimizer.groups]

    @cached_property
    def learning(self) -> Any:
        """The places of the parameters that learn; a slice where they lie side by side."""
        everywhere = numpy.arange(len(self.parameters))
        return _together(numpy.sort(numpy.concatenate([everywhere[part.places] for part in self.parts])))

    def clip(self, gradient: Array, max_norm: float) -> None:
        """Shrinks the gradient to a length of `max_norm` where it is longer, as `clip_gradient_norm` does.

        Raises:
            ValueError: if a number of it is nan or infinite.
        """
        found = gradient[self.learning]
        if max_norm == math.inf or not found.size:
            return
        if not numpy.isfinite(found).all():
            wrong = numpy.zeros(len(gradient), bool)
            wrong[self.learning] = ~numpy.isfinite(found)
            place = int(wrong.argmax())
            raise unbounded(self.parameters[place], float(gradient[place]))
        longest = float(numpy.abs(found).max())
        if longest == 0.0:
            return
        scaled = found / longest
        length = math.sqrt(float(scaled @ scaled))
        if length > max_norm / longest:
            gradient[self.learning] = scaled / length * max_norm

    def step(self, numbers: Array, gradient: Array) -> None:
        """Updates the numbers in their array once: all of them, or none where an error is raised.

        Raises:
            ValueError: if a schedule gives no valid rate.
            StepError: as `Optimizer.step`.
        """
        with numpy.errstate(all="ignore"):  # what is not finite is found
            self.move(numbers, gradient)

    def move(self, numbers: Array, gradient: Array) -> None:
        """The same, but that NumPy reports what it is told to report."""
        optimizer, found = self.optimizer, []
        steps = optimizer.steps
        for part in self.parts:
            found.append(part.moved(numbers, gradient, part.group.rate(steps), steps + 1, self.parameters))
        optimizer.steps = steps + 1
        for part, (moved, memory) in zip(self.parts, found, strict=True):
            numbers[part.places], part.memory = moved, memory

    def write_back(self) -> None:
        """Returns the state to the optimizer, one number for each parameter."""
        for part in self.parts:
            part.write_back()


class Part:
    """One group: the places of its learning parameters in the array, and their state in the array's order.

    Attributes:
        places: a slice where they lie side by side. memory: one array for each thing that the rule remembers.
    """

    def __init__(self, group: Group, place_of: dict[int, int], dtype: Any) -> None:
        learning = [(i, parameter) for i, parameter in enumerate(group.parameters) if parameter.requires_grad]
        for _, parameter in learning:
            if id(parameter) not in place_of:
                raise ValueError(f"{described(parameter)} takes no part in the loss, so it has no gradient there: leave it out")
        found = numpy.array([place_of[id(parameter)] for _, parameter in learning], int)
        order = found.argsort()
        self.group, self.count = group, len(found)
        self.members = numpy.array([i for i, _ in learning], int)[order]  # places in the group, in the array's order
        self.places: Any = _together(found[order])
        self.memory: tuple[Array, ...] = tuple(memory_of(group)[:, self.members].astype(dtype))

    def moved(self, numbers: Array, gradient: Array, rate: float, step: int, parameters: Sequence[Value]) -> Any:
        """The group's new numbers and memory; the old ones are left as they are."""
        x, slopes, memory, rule = numbers[self.places], gradient[self.places], self.memory, self.group.rule
        if not self.count:
            return x, memory
        if type(rule) not in (SGDRule, AdamRule):  # which may change what it is given, as floats cannot be changed
            x, slopes, memory = x.copy(), slopes.copy(), tuple(numpy.copy(each) for each in memory)
        try:
            moved, memory = rule.update(x, slopes, memory, rate, step)
        except (TypeError, ValueError) as error:
            error.add_note(f"{rule!r} was given arrays: for a program, write its update with operators only, or train by eager.")
            raise
        for found in (moved, *memory):
            if not _is_finite(found):
                place = int(numpy.broadcast_to(numpy.isfinite(found), self.count).argmin())
                worst = [numpy.broadcast_to(each, self.count)[place] for each in (moved, *memory)]
                owner = parameters[int(numpy.arange(len(numbers))[self.places][place])]
                raise StepError(step, self.group, owner, float(gradient[self.places][place]), worst)
        return moved, memory

    def write_back(self) -> None:
        """Returns the state to the group, one number for each parameter."""
        if self.memory:
            memory = memory_of(self.group)
            for row, numbers in zip(memory, self.memory, strict=True):
                row[self.members] = numbers
            set_memory(self.group, memory)


def _is_finite(numbers: Any) -> bool:
    """Whether all numbers are; the sum of their squares says so sooner, unless it overflows."""
    if isinstance(numbers, numpy.ndarray) and numbers.ndim == 1 and math.isfinite(numbers.dot(numbers)):
        return True
    return bool(numpy.isfinite(numbers).all())


def _together(places: Array) -> Any:
    """Sorted places; as a slice where they lie side by side, which saves copying them out and in."""
    if len(places) and places[-1] - places[0] + 1 == len(places):
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def check_own_step(optimizer: Optimizer, who: str, instead: str) -> None:
    """Refuses an optimizer whose class does more in a step than its rule does.

    Args:
        who: would pass it by. instead: what else to use.
    Raises:
        ValueError: if `step` or `zero_grad` is not that of `Optimizer`; the message says what to write instead.
    """
    for name in ("step", "zero_grad"):
        if getattr(getattr(optimizer, name), "__func__", None) is not getattr(Optimizer, name):
            raise ValueError(
                f"{type(optimizer).__name__} has a `{name}` of its own, which {who} would pass by: it applies the rules "
                f"to whole arrays. Put the update into a rule, {instead}."
            )


def memory_of(group: Group) -> Array:
    """(state vectors, parameters) what the group's rule remembers: a row for each of its names."""
    return numpy.array(group.by_name(), float).reshape(len(group.rule.state_names), len(group.parameters))


def set_memory(group: Group, memory: Array) -> None:
    """Gives a group the memory that `memory_of` gave."""
    group.remember([tuple(state) for state in memory.T.tolist()])
