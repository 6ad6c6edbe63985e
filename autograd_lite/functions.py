"""Functions composed from primitives; none of them has a rule of its own.

Like the primitives they answer in kind: floats for floats, Values for Values, arrays for arrays. Lists stand for vectors.
"""

import math
from collections.abc import Callable
from typing import Any, cast

from autograd_lite.engine.methods import FUNCTIONS
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.primitives import (
    TABLE,
    betaln,
    clamp,
    digamma,
    erfc,
    exp,
    expm1,
    sigmoid,
    softplus,
    tanh,
)
from autograd_lite.engine.reals import plain, whole_number
from autograd_lite.vectors import det, entropy, log_softmax, mean, product, softmax, softmin, solve, variance

__all__ = [
    "beta",
    "degrees",
    "det",
    "elu",
    "entropy",
    "gelu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mean",
    "mish",
    "polygamma",
    "product",
    "radians",
    "scalar_functions",
    "silu",
    "softmax",
    "softmin",
    "solve",
    "square",
    "variance",
    "where",
]


def scalar_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of numbers by its name: those of the table, and the activations composed here.

    A primitive of a list takes its numbers one by one here.

    >>> scalar_functions()["total"](1.0, 2.0)
    3.0
    """
    composed = (beta, degrees, elu, gelu, hard_tanh, leaky_relu, log_sigmoid, mish, polygamma, radians, silu, square)
    functions: dict[str, Callable[..., Any]] = {function.__name__: function for function in composed}
    for primitive in TABLE.values():
        if primitive.public and primitive.arity is not None:
            functions[primitive.name] = cast(Callable[..., Any], primitive)
        elif primitive.public and primitive.parameters == Nary.parameters:
            functions[primitive.name] = _one_by_one(primitive)
    return functions


def _one_by_one(primitive: Any) -> Callable[..., Any]:
    return lambda *numbers: primitive(numbers)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y: the branch not taken contributes exactly nothing.

    Args:
        condition: the truth of a comparison, or an array of them.
        x: a number or Value; or a function of no arguments, which is called only if its branch is taken.
        y: the same for the other branch.
    Returns:
        The chosen branch itself, no new node: inside `no_grad`, too, it keeps what it remembers, as `x if condition else y`
        does. For an array condition, an array.
    Example:
        >>> from autograd_lite import Value, log
        >>> x = Value(-1.0)
        >>> where(x > 0, lambda: log(x), 0.0)
        0.0
    """
    if getattr(condition, "ndim", 0):
        import numpy

        with numpy.errstate(all="ignore"):  # both branches are computed for every element
            return numpy.where(condition, _chosen(x), _chosen(y))
    select = getattr(condition, "select", None)  # a Symbol writes both branches down
    if select is not None:
        return select(_chosen(x), _chosen(y))
    record_branches = getattr(condition, "record_branches", None)  # a trace records both; it calls the branches itself
    if record_branches is not None:
        return record_branches(x, y)
    return _chosen(x) if condition else _chosen(y)


def _chosen(branch: Any) -> Any:
    return branch() if callable(branch) else branch


# ---- activations -------------------------------------------------------------------------------------------------------------


def linear(x: Any) -> Any:
    """x itself: the activation of a unit that has none.

    >>> linear(2.0)
    2.0
    """
    return x


def square(x: Any) -> Any:
    """x * x.

    >>> square(-3.0)
    9.0
    """
    x = plain(x)
    return x * x


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where x > 0, else slope * x; the derivative at 0 is `slope`.

    >>> leaky_relu(2.0), leaky_relu(-2.0)
    (2.0, -0.02)

    Source: Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.
    """
    return where(x > 0.0, x, lambda: slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha * (exp(x) - 1); the derivative at 0 is `alpha`.

    >>> elu(2.0), elu(-1e-20)
    (2.0, -1e-20)

    Source: Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential linear units", ICLR 2016.
    """
    return where(x > 0.0, x, lambda: alpha * expm1(x))


def gelu(x: Any) -> Any:
    """x times the probability that a standard normal variable is below x: x * erfc(-x / sqrt(2)) / 2.

    >>> gelu(0.0), round(gelu(1.0), 6)
    (0.0, 0.841345)

    Source: Hendrycks & Gimpel, "Gaussian error linear units", arXiv:1606.08415. With erfc, not 1 + erf, which cancels for x < 0.
    """
    return 0.5 * x * erfc(plain(x) * -math.sqrt(0.5))


def silu(x: Any) -> Any:
    """x * sigmoid(x), also called swish.

    >>> silu(0.0), silu(-1000.0), silu(1000.0)
    (0.0, -0.0, 1000.0)

    Source: Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function approximation in reinforcement
        learning", Neural Networks 107 (2018).
    """
    return x * sigmoid(x)


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)).

    >>> mish(0.0)
    0.0

    Source: Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
    """
    return x * tanh(softplus(x))


def hard_tanh(x: Any) -> Any:
    """x kept between -1 and 1; the derivative at these is 1.

    >>> hard_tanh(3.0), hard_tanh(0.5)
    (1.0, 0.5)

    Source: Collobert, *Large scale machine learning*, thesis, Paris 6 (2004).
    """
    return clamp(x, -1.0, 1.0)


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)), without underflow.

    >>> log_sigmoid(-1000.0)
    -1000.0
    """
    return -softplus(-plain(x))


# ---- angles, and relatives of the gamma function -------------------------------------------------------------------------------


def degrees(x: Any) -> Any:
    """An angle of x radians in degrees.

    >>> import math
    >>> degrees(math.pi)
    180.0
    """
    return plain(x) * (180.0 / math.pi)


def radians(x: Any) -> Any:
    """An angle of x degrees in radians.

    >>> import math
    >>> radians(180.0) == math.pi
    True
    """
    return plain(x) * (math.pi / 180.0)


def beta(x: Any, y: Any) -> Any:
    """The beta function gamma(x) * gamma(y) / gamma(x + y) of positive numbers.

    >>> round(beta(1.0, 4.0), 12)
    0.25

    Source: NIST Digital Library of Mathematical Functions, 5.12.1.
    """
    return exp(betaln(x, y))


def polygamma(order: float, x: Any) -> Any:
    """The derivative of digamma, `order` times, at x > 0: digamma itself for order 0, trigamma for 1.

    >>> import math
    >>> from autograd_lite import digamma
    >>> polygamma(0, 1.0) == digamma(1.0), round(polygamma(1, 1.0) * 6.0, 12) == round(math.pi**2, 12)
    (True, True)

    Args:
        order: a whole number up to 100.
        x: a number, Value, or array.
    Raises:
        ValueError: if the order is negative or above 100; a DomainError is one, too, where x is not positive.
        TypeError: if it is not whole.
    Source: NIST Digital Library of Mathematical Functions, 5.15.
    """
    whole = int(order) if isinstance(order, float) and order.is_integer() else order  # as expressions on the command line write it
    count = whole_number("the order of polygamma", whole, 0)
    if count > 100:
        raise ValueError(f"the order of polygamma must be at most 100, got {count}")
    return digamma(x) if count == 0 else TABLE["polygamma"].of((x, float(count)))


FUNCTIONS.update(scalar_functions())
