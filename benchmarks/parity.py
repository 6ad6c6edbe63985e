"""The programs of seven functions in NumPy, JAX and PyTorch, on the same numbers: `python -m benchmarks.parity`.

A line is a `program.parity(...)`: the largest differences relative to the largest number of an array, the time of the first call
(written, compiled, proved and called) and of a later one. `python -m benchmarks.parity xor gpt` shows some, `--arrays` reports.
"""

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

import autograd_lite
from autograd_lite import sigmoid
from autograd_lite.engine.extras import advice, is_here, needed
from autograd_lite.losses import cross_entropy, hinge, squared_error
from autograd_lite.nn import MLP
from autograd_lite.program import Program, trace

__all__ = ["FUNCTIONS", "LIBRARIES", "Work", "main", "small_gpt"]

LIBRARIES = ("jax", "torch")


class Work(NamedTuple):
    """A function to trace, and arrays for its program."""

    function: Callable[..., Any]
    example: list[Any]
    arrays: list[Any]

    def program(self, **options: Any) -> Program:
        """The function, traced."""
        return trace(self.function, *self.example, **options)


def network(sizes: list[int], activation: str, loss: Callable[..., Any], rows: int, **options: Any) -> Work:
    """The loss of a network, made with the options of MLP, on random rows."""
    inputs, *layers = sizes
    numbers = numpy.random.default_rng(0)
    x = numbers.normal(size=(rows, inputs))
    classes = numbers.integers(0, 2, rows) if layers[-1] == 1 else numpy.eye(layers[-1])[numbers.integers(0, layers[-1], rows)]
    y = 2.0 * classes - 1.0 if loss is hinge else classes.astype(float)
    model = MLP(inputs, layers, activation, seed=0, **options)
    return Work(lambda model, x, y: loss(model(x), y), [model, x[0].tolist(), y[0].tolist()], [x, y])


def _unit() -> Work:
    return Work(lambda x, w, b: sigmoid(w * x + b), [1.0, 2.0, -0.5], [numpy.linspace(-2.0, 2.0, 7)] * 3)


FUNCTIONS: dict[str, Callable[[], Work]] = {
    "unit": _unit,
    "2-2-1": lambda: network([2, 2, 1], "sigmoid", squared_error, 5),
    "xor": lambda: network([2, 2, 1], "tanh", squared_error, 4),
    "moons": lambda: network([2, 16, 16, 1], "relu", hinge, 50),
    "digits": lambda: network([64, 15, 10], "tanh", cross_entropy, 40),
    "784-500-400-10": lambda: network([784, 500, 400, 10], "relu", cross_entropy, 128),
}


def small_gpt(word: str = "a", **options: Any) -> Program:
    """The GPT of the benchmarks on a word: no arguments, 4,192 parameters."""
    from benchmarks.gpt import GPT, numbers, tokens_of
    from benchmarks.scalars import DOT, AutogradLite

    engine = AutogradLite(DOT)
    leaves = engine.variables(numbers())
    model = GPT(engine, leaves)
    model.softmax = autograd_lite.softmax  # type: ignore[method-assign] - its own reads numbers
    return trace(lambda: model.loss(tokens_of(word)), parameters=leaves, **options)


def main(arguments: list[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.parity", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"functions: {', '.join([*FUNCTIONS, 'gpt'])}; all by default")
    parser.add_argument("--arrays", action="store_true", help="every report, array by array")
    parser.add_argument("--device", help="where PyTorch computes, such as cuda (JAX takes a GPU where there is one)")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - {*FUNCTIONS, "gpt"})
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join([*FUNCTIONS, 'gpt'])}")
    here = [library for library in LIBRARIES if is_here(library)]
    if options.device:
        needed("torch").set_default_device(options.device)
    for library in set(LIBRARIES) - set(here):
        print(advice(library))
    if not options.arrays and here:
        print("| function | library | rows | parameters | value | derivatives | first call | in NumPy | later | in NumPy |")
        print("|---|---|---|---|---|---|---|---|---|---|")
    for name in options.names or [*FUNCTIONS, "gpt"]:
        program, arrays = (small_gpt(), []) if name == "gpt" else (FUNCTIONS[name]().program(), FUNCTIONS[name]().arrays)
        for library in here:
            report = program.parity(library, *arrays)
            print(f"{name} in {library}\n\n{report}\n" if options.arrays else _line(name, program, report), flush=True)


def _line(name: str, program: Program, report: Any) -> str:
    value, *others = (each.relative for each in report.differences)
    times = [f"{1e3 * seconds:.3g} ms" for pair in (report.first, report.step) for seconds in reversed(pair)]
    cells = [name, report.library, f"{report.rows:,}", f"{len(program.parameters):,}", f"{value:.0e}", f"{max(others):.0e}", *times]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
