"""Optimizers, losses and activations beside PyTorch's numbers, which are stored; `tests/pytorch_numbers.py` made them."""

import json
import math
from typing import Any

import numpy
import pytest

from autograd_lite import Value, binary_cross_entropy_with_logits, cross_entropy, value_and_grad
from autograd_lite.nn.activations import activation_of
from autograd_lite.optim import SGD, Adam, AdamW, Optimizer
from autograd_lite.optim.flat_optimizer import FlatOptimizer
from autograd_lite.program import trace
from tests.pytorch_numbers import ACTIVATIONS, HERE, LOGITS, OPTIMIZERS, SCORES, SMOOTHINGS, START, STEPS, slopes

STORED = json.loads(HERE.read_text())
KINDS = {"SGD": SGD, "Adam": Adam, "AdamW": AdamW}
# At these corners the derivative is a convention: clamp passes it on at its ends, PyTorch does not.
CORNERS = {("hard_tanh", -1.0)}


def optimizer_of(name: str, parameters: list[Value]) -> Optimizer:
    kind, arguments = OPTIMIZERS[name]
    ours = dict(arguments)
    ours["learning_rate"] = ours.pop("lr")
    if "betas" in ours:
        ours["beta1"], ours["beta2"] = ours.pop("betas")
        ours["epsilon"] = ours.pop("eps")
    return KINDS[kind](parameters, **ours)


def numbers(texts: Any) -> Any:
    return [numbers(text) for text in texts] if isinstance(texts, list) else float.fromhex(texts)


@pytest.mark.parametrize("flat", [False, True], ids=["values", "arrays"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_four_hundred_steps_agree(name, flat):
    x = [Value(number) for number in START]
    optimizer = optimizer_of(name, x)
    array = numpy.array(START)
    arrays = FlatOptimizer(optimizer, x)
    found = []
    for step in range(STEPS):
        if flat:
            arrays.step(array, numpy.array(slopes(array.tolist(), step)))
        else:
            for parameter, slope in zip(x, slopes([each.data for each in x], step), strict=True):
                parameter.grad = slope
            optimizer.step()
        if step % 40 == 39:
            found.append(array.tolist() if flat else [each.data for each in x])
    assert found == pytest.approx(numpy.array(numbers(STORED["optimizers"][name])), rel=1e-13, abs=1e-13)


def agree(function: Any, x: Any, stored: Any) -> None:
    """By both engines; absolutely where PyTorch has rounded tails away, which `test_losses` and `test_accuracy` hold to all digits."""
    value, slope = numbers(stored)
    for engine in ("eager", "program"):
        if engine == "eager":
            found, gradient = value_and_grad(function)(x)
        else:
            found, gradient = trace(function, x).value_and_grad(x)
        assert float(found) == pytest.approx(value, rel=1e-13, abs=1e-13), engine
        gradient = numpy.atleast_1d(gradient)
        assert gradient == pytest.approx(numpy.array(slope), rel=1e-13, abs=1e-13), engine


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("t", range(3))
def test_cross_entropy_agrees(t, smoothing):
    one_hot = [float(i == t) for i in range(3)]
    for x, stored in zip(LOGITS, STORED["cross_entropy"][f"{smoothing} {t}"], strict=True):
        for target in (t, one_hot):
            agree(lambda logits, target=target: cross_entropy(logits, target, label_smoothing=smoothing), x, stored)


def test_soft_targets_agree():
    for x, stored in zip(LOGITS, STORED["soft"], strict=True):
        agree(lambda logits: cross_entropy(logits, [0.2, 0.5, 0.3]), x, stored)


@pytest.mark.parametrize("t", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_agrees(t):
    for x, stored in zip(SCORES, STORED["binary"][str(t)], strict=True):
        agree(lambda logit: binary_cross_entropy_with_logits(logit, t), x, stored)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree(name):
    for x, stored in zip(SCORES, STORED["activations"][name], strict=True):
        if (name, x) not in CORNERS:
            agree(activation_of(name), x, stored)


def test_swish_is_silu():
    assert activation_of("swish") is activation_of("silu")
    assert math.isclose(activation_of("swish")(2.0), 2.0 / (1.0 + math.exp(-2.0)))
