"""Replays held against eager: values and gradients, row by row."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.program import Program, trace

TOLERANCE = 1e-12


def assert_same_loss(loss: Callable[..., Any], model: Any, xs: Any, ys: Any) -> Program:
    """The mean loss and its gradient by the parameters are those that eager adds up over the samples."""
    program = trace(loss, model, xs[0].tolist(), ys[0].tolist())
    value, gradient = program.loss_and_gradient(xs, ys)
    losses, largest = [], {id(parameter): 0.0 for parameter in model.parameters()}
    sums = dict(largest)
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        model.zero_grad()
        result = loss(model, x, y)
        result.backward()
        losses.append(result.data)
        for parameter in model.parameters():
            sums[id(parameter)] += parameter.grad / len(xs)
            largest[id(parameter)] += abs(parameter.grad) / len(xs)
    assert abs(value - sum(losses) / len(losses)) <= TOLERANCE * sum(map(abs, losses)) / len(losses)
    scale = max(largest.values())
    for parameter, slope in zip(program.parameter_values, gradient.tolist(), strict=True):
        # A gradient of cancelling terms is as exact as its terms: those of one parameter, or of what it was computed from.
        assert abs(slope - sums[id(parameter)]) <= TOLERANCE * max(largest[id(parameter)], 1e-3 * scale), parameter.label
    return program


def assert_same_everywhere(
    function: Callable[..., Any], points: Sequence[Sequence[float]], tolerance: float = TOLERANCE
) -> Program:
    """The values and gradients by the arguments are those of eager at every point, and each point alone gives the same."""
    program = trace(function, *points[0])
    rows = numpy.array(points, float)
    values, gradients = program.value_and_grad(rows)
    numpy.testing.assert_array_equal(program(rows), values)
    for row, value, gradient in zip(points, values.tolist(), gradients.tolist(), strict=True):
        leaves = [Value(x) for x in row]
        out = function(*leaves)
        expected = [0.0] * len(leaves)
        if isinstance(out, Value) and out.requires_grad:
            expected = ag.gradients(out, leaves)
        out = out.data if isinstance(out, Value) else out
        assert close(value, out, tolerance), (row, value, out)
        scale = max(map(abs, expected))
        assert all(close(x, y, tolerance, 1e-3 * scale) for x, y in zip(gradient, expected, strict=True)), (row, gradient, expected)
    return program


def close(found: float, expected: float, tolerance: float = TOLERANCE, scale: float = 0.0) -> bool:
    """Whether two numbers agree relative to the larger of the second one and a scale; nan agrees with nan, inf with inf."""
    if found == expected or (found != found and expected != expected):
        return True
    return abs(found - expected) <= tolerance * max(abs(expected), scale, 1e-290)
