"""XOR: the 3-5-1 network of sigmoids without biases, trained by 1,000 steps of full-batch gradient descent at rate 1."""

from collections.abc import Callable
from typing import Any

from benchmarks.arrays import Arrays, ArrayStep
from benchmarks.engines import BEFORE, DESCENT, DESCENT_IN_C, PROGRAM, Engine, all_but
from benchmarks.limits import HandWritten, c_function
from benchmarks.networks import Network
from benchmarks.programs import Training
from benchmarks.scalars import Scalars, ScalarStep
from benchmarks.symbols import SymbolStep
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

NETWORK = Network((3, 5, 1), hidden="sigmoid", output="sigmoid", bias=False)
INPUTS = [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]  # the last column takes the place of a bias
TARGETS = [0.0, 1.0, 1.0, 0.0]
RATE = 1.0


def cost(engine: Scalars, layers: list[Any]) -> Any:
    """The sum over the four rows of (output - target)^2 / 2."""
    errors = [
        NETWORK.outputs(engine, layers, engine.constants(row))[0] - target for row, target in zip(INPUTS, TARGETS, strict=True)
    ]
    return engine.sum_of([error * error for error in errors]) * 0.5


class _Training:
    """All iterations on scalars as one step. The engines are compared by the weights at the end, which every gradient moved."""

    scale = 1.0

    def __init__(self, engine: Scalars, iterations: int) -> None:
        self.engine, self.iterations = engine, iterations
        self.operations = iterations * (NETWORK.operations(len(INPUTS)) + 3 * len(INPUTS))
        self.gradient: list[float] = []
        self.phases = {"training": self._train}

    def _train(self) -> None:
        step = ScalarStep(self.engine, NETWORK.numbers(), lambda layers: cost(self.engine, layers), NETWORK.layers, _moved)
        for _ in range(self.iterations):
            for phase in step.phases.values():
                phase()
        self.gradient = list(step.numbers)


def _moved(numbers: Any, gradient: Any) -> list[float]:
    return [x - RATE * g for x, g in zip(numbers, gradient, strict=True)]


def _on_scalars(engine: Engine, form: str, size: int) -> Work:
    return _Training(engine.adapter(form), size)


def _on_symbols(engine: Engine, form: str, size: int) -> Work:
    adapter, numbers = engine.adapter(form), NETWORK.numbers()
    return SymbolStep(adapter.descent(lambda leaves: cost(adapter, NETWORK.layers(leaves)), len(numbers), RATE, size), numbers)


def _on_arrays(engine: Engine, form: str, size: int) -> Work:
    library = engine.adapter(form)
    return _many(library, library.compiled(_step_of(library)), _start_of(library), size)


def _as_one(engine: Engine, form: str, size: int) -> Work:
    library = engine.adapter(form)
    start, train = _start_of(library), library.repeated(_step_of(library), size)
    return ArrayStep(library, start, lambda parameters: (train(parameters), start), NETWORK.flat)


def _start_of(library: Arrays) -> list[Any]:
    return [library.array(matrix) for matrix in NETWORK.matrices(NETWORK.numbers())]


def _step_of(library: Arrays) -> Any:
    x, y = library.array(INPUTS), library.array(TARGETS)

    def array_cost(parameters: list[Any]) -> Any:
        error = NETWORK.array_outputs(library.functions, parameters, x)[:, 0] - y
        return (error * error).sum() * 0.5

    gradient = library.gradient(array_cost)
    return lambda parameters: [p - RATE * g for p, g in zip(parameters, gradient(parameters), strict=True)]


def _as_program(engine: Engine, form: str, size: int) -> Work:
    training = _program(engine, form)

    def steps() -> None:
        for _ in range(size):
            training.step()

    return _trained(training, steps)


def _as_descent(engine: Engine, form: str, size: int) -> Work:
    training = _program(engine, form)
    return _trained(training, lambda: training.descend(size))


def _program(engine: Engine, form: str) -> Training:
    import numpy

    adapter, samples = engine.adapter(form), [numpy.array(INPUTS), numpy.array(TARGETS)]

    def cost_of_one(layers: list[Any], row: list[Any], target: Any) -> Any:
        error = NETWORK.outputs(adapter.engine, layers, row)[0] - target
        return error * error * (0.5 * len(TARGETS))  # of which the program takes the mean

    training: Training = adapter.training(cost_of_one, NETWORK.numbers(), NETWORK.layers, *samples)
    training.rate = RATE
    return training


def _trained(training: Training, steps: Callable[[], None]) -> Work:
    """All steps, from the same start every time."""
    start = training.program.parameters.copy()

    def train() -> None:
        training.program.parameters[:] = start
        steps()

    return HandWritten({"training": train}, lambda: training.numbers)


def _in_numpy(engine: Engine, form: str, size: int) -> Work:
    import numpy

    x, y = numpy.array(INPUTS), numpy.array(TARGETS)[:, None]

    def moved(parameters: list[Any]) -> list[Any]:
        outputs = NETWORK.forward_by_hand(parameters, x)
        found = NETWORK.backward_by_hand(parameters, outputs, outputs[-1] - y)
        return [p - RATE * g for p, g in zip(parameters, found, strict=True)]

    return _many(None, moved, NETWORK.matrices(NETWORK.numbers()), size)


def _many(library: Arrays | None, moved: Any, start: list[Any], iterations: int) -> Work:
    """All iterations as one step, from the same start every time; not compiled as a whole, so that Python asks for each."""

    def step(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
        for _ in range(iterations):
            parameters = moved(parameters)
        return parameters, start

    return ArrayStep(library, start, step, NETWORK.flat)


def _in_c(engine: Engine, form: str, size: int) -> Work:
    import numpy

    x, y = numpy.array(INPUTS), numpy.array(TARGETS)
    start = numpy.array(NETWORK.numbers())
    weights = start.copy()
    train = c_function("xor_train")

    def step() -> None:
        weights[:] = start
        train(weights, x, y, size, RATE)

    return HandWritten({"training": step}, weights.tolist)


WORKLOADS = (
    Workload(
        "xor",
        "XOR, {size} iterations",
        "XOR, MLP 3-5-1, {size} iterations",
        {
            "scalars": _on_scalars,
            "program": _as_program,
            "symbols": _on_symbols,
            "arrays": _on_arrays,
            "numpy": _in_numpy,
            "c": _in_c,
        },
        all_but("torch scalars", BEFORE),
        (1_000,),
        (20,),
        remark="CasADi and C run all iterations in one call, compiled as a whole; the others are asked for each iteration.",
    ),
    Workload(
        "descent",
        "XOR in one call, {size} iterations",
        "XOR, MLP 3-5-1, {size} iterations in one call; beside the loop written out over a program",
        {
            "program": _as_program,
            "descent": _as_descent,
            "symbols": _on_symbols,
            "arrays": _as_one,
            "numpy": _in_numpy,
            "c": _in_c,
        },
        (PROGRAM, DESCENT, DESCENT_IN_C, "CasADi", "JAX", "NumPy by hand", "C by hand"),
        (1_000,),
        (20,),
        remark="JAX, CasADi and C compile all iterations as a whole; NumPy by hand and the program are asked for each iteration.",
    ),
)
