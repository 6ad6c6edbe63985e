"""Engines: two ways to the same gradient of a batch.

eager      every sample through the model as Values, and backward
program    the model recorded once as a program, and the whole batch through its arrays

Both answer with the mean cost over the batch and the outputs, and update the optimizer's parameters by its rules.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy

from autograd_lite.datasets import Array
from autograd_lite.engine.array_masks import check_unmasked
from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value, constant
from autograd_lite.nn.module import Module
from autograd_lite.optim import Optimizer
from autograd_lite.optim.clipping import clip_gradient_norm
from autograd_lite.program import trace


class TrainingEngine(Protocol):
    """What training needs of an engine; inputs are (N, features), targets (N,) or (N, K), outputs (N, K) arrays.

    >>> import numpy
    >>> from autograd_lite.training.engines import EagerEngine
    >>> from autograd_lite.losses import squared_error
    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.optim import SGD
    >>> model = MLP(1, [1], activation=None, seed=0)
    >>> model.load_state_dict({"layer0.neuron0.w[0]": 1.0, "layer0.neuron0.b": 0.0})
    >>> engine = EagerEngine(model, squared_error, SGD(model.parameters(), learning_rate=0.125))
    >>> x, t = numpy.array([[1.0], [3.0]]), numpy.array([3.0, 5.0])
    >>> engine.gradient(x, t)[0], [each.grad for each in model.parameters()]  # of the mean of (w x + b - t)^2 / 2
    (2.0, [-4.0, -2.0])
    >>> engine.clip(max_norm=100.0)  # longer than the gradient
    >>> engine.update()
    >>> engine.write_back()  # nothing to do: this one works on the Values themselves
    >>> engine.evaluate(x, t)[0], [each.data for each in model.parameters()]
    (0.40625, [1.5, 0.25])
    """

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost of `inputs` and `targets`, and the outputs; the gradient of the mean cost is kept for `update`."""

    def clip(self, max_norm: float) -> None:
        """Shrinks the kept gradient to a length of `max_norm` where it is longer."""

    def update(self) -> None:
        """One step of the optimizer along the kept gradient."""

    def evaluate(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """The mean cost of `inputs` and `targets`, and the outputs, without a gradient."""

    def write_back(self) -> None:
        """Gives the Values and the optimizer what was learned, and the kept gradient; what is changed there counts from then on."""


class EagerEngine:
    """Each sample through the model as Values; its gradient, divided by the number of samples, adds up on the parameters."""

    def __init__(self, model: Callable[..., Any], loss: Callable[..., Any], optimizer: Optimizer, example: Any = None) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self._checked = False
        self._leaves: list[Value] = list(model.named_leaves().values()) if isinstance(model, Module) else []

    def gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        others = self._others()
        slopes = [leaf.grad for leaf in others]
        try:
            return self._gradient(inputs, targets)
        finally:
            for leaf, slope in zip(others, slopes, strict=True):
                leaf.grad = slope

    def _others(self) -> list[Value]:
        """The model's leaves that the optimizer does not have: their gradients are not the training's."""
        groups = self.optimizer.groups
        if len(self._leaves) == sum(len(group.parameters) for group in groups):
            return []
        own = {id(parameter) for group in groups for parameter in group.parameters}
        return [leaf for leaf in self._leaves if id(leaf) not in own]

    def _gradient(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        self.optimizer.zero_grad()
        costs, outputs = [], []
        with quiet_gc():
            for x, target in zip(inputs.tolist(), targets.tolist(), strict=True):
                output = self.model(x)
                self._check_recorded(output, x)
                cost = self.loss(output, target)
                if isinstance(cost, Value) and cost.requires_grad:  # else it is the same whatever the parameters are
                    cost.backward(1.0 / len(inputs))
                costs.append(number(cost))
                outputs.append(numbers(output))
        return math.fsum(costs) / len(costs), numpy.array(outputs)

    def _check_recorded(self, output: Any, x: list[float]) -> None:
        """Refuses, once, a plain number that would depend on parameters if the inputs were Values: a derivative by the inputs."""
        if self._checked:
            return
        self._checked = True
        found = listed(output)
        if all(isinstance(each, Value) for each in found):
            return
        try:
            others = listed(self.model(list(map(constant, x))))
        except Exception:  # a model that takes plain numbers only takes no derivative by them
            return
        for place, (each, other) in enumerate(zip(found, others, strict=False)):
            if not isinstance(each, Value) and isinstance(other, Value) and other.requires_grad:
                raise ValueError(
                    f"output {place} of the model is the plain number {each!r}, and what it owes to the parameters would be lost: "
                    "a derivative by plain inputs is a plain number. Let the model begin with x = [constant(number) for number in "
                    "x], which is the same in both engines."
                )

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


# ---- what a model answers, as arrays: (N, K) outputs, one row for each sample ------------------------------------------------


def predict(model: Callable[..., Any], inputs: Array, engine: str = "eager") -> Array:
    """(N, K) the model's outputs, one row for each row of inputs.

    Args:
        model: from a list of numbers to an output or a list of outputs.
        inputs: (N, features); of no rows the model is asked once, for the number of its outputs.
        engine: "eager" or "program", as for `fit`.
    Raises:
        ValueError: if the inputs are no matrix, or there is no such engine.
    Example:
        >>> import numpy
        >>> from autograd_lite.nn import MLP
        >>> predict(MLP(2, [3], seed=0), numpy.zeros((4, 2))).shape
        (4, 3)
    """
    if engine not in ("eager", "program"):
        raise ValueError(f"there is no engine {engine!r}: choose 'eager' or 'program'")
    check_unmasked(inputs, "the inputs of predict are")
    inputs = numpy.asarray(inputs)
    if inputs.ndim != 2:
        raise ValueError(
            f"predict takes a matrix, one row per sample; got an array of shape {inputs.shape}. Write [row] for one row."
        )
    if not len(inputs):
        with no_grad():  # 1/2 lies in the domain of nearly everything
            return numpy.empty((0, len(numbers(model([0.5] * inputs.shape[1])))))
    if engine == "program":
        known = model.parameters() if isinstance(model, Module) else None
        return columns(trace(model, inputs[0].tolist(), parameters=known)(inputs))
    with no_grad():
        return numpy.array([numbers(model(x)) for x in inputs.tolist()])


def columns(outputs: Array) -> Array:
    """(N, K) outputs, also where the model gives one."""
    return outputs.reshape(len(outputs), -1)


def numbers(output: Any) -> list[float]:
    """The numbers of one sample's outputs."""
    return [number(each) for each in listed(output)]


def listed(output: Any) -> Sequence[Any]:
    """A sample's outputs as a list, also where the model gives one."""
    return output if isinstance(output, Sequence) else [output]


def number(output: Any) -> float:
    """The number of an output, a Value or plain."""
    return output.data if isinstance(output, Value) else float(output)


def answers(outputs: Array) -> Any:
    """The rows as a model gives them: a list of outputs, or the output itself where there is one."""
    return outputs[:, 0].tolist() if outputs.shape[1] == 1 else outputs.tolist()
