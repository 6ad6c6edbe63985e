"""Libraries that differentiate whole arrays, and a step on arrays; on one core, in double precision unless a form says other."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks.work import FLOAT64, Phase

__all__ = ["ArrayStep", "Arrays", "HipsAutograd", "Jax", "Torch"]

_Arrays = list[Any]


class Arrays:
    """A library of arrays with derivatives.

    Attributes:
        functions: "relu", "sigmoid", "tanh" and, of rows, "softmax" and "log_softmax", as the library has them and workloads
            ask for them.
    """

    functions: dict[str, Callable[[Any], Any]]

    def array(self, numbers: Any) -> Any:
        """An array of the library."""
        raise NotImplementedError

    def gradient(self, loss: Callable[[_Arrays], Any]) -> Callable[[_Arrays], _Arrays]:
        """The function that gives d loss / d array for every array of a list, computed when it returns."""
        raise NotImplementedError

    def value_and_gradient(self, loss: Callable[[_Arrays], Any]) -> Callable[[_Arrays], _Arrays]:
        """The function that gives the loss and these."""
        raise NotImplementedError

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, compiled where the library compiles."""
        return function

    def repeated(self, function: Callable[[_Arrays], _Arrays], count: int) -> Callable[[_Arrays], _Arrays]:
        """The function so many times over, compiled as a whole."""
        raise NotImplementedError

    def wait(self, arrays: _Arrays) -> None:
        """Returns when the arrays are computed."""


class Jax(Arrays):
    """JAX, compiled by `jit`."""

    def __init__(self, form: str = "") -> None:
        import jax
        import jax.numpy

        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.array = partial(jax.numpy.asarray, dtype=form or FLOAT64)
        self.functions = {name: getattr(jax.nn, name) for name in ("relu", "sigmoid", "tanh", "softmax", "log_softmax")}
        self.gradient = jax.grad
        self.compiled = jax.jit
        self.wait = jax.block_until_ready

    def value_and_gradient(self, loss: Callable[[_Arrays], Any]) -> Callable[[_Arrays], _Arrays]:
        both = self.jax.value_and_grad(loss)

        def whole(arrays: _Arrays) -> _Arrays:
            value, gradient = both(arrays)
            return [value, *gradient]

        return whole

    def repeated(self, function: Callable[[_Arrays], _Arrays], count: int) -> Callable[[_Arrays], _Arrays]:
        def whole(start: _Arrays) -> _Arrays:
            arrays: _Arrays = self.jax.lax.fori_loop(0, count, lambda _, found: function(found), start)
            return arrays

        compiled: Callable[[_Arrays], _Arrays] = self.jax.jit(whole)
        return compiled


class Torch(Arrays):
    """torch, eager."""

    def __init__(self, form: str = "") -> None:
        import torch

        torch.set_num_threads(1)
        self.torch = torch
        self.dtype = getattr(torch, form or FLOAT64)
        self.functions = {
            "relu": torch.relu,
            "sigmoid": torch.sigmoid,
            "tanh": torch.tanh,
            "softmax": lambda z: torch.softmax(z, -1),
            "log_softmax": lambda z: torch.log_softmax(z, -1),
        }

    def array(self, numbers: Any) -> Any:
        return self.torch.tensor(numbers, dtype=self.dtype)

    def gradient(self, loss: Callable[[_Arrays], Any]) -> Callable[[_Arrays], _Arrays]:
        both = self.value_and_gradient(loss)
        return lambda parameters: both(parameters)[1:]

    def value_and_gradient(self, loss: Callable[[_Arrays], Any]) -> Callable[[_Arrays], _Arrays]:
        def differentiate(parameters: _Arrays) -> _Arrays:
            leaves = [parameter.detach().requires_grad_() for parameter in parameters]
            value = loss(leaves)
            return [value.detach(), *self.torch.autograd.grad(value, leaves)]

        return differentiate


class HipsAutograd(Arrays):
    """HIPS autograd, NumPy wrapped."""

    def __init__(self, form: str = "") -> None:
        import autograd
        import autograd.numpy as np

        self.array = np.array
        self.functions = {"relu": lambda x: np.maximum(x, 0.0), "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x))}
        self.gradient = autograd.grad


class ArrayStep:
    """A step on arrays, of one phase.

    Args:
        library: whose arrays to wait for; None for NumPy by hand.
        parameters: at first.
        step: the gradient and the next parameters, from the parameters; compiled already, where the library compiles.
        flat: the gradient as a list of numbers.
        scale: as in Work.
    """

    operations = 0

    def __init__(
        self,
        library: Arrays | None,
        parameters: _Arrays,
        step: Callable[[_Arrays], tuple[_Arrays, _Arrays]],
        flat: Callable[[_Arrays], Sequence[float]],
        scale: float = 1.0,
    ) -> None:
        self.parameters = parameters
        self.step = step
        self.wait = library.wait if library else lambda arrays: None
        self.flat = flat
        self.scale = scale
        self.found: _Arrays = []
        self.phases: dict[str, Phase] = {"step": self._run}

    def _run(self) -> None:
        self.found, self.parameters = self.step(self.parameters)
        self.wait(self.parameters)
        self.wait(self.found)

    @property
    def gradient(self) -> Sequence[float]:
        """Of the newest step."""
        return self.flat(self.found)
