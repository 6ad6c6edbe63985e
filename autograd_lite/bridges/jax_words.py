"""What the operations of JAX are here: its names, and the functions of ours that compute them.

One table for each thing that an operation does with its operands. What stands in none of them, and is no call of another function,
has no form in Values. Whole numbers and truths, but for comparisons, JAX computes itself, of the numbers.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any, Final

from autograd_lite.engine.primitives import (
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    clamp,
    copysign,
    cos,
    cosh,
    digamma,
    erf,
    erfc,
    erfinv,
    exp,
    exp2,
    expm1,
    floor,
    fmod,
    gammaln,
    log,
    log1p,
    logaddexp,
    maximum,
    minimum,
    power,
    relu,
    rint,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    total,
)
from autograd_lite.functions import polygamma, product, square

__all__ = ["ALONG", "CALLS", "COMPARISONS", "EACH", "MOVES", "OWN", "SO_FAR", "SUMS"]


def _same(x: Any) -> Any:
    return x


def _alone(x: Any) -> Any:
    """The number without what it was computed from."""
    return x.detach() if hasattr(x, "detach") else x


def _rounded(rounding_method: Any) -> Callable[[Any], Any]:
    if int(rounding_method):
        return rint
    return lambda x: copysign(floor(abs(x) + 0.5), x)  # halves away from zero


# One number from one number of each operand; or a function that makes such a function of what JAX calls the parameters.
EACH: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs,
    "acos": acos,
    "acosh": acosh,
    "add": operator.add,
    "add_any": operator.add,
    "asin": asin,
    "asinh": asinh,
    "atan": atan,
    "atan2": atan2,
    "atanh": atanh,
    "cbrt": cbrt,
    "ceil": ceil,
    "clamp": lambda low, x, high: clamp(x, low, high),
    "convert_element_type": _same,
    "cos": cos,
    "cosh": cosh,
    "digamma": digamma,
    "div": operator.truediv,
    "erf": erf,
    "erf_inv": erfinv,
    "erfc": erfc,
    "exp": exp,
    "exp2": exp2,
    "expm1": expm1,
    "floor": floor,
    "integer_pow": lambda x, y: x**y,
    "lgamma": gammaln,
    "log": log,
    "log1p": log1p,
    "logistic": sigmoid,
    "max": maximum,
    "min": minimum,
    "mul": operator.mul,
    "neg": operator.neg,
    "polygamma": polygamma,
    "pow": power,
    "reduce_precision": _same,
    "rem": fmod,
    "round": lambda x, rounding_method: _rounded(rounding_method)(x),
    "rsqrt": lambda x: power(x, -0.5),
    "sign": sign,
    "sin": sin,
    "sinh": sinh,
    "sqrt": sqrt,
    "square": square,
    "stop_gradient": _alone,
    "sub": operator.sub,
    "tan": tan,
    "tanh": tanh,
}

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "ne": operator.ne,
}

# One number from those along some axes.
ALONG: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "reduce_max": partial(reduce, maximum),
    "reduce_min": partial(reduce, minimum),
    "reduce_prod": product,
    "reduce_sum": total,
}

# The number so far and the next one, along an axis.
SO_FAR: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "cumlogsumexp": logaddexp,
    "cummax": maximum,
    "cummin": minimum,
    "cumprod": operator.mul,
    "cumsum": operator.add,
}

# What only moves numbers: JAX moves their places.
MOVES: Final = frozenset(
    "broadcast_in_dim concatenate copy copy_p dynamic_slice dynamic_update_slice expand_dims gather optimization_barrier pad "
    "reshape rev scatter select_n slice split squeeze stack tile transpose unstack".split()
)

# What adds up its numbers, each as often as JAX says.
SUMS: Final = frozenset(("conv_general_dilated", "reduce_window_sum", "scatter-add", "scatter_add"))

# What only calls another function, which is written out.
CALLS: Final = frozenset(
    "checkpoint closed_call core_call custom_jvp_call custom_vjp_call custom_vjp_call_jaxpr jit pjit remat remat2".split()
)

# Functions of JAX with a derivative of their own, which is not that of their formula at a kink, by their names there.
OWN: Final[Mapping[str, Callable[[Any], Any]]] = {"relu": relu}
