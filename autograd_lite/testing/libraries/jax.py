"""JAX under the checker: a function with a rule of its own (`custom_vjp`, `custom_jvp`), or any function of arrays."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy

from autograd_lite.engine.extras import needed
from autograd_lite.testing.checker.precision import unit_of
from autograd_lite.testing.libraries.array_function import ArrayFunction, ArrayPlace, Row, argument_names, split_row


class JaxFunction(ArrayFunction):
    """A function of JAX's arrays, for the checker."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], names: list[str] | None = None) -> None:
        self._jax = jax = needed("jax")
        self.name = str(getattr(function, "__name__", type(function).__name__))
        self._function = function
        leaves, self._tree = jax.tree_util.tree_flatten_with_path(arguments)
        names = names or argument_names(function, len(arguments))
        self._leaves = [leaf for _, leaf in leaves]
        self._chosen = [_is_real(jax, leaf) for leaf in self._leaves]
        chosen = [(path, leaf) for (path, leaf), is_real in zip(leaves, self._chosen, strict=True) if is_real]
        self._dtypes = [leaf.dtype if hasattr(leaf, "dtype") else jax.numpy.result_type(float) for _, leaf in chosen]
        self._is_double = any(dtype == numpy.float64 for dtype in self._dtypes)
        self.inputs = [
            ArrayPlace(names[path[0].idx] + jax.tree_util.keystr(path[1:]), tuple(numpy.shape(leaf))) for path, leaf in chosen
        ]
        if not any(place.size for place in self.inputs):
            raise TypeError(f"{self.name} is differentiated by numbers of floating point; the point holds none")
        self.numbers = numpy.concatenate([numpy.asarray(leaf).astype(float).ravel() for _, leaf in chosen])
        if not numpy.isfinite(self.numbers).all():
            raise ValueError("a derivative is checked at finite numbers; the point holds nan or inf")
        with self._precision(False):
            found = self._tree_of_results(self.arrays(self.numbers))
        self.outputs = [ArrayPlace(f"out{jax.tree_util.keystr(path)}", tuple(each.shape)) for path, each in found]
        if not self.outputs:
            raise TypeError(f"{self.name} gives no number of floating point to differentiate")
        self.precision = max([*map(str, self._dtypes), *(str(each.dtype) for _, each in found)], key=unit_of)
        self.unit = unit_of(self.precision)
        self._values = {wide: self._compiled(wide) for wide in (False, True)}
        self._pullback: Callable[..., Any] | None = None
        self.is_wide = False
        self.is_wide = self.unit > 2.0**-52 and self.find_wide()

    def arrays(self, numbers: Row, wide: bool = False) -> list[Any]:
        """These numbers in the arrays of the point."""
        parts = zip(split_row(numbers, self.inputs), self.inputs, self._dtypes, strict=True)
        return [self._jax.numpy.asarray(part.reshape(place.shape), float if wide else dtype) for part, place, dtype in parts]

    def evaluate(self, numbers: Row, wide: bool) -> Row:
        with self._precision(wide):
            return _row(self._values[wide](self.arrays(numbers, wide)))

    def pullback(self, numbers: Row, seeds: Row) -> Row:
        count = len(seeds)
        whole = max(4, 1 << (count - 1).bit_length())  # few shapes, as each is compiled
        seeds = numpy.concatenate([seeds, numpy.zeros((whole - count, seeds.shape[1]))])
        with self._precision(False):
            arrays = self.arrays(numbers)
            if self._pullback is None:
                self._pullback = self._chosen_pullback(arrays, seeds)
            return numpy.concatenate([part.reshape(whole, -1) for part in self._pullback(arrays, seeds)], axis=1)[:count]

    def forward_mode(self, numbers: Row, direction: Row) -> Row | None:
        with self._precision(False):
            try:
                return _row(self._jax.jvp(self._results, (self.arrays(numbers),), (self.arrays(direction),))[1])
            except TypeError:  # of a custom_vjp there is none
                return None

    def rounded(self, numbers: Row) -> Row:
        with self._precision(False):
            return _row(self.arrays(numbers))

    def random_states(self) -> Any:
        return random.getstate(), repr(numpy.random.get_state())

    def differentiated(self) -> ArrayFunction:
        jnp, count = self._jax.numpy, len(self.inputs)
        weights = split_row(numpy.random.default_rng(2).uniform(0.5, 1.5, sum(place.size for place in self.outputs)), self.outputs)

        def weighted(arrays: list[Any], seeds: Any) -> Any:
            return sum(jnp.sum(each * seed.astype(each.dtype)) for each, seed in zip(self._results(arrays), seeds, strict=True))

        def gradient(*given: Any) -> Any:
            return tuple(self._jax.grad(weighted)(list(given[:count]), given[count:]))

        names = [*self.names, *(f"the gradient of {place.name}" for place in self.outputs)]
        with self._precision(False):
            arrays = self.arrays(self.numbers)
            parts = zip(self._results(arrays), weights, strict=True)
            return JaxFunction(
                gradient, (*arrays, *(jnp.asarray(part.reshape(each.shape), each.dtype) for each, part in parts)), names
            )

    def changes_when_transformed(self) -> Iterator[str]:
        """What `jit`, or `vmap` over two copies of the point, makes different in the results or the gradients."""
        jax = self._jax

        def both(arrays: list[Any]) -> list[Any]:
            results, pull = jax.vjp(self._results, arrays)
            return [*results, *pull([jax.numpy.ones_like(each) for each in results])[0]]

        with self._precision(False):
            arrays = self.arrays(self.numbers)
            found = both(arrays)
            twice = jax.vmap(both)([jax.numpy.stack([each, each]) for each in arrays])
            ways = {"jit": jax.jit(both)(arrays), "vmap": [each[0] for each in twice], "vmap again": [each[1] for each in twice]}
            names = [*(each.name for each in self.outputs), *(f"the gradient by {name}" for name in self.names)]
            for way, others in ways.items():
                for name, one, other in zip(names, map(numpy.asarray, found), map(numpy.asarray, others), strict=True):
                    size = 64.0 * self.unit * float(abs(one).max(initial=0.0))
                    if one.shape != other.shape or not bool((abs(one - other) <= size).all()):
                        yield f"{way} changes {name} from {one.tolist()!r:.80} to {other.tolist()!r:.80}"

    def _precision(self, wide: bool) -> AbstractContextManager[Any]:
        found: AbstractContextManager[Any] = self._jax.enable_x64(True) if wide or self._is_double else nullcontext()
        return found

    def _tree_of_results(self, arrays: list[Any]) -> list[tuple[Any, Any]]:
        """The results of floating point, with the way to each."""
        jax, given = self._jax, iter(arrays)
        filled = [next(given) if chosen else leaf for leaf, chosen in zip(self._leaves, self._chosen, strict=True)]
        found = jax.tree_util.tree_flatten_with_path(self._function(*jax.tree_util.tree_unflatten(self._tree, filled)))[0]
        results = [(path, jax.numpy.asarray(each)) for path, each in found]
        return [(path, each) for path, each in results if _is_real(jax, each) and each.size]

    def _results(self, arrays: list[Any]) -> list[Any]:
        return [each for _, each in self._tree_of_results(arrays)]

    def _compiled(self, wide: bool) -> Callable[..., Any]:
        """The function compiled, if that works and changes nothing; a number drawn by NumPy would be drawn once and for all."""
        compiled = self._jax.jit(self._results)
        try:
            with self._precision(wide):
                arrays = self.arrays(self.numbers, wide)
                pairs = [(_row(f(arrays)), _row(f(arrays))) for f in (self._results, compiled)]
        except Exception:  # whatever a stranger's function raises, when it is asked for concrete numbers
            return self._results
        (one, again), (fast, _) = pairs
        size = float(abs(one).max()) * 64.0 * unit_of("double" if wide else self.precision)
        return compiled if numpy.array_equal(one, again) and bool((abs(one - fast) <= size).all()) else self._results

    def _chosen_pullback(self, arrays: list[Any], seeds: Row) -> Callable[..., Any]:
        """All rows at once, compiled, where that works; else one by one."""
        jax = self._jax

        def rows(arrays: list[Any], seeds: Row) -> list[Any]:
            results, pull = jax.vjp(self._results, arrays)
            return list(jax.vmap(lambda seed: pull(_seeds(seed, results, self.outputs))[0])(jax.numpy.asarray(seeds)))

        def one_by_one(arrays: list[Any], seeds: Row) -> list[Any]:
            results, pull = jax.vjp(self._results, arrays)
            found = [pull(_seeds(seed, results, self.outputs))[0] for seed in seeds]
            return [numpy.stack([numpy.asarray(row[place], float) for row in found]) for place in range(len(arrays))]

        def at_once(compiled: Callable[..., Any], arrays: list[Any], seeds: Row) -> list[Any]:
            return [numpy.asarray(each, float) for each in compiled(arrays, seeds)]

        try:
            fast = partial(at_once, jax.jit(rows))
            fast(arrays, seeds)
        except Exception:  # rules that cannot be mapped, or ask for concrete numbers
            return one_by_one
        return fast


def _seeds(seed: Any, results: list[Any], places: Any) -> list[Any]:
    found, start = [], 0
    for each, place in zip(results, places, strict=True):
        found.append(seed[start : start + place.size].reshape(place.shape).astype(each.dtype))
        start += place.size
    return found


def _is_real(jax: Any, leaf: Any) -> bool:
    if isinstance(leaf, float):
        return True
    dtype = getattr(leaf, "dtype", None)
    if isinstance(leaf, complex) or (dtype is not None and jax.numpy.issubdtype(dtype, jax.numpy.complexfloating)):
        raise TypeError("check_jax takes and judges real numbers; split complex ones into their parts")
    return dtype is not None and bool(jax.numpy.issubdtype(dtype, jax.numpy.floating))


def _row(arrays: Any) -> Row:
    """All their numbers as doubles."""
    return numpy.concatenate([numpy.asarray(each).astype(float).ravel() for each in arrays])
