"""The loss of a batch as programs that see the targets as eager's loss does.

A program takes numbers, and each of them as a Value: a loss that reads its target as Python does (`k == t`, `outputs[t]`,
`weights[t]`) answers otherwise there, or not at all. So one program for all targets (as they are, or class numbers as one-hot
rows) is taken where its loss is that of eager for every target that occurs, at several outputs; else one program for each target.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy

from autograd_lite.datasets import Array
from autograd_lite.engine.value import Value
from autograd_lite.program import Program, trace
from autograd_lite.training.engines import listed, number

_MOST_MOVED: Final = 100  # targets that are compared at other outputs, too
_ROUNDING: Final = 1e-9

Encoding = Callable[[Array], Array]


class Sample(NamedTuple):
    """The first sample of a target: (1, features) and (1,) or (1, K) arrays."""

    inputs: Array
    targets: Array

    @property
    def target(self) -> Any:
        """The target as eager's loss gets it."""
        return self.targets.tolist()[0]


class Sight:
    """What eager's loss answers to a target, whatever the model is.

    Args:
        loss: of a sample. output: the model's answer to some sample.
    Attributes:
        refuses: whether there are outputs that the loss refuses, such as probabilities beyond 1.
    """

    def __init__(self, loss: Callable[..., Any], output: Any) -> None:
        self._loss = loss
        self._listed = isinstance(output, Sequence)
        self.outputs = numpy.array([number(each) for each in listed(output)])
        shares = numpy.random.default_rng(0).random((4, len(self.outputs)))
        self.refuses = False
        # Other outputs, as many losses are alike at some special ones; the first two are probabilities where the outputs are.
        with numpy.errstate(over="ignore"):
            beyond = 2.0 * self.outputs + 2.0 * shares[3]
        self._moved = [
            beyond,
            0.5 * self.outputs + 0.25 * shares[0],
            0.25 * self.outputs + 0.5 * shares[1],
            0.5 * self.outputs - 2.0 * shares[2],
        ]

    def check(self, samples: Iterable[Sample]) -> None:
        """Gives each target to the loss and raises its refusals; that it has no value at these outputs is none."""
        for place, sample in enumerate(samples):
            self._cost(self.outputs, sample.target)
            if place < _MOST_MOVED and not self.refuses:
                for outputs in self._moved:
                    self._costs(outputs, [sample])

    def check_outputs(self, outputs: Array, targets: Array) -> None:
        """Gives the (N, K) outputs of some samples to a loss that refuses some outputs, and raises its refusals."""
        if self.refuses:
            for row, target in zip(outputs, targets.tolist(), strict=True):
                self._cost(row, target)

    def agrees(self, encoding: Encoding, samples: Sequence[Sample]) -> bool:
        """Whether the loss of encoded targets, as a program, is eager's of the targets as they are, wherever that has a value."""
        rows = numpy.concatenate([encoding(sample.targets) for sample in samples])
        expected = [self._cost(self.outputs, sample.target) for sample in samples]
        program, few = self._program(rows[0], "raise"), samples[:_MOST_MOVED]
        if not self._same(program, self.outputs, rows, expected):
            return False
        program = self._program(rows[0], "retrace")
        others = [self._costs(outputs, few) for outputs in self._moved]
        compared = [cost for costs in (expected, *others) for cost in costs if cost is not None]
        return bool(compared) and all(
            self._same(program, outputs, rows[: len(few)], costs) for outputs, costs in zip(self._moved, others, strict=True)
        )

    def looks_at_all_outputs(self, sample: Sample, encoding: Encoding) -> bool:
        """Whether a loss depends on every output: then what the model refuses is refused by the program of the loss, too."""
        if self.refuses or len(self.outputs) == 1:
            return not self.refuses
        row = encoding(sample.targets)
        return bool(self._program(row[0], "retrace").gradient(self.outputs[None], row)[0, : len(self.outputs)].all())

    def _costs(self, outputs: Array, samples: Iterable[Sample]) -> list[float | None]:
        """The cost of each sample; None where the loss refuses such outputs."""
        found: list[float | None] = []
        for sample in samples:
            try:
                found.append(self._cost(outputs, sample.target))
            except (ValueError, TypeError, LookupError):
                self.refuses = True
                found.append(None)
        return found

    def _cost(self, outputs: Array, target: Any) -> float | None:
        values = [Value(each) for each in outputs.tolist()]
        try:
            return number(self._loss(values if self._listed else values[0], target))
        except ArithmeticError:
            return None

    def _program(self, row: Any, on_branch: str) -> Program:
        return trace(self._loss, self._arranged(self.outputs[None])[0].tolist(), row.tolist(), on_branch=on_branch)

    def _arranged(self, outputs: Array) -> Array:
        return outputs if self._listed else outputs[:, 0]

    def _same(self, program: Program, outputs: Array, rows: Array, expected: Sequence[float | None]) -> bool:
        """Whether a program gives what is expected, to rounding, wherever something is."""
        known = [place for place, cost in enumerate(expected) if cost is not None]
        if not known:
            return True
        found = program(self._arranged(numpy.tile(outputs, (len(known), 1))), rows[known])
        wanted = numpy.array([expected[place] for place in known], float)
        return bool(numpy.isclose(found, wanted, rtol=_ROUNDING, atol=_ROUNDING * _size(outputs), equal_nan=True).all())


def _size(outputs: Array) -> float:
    """What the rounding of a loss may be measured by where the loss itself is nearly 0."""
    finite = numpy.abs(outputs[numpy.isfinite(outputs)])
    return min(1.0, float(finite.max(initial=0.0)))


def first_of_each(inputs: Array, targets: Array) -> dict[Any, Sample]:
    """For each target that occurs its first sample."""
    found: dict[Any, int] = {}
    for place, key in enumerate(keys_of(targets)):
        found.setdefault(key, place)
    return {key: Sample(inputs[place : place + 1], targets[place : place + 1]) for key, place in found.items()}


def keys_of(targets: Array) -> list[Any]:
    """For each sample what its target is known by."""
    return list(map(repr, targets.tolist())) if targets.dtype.kind == "O" else [row.tobytes() for row in targets]
