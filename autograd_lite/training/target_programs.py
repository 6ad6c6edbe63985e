"""The loss of a batch as programs that see the targets as eager's loss does.

A program takes numbers, and each of them as a Value: a loss that reads its target as Python does (`k == t`, `outputs[t]`,
`weights[t]`) answers otherwise there, or not at all. So one program for all targets (as they are, or class numbers as one-hot
rows) is taken where its loss is that of eager for every target that occurs, at several outputs; else one program for each target.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy

from autograd_lite.datasets import Array, one_hot
from autograd_lite.engine.value import Value
from autograd_lite.program import Program, trace
from autograd_lite.training.engines import listed, number

_MOST_PROGRAMS: Final = 100  # of a loss that needs one for each target
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
    """

    def __init__(self, loss: Callable[..., Any], output: Any) -> None:
        self._loss = loss
        self._listed = isinstance(output, Sequence)
        self.outputs = numpy.array([number(each) for each in listed(output)])
        shares = numpy.random.default_rng(0).random((4, len(self.outputs)))
        self._refuses = False  # whether there are outputs that the loss refuses, such as probabilities beyond 1
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
            if place < _MOST_MOVED and not self._refuses:
                for outputs in self._moved:
                    self._costs(outputs, [sample])

    def check_outputs(self, outputs: Array, targets: Array) -> None:
        """Gives the (N, K) outputs of some samples to a loss that refuses some outputs, and raises its refusals."""
        if self._refuses:
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

    def _costs(self, outputs: Array, samples: Iterable[Sample]) -> list[float | None]:
        """The cost of each sample; None where the loss refuses such outputs."""
        found: list[float | None] = []
        for sample in samples:
            try:
                found.append(self._cost(outputs, sample.target))
            except (ValueError, TypeError, LookupError):
                self._refuses = True
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


# ---- one program, or many ----------------------------------------------------------------------------------------------------


def loss_programs(
    model: Callable[..., Any], loss: Callable[..., Any], learning: list[Value], sight: Sight, samples: Sequence[Sample]
) -> "LossPrograms":
    """The loss as one program for all the samples' targets if it can be, else as one for each.

    Raises:
        ValueError: if it would be more than a hundred of them.
        TraceError: if the model or the loss is nothing that a program can have.
    """
    reason: Exception | None = None
    for encoding in _encodings(samples, len(sight.outputs)):
        fits = _fits(sight, encoding, samples)
        reason = fits if isinstance(fits, Exception) else reason
        if fits is True:
            return _OfAll(model, loss, learning, samples[0], encoding)
    if len(samples) > _MOST_PROGRAMS:
        why = f" ({type(reason).__name__}: {reason})" if reason is not None else ""
        raise ValueError(
            f"the loss does not give for a target in a program what eager gives{why}, and a program for each target would be "
            f'{len(samples):,}, more than {_MOST_PROGRAMS}: compute with the target by operators and `where`, or use engine="eager"'
        ) from reason
    return _OfEach(model, loss, learning, samples)


def _fits(sight: Sight, encoding: Encoding, samples: Sequence[Sample]) -> bool | Exception:
    """Whether a program may take these targets so; an error where it cannot be made, or has no answer."""
    try:
        return sight.agrees(encoding, samples)
    except Exception as error:  # whatever a loss says to a target of another kind than it expects
        return error


def _encodings(samples: Sequence[Sample], outputs: int) -> Iterator[Encoding]:
    """How targets may be given to one program; none for what is no number."""
    classes = [sample.target for sample in samples if _are_classes(sample.targets)]
    if outputs > 1 and classes and min(classes) >= 0 and max(classes) < outputs:
        yield lambda targets: one_hot(targets, outputs) if _are_classes(targets) else targets
    if all(sample.targets.dtype.kind in "fiub" for sample in samples):
        yield lambda targets: targets


def _are_classes(targets: Array) -> bool:
    return targets.ndim == 1 and targets.dtype.kind in "iu"


class _OfAll:
    """One program, whose second argument is the target.

    Attributes:
        owners: the Values that `parameters` holds the numbers of, in its order.
    """

    def __init__(
        self, model: Callable[..., Any], loss: Callable[..., Any], learning: list[Value], first: Sample, encoding: Encoding
    ) -> None:
        x, target = first.inputs[0].tolist(), encoding(first.targets)[0].tolist()
        self._encoding = encoding
        self._program = trace(lambda x, target: loss(model(x), target), x, target, parameters=learning)
        self.owners, self.parameters = self._program.parameter_values, self._program.parameters

    def costs(self, inputs: Array, targets: Array) -> Array:
        """(N,) the loss of every sample."""
        found: Array = self._program(inputs, self._encoding(targets))
        return found

    def cost_and_gradient(self, inputs: Array, targets: Array, gradient: Array) -> float:
        """The mean loss; its gradient is written to the array."""
        return float(self._program.loss_and_gradient(inputs, self._encoding(targets), out=gradient)[0])

    def fits(self, sight: Sight, samples: Sequence[Sample]) -> bool:
        """Whether it takes the targets of these samples, and answers as eager does."""
        return _fits(sight, self._encoding, samples) is True


class _OfEach:
    """The same with a program for each target, which is part of it."""

    def __init__(
        self, model: Callable[..., Any], loss: Callable[..., Any], learning: list[Value], samples: Sequence[Sample]
    ) -> None:
        self._programs: Mapping[Any, Program] = {
            _keys(sample.targets)[0]: trace(
                lambda x, target=sample.target: loss(model(x), target), sample.inputs[0].tolist(), parameters=learning
            )
            for sample in samples
        }
        taking_part = {id(value) for program in self._programs.values() for value in program.parameter_values}
        self.owners = [value for value in learning if id(value) in taking_part]
        self.parameters = numpy.array([value.data for value in self.owners])
        place_of = {id(value): place for place, value in enumerate(self.owners)}
        self._places = {
            key: numpy.array([place_of[id(value)] for value in program.parameter_values], int)
            for key, program in self._programs.items()
        }

    def costs(self, inputs: Array, targets: Array) -> Array:
        found = numpy.empty(len(inputs))
        for program, _, rows in self._parts(targets):
            found[rows] = program(inputs[rows])
        return found

    def cost_and_gradient(self, inputs: Array, targets: Array, gradient: Array) -> float:
        gradient[:] = 0.0
        whole = 0.0
        for program, places, rows in self._parts(targets):
            share = len(rows) / len(inputs)
            if not len(places):
                whole += share * float(program(inputs[rows]).mean())
                continue
            cost, slopes = program.loss_and_gradient(inputs[rows])
            whole += share * float(cost)
            gradient[places] += share * slopes
        return whole

    def fits(self, sight: Sight, samples: Sequence[Sample]) -> bool:
        return all(_keys(sample.targets)[0] in self._programs for sample in samples)

    def _parts(self, targets: Array) -> Iterator[tuple[Program, Array, list[int]]]:
        """For each target that occurs its program, at the parameters as they are, their places, and its rows."""
        rows_of: dict[Any, list[int]] = {}
        for row, key in enumerate(_keys(targets)):
            rows_of.setdefault(key, []).append(row)
        for key, rows in rows_of.items():
            program, places = self._programs[key], self._places[key]
            program.parameters[:] = self.parameters[places]
            yield program, places, rows


LossPrograms = _OfAll | _OfEach


def first_of_each(inputs: Array, targets: Array) -> dict[Any, Sample]:
    """For each target that occurs its first sample."""
    found: dict[Any, int] = {}
    for place, key in enumerate(_keys(targets)):
        found.setdefault(key, place)
    return {key: Sample(inputs[place : place + 1], targets[place : place + 1]) for key, place in found.items()}


def _keys(targets: Array) -> list[Any]:
    """For each sample what its target is known by."""
    return list(map(repr, targets.tolist())) if targets.dtype.kind == "O" else [row.tobytes() for row in targets]
