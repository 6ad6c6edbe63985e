"""The loss of a batch as one program for all targets, or one for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy

from autograd_lite.datasets import Array, one_hot
from autograd_lite.engine.value import Value
from autograd_lite.program import Program, trace
from autograd_lite.program.descending import Descending
from autograd_lite.training.target_programs import Encoding, Sample, Sight, keys_of

_MOST_PROGRAMS: Final = 100  # of a loss that needs one for each target


def loss_programs(
    model: Callable[..., Any],
    loss: Callable[..., Any],
    learning: list[Value],
    sight: Sight,
    samples: Sequence[Sample],
    asked: Mapping[str, Any],
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
            return _OfAll(model, loss, learning, samples[0], encoding, asked)
    if len(samples) > _MOST_PROGRAMS:
        why = f" ({type(reason).__name__}: {reason})" if reason is not None else ""
        raise ValueError(
            f"the loss does not give for a target in a program what eager gives{why}, and a program for each target would be "
            f'{len(samples):,}, more than {_MOST_PROGRAMS}: compute with the target by operators and `where`, or use engine="eager"'
        ) from reason
    return _OfEach(model, loss, learning, samples, asked)


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
        owners: the Values that `parameters` holds the numbers of, in its order. encoding: of the targets.
    """

    def __init__(
        self,
        model: Callable[..., Any],
        loss: Callable[..., Any],
        learning: list[Value],
        first: Sample,
        encoding: Encoding,
        asked: Mapping[str, Any],
    ) -> None:
        x, target = first.inputs[0].tolist(), encoding(first.targets)[0].tolist()
        self.encoding = encoding
        self._program = trace(lambda x, target: loss(model(x), target), x, target, parameters=learning, **asked)
        self.owners, self.parameters = self._program.parameter_values, self._program.parameters

    def costs(self, inputs: Array, targets: Array) -> Array:
        """(N,) the loss of every sample."""
        found: Array = self._program(inputs, self.encoding(targets))
        return found

    def cost_and_gradient(self, inputs: Array, targets: Array, gradient: Array) -> float:
        """The mean loss; its gradient is written to the array."""
        return float(self._program.loss_and_gradient(inputs, self.encoding(targets), out=gradient)[0])

    def fits(self, sight: Sight, samples: Sequence[Sample]) -> bool:
        """Whether it takes the targets of these samples, and answers as eager does."""
        return _fits(sight, self.encoding, samples) is True

    def descending(self, inputs: Array, targets: Array, **options: Any) -> Descending:
        """A descent on these samples, ready for its first step."""
        return self._program.descending(inputs, self.encoding(targets), **options)


class _OfEach:
    """The same with a program for each target, which is part of it."""

    encoding = descending = None

    def __init__(
        self,
        model: Callable[..., Any],
        loss: Callable[..., Any],
        learning: list[Value],
        samples: Sequence[Sample],
        asked: Mapping[str, Any],
    ) -> None:
        self._programs: Mapping[Any, Program] = {
            keys_of(sample.targets)[0]: trace(
                lambda x, target=sample.target: loss(model(x), target),
                sample.inputs[0].tolist(),
                parameters=learning,
                **asked,
            )
            for sample in samples
        }
        taking_part = {id(value) for program in self._programs.values() for value in program.parameter_values}
        self.owners = [value for value in learning if id(value) in taking_part]
        self.parameters = numpy.array([value.data for value in self.owners], asked["dtype"])
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
        return all(keys_of(sample.targets)[0] in self._programs for sample in samples)

    def _parts(self, targets: Array) -> Iterator[tuple[Program, Array, list[int]]]:
        """For each target that occurs its program, at the parameters as they are, their places, and its rows."""
        rows_of: dict[Any, list[int]] = {}
        for row, key in enumerate(keys_of(targets)):
            rows_of.setdefault(key, []).append(row)
        for key, rows in rows_of.items():
            program, places = self._programs[key], self._places[key]
            program.parameters[:] = self.parameters[places]
            yield program, places, rows


LossPrograms = _OfAll | _OfEach
