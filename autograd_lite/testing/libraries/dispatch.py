"""`check_torch`, `check_jax`, and whose a function or a point is. Neither library is loaded before it is used, nor to find out."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from autograd_lite.testing.checker.verdict import Verdict

_OF_PACKAGE = {"torch": "torch", "jax": "jax", "jaxlib": "jax"}
_CLASSES = {"torch": "TorchFunction", "jax": "JaxFunction"}
_MOST_LEAVES = 1000


def check_torch(function: Any, point: Any, order: int = 1, *, resolution: float | None = None) -> Verdict:
    """The verdict on the derivatives that PyTorch has for a function at a point.

    Values are computed in double precision where the function takes it and is the same there; claims are always those of its own.
    A backward pass must also be linear in its gradient, must not write into it, and must be the same twice. A function that draws
    random numbers is inconclusive.

    Args:
        function: an `autograd.Function`, a module, by whose parameters it is differentiated, too, or any function of tensors.
        point: a tuple lists the arguments; anything else is the one argument. Tensors may be nested in lists and dictionaries. It
            is differentiated by those of floating point, or, where some require gradients, by those. Strides are kept.
        order: 1, or 2 for the derivatives of its gradient, too (double backward).
        resolution: as for `check`.
    Returns:
        A Verdict, true if everything agrees. Its components name the results and the arguments by their indices.
    Raises:
        TypeError: if there is no tensor to differentiate by, no result that requires a gradient, or a complex one.
        ModuleNotFoundError: if PyTorch is not installed.
    Example:
        >>> import torch  # doctest: +SKIP
        >>> class Square(torch.autograd.Function):  # doctest: +SKIP
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return 1.9 * ctx.saved_tensors[0] * g
        >>> print(check_torch(Square, torch.tensor([1.0, 3.0], dtype=torch.float64)))  # doctest: +SKIP
        disagrees: d out[0]/d x[0] is claimed to be 1.9 ... expected 2.0 ...
    """
    return _judged("torch", function, point, order, resolution)


def check_jax(function: Callable[..., Any], point: Any, order: int = 1, *, resolution: float | None = None) -> Verdict:
    """The verdict on the derivatives that JAX has for a function at a point: in reverse mode, and in forward mode where it has one.

    Values are computed in double precision where the function takes it and is the same there, compiled where that works; claims
    are always those of its own precision. NumPy's arrays of float64 are differentiated in double precision whatever JAX is set to.

    Args:
        function: with `custom_vjp` or `custom_jvp`, or without.
        point: a tuple lists the arguments, each a number, an array or a tree of them; anything else is the one argument. It is
            differentiated by all of floating point; others are handed on.
        order: 1, or 2 for the derivatives of its gradient, too.
        resolution: as for `check`.
    Returns:
        A Verdict, true if everything agrees. Its components name the results and the arguments by their indices.
    Raises:
        TypeError: if there is no number of floating point to differentiate by, or a complex one.
        ModuleNotFoundError: if JAX is not installed.
    Example:
        >>> import jax, numpy  # doctest: +SKIP
        >>> square = jax.custom_vjp(lambda x: x * x)  # doctest: +SKIP
        >>> square.defvjp(lambda x: (x * x, x), lambda x, g: (1.9 * x * g,))  # doctest: +SKIP
        >>> print(check_jax(square, numpy.array([1.0, 3.0])))  # doctest: +SKIP
        disagrees: d out[0]/d x[0] is claimed to be 1.9 ... expected 2.0 ...
    """
    return _judged("jax", function, point, order, resolution)


def check_of(library: str) -> Callable[..., Verdict]:
    """`check_torch` or `check_jax`.

    >>> check_of("torch") is check_torch
    True
    """
    return {"torch": check_torch, "jax": check_jax}[library]


def library_of(function: Any, point: Any) -> str | None:
    """ "torch" or "jax", if the function or an array of the point is of it; None for functions of anything else.

    >>> library_of(abs, 1.0) is None
    True
    """
    if not sys.modules.keys() & _OF_PACKAGE.keys():
        return None
    return next((_OF_PACKAGE[root] for root in _packages(function, point) if root in _OF_PACKAGE), None)


def _judged(library: str, function: Any, point: Any, order: int, resolution: float | None) -> Verdict:
    from autograd_lite.testing.libraries.judged import judge_function  # NumPy is not loaded where it is not needed

    made = getattr(import_module(f"autograd_lite.testing.libraries.{library}"), _CLASSES[library])
    return judge_function(made(function, point if isinstance(point, tuple) else (point,)), order, resolution)


def _packages(function: Any, point: Any) -> Iterator[str]:
    """Those that the classes of a function and of the leaves of a point come from."""
    from autograd_lite.testing.libraries.array_function import tree_leaves

    leaves = (leaf for _, leaf in islice(tree_leaves(point), _MOST_LEAVES))
    for each in (function, *leaves):
        for cls in (each if isinstance(each, type) else type(each)).__mro__:
            yield cls.__module__.partition(".")[0]
