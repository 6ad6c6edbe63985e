"""Rules for gradients as people write them for PyTorch and JAX: a table of formulas, for both libraries.

A rule is a function, the shapes of its arguments, and for each argument the terms whose sum is its gradient, from the gradient `g`
of the result. `m` is a namespace of either library (`custom_gradients.py`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Rule:
    """A function with its gradient.

    Attributes:
        name: in words.
        shapes: of the arguments.
        value: from the namespace and the arguments to the result.
        gradients: for each argument the terms of its gradient: from the namespace, `g` and the arguments.
        low, high: between which the numbers of the point are drawn.
        is_elementwise: whether g may also be the tangent of a rule for forward mode.
    """

    name: str
    shapes: tuple[tuple[int, ...], ...]
    value: Formula
    gradients: tuple[tuple[Formula, ...], ...]
    low: float = -1.5
    high: float = 1.5
    is_elementwise: bool = False


def elementwise(name: str, value: Formula, *terms: Formula, low: float = -1.5, high: float = 1.5) -> Rule:
    """A function of every number of one array."""
    return Rule(name, ((4,),), value, (terms,), low, high, True)


def of_rows(name: str, value: Formula, *terms: Formula, shape: tuple[int, ...] = (3, 4), low: float = -1.5) -> Rule:
    """A function of one array as a whole, or of its rows."""
    return Rule(name, (shape,), value, (terms,), low)


def _density(m: Any, x: Any) -> Any:
    return m.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _distribution(m: Any, x: Any) -> Any:
    return (1 + m.erf(x / math.sqrt(2))) / 2


def _spread(m: Any, x: Any) -> Any:
    mean = m.sum(x, 1)[:, None] / x.shape[1]
    return m.sqrt(m.sum((x - mean) ** 2, 1)[:, None] / x.shape[1] + 1e-3)


def _standard(m: Any, x: Any) -> Any:
    return (x - m.sum(x, 1)[:, None] / x.shape[1]) / _spread(m, x)


def _length(m: Any, x: Any) -> Any:
    return m.sqrt(m.sum(x * x, 1)[:, None])


RULES = (
    elementwise("sin x", lambda m, x: m.sin(x), lambda m, g, x: g * m.cos(x)),
    elementwise("e^x", lambda m, x: m.exp(x), lambda m, g, x: g * m.exp(x)),
    elementwise("log x", lambda m, x: m.log(x), lambda m, g, x: g / x, low=0.3, high=3.0),
    elementwise("sqrt x", lambda m, x: m.sqrt(x), lambda m, g, x: g / (2 * m.sqrt(x)), low=0.3, high=3.0),
    elementwise("tanh x", lambda m, x: m.tanh(x), lambda m, g, x: g, lambda m, g, x: -g * m.tanh(x) ** 2),
    elementwise("sigmoid x", lambda m, x: m.sigmoid(x), lambda m, g, x: g * m.sigmoid(x), lambda m, g, x: -g * m.sigmoid(x) ** 2),
    elementwise("x sin x", lambda m, x: x * m.sin(x), lambda m, g, x: g * m.sin(x), lambda m, g, x: g * x * m.cos(x)),
    elementwise("x^3 - 2 x", lambda m, x: x**3 - 2 * x, lambda m, g, x: 3 * g * x**2, lambda m, g, x: -2 * g),
    elementwise(
        "swish",
        lambda m, x: x * m.sigmoid(x),
        lambda m, g, x: g * m.sigmoid(x),
        lambda m, g, x: g * x * m.sigmoid(x) * m.sigmoid(-x),
    ),
    elementwise("softplus", lambda m, x: m.log1p(m.exp(x)), lambda m, g, x: g * m.sigmoid(x)),
    elementwise(
        "gelu",
        lambda m, x: x * _distribution(m, x),
        lambda m, g, x: g * _distribution(m, x),
        lambda m, g, x: g * x * _density(m, x),
    ),
    elementwise("atan x", lambda m, x: m.atan(x), lambda m, g, x: g / (1 + x * x)),
    elementwise("1 / (1 + x^2)", lambda m, x: 1 / (1 + x * x), lambda m, g, x: -2 * g * x / (1 + x * x) ** 2),
    elementwise("relu", lambda m, x: m.where(x > 0, x, 0 * x), lambda m, g, x: m.where(x > 0, g, 0 * g)),
    elementwise("leaky relu", lambda m, x: m.where(x > 0, x, x / 8), lambda m, g, x: m.where(x > 0, g, g / 8)),
    elementwise("|x|", lambda m, x: abs(x), lambda m, g, x: m.where(x > 0, g, -g)),
    elementwise(
        "Huber",
        lambda m, x: m.where(abs(x) < 1, x * x / 2, abs(x) - 0.5),
        lambda m, g, x: m.where(abs(x) < 1, g * x, g * m.sign(x)),
    ),
    elementwise("clip", lambda m, x: m.clip(x, -1.0, 1.0), lambda m, g, x: m.where(abs(x) < 1, g, 0 * g)),
    Rule("x y", ((3,), (3,)), lambda m, x, y: x * y, ((lambda m, g, x, y: g * y,), (lambda m, g, x, y: g * x,))),
    Rule(
        "x / y", ((3,), (3,)), lambda m, x, y: x / y, ((lambda m, g, x, y: g / y,), (lambda m, g, x, y: -g * x / y**2,)), 0.4, 2.0
    ),
    Rule(
        "hypot",
        ((3,), (3,)),
        lambda m, x, y: m.sqrt(x * x + y * y),
        ((lambda m, g, x, y: g * x / m.sqrt(x * x + y * y),), (lambda m, g, x, y: g * y / m.sqrt(x * x + y * y),)),
    ),
    Rule(
        "hinge",
        ((4,), (4,)),
        lambda m, x, y: m.where(x * y < 1, 1 - x * y, 0 * x),
        ((lambda m, g, x, y: m.where(x * y < 1, -g * y, 0 * g),), (lambda m, g, x, y: m.where(x * y < 1, -g * x, 0 * g),)),
    ),
    Rule("x w", ((2, 3), (3, 3)), lambda m, x, w: x @ w, ((lambda m, g, x, w: g @ w.T,), (lambda m, g, x, w: x.T @ g,))),
    Rule(
        "x w + b",
        ((4, 3), (3, 2), (2,)),
        lambda m, x, w, b: x @ w + b,
        ((lambda m, g, x, w, b: g @ w.T,), (lambda m, g, x, w, b: x.T @ g,), (lambda m, g, x, w, b: m.sum(g, 0),)),
    ),
    Rule(
        "rows scaled",
        ((4, 3), (3,)),
        lambda m, x, s: x * s,
        ((lambda m, g, x, s: g * s,), (lambda m, g, x, s: m.sum(g * x, 0),)),
    ),
    Rule(
        "rows moved",
        ((4, 3), (3,)),
        lambda m, x, b: x * x + b,
        ((lambda m, g, x, b: 2 * g * x,), (lambda m, g, x, b: m.sum(g, 0),)),
    ),
    Rule(
        "columns scaled",
        ((3, 4), (3,)),
        lambda m, x, s: x * s[:, None],
        ((lambda m, g, x, s: g * s[:, None],), (lambda m, g, x, s: m.sum(g * x, 1),)),
    ),
    Rule(
        "outer product", ((3,), (3,)), lambda m, x, y: m.outer(x, y), ((lambda m, g, x, y: g @ y,), (lambda m, g, x, y: g.T @ x,))
    ),
    Rule(
        "x A x",
        ((3,), (3, 3)),
        lambda m, x, a: x @ a @ x,
        ((lambda m, g, x, a: g * (a @ x), lambda m, g, x, a: g * (a.T @ x)), (lambda m, g, x, a: g * m.outer(x, x),)),
    ),
    of_rows("half of the sum of squares", lambda m, x: m.sum(m.sum(x * x, 0), 0) / 2, lambda m, g, x: g * x),
    of_rows(
        "variance of rows",
        lambda m, x: m.sum((x - m.sum(x, 1)[:, None] / 4) ** 2, 1) / 4,
        lambda m, g, x: g[:, None] * x / 2,
        lambda m, g, x: -g[:, None] * m.sum(x, 1)[:, None] / 8,
    ),
    of_rows(
        "softmax",
        lambda m, x: m.softmax(x, 1),
        lambda m, g, x: g * m.softmax(x, 1),
        lambda m, g, x: -m.softmax(x, 1) * m.sum(g * m.softmax(x, 1), 1)[:, None],
    ),
    of_rows("logsumexp", lambda m, x: m.logsumexp(x, 1), lambda m, g, x: g[:, None] * m.softmax(x, 1)),
    of_rows(
        "log softmax",
        lambda m, x: x - m.logsumexp(x, 1)[:, None],
        lambda m, g, x: g,
        lambda m, g, x: -m.softmax(x, 1) * m.sum(g, 1)[:, None],
    ),
    of_rows(
        "layer norm",
        _standard,
        lambda m, g, x: g / _spread(m, x),
        lambda m, g, x: -m.sum(g, 1)[:, None] / 4 / _spread(m, x) + 0 * x,
        lambda m, g, x: -_standard(m, x) * m.sum(g * _standard(m, x), 1)[:, None] / 4 / _spread(m, x),
    ),
    of_rows(
        "rows of length 1",
        lambda m, x: x / _length(m, x),
        lambda m, g, x: g / _length(m, x),
        lambda m, g, x: -x * m.sum(g * x, 1)[:, None] / _length(m, x) ** 3,
        low=0.3,
    ),
    of_rows("cumulative sum", lambda m, x: m.cumsum(x, 0), lambda m, g, x: m.flip(m.cumsum(m.flip(g, (0,)), 0), (0,)), shape=(5,)),
    of_rows(
        "x times its neighbour",
        lambda m, x: x * m.roll(x, 1, 0),
        lambda m, g, x: g * m.roll(x, 1, 0),
        lambda m, g, x: m.roll(g * x, -1, 0),
        shape=(5,),
    ),
    of_rows("transpose", lambda m, x: x.T**2, lambda m, g, x: 2 * g.T * x, shape=(3, 3)),
    of_rows("inverse", lambda m, x: m.linalg.inv(x), lambda m, g, x: -m.linalg.inv(x).T @ g @ m.linalg.inv(x).T, shape=(3, 3)),
    of_rows("determinant", lambda m, x: m.linalg.det(x), lambda m, g, x: g * m.linalg.det(x) * m.linalg.inv(x).T, shape=(3, 3)),
)
