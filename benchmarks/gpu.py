"""Epochs of 784-500-400-10 on MNIST by an emitted module and by hand, on a GPU: `python -m benchmarks.gpu FOLDER`.

Without a GPU it measures the processor, and says so. Both sides descend in the same loop over the same pictures,
in turns: in JAX an epoch is one compiled `lax.scan`, in PyTorch a loop of steps, operation by operation and compiled. By hand is
the loss as one writes it, and the library's own derivative of it. Without a folder it takes pictures of MNIST's shape.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy

from autograd_lite.datasets import Dataset, mnist, synthetic_mnist
from autograd_lite.engine.extras import advice, is_here
from autograd_lite.losses import cross_entropy
from autograd_lite.program import Program
from benchmarks.parity import LIBRARIES, network

__all__ = ["Epochs", "main"]

BATCHES = (128, 1024, 8192)
RATE = 0.1
Tree = dict[str, Any]
Step = Callable[[Tree, Any, Any], tuple[Any, Tree]]


class Side(NamedTuple):
    """One of the two that are compared: how it is called, an epoch of it, and the seconds of the first and of the later ones."""

    name: str
    epoch: Callable[[Tree], Tree]
    seconds: list[float]


def by_hand(log_softmax: Callable[[Any], Any], relu: Callable[[Any], Any]) -> Callable[[Tree, Any, Any], Any]:
    """The loss of the network as one writes it."""

    def loss(tree: Tree, x: Any, y: Any) -> Any:
        hidden = relu(x @ tree["W1"].T + tree["b1"])
        hidden = relu(hidden @ tree["W2"].T + tree["b2"])
        return -(y * log_softmax(hidden @ tree["W3"].T + tree["b3"])).sum() / len(x)

    return loss


class Epochs:
    """What a library's epochs need.

    Args:
        program: the traced loss. pictures: with one-hot targets. dtype: "float32" or "float64".
    """

    name: str

    def __init__(self, program: Program, pictures: Dataset, dtype: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            module = _imported(program.save(Path(folder) / f"step_in_{self.name}.py", dialect=self.name))
        [emitted] = [name for name in vars(module) if name.endswith("_and_gradient")]
        self.emitted: Step = getattr(module, emitted)
        numbers = [program.parameters, pictures.inputs, pictures.targets]
        parameters, self.x, self.y = (self.array(array.astype(dtype)) for array in numbers)
        self.start: Tree = module.split(parameters)

    def array(self, numbers: Any) -> Any:
        """An array of the library, where it computes."""
        raise NotImplementedError

    def wait(self, tree: Tree) -> None:
        """Returns when the arrays are computed."""
        raise NotImplementedError

    def sides(self, size: int) -> Iterator[list[Side]]:
        """Pairs of sides, the module first, for batches of a size."""
        raise NotImplementedError

    def difference(self, sides: list[Side]) -> float:
        """The largest difference of the parameters after an epoch, relative to the largest number of their array."""
        one, other = (side.epoch(self.start) for side in sides)
        numbers = [(self.numbers(one[name]), self.numbers(other[name])) for name in one]
        return max(float(numpy.abs(a - b).max() / numpy.abs(b).max()) for a, b in numbers)

    def numbers(self, array: Any) -> Any:
        """An array as one of NumPy."""
        return numpy.asarray(array)


class InJax(Epochs):
    """An epoch is one compiled loop."""

    name = "jax"

    def __init__(self, program: Program, pictures: Dataset, dtype: str) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        super().__init__(program, pictures, dtype)
        self.device = str(jax.devices()[0].device_kind)

    def array(self, numbers: Any) -> Any:
        return self.jax.numpy.asarray(numbers)

    def wait(self, tree: Tree) -> None:
        self.jax.block_until_ready(tree)

    def sides(self, size: int) -> Iterator[list[Side]]:
        jax = self.jax
        count = len(self.x) // size
        x, y = (array[: count * size].reshape(count, size, -1) for array in (self.x, self.y))

        def epoch(step: Step) -> Callable[[Tree], Tree]:
            def whole(tree: Tree, x: Any, y: Any) -> Tree:
                def descend(tree: Tree, batch: Any) -> tuple[Tree, Any]:
                    value, gradient = step(tree, *batch)
                    return {name: array - RATE * gradient[name] for name, array in tree.items()}, value

                return jax.lax.scan(descend, tree, (x, y))[0]  # type: ignore[no-any-return]

            compiled = jax.jit(whole)
            return lambda tree: compiled(tree, x, y)  # type: ignore[no-any-return]

        hand: Step = jax.value_and_grad(by_hand(jax.nn.log_softmax, jax.nn.relu))
        yield [Side("compiled", epoch(self.emitted), []), Side("by hand", epoch(hand), [])]


class InTorch(Epochs):
    """An epoch is a loop of steps, operation by operation, or each compiled."""

    name = "torch"

    def __init__(self, program: Program, pictures: Dataset, dtype: str) -> None:
        import torch

        self.torch = torch
        self.place = "cuda" if torch.cuda.is_available() else "cpu"
        super().__init__(program, pictures, dtype)
        self.device = torch.cuda.get_device_name() if self.place == "cuda" else "cpu"

    def array(self, numbers: Any) -> Any:
        return self.torch.from_numpy(numbers).to(self.place)

    def numbers(self, array: Any) -> Any:
        return array.cpu().numpy()

    def wait(self, tree: Tree) -> None:
        if self.place == "cuda":
            self.torch.cuda.synchronize()

    def sides(self, size: int) -> Iterator[list[Side]]:
        torch = self.torch

        def hand(tree: Tree, x: Any, y: Any) -> tuple[Any, Tree]:
            leaves = {name: array.detach().requires_grad_() for name, array in tree.items()}
            value = loss(leaves, x, y)
            return value.detach(), dict(zip(leaves, torch.autograd.grad(value, list(leaves.values())), strict=True))

        def epoch(step: Step) -> Callable[[Tree], Tree]:
            def whole(tree: Tree) -> Tree:
                for start in range(0, len(self.x) - size + 1, size):
                    _, gradient = step(tree, self.x[start : start + size], self.y[start : start + size])
                    with torch.no_grad():
                        tree = {name: array - RATE * gradient[name] for name, array in tree.items()}
                return tree

            return whole

        loss = by_hand(lambda z: torch.log_softmax(z, -1), torch.relu)
        yield [Side("eager", epoch(self.emitted), []), Side("by hand", epoch(hand), [])]
        loss = torch.compile(loss, dynamic=False)
        yield [Side("compiled", epoch(torch.compile(self.emitted, dynamic=False)), []), Side("by hand", epoch(hand), [])]


def _imported(path: Path) -> Any:
    """The module of a file, which `torch.compile` finds by its name."""
    found = spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = sys.modules[path.stem] = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def measured(epochs: Epochs, sides: list[Side], rounds: int) -> None:
    """Both in turns, and the first call of each before."""
    for turn in range(rounds + 1):
        for side in sides if turn % 2 else sides[::-1]:
            start = time.perf_counter()
            epochs.wait(side.epoch(epochs.start))
            side.seconds.append(time.perf_counter() - start)


def main(arguments: list[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("folder", nargs="?", help="where the four files of MNIST are")
    parser.add_argument("--library", choices=LIBRARIES, help="this one alone")
    parser.add_argument("--rounds", type=int, default=30, help="epochs of each that are timed (default: 30)")
    parser.add_argument("--pictures", type=int, default=60_000, help="how many of them (default: 60,000)")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help=f"sizes of batches (default: {BATCHES})")
    parser.add_argument("--float64", action="store_true", help="in double precision")
    options = parser.parse_args(arguments)
    training = mnist(options.folder)[0] if options.folder else synthetic_mnist(options.pictures)
    pictures = training.take(range(options.pictures)).one_hot()
    program = network([784, 500, 400, 10], "relu", cross_entropy, 2, initializer="he").program(verify=False)
    print("| library | on | batch | | an epoch | by hand | ratio | first | by hand | apart after an epoch |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in (InJax, InTorch):
        if options.library in (None, kind.name) and not is_here(kind.name):
            print(advice(kind.name))
        elif options.library in (None, kind.name):
            epochs = kind(program, pictures, "float64" if options.float64 else "float32")
            for size in options.batches:
                for sides in epochs.sides(size):
                    measured(epochs, sides, options.rounds)
                    print(_line(epochs, size, sides), flush=True)


def _line(epochs: Epochs, size: int, sides: list[Side]) -> str:
    first = [f"{side.seconds[0]:.2f} s" for side in sides]
    later = [median(side.seconds[1:]) for side in sides]
    times = [f"{1e3 * seconds:.2f} ms" for seconds in later]
    cells = [epochs.name, epochs.device, f"{size:,}", sides[0].name, *times, f"{later[0] / later[1]:.3f}", *first]
    return f"| {' | '.join([*cells, f'{epochs.difference(sides):.0e}'])} |"


if __name__ == "__main__":
    main()
