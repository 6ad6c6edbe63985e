"""An optimizer's rules at work on one array that holds all parameters."""

from collections.abc import Sequence
from typing import Any

import numpy

from autograd_lite.clipping import described
from autograd_lite.datasets import Array
from autograd_lite.optim import Group, Optimizer
from autograd_lite.value import Value

__all__ = ["FlatOptimizer", "memory_of", "set_memory"]


class FlatOptimizer:
    """An `Optimizer` whose parameters lie in a flat array: the same rules, rates and constants, one call for each group.

    Args:
        optimizer: whose groups, steps and memory these are; `write_back` returns the memory to it.
        parameters: the Values that the places of the array stand for.
    Raises:
        ValueError: if one of the optimizer's parameters is not among them.
    Example:
        >>> from autograd_lite.optim import SGD
        >>> w = [Value(1.0), Value(2.0)]
        >>> numbers = numpy.array([1.0, 2.0])
        >>> FlatOptimizer(SGD(w, 0.5), w).step(numbers, numpy.array([2.0, 0.0]))
        >>> numbers.tolist()
        [0.0, 2.0]
    """

    def __init__(self, optimizer: Optimizer, parameters: Sequence[Value]) -> None:
        place_of = {id(parameter): place for place, parameter in enumerate(parameters)}
        self.optimizer = optimizer
        self._parts = [_Part(group, place_of) for group in optimizer.groups]

    def step(self, numbers: Array, gradient: Array) -> None:
        """Updates the numbers in their array once.

        Raises:
            ValueError: if a schedule gives no valid rate; no number is changed then.
        """
        optimizer = self.optimizer
        rates = [group.rate(optimizer.steps) for group in optimizer.groups]
        optimizer.steps += 1
        for part, rate in zip(self._parts, rates, strict=True):
            part.step(numbers, gradient, rate, optimizer.steps)

    def write_back(self) -> None:
        """Gives the optimizer its memory back, one number for each parameter."""
        for part in self._parts:
            part.write_back()


class _Part:
    """One group: where its parameters lie in the array, and what its rule remembers of them, in the array's order."""

    def __init__(self, group: Group, place_of: dict[int, int]) -> None:
        for parameter in group.parameters:
            if id(parameter) not in place_of:
                raise ValueError(f"{described(parameter)} takes no part in the loss, so it has no gradient there: leave it out")
        found = numpy.array([place_of[id(parameter)] for parameter in group.parameters])
        self.group = group
        self.order = found.argsort()
        first, last = int(found.min()), int(found.max())
        # A slice where they lie side by side, in whatever order: it saves copying them out and in.
        self.places: Any = slice(first, last + 1) if last - first + 1 == len(found) else found[self.order]
        self.memory: tuple[Array, ...] = tuple(memory_of(group)[:, self.order])

    def step(self, numbers: Array, gradient: Array, rate: float, step: int) -> None:
        places = self.places
        numbers[places], self.memory = self.group.rule.update(numbers[places], gradient[places], self.memory, rate, step)

    def write_back(self) -> None:
        if self.memory:
            memory = numpy.empty((len(self.memory), len(self.order)))
            memory[:, self.order] = self.memory
            set_memory(self.group, memory)


def memory_of(group: Group) -> Array:
    """(things, parameters) what the group's rule remembers: a row for each of its names."""
    return numpy.array(group.states).reshape(len(group.parameters), len(group.rule.state_names)).T


def set_memory(group: Group, memory: Array) -> None:
    """Gives a group the memory that `memory_of` gave."""
    group.states = [tuple(state) for state in memory.T.tolist()]
