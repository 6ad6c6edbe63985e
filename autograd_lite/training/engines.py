"""Engines: two ways to the same gradient of a batch.

eager      every sample through the model as Values, and backward
program    the model recorded once as a program, and the whole batch through its arrays

Both answer with the mean cost over the batch and the outputs, and update the optimizer's parameters by its rules.
"""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy

from autograd_lite.datasets import Array
from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value
from autograd_lite.optim import Optimizer
from autograd_lite.optim.clipping import clip_gradient_norm
from autograd_lite.training.outputs import answers, number, numbers, predict


class Engine(Protocol):
    """What training needs of an engine; inputs are (N, features), targets (N,) or (N, K), outputs (N, K) arrays."""

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs; the gradient of the mean cost is kept for `update`."""

    def clip(self, max_norm: float) -> None:
        """Shrinks the kept gradient to a length of `max_norm` where it is longer."""

    def update(self) -> None:
        """One step of the optimizer along the kept gradient."""

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost and the outputs, without a gradient."""

    def write_back(self) -> None:
        """Gives the Values and the optimizer what was learned, and the kept gradient; what is changed there counts from then on."""


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
                if isinstance(cost, Value) and cost.requires_grad:  # else it is the same whatever the parameters are
                    cost.backward(1.0 / len(inputs))
                costs.append(number(cost))
                outputs.append(numbers(output))
        return math.fsum(costs) / len(costs), numpy.array(outputs)

    def clip(self, max_norm: float) -> None:
        learning = (parameter for group in self.optimizer.groups for parameter in group.parameters if parameter.requires_grad)
        clip_gradient_norm(learning, max_norm)

    def update(self) -> None:
        self.optimizer.step()

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        outputs = predict(self.model, inputs)
        with no_grad():
            costs = [self.loss(output, target) for output, target in zip(answers(outputs), targets.tolist(), strict=True)]
        return math.fsum(number(cost) for cost in costs) / len(costs), outputs

    def write_back(self) -> None:
        """Nothing to do: the Values themselves have learned."""
