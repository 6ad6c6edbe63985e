"""The graph of a function, where it stands on kinks and jumps, and the same graph with straight lines there."""

import math
from dataclasses import replace
from functools import cached_property
from typing import Any

from autograd_lite.engine.value import Value
from autograd_lite.testing.checker.kinks import Kink, documents_jumps, kinks
from autograd_lite.testing.checker.local import judge_local
from autograd_lite.testing.checker.verdict import Component
from autograd_lite.testing.graphs import replay
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import OURS, PLAIN


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


class Ties:
    """Where a function stands on kinks and jumps.

    Attributes:
        target: the function at the point.
        outputs: its results: nodes, or numbers where there is no graph.
        kinks: those that each result stands on.
        are_own: whether the derivatives under test come from this graph, which is then held to its documented ones.
    """

    def __init__(self, target: Target, are_own: bool) -> None:
        self.target = target
        self.are_own = are_own
        self.outputs, self._leaves = labelled_graph(target)
        self.kinks = [_ties(output) for output in self.outputs]

    def conventions(self) -> list[Component]:
        """In an own graph, the recorded derivatives at ties: are they the documented ones, or between the slopes on both sides?"""
        tied = {id(kink.node): kink for found in self.kinks for kink in found} if self.are_own else {}
        return [
            replace(judge_local(kink.node, index, local), name=f"the derivative of {kink} by operand {index + 1}")
            for kink in tied.values()
            for index, local in enumerate(kink.node.local_derivatives)
            if local is not None
        ]

    @cached_property
    def straightened(self) -> list[Target | None]:
        """For each result, its graph with its tied nodes replaced by lines; None where there is no graph, tie or line."""
        outputs, leaves = self.outputs, self._leaves
        if self.target.engine is not OURS:
            outputs, leaves = graph_if_any(self.target)
        return [_straightened(output, _ties(output), leaves) for output in outputs]

    def required(self, output: int) -> Target | None:
        """In an own graph with ties, the straightened result, whose derivatives the chain rule must give."""
        return self.straightened[output] if self.are_own else None


def _ties(output: Any) -> list[Kink]:
    return [kink for kink in kinks(output) if kink.is_tie] if isinstance(output, Value) else []


def _straightened(output: Any, ties: list[Kink], leaves: list[Any]) -> Target | None:
    """The graph as a function, its tied nodes replaced by lines of the slopes they should have; None if one is vertical."""
    lines: dict[int, list[float]] = {}
    for kink in ties:
        if kink.is_jump and kink.special is None and not (kink.node.primitive and documents_jumps(kink.node.primitive)):
            return None
        recorded = kink.node.local_derivatives
        wanted = recorded if kink.special is None else kink.special.partials
        slopes = [0.0 if local is None else want or 0.0 for local, want in zip(recorded, wanted, strict=True)]
        if not all(map(math.isfinite, slopes)):
            return None
        lines[id(kink.node)] = slopes
    return Target(replay(output, leaves, lines), tuple(leaf.data for leaf in leaves), PLAIN) if lines else None
