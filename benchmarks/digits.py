"""A network of the shape that reads handwritten digits, 784-500-400-10: the gradient for one example, 600,000 parameters.

As products and sums it is 1.2 million operations; with `dot` it is 910 weighted sums.
"""

import random
from typing import Any

from benchmarks.arrays import ArrayStep
from benchmarks.engines import BEFORE, COMPILED, INTERPRETED, MICROGPT, PROGRAM, Engine
from benchmarks.networks import Network
from benchmarks.scalars import Scalars, ScalarStep
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

PIXELS, WIDTHS, CLASSES = 784, (500, 400), 10
INKED = 0.2  # the share of pixels that are not 0, as in the MNIST digits


def network(inputs: int) -> Network:
    """The network, or a small one of the same shape."""
    hidden = [width * inputs // PIXELS for width in WIDTHS]
    return Network((inputs, *hidden, CLASSES), hidden="sigmoid", output="sigmoid")


def example(inputs: int) -> tuple[list[float], list[float]]:
    """A picture, mostly 0, and which digit it is."""
    rng = random.Random(0)
    return [rng.random() if rng.random() < INKED else 0.0 for _ in range(inputs)], [float(digit == 3) for digit in range(CLASSES)]


def cost(engine: Scalars, net: Network, layers: list[Any], image: list[float], target: list[float]) -> Any:
    """Half the sum of squared errors."""
    outputs = net.outputs(engine, layers, engine.constants(image))
    errors = [out - wanted for out, wanted in zip(outputs, target, strict=True)]
    return engine.sum_of([error * error for error in errors]) * 0.5


def _on_scalars(engine: Engine, form: str, size: int) -> Work:
    adapter, net, data = engine.adapter(form), network(size), example(size)
    operations = net.operations(1) + 3 * CLASSES
    return ScalarStep(adapter, net.numbers(), lambda layers: cost(adapter, net, layers, *data), net.layers, operations=operations)


def _on_arrays(engine: Engine, form: str, size: int) -> Work:
    library, net, (image, target) = engine.adapter(form), network(size), example(size)
    x, y = library.array([image]), library.array([target])

    def array_cost(parameters: list[Any]) -> Any:
        error = net.array_outputs(library.functions, parameters, x) - y
        return (error * error).sum() * 0.5

    parameters = [library.array(matrix) for matrix in net.matrices(net.numbers())]
    differentiate = library.compiled(library.gradient(array_cost))
    return ArrayStep(library, parameters, lambda parameters: (differentiate(parameters), parameters), net.flat)


def _as_program(engine: Engine, form: str, size: int) -> Work:
    import numpy

    adapter, net, samples = engine.adapter(form), network(size), [numpy.array([numbers]) for numbers in example(size)]

    def cost_of_one(layers: list[Any], image: list[Any], target: list[Any]) -> Any:
        return cost(adapter.engine, net, layers, image, target)

    return adapter.training(cost_of_one, net.numbers(), net.layers, *samples)  # type: ignore[no-any-return]


def _in_numpy(engine: Engine, form: str, size: int) -> Work:
    import numpy

    net, (image, target) = network(size), example(size)
    x, y = numpy.array([image]), numpy.array([target])

    def step(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
        outputs = net.forward_by_hand(parameters, x)
        return net.backward_by_hand(parameters, outputs, outputs[-1] - y), parameters

    return ArrayStep(None, net.matrices(net.numbers()), step, net.flat)


WORKLOADS = (
    Workload(
        "digits",
        "digits, one example",
        "784-500-400-10 network, an example of {size} pixels, forward and backward",
        {"scalars": _on_scalars, "program": _as_program, "arrays": _on_arrays, "numpy": _in_numpy},
        (COMPILED, BEFORE, INTERPRETED, PROGRAM, MICROGPT, "XAD", "HIPS autograd", "torch", "JAX", "NumPy by hand"),
        (PIXELS,),
        (56,),
        ("forward", "backward", "step"),
    ),
)
