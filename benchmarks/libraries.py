"""Programs as modules of JAX and PyTorch beside the same functions written by hand there: a loss, and the library's derivative.

A batch of rows through a network, and a small GPT on one word, whose module is unrolled, letter by letter. What the module's first
call takes is the library's compilation: it was written and proved before.
"""

from functools import partial
from typing import Any

from benchmarks import gpt
from benchmarks.arrays import Arrays, ArrayStep
from benchmarks.engines import IN_JAX, IN_TORCH, Engine
from benchmarks.networks import Network
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["NAMES", "WORKLOADS"]

ROWS = 128


def _data(net: Network, rows: int) -> tuple[Any, Any]:
    import numpy

    numbers = numpy.random.default_rng(0)
    return numbers.normal(size=(rows, net.sizes[0])), numpy.eye(net.sizes[-1])[numbers.integers(0, net.sizes[-1], rows)]


def _as_module(net: Network, engine: Engine, form: str, size: int) -> Work:
    from autograd_lite.losses import cross_entropy

    adapter = engine.adapter(form)

    def loss_of_one(layers: list[Any], x: list[Any], y: list[Any]) -> Any:
        return cross_entropy(net.outputs(adapter.engine, layers, x), y)

    return adapter.training(loss_of_one, net.numbers(), net.layers, *_data(net, size))  # type: ignore[no-any-return]


def _by_hand(net: Network, engine: Engine, form: str, size: int) -> Work:
    library = engine.adapter(form)
    x, y = map(library.array, _data(net, size))

    def loss(parameters: list[Any]) -> Any:
        logits = net.array_outputs(library.functions, parameters, x)
        return -(y * library.functions["log_softmax"](logits)).sum(1).mean()

    return _step(library, loss, net.matrices(net.numbers()), net.flat)


def _step(library: Arrays, loss: Any, arrays: list[Any], flat: Any) -> Work:
    differentiate = library.compiled(library.value_and_gradient(loss))
    given = [library.array(array) for array in arrays]
    return ArrayStep(library, given, lambda parameters: (differentiate(parameters), parameters), lambda found: flat(found[1:]))


# ---- a small GPT -------------------------------------------------------------------------------------------------------------


def _gpt_as_module(engine: Engine, form: str, size: int) -> Work:
    import autograd_lite

    adapter, tokens = engine.adapter(form), gpt.tokens_of(gpt.WORD[:size])

    def arranged(leaves: list[Any]) -> gpt.GPT:
        model = gpt.GPT(adapter.engine, leaves)
        model.softmax = autograd_lite.softmax  # type: ignore[method-assign] - its own reads numbers
        return model

    return adapter.training(lambda model: model.loss(tokens), gpt.numbers(), arranged)  # type: ignore[no-any-return]


def _gpt_by_hand(engine: Engine, form: str, size: int) -> Work:
    """The whole word at once: a row for each position."""
    import numpy

    library, tokens = engine.adapter(form), gpt.tokens_of(gpt.WORD[:size])
    count, functions = len(tokens) - 1, library.functions
    mask = library.array(numpy.triu(numpy.full((count, count), -numpy.inf), 1))
    following = library.array(numpy.eye(gpt.LETTERS)[tokens[1:]])

    def norm(x: Any) -> Any:
        return x * ((x * x).sum(1)[:, None] / gpt.WIDTH + 1e-5) ** -0.5

    def loss(parameters: list[Any]) -> Any:
        matrices = dict(zip(gpt.SHAPES, parameters, strict=True))

        def heads(name: str, x: Any) -> Any:
            return (x @ matrices[name].T).reshape(count, gpt.HEADS, gpt.SIZE_OF_HEAD).swapaxes(0, 1)

        x = norm(matrices["letters"][numpy.array(tokens[:-1])] + matrices["places"][:count])
        given = norm(x)
        answers = heads("queries", given) @ heads("keys", given).swapaxes(1, 2) * gpt.SIZE_OF_HEAD**-0.5
        heard = functions["softmax"](answers + mask) @ heads("values", given)
        x = x + heard.swapaxes(0, 1).reshape(count, gpt.WIDTH) @ matrices["heads"].T
        x = x + functions["relu"](norm(x) @ matrices["widen"].T) @ matrices["narrow"].T
        return -(following * functions["log_softmax"](x @ matrices["scores"].T)).sum(1).mean()

    numbers, arrays = numpy.array(gpt.numbers()), []
    for rows, columns in gpt.SHAPES.values():
        arrays.append(numbers[: rows * columns].reshape(rows, columns))
        numbers = numbers[rows * columns :]
    return _step(library, loss, arrays, lambda found: numpy.concatenate([numpy.ravel(each) for each in found]).tolist())


# ---- all of them -------------------------------------------------------------------------------------------------------------

_NETWORKS = {
    "small": Network((2, 16, 16, 2), hidden="relu"),
    "digits": Network((64, 15, 10), hidden="tanh"),
    "large": Network((784, 500, 400, 10), hidden="relu"),
    "large-tanh": Network((784, 500, 400, 10), hidden="tanh"),
}


def _workload(name: str, what: str, module: Any, by_hand: Any, size: int, quick: int) -> Workload:
    makers = {"module": module, "arrays": by_hand}
    title = f"{what}, the loss and its gradient: as a module, and by hand"
    return Workload(f"modules-{name}", f"module: {what}", title, makers, (IN_JAX, "JAX", IN_TORCH, "torch"), (size,), (quick,))


def _network(name: str, net: Network) -> Workload:
    what = f"{'-'.join(map(str, net.sizes))}, {net.hidden}, {{size}} rows"
    return _workload(name, what, partial(_as_module, net), partial(_by_hand, net), ROWS, 8)


WORKLOADS = (
    *(_network(name, net) for name, net in _NETWORKS.items()),
    _workload("gpt", "GPT of 4,192 parameters, a word of {size} letters", _gpt_as_module, _gpt_by_hand, 4, 1),
)
NAMES = tuple(workload.name for workload in WORKLOADS)
