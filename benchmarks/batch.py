"""Pictures through networks that read digits: a mini-batch, 784-500-400-10, and a whole set of small ones, 64-32-10.

Rectifiers, and the mean over the pictures of the softmax cross-entropy; in double and in single precision.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.arrays import ArrayStep
from benchmarks.engines import PROGRAM, Engine
from benchmarks.networks import Network
from benchmarks.work import FLOAT32, FLOAT64, Work
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

SAMPLES, CLASSES = 64, 10
SMALL = 1437  # pictures of 8 x 8: those of the digits that come with scikit-learn, less a fifth for tests
INKED = 0.2  # the share of pixels that are not 0, as in the MNIST digits


def network(samples: int) -> Network:
    """The network; for small batches one a tenth as wide."""
    part = 1 if samples == SAMPLES else 10
    return Network((784 // part, 500 // part, 400 // part, CLASSES), hidden="relu")


def small_network(samples: int) -> Network:
    """The network for small pictures."""
    return Network((64, 32, CLASSES), hidden="relu")


def pictures(samples: int, pixels: int) -> tuple[list[list[float]], list[list[float]]]:
    """Pictures, mostly 0, and for each a list with a 1 where its digit is."""
    rng = random.Random(0)
    images = [[rng.random() if rng.random() < INKED else 0.0 for _ in range(pixels)] for _ in range(samples)]
    return images, [[float(digit == sample % CLASSES) for digit in range(CLASSES)] for sample in range(samples)]


def _in_precision(network: Callable[[int], Network], form: str, size: int) -> tuple[Network, list[Any], Any, Any]:
    """The network, its parameters, the pictures and their digits, as NumPy arrays."""
    import numpy

    net = network(size)
    x, y = (numpy.array(numbers, form) for numbers in pictures(size, net.sizes[0]))
    return net, [matrix.astype(form) for matrix in net.matrices(net.numbers())], x, y


def _as_program(network: Callable[[int], Network], engine: Engine, form: str, size: int) -> Work:
    from autograd_lite.losses import cross_entropy

    adapter = engine.adapter(form)
    net, _, x, y = _in_precision(network, form, size)

    def loss_of_one(layers: list[Any], image: list[Any], digit: list[Any]) -> Any:
        return cross_entropy(net.outputs(adapter.engine, layers, image), digit)

    return adapter.training(loss_of_one, net.numbers(), net.layers, x, y)  # type: ignore[no-any-return]


def _on_arrays(network: Callable[[int], Network], engine: Engine, form: str, size: int) -> Work:
    library = engine.adapter(form)
    net, matrices, *data = _in_precision(network, form, size)
    x, y = map(library.array, data)

    def array_loss(parameters: list[Any]) -> Any:
        logits = net.array_outputs(library.functions, parameters, x)
        return (y * library.functions["log_softmax"](logits)).sum() * (-1.0 / size)

    differentiate = library.compiled(library.gradient(array_loss))
    parameters = [library.array(matrix) for matrix in matrices]
    return ArrayStep(library, parameters, lambda parameters: (differentiate(parameters), parameters), net.flat)


def _in_numpy(network: Callable[[int], Network], engine: Engine, form: str, size: int) -> Work:
    import numpy

    net, parameters, x, y = _in_precision(network, form, size)

    def step(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
        outputs = net.forward_by_hand(parameters, x)
        logits = outputs[-1] - outputs[-1].max(1, keepdims=True)
        weights = numpy.exp(logits)
        totals = weights.sum(1, keepdims=True)
        loss = (y * (numpy.log(totals) - logits)).sum() / size
        return [*net.backward_by_hand(parameters, outputs, (weights / totals - y) / size), loss], parameters

    return ArrayStep(None, parameters, step, lambda found: net.flat(found[:-1]))


def _styles(network: Callable[[int], Network]) -> dict[str, Callable[[Engine, str, int], Work]]:
    return {
        "program": partial(_as_program, network),
        "arrays": partial(_on_arrays, network),
        "numpy": partial(_in_numpy, network),
    }


WORKLOADS = (
    Workload(
        "batch",
        "digits, batch of {size}",
        "784-500-400-10 network, rectifiers and softmax, the gradient for a batch of {size}",
        _styles(network),
        (PROGRAM, "torch", "JAX", "NumPy by hand"),
        (SAMPLES,),
        (8,),
        precisions=(FLOAT64, FLOAT32),
    ),
    Workload(
        "softmax",
        "small digits, all {size}",
        "64-32-10 network, rectifiers and softmax, the gradient for {size} pictures",
        _styles(small_network),
        (PROGRAM, "torch", "JAX", "NumPy by hand"),
        (SMALL,),
        (8,),
        precisions=(FLOAT64, FLOAT32),
    ),
)
