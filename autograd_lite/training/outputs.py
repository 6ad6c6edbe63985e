"""What a model answers, as arrays: (N, K) outputs, one row for each sample."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from autograd_lite.datasets import Array
from autograd_lite.engine.array_masks import check_unmasked
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value
from autograd_lite.nn.module import Module
from autograd_lite.program import trace


def predict(model: Callable[..., Any], inputs: Array, engine: str = "eager") -> Array:
    """(N, K) the model's outputs, one row for each row of inputs.

    Args:
        model: from a list of numbers to an output or a list of outputs.
        inputs: (N, features); of no rows the model is asked once, for the number of its outputs.
        engine: "eager" or "program", as for `fit`.
    Raises:
        ValueError: if the inputs are no matrix, or there is no such engine.
    Example:
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
