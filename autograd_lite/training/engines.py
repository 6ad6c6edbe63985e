"""Engines: two ways to the same gradient of a batch.

eager      every sample through the model as Values, and backward
program    the model recorded once as a program, and the whole batch through its arrays

Both answer with the mean cost over the batch and the outputs, and update the optimizer's parameters by its rules.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy

from autograd_lite.collector import quiet_gc
from autograd_lite.datasets import Array, Dataset, one_hot
from autograd_lite.module import Module
from autograd_lite.optim import Optimizer
from autograd_lite.program import trace
from autograd_lite.recording import no_grad
from autograd_lite.training.flat_optimizer import FlatOptimizer
from autograd_lite.value import Value

__all__ = ["ENGINES", "EagerEngine", "Engine", "ProgramEngine", "predict"]


class Engine(Protocol):
    """What training needs of an engine; inputs are (N, features), targets (N,) or (N, K), outputs (N, K) arrays."""

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs; the gradient of the mean cost is kept for `update`."""

    def update(self) -> None:
        """One step of the optimizer along the kept gradient."""

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs, without a gradient."""

    def write_back(self) -> None:
        """Gives the model's Values and the optimizer what was learned."""


class EagerEngine:
    """Each sample through the model as Values; its gradient, divided by the number of samples, adds up on the parameters."""

    def __init__(self, model: Callable[..., Any], loss: Callable[..., Any], optimizer: Optimizer, example: Any = None) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        self.optimizer.zero_grad()
        costs, outputs = [], []
        with quiet_gc():
            for x, target in zip(inputs.tolist(), targets.tolist(), strict=True):
                output = self.model(x)
                cost = self.loss(output, target)
                cost.backward(1.0 / len(inputs))
                costs.append(cost.data)
                outputs.append(_numbers(output))
        return math.fsum(costs) / len(costs), numpy.array(outputs)

    def update(self) -> None:
        self.optimizer.step()

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        outputs = predict(self.model, inputs)
        with no_grad():
            costs = [self.loss(output, target) for output, target in zip(_answers(outputs), targets.tolist(), strict=True)]
        return math.fsum(_number(cost) for cost in costs) / len(costs), outputs

    def write_back(self) -> None:
        """Nothing to do: the Values themselves have learned."""


class ProgramEngine:
    """The loss of one sample recorded as a program, and the model as another one over the same array of parameters.

    Args:
        model, loss, optimizer: as for `fit`.
        example: data whose first sample the programs are recorded on.
    """

    def __init__(self, model: Callable[..., Any], loss: Callable[..., Any], optimizer: Optimizer, example: Dataset) -> None:
        parameters = [parameter for group in optimizer.groups for parameter in group.parameters]
        x = example.inputs[0].tolist()
        with no_grad():
            self._outputs = len(_numbers(model(x)))
        target = self._rows(example.targets[:1])[0].tolist()
        self._loss = trace(lambda x, target: loss(model(x), target), x, target, parameters=parameters)
        self._model = trace(model, x, parameters=parameters)
        self._optimizer = FlatOptimizer(optimizer, self._loss.parameter_values)
        self._gradient = numpy.empty_like(self._loss.parameters)
        place_of = {id(value): place for place, value in enumerate(self._loss.parameter_values)}
        self._places = numpy.array([place_of[id(value)] for value in self._model.parameter_values])
        if (self._places == numpy.arange(len(parameters))).all():
            self._model.parameters = self._loss.parameters  # one array for both, and nothing to copy

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        cost, _ = self._loss.loss_and_gradient(inputs, self._rows(targets), out=self._gradient)
        return float(cost), self._predicted(inputs)

    def update(self) -> None:
        self._optimizer.step(self._loss.parameters, self._gradient)

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        return float(self._loss(inputs, self._rows(targets)).mean()), self._predicted(inputs)

    def write_back(self) -> None:
        self._loss.write_back()
        self._optimizer.write_back()

    def _predicted(self, inputs: Array) -> Array:
        if self._model.parameters is not self._loss.parameters:
            self._model.parameters[:] = self._loss.parameters[self._places]
        return _columns(self._model(inputs))

    def _rows(self, targets: Array) -> Array:
        """The targets; class numbers as one-hot rows, as a number picks a term of the loss, and a program has one loss for all."""
        classes = targets.ndim == 1 and targets.dtype.kind in "iu" and self._outputs > 1
        return one_hot(targets, self._outputs) if classes else targets


ENGINES: dict[str, Callable[..., Engine]] = {"eager": EagerEngine, "program": ProgramEngine}


def predict(model: Callable[..., Any], inputs: Array, engine: str = "eager") -> Array:
    """(N, K) the model's outputs, one row for each row of inputs.

    Args:
        model: from a list of numbers to an output or a list of outputs.
        inputs: (N, features).
        engine: "eager" or "program", as for `fit`.
    Example:
        >>> from autograd_lite.nn import MLP
        >>> predict(MLP(2, [3], seed=0), numpy.zeros((4, 2))).shape
        (4, 3)
    """
    if engine == "program":
        known = model.parameters() if isinstance(model, Module) else None
        return _columns(trace(model, inputs[0].tolist(), parameters=known)(inputs))
    with no_grad():
        return numpy.array([_numbers(model(x)) for x in inputs.tolist()])


def _columns(outputs: Array) -> Array:
    """(N, K) outputs, also where the model gives one."""
    return outputs.reshape(len(outputs), -1)


def _numbers(output: Any) -> list[float]:
    return [_number(each) for each in output] if isinstance(output, Sequence) else [_number(output)]


def _number(output: Any) -> float:
    return output.data if isinstance(output, Value) else float(output)


def _answers(outputs: Array) -> Any:
    """The rows as a model gives them: a list of outputs, or the output itself where there is one."""
    return outputs[:, 0].tolist() if outputs.shape[1] == 1 else outputs.tolist()
