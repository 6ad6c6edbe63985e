"""Packages that the core does without: what to say where one is needed and is not there.

>>> print(advice("numpy"))
NumPy is needed for this and is not installed: pip install numpy
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

__all__ = ["advice", "called_without", "is_here", "needed"]

_CALLED = {"graphviz": "the package graphviz", "jax": "JAX", "numpy": "NumPy", "sklearn": "scikit-learn", "torch": "PyTorch"}
_INSTALLED_BY = {
    "jax": '"autograd_lite[jax]"',
    "matplotlib": '"autograd_lite[viz]"',
    "pygraphviz": '"autograd_lite[viz]"',
    "sklearn": '"autograd_lite[data]"',
    "torch": '"autograd_lite[torch]"',
}


def advice(module: str) -> str:
    """One line that says what is missing and how to install it."""
    package = module.partition(".")[0]
    called = _CALLED.get(package, package)
    return f"{called} is needed for this and is not installed: pip install {_INSTALLED_BY.get(package, package)}"


def is_here(package: str) -> bool:
    """Whether a package is installed; nothing is loaded."""
    return find_spec(package) is not None


def needed(package: str) -> Any:
    """The package.

    Raises:
        ModuleNotFoundError: if it is not installed; the message says how to install it.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(advice(package), name=package) from None


def called_without(name: str, error: ModuleNotFoundError) -> Callable[..., NoReturn]:
    """A function in the place of one that cannot be loaded: calling it says why."""

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise ModuleNotFoundError(str(error), name=error.name)

    refused.__name__ = refused.__qualname__ = name
    refused.__doc__ = str(error)
    return refused
