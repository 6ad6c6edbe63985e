"""A gradient checked by experiment: nudge one value, compute the recorded graph again, and compare the slope."""

from dataclasses import dataclass
from math import isfinite, ulp

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.wording import quotient


@dataclass(frozen=True, slots=True)
class Proof:
    """The gradient that the backward pass predicts, and the slope that was found by nudging. Given by `Steps.prove`.

    Attributes:
        name: the derivative, such as "dL/dw".
        predicted: by the recorded backward pass, from a gradient of 0.
        actual: the slope by central differences (`autograd_lite.testing.central`); nan if there is no slope that both sides share.
        error: its error bar.
        step: the largest nudge that was tried.
        agrees: whether the two are equal within that error.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> x = Value(3.0, label="x")
        >>> proof = record(x * x).prove("x")
        >>> proof.name, proof.predicted, abs(proof.actual - 6.0) <= proof.error < 1e-9, proof.agrees
        ('dL/dx', 6.0, True, True)
    """

    name: str
    predicted: float
    actual: float
    error: float
    step: float
    agrees: bool

    def __str__(self) -> str:
        if self.actual != self.actual:
            return f"{self.name}: predicted {self.predicted:.9g}, no verdict: no slope could be measured on both sides of it"
        verdict = "they agree" if self.agrees else "they DIFFER"
        found = f"actual {self.actual:.9g} +- {self.error:.1g} (h = {self.step:.1g})"
        return f"{self.name}: predicted {self.predicted:.9g}, {found}: {verdict}"


def prove(recording: Recording, i: int) -> Proof:
    """The proof for the node of number `i`.

    Raises:
        GraphError: if it is a constant.
    """
    if not recording.nodes[i].requires_grad:
        raise GraphError(f"`{recording.names[i]}` is a constant and has no gradient to prove")
    from autograd_lite.testing import central  # which is loaded when something is to be proved

    predicted, replay = _predicted(recording, i), _Replay(recording, i)
    found = central(replay, recording.data[i]).scaled(recording.seed)
    agrees = isfinite(found.value) and found.covers(predicted, 4.0 * ulp(found.value))
    name = quotient(recording.names[-1], recording.names[i])
    return Proof(name, predicted, found.value, found.error, replay.furthest, agrees)


def _predicted(recording: Recording, i: int) -> float:
    """The sum of the contributions, without what the leaf held before."""
    if i == len(recording.nodes) - 1:
        return recording.seed
    edges = (edge for edge, j in enumerate(recording.operand) if j == i)
    return sum((recording.local[edge] * recording.end[recording.user[edge]] for edge in edges), 0.0)


class _Replay:
    """The root as a function of one node: only what depends on it is computed again."""

    def __init__(self, recording: Recording, i: int) -> None:
        self.recording, self.start, self.furthest = recording, i, 0.0
        reached = {i}
        for k in recording.interior:
            if k > i and not reached.isdisjoint(recording.numbers_of(k)):
                reached.add(k)
        self.plan = [(k, recording.nodes[k].primitive, recording.numbers_of(k)) for k in sorted(reached - {i})]

    def __call__(self, x: float) -> float:
        values, data = {self.start: x}, self.recording.data
        self.furthest = max(self.furthest, abs(x - data[self.start]))
        for k, primitive, operands in self.plan:
            values[k] = forward(primitive, [values[j] if j in values else data[j] for j in operands])
        return values.get(len(data) - 1, data[-1])
