"""The eager engine: every sample through the model as Values, and backward."""

import math
from collections.abc import Callable
from typing import Any

import numpy

from autograd_lite.datasets import Array
from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value
from autograd_lite.optim import Optimizer
from autograd_lite.optim.clipping import clip_gradient_norm
from autograd_lite.training.outputs import answers, number, numbers, predict


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
