"""Engines whose numbers remember how they were computed: what a workload may ask of them, and a step of one.

Each engine does it in its own idiom. A function that it lacks is composed of those it has (sigmoid) or, where there is nothing to
compose it of (micrograd's exp, log and tanh), added in the idiom of the others.
"""

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.work import Phase

__all__ = ["DOT", "PRODUCTS_AND_SUMS", "AutogradLite", "MicrogptStyle", "Micrograd", "ScalarStep", "Scalars", "TorchScalars", "Xad"]

PRODUCTS_AND_SUMS, DOT = "products and sums", "dot"
_DEEP = 10_000_000  # peers that sort their graph recursively need as many frames as the graph is deep
_Function = Callable[[Any], Any]


class Scalars:
    """An engine of scalars; the methods as they are serve those whose numbers have `data`, `grad` and `backward`.

    Attributes:
        exp, log, relu, tanh: functions of one number.
        keeps_leaves: whether leaves serve for more than one step.
    """

    exp: _Function
    log: _Function
    relu: _Function
    tanh: _Function
    keeps_leaves = True

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + exp(-x)), in an engine that has no such function."""
        return 1.0 / (1.0 + self.exp(-x))

    def variables(self, numbers: Sequence[float]) -> list[Any]:
        """A leaf for each number."""
        raise NotImplementedError

    def constants(self, numbers: Sequence[float]) -> Sequence[Any]:
        """The numbers of a sample, as the engine likes them best in products with leaves."""
        return numbers

    def clear(self, variables: list[Any], numbers: Sequence[float] | None = None) -> None:
        """Takes the gradient off the leaves, and puts new numbers into them."""
        if numbers is not None:
            for variable, number in zip(variables, numbers, strict=True):
                variable.data = number
        for variable in variables:
            variable.grad = 0.0

    def backward(self, root: Any) -> None:
        """The gradient of `root`, into every leaf."""
        root.backward()

    def gradients(self, variables: list[Any]) -> list[float]:
        """What `backward` put into the leaves."""
        return [variable.grad for variable in variables]

    def number(self, node: Any) -> float:
        """The number in a node."""
        return node.data

    def sum_of(self, values: Sequence[Any]) -> Any:
        """values[0] + values[1] + ..., at least one."""
        out = values[0]
        for value in values[1:]:
            out = out + value
        return out

    def sum_of_products(self, weights: Sequence[Any], inputs: Sequence[Any], bias: Any = None) -> Any:
        """bias + weights[0] * inputs[0] + weights[1] * inputs[1] + ..."""
        out = bias
        for weight, x in zip(weights, inputs, strict=True):
            product = weight * x
            out = product if out is None else out + product
        return out


class AutogradLite(Scalars):
    """The engine of this repository; with the form "dot", a weighted sum is one node."""

    def __init__(self, form: str = PRODUCTS_AND_SUMS) -> None:
        import autograd_lite
        from autograd_lite import Value, constant

        self.variables = lambda numbers: [Value(number) for number in numbers]
        self.constants = lambda numbers: [constant(number) if isinstance(number, float) else number for number in numbers]
        self.exp, self.log, self.relu, self.sigmoid, self.tanh = Value.exp, Value.log, Value.relu, Value.sigmoid, Value.tanh
        if form == DOT:
            self.sum_of, self.sum_of_products = autograd_lite.total, autograd_lite.dot


class MicrogptStyle(Scalars):
    """The minimal class of `microgpt.py`."""

    def __init__(self, form: str = PRODUCTS_AND_SUMS) -> None:
        from benchmarks.microgpt import Value

        sys.setrecursionlimit(_DEEP)
        self.variables = self.constants = lambda numbers: [Value(number) for number in numbers]
        self.exp, self.log, self.relu, self.tanh = Value.exp, Value.log, Value.relu, Value.tanh


class Micrograd(Scalars):
    """micrograd as it is, and three functions that it lacks, closures like its own."""

    def __init__(self, form: str = PRODUCTS_AND_SUMS) -> None:
        from micrograd.engine import Value

        def function(name: str, forward: Callable[[float], float], derivative: Callable[[float, float], float]) -> _Function:
            def operation(x: Any) -> Any:
                out = Value(forward(x.data), (x,), name)

                def _backward() -> None:
                    x.grad += derivative(x.data, out.data) * out.grad

                out._backward = _backward
                return out

            return operation

        sys.setrecursionlimit(_DEEP)
        self.variables = self.constants = lambda numbers: [Value(number) for number in numbers]
        self.relu = Value.relu
        self.exp = function("exp", math.exp, lambda x, out: out)
        self.log = function("log", math.log, lambda x, out: 1.0 / x)
        self.tanh = function("tanh", math.tanh, lambda x, out: 1.0 - out * out)


class Xad(Scalars):
    """XAD, a tape in C++, from Python: leaves are registered for every recording, when none of the last one's numbers are left."""

    keeps_leaves = False

    def __init__(self, form: str = PRODUCTS_AND_SUMS) -> None:
        import xad.math as m
        from xad.adj_1st import Real, Tape

        self.real = Real
        self.tape = Tape()
        self.tape.activate()
        self.exp, self.log, self.tanh = m.exp, m.log, m.tanh
        self.relu = lambda x: m.max(x, 0.0)

    def variables(self, numbers: Sequence[float]) -> list[Any]:
        made = [self.real(number) for number in numbers]
        self.tape.registerInputs(made)
        self.tape.newRecording()
        return made

    def backward(self, root: Any) -> None:
        self.tape.registerOutput(root)
        root.derivative = 1.0
        self.tape.computeAdjoints()

    def gradients(self, variables: list[Any]) -> list[float]:
        return [variable.derivative for variable in variables]

    def number(self, node: Any) -> float:
        return float(node.value)


class TorchScalars(Scalars):
    """torch with a tensor for every number."""

    keeps_leaves = False

    def __init__(self, form: str = PRODUCTS_AND_SUMS) -> None:
        import torch

        torch.set_num_threads(1)
        self.variables = lambda numbers: [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
        self.exp, self.log, self.relu, self.sigmoid, self.tanh = torch.exp, torch.log, torch.relu, torch.sigmoid, torch.tanh

    def gradients(self, variables: list[Any]) -> list[float]:
        return [0.0 if variable.grad is None else variable.grad.item() for variable in variables]

    def number(self, node: Any) -> float:
        return float(node.item())


class ScalarStep:
    """A step on scalars: forward, backward, the release of the graph, and what comes before the next step.

    Args:
        engine: whose numbers to use.
        numbers: of the leaves, at first.
        loss: the root, for whatever `arrange` made.
        arrange: the model for given leaves; it is kept as long as the leaves are.
        update: new numbers from the old ones and the gradient; None where the task ends with the gradient.
        operations, scale: as in Work.
    """

    scale = 1.0

    def __init__(
        self,
        engine: Scalars,
        numbers: Sequence[float],
        loss: Callable[[Any], Any],
        arrange: Callable[[list[Any]], Any] = lambda leaves: leaves,
        update: Callable[[Sequence[float], Sequence[float]], Sequence[float]] | None = None,
        operations: int = 0,
    ) -> None:
        self.engine, self.numbers, self.loss, self.arrange, self.rule = engine, numbers, loss, arrange, update
        self.leaves = engine.variables(numbers)
        self.model = arrange(self.leaves)
        self.root: Any = None
        self.operations = operations
        self.gradient: Sequence[float] = ()
        self.phases: dict[str, Phase] = {
            "forward": self._forward,
            "backward": self._backward,
            "release": self._release,
            "update": self._update,
        }

    def _forward(self) -> None:
        self.root = self.loss(self.model)

    def _backward(self) -> None:
        self.engine.backward(self.root)

    def _release(self) -> None:
        self.root = None

    def _update(self) -> None:
        self.gradient = self.engine.gradients(self.leaves)
        if self.rule is not None:
            self.numbers = self.rule(self.numbers, self.gradient)
        if self.engine.keeps_leaves:
            self.engine.clear(self.leaves, self.numbers if self.rule else None)
        else:
            self.model = self.leaves = None  # gone before their successors are registered
            self.leaves = self.engine.variables(self.numbers)
            self.model = self.arrange(self.leaves)
