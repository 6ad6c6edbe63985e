"""A gradient proved by experiment: nudge one value, compute the recorded graph again, and compare the slope."""

from dataclasses import dataclass
from math import inf, isfinite, ulp

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.wording import quotient

SHRINK = 1.4  # from one step to the next
ROWS = 12
ENOUGH = 1e-11  # relative error at which to stop
LARGEST_STEP = 0.1  # of the value's own size
SAFETY = 10.0  # how many estimated errors the two numbers may differ by


@dataclass(frozen=True, slots=True)
class Proof:
    """The gradient that the backward pass predicts, and the slope that was found by nudging.

    Attributes:
        name: the derivative, such as "dL/dw".
        predicted: by the recorded backward pass, from a gradient of 0.
        actual: the slope by central differences; nan if the graph cannot be computed on both sides of the point.
        error: its estimated error.
        step: the largest nudge used for it.
        agrees: whether the two are equal within that error.
    """

    name: str
    predicted: float
    actual: float
    error: float
    step: float
    agrees: bool

    def __str__(self) -> str:
        if self.actual != self.actual:
            return f"{self.name}: predicted {self.predicted:.9g}, no verdict: the graph cannot be computed on both sides of it"
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
    predicted = _predicted(recording, i)
    actual, error, step = _slope(_Replay(recording, i), recording.data[i])
    actual, error = actual * recording.seed, error * abs(recording.seed)
    agrees = abs(predicted - actual) <= SAFETY * error + 4.0 * ulp(actual) if isfinite(actual) else False
    return Proof(quotient(recording.names[-1], recording.names[i]), predicted, actual, error, step, agrees)


def _predicted(recording: Recording, i: int) -> float:
    """The sum of the contributions, without what the leaf held before."""
    if i == len(recording.nodes) - 1:
        return recording.seed
    edges = (edge for edge, j in enumerate(recording.operand) if j == i)
    return sum((recording.local[edge] * recording.end[recording.user[edge]] for edge in edges), 0.0)


class _Replay:
    """The root as a function of one node: only what depends on it is computed again."""

    def __init__(self, recording: Recording, i: int) -> None:
        self.recording, self.start = recording, i
        reached = {i}
        for k in recording.interior:
            if k > i and not reached.isdisjoint(recording.numbers_of(k)):
                reached.add(k)
        self.plan = [(k, recording.nodes[k].primitive, recording.numbers_of(k)) for k in sorted(reached - {i})]

    def __call__(self, x: float) -> float:
        values = {self.start: x}
        data = self.recording.data
        for k, primitive, operands in self.plan:
            values[k] = forward(primitive, [values[j] if j in values else data[j] for j in operands])
        return values.get(len(data) - 1, data[-1])


def _slope(function: _Replay, x: float) -> tuple[float, float, float]:
    """The derivative at x, its estimated error and the largest nudge behind it, by extrapolated central differences.

    Source: Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).
    """
    best, error, used = float("nan"), inf, 0.0
    nudge = LARGEST_STEP * max(abs(x), 1e-3) if x else LARGEST_STEP
    previous: list[float] = []
    for _ in range(ROWS):
        try:
            above, below = function(x + nudge), function(x - nudge)
            row = [(above - below) / ((x + nudge) - (x - nudge))]
        except (ArithmeticError, ValueError):
            previous, nudge = [], nudge / SHRINK**4
            continue
        noise = 4.0 * ulp(max(abs(above), abs(below))) / nudge
        power = 1.0
        for column, coarser in enumerate(previous):
            power *= SHRINK * SHRINK
            row.append((row[column] * power - coarser) / (power - 1.0))
            estimate = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser)) + noise
            if estimate < error:
                best, error, used = row[-1], estimate, nudge
        if error <= ENOUGH * abs(best):
            break
        previous, nudge = row, nudge / SHRINK
    return best, error, used
