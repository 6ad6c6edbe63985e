"""The gradient of a formula at 10,000 points: Rosenbrock's function of 100 variables, and Beale's of two; or at a single point.

Eager engines build a graph per point; they are given fewer points, and their time is scaled.

Source: Rosenbrock, "An automatic method for finding the greatest or least value of a function", The Computer Journal 3 (1960);
Beale, "On an iterative method of finding a local minimum of a function of more than one variable" (1958).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.arrays import ArrayStep
from benchmarks.engines import BEFORE, COMPILED, PROGRAM, Engine, all_but
from benchmarks.limits import HandWritten, c_function
from benchmarks.scalars import Scalars
from benchmarks.symbols import SymbolStep
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["WORKLOADS"]

POINTS = 10_000


@dataclass(frozen=True)
class Formula:
    """A function of several variables.

    Attributes:
        dimensions: how many variables.
        on_scalars: its value for a list of them.
        on_arrays: its values for an array of points, one per row.
        by_hand: its gradients there, in NumPy.
        eager: at how many points the eager engines are measured.
        operations: how many scalar operations a point takes.
    """

    dimensions: int
    on_scalars: Callable[[list[Any]], Any]
    on_arrays: Callable[[Any], Any]
    by_hand: Callable[[Any], Any]
    c_name: str
    eager: int
    operations: int

    def points(self, count: int) -> list[list[float]]:
        """Points from uniform(-2, 2)."""
        rng = random.Random(0)
        return [[rng.uniform(-2.0, 2.0) for _ in range(self.dimensions)] for _ in range(count)]


# ---- Rosenbrock: the sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 --------------------------------------------------------------


def rosenbrock(x: list[Any]) -> Any:
    """On scalars."""
    out = 0.0
    for here, after in pairwise(x):
        out = out + 100.0 * (after - here**2) ** 2 + (1.0 - here) ** 2
    return out


def rosenbrock_of_rows(x: Any) -> Any:
    """On arrays."""
    return (100.0 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1.0 - x[:, :-1]) ** 2).sum()


def rosenbrock_by_hand(x: Any) -> Any:
    """The gradient, in NumPy."""
    import numpy

    gradient, rise = numpy.zeros_like(x), x[:, 1:] - x[:, :-1] ** 2
    gradient[:, :-1] = -400.0 * rise * x[:, :-1] - 2.0 * (1.0 - x[:, :-1])
    gradient[:, 1:] += 200.0 * rise
    return gradient


# ---- Beale: (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2 ---------------------------------------------------


def beale(point: list[Any]) -> Any:
    """On scalars, and on two columns."""
    x, y = point
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def beale_by_hand(points: Any) -> Any:
    """The gradient, in NumPy."""
    import numpy

    x, y = points[:, 0], points[:, 1]
    y2, y3 = y * y, y * y * y
    first, second, third = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
    by_x = 2.0 * (first * (y - 1.0) + second * (y2 - 1.0) + third * (y3 - 1.0))
    by_y = 2.0 * x * (first + 2.0 * y * second + 3.0 * y2 * third)
    return numpy.stack([by_x, by_y], axis=1)


ROSENBROCK = Formula(100, rosenbrock, rosenbrock_of_rows, rosenbrock_by_hand, "rosenbrock_gradient", 50, 99 * 8)
BEALE = Formula(2, beale, lambda x: beale([x[:, 0], x[:, 1]]).sum(), beale_by_hand, "beale_gradient", 1000, 19)


# ---- steps; all are compared at the points that the eager engines see ----------------------------------------------------------


class _Points:
    """The gradient on scalars, point after point."""

    def __init__(self, engine: Scalars, formula: Formula, size: int) -> None:
        points = formula.points(min(size, formula.eager))
        self.engine, self.formula, self.points = engine, formula, points
        self.operations, self.scale = formula.operations * len(points), size / len(points)
        self.gradient: list[float] = []
        self.leaves = engine.variables(points[0])
        self.phases = {"step": self._run}

    def _run(self) -> None:
        engine = self.engine
        found: list[float] = []
        for point in self.points:
            if engine.keeps_leaves:
                engine.clear(self.leaves, point)
            else:
                self.leaves.clear()
                self.leaves = engine.variables(point)
            engine.backward(self.formula.on_scalars(self.leaves))
            found += engine.gradients(self.leaves)
        self.gradient = found


def _compared(formula: Formula, rows: Any) -> list[float]:
    import numpy

    return numpy.asarray(rows)[: formula.eager].ravel().tolist()  # type: ignore[no-any-return]


def _makers(formula: Formula) -> dict[str, Callable[[Engine, str, int], Work]]:
    def on_scalars(engine: Engine, form: str, size: int) -> Work:
        return _Points(engine.adapter(form), formula, size)

    def as_program(engine: Engine, form: str, size: int) -> Work:
        import numpy

        from autograd_lite.program import trace

        points = formula.points(size)
        program = trace(formula.on_scalars, points[0], backend=engine.adapter(form).backend)
        arrays = [numpy.array(points)]
        return ArrayStep(
            None, arrays, lambda arrays: ([program.gradient(arrays[0])], arrays), lambda found: _compared(formula, found[0])
        )

    def on_symbols(engine: Engine, form: str, size: int) -> Work:
        import numpy

        columns = numpy.array(formula.points(size)).T
        gradient = engine.adapter(form).gradient(formula.on_scalars, formula.dimensions).map(size)
        step = SymbolStep(gradient, columns)
        return HandWritten(step.phases, lambda: _compared(formula, step.result.T))

    def on_arrays(engine: Engine, form: str, size: int) -> Work:
        library = engine.adapter(form)
        gradient = library.compiled(library.gradient(lambda arrays: formula.on_arrays(arrays[0])))
        points = [library.array(formula.points(size))]
        return ArrayStep(library, points, lambda points: (gradient(points), points), lambda found: _compared(formula, found[0]))

    def in_numpy(engine: Engine, form: str, size: int) -> Work:
        import numpy

        points = [numpy.array(formula.points(size))]
        step = lambda points: ([formula.by_hand(points[0])], points)  # noqa: E731 - a step like the others
        return ArrayStep(None, points, step, lambda found: _compared(formula, found[0]))

    def in_c(engine: Engine, form: str, size: int) -> Work:
        import numpy

        points = numpy.array(formula.points(size))
        found = numpy.empty_like(points)
        differentiate = c_function(formula.c_name)
        counts = (size, formula.dimensions) if formula is ROSENBROCK else (size,)
        return HandWritten({"step": lambda: differentiate(points, *counts, found)}, lambda: _compared(formula, found))

    return {"scalars": on_scalars, "program": as_program, "symbols": on_symbols, "arrays": on_arrays, "numpy": in_numpy, "c": in_c}


def _at_one_point(engine: Engine, form: str, size: int) -> Work:
    """A program that is given a plain list: straight-line code of Python's numbers, without an array."""
    from autograd_lite.program import trace

    (point,) = ROSENBROCK.points(size)
    program = trace(ROSENBROCK.on_scalars, point)
    found: list[float] = []

    def step() -> None:
        found[:] = program.value_and_grad(point)[1]

    return HandWritten({"step": step}, lambda: found)


_FORMS = ("products and sums", "")
_ENGINES = all_but("torch scalars", BEFORE)
WORKLOADS = (
    *(
        Workload(name, short, title, _makers(formula), _ENGINES, (POINTS,), (100,), forms=_FORMS)
        for name, short, title, formula in (
            (
                "rosenbrock",
                "Rosenbrock, {size} points",
                "gradient of Rosenbrock's function of 100 variables at {size} points",
                ROSENBROCK,
            ),
            ("beale", "Beale, {size} points", "gradient of Beale's function at {size} points", BEALE),
        )
    ),
    Workload(
        "point",
        "Rosenbrock, one point",
        "gradient of Rosenbrock's function of 100 variables at one point",
        {style: maker for style, maker in _makers(ROSENBROCK).items() if style in ("scalars", "arrays", "numpy")}
        | {"program": _at_one_point},
        (COMPILED, PROGRAM, "XAD", "HIPS autograd", "JAX", "NumPy by hand"),
        (1,),
        (1,),
        forms=_FORMS,
    ),
)
