"""One hidden unit, x -> h -> y: the three ways to a gradient side by side, and what backpropagation saves.

    z1 = w1 x + b1,  h = sigmoid(z1),  z2 = w2 h + b2,  y = sigmoid(z2),  C = (y - t)^2 / 2

By hand, the chain rule written out, with sigmoid'(z1) = h (1 - h) and sigmoid'(z2) = y (1 - y):

    dC/dw2 = (y - t) y (1 - y) h                       dC/db2 = (y - t) y (1 - y)
    dC/dw1 = (y - t) y (1 - y) w2 h (1 - h) x          dC/db1 = (y - t) y (1 - y) w2 h (1 - h)

All four begin with the same product: delta2 = (y - t) y (1 - y), two of them go on with delta1 = delta2 w2 h (1 - h). A backward
pass computes each of them once and leaves it on the node: delta2 is the `.grad` of z2, delta1 that of z1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import log
from typing import Any, Final, NamedTuple

from autograd_lite.calculus import gradients
from autograd_lite.drawing import why
from autograd_lite.engine.primitives import sigmoid
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.losses import squared_error
from autograd_lite.systems.differences import central_differences, forward_differences, relative_error
from autograd_lite.testing import Estimate, numerical_grad

NAMES: Final = ("w1", "b1", "w2", "b2")
START: Final = (0.8, -0.4, -1.2, 0.5)
INPUT, TARGET = 1.5, 0.9
STEPS: Final = tuple([10.0 ** (-k / 2) for k in range(31)])  # two in each power of ten, from 1 to 1e-15


class Pass(NamedTuple):
    """A forward pass: every intermediate result, as floats or as Values."""

    z1: Any
    h: Any
    z2: Any
    y: Any
    cost: Any


@dataclass(frozen=True, slots=True)
class Ways:
    """One derivative of the cost, in every way.

    Attributes:
        name: of the parameter.
        by_hand: the chain rule written out.
        forward, central: differences of one step.
        adaptive: the numerical derivative with an error bar that `numerical_grad` finds.
        backward: the `.grad` after a backward pass.
    """

    name: str
    by_hand: float
    forward: float
    central: float
    adaptive: Estimate
    backward: float


@dataclass(frozen=True, slots=True)
class Shared:
    """A factor that several derivatives share.

    Attributes:
        name: what it is the derivative of C by.
        formula: its factors.
        value: the number, which is the `.grad` of that node.
        used_by: the parameters whose derivatives contain it.
    """

    name: str
    formula: str
    value: float
    used_by: tuple[str, ...]


def forward_pass(parameters: Sequence[Any], x: float = INPUT, target: float = TARGET) -> Pass:
    """Everything between the input and the cost, on parameters w1, b1, w2, b2 of any kind.

    >>> round(forward_pass(START).cost, 6)
    0.115808
    """
    w1, b1, w2, b2 = parameters
    z1 = w1 * x + b1
    h = sigmoid(z1)
    z2 = w2 * h + b2
    y = sigmoid(z2)
    return Pass(z1, h, z2, y, squared_error(y, target))


def _cost(parameters: Sequence[float], x: float = INPUT, target: float = TARGET) -> float:
    return float(forward_pass(parameters, x, target).cost)


def by_hand(parameters: Sequence[float], x: float = INPUT, target: float = TARGET) -> list[float]:
    """The four derivatives by the formulas above, each from its first factor to its last.

    >>> [round(slope, 6) for slope in by_hand(START)]
    [0.045103, 0.030068, -0.080822, -0.117138]
    """
    _, _, w2, _ = parameters
    _, h, _, y, _ = forward_pass(parameters, x, target)
    return [
        (y - target) * y * (1.0 - y) * w2 * h * (1.0 - h) * x,
        (y - target) * y * (1.0 - y) * w2 * h * (1.0 - h),
        (y - target) * y * (1.0 - y) * h,
        (y - target) * y * (1.0 - y),
    ]


def graph(parameters: Sequence[float] = START, x: float = INPUT, target: float = TARGET) -> tuple[list[Value], Pass]:
    """The parameters as Values and the pass recorded on them, labelled and differentiated.

    >>> (w1, *_), recorded = graph()
    >>> round(w1.grad, 6), round(recorded.z1.grad, 6)
    (0.045103, 0.030068)
    """
    leaves = [Value(number, label=name) for name, number in zip(NAMES, parameters, strict=True)]
    recorded = forward_pass(leaves, x, target)
    for name, node in zip(("z1", "h", "z2", "y", "C"), recorded, strict=True):
        node.label = name
    recorded.cost.backward()
    return leaves, recorded


def three_ways(parameters: Sequence[float] = START, x: float = INPUT, target: float = TARGET) -> list[Ways]:
    """Every derivative by hand, by differences and by a backward pass.

    >>> [(ways.name, abs(ways.by_hand - ways.backward) < 1e-16) for ways in three_ways()][0]
    ('w1', True)
    """
    cost = partial(_cost, x=x, target=target)
    leaves, _ = graph(parameters, x, target)
    columns = (
        by_hand(parameters, x, target),
        forward_differences(cost, parameters),
        central_differences(cost, parameters),
        numerical_grad(cost)(list(parameters)),
        [leaf.grad for leaf in leaves],
    )
    return [Ways(name, *row) for name, *row in zip(NAMES, *columns, strict=True)]


def shared_products(parameters: Sequence[float] = START, x: float = INPUT, target: float = TARGET) -> list[Shared]:
    """The factors that the four derivatives share, each once, as the backward pass leaves them on the nodes.

    >>> for product in shared_products():
    ...     print(product.name, product.formula, len(product.used_by))
    dC/dy y - t 4
    dC/dz2 = delta2 dC/dy * y (1 - y) 4
    dC/dh delta2 * w2 2
    dC/dz1 = delta1 dC/dh * h (1 - h) 2
    """
    _, recorded = graph(parameters, x, target)
    early = NAMES[:2]
    return [
        Shared("dC/dy", "y - t", recorded.y.grad, NAMES),
        Shared("dC/dz2 = delta2", "dC/dy * y (1 - y)", recorded.z2.grad, NAMES),
        Shared("dC/dh", "delta2 * w2", recorded.h.grad, early),
        Shared("dC/dz1 = delta1", "dC/dh * h (1 - h)", recorded.z1.grad, early),
    ]


def forward_rows(parameters: Sequence[float] = START, x: float = INPUT, target: float = TARGET) -> list[tuple[str, str, float]]:
    """The numbers of a forward pass in the order in which one computes them: (symbol, how it comes about, value).

    >>> forward_rows()[6]
    ('z1', 'w1 x + b1', 0.8000000000000002)
    """
    kinds = {"w": "weight", "b": "bias"}
    given = [(name, kinds[name[0]], number) for name, number in zip(NAMES, parameters, strict=True)]
    formulas = ("w1 x + b1", "sigmoid(z1)", "w2 h + b2", "sigmoid(z2)", "(y - t)^2 / 2")
    found = zip(("z1", "h", "z2", "y", "C"), formulas, forward_pass(parameters, x, target), strict=True)
    return [("x", "input", x), ("t", "target", target), *given, *found]


def local_rows(parameters: Sequence[float] = START, x: float = INPUT, target: float = TARGET) -> list[tuple[str, str, float]]:
    """The local derivatives, from the cost back, as the graph recorded them: (symbol, formula, value).

    >>> local_rows()[1][:2]
    ('dy/dz2', 'y (1 - y)')
    """
    (w1, b1, w2, b2), (z1, h, z2, y, cost) = graph(parameters, x, target)
    output = ((cost, y, "y - t"), (y, z2, "y (1 - y)"), (z2, w2, "h"), (z2, b2, "1"), (z2, h, "w2"))
    hidden = ((h, z1, "h (1 - h)"), (z1, w1, "x"), (z1, b1, "1"))
    return [(f"d{top.label}/d{below.label}", text, gradients(top, [below])[0]) for top, below, text in output + hidden]


@dataclass(frozen=True, slots=True)
class Work:
    """Multiplications for the gradient of a chain of units by all its weights and biases.

    Attributes:
        depth: how many units.
        path_by_path: where every derivative multiplies its own local derivatives.
        shared: where the backward pass takes every edge of the graph once.
    """

    depth: int
    path_by_path: int
    shared: int


def work(depth: int) -> Work:
    """The multiplications of both ways for a chain of `depth` units, counted on its graph.

    >>> work(2), work(8)
    (Work(depth=2, path_by_path=56, shared=13), Work(depth=8, path_by_path=512, shared=43))
    """
    signal: Any = INPUT
    leaves = []
    for layer in range(depth):
        weight, bias = Value(0.5, label=f"w{layer + 1}"), Value(0.1, label=f"b{layer + 1}")
        leaves += [weight, bias]
        signal = sigmoid(weight * signal + bias)
    cost = squared_error(signal, TARGET)
    lengths = [len(path.local_derivatives) for leaf in leaves for path in why(cost, leaf).paths]
    edges = sum(operand.requires_grad for node in topological_order(cost) for operand in node.operands)
    return Work(depth, sum(lengths), edges)


# ---- the error of a difference against its step ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorsAtStep:
    """The largest relative error of the four differences at one step h, against the formulas by hand."""

    step: float
    forward: float
    central: float


def errors_by_step(steps: Sequence[float] = STEPS) -> list[ErrorsAtStep]:
    """How far forward and central differences are off, from h = 1 to h = 1e-15.

    A forward difference loses about h f''/2 to truncation, a central one h^2 f'''/6; both lose about eps f / h to rounding.

    >>> best = min(errors_by_step(), key=lambda row: row.central)
    >>> 1e-6 < best.step < 1e-4, best.central < 1e-9
    (True, True)
    """
    exact, ways = by_hand(START), (forward_differences, central_differences)
    return [ErrorsAtStep(step, *(relative_error(way(_cost, START, step), exact) for way in ways)) for step in steps]


def slope_of(rows: Sequence[ErrorsAtStep], name: str, low: float, high: float) -> float:
    """The slope of an error curve on logarithmic axes between two steps: the order of the method.

    Args:
        rows: as `errors_by_step` gives them.
        name: "forward" or "central".
        low, high: the ends.
    Example:
        >>> rows = errors_by_step()
        >>> round(slope_of(rows, "forward", 1e-5, 1e-2)), round(slope_of(rows, "central", 1e-3, 1e-1))
        (1, 2)
    """
    inside = [(log(row.step), log(getattr(row, name))) for row in rows if low <= row.step <= high]
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(inside)]
    return sum(slopes) / len(slopes)
