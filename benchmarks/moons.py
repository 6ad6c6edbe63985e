"""Two moons: a 2-16-16-1 network of rectifiers, 100 samples, the mean hinge loss and a penalty on squares; one step of descent.

The task of micrograd's demonstration.
"""

import math
import random
from collections.abc import Sequence
from typing import Any

from benchmarks.arrays import ArrayStep
from benchmarks.engines import Engine, all_but
from benchmarks.limits import HandWritten, c_function
from benchmarks.networks import Network
from benchmarks.scalars import Scalars, ScalarStep
from benchmarks.symbols import SymbolStep
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

NETWORK = Network((2, 16, 16, 1), hidden="relu")
PENALTY = 1e-4
RATE = 0.01

Model = tuple[list[Any], list[Any]]  # the leaves, and the same as layers


def moons(samples: int, noise: float = 0.1) -> tuple[list[list[float]], list[float]]:
    """Points on two interleaved half circles, and -1 or 1 for each."""
    rng = random.Random(0)
    points, targets = [], []
    for number in range(samples):
        angle = math.pi * rng.random()
        upper = number % 2 == 0
        x, y = (math.cos(angle), math.sin(angle)) if upper else (1.0 - math.cos(angle), 0.5 - math.sin(angle))
        points.append([rng.gauss(x, noise), rng.gauss(y, noise)])
        targets.append(-1.0 if upper else 1.0)
    return points, targets


def loss(engine: Scalars, model: Model, points: list[list[float]], targets: list[float]) -> Any:
    """The mean of the samples' hinges, and the penalty."""
    hinges = [hinge(engine, model, engine.constants(point), target) for point, target in zip(points, targets, strict=True)]
    return engine.sum_of(hinges) * (1.0 / len(points)) + penalty(engine, model)


def hinge(engine: Scalars, model: Model, point: Sequence[Any], target: Any) -> Any:
    """relu(1 - target * score)."""
    return engine.relu(1.0 - target * NETWORK.outputs(engine, model[1], point)[0])


def penalty(engine: Scalars, model: Model) -> Any:
    """The sum of the squares of all parameters, times a small number."""
    return engine.sum_of_products(model[0], model[0]) * PENALTY


def _arranged(leaves: list[Any]) -> Model:
    return leaves, NETWORK.layers(leaves)


def _moved(numbers: Any, gradient: Any) -> list[float]:
    return [x - RATE * g for x, g in zip(numbers, gradient, strict=True)]


def _on_scalars(engine: Engine, form: str, size: int) -> Work:
    adapter, data, numbers = engine.adapter(form), moons(size), NETWORK.numbers()
    operations = NETWORK.operations(size) + 4 * size + 2 * len(numbers) + 1

    return ScalarStep(adapter, numbers, lambda model: loss(adapter, model, *data), _arranged, _moved, operations)


def _on_symbols(engine: Engine, form: str, size: int) -> Work:
    adapter, data, numbers = engine.adapter(form), moons(size), NETWORK.numbers()
    gradient = adapter.gradient(lambda leaves: loss(adapter, _arranged(leaves), *data), len(numbers))
    return SymbolStep(gradient, numbers, lambda x, g: x - RATE * g)


def _on_arrays(engine: Engine, form: str, size: int) -> Work:
    library = engine.adapter(form)
    x, y = (library.array(numbers) for numbers in moons(size))
    parameters = [library.array(matrix) for matrix in NETWORK.matrices(NETWORK.numbers())]

    def array_loss(parameters: list[Any]) -> Any:
        scores = NETWORK.array_outputs(library.functions, parameters, x)[:, 0]
        return library.functions["relu"](1.0 - y * scores).mean() + PENALTY * sum((p * p).sum() for p in parameters)

    gradient = library.gradient(array_loss)

    def step(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
        found = gradient(parameters)
        return found, [p - RATE * g for p, g in zip(parameters, found, strict=True)]

    return ArrayStep(library, parameters, library.compiled(step), NETWORK.flat)


def _as_program(engine: Engine, form: str, size: int) -> Work:
    import numpy

    adapter, samples = engine.adapter(form), [numpy.array(numbers) for numbers in moons(size)]

    def loss_of_one(model: Model, point: list[Any], target: Any) -> Any:
        return hinge(adapter.engine, model, point, target) + penalty(adapter.engine, model)

    training = adapter.training(loss_of_one, NETWORK.numbers(), _arranged, *samples)
    training.rate = RATE
    return training


def _in_numpy(engine: Engine, form: str, size: int) -> Work:
    import numpy

    x, y = (numpy.array(numbers) for numbers in moons(size))

    def step(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
        outputs = NETWORK.forward_by_hand(parameters, x)
        error = numpy.where(y * outputs[-1][:, 0] < 1.0, -y / len(y), 0.0)[:, None]
        found = NETWORK.backward_by_hand(parameters, outputs, error)
        found = [g + 2.0 * PENALTY * p for p, g in zip(parameters, found, strict=True)]
        return found, [p - RATE * g for p, g in zip(parameters, found, strict=True)]

    return ArrayStep(None, NETWORK.matrices(NETWORK.numbers()), step, NETWORK.flat)


def _in_c(engine: Engine, form: str, size: int) -> Work:
    import numpy

    x, y = (numpy.array(numbers) for numbers in moons(size))
    parameters = numpy.array(NETWORK.numbers())
    found = numpy.empty_like(parameters)
    differentiate = c_function("moons_gradient")

    def step() -> None:
        differentiate(parameters, x, y, size, PENALTY, found)
        parameters[:] -= RATE * found

    return HandWritten({"step": step}, found.tolist)


WORKLOADS = (
    Workload(
        "moons",
        "two moons, {size} samples",
        "two moons, MLP 2-16-16-1, {size} samples, one step",
        {
            "scalars": _on_scalars,
            "program": _as_program,
            "symbols": _on_symbols,
            "arrays": _on_arrays,
            "numpy": _in_numpy,
            "c": _in_c,
        },
        all_but(),
        (100,),
        (10,),
    ),
)
